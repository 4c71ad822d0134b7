//! The gateway: a request for an origin, read so that what decides is what is sent.
//!
//! **Owns** which requests the gateway takes at all, the URL that is called, and what of an origin's answer is rewritten.
//!
//! **Does not own** the decision ([`proxied_request`](crate::domain::proxied_request)), which headers pass
//! ([`forwarded_headers`]), or the sending.

use crate::domain::forwarded_headers::{self, HeadersError};
use crate::domain::origin::Origin;
use crate::domain::proxied_request::{Entry, ProxiedRequest};
use crate::domain::request_method::RequestMethod;
use crate::domain::request_path::{AmbiguousPath, RequestPath};
use crate::domain::route_host::RouteHost;
use crate::http::response::ApiResponse;

/// The methods that are ever sent on, for `Allow`.
pub const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE";

/// A request as it reached the gateway; `Authorization` and the other headers are read elsewhere.
#[derive(Clone, Copy, Debug)]
pub struct Received<'a> {
    /// The method.
    pub method: &'a str,
    /// `http` or `https`.
    pub scheme: &'a str,
    /// The path as it was sent.
    pub path: &'a str,
    /// The query as it was sent, without the question mark.
    pub query: &'a str,
}

/// What becomes of a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Taken {
    /// A CORS preflight (Fetch standard): a browser asks whether it may send a request. It carries no credentials, so it
    /// is answered here and reaches no origin.
    Preflight,
    /// A request to decide about and send on.
    Request(GatewayRequest),
}

/// A request to decide about and send on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GatewayRequest {
    /// What of it decides.
    pub request: ProxiedRequest,
    /// Its query, with the question mark; empty for none. It decides nothing.
    pub query: String,
    /// Host and port, as the client named them.
    pub authority: String,
    /// `http` or `https`.
    pub scheme: &'static str,
}

/// Why the gateway does not send a request on, or has no answer to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GatewayError {
    /// The path can be read in more than one way.
    Path(AmbiguousPath),
    /// The query holds something else than visible ASCII.
    Query,
    /// `Host` is missing, doubled or malformed.
    Host,
    /// The method is one that is never sent on.
    MethodNeverSent,
    /// A GET or HEAD request brings a body, which no two servers treat alike.
    BodyNotAllowed,
    /// The headers cannot be sent on.
    Headers(HeadersError),
    /// The route takes no WebSocket.
    WebSocketNotAllowed,
    /// The origin cannot be reached, or broke off.
    OriginUnreachable,
    /// The origin's answer did not begin in time.
    OriginTimeout,
}

impl GatewayError {
    /// The precise code for the log.
    pub const fn log_code(self) -> &'static str {
        match self {
            Self::Path(_) => "ambiguous_path",
            Self::Query => "invalid_query",
            Self::Host => "invalid_host",
            Self::MethodNeverSent => "method_never_sent",
            Self::BodyNotAllowed => "body_not_allowed",
            Self::Headers(HeadersError::Value) => "invalid_header",
            Self::Headers(HeadersError::Framing) => "ambiguous_framing",
            Self::Headers(HeadersError::Loop) => "loop",
            Self::WebSocketNotAllowed => "web_socket_not_allowed",
            Self::OriginUnreachable => "origin_unreachable",
            Self::OriginTimeout => "origin_timeout",
        }
    }
}

/// Reads a request; `header` gives the value of a header, several of one name joined by ", ".
///
/// # Errors
/// [`GatewayError`].
pub fn read(received: Received<'_>, header: impl Fn(&str) -> Option<String>) -> Result<Taken, GatewayError> {
    let path = RequestPath::parse(received.path).map_err(GatewayError::Path)?;
    if !received.query.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(GatewayError::Query);
    }
    let authority = header("host").ok_or(GatewayError::Host)?;
    let host = RouteHost::from_authority(&authority).map_err(|_| GatewayError::Host)?;
    if received.method == "OPTIONS" && header("origin").is_some() && header("access-control-request-method").is_some() {
        return Ok(Taken::Preflight);
    }
    let method = RequestMethod::parse(received.method).ok_or(GatewayError::MethodNeverSent)?;
    let brings_body =
        header("content-length").is_some_and(|length| length != "0") || header("transfer-encoding").is_some();
    if brings_body && matches!(method, RequestMethod::Get | RequestMethod::Head) {
        return Err(GatewayError::BodyNotAllowed);
    }
    Ok(Taken::Request(GatewayRequest {
        request: ProxiedRequest { entry: Entry::Gateway, host, method, path },
        query: if received.query.is_empty() { String::new() } else { format!("?{}", received.query) },
        authority,
        scheme: if received.scheme == "https" { "https" } else { "http" },
    }))
}

impl GatewayRequest {
    /// The URL that is called: the origin, and the very path that was decided about.
    pub fn url(&self, origin: &Origin) -> String {
        format!("{origin}{}{}", self.request.path, self.query)
    }

    /// The URL at which the client has reached us, without a path.
    pub fn own_url(&self) -> String {
        format!("{}://{}", self.scheme, self.authority)
    }

    /// A `Location` of the origin's, as the client is told it: where it names the origin itself, it names us.
    pub fn location(&self, origin: &Origin, location: &str) -> Option<String> {
        let below = location.strip_prefix(origin.as_str())?;
        let is_below = below.is_empty() || below.starts_with(['/', '?', '#']);
        is_below.then(|| format!("{}{below}", self.own_url()))
    }
}

/// Answers a preflight: nothing is allowed to pages of other sites.
pub fn preflight_response(request_id: &str) -> ApiResponse {
    ApiResponse::empty(204, request_id)
        .with("vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers")
}

/// Whether a response header of the origin reaches the client.
pub fn passes_back(name: &str) -> bool {
    forwarded_headers::passes_back(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::origin::LoopbackOrigins;

    fn take(method: &str, path: &str, query: &str, headers: &[(&str, &str)]) -> Result<Taken, GatewayError> {
        let received = Received { method, scheme: "https", path, query };
        read(received, |name| {
            let all = [&[("host", "api.example.com:8443")], headers].concat();
            all.iter().rev().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }

    fn request(path: &str, query: &str) -> GatewayRequest {
        match take("GET", path, query, &[]) {
            Ok(Taken::Request(request)) => request,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_path_that_decides_is_the_path_that_is_called() {
        let origin = Origin::parse("https://origin.example.com:8443", LoopbackOrigins::Refused, &[]).unwrap();
        let request = request("/a/%C3%A9", "x=/../y&z=%2F");
        assert_eq!(request.request.path.as_str(), "/a/%C3%A9");
        assert_eq!(request.request.host.as_str(), "api.example.com");
        assert_eq!(request.url(&origin), "https://origin.example.com:8443/a/%C3%A9?x=/../y&z=%2F");
    }

    #[test]
    fn a_request_that_is_not_certain_is_refused() {
        #[track_caller]
        fn check(method: &str, path: &str, query: &str, headers: &[(&str, &str)], expected: &str) {
            assert_eq!(take(method, path, query, headers).unwrap_err().log_code(), expected);
        }
        check("GET", "/a/../b", "", &[], "ambiguous_path");
        check("GET", "/%2e", "", &[], "ambiguous_path");
        check("GET", "/", "a=é", &[], "invalid_query");
        check("GET", "/", "a b", &[], "invalid_query");
        check("GET", "/", "", &[("host", "a, b")], "invalid_host");
        check("GET", "/", "", &[("host", "")], "invalid_host");
        check("TRACE", "/", "", &[], "method_never_sent");
        check("get", "/", "", &[], "method_never_sent");
        check("OPTIONS", "/", "", &[], "method_never_sent");
        check("OPTIONS", "/", "", &[("origin", "https://a.example")], "method_never_sent");
        check("GET", "/", "", &[("content-length", "1")], "body_not_allowed");
        check("HEAD", "/", "", &[("transfer-encoding", "chunked")], "body_not_allowed");
    }

    #[test]
    fn a_request_without_a_body_may_say_so() {
        assert!(take("GET", "/", "", &[("content-length", "0")]).is_ok());
        assert!(take("POST", "/", "", &[("content-length", "5")]).is_ok());
    }

    #[test]
    fn a_preflight_is_answered_here_and_allows_nothing() {
        let asked = [("origin", "https://a.example"), ("access-control-request-method", "POST")];
        assert_eq!(take("OPTIONS", "/a", "", &asked), Ok(Taken::Preflight));
        let answer = preflight_response("req-1");
        assert_eq!(answer.status, 204);
        assert!(answer.headers.iter().all(|(name, _)| !name.starts_with("access-control-")));
    }

    #[test]
    fn a_redirect_to_the_origin_leads_back_here() {
        let origin = Origin::parse("https://origin.example.com", LoopbackOrigins::Refused, &[]).unwrap();
        let request = request("/", "");
        let check = |location: &str, expected: Option<&str>| {
            assert_eq!(request.location(&origin, location).as_deref(), expected, "{location}");
        };
        check("https://origin.example.com/a?b", Some("https://api.example.com:8443/a?b"));
        check("https://origin.example.com", Some("https://api.example.com:8443"));
        check("https://origin.example.com.evil.example/a", None);
        check("https://origin.example.com@evil.example/a", None);
        check("https://elsewhere.example/a", None);
        check("/a", None);
    }
}
