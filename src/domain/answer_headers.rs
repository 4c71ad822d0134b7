//! The headers of an origin's answer as the client gets them.
//!
//! An origin answers for the requests of a route, and for nothing else. What would speak for the gateway, for other hosts,
//! or lead clients past the gateway is dropped.

use crate::domain::cache_control::is_for_shared_caches;
use crate::domain::claim_headers::plain_name;
use crate::domain::forwarded_headers::{HOP_BY_HOP, IDENTITY_PREFIX};

/// What speaks of more than the answer.
const BEYOND_THE_ANSWER: &[&str] = &[
    // RFC 7838: where else the origin can be reached. Clients would go there, past the gateway.
    "alt-svc",
    // It empties the cookies of every host below the registered domain (Clear Site Data §3.1), ours among them.
    "clear-site-data",
    // It leads where `Location` leads, but is not read by machines; rewritten or not, it would name the origin.
    "refresh",
];

/// Commands to a proxy in front of the gateway, such as which of its files to send.
const COMMANDS: &[&str] = &["x-accel-", "x-sendfile", "x-lighttpd-send-file"];

/// What the client gets of a response header of the origin.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PassedBack {
    /// Nothing.
    Dropped,
    /// What the origin said.
    AsItIs,
    /// A URL: where it names the origin, it names the gateway instead.
    Location,
    /// Those cookies that [`is_for_this_host`].
    Cookies,
    /// What [`cache_control`](crate::domain::cache_control) makes of it.
    CacheControl,
}

/// What the client gets of a response header of this name, which is in lower case.
pub fn pass_back(name: &str) -> PassedBack {
    match name {
        "location" | "content-location" => PassedBack::Location,
        "set-cookie" => PassedBack::Cookies,
        "cache-control" => PassedBack::CacheControl,
        name if passes(name) => PassedBack::AsItIs,
        _ => PassedBack::Dropped,
    }
}

fn passes(name: &str) -> bool {
    let plain = plain_name(name);
    !HOP_BY_HOP.contains(&plain.as_str())
        && !plain.starts_with(IDENTITY_PREFIX)
        && !BEYOND_THE_ANSWER.contains(&name)
        && !COMMANDS.iter().any(|command| name.starts_with(command))
        && !is_for_shared_caches(name)
}

/// Whether a cookie stays with the host that the client has asked. One with a `Domain` is sent to other hosts, too: to
/// those of other routes, and of the control plane (RFC 6265 §5.2.3, §5.4). One in our name could be taken for ours.
pub fn is_for_this_host(set_cookie: &str) -> bool {
    let mut parts = set_cookie.split(';');
    // A client sends back a cookie without a name as its value alone, which may look like a name and a value.
    let pair = parts.next().unwrap_or("").trim_start_matches(['=', ' ', '\t']);
    let name = pair.split('=').next().unwrap_or("").trim();
    let plain = plain_name(name);
    let bare = plain.strip_prefix("--host-").or_else(|| plain.strip_prefix("--secure-")).unwrap_or(&plain);
    let names_domain = |part: &str| part.split('=').next().unwrap_or("").trim().eq_ignore_ascii_case("domain");
    !bare.starts_with(IDENTITY_PREFIX) && !parts.any(names_domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_of_an_answer_passes_back_unless_it_speaks_of_more_than_the_answer() {
        #[track_caller]
        fn check(names: &[&str], expected: PassedBack) {
            for name in names {
                assert_eq!(pass_back(name), expected, "{name}");
            }
        }
        check(
            &[
                "content-type",
                "content-encoding",
                "www-authenticate",
                "token",
                "etag",
                "expires",
                "vary",
                "link",
                "x-accel",
            ],
            PassedBack::AsItIs,
        );
        check(&["connection", "keep-alive", "transfer-encoding", "upgrade", "trailer"], PassedBack::Dropped);
        check(&["token-auth-role", "token_auth_role", "token.auth.x"], PassedBack::Dropped);
        check(&["alt-svc", "clear-site-data", "refresh"], PassedBack::Dropped);
        check(&["x-accel-redirect", "x-accel-expires", "x-sendfile"], PassedBack::Dropped);
        check(&["cdn-cache-control", "cloudflare-cdn-cache-control", "surrogate-control"], PassedBack::Dropped);
        check(&["location", "content-location"], PassedBack::Location);
        check(&["set-cookie"], PassedBack::Cookies);
        check(&["cache-control"], PassedBack::CacheControl);
    }

    #[test]
    fn a_cookie_stays_with_the_host_that_was_asked() {
        for passing in [
            "a=b",
            "a=b; Path=/; Secure; HttpOnly; SameSite=Strict; Expires=Wed, 21 Oct 2026 07:28:00 GMT",
            "a=Domain=example.com",
            "domain=x; Path=/",
            "__Host-session=x; Secure; Path=/",
            "token=x",
            "a=b; Domains=x",
            "",
        ] {
            assert!(is_for_this_host(passing), "{passing}");
        }
        for dropped in [
            "a=b; Domain=example.com",
            "a=b;domain=.example.com; Path=/",
            "a=b; Path=/; DOMAIN = api.example.com",
            "a=b; Domain",
            "a=b; Domain=",
            "a=b; domain=x; domain=",
            "token-auth-session=x",
            "__Host-token-auth-session=x; Secure; Path=/",
            "__Secure-Token_Auth_session=x",
            "token-auth-session",
            " = token-auth-session=x",
        ] {
            assert!(!is_for_this_host(dropped), "{dropped}");
        }
    }
}
