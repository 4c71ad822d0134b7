//! The Worker's entry point: which family a request belongs to, and the last barrier against panics.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use worker::{Context, Env, Request, Response, event};

use crate::edge::forward_auth;
use crate::edge::log;
use crate::edge::management;
use crate::edge::runtime::{self, RequestFacts};
use crate::edge::validate;
use crate::http::data_plane::{DataPlaneError, error_response};
use crate::http::forward_auth::{is_forward_auth, refuse_misdirected};
use crate::http::management::error::{ManagementError, error_response as management_error_response};
use crate::http::target::split_target;

#[event(fetch)]
async fn fetch(request: Request, env: Env, context: Context) -> worker::Result<Response> {
    let Some(facts) = RequestFacts::of(&request) else {
        return runtime::respond(error_response(&DataPlaneError::Internal, ""));
    };
    let request_id = facts.request_id.clone();
    let url = request.inner().url();
    // A panic unwinds to here: this request fails, and those in flight beside it do not notice.
    match AssertUnwindSafe(route(request, &env, &context, facts)).catch_unwind().await {
        Ok(response) => response,
        Err(_) => {
            log::failed("worker", "panic", "a request panicked", &request_id);
            runtime::respond(if is_management(split_target(&url).0) {
                management_error_response(&ManagementError::Internal, &request_id)
            } else {
                error_response(&DataPlaneError::Internal, &request_id)
            })
        }
    }
}

/// Whether a path is of the management API, whose errors have a shape of their own.
fn is_management(path: &str) -> bool {
    path == "/healthz" || path == "/api" || path.starts_with("/api/")
}

async fn route(request: Request, env: &Env, context: &Context, facts: RequestFacts) -> worker::Result<Response> {
    let url = request.inner().url();
    let (path, query) = split_target(&url);
    if let Err(error) = refuse_misdirected(path, |name| runtime::header(&request, name)) {
        let error = DataPlaneError::ForwardAuth(error);
        log::refused("worker", error.log_code(), None, &facts.request_id);
        return runtime::respond(error_response(&error, &facts.request_id));
    }
    match path {
        path if is_forward_auth(path) => {
            runtime::respond(forward_auth::handle(&request, env, context, path, facts).await)
        }
        "/validate" => runtime::respond(validate::handle(&request, env, context, facts).await),
        path if is_management(path) => management::handle(request, env, context, path, query, facts).await,
        #[cfg(feature = "test-hooks")]
        path if path.starts_with("/__test/") => crate::edge::test_hooks::handle(env, path).await,
        _ => runtime::respond(error_response(&DataPlaneError::NotFound, &facts.request_id)),
    }
}
