//! No operation drops a field that misleads.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::families::universal_auth;
use crate::misplaced_fields::{OTHER_WORDS, SETTINGS};
use crate::operation::{self, Authentication, Operation};
use crate::tests::permission_matrix::{Fixture, rows};

/// Operations behind a POST that take nothing from their body, and so do not read it.
const TAKES_NOTHING: [Operation; 3] = [
    Operation::RevokeToken,
    Operation::UniversalAuth(universal_auth::Operation::RevokeClientSecret),
    Operation::UniversalAuth(universal_auth::Operation::ClearLockouts),
];

/// What the operations of a family take of [`SETTINGS`] and [`OTHER_WORDS`], by a part of their names.
const TAKEN: &[(&str, &[&str])] = &[
    ("UpdateTokenAuth", &["accessTokenTTL", "accessTokenMaxTTL", "accessTokenNumUsesLimit", "accessTokenTrustedIps"]),
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
