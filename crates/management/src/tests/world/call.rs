//! A call that has not been sent yet.

use serde_json::Value;

use super::{REQUEST_ID, Reply, World};
use crate::call::{CallMode, ManagementCall};
use crate::credentials::{ClientCredentials, Presented, PresentedConsoleSession, SignIn, SignInWith};
use crate::families::explain::{ExplanationRequest, read_explanation_request};
use crate::handle::handle;
use directory::sql::Transactions;
use domain::token::console_session::PresentedSession;

/// Headers that some tests add.
#[derive(Clone, Copy, Default, Debug)]
pub struct RequestHeaders<'a> {
    pub idempotency_key: Option<&'a str>,
    pub if_match: Option<&'a str>,
}

pub struct Call<'w> {
    world: &'w World,
    call: ManagementCall,
    mode: CallMode,
}

impl<'w> Call<'w> {
    /// A call without a bearer. What stands behind a `?` is its query.
    pub(super) fn new(world: &'w World, method: &str, path: &str) -> Self {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let call = ManagementCall {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            content_type: None,
            idempotency_key: None,
            if_match: None,
            body: String::new(),
            presented: None,
            client_credentials: None,
            uses: None,
            client: world.client(),
            authority: Some("edge.example".to_owned()),
            session: None,
            sign_in: None,
            question: None,
            request_id: REQUEST_ID.to_owned(),
        };
        Self { world, call, mode: CallMode::Execute }
    }

    pub fn presenting(mut self, token: &str) -> Self {
        self.call.presented = Some(Presented::from(&self.world.presented(token)));
        self
    }

    pub fn logging_in(mut self, credentials: ClientCredentials) -> Self {
        self.call.client_credentials = Some(credentials);
        self
    }

    /// By an operator's session in the console.
    pub fn by_session(mut self, session: &PresentedSession) -> Self {
        self.call.session = Some(PresentedConsoleSession::from(session));
        self
    }

    /// Opening this session in the console.
    pub fn signing_in(mut self, session: &PresentedSession, with: SignInWith) -> Self {
        self.call.sign_in = Some(SignIn { session: PresentedConsoleSession::from(session), with });
        self
    }

    pub fn asking(mut self, question: ExplanationRequest) -> Self {
        self.call.question = Some(question);
        self
    }

    /// What the counter says of the bearer's uses.
    pub fn used(mut self, uses: Option<u64>) -> Self {
        self.call.uses = uses;
        self
    }

    pub fn json(self, body: Value) -> Self {
        self.body(Some("application/json"), &body.to_string())
    }

    pub fn body(mut self, content_type: Option<&str>, body: &str) -> Self {
        self.call.content_type = content_type.map(str::to_owned);
        self.call.body = body.to_owned();
        self
    }

    pub fn query(mut self, query: &str) -> Self {
        self.call.query = query.to_owned();
        self
    }

    pub fn with(mut self, headers: RequestHeaders<'_>) -> Self {
        self.call.idempotency_key = headers.idempotency_key.map(str::to_owned);
        self.call.if_match = headers.if_match.map(str::to_owned);
        self
    }

    /// The client's address; `None` when it is not known.
    pub fn from(mut self, client: Option<&str>) -> Self {
        self.call.client = client.map(|address| address.parse().unwrap());
        self
    }

    pub fn rehearsed(mut self) -> Self {
        self.mode = CallMode::Rehearse;
        self
    }

    /// Sends it, and compares the whole database with what it was before.
    #[track_caller]
    pub fn send(self) -> Reply {
        let (reply, defect) = self.send_to_a_failing_database();
        assert_eq!(defect, None);
        reply
    }

    /// The same, where the database may fail; also returns what the log is told.
    pub fn send_to_a_failing_database(self) -> (Reply, Option<String>) {
        let sql = &self.world.sql;
        self.send_through(sql)
    }

    /// The same, through another way to the world's database.
    pub fn send_through(self, sql: &impl Transactions) -> (Reply, Option<String>) {
        let world = self.world;
        let before = world.sql.dump();
        let (reply, defect) = self.run(sql);
        (Reply::new(reply.response, Some(world.sql.dump() != before)), defect)
    }

    /// Sends it, and does not look whether anything changed: comparing a large world takes long.
    #[track_caller]
    pub fn send_unwatched(self) -> Reply {
        let sql = &self.world.sql;
        let about = format!("{} {}", self.call.method, self.call.path);
        let (reply, defect) = self.run(sql);
        assert_eq!(defect, None, "{about}");
        reply
    }

    fn run(self, sql: &impl Transactions) -> (Reply, Option<String>) {
        let Self { world, mut call, mode } = self;
        // What the Worker does before the call.
        if call.path == "/api/v1/explain" && call.question.is_none() && call.presented.is_some() {
            let body = std::mem::take(&mut call.body);
            match read_explanation_request(call.content_type.as_deref(), &body, &world.settings.token_keys, |_, _| true)
            {
                Ok(question) => call.question = Some(question),
                Err(error) => return (Reply::of_worker(&error), None),
            }
        }
        world.wait(world.tick);
        let handled = handle(sql, &world.settings, &call, mode, world.now(), world.draw());
        (Reply::new(handled.response, None), handled.defect)
    }
}
