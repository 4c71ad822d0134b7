//! The Directory object: one instance, the authority.
//!
//! Named [`directory`](runtime::objects); answers POST with a
//! [`DirectoryRequest`] as JSON. A management call answers with the API's own response; the other requests answer 200 with
//! the JSON that the request's documentation names, or 500 when the database failed.
//!
//! Atomic because a call is one synchronous transaction: no event is delivered while it runs, and the runtime holds the
//! answer back until its writes are durable.
//!
//! The alarm drains the outbox. Alarms of one object never overlap, so there is at most one put in flight.

use std::cell::{Cell, OnceCell};
use std::panic::AssertUnwindSafe;

use worker::{DurableObject, Env, Request, Response, State, durable_object};

use crate::durable_sql::DurableSql;
use directory::context::DirectorySettings;
use directory::sql::SqlError;
use directory::{change_feed, evidence, outbox, schema, usage};
use domain::token::evidence::EvidenceKey;
use domain::token::refusal::Refusal;
use domain::token::secret::KeyRing;
use domain::token::uses::Consumption;
use domain::value::identifiers::AttemptId;
use domain::value::identifiers::TokenId;
use domain::value::timestamp::Timestamp;
use management::answer_error::error_response;
use management::call::{CallMode, ManagementCall};
use management::error::ManagementError;
use management::handle::{Handled, Price, handle, price};
use management::messages::{COUNTS_AS_USE, DirectoryCommand};
use management::oauth;
use management::settings::directory_settings;
use protocol::messages::{ChangesAnswer, DirectoryRequest, HealthAnswer, UsageAnswer};
use protocol::response::ApiResponse;
use protocol::settings::Misconfigured;
use runtime;
use runtime::deadline::{self, REPLICA_WRITE};
use runtime::log::{self, Event};
use runtime::objects::TOKENS;
use runtime::ports::RuntimePorts;
use serde::Deserialize;
use std::num::NonZeroU64;
use validation::ports::Ports;
use validation::record;

/// How many keys one alarm puts at most; what is left is due at once and gets an alarm of its own.
const PUTS_PER_ALARM: usize = 100;

#[durable_object(alarm)]
pub struct Directory {
    state: State,
    env: Env,
    sql: DurableSql,
    prepared: Result<(), SqlError>,
    settings: AssertUnwindSafe<OnceCell<Result<(DirectorySettings, KeyRing), Misconfigured>>>,
    /// For when the alarm is set, as far as this instance knows; spares setting it again.
    alarm_at: AssertUnwindSafe<Cell<Option<Timestamp>>>,
}

impl DurableObject for Directory {
    fn new(state: State, env: Env) -> Self {
        let sql = DurableSql::new(&state);
        let prepared = match runtime::randomness() {
            Some(mut randomness) => schema::migrate(&sql, runtime::now(), &mut randomness),
            None => Err(SqlError::Failed("no randomness".to_owned())),
        };
        Self {
            state,
            env,
            sql,
            prepared,
            // A panic cannot leave either half written: each is replaced as a whole.
            settings: AssertUnwindSafe(OnceCell::new()),
            alarm_at: AssertUnwindSafe(Cell::new(None)),
        }
    }

    async fn fetch(&self, mut request: Request) -> worker::Result<Response> {
        let response = match request.text().await.ok().and_then(|text| serde_json::from_str(&text).ok()) {
            Some(message) => self.answer(message).await,
            None => Ok(internal("")),
        };
        let response = response.unwrap_or_else(|error| {
            log::failed(Event::Directory, "storage", &error.to_string(), "");
            internal("")
        });
        // Before any await: the alarm commits together with what the request wrote.
        self.arm_alarm().await;
        runtime::respond(response)
    }

    async fn alarm(&self) -> worker::Result<Response> {
        self.alarm_at.set(None);
        for _ in 0..PUTS_PER_ALARM {
            match self.put_next().await {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    log::failed(Event::Directory, "storage", &error.to_string(), "");
                    break;
                }
            }
        }
        // An alarm that failed would be dropped after some tries; this one never fails and sets the next one itself.
        self.arm_alarm().await;
        Response::empty()
    }
}

fn internal(request_id: &str) -> ApiResponse {
    ApiResponse::json(500, request_id, &serde_json::json!({ "message": "Something went wrong" }))
}

/// The answer; a failure of the database goes into the log.
fn logged(handled: Handled, request_id: &str) -> ApiResponse {
    if let Some(defect) = &handled.defect {
        log::failed(Event::Directory, "storage", defect, request_id);
    }
    handled.response
}

/// Whatever is sent to the object.
#[derive(Deserialize)]
#[serde(untagged)]
enum DirectoryMessage {
    Command(DirectoryCommand),
    Request(DirectoryRequest),
}

impl Directory {
    fn read_settings(&self) -> Result<&(DirectorySettings, KeyRing), &Misconfigured> {
        let read = || runtime::read_settings(&self.env).map(|all| (directory_settings(&all), all.record_keys));
        self.settings.get_or_init(read).as_ref()
    }

    fn settings(&self) -> Result<&DirectorySettings, &Misconfigured> {
        self.read_settings().map(|(settings, _)| settings)
    }

    fn record_keys(&self) -> Result<&KeyRing, &Misconfigured> {
        self.read_settings().map(|(_, keys)| keys)
    }

    /// Answers whatever comes.
    async fn answer(&self, message: DirectoryMessage) -> Result<ApiResponse, SqlError> {
        self.prepared.clone()?;
        match message {
            DirectoryMessage::Command(DirectoryCommand::Manage { call }) => self.manage(&call).await,
            DirectoryMessage::Command(DirectoryCommand::OAuth { call }) => {
                let (Ok(settings), Some(randomness)) = (self.settings(), runtime::randomness()) else {
                    return Ok(internal(&call.request_id));
                };
                let handled = oauth::handle::handle(&self.sql, settings, &call, runtime::now(), randomness);
                Ok(logged(handled, &call.request_id))
            }
            DirectoryMessage::Request(request) => self.tell(request),
        }
    }

    /// Carries a management call out. The bearer of a limited token pays a use between a rehearsal that was not refused and
    /// the call itself; each of the two is one transaction that authenticates the bearer anew.
    async fn manage(&self, call: &ManagementCall) -> Result<ApiResponse, SqlError> {
        let price = price(&self.sql, call)?;
        if let Price::Use { token, limit } = price {
            let rehearsed = self.run(call, CallMode::Rehearse);
            if ManagementError::is_refusal(rehearsed.status) || rehearsed.status >= 500 {
                return Ok(rehearsed);
            }
            if let Err(error) = self.consume(token, limit).await {
                return Ok(error_response(&error, &call.request_id));
            }
        }
        let mut response = self.run(call, CallMode::Execute);
        if price == Price::Counted && !ManagementError::is_refusal(response.status) {
            response.set(COUNTS_AS_USE, "1".to_owned());
        }
        Ok(response)
    }

    /// Rehearses or executes a call. Everything here is synchronous.
    fn run(&self, call: &ManagementCall, mode: CallMode) -> ApiResponse {
        let (Ok(settings), Some(randomness)) = (self.settings(), runtime::randomness()) else {
            return internal(&call.request_id);
        };
        logged(handle(&self.sql, settings, call, mode, runtime::now(), randomness), &call.request_id)
    }

    async fn consume(&self, token: TokenId, limit: NonZeroU64) -> Result<(), ManagementError> {
        let mut randomness = runtime::randomness().ok_or(ManagementError::Internal)?;
        let attempt = AttemptId::from_random(randomness.next_16());
        match (RuntimePorts { env: &self.env }).consume(token, limit, attempt, runtime::now()).await? {
            Consumption::Granted { .. } => Ok(()),
            Consumption::Exhausted => Err(ManagementError::TokenRefused(Refusal::UsesExhausted)),
        }
    }

    /// Tells what is asked. Everything here is synchronous.
    fn tell(&self, message: DirectoryRequest) -> Result<ApiResponse, SqlError> {
        let now = runtime::now();
        match message {
            DirectoryRequest::Changes { since } => {
                let changes = change_feed::changes_since(&self.sql, since)?;
                Ok(ApiResponse::json(200, "", &ChangesAnswer::from(&changes)))
            }
            DirectoryRequest::Resolve { key, repair } => {
                let Some(key) = EvidenceKey::parse(&key) else { return Ok(internal("")) };
                if repair {
                    outbox::repair(&self.sql, key, now)?;
                }
                let evidence = evidence::gather(&self.sql, key, now)?;
                let mut response = ApiResponse::json(200, "", &());
                response.body = record::encode(&evidence).unwrap_or_default();
                Ok(response)
            }
            DirectoryRequest::ReportUsage { token, uses, last_used } => {
                let Some(token) = TokenId::parse(&token) else { return Ok(internal("")) };
                let has_token = usage::report(&self.sql, token, uses, Timestamp::from_milliseconds(last_used))?;
                Ok(ApiResponse::json(200, "", &UsageAnswer { has_token }))
            }
            DirectoryRequest::Health => {
                let answer = HealthAnswer { failing_puts: outbox::backlog(&self.sql)? };
                Ok(ApiResponse::json(200, "", &answer))
            }
            #[cfg(feature = "test-hooks")]
            DirectoryRequest::Panic => runtime::panic_on_purpose(),
        }
    }

    /// Puts the next due key into the replica. `false` when none is due, or the replica does not take it: then the
    /// others would wait in vain behind the deadline of each.
    async fn put_next(&self) -> Result<bool, SqlError> {
        let now = runtime::now();
        let Some(key) = outbox::next_due(&self.sql, now)? else { return Ok(false) };
        let evidence = evidence::gather(&self.sql, key, now)?;
        let sealed = match self.record_keys() {
            Ok(keys) => record::seal(&evidence, keys),
            Err(_) => None,
        };
        let put = match sealed {
            Some(sealed) => self.put(&key.to_string(), &sealed).await,
            None => Err("no key to seal records with".to_owned()),
        };
        match put {
            Ok(()) => {
                outbox::put_succeeded(&self.sql, key, evidence.sequence, runtime::now())?;
                Ok(true)
            }
            Err(cause) => {
                log::failed(Event::Directory, "replica_put", &cause, "");
                outbox::put_failed(&self.sql, key, runtime::now())?;
                Ok(false)
            }
        }
    }

    async fn put(&self, key: &str, value: &str) -> Result<(), String> {
        let store = self.env.kv(TOKENS).map_err(|error| error.to_string())?;
        let put = store.put(key, value).map_err(|error| error.to_string())?;
        match deadline::within(REPLICA_WRITE, put.execute()).await {
            Ok(outcome) => outcome.map_err(|error| error.to_string()),
            Err(_) => Err("the deadline passed".to_owned()),
        }
    }

    /// Sets the alarm for the next due key, unless it is set for then or earlier.
    async fn arm_alarm(&self) {
        let due = match outbox::next_due_at(&self.sql) {
            Ok(Some(due)) => due,
            Ok(None) | Err(_) => return,
        };
        if self.alarm_at.get().is_some_and(|at| at <= due) {
            return;
        }
        self.alarm_at.set(Some(due));
        let delay = due.milliseconds().saturating_sub(runtime::now().milliseconds()).max(0);
        if self.state.storage().set_alarm(delay).await.is_err() {
            self.alarm_at.set(None);
            log::failed(Event::Directory, "alarm", "the alarm could not be set", "");
        }
    }
}
