//! The gateway: reads a request for an origin, so that the request that is authorized is the one that is sent.
//!
//! **Owns** which requests the gateway takes at all, the URL that is called, and what an answer is by its status.
//!
//! **Does not own** the decision ([`proxied_request`](domain::gateway::proxied_request)), which headers pass
//! ([`forwarded_headers`], [`answer_headers`](domain::gateway::answer_headers)), or the sending.

use domain::gateway::forwarded_headers::{self, HeadersError};
use domain::gateway::location::OwnPlace;
use domain::gateway::origin::Origin;
use domain::gateway::proxied_request::{Entry, ProxiedRequest};
use domain::gateway::request_method::RequestMethod;
use domain::gateway::request_path::{AmbiguousPath, RequestPath};
use domain::gateway::route_host::{RouteHost, authority_without_root};
use domain::gateway::web_socket_handshake::WebSocketHandshake;
use protocol::response::ApiResponse;

/// The methods that are ever sent on, for `Allow`.
pub const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE";

/// A request as it reached the gateway; `Authorization` and the other headers are read elsewhere.
#[derive(Clone, Copy, Debug)]
pub struct Received<'a> {
    pub method: &'a str,
    /// `http` or `https`.
    pub scheme: &'a str,
    /// The path as it was sent.
    pub path: &'a str,
    /// The query as it was sent, without the question mark; `None` where there is no question mark.
    pub query: Option<&'a str>,
}

/// What becomes of a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Incoming {
    /// A CORS preflight (Fetch standard): a browser asks whether it may send a request. It carries no credentials, so it
    /// is answered here and reaches no origin.
    Preflight,
    /// A request to decide about and send on.
    Request(GatewayRequest),
}

/// A request to decide about and send on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GatewayRequest {
    pub request: ProxiedRequest,
    /// Its query, with the question mark; empty for none. It decides nothing.
    pub query: String,
    /// Host and port, as the client named them, but for a dot behind the host.
    pub authority: String,
    /// `http` or `https`.
    pub scheme: &'static str,
    /// How long its body is; `None` when only its end will tell.
    pub length: Option<u64>,
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
    /// The request is one of gRPC, which ends with what the runtime does not carry: a status in trailers.
    GrpcNotCarried,
    /// A GET or HEAD request brings a body, which no two servers treat alike.
    BodyNotAllowed,
    /// The headers cannot be sent on.
    Headers(HeadersError),
    /// The gateway has sent this request already, or would send it to itself.
    Loop,
    /// The request mentions a WebSocket, but is not a handshake of one.
    WebSocketHandshake,
    /// The client broke off its body, or framed it wrongly.
    BodyBrokenOff,
    /// The client's body did not come to its end in time.
    BodyTimeout,
    /// The origin cannot be reached, or broke off.
    OriginUnreachable,
    /// The origin's answer did not begin in time.
    OriginTimeout,
    /// The origin's answer is one that cannot be passed back: its status is not one (RFC 9110 §15), or it became
    /// something else than HTTP without having been asked to.
    OriginAnswer,
}

impl GatewayError {
    /// The precise code for the log.
    pub const fn log_code(self) -> &'static str {
        match self {
            Self::Path(_) => "ambiguous_path",
            Self::Query => "invalid_query",
            Self::Host => "invalid_host",
            Self::MethodNeverSent => "method_never_sent",
            Self::GrpcNotCarried => "grpc_not_carried",
            Self::BodyNotAllowed => "body_not_allowed",
            Self::Headers(HeadersError::Value) => "invalid_header",
            Self::Headers(HeadersError::Framing) => "ambiguous_framing",
            Self::Loop => "loop",
            Self::WebSocketHandshake => "invalid_web_socket_handshake",
            Self::BodyBrokenOff => "body_broken_off",
            Self::BodyTimeout => "body_timeout",
            Self::OriginUnreachable => "origin_unreachable",
            Self::OriginTimeout => "origin_timeout",
            Self::OriginAnswer => "origin_answer_invalid",
        }
    }
}

/// Reads a request; `header` gives the value of a header, several of one name joined by ", ".
pub fn read(received: Received<'_>, header: impl Fn(&str) -> Option<String>) -> Result<Incoming, GatewayError> {
    let path = RequestPath::parse(received.path).map_err(GatewayError::Path)?;
    if !received.query.unwrap_or_default().bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(GatewayError::Query);
    }
    // Before anything else of it: an origin that leads back here is not sent the token, so nobody would get further.
    if header("cdn-loop").is_some_and(|passed| forwarded_headers::has_passed_here(&passed)) {
        return Err(GatewayError::Loop);
    }
    let authority = header("host").ok_or(GatewayError::Host)?;
    let host = RouteHost::from_authority(&authority).map_err(|_| GatewayError::Host)?;
    if received.method == "OPTIONS" && header("origin").is_some() && header("access-control-request-method").is_some() {
        return Ok(Incoming::Preflight);
    }
    let method = RequestMethod::parse(received.method).ok_or(GatewayError::MethodNeverSent)?;
    if header("content-type").is_some_and(|content_type| is_grpc(&content_type)) {
        return Err(GatewayError::GrpcNotCarried);
    }
    let brings_body =
        header("content-length").is_some_and(|length| length != "0") || header("transfer-encoding").is_some();
    if brings_body && matches!(method, RequestMethod::Get | RequestMethod::Head) {
        return Err(GatewayError::BodyNotAllowed);
    }
    let web_socket = WebSocketHandshake::read(method, &header).map_err(|_| GatewayError::WebSocketHandshake)?;
    Ok(Incoming::Request(GatewayRequest {
        request: ProxiedRequest { entry: Entry::Gateway, host, method, path, web_socket },
        query: received.query.map(|query| format!("?{query}")).unwrap_or_default(),
        authority: authority_without_root(&authority),
        scheme: if received.scheme == "https" { "https" } else { "http" },
        length: header("content-length").and_then(|length| length.parse().ok()),
    }))
}

/// Whether a content type is one of gRPC over HTTP/2. gRPC-Web has its trailers in the body, and passes.
fn is_grpc(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    essence == "application/grpc" || essence.starts_with("application/grpc+")
}

impl GatewayRequest {
    /// The URL that is called: the origin, and the very path that was decided about.
    pub fn url(&self, origin: &Origin) -> String {
        format!("{origin}{}{}", self.request.path.as_sent(), self.query)
    }

    /// The URL at which the client has reached us, without a path.
    pub fn own_url(&self) -> String {
        format!("{}://{}", self.scheme, self.authority)
    }

    /// Whether the origin is the very place at which the client has reached us.
    pub fn would_loop(&self, origin: &Origin) -> bool {
        let default_port = if self.scheme == "https" { ":443" } else { ":80" };
        let own = self.own_url();
        own.strip_suffix(default_port).unwrap_or(&own).eq_ignore_ascii_case(origin.as_str())
    }

    /// Whether a body is sent on. Clients may say that a request without one has a length of zero.
    pub fn may_have_body(&self) -> bool {
        !matches!(self.request.method, RequestMethod::Get | RequestMethod::Head)
    }

    /// The place at which the client has reached us, to which references to the origin lead.
    pub fn own_place(&self) -> OwnPlace<'_> {
        OwnPlace { scheme: self.scheme, authority: &self.authority }
    }
}

/// Answers a preflight: nothing is allowed to pages of other sites.
pub fn preflight_response(request_id: &str) -> ApiResponse {
    ApiResponse::empty(204, request_id)
        .with("vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers")
}

/// What an answer of an origin is, by its status.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AnswerKind {
    /// The beginning of a WebSocket, if it was asked for.
    Switching,
    /// One that has no body (RFC 9110 §15.3.5, §15.3.6, §15.4.5).
    WithoutBody,
    WithBody,
    /// None at all.
    Invalid,
}

pub const fn answer_kind(status: u16) -> AnswerKind {
    match status {
        101 => AnswerKind::Switching,
        204 | 205 | 304 => AnswerKind::WithoutBody,
        200..=599 => AnswerKind::WithBody,
        _ => AnswerKind::Invalid,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::gateway::origin::LoopbackOrigins;

    fn take(method: &str, path: &str, query: &str, headers: &[(&str, &str)]) -> Result<Incoming, GatewayError> {
        let received = Received { method, scheme: "https", path, query: (!query.is_empty()).then_some(query) };
        read(received, |name| {
            let all = [&[("host", "api.example.com:8443")], headers].concat();
            all.iter().rev().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }

    fn request(path: &str, query: &str) -> GatewayRequest {
        match take("GET", path, query, &[]) {
            Ok(Incoming::Request(request)) => request,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_path_that_decides_is_the_path_that_is_called() {
        let origin = Origin::parse("https://origin.example.com:8443", LoopbackOrigins::Refused, &[]).unwrap();
        let lower = request("/a/%c3%a9", "");
        assert_eq!(lower.request.path.as_str(), "/a/%C3%A9");
        assert_eq!(lower.url(&origin), "https://origin.example.com:8443/a/%c3%a9");
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
        for method in ["GET", "HEAD", "POST", "DELETE"] {
            check(method, "/", "", &[("upgrade", "websocket")], "invalid_web_socket_handshake");
        }
        for passed in ["token-auth-edge", "a.example; loops=1 , Token-Auth-Edge;a=b"] {
            check("GET", "/", "", &[("cdn-loop", passed)], "loop");
            check("OPTIONS", "/", "", &[("cdn-loop", passed), ("host", "")], "loop");
        }
    }

    #[test]
    fn an_origin_that_is_this_very_place_is_a_loop() {
        #[track_caller]
        fn check(host: &str, origin: &str, expected: bool) {
            let request = match take("GET", "/", "", &[("host", host)]) {
                Ok(Incoming::Request(request)) => request,
                other => panic!("{other:?}"),
            };
            let origin = Origin::parse(origin, LoopbackOrigins::Allowed, &[]).unwrap();
            assert_eq!(request.would_loop(&origin), expected, "{host} {origin}");
        }
        check("api.example.com", "https://api.example.com", true);
        check("API.example.com:443", "https://api.example.com", true);
        check("api.example.com:8443", "https://api.example.com:8443", true);
        check("api.example.com:8443", "https://api.example.com", false);
        check("api.example.com", "https://origin.example.com", false);
        check("127.0.0.1:8787", "https://127.0.0.1:8788", false);
        check("api.example.com.", "https://api.example.com", true);
        check("api.example.com.:8443", "https://api.example.com.:8443", true);
    }

    #[test]
    fn only_methods_that_may_have_a_body_send_one_on() {
        for (method, expected) in [("GET", false), ("HEAD", false), ("POST", true), ("DELETE", true)] {
            match take(method, "/", "", &[("content-length", "0")]) {
                Ok(Incoming::Request(request)) => assert_eq!(request.may_have_body(), expected, "{method}"),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn an_empty_query_is_not_the_same_as_none() {
        let origin = Origin::parse("https://origin.example.com", LoopbackOrigins::Refused, &[]).unwrap();
        for (query, expected) in [(None, "/a"), (Some(""), "/a?"), (Some("?"), "/a??"), (Some("b"), "/a?b")] {
            let received = Received { method: "GET", scheme: "https", path: "/a", query };
            match read(received, |name| (name == "host").then(|| "api.example.com".to_owned())) {
                Ok(Incoming::Request(request)) => {
                    assert_eq!(request.url(&origin), format!("https://origin.example.com{expected}"));
                }
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn a_call_of_grpc_is_refused_and_one_of_grpc_web_is_not() {
        #[track_caller]
        fn check(content_type: &str, refused: bool) {
            let got = take("POST", "/pkg.Service/Method", "", &[("content-type", content_type)]);
            assert_eq!(got.err(), refused.then_some(GatewayError::GrpcNotCarried), "{content_type}");
        }
        for grpc in ["application/grpc", "application/grpc+proto", "Application/gRPC+json", "application/grpc ; a=b"] {
            check(grpc, true);
        }
        for other in
            ["application/grpc-web", "application/grpc-web+proto", "application/grpc-web-text", "text/plain", ""]
        {
            check(other, false);
        }
    }

    #[test]
    fn an_answer_is_passed_back_by_its_status() {
        use AnswerKind::{Invalid, Switching, WithBody, WithoutBody};
        for (status, expected) in [
            (0, Invalid),
            (100, Invalid),
            (101, Switching),
            (103, Invalid),
            (200, WithBody),
            (204, WithoutBody),
            (205, WithoutBody),
            (299, WithBody),
            (304, WithoutBody),
            (599, WithBody),
            (600, Invalid),
            (999, Invalid),
        ] {
            assert_eq!(answer_kind(status), expected, "{status}");
        }
    }

    #[test]
    fn a_request_without_a_body_may_say_so() {
        assert!(take("GET", "/", "", &[("content-length", "0")]).is_ok());
        assert!(take("POST", "/", "", &[("content-length", "5")]).is_ok());
    }

    #[test]
    fn a_preflight_is_answered_here_and_allows_nothing() {
        let asked = [("origin", "https://a.example"), ("access-control-request-method", "POST")];
        assert_eq!(take("OPTIONS", "/a", "", &asked), Ok(Incoming::Preflight));
        let answer = preflight_response("req-1");
        assert_eq!(answer.status, 204);
        assert!(answer.headers.iter().all(|(name, _)| !name.starts_with("access-control-")));
    }
}
