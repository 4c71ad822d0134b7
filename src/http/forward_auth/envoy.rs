//! Envoy `ext_authz` with an HTTP service: the original method, and three headers of `examples/envoy/envoy.yaml`.
//!
//! Envoy passes only the headers on that its configuration names, so these have names of their own that no other proxy
//! sends. The path comes from a header, not from the question's own path: with `path_prefix` the client's path is
//! appended there, and whatever lies between resolves dot segments in it. With `path_override`
//! nothing is appended. `x-forwarded-for` is not read: Envoy appends to what the client sent.

use crate::http::forward_auth::original_request::{self, OriginalRequestHeaders, unusable};
use crate::http::forward_auth::request::{ForwardAuthError, ForwardAuthRequest, ForwardedRequest, HeaderProblem};

/// The path at which Envoy asks, and behind which `path_prefix` appends the client's.
const OWN_PATH: &str = "/authz/envoy";

const NAMES: OriginalRequestHeaders = OriginalRequestHeaders {
    target: "token-auth-envoy-path",
    host: "token-auth-envoy-host",
    client: "token-auth-envoy-client",
};
/// Headers that only Envoy sends.
pub const HEADERS: [&str; 3] = [NAMES.target, NAMES.host, NAMES.client];

pub fn read(
    question: ForwardAuthRequest<'_>,
    header: impl Fn(&str) -> Option<String>,
) -> Result<ForwardedRequest, ForwardAuthError> {
    let forwarded = original_request::read(question.method, NAMES, header)?;
    // What was appended must be what is passed on, or something on the way has changed one of the two.
    match question.path.strip_prefix(OWN_PATH) {
        Some(appended) if appended.is_empty() || appended == forwarded.request.path.as_sent() => Ok(forwarded),
        Some(_) | None => Err(unusable(NAMES.target, HeaderProblem::OtherPath)),
    }
}
