//! What becomes of tokens: periods, renewal, revocation, removal, pruning.

use super::*;

#[test]
fn a_periodic_token_is_renewed_for_ever() {
    let world = World::new();
    let credentials =
        world.credentials(json!({ "accessTokenPeriod": 10, "accessTokenTTL": 3, "accessTokenMaxTTL": 20 }), json!({}));
    let login = credentials.log_in(&world).ok();
    assert_eq!((&login["expiresIn"], &login["accessTokenMaxTTL"]), (&json!(10), &json!(1_000_000_000)));
    let token = text(&login["accessToken"]);
    for _ in 0..10 {
        world.wait(9_999);
        let renewed = world.renew(&token).ok();
        assert_eq!((&renewed["expiresIn"], &renewed["accessTokenMaxTTL"]), (&json!(10), &json!(1_000_000_000)));
        assert_eq!(renewed["accessToken"], token);
    }
    world.wait(10_000);
    assert!(matches!(world.decide(&token), Err(Refusal::Expired { .. })));
    world.renew(&token).refused(401, "TokenError", "Your token has expired. Please re-authenticate.");
}

#[test]
fn renewal_goes_by_the_configuration_of_the_tokens_own_method() {
    let world = World::new();
    let credentials = world.credentials(json!({ "accessTokenTTL": 10, "accessTokenMaxTTL": 15 }), json!({}));
    let other = format!("/api/v1/auth/token-auth/identities/{}", credentials.identity);
    world.send(&world.admin, "POST", &other, &json!({ "accessTokenTTL": 1_000, "accessTokenMaxTTL": 1_000 })).ok();
    let token = credentials.token(&world);
    world.wait(9_000);
    let renewed = world.renew(&token).ok();
    assert_eq!((&renewed["expiresIn"], &renewed["accessTokenMaxTTL"]), (&json!(6), &json!(15)));
    // Without Token Auth it is the same.
    world.send(&world.admin, "DELETE", &other, &json!({})).ok();
    world.renew(&token).ok();
    world.wait(6_000);
    assert!(matches!(world.decide(&token), Err(Refusal::Expired { .. })));
}

#[test]
fn a_period_that_is_set_or_lifted_later_holds_from_the_next_renewal_on() {
    let world = World::new();
    let credentials = world.credentials(json!({ "accessTokenTTL": 10, "accessTokenMaxTTL": 10 }), json!({}));
    let token = credentials.token(&world);
    world.send(&world.admin, "PATCH", &path(&credentials.identity), &json!({ "accessTokenPeriod": 100 })).ok();
    world.wait(9_999);
    assert_eq!(world.renew(&token).ok()["expiresIn"], 100);
    world.send(&world.admin, "PATCH", &path(&credentials.identity), &json!({ "accessTokenPeriod": 0 })).ok();
    world.wait(1);
    let at_max = "Cannot renew: identity access token has reached its max TTL";
    world.renew(&token).refused(401, "UnauthorizedError", at_max);
}

#[test]
fn revoking_a_client_secret_kills_its_tokens_and_no_others() {
    let world = World::new();
    let first = world.credentials(json!({}), json!({}));
    let second = world.another_secret(&first.identity, &first.client, json!({}));
    let (dead, alive) = (first.token(&world), second.token(&world));
    let before = world.head();
    world.revoke_secret(&first).ok();
    assert_eq!(world.decide(&dead), Err(Refusal::ClientSecretRevoked));
    assert_eq!(world.decide(&alive), Ok(()));
    assert_eq!(world.changes_since(before), [format!("identity/{}", first.identity)]);
    let refused = |reply: Reply, message: &str| reply.refused(401, "UnauthorizedError", message);
    refused(
        world.anonymous("GET", "/api/v1/identities/details").presenting(&dead).json(json!({})).send(),
        "Failed to authorize: client secret has been revoked",
    );
    refused(world.renew(&dead), "Cannot renew: client secret has been revoked");
    world.renew(&alive).ok();
}

#[test]
fn a_revoked_secret_is_remembered_until_the_last_of_its_tokens_would_have_expired() {
    let world = World::new();
    let credentials = world.credentials(json!({ "accessTokenTTL": 10, "accessTokenMaxTTL": 0 }), json!({}));
    let revoked = || {
        let identity = domain::value::identifiers::IdentityId::parse(&credentials.identity).unwrap();
        let facts = evidence::identity(&world.sql, identity, world.now()).unwrap().unwrap();
        facts.universal_auth.unwrap().revoked_client_secrets.len()
    };
    let token = credentials.token(&world);
    world.wait(5_000);
    credentials.token(&world);
    world.wait(4_000);
    // Renewed, the first one is the last to expire: 19 seconds after the beginning.
    world.renew(&token).ok();
    world.revoke_secret(&credentials).ok();
    world.wait(9_999);
    assert_eq!(revoked(), 1);
    world.wait(1);
    assert_eq!(revoked(), 0);
    assert!(matches!(world.decide(&token), Err(Refusal::Expired { .. })));
}

#[test]
fn the_secret_of_a_token_that_never_expires_is_remembered_for_ever() {
    let world = World::new();
    let credentials = world.credentials(json!({ "accessTokenTTL": 0, "accessTokenMaxTTL": 0 }), json!({}));
    let token = credentials.token(&world);
    world.revoke_secret(&credentials).ok();
    world.wait(100 * 365 * 24 * 3_600_000);
    assert_eq!(world.decide(&token), Err(Refusal::ClientSecretRevoked));
    assert!(world.rows("client_secrets")[0].contains("9007199254740991"));
}

#[test]
fn a_secret_that_has_ended_leaves_its_tokens_alive_until_somebody_revokes_it() {
    let world = World::new();
    let used_up = world.credentials(json!({}), json!({ "numUsesLimit": 1 }));
    let expired = world.credentials(json!({}), json!({ "ttl": 60 }));
    for (credentials, message) in [(&used_up, EXHAUSTED), (&expired, EXPIRED)] {
        let token = credentials.token(&world);
        world.wait(60_000);
        credentials.log_in(&world).refused_with_a_trace(401, "UnauthorizedError", message);
        assert_eq!(world.stored_secret(credentials)["isClientSecretRevoked"], true);
        assert_eq!(world.decide(&token), Ok(()));
        world.renew(&token).ok();
        assert_eq!(world.decide(&token), Ok(()));
        world.revoke_secret(credentials).ok();
        assert_eq!(world.decide(&token), Err(Refusal::ClientSecretRevoked));
        world.set_now(START);
    }
}

#[test]
fn a_token_whose_client_secret_cannot_be_read_is_an_error() {
    let world = World::new();
    let credentials = world.credentials(json!({}), json!({}));
    let token = credentials.token(&world);
    world.revoke_secret(&credentials).ok();
    assert_eq!(world.decide(&token), Err(Refusal::ClientSecretRevoked));
    let presented = world.parse(&token).presented();
    for unreadable in ["", "x", "c0ffee00"] {
        let statement = "UPDATE access_tokens SET client_secret_id = ?";
        directory::sql::Sql::execute(&world.sql, statement, &[unreadable.into()]).unwrap();
        // A token without a client secret would be one that no revoked secret concerns.
        assert!(evidence::token(&world.sql, presented.id).is_err(), "{unreadable:?}");
    }
}

#[test]
fn a_token_of_a_login_is_shown_renamed_and_revoked_by_its_id() {
    let world = World::new();
    let credentials = world.credentials(json!({}), json!({}));
    let token = credentials.token(&world);
    let path = format!("/api/v1/auth/token-auth/tokens/{}", world.parse(&token).presented().id);
    let shown = world.send(&world.admin, "GET", &path, &json!({})).unchanged();
    assert_eq!(shown["token"]["authMethod"], "universal-auth");
    assert_eq!(shown["token"]["identityUAClientSecretId"], credentials.secret_id.as_str());
    assert_eq!(world.send(&world.admin, "PATCH", &path, &json!({ "name": "found" })).ok()["token"]["name"], "found");
    assert_eq!(world.decide(&token), Ok(()));
    world.send(&world.admin, "POST", &format!("{path}/revoke"), &json!({})).ok();
    assert_eq!(world.decide(&token), Err(Refusal::Revoked));
}

#[test]
fn removing_the_method_kills_its_tokens_and_attaching_it_again_does_not_revive_them() {
    let world = World::new();
    let credentials = world.credentials(json!({}), json!({}));
    let token = credentials.token(&world);
    let presented = world.parse(&token).presented();
    let token_facts = evidence::token(&world.sql, presented.id).unwrap().unwrap();
    world.send(&world.admin, "DELETE", &path(&credentials.identity), &json!({})).ok();
    assert_eq!(world.decide(&token), Err(Refusal::Unknown));
    assert!(world.rows("client_secrets").is_empty());
    credentials.log_in(&world).refused(401, "UnauthorizedError", INVALID);
    world.send(&world.admin, "POST", &path(&credentials.identity), &json!({})).ok();
    credentials.log_in(&world).refused(401, "UnauthorizedError", INVALID);
    // Even an isolate that still holds the token's record says no, because it learns of the identity.
    let identity = evidence::identity(&world.sql, token_facts.identity, world.now()).unwrap();
    let live = decision::check_token(&presented, Some(&token_facts), world.now()).unwrap();
    assert_eq!(decision::check_identity(live, identity.as_ref()).unwrap_err(), Refusal::AuthMethodRemoved);
}

#[test]
fn removing_one_method_leaves_the_tokens_of_the_other_alone() {
    let world = World::new();
    let credentials = world.credentials(json!({}), json!({}));
    let other = format!("/api/v1/auth/token-auth/identities/{}", credentials.identity);
    world.send(&world.admin, "POST", &other, &json!({})).ok();
    let of_token_auth =
        text(&world.send(&world.admin, "POST", &format!("{other}/tokens"), &json!({})).ok()["accessToken"]);
    let of_universal_auth = credentials.token(&world);
    let listed = world.send(&world.admin, "GET", &format!("{other}/tokens"), &json!({})).ok();
    assert_eq!(listed["tokens"].as_array().unwrap().len(), 1, "a login makes no token of Token Auth");
    world.send(&world.admin, "DELETE", &path(&credentials.identity), &json!({})).ok();
    assert_eq!(world.decide(&of_token_auth), Ok(()));
    assert_eq!(world.decide(&of_universal_auth), Err(Refusal::Unknown));
}

#[test]
fn deleting_the_identity_takes_secrets_and_tokens_with_it() {
    let world = World::new();
    let credentials = world.credentials(json!({}), json!({}));
    let token = credentials.token(&world);
    world.send(&world.admin, "DELETE", &format!("/api/v1/identities/{}", credentials.identity), &json!({})).ok();
    assert_eq!(world.decide(&token), Err(Refusal::Unknown));
    credentials.log_in(&world).refused(401, "UnauthorizedError", INVALID);
}

#[test]
fn a_holder_may_revoke_its_own_token() {
    let world = World::new();
    let credentials = world.credentials(json!({}), json!({}));
    let token = credentials.token(&world);
    world.anonymous("POST", "/api/v1/auth/token/revoke").presenting(&token).json(json!({})).send().ok();
    assert_eq!(world.decide(&token), Err(Refusal::Revoked));
}

#[test]
fn logins_prune_tokens_that_have_been_dead_for_a_day_and_nothing_else() {
    let world = World::new();
    const DAY: i64 = 24 * 3_600_000;
    let credentials = world.credentials(json!({ "accessTokenTTL": 10 }), json!({}));
    let lasting = world.credentials(json!({ "accessTokenTTL": 0, "accessTokenMaxTTL": 0 }), json!({}));
    let alive = lasting.token(&world);
    let revoked = lasting.token(&world);
    world.anonymous("POST", "/api/v1/auth/token/revoke").presenting(&revoked).json(json!({})).send().ok();
    // A token of Token Auth that expires at the same time is an operator's own, and stays.
    let other = format!("/api/v1/auth/token-auth/identities/{}", credentials.identity);
    world.send(&world.admin, "POST", &other, &json!({ "accessTokenTTL": 10 })).ok();
    world.send(&world.admin, "POST", &format!("{other}/tokens"), &json!({})).ok();
    for _ in 0..60 {
        credentials.token(&world);
    }
    let count = || world.rows("access_tokens").len();
    let kept = 1 + 1 + 1;
    world.sql.execute("UPDATE outbox SET due_at = NULL", &[]).unwrap();
    world.wait(DAY + 9_999);
    credentials.token(&world);
    assert_eq!(count(), kept + 60 + 1, "only the revoked one has been dead for a day");
    world.wait(1);
    credentials.token(&world);
    assert_eq!(count(), kept + 10 + 2, "no more than 50 at once");
    credentials.token(&world);
    assert_eq!(count(), kept + 3);
    assert_eq!(world.decide(&alive), Ok(()));
    assert_eq!(world.decide(&revoked), Err(Refusal::Unknown));
    let tokens_in_outbox = world.rows("outbox").iter().filter(|row| row.contains("token/")).count();
    assert_eq!(tokens_in_outbox, kept + 3);
}
