//! Admitting a proxied request, and spending its use: what the gateway and forward auth have in common.

use std::rc::Rc;

use worker::{Context, Env};

use crate::domain::identifiers::AttemptId;
use crate::domain::proxied_request::ProxiedRequest;
use crate::domain::timestamp::Timestamp;
use crate::edge::isolate::IsolateState;
use crate::edge::ports::RuntimePorts;
use crate::edge::runtime::RequestFacts;
use crate::edge::usage;
use crate::http::data_plane::DataPlaneError;
use crate::validation::pipeline::request::{self, AdmittedRequest, Denial};
use crate::validation::pipeline::{self, Accepted, Admitted, Presentation};

/// Every check of the bearer and of its request but spending a use.
///
/// # Errors
/// [`DataPlaneError`].
pub async fn admit_request(
    state: &Rc<IsolateState>,
    env: &Env,
    context: &Context,
    presentation: &Presentation,
    request: &ProxiedRequest,
    now: Timestamp,
) -> Result<AdmittedRequest, DataPlaneError> {
    let ports = RuntimePorts { env };
    let keys = &state.settings.record_keys;
    let admitted = request::admit_request(&state.validation, &ports, keys, presentation, request).await;
    usage::refresh_in_background(state, env, context, now);
    admitted.map_err(DataPlaneError::Unavailable)?.map_err(|denial| match denial {
        Denial::Bearer(refusal) => DataPlaneError::Refused(refusal),
        Denial::Request(refusal) => DataPlaneError::Denied(refusal),
    })
}

/// Every check of the bearer but spending a use.
///
/// # Errors
/// [`DataPlaneError`].
pub async fn admit(
    state: &Rc<IsolateState>,
    env: &Env,
    context: &Context,
    presentation: &Presentation,
    now: Timestamp,
) -> Result<Admitted, DataPlaneError> {
    let ports = RuntimePorts { env };
    let admitted = pipeline::admit(&state.validation, &ports, &state.settings.record_keys, presentation).await;
    usage::refresh_in_background(state, env, context, now);
    admitted.map_err(DataPlaneError::Unavailable)?.map_err(DataPlaneError::Refused)
}

/// Spends a use of who has passed every other check, or counts one that has no limit.
///
/// # Errors
/// [`DataPlaneError`].
pub async fn spend(
    state: &Rc<IsolateState>,
    env: &Env,
    context: &Context,
    admitted: Admitted,
    facts: &mut RequestFacts,
) -> Result<Accepted, DataPlaneError> {
    let attempt = AttemptId::from_random(facts.randomness.next_16());
    let accepted = pipeline::spend(&state.validation, &RuntimePorts { env }, admitted, attempt, facts.now)
        .await
        .map_err(DataPlaneError::Unavailable)?
        .map_err(DataPlaneError::Refused)?;
    if accepted.uses_remaining.is_none() {
        usage::count_in_background(state, env, context, accepted.admitted.token.id, facts.now);
    }
    Ok(accepted)
}
