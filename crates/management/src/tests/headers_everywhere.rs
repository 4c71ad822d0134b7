//! `Idempotency-Key` with every operation that makes something, `ETag` and `If-Match` with every one that changes or
//! ends something: whoever adds an operation and forgets them fails here.
//!
//! The operations, their paths and bodies come from the table in [`super::permission_matrix`].

use serde_json::{Value, json};

use crate::families::{explain, search, universal_auth};
use crate::operation::{self, Authentication, Operation, Route};
use crate::tests::permission_matrix::{Fixture, rows};
use crate::tests::test_world::Headers;

/// Operations behind a POST that make nothing: to send them twice is to send them once.
const MAKES_NOTHING: [Operation; 7] = [
    Operation::RevokeToken,
    Operation::Search(search::Operation::Search),
    Operation::Search(search::Operation::ScopedSearch),
    Operation::Search(search::Operation::Count),
    Operation::Explain(explain::Operation::Explain),
    Operation::UniversalAuth(universal_auth::Operation::RevokeClientSecret),
    Operation::UniversalAuth(universal_auth::Operation::ClearLockouts),
];

/// Operations behind a POST that end something.
const ENDS_SOMETHING: [Operation; 2] =
    [Operation::RevokeToken, Operation::UniversalAuth(universal_auth::Operation::RevokeClientSecret)];

/// The methods that change or end something.
const CHANGES: [&str; 3] = ["PATCH", "PUT", "DELETE"];

const KEY: Headers<'_> = Headers { idempotency_key: Some("k"), if_match: None };

const fn if_match(tag: &str) -> Headers<'_> {
    Headers { idempotency_key: None, if_match: Some(tag) }
}

/// A route on an instance of its own, with a call of it that succeeds.
struct Sample {
    fixture: Fixture,
    route: &'static Route,
    path: String,
    body: Value,
}

/// A sample of each route whose callers show an access token and for which `wanted` holds.
fn samples(wanted: impl Fn(&Route) -> bool) -> Vec<Sample> {
    let routes = operation::all().filter(|route| route.authentication == Authentication::AccessToken && wanted(route));
    routes
        .map(|route| {
            let fixture = Fixture::new();
            let row = rows(&fixture.world).into_iter().find(|row| row.operation == route.operation).unwrap();
            let path = fixture.path(route);
            // The identity of the table has already what this would give it.
            let path = if row.status == 200 { path } else { about_a_new_identity(&fixture, route, &path) };
            Sample { path, body: row.body, fixture, route }
        })
        .collect()
}

fn about_a_new_identity(fixture: &Fixture, route: &Route, path: &str) -> String {
    let identity = fixture.world.identity("new", "no-access");
    let place = route.path.split('/').position(|segment| segment == ":identityId").unwrap();
    let segments =
        path.split('/').enumerate().map(|(at, segment)| if at == place { identity.as_str() } else { segment });
    segments.collect::<Vec<_>>().join("/")
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
    let creates = samples(|route| route.method == "POST" && !MAKES_NOTHING.contains(&route.operation));
    assert!(creates.len() >= 15, "only {}", creates.len());
    for Sample { fixture: Fixture { world, .. }, route, path, body } in &creates {
        let made = world.send_with(&world.admin, "POST", path, body, KEY);
        assert_eq!(made.status, 200, "{route:?} {made:?}");
        let repeated = world.refused_with(&world.admin, "POST", path, body, KEY, 409);
        assert_eq!(repeated.body["error"], "AlreadyMade", "{route:?}");
        let id = repeated.text("/details/id");
        assert!(names(&made.body, &id), "{route:?}: {id} is not in {}", made.body);
        // The secret of the first answer is not shown again.
        for secret in ["/accessToken", "/clientSecret"] {
            let Some(secret) = made.body.pointer(secret).and_then(Value::as_str) else { continue };
            assert!(!repeated.body.to_string().contains(secret), "{route:?}");
        }
        let mut other = body.clone();
        other["another"] = json!("request");
        let reused = world.refused_with(&world.admin, "POST", path, &other, KEY, 422);
        assert_eq!(reused.body["error"], "IdempotencyKeyReused", "{route:?}");
    }
}

#[test]
fn every_change_and_every_end_happens_only_to_the_state_that_was_seen() {
    let changes = samples(|route| CHANGES.contains(&route.method) || ENDS_SOMETHING.contains(&route.operation));
    assert!(changes.len() >= 35, "only {}", changes.len());
    for Sample { fixture: Fixture { world, .. }, route, path, body } in &changes {
        for stale in ["\"00000000000000000000000000000000\"", "nonsense", ""] {
            let refused = world.refused_with(&world.admin, route.method, path, body, if_match(stale), 412);
            assert_eq!(refused.body["error"], "PreconditionFailed", "{route:?}");
        }
        let seen = world.administer("GET", &readable(path), &json!({})).tag;
        let seen = seen.unwrap_or_else(|| panic!("{} has no tag", readable(path)));
        let done = world.send_with(&world.admin, route.method, path, body, if_match(&seen));
        assert_eq!(done.status, 200, "{route:?} {done:?}");
        if route.method != "DELETE" && !ENDS_SOMETHING.contains(&route.operation) {
            let now = world.administer("GET", &readable(path), &json!({})).tag.unwrap();
            assert_eq!(done.tag.as_ref(), Some(&now), "{route:?}");
            assert_ne!(now, seen, "{route:?}");
            world.refused_with(&world.admin, route.method, path, body, if_match(&seen), 412);
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
    let gets: Vec<_> =
        operation::all().filter(|route| route.method == "GET" && is_about_one_thing(route.path)).collect();
    assert!(gets.len() >= 20, "only {}", gets.len());
    for route in gets {
        let answer = fixture.world.administer("GET", &fixture.path(route), &json!({}));
        assert!(answer.tag.is_some_and(|tag| tag.len() == 34), "{} has no tag", route.path);
    }
}

/// Whether a path ends with what names one thing.
fn is_about_one_thing(path: &str) -> bool {
    let named = |segment: &str| segment.starts_with(':') && segment != ":organizationId" && segment != ":orgId";
    let is_configuration = path.ends_with("-auth/identities/:identityId");
    is_configuration || path.rsplit('/').next().is_some_and(named)
}
