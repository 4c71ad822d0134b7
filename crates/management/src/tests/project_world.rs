//! A bootstrapped instance on a real SQLite with callers in a project, for tests.

use std::cell::Cell;

use serde_json::{Value, json};

use crate::call::{CallMode, ManagementCall, Presented};
use crate::error::ManagementError;
use crate::families::explain::{ExplanationRequest, read_explanation_request};
use crate::handle::handle;
use directory::context::DirectorySettings;
use directory::test_support::NativeSql;
use domain::gateway::origin::LoopbackOrigins;
use domain::token::access_token::AccessToken;
use domain::token::console_session::SessionLimits;
use domain::token::lifetime::TtlCeiling;
use domain::token::secret::{AuthSecret, KeyRing, Purpose};
use domain::token::sign_in_code::SignInCodes;
use domain::value::identifiers::IdentityId;
use domain::value::randomness::Randomness;
use domain::value::timestamp::{Seconds, Timestamp};

/// When the instance was bootstrapped: 2023-11-14T22:13:20.000Z.
pub const START: i64 = 1_700_000_000_000;

/// An instance with one organization and one administrator.
pub struct ProjectWorld {
    /// Its database.
    pub sql: NativeSql,
    settings: DirectorySettings,
    now: Cell<i64>,
    calls: Cell<u64>,
    /// The organization's id.
    pub organization: String,
    /// The administrator of the organization.
    pub admin: Caller,
}

/// An identity with a token.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Caller {
    /// The identity's id.
    pub identity: String,
    /// The plaintext of its token.
    pub token: String,
}

/// The text at a JSON pointer.
#[track_caller]
pub fn text(body: &Value, pointer: &str) -> String {
    body.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("no {pointer} in {body}")).to_owned()
}

/// The paths of the issues of a 422.
#[track_caller]
pub fn issue_paths(body: &Value) -> Vec<String> {
    body["message"].as_array().unwrap().iter().map(|issue| issue["path"].to_string()).collect()
}

/// The same JSON with every id and every token replaced by a letter, in the order in which they first appear.
pub fn with_letters(body: &Value) -> Value {
    let mut seen: Vec<String> = Vec::new();
    let text = body.to_string();
    let mut result = text.clone();
    for part in text.split('"') {
        if IdentityId::parse(part).is_some() && !seen.iter().any(|known| known == part) {
            result = result.replace(part, &format!("<{}>", char::from(b'a' + seen.len() as u8)));
            seen.push(part.to_owned());
        }
    }
    serde_json::from_str(&result).unwrap()
}

impl ProjectWorld {
    /// A bootstrapped instance.
    pub fn new() -> Self {
        let secret = AuthSecret::new("0123456789abcdef0123456789abcdef").unwrap();
        let settings = DirectorySettings {
            token_keys: KeyRing::new(Purpose::AccessTokenTag, &secret, None),
            ttl_ceiling: TtlCeiling::NONE,
            control_hosts: Vec::new(),
            loopback_origins: LoopbackOrigins::Refused,
            max_staleness: Seconds::new(10),
            session_keys: KeyRing::new(Purpose::ConsoleSessionTag, &secret, None),
            session_limits: SessionLimits::DEFAULT,
            sign_in_codes: SignInCodes::Development,
        };
        let mut world = Self {
            sql: NativeSql::migrated(),
            settings,
            now: Cell::new(START),
            calls: Cell::new(0),
            organization: String::new(),
            admin: Caller { identity: String::new(), token: String::new() },
        };
        let (status, made) = world.call(None, "POST", "/api/v1/admin/bootstrap", &json!({}));
        assert_eq!(status, 200, "{made}");
        world.organization = text(&made, "/organization/id");
        let (identity, token) = (text(&made, "/identity/id"), text(&made, "/identity/credentials/token"));
        world.admin = Caller { identity, token };
        world
    }

    /// The time now, in milliseconds since the epoch. It stands still unless a test moves it.
    pub fn now(&self) -> i64 {
        self.now.get()
    }

    /// Makes it another time.
    pub fn set_now(&self, now: i64) {
        self.now.set(now);
    }

    /// Sends a request.
    pub fn send(&self, caller: &Caller, method: &str, path: &str, body: &Value) -> (u16, Value) {
        self.call(Some(&caller.token), method, path, body)
    }

    /// Sends a request that must succeed.
    #[track_caller]
    pub fn ok(&self, caller: &Caller, method: &str, path: &str, body: &Value) -> Value {
        let (status, answer) = self.send(caller, method, path, body);
        assert_eq!(status, 200, "{method} {path} {answer}");
        answer
    }

    /// Sends a request that must be refused with this status, and shows that nothing changed.
    #[track_caller]
    pub fn refused(&self, caller: &Caller, method: &str, path: &str, body: &Value, status: u16) -> Value {
        let before = self.sql.dump();
        let (got, answer) = self.send(caller, method, path, body);
        assert_eq!(got, status, "{method} {path} {answer}");
        assert_eq!(self.sql.dump(), before, "{method} {path} was refused and changed something");
        answer
    }

    /// The same, and the message must be this.
    #[track_caller]
    pub fn refused_saying(
        &self,
        caller: &Caller,
        (method, path, body): (&str, &str, &Value),
        (status, error, message): (u16, &str, &str),
    ) -> Value {
        let answer = self.refused(caller, method, path, body, status);
        assert_eq!((answer["error"].as_str(), answer["message"].as_str()), (Some(error), Some(message)), "{answer}");
        answer
    }

    /// A new identity without a role in the organization; its id.
    #[track_caller]
    pub fn identity(&self, name: &str) -> String {
        let body = json!({ "name": name, "organizationId": self.organization });
        text(&self.ok(&self.admin, "POST", "/api/v1/identities", &body), "/identity/id")
    }

    /// A new identity with this role in the organization and a token.
    #[track_caller]
    pub fn caller_with(&self, name: &str, role: &str) -> Caller {
        let body = json!({ "name": name, "organizationId": self.organization, "role": role });
        let identity = text(&self.ok(&self.admin, "POST", "/api/v1/identities", &body), "/identity/id");
        let path = format!("/api/v1/auth/token-auth/identities/{identity}");
        self.ok(&self.admin, "POST", &path, &json!({}));
        let token = text(&self.ok(&self.admin, "POST", &format!("{path}/tokens"), &json!({})), "/accessToken");
        Caller { identity, token }
    }

    /// A new project of the administrator's; its id.
    #[track_caller]
    pub fn project(&self, slug: &str) -> String {
        let body = json!({ "projectName": slug, "slug": slug });
        text(&self.ok(&self.admin, "POST", "/api/v1/projects", &body), "/project/id")
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
        let caller = self.caller_with(name, "no-access");
        self.join(project, &caller.identity, roles);
        caller
    }

    /// A new role of a project; its id.
    #[track_caller]
    pub fn role(&self, project: &str, slug: &str, permissions: &Value) -> String {
        let body = json!({ "slug": slug, "name": slug, "permissions": permissions });
        let path = format!("/api/v1/projects/{project}/roles");
        text(&self.ok(&self.admin, "POST", &path, &body), "/role/id")
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
        use directory::sql::Sql;
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
        let token = AccessToken::parse(&caller.token, &self.settings.token_keys).unwrap();
        hex::encode(token.digest().as_bytes())
    }

    /// Makes a token of Token Auth one that a login with this client secret has obtained.
    pub fn make_token_of_a_login(&self, token: &str, secret: &str) {
        use directory::sql::Sql;
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
        use directory::sql::Sql;
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
        use directory::sql::Sql;
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
    pub fn explain(&self, caller: &Caller, body: &Value, uses: Option<u64>) -> (u16, Value) {
        let mut call = self.prepare(Some(&caller.token), "POST", "/api/v1/explain", &Value::Null);
        call.body = String::new();
        call.question = Some(self.question(body).unwrap());
        call.uses = uses;
        self.run(&call)
    }

    fn call(&self, bearer: Option<&str>, method: &str, path: &str, body: &Value) -> (u16, Value) {
        self.run(&self.prepare(bearer, method, path, body))
    }

    fn prepare(&self, bearer: Option<&str>, method: &str, path: &str, body: &Value) -> ManagementCall {
        let presented = bearer
            .map(|text| Presented::from(&AccessToken::parse(text, &self.settings.token_keys).unwrap().presented()));
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        serde_json::from_value(json!({
            "method": method,
            "path": path,
            "query": query,
            "contentType": "application/json",
            "body": body.to_string(),
            "presented": presented,
            "uses": null,
            "client": "192.0.2.1",
            "authority": "edge.example",
            "requestId": "req-1",
        }))
        .unwrap()
    }

    fn run(&self, call: &ManagementCall) -> (u16, Value) {
        self.calls.set(self.calls.get() + 1);
        let mut seed = [9; 32];
        seed[..8].copy_from_slice(&self.calls.get().to_be_bytes());
        let now = Timestamp::from_milliseconds(self.now());
        let handled = handle(&self.sql, &self.settings, call, CallMode::Execute, now, Randomness::from_seed(seed));
        assert_eq!(handled.defect, None, "{} {}", call.method, call.path);
        (handled.response.status, serde_json::from_str(&handled.response.body).unwrap())
    }
}

/// What somebody is told who is not a member of this project.
pub fn not_a_member(project: &str) -> String {
    format!(
        "You are not a member of this project with ID {project}. Please assign this identity to the project with the \
         appropriate permissions, then try again."
    )
}
