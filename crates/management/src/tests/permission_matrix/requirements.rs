//! The table of what operations need, in `domain/requirement.rs`, against the operations of the API and what they do.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Fixture, Row, is_about_a_project, members};
use crate::families::{memberships, project_roles, roles, route_delegations};
use crate::needs::{Need, needs};
use crate::operation::{self, Authentication, Operation};
use crate::tests::test_world::Caller;
use domain::permission::ability::{Ability, Permission};
use domain::permission::organization_role::BuiltInOrganizationRole;
use domain::permission::project_role::BuiltInProjectRole;
use domain::permission::requirement::{OrganizationOperation, ProjectOperation};

#[test]
fn every_line_of_the_table_is_what_an_operation_needs() {
    let needed: BTreeSet<Need> = operation::all().flat_map(|route| needs(route.operation)).collect();
    let mut lines: BTreeSet<Need> = OrganizationOperation::ALL.iter().copied().map(Need::InOrganization).collect();
    lines.extend(ProjectOperation::ALL.iter().copied().map(Need::InProject));
    // The OAuth endpoints ask for it.
    assert!(lines.remove(&Need::InOrganization(OrganizationOperation::Introspect)));
    assert_eq!(needed, lines);
}

/// What the cells of built-in roles must be: nothing in the matrix reaches a boundary for them.
#[track_caller]
fn check_built_in(rows: &[Row], columns: &[Ability], needed: impl Fn(Operation) -> Vec<Permission>) {
    for row in rows {
        for (ability, cell) in columns.iter().zip(row.allowed.chars()) {
            let may = needed(row.operation).into_iter().all(|permission| ability.allows(permission, &[]));
            assert_eq!(cell == 'y', may, "{:?} {ability:?}", row.operation);
        }
    }
}

#[test]
fn the_matrix_says_of_the_built_in_roles_what_follows_from_the_table() {
    let fixture = Fixture::new();
    let rows: Vec<Row> = super::rows(&fixture.world);
    let columns = [BuiltInOrganizationRole::Admin, BuiltInOrganizationRole::Member, BuiltInOrganizationRole::NoAccess];
    let of_organization = |row: &Row| needs(row.operation).iter().all(|need| matches!(need, Need::InOrganization(_)));
    let of_organization: Vec<Row> = rows.into_iter().filter(of_organization).collect();
    check_built_in(&of_organization, &columns.map(BuiltInOrganizationRole::ability), |operation| {
        let in_organization = needs(operation).into_iter().map(|need| match need {
            Need::InOrganization(need) => need.needs().permission,
            Need::InProject(need) => panic!("{operation:?} needs {need:?}"),
        });
        in_organization.collect()
    });

    let columns = [
        BuiltInProjectRole::Admin,
        BuiltInProjectRole::Member,
        BuiltInProjectRole::Viewer,
        BuiltInProjectRole::NoAccess,
    ];
    let in_project: Vec<Row> = members::rows().into_iter().filter(|row| row.allowed != "nnnnnn").collect();
    check_built_in(&in_project, &columns.map(BuiltInProjectRole::ability), |operation| {
        let in_project = needs(operation).into_iter().filter_map(|need| match need {
            Need::InProject(need) => Some(need.needs().permission),
            // Each column has it.
            Need::InOrganization(_) => None,
        });
        in_project.collect()
    });
}

/// Something that the caller below may not do in the organization, and something that it may not do in the project.
fn strong_rules() -> Value {
    json!([{ "subject": "audit-logs", "action": "read" }])
}

fn strong_project_rules() -> Value {
    json!([{ "subject": "requests", "action": "read" }])
}

/// Makes everything that the paths name strong, and a caller that has every other permission.
fn weaker_caller(fixture: &Fixture) -> Caller {
    let Fixture { world, .. } = fixture;
    let inside = |path: &str| format!("/api/v1/projects/{}/{path}", fixture.in_project(":projectId"));
    let four = || json!(["read", "create", "edit", "delete"]);
    let auth = ["grant-privileges", "edit-auth", "revoke-auth", "create-token", "delete-token"];
    let subjects = |subjects: &[&str]| -> Value {
        let rules = subjects.iter().map(|subject| json!({ "subject": subject, "action": four() }));
        rules.chain([json!({ "subject": "identity", "action": auth })]).collect()
    };
    let three = json!({ "subject": "route-delegations", "action": ["read", "create", "delete"] });
    let with_delegations =
        |rules: Value| -> Value { rules.as_array().unwrap().iter().cloned().chain([three]).collect() };
    world.role("weaker", &with_delegations(subjects(&["identity", "role", "workspace"])));
    world.role("strong", &strong_rules());
    let spare = format!("/api/v1/organization/roles/{}", fixture.parameter(":roleId"));
    world.administer("PATCH", &spare, &json!({ "permissions": strong_rules() }));
    let target = format!("/api/v1/identities/{}", fixture.parameter(":identityId"));
    world.administer("PATCH", &target, &json!({ "role": "strong" }));

    let rules = subjects(&["identity", "role", "project", "environments", "routes"]);
    world.administer("POST", &inside("roles"), &json!({ "slug": "weaker", "name": "w", "permissions": rules }));
    let strong = json!({ "slug": "strong", "name": "s", "permissions": strong_project_rules() });
    world.administer("POST", &inside("roles"), &strong);
    let member = format!("/api/v1/identities/{}", fixture.in_project(":identityId"));
    world.administer("PATCH", &member, &json!({ "role": "strong" }));
    let packer = inside(&format!("roles/{}", fixture.in_project(":roleId")));
    world.administer("PATCH", &packer, &json!({ "permissions": strong_project_rules() }));
    let caller = world.caller("weaker", "weaker");
    let membership = inside(&format!("memberships/identities/{}", caller.identity));
    world.administer("POST", &membership, &json!({ "role": "weaker" }));
    caller
}

/// A body that gives or makes something strong, where the operation gives or makes something.
fn strong_body(row: &Row) -> Value {
    let mut body = row.body.clone();
    match row.operation {
        Operation::CreateIdentity => body["role"] = json!("strong"),
        Operation::Roles(roles::Operation::Create) => body["permissions"] = strong_rules(),
        Operation::ProjectRoles(project_roles::Operation::Create(_)) => body["permissions"] = strong_project_rules(),
        Operation::RouteDelegations(route_delegations::Operation::Create) => {
            body["allowKeepAuthorization"] = json!(true);
        }
        Operation::Memberships(memberships::Operation::Create) => body["roles"] = json!([{ "role": "strong" }]),
        _ => {}
    }
    body
}

#[test]
fn who_has_the_permission_and_nothing_else_is_held_back_where_the_table_says_so_and_nowhere_else() {
    let fixture = Fixture::new();
    let caller = weaker_caller(&fixture);
    let other = fixture.world.identity("other", "strong");
    let rows = super::rows(&fixture.world);
    let mut held_back = 0;
    for route in operation::all().filter(|route| route.authentication == Authentication::AccessToken) {
        let row = rows.iter().find(|row| row.operation == route.operation).unwrap();
        let known = if is_about_a_project(route.operation) {
            fixture.in_project(":identityId")
        } else {
            fixture.parameter(":identityId")
        };
        // The identity of the paths has already what some operations would give it.
        let path = fixture.path(route);
        let path = if row.status == 200 { path } else { path.replace(known, &other) };
        let answer = fixture.world.rehearse(&caller, route.method, &path, &strong_body(row));
        let beyond = needs(route.operation).into_iter().any(|need| match need {
            Need::InOrganization(need) => !need.needs().beyond.is_empty(),
            Need::InProject(need) => !need.needs().beyond.is_empty(),
        });
        if beyond {
            held_back += 1;
            assert_eq!(answer.status, 403, "{route:?} {answer:?}");
            assert_eq!(answer.text("/error"), "PermissionBoundaryError", "{route:?}");
        } else {
            assert_eq!(answer.status, 200, "{route:?} {answer:?}");
        }
    }
    assert!(held_back >= 30, "only {held_back}");
}
