//! Logging in: what is answered, what is refused, and what a refusal leaves behind.

use std::cell::RefCell;

use super::*;
use crate::endpoint::Authentication;
use crate::families::universal_auth::read_credentials;
use crate::router;
use directory::sql::{Row, SqlError, Transactions, Value as SqlValue};
use directory::test_support::NativeSql;

#[test]
fn login_answer_unchanged() {
    let world = World::new();
    let credentials = world.credentials(json!({ "accessTokenTTL": 60, "accessTokenMaxTTL": 120 }), json!({}));
    let reply = credentials.log_in(&world);
    let token = text(&reply.ok()["accessToken"]);
    assert_eq!(
        reply.response.body.replace(&token, "[token]"),
        r#"{"accessToken":"[token]","expiresIn":60,"accessTokenMaxTTL":120,"tokenType":"Bearer"}"#
    );
    assert_eq!(reply.response.header("cache-control"), Some("no-store"));
}

#[test]
fn a_token_obtained_by_a_login_works_and_is_what_the_configuration_says() {
    let world = World::new();
    let credentials = world.credentials(
        json!({ "accessTokenTTL": 60, "accessTokenMaxTTL": 120, "accessTokenNumUsesLimit": 9 }),
        json!({}),
    );
    world.wait(1_000);
    let token = credentials.token(&world);
    assert_eq!(world.decide(&token), Ok(()));
    world.anonymous("GET", "/api/v1/identities/details").presenting(&token).json(json!({})).send().ok();

    let id = world.parse(&token).id().to_string();
    let stored =
        world.send(&world.admin, "GET", &format!("/api/v1/auth/token-auth/tokens/{id}"), &json!({})).ok()["token"]
            .clone();
    assert_eq!(
        stored,
        json!({
            "id": id, "accessTokenTTL": 60, "accessTokenMaxTTL": 120, "accessTokenNumUses": 0,
            "accessTokenNumUsesLimit": 9, "accessTokenLastUsedAt": null, "accessTokenLastRenewedAt": null,
            "isAccessTokenRevoked": false, "identityUAClientSecretId": credentials.secret_id,
            "identityId": credentials.identity, "createdAt": "2023-11-14T22:13:21.000Z",
            "updatedAt": "2023-11-14T22:13:21.000Z", "name": null, "authMethod": "universal-auth",
            "accessTokenPeriod": 0, "subOrganizationId": null,
        })
    );
    let identity =
        world.send(&world.admin, "GET", &format!("/api/v1/identities/{}", credentials.identity), &json!({})).ok();
    assert_eq!(identity["identity"]["lastLoginAuthMethod"], "universal-auth");
    assert_eq!(identity["identity"]["lastLoginTime"], "2023-11-14T22:13:21.000Z");
    world.wait(59_999);
    assert_eq!(world.decide(&token), Ok(()));
    world.wait(1);
    assert!(matches!(world.decide(&token), Err(Refusal::Expired { .. })));
}

#[test]
fn a_login_is_audited_under_its_client_secret_and_counted() {
    let world = World::new();
    let credentials = world.credentials(json!({}), json!({}));
    let before = world.head();
    let token = credentials.token(&world);
    let expected = (
        format!("holder client-secret/{}", credentials.secret_id),
        "loginUniversalAuth".to_owned(),
        format!("token/{}", world.parse(&token).id()),
    );
    assert_eq!(world.last_audit(), expected);
    assert_eq!(world.changes_since(before), Vec::<String>::new(), "nothing could have become a no");
    assert_eq!(world.stored_secret(&credentials)["clientSecretNumUses"], 1);
}

#[test]
fn a_form_and_a_trailing_slash_and_white_space_are_accepted() {
    let world = World::new();
    let LoginCredentials { client, secret, .. } = world.credentials(json!({}), json!({}));
    let slash = format!("{LOGIN}/");
    assert_eq!(
        router::find("POST", &slash).unwrap().endpoint.authentication(),
        Some(Authentication::ClientCredentials)
    );
    let form = "application/x-www-form-urlencoded";
    world.log_in_with(&slash, form, &format!("clientId={client}&clientSecret=+{secret}+")).ok();
    let body = json!({ "clientId": format!(" {client}\n"), "clientSecret": secret, "organizationSlug": "x" });
    world.log_in_with(LOGIN, "application/json; charset=utf-8", &body.to_string()).ok();
}

#[test]
fn a_body_without_both_fields_names_them() {
    let world = World::new();
    let wrong = |body: &str| world.log_in_with(LOGIN, "application/json", body).wrong_fields();
    assert_eq!(wrong("{}"), ["clientId", "clientSecret"]);
    assert_eq!(wrong(r#"{"clientId":"a"}"#), ["clientSecret"]);
    assert_eq!(wrong(r#"{"clientId":1,"clientSecret":null}"#), ["clientId", "clientSecret"]);
    assert_eq!(world.log_in_with(LOGIN, "text/plain", "x").response.status, 415);
    assert_eq!(world.log_in_with(LOGIN, "application/json", "{").response.status, 400);
}

#[test]
fn what_has_not_the_shape_of_credentials_is_refused_before_anything_is_asked() {
    let known = World::new().credentials(json!({}), json!({}));
    for (client, secret) in [
        ("", known.secret.as_str()),
        ("x", &known.secret),
        (&known.client.replace('-', ""), &known.secret),
        (&known.client, ""),
        (&known.client, &known.secret[1..]),
        (&known.client, &known.secret.to_uppercase()),
        (&known.client, &"g".repeat(64)),
    ] {
        let body = json!({ "clientId": client, "clientSecret": secret }).to_string();
        let error = read_credentials(None, &body).unwrap_err();
        let reply = Reply::of_worker(&error);
        reply.refused(401, "UnauthorizedError", INVALID);
    }
}

#[test]
fn the_plaintext_of_the_secret_does_not_leave_the_worker() {
    let secret = "0a1b".repeat(16);
    let body = json!({ "clientId": "c0ffee00-0000-4000-8000-000000000001", "clientSecret": secret }).to_string();
    let read = read_credentials(None, &body).unwrap();
    let sent = serde_json::to_string(&read).unwrap();
    assert!(!sent.contains(&secret[4..]) && !format!("{read:?}").contains(&secret[4..]), "{sent}");
}

#[test]
fn an_unknown_client_id_and_a_wrong_secret_get_the_same_answer() {
    let world = World::new();
    let known = world.credentials(json!({ "lockoutEnabled": false }), json!({}));
    let unknown = LoginCredentials { client: "c0ffee00-0000-4000-8000-000000000001".to_owned(), ..known.clone() };
    let wrong = known.with_secret(&"0".repeat(64));
    // It has the prefix of the right one.
    let near = known.with_secret(&format!("{}{}", &known.secret[..4], "0".repeat(60)));
    let others = world.credentials(json!({}), json!({}));
    let swapped = known.with_secret(&others.secret);
    let mut bodies = Vec::new();
    for credentials in [unknown, wrong, near, swapped] {
        let reply = credentials.log_in(&world);
        reply.refused(401, "UnauthorizedError", INVALID);
        bodies.push(reply.response);
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1);
}

#[test]
fn a_call_without_credentials_is_refused() {
    let world = World::new();
    world.anonymous("POST", LOGIN).json(json!({})).send().refused(401, "UnauthorizedError", INVALID);
}

#[test]
fn too_many_wrong_secrets_lock_the_method_for_its_duration() {
    let world = World::new();
    let right = world.credentials(
        json!({ "lockoutThreshold": 3, "lockoutDurationSeconds": 60, "lockoutCounterResetSeconds": 5 }),
        json!({}),
    );
    let wrong = right.with_secret(&"0".repeat(64));
    for _ in 0..3 {
        wrong.log_in(&world).refused_with_a_trace(401, "UnauthorizedError", INVALID);
    }
    let (actor, action, target) = world.last_audit();
    assert_eq!(
        (actor, action.as_str(), target),
        (format!("client/{}", right.client), "lockUniversalAuth", format!("identity/{}", right.identity))
    );
    right.log_in(&world).refused(401, "UnauthorizedError", LOCKED);
    wrong.log_in(&world).refused(401, "UnauthorizedError", LOCKED);
    world.wait(59_999);
    right.log_in(&world).refused(401, "UnauthorizedError", LOCKED);
    world.wait(1);
    wrong.log_in(&world).refused_with_a_trace(401, "UnauthorizedError", INVALID);
    right.token(&world);
}

#[test]
fn failures_are_forgotten_after_the_reset_window_and_after_a_success() {
    let world = World::new();
    let right = world.credentials(json!({ "lockoutThreshold": 2, "lockoutCounterResetSeconds": 5 }), json!({}));
    let wrong = right.with_secret(&"0".repeat(64));
    let fail = || wrong.log_in(&world).refused_with_a_trace(401, "UnauthorizedError", INVALID);
    fail();
    world.wait(5_000);
    fail();
    right.token(&world);
    fail();
    right.token(&world);
    fail();
    world.wait(4_999);
    fail();
    right.log_in(&world).refused(401, "UnauthorizedError", LOCKED);
}

#[test]
fn a_failure_that_only_counts_does_not_fill_the_audit_log() {
    let world = World::new();
    let right = world.credentials(json!({ "lockoutThreshold": 30 }), json!({}));
    let before = world.rows("audit_log");
    for _ in 0..29 {
        right.with_secret(&"0".repeat(64)).log_in(&world);
    }
    assert_eq!(world.rows("audit_log"), before);
}

#[test]
fn a_method_without_lockout_never_locks_and_writes_nothing() {
    let world = World::new();
    let right = world.credentials(json!({ "lockoutEnabled": false, "lockoutThreshold": 1 }), json!({}));
    for _ in 0..5 {
        right.with_secret(&"0".repeat(64)).log_in(&world).refused(401, "UnauthorizedError", INVALID);
    }
    right.token(&world);
}

#[test]
fn clearing_lockouts_lifts_the_lock_at_once_and_says_whether_there_was_one() {
    let world = World::new();
    let right = world.credentials(json!({ "lockoutThreshold": 1 }), json!({}));
    let clear = || world.send(&world.admin, "POST", &format!("{}/clear-lockouts", path(&right.identity)), &json!({}));
    assert_eq!(clear().unchanged(), json!({ "deleted": 0 }));
    right.with_secret(&"0".repeat(64)).log_in(&world);
    right.log_in(&world).refused(401, "UnauthorizedError", LOCKED);
    assert_eq!(clear().ok(), json!({ "deleted": 1 }));
    assert_eq!(world.last_audit().1, "clearUniversalAuthLockouts");
    right.token(&world);
    assert_eq!(clear().unchanged(), json!({ "deleted": 0 }));
}

#[test]
fn the_identity_shows_a_lock_while_it_holds() {
    let world = World::new();
    let right = world.credentials(json!({ "lockoutThreshold": 1, "lockoutDurationSeconds": 60 }), json!({}));
    let project = world.send(&world.admin, "POST", "/api/v1/projects", &json!({ "projectName": "shop" })).ok();
    let project = format!("/api/v1/projects/{}", project["project"]["id"].as_str().unwrap());
    let members = format!("{project}/memberships/identities");
    let member = format!("{project}/memberships/identities/{}", right.identity);
    let older = format!("{project}/identity-memberships/{}", right.identity);
    world.send(&world.admin, "POST", &member, &json!({ "role": "viewer" })).ok();
    let shown = || {
        let found =
            world.send(&world.admin, "GET", &format!("/api/v1/identities/{}", right.identity), &json!({})).unchanged();
        let of_identity = found["identity"]["identity"]["activeLockoutAuthMethods"].clone();
        // So do its memberships: in the organization as a search finds them, and in projects.
        let found = world.send(&world.admin, "POST", "/api/v2/identities/search", &json!({})).unchanged();
        let mut all = found["identities"].as_array().unwrap().iter();
        let membership = all.find(|one| one["identityId"] == json!(right.identity)).unwrap();
        assert_eq!(membership["identity"]["activeLockoutAuthMethods"], of_identity);
        for path in [&member, &members, &older] {
            let found = world.send(&world.admin, "GET", path, &json!({})).unchanged();
            let one = found.get("identityMembership").into_iter();
            let mut all = one.chain(found["identityMemberships"].as_array().into_iter().flatten());
            let membership = all.find(|one| one["identityId"] == json!(right.identity)).unwrap();
            assert_eq!(membership["identity"]["activeLockoutAuthMethods"], of_identity, "{path}");
        }
        of_identity
    };
    assert_eq!(shown(), json!([]));
    right.with_secret(&"0".repeat(64)).log_in(&world);
    assert_eq!(shown(), json!(["universal-auth"]));
    world.wait(60_000);
    assert_eq!(shown(), json!([]));
}

#[test]
fn a_lock_of_one_identity_is_none_of_another() {
    let world = World::new();
    let ours = world.credentials(json!({ "lockoutThreshold": 1 }), json!({}));
    let others = world.credentials(json!({ "lockoutThreshold": 1 }), json!({}));
    others.with_secret(&ours.secret).log_in(&world).refused_with_a_trace(401, "UnauthorizedError", INVALID);
    others.log_in(&world).refused(401, "UnauthorizedError", LOCKED);
    ours.token(&world);
}

#[test]
fn of_twenty_logins_exactly_as_many_succeed_as_the_limit_allows() {
    let world = World::new();
    let credentials = world.credentials(json!({}), json!({ "numUsesLimit": 7 }));
    for number in 0..7 {
        credentials.token(&world);
        let stored = world.stored_secret(&credentials);
        assert_eq!(stored["clientSecretNumUses"], number + 1);
        assert_eq!(stored["isClientSecretRevoked"], false);
    }
    for _ in 7..20 {
        credentials.log_in(&world).refused_with_a_trace(401, "UnauthorizedError", EXHAUSTED);
        let stored = world.stored_secret(&credentials);
        assert_eq!(stored["clientSecretNumUses"], 7);
        // DIFFERENCE: the first login too many marks it.
        assert_eq!(stored["isClientSecretRevoked"], true);
    }
    credentials.log_in(&world).refused(401, "UnauthorizedError", EXHAUSTED);
    assert_eq!(world.rows("access_tokens").len(), 7 + 1, "one is the administrator's");
    let (actor, action, target) = world.last_audit();
    assert_eq!(actor, format!("holder client-secret/{}", credentials.secret_id));
    assert_eq!(action, "retireUniversalAuthClientSecret");
    assert_eq!(target, format!("client-secret/{}", credentials.secret_id));
}

#[test]
fn a_secret_with_a_ttl_works_up_to_and_without_the_millisecond_of_its_end() {
    let world = World::new();
    let credentials = world.credentials(json!({}), json!({ "ttl": 60 }));
    world.wait(59_999);
    credentials.token(&world);
    world.wait(1);
    credentials.log_in(&world).refused_with_a_trace(401, "UnauthorizedError", EXPIRED);
    assert_eq!(world.stored_secret(&credentials)["isClientSecretRevoked"], true);
    credentials.log_in(&world).refused(401, "UnauthorizedError", EXPIRED);
}

#[test]
fn a_revoked_secret_is_no_credential_and_locks_nobody_out() {
    let world = World::new();
    let old = world.credentials(json!({ "lockoutThreshold": 1 }), json!({}));
    let new = world.another_secret(&old.identity, &old.client, json!({}));
    world.revoke_secret(&old).ok();
    for _ in 0..3 {
        old.log_in(&world).refused(401, "UnauthorizedError", INVALID);
    }
    new.token(&world);
}

#[test]
fn logins_are_accepted_only_from_the_trusted_addresses() {
    let world = World::new();
    let trusted = json!({ "clientSecretTrustedIps": [{ "ipAddress": "203.0.113.0/24" }], "lockoutThreshold": 1 });
    let credentials = world.credentials(trusted, json!({ "numUsesLimit": 1 }));
    world.move_to(Some(STRANGER));
    let details = credentials.log_in(&world).refused(403, "ForbiddenError", FOREIGN);
    assert_eq!(details, json!({ "clientIp": STRANGER }));
    world.move_to(None);
    let details = credentials.log_in(&world).refused(403, "ForbiddenError", FOREIGN);
    assert_eq!(details, json!({ "clientIp": null }));
    // A stranger without the secret neither learns that the client id is known nor locks anybody out.
    credentials.with_secret(&"0".repeat(64)).log_in(&world).refused(401, "UnauthorizedError", INVALID);
    world.move_to(Some("::ffff:203.0.113.77"));
    credentials.token(&world);
    // Nor does a lock tell it.
    credentials.with_secret(&"0".repeat(64)).log_in(&world).refused_with_a_trace(401, "UnauthorizedError", INVALID);
    credentials.log_in(&world).refused(401, "UnauthorizedError", LOCKED);
    world.move_to(Some(STRANGER));
    credentials.with_secret(&"0".repeat(64)).log_in(&world).refused(401, "UnauthorizedError", INVALID);
}

#[test]
fn addresses_for_logins_and_for_tokens_are_two_lists() {
    let world = World::new();
    let credentials = world.credentials(
        json!({
            "clientSecretTrustedIps": [{ "ipAddress": CLIENT }],
            "accessTokenTrustedIps": [{ "ipAddress": STRANGER }],
        }),
        json!({}),
    );
    let token = credentials.token(&world);
    assert_eq!(world.decide(&token), Err(Refusal::ClientAddressNotTrusted { seen: CLIENT.parse().unwrap() }));
    world.move_to(Some(STRANGER));
    assert_eq!(world.decide(&token), Ok(()));
    credentials.log_in(&world).refused(403, "ForbiddenError", FOREIGN);
    world.move_to(Some(CLIENT));
    let open = json!({ "accessTokenTrustedIps": [{ "ipAddress": "0.0.0.0/0" }] });
    world.send(&world.admin, "PATCH", &path(&credentials.identity), &open).ok();
    assert_eq!(world.decide(&token), Ok(()), "the list is the live one");
}

/// A database that notes what is asked of it.
struct Noted<'a> {
    sql: &'a NativeSql,
    verbs: RefCell<Vec<String>>,
}

impl Sql for Noted<'_> {
    fn execute(&self, statement: &str, bindings: &[SqlValue]) -> Result<Vec<Row>, SqlError> {
        self.verbs.borrow_mut().push(statement.split_whitespace().next().unwrap().to_owned());
        self.sql.execute(statement, bindings)
    }
}

impl Transactions for Noted<'_> {
    fn transaction<T, E: From<SqlError>>(&self, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        self.sql.transaction(work)
    }
}

#[test]
fn a_wrong_secret_costs_the_same_whether_or_not_the_client_id_is_known_trusted_or_guarded() {
    let world = World::new();
    let elsewhere = json!([{ "ipAddress": "203.0.113.1" }]);
    let known = world.credentials(json!({}), json!({}));
    let unguarded = world.credentials(json!({ "lockoutEnabled": false }), json!({}));
    let untrusted = world.credentials(json!({ "clientSecretTrustedIps": elsewhere }), json!({}));
    let unknown = LoginCredentials { client: "c0ffee00-0000-4000-8000-000000000001".to_owned(), ..known.clone() };
    let verbs = |credentials: &LoginCredentials| {
        let sql = Noted { sql: &world.sql, verbs: RefCell::default() };
        let body = json!({ "clientId": credentials.client, "clientSecret": "0f".repeat(32) }).to_string();
        let read = read_credentials(None, &body).unwrap();
        let (reply, _) = world.anonymous("POST", LOGIN).logging_in(read).send_through(&sql);
        assert_eq!(reply.status, 401);
        let mut verbs = sql.verbs.take();
        verbs.sort();
        verbs
    };
    let expected = verbs(&known);
    assert!(expected.contains(&"UPDATE".to_owned()), "{expected:?}");
    for credentials in [&unguarded, &untrusted, &unknown] {
        assert_eq!(verbs(credentials), expected);
    }
}
