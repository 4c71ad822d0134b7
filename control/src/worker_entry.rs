//! The Worker's entry point: the management API, OAuth or the console, and the last barrier against panics.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use worker::{Context, Env, Request, Response, event};

use management::answer_error::error_response as management_error_response;
use management::error::ManagementError;
use management::oauth::error::{OAuthError, error_response as oauth_error_response};
use protocol::console::is_console;
use protocol::family::is_oauth;
use protocol::response::ApiResponse;
use protocol::target::split_target;
use runtime::log::{self, Event};
use runtime::{ReceivedHeaders, RequestFacts};

use crate::{console_files, management_api, oauth_endpoints};

#[event(fetch)]
async fn fetch(request: Request, env: Env, context: Context) -> worker::Result<Response> {
    let url = request.inner().url();
    let (path, query) = split_target(&url);
    let entered = ReceivedHeaders::of(&request).and_then(|headers| RequestFacts::of(&headers).zip(Some(headers)));
    let Some((facts, headers)) = entered else { return runtime::respond(internal(path, "")) };
    let request_id = facts.request_id.clone();
    let answer = async {
        if is_oauth(path) {
            oauth_endpoints::handle(request, &headers, &env, &context, path, facts).await
        } else if is_console(path) {
            console_files::handle(&request, &headers, &env, path, &facts).await
        } else {
            management_api::handle(request, &headers, &env, &context, (path, query), facts).await
        }
    };
    // A panic unwinds to here: this request fails, and those in flight beside it do not notice.
    match AssertUnwindSafe(answer).catch_unwind().await {
        Ok(response) => response,
        Err(_) => {
            log::failed(Event::Worker, "panic", "a request panicked", &request_id);
            runtime::respond(internal(path, &request_id))
        }
    }
}

fn internal(path: &str, request_id: &str) -> ApiResponse {
    if is_oauth(path) {
        oauth_error_response(&OAuthError::Internal, request_id)
    } else {
        management_error_response(&ManagementError::Internal, request_id)
    }
}
