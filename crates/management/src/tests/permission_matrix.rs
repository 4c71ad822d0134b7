//! Who may do what: every endpoint against every kind of role, as the table of operations in the domain says.
//!
//! What each role holds is written down here; what each operation needs is not. A cell that may is answered with the status
//! of its call; one that may not with 403, and nothing has changed.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::router;
use crate::tests::calls::{Fixture, OfBearer, is_about_a_project, of_bearers};
use crate::tests::world::Caller;
use directory::rule_json;
use domain::permission::ability::{Ability, Permission};
use domain::permission::condition::Attributes;
use domain::permission::operation::{Needs, Operation, Requirement};
use domain::permission::organization_role::BuiltInOrganizationRole;
use domain::permission::project_role::BuiltInProjectRole;

/// A caller, what it is called, and what it holds.
struct Column {
    role: &'static str,
    caller: Caller,
    organization: Ability,
    /// In the project of the paths; `None` when it is no member of it.
    project: Option<Ability>,
}

impl Column {
    /// Whether it may, and if it may not, what it lacks; `None` when it is no member of the project.
    fn may(&self, operation: Operation, thing: Attributes<'_>) -> Result<(), Option<Permission>> {
        let everything = Ability::everything();
        let is_administrator = self.organization == everything;
        let in_organization = |Requirement { permission, .. }: Requirement| {
            if self.organization.allows(permission, thing) { Ok(()) } else { Err(Some(permission)) }
        };
        let in_project = |Requirement { permission, .. }: Requirement| match &self.project {
            _ if is_administrator => Ok(()),
            None => Err(None),
            Some(ability) if ability.allows(permission, thing) => Ok(()),
            Some(_) => Err(Some(permission)),
        };
        match operation.needs() {
            Needs::Nothing => Ok(()),
            Needs::InOrganization(requirement) => in_organization(requirement),
            Needs::InProject(requirement) => in_project(requirement),
            Needs::Either { in_project: of_project, in_organization: of_organization } => {
                in_organization(of_organization).or_else(|_| in_project(of_project))
            }
            Needs::Both { in_project: of_project, in_organization: of_organization } => {
                in_project(of_project).and_then(|()| in_organization(of_organization))
            }
        }
    }
}

/// What rules hold, as they are sent.
fn ability(rules: &Value) -> Ability {
    let with_all_fields = |mut rule: Value| {
        if rule["inverted"].is_null() {
            rule["inverted"] = json!(false);
        }
        rule
    };
    let stored: Value = rules.as_array().unwrap().iter().cloned().map(with_all_fields).collect();
    Ability::new(rule_json::decode(&stored.to_string()).unwrap())
}

/// Callers of whom none is a member of the project. `reader` may read the one identity that the paths name. `limited` may
/// do everything to identities and roles, except what a later, inverted rule takes away: to edit identities and what
/// authenticates them.
fn of_the_organization(fixture: &Fixture) -> Vec<Column> {
    let Fixture { world, .. } = fixture;
    let target = fixture.parameter(":identityId");
    let everything = json!([
        "read",
        "create",
        "edit",
        "delete",
        "grant-privileges",
        "edit-auth",
        "revoke-auth",
        "create-token",
        "delete-token",
        "set-access-subject"
    ]);
    let reader = json!([{ "subject": "identity", "action": ["read"], "conditions": { "identityId": target } }]);
    let limited = json!([
        { "subject": "identity", "action": everything },
        { "subject": "role", "action": ["read", "create", "edit", "delete"] },
        { "subject": "identity", "action": ["edit", "edit-auth"], "inverted": true },
    ]);
    let built_in = BuiltInOrganizationRole::ALL.map(|role| (role.slug(), role.ability()));
    let custom = [("reader", reader), ("limited", limited)].map(|(slug, rules)| {
        world.role(slug, &rules);
        (slug, ability(&rules))
    });
    let column = |(role, organization)| Column { role, caller: world.caller(role, role), organization, project: None };
    built_in.into_iter().chain(custom).map(column).collect()
}

/// Members of the project, and the identity of the paths with a role that may do nothing there. `keeper` may do everything
/// to the one identity that the paths name, and nothing else. `curbed` may do everything to everything, except what a
/// later, inverted rule takes away: to change it; but requests, without which it could have no route. In the organization
/// each of them may see identities, and nothing else.
fn of_the_project(fixture: &Fixture) -> Vec<Column> {
    let Fixture { world, .. } = fixture;
    let project = fixture.in_project(":projectId");
    let target = fixture.in_project(":identityId");
    let inside = |path: &str| format!("/api/v1/projects/{project}/{path}");
    let on = |subject: &str, inverted: bool| {
        let actions = if inverted { json!(["edit"]) } else { json!(["read", "create", "edit", "delete"]) };
        json!({ "subject": subject, "action": actions, "inverted": inverted })
    };
    let subjects = ["identity", "role", "project", "environments", "routes", "requests"];
    let held = subjects.iter().map(|subject| on(subject, false));
    let curbs = subjects.iter().filter(|subject| **subject != "requests").map(|subject| on(subject, true));
    let curbed: Value = held.chain(curbs).collect();
    let identity_actions = json!(["read", "create", "edit", "delete", "grant-privileges"]);
    let keeper = json!([{ "subject": "identity", "action": identity_actions, "conditions": { "identityId": target } }]);
    let custom = [("keeper", keeper), ("curbed", curbed)].map(|(slug, rules)| {
        world.administer("POST", &inside("roles"), &json!({ "slug": slug, "name": slug, "permissions": rules }));
        (slug, ability(&rules))
    });
    let nothing = json!({ "roles": [{ "role": "no-access" }] });
    world.administer("PATCH", &inside(&format!("memberships/identities/{target}")), &nothing);
    let onlooker = json!([{ "subject": "identity", "action": ["read"] }]);
    world.role("onlooker", &onlooker);
    let built_in = BuiltInProjectRole::ALL.map(|role| (role.slug(), role.ability()));
    let column = |(role, in_project): (&'static str, Ability)| {
        let caller = world.caller(&format!("{role} of the project"), "onlooker");
        let path = inside(&format!("memberships/identities/{}", caller.identity));
        world.administer("POST", &path, &json!({ "role": role }));
        Column { role, caller, organization: ability(&onlooker), project: Some(in_project) }
    };
    built_in.into_iter().chain(custom).map(column).collect()
}

/// Tries every cell: each of these endpoints with each caller. Answers how many may and how many may not.
#[track_caller]
fn check_cells(fixture: &Fixture, columns: &[Column], endpoints: impl Iterator<Item = OfBearer>) -> (usize, usize) {
    let Fixture { world, .. } = fixture;
    let before = world.sql.dump();
    let mut wrong = Vec::new();
    let (mut allowed, mut refused) = (0, 0);
    for of_bearer in endpoints {
        let OfBearer { endpoint, directory } = of_bearer;
        let (path, sample) = (fixture.path(of_bearer), fixture.sample(directory));
        // A rule can be about the one identity that the path names, or that has what the path names.
        let owned = [":identityId", ":identityMembershipId", ":tokenId"];
        let about_identity = endpoint.path.split('/').any(|segment| owned.contains(&segment));
        let target = if is_about_a_project(directory) {
            fixture.in_project(":identityId")
        } else {
            fixture.parameter(":identityId")
        };
        let thing = [("identityId", target)];
        let thing: Attributes<'_> = if about_identity { &thing } else { &[] };
        for column in columns {
            let expected = column.may(endpoint.operation, thing);
            // What is allowed is undone, so that the next cell finds the same instance.
            let answer = if expected.is_ok() {
                allowed += 1;
                world.rehearse(&column.caller, endpoint.method, &path, &sample.body)
            } else {
                refused += 1;
                world.send(&column.caller, endpoint.method, &path, &sample.body)
            };
            let as_expected = match expected {
                Ok(()) => answer.status == sample.status,
                Err(None) => (answer.status, &answer.body["error"]) == (403, &json!("ProjectMembershipNotFound")),
                // Nothing here reaches a boundary: what is refused is refused for want of the permission.
                Err(Some(Permission { action, subject })) => {
                    let message = format!("You are not allowed to {} on {}", action.name(), subject.name());
                    (answer.status, &answer.body["error"], &answer.body["message"])
                        == (403, &json!("PermissionDenied"), &json!(message))
                }
            };
            if !as_expected {
                wrong.push(format!("{} {endpoint:?}: {answer:?}, not {expected:?}", column.role));
            }
            if world.sql.dump() != before {
                wrong.push(format!("{} {endpoint:?} changed something", column.role));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    (allowed, refused)
}

#[test]
fn every_role_of_the_organization_may_do_exactly_what_the_table_says() {
    let fixture = Fixture::new();
    let columns = of_the_organization(&fixture);
    let (allowed, refused) = check_cells(&fixture, &columns, of_bearers());
    assert!(allowed >= 180 && refused >= 280, "{allowed} may, {refused} may not");
}

#[test]
fn every_role_of_a_project_may_do_exactly_what_the_table_says() {
    let fixture = Fixture::new();
    let columns = of_the_project(&fixture);
    let of_projects = of_bearers().filter(|of_bearer| is_about_a_project(of_bearer.directory));
    let (allowed, refused) = check_cells(&fixture, &columns, of_projects);
    assert!(allowed >= 180 && refused >= 180, "{allowed} may, {refused} may not");
}

#[test]
fn the_operations_that_no_access_token_is_asked_for_need_no_permission() {
    let of_bearers: BTreeSet<Operation> = of_bearers().map(|of_bearer| of_bearer.endpoint.operation).collect();
    for endpoint in router::all().filter(|endpoint| !of_bearers.contains(&endpoint.operation)) {
        assert_eq!(endpoint.operation.needs(), Needs::Nothing, "{endpoint:?}");
    }
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
    let subject = json!({ "subject": "identity", "action": ["set-access-subject"] });
    let with_delegations =
        |rules: Value| -> Value { rules.as_array().unwrap().iter().cloned().chain([three, subject]).collect() };
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
fn strong_body(operation: Operation, mut body: Value) -> Value {
    match operation {
        Operation::CreateIdentity => body["role"] = json!("strong"),
        Operation::CreateOrganizationRole => body["permissions"] = strong_rules(),
        Operation::CreateProjectRole => body["permissions"] = strong_project_rules(),
        Operation::CreateRouteDelegation => body["allowKeepAuthorization"] = json!(true),
        Operation::CreateProjectIdentityMembership => body["roles"] = json!([{ "role": "strong" }]),
        _ => {}
    }
    body
}

#[test]
fn who_has_the_permission_and_nothing_else_is_held_back_where_the_table_says_so_and_nowhere_else() {
    let fixture = Fixture::new();
    let caller = weaker_caller(&fixture);
    let Fixture { world, .. } = &fixture;
    let other = world.identity("other", "strong");
    let mut held_back = BTreeSet::new();
    for of_bearer in of_bearers() {
        let OfBearer { endpoint, directory } = of_bearer;
        let path = fixture.path_that_succeeds(of_bearer, || other.clone());
        let body = strong_body(endpoint.operation, fixture.sample(directory).body);
        let answer = world.rehearse(&caller, endpoint.method, &path, &body);
        let needs = endpoint.operation.needs();
        if [needs.in_organization(), needs.in_project()].into_iter().flatten().any(|needed| !needed.beyond.is_empty()) {
            held_back.insert(endpoint.operation);
            assert_eq!(answer.status, 403, "{endpoint:?} {answer:?}");
            assert_eq!(answer.text("/error"), "PermissionBoundaryError", "{endpoint:?}");
            assert_eq!(answer.text("/message"), endpoint.operation.beyond_boundary(), "{endpoint:?}");
        } else {
            assert_eq!(answer.status, 200, "{endpoint:?} {answer:?}");
        }
    }
    assert!(held_back.len() >= 25, "only {held_back:?}");
}
