//! Admitting a bearer, and spending its use: for every family that takes an access token. What a refusal looks like is
//! the family's own.

use std::net::IpAddr;
use std::rc::Rc;

use worker::{Context, Env};

use crate::RequestFacts;
use crate::isolate::IsolateState;
use crate::ports::RuntimePorts;
use crate::usage;
use domain::gateway::proxied_request::ProxiedRequest;
use domain::token::access_token::AccessToken;
use domain::token::refusal::Refusal;
use domain::value::identifiers::AttemptId;
use domain::value::timestamp::Timestamp;
use validation::pipeline::request::{self, AdmittedRequest, Denial};
use validation::pipeline::{self, Accepted, Admitted, Presentation};
use validation::ports::Unavailable;

/// A bearer's token, from where it is used. Malformed and forged ones end here: nothing has been read and nothing called.
///
/// # Errors
/// [`Refusal::Malformed`], [`Refusal::Forged`].
pub fn present(
    state: &IsolateState,
    text: &str,
    client: Option<IpAddr>,
    now: Timestamp,
) -> Result<Presentation, Refusal> {
    let token = AccessToken::parse(text, &state.settings.token_keys)?.presented();
    Ok(Presentation { token, client, now })
}

/// Every check of the bearer but spending a use.
///
/// # Errors
/// [`Unavailable`] when the verdict cannot be known.
pub async fn admit(
    state: &Rc<IsolateState>,
    env: &Env,
    context: &Context,
    presentation: &Presentation,
) -> Result<Result<Admitted, Refusal>, Unavailable> {
    let (ports, keys) = (RuntimePorts { env }, &state.settings.record_keys);
    let admitted = pipeline::admit(&state.validation, &ports, keys, presentation).await;
    usage::refresh_in_background(state, env, context, presentation.now);
    admitted
}

/// Every check of the bearer and of its request but spending a use.
///
/// # Errors
/// [`Unavailable`] when the verdict cannot be known.
pub async fn admit_request(
    state: &Rc<IsolateState>,
    env: &Env,
    context: &Context,
    presentation: &Presentation,
    request: &ProxiedRequest,
) -> Result<Result<AdmittedRequest, Denial>, Unavailable> {
    let (ports, keys) = (RuntimePorts { env }, &state.settings.record_keys);
    let admitted = request::admit_request(&state.validation, &ports, keys, presentation, request).await;
    usage::refresh_in_background(state, env, context, presentation.now);
    admitted
}

/// Spends a use of who has passed every other check, or counts one that has no limit.
///
/// # Errors
/// [`Unavailable::Counter`] when it is not known whether a use was spent.
pub async fn spend(
    state: &Rc<IsolateState>,
    env: &Env,
    context: &Context,
    admitted: Admitted,
    facts: &mut RequestFacts,
) -> Result<Result<Accepted, Refusal>, Unavailable> {
    let attempt = AttemptId::from_random(facts.randomness.next_16());
    let spent = pipeline::spend(&state.validation, &RuntimePorts { env }, admitted, attempt, facts.now).await?;
    if let Ok(accepted) = &spent
        && accepted.uses_remaining.is_none()
    {
        usage::count_in_background(state, env, context, accepted.admitted.token.id, facts.now);
    }
    Ok(spent)
}
