//! Who may change whose membership, and what may be given.

use serde_json::{Value, json};

use super::{current, paths, permanent};
use crate::tests::world::{Caller, START, World, not_a_member, text_at};

const CREATE: (u16, &str, &str) = (403, "PermissionBoundaryError", "Failed to create identity project membership");
const UPDATE: (u16, &str, &str) = (403, "PermissionBoundaryError", "Failed to update identity project membership");
const DELETE: (u16, &str, &str) = (403, "PermissionBoundaryError", "Failed to delete identity project membership");

#[test]
fn each_action_on_a_membership_needs_its_permission() {
    let world = World::new();
    let project = world.project("billing");
    let member = world.identity("member", "no-access");
    world.join(&project, &member, &["viewer"]);
    let viewer = world.member(&project, "viewer", &["viewer"]);
    let nothing = world.member(&project, "nothing", &["no-access"]);
    let stranger = world.caller("stranger", "no-access");
    let body = json!({ "roles": [permanent("no-access")] });
    for path in paths(&project, &member) {
        for (method, action) in [("POST", "create"), ("PATCH", "edit"), ("DELETE", "delete")] {
            let message = format!("You are not allowed to {action} on identity");
            world.refused_saying(&viewer, (method, &path, &body), (403, "PermissionDenied", &message));
            let message = not_a_member(&project);
            let refusal = (403, "ProjectMembershipNotFound", message.as_str());
            world.refused_saying(&stranger, (method, &path, &body), refusal);
        }
        world.ok(&viewer, "GET", &path, &Value::Null);
        let refusal = (403, "PermissionDenied", "You are not allowed to read on identity");
        world.refused_saying(&nothing, ("GET", &path, &Value::Null), refusal);
    }
    let list = format!("/api/v1/projects/{project}/memberships/identities");
    world.ok(&viewer, "GET", &list, &Value::Null);
    let refusal = (403, "PermissionDenied", "You are not allowed to read on identity");
    world.refused_saying(&nothing, ("GET", &list, &Value::Null), refusal);
    let message = not_a_member(&project);
    let refusal = (403, "ProjectMembershipNotFound", message.as_str());
    world.refused_saying(&stranger, ("GET", &list, &Value::Null), refusal);
}

#[test]
fn nobody_gives_more_than_they_hold() {
    let world = World::new();
    let project = world.project("billing");
    let identity = world.identity("worker", "no-access");
    let path = current(&project, &identity);
    let give = |role: &str| json!({ "roles": [permanent(role)] });

    // A member may let an identity in, but has no right to give privileges.
    let member = world.member(&project, "member", &["member"]);
    for role in ["admin", "member", "viewer"] {
        let answer = world.refused_saying(&member, ("POST", &path, &give(role)), CREATE);
        assert!(!answer.body["details"]["missingPermissions"].as_array().unwrap().is_empty());
    }
    world.ok(&member, "POST", &path, &give("no-access"));
    world.refused_saying(&member, ("PATCH", &path, &give("viewer")), UPDATE);
    // Not even to itself.
    let own = current(&project, &member.identity);
    world.refused_saying(&member, ("PATCH", &own, &give("admin")), UPDATE);

    // With that right it gives what it holds, and no more.
    let grant = json!([{ "subject": "identity", "action": ["grant-privileges"] }]);
    world.project_role(&project, "granter", &grant);
    let granter = world.member(&project, "granter", &["member", "granter"]);
    world.ok(&granter, "PATCH", &path, &give("viewer"));
    world.ok(&granter, "PATCH", &path, &give("member"));
    world.refused_saying(&granter, ("PATCH", &path, &give("admin")), UPDATE);
    world.project_role(&project, "editor", &json!([{ "subject": "project", "action": "edit" }]));
    let two = json!({ "roles": [permanent("viewer"), permanent("editor")] });
    let answer = world.refused_saying(&granter, ("PATCH", &path, &two), UPDATE);
    let missing = json!({ "missingPermissions": [{ "action": "edit", "subject": "project" }] });
    assert_eq!(answer.body["details"], missing);

    let administrator = world.member(&project, "administrator", &["admin"]);
    world.ok(&administrator, "PATCH", &path, &give("admin"));
}

#[test]
fn a_right_that_names_an_identity_holds_for_that_identity_only() {
    let world = World::new();
    let project = world.project("billing");
    let (mine, other) = (world.identity("mine", "no-access"), world.identity("other", "no-access"));
    let rule = json!([{ "subject": "identity", "action": ["read", "create", "edit", "delete", "grant-privileges"],
                        "conditions": { "identityId": { "$eq": mine } } }]);
    world.project_role(&project, "keeper", &rule);
    let keeper = world.member(&project, "keeper", &["keeper", "viewer"]);
    let path = current(&project, &mine);
    world.ok(&keeper, "POST", &path, &json!({ "role": "viewer" }));
    // An id may be written in capitals as well.
    world.ok(&keeper, "PATCH", &current(&project, &mine.to_uppercase()), &json!({ "roles": [permanent("no-access")] }));
    world.ok(&keeper, "DELETE", &path, &Value::Null);
    let refusal = (403, "PermissionDenied", "You are not allowed to create on identity");
    world.refused_saying(&keeper, ("POST", &current(&project, &other), &json!({ "role": "viewer" })), refusal);
}

#[test]
fn nobody_touches_the_membership_of_an_identity_that_may_do_more() {
    let world = World::new();
    let project = world.project("billing");
    let member = world.member(&project, "member", &["member"]);
    let strong = world.identity("strong", "no-access");
    world.join(&project, &strong, &["no-access", "admin"]);
    let path = current(&project, &strong);
    let weaker = json!({ "roles": [permanent("no-access")] });
    world.refused_saying(&member, ("PATCH", &path, &weaker), UPDATE);
    world.refused_saying(&member, ("DELETE", &path, &Value::Null), DELETE);

    // A role that has not begun counts already; one that is over does not.
    let future = world.identity("future", "no-access");
    let temporary = |start: &str| json!({ "role": "admin", "isTemporary": true, "temporaryRange": "1h", "temporaryAccessStartTime": start });
    let path = current(&project, &future);
    let roles = json!({ "roles": [permanent("no-access"), temporary("2024-01-01T00:00:00Z")] });
    world.ok(&world.admin, "POST", &path, &roles);
    world.refused_saying(&member, ("DELETE", &path, &Value::Null), DELETE);
    let roles = json!({ "roles": [permanent("no-access"), temporary("2023-01-01T00:00:00Z")] });
    world.ok(&world.admin, "PATCH", &path, &roles);
    world.ok(&member, "DELETE", &path, &Value::Null);

    // An administrator of the organization may do everything in the project, whatever its role there: its roles are not
    // changed, and ending its membership takes away what it has by them and nothing else.
    let path = current(&project, &world.caller("second", "admin").identity);
    world.ok(&world.admin, "POST", &path, &json!({ "role": "no-access" }));
    world.refused_saying(&member, ("PATCH", &path, &weaker), UPDATE);
    world.ok(&member, "DELETE", &path, &Value::Null);
    world.ok(&world.admin, "POST", &path, &json!({ "role": "admin" }));
    world.refused_saying(&member, ("DELETE", &path, &Value::Null), DELETE);
}

#[test]
fn who_is_held_back_by_a_role_cannot_put_it_off() {
    let world = World::new();
    let project = world.project("billing");
    world.project_role(
        &project,
        "held-back",
        &json!([{ "subject": "identity", "action": "delete", "inverted": true }]),
    );
    let held = world.member(&project, "held", &["admin", "held-back"]);
    let path = current(&project, &held.identity);
    for roles in [json!([permanent("admin")]), json!([permanent("held-back"), permanent("admin")])] {
        world.refused_saying(&held, ("PATCH", &path, &json!({ "roles": roles })), UPDATE);
    }
    let other = world.identity("other", "no-access");
    world.join(&project, &other, &["viewer"]);
    let refusal = (403, "PermissionDenied", "You are not allowed to delete on identity");
    world.refused_saying(&held, ("DELETE", &current(&project, &other), &Value::Null), refusal);
}

/// A role for an hour, a minute after the world begins.
fn soon(role: &str) -> Value {
    json!({ "role": role, "isTemporary": true, "temporaryMode": "relative", "temporaryRange": "1h",
            "temporaryAccessStartTime": "2023-11-14T22:14:20.000Z" })
}

/// A role from the beginning of the world on.
fn from_the_start(role: &str, range: &str) -> Value {
    json!({ "role": role, "isTemporary": true, "temporaryMode": "relative", "temporaryRange": range,
            "temporaryAccessStartTime": "2023-11-14T22:13:20.000Z" })
}

#[test]
fn who_will_be_held_back_cannot_see_to_it_beforehand() {
    let world = World::new();
    let project = world.project("billing");
    let identities = ["read", "create", "edit", "delete", "grant-privileges"];
    world.project_role(
        &project,
        "manager",
        &json!([{ "subject": "identity", "action": identities }, { "subject": "requests", "action": ["delete"] }]),
    );
    world.project_role(
        &project,
        "held-back",
        &json!([{ "subject": "requests", "action": "delete", "inverted": true }]),
    );
    let held = world.caller("held", "no-access");
    let path = current(&project, &held.identity);
    let roles = |roles: &[Value]| json!({ "roles": roles });
    world.ok(&world.admin, "POST", &path, &roles(&[permanent("manager"), soon("held-back")]));

    let own = [
        roles(&[permanent("manager")]),
        roles(&[soon("held-back"), permanent("manager")]),
        // Not even at the price of losing the role before the denial begins.
        roles(&[permanent("no-access"), from_the_start("manager", "30s")]),
        roles(&[permanent("no-access"), from_the_start("manager", "2h")]),
    ];
    for body in &own {
        world.refused_saying(&held, ("PATCH", &path, body), UPDATE);
    }
    // Nor does it give to another what it is about to lose, or take that one's credentials.
    let friend = world.member(&project, "friend", &["no-access"]);
    let friend = current(&project, &friend.identity);
    world.refused_saying(&held, ("PATCH", &friend, &roles(&[permanent("manager")])), UPDATE);
    let other = world.member(&project, "other", &["manager"]);
    world.give_organization_rules(
        &held,
        &json!([{ "subject": "identity", "action": ["read", "create-token"], "inverted": false }]),
    );
    let tokens = format!("/api/v1/auth/token-auth/identities/{}/tokens", other.identity);
    let refusal = (403, "PermissionBoundaryError", "Failed to create token for identity with more privileged role");
    world.refused_saying(&held, ("POST", &tokens, &json!({})), refusal);

    // While it is held back nothing changes, and when that is over it does.
    world.set_now(START + 60_000);
    world.refused_saying(&held, ("PATCH", &path, &own[0]), UPDATE);
    world.set_now(START + 60_000 + 3_600_000 - 1);
    world.refused_saying(&held, ("PATCH", &path, &own[0]), UPDATE);
    world.set_now(START + 60_000 + 3_600_000);
    world.ok(&held, "POST", &tokens, &json!({}));
    world.ok(&held, "PATCH", &friend, &roles(&[permanent("manager")]));
    world.ok(&held, "PATCH", &path, &own[0]);
}

#[test]
fn a_role_that_denies_is_taken_away_only_by_who_holds_what_it_denies() {
    let world = World::new();
    let project = world.project("billing");
    world.project_role(
        &project,
        "held-back",
        &json!([{ "subject": "requests", "action": "delete", "inverted": true }]),
    );
    let clerk = json!([{ "subject": "identity", "action": ["read", "edit", "grant-privileges"] }]);
    world.project_role(&project, "clerk", &clerk);
    let roles = |roles: &[Value]| json!({ "roles": roles });
    // Nothing that the clerk has is denied; a role that it is given later would be.
    for denial in [permanent("held-back"), soon("held-back")] {
        let clerk = world.caller("clerk", "no-access");
        let own = current(&project, &clerk.identity);
        let before = roles(&[permanent("clerk"), denial.clone()]);
        world.ok(&world.admin, "POST", &own, &before);
        let answer = world.refused_saying(&clerk, ("PATCH", &own, &roles(&[permanent("clerk")])), UPDATE);
        // It may not read roles, and the refusal does not tell it their rules either.
        assert_eq!(answer.body["details"], json!({ "withheld": true }));
        world.ok(&clerk, "PATCH", &own, &before);

        // The same of another's membership.
        let build = current(&project, &world.identity("build", "no-access"));
        world.ok(&world.admin, "POST", &build, &roles(&[permanent("no-access"), denial.clone()]));
        world.refused_saying(&clerk, ("PATCH", &build, &roles(&[permanent("no-access")])), UPDATE);
        world.ok(&clerk, "PATCH", &build, &roles(&[permanent("clerk"), denial]));
        let member = world.member(&project, "member", &["member", "clerk"]);
        world.ok(&member, "PATCH", &build, &roles(&[permanent("no-access")]));
    }
}

#[test]
fn a_role_of_one_project_is_worth_nothing_in_another() {
    let world = World::new();
    let (one, two) = (world.project("first-one"), world.project("second-one"));
    world.project_role(&one, "auditor", &json!([]));
    let administrator = world.member(&one, "administrator", &["admin"]);
    let identity = world.identity("worker", "no-access");
    let message = not_a_member(&two);
    let refusal = (403, "ProjectMembershipNotFound", message.as_str());
    world.refused_saying(&administrator, ("POST", &current(&two, &identity), &json!({ "role": "viewer" })), refusal);
    let refusal = (404, "NotFound", "One or more custom roles not found");
    world.refused_saying(&world.admin, ("POST", &current(&two, &identity), &json!({ "role": "auditor" })), refusal);
}

#[test]
fn who_may_create_tokens_in_the_organization_does_not_gain_a_project_by_it() {
    let world = World::new();
    let project = world.project("billing");
    let workload = world.member(&project, "worker", &["viewer"]);
    let bystander = world.caller("bystander", "no-access");
    let issuer = world.caller("issuer", "member");
    world.give_organization_rules(
        &issuer,
        &json!([{ "subject": "identity", "action": ["read", "edit", "create-token", "edit-auth"], "inverted": false }]),
    );
    let path = |identity: &str| format!("/api/v1/auth/token-auth/identities/{identity}");
    let tokens = format!("{}/tokens", path(&workload.identity));
    let refusal = (403, "PermissionBoundaryError", "Failed to create token for identity with more privileged role");
    world.refused_saying(&issuer, ("POST", &tokens, &json!({})), refusal);
    let refusal = (403, "PermissionBoundaryError", "Failed to update token auth of identity with more privileged role");
    let wider = json!({ "accessTokenTTL": 0, "accessTokenMaxTTL": 0 });
    world.refused_saying(&issuer, ("PATCH", &path(&workload.identity), &wider), refusal);

    // For who is in no project, and for who may do no more than it there, it creates tokens.
    world.ok(&issuer, "POST", &format!("{}/tokens", path(&bystander.identity)), &json!({}));
    world.join(&project, &issuer.identity, &["viewer"]);
    world.ok(&issuer, "POST", &tokens, &json!({}));
}

/// An identity with every permission on identities of the organization.
fn operator(world: &World) -> Caller {
    let operator = world.caller("operator", "member");
    world.give_organization_rules(
        &operator,
        &json!([{ "subject": "identity", "inverted": false, "action":
            ["read", "edit", "delete", "create-token", "delete-token", "edit-auth", "revoke-auth"] }]),
    );
    operator
}

#[test]
fn no_project_makes_an_identity_immune() {
    let world = World::new();
    // Whoever administers a project adds the identity of a stranger to it.
    let attacker = world.caller("attacker", "no-access");
    let project = world.project("hideout");
    world.join(&project, &attacker.identity, &["admin"]);
    let stranger = world.caller("stranger", "no-access");
    world.ok(&attacker, "POST", &current(&project, &stranger.identity), &json!({ "role": "admin" }));

    let operator = operator(&world);
    let token_auth = format!("/api/v1/auth/token-auth/identities/{}", stranger.identity);
    let universal_auth = format!("/api/v1/auth/universal-auth/identities/{}", stranger.identity);
    world.ok(&world.admin, "POST", &universal_auth, &json!({}));
    let secrets = format!("{universal_auth}/client-secrets");
    let secret = text_at(&world.ok(&world.admin, "POST", &secrets, &json!({})), "/clientSecretData/id");
    let tokens = world.ok(&operator, "GET", &format!("{token_auth}/tokens"), &Value::Null);
    let token = format!("/api/v1/auth/token-auth/tokens/{}", text_at(&tokens, "/tokens/0/id"));
    let identity = format!("/api/v1/identities/{}", stranger.identity);

    // What adds needs what the identity may do in the project.
    let adding: [((&str, &str, Value), &str); 5] = [
        (
            ("POST", &format!("{token_auth}/tokens"), json!({})),
            "Failed to create token for identity with more privileged role",
        ),
        (("POST", &secrets, json!({})), "Failed to create client secret for identity with more privileged role"),
        (
            ("PATCH", &token, json!({ "name": "another" })),
            "Failed to update token for identity with more privileged role",
        ),
        (
            ("PATCH", &token_auth, json!({ "accessTokenTTL": 0, "accessTokenMaxTTL": 0 })),
            "Failed to update token auth of identity with more privileged role",
        ),
        (
            ("PATCH", &universal_auth, json!({ "accessTokenPeriod": 60 })),
            "Failed to update universal auth of identity with more privileged role",
        ),
    ];
    for ((method, path, body), message) in &adding {
        let answer = world.refused_saying(&operator, (method, path, body), (403, "PermissionBoundaryError", message));
        // Who is not in the project does not learn what its roles allow.
        assert_eq!(answer.body["details"], json!({ "withheld": true }));
    }

    // What takes away does not, nor what lets credentials do less.
    let nothing = || json!({});
    let one_address = || json!([{ "ipAddress": "192.0.2.1" }]);
    let taking = [
        ("PATCH", token_auth.clone(), json!({ "accessTokenTTL": 60, "accessTokenTrustedIps": one_address() })),
        ("PATCH", universal_auth.clone(), json!({ "clientSecretTrustedIps": one_address() })),
        ("PATCH", identity.clone(), json!({ "hasDeleteProtection": true })),
        ("PATCH", identity.clone(), json!({ "hasDeleteProtection": false })),
        ("POST", format!("{token}/revoke"), nothing()),
        ("POST", format!("{secrets}/{secret}/revoke"), nothing()),
        ("POST", format!("{universal_auth}/clear-lockouts"), nothing()),
        ("DELETE", token_auth, nothing()),
        ("DELETE", universal_auth, nothing()),
        ("DELETE", current(&project, &stranger.identity), nothing()),
    ];
    for (method, path, body) in &taking {
        world.ok(&operator, method, path, body);
    }
    world.ok(&attacker, "POST", &current(&project, &stranger.identity), &json!({ "role": "admin" }));
    world.ok(&operator, "DELETE", &identity, &nothing());
}

#[test]
fn taking_away_still_needs_the_boundary_of_the_role_in_the_organization() {
    let world = World::new();
    let (operator, project) = (operator(&world), world.project("billing"));
    let second = world.caller("second", "admin");
    world.join(&project, &second.identity, &["viewer"]);
    let token_auth = format!("/api/v1/auth/token-auth/identities/{}", second.identity);
    let tokens = world.ok(&operator, "GET", &format!("{token_auth}/tokens"), &Value::Null);
    let revoke = format!("/api/v1/auth/token-auth/tokens/{}/revoke", text_at(&tokens, "/tokens/0/id"));
    let identity = format!("/api/v1/identities/{}", second.identity);
    for (method, path, message) in [
        ("POST", &revoke, "Failed to revoke token of identity with more privileged role"),
        ("DELETE", &token_auth, "Failed to revoke token auth of identity with more privileged role"),
        ("DELETE", &identity, "Failed to delete more privileged identity"),
    ] {
        let refusal = (403, "PermissionBoundaryError", message);
        world.refused_saying(&operator, (method, path, &Value::Null), refusal);
    }
    let message = not_a_member(&project);
    let refusal = (403, "ProjectMembershipNotFound", message.as_str());
    world.refused_saying(&operator, ("DELETE", &current(&project, &second.identity), &Value::Null), refusal);
}

#[test]
fn who_may_delete_an_identity_takes_it_out_of_every_project_and_nobody_else_does_from_outside() {
    let world = World::new();
    let project = world.project("billing");
    let protected = world.identity("protected", "no-access");
    world.ok(
        &world.admin,
        "PATCH",
        &format!("/api/v1/identities/{protected}"),
        &json!({ "hasDeleteProtection": true }),
    );
    world.join(&project, &protected, &["admin"]);
    let path = current(&project, &protected);
    let with_rules = |slug: &str, rules: &Value| {
        let body = json!({ "slug": slug, "name": slug, "permissions": rules });
        world.ok(&world.admin, "POST", "/api/v1/organization/roles", &body);
        world.caller(slug, slug)
    };
    let reader = with_rules("reader", &json!([{ "subject": "identity", "action": "read" }]));
    let message = not_a_member(&project);
    let refusal = (403, "ProjectMembershipNotFound", message.as_str());
    world.refused_saying(&reader, ("DELETE", &path, &Value::Null), refusal);
    // A rule about one identity holds for that one.
    let other = world.identity("other", "no-access");
    world.join(&project, &other, &["viewer"]);
    let rule = json!([{ "subject": "identity", "action": "delete",
                        "conditions": { "identityId": { "$eq": protected } } }]);
    let keeper = with_rules("keeper", &rule);
    world.refused_saying(&keeper, ("DELETE", &current(&project, &other), &Value::Null), refusal);
    world.ok(&keeper, "DELETE", &path, &Value::Null);
    // The built-in member may delete identities that have no access.
    let member = world.caller("member", "member");
    world.ok(&member, "DELETE", &current(&project, &other), &Value::Null);
    let absent = (400, "BadRequest", "Identity doesn't have membership");
    world.refused_saying(&member, ("DELETE", &current(&project, &other), &Value::Null), absent);
    // Its own membership nobody ends.
    world.join(&project, &member.identity, &["viewer"]);
    let own = (400, "BadRequest", "You can't delete your own membership");
    world.refused_saying(&member, ("DELETE", &current(&project, &member.identity), &Value::Null), own);
}

#[test]
fn a_denial_in_a_role_does_not_keep_its_holders_from_taking_away() {
    let world = World::new();
    let rules = json!([
        { "subject": "identity", "action": ["read", "delete", "delete-token", "revoke-auth"] },
        { "subject": "identity", "action": "delete", "inverted": true,
          "conditions": { "identityId": { "$eq": world.admin.identity } } },
    ]);
    let body = json!({ "slug": "responder", "name": "Responder", "permissions": rules });
    world.ok(&world.admin, "POST", "/api/v1/organization/roles", &body);
    let (one, two) = (world.caller("one", "responder"), world.caller("two", "responder"));
    for target in [&two, &one] {
        let tokens = format!("/api/v1/auth/token-auth/identities/{}/tokens", target.identity);
        let token = text_at(&world.ok(&one, "GET", &tokens, &Value::Null), "/tokens/0/id");
        world.ok(&one, "POST", &format!("/api/v1/auth/token-auth/tokens/{token}/revoke"), &Value::Null);
    }
}
