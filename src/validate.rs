//! `/validate`: the bearer asks who it is. Consumes a use.

use worker::{Context, Env, Request};

use crate::http::data_plane::accepted::{ProjectsShown, accepted_response};
use crate::http::data_plane::error::{DataPlaneError, error_response};
use domain::token::access_token::PresentedToken;
use protocol::bearer::bearer_token;
use protocol::response::ApiResponse;
use runtime::admission;
use runtime::damping;
use runtime::isolate;
use runtime::log::{self, Event};
use runtime::{self, ReceivedHeaders, RequestFacts};
use validation::pipeline::Accepted;

const METHODS: &str = "GET, HEAD, POST";

pub async fn handle(
    request: &Request,
    headers: &ReceivedHeaders,
    env: &Env,
    context: &Context,
    query: &str,
    mut facts: RequestFacts,
) -> ApiResponse {
    match validate(request, headers, env, context, &mut facts).await {
        Ok(accepted) => accepted_response(&accepted, ProjectsShown::asked_by(query), facts.now, &facts.request_id),
        Err((error, token)) => {
            let token = token.map(|token| token.id.to_string());
            log::refused(Event::Validation, error.log_code(), token.as_deref(), &facts.request_id);
            let response = error_response(&error, &facts.request_id);
            if damping::too_many_failures(env, &facts, response.status).await {
                return error_response(&DataPlaneError::TooManyFailures, &facts.request_id);
            }
            response
        }
    }
}

async fn validate(
    request: &Request,
    headers: &ReceivedHeaders,
    env: &Env,
    context: &Context,
    facts: &mut RequestFacts,
) -> Result<Accepted, (DataPlaneError, Option<PresentedToken>)> {
    if !matches!(runtime::method(request).as_str(), "GET" | "HEAD" | "POST") {
        return Err((DataPlaneError::MethodNotAllowed { allow: METHODS }, None));
    }
    let state = isolate::state(env).map_err(|error| (DataPlaneError::Misconfigured(error), None))?;
    let text =
        bearer_token(headers.get("authorization")).map_err(|error| (DataPlaneError::Credentials(error), None))?;
    let token_use =
        admission::token_use(&state, text, facts.client, facts.now).map_err(|refusal| (refusal.into(), None))?;
    let accepted = async {
        let admitted = admission::admit(&state, env, context, &token_use).await??;
        Ok(admission::consume(&state, env, context, admitted, facts).await??)
    };
    accepted.await.map_err(|error| (error, Some(token_use.token.clone())))
}
