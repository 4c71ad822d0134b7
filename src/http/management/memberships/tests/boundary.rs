//! Who may change whose membership, and what may be given.

use serde_json::{Value, json};

use super::{current, paths, permanent};
use crate::http::management::project_world::{ProjectWorld, START, not_a_member, text};

const CREATE: (u16, &str, &str) = (403, "PermissionBoundaryError", "Failed to create identity project membership");
const UPDATE: (u16, &str, &str) = (403, "PermissionBoundaryError", "Failed to update identity project membership");
const DELETE: (u16, &str, &str) = (403, "PermissionBoundaryError", "Failed to delete identity project membership");

#[test]
fn each_action_on_a_membership_needs_its_permission() {
    let world = ProjectWorld::new();
    let project = world.project("billing");
    let member = world.identity("member");
    world.join(&project, &member, &["viewer"]);
    let viewer = world.member(&project, "viewer", &["viewer"]);
    let nothing = world.member(&project, "nothing", &["no-access"]);
    let stranger = world.caller_with("stranger", "member");
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
    let world = ProjectWorld::new();
    let project = world.project("billing");
    let identity = world.identity("worker");
    let path = current(&project, &identity);
    let give = |role: &str| json!({ "roles": [permanent(role)] });

    // A member may let an identity in, but has no right to give privileges.
    let member = world.member(&project, "member", &["member"]);
    for role in ["admin", "member", "viewer"] {
        let answer = world.refused_saying(&member, ("POST", &path, &give(role)), CREATE);
        assert!(!answer["details"]["missingPermissions"].as_array().unwrap().is_empty());
    }
    world.ok(&member, "POST", &path, &give("no-access"));
    world.refused_saying(&member, ("PATCH", &path, &give("viewer")), UPDATE);
    // Not even to itself.
    let own = current(&project, &member.identity);
    world.refused_saying(&member, ("PATCH", &own, &give("admin")), UPDATE);

    // With that right it gives what it holds, and no more.
    let grant = json!([{ "subject": "identity", "action": ["grant-privileges"] }]);
    world.role(&project, "granter", &grant);
    let granter = world.member(&project, "granter", &["member", "granter"]);
    world.ok(&granter, "PATCH", &path, &give("viewer"));
    world.ok(&granter, "PATCH", &path, &give("member"));
    world.refused_saying(&granter, ("PATCH", &path, &give("admin")), UPDATE);
    world.role(&project, "editor", &json!([{ "subject": "project", "action": "edit" }]));
    let two = json!({ "roles": [permanent("viewer"), permanent("editor")] });
    let answer = world.refused_saying(&granter, ("PATCH", &path, &two), UPDATE);
    let missing = json!({ "missingPermissions": [{ "action": "edit", "subject": "project" }] });
    assert_eq!(answer["details"], missing);

    let administrator = world.member(&project, "administrator", &["admin"]);
    world.ok(&administrator, "PATCH", &path, &give("admin"));
}

#[test]
fn a_right_that_names_an_identity_holds_for_that_identity_only() {
    let world = ProjectWorld::new();
    let project = world.project("billing");
    let (mine, other) = (world.identity("mine"), world.identity("other"));
    let rule = json!([{ "subject": "identity", "action": ["read", "create", "edit", "delete", "grant-privileges"],
                        "conditions": { "identityId": { "$eq": mine } } }]);
    world.role(&project, "keeper", &rule);
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
    let world = ProjectWorld::new();
    let project = world.project("billing");
    let member = world.member(&project, "member", &["member"]);
    let strong = world.identity("strong");
    world.join(&project, &strong, &["no-access", "admin"]);
    let path = current(&project, &strong);
    let weaker = json!({ "roles": [permanent("no-access")] });
    world.refused_saying(&member, ("PATCH", &path, &weaker), UPDATE);
    world.refused_saying(&member, ("DELETE", &path, &Value::Null), DELETE);

    // A role that has not begun counts already; one that is over does not.
    let future = world.identity("future");
    let temporary = |start: &str| json!({ "role": "admin", "isTemporary": true, "temporaryRange": "1h", "temporaryAccessStartTime": start });
    let path = current(&project, &future);
    let roles = json!({ "roles": [permanent("no-access"), temporary("2024-01-01T00:00:00Z")] });
    world.ok(&world.admin, "POST", &path, &roles);
    world.refused_saying(&member, ("DELETE", &path, &Value::Null), DELETE);
    let roles = json!({ "roles": [permanent("no-access"), temporary("2023-01-01T00:00:00Z")] });
    world.ok(&world.admin, "PATCH", &path, &roles);
    world.ok(&member, "DELETE", &path, &Value::Null);

    // An administrator of the organization may do everything in the project, whatever its role there.
    let path = current(&project, &world.caller_with("second", "admin").identity);
    world.ok(&world.admin, "POST", &path, &json!({ "role": "no-access" }));
    world.refused_saying(&member, ("DELETE", &path, &Value::Null), DELETE);
    let administrator = world.member(&project, "administrator", &["admin"]);
    world.ok(&administrator, "DELETE", &path, &Value::Null);
}

#[test]
fn who_is_held_back_by_a_role_cannot_put_it_off() {
    let world = ProjectWorld::new();
    let project = world.project("billing");
    world.role(&project, "held-back", &json!([{ "subject": "identity", "action": "delete", "inverted": true }]));
    let held = world.member(&project, "held", &["admin", "held-back"]);
    let path = current(&project, &held.identity);
    for roles in [json!([permanent("admin")]), json!([permanent("held-back"), permanent("admin")])] {
        world.refused_saying(&held, ("PATCH", &path, &json!({ "roles": roles })), UPDATE);
    }
    let other = world.identity("other");
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
    let world = ProjectWorld::new();
    let project = world.project("billing");
    let identities = ["read", "create", "edit", "delete", "grant-privileges"];
    world.role(
        &project,
        "manager",
        &json!([{ "subject": "identity", "action": identities }, { "subject": "requests", "action": ["delete"] }]),
    );
    world.role(&project, "held-back", &json!([{ "subject": "requests", "action": "delete", "inverted": true }]));
    let held = world.caller_with("held", "no-access");
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
    let world = ProjectWorld::new();
    let project = world.project("billing");
    world.role(&project, "held-back", &json!([{ "subject": "requests", "action": "delete", "inverted": true }]));
    let clerk = json!([{ "subject": "identity", "action": ["read", "edit", "grant-privileges"] }]);
    world.role(&project, "clerk", &clerk);
    let roles = |roles: &[Value]| json!({ "roles": roles });
    // Nothing that the clerk has is denied; a role that it is given later would be.
    for denial in [permanent("held-back"), soon("held-back")] {
        let clerk = world.caller_with("clerk", "no-access");
        let own = current(&project, &clerk.identity);
        let before = roles(&[permanent("clerk"), denial.clone()]);
        world.ok(&world.admin, "POST", &own, &before);
        let answer = world.refused_saying(&clerk, ("PATCH", &own, &roles(&[permanent("clerk")])), UPDATE);
        let missing = json!({ "missingPermissions": [{ "action": "delete", "subject": "requests" }] });
        assert_eq!(answer["details"], missing);
        world.ok(&clerk, "PATCH", &own, &before);

        // The same of another's membership.
        let build = current(&project, &world.identity("build"));
        world.ok(&world.admin, "POST", &build, &roles(&[permanent("no-access"), denial.clone()]));
        world.refused_saying(&clerk, ("PATCH", &build, &roles(&[permanent("no-access")])), UPDATE);
        world.ok(&clerk, "PATCH", &build, &roles(&[permanent("clerk"), denial]));
        let member = world.member(&project, "member", &["member", "clerk"]);
        world.ok(&member, "PATCH", &build, &roles(&[permanent("no-access")]));
    }
}

#[test]
fn a_role_of_one_project_is_worth_nothing_in_another() {
    let world = ProjectWorld::new();
    let (one, two) = (world.project("first-one"), world.project("second-one"));
    world.role(&one, "auditor", &json!([]));
    let administrator = world.member(&one, "administrator", &["admin"]);
    let identity = world.identity("worker");
    let message = not_a_member(&two);
    let refusal = (403, "ProjectMembershipNotFound", message.as_str());
    world.refused_saying(&administrator, ("POST", &current(&two, &identity), &json!({ "role": "viewer" })), refusal);
    let refusal = (404, "NotFound", "One or more custom roles not found");
    world.refused_saying(&world.admin, ("POST", &current(&two, &identity), &json!({ "role": "auditor" })), refusal);
}

#[test]
fn who_may_create_tokens_in_the_organization_does_not_gain_a_project_by_it() {
    let world = ProjectWorld::new();
    let project = world.project("billing");
    let workload = world.member(&project, "worker", &["viewer"]);
    let bystander = world.caller_with("bystander", "no-access");
    let issuer = world.caller_with("issuer", "member");
    world.give_organization_rules(
        &issuer,
        &json!([{ "subject": "identity", "action": ["read", "edit", "create-token", "edit-auth"], "inverted": false }]),
    );
    let path = |identity: &str| format!("/api/v1/auth/token-auth/identities/{identity}");
    let tokens = format!("{}/tokens", path(&workload.identity));
    let refusal = (403, "PermissionBoundaryError", "Failed to create token for identity with more privileged role");
    world.refused_saying(&issuer, ("POST", &tokens, &json!({})), refusal);
    let refusal = (403, "PermissionBoundaryError", "Failed to update token auth of identity with more privileged role");
    let weaker = json!({ "accessTokenTrustedIps": [{ "ipAddress": "0.0.0.0/0" }] });
    world.refused_saying(&issuer, ("PATCH", &path(&workload.identity), &weaker), refusal);

    // For who is in no project, and for who may do no more than it there, it creates tokens.
    world.ok(&issuer, "POST", &format!("{}/tokens", path(&bystander.identity)), &json!({}));
    world.join(&project, &issuer.identity, &["viewer"]);
    world.ok(&issuer, "POST", &tokens, &json!({}));
}

#[test]
fn who_may_do_everything_to_identities_of_the_organization_does_not_lock_one_out_of_its_project() {
    let world = ProjectWorld::new();
    let project = world.project("billing");
    let workload = world.member(&project, "worker", &["viewer"]);
    let operator = world.caller_with("operator", "member");
    world.give_organization_rules(
        &operator,
        &json!([{ "subject": "identity", "inverted": false, "action":
            ["read", "edit", "delete", "create-token", "delete-token", "edit-auth", "revoke-auth"] }]),
    );
    let token_auth = format!("/api/v1/auth/token-auth/identities/{}", workload.identity);
    let token = world.ok(&operator, "GET", &format!("{token_auth}/tokens"), &Value::Null);
    let token = format!("/api/v1/auth/token-auth/tokens/{}", text(&token, "/tokens/0/id"));
    let revoke = format!("{token}/revoke");
    let identity = format!("/api/v1/identities/{}", workload.identity);
    let named = json!({ "name": "another" });
    let attempts: [((&str, &str, &Value), &str); 5] = [
        (("PATCH", &token, &named), "Failed to update token for identity with more privileged role"),
        (("POST", &revoke, &Value::Null), "Failed to revoke token of identity with more privileged role"),
        (("DELETE", &token_auth, &Value::Null), "Failed to revoke token auth of identity with more privileged role"),
        (("PATCH", &identity, &named), "Failed to update identity"),
        (("DELETE", &identity, &Value::Null), "Failed to delete more privileged identity"),
    ];
    for (call, message) in attempts {
        let answer = world.refused_saying(&operator, call, (403, "PermissionBoundaryError", message));
        assert!(!answer["details"]["missingPermissions"].as_array().unwrap().is_empty(), "{answer}");
    }

    // Who may do as much in the project may do all of it; so may who may do everything in the organization.
    world.join(&project, &operator.identity, &["viewer"]);
    for ((method, path, body), _) in attempts {
        world.ok(&operator, method, path, body);
    }
}
