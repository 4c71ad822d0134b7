//! One installation for tests: a real SQLite, a clock that moves only when told to, randomness that is the same each
//! time, and callers that talk to the Directory.
//!
//! A call is built ([`World::by`], then [`Call::send`]), or sent at once ([`World::send`], [`World::ok`],
//! [`World::refused`]).

mod call;
mod paths;
mod projects;
mod reply;

use std::cell::Cell;
use std::net::IpAddr;

use serde_json::{Value, json};

pub use call::{Call, RequestHeaders};
pub use paths::{ODD_IDS, identity_path, revoke_path, token_auth_path, token_path, tokens_path};
pub use projects::not_a_member;
pub use reply::{Reply, redact_identifiers, text, text_at, with_letters, withdrawn};

use crate::credentials::ClientCredentials;
use crate::families::universal_auth::read_credentials;
use crate::oauth;
use crate::oauth::call::{OAuthAction, OAuthCall};
use crate::possession;
use crate::tests::worst_case;
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

/// When every world begins: 2023-11-14T22:13:20.000Z.
pub const START: i64 = 1_700_000_000_000;
/// From where calls come unless a test says otherwise.
pub const CLIENT: &str = "203.0.113.9";
/// The id of every request.
pub const REQUEST_ID: &str = "req-23456789abcdef";

/// An identity with a token of its own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Caller {
    /// The identity's id.
    pub identity: String,
    /// The token's id.
    pub token_id: String,
    /// The plaintext of the token.
    pub token: String,
}

pub struct World {
    pub sql: NativeSql,
    pub settings: DirectorySettings,
    pub calls: Cell<u64>,
    pub organization: String,
    pub admin: Caller,
    now: Cell<i64>,
    /// By how many milliseconds a call moves the clock.
    tick: i64,
    client: Cell<Option<IpAddr>>,
}

impl World {
    /// Nobody has set it up yet.
    pub fn empty() -> Self {
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
            calls: Cell::new(0),
            organization: String::new(),
            admin: Caller { identity: String::new(), token_id: String::new(), token: String::new() },
            now: Cell::new(START),
            tick: 0,
            client: Cell::new(Some(CLIENT.parse().unwrap())),
        }
    }

    /// Set up, with an administrator.
    pub fn new() -> Self {
        Self::empty().set_up()
    }

    /// Set up; each call is a millisecond after the one before.
    pub fn ticking() -> Self {
        Self { tick: 1, ..Self::empty() }.set_up()
    }

    /// Set up under an operator's ceiling.
    pub fn with_ceiling(seconds: u64) -> Self {
        let mut world = Self::new();
        world.settings.ttl_ceiling = TtlCeiling::new(Seconds::new(seconds)).unwrap();
        world
    }

    fn set_up(mut self) -> Self {
        let made = self.anonymous("POST", "/api/v1/admin/bootstrap").json(json!({})).send().ok();
        self.organization = text_at(&made, "/organization/id");
        let token = text_at(&made, "/identity/credentials/token");
        self.admin = self.holder_of(text_at(&made, "/identity/id"), token);
        self
    }

    pub fn now(&self) -> Timestamp {
        Timestamp::from_milliseconds(self.now.get())
    }

    /// Makes it another time.
    pub fn set_now(&self, milliseconds: i64) {
        self.now.set(milliseconds);
    }

    /// Lets time pass.
    pub fn wait(&self, milliseconds: i64) {
        self.now.set(self.now.get() + milliseconds);
    }

    /// Lets calls come from another address until further notice; `None` for one that is not known.
    pub fn move_to(&self, client: Option<&str>) {
        self.client.set(client.map(|address| address.parse().unwrap()));
    }

    pub fn client(&self) -> Option<IpAddr> {
        self.client.get()
    }

    pub fn parse(&self, token: &str) -> AccessToken {
        AccessToken::parse(token, &self.settings.token_keys).unwrap()
    }

    /// A token as the Worker presents it.
    pub fn presented(&self, token: &str) -> PresentedToken {
        self.parse(token).presented()
    }

    /// Randomness that no call of this world has had.
    fn draw(&self) -> Randomness {
        self.calls.set(self.calls.get() + 1);
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&self.calls.get().to_be_bytes());
        Randomness::from_seed(seed)
    }

    /// The caller that this token was made for.
    pub fn holder_of(&self, identity: String, token: String) -> Caller {
        Caller { identity, token_id: self.parse(&token).id().to_string(), token }
    }

    /// A call without a bearer.
    pub fn anonymous(&self, method: &str, path: &str) -> Call<'_> {
        Call::new(self, method, path)
    }

    pub fn by(&self, caller: &Caller, method: &str, path: &str) -> Call<'_> {
        self.anonymous(method, path).presenting(&caller.token)
    }

    pub fn by_admin(&self, method: &str, path: &str) -> Call<'_> {
        self.by(&self.admin, method, path)
    }

    /// Sends a request that takes effect.
    #[track_caller]
    pub fn send(&self, caller: &Caller, method: &str, path: &str, body: &Value) -> Reply {
        self.by(caller, method, path).json(body.clone()).send()
    }

    #[track_caller]
    pub fn send_with(
        &self,
        caller: &Caller,
        method: &str,
        path: &str,
        body: &Value,
        headers: RequestHeaders<'_>,
    ) -> Reply {
        self.by(caller, method, path).json(body.clone()).with(headers).send()
    }

    /// Sends a request that must succeed. Returns its body.
    #[track_caller]
    pub fn ok(&self, caller: &Caller, method: &str, path: &str, body: &Value) -> Value {
        let reply = self.by(caller, method, path).json(body.clone()).send_unwatched();
        assert_eq!(reply.status, 200, "{method} {path} {reply:?}");
        reply.body
    }

    /// Sends a request of the administrator's that must succeed.
    #[track_caller]
    pub fn administer(&self, method: &str, path: &str, body: &Value) -> Reply {
        let reply = self.by_admin(method, path).json(body.clone()).send_unwatched();
        assert_eq!(reply.status, 200, "{method} {path} {reply:?}");
        reply
    }

    /// Sends a request that does not take effect.
    #[track_caller]
    pub fn rehearse(&self, caller: &Caller, method: &str, path: &str, body: &Value) -> Reply {
        self.by(caller, method, path).json(body.clone()).rehearsed().send_unwatched()
    }

    /// Sends a request that must be refused with this status, and shows that nothing changed.
    #[track_caller]
    pub fn refused(&self, caller: &Caller, method: &str, path: &str, body: &Value, status: u16) -> Reply {
        self.refused_with(caller, method, path, body, RequestHeaders::default(), status)
    }

    #[track_caller]
    pub fn refused_with(
        &self,
        caller: &Caller,
        method: &str,
        path: &str,
        body: &Value,
        headers: RequestHeaders<'_>,
        status: u16,
    ) -> Reply {
        let reply = self.send_with(caller, method, path, body, headers);
        assert_eq!(reply.status, status, "{method} {path} {reply:?}");
        assert!(!reply.changed(), "{method} {path} was refused and changed something");
        reply
    }

    /// The same, and the message must be this.
    #[track_caller]
    pub fn refused_saying(
        &self,
        caller: &Caller,
        (method, path, body): (&str, &str, &Value),
        (status, error, message): (u16, &str, &str),
    ) -> Reply {
        let reply = self.refused(caller, method, path, body, status);
        let said = (reply.body["error"].as_str(), reply.body["message"].as_str());
        assert_eq!(said, (Some(error), Some(message)), "{reply:?}");
        reply
    }

    /// Makes an identity and returns its id.
    #[track_caller]
    pub fn identity(&self, name: &str, role: &str) -> String {
        let body = json!({ "name": name, "organizationId": self.organization, "role": role });
        self.administer("POST", "/api/v1/identities", &body).text("/identity/id")
    }

    /// Attaches Token Auth to an identity.
    #[track_caller]
    pub fn attach(&self, identity: &str, configuration: Value) -> Value {
        self.administer("POST", &token_auth_path(identity), &configuration).body
    }

    /// Makes a token of an identity.
    #[track_caller]
    pub fn token(&self, identity: &str, name: &str) -> Caller {
        self.token_of(identity, &json!({ "name": name }))
    }

    fn token_of(&self, identity: &str, body: &Value) -> Caller {
        let made = self.administer("POST", &tokens_path(identity), body);
        Caller { identity: identity.to_owned(), token_id: made.text("/tokenData/id"), token: made.text("/accessToken") }
    }

    /// Makes an identity with Token Auth and a token.
    #[track_caller]
    pub fn caller(&self, name: &str, role: &str) -> Caller {
        let identity = self.identity(name, role);
        self.attach(&identity, json!({}));
        self.token_of(&identity, &json!({}))
    }

    /// Makes an identity with a role, this Token Auth and a token.
    #[track_caller]
    pub fn configured_caller(&self, role: &str, configuration: Value) -> Caller {
        let identity = self.identity(role, role);
        self.attach(&identity, configuration);
        self.token(&identity, "")
    }

    /// Makes a custom role and returns its id.
    #[track_caller]
    pub fn role(&self, slug: &str, permissions: &Value) -> String {
        let body = json!({ "slug": slug, "name": slug, "permissions": permissions });
        self.administer("POST", "/api/v1/organization/roles", &body).text("/role/id")
    }

    /// The stored token, as an administrator sees it.
    #[track_caller]
    pub fn stored(&self, token_id: &str) -> Value {
        self.by_admin("GET", &token_path(token_id)).send().ok()["token"].clone()
    }

    /// Renews a token as the Worker does: the plaintext stays outside the Directory.
    pub fn renew(&self, token: &str) -> Reply {
        self.renew_used(token, None)
    }

    /// Renews a token of which its counter says how often it was used.
    pub fn renew_used(&self, token: &str, uses: Option<u64>) -> Reply {
        let reply = self.possessed("renew", token, uses);
        if reply.status != 200 {
            return reply;
        }
        let response = possession::complete_renewal(&reply.response.body, &self.parse(token), REQUEST_ID).unwrap();
        Reply::new(response, Some(reply.changed()))
    }

    /// Revokes a token for its holder.
    pub fn revoke_own(&self, token: &str) -> Reply {
        self.possessed("revoke", token, None)
    }

    /// What the Directory answers to a renewal or revocation of the caller's own token.
    pub fn possessed(&self, what: &str, token: &str, uses: Option<u64>) -> Reply {
        let path = format!("/api/v1/auth/token/{what}");
        self.anonymous("POST", &path).presenting(token).used(uses).send()
    }

    /// A login with a client id and a client secret.
    pub fn log_in(&self, client_id: &str, client_secret: &str) -> Reply {
        let secret = ClientSecret::parse(client_secret).unwrap().presented();
        let credentials = ClientCredentials::new(ClientId::parse(client_id).unwrap(), &secret);
        self.anonymous("POST", "/api/v1/auth/universal-auth/login").logging_in(credentials).send()
    }

    /// A login, as the Worker makes it of a body.
    pub fn log_in_with(&self, path: &str, content_type: &str, body: &str) -> Reply {
        match read_credentials(Some(content_type), body) {
            Ok(credentials) => self.anonymous("POST", path).logging_in(credentials).send(),
            Err(error) => Reply::of_worker(&error),
        }
    }

    /// What the Directory answers to an OAuth endpoint, for a request from this address.
    pub fn oauth(&self, action: OAuthAction, client: &str) -> ApiResponse {
        self.wait(self.tick);
        let call = OAuthCall { action, client: Some(client.parse().unwrap()), request_id: REQUEST_ID.to_owned() };
        let began = cpu_time::ThreadTime::now();
        let handled = oauth::handle::handle(&self.sql, &self.settings, &call, self.now(), self.draw());
        worst_case::note(began.elapsed());
        assert_eq!(handled.defect, None);
        handled.response
    }

    /// All rows of a table, each as one line.
    pub fn rows(&self, table: &str) -> Vec<String> {
        let start = format!("{table} [");
        self.sql.dump().into_iter().filter(|line| line.starts_with(&start)).collect()
    }
}
