//! Who may do what: each operation needs its permission, and control of the identity.

use super::*;
use directory::rule_json;
use domain::permission::ability::{Action, Rule, Subject};

/// Method, path, action, and whether control of the identity is needed.
fn operations(credentials: &LoginCredentials) -> Vec<(&'static str, String, Action, Option<&'static str>)> {
    let identity = credentials.identity.as_str();
    let secret = secret_path(identity, &credentials.secret_id);
    vec![
        ("GET", path(identity), Action::Read, None),
        ("GET", secrets_path(identity), Action::Read, None),
        ("GET", secret.clone(), Action::Read, None),
        (
            "PATCH",
            path(identity),
            Action::EditAuth,
            Some("Failed to update universal auth of identity with more privileged role"),
        ),
        (
            "POST",
            format!("{}/clear-lockouts", path(identity)),
            Action::EditAuth,
            Some("Failed to clear universal auth lockouts of identity with more privileged role"),
        ),
        (
            "POST",
            secrets_path(identity),
            Action::CreateToken,
            Some("Failed to create client secret for identity with more privileged role"),
        ),
        (
            "POST",
            format!("{secret}/revoke"),
            Action::DeleteToken,
            Some("Failed to revoke identity client secret with more privileged role"),
        ),
        (
            "DELETE",
            path(identity),
            Action::RevokeAuth,
            Some("Failed to revoke universal auth of identity with more privileged role"),
        ),
        (
            "POST",
            path(identity),
            Action::EditAuth,
            Some("Failed to add universal auth to identity with more privileged role"),
        ),
    ]
}

impl World {
    /// A token of an identity whose custom role has these rules.
    fn actor(&self, slug: &str, rules: &[Rule]) -> String {
        let credentials = self.credentials(json!({}), json!({}));
        let role = format!("00000000-0000-4000-8000-{:012}", self.calls.get());
        self.sql
            .execute(
                "INSERT INTO organization_roles
                    (id, organization_id, slug, name, description, permissions, created_at, updated_at)
                 VALUES (?, ?, ?, ?, NULL, ?, 0, 0)",
                &[
                    role.as_str().into(),
                    self.organization.as_str().into(),
                    slug.into(),
                    slug.into(),
                    rule_json::encode(rules).to_string().into(),
                ],
            )
            .unwrap();
        self.sql
            .execute(
                "UPDATE organization_memberships SET role = 'custom', custom_role_id = ? WHERE identity_id = ?",
                &[role.into(), credentials.identity.as_str().into()],
            )
            .unwrap();
        credentials.token(self)
    }
}

#[test]
fn each_operation_needs_its_permission_and_no_other() {
    let world = World::new();
    let target = world.credentials(json!({}), json!({}));
    for (number, (method, path, action, _)) in operations(&target).into_iter().enumerate() {
        let others: Vec<Action> = Action::ALL.into_iter().filter(|other| *other != action).collect();
        let without = world.actor(&format!("without-{number}"), &[Rule::allow(&others, Subject::Identity)]);
        let message = format!("You are not allowed to {} on identity", action.name());
        world.anonymous(method, &path).presenting(&without).json(json!({})).send().refused(
            403,
            "PermissionDenied",
            &message,
        );
        let with = world.actor(&format!("with-{number}"), &[Rule::allow(&[action], Subject::Identity)]);
        // The last one attaches what the one before it has removed.
        world.anonymous(method, &path).presenting(&with).json(json!({})).send().ok();
    }
}

#[test]
fn a_permission_for_one_identity_is_none_for_another() {
    let world = World::new();
    let (ours, others) = (world.credentials(json!({}), json!({})), world.credentials(json!({}), json!({})));
    let rules = json!([{
        "subject": "identity", "action": ["create-token"], "inverted": false,
        "conditions": { "identityId": { "$eq": ours.identity } },
    }]);
    let actor = world.actor("for-one", &rule_json::decode(&rules.to_string()).unwrap());
    world.anonymous("POST", &secrets_path(&ours.identity)).presenting(&actor).json(json!({})).send().ok();
    world
        .anonymous("POST", &secrets_path(&ours.identity.to_uppercase()))
        .presenting(&actor)
        .json(json!({}))
        .send()
        .ok();
    let message = "You are not allowed to create-token on identity";
    let reply = world.anonymous("POST", &secrets_path(&others.identity)).presenting(&actor).json(json!({})).send();
    reply.refused(403, "PermissionDenied", message);
}

#[test]
fn nobody_controls_an_identity_that_may_do_more() {
    let world = World::new();
    let identity = world.identity("build", "admin");
    let attached = world.send(&world.admin, "POST", &path(&identity), &json!({})).ok();
    let client = text(&attached["identityUniversalAuth"]["clientId"]);
    let target = world.another_secret(&identity, &client, json!({}));
    let actor = world.actor("operator", &[Rule::allow(&Action::ALL, Subject::Identity)]);
    let (attach, others) = {
        let mut all = operations(&target);
        (all.pop().unwrap(), all)
    };
    for (method, path, _, message) in others {
        let reply = world.anonymous(method, &path).presenting(&actor).json(json!({})).send();
        match message {
            Some(message) => {
                let details = reply.refused(403, "PermissionBoundaryError", message);
                // It may not read roles.
                assert_eq!(details, json!({ "withheld": true }));
            }
            None => {
                reply.unchanged();
            }
        }
    }
    world.send(&world.admin, "DELETE", &path(&identity), &json!({})).ok();
    let (method, path, _, message) = attach;
    let reply = world.anonymous(method, &path).presenting(&actor).json(json!({})).send();
    reply.refused(403, "PermissionBoundaryError", message.unwrap());
}

#[test]
fn every_operation_but_the_login_needs_a_bearer() {
    let world = World::new();
    let target = world.credentials(json!({}), json!({}));
    for (method, path, _, _) in operations(&target) {
        world.anonymous(method, &path).json(json!({})).send().refused(401, "UnauthorizedError", "Token missing");
    }
}
