//! The host that a route is for, and the host that a request names.

use std::fmt;

/// A host name in lower case, or an address as it stands in a URL; without a port.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RouteHost(String);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotAHost;

/// RFC 1035 §2.3.4.
const LONGEST_NAME: usize = 253;

impl RouteHost {
    /// Checks a name without a port. Names are case-insensitive, and one with a dot behind is the same name (RFC 1034
    /// §3.1), which is kept without it.
    pub fn parse(text: &str) -> Result<Self, NotAHost> {
        let text = without_root(text);
        let label_is_right = |label: &str| {
            !label.is_empty()
                && label.len() <= 63
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        let is_address = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).is_some_and(|address| {
            !address.is_empty() && address.bytes().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.'))
        });
        if is_address || (text.len() <= LONGEST_NAME && text.split('.').all(label_is_right)) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(NotAHost)
        }
    }

    /// The host of an authority such as `api.example.com:8443`.
    pub fn from_authority(authority: &str) -> Result<Self, NotAHost> {
        let (host, port) = split_port(authority);
        match port {
            Some(port) if port.is_empty() || port.len() > 5 || !port.bytes().all(|byte| byte.is_ascii_digit()) => {
                Err(NotAHost)
            }
            Some(_) | None => Self::parse(host),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An authority such as `api.example.com.:8443` without the dot that stands for the root of all names. Everybody who reads
/// a host or an authority reads it so: there is one name, whether it is written with that dot or without.
pub fn authority_without_root(authority: &str) -> String {
    match split_port(authority) {
        (host, Some(port)) => format!("{}:{port}", without_root(host)),
        (host, None) => without_root(host).to_owned(),
    }
}

/// A name without the one dot that may stand behind it.
fn without_root(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

/// Host and port of an authority; the colons of an address in brackets do not begin a port.
fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        Some(_) | None => (authority, None),
    }
}

impl fmt::Display for RouteHost {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for RouteHost {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_taken_from_an_authority_in_lower_case_and_without_its_port() {
        #[track_caller]
        fn check(authority: &str, expected: Option<&str>) {
            let host = RouteHost::from_authority(authority).ok();
            assert_eq!(host.as_ref().map(RouteHost::as_str), expected, "{authority:?}");
        }
        check("api.example.com", Some("api.example.com"));
        check("API.example.com:8443", Some("api.example.com"));
        check("127.0.0.1:8787", Some("127.0.0.1"));
        check("localhost", Some("localhost"));
        check("[::1]:80", Some("[::1]"));
        check("[::1]", Some("[::1]"));
        check("api.example.com.", Some("api.example.com"));
        check("API.example.com.:8443", Some("api.example.com"));
        check("127.0.0.1.", Some("127.0.0.1"));
        check("a.", Some("a"));
        for wrong in [
            "", ".", "..", ".:1", "a..", "a..:1", ".a", "a..b", "a.b..", "[::1]..", "-a", "a-", "a b", "a:", "a:b",
            "a:123456", "a@b", "a/b", "a,b", "é", "a_b", "[]", "[x]", "::1", "a:1:2", "[::1]x",
        ] {
            check(wrong, None);
        }
        check(&format!("{}.example", "a".repeat(64)), None);
        check(&["a".repeat(63), "b".repeat(63), "c".repeat(63), "d".repeat(62)].join("."), None);
        let longest = ["a".repeat(63), "b".repeat(63), "c".repeat(63), "d".repeat(61)].join(".");
        check(&format!("{longest}."), Some(longest.as_str()));
    }

    #[test]
    fn an_authority_loses_one_dot_behind_its_name() {
        #[track_caller]
        fn check(authority: &str, expected: &str) {
            assert_eq!(authority_without_root(authority), expected);
        }
        check("api.example.com", "api.example.com");
        check("api.example.com.", "api.example.com");
        check("API.example.com.:8443", "API.example.com:8443");
        check("api.example.com..", "api.example.com.");
        check("[::1]:80", "[::1]:80");
        check("[::1]", "[::1]");
    }
}
