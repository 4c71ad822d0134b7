//! Fields that an operation does not take and that somebody may believe in.
//!
//! Unknown fields of a body are dropped, as clients expect: they send ids that stand in the path, and fields of other
//! versions. But a limit, a right or a place that is dropped in silence misleads: a token that was to live for a minute
//! lives for a month. So what says in one operation how long, how often, from where, who may do what or where requests go
//! is refused by every operation that does not take it, and so are other words for the same.
//!
//! DIFFERENCE: Infisical drops them.

use serde_json::Value;

/// What operations of this API call it.
pub(super) const SETTINGS: &[&str] = &[
    // How long, how often and from where.
    "accessTokenTTL",
    "accessTokenMaxTTL",
    "accessTokenNumUsesLimit",
    "accessTokenPeriod",
    "accessTokenTrustedIps",
    "clientSecretTrustedIps",
    "lockoutEnabled",
    "lockoutThreshold",
    "lockoutDurationSeconds",
    "lockoutCounterResetSeconds",
    "numUsesLimit",
    "ttl",
    // Who may do what, and for how long.
    "hasDeleteProtection",
    "isTemporary",
    "permissions",
    "role",
    "roles",
    "temporaryAccessStartTime",
    "temporaryMode",
    "temporaryRange",
    // Where requests go.
    "headers",
    "host",
    "keepAuthorization",
    "methods",
    "origin",
    "pathPrefix",
    "timeoutSeconds",
    "webSocket",
];

/// What others call it, or what one writes by mistake.
pub(super) const OTHER_WORDS: &[&str] = &[
    "accessTokenNumUses",
    "accessTokenTtl",
    "accessTokenMaxTtl",
    "allowedIps",
    "expiration",
    "expiresAt",
    "expiresIn",
    "maxTTL",
    "maxTtl",
    "maxUses",
    "numUses",
    "trustedIps",
    "usesLimit",
    "policies",
    "rules",
    "scopes",
    "hosts",
    "method",
    "pathPrefixes",
    "prefix",
    "timeout",
    "upstream",
    "websocket",
];

/// Whether a field that an operation does not take must not be dropped in silence. What clients send for "not set" may be.
pub(super) fn misleads(name: &str, value: &Value) -> bool {
    let says_nothing = match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) => false,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(elements) => elements.is_empty(),
        Value::Object(fields) => fields.is_empty(),
    };
    !says_nothing && (SETTINGS.contains(&name) || OTHER_WORDS.contains(&name))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;
    use crate::families::universal_auth;
    use crate::operation::{self, Authentication, Operation};
    use crate::tests::permission_matrix::{Fixture, rows};

    #[test]
    fn only_a_known_name_that_says_something_misleads() {
        #[track_caller]
        fn check(name: &str, value: &Value, expected: bool) {
            assert_eq!(misleads(name, value), expected, "{name} {value}");
        }
        check("accessTokenTTL", &json!(60), true);
        check("accessTokenTTL", &json!("60"), true);
        check("expiresIn", &json!("1h"), true);
        check("webSocket", &json!(true), true);
        for nothing in [json!(null), json!(false), json!(0), json!(0.0), json!(""), json!([]), json!({})] {
            check("accessTokenTTL", &nothing, false);
        }
        check("identityId", &json!("x"), false);
        check("unknown", &json!(1), false);
    }

    /// Operations behind a POST that take nothing from their body, and so do not read it.
    const TAKES_NOTHING: [Operation; 3] = [
        Operation::RevokeToken,
        Operation::UniversalAuth(universal_auth::Operation::RevokeClientSecret),
        Operation::UniversalAuth(universal_auth::Operation::ClearLockouts),
    ];

    /// What the operations of a family take of [`SETTINGS`] and [`OTHER_WORDS`], by a part of their names.
    const TAKEN: &[(&str, &[&str])] = &[
        (
            "UpdateTokenAuth",
            &["accessTokenTTL", "accessTokenMaxTTL", "accessTokenNumUsesLimit", "accessTokenTrustedIps"],
        ),
        ("CreateToken", &[]),
        ("UpdateToken", &[]),
        ("CreateIdentity", &["role", "hasDeleteProtection"]),
        ("UpdateIdentity", &["role", "hasDeleteProtection"]),
        ("UniversalAuth(CreateClientSecret)", &["ttl", "numUsesLimit"]),
        ("Roles(Create)", &["permissions"]),
        ("Roles(Update)", &["permissions"]),
        ("Projects(Create)", &["hasDeleteProtection"]),
        ("Projects(CreateEnvironment)", &[]),
        ("Projects(UpdateEnvironment)", &[]),
        (
            "Routes(Update)",
            &["host", "pathPrefix", "methods", "origin", "keepAuthorization", "headers", "timeoutSeconds", "webSocket"],
        ),
        ("Memberships(Update(Current))", &["roles"]),
    ];

    #[test]
    fn every_operation_takes_a_setting_or_refuses_it_by_its_name_and_drops_what_is_harmless() {
        let fixture = Fixture::new();
        let rows = rows(&fixture.world);
        let before = fixture.world.sql.dump();
        let mut tried = BTreeSet::new();
        for route in operation::all().filter(|route| route.authentication == Authentication::AccessToken) {
            if !["POST", "PATCH"].contains(&route.method) || TAKES_NOTHING.contains(&route.operation) {
                continue;
            }
            let row = rows.iter().find(|row| row.operation == route.operation).unwrap();
            let path = fixture.path(route);
            let name = format!("{:?}", route.operation);
            let taken = TAKEN.iter().find(|(known, _)| *known == name).map(|(_, taken)| *taken);
            let rehearse = |field: &str, value: &Value| {
                let mut body = row.body.clone();
                body[field] = value.clone();
                fixture.world.rehearse(&fixture.world.admin, route.method, &path, &body)
            };
            for field in SETTINGS.iter().chain(OTHER_WORDS).filter(|field| row.body.get(**field).is_none()) {
                // No operation takes an object with this field for any of these, so that one which takes the field says
                // what is wrong with it, and one which does not says that.
                let answer = rehearse(field, &json!({ "x": 1 }));
                let Some(issues) = answer.body["message"].as_array() else {
                    panic!("{name} drops {field}: {answer:?}");
                };
                assert_eq!(answer.status, 422, "{name} {field} {answer:?}");
                let named: Vec<&Value> = issues.iter().filter(|issue| issue["path"][0] == **field).collect();
                assert!(!named.is_empty(), "{name} {field} {answer:?}");
                let refused = named.iter().any(|issue| issue["code"] == "unrecognized_keys");
                if let Some(taken) = taken {
                    assert_eq!(refused, !taken.contains(field), "{name} {field} {answer:?}");
                    tried.insert(name.clone());
                }
            }
            for (field, value) in [("identityId", json!("x")), ("unknown", json!(1)), ("expiresIn", json!(""))] {
                let answer = rehearse(field, &value);
                assert_eq!(answer.status, row.status, "{name} {field} {answer:?}");
            }
        }
        assert_eq!(tried.len(), TAKEN.len(), "{tried:?}");
        assert_eq!(fixture.world.sql.dump(), before);
    }
}
