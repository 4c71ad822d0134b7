//! A UseCounter object: one for each token, named by the token's id; the authority over its count.
//!
//! Answers POST with a [`CounterRequest`] as JSON by 200 with a [`CounterAnswer`], or 500 when the database failed.
//!
//! Exact because granting a use is one conditional update, no event is delivered while it runs, and the runtime holds the
//! answer back until the update is durable. A crash can lose an answer, never an acknowledged use.
//!
//! The alarm reports the count to the Directory, and removes the counter when its token has been gone for long enough.

use std::cell::Cell;
use std::num::NonZeroU64;
use std::panic::AssertUnwindSafe;

use worker::{DurableObject, Env, Request, Response, State, durable_object};

use crate::durable_sql::DurableSql;
use directory::sql::SqlError;
use directory::use_counter::{self, AfterReport, TokenRow};
use domain::token::uses::Consumption;
use domain::value::identifiers::AttemptId;
use domain::value::timestamp::{Seconds, Timestamp};
use protocol::messages::{CounterAnswer, CounterRequest, DirectoryRequest, UsageAnswer};
use protocol::response::ApiResponse;
use runtime;
use runtime::log::{self, Event};
use runtime::ports;

/// How long a counter outlives its token. Tests do not wait for a month.
const RETENTION: Seconds = if cfg!(feature = "test-hooks") { Seconds::new(2) } else { use_counter::RETENTION };

#[durable_object(alarm)]
pub struct UseCounter {
    state: State,
    env: Env,
    sql: DurableSql,
    /// Whether the table is there, as far as this instance knows; spares looking again.
    prepared: AssertUnwindSafe<Cell<bool>>,
    /// For when the alarm is set, as far as this instance knows; spares setting it again.
    alarm_at: AssertUnwindSafe<Cell<Option<Timestamp>>>,
}

impl DurableObject for UseCounter {
    fn new(state: State, env: Env) -> Self {
        let sql = DurableSql::new(&state);
        let (prepared, alarm_at) = (AssertUnwindSafe(Cell::new(false)), AssertUnwindSafe(Cell::new(None)));
        Self { state, env, sql, prepared, alarm_at }
    }

    async fn fetch(&self, mut request: Request) -> worker::Result<Response> {
        let message = request.text().await.ok().and_then(|text| serde_json::from_str(&text).ok());
        let answer = match message {
            Some(message) => self.answer(message),
            None => Err(SqlError::UnexpectedValue { expected: "a counter request" }),
        };
        let response = match answer {
            Ok((answer, report_due)) => {
                // Before any other await: the alarm commits together with what the request wrote.
                if let Some(due) = report_due {
                    self.arm_alarm(due).await;
                }
                ApiResponse::json(200, "", &answer)
            }
            Err(error) => {
                log::failed(Event::UseCounter, "storage", &error.to_string(), "");
                ApiResponse::json(500, "", &())
            }
        };
        runtime::respond(response)
    }

    async fn alarm(&self) -> worker::Result<Response> {
        self.alarm_at.set(None);
        match self.report().await {
            Ok(AfterReport::Ends) => self.end().await?,
            // An alarm that failed would be dropped after some tries; this one never fails and sets the next one itself.
            Ok(AfterReport::Continues) => self.arm_next_alarm().await,
            Err(error) => {
                log::failed(Event::UseCounter, "storage", &error.to_string(), "");
                self.arm_next_alarm().await;
            }
        }
        Response::empty()
    }
}

impl UseCounter {
    /// Answers a message, and says when the count is to be reported if that has changed. Everything here is synchronous.
    fn answer(&self, message: CounterRequest) -> Result<(CounterAnswer, Option<Timestamp>), SqlError> {
        match message {
            CounterRequest::Consume { limit, attempt, now } => {
                self.prepare()?;
                let limit = NonZeroU64::new(limit).ok_or(SqlError::UnexpectedValue { expected: "a limit" })?;
                let now = Timestamp::from_milliseconds(now);
                let counted = use_counter::consume(&self.sql, limit, parse_attempt(&attempt)?, now)?;
                let answer = match counted.outcome {
                    Consumption::Granted { remaining } => CounterAnswer::Granted { remaining },
                    Consumption::Exhausted => CounterAnswer::Exhausted,
                };
                Ok((answer, counted.report_due))
            }
            CounterRequest::Add { uses, last_used, batch } => {
                self.prepare()?;
                let last_used = Timestamp::from_milliseconds(last_used);
                let batch = parse_attempt(&batch)?;
                let counted = use_counter::add(&self.sql, uses, last_used, batch, runtime::now())?;
                Ok((self.counted()?, counted.report_due))
            }
            CounterRequest::Count => Ok((self.counted()?, None)),
            #[cfg(feature = "test-hooks")]
            CounterRequest::Panic => runtime::panic_on_purpose(),
        }
    }

    fn prepare(&self) -> Result<(), SqlError> {
        if !self.prepared.get() {
            use_counter::prepare(&self.sql)?;
            self.prepared.set(true);
        }
        Ok(())
    }

    fn counted(&self) -> Result<CounterAnswer, SqlError> {
        use_counter::count(&self.sql).map(|count| CounterAnswer::Counted { uses: count.uses })
    }

    /// Reports the count to the Directory, which says whether it still has the token.
    async fn report(&self) -> Result<AfterReport, SqlError> {
        let count = use_counter::count(&self.sql)?;
        let (Some(token), Some(last_used)) = (self.state.id().name(), count.last_used) else {
            return Ok(AfterReport::Continues);
        };
        let request = DirectoryRequest::ReportUsage { token, uses: count.uses, last_used: last_used.milliseconds() };
        let answer = ports::directory_text(&self.env, &request).await;
        match answer.ok().and_then(|text| serde_json::from_str(&text).ok()) {
            Some(UsageAnswer { has_token }) => {
                let token = if has_token { TokenRow::Present } else { TokenRow::Gone };
                use_counter::report_succeeded(&self.sql, count.uses, token, RETENTION, runtime::now())
            }
            None => use_counter::report_failed(&self.sql, runtime::now()).map(|()| AfterReport::Continues),
        }
    }

    /// Removes everything that the counter stores. Nobody can use its token; whoever asks all the same finds no count.
    ///
    /// The instance goes by itself, for want of work. `abort` would end it in the midst of our program, which all counters
    /// on the machine share: then their next calls fail as well.
    async fn end(&self) -> worker::Result<()> {
        // What this instance remembers of what was stored.
        self.prepared.set(false);
        self.alarm_at.set(None);
        self.state.storage().delete_all().await
    }

    /// Sets the alarm for the next report, if there is anything to report.
    async fn arm_next_alarm(&self) {
        if let Ok(Some(due)) = use_counter::report_due(&self.sql) {
            self.arm_alarm(due).await;
        }
    }

    /// Sets the alarm, unless it is set for then or earlier.
    async fn arm_alarm(&self, due: Timestamp) {
        if self.alarm_at.get().is_some_and(|at| at <= due) {
            return;
        }
        self.alarm_at.set(Some(due));
        let delay = due.milliseconds().saturating_sub(runtime::now().milliseconds()).max(0);
        if self.state.storage().set_alarm(delay).await.is_err() {
            self.alarm_at.set(None);
            log::failed(Event::UseCounter, "alarm", "the alarm could not be set", "");
        }
    }
}

fn parse_attempt(text: &str) -> Result<AttemptId, SqlError> {
    AttemptId::parse(text).ok_or(SqlError::UnexpectedValue { expected: "an attempt id" })
}
