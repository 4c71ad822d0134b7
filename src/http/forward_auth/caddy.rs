//! Caddy `forward_auth`: `GET` with `X-Forwarded-Method`, `-Uri`, `-Host` and `-For`, all of which it overwrites.

use crate::http::forward_auth::original_request::{self, OriginalRequestHeaders};
use crate::http::forward_auth::request::{ForwardAuthError, ForwardAuthRequest, ForwardedRequest};

const METHOD: &str = "x-forwarded-method";
const HEADERS: OriginalRequestHeaders =
    OriginalRequestHeaders { target: "x-forwarded-uri", host: "x-forwarded-host", client: "x-forwarded-for" };

/// Reads Caddy's question. With `trusted_proxies` Caddy would pass a list of addresses on, and that is refused.
pub fn read(
    question: ForwardAuthRequest<'_>,
    header: impl Fn(&str) -> Option<String>,
) -> Result<ForwardedRequest, ForwardAuthError> {
    original_request::read_from_get(question, METHOD, HEADERS, header)
}
