//! Access tokens: create, list, look up, rename, revoke.

use serde_json::{Value, json};

use crate::tests::world::{Caller, ODD_IDS, World, revoke_path, text, token_auth_path, token_path, tokens_path};

/// An identity with Token Auth as configured.
fn attached(configuration: Value) -> (World, String) {
    let world = World::new();
    let identity = world.identity("build", "no-access");
    world.attach(&identity, configuration);
    (world, identity)
}

/// The names of the tokens on a page, in their order.
#[track_caller]
fn names(world: &World, identity: &str, query: &str) -> Vec<String> {
    let list = world.by_admin("GET", &tokens_path(identity)).query(query).send().unchanged();
    list["tokens"].as_array().unwrap().iter().map(|token| text(&token["name"])).collect()
}

// Create.

#[test]
fn created_token_unchanged() {
    let (world, identity) =
        attached(json!({"accessTokenTTL": 60, "accessTokenMaxTTL": 600, "accessTokenNumUsesLimit": 3}));
    let reply =
        world.by_admin("POST", &tokens_path(&identity)).json(json!({"name": "ci", "identityId": identity})).send();
    let token = text(&reply.ok()["tokenData"]["id"]);
    assert_eq!(
        reply.shape(&world, &[("identity", &identity), ("token", &token)]),
        concat!(
            r#"{"accessToken":"[token]","expiresIn":60,"accessTokenMaxTTL":600,"tokenType":"Bearer","#,
            r#""tokenData":{"id":"[token]","accessTokenTTL":60,"accessTokenMaxTTL":600,"accessTokenNumUses":0,"#,
            r#""accessTokenNumUsesLimit":3,"accessTokenLastUsedAt":null,"accessTokenLastRenewedAt":null,"#,
            r#""isAccessTokenRevoked":false,"identityUAClientSecretId":null,"identityId":"[identity]","#,
            r#""createdAt":"2023-11-14T22:13:20.000Z","updatedAt":"2023-11-14T22:13:20.000Z","name":"ci","#,
            r#""authMethod":"token-auth","accessTokenPeriod":0,"subOrganizationId":null}}"#,
        )
    );
    // The id in the answer is the id inside the token.
    assert_eq!(world.parse(&text(&reply.ok()["accessToken"])).id().to_string(), token);
}

#[test]
fn a_name_is_any_text_or_none() {
    #[track_caller]
    fn check(body: &str, expected: Value) {
        let (world, identity) = attached(json!({}));
        let made = world.by_admin("POST", &tokens_path(&identity)).body(Some("application/json"), body).send().ok();
        assert_eq!(made["tokenData"]["name"], expected);
        assert_eq!(world.stored(&text(&made["tokenData"]["id"]))["name"], expected);
    }
    check("", Value::Null);
    check("{}", Value::Null);
    check(r#"{"name":""}"#, json!(""));
    check(r#"{"name":"  spaces stay "}"#, json!("  spaces stay "));
    check(r#"{"name":"line\nbreak \u0000 \ud83e\udd80"}"#, json!("line\nbreak \0 🦀"));
    check(r#"{"name":"a","name":"b"}"#, json!("b"));
    check(r#"{"subOrganizationName":"x","organizationSlug":"y"}"#, Value::Null);
    let long = "x".repeat(60_000);
    check(&json!({ "name": long }).to_string(), json!(long));
}

#[test]
fn a_wrong_name_is_named() {
    #[track_caller]
    fn check(body: &str, issue: &str) {
        let (world, identity) = attached(json!({}));
        let token = world.token(&identity, "kept");
        for (method, path) in [("POST", tokens_path(&identity)), ("PATCH", token_path(&token.token_id))] {
            assert_eq!(world.by_admin(method, &path).body(Some("application/json"), body).send().issues(), [issue]);
        }
    }
    check(r#"{"name":null}"#, "name: Expected string, received null");
    check(r#"{"name":1}"#, "name: Expected string, received number");
    check(r#"["name"]"#, ": Expected object, received array");
}

/// A limit that somebody believes in must not be dropped: it is the identity's configuration that says how tokens live.
#[test]
fn a_limit_in_the_body_of_a_tokens_creation_is_refused_by_its_name() {
    let (world, identity) = attached(json!({"accessTokenTTL": 600}));
    let create = |body: Value| world.by_admin("POST", &tokens_path(&identity)).json(body).send();
    for field in ["accessTokenTTL", "accessTokenNumUsesLimit", "ttl", "expiresIn"] {
        let reply = create(json!({"name": "ci", field: 60}));
        let said = format!("{field}: This operation does not take this field, and it would have no effect");
        assert_eq!(reply.issues(), [said]);
    }
    // What clients send besides the name is dropped.
    create(json!({"name": "ci", "identityId": identity, "organizationSlug": "x", "accessTokenTTL": 0})).ok();
}

#[test]
fn several_tokens_may_share_a_name_and_never_a_secret() {
    let (world, identity) = attached(json!({}));
    let (one, two) = (world.token(&identity, "ci"), world.token(&identity, "ci"));
    assert_ne!(one.token_id, two.token_id);
    assert_ne!(one.token[26..69], two.token[26..69]);
}

#[test]
fn a_token_keeps_the_ttl_and_the_uses_limit_under_which_it_was_created() {
    let (world, identity) =
        attached(json!({"accessTokenTTL": 60, "accessTokenMaxTTL": 600, "accessTokenNumUsesLimit": 3}));
    let token = world.token(&identity, "");
    let before = world.stored(&token.token_id);
    let change = json!({"accessTokenTTL": 5, "accessTokenMaxTTL": 50, "accessTokenNumUsesLimit": 1});
    world.by_admin("PATCH", &token_auth_path(&identity)).json(change).send().ok();
    assert_eq!(world.stored(&token.token_id), before);
    let use_it = || world.by(&token, "GET", "/api/v1/identities/details").send();
    world.wait(59_999);
    use_it().ok();
    world.wait(1);
    use_it().refused(401, "TokenError", "Your token has expired. Please re-authenticate.");
    let new = world.stored(&world.token(&identity, "").token_id);
    assert_eq!((&new["accessTokenTTL"], &new["accessTokenNumUsesLimit"]), (&json!(5), &json!(1)));
}

#[test]
fn a_token_lives_up_to_the_millisecond_before_the_earliest_of_its_limits() {
    #[track_caller]
    fn check(ceiling: Option<u64>, ttl: u64, max_ttl: u64, lives: Option<i64>) {
        let mut world = World::new();
        let holder = &Caller { identity: world.identity("build", "no-access"), ..world.admin.clone() };
        world.attach(&holder.identity, json!({"accessTokenTTL": ttl, "accessTokenMaxTTL": max_ttl}));
        if let Some(ceiling) = ceiling {
            world.settings = World::with_ceiling(ceiling).settings;
        }
        let made = world.by_admin("POST", &tokens_path(&holder.identity)).send().ok();
        // What is answered is what comes of the configuration.
        let least = |limits: &[u64]| limits.iter().copied().filter(|limit| *limit > 0).min().unwrap_or(0);
        let least_max_ttl = least(&[max_ttl, ceiling.unwrap_or(0)]);
        let expires_in = least(&[ttl, least_max_ttl]);
        assert_eq!((&made["expiresIn"], &made["accessTokenMaxTTL"]), (&json!(expires_in), &json!(least_max_ttl)));
        let row = &made["tokenData"];
        // The token itself shows the TTL that the ceiling leaves of it.
        let capped = match ceiling {
            Some(ceiling) if ttl == 0 => ceiling,
            Some(ceiling) => ceiling.min(ttl),
            None => ttl,
        };
        assert_eq!((&row["accessTokenTTL"], &row["accessTokenMaxTTL"]), (&json!(capped), &json!(least_max_ttl)));
        let use_it = || {
            let call = world.anonymous("GET", "/api/v1/identities/details");
            call.presenting(made["accessToken"].as_str().unwrap()).send().response.status
        };
        let lives = lives.unwrap_or(1_000 * 365 * 24 * 3_600_000);
        world.wait(lives - 1);
        assert_eq!(use_it(), 200);
        world.wait(1);
        assert_eq!(use_it(), if lives == 1_000 * 365 * 24 * 3_600_000 { 200 } else { 401 });
    }
    check(None, 0, 0, None);
    check(None, 10, 0, Some(10_000));
    check(None, 0, 10, Some(10_000));
    check(None, 10, 20, Some(10_000));
    check(None, 315_360_000, 315_360_000, Some(315_360_000_000));
    check(Some(5), 0, 0, Some(5_000));
    check(Some(5), 10, 20, Some(5_000));
}

#[test]
fn a_token_of_an_administrator_is_made_by_an_administrator_only() {
    let world = World::new();
    let path = tokens_path(&world.admin.identity);
    world.by_admin("POST", &path).send().ok();
    for role in ["member", "no-access"] {
        let holder = world.configured_caller(role, json!({}));
        let reply = world.by(&holder, "POST", &path).send();
        reply.refused(403, "PermissionDenied", "You are not allowed to create-token on identity");
    }
}

#[test]
fn the_secret_is_in_the_answer_that_created_it_and_nowhere_else() {
    let (world, identity) = attached(json!({}));
    let token = world.token(&identity, "ci");
    let secret = &token.token[26..];
    let answers = [
        world.by_admin("GET", &token_path(&token.token_id)).send(),
        world.by_admin("GET", &tokens_path(&identity)).send(),
        world.by_admin("PATCH", &token_path(&token.token_id)).json(json!({"name": "x"})).send(),
        world.revoke_own(&token.token),
        world.by_admin("POST", &revoke_path(&token.token_id)).send(),
    ];
    let everything = answers.iter().map(|reply| reply.response.body.clone()).chain(world.sql.dump());
    let everything = everything.collect::<Vec<_>>().join("\n");
    assert!(everything.contains(&token.token_id));
    for window in 0..=secret.len() - 12 {
        assert!(!everything.contains(&secret[window..window + 12]));
    }
}

// List and look up.

#[test]
fn token_and_token_list_unchanged() {
    let (world, identity) = attached(json!({"accessTokenTTL": 60, "accessTokenMaxTTL": 600}));
    let token = world.token(&identity, "ci");
    let labels = [("identity", identity.as_str()), ("token", &token.token_id)];
    let view = |renewed: &str, revoked: bool, updated: &str| {
        format!(
            concat!(
                r#"{{"id":"[token]","accessTokenTTL":60,"accessTokenMaxTTL":600,"accessTokenNumUses":0,"#,
                r#""accessTokenNumUsesLimit":0,"accessTokenLastUsedAt":null,"accessTokenLastRenewedAt":{renewed},"#,
                r#""isAccessTokenRevoked":{revoked},"identityUAClientSecretId":null,"identityId":"[identity]","#,
                r#""createdAt":"2023-11-14T22:13:20.000Z","updatedAt":"2023-11-14T22:13:{updated}Z","name":"ci","#,
                r#""authMethod":"token-auth","accessTokenPeriod":0,"subOrganizationId":null}}"#,
            ),
            renewed = renewed,
            revoked = revoked,
            updated = updated
        )
    };
    #[track_caller]
    fn check(world: &World, token: &Caller, labels: &[(&str, &str)], view: &str) {
        let alias = format!("{}/{}", tokens_path("anything"), token.token_id);
        for path in [token_path(&token.token_id), alias] {
            let reply = world.by_admin("GET", &path).send();
            assert!(!reply.changed());
            assert_eq!(reply.shape(world, labels), format!(r#"{{"token":{view}}}"#));
        }
        let reply = world.by_admin("GET", &tokens_path(&token.identity)).send();
        assert_eq!(reply.shape(world, labels), format!(r#"{{"tokens":[{view}]}}"#));
    }
    check(&world, &token, &labels, &view("null", false, "20.000"));
    world.wait(6_000);
    world.renew(&token.token).ok();
    let renewed = r#""2023-11-14T22:13:26.000Z""#;
    check(&world, &token, &labels, &view(renewed, false, "26.000"));
    world.wait(1_001);
    world.by_admin("POST", &revoke_path(&token.token_id)).send().ok();
    check(&world, &token, &labels, &view(renewed, true, "27.001"));
}

#[test]
fn the_last_changed_token_comes_first_and_revoked_ones_stay() {
    let (world, identity) = attached(json!({"accessTokenTTL": 10}));
    let tokens: Vec<Caller> = ["a", "b", "c"]
        .iter()
        .map(|name| {
            world.wait(1);
            world.token(&identity, name)
        })
        .collect();
    assert_eq!(names(&world, &identity, ""), ["c", "b", "a"]);
    world.wait(1);
    world.by_admin("POST", &revoke_path(&tokens[0].token_id)).send().ok();
    assert_eq!(names(&world, &identity, ""), ["a", "c", "b"]);
    world.wait(1_000);
    world.renew(&tokens[1].token).ok();
    assert_eq!(names(&world, &identity, ""), ["b", "a", "c"]);
    world.wait(1);
    world.by_admin("PATCH", &token_path(&tokens[2].token_id)).json(json!({"name": "d"})).send().ok();
    assert_eq!(names(&world, &identity, ""), ["d", "b", "a"]);
}

#[test]
fn a_list_is_paged_and_shows_20_tokens_unless_asked_otherwise() {
    let (world, identity) = attached(json!({}));
    for number in 0..103 {
        world.wait(1);
        world.token(&identity, &number.to_string());
    }
    let numbers = |from: u32, to: u32| -> Vec<String> { (to..=from).rev().map(|number| number.to_string()).collect() };
    #[track_caller]
    fn check(world: &World, identity: &str, query: &str, expected: Vec<String>) {
        assert_eq!(names(world, identity, query), expected);
    }
    check(&world, &identity, "", numbers(102, 83));
    check(&world, &identity, "limit=100", numbers(102, 3));
    check(&world, &identity, "limit=1", numbers(102, 102));
    check(&world, &identity, "offset=20", numbers(82, 63));
    check(&world, &identity, "offset=100&limit=100", numbers(2, 0));
    check(&world, &identity, "offset=101", numbers(1, 0));
    check(&world, &identity, "offset=103", Vec::new());
    check(&world, &identity, "limit=5&limit=2&unknown=1", numbers(102, 101));
}

#[test]
fn a_wrong_page_is_named() {
    #[track_caller]
    fn check(query: &str, issues: &[&str]) {
        let (world, identity) = attached(json!({}));
        assert_eq!(world.by_admin("GET", &tokens_path(&identity)).query(query).send().issues(), issues);
    }
    check("limit=0", &["limit: Number must be greater than or equal to 1"]);
    check("limit=101", &["limit: Number must be less than or equal to 100"]);
    check(
        "limit=-1&offset=-1",
        &["offset: Number must be greater than or equal to 0", "limit: Number must be greater than or equal to 1"],
    );
    check("limit=1.5", &["limit: Expected number, received nan"]);
    check("limit=9999999999999999999999999999999999999999", &["limit: Expected number, received nan"]);
}

#[test]
fn a_list_shows_the_tokens_of_its_identity_only() {
    let (world, identity) = attached(json!({}));
    world.token(&identity, "mine");
    let other = world.configured_caller("no-access", json!({}));
    world.token(&other.identity, "theirs");
    assert_eq!(names(&world, &identity, ""), ["mine"]);
}

#[test]
fn what_the_counter_reported_shows_and_does_not_change_the_order() {
    let (world, identity) = attached(json!({}));
    let first = world.token(&identity, "first");
    world.wait(1);
    world.token(&identity, "second");
    world.wait(1_000);
    let id = world.parse(&first.token).id();
    directory::usage::report(&world.sql, id, 7, world.now()).unwrap();
    let stored = world.stored(&first.token_id);
    assert_eq!(stored["accessTokenNumUses"], 7);
    assert_eq!(stored["accessTokenLastUsedAt"], "2023-11-14T22:13:21.001Z");
    assert_eq!(names(&world, &identity, ""), ["second", "first"]);
}

#[test]
fn an_odd_id_names_no_token() {
    let world = World::new();
    for odd in ODD_IDS {
        let not_found = format!("Token with ID {odd} not found");
        let alias = format!("{}/{odd}", tokens_path(&world.admin.identity));
        let calls = [("GET", token_path(odd)), ("GET", alias), ("PATCH", token_path(odd)), ("POST", revoke_path(odd))];
        for (method, path) in calls {
            // Contract 2: a revocation says more, although here a revoked token is found.
            let not_found =
                if method == "POST" { format!("{not_found} or already revoked") } else { not_found.clone() };
            world.by_admin(method, &path).send().refused(404, "NotFound", &not_found);
        }
    }
}

// Rename.

#[test]
fn a_renamed_token_has_its_new_name_and_one_renamed_to_nothing_keeps_its_own() {
    #[track_caller]
    fn check(body: &str, expected: &str) {
        let (world, identity) = attached(json!({}));
        let token = world.token(&identity, "old");
        let mut stored = world.stored(&token.token_id);
        world.wait(1_000);
        let renamed =
            world.by_admin("PATCH", &token_path(&token.token_id)).body(Some("application/json"), body).send().ok();
        stored["name"] = json!(expected);
        stored["updatedAt"] = json!("2023-11-14T22:13:21.000Z");
        assert_eq!(renamed["token"], stored);
        assert_eq!(world.stored(&token.token_id), stored);
        // The token itself is the same.
        world.by(&token, "GET", "/api/v1/identities/details").send().ok();
    }
    check(r#"{"name":"new"}"#, "new");
    check(r#"{"name":""}"#, "");
    check(r#"{"name":" new ","isAccessTokenRevoked":true,"accessTokenTTL":0}"#, " new ");
    check("{}", "old");
    check("", "old");
}

// Revoke.

#[test]
fn revoke_answer_unchanged() {
    let (world, identity) = attached(json!({}));
    let token = world.token(&identity, "");
    for body in ["", "{}", r#"{"identityId":"x","tokenId":"y"}"#] {
        let reply = world.by_admin("POST", &revoke_path(&token.token_id)).body(Some("application/json"), body).send();
        assert_eq!(
            reply.response.body,
            r#"{"message":"Successfully revoked access token","inForceEverywhereAt":"2023-11-14T22:13:31.000Z"}"#
        );
        assert_eq!(reply.response.status, 200);
    }
}

#[test]
fn a_revoked_token_is_refused_at_once_and_revoking_it_again_changes_nothing() {
    let (world, identity) = attached(json!({}));
    let (token, other) = (world.token(&identity, ""), world.token(&identity, ""));
    assert!(world.by_admin("POST", &revoke_path(&token.token_id)).send().changed());
    let use_it = |token: &Caller| world.by(token, "GET", "/api/v1/identities/details").send();
    use_it(&token).refused(401, "UnauthorizedError", "Failed to authorize: token has been revoked");
    world.renew(&token.token).refused(401, "UnauthorizedError", "Cannot renew: token has been revoked");
    use_it(&other).ok();
    world.wait(1_000);
    world.by_admin("POST", &revoke_path(&token.token_id)).send().unchanged();
}

#[test]
fn an_expired_token_can_still_be_renamed_and_revoked() {
    let (world, identity) = attached(json!({"accessTokenTTL": 1}));
    let token = world.token(&identity, "");
    world.wait(1_000);
    world.by_admin("PATCH", &token_path(&token.token_id)).json(json!({"name": "x"})).send().ok();
    world.by_admin("POST", &revoke_path(&token.token_id)).send().ok();
    assert_eq!(world.stored(&token.token_id)["isAccessTokenRevoked"], true);
}
