//! Who writes a route holds, for good, every action on the requests that it takes and took.

use serde_json::{Value, json};

use super::{Two, route, routes};
use crate::tests::world::{Caller, Reply, START};

fn four() -> Value {
    json!(["read", "create", "edit", "delete"])
}

/// Rules about routes, and these about requests.
fn rules(about_requests: Value) -> Value {
    let mut rules = vec![json!({ "subject": "routes", "action": four() })];
    rules.extend(about_requests.as_array().unwrap().iter().cloned());
    json!(rules)
}

fn on(path: &Value) -> Value {
    json!({ "subject": "requests", "action": four(), "conditions": { "path": path } })
}

/// Whether a caller may create a route for `/v1/a`, change one there, move one from there and to there, and delete one.
#[track_caller]
fn check(two: &Two, caller: &Caller, expected: bool) {
    let Two { world, one, .. } = two;
    let status = if expected { 200 } else { 403 };
    let here = two.route(&world.admin, one, "/v1/a");
    let path = format!("{}/{here}", routes(one));
    let away = two.route(&world.admin, one, "/v2");
    let away = format!("{}/{away}", routes(one));
    let calls = [
        ("POST", routes(one), route("/v1/a/b")),
        ("PATCH", path.clone(), json!({ "webSocket": true })),
        ("PATCH", path.clone(), json!({ "pathPrefix": "/v1/a/c" })),
        ("DELETE", path.clone(), Value::Null),
    ];
    for (method, path, body) in &calls {
        if expected {
            let Reply { status: got, body: answer, .. } = world.send(caller, method, path, &body.clone());
            assert_eq!(got, status, "{method} {path} {answer}");
        } else {
            let answer = world.refused(caller, method, path, body, status);
            assert_eq!(answer.body["error"], "PermissionBoundaryError", "{method} {path}");
        }
    }
    // Of these two places it holds one at most.
    world.refused(caller, "PATCH", &away, &json!({ "pathPrefix": "/v1/a/d" }), 403);
}

#[test]
fn every_action_on_every_request_below_the_prefix_is_needed() {
    let cases = [
        (json!([]), false),
        (json!([{ "subject": "requests", "action": ["read", "create", "edit"] }]), false),
        (json!([{ "subject": "requests", "action": "delete" }]), false),
        (json!([on(&json!({ "$glob": "/v1/**" }))]), true),
        (json!([on(&json!({ "$glob": "/v1/a/**" })), on(&json!({ "$eq": "/v1/a" }))]), true),
        (json!([on(&json!({ "$glob": "/v1/a/b/c/**" }))]), false),
        (json!([on(&json!({ "$glob": "/v1/*" }))]), false),
        (json!([on(&json!({ "$glob": "/v2/**" }))]), false),
        (
            json!([on(&json!({ "$glob": "/v1/**" })),
                { "subject": "requests", "action": "delete", "inverted": true, "conditions": { "path": "/v1/a/b/x" } }]),
            false,
        ),
        (
            json!([on(&json!({ "$glob": "/v1/**" })),
                { "subject": "requests", "action": "delete", "inverted": true, "conditions": { "path": "/v1/b" } }]),
            true,
        ),
    ];
    for (about_requests, expected) in cases {
        let two = Two::new();
        two.give(&two.one, "/");
        two.world.project_role(&two.one, "router", &rules(about_requests));
        let caller = two.world.member(&two.one, "router", &["router"]);
        check(&two, &caller, expected);
    }
}

#[test]
fn what_is_held_for_a_time_is_not_held_for_good() {
    let two = Two::new();
    let Two { world, one, .. } = &two;
    two.give(one, "/");
    world.project_role(one, "router", &rules(json!([])));
    world.project_role(one, "sender", &json!([on(&json!({ "$glob": "/v1/**" }))]));
    let caller = world.member(one, "router", &["router"]);
    let path = format!("/api/v1/projects/{one}/memberships/identities/{}", caller.identity);
    let start = chrono::DateTime::from_timestamp_millis(START).unwrap().to_rfc3339();
    let for_a_year = json!({ "role": "sender", "isTemporary": true, "temporaryMode": "relative",
        "temporaryRange": "1y", "temporaryAccessStartTime": start });
    let give = |role: &Value| {
        world.ok(&world.admin, "PATCH", &path, &json!({ "roles": [{ "role": "router" }, role] }));
    };
    give(&for_a_year);
    check(&two, &caller, false);
}

#[test]
fn what_is_denied_later_is_not_held_for_good() {
    let two = Two::new();
    let Two { world, one, .. } = &two;
    two.give(one, "/");
    world.project_role(one, "router", &rules(json!([on(&json!({ "$glob": "/v1/**" }))])));
    let denial = json!({ "subject": "requests", "action": "read", "inverted": true });
    world.project_role(one, "held-back", &json!([denial]));
    let caller = world.member(one, "router", &["router"]);
    let path = format!("/api/v1/projects/{one}/memberships/identities/{}", caller.identity);
    let start = chrono::DateTime::from_timestamp_millis(START + 86_400_000).unwrap().to_rfc3339();
    let tomorrow = json!({ "role": "held-back", "isTemporary": true, "temporaryMode": "relative",
        "temporaryRange": "1h", "temporaryAccessStartTime": start });
    world.ok(&world.admin, "PATCH", &path, &json!({ "roles": [{ "role": "router" }, tomorrow] }));
    check(&two, &caller, false);
}
