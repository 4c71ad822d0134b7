//! The headers of an origin's answer as the client gets them.
//!
//! An origin answers for the requests of a route, and for nothing else. The gateway drops headers that speak for the
//! gateway, the whole host, other hosts or later answers, or that lead clients past the gateway. A header is judged by
//! what it *does* in a client, or in a program between it and us, not by where it is common: the tables below say that
//! for each.

use crate::gateway::cache_control::is_for_shared_caches;
use crate::gateway::claim_headers::{is_of, plain_name};
use crate::gateway::forwarded_cookies::is_ours;
use crate::gateway::reserved_headers::{HOP_BY_HOP, IDENTITY_PREFIX};

/// What speaks of more than the answer. A trailing hyphen stands for every name that begins so.
const BEYOND_THE_ANSWER: &[&str] = &[
    // Where else the host can be reached, for all later requests (RFC 7838). Clients would go there, past the gateway.
    "alt-svc",
    // It leads where `Location` leads, but is not read by machines; rewritten or not, it would name the origin.
    "refresh",
    // It empties the cookies of every host below the registered domain (Clear Site Data §3.1), ours among them.
    "clear-site-data",
    // How the whole host, and with a word more every host below it, must be reached for years (RFC 6797). The operator of
    // the gateway's host says that, and an origin could take it back with `max-age=0`.
    "strict-transport-security",
    // Which keys and certificates the whole host, and every host below it, may have (RFC 7469): whoever says it can lock
    // everybody out.
    "public-key-pins",
    "public-key-pins-report-only",
    "expect-ct",
    "expect-staple",
    // To whom a browser tells about failures of any request to the host, and of hosts below it (Network Error Logging,
    // Reporting API of old). `Reporting-Endpoints` is for one document, and passes.
    "nel",
    "report-to",
    // It lets a script of one path take over requests to every path of the host (Service Workers §6.1).
    "service-worker-allowed",
    // What a browser keeps for the whole host and sends it with later requests (Client Hints), or makes it ask again for.
    "accept-ch",
    "accept-ch-lifetime",
    "critical-ch",
    // How a browser runs all pages of the host, from the first one that says so; trials that stay on for the host.
    "origin-agent-cluster",
    "origin-policy",
    "origin-trial",
    // The answer becomes part of how answers of other paths are decoded (RFC 9842).
    "use-as-dictionary",
    // What a browser writes down in the host's name, for other sites to read: sign-in status (FedCM), advertising,
    // storage that sites share, sessions bound to a device.
    "set-login",
    "observe-browsing-topics",
    "attribution-reporting-",
    "ad-auction-",
    "x-allow-fledge",
    "shared-storage-write",
    "sec-session-",
    "secure-session-",
    // Cookies by a standard that nothing reads any more (RFC 2965); what still did would not look for a `Domain` as we do.
    "set-cookie2",
];

/// Commands to a proxy or a server in front of the gateway: to send one of its own files, to ask somebody else, to forget
/// what it has stored, to take us for ill. `X-Accel-Buffering` is a wish about this answer alone, and passes.
const COMMANDS: &[&str] = &[
    "x-accel-redirect",
    "x-accel-expires",
    "x-accel-limit-rate",
    "x-accel-charset",
    "x-accel-mapping",
    "x-sendfile",
    "x-sendfile2",
    "x-sendfile-type",
    "x-sendfile-temporary",
    "x-lighttpd-",
    "x-litespeed-",
    "x-reproxy-",
    "x-appengine-",
    "x-envoy-",
    "x-middleware-",
    "fly-replay",
    "fly-replay-cache",
];

/// What the client gets of a response header of the origin.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PassedBack {
    Dropped,
    /// What the origin said.
    AsItIs,
    /// A reference: where it names the origin, it names the gateway instead ([`location`](crate::gateway::location)).
    Location,
    /// Several references, likewise.
    Links,
    /// Those that are for programs ([`challenges`](crate::gateway::challenges)).
    Challenges,
    /// Those cookies that [`is_for_this_host`].
    Cookies,
    /// What [`cache_control`](crate::gateway::cache_control) makes of it.
    CacheControl,
}

/// What the client gets of a response header of this name, which is in lower case.
pub fn pass_back(name: &str) -> PassedBack {
    match name {
        "location" | "content-location" => PassedBack::Location,
        "link" => PassedBack::Links,
        "www-authenticate" => PassedBack::Challenges,
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
        && !BEYOND_THE_ANSWER.iter().chain(COMMANDS).any(|listed| is_of(&plain, listed))
        && !is_for_shared_caches(&plain)
}

/// Whether a cookie stays with the host that the client has asked. One with a `Domain` is sent to other hosts, too: to
/// those of other routes, and of the control plane (RFC 6265 §5.2.3, §5.4). One in our name could be taken for ours.
pub fn is_for_this_host(set_cookie: &str) -> bool {
    let mut parts = set_cookie.split(';');
    // A client sends back a cookie without a name as its value alone, which may look like a name and a value.
    let pair = parts.next().unwrap_or("").trim_start_matches(['=', ' ', '\t']);
    let name = pair.split('=').next().unwrap_or("");
    let names_domain = |part: &str| part.split('=').next().unwrap_or("").trim().eq_ignore_ascii_case("domain");
    !is_ours(name) && !parts.any(names_domain)
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
        check(&["content-type", "content-encoding", "token", "etag", "expires", "vary", "x-accel"], PassedBack::AsItIs);
        check(&["connection", "keep-alive", "transfer-encoding", "upgrade", "trailer"], PassedBack::Dropped);
        check(&["token-auth-role", "token_auth_role", "token.auth.x"], PassedBack::Dropped);
        check(&["alt-svc", "clear-site-data", "refresh", "nel", "report-to", "report_to"], PassedBack::Dropped);
        check(&["strict-transport-security", "public-key-pins", "service-worker-allowed"], PassedBack::Dropped);
        check(&["accept-ch", "use-as-dictionary", "set-login", "set-cookie2"], PassedBack::Dropped);
        check(&["attribution-reporting-register-source", "sec-session-registration"], PassedBack::Dropped);
        check(&["x-accel-redirect", "x-accel-expires", "x-sendfile", "x-envoy-overloaded"], PassedBack::Dropped);
        check(&["cdn-cache-control", "cloudflare-cdn-cache-control", "surrogate-control"], PassedBack::Dropped);
        check(&["cf-edge-cache", "x-litespeed-purge"], PassedBack::Dropped);
        check(&["link"], PassedBack::Links);
        check(&["www-authenticate"], PassedBack::Challenges);
        check(&["location", "content-location"], PassedBack::Location);
        check(&["set-cookie"], PassedBack::Cookies);
        check(&["cache-control"], PassedBack::CacheControl);
    }

    #[test]
    fn what_speaks_of_the_answer_alone_passes() {
        for name in [
            // How a browser treats this document, and nothing else.
            "content-security-policy",
            "content-security-policy-report-only",
            "permissions-policy",
            "referrer-policy",
            "cross-origin-opener-policy",
            "cross-origin-embedder-policy",
            "cross-origin-resource-policy",
            "document-policy",
            "integrity-policy",
            "x-frame-options",
            "x-content-type-options",
            "x-robots-tag",
            "timing-allow-origin",
            "server-timing",
            "sourcemap",
            // To whom this document reports; another document has to say it again.
            "reporting-endpoints",
            // What this document would like to load next: its own body could say so, too.
            "speculation-rules",
            "supports-loading-mode",
            "activate-storage-access",
            // These say who may read this answer. The gateway answers preflights, by which a site asks for more,
            // itself.
            "access-control-allow-origin",
            "access-control-allow-credentials",
            "access-control-expose-headers",
            // For which other queries of this path, which are the origin's too, this answer is right.
            "no-vary-search",
            // About this answer to who asked.
            "retry-after",
            "allow",
            "age",
            "date",
            "server",
            "via",
            "warning",
            "digest",
            "content-disposition",
            "accept-ranges",
            "authentication-info",
            "deprecation",
            "sunset",
            "ratelimit",
            "p3p",
            "x-accel-buffering",
        ] {
            assert_eq!(pass_back(name), PassedBack::AsItIs, "{name}");
        }
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
