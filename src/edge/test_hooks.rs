//! Routes that break something on purpose. They exist in test builds only.

use worker::{Env, Response};

use crate::domain::identifiers::TokenId;
use crate::edge::objects::{self, Repeatable};
use crate::http::messages::{CounterRequest, DirectoryRequest};

/// Panics.
#[expect(clippy::panic, reason = "that is what this is for")]
pub fn panic_on_purpose() -> ! {
    panic!("on purpose")
}

/// Answers a request below `/__test/`.
///
/// # Errors
/// The runtime's.
pub async fn handle(env: &Env, path: &str) -> worker::Result<Response> {
    let outcome = match path {
        "/__test/panic" => panic_on_purpose(),
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
