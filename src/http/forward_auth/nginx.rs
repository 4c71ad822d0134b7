//! nginx `auth_request`: `GET` with the headers of `examples/nginx/token-auth.conf`.
//!
//! nginx describes the original request only in headers that its configuration sets, and passes the client's own
//! headers on unless told not to. It takes 401 and 403 for a refusal and any other status for a failure (500). So the
//! other refusals travel as 403 with the status in a header, from which the configuration restores the status.

use crate::http::forward_auth::original_request::{self, OriginalRequestHeaders};
use crate::http::forward_auth::request::{ForwardAuthError, ForwardAuthRequest, ForwardedRequest};
use protocol::response::ApiResponse;

/// Which status the refusal has, where nginx could not pass it on.
const DENY_STATUS: &str = "x-deny-status";

const METHOD: &str = "x-original-method";
const HEADERS: OriginalRequestHeaders =
    OriginalRequestHeaders { target: "x-original-uri", host: "x-original-host", client: "x-real-ip" };

pub fn read(
    question: ForwardAuthRequest<'_>,
    header: impl Fn(&str) -> Option<String>,
) -> Result<ForwardedRequest, ForwardAuthError> {
    original_request::read_from_get(question, METHOD, HEADERS, header)
}

/// Writes a refusal so that nginx takes it for one.
pub fn carry(mut refusal: ApiResponse) -> ApiResponse {
    refusal.set(DENY_STATUS, refusal.status.to_string());
    if refusal.status != 401 {
        refusal.status = 403;
    }
    refusal
}
