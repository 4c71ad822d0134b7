//! Where the console may be used, and whether a request comes from it.
//!
//! Operators are signed in by a cookie, which a browser sends along with every request to the host, whoever made it. So the
//! cookie counts only for a request that no page of another origin can make a browser send: it has a header of its own, which
//! other origins cannot set without being asked first, and the browser says nothing else about where it comes from. Pages of
//! the same origin could do all this. So nobody is signed in where the gateway answers with the pages of origins.

use crate::gateway::origin::is_loopback;
use crate::gateway::route_host::RouteHost;

/// A place where operators can be signed in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ConsoleSite {
    /// Over https: a cookie stays with exactly this host.
    Secure,
    /// Over http, on this machine: for development.
    Loopback,
}

/// Why nobody can be signed in where the console is called.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoConsoleHere {
    /// Over http, from another machine: whoever listens would have the cookie.
    Insecure,
    /// The host serves origins as well, and their pages could use the cookie.
    SharedHost,
}

/// Whether operators can be signed in at a host that is called by this scheme.
pub fn console_site(
    scheme: &str,
    host: Option<&RouteHost>,
    serves_origins: bool,
) -> Result<ConsoleSite, NoConsoleHere> {
    let is_this_machine = host.is_some_and(|host| is_loopback(host.as_str()));
    match (scheme == "https", is_this_machine) {
        (false, true) => Ok(ConsoleSite::Loopback),
        (false, false) => Err(NoConsoleHere::Insecure),
        (true, false) if serves_origins => Err(NoConsoleHere::SharedHost),
        (true, _) => Ok(ConsoleSite::Secure),
    }
}

/// What a request says about where it comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Provenance<'a> {
    /// The header that only the console sets.
    pub mark: Option<&'a str>,
    /// `Origin`.
    pub origin: Option<&'a str>,
    /// `Sec-Fetch-Site`.
    pub fetch_site: Option<&'a str>,
}

impl Provenance<'_> {
    /// Whether the console at this scheme and authority has made the request. A program that is no browser may leave the two
    /// others away: it can only lie about itself.
    pub fn is_console(&self, scheme: &str, authority: &str) -> bool {
        let is_own = |origin: &str| {
            let called = origin.split_once("://");
            called.is_some_and(|(named, rest)| named == scheme && rest.eq_ignore_ascii_case(authority))
        };
        self.mark == Some("1")
            && self.origin.is_none_or(is_own)
            && self.fetch_site.is_none_or(|site| site == "same-origin")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_are_signed_in_over_https_at_a_host_without_origins_or_on_this_machine() {
        #[track_caller]
        fn check(scheme: &str, host: &str, serves_origins: bool, expected: Result<ConsoleSite, NoConsoleHere>) {
            let host = RouteHost::parse(host).ok();
            assert_eq!(console_site(scheme, host.as_ref(), serves_origins), expected, "{scheme} {host:?}");
        }
        check("https", "auth.example", false, Ok(ConsoleSite::Secure));
        check("https", "auth.example", true, Err(NoConsoleHere::SharedHost));
        check("http", "auth.example", false, Err(NoConsoleHere::Insecure));
        check("http", "auth.example", true, Err(NoConsoleHere::Insecure));
        check("http", "192.0.2.1", false, Err(NoConsoleHere::Insecure));
        check("http", "not a host", false, Err(NoConsoleHere::Insecure));
        check("HTTPS", "auth.example", false, Err(NoConsoleHere::Insecure));
        for host in ["127.0.0.1", "127.1.2.3", "localhost", "LOCALHOST.", "[::1]"] {
            check("http", host, true, Ok(ConsoleSite::Loopback));
            check("https", host, true, Ok(ConsoleSite::Secure));
        }
        for host in ["localhost.evil.example", "127.0.0.1.evil.example", "127.0.0.1x", "[::2]"] {
            check("http", host, false, Err(NoConsoleHere::Insecure));
        }
    }

    #[test]
    fn a_request_is_the_consoles_only_with_its_mark_and_from_its_own_origin() {
        #[track_caller]
        fn check(mark: &str, origin: &str, fetch_site: &str, expected: bool) {
            let sent = |text| Some(text).filter(|text: &&str| !text.is_empty());
            let provenance = Provenance { mark: sent(mark), origin: sent(origin), fetch_site: sent(fetch_site) };
            assert_eq!(provenance.is_console("https", "auth.example:8443"), expected, "{provenance:?}");
        }
        check("1", "", "", true);
        check("1", "https://auth.example:8443", "same-origin", true);
        check("1", "https://AUTH.example:8443", "", true);
        check("", "https://auth.example:8443", "same-origin", false);
        check("0", "", "", false);
        check("1, 1", "", "", false);
        for origin in [
            "null",
            "http://auth.example:8443",
            "https://auth.example",
            "https://auth.example:8444",
            "https://evil.example",
            "https://auth.example:8443.evil.example",
            "https://auth.example:8443, https://evil.example",
            "https://auth.example:8443/",
        ] {
            check("1", origin, "", false);
        }
        for fetch_site in ["same-site", "cross-site", "none", "Same-Origin"] {
            check("1", "https://auth.example:8443", fetch_site, false);
        }
    }
}
