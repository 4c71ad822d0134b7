//! No operation drops a field that misleads.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::misplaced_fields::{OTHER_WORDS, SETTINGS};
use crate::tests::calls::{Fixture, OfBearer, Sample, of_bearers, takes_a_body};

/// What operations take of [`SETTINGS`] and [`OTHER_WORDS`].
const TAKEN: &[(&str, &[&str])] = &[
    ("updateTokenAuth", &["accessTokenTTL", "accessTokenMaxTTL", "accessTokenNumUsesLimit", "accessTokenTrustedIps"]),
    ("createTokenAuthToken", &[]),
    ("updateTokenAuthToken", &[]),
    ("createIdentity", &["role", "hasDeleteProtection"]),
    ("updateIdentity", &["role", "hasDeleteProtection"]),
    ("createUniversalAuthClientSecret", &["ttl", "numUsesLimit"]),
    ("createOrganizationRole", &["permissions"]),
    ("updateOrganizationRole", &["permissions"]),
    ("createProject", &["hasDeleteProtection"]),
    ("createEnvironment", &[]),
    ("updateEnvironment", &[]),
    (
        "updateRoute",
        &["host", "pathPrefix", "methods", "origin", "keepAuthorization", "headers", "timeoutSeconds", "webSocket"],
    ),
    ("updateProjectIdentityMembership", &["roles"]),
];

#[test]
fn every_operation_takes_a_setting_or_refuses_it_by_its_name_and_drops_what_is_harmless() {
    let fixture = Fixture::new();
    let before = fixture.world.sql.dump();
    let mut tried = BTreeSet::new();
    for of_bearer in of_bearers().filter(|of_bearer| takes_a_body(*of_bearer)) {
        let OfBearer { endpoint, directory } = of_bearer;
        let Sample { body: right, status } = fixture.sample(directory);
        let (path, name) = (fixture.path(of_bearer), endpoint.id());
        let taken = TAKEN.iter().find(|(known, _)| *known == name).map(|(_, taken)| *taken);
        let rehearse = |field: &str, value: &Value| {
            let mut body = right.clone();
            body[field] = value.clone();
            fixture.world.rehearse(&fixture.world.admin, endpoint.method, &path, &body)
        };
        for field in SETTINGS.iter().chain(OTHER_WORDS).filter(|field| right.get(**field).is_none()) {
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
            assert_eq!(answer.status, status, "{name} {field} {answer:?}");
        }
    }
    assert_eq!(tried.len(), TAKEN.len(), "{tried:?}");
    assert_eq!(fixture.world.sql.dump(), before);
}
