//! How a route's requests go to their origin.
//!
//! An option holds at every entry that the route opens. A reverse proxy cannot do what only the gateway can, and its
//! configuration must not have to. So a route without an origin cannot have such an option
//! ([`RouteOptions::of_the_gateway`]), and one that has both is for the gateway only.

use crate::gateway::reserved_headers;
use crate::value::timestamp::Seconds;

/// How long the gateway waits for the origin's answer to begin, unless the route says otherwise.
pub const DEFAULT_TIMEOUT: Seconds = Seconds::new(30);
/// The longest a route can say: the platform's own proxies give up then.
pub const LONGEST_TIMEOUT: Seconds = Seconds::new(100);
/// The most headers a route may add.
pub const MAXIMUM_HEADERS: usize = 20;
/// The most characters of an added header's value.
pub const MAXIMUM_VALUE_CHARACTERS: usize = 1024;
/// The most characters of an added header's name.
pub const MAXIMUM_NAME_CHARACTERS: usize = 128;

/// An option that holds only where the gateway itself sends the requests. A reverse proxy sends them as its own
/// configuration says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GatewayOption {
    /// That the origin is sent the access token.
    KeepAuthorization,
    Headers,
    Timeout,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RouteOptions {
    /// Whether the origin is sent the access token. It could then use it as its own.
    pub keep_authorization: bool,
    /// Headers that the origin is sent besides those of the request.
    pub headers: Vec<AddedHeader>,
    /// How long to wait for the origin's answer to begin.
    pub timeout: Seconds,
    /// Whether a request may become a WebSocket.
    pub web_socket: bool,
}

impl RouteOptions {
    /// An option that holds at the gateway only; `None` when all of them hold wherever a request comes through.
    pub const fn of_the_gateway(&self) -> Option<GatewayOption> {
        // By name, so that nobody adds an option without saying where it holds.
        let Self { keep_authorization, headers, timeout, web_socket: _ } = self;
        if *keep_authorization {
            Some(GatewayOption::KeepAuthorization)
        } else if !headers.is_empty() {
            Some(GatewayOption::Headers)
        } else if timeout.get() != DEFAULT_TIMEOUT.get() {
            Some(GatewayOption::Timeout)
        } else {
            None
        }
    }
}

impl Default for RouteOptions {
    fn default() -> Self {
        Self { keep_authorization: false, headers: Vec::new(), timeout: DEFAULT_TIMEOUT, web_socket: false }
    }
}

/// A header that a route adds. Everybody who sees the route sees it, and it is replicated: do not put a secret here.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct AddedHeader {
    name: String,
    value: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AddedHeaderError {
    /// The name is not a token (RFC 9110 §5.1), or is too long.
    Name,
    /// The gateway sets or strips this header itself.
    Reserved,
    /// The name is one that carries a credential, and routes are shown in lists.
    Credential,
    /// The value holds something else than visible ASCII and inner spaces, or is too long.
    Value,
}

impl AddedHeaderError {
    /// What is wrong, for whoever configures the route.
    pub const fn explanation(self) -> &'static str {
        match self {
            Self::Name => "The name of the header is not valid",
            Self::Reserved => "The header is one that the gateway sets or removes itself",
            Self::Credential => "Routes are shown in lists and are no place for a credential",
            Self::Value => "The value of the header may hold visible ASCII characters and spaces only",
        }
    }
}

impl AddedHeader {
    /// Checks name and value. The name is kept in lower case.
    pub fn new(name: &str, value: &str) -> Result<Self, AddedHeaderError> {
        let name = name.to_ascii_lowercase();
        if name.is_empty() || name.len() > MAXIMUM_NAME_CHARACTERS || !name.bytes().all(is_token_byte) {
            return Err(AddedHeaderError::Name);
        }
        if reserved_headers::is_ours(&name) {
            return Err(AddedHeaderError::Reserved);
        }
        if carries_a_credential(&name) {
            return Err(AddedHeaderError::Credential);
        }
        let is_value = value.len() <= MAXIMUM_VALUE_CHARACTERS
            && value.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
            && value.trim() == value;
        if is_value { Ok(Self { name, value: value.to_owned() }) } else { Err(AddedHeaderError::Value) }
    }

    /// The name, in lower case.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn value(&self) -> &str {
        &self.value
    }
}

/// RFC 9110 §5.6.2.
const fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~'
        )
}

fn carries_a_credential(name: &str) -> bool {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    ["authorization", "cookie", "secret", "token", "apikey", "password", "credential", "accesskey"]
        .iter()
        .any(|word| plain.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_the_gateway_does_is_told_from_what_holds_at_every_entry() {
        #[track_caller]
        fn check(options: RouteOptions, expected: Option<GatewayOption>) {
            assert_eq!(options.of_the_gateway(), expected, "{options:?}");
        }
        let default = RouteOptions::default;
        check(default(), None);
        check(RouteOptions { web_socket: true, ..default() }, None);
        check(RouteOptions { keep_authorization: true, ..default() }, Some(GatewayOption::KeepAuthorization));
        let headers = vec![AddedHeader::new("x-a", "b").unwrap()];
        check(RouteOptions { headers, web_socket: true, ..default() }, Some(GatewayOption::Headers));
        for seconds in [1, 29, 31, 100] {
            check(RouteOptions { timeout: Seconds::new(seconds), ..default() }, Some(GatewayOption::Timeout));
        }
    }

    #[test]
    fn a_route_may_add_harmless_headers_only() {
        #[track_caller]
        fn check(name: &str, value: &str, expected: Result<(), AddedHeaderError>) {
            assert_eq!(AddedHeader::new(name, value).map(|_| ()), expected, "{name}: {value}");
        }
        use AddedHeaderError::{Credential, Name, Reserved, Value};
        check("X-Environment", "production, eu", Ok(()));
        check("x-empty", "", Ok(()));
        for name in ["", "a b", "a:b", "é", "a\r\nb", &"a".repeat(129)] {
            check(name, "v", Err(Name));
        }
        for name in ["Host", "Connection", "Content-Length", "X-Forwarded-For", "CF-Connecting-IP", "CDN-Loop"] {
            check(name, "v", Err(Reserved));
        }
        for name in ["Token-Auth-Identity-Id", "token_auth_role", "Token.Auth.X", "upgrade", "te", "x-request-id"] {
            check(name, "v", Err(Reserved));
        }
        for name in ["Authorization", "Cookie", "X-Api-Key", "x-auth-token", "Client-Secret", "proxy-password"] {
            assert!(AddedHeader::new(name, "v").is_err(), "{name}");
        }
        check("X-Api-Key", "v", Err(Credential));
        for value in ["a\r\nb: c", "é", " a", "a ", "\u{7f}", &"a".repeat(1025)] {
            check("x-a", value, Err(Value));
        }
    }
}
