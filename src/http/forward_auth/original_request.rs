//! What the dialects have in common: headers that describe the original request, and the forms of their values.

use crate::domain::client_address::reported_address;
use crate::http::forward_auth::{ForwardAuthError, ForwardedRequest, HeaderProblem, Question};

/// The longest target that is looked at: more than the proxies take from a client by default (8 KiB for a whole line).
const LONGEST_TARGET: usize = 8192;
/// The longest registered method has 17 characters (`UPDATEREDIRECTREF`).
const LONGEST_METHOD: usize = 32;
/// A host name has at most 253 characters (RFC 1035 §2.3.4), a port six with its colon.
const LONGEST_HOST: usize = 260;

/// The names under which a proxy writes down the request it has received.
#[derive(Clone, Copy, Debug)]
pub struct OriginalRequestHeaders {
    /// The request's target: path and query.
    pub target: &'static str,
    /// The request's host.
    pub host: &'static str,
    /// The address of the client.
    pub client: &'static str,
}

/// Reads a question that is a GET and has the original method in a header.
pub fn read_from_get(
    question: Question<'_>,
    method: &'static str,
    names: OriginalRequestHeaders,
    header: impl Fn(&str) -> Option<String>,
) -> Result<ForwardedRequest, ForwardAuthError> {
    if question.method != "GET" {
        return Err(ForwardAuthError::MethodNotAllowed);
    }
    read(of_form(method, is_method, &header)?, names, header)
}

/// Reads the rest of the original request, the method being known.
pub fn read(
    method: String,
    names: OriginalRequestHeaders,
    header: impl Fn(&str) -> Option<String>,
) -> Result<ForwardedRequest, ForwardAuthError> {
    let path = path_of(of_form(names.target, is_target, &header)?);
    let host = of_form(names.host, is_host, &header)?.to_ascii_lowercase();
    let client = required(names.client, &header)?;
    let client = reported_address(&client).ok_or_else(|| unusable(names.client, list_or_nonsense(&client)))?;
    Ok(ForwardedRequest { method, host, path, client, authorization: header("authorization") })
}

fn of_form(
    name: &'static str,
    form: fn(&str) -> bool,
    header: impl Fn(&str) -> Option<String>,
) -> Result<String, ForwardAuthError> {
    let value = required(name, header)?;
    if form(&value) { Ok(value) } else { Err(unusable(name, HeaderProblem::Malformed)) }
}

/// The value of a header that must be there, once.
fn required(name: &'static str, header: impl Fn(&str) -> Option<String>) -> Result<String, ForwardAuthError> {
    match header(name) {
        // None of the values that are read here can hold a space, so it can only come from joining several.
        Some(value) if value.contains(", ") => Err(unusable(name, HeaderProblem::Several)),
        Some(value) if !value.is_empty() => Ok(value),
        Some(_) | None => Err(unusable(name, HeaderProblem::Missing)),
    }
}

/// A header that cannot be used.
pub const fn unusable(name: &'static str, problem: HeaderProblem) -> ForwardAuthError {
    ForwardAuthError::Header { name, problem }
}

/// The path of a target, with nothing decoded.
fn path_of(mut target: String) -> String {
    if let Some(end) = target.find('?') {
        target.truncate(end);
    }
    target
}

fn list_or_nonsense(addresses: &str) -> HeaderProblem {
    if addresses.contains(',') { HeaderProblem::Several } else { HeaderProblem::Malformed }
}

/// `token` (RFC 9110 §9.1).
fn is_method(text: &str) -> bool {
    text.len() <= LONGEST_METHOD
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

/// `origin-form` (RFC 9112 §3.2.1) in visible ASCII. There is no fragment in a target: what one would cut off here the
/// origin might keep.
fn is_target(text: &str) -> bool {
    text.len() <= LONGEST_TARGET
        && text.starts_with('/')
        && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#')
}

/// A host name or address with an optional port (RFC 9110 §7.2), no user information.
fn is_host(text: &str) -> bool {
    let (name, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, after)) if address.parse::<std::net::Ipv6Addr>().is_ok() => ("v6", after),
        Some(_) => return false,
        None => text.find(':').map_or((text, ""), |colon| text.split_at(colon)),
    };
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
    let is_port = port.is_empty()
        || port.strip_prefix(':').is_some_and(|digits| {
            !digits.is_empty() && digits.len() <= 5 && digits.bytes().all(|byte| byte.is_ascii_digit())
        });
    text.len() <= LONGEST_HOST && is_name && is_port
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_is_a_token() {
        #[track_caller]
        fn check(text: &str, expected: bool) {
            assert_eq!(is_method(text), expected, "{text:?}");
        }
        check("GET", true);
        check("get", true);
        check("VERSION-CONTROL", true);
        check("GET /", false);
        check("GET,POST", false);
        check("GÉT", false);
        check(&"X".repeat(33), false);
    }

    #[test]
    fn a_target_is_visible_and_begins_with_a_slash() {
        #[track_caller]
        fn check(text: &str, expected: bool) {
            assert_eq!(is_target(text), expected, "{text:?}");
        }
        check("/", true);
        check("/a,b;c?d=/../e", true);
        check("", false);
        check("a", false);
        check("*", false);
        check("http://api.example.com/a", false);
        check("/a b", false);
        check("/a\tb", false);
        check("/a\u{0}", false);
        check("/ü", false);
        check("/a\u{fffd}", false);
        check("/a#b", false);
        check("/a?b#c", false);
        check(&format!("/{}", "a".repeat(LONGEST_TARGET - 1)), true);
        check(&format!("/{}", "a".repeat(LONGEST_TARGET)), false);
    }

    #[test]
    fn a_host_is_a_name_or_an_address_with_an_optional_port() {
        #[track_caller]
        fn check(text: &str, expected: bool) {
            assert_eq!(is_host(text), expected, "{text:?}");
        }
        check("api.example.com", true);
        check("API.example.com:8443", true);
        check("192.0.2.1:80", true);
        check("[2001:db8::1]", true);
        check("[2001:db8::1]:8443", true);
        check("", false);
        check(":80", false);
        check("api.example.com:", false);
        check("api.example.com:80x", false);
        check("api.example.com:123456", false);
        check("api.example.com:80:90", false);
        check("user@api.example.com", false);
        check("a,b", false);
        check("a/b", false);
        check("a b", false);
        check("2001:db8::1", false);
        check("[api]", false);
        check("[2001:db8::1", false);
        check("ä.example.com", false);
        check(&"a".repeat(LONGEST_HOST + 1), false);
    }

    #[test]
    fn the_query_is_cut_off_and_nothing_is_decoded() {
        assert_eq!(path_of("/a%2Fb?c=/../d?e".to_owned()), "/a%2Fb");
        assert_eq!(path_of("/a".to_owned()), "/a");
    }
}
