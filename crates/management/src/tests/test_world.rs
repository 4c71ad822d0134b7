//! A bootstrapped instance on a real SQLite, and callers that talk to it, for tests.

use std::cell::Cell;

use serde_json::{Value, json};

use crate::call::{CallMode, ClientCredentials, ManagementCall, Presented};
use crate::error::error_response;
use crate::families::explain::read_explanation_request;
use crate::handle::handle;
use crate::oauth;
use crate::oauth::call::{OAuthAction, OAuthCall};
use directory::context::DirectorySettings;
use directory::test_support::NativeSql;
use domain::gateway::origin::LoopbackOrigins;
use domain::token::access_token::{AccessToken, PresentedToken};
use domain::token::client_secret::ClientSecret;
use domain::token::console_session::SessionLimits;
use domain::token::lifetime::TtlCeiling;
use domain::token::secret::{AuthSecret, KeyRing, Purpose};
use domain::token::sign_in_code::SignInCodes;
use domain::value::identifiers::ClientId;
use domain::value::randomness::Randomness;
use domain::value::timestamp::{Seconds, Timestamp};
use protocol::response::ApiResponse;

/// An instance with one organization and one administrator.
pub struct World {
    /// Its database.
    pub sql: NativeSql,
    settings: DirectorySettings,
    now: Cell<i64>,
    calls: Cell<u64>,
    /// The organization's id.
    pub organization: String,
    /// The administrator.
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

/// What came back.
#[derive(Clone, PartialEq, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: Value,
    /// The value of `ETag`.
    pub tag: Option<String>,
}

impl Answer {
    /// The text at a JSON pointer.
    #[track_caller]
    pub fn text(&self, pointer: &str) -> String {
        let text = self.body.pointer(pointer).and_then(Value::as_str);
        text.unwrap_or_else(|| panic!("no text at {pointer} of {self:?}")).to_owned()
    }

    /// The path of each issue of a 422.
    #[track_caller]
    pub fn issue_paths(&self) -> Vec<String> {
        assert_eq!(self.status, 422, "{self:?}");
        let issues = self.body["message"].as_array().unwrap_or_else(|| panic!("no issues in {self:?}"));
        issues.iter().map(|issue| issue["path"].to_string()).collect()
    }
}

/// What a caller shows.
enum Shown<'a> {
    Nothing,
    Token(&'a str),
    Client(ClientCredentials),
}

/// Headers that some tests add.
#[derive(Clone, Copy, Default, Debug)]
pub struct Headers<'a> {
    /// `Idempotency-Key`.
    pub idempotency_key: Option<&'a str>,
    /// `If-Match`.
    pub if_match: Option<&'a str>,
}

impl World {
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
            now: Cell::new(1_700_000_000_000),
            calls: Cell::new(0),
            organization: String::new(),
            admin: Caller { identity: String::new(), token: String::new() },
        };
        let made = world.call(
            Shown::Nothing,
            "POST",
            "/api/v1/admin/bootstrap",
            &json!({}).to_string(),
            Headers::default(),
            CallMode::Execute,
        );
        world.organization = made.text("/organization/id");
        world.admin = Caller { identity: made.text("/identity/id"), token: made.text("/identity/credentials/token") };
        world
    }

    /// The time now, in milliseconds since the epoch.
    pub fn now(&self) -> i64 {
        self.now.get()
    }

    /// Lets time pass.
    pub fn wait(&self, milliseconds: i64) {
        self.now.set(self.now.get() + milliseconds);
    }

    /// Sends a request that takes effect, a millisecond after the last one.
    pub fn send(&self, caller: &Caller, method: &str, path: &str, body: &Value) -> Answer {
        self.send_with(caller, method, path, body, Headers::default())
    }

    /// The same with headers.
    pub fn send_with(&self, caller: &Caller, method: &str, path: &str, body: &Value, headers: Headers<'_>) -> Answer {
        self.call(Shown::Token(&caller.token), method, path, &body.to_string(), headers, CallMode::Execute)
    }

    /// Sends a request that does not take effect.
    pub fn rehearse(&self, caller: &Caller, method: &str, path: &str, body: &Value) -> Answer {
        let body = body.to_string();
        self.call(Shown::Token(&caller.token), method, path, &body, Headers::default(), CallMode::Rehearse)
    }

    /// Sends a request of the administrator's with a body that may be anything.
    pub fn send_raw(&self, method: &str, path: &str, content_type: Option<&str>, body: &str) -> Answer {
        let shown = Shown::Token(&self.admin.token);
        self.call_raw(shown, method, path, (content_type, body), Headers::default(), CallMode::Execute)
    }

    /// Sends a request that must be refused with this status, and shows that nothing changed.
    #[track_caller]
    pub fn refused(&self, caller: &Caller, method: &str, path: &str, body: &Value, status: u16) -> Answer {
        self.refused_with(caller, method, path, body, Headers::default(), status)
    }

    /// The same with headers.
    #[track_caller]
    pub fn refused_with(
        &self,
        caller: &Caller,
        method: &str,
        path: &str,
        body: &Value,
        headers: Headers<'_>,
        status: u16,
    ) -> Answer {
        let before = self.sql.dump();
        let answer = self.send_with(caller, method, path, body, headers);
        assert_eq!(answer.status, status, "{method} {path} {answer:?}");
        assert_eq!(self.sql.dump(), before, "{method} {path} was refused and changed something");
        answer
    }

    /// Sends a request of the administrator's that must succeed.
    #[track_caller]
    pub fn administer(&self, method: &str, path: &str, body: &Value) -> Answer {
        let answer = self.send(&self.admin, method, path, body);
        assert_eq!(answer.status, 200, "{method} {path} {answer:?}");
        answer
    }

    /// A new custom role; its id.
    #[track_caller]
    pub fn role(&self, slug: &str, permissions: &Value) -> String {
        let body = json!({ "slug": slug, "name": slug, "permissions": permissions });
        self.administer("POST", "/api/v1/organization/roles", &body).text("/role/id")
    }

    /// A new identity; its id.
    #[track_caller]
    pub fn identity(&self, name: &str, role: &str) -> String {
        let body = json!({ "name": name, "organizationId": self.organization, "role": role });
        self.administer("POST", "/api/v1/identities", &body).text("/identity/id")
    }

    /// A new identity with Token Auth and a token.
    #[track_caller]
    pub fn caller(&self, name: &str, role: &str) -> Caller {
        let identity = self.identity(name, role);
        let path = format!("/api/v1/auth/token-auth/identities/{identity}");
        self.administer("POST", &path, &json!({}));
        let token = self.administer("POST", &format!("{path}/tokens"), &json!({})).text("/accessToken");
        Caller { identity, token }
    }

    /// What the Directory answers to an OAuth endpoint, for a request from this address.
    pub fn oauth(&self, action: OAuthAction, client: &str) -> ApiResponse {
        self.wait(1);
        let call = OAuthCall { action, client: Some(client.parse().unwrap()), request_id: "req-1".to_owned() };
        let (now, randomness) = (Timestamp::from_milliseconds(self.now.get()), Randomness::from_seed([8; 32]));
        let handled = oauth::handle::handle(&self.sql, &self.settings, &call, now, randomness);
        assert_eq!(handled.defect, None);
        handled.response
    }

    /// A login with a client id and a client secret.
    pub fn log_in(&self, client: &str, secret: &str) -> Answer {
        let secret = ClientSecret::parse(secret).unwrap().presented();
        let credentials = ClientCredentials::new(ClientId::parse(client).unwrap(), &secret);
        let path = "/api/v1/auth/universal-auth/login";
        self.call(Shown::Client(credentials), "POST", path, "", Headers::default(), CallMode::Execute)
    }

    /// A token as the Worker presents it.
    pub fn presented(&self, token: &str) -> PresentedToken {
        AccessToken::parse(token, &self.settings.token_keys).unwrap().presented()
    }

    fn call(
        &self,
        shown: Shown<'_>,
        method: &str,
        path: &str,
        body: &str,
        headers: Headers<'_>,
        mode: CallMode,
    ) -> Answer {
        self.call_raw(shown, method, path, (Some("application/json"), body), headers, mode)
    }

    fn call_raw(
        &self,
        shown: Shown<'_>,
        method: &str,
        path: &str,
        (content_type, body): (Option<&str>, &str),
        headers: Headers<'_>,
        mode: CallMode,
    ) -> Answer {
        let (presented, client_credentials) = match shown {
            Shown::Nothing => (None, None),
            Shown::Token(text) => (Some(Presented::from(&self.presented(text))), None),
            Shown::Client(credentials) => (None, Some(credentials)),
        };
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        // What the Worker does before the call.
        let asks = path == "/api/v1/explain";
        let question =
            match asks.then(|| read_explanation_request(content_type, body, &self.settings.token_keys, |_, _| true)) {
                Some(Err(error)) => return Answer::from(&error_response(&error, "req-1")),
                question => question.and_then(Result::ok),
            };
        let call = ManagementCall {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            content_type: content_type.map(str::to_owned),
            idempotency_key: headers.idempotency_key.map(str::to_owned),
            if_match: headers.if_match.map(str::to_owned),
            body: if asks { String::new() } else { body.to_owned() },
            presented,
            client_credentials,
            uses: None,
            client: Some([192, 0, 2, 1].into()),
            authority: Some("edge.example".to_owned()),
            session: None,
            sign_in: None,
            question,
            request_id: "req-1".to_owned(),
        };
        self.wait(1);
        self.calls.set(self.calls.get() + 1);
        let mut seed = [7; 32];
        seed[..8].copy_from_slice(&self.calls.get().to_be_bytes());
        let (now, randomness) = (Timestamp::from_milliseconds(self.now.get()), Randomness::from_seed(seed));
        let handled = handle(&self.sql, &self.settings, &call, mode, now, randomness);
        assert_eq!(handled.defect, None, "{method} {path}");
        Answer::from(&handled.response)
    }
}

impl From<&ApiResponse> for Answer {
    fn from(response: &ApiResponse) -> Self {
        Self {
            status: response.status,
            body: serde_json::from_str(&response.body).unwrap(),
            tag: response.header("etag").map(str::to_owned),
        }
    }
}
