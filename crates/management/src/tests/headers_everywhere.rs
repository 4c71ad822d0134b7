//! `Idempotency-Key` with every operation that makes something, `ETag` and `If-Match` with every one that changes or
//! ends something: whoever adds an operation and forgets them fails here.
//!
//! The calls come from the table in [`super::calls`].

use serde_json::{Value, json};

use crate::tests::calls::{Fixture, OfBearer, ends_something, makes_nothing, of_bearers};
use crate::tests::world::RequestHeaders;

/// The methods that change or end something.
const CHANGES: [&str; 3] = ["PATCH", "PUT", "DELETE"];

const KEY: RequestHeaders<'_> = RequestHeaders { idempotency_key: Some("k"), if_match: None };

const fn if_match(tag: &str) -> RequestHeaders<'_> {
    RequestHeaders { idempotency_key: None, if_match: Some(tag) }
}

/// An endpoint on an instance of its own, with a call of it that succeeds.
struct Case {
    fixture: Fixture,
    of_bearer: OfBearer,
    path: String,
    body: Value,
}

/// A case of each endpoint for which `wanted` holds.
fn cases(wanted: impl Fn(OfBearer) -> bool) -> Vec<Case> {
    of_bearers()
        .filter(|of_bearer| wanted(*of_bearer))
        .map(|of_bearer| {
            let fixture = Fixture::new();
            let path = fixture.path_that_succeeds(of_bearer, || fixture.world.identity("new", "no-access"));
            let body = fixture.sample(of_bearer.directory).body;
            Case { fixture, of_bearer, path, body }
        })
        .collect()
}

/// Whether this id stands anywhere in an answer.
fn names(answer: &Value, id: &str) -> bool {
    match answer {
        Value::String(text) => text == id,
        Value::Array(items) => items.iter().any(|item| names(item, id)),
        Value::Object(fields) => fields.values().any(|field| names(field, id)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

#[test]
fn every_create_that_is_repeated_under_its_key_makes_nothing_and_names_what_the_first_one_made() {
    let creates = cases(|OfBearer { endpoint, directory }| endpoint.method == "POST" && !makes_nothing(directory));
    assert!(creates.len() >= 15, "only {}", creates.len());
    for Case { fixture: Fixture { world, .. }, of_bearer: OfBearer { endpoint, .. }, path, body } in &creates {
        let made = world.send_with(&world.admin, "POST", path, body, KEY);
        assert_eq!(made.status, 200, "{endpoint:?} {made:?}");
        let repeated = world.refused_with(&world.admin, "POST", path, body, KEY, 409);
        assert_eq!(repeated.body["error"], "AlreadyMade", "{endpoint:?}");
        let id = repeated.text("/details/id");
        assert!(names(&made.body, &id), "{endpoint:?}: {id} is not in {}", made.body);
        // The secret of the first answer is not shown again.
        for secret in ["/accessToken", "/clientSecret"] {
            let Some(secret) = made.body.pointer(secret).and_then(Value::as_str) else { continue };
            assert!(!repeated.body.to_string().contains(secret), "{endpoint:?}");
        }
        let mut other = body.clone();
        other["another"] = json!("request");
        let reused = world.refused_with(&world.admin, "POST", path, &other, KEY, 422);
        assert_eq!(reused.body["error"], "IdempotencyKeyReused", "{endpoint:?}");
    }
}

#[test]
fn every_change_and_every_end_happens_only_to_the_state_that_was_seen() {
    let changes =
        cases(|OfBearer { endpoint, directory }| CHANGES.contains(&endpoint.method) || ends_something(directory));
    assert!(changes.len() >= 35, "only {}", changes.len());
    for Case { fixture: Fixture { world, .. }, of_bearer: OfBearer { endpoint, directory }, path, body } in &changes {
        for stale in ["\"00000000000000000000000000000000\"", "nonsense", ""] {
            let refused = world.refused_with(&world.admin, endpoint.method, path, body, if_match(stale), 412);
            assert_eq!(refused.body["error"], "PreconditionFailed", "{endpoint:?}");
        }
        let seen = world.administer("GET", &readable(path), &json!({})).tag();
        let seen = seen.unwrap_or_else(|| panic!("{} has no tag", readable(path)));
        let done = world.send_with(&world.admin, endpoint.method, path, body, if_match(&seen));
        assert_eq!(done.status, 200, "{endpoint:?} {done:?}");
        if endpoint.method != "DELETE" && !ends_something(*directory) {
            let now = world.administer("GET", &readable(path), &json!({})).tag().unwrap();
            assert_eq!(done.tag().as_ref(), Some(&now), "{endpoint:?}");
            assert_ne!(now, seen, "{endpoint:?}");
            world.refused_with(&world.admin, endpoint.method, path, body, if_match(&seen), 412);
        }
    }
}

/// Where the thing that a path changes or ends can be read.
fn readable(path: &str) -> String {
    let path = path.strip_suffix("/revoke").unwrap_or(path);
    if let Some(project) = path.strip_suffix("/audit-logs-retention") {
        // A project is read by its slug below another version.
        return project.replace("/api/v1/workspace/", "/api/v2/workspace/");
    }
    match path.rsplit_once("/roles/") {
        // A role of a project is read by its id alone.
        Some((inside, id)) if !inside.contains("organization") => format!("/api/v1/projects/roles/{id}"),
        _ => path.to_owned(),
    }
}

#[test]
fn every_look_at_one_thing_shows_its_tag() {
    let fixture = Fixture::new();
    let is_look = |OfBearer { endpoint, .. }: &OfBearer| endpoint.method == "GET" && is_about_one_thing(endpoint.path);
    let looks: Vec<OfBearer> = of_bearers().filter(is_look).collect();
    assert!(looks.len() >= 20, "only {}", looks.len());
    for look in looks {
        let answer = fixture.world.administer("GET", &fixture.path(look), &json!({}));
        assert!(answer.tag().is_some_and(|tag| tag.len() == 34), "{look:?} has no tag");
    }
}

/// Whether a path ends with what names one thing.
fn is_about_one_thing(path: &str) -> bool {
    let named = |segment: &str| segment.starts_with(':') && segment != ":organizationId" && segment != ":orgId";
    let is_configuration = path.ends_with("-auth/identities/:identityId");
    is_configuration || path.rsplit('/').next().is_some_and(named)
}
