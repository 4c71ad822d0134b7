//! The same for what happens in a project: every operation on one against every kind of role in it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Fixture, Row, check_cells, is_about_a_project};
use crate::families::{memberships, project_roles, projects, routes};
use crate::operation::{self, Authentication, Operation, Route};
use crate::tests::test_world::Caller;

/// The columns: members of the project with one role each. The first four are built in. `keeper` may do everything to
/// the one identity that the paths name, and nothing else. `curbed` may do everything to everything, except what a
/// later, inverted rule takes away: to change it; but requests, without which it could have no route. In the
/// organization each of them may see identities, and nothing else.
pub(super) const ROLES: [&str; 6] = ["admin", "member", "viewer", "no-access", "keeper", "curbed"];

fn row(operation: Operation, allowed: &'static str, body: Value) -> Row {
    Row { operation, body, allowed, status: 200 }
}

/// The table. The columns are admin, member, viewer, no-access, keeper, curbed.
pub(super) fn rows() -> Vec<Row> {
    use memberships::{Generation, Operation as M};
    use project_roles::Operation as R;
    use projects::{By, Envelope, Operation as P};
    use routes::Operation as T;
    let nothing = || json!({});
    let named = || json!({ "name": "changed" });
    // Of a role that may do nothing, so that the permission alone decides.
    let roles = || json!({ "roles": [{ "role": "no-access" }] });
    let projects = |operation, allowed, body| row(Operation::Projects(operation), allowed, body);
    let of_roles = |operation, allowed, body| row(Operation::ProjectRoles(operation), allowed, body);
    let of_members = |operation, allowed, body| row(Operation::Memberships(operation), allowed, body);
    let mut rows = vec![
        // It is the organization's to allow.
        projects(P::Create, "nnnnnn", json!({ "projectName": "made" })),
        projects(P::List(Envelope::Project), "yyyyyy", nothing()),
        projects(P::List(Envelope::Workspace), "yyyyyy", nothing()),
        projects(P::CreateEnvironment, "yynnny", json!({ "name": "Made", "slug": "made" })),
        projects(P::ListEnvironments, "yyynny", nothing()),
        projects(P::GetEnvironment, "yyynny", nothing()),
        projects(P::GetEnvironmentById, "yyynny", nothing()),
        projects(P::GetEnvironmentBySlug, "yyynny", nothing()),
        projects(P::UpdateEnvironment, "yynnnn", named()),
        projects(P::DeleteEnvironment, "yynnny", nothing()),
        of_roles(R::GetById, "yyynny", nothing()),
        // The identity of the paths is a member already; only who may make it one is told so.
        of_members(M::Create, "yynnyy", roles()).answers(400),
        of_members(M::Delete, "yynnyy", nothing()),
        of_members(M::GetById, "yyynyy", nothing()),
        of_members(M::ListAvailable, "yynnny", nothing()),
        row(Operation::Routes(T::Create), "ynnnny", json!({ "pathPrefix": "/made" })),
        row(Operation::Routes(T::List), "yyynny", nothing()),
        row(Operation::Routes(T::Get), "yyynny", nothing()),
        row(Operation::Routes(T::Update), "ynnnnn", json!({ "webSocket": true })),
        row(Operation::Routes(T::Delete), "ynnnny", nothing()),
    ];
    let shapes = [(By::Id, Envelope::Project), (By::Id, Envelope::Workspace), (By::Slug, Envelope::Bare)];
    for (by, envelope) in shapes {
        rows.push(projects(P::Get(by, envelope), "yyynny", nothing()));
        rows.push(projects(P::Update(by, envelope), "ynnnnn", named()));
        rows.push(projects(P::Delete(by, envelope), "ynnnny", nothing()));
    }
    for (by, envelope) in [(By::Id, Envelope::Project), (By::Slug, Envelope::Workspace)] {
        let days = json!({ "auditLogsRetentionDays": 30 });
        rows.push(projects(P::SetAuditLogsRetention(by, envelope), "ynnnnn", days));
    }
    for by in [By::Id, By::Slug] {
        let made = json!({ "slug": "made", "name": "Made", "permissions": [] });
        rows.push(of_roles(R::Create(by), "ynnnny", made));
        rows.push(of_roles(R::List(by), "yyynny", nothing()));
        rows.push(of_roles(R::Update(by), "ynnnnn", named()));
        rows.push(of_roles(R::Delete(by), "ynnnny", nothing()));
        rows.push(of_roles(R::GetBySlug(by), "yyynny", nothing()));
    }
    for generation in [Generation::Deprecated, Generation::Current] {
        rows.push(of_members(M::Update(generation), "yynnyn", roles()));
        rows.push(of_members(M::Get(generation), "yyynyy", nothing()));
        rows.push(of_members(M::List(generation), "yyynny", nothing()));
    }
    rows
}

/// A caller for each of [`ROLES`], and the identity of the paths with a role that may do nothing.
fn members(fixture: &Fixture) -> Vec<Caller> {
    let Fixture { world, .. } = fixture;
    let project = fixture.in_project(":projectId");
    let target = fixture.in_project(":identityId");
    let inside = |path: &str| format!("/api/v1/projects/{project}/{path}");
    let identity_actions = json!(["read", "create", "edit", "delete", "grant-privileges"]);
    let four = json!(["read", "create", "edit", "delete"]);
    let on = |subject: &str, inverted: bool| {
        let actions = if inverted { json!(["edit"]) } else { four.clone() };
        json!({ "subject": subject, "action": actions, "inverted": inverted })
    };
    let subjects = ["identity", "role", "project", "environments", "routes", "requests"];
    let held = subjects.iter().map(|subject| on(subject, false));
    let curbs = subjects.iter().filter(|subject| **subject != "requests").map(|subject| on(subject, true));
    let curbed: Value = held.chain(curbs).collect();
    let keeper = json!([{ "subject": "identity", "action": identity_actions, "conditions": { "identityId": target } }]);
    for (slug, rules) in [("keeper", keeper), ("curbed", curbed)] {
        let body = json!({ "slug": slug, "name": slug, "permissions": rules });
        world.administer("POST", &inside("roles"), &body);
    }
    let nothing = json!({ "roles": [{ "role": "no-access" }] });
    world.administer("PATCH", &inside(&format!("memberships/identities/{target}")), &nothing);
    world.role("onlooker", &json!([{ "subject": "identity", "action": "read" }]));
    let caller = |role: &str| {
        let caller = world.caller(&format!("{role} of the project"), "onlooker");
        let path = inside(&format!("memberships/identities/{}", caller.identity));
        world.administer("POST", &path, &json!({ "role": role }));
        caller
    };
    ROLES.map(caller).to_vec()
}

fn routes_of_projects() -> impl Iterator<Item = &'static Route> {
    operation::all()
        .filter(|route| route.authentication == Authentication::AccessToken && is_about_a_project(route.operation))
}

#[test]
fn every_role_of_a_project_may_do_exactly_what_the_table_says() {
    let fixture = Fixture::new();
    let members = members(&fixture);
    let callers: Vec<(&str, &Caller)> = ROLES.into_iter().zip(&members).collect();
    let refused = check_cells(&fixture, &callers, &rows(), routes_of_projects());
    // Nothing here reaches a boundary: what is refused is refused for want of the permission.
    assert_eq!(refused, BTreeSet::from(["PermissionDenied".to_owned()]));
}

#[test]
fn every_operation_on_a_project_has_one_row_for_its_members() {
    let rows = rows();
    let in_table: BTreeSet<Operation> = rows.iter().map(|row| row.operation).collect();
    assert_eq!(in_table.len(), rows.len(), "an operation has two rows");
    assert_eq!(in_table, routes_of_projects().map(|route| route.operation).collect());
}
