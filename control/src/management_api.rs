//! The management API on the Worker's side: find the route, authenticate, read the body, ask the Directory.

use std::rc::Rc;

use worker::{Context, Env, Request, Response};

use crate::answer::{self, ControlAnswer, with_cookie};
use crate::cloudflare_access;
use crate::console_caller::{self, ConsoleCaller};
use directory::error::console::SignInRefusal;
use domain::gateway::route_host::RouteHost;
use domain::network::console_site::ConsoleSite;
use domain::permission::operation::Operation;
use domain::token::access_token::{AccessToken, PresentedToken};
use domain::token::console_session::{PresentedSession, SessionSecret};
use domain::token::evidence::{EvidenceKey, Facts};
use domain::token::refusal::Refusal;
use domain::value::identifiers::{ConsoleSessionId, TokenId};
use management::call::ManagementCall;
use management::credentials::{Presented, PresentedConsoleSession, SignIn};
use management::endpoint::{Authentication, Body};
use management::error::ManagementError;
use management::families::console::options;
use management::families::console::{self, SignInCredentials};
use management::families::{DirectoryEndpoint, explain, universal_auth};
use management::messages::{COUNTS_AS_USE, DirectoryCommand};
use management::openapi;
use management::possession;
use management::router::{self, Handler, RoutedEndpoint, WorkerEndpoint};
use management::status::{self, Health, Status};
use protocol::bearer::{CredentialsError, bearer_token};
use protocol::console::{ACCESS_ASSERTION, set_cookie};
use protocol::family::Family;
use protocol::messages::{DirectoryRequest, HealthAnswer, MAY_HAVE_CHANGED};
use runtime::damping::{self, Limiter};
use runtime::isolate::{self, IsolateState};
use runtime::log::Event;
use runtime::objects::{self, Repeatable};
use runtime::ports::{self, RuntimePorts};
use runtime::usage;
use runtime::{self, ReceivedHeaders, RequestFacts};
use validation::ports::{Ports, Repair, Unavailable};

/// Answers a request to the management API.
pub async fn handle(
    request: Request,
    headers: &ReceivedHeaders,
    env: &Env,
    context: &Context,
    (path, query): (&str, &str),
    mut facts: RequestFacts,
) -> worker::Result<Response> {
    let method = runtime::method(&request);
    let reads = method == "GET";
    let endpoint = router::find(&method, path).map(|matched| matched.endpoint);
    let guessable = endpoint.and_then(RoutedEndpoint::authentication).is_some_and(Authentication::invites_guesses);
    let mut answered = match endpoint {
        Some(endpoint) => run(request, headers, env, context, (path, query), endpoint, &mut facts).await,
        None => Err(ManagementError::RouteNotFound { method, path: path.to_owned() }),
    };
    let may_have_changed = !reads && answered.as_ref().is_ok_and(|answer| answer.status() == 200);
    if may_have_changed && let Ok(state) = isolate::state(env) {
        state.validation.borrow_mut().expect_changes();
    }
    if guessable {
        answered = answer::damp(env, &facts, answered).await;
    }
    let response = answer::give(Event::Management, answered, &facts)?;
    if may_have_changed { runtime::with_header(response, MAY_HAVE_CHANGED, "1") } else { Ok(response) }
}

async fn run(
    mut request: Request,
    headers: &ReceivedHeaders,
    env: &Env,
    context: &Context,
    (path, query): (&str, &str),
    endpoint: &RoutedEndpoint,
    facts: &mut RequestFacts,
) -> Result<ControlAnswer, ManagementError> {
    if headers.get("x-api-key").is_some() {
        return Err(ManagementError::ApiKey);
    }
    let (family, authentication) = match endpoint.handler {
        // Described even where a setting is wrong.
        Handler::Worker(WorkerEndpoint::Documentation(endpoint)) => {
            return Ok(ControlAnswer::Ours(openapi::response(endpoint, &facts.request_id)));
        }
        Handler::Worker(WorkerEndpoint::Status(Status::GetStatus)) => return status_answer(env, facts).await,
        Handler::Worker(WorkerEndpoint::SignInOptions(_)) => {
            let state = isolate::state(env).map_err(ManagementError::Misconfigured)?;
            let site = console_caller::of(&request, headers, &state.settings).site;
            return Ok(ControlAnswer::Ours(options::response(&state.settings, site, &facts.request_id)));
        }
        Handler::Directory(family, authentication) => (family, authentication),
    };
    let state = isolate::state(env).map_err(ManagementError::Misconfigured)?;
    let authorization = headers.get("authorization");
    let caller = console_caller::of(&request, headers, &state.settings);
    let mut call = ManagementCall {
        method: runtime::method(&request),
        path: path.to_owned(),
        query: query.to_owned(),
        content_type: headers.owned("content-type"),
        idempotency_key: headers.owned("idempotency-key"),
        if_match: headers.owned("if-match"),
        body: String::new(),
        presented: None,
        client_credentials: None,
        uses: None,
        client: facts.client,
        authority: headers.owned("host"),
        session: None,
        sign_in: None,
        question: None,
        request_id: facts.request_id.clone(),
    };
    match authentication {
        Authentication::AuthSecret => {
            let is_here = endpoint.operation != Operation::CreateConsoleSignInCode
                || caller.site.is_ok_and(|site| state.settings.sign_in_codes.are_for(site));
            if !is_here {
                return Err(ManagementError::RouteNotFound { method: call.method, path: call.path });
            }
            let secret = bearer_token(authorization);
            prove_secret(&state, secret)?;
            let body = runtime::read_body(&mut request, headers).await?;
            put_body(&state, env, family, &mut call, body).await?;
            directory_answer(env, call).await
        }
        Authentication::AccessToken => match session(&caller, authorization)? {
            None => {
                let presented = present(&state, authorization)?;
                call.presented = Some(Presented::from(&presented));
                let body = runtime::read_body(&mut request, headers).await?;
                put_body(&state, env, family, &mut call, body).await?;
                execute_for(&state, env, context, presented.id, call, facts).await
            }
            Some(session) => {
                call.session = Some(PresentedConsoleSession::from(&session));
                let body = runtime::read_body(&mut request, headers).await?;
                put_body(&state, env, family, &mut call, body).await?;
                directory_answer(env, call).await
            }
        },
        Authentication::ConsoleSession => {
            let session = session(&caller, authorization)?;
            let session = session.ok_or(ManagementError::Credentials(CredentialsError::Missing))?;
            call.session = Some(PresentedConsoleSession::from(&session));
            let answered = directory_answer(env, call).await?;
            if endpoint.operation == Operation::GetConsoleSession { Ok(answered) } else { caller.signed_out(answered) }
        }
        Authentication::ConsoleSignIn => {
            let site = caller.require_console()?;
            let body = runtime::read_body(&mut request, headers).await?;
            let credentials = console::read_credentials(call.content_type.as_deref(), &body, &state.settings, site)?;
            sign_in(&state, env, context, site, credentials, call, facts).await
        }
        Authentication::CloudflareAccess => {
            let Some(application) = &state.settings.access else {
                return Err(ManagementError::RouteNotFound { method: call.method, path: call.path });
            };
            let site = caller.require_console()?;
            let subject = cloudflare_access::verify(application, headers.get(ACCESS_ASSERTION), facts).await?;
            sign_in(&state, env, context, site, console::access_credentials(&subject), call, facts).await
        }
        Authentication::ClientCredentials => {
            answer::refuse_damped::<ManagementError>(&state, facts)?;
            let body = runtime::read_body(&mut request, headers).await?;
            call.client_credentials = Some(universal_auth::read_credentials(call.content_type.as_deref(), &body)?);
            directory_answer(env, call).await
        }
        Authentication::PossessedToken => {
            let body = runtime::read_body(&mut request, headers).await?;
            let keys = &state.settings.token_keys;
            let token = possession::read_token(call.content_type.as_deref(), &body, keys)?;
            call.presented = Some(Presented::from(&token.presented()));
            if endpoint.operation == Operation::RenewAccessToken {
                if !damping::is_within_limit(env, Limiter::Renewals, facts).await {
                    return Err(ManagementError::TooManyRequests);
                }
                renew(env, call, &token).await
            } else {
                directory_answer(env, call).await
            }
        }
    }
}

/// The session in the console that a request carries. Whoever shows a credential of their own has none.
fn session(
    caller: &ConsoleCaller<'_>,
    authorization: Option<&str>,
) -> Result<Option<PresentedSession>, ManagementError> {
    if authorization.is_some() { Ok(None) } else { caller.session() }
}

/// Opens a session in the console. Its secret is made here and goes into the cookie; the Directory gets the digest.
async fn sign_in(
    state: &Rc<IsolateState>,
    env: &Env,
    context: &Context,
    site: ConsoleSite,
    credentials: SignInCredentials,
    mut call: ManagementCall,
    facts: &mut RequestFacts,
) -> Result<ControlAnswer, ManagementError> {
    let id = ConsoleSessionId::from_random(facts.randomness.next_16());
    let secret = SessionSecret::issue(id, &facts.randomness.next_32(), &state.settings.session_keys);
    let session = PresentedConsoleSession::from(&secret.presented());
    call.sign_in = Some(SignIn { session, with: credentials.with });
    call.presented = credentials.token.as_ref().map(Presented::from);
    let answered = match &credentials.token {
        Some(token) => execute_for(state, env, context, token.id, call, facts).await?,
        None => directory_answer(env, call).await?,
    };
    match answered.status() {
        200 => with_cookie(answered, &set_cookie(site, secret.expose())),
        // Also who has used the token up reads nothing else.
        401 => Err(console::sign_in_refused(SignInRefusal::Token(Refusal::UsesExhausted))),
        _ => Ok(answered),
    }
}

/// The bearer must be `AUTH_SECRET`.
fn prove_secret(state: &IsolateState, bearer: Result<&str, CredentialsError>) -> Result<(), ManagementError> {
    match bearer {
        Ok(secret) if state.settings.auth_secret.is(secret) => Ok(()),
        Ok(_) | Err(CredentialsError::Malformed | CredentialsError::Several) => Err(ManagementError::AuthSecretWrong),
        Err(CredentialsError::Missing) => Err(ManagementError::Credentials(CredentialsError::Missing)),
    }
}

/// The bearer by arithmetic: its format and its tag. The rest is for the Directory, in the transaction that answers.
fn present(state: &IsolateState, authorization: Option<&str>) -> Result<PresentedToken, ManagementError> {
    let text = bearer_token(authorization).map_err(ManagementError::Credentials)?;
    Ok(AccessToken::parse(text, &state.settings.token_keys).map_err(Refusal::from)?.presented())
}

/// Has the Directory carry the call out for its bearer, and counts the use of a token without a limit.
async fn execute_for(
    state: &Rc<IsolateState>,
    env: &Env,
    context: &Context,
    token: TokenId,
    call: ManagementCall,
    facts: &RequestFacts,
) -> Result<ControlAnswer, ManagementError> {
    let response = send(env, call, Repeatable::No).await?;
    if response.headers().has(COUNTS_AS_USE).unwrap_or(false) {
        usage::count_in_background(state, env, context, token, facts.now);
        return Ok(ControlAnswer::Directory(runtime::without_header(response, COUNTS_AS_USE)));
    }
    Ok(ControlAnswer::Directory(response))
}

/// Puts what the Directory needs of the body into the call.
async fn put_body(
    state: &IsolateState,
    env: &Env,
    family: DirectoryEndpoint,
    call: &mut ManagementCall,
    body: String,
) -> Result<(), ManagementError> {
    match family.body() {
        Body::Plain => {
            call.body = body;
            Ok(())
        }
        Body::Question => put_question(state, env, call, &body).await,
    }
}

/// Puts what is to be explained into the call. The body stays here: a plaintext token may stand in it.
async fn put_question(
    state: &IsolateState,
    env: &Env,
    call: &mut ManagementCall,
    body: &str,
) -> Result<(), ManagementError> {
    let settings = &state.settings;
    let reaches_gateway =
        |path: &str, host: &RouteHost| Family::of(path, Some(host), Some(settings)) == Family::Gateway;
    let keys = &settings.token_keys;
    let question = explain::read_explanation_request(call.content_type.as_deref(), body, keys, reaches_gateway)?;
    if let Some(token) = question.token_id() {
        call.uses = counted_uses(env, token).await?;
    }
    call.question = Some(question);
    Ok(())
}

/// How often a token has been used, as its counter says; `None` for one that does not count.
async fn counted_uses(env: &Env, token: TokenId) -> Result<Option<u64>, ManagementError> {
    let key = EvidenceKey::Token(token);
    let ports = RuntimePorts { env };
    let evidence = ports.resolve(key, Repair::NotWanted).await?;
    match &evidence.facts {
        Facts::Token(Some(known)) if known.uses_limit.get().is_some() => Ok(Some(ports.uses(token).await?)),
        Facts::Token(_) | Facts::Identity(_) | Facts::Policy(_) => Ok(None),
    }
}

/// Renews the token in the body. An exhausted one cannot be renewed, and only its counter knows whether it is.
async fn renew(env: &Env, mut call: ManagementCall, token: &AccessToken) -> Result<ControlAnswer, ManagementError> {
    call.uses = counted_uses(env, token.id()).await?;
    let request_id = call.request_id.clone();
    let mut response = send(env, call, Repeatable::Yes).await?;
    if response.status_code() != 200 {
        return Ok(ControlAnswer::Directory(response));
    }
    let report = answer::read_text(&mut response).await?;
    possession::complete_renewal(&report, token, &request_id).map(ControlAnswer::Ours).ok_or(ManagementError::Internal)
}

async fn status_answer(env: &Env, facts: &RequestFacts) -> Result<ControlAnswer, ManagementError> {
    let state = isolate::state(env).map_err(ManagementError::Misconfigured)?;
    if !damping::is_within_limit(env, Limiter::Status, facts).await {
        return Err(ManagementError::TooManyRequests);
    }
    let health = match ports::directory_text(env, &DirectoryRequest::Health).await {
        Ok(text) => match serde_json::from_str::<HealthAnswer>(&text) {
            Ok(answer) => Health { authority: true, failing_puts: answer.failing_puts },
            Err(_) => Health { authority: false, failing_puts: 0 },
        },
        Err(_) => Health { authority: false, failing_puts: 0 },
    };
    Ok(ControlAnswer::Ours(status::response(&state.settings, health, facts.now, &facts.request_id)))
}

async fn directory_answer(env: &Env, call: ManagementCall) -> Result<ControlAnswer, ManagementError> {
    // A command whose answer was lost may have been carried out; sending it again could do it twice.
    send(env, call, Repeatable::No).await.map(ControlAnswer::Directory)
}

async fn send(env: &Env, call: ManagementCall, repeatable: Repeatable) -> Result<Response, ManagementError> {
    let command = DirectoryCommand::Manage { call: Box::new(call) };
    objects::call_directory(env, &command, repeatable).await.map_err(|objects::NoAnswer| Unavailable::Authority.into())
}
