//! Bindings, and calls to Durable Objects: with a deadline, and tried again only where that is safe.

use serde::Serialize;
use wasm_bindgen::JsValue;
use worker::{Env, Headers, Method, Request, RequestInit, Response};

use crate::deadline;
use domain::value::identifiers::TokenId;
use protocol::messages::CounterRequest;

/// KV namespace of the replica.
pub const TOKENS: &str = "TOKENS";
/// Durable Object namespace of the authority.
const DIRECTORY: &str = "DIRECTORY";
/// Durable Object namespace of the counters.
const USE_COUNTER: &str = "USE_COUNTER";
/// The name of the one Directory object. WARNING: under another name there would be another, empty authority.
const DIRECTORY_NAME: &str = "directory";

/// How a call ended without an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NoAnswer;

/// Whether a call may be sent again when its outcome is unknown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Repeatable {
    /// Sending it twice is the same as sending it once.
    Yes,
    /// Sending it twice could do something twice.
    No,
}

/// Calls the Directory with one of its messages.
///
/// # Errors
/// [`NoAnswer`] when it cannot be reached in time.
pub async fn call_directory(env: &Env, request: &impl Serialize, repeatable: Repeatable) -> Result<Response, NoAnswer> {
    call(env, DIRECTORY, DIRECTORY_NAME, request, repeatable).await
}

/// Calls the counter of a token. Every request to a counter may be repeated.
///
/// # Errors
/// [`NoAnswer`] when it cannot be reached in time.
pub async fn call_counter(env: &Env, token: TokenId, request: &CounterRequest) -> Result<Response, NoAnswer> {
    call(env, USE_COUNTER, &token.to_string(), request, Repeatable::Yes).await
}

async fn call(
    env: &Env,
    namespace: &str,
    name: &str,
    request: &impl Serialize,
    repeatable: Repeatable,
) -> Result<Response, NoAnswer> {
    let body = serde_json::to_string(request).map_err(|_| NoAnswer)?;
    let sends = async {
        match send(env, namespace, name, &body).await {
            Ok(response) => Ok(response),
            // An overloaded object must not be asked again. A stub that failed is broken, so a second try makes a new one.
            Err(error) if repeatable == Repeatable::Yes && !is_overloaded(&error) => {
                send(env, namespace, name, &body).await
            }
            Err(error) => Err(error),
        }
    };
    match deadline::within(deadline::OBJECT, sends).await {
        Ok(Ok(response)) if response.status_code() < 500 => Ok(response),
        Ok(Ok(_) | Err(_)) | Err(_) => Err(NoAnswer),
    }
}

async fn send(env: &Env, namespace: &str, name: &str, body: &str) -> worker::Result<Response> {
    let headers = Headers::new();
    headers.set("content-type", "application/json")?;
    let mut init = RequestInit::new();
    init.with_method(Method::Post).with_headers(headers).with_body(Some(JsValue::from_str(body)));
    let request = Request::new_with_init("https://object/", &init)?;
    env.durable_object(namespace)?.get_by_name(name)?.fetch_with_request(request).await
}

fn is_overloaded(error: &worker::Error) -> bool {
    match error {
        worker::Error::UnknownJsError { original, .. } => {
            js_sys::Reflect::get(original, &JsValue::from_str("overloaded")).is_ok_and(|value| value.is_truthy())
        }
        _ => false,
    }
}
