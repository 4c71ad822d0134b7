//! Who these endpoints say they are (RFC 8414 §2).

use std::fmt;

use crate::target::origin;
use domain::gateway::route_host::authority_without_root;

/// An origin: scheme, host and perhaps a port.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Issuer(String);

impl Issuer {
    /// Reads the setting `ISSUER`; `None` when it is not an origin. Only a machine may be its own issuer without TLS.
    pub fn parse(text: &str) -> Option<Self> {
        let is_local = |host: &str| {
            let name = host.rsplit_once(':').map_or(host, |(name, port)| if is_port(port) { name } else { host });
            matches!(name, "localhost" | "127.0.0.1" | "[::1]")
        };
        let host = match text.split_once("://")? {
            ("https", host) => host,
            ("http", host) if is_local(host) => host,
            _ => return None,
        };
        let is_host = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']');
        (!host.is_empty() && host.bytes().all(is_host)).then(|| Self(without_root(text)))
    }

    /// The issuer of an answer: what the operator set, otherwise the origin that the request was sent to.
    ///
    /// That origin comes from the caller. Nobody else sees the answer, which says `no-store`, and all that it can name
    /// wrongly is the caller's own idea of where this is. What routes requests here decides which hosts there are.
    pub fn of_request(setting: Option<&Self>, url: &str) -> Self {
        setting.cloned().unwrap_or_else(|| Self(without_root(origin(url))))
    }

    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
}

/// An origin whose host has no dot behind: whoever compares issuers compares texts.
fn without_root(origin: &str) -> String {
    match origin.split_once("://") {
        Some((scheme, authority)) => format!("{scheme}://{}", authority_without_root(authority)),
        None => origin.to_owned(),
    }
}

fn is_port(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

impl fmt::Display for Issuer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_an_origin() {
        #[track_caller]
        fn check(text: &str, expected: bool) {
            assert_eq!(Issuer::parse(text).is_some(), expected, "{text}");
        }
        check("https://auth.example", true);
        check("https://auth.example:8443", true);
        check("https://[2001:db8::1]:8443", true);
        check("http://localhost:8787", true);
        check("http://127.0.0.1", true);
        check("http://[::1]:8787", true);
        check("http://auth.example", false);
        check("http://localhost.example", false);
        check("https://", false);
        check("https://auth.example/", false);
        check("https://auth.example/a", false);
        check("https://auth.example?a", false);
        check("https://user@auth.example", false);
        check("https://auth.example\"", false);
        check("auth.example", false);
        check("", false);
    }

    #[test]
    fn without_a_setting_it_is_the_origin_of_the_request() {
        let of = |setting: Option<&str>| {
            let setting = setting.and_then(Issuer::parse);
            Issuer::of_request(setting.as_ref(), "https://edge.example:8443/oauth2/introspect?a=b").at("/x")
        };
        assert_eq!(of(None), "https://edge.example:8443/x");
        assert_eq!(of(Some("https://auth.example")), "https://auth.example/x");
    }

    #[test]
    fn a_host_with_a_dot_behind_is_the_same_issuer() {
        assert_eq!(Issuer::parse("https://auth.example.:8443"), Issuer::parse("https://auth.example:8443"));
        let asked = Issuer::of_request(None, "https://edge.example.:8443/oauth2/introspect?a=b.");
        assert_eq!(asked.at("/x"), "https://edge.example:8443/x");
    }
}
