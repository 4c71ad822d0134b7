//! Projects, their members and their roles, and what a test does to the tables by itself.

use serde_json::{Value, json};

use super::{Caller, Reply, START, World, text_at};
use crate::error::ManagementError;
use crate::families::explain::{ExplanationRequest, read_explanation_request};
use directory::sql::Sql;

impl World {
    /// A new project of the administrator's; its id.
    #[track_caller]
    pub fn project(&self, slug: &str) -> String {
        let body = json!({ "projectName": slug, "slug": slug });
        text_at(&self.ok(&self.admin, "POST", "/api/v1/projects", &body), "/project/id")
    }

    /// Makes an identity a member of a project with permanent roles.
    #[track_caller]
    pub fn join(&self, project: &str, identity: &str, roles: &[&str]) -> Value {
        let roles: Vec<Value> = roles.iter().map(|role| json!({ "role": role })).collect();
        let path = format!("/api/v1/projects/{project}/memberships/identities/{identity}");
        self.ok(&self.admin, "POST", &path, &json!({ "roles": roles }))
    }

    /// A new identity with a token and permanent roles in a project, and none in the organization.
    #[track_caller]
    pub fn member(&self, project: &str, name: &str, roles: &[&str]) -> Caller {
        let caller = self.caller(name, "no-access");
        self.join(project, &caller.identity, roles);
        caller
    }

    /// A new role of a project; its id.
    #[track_caller]
    pub fn project_role(&self, project: &str, slug: &str, permissions: &Value) -> String {
        let body = json!({ "slug": slug, "name": slug, "permissions": permissions });
        let path = format!("/api/v1/projects/{project}/roles");
        text_at(&self.ok(&self.admin, "POST", &path, &body), "/role/id")
    }

    /// Gives a caller a new role in the organization, with these rules.
    #[track_caller]
    pub fn give_role(&self, caller: &Caller, slug: &str, rules: &Value) {
        let role = json!({ "slug": slug, "name": slug, "permissions": rules });
        self.ok(&self.admin, "POST", "/api/v1/organization/roles", &role);
        let path = format!("/api/v1/identities/{}", caller.identity);
        self.ok(&self.admin, "PATCH", &path, &json!({ "role": slug }));
    }

    /// Gives a caller a role of its own in the organization, with these rules, as they are stored.
    pub fn give_organization_rules(&self, caller: &Caller, rules: &Value) {
        let id = "c0ffee00-0000-4000-8000-0000000000ff";
        let organization = self.organization.as_str().into();
        let role = [id.into(), organization, rules.to_string().into()];
        self.sql.execute("INSERT INTO organization_roles VALUES (?, ?, 'own', 'own', NULL, ?, 0, 0)", &role).unwrap();
        self.sql
            .execute(
                "UPDATE organization_memberships SET role = 'custom', custom_role_id = ? WHERE identity_id = ?",
                &[id.into(), caller.identity.as_str().into()],
            )
            .unwrap();
    }

    /// The digest of a caller's token, as it is stored.
    pub fn digest_of(&self, caller: &Caller) -> String {
        hex::encode(self.parse(&caller.token).digest().as_bytes())
    }

    /// Makes a token of Token Auth one that a login with this client secret has obtained.
    pub fn make_token_of_a_login(&self, token: &str, secret: &str) {
        let end = (START + 3_600_000).into();
        self.sql
            .execute(
                "UPDATE access_tokens SET auth_method = 'universal-auth', client_secret_id = ?, configuration_id =
                 (SELECT u.id FROM universal_auth_configurations u WHERE u.identity_id = access_tokens.identity_id)
                 WHERE id = ?",
                &[secret.into(), token.into()],
            )
            .unwrap();
        let configuration = "UPDATE universal_auth_configurations SET trusted_ips = '203.0.113.0/24'";
        self.sql.execute(configuration, &[]).unwrap();
        let secrets = "UPDATE client_secrets SET tokens_expire_at = ? WHERE id = ?";
        self.sql.execute(secrets, &[end, secret.into()]).unwrap();
    }

    /// Puts an identity with all it has into an organization of its own.
    pub fn move_to_another_organization(&self, identity: &str) {
        let id = "c0ffee00-0000-4000-8000-0000000000fe";
        let organization =
            "INSERT INTO organizations (id, name, slug, created_at, updated_at) VALUES (?, 'x', 'x', 0, 0)";
        self.sql.execute(organization, &[id.into()]).unwrap();
        let moved = "UPDATE identities SET organization_id = ? WHERE id = ?";
        self.sql.execute(moved, &[id.into(), identity.into()]).unwrap();
    }

    /// The number that the change feed has for an identity; 0 when it has none.
    pub fn change_of(&self, identity: &str) -> u64 {
        self.change_of_key(&format!("identity/{identity}"))
    }

    /// The number that the change feed has for a key; 0 when it has none.
    pub fn change_of_key(&self, key: &str) -> u64 {
        let rows = self.sql.execute("SELECT sequence FROM changes WHERE key = ?", &[key.into()]).unwrap();
        rows.into_iter().next().map_or(0, |mut row| row.read::<u64>().unwrap())
    }

    /// What the Worker makes of a body of `explain`.
    ///
    /// # Errors
    /// Those of [`read_explanation_request`].
    pub fn question(&self, body: &Value) -> Result<ExplanationRequest, ManagementError> {
        read_explanation_request(
            Some("application/json"),
            &body.to_string(),
            &self.settings.token_keys,
            |path, host| host.as_str() != "console.example" && path != "/validate",
        )
    }

    /// Asks for an explanation, of a token that has been used so often as its counter says.
    pub fn explain(&self, caller: &Caller, body: &Value, uses: Option<u64>) -> Reply {
        let call = self.by(caller, "POST", "/api/v1/explain").body(Some("application/json"), "");
        call.asking(self.question(body).unwrap()).used(uses).send()
    }
}

/// What somebody is told who is not a member of this project.
pub fn not_a_member(project: &str) -> String {
    format!(
        "You are not a member of this project with ID {project}. Please assign this identity to the project with the \
         appropriate permissions, then try again."
    )
}
