//! The origin behind a route: where requests are sent, and where they must never be sent.
//!
//! The administrators of a project create its routes. A route must not become a way into the network that this program
//! runs in (SSRF), nor a loop back to this program. This file cannot know to which address a public name resolves; the
//! runtime refuses private ones (`global_fetch_strictly_public`).

use std::fmt;
use std::net::IpAddr;

use crate::gateway::route_host::RouteHost;

/// Scheme, host and port of an origin, as text without a trailing slash.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin(String);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OriginError {
    /// It is not an absolute URL with a host.
    NotAUrl,
    NotHttps,
    /// It carries a user name or a password.
    Credentials,
    /// It has a path, a query or a fragment.
    MoreThanAnOrigin,
    /// Its host is an address and not a name.
    AddressLiteral,
    /// Its host is a name of an internal network, or one that leads to an address written in it.
    InternalName,
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
    /// The grammar is a small part of a URL's: what is accepted means the same to every URL parser.
    pub fn parse(text: &str, loopback: LoopbackOrigins, own_hosts: &[RouteHost]) -> Result<Self, OriginError> {
        let text = text.to_ascii_lowercase();
        let (scheme, rest) = text.split_once("://").ok_or(OriginError::NotAUrl)?;
        if !matches!(scheme, "http" | "https") {
            return Err(OriginError::NotHttps);
        }
        if rest.contains('@') {
            return Err(OriginError::Credentials);
        }
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        if authority.contains(['/', '?', '#']) {
            return Err(OriginError::MoreThanAnOrigin);
        }
        let (host, port) = split_port(authority)?;
        let default_port = if scheme == "https" { 443 } else { 80 };
        let port = port.filter(|port| *port != default_port);
        let origin = Self(match port {
            Some(port) => format!("{scheme}://{host}:{port}"),
            None => format!("{scheme}://{host}"),
        });
        if is_loopback(host) && loopback == LoopbackOrigins::Allowed {
            return Ok(origin);
        }
        check_name(host)?;
        if own_hosts.iter().any(|own| own.as_str() == host) {
            return Err(OriginError::OwnHost);
        }
        if scheme != "https" {
            return Err(OriginError::NotHttps);
        }
        if port.is_some_and(|port| port < 1024) {
            return Err(OriginError::Port);
        }
        Ok(origin)
    }

    /// The origin that was stored as this text, which was checked when it was stored.
    pub fn from_stored(text: &str) -> Self {
        Self(text.to_owned())
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

/// Host and port of an authority. The host may be a name, an IPv4 address, or an IPv6 address in brackets.
fn split_port(authority: &str) -> Result<(&str, Option<u16>), OriginError> {
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => {
            let is_number = (1..=5).contains(&port.len()) && port.bytes().all(|byte| byte.is_ascii_digit());
            let port: u16 = port.parse().map_err(|_| OriginError::NotAUrl)?;
            if !is_number || port == 0 {
                return Err(OriginError::NotAUrl);
            }
            (host, Some(port))
        }
        Some(_) | None => (authority, None),
    };
    // A name with a dot behind is the same name: it is kept, checked and called without.
    let host = host.strip_suffix('.').unwrap_or(host);
    if host.starts_with('[') || (!host.ends_with('.') && RouteHost::parse(host).is_ok()) {
        Ok((host, port))
    } else {
        // A URL parser would take some of these for another host: it drops tabs and decodes percent signs.
        Err(OriginError::NotAUrl)
    }
}

/// Whether a host, in lower case and without a port, is this machine.
pub(crate) fn is_loopback(host: &str) -> bool {
    let address = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    host == "localhost" || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// `host` is in lower case, and made of labels of letters, digits and inner hyphens, unless it is in brackets.
fn check_name(host: &str) -> Result<(), OriginError> {
    let last = host.rsplit('.').next().unwrap_or_default();
    // A URL parser takes a name whose last label looks like a number for an IPv4 address, in a dozen ways to write one.
    let is_number = last.bytes().all(|byte| byte.is_ascii_digit())
        || last.strip_prefix("0x").is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    if host.starts_with('[') || is_number {
        return Err(OriginError::AddressLiteral);
    }
    let is_below =
        |suffix: &&str| host.strip_suffix(*suffix).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    if host.contains('.') && !INTERNAL_SUFFIXES.iter().chain(ADDRESS_IN_NAME).any(is_below) {
        Ok(())
    } else {
        Err(OriginError::InternalName)
    }
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
    use proptest::prelude::*;

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
        check("https://api.example.com.", Ok("https://api.example.com"));
        check("https://api.example.com.:8443/", Ok("https://api.example.com:8443"));
        check("https://api.example.com:8443", Ok("https://api.example.com:8443"));
        check("https://b\u{fc}cher.example.com", Err(NotAUrl));
        check("https://xn--bcher-kva.example.com", Ok("https://xn--bcher-kva.example.com"));
        check("https://api.example.com:80", Err(Port));
        check("https://api.example.com:22", Err(Port));
        for text in ["", "api.example.com", "/a", "https://", "https:///", "https:\\a.example", "https://a.example:0"] {
            check(text, Err(NotAUrl));
        }
        for host in ["a b.example", "a\t.example", "a\\.example", "%6c.example", "a_b.example", "a.example:", "a..b"] {
            check(&format!("https://{host}"), Err(NotAUrl));
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
            "1.2.3.0x4",
            "017700000001",
            "127.1",
            "[::1]",
            "[::ffff:10.0.0.1]",
            "[fd00::1]",
            "[2606:4700::1111]",
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
            "localhost.",
            "db.corp.",
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
    fn no_way_to_write_an_address_or_a_host_of_ours_is_a_public_name() {
        #[track_caller]
        fn check(authority: &str, expected: OriginError) {
            let parsed = Origin::parse(&format!("https://{authority}"), LoopbackOrigins::Refused, &own());
            assert_eq!(parsed, Err(expected), "{authority}");
        }
        use OriginError::{AddressLiteral, Credentials, InternalName, MoreThanAnOrigin, NotAUrl, OwnHost};
        // Octal, hexadecimal, short and mixed forms (WHATWG URL, IPv4 parser), and those with a dot behind.
        for address in
            ["0177.0.0.1", "0x7f000001", "0x7f.0.0.0x1", "127.0.1", "3232235521", "00", "0x", "1.1.1.1.1", "256"]
        {
            check(address, AddressLiteral);
        }
        for address in ["127.0.0.1.", "0x7f000001."] {
            check(address, AddressLiteral);
        }
        check("localhost.", InternalName);
        check("gateway.example.com.", OwnHost);
        check("gateway.example.com.:8443", OwnHost);
        for dots in ["api.example.com..", "api.example.com..:8443", ".", "127.0.0.1.."] {
            check(dots, NotAUrl);
        }
        // IPv6: with a zone (RFC 6874), mapped, compatible, translated (RFC 6052), 6to4, unspecified.
        for address in [
            "[fe80::1%25eth0]",
            "[fe80::1%eth0]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[::127.0.0.1]",
            "[64:ff9b::7f00:1]",
            "[2002:7f00:1::]",
            "[::]",
            "[::1]:8443",
            "[",
            "[]",
        ] {
            check(address, AddressLiteral);
        }
        // What one parser takes for the host and another for a user name, a path or a fragment.
        for authority in [
            "api.example.com@127.0.0.1",
            "api.example.com:443@127.0.0.1",
            "api.example.com\\@127.0.0.1",
            "api.example.com#@127.0.0.1",
            "api.example.com?@127.0.0.1",
            "127.0.0.1%2f@api.example.com",
            "@@api.example.com",
        ] {
            check(authority, Credentials);
        }
        for authority in ["127.0.0.1#.example.com", "127.0.0.1?.example.com", "127.0.0.1/.example.com"] {
            check(authority, MoreThanAnOrigin);
        }
        // What some parser decodes, folds (UTS 46) or drops.
        for authority in [
            "127%2e0.0.1",
            "%3127.0.0.1",
            "127.0.0.1\\.example.com",
            "127\u{3002}0\u{3002}0\u{3002}1",
            "\u{2460}27.0.0.1",
            "\u{ff4c}ocalhost",
            "local\u{ad}host",
            "a.example\n.com",
            "a.example\0.com",
            " a.example.com",
            "a.example.com ",
            "a.example.com:443 ",
            "a.example.com:+443",
            "a.example.com:4e2",
            "a.example.com:65536",
            "a.example.com:443:443",
            "::1",
            "a,b.example.com",
            "*.example.com",
        ] {
            check(authority, NotAUrl);
        }
        for name in ["LOCALHOST", "a.LocalHost", "x.Local", "METADATA.google.internal", "a.127.0.0.1.NIP.io"] {
            check(name, InternalName);
        }
        for own in ["gateway.example.com", "Gateway.Example.Com", "gateway.example.com:443", "gateway.example.com:8443"]
        {
            check(own, OwnHost);
        }
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

    proptest! {
        #[test]
        fn whatever_is_accepted_means_the_same_to_a_url_parser(
            text in "(https?|HTTPS)://[a-z0-9A-Z.x:\\[\\]@%-]{1,20}(:[0-9]{1,6})?/?",
        ) {
            if let Ok(origin) = Origin::parse(&text, LoopbackOrigins::Allowed, &[]) {
                let mut url = url::Url::parse(&text).unwrap();
                // The dot of the root is dropped.
                let host = url.host_str().unwrap().trim_end_matches('.').to_owned();
                url.set_host(Some(&host)).unwrap();
                prop_assert_eq!(url.as_str(), format!("{origin}/"));
                prop_assert!(url.username().is_empty() && url.password().is_none());
                if let url::Host::Ipv4(address) = url.host().unwrap() {
                    prop_assert!(address.is_loopback());
                }
            }
        }
    }

    #[test]
    fn the_authority_is_host_and_port() {
        let origin = Origin::parse("https://api.example.com:8443", LoopbackOrigins::Refused, &[]).unwrap();
        assert_eq!(origin.authority(), "api.example.com:8443");
    }
}
