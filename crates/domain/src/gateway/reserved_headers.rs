//! Names of headers that only the gateway or the runtime may write: no route may add one, and the gateway drops a
//! client's.

use crate::gateway::claim_headers::{is_of, plain_name};

/// The prefix of the headers that carry the identity.
pub const IDENTITY_PREFIX: &str = "token-auth-";

/// Headers of one connection; the gateway has another one to the origin.
pub const HOP_BY_HOP: &[&str] = &[
    "connection",
    "keep-alive",
    "proxy-connection",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-authentication-info",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "http2-settings",
    "expect",
];

/// Headers that the gateway or the runtime writes anew.
const WRITTEN_ANEW: &[&str] = &["host", "content-length", "x-request-id", "cdn-loop", "via", "forwarded"];

/// Claims that no route may add either: a trailing hyphen stands for every name that begins so. What a client may not send
/// is much more ([`claim_headers`](crate::gateway::claim_headers)); a route may add, say, `X-Scheme`. WARNING: a name that is
/// added here makes stored routes that have it unreadable.
pub(super) const RESERVED_CLAIMS: &[&str] = &[
    "x-forwarded-",
    "x-original-",
    "x-rewrite-",
    "x-envoy-",
    "cf-",
    "x-real-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-remote-ip",
    "x-remote-addr",
    "x-remote-user",
    "remote-user",
    "x-forwarded",
    "true-client-ip",
    "fastly-client-ip",
    "fly-client-ip",
    "x-appengine-user-ip",
    "x-http-method-override",
    "x-http-method",
    "x-method-override",
];

/// Whether only the gateway writes a header of this name, in any spelling: no route may add it.
pub fn is_ours(name: &str) -> bool {
    let plain = plain_name(name);
    is_written_here(&plain) || RESERVED_CLAIMS.iter().any(|claim| is_of(&plain, claim))
}

/// Whether the gateway or the runtime writes a header of this plain name, or it belongs to the connection.
pub(super) fn is_written_here(plain: &str) -> bool {
    plain.starts_with(IDENTITY_PREFIX) || HOP_BY_HOP.contains(&plain) || WRITTEN_ANEW.contains(&plain)
}
