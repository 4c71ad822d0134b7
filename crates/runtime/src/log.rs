//! Log lines: one JSON object each, with codes and ids. Never a token, a secret, a body or a client's address.

use serde::Serialize;
use worker::{console_error, console_log};

/// What a line is about. `docs/operation.md` has a row for each.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// `/validate`, or what the pipeline reads for everybody.
    Validation,
    Gateway,
    /// A reverse proxy's question.
    ForwardAuth,
    /// RFC 7662.
    Introspection,
    /// RFC 7009.
    Revocation,
    /// RFC 8414.
    Metadata,
    Management,
    Directory,
    /// An object that counts a token's uses.
    UseCounter,
    Damping,
    /// What comes before any of these.
    Worker,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    event: Event,
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    request_id: &'a str,
}

pub fn refused(event: Event, code: &str, token_id: Option<&str>, request_id: &str) {
    if let Ok(line) = serde_json::to_string(&Line { event, code, token_id, detail: None, request_id }) {
        console_log!("{line}");
    }
}

/// Something of ours did not work. `detail` must not come from a request.
pub fn failed(event: Event, code: &str, detail: &str, request_id: &str) {
    if let Ok(line) = serde_json::to_string(&Line { event, code, token_id: None, detail: Some(detail), request_id }) {
        console_error!("{line}");
    }
}
