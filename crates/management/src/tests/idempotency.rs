//! Tests of idempotency on a real SQLite.

use serde_json::{Value, json};

use crate::tests::world::{RequestHeaders, World};

const DAY: i64 = 24 * 3600 * 1000;

fn key(key: &str) -> RequestHeaders<'_> {
    RequestHeaders { idempotency_key: Some(key), if_match: None }
}

#[test]
fn a_repeated_create_makes_nothing_and_names_what_the_first_one_made() {
    let world = World::ticking();
    let identity = world.identity("target", "no-access");
    let token_auth = format!("/api/v1/auth/token-auth/identities/{identity}");
    world.administer("POST", &token_auth, &json!({}));
    let creates: [(&str, Value, &str); 3] = [
        ("/api/v1/identities", json!({ "name": "n", "organizationId": world.organization }), "/identity/id"),
        (&format!("{token_auth}/tokens"), json!({ "name": "t" }), "/tokenData/id"),
        ("/api/v1/organization/roles", json!({ "slug": "s", "name": "n", "permissions": [] }), "/role/id"),
    ];
    for (path, body, pointer) in creates {
        let made = world.send_with(&world.admin, "POST", path, &body, key(path));
        assert_eq!(made.status, 200, "{made:?}");
        let repeated = world.refused_with(&world.admin, "POST", path, &body, key(path), 409);
        assert_eq!(repeated.body["details"], json!({ "id": made.text(pointer) }));
        assert_eq!(repeated.body["error"], "AlreadyMade");
        assert!(!repeated.body.to_string().contains("tka_"));

        let mut other = body.clone();
        other["name"] = json!("another");
        let answer = world.refused_with(&world.admin, "POST", path, &other, key(path), 422);
        assert_eq!(answer.body["error"], "IdempotencyKeyReused");
    }
}

#[test]
fn a_key_belongs_to_its_actor_and_is_forgotten_after_a_day() {
    let world = World::ticking();
    let second = world.caller("second", "admin");
    let body = json!({ "name": "n", "organizationId": world.organization });
    let create = |caller| world.send_with(caller, "POST", "/api/v1/identities", &body, key("k")).status;
    assert_eq!(create(&world.admin), 200);
    assert_eq!(create(&second), 200);
    world.wait(DAY - 2);
    assert_eq!(create(&second), 409);
    world.wait(2);
    assert_eq!(create(&world.admin), 200);
    assert_eq!(create(&world.admin), 409);
    let kept = world.sql.dump().iter().filter(|line| line.starts_with("idempotency_keys ")).count();
    assert!(kept <= 2, "{kept} keys are kept");
}

#[test]
fn a_refused_create_uses_no_key() {
    let world = World::ticking();
    let nobody = world.caller("nobody", "no-access");
    let body = json!({ "name": "n", "organizationId": world.organization });
    world.refused_with(&nobody, "POST", "/api/v1/identities", &body, key("k"), 403);
    world.administer("PATCH", &format!("/api/v1/identities/{}", nobody.identity), &json!({ "role": "member" }));
    assert_eq!(world.send_with(&nobody, "POST", "/api/v1/identities", &body, key("k")).status, 200);
}

#[test]
fn a_text_that_is_no_key_is_refused() {
    let world = World::ticking();
    let body = json!({ "name": "n", "organizationId": world.organization });
    for text in ["", "a\tb", "é", &"k".repeat(256)] {
        let answer = world.refused_with(&world.admin, "POST", "/api/v1/identities", &body, key(text), 422);
        assert_eq!(answer.issue_paths(), [r#"["Idempotency-Key"]"#]);
    }
    let longest = "k".repeat(255);
    assert_eq!(world.send_with(&world.admin, "POST", "/api/v1/identities", &body, key(&longest)).status, 200);
}

#[test]
fn a_rehearsal_uses_no_key() {
    let world = World::ticking();
    let body = json!({ "name": "n", "organizationId": world.organization });
    let before = world.sql.dump();
    assert_eq!(world.rehearse(&world.admin, "POST", "/api/v1/identities", &body).status, 200);
    assert_eq!(world.sql.dump(), before);
}
