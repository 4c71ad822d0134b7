//! Log lines: one JSON object each, with codes and ids. Never a token, a secret, a body or a client's address.

use serde::Serialize;
use worker::{console_error, console_log};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    event: &'a str,
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    request_id: &'a str,
}

/// A request was refused.
pub fn refused(event: &str, code: &str, token_id: Option<&str>, request_id: &str) {
    if let Ok(line) = serde_json::to_string(&Line { event, code, token_id, detail: None, request_id }) {
        console_log!("{line}");
    }
}

/// Something of ours did not work. `detail` must not come from a request.
pub fn failed(event: &str, code: &str, detail: &str, request_id: &str) {
    if let Ok(line) = serde_json::to_string(&Line { event, code, token_id: None, detail: Some(detail), request_id }) {
        console_error!("{line}");
    }
}
