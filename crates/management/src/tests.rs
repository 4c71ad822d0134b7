//! The management API from the outside: a call goes in, a response comes out, and a real SQLite stands behind it.
//!
//! There is a file for each resource. Every refusal here also proves that nothing changed: [`Reply::refused`] and
//! [`Reply::issues`] compare the whole database with what it was before the call.

mod bootstrap;
mod caller;
mod errors;
mod escalation;
mod explain;
mod headers_everywhere;
mod hostile_everywhere;
mod identities;
mod journal;
mod list_sizes;
mod memberships;
pub mod permission_matrix;
mod permissions;
mod project_roles;
mod project_world;
mod projects;
mod rehearsal;
mod renewal;
mod roles;
mod route_delegations;
mod routes;
mod samples;
mod search;
mod status;
pub mod test_world;
mod token_auth;
mod tokens;
mod universal_auth;
pub mod worst_case;

use std::cell::Cell;

use serde_json::{Value, json};

use crate::call::{CallMode, ManagementCall, Presented};
use crate::handle::handle;
use crate::possession;
use directory::context::DirectorySettings;
use directory::sql::Sql;
use directory::test_support::NativeSql;
use domain::gateway::origin::LoopbackOrigins;
use domain::token::access_token::AccessToken;
use domain::token::console_session::SessionLimits;
use domain::token::lifetime::TtlCeiling;
use domain::token::secret::{AuthSecret, KeyRing, Purpose};
use domain::token::sign_in_code::SignInCodes;
use domain::value::randomness::Randomness;
use domain::value::timestamp::{Seconds, Timestamp};
use protocol::response::ApiResponse;

/// When every world begins: 2023-11-14T22:13:20.000Z.
const START: i64 = 1_700_000_000_000;
/// From where calls come unless a test says otherwise.
const CLIENT: &str = "203.0.113.9";
/// The id of every request.
const REQUEST_ID: &str = "req-23456789abcdef";

/// An identity with a token of its own.
#[derive(Clone, Debug)]
struct Holder {
    identity: String,
    token: String,
    plaintext: String,
}

/// One installation: a database, a clock that moves only when told to, and randomness that is the same each time.
struct World {
    sql: NativeSql,
    settings: DirectorySettings,
    clock: Cell<i64>,
    draws: Cell<u64>,
    organization: String,
    administrator: Holder,
}

impl World {
    /// Nobody has set it up yet.
    fn empty() -> Self {
        let secret = AuthSecret::new(&"s".repeat(32)).unwrap();
        Self {
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
            organization: String::new(),
            administrator: Holder { identity: String::new(), token: String::new(), plaintext: String::new() },
        }
    }

    /// Set up, with an administrator.
    fn new() -> Self {
        let mut world = Self::empty();
        let made = world.anonymous("POST", "/api/v1/admin/bootstrap").json(json!({})).send().ok();
        let plaintext = text(&made["identity"]["credentials"]["token"]);
        world.organization = text(&made["organization"]["id"]);
        world.administrator = Holder {
            identity: text(&made["identity"]["id"]),
            token: world.parse(&plaintext).id().to_string(),
            plaintext,
        };
        world
    }

    /// Set up under an operator's ceiling.
    fn with_ceiling(seconds: u64) -> Self {
        let mut world = Self::new();
        world.settings.ttl_ceiling = TtlCeiling::new(Seconds::new(seconds)).unwrap();
        world
    }

    fn pass(&self, milliseconds: i64) {
        self.clock.set(self.clock.get() + milliseconds);
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_milliseconds(self.clock.get())
    }

    fn parse(&self, plaintext: &str) -> AccessToken {
        AccessToken::parse(plaintext, &self.settings.token_keys).unwrap()
    }

    /// A call without a bearer.
    fn anonymous(&self, method: &str, path: &str) -> Call<'_> {
        Call {
            world: self,
            call: ManagementCall {
                method: method.to_owned(),
                path: path.to_owned(),
                query: String::new(),
                content_type: None,
                idempotency_key: None,
                if_match: None,
                body: String::new(),
                presented: None,
                client_credentials: None,
                uses: None,
                client: Some(CLIENT.parse().unwrap()),
                authority: Some("edge.example".to_owned()),
                session: None,
                sign_in: None,
                question: None,
                request_id: REQUEST_ID.to_owned(),
            },
            mode: CallMode::Execute,
        }
    }

    /// A call of somebody who holds a token.
    fn by(&self, holder: &Holder, method: &str, path: &str) -> Call<'_> {
        self.anonymous(method, path).presenting(&holder.plaintext)
    }

    /// A call of the administrator.
    fn admin(&self, method: &str, path: &str) -> Call<'_> {
        self.by(&self.administrator, method, path)
    }

    /// Makes an identity and returns its id.
    fn identity(&self, name: &str, role: &str) -> String {
        let body = json!({ "name": name, "organizationId": self.organization, "role": role });
        text(&self.admin("POST", "/api/v1/identities").json(body).send().ok()["identity"]["id"])
    }

    /// Attaches Token Auth to an identity.
    fn attach(&self, identity: &str, configuration: Value) -> Value {
        self.admin("POST", &token_auth_path(identity)).json(configuration).send().ok()
    }

    /// Makes a token of an identity.
    fn token(&self, identity: &str, name: &str) -> Holder {
        let path = format!("{}/tokens", token_auth_path(identity));
        let made = self.admin("POST", &path).json(json!({ "name": name })).send().ok();
        Holder {
            identity: identity.to_owned(),
            token: text(&made["tokenData"]["id"]),
            plaintext: text(&made["accessToken"]),
        }
    }

    /// Makes an identity with a role, Token Auth and a token.
    fn holder(&self, role: &str, configuration: Value) -> Holder {
        let identity = self.identity(role, role);
        self.attach(&identity, configuration);
        self.token(&identity, "")
    }

    /// Renews a token as the Worker does: the plaintext stays outside the Directory.
    fn renew(&self, plaintext: &str) -> Reply {
        self.renew_used(plaintext, None)
    }

    /// Renews a token of which its counter says how often it was used.
    fn renew_used(&self, plaintext: &str, uses: Option<u64>) -> Reply {
        let mut reply = self.possessed("renew", plaintext, uses);
        if reply.response.status == 200 {
            let token = self.parse(plaintext);
            reply.response = possession::complete_renewal(&reply.response.body, &token, REQUEST_ID).unwrap();
        }
        reply
    }

    /// Revokes a token for its holder.
    fn revoke_own(&self, plaintext: &str) -> Reply {
        self.possessed("revoke", plaintext, None)
    }

    fn possessed(&self, what: &str, plaintext: &str, uses: Option<u64>) -> Reply {
        let mut call = self.anonymous("POST", &format!("/api/v1/auth/token/{what}")).presenting(plaintext);
        call.call.uses = uses;
        call.send()
    }

    /// The stored token, as an administrator sees it.
    fn stored(&self, token: &str) -> Value {
        self.admin("GET", &token_path(token)).send().ok()["token"].clone()
    }

    /// All rows of a table, each as one line.
    fn rows(&self, table: &str) -> Vec<String> {
        let start = format!("{table} [");
        self.sql.dump().into_iter().filter(|line| line.starts_with(&start)).collect()
    }
}

/// A call that has not been sent yet.
struct Call<'w> {
    world: &'w World,
    call: ManagementCall,
    mode: CallMode,
}

impl Call<'_> {
    fn presenting(mut self, plaintext: &str) -> Self {
        self.call.presented = Some(Presented::from(&self.world.parse(plaintext).presented()));
        self
    }

    fn json(self, body: Value) -> Self {
        self.body("application/json", &body.to_string())
    }

    fn body(mut self, content_type: &str, body: &str) -> Self {
        self.call.content_type = Some(content_type.to_owned());
        self.call.body = body.to_owned();
        self
    }

    fn query(mut self, query: &str) -> Self {
        self.call.query = query.to_owned();
        self
    }

    /// The client's address; `None` when it is not known.
    fn from(mut self, client: Option<&str>) -> Self {
        self.call.client = client.map(|address| address.parse().unwrap());
        self
    }

    fn rehearsed(mut self) -> Self {
        self.mode = CallMode::Rehearse;
        self
    }

    #[track_caller]
    fn send(self) -> Reply {
        let (reply, defect) = self.send_to_a_failing_database();
        assert_eq!(defect, None);
        reply
    }

    /// The same, where the database may fail; also returns what the log is told.
    fn send_to_a_failing_database(self) -> (Reply, Option<String>) {
        let sql = &self.world.sql;
        self.send_through(sql)
    }

    /// The same, through another way to the world's database.
    fn send_through(self, sql: &impl Sql) -> (Reply, Option<String>) {
        let Self { world, call, mode } = self;
        world.draws.set(world.draws.get() + 1);
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&world.draws.get().to_be_bytes());
        let before = world.sql.dump();
        let handled = handle(sql, &world.settings, &call, mode, world.now(), Randomness::from_seed(seed));
        let changed = world.sql.dump() != before;
        (Reply { response: handled.response, changed }, handled.defect)
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

    /// The body of a success.
    #[track_caller]
    fn ok(&self) -> Value {
        assert_eq!(self.response.status, 200, "{}", self.response.body);
        assert_eq!(self.response.header("content-type"), Some("application/json; charset=utf-8"));
        assert_eq!(self.response.header("cache-control"), Some("no-store"));
        assert_eq!(self.response.header("x-request-id"), Some(REQUEST_ID));
        self.value()
    }

    /// A success that changed nothing.
    #[track_caller]
    fn unchanged(&self) -> Value {
        assert!(!self.changed, "the call changed something");
        self.ok()
    }

    /// The text of a success, with every token and every identifier replaced. The identifiers in `names` get their names;
    /// of any other one only the form is known.
    #[track_caller]
    fn shape(&self, world: &World, names: &[(&str, &str)]) -> String {
        self.ok();
        redact_identifiers(&redact_tokens(&self.response.body, world), names)
    }

    /// A refusal with this status, name and message that left no trace. Returns its `details`.
    #[track_caller]
    fn refused(&self, status: u16, error: &str, message: &str) -> Value {
        let text = |text: &str| Value::String(text.to_owned()).to_string();
        let expected = format!(
            r#"{{"reqId":"{REQUEST_ID}","statusCode":{status},"message":{},"error":{}"#,
            text(message),
            text(error)
        );
        let body = &self.response.body;
        let rest = body.strip_prefix(&expected).unwrap_or_else(|| panic!("expected {expected}…\n     got {body}"));
        // Only where there is no route the body says where the description is.
        let docs = if error == "Not Found" { r#","docs":"/api/docs/json"}"# } else { "}" };
        assert!(rest == docs || rest.starts_with(r#","details":"#), "{body}");
        assert_eq!(self.response.status, status);
        assert!(!self.changed, "a refused call changed something");
        self.value()["details"].clone()
    }

    /// The issues of a call whose fields were wrong, each as `path: message`.
    #[track_caller]
    fn issues(&self) -> Vec<String> {
        assert_eq!(self.response.status, 422, "{}", self.response.body);
        assert!(!self.changed, "a refused call changed something");
        let body = self.value();
        assert_eq!(body["error"], "ValidationFailure");
        let issues = body["message"].as_array().unwrap();
        issues
            .iter()
            .map(|issue| {
                let path: Vec<String> = issue["path"].as_array().unwrap().iter().map(unquoted).collect();
                format!("{}: {}", path.join("."), text(&issue["message"]))
            })
            .collect()
    }
}

fn unquoted(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[track_caller]
fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

fn identity_path(identity: &str) -> String {
    format!("/api/v1/identities/{identity}")
}

fn token_auth_path(identity: &str) -> String {
    format!("/api/v1/auth/token-auth/identities/{identity}")
}

fn tokens_path(identity: &str) -> String {
    format!("{}/tokens", token_auth_path(identity))
}

fn token_path(token: &str) -> String {
    format!("/api/v1/auth/token-auth/tokens/{token}")
}

fn revoke_path(token: &str) -> String {
    format!("{}/revoke", token_path(token))
}

/// Texts that name nothing where an identifier is expected.
const ODD_IDS: [&str; 9] = [
    "x",
    "00000000-0000-4000-8000-000000000000",
    "00000000000040008000000000000000",
    "%00",
    "..",
    "'%20or%20''='",
    "{00000000-0000-4000-8000-000000000000}",
    "00000000-0000-4000-8000-00000000000é",
    "undefined",
];

/// Replaces every access token of this installation, and proves that it is one.
fn redact_tokens(body: &str, world: &World) -> String {
    let mut redacted = body.to_owned();
    while let Some(start) = redacted.find("tka_") {
        let token = redacted[start..start + 80].to_owned();
        world.parse(&token);
        redacted = redacted.replace(&token, "[token]");
    }
    redacted
}

/// Replaces every version 4 UUID.
fn redact_identifiers(body: &str, names: &[(&str, &str)]) -> String {
    let mut redacted = body.to_owned();
    for (name, identifier) in names {
        redacted = redacted.replace(identifier, &format!("[{name}]"));
    }
    let form = |text: &str| {
        text.bytes().enumerate().all(|(position, byte)| match position {
            8 | 13 | 18 | 23 => byte == b'-',
            14 => byte == b'4',
            _ => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
        })
    };
    let mut position = 0;
    while let Some(candidate) = redacted.get(position..position + 36) {
        if form(candidate) {
            redacted.replace_range(position..position + 36, "[id]");
        }
        position += 1;
        while !redacted.is_char_boundary(position) {
            position += 1;
        }
    }
    redacted
}

#[test]
fn redaction_replaces_tokens_and_identifiers_and_nothing_else() {
    let world = World::new();
    let Holder { identity, token, plaintext } = &world.administrator;
    let body = format!(r#"{{"a":"{plaintext}","b":"{identity}","c":"{token}","d":"é"}}"#);
    let redacted = redact_identifiers(&redact_tokens(&body, &world), &[("identity", identity)]);
    assert_eq!(redacted, r#"{"a":"[token]","b":"[identity]","c":"[id]","d":"é"}"#);
}
