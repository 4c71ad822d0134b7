//! Work that a request leaves behind: refreshing the change feed and reporting uses of tokens without a limit.
//!
//! Both run after the response, in the background of the request that started them. If that request dies, a later one
//! takes over after some seconds.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use worker::{Context, Delay, Env};

use crate::isolate::IsolateState;
use crate::ports::{self, RuntimePorts};
use domain::value::identifiers::{AttemptId, TokenId};
use domain::value::timestamp::{Seconds, Timestamp};
use protocol::messages::CounterRequest;
use validation::pipeline;
use validation::usage_tally::Tally;

/// How long uses are added up before they are reported.
const REPORT_DELAY: Duration = Duration::from_secs(1);
/// How long background work may take before another request starts it anew.
const PATIENCE: Seconds = Seconds::new(10);

/// Whether background work is to be started now; if so, notes that it has been.
fn claim(running_since: &Cell<Option<Timestamp>>, now: Timestamp) -> bool {
    let running = running_since.get().is_some_and(|since| now < since.plus(PATIENCE) && since <= now.plus(PATIENCE));
    if !running {
        running_since.set(Some(now));
    }
    !running
}

/// Asks the change feed in the background if the isolate's view is getting old.
pub fn refresh_in_background(state: &Rc<IsolateState>, env: &Env, context: &Context, now: Timestamp) {
    if !state.validation.borrow().wants_refresh(now) || !claim(&state.refreshing, now) {
        return;
    }
    let (state, env) = (Rc::clone(state), env.clone());
    context.wait_until(async move {
        // If it fails, the next request whose view is too old asks in the foreground and says so to its caller.
        let _ = pipeline::refresh(&state.validation, &RuntimePorts { env: &env }, now).await;
        state.refreshing.set(None);
    });
}

/// Counts a use of a token without a limit, and reports it soon.
pub fn count_in_background(state: &Rc<IsolateState>, env: &Env, context: &Context, token: TokenId, now: Timestamp) {
    state.usage.borrow_mut().count(token, now);
    if !claim(&state.reporting, now) {
        return;
    }
    let (state, env) = (Rc::clone(state), env.clone());
    context.wait_until(async move {
        Delay::from(REPORT_DELAY).await;
        let waiting = state.usage.borrow_mut().take();
        // From here on a new use starts a new report.
        state.reporting.set(None);
        for (token, tally) in waiting {
            if report(&env, token, tally).await.is_none() {
                state.usage.borrow_mut().add(token, tally);
            }
        }
    });
}

async fn report(env: &Env, token: TokenId, tally: Tally) -> Option<()> {
    let batch = AttemptId::from_random(crate::randomness()?.next_16());
    let request =
        CounterRequest::Add { uses: tally.uses, last_used: tally.last_used.milliseconds(), batch: batch.to_string() };
    ports::counter_answer(env, token, &request).await.ok().map(|_| ())
}
