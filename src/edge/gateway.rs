//! The gateway: decide, spend a use, send the request to the origin, and stream its answer back.

use std::time::Duration;

use worker::wasm_bindgen::JsValue;
use worker::{AbortController, Context, Env, Fetch, Headers, Request, RequestInit, RequestRedirect, Response};

use crate::domain::access_token::{AccessToken, PresentedToken};
use crate::domain::forwarded_headers::{Forwarding, Upgrade, forward, upgrade_of};
use crate::domain::origin::Origin;
use crate::domain::proxied_request::Authorized;
use crate::domain::refusal::Refusal;
use crate::edge::admission;
use crate::edge::damping;
use crate::edge::deadline;
use crate::edge::isolate::{self, IsolateState};
use crate::edge::log;
use crate::edge::runtime::{self, RequestFacts};
use crate::http::assertion::ASSERTION_HEADER;
use crate::http::bearer::bearer_token;
use crate::http::data_plane::{DataPlaneError, error_response};
use crate::http::gateway::{self, GatewayError, GatewayRequest, Received, Taken, passes_back, preflight_response};
use crate::http::identity_headers::identity_headers;
use crate::validation::pipeline::{Admitted, Presentation};

/// Answers a request that is for an origin.
pub async fn handle(
    request: &Request,
    env: &Env,
    context: &Context,
    received: Received<'_>,
    mut facts: RequestFacts,
) -> worker::Result<Response> {
    match pass_on(request, env, context, received, &mut facts).await {
        Ok(response) => Ok(response),
        Err((error, token)) => {
            let token = token.map(|token| token.id.to_string());
            log::refused("gateway", error.log_code(), token.as_deref(), &facts.request_id);
            let mut response = error_response(&error, &facts.request_id);
            if damping::too_many_failures(env, &facts, response.status).await {
                response = error_response(&DataPlaneError::TooManyFailures, &facts.request_id);
            }
            runtime::respond(response)
        }
    }
}

type Failure = (DataPlaneError, Option<PresentedToken>);

async fn pass_on(
    request: &Request,
    env: &Env,
    context: &Context,
    received: Received<'_>,
    facts: &mut RequestFacts,
) -> Result<Response, Failure> {
    let without_token = |error| (error, None);
    let of_gateway = |error| (DataPlaneError::Gateway(error), None);
    let incoming = match gateway::read(received, |name| runtime::header(request, name)).map_err(of_gateway)? {
        Taken::Preflight => {
            return runtime::respond(preflight_response(&facts.request_id))
                .map_err(|_| without_token(DataPlaneError::Internal));
        }
        Taken::Request(incoming) => incoming,
    };
    let state = isolate::state(env).map_err(|error| without_token(DataPlaneError::Misconfigured(error)))?;
    let authorization = runtime::header(request, "authorization");
    let text =
        bearer_token(authorization.as_deref()).map_err(|error| without_token(DataPlaneError::Credentials(error)))?;
    // Malformed and forged tokens end here: nothing has been read and nothing called.
    let token = AccessToken::parse(text, &state.settings.directory.token_keys)
        .map_err(|error| without_token(DataPlaneError::Refused(Refusal::from(error))))?
        .presented();
    let presentation = Presentation { token, client: facts.client, now: facts.now };
    let sent = async {
        let admitted =
            admission::admit_request(&state, env, context, &presentation, &incoming.request, facts.now).await?;
        let authorized = admitted.authorized;
        let origin = authorized.route.origin.clone().ok_or(DataPlaneError::NotFound)?;
        // Everything that can refuse the request comes before the use is spent.
        let outgoing = prepare(request, &state, &incoming, &admitted.admitted, &authorized, &origin, facts)?;
        admission::spend(&state, env, context, admitted.admitted, facts).await?;
        send(outgoing, &authorized).await.map(|response| (response, origin))
    };
    let (response, origin) = sent.await.map_err(|error| (error, Some(presentation.token.clone())))?;
    answer(response, &incoming, &origin, &facts.request_id).map_err(|_| without_token(DataPlaneError::Internal))
}

/// The request for the origin. Its body is the client's own stream: nothing of it is held here.
fn prepare(
    request: &Request,
    state: &IsolateState,
    incoming: &GatewayRequest,
    admitted: &Admitted,
    authorized: &Authorized,
    origin: &Origin,
    facts: &RequestFacts,
) -> Result<Request, DataPlaneError> {
    let received: Vec<(String, String)> = request.headers().entries().collect();
    let upgrade = upgrade_of(&received);
    let options = &authorized.route.options;
    if upgrade == Upgrade::WebSocket && !options.web_socket {
        return Err(DataPlaneError::Gateway(GatewayError::WebSocketNotAllowed));
    }
    let mut identity = Vec::from(identity_headers(admitted, Some(authorized)));
    let assertion =
        state.assertions.borrow_mut().assert(admitted, authorized, &incoming.request, &incoming.own_url(), facts.now);
    identity.push((ASSERTION_HEADER, assertion));
    let forwarding = Forwarding {
        client: facts.client,
        scheme: incoming.scheme,
        authority: &incoming.authority,
        request_id: &facts.request_id,
        options,
        web_socket: upgrade == Upgrade::WebSocket,
    };
    let headers = Headers::new();
    for (name, value) in forward(&received, &identity, &forwarding)
        .map_err(|error| DataPlaneError::Gateway(GatewayError::Headers(error)))?
    {
        headers.append(&name, &value).map_err(|_| DataPlaneError::Internal)?;
    }
    let mut init = RequestInit::new();
    init.with_method(incoming.request.method.name().to_owned().into())
        .with_headers(headers)
        // An origin's redirect is the client's to follow: followed here, it would carry the identity elsewhere.
        .with_redirect(RequestRedirect::Manual)
        .with_body(request.inner().body().map(JsValue::from));
    // The runtime refuses names that look right and are none, such as broken punycode.
    Request::new_with_init(&incoming.url(origin), &init)
        .map_err(|_| DataPlaneError::Gateway(GatewayError::OriginUnreachable))
}

async fn send(request: Request, authorized: &Authorized) -> Result<Response, DataPlaneError> {
    let timeout = Duration::from_secs(authorized.route.options.timeout.get());
    let controller = AbortController::default();
    let signal = controller.signal();
    match deadline::within(timeout, Fetch::Request(request).send_with_signal(&signal)).await {
        Ok(Ok(response)) => Ok(response),
        Ok(Err(_)) => Err(DataPlaneError::Gateway(GatewayError::OriginUnreachable)),
        Err(_) => {
            controller.abort();
            Err(DataPlaneError::Gateway(GatewayError::OriginTimeout))
        }
    }
}

/// The origin's answer for the client, its body streamed.
fn answer(
    response: Response,
    incoming: &GatewayRequest,
    origin: &Origin,
    request_id: &str,
) -> worker::Result<Response> {
    // The two ends of a WebSocket belong together: the runtime joins them when the answer is passed on as it is.
    if response.status_code() == 101 {
        return Ok(response);
    }
    let status = response.status_code();
    let headers = Headers::new();
    for (name, value) in response.headers().entries() {
        if !passes_back(&name) {
            continue;
        }
        match (name.as_str(), incoming.location(origin, &value)) {
            ("location" | "content-location", Some(own)) => headers.append(&name, &own)?,
            _ => headers.append(&name, &value)?,
        }
    }
    headers.set("x-request-id", request_id)?;
    let (_, body) = response.into_parts();
    Ok(Response::builder().with_status(status).with_headers(headers).body(body))
}
