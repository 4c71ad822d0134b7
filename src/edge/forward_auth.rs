//! `/authz/**`: a reverse proxy asks whether it may pass a request on. Spends a use.

use worker::{Context, Env, Request};

use crate::domain::access_token::PresentedToken;
use crate::domain::proxy_trust::{ProxyProof, UnprovenProxy};
use crate::edge::admission;
use crate::edge::isolate;
use crate::edge::log;
use crate::edge::runtime::{self, RequestFacts};
use crate::http::bearer::bearer_token;
use crate::http::data_plane::accepted::forwarded_response;
use crate::http::data_plane::error::{DataPlaneError, error_response};
use crate::http::forward_auth::{Dialect, ForwardAuthError, PROXY_SECRET_HEADER, Question};
use crate::http::response::ApiResponse;
use crate::validation::pipeline::request::AdmittedRequest;

/// Answers a proxy's question.
pub async fn handle(
    request: &Request,
    env: &Env,
    context: &Context,
    path: &str,
    mut facts: RequestFacts,
) -> ApiResponse {
    let Some(dialect) = Dialect::of(path) else {
        return error_response(&DataPlaneError::NotFound, &facts.request_id);
    };
    match decide(dialect, request, env, context, path, &mut facts).await {
        Ok(allowed) => forwarded_response(&allowed.admitted, &allowed.authorized, &facts.request_id),
        Err((error, token)) => {
            let token = token.map(|token| token.id.to_string());
            log::refused("forward_auth", error.log_code(), token.as_deref(), &facts.request_id);
            dialect.carry(error_response(&error, &facts.request_id))
        }
    }
}

async fn decide(
    dialect: Dialect,
    request: &Request,
    env: &Env,
    context: &Context,
    path: &str,
    facts: &mut RequestFacts,
) -> Result<AdmittedRequest, (DataPlaneError, Option<PresentedToken>)> {
    let without_token = |error| (error, None);
    let forward_auth = |error| (DataPlaneError::ForwardAuth(error), None);
    let header = |name: &str| runtime::header(request, name);

    let state = isolate::state(env).map_err(|error| without_token(DataPlaneError::Misconfigured(error)))?;
    let trust = state.settings.proxy_trust.as_ref().ok_or_else(|| forward_auth(ForwardAuthError::Disabled))?;
    let secret = header(PROXY_SECRET_HEADER);
    // The address that calls is the proxy's; the client's is what a proven proxy reports.
    let proof = ProxyProof { secret: secret.as_deref(), address: facts.client };
    trust.check(dialect.proof_rule(), proof).map_err(|UnprovenProxy| forward_auth(ForwardAuthError::ProxyNotProven))?;

    let question = Question { method: &runtime::method(request), path };
    let forwarded = dialect.read(question, header).map_err(forward_auth)?;
    let text = bearer_token(forwarded.authorization.as_deref())
        .map_err(|error| without_token(DataPlaneError::Credentials(error)))?;
    let presentation = admission::present(&state, text, Some(forwarded.client), facts.now)
        .map_err(|refusal| (refusal.into(), None))?;
    let accepted = async {
        let AdmittedRequest { admitted, authorized } =
            admission::admit_request(&state, env, context, &presentation, &forwarded.request).await??;
        let accepted = admission::spend(&state, env, context, admitted, facts).await??;
        Ok(AdmittedRequest { admitted: accepted.admitted, authorized })
    };
    accepted.await.map_err(|error| (error, Some(presentation.token.clone())))
}
