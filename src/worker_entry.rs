//! The Worker's entry point: which family a request belongs to, and the last barrier against panics.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use worker::{Context, Env, Request, event, web_sys};

use crate::control;
use crate::forward_auth;
use crate::gateway;
use crate::http::assertion::jwks_response;
use crate::http::data_plane::error::{DataPlaneError, error_response};
use crate::http::forward_auth::refuse_misdirected;
use crate::http::gateway::Received;
use crate::validate;
use domain::gateway::route_host::RouteHost;
use protocol::family::Family;
use protocol::response::ApiResponse;
use protocol::settings::{Misconfigured, Settings};
use protocol::target::{path_and_query, split_target};
use runtime::isolate;
use runtime::log::{self, Event};
use runtime::{self, ReceivedHeaders, RequestFacts};

#[event(fetch)]
async fn fetch(request: Request, env: Env, context: Context) -> worker::Result<web_sys::Response> {
    let entered = ReceivedHeaders::of(&request).and_then(|headers| RequestFacts::of(&headers).zip(Some(headers)));
    let Some((facts, headers)) = entered else {
        return runtime::respond(error_response(&DataPlaneError::Internal, "")).map(Into::into);
    };
    let request_id = facts.request_id.clone();
    // A panic unwinds to here: this request fails, and those in flight beside it do not notice.
    match AssertUnwindSafe(route(request, &headers, &env, &context, facts)).catch_unwind().await {
        Ok(response) => response,
        Err(_) => {
            log::failed(Event::Worker, "panic", "a request panicked", &request_id);
            runtime::respond(error_response(&DataPlaneError::Internal, &request_id)).map(Into::into)
        }
    }
}

async fn route(
    request: Request,
    headers: &ReceivedHeaders,
    env: &Env,
    context: &Context,
    facts: RequestFacts,
) -> worker::Result<web_sys::Response> {
    let url = request.inner().url();
    let (path, query) = split_target(&url);
    if let Err(error) = refuse_misdirected(path, |name| headers.owned(name)) {
        let error = DataPlaneError::ForwardAuth(error);
        log::refused(Event::Worker, error.log_code(), None, &facts.request_id);
        return runtime::respond(error_response(&error, &facts.request_id)).map(Into::into);
    }
    let host = headers.get("host").and_then(|host| RouteHost::from_authority(host).ok());
    let state = isolate::state(env);
    let settings = state.as_ref().map(|state| &state.settings);
    let response = match Family::of(path, host.as_ref(), settings.ok()) {
        #[cfg(feature = "test-hooks")]
        _ if path.starts_with("/__test/") => crate::test_hooks::handle(env, path).await,
        Family::Gateway => {
            let method = runtime::method(&request);
            let scheme = url.split_once("://").map_or("", |(scheme, _)| scheme);
            let received = Received { method: &method, scheme, path, query: path_and_query(&url).1 };
            return gateway::handle(&request, headers, env, context, received, facts).await;
        }
        Family::ForwardAuth => {
            runtime::respond(forward_auth::handle(&request, headers, env, context, path, facts).await)
        }
        Family::Validate => runtime::respond(validate::handle(&request, headers, env, context, query, facts).await),
        Family::Management | Family::OAuth | Family::Console => {
            return control::pass_on(request, env, state.as_deref().ok(), &facts).await;
        }
        Family::KeySet => runtime::respond(key_set(&request, settings, &facts)),
        Family::Nothing => runtime::respond(error_response(&DataPlaneError::NotFound, &facts.request_id)),
    };
    response.map(Into::into)
}

fn key_set(request: &Request, settings: Result<&Settings, &Misconfigured>, facts: &RequestFacts) -> ApiResponse {
    if !matches!(runtime::method(request).as_str(), "GET" | "HEAD") {
        return error_response(&DataPlaneError::MethodNotAllowed { allow: "GET, HEAD" }, &facts.request_id);
    }
    match settings {
        Ok(settings) => jwks_response(&settings.assertion_keys(), &facts.request_id),
        // A set without keys would be kept, and every assertion be refused for as long.
        Err(error) => error_response(&DataPlaneError::Misconfigured(*error), &facts.request_id),
    }
}
