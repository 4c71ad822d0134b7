//! Who may do what: every operation against every kind of role, in one table.
//!
//! A row is an operation, a body that is right for it, and for each of [`ROLES`] whether it may: `y` or `n`. Adding an
//! operation is adding a row. A `y` says that the answer is the row's status (200 unless the row says otherwise), an
//! `n` that it is 403 and that nothing changed. What members of a project may do in it stands in [`members`].

mod members;
pub mod requirements;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::families::{
    explain, memberships, project_roles, projects, roles, route_delegations, routes, search, universal_auth,
};
use crate::openapi;
use crate::operation::{self, Authentication, Operation};
use crate::tests::test_world::{Caller, World};

/// The columns. `admin`, `member` and `no-access` are built in. `reader` may read the one identity that the paths name.
/// `limited` may do everything to identities and roles, except what a later, inverted rule takes away: to edit
/// identities and what authenticates them.
const ROLES: [&str; 5] = ["admin", "member", "no-access", "reader", "limited"];

pub(crate) struct Row {
    /// The operation.
    pub(crate) operation: Operation,
    /// A body that is right for it.
    pub(crate) body: Value,
    /// One character for each of [`ROLES`].
    allowed: &'static str,
    /// What an allowed caller is answered.
    pub(crate) status: u16,
}

fn row(operation: Operation, allowed: &'static str, body: Value) -> Row {
    Row { operation, body, allowed, status: 200 }
}

impl Row {
    /// What an allowed caller is answered, where 200 is out of reach.
    fn answers(self, status: u16) -> Self {
        Self { status, ..self }
    }
}

/// The table. The columns are admin, member, no-access, reader, limited.
pub(crate) fn rows(world: &World) -> Vec<Row> {
    use Operation as O;
    let nothing = || json!({});
    let role = || json!({ "slug": "made", "name": "Made", "permissions": [] });
    vec![
        row(O::CreateIdentity, "yynny", json!({ "name": "made", "organizationId": world.organization })),
        row(O::ListIdentities, "yynny", nothing()),
        row(O::GetIdentity, "yynyy", nothing()),
        row(O::UpdateIdentity, "yynnn", json!({ "name": "changed" })),
        row(O::DeleteIdentity, "yynny", nothing()),
        row(O::GetIdentityDetails, "yyyyy", nothing()),
        row(O::ListSubOrganizations, "yyyyy", nothing()),
        // The identity of the paths has Token Auth already; only who may attach it is told so.
        row(O::AttachTokenAuth, "ynnnn", nothing()).answers(400),
        row(O::UpdateTokenAuth, "ynnnn", json!({ "accessTokenNumUsesLimit": 5 })),
        row(O::GetTokenAuth, "yynyy", nothing()),
        row(O::DeleteTokenAuth, "ynnny", nothing()),
        row(O::CreateToken, "ynnny", nothing()),
        row(O::ListTokens, "yynyy", nothing()),
        row(O::GetToken, "yynyy", nothing()),
        row(O::UpdateToken, "ynnny", json!({ "name": "changed" })),
        row(O::RevokeToken, "ynnny", nothing()),
        row(O::Roles(roles::Operation::Create), "ynnny", role()),
        row(O::Roles(roles::Operation::List), "yynny", nothing()),
        row(O::Roles(roles::Operation::ListInEnvelope), "yynny", nothing()),
        row(O::Roles(roles::Operation::Get), "yynny", nothing()),
        row(O::Roles(roles::Operation::GetBySlug), "yynny", nothing()),
        row(O::Roles(roles::Operation::Update), "ynnny", json!({ "name": "changed" })),
        row(O::Roles(roles::Operation::Delete), "ynnny", nothing()),
        row(O::Search(search::Operation::Search), "yynny", nothing()),
        row(O::Search(search::Operation::ScopedSearch), "yynny", nothing()),
        row(O::Search(search::Operation::Count), "yynny", nothing()),
        row(O::Search(search::Operation::ListMemberships), "yynny", nothing()),
        row(O::Search(search::Operation::ListPlaces), "yynyy", nothing()),
        // Not of the identity that the paths name.
        row(O::Explain(explain::Operation::Explain), "yynny", json!({ "accessToken": world.admin.token })),
    ]
    .into_iter()
    .chain(universal_auth_rows())
    .chain(route_delegation_rows(world))
    .chain(project_rows())
    .collect()
}

/// The identity of the paths has Universal Auth already; only who may attach it is told so.
fn universal_auth_rows() -> Vec<Row> {
    use universal_auth::Operation as O;
    let row = |operation, allowed, body| row(Operation::UniversalAuth(operation), allowed, body);
    let nothing = || json!({});
    vec![
        row(O::Attach, "ynnnn", nothing()).answers(400),
        row(O::Update, "ynnnn", json!({ "accessTokenNumUsesLimit": 5 })),
        row(O::Get, "yynyy", nothing()),
        row(O::Delete, "ynnny", nothing()),
        row(O::CreateClientSecret, "ynnny", nothing()),
        row(O::ListClientSecrets, "yynyy", nothing()),
        row(O::GetClientSecret, "yynyy", nothing()),
        row(O::RevokeClientSecret, "ynnny", nothing()),
        row(O::ClearLockouts, "ynnnn", nothing()),
    ]
}

/// `limited` may not, although it is strong: nothing but their own subject gives them.
fn route_delegation_rows(world: &World) -> Vec<Row> {
    use route_delegations::Operation as O;
    let row = |operation, body| row(Operation::RouteDelegations(operation), "ynnnn", body);
    let projects = world.administer("GET", "/api/v1/projects", &json!({}));
    let project = projects.body.pointer("/projects/0/id").cloned().unwrap_or_else(|| json!("none"));
    vec![
        row(O::Create, json!({ "projectId": project, "host": "made.example.com", "pathPrefix": "/" })),
        row(O::List, json!({})),
        row(O::Get, json!({})),
        row(O::Delete, json!({})),
    ]
}

/// None of these callers is a member of the project; only who may do everything in the organization may enter it.
fn project_rows() -> Vec<Row> {
    use memberships::{Generation, Operation as M};
    use project_roles::Operation as R;
    use projects::{By, Envelope, Operation as P};
    use routes::Operation as T;
    let row = |operation, body| row(operation, "ynnnn", body);
    let nothing = || json!({});
    let named = || json!({ "name": "changed" });
    let roles = || json!({ "roles": [{ "role": "viewer" }] });
    let mut rows = vec![
        row(Operation::Projects(P::Create), json!({ "projectName": "made" })),
        // Everybody may list; those who may see no project get none.
        Row { allowed: "yyyyy", ..row(Operation::Projects(P::List(Envelope::Project)), nothing()) },
        Row { allowed: "yyyyy", ..row(Operation::Projects(P::List(Envelope::Workspace)), nothing()) },
        row(Operation::Projects(P::CreateEnvironment), json!({ "name": "Made", "slug": "made" })),
        row(Operation::Projects(P::ListEnvironments), nothing()),
        row(Operation::Projects(P::GetEnvironment), nothing()),
        row(Operation::Projects(P::GetEnvironmentById), nothing()),
        row(Operation::Projects(P::GetEnvironmentBySlug), nothing()),
        row(Operation::Projects(P::UpdateEnvironment), named()),
        row(Operation::Projects(P::DeleteEnvironment), nothing()),
        row(Operation::ProjectRoles(R::GetById), nothing()),
        row(Operation::Memberships(M::Create), roles()).answers(400),
        // Who may delete the identity may take it out of the project.
        Row { allowed: "yynny", ..row(Operation::Memberships(M::Delete), nothing()) },
        row(Operation::Memberships(M::GetById), nothing()),
        row(Operation::Memberships(M::ListAvailable), nothing()),
    ];
    let shapes = [(By::Id, Envelope::Project), (By::Id, Envelope::Workspace), (By::Slug, Envelope::Bare)];
    for (by, envelope) in shapes {
        rows.push(row(Operation::Projects(P::Get(by, envelope)), nothing()));
        rows.push(row(Operation::Projects(P::Update(by, envelope)), named()));
        rows.push(row(Operation::Projects(P::Delete(by, envelope)), nothing()));
    }
    for (by, envelope) in [(By::Id, Envelope::Project), (By::Slug, Envelope::Workspace)] {
        let days = json!({ "auditLogsRetentionDays": 30 });
        rows.push(row(Operation::Projects(P::SetAuditLogsRetention(by, envelope)), days));
    }
    for by in [By::Id, By::Slug] {
        let made = json!({ "slug": "made", "name": "Made", "permissions": [] });
        rows.push(row(Operation::ProjectRoles(R::Create(by)), made));
        rows.push(row(Operation::ProjectRoles(R::List(by)), nothing()));
        rows.push(row(Operation::ProjectRoles(R::Update(by)), named()));
        rows.push(row(Operation::ProjectRoles(R::Delete(by)), nothing()));
        rows.push(row(Operation::ProjectRoles(R::GetBySlug(by)), nothing()));
    }
    rows.extend([
        row(Operation::Routes(T::Create), json!({ "pathPrefix": "/made" })),
        row(Operation::Routes(T::List), nothing()),
        row(Operation::Routes(T::Get), nothing()),
        row(Operation::Routes(T::Update), json!({ "webSocket": true })),
        row(Operation::Routes(T::Delete), nothing()),
    ]);
    for generation in [Generation::Deprecated, Generation::Current] {
        rows.push(row(Operation::Memberships(M::Update(generation)), roles()));
        rows.push(row(Operation::Memberships(M::Get(generation)), nothing()));
        rows.push(row(Operation::Memberships(M::List(generation)), nothing()));
    }
    rows
}

/// Everything that paths can name.
pub(crate) struct Fixture {
    pub(crate) world: World,
    callers: Vec<Caller>,
    /// For each parameter of a path what stands there. Add one for each new parameter.
    parameters: Vec<(&'static str, String)>,
    /// The same for paths into a project, where it differs.
    project_parameters: Vec<(&'static str, String)>,
    /// What stands for the project where a path names it by its slug.
    project_slug: String,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        let world = World::new();
        let target = world.caller("target", "no-access");
        let tokens = format!("/api/v1/auth/token-auth/identities/{}/tokens", target.identity);
        let token = world.administer("GET", &tokens, &json!({})).text("/tokens/0/id");
        let spare = world.role("spare", &json!([]));
        let everything = json!([
            "read",
            "create",
            "edit",
            "delete",
            "grant-privileges",
            "edit-auth",
            "revoke-auth",
            "create-token",
            "delete-token"
        ]);
        world.role(
            "reader",
            &json!([{ "subject": "identity", "action": "read", "conditions": { "identityId": target.identity } }]),
        );
        world.role(
            "limited",
            &json!([
                { "subject": "identity", "action": everything },
                { "subject": "role", "action": ["read", "create", "edit", "delete"] },
                { "subject": "identity", "action": ["edit", "edit-auth"], "inverted": true },
            ]),
        );
        let universal_auth = format!("/api/v1/auth/universal-auth/identities/{}", target.identity);
        world.administer("POST", &universal_auth, &json!({}));
        let secret = world.administer("POST", &format!("{universal_auth}/client-secrets"), &json!({}));

        let project = world.administer("POST", "/api/v1/projects", &json!({ "projectName": "shop" }));
        let (project, project_slug) = (project.text("/project/id"), project.text("/project/slug"));
        let inside = format!("/api/v1/projects/{project}");
        let environment = world.administer("GET", &format!("{inside}/environments"), &json!({}));
        let role = json!({ "slug": "packer", "name": "Packer", "permissions": [] });
        let role = world.administer("POST", &format!("{inside}/roles"), &role).text("/role/id");
        let member = world.identity("member of the project", "no-access");
        let membership = format!("{inside}/memberships/identities/{member}");
        let membership = world.administer("POST", &membership, &json!({ "role": "viewer" }));
        let route = world.administer("POST", &format!("{inside}/routes"), &json!({ "pathPrefix": "/" }));
        let delegation = json!({ "projectId": project, "host": "spare.example.com", "pathPrefix": "/", "allowKeepAuthorization": false });
        let delegation = world.administer("POST", "/api/v1/organization/route-delegations", &delegation);
        let project_parameters = vec![
            (":projectId", project),
            (":environmentId", environment.text("/environments/0/id")),
            (":environmentSlug", environment.text("/environments/0/slug")),
            (":identityId", member),
            (":identityMembershipId", membership.text("/identityMembership/id")),
            (":roleId", role),
            (":roleSlug", "packer".to_owned()),
            (":routeId", route.text("/route/id")),
            (":slug", project_slug.clone()),
        ];
        let callers = ROLES.map(|role| world.caller(role, role)).to_vec();
        let parameters = vec![
            (":identityId", target.identity),
            (":tokenId", token),
            (":roleId", spare),
            (":slug", "spare".to_owned()),
            (":organizationId", world.organization.clone()),
            (":orgId", world.organization.clone()),
            (":clientSecretId", secret.text("/clientSecretData/id")),
            (":delegationId", delegation.text("/routeDelegation/id")),
        ];
        Self { world, callers, parameters, project_parameters, project_slug }
    }

    /// What stands for a parameter in paths.
    pub(crate) fn parameter(&self, parameter: &str) -> &str {
        stands_for(&self.parameters, parameter)
    }

    /// What stands for a parameter in paths into a project.
    pub(crate) fn in_project(&self, parameter: &str) -> &str {
        stands_for(&self.project_parameters, parameter)
    }

    /// The path of a route with what stands for its parameters.
    pub(crate) fn path(&self, route: &operation::Route) -> String {
        let segments = route.path.split('/').map(|segment| {
            if segment == ":projectId" && names_project_by_slug(route.operation) {
                return self.project_slug.clone();
            }
            let of_project = self.project_parameters.iter().filter(|_| is_about_a_project(route.operation));
            let known = of_project.chain(&self.parameters).find(|(name, _)| *name == segment);
            match (known, segment.strip_prefix(':')) {
                (Some((_, value)), _) => value.clone(),
                (None, None) => segment.to_owned(),
                (None, Some(_)) => panic!("the fixture has nothing for {segment} of {}", route.path),
            }
        });
        let path = segments.collect::<Vec<_>>().join("/");
        if route.operation == Operation::ListIdentities {
            return format!("{path}?orgId={}", self.world.organization);
        }
        path
    }
}

fn stands_for<'a>(parameters: &'a [(&'static str, String)], parameter: &str) -> &'a str {
    let known = parameters.iter().find(|(name, _)| *name == parameter);
    known.map_or_else(|| panic!("the fixture has nothing for {parameter}"), |(_, value)| value)
}

fn is_about_a_project(operation: Operation) -> bool {
    matches!(
        operation,
        Operation::Projects(_) | Operation::ProjectRoles(_) | Operation::Memberships(_) | Operation::Routes(_)
    )
}

fn names_project_by_slug(operation: Operation) -> bool {
    use project_roles::Operation as R;
    use projects::{By, Operation as P};
    match operation {
        Operation::Projects(P::Get(by, _) | P::Update(by, _) | P::Delete(by, _) | P::SetAuditLogsRetention(by, _)) => {
            by == By::Slug
        }
        Operation::ProjectRoles(R::Create(by) | R::List(by) | R::Update(by) | R::Delete(by) | R::GetBySlug(by)) => {
            by == By::Slug
        }
        _ => false,
    }
}

/// Tries every cell: each of these routes with each caller, by its row. Answers the errors of the refusals there were.
#[track_caller]
fn check_cells(
    fixture: &Fixture,
    callers: &[(&str, &Caller)],
    rows: &[Row],
    routes: impl Iterator<Item = &'static operation::Route>,
) -> BTreeSet<String> {
    let before = fixture.world.sql.dump();
    let mut wrong = Vec::new();
    let mut refused = BTreeSet::new();
    let mut cells = 0;
    for route in routes {
        let Some(row) = rows.iter().find(|row| row.operation == route.operation) else {
            wrong.push(format!("{:?} has no row", route.operation));
            continue;
        };
        assert_eq!(row.allowed.len(), callers.len(), "{:?}", row.operation);
        let path = fixture.path(route);
        for ((role, caller), allowed) in callers.iter().zip(row.allowed.chars()) {
            let expected = if allowed == 'y' { row.status } else { 403 };
            // What is allowed is undone, so that the next cell finds the same instance.
            let answer = if allowed == 'y' {
                fixture.world.rehearse(caller, route.method, &path, &row.body)
            } else {
                fixture.world.send(caller, route.method, &path, &row.body)
            };
            if answer.status != expected {
                let (operation, status) = (route.operation, answer.status);
                wrong.push(format!("{role} {} {} {operation:?}: {status}, not {expected}", route.method, route.path));
            }
            if answer.status == 403 {
                refused.insert(answer.text("/error"));
            }
            if fixture.world.sql.dump() != before {
                wrong.push(format!("{role} {} {} changed something", route.method, route.path));
            }
            cells += 1;
        }
    }
    assert!(wrong.is_empty(), "{} of {cells} cells:\n{}", wrong.len(), wrong.join("\n"));
    refused
}

#[test]
fn every_role_may_do_exactly_what_the_table_says() {
    let fixture = Fixture::new();
    let callers: Vec<(&str, &Caller)> = ROLES.into_iter().zip(&fixture.callers).collect();
    let routes = operation::all().filter(|route| route.authentication == Authentication::AccessToken);
    check_cells(&fixture, &callers, &rows(&fixture.world), routes);
}

#[test]
fn every_row_is_about_an_operation_of_the_router_and_there_is_one_for_each() {
    let world = World::new();
    let rows = rows(&world);
    let in_table: BTreeSet<Operation> = rows.iter().map(|row| row.operation).collect();
    assert_eq!(in_table.len(), rows.len(), "an operation has two rows");
    let routed: BTreeSet<Operation> = operation::all()
        .filter(|route| route.authentication == Authentication::AccessToken)
        .map(|route| route.operation)
        .collect();
    assert_eq!(in_table, routed);
}

#[test]
fn the_operations_without_a_row_are_those_that_no_role_decides() {
    let open: BTreeSet<Operation> = operation::all()
        .filter(|route| route.authentication != Authentication::AccessToken)
        .map(|route| route.operation)
        .collect();
    let login = Operation::UniversalAuth(universal_auth::Operation::Login);
    let described = [openapi::Operation::Page, openapi::Operation::Style, openapi::Operation::Document];
    let expected =
        [Operation::Bootstrap, Operation::RenewByBearer, Operation::RevokeByBearer, Operation::Status, login];
    assert_eq!(open, expected.into_iter().chain(described.map(Operation::Documentation)).collect());
}
