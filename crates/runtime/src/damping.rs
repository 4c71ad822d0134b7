//! The runtime's rate limiters.
//!
//! Each is a binding that may be absent (see `wrangler.toml`): then nothing is limited. A limiter that fails, or is
//! slow, limits nobody, and the log says so. See [`http::damping`](protocol::damping) for what is limited and why.

use worker::Env;

use crate::RequestFacts;
use crate::deadline::{self, LIMITER};
use crate::isolate::{self, IsolateState};
use crate::log::{self, Event};
use domain::network::caller_network::caller_network;
use protocol::damping::is_failure;

/// What is limited for each caller.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Limiter {
    /// Failures of the data plane, of logins and of whatever else can be guessed at.
    Failures,
    /// Introspections, each of which asks the authority.
    Introspections,
    /// Renewals by the bearer, each of which asks the authority.
    Renewals,
    /// Questions for the status, which anybody may ask and the authority answers.
    Status,
}

impl Limiter {
    const fn binding(self) -> &'static str {
        match self {
            Self::Failures => "FAILURE_LIMITER",
            Self::Introspections => "INTROSPECTION_LIMITER",
            Self::Renewals => "RENEWAL_LIMITER",
            Self::Status => "STATUS_LIMITER",
        }
    }
}

/// Counts a request of this caller's; whether there was room for it. A caller whose address is not known is not limited:
/// it would be lumped together with strangers.
pub async fn is_within_limit(env: &Env, limiter: Limiter, facts: &RequestFacts) -> bool {
    let Some(client) = facts.client else { return true };
    let Ok(binding) = env.rate_limiter(limiter.binding()) else { return true };
    match deadline::within(LIMITER, binding.limit(caller_network(client).to_string())).await {
        Ok(Ok(outcome)) => outcome.success,
        Ok(Err(_)) | Err(_) => {
            log::failed(Event::Damping, "limiter_unavailable", limiter.binding(), &facts.request_id);
            true
        }
    }
}

/// Counts an answer against its caller, if it is a failure; whether it was one too many. The caller then reads 429 instead.
pub async fn too_many_failures(env: &Env, facts: &RequestFacts, status: u16) -> bool {
    let (Some(client), Ok(state)) = (facts.client, isolate::state(env)) else { return false };
    if !is_failure(status) {
        return false;
    }
    if is_damped(&state, facts) {
        return true;
    }
    let is_within_limit = is_within_limit(env, Limiter::Failures, facts).await;
    if !is_within_limit {
        state.damped.borrow_mut().note(caller_network(client), facts.now);
    }
    !is_within_limit
}

/// Whether the caller has failed too often a moment ago.
pub fn is_damped(state: &IsolateState, facts: &RequestFacts) -> bool {
    facts.client.is_some_and(|client| state.damped.borrow_mut().holds(caller_network(client), facts.now))
}
