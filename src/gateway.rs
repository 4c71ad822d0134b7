//! The gateway: decide, consume a use, send the request to the origin, and stream its answer back.

use std::time::Duration;

use futures_util::future::{Either, select};
use worker::js_sys::{self, futures::JsFuture};
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::worker_sys::ext::{HeadersExt, ResponseExt};
use worker::{Context, Env, Request, web_sys};

use crate::assertions::assertions;
use crate::http::assertion::ASSERTION_HEADER;
use crate::http::data_plane::error::{DataPlaneError, error_response};
use crate::http::gateway::{
    self, AnswerKind, GatewayError, GatewayRequest, Incoming, Received, answer_kind, preflight_response,
};
use crate::http::identity_headers::identity_headers;
use crate::upload::Upload;
use domain::gateway::answer_headers::{PassedBack, is_for_this_host, pass_back};
use domain::gateway::cache_control::for_one_client;
use domain::gateway::challenges::{Challenges, for_programs};
use domain::gateway::forwarded_headers::{Forwarding, forward};
use domain::gateway::location::{led_here, links_led_here};
use domain::gateway::origin::Origin;
use domain::gateway::proxied_request::Authorized;
use domain::token::access_token::PresentedToken;
use domain::value::timestamp::Seconds;
use protocol::bearer::bearer_token;
use protocol::issuer::Issuer;
use runtime::admission;
use runtime::damping;
use runtime::deadline::{self, UPLOAD};
use runtime::isolate::{self, IsolateState};
use runtime::log::{self, Event};
use runtime::{self, ReceivedHeaders, RequestFacts};
use validation::pipeline::Admitted;

/// Answers a request that is for an origin.
pub async fn handle(
    request: &Request,
    headers: &ReceivedHeaders,
    env: &Env,
    context: &Context,
    received: Received<'_>,
    mut facts: RequestFacts,
) -> worker::Result<web_sys::Response> {
    match pass_on(request, headers, env, context, received, &mut facts).await {
        Ok(response) => Ok(response),
        Err((error, token)) => {
            let token = token.map(|token| token.id.to_string());
            log::refused(Event::Gateway, error.log_code(), token.as_deref(), &facts.request_id);
            let mut response = error_response(&error, &facts.request_id);
            if damping::too_many_failures(env, &facts, response.status).await {
                response = error_response(&DataPlaneError::TooManyFailures, &facts.request_id);
            }
            runtime::respond(response).map(Into::into)
        }
    }
}

type GatewayFailure = (DataPlaneError, Option<PresentedToken>);

async fn pass_on(
    request: &Request,
    headers: &ReceivedHeaders,
    env: &Env,
    context: &Context,
    received: Received<'_>,
    facts: &mut RequestFacts,
) -> Result<web_sys::Response, GatewayFailure> {
    let without_token = |error| (error, None);
    let of_gateway = |error| (DataPlaneError::Gateway(error), None);
    let incoming = match gateway::read(received, |name| headers.owned(name)).map_err(of_gateway)? {
        Incoming::Preflight => {
            return runtime::respond(preflight_response(&facts.request_id))
                .map(Into::into)
                .map_err(|_| without_token(DataPlaneError::Internal));
        }
        Incoming::Request(incoming) => incoming,
    };
    let state = isolate::state(env).map_err(|error| without_token(DataPlaneError::Misconfigured(error)))?;
    let text = bearer_token(headers.get("authorization"))
        .map_err(|error| without_token(DataPlaneError::Credentials(error)))?;
    let token_use =
        admission::token_use(&state, text, facts.client, facts.now).map_err(|refusal| (refusal.into(), None))?;
    let passed = async {
        let admitted = admission::admit_request(&state, env, context, &token_use, &incoming.request).await??;
        let authorized = admitted.authorized;
        let origin = authorized.route.origin.clone().ok_or(DataPlaneError::NotFound)?;
        // Everything that can refuse the request comes before the use is consumed.
        let sent = prepare(headers, &state, &incoming, &admitted.admitted, &authorized, &origin, facts)?;
        let outgoing = outgoing(request, &incoming, &origin, &sent).map_err(|_| {
            // The runtime refuses names that look right and are not, such as broken punycode.
            DataPlaneError::Gateway(GatewayError::OriginUnreachable)
        })?;
        admission::consume(&state, env, context, admitted.admitted, facts).await??;
        let answered = send(outgoing, authorized.route.options.timeout).await;
        answered
            .and_then(|answered| answer(&answered, &incoming, &origin, &facts.request_id))
            .map_err(DataPlaneError::Gateway)
    };
    passed.await.map_err(|error| (error, Some(token_use.token.clone())))
}

/// A request for an origin, which can still be called off.
struct Outgoing {
    request: web_sys::Request,
    controller: web_sys::AbortController,
    /// What sends the client's body, where it can be seen when it ends.
    upload: Option<Upload>,
}

/// The headers for the origin, if the route takes such a request.
fn prepare(
    headers: &ReceivedHeaders,
    state: &IsolateState,
    incoming: &GatewayRequest,
    admitted: &Admitted,
    authorized: &Authorized,
    origin: &Origin,
    facts: &RequestFacts,
) -> Result<Vec<(String, String)>, DataPlaneError> {
    let options = &authorized.route.options;
    if incoming.would_loop(origin) {
        return Err(DataPlaneError::Gateway(GatewayError::Loop));
    }
    let mut identity = Vec::from(identity_headers(admitted, Some(authorized)));
    let issuer = Issuer::of_request(state.settings.issuer.as_ref(), &incoming.own_url()).to_string();
    let assertion =
        assertions(&state.settings).borrow_mut().assert(admitted, authorized, &incoming.request, &issuer, facts.now);
    identity.push((ASSERTION_HEADER, assertion));
    let forwarding = Forwarding {
        client: facts.client,
        scheme: incoming.scheme,
        authority: &incoming.authority,
        request_id: &facts.request_id,
        options,
        web_socket: incoming.request.web_socket,
    };
    forward(headers.all(), &identity, &forwarding)
        .map_err(|error| DataPlaneError::Gateway(GatewayError::Headers(error)))
}

/// The request for the origin. Its body is the client's own stream: nothing of it is held here.
fn outgoing(
    request: &Request,
    incoming: &GatewayRequest,
    origin: &Origin,
    headers: &[(String, String)],
) -> Result<Outgoing, JsValue> {
    // All of them in one text: each call into the runtime costs more than reading it there.
    let pairs = serde_json::to_string(headers).map_err(|error| JsValue::from_str(&error.to_string()))?;
    let controller = web_sys::AbortController::new()?;
    let init = web_sys::RequestInit::new();
    init.set_method(incoming.request.method.name());
    init.set_headers(&js_sys::JSON::parse(&pairs)?);
    init.set_signal(Some(&controller.signal()));
    // An origin's redirect is the client's to follow: followed here, it would carry the identity elsewhere.
    init.set_redirect(web_sys::RequestRedirect::Manual);
    // A cache between here and the origin would give one identity's answer to another.
    init.set_cache(web_sys::RequestCache::NoStore);
    let body = request.inner().body().filter(|_| incoming.may_have_body());
    let upload = match (body, incoming.length) {
        // Some clients announce that they send nothing.
        (Some(body), Some(length)) if length > 0 => {
            let (upload, sent) = Upload::prepare(body, length)?;
            init.set_body_opt_readable_stream(Some(&sent));
            Some(upload)
        }
        (body, _) => {
            init.set_body_opt_readable_stream(body.as_ref());
            None
        }
    };
    let request = web_sys::Request::new_with_str_and_init(&incoming.url(origin), &init)?;
    Ok(Outgoing { request, controller, upload })
}

/// Sends a request and waits for the origin's answer to begin. The origin has its time from when it could have read the
/// whole request: how long the client takes for it is not the origin's fault, and has a bound of its own.
///
/// Of a body without a length neither the end can be seen nor who broke it off (see [`upload`](crate::upload)): the
/// origin's time begins at once, and a client that sends a malformed chunk reads that the origin cannot be reached.
async fn send(outgoing: Outgoing, timeout: Seconds) -> Result<web_sys::Response, GatewayError> {
    let scope: web_sys::WorkerGlobalScope = js_sys::global().unchecked_into();
    let mut answered = JsFuture::from(scope.fetch_with_request(&outgoing.request));
    let mut early = None;
    if let Some(upload) = &outgoing.upload {
        // The upload is looked at first: where it fails, the request to the origin fails with it.
        match deadline::within(UPLOAD, select(upload.start(), &mut answered)).await {
            Ok(Either::Left((Ok(_), _))) => {}
            Ok(Either::Left((Err(_), _))) => {
                if upload.is_broken_by_client().await {
                    outgoing.controller.abort();
                    return Err(GatewayError::BodyBrokenOff);
                }
            }
            // An origin may answer before it has read everything.
            Ok(Either::Right((answer, _))) => early = Some(answer),
            Err(_) => {
                outgoing.controller.abort();
                return Err(GatewayError::BodyTimeout);
            }
        }
    }
    let answer = match early {
        Some(answer) => Ok(answer),
        None => deadline::within(Duration::from_secs(timeout.get()), answered).await,
    };
    match answer {
        Ok(Ok(response)) => response.dyn_into().map_err(|_| GatewayError::OriginAnswer),
        Ok(Err(_)) => Err(GatewayError::OriginUnreachable),
        Err(_) => {
            outgoing.controller.abort();
            Err(GatewayError::OriginTimeout)
        }
    }
}

/// The origin's answer for the client, its body streamed. Status line and headers are copied by the runtime, byte by
/// byte; what must not pass is taken out of the copy.
fn answer(
    answered: &web_sys::Response,
    incoming: &GatewayRequest,
    origin: &Origin,
    request_id: &str,
) -> Result<web_sys::Response, GatewayError> {
    let body = match answer_kind(answered.status()) {
        AnswerKind::WithBody => answered.body(),
        AnswerKind::WithoutBody => None,
        // The two ends of a WebSocket belong together: the copy has both.
        AnswerKind::Switching if answered.websocket().is_some() => None,
        AnswerKind::Switching | AnswerKind::Invalid => return Err(GatewayError::OriginAnswer),
    };
    copy_of(answered, body.as_ref(), incoming, origin, request_id).map_err(|_| GatewayError::OriginAnswer)
}

fn copy_of(
    answered: &web_sys::Response,
    body: Option<&web_sys::ReadableStream>,
    incoming: &GatewayRequest,
    origin: &Origin,
    request_id: &str,
) -> Result<web_sys::Response, JsValue> {
    let copy = web_sys::Response::new_with_opt_readable_stream_and_init(body, answered.unchecked_ref())?;
    let headers = copy.headers();
    // No name holds a line feed (RFC 9110 §5.6.2).
    let names = String::from(js_sys::Array::from(&headers.keys()).join("\n"));
    let has = |name: &str| names.lines().any(|present| present == name);
    for name in names.lines() {
        match pass_back(name) {
            // The latter two are looked at below: once, and where there is none.
            PassedBack::AsItIs | PassedBack::Cookies | PassedBack::CacheControl => {}
            PassedBack::Dropped => headers.delete(name)?,
            PassedBack::Location => {
                let here = headers.get(name)?.and_then(|told| led_here(&told, origin, incoming.own_place()));
                here.map_or(Ok(()), |here| headers.set(name, &here))?;
            }
            PassedBack::Links => {
                let here = headers.get(name)?.and_then(|told| links_led_here(&told, origin, incoming.own_place()));
                here.map_or(Ok(()), |here| headers.set(name, &here))?;
            }
            PassedBack::Challenges => match headers.get(name)?.as_deref().map(for_programs) {
                Some(Challenges::AsTheyAre) | None => {}
                Some(Challenges::Only(challenges)) => headers.set(name, &challenges)?,
                Some(Challenges::None) => headers.delete(name)?,
            },
        }
    }
    if has("set-cookie") {
        keep_cookies_of_this_host(&headers)?;
    }
    let (caching, expires) = (headers.get("cache-control")?, has("expires"));
    if let Some(private) = for_one_client(caching.as_deref(), expires) {
        headers.set("cache-control", &private)?;
    }
    headers.set("x-request-id", request_id)?;
    Ok(copy)
}

fn keep_cookies_of_this_host(headers: &web_sys::Headers) -> Result<(), JsValue> {
    let cookies: Vec<String> = headers.get_all("set-cookie").iter().filter_map(|cookie| cookie.as_string()).collect();
    if cookies.iter().all(|cookie| is_for_this_host(cookie)) {
        return Ok(());
    }
    headers.delete("set-cookie")?;
    cookies.iter().filter(|cookie| is_for_this_host(cookie)).try_for_each(|cookie| headers.append("set-cookie", cookie))
}
