//! `ETag` and `If-Match` on a real SQLite.

use serde_json::{Value, json};

use crate::tests::world::{RequestHeaders, World};

fn if_match(tag: &str) -> RequestHeaders<'_> {
    RequestHeaders { idempotency_key: None, if_match: Some(tag) }
}

/// A path to get a thing, and a change and, where there is one, the end of it.
struct Thing {
    path: String,
    change: Value,
    end: (&'static str, String),
}

fn things(world: &World) -> [Thing; 4] {
    let identity = format!("/api/v1/identities/{}", world.identity("target", "no-access"));
    let other = world.identity("other", "no-access");
    let token_auth = format!("/api/v1/auth/token-auth/identities/{other}");
    world.administer("POST", &token_auth, &json!({}));
    let token = world.administer("POST", &format!("{token_auth}/tokens"), &json!({})).text("/tokenData/id");
    let token = format!("/api/v1/auth/token-auth/tokens/{token}");
    let role = format!("/api/v1/organization/roles/{}", world.role("role", &json!([])));
    let thing = |path: &str, change, end: (&'static str, String)| Thing { path: path.to_owned(), change, end };
    [
        thing(&identity, json!({ "name": "changed" }), ("DELETE", identity.clone())),
        thing(&token, json!({ "name": "changed" }), ("POST", format!("{token}/revoke"))),
        thing(&token_auth, json!({ "accessTokenNumUsesLimit": 5 }), ("DELETE", token_auth.clone())),
        thing(&role, json!({ "name": "changed" }), ("DELETE", role.clone())),
    ]
}

#[test]
fn a_change_takes_effect_only_on_the_state_that_was_seen() {
    let world = World::ticking();
    for Thing { path, change, end } in things(&world) {
        let seen = world.administer("GET", &path, &json!({})).tag().unwrap();
        assert_eq!(world.administer("GET", &path, &json!({})).tag().unwrap(), seen);

        let changed = world.send_with(&world.admin, "PATCH", &path, &change, if_match(&seen));
        assert_eq!(changed.status, 200, "{path} {changed:?}");
        let current = world.administer("GET", &path, &json!({})).tag().unwrap();
        assert_eq!(changed.tag().as_ref(), Some(&current), "{path}");
        assert_ne!(current, seen, "{path}");

        let answer = world.refused_with(&world.admin, "PATCH", &path, &change, if_match(&seen), 412);
        assert_eq!(answer.body["error"], "PreconditionFailed");
        let (method, end) = end;
        world.refused_with(&world.admin, method, &end, &json!({}), if_match(&seen), 412);
        world.refused_with(&world.admin, method, &end, &json!({}), if_match("nonsense"), 412);
        let ended = world.send_with(&world.admin, method, &end, &json!({}), if_match(&format!("W/{current}")));
        assert_eq!(ended.status, 200, "{ended:?}");
    }
}

#[test]
fn every_refusal_of_the_command_comes_before_its_precondition() {
    let world = World::ticking();
    let nobody = world.caller("nobody", "no-access");
    for Thing { path, change, .. } in things(&world) {
        world.refused_with(&nobody, "PATCH", &path, &change, if_match("\"x\""), 403);
    }
    world.refused_with(&world.admin, "PATCH", "/api/v1/identities/x", &json!({}), if_match("\"x\""), 404);
    world.refused_with(&world.admin, "DELETE", "/api/v1/identities/x", &json!({}), if_match("*"), 404);
}

#[test]
fn using_a_token_does_not_change_its_state() {
    let world = World::ticking();
    let [_, Thing { path, .. }, ..] = things(&world);
    let seen = world.administer("GET", &path, &json!({})).tag();
    directory::sql::Sql::execute(&world.sql, "UPDATE access_tokens SET uses = 7, last_used_at = 8", &[]).unwrap();
    let used = world.administer("GET", &path, &json!({}));
    assert_eq!(used.body["token"]["accessTokenNumUses"], 7);
    assert_eq!(used.tag(), seen);
}
