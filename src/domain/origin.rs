//! The origin behind a route: where requests are sent, and where they must never be sent.
//!
//! A route is made by whoever administers a project. It must not become a way into the network that this program runs in
//! (SSRF), nor a loop back to this program. What a public name resolves to is not known here; the runtime refuses private
//! addresses (`global_fetch_strictly_public`).

use std::fmt;
use std::net::IpAddr;

use url::{Host, Url};

use crate::domain::route_host::RouteHost;

/// Scheme, host and port of an origin, as text without a trailing slash.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin(String);

/// Why a text is no origin.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OriginError {
    /// It is no absolute URL with a host.
    NotAUrl,
    /// It is not `https`.
    NotHttps,
    /// It carries a user name or a password.
    Credentials,
    /// It has a path, a query or a fragment.
    MoreThanAnOrigin,
    /// Its host is an address and not a name.
    AddressLiteral,
    /// Its host is a name of an internal network, or one that leads to an address written in it.
    InternalName,
    /// Its host is one of our own.
    OwnHost,
    /// A port below 1024 that is not that of HTTPS.
    Port,
}

impl OriginError {
    /// What is wrong, for whoever configures the route.
    pub const fn explanation(self) -> &'static str {
        match self {
            Self::NotAUrl => "The origin is not a URL such as https://api.example.com",
            Self::NotHttps => "The origin must begin with https://",
            Self::Credentials => "The origin must not carry a user name or a password",
            Self::MoreThanAnOrigin => "The origin must not have a path, a query or a fragment",
            Self::AddressLiteral => "The origin must be a name, not an IP address",
            Self::InternalName => "The origin must be a public name",
            Self::OwnHost => "The origin must not be a host that is served here",
            Self::Port => "The port of the origin must be 443, or 1024 and more",
        }
    }
}

/// Whether origins on this machine are allowed, as the operator said. Only a development set-up says so.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LoopbackOrigins {
    /// They are refused, as is `http`.
    Refused,
    /// `http` and loopback addresses are allowed too.
    Allowed,
}

/// Suffixes of names that are not public (RFC 6761, RFC 6762, RFC 8375, RFC 9476, and common custom).
const INTERNAL_SUFFIXES: &[&str] = &[
    "localhost",
    "local",
    "localdomain",
    "internal",
    "intranet",
    "private",
    "corp",
    "home",
    "lan",
    "svc",
    "test",
    "invalid",
    "onion",
    "alt",
    "arpa",
];

/// Public names below which a name leads to whatever address is written in it, or to this machine.
const ADDRESS_IN_NAME: &[&str] =
    &["nip.io", "sslip.io", "xip.io", "localtest.me", "lvh.me", "vcap.me", "lacolhost.com", "traefik.me"];

impl Origin {
    /// Checks a text. `own_hosts` are the hosts that this program serves.
    ///
    /// # Errors
    /// [`OriginError`].
    pub fn parse(text: &str, loopback: LoopbackOrigins, own_hosts: &[RouteHost]) -> Result<Self, OriginError> {
        // The parser drops tabs, line breaks and surrounding spaces, and takes a backslash for a slash.
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) || text.contains('\\') {
            return Err(OriginError::NotAUrl);
        }
        let url = Url::parse(text).map_err(|_| OriginError::NotAUrl)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(OriginError::NotHttps);
        }
        let host = url.host().ok_or(OriginError::NotAUrl)?;
        if !url.username().is_empty() || url.password().is_some() || text.contains('@') {
            return Err(OriginError::Credentials);
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(OriginError::MoreThanAnOrigin);
        }
        if is_loopback(&host) && loopback == LoopbackOrigins::Allowed {
            return Ok(Self::from_url(&url));
        }
        let Host::Domain(name) = host else { return Err(OriginError::AddressLiteral) };
        check_name(name)?;
        if own_hosts.iter().any(|own| own.as_str() == name) {
            return Err(OriginError::OwnHost);
        }
        if url.scheme() != "https" {
            return Err(OriginError::NotHttps);
        }
        if url.port().is_some_and(|port| port < 1024) {
            return Err(OriginError::Port);
        }
        Ok(Self::from_url(&url))
    }

    /// The origin that was stored as this text, which was checked when it was stored.
    pub fn from_stored(text: &str) -> Self {
        Self(text.to_owned())
    }

    fn from_url(url: &Url) -> Self {
        Self(url.as_str().trim_end_matches('/').to_owned())
    }

    /// The text, such as `https://api.example.com:8443`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is at this host, whatever the port.
    pub fn is_at(&self, host: &RouteHost) -> bool {
        RouteHost::from_authority(self.authority()).is_ok_and(|own| own == *host)
    }

    /// Host and port, as the origin is called in `Host`.
    pub fn authority(&self) -> &str {
        self.0.split_once("://").map_or(self.0.as_str(), |(_, authority)| authority)
    }
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => IpAddr::from(*address).is_loopback(),
        Host::Ipv6(address) => IpAddr::from(*address).is_loopback(),
    }
}

fn check_name(name: &str) -> Result<(), OriginError> {
    let is_below = |suffix: &str| name.strip_suffix(suffix).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    let is_public = name.contains('.')
        && !name.ends_with('.')
        && name.split('.').all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'))
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.'))
        && !INTERNAL_SUFFIXES.iter().chain(ADDRESS_IN_NAME).any(|suffix| is_below(suffix));
    if is_public { Ok(()) } else { Err(OriginError::InternalName) }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own() -> Vec<RouteHost> {
        vec![RouteHost::parse("gateway.example.com").unwrap()]
    }

    #[test]
    fn an_origin_is_a_public_https_name() {
        #[track_caller]
        fn check(text: &str, expected: Result<&str, OriginError>) {
            let parsed = Origin::parse(text, LoopbackOrigins::Refused, &own());
            assert_eq!(parsed.as_ref().map(Origin::as_str).map_err(|error| *error), expected, "{text}");
        }
        use OriginError::{
            AddressLiteral, Credentials, InternalName, MoreThanAnOrigin, NotAUrl, NotHttps, OwnHost, Port,
        };
        check("https://api.example.com", Ok("https://api.example.com"));
        check("https://api.example.com/", Ok("https://api.example.com"));
        check("https://API.Example.com:443", Ok("https://api.example.com"));
        check("https://api.example.com:8443", Ok("https://api.example.com:8443"));
        check("https://b\u{fc}cher.example.com", Err(NotAUrl));
        check("https://xn--bcher-kva.example.com", Ok("https://xn--bcher-kva.example.com"));
        check("https://api.example.com:80", Err(Port));
        check("https://api.example.com:22", Err(Port));
        for text in ["", "api.example.com", "/a", "https://", "https:///", "https://a b.example", "https:\\\\a.example"]
        {
            check(text, Err(NotAUrl));
        }
        for text in ["http://api.example.com", "ftp://api.example.com", "file:///etc/passwd", "ws://api.example.com"] {
            check(text, Err(NotHttps));
        }
        for text in ["https://u@api.example.com", "https://u:p@api.example.com", "https://@api.example.com"] {
            check(text, Err(Credentials));
        }
        check("https://api.example.com@10.0.0.1", Err(Credentials));
        for text in ["https://api.example.com/a", "https://api.example.com/?a", "https://api.example.com/#a"] {
            check(text, Err(MoreThanAnOrigin));
        }
        for address in [
            "127.0.0.1",
            "10.0.0.1",
            "192.168.0.1",
            "169.254.169.254",
            "8.8.8.8",
            "0",
            "0x7f.1",
            "2130706433",
            "017700000001",
            "127.1",
            "[::1]",
            "[::ffff:10.0.0.1]",
            "[fd00::1]",
            "[2606:4700::1111]",
            "127.0.0.1.",
        ] {
            check(&format!("https://{address}"), Err(AddressLiteral));
        }
        for name in [
            "localhost",
            "a.localhost",
            "intranet",
            "metadata.google.internal",
            "printer.local",
            "db.corp",
            "a.lan",
            "kubernetes.default.svc",
            "kubernetes.default.svc.cluster.local",
            "router.home.arpa",
            "1.0.0.127.in-addr.arpa",
            "api.example.com.",
            "a..example.com",
            "-a.example.com",
            "127.0.0.1.nip.io",
            "10-0-0-1.sslip.io",
            "localtest.me",
            "under_score.example.com",
        ] {
            assert!(Origin::parse(&format!("https://{name}"), LoopbackOrigins::Refused, &own()).is_err(), "{name}");
        }
        check("https://metadata.google.internal", Err(InternalName));
        check("https://gateway.example.com", Err(OwnHost));
        check("https://GATEWAY.example.com:8443", Err(OwnHost));
        check("https://notlocalhost.example.com", Ok("https://notlocalhost.example.com"));
        check("https://mylocal.com", Ok("https://mylocal.com"));
    }

    #[test]
    fn a_development_set_up_allows_this_machine_and_nothing_else_more() {
        #[track_caller]
        fn check(text: &str, expected: bool) {
            assert_eq!(Origin::parse(text, LoopbackOrigins::Allowed, &own()).is_ok(), expected, "{text}");
        }
        check("http://127.0.0.1:9000", true);
        check("http://localhost:80", true);
        check("http://[::1]:9000", true);
        check("https://127.0.0.1", true);
        check("http://10.0.0.1", false);
        check("http://0.0.0.0", false);
        check("http://[::ffff:127.0.0.1]", false);
        check("http://api.example.com", false);
        check("http://u:p@127.0.0.1", false);
        check("http://127.0.0.1/a", false);
    }

    #[test]
    fn the_authority_is_host_and_port() {
        let origin = Origin::parse("https://api.example.com:8443", LoopbackOrigins::Refused, &[]).unwrap();
        assert_eq!(origin.authority(), "api.example.com:8443");
    }
}
