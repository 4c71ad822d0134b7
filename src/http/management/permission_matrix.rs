//! Who may do what: every operation against every kind of role, in one table.
//!
//! A row is an operation, a body that is right for it, and for each of [`ROLES`] whether it may: `y` or `n`. Adding an
//! operation is adding a row. A `y` says that the answer is the row's status (200 unless the row says otherwise), an `n`
//! that it is 403 and that nothing changed.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::http::management::operation::{self, Authentication, Operation};
use crate::http::management::test_world::{Caller, World};
use crate::http::management::{roles, search};

/// The columns. `admin`, `member` and `no-access` are built in. `reader` may read the one identity that the paths name.
/// `limited` may do everything to identities and roles, except what a later, inverted rule takes away: to edit identities
/// and what authenticates them.
const ROLES: [&str; 5] = ["admin", "member", "no-access", "reader", "limited"];

struct Row {
    operation: Operation,
    body: Value,
    /// One character for each of [`ROLES`].
    allowed: &'static str,
    status: u16,
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
fn rows(world: &World) -> Vec<Row> {
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
    ]
}

/// Everything that paths can name.
struct Fixture {
    world: World,
    callers: Vec<Caller>,
    /// For each parameter of a path what stands there. Add one for each new parameter.
    parameters: Vec<(&'static str, String)>,
}

impl Fixture {
    fn new() -> Self {
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
        let callers = ROLES.map(|role| world.caller(role, role)).to_vec();
        let parameters = vec![
            (":identityId", target.identity),
            (":tokenId", token),
            (":roleId", spare),
            (":slug", "spare".to_owned()),
            (":organizationId", world.organization.clone()),
            (":orgId", world.organization.clone()),
        ];
        Self { world, callers, parameters }
    }

    fn path(&self, route: &operation::Route) -> String {
        let segments = route.path.split('/').map(|segment| {
            let known = self.parameters.iter().find(|(name, _)| *name == segment);
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

#[test]
fn every_role_may_do_exactly_what_the_table_says() {
    let fixture = Fixture::new();
    let rows = rows(&fixture.world);
    let before = fixture.world.sql.dump();
    let mut wrong = Vec::new();
    let mut cells = 0;
    for route in operation::all().filter(|route| route.authentication == Authentication::AccessToken) {
        let Some(row) = rows.iter().find(|row| row.operation == route.operation) else {
            wrong.push(format!("{:?} has no row", route.operation));
            continue;
        };
        assert_eq!(row.allowed.len(), ROLES.len(), "{:?}", row.operation);
        let path = fixture.path(route);
        for ((role, caller), allowed) in ROLES.iter().zip(&fixture.callers).zip(row.allowed.chars()) {
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
            if fixture.world.sql.dump() != before {
                wrong.push(format!("{role} {} {} changed something", route.method, route.path));
            }
            cells += 1;
        }
    }
    assert!(wrong.is_empty(), "{} of {cells} cells:\n{}", wrong.len(), wrong.join("\n"));
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
    let expected = [Operation::Bootstrap, Operation::RenewByHolder, Operation::RevokeByHolder, Operation::Status];
    assert_eq!(open, BTreeSet::from(expected));
}
