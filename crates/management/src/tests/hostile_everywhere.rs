//! Input that nobody in their right mind sends, to every operation: none answers with a 5xx, none panics, and what is
//! refused has changed nothing.
//!
//! The operations, their paths and bodies come from the table in [`super::permission_matrix`]. The cap on bodies and
//! what comes before the Directory are tested on the runtime, in `tests/runtime/hostile_*.test.mjs`.

use serde_json::{Value, json};

use crate::families::{explain, universal_auth};
use crate::operation::{self, Authentication, Operation, Route};
use crate::tests::permission_matrix::{Fixture, rows};

/// Operations behind a POST that take nothing from their body, and so do not read it.
const TAKES_NOTHING: [Operation; 3] = [
    Operation::RevokeToken,
    Operation::UniversalAuth(universal_auth::Operation::RevokeClientSecret),
    Operation::UniversalAuth(universal_auth::Operation::ClearLockouts),
];

/// Ids and slugs that name nothing.
const ODD_NAMES: [&str; 9] = [
    "x",
    "0",
    "null",
    "..",
    "%2e%2e",
    "'; DROP TABLE identities; --",
    "00000000-0000-0000-0000-000000000000",
    "ffffffff-ffff-ffff-ffff-fffffffffffff",
    "\u{0}\u{fffd}é",
];

fn routes() -> impl Iterator<Item = &'static Route> {
    operation::all().filter(|route| route.authentication == Authentication::AccessToken)
}

fn takes_a_body(route: &Route) -> bool {
    ["POST", "PATCH"].contains(&route.method) && !TAKES_NOTHING.contains(&route.operation)
}

/// Runs `attempt` with each route that takes a body, on an instance that it leaves as it was.
fn with_each_body(attempt: impl Fn(&Fixture, &Route, &str, &Value)) {
    let fixture = Fixture::new();
    let rows = rows(&fixture.world);
    let before = fixture.world.sql.dump();
    for route in routes().filter(|route| takes_a_body(route)) {
        let row = rows.iter().find(|row| row.operation == route.operation).unwrap();
        attempt(&fixture, route, &fixture.path(route), &row.body);
        assert_eq!(fixture.world.sql.dump(), before, "{route:?} changed something");
    }
}

#[test]
fn a_body_that_cannot_be_read_is_refused_by_every_operation_that_takes_one() {
    with_each_body(|Fixture { world, .. }, route, path, body| {
        let check = |content_type: Option<&str>, body: &str, status: u16| {
            let answer = world.send_raw(route.method, path, content_type, body);
            let shown: String = body.chars().take(60).collect();
            assert_eq!(answer.status, status, "{route:?} {shown} {answer:?}");
        };
        let json = Some("application/json");
        for content_type in ["text/plain", "multipart/form-data", "application/xml", "application/jsonx", ""] {
            check(Some(content_type), &body.to_string(), 415);
        }
        for broken in ["{", "}", "{\"name\":}", "[1,]", "nul", "{\"a\":1}{", "\u{feff}{}", "{\"a\":\"\\ud800\"}"] {
            check(json, broken, 400);
        }
        // Too deep, and too large for any number.
        check(json, &"[".repeat(10_000), 400);
        check(json, &format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000)), 400);
        check(json, &format!("{}1{}", "{\"a\":".repeat(10_000), "}".repeat(10_000)), 400);
        check(json, "{\"accessTokenTTL\":1e400}", 400);
        for no_object in ["1", "\"text\"", "true", "[]", "[{}]"] {
            check(json, no_object, 422);
        }
    });
}

#[test]
fn a_field_of_the_wrong_type_or_size_is_named_by_every_operation_that_knows_it() {
    with_each_body(|Fixture { world, .. }, route, path, body| {
        for field in body.as_object().unwrap().keys() {
            for wrong in [
                json!(1e300),
                json!(-1),
                json!(0.5),
                json!(u64::MAX),
                json!(9_007_199_254_740_993_u64),
                json!([[[[[]]]]]),
                json!({ "$eq": {} }),
                json!(true),
                json!("\u{0}".repeat(70_000)),
            ] {
                // Contract 1.2: a token's name is any text. And of any text it can be explained why it is no token.
                let explain = Operation::Explain(explain::Operation::Explain);
                let is_any_text = [Operation::CreateToken, Operation::UpdateToken, explain].contains(&route.operation);
                if (is_any_text && wrong.is_string()) || (body[field].is_boolean() && wrong.is_boolean()) {
                    continue;
                }
                let mut sent = body.clone();
                sent[field] = wrong;
                let answer = world.send_raw(route.method, path, Some("application/json"), &sent.to_string());
                let shown: String = sent.to_string().chars().take(80).collect();
                assert!([400, 403, 404, 422].contains(&answer.status), "{route:?} {shown} {answer:?}");
            }
        }
    });
}

#[test]
fn a_body_of_a_megabyte_a_thousand_fields_or_a_field_twice_harms_nobody() {
    let fixture = Fixture::new();
    let rows = rows(&fixture.world);
    for route in routes().filter(|route| takes_a_body(route)) {
        let row = rows.iter().find(|row| row.operation == route.operation).unwrap();
        let path = fixture.path(route);
        let fields = row.body.to_string();
        let inside = fields.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap();
        let with = |more: &str| match (inside.is_empty(), more.is_empty()) {
            (false, false) => format!("{{{more},{inside}}}"),
            (true, _) => format!("{{{more}}}"),
            (_, true) => fields.clone(),
        };
        let thousand: Vec<String> = (0..1_000).map(|number| format!("\"unknown{number}\":[{number}]")).collect();
        let bodies = [
            with(&format!("\"unknown\":\"{}\"", "x".repeat(1 << 20))),
            with(&thousand.join(",")),
            // The last one counts, as in JavaScript.
            with(&inside.replace(':', ":[],\"unknown\":")),
        ];
        for body in bodies {
            let before = fixture.world.sql.dump();
            let answer = fixture.world.send_raw(route.method, &path, Some("application/json"), &body);
            assert!(answer.status < 500, "{route:?} {answer:?}");
            if answer.status != 200 {
                assert_eq!(fixture.world.sql.dump(), before, "{route:?}");
            }
        }
    }
}

#[test]
fn a_name_in_a_path_that_names_nothing_is_refused_by_every_operation() {
    let fixture = Fixture::new();
    let rows = rows(&fixture.world);
    let before = fixture.world.sql.dump();
    for route in routes() {
        let row = rows.iter().find(|row| row.operation == route.operation).unwrap();
        let path = fixture.path(route);
        let parameters = route.path.split('/').enumerate().filter(|(_, segment)| segment.starts_with(':'));
        for (place, parameter) in parameters {
            // Contract 1.2: the older path to a token looks at the token's id only.
            if route.operation == Operation::GetToken && parameter == ":identityId" {
                continue;
            }
            let longest = "9".repeat(10_000);
            for odd in ODD_NAMES.into_iter().chain([longest.as_str()]) {
                let segments: Vec<&str> =
                    path.split('/').enumerate().map(|(at, segment)| if at == place { odd } else { segment }).collect();
                let answer = fixture.world.send(&fixture.world.admin, route.method, &segments.join("/"), &row.body);
                let shown: String = odd.chars().take(40).collect();
                assert!([400, 403, 404].contains(&answer.status), "{route:?} {parameter} {shown} {answer:?}");
                assert_eq!(fixture.world.sql.dump(), before, "{route:?} {shown}");
            }
        }
    }
}

#[test]
fn a_page_that_cannot_be_is_named_by_every_list() {
    let fixture = Fixture::new();
    let before = fixture.world.sql.dump();
    for route in routes().filter(|route| route.method == "GET") {
        let path = fixture.path(route);
        let separator = if path.contains('?') { '&' } else { '?' };
        for odd in ["offset=-1", "limit=0", "limit=1e400", "offset=99999999999999999999", "limit=%00", "limit=&limit=x"]
        {
            let answer =
                fixture.world.send(&fixture.world.admin, "GET", &format!("{path}{separator}{odd}"), &json!({}));
            // What has no pages ignores them.
            assert!([200, 422].contains(&answer.status), "{route:?} {odd} {answer:?}");
        }
    }
    assert_eq!(fixture.world.sql.dump(), before);
}
