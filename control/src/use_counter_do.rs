//! A UseCounter object: one for each token, named by the token's id; the authority over its count.
//!
//! Answers POST with a [`CounterRequest`] as JSON by 200 with a [`CounterAnswer`], or 500 when the database failed.
//!
//! Exact because granting a use is one conditional update, no event is delivered while it runs, and the runtime holds the
//! answer back until the update is durable. A crash can lose an answer, never an acknowledged use.
//!
//! The alarm reports the count to the Directory.

use std::cell::Cell;
use std::num::NonZeroU64;
use std::panic::AssertUnwindSafe;

use worker::{DurableObject, Env, Request, Response, State, durable_object};

use crate::durable_sql::DurableSql;
use directory::sql::SqlError;
use directory::use_counter;
use domain::token::uses::Consumption;
use domain::value::identifiers::AttemptId;
use domain::value::timestamp::Timestamp;
use protocol::messages::{CounterAnswer, CounterRequest, DirectoryRequest};
use protocol::response::ApiResponse;
use runtime;
use runtime::log::{self, Event};
use runtime::ports;

#[durable_object(alarm)]
pub struct UseCounter {
    state: State,
    env: Env,
    sql: DurableSql,
    prepared: Result<(), SqlError>,
    /// Whether the alarm is set, as far as this instance knows; spares setting it again.
    alarm_set: AssertUnwindSafe<Cell<bool>>,
}

impl DurableObject for UseCounter {
    fn new(state: State, env: Env) -> Self {
        let sql = DurableSql::new(&state);
        let prepared = use_counter::prepare(&sql);
        Self { state, env, sql, prepared, alarm_set: AssertUnwindSafe(Cell::new(false)) }
    }

    async fn fetch(&self, mut request: Request) -> worker::Result<Response> {
        let message = request.text().await.ok().and_then(|text| serde_json::from_str(&text).ok());
        let answer = match message {
            Some(message) => self.answer(message),
            None => Err(SqlError::UnexpectedValue { expected: "a counter request" }),
        };
        // Before any await: the alarm commits together with what the request wrote.
        self.arm_alarm().await;
        let response = match answer {
            Ok(answer) => ApiResponse::json(200, "", &answer),
            Err(error) => {
                log::failed(Event::UseCounter, "storage", &error.to_string(), "");
                ApiResponse::json(500, "", &())
            }
        };
        runtime::respond(response)
    }

    async fn alarm(&self) -> worker::Result<Response> {
        self.alarm_set.set(false);
        if let Err(error) = self.report().await {
            log::failed(Event::UseCounter, "storage", &error.to_string(), "");
        }
        // An alarm that failed would be dropped after some tries; this one never fails and sets the next one itself.
        self.arm_alarm().await;
        Response::empty()
    }
}

impl UseCounter {
    /// Answers a message. Everything here is synchronous.
    fn answer(&self, message: CounterRequest) -> Result<CounterAnswer, SqlError> {
        self.prepared.clone()?;
        match message {
            CounterRequest::Consume { limit, attempt, now } => {
                let limit = NonZeroU64::new(limit).ok_or(SqlError::UnexpectedValue { expected: "a limit" })?;
                let now = Timestamp::from_milliseconds(now);
                match use_counter::consume(&self.sql, limit, parse_attempt(&attempt)?, now)? {
                    Consumption::Granted { remaining } => Ok(CounterAnswer::Granted { remaining }),
                    Consumption::Exhausted => Ok(CounterAnswer::Exhausted),
                }
            }
            CounterRequest::Add { uses, last_used, batch } => {
                let last_used = Timestamp::from_milliseconds(last_used);
                use_counter::add(&self.sql, uses, last_used, parse_attempt(&batch)?, runtime::now())?;
                self.counted()
            }
            CounterRequest::Count => self.counted(),
            #[cfg(feature = "test-hooks")]
            CounterRequest::Panic => runtime::panic_on_purpose(),
        }
    }

    fn counted(&self) -> Result<CounterAnswer, SqlError> {
        use_counter::count(&self.sql).map(|count| CounterAnswer::Counted { uses: count.uses })
    }

    /// Reports the count to the Directory.
    async fn report(&self) -> Result<(), SqlError> {
        let count = use_counter::count(&self.sql)?;
        let (Some(token), Some(last_used)) = (self.state.id().name(), count.last_used) else {
            return use_counter::report_succeeded(&self.sql, count.uses, runtime::now());
        };
        let request = DirectoryRequest::ReportUsage { token, uses: count.uses, last_used: last_used.milliseconds() };
        match ports::directory_text(&self.env, &request).await {
            Ok(_) => use_counter::report_succeeded(&self.sql, count.uses, runtime::now()),
            Err(_) => use_counter::report_failed(&self.sql, runtime::now()),
        }
    }

    /// Sets the alarm for the next report, if one is due and the alarm is not set.
    async fn arm_alarm(&self) {
        if self.alarm_set.get() {
            return;
        }
        let Ok(Some(due)) = use_counter::report_due(&self.sql) else { return };
        self.alarm_set.set(true);
        let delay = due.milliseconds().saturating_sub(runtime::now().milliseconds()).max(0);
        if self.state.storage().set_alarm(delay).await.is_err() {
            self.alarm_set.set(false);
            log::failed(Event::UseCounter, "alarm", "the alarm could not be set", "");
        }
    }
}

fn parse_attempt(text: &str) -> Result<AttemptId, SqlError> {
    AttemptId::parse(text).ok_or(SqlError::UnexpectedValue { expected: "an attempt id" })
}
