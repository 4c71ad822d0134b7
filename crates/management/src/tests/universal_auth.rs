//! Universal Auth from the outside: a call goes in, a response comes out, and a real SQLite stands behind it.
//!
//! Every refusal here also proves that nothing changed, unless the refusal is one that leaves something behind.

mod client_secrets;
mod configuration;
mod effects;
mod logins;
mod permissions;

use std::cell::Cell;
use std::net::IpAddr;

use serde_json::{Value, json};

use crate::call::{CallMode, ManagementCall, Presented};
use crate::error::error_response;
use crate::families::universal_auth::read_credentials;
use crate::handle::handle;
use crate::possession;
use directory::context::DirectorySettings;
use directory::evidence;
use directory::sql::Sql;
use directory::test_support::NativeSql;
use domain::gateway::origin::LoopbackOrigins;
use domain::token::access_token::AccessToken;
use domain::token::console_session::SessionLimits;
use domain::token::decision;
use domain::token::lifetime::TtlCeiling;
use domain::token::refusal::Refusal;
use domain::token::secret::{AuthSecret, KeyRing, Purpose};
use domain::token::sign_in_code::SignInCodes;
use domain::value::randomness::Randomness;
use domain::value::timestamp::{Seconds, Timestamp};
use protocol::response::ApiResponse;

/// When every world begins: 2023-11-14T22:13:20.000Z.
const START: i64 = 1_700_000_000_000;
/// From where calls come unless a test says otherwise.
const CLIENT: &str = "203.0.113.9";
/// An address from which nothing comes unless a test says so.
const STRANGER: &str = "198.51.100.1";
const REQUEST_ID: &str = "req-23456789abcdef";
const LOGIN: &str = "/api/v1/auth/universal-auth/login";

/// One installation with an administrator, a clock that moves only when told to, and randomness that is the same each
/// time.
struct World {
    sql: NativeSql,
    settings: DirectorySettings,
    clock: Cell<i64>,
    draws: Cell<u64>,
    client: Cell<Option<IpAddr>>,
    organization: String,
    administrator: String,
}

/// What an identity logs in with.
#[derive(Clone, Debug)]
struct Credentials {
    identity: String,
    client: String,
    secret: String,
    secret_id: String,
}

impl Credentials {
    fn with_secret(&self, secret: &str) -> Self {
        Self { secret: secret.to_owned(), ..self.clone() }
    }
}

impl World {
    fn new() -> Self {
        let secret = AuthSecret::new(&"s".repeat(32)).unwrap();
        let mut world = Self {
            sql: NativeSql::migrated(),
            settings: DirectorySettings {
                token_keys: KeyRing::new(Purpose::AccessTokenTag, &secret, None),
                ttl_ceiling: TtlCeiling::NONE,
                control_hosts: Vec::new(),
                loopback_origins: LoopbackOrigins::Refused,
                max_staleness: Seconds::new(10),
                session_keys: KeyRing::new(Purpose::ConsoleSessionTag, &secret, None),
                session_limits: SessionLimits::DEFAULT,
                sign_in_codes: SignInCodes::Development,
            },
            clock: Cell::new(START),
            draws: Cell::new(0),
            client: Cell::new(Some(CLIENT.parse().unwrap())),
            organization: String::new(),
            administrator: String::new(),
        };
        let made = world.send("POST", "/api/v1/admin/bootstrap", None, json!({})).ok();
        world.organization = text(&made["organization"]["id"]);
        world.administrator = text(&made["identity"]["credentials"]["token"]);
        world
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_milliseconds(self.clock.get())
    }

    fn pass(&self, milliseconds: i64) {
        self.clock.set(self.clock.get() + milliseconds);
    }

    /// Lets calls come from another address until further notice; `None` for one that is not known.
    fn move_to(&self, client: Option<&str>) {
        self.client.set(client.map(|address| address.parse().unwrap()));
    }

    fn parse(&self, plaintext: &str) -> AccessToken {
        AccessToken::parse(plaintext, &self.settings.token_keys).unwrap()
    }

    fn send(&self, method: &str, path: &str, bearer: Option<&str>, body: Value) -> Reply {
        self.send_with(method, path, |call| {
            call.presented = bearer.map(|bearer| Presented::from(&self.parse(bearer).presented()));
            call.content_type = Some("application/json".to_owned());
            call.body = body.to_string();
        })
    }

    fn call(&self, method: &str, path: &str, fill: impl FnOnce(&mut ManagementCall)) -> ManagementCall {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let mut call: ManagementCall = serde_json::from_value(json!({
            "method": method, "path": path, "query": query, "body": "", "requestId": REQUEST_ID
        }))
        .unwrap();
        call.client = self.client.get();
        fill(&mut call);
        call
    }

    fn send_with(&self, method: &str, path: &str, fill: impl FnOnce(&mut ManagementCall)) -> Reply {
        let call = self.call(method, path, fill);
        self.draws.set(self.draws.get() + 1);
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&self.draws.get().to_be_bytes());
        let before = self.sql.dump();
        let handled =
            handle(&self.sql, &self.settings, &call, CallMode::Execute, self.now(), Randomness::from_seed(seed));
        assert_eq!(handled.defect, None);
        Reply { response: handled.response, changed: self.sql.dump() != before }
    }

    /// A call of the administrator.
    fn admin(&self, method: &str, path: &str, body: Value) -> Reply {
        self.send(method, path, Some(&self.administrator), body)
    }

    /// A login, as the Worker makes it of a body.
    fn log_in_with(&self, path: &str, content_type: &str, body: &str) -> Reply {
        match read_credentials(Some(content_type), body) {
            Ok(credentials) => self.send_with("POST", path, |call| call.client_credentials = Some(credentials)),
            Err(error) => Reply { response: error_response(&error, REQUEST_ID), changed: false },
        }
    }

    fn log_in(&self, credentials: &Credentials) -> Reply {
        let body = json!({ "clientId": credentials.client, "clientSecret": credentials.secret });
        self.log_in_with(LOGIN, "application/json", &body.to_string())
    }

    /// A login that succeeds; returns the token.
    #[track_caller]
    fn token(&self, credentials: &Credentials) -> String {
        text(&self.log_in(credentials).ok()["accessToken"])
    }

    fn identity(&self, role: &str) -> String {
        let body = json!({ "name": "build", "organizationId": self.organization, "role": role });
        text(&self.admin("POST", "/api/v1/identities", body).ok()["identity"]["id"])
    }

    /// Makes an identity with Universal Auth.
    fn attached(&self, configuration: Value) -> (String, Value) {
        let identity = self.identity("no-access");
        let attached = self.admin("POST", &path(&identity), configuration).ok();
        (identity, attached["identityUniversalAuth"].clone())
    }

    fn client_secret(&self, identity: &str, body: Value) -> Value {
        self.admin("POST", &secrets_path(identity), body).ok()
    }

    /// Makes an identity with Universal Auth and a client secret.
    fn credentials(&self, configuration: Value, secret: Value) -> Credentials {
        let (identity, attached) = self.attached(configuration);
        self.another_secret(&identity, &text(&attached["clientId"]), secret)
    }

    fn another_secret(&self, identity: &str, client: &str, secret: Value) -> Credentials {
        let made = self.client_secret(identity, secret);
        Credentials {
            identity: identity.to_owned(),
            client: client.to_owned(),
            secret: text(&made["clientSecret"]),
            secret_id: text(&made["clientSecretData"]["id"]),
        }
    }

    /// The client secret, as an administrator sees it.
    fn stored(&self, credentials: &Credentials) -> Value {
        self.admin("GET", &secret_path(&credentials.identity, &credentials.secret_id), json!({})).ok()
            ["clientSecretData"]
            .clone()
    }

    fn revoke_secret(&self, credentials: &Credentials) -> Reply {
        let path = format!("{}/revoke", secret_path(&credentials.identity, &credentials.secret_id));
        self.admin("POST", &path, json!({}))
    }

    /// What the data plane decides about a token on the newest evidence.
    fn decide(&self, plaintext: &str) -> Result<(), Refusal> {
        let presented = self.parse(plaintext).presented();
        let token = evidence::token(&self.sql, presented.id).unwrap();
        let live = decision::check_token(&presented, token.as_ref(), self.now())?;
        let identity = evidence::identity(&self.sql, token.as_ref().unwrap().identity, self.now()).unwrap();
        decision::check_identity(live, identity.as_ref())?.check_client(self.client.get()).map(|_| ())
    }

    fn renew(&self, plaintext: &str) -> Reply {
        let token = self.parse(plaintext);
        let mut reply = self.send("POST", "/api/v1/auth/token/renew", Some(plaintext), json!({}));
        if reply.response.status == 200 {
            reply.response = possession::complete_renewal(&reply.response.body, &token, REQUEST_ID).unwrap();
        }
        reply
    }

    /// All rows of a table, each as one line.
    fn rows(&self, table: &str) -> Vec<String> {
        let start = format!("{table} [");
        self.sql.dump().into_iter().filter(|line| line.starts_with(&start)).collect()
    }

    /// Actor, action and target of the last row of the audit log.
    fn last_audit(&self) -> (String, String, String) {
        let rows = self
            .sql
            .execute("SELECT actor, action, target FROM audit_log ORDER BY sequence DESC LIMIT 1", &[])
            .unwrap();
        let mut row = rows.into_iter().next().unwrap();
        (row.read::<String>().unwrap(), row.read::<String>().unwrap(), row.read::<String>().unwrap())
    }

    /// The keys of the change feed after a number.
    fn head(&self) -> u64 {
        directory::change_feed::head(&self.sql).unwrap().1
    }

    fn changes_since(&self, sequence: u64) -> Vec<String> {
        let changes = directory::change_feed::changes_since(&self.sql, sequence).unwrap();
        changes.required.into_iter().map(|(key, _)| key.to_string()).collect()
    }
}

/// What came back, and whether the database is another one than before.
struct Reply {
    response: ApiResponse,
    changed: bool,
}

impl Reply {
    fn value(&self) -> Value {
        serde_json::from_str(&self.response.body).unwrap()
    }

    #[track_caller]
    fn ok(&self) -> Value {
        assert_eq!(self.response.status, 200, "{}", self.response.body);
        self.value()
    }

    /// A success that changed nothing.
    #[track_caller]
    fn unchanged(&self) -> Value {
        assert!(!self.changed, "the call changed something");
        self.ok()
    }

    /// A refusal that left no trace. Returns its details.
    #[track_caller]
    fn refused(&self, status: u16, error: &str, message: &str) -> Value {
        assert!(!self.changed, "a refused call changed something");
        self.refused_with_a_trace(status, error, message)
    }

    #[track_caller]
    fn refused_with_a_trace(&self, status: u16, error: &str, message: &str) -> Value {
        let body = self.value();
        assert_eq!(
            (self.response.status, body["statusCode"].as_u64(), body["error"].as_str(), body["message"].as_str()),
            (status, Some(u64::from(status)), Some(error), Some(message)),
        );
        assert_eq!(body["reqId"], REQUEST_ID);
        body["details"].clone()
    }

    /// The paths of the fields that were wrong.
    #[track_caller]
    fn wrong_fields(&self) -> Vec<String> {
        assert_eq!(self.response.status, 422, "{}", self.response.body);
        assert!(!self.changed, "a refused call changed something");
        let issues = self.value()["message"].as_array().unwrap().clone();
        issues.iter().map(|issue| text(&issue["path"][0])).collect()
    }
}

#[track_caller]
fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

fn path(identity: &str) -> String {
    format!("/api/v1/auth/universal-auth/identities/{identity}")
}

fn secrets_path(identity: &str) -> String {
    format!("{}/client-secrets", path(identity))
}

fn secret_path(identity: &str, secret: &str) -> String {
    format!("{}/{secret}", secrets_path(identity))
}

const INVALID: &str = "Invalid credentials";
const LOCKED: &str = "This identity auth method is temporarily locked, please try again later";
const EXHAUSTED: &str = "Access denied due to client secret usage limit reached";
const EXPIRED: &str = "Access denied due to expired client secret";
const FOREIGN: &str = "You are not allowed to access this resource from the current IP address";
