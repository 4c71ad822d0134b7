//! The OAuth endpoints on the Worker's side: read the request, ask the Directory, and let the data plane decide.

use std::rc::Rc;

use worker::{Context, Env, Request, Response};

use crate::answer::{self, ControlAnswer};
use domain::token::access_token::PresentedToken;
use domain::value::identifiers::{ClientId, TokenId};
use management::credentials::{ClientCredentials, Presented};
use management::messages::DirectoryCommand;
use management::oauth::call::{InquirerMessage, IntrospectionGrant, OAuthAction, OAuthCall};
use management::oauth::client_authentication::{self, CallerCredentials};
use management::oauth::error::{OAuthError, Scheme};
use management::oauth::form::Form;
use management::oauth::introspection::{self, Activity, IntrospectionRequest, active_response, inactive_response};
use management::oauth::metadata;
use management::oauth::revocation::{self, done_response};
use protocol::family::{INTROSPECTION_PATH, REVOCATION_PATH};
use protocol::issuer::Issuer;
use protocol::messages::MAY_HAVE_CHANGED;
use protocol::response::ApiResponse;
use runtime::admission;
use runtime::damping::{self, Limiter};
use runtime::isolate::{self, IsolateState};
use runtime::log::{self, Event};
use runtime::objects::{self, Repeatable};
use runtime::ports::RuntimePorts;
use runtime::{self, ReceivedHeaders, RequestFacts};
use validation::pipeline::{self, Admitted, TokenUse};
use validation::ports::Unavailable;

/// Answers a request to one of the endpoints.
///
/// # Errors
/// The runtime's.
pub async fn handle(
    request: Request,
    headers: &ReceivedHeaders,
    env: &Env,
    context: &Context,
    path: &str,
    mut facts: RequestFacts,
) -> worker::Result<Response> {
    let (event, answered) = match path {
        INTROSPECTION_PATH => (Event::Introspection, introspect(request, headers, env, context, &mut facts).await),
        REVOCATION_PATH => (Event::Revocation, revoke(request, headers, env, &facts).await),
        _ => (Event::Metadata, describe(&request, env, &facts)),
    };
    // The Directory is asked only about a token whose tag is ours; junk is answered 200 without it.
    let may_have_changed = path == REVOCATION_PATH
        && matches!(&answered, Ok(ControlAnswer::Directory(response)) if response.status_code() == 200);
    let answered = answer::damp(env, &facts, answered).await;
    let response = answer::give(event, answered, &facts)?;
    if may_have_changed { runtime::with_header(response, MAY_HAVE_CHANGED, "1") } else { Ok(response) }
}

fn describe(request: &Request, env: &Env, facts: &RequestFacts) -> Result<ControlAnswer, OAuthError> {
    require_method(request, metadata::METHODS)?;
    let state = isolate::state(env).map_err(OAuthError::Misconfigured)?;
    let issuer = Issuer::of_request(state.settings.issuer.as_ref(), &request.inner().url());
    Ok(ControlAnswer::Ours(metadata::response(&issuer, &facts.request_id)))
}

async fn introspect(
    mut request: Request,
    headers: &ReceivedHeaders,
    env: &Env,
    context: &Context,
    facts: &mut RequestFacts,
) -> Result<ControlAnswer, OAuthError> {
    require_method(&request, introspection::METHODS)?;
    let state = isolate::state(env).map_err(OAuthError::Misconfigured)?;
    let form = read_form(&mut request, headers).await?;
    let keys = &state.settings.token_keys;
    let credentials = client_authentication::read(headers.get("authorization"), &form)?;
    let question = IntrospectionRequest::read(&form, keys)?;
    if credentials != CallerCredentials::None && !damping::is_within_limit(env, Limiter::Introspections, facts).await {
        return Err(OAuthError::TooManyRequests);
    }
    let (inquirer, bearer) = match credentials {
        CallerCredentials::None => {
            return Err(OAuthError::ClientNotAuthenticated { challenge: Scheme::BasicOrBearer });
        }
        CallerCredentials::Client(client, secret) => {
            answer::refuse_damped::<OAuthError>(&state, facts)?;
            (InquirerMessage::Client(ClientCredentials::new(client, &secret)), None)
        }
        CallerCredentials::Bearer(text) => {
            let (admitted, token) = authenticate(&state, env, context, text, facts).await?;
            (InquirerMessage::Bearer(Presented::from(&token)), Some(admitted))
        }
    };
    // A client secret may count its uses: then a second question would consume a second one.
    let repeatable = if bearer.is_some() { Repeatable::Yes } else { Repeatable::No };
    let token_id = question.token.as_ref().ok().map(|token| token.id.to_string());
    let action = OAuthAction::AuthorizeIntrospection { inquirer, token_id };
    let mut response = ask(env, action, facts, repeatable).await?;
    if response.status_code() != 200 {
        return Ok(ControlAnswer::Directory(response));
    }
    let grant = read_grant(&mut response).await?;
    if let Some(bearer) = bearer {
        admission::consume(&state, env, context, bearer, facts).await??;
    }
    say(&state, env, context, &request, question, &grant, facts).await.map(ControlAnswer::Ours)
}

/// What the resource server reads about the token.
async fn say(
    state: &Rc<IsolateState>,
    env: &Env,
    context: &Context,
    request: &Request,
    question: IntrospectionRequest,
    grant: &IntrospectionGrant,
    facts: &mut RequestFacts,
) -> Result<ApiResponse, OAuthError> {
    let token = match question.token {
        Ok(token) => token,
        Err(refusal) => return Ok(inactive(refusal.code(), None, facts)),
    };
    let id = token.id;
    if !grant.granted {
        return Ok(inactive("withheld", Some(id), facts));
    }
    let token_use = TokenUse { token, client: question.client, now: facts.now };
    let admitted = match admission::admit(state, env, context, &token_use).await? {
        Ok(admitted) => admitted,
        Err(refusal) => return Ok(inactive(refusal.code(), Some(id), facts)),
    };
    let counted = if question.consume {
        let consumed = admission::consume(state, env, context, admitted.clone(), facts).await?;
        consumed.map(|accepted| accepted.uses_remaining)
    } else {
        pipeline::peek(&state.validation, &RuntimePorts { env }, &admitted.token).await?
    };
    let uses_remaining = match counted {
        Ok(uses_remaining) => uses_remaining,
        Err(refusal) => return Ok(inactive(refusal.code(), Some(id), facts)),
    };
    let issuer = Issuer::of_request(state.settings.issuer.as_ref(), &request.inner().url());
    let client = grant.client_id.as_deref().and_then(ClientId::parse);
    let activity = Activity { client, uses_remaining, issuer: &issuer };
    Ok(active_response(&admitted, activity, facts.now, &facts.request_id))
}

/// The bland answer; the log gets the reason.
fn inactive(code: &str, token: Option<TokenId>, facts: &RequestFacts) -> ApiResponse {
    let token = token.map(|id| id.to_string());
    log::refused(Event::Introspection, code, token.as_deref(), &facts.request_id);
    inactive_response(&facts.request_id)
}

async fn revoke(
    mut request: Request,
    headers: &ReceivedHeaders,
    env: &Env,
    facts: &RequestFacts,
) -> Result<ControlAnswer, OAuthError> {
    require_method(&request, revocation::METHODS)?;
    let state = isolate::state(env).map_err(OAuthError::Misconfigured)?;
    let form = read_form(&mut request, headers).await?;
    let credentials = client_authentication::read(headers.get("authorization"), &form)?;
    let token = revocation::read_token(&form, &state.settings.token_keys)?;
    let client_credentials = match credentials {
        CallerCredentials::None => None,
        CallerCredentials::Client(client, secret) => {
            answer::refuse_damped::<OAuthError>(&state, facts)?;
            Some(ClientCredentials::new(client, &secret))
        }
        // RFC 7009 §2.1 knows clients only; a bearer beside the token would be one credential too many.
        CallerCredentials::Bearer(_) => return Err(OAuthError::ClientNotAuthenticated { challenge: Scheme::Basic }),
    };
    let token = match (token, &client_credentials) {
        (Ok(token), _) => Some(Presented::from(&token)),
        (Err(_), Some(_)) => None,
        // Nothing to revoke and nobody to authenticate.
        (Err(_), None) => return Ok(ControlAnswer::Ours(done_response(&facts.request_id))),
    };
    // Revoking twice is revoking once, unless a use of a client secret is consumed each time.
    let repeatable = if client_credentials.is_none() { Repeatable::Yes } else { Repeatable::No };
    let response = ask(env, OAuthAction::Revoke { client_credentials, token }, facts, repeatable).await?;
    if response.status_code() == 200 {
        state.validation.borrow_mut().expect_changes();
    }
    Ok(ControlAnswer::Directory(response))
}

fn require_method(request: &Request, allow: &'static str) -> Result<(), OAuthError> {
    let method = runtime::method(request);
    if allow.split(", ").any(|allowed| allowed == method) {
        Ok(())
    } else {
        Err(OAuthError::MethodNotAllowed { allow })
    }
}

async fn read_form(request: &mut Request, headers: &ReceivedHeaders) -> Result<Form, OAuthError> {
    let body = runtime::read_body(request, headers).await?;
    Form::parse(headers.get("content-type"), &body)
}

/// The resource server by its own access token: the same pipeline as `/validate`, up to and without consuming a use.
async fn authenticate(
    state: &Rc<IsolateState>,
    env: &Env,
    context: &Context,
    text: &str,
    facts: &RequestFacts,
) -> Result<(Admitted, PresentedToken), OAuthError> {
    let token_use = admission::token_use(state, text, facts.client, facts.now)?;
    let admitted = admission::admit(state, env, context, &token_use).await??;
    Ok((admitted, token_use.token))
}

async fn ask(
    env: &Env,
    action: OAuthAction,
    facts: &RequestFacts,
    repeatable: Repeatable,
) -> Result<Response, OAuthError> {
    let call = OAuthCall { action, client: facts.client, request_id: facts.request_id.clone() };
    let request = DirectoryCommand::OAuth { call: Box::new(call) };
    objects::call_directory(env, &request, repeatable).await.map_err(|objects::NoAnswer| Unavailable::Authority.into())
}

async fn read_grant(response: &mut Response) -> Result<IntrospectionGrant, OAuthError> {
    let text = answer::read_text(response).await?;
    serde_json::from_str(&text).map_err(|_| Unavailable::Authority.into())
}
