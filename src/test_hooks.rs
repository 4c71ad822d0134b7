//! Routes that break something on purpose. They exist in test builds only.

use worker::{Env, Response};

use domain::value::identifiers::TokenId;
use protocol::messages::{CounterRequest, DirectoryRequest};
use runtime::objects::{self, Repeatable};

/// Answers a request below `/__test/`.
///
/// # Errors
/// The runtime's.
pub async fn handle(env: &Env, path: &str) -> worker::Result<Response> {
    let outcome = match path {
        "/__test/panic" => runtime::panic_on_purpose(),
        "/__test/panic-directory" => objects::call_directory(env, &DirectoryRequest::Panic, Repeatable::No).await,
        "/__test/panic-counter" => {
            objects::call_counter(env, TokenId::from_bytes([0; 16]), &CounterRequest::Panic).await
        }
        _ => return Response::error("no such hook", 404),
    };
    match outcome {
        Ok(_) => Response::ok("the object answered"),
        Err(_) => Response::error("the object failed", 503),
    }
}
