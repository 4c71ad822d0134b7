//! Admitting a bearer, and consuming its use: for every family that takes an access token. Each family writes its
//! refusals itself.

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
use validation::pipeline::request::{self, AdmissionRefusal, AdmittedRequest};
use validation::pipeline::{self, Accepted, Admitted, TokenUse};
use validation::ports::Unavailable;

/// A bearer's token, from where it is used. Malformed and forged ones end here: nothing has been read and nothing called.
///
/// # Errors
/// [`Refusal::Malformed`], [`Refusal::Forged`].
pub fn token_use(
    state: &IsolateState,
    text: &str,
    client: Option<IpAddr>,
    now: Timestamp,
) -> Result<TokenUse, Refusal> {
    let token = AccessToken::parse(text, &state.settings.token_keys)?.presented();
    Ok(TokenUse { token, client, now })
}

/// Every check of the bearer but consuming a use.
///
/// # Errors
/// [`Unavailable`] when the verdict cannot be known.
pub async fn admit(
    state: &Rc<IsolateState>,
    env: &Env,
    context: &Context,
    token_use: &TokenUse,
) -> Result<Result<Admitted, Refusal>, Unavailable> {
    let (ports, keys) = (RuntimePorts { env }, &state.settings.record_keys);
    let admitted = pipeline::admit(&state.validation, &ports, keys, token_use).await;
    usage::refresh_in_background(state, env, context, token_use.now);
    admitted
}

/// Every check of the bearer and of its request but consuming a use.
///
/// # Errors
/// [`Unavailable`] when the verdict cannot be known.
pub async fn admit_request(
    state: &Rc<IsolateState>,
    env: &Env,
    context: &Context,
    token_use: &TokenUse,
    request: &ProxiedRequest,
) -> Result<Result<AdmittedRequest, AdmissionRefusal>, Unavailable> {
    let (ports, keys) = (RuntimePorts { env }, &state.settings.record_keys);
    let admitted = request::admit_request(&state.validation, &ports, keys, token_use, request).await;
    usage::refresh_in_background(state, env, context, token_use.now);
    admitted
}

/// Consumes a use of who has passed every other check, or counts one that has no limit.
///
/// # Errors
/// [`Unavailable::Counter`] when it is not known whether a use was consumed.
pub async fn consume(
    state: &Rc<IsolateState>,
    env: &Env,
    context: &Context,
    admitted: Admitted,
    facts: &mut RequestFacts,
) -> Result<Result<Accepted, Refusal>, Unavailable> {
    let attempt = AttemptId::from_random(facts.randomness.next_16());
    let consumed = pipeline::consume(&state.validation, &RuntimePorts { env }, admitted, attempt, facts.now).await?;
    if let Ok(accepted) = &consumed
        && accepted.uses_remaining.is_none()
    {
        usage::count_in_background(state, env, context, accepted.admitted.token.id, facts.now);
    }
    Ok(consumed)
}
