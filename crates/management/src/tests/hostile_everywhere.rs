//! Input that nobody in their right mind sends, to every operation: none answers with a 5xx, none panics, and what is
//! refused has changed nothing.
//!
//! The calls come from the table in [`super::calls`]. The cap on bodies and what
//! comes before the Directory are tested on the runtime, in `tests/runtime/hostile_*.test.mjs`.

use serde_json::{Value, json};

use crate::families::DirectoryEndpoint;
use crate::families::tokens::Tokens;
use crate::tests::calls::{Fixture, OfBearer, Sample, of_bearers, takes_a_body};

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

/// Runs `attempt` with each endpoint that takes a body, on an instance that it leaves as it was.
fn with_each_body(attempt: impl Fn(&Fixture, OfBearer, &str, &Value)) {
    let fixture = Fixture::new();
    let before = fixture.world.sql.dump();
    for of_bearer in of_bearers().filter(|of_bearer| takes_a_body(*of_bearer)) {
        let Sample { body, .. } = fixture.sample(of_bearer.directory);
        attempt(&fixture, of_bearer, &fixture.path(of_bearer), &body);
        assert_eq!(fixture.world.sql.dump(), before, "{of_bearer:?} changed something");
    }
}

#[test]
fn a_body_that_cannot_be_read_is_refused_by_every_operation_that_takes_one() {
    with_each_body(|Fixture { world, .. }, OfBearer { endpoint, .. }, path, body| {
        let check = |content_type: Option<&str>, body: &str, status: u16| {
            let answer = world.by_admin(endpoint.method, path).body(content_type, body).send_unwatched();
            let shown: String = body.chars().take(60).collect();
            assert_eq!(answer.status, status, "{endpoint:?} {shown} {answer:?}");
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
    with_each_body(|Fixture { world, .. }, OfBearer { endpoint, directory }, path, body| {
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
                let is_any_text = matches!(
                    directory,
                    DirectoryEndpoint::Tokens(Tokens::CreateTokenAuthToken | Tokens::UpdateTokenAuthToken)
                        | DirectoryEndpoint::Explain(_)
                );
                if (is_any_text && wrong.is_string()) || (body[field].is_boolean() && wrong.is_boolean()) {
                    continue;
                }
                let mut sent = body.clone();
                sent[field] = wrong;
                let answer = world.by_admin(endpoint.method, path).json(sent.clone()).send_unwatched();
                let shown: String = sent.to_string().chars().take(80).collect();
                assert!([400, 403, 404, 422].contains(&answer.status), "{endpoint:?} {shown} {answer:?}");
            }
        }
    });
}

#[test]
fn a_body_of_a_megabyte_a_thousand_fields_or_a_field_twice_harms_nobody() {
    let fixture = Fixture::new();
    for of_bearer in of_bearers().filter(|of_bearer| takes_a_body(*of_bearer)) {
        let OfBearer { endpoint, directory } = of_bearer;
        let path = fixture.path(of_bearer);
        let fields = fixture.sample(directory).body.to_string();
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
            let answer =
                fixture.world.by_admin(endpoint.method, &path).body(Some("application/json"), &body).send_unwatched();
            assert!(answer.status < 500, "{endpoint:?} {answer:?}");
            if answer.status != 200 {
                assert_eq!(fixture.world.sql.dump(), before, "{endpoint:?}");
            }
        }
    }
}

#[test]
fn a_name_in_a_path_that_names_nothing_is_refused_by_every_operation() {
    let fixture = Fixture::new();
    let before = fixture.world.sql.dump();
    for of_bearer in of_bearers() {
        let OfBearer { endpoint, directory } = of_bearer;
        let Sample { body, .. } = fixture.sample(directory);
        let path = fixture.path(of_bearer);
        let parameters = endpoint.path.split('/').enumerate().filter(|(_, segment)| segment.starts_with(':'));
        for (place, parameter) in parameters {
            // Contract 1.2: the older path to a token looks at the token's id only.
            if directory == DirectoryEndpoint::Tokens(Tokens::GetTokenAuthToken) && parameter == ":identityId" {
                continue;
            }
            let longest = "9".repeat(10_000);
            for odd in ODD_NAMES.into_iter().chain([longest.as_str()]) {
                let segments: Vec<&str> =
                    path.split('/').enumerate().map(|(at, segment)| if at == place { odd } else { segment }).collect();
                let answer = fixture.world.send(&fixture.world.admin, endpoint.method, &segments.join("/"), &body);
                let shown: String = odd.chars().take(40).collect();
                assert!([400, 403, 404].contains(&answer.status), "{endpoint:?} {parameter} {shown} {answer:?}");
                assert_eq!(fixture.world.sql.dump(), before, "{endpoint:?} {shown}");
            }
        }
    }
}

#[test]
fn a_page_that_cannot_be_is_named_by_every_list() {
    let fixture = Fixture::new();
    let before = fixture.world.sql.dump();
    for of_bearer in of_bearers().filter(|of_bearer| of_bearer.endpoint.method == "GET") {
        let path = fixture.path(of_bearer);
        let separator = if path.contains('?') { '&' } else { '?' };
        for odd in ["offset=-1", "limit=0", "limit=1e400", "offset=99999999999999999999", "limit=%00", "limit=&limit=x"]
        {
            let answer =
                fixture.world.send(&fixture.world.admin, "GET", &format!("{path}{separator}{odd}"), &json!({}));
            // What has no pages ignores them.
            assert!([200, 422].contains(&answer.status), "{of_bearer:?} {odd} {answer:?}");
        }
    }
    assert_eq!(fixture.world.sql.dump(), before);
}
