//! The Directory object: one instance, the authority.
//!
//! Named [`directory`](crate::edge::objects); answers POST with a
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

use crate::directory::sql::SqlError;
use crate::directory::{change_feed, evidence, outbox, schema, usage};
use crate::domain::evidence::EvidenceKey;
use crate::domain::identifiers::TokenId;
use crate::domain::timestamp::Timestamp;
use crate::edge::deadline::{self, REPLICA_WRITE};
use crate::edge::durable_sql::DurableSql;
use crate::edge::log::{self, Event};
use crate::edge::objects::TOKENS;
use crate::edge::runtime;
use crate::http::management::handle::handle;
use crate::http::messages::{ChangesAnswer, DirectoryRequest, HealthAnswer};
use crate::http::oauth;
use crate::http::response::ApiResponse;
use crate::http::settings::{Misconfigured, Settings};
use crate::validation::record;

/// How many keys one alarm puts at most; what is left is due at once and gets an alarm of its own.
const PUTS_PER_ALARM: usize = 100;

/// The object.
#[durable_object(alarm)]
pub struct Directory {
    state: State,
    env: Env,
    sql: DurableSql,
    prepared: Result<(), SqlError>,
    settings: AssertUnwindSafe<OnceCell<Result<Settings, Misconfigured>>>,
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
            Some(message) => self.answer(message),
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

impl Directory {
    fn settings(&self) -> Result<&Settings, &Misconfigured> {
        self.settings.get_or_init(|| runtime::read_settings(&self.env)).as_ref()
    }

    /// Answers a message. Everything here is synchronous.
    fn answer(&self, message: DirectoryRequest) -> Result<ApiResponse, SqlError> {
        self.prepared.clone()?;
        let now = runtime::now();
        match message {
            DirectoryRequest::Manage { call, mode } => {
                let (Ok(settings), Some(randomness)) = (self.settings(), runtime::randomness()) else {
                    return Ok(internal(&call.request_id));
                };
                let handled = handle(&self.sql, &settings.directory, &call, mode, now, randomness);
                if let Some(defect) = &handled.defect {
                    log::failed(Event::Directory, "storage", defect, &call.request_id);
                }
                Ok(handled.response)
            }
            DirectoryRequest::OAuth { call } => {
                let (Ok(settings), Some(randomness)) = (self.settings(), runtime::randomness()) else {
                    return Ok(internal(&call.request_id));
                };
                let handled = oauth::handle::handle(&self.sql, &settings.directory, &call, now, randomness);
                if let Some(defect) = &handled.defect {
                    log::failed(Event::Directory, "storage", defect, &call.request_id);
                }
                Ok(handled.response)
            }
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
                if let Some(token) = TokenId::parse(&token) {
                    usage::report(&self.sql, token, uses, Timestamp::from_milliseconds(last_used))?;
                }
                Ok(ApiResponse::json(200, "", &()))
            }
            DirectoryRequest::Health => {
                let answer = HealthAnswer { failing_puts: outbox::backlog(&self.sql)? };
                Ok(ApiResponse::json(200, "", &answer))
            }
            #[cfg(feature = "test-hooks")]
            DirectoryRequest::Panic => crate::edge::test_hooks::panic_on_purpose(),
        }
    }

    /// Puts the next due key into the replica. `false` when none is due, or the replica does not take it: then the
    /// others would wait in vain behind the deadline of each.
    async fn put_next(&self) -> Result<bool, SqlError> {
        let now = runtime::now();
        let Some(key) = outbox::next_due(&self.sql, now)? else { return Ok(false) };
        let evidence = evidence::gather(&self.sql, key, now)?;
        let sealed = match self.settings() {
            Ok(settings) => record::seal(&evidence, &settings.record_keys),
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
