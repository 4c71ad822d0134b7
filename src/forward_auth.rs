//! `/authz/**`: a reverse proxy asks whether it may pass a request on. Consumes a use.
//!
//! Failures are counted against whoever caused them: the client that a proven proxy reports, or else the address that
//! claims to be a proxy. If the question of a proven proxy cannot be read, nobody is counted.

use std::net::IpAddr;

use worker::{Context, Env, Request};

use crate::http::data_plane::accepted::forwarded_response;
use crate::http::data_plane::error::{DataPlaneError, error_response};
use crate::http::forward_auth::{Dialect, ForwardAuthError, ForwardAuthRequest, PROXY_SECRET_HEADER};
use domain::network::proxy_trust::{ProxyProof, UnprovenProxy};
use domain::token::access_token::PresentedToken;
use protocol::bearer::bearer_token;
use protocol::response::ApiResponse;
use runtime::admission;
use runtime::damping;
use runtime::isolate;
use runtime::log::{self, Event};
use runtime::{self, ReceivedHeaders, RequestFacts};
use validation::pipeline::request::AdmittedRequest;

pub async fn handle(
    request: &Request,
    headers: &ReceivedHeaders,
    env: &Env,
    context: &Context,
    path: &str,
    mut facts: RequestFacts,
) -> ApiResponse {
    let Some(dialect) = Dialect::of(path) else {
        return error_response(&DataPlaneError::NotFound, &facts.request_id);
    };
    match decide(dialect, request, headers, env, context, path, &mut facts).await {
        Ok(allowed) => forwarded_response(&allowed.admitted, &allowed.authorized, &facts.request_id),
        Err(failure) => {
            let token = failure.token.map(|token| token.id.to_string());
            log::refused(Event::ForwardAuth, failure.error.log_code(), token.as_deref(), &facts.request_id);
            let mut response = error_response(&failure.error, &facts.request_id);
            let facts = RequestFacts { client: failure.cause, ..facts };
            if damping::too_many_failures(env, &facts, response.status).await {
                response = error_response(&DataPlaneError::TooManyFailures, &facts.request_id);
            }
            dialect.carry(response)
        }
    }
}

/// Why a proxy is told no, about which token, and whose failure it is.
struct ForwardAuthFailure {
    error: DataPlaneError,
    token: Option<PresentedToken>,
    cause: Option<IpAddr>,
}

async fn decide(
    dialect: Dialect,
    request: &Request,
    headers: &ReceivedHeaders,
    env: &Env,
    context: &Context,
    path: &str,
    facts: &mut RequestFacts,
) -> Result<AdmittedRequest, ForwardAuthFailure> {
    let of_nobody = |error| ForwardAuthFailure { error, token: None, cause: None };
    let of_caller = |error| ForwardAuthFailure { error, token: None, cause: facts.client };
    let header = |name: &str| headers.owned(name);

    let state = isolate::state(env).map_err(|error| of_nobody(DataPlaneError::Misconfigured(error)))?;
    let disabled = || of_nobody(DataPlaneError::ForwardAuth(ForwardAuthError::Disabled));
    let trust = state.settings.proxy_trust.as_ref().ok_or_else(disabled)?;
    // The address that calls is the proxy's; the client's is what a proven proxy reports.
    let proof = ProxyProof { secret: headers.get(PROXY_SECRET_HEADER), address: facts.client };
    trust
        .check(dialect.proof_rule(), proof)
        .map_err(|UnprovenProxy| of_caller(DataPlaneError::ForwardAuth(ForwardAuthError::ProxyNotProven)))?;

    let question = ForwardAuthRequest { method: &runtime::method(request), path };
    let forwarded = dialect.read(question, header).map_err(|error| of_nobody(DataPlaneError::ForwardAuth(error)))?;
    let of_client = |error| ForwardAuthFailure { error, token: None, cause: Some(forwarded.client) };
    let text = bearer_token(forwarded.authorization.as_deref())
        .map_err(|error| of_client(DataPlaneError::Credentials(error)))?;
    let token_use = admission::token_use(&state, text, Some(forwarded.client), facts.now)
        .map_err(|refusal| of_client(refusal.into()))?;
    let accepted = async {
        let AdmittedRequest { admitted, authorized } =
            admission::admit_request(&state, env, context, &token_use, &forwarded.request).await??;
        let accepted = admission::consume(&state, env, context, admitted, facts).await??;
        Ok(AdmittedRequest { admitted: accepted.admitted, authorized })
    };
    accepted.await.map_err(|error| ForwardAuthFailure { token: Some(token_use.token.clone()), ..of_client(error) })
}
