//! The runtime as both Workers use it: the clock, the random number generator, requests and responses, and the calls that
//! leave an isolate.
//!
//! **Owns** the conversion between the runtime's types and ours, deadlines, retries and logging.
//!
//! **Does not own** rules: an `if` about TTL, IPs, uses or roles here is a defect.
//!
//! **Invariants**
//! * Every await that leaves the isolate has a deadline ([`deadline`]).
//! * The clock and the generator are asked once for each request ([`RequestFacts`]).

pub mod admission;
pub mod damping;
pub mod deadline;
pub mod isolate;
pub mod log;
pub mod objects;
pub mod ports;
pub mod usage;

use std::net::IpAddr;

use futures_util::StreamExt;
use worker::js_sys::{Array, JSON};
use worker::{Env, Headers, Request, Response};

use crate::deadline::BODY;
use domain::network::client_address::client_address;
use domain::value::randomness::Randomness;
use domain::value::timestamp::Timestamp;
use protocol::body::{BodyError, LARGEST_BODY};
use protocol::request_id::new_request_id;
use protocol::response::ApiResponse;
use protocol::settings::{Misconfigured, Settings};

/// What enters once for each request.
#[derive(Debug)]
pub struct RequestFacts {
    pub now: Timestamp,
    /// The client's address, if it is known for certain.
    pub client: Option<IpAddr>,
    /// The id by which the caller and the log speak of the request.
    pub request_id: String,
    /// Random bytes for this request.
    pub randomness: Randomness,
}

impl RequestFacts {
    /// Gathers the facts of a request. `None` when the runtime has no randomness to give.
    pub fn of(headers: &ReceivedHeaders) -> Option<Self> {
        let mut randomness = randomness()?;
        Some(Self {
            now: now(),
            client: client_address(headers.get("cf-connecting-ip"), headers.get("cf-connecting-ipv6")),
            request_id: new_request_id(&mut randomness),
            randomness,
        })
    }
}

/// The headers of a request, fetched from the runtime all at once: each look costs as much as all of them together.
#[derive(Debug)]
pub struct ReceivedHeaders(Vec<(String, String)>);

impl ReceivedHeaders {
    /// The headers of a request. `None` when they are no text, which the runtime's own are.
    pub fn of(request: &Request) -> Option<Self> {
        let pairs = JSON::stringify(&Array::from(request.inner().headers().as_ref())).ok()?;
        serde_json::from_str(&String::from(pairs)).ok().map(Self)
    }

    /// The value of a header, by its name in lower case; several of one name arrive joined by a comma.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The same, for who keeps it.
    pub fn owned(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }

    /// All of them, names in lower case.
    pub fn all(&self) -> &[(String, String)] {
        &self.0
    }
}

/// The time.
pub fn now() -> Timestamp {
    // Milliseconds since 1970 fit into an i64 for the next 292 million years.
    Timestamp::from_milliseconds(i64::try_from(worker::Date::now().as_millis()).unwrap_or(i64::MAX))
}

/// A fresh seed's worth of random bytes; `None` when the runtime gives none.
pub fn randomness() -> Option<Randomness> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).ok()?;
    Some(Randomness::from_seed(seed))
}

/// The method as it was sent. `worker::Request::method` takes every method it does not know for GET.
pub fn method(request: &Request) -> String {
    request.inner().method()
}

/// Reads a body up to the cap, without trusting what it says about its own length.
pub async fn read_body(request: &mut Request, headers: &ReceivedHeaders) -> Result<String, BodyError> {
    let announced = headers.get("content-length").and_then(|text| text.parse::<u64>().ok());
    if announced.is_some_and(|length| length > LARGEST_BODY as u64) {
        return Err(BodyError::TooLarge);
    }
    if request.inner().body().is_none() {
        return Ok(String::new());
    }
    let mut stream = request.stream().map_err(|_| BodyError::Unreadable)?;
    let read = async {
        let mut bytes = Vec::new();
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(|_| BodyError::Unreadable)?;
            if bytes.len() + chunk.len() > LARGEST_BODY {
                return Err(BodyError::TooLarge);
            }
            bytes.extend_from_slice(&chunk);
        }
        String::from_utf8(bytes).map_err(|_| BodyError::Unreadable)
    };
    deadline::within(BODY, read).await.unwrap_or(Err(BodyError::Unreadable))
}

/// Makes the runtime's response of ours.
///
/// # Errors
/// The runtime's, for a status or a header it does not accept.
pub fn respond(response: ApiResponse) -> worker::Result<Response> {
    let headers = Headers::new();
    for (name, value) in &response.headers {
        headers.set(name, value)?;
    }
    let built = Response::builder().with_status(response.status).with_headers(headers);
    Ok(if response.body.is_empty() { built.empty() } else { built.fixed(response.body.into_bytes()) })
}

/// The same response with one header more. The headers of an object's answer, or another Worker's, cannot be changed.
///
/// # Errors
/// The runtime's.
pub fn with_header(response: Response, name: &str, value: &str) -> worker::Result<Response> {
    let headers = all_but(response.headers(), name);
    headers.set(name, value)?;
    Ok(response.with_headers(headers))
}

/// The same response without one of its headers.
pub fn without_header(response: Response, name: &str) -> Response {
    let headers = all_but(response.headers(), name);
    response.with_headers(headers)
}

fn all_but(headers: &Headers, name: &str) -> Headers {
    let kept = Headers::new();
    for (other, value) in headers.entries().filter(|(other, _)| other != name) {
        // What was a header once is one again.
        let _ = kept.append(&other, &value);
    }
    kept
}

/// Reads the operator's settings.
pub fn read_settings(env: &Env) -> Result<Settings, Misconfigured> {
    Settings::read(|name| env.var(name).ok().map(|value| value.to_string()))
}

/// Panics. Exists in test builds only.
#[cfg(feature = "test-hooks")]
#[expect(clippy::panic, reason = "that is what this is for")]
pub fn panic_on_purpose() -> ! {
    panic!("on purpose")
}
