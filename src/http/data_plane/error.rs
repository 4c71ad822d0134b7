//! The error surfaces of the data plane: `/validate`, forward auth and the gateway, as RFC 9457 problems.
//!
//! RFC 6750 decides what a bearer may learn. Unknown, revoked, expired and exhausted tokens get the same sentence; only
//! an untrusted client address is named, because by then the secret has matched and nobody can debug an allow-list
//! otherwise. The log gets the precise code.

use std::borrow::Cow;

use serde::Serialize;

use crate::http::forward_auth::{ForwardAuthError, HeaderProblem};
use crate::http::gateway::{self, GatewayError};
use domain::gateway::forwarded_headers::HeadersError;
use domain::gateway::proxied_request::RequestRefusal;
use domain::gateway::request_path::AmbiguousPath;
use domain::token::refusal::Refusal;
use protocol::bearer::CredentialsError;
use protocol::damping::RETRY_AFTER_SECONDS;
use protocol::response::ApiResponse;
use protocol::settings::Misconfigured;
use protocol::surface::{BEARER, BearerError, RETRY_SOON_SECONDS, Surface};
use validation::pipeline::request::AdmissionRefusal;
use validation::ports::Unavailable;

/// Why a data-plane request got no yes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DataPlaneError {
    /// There are no usable credentials.
    Credentials(CredentialsError),
    Refused(Refusal),
    /// The verdict cannot be known now.
    Unavailable(Unavailable),
    Misconfigured(Misconfigured),
    /// The route does not have this method.
    MethodNotAllowed {
        allow: &'static str,
    },
    /// A proxy's question was not looked at any further.
    ForwardAuth(ForwardAuthError),
    /// The bearer was accepted, and may not send this request.
    RequestRefused(RequestRefusal),
    /// The gateway does not send a request on, or has no answer to it.
    Gateway(GatewayError),
    NotFound,
    /// The request failed, and its caller has failed too often.
    TooManyFailures,
    /// Something of ours broke.
    Internal,
}

impl From<Refusal> for DataPlaneError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<AdmissionRefusal> for DataPlaneError {
    fn from(refusal: AdmissionRefusal) -> Self {
        match refusal {
            AdmissionRefusal::Bearer(refusal) => Self::Refused(refusal),
            AdmissionRefusal::Request(refusal) => Self::RequestRefused(refusal),
        }
    }
}

impl From<Unavailable> for DataPlaneError {
    fn from(unavailable: Unavailable) -> Self {
        Self::Unavailable(unavailable)
    }
}

impl DataPlaneError {
    /// The precise code for the log.
    pub const fn log_code(&self) -> &'static str {
        match self {
            Self::Credentials(CredentialsError::Missing) => "credentials_missing",
            Self::Credentials(CredentialsError::Several) => "credentials_several",
            Self::Credentials(CredentialsError::Malformed) => "credentials_malformed",
            Self::Refused(refusal) => refusal.code(),
            Self::Unavailable(unavailable) => unavailable.code(),
            Self::Misconfigured(_) => "misconfigured",
            Self::MethodNotAllowed { .. } => "method_not_allowed",
            Self::ForwardAuth(error) => error.log_code(),
            Self::RequestRefused(refusal) => refusal.code(),
            Self::Gateway(error) => error.log_code(),
            Self::NotFound => "not_found",
            Self::TooManyFailures => "too_many_requests",
            Self::Internal => "internal",
        }
    }
}

/// The body of every error (RFC 9457).
#[derive(Serialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Problem<'a> {
    r#type: String,
    title: &'static str,
    status: u16,
    detail: String,
    code: &'static str,
    request_id: &'a str,
}

/// What the bearer reads: public code, title and detail.
struct Said {
    code: &'static str,
    title: &'static str,
    detail: String,
}

fn say(status: u16, code: &'static str, title: &'static str, detail: impl Into<String>) -> Surface<Said> {
    Surface::new(status, Said { code, title, detail: detail.into() })
}

fn method_not_allowed(allow: impl Into<Cow<'static, str>>, detail: impl Into<String>) -> Surface<Said> {
    say(405, "method_not_allowed", "Method not allowed", detail).allowing(allow)
}

/// Answers an error. The one place where a data-plane error becomes a status.
pub fn error_response(error: &DataPlaneError, request_id: &str) -> ApiResponse {
    surface(error).respond(|status, Said { code, title, detail }| {
        let r#type = format!("urn:token-auth-edge:problem:{code}");
        ApiResponse::problem(status, request_id, &Problem { r#type, title, status, detail, code, request_id })
    })
}

fn surface(error: &DataPlaneError) -> Surface<Said> {
    match error {
        // RFC 6750 §3.1: no error code when the request carries no authentication information.
        DataPlaneError::Credentials(CredentialsError::Missing) => say(
            401,
            "missing_token",
            "Access token missing",
            "Send the access token as \"Authorization: Bearer <token>\".",
        )
        .challenged(BEARER),
        DataPlaneError::Credentials(CredentialsError::Several) => {
            invalid_request("The request carries more than one credential.")
        }
        DataPlaneError::Credentials(CredentialsError::Malformed) => {
            invalid_request("The Authorization header is not of the form \"Bearer <token>\".")
        }
        DataPlaneError::Refused(refusal) => refusal_surface(refusal),
        DataPlaneError::Unavailable(Unavailable::Replica | Unavailable::Authority | Unavailable::Counter) => say(
            503,
            "temporarily_unavailable",
            "Temporarily unavailable",
            "The token could not be checked now. Try again.",
        )
        .temporary(RETRY_SOON_SECONDS),
        DataPlaneError::Misconfigured(Misconfigured { variable, expected }) => say(
            503,
            "misconfigured",
            "Misconfigured",
            format!("The setting {variable} is missing or wrong; expected {expected}."),
        )
        .temporary(RETRY_SOON_SECONDS),
        DataPlaneError::MethodNotAllowed { allow } => {
            method_not_allowed(*allow, format!("The methods of this route are {allow}."))
        }
        DataPlaneError::ForwardAuth(error) => forward_auth_surface(*error),
        DataPlaneError::RequestRefused(refusal) => request_refusal_surface(refusal),
        DataPlaneError::Gateway(error) => gateway_surface(*error),
        DataPlaneError::NotFound => say(404, "not_found", "Not found", "There is no such route."),
        DataPlaneError::TooManyFailures => say(
            429,
            "too_many_requests",
            "Too many requests",
            format!("Too many requests from this address have failed. Try again in {RETRY_AFTER_SECONDS} seconds."),
        )
        .temporary(RETRY_AFTER_SECONDS),
        DataPlaneError::Internal => say(500, "internal_error", "Internal error", "Something went wrong."),
    }
}

fn refusal_surface(refusal: &Refusal) -> Surface<Said> {
    match refusal {
        Refusal::Malformed
        | Refusal::Forged
        | Refusal::Unknown
        | Refusal::WrongSecret
        | Refusal::Revoked
        | Refusal::Expired { .. }
        | Refusal::IdentityDeleted
        | Refusal::AuthMethodRemoved
        | Refusal::ClientSecretRevoked
        | Refusal::UsesExhausted => {
            let detail = "The access token is unknown, expired, revoked or used up.";
            say(401, "invalid_token", "Access token not accepted", detail)
                .challenged(BearerError::InvalidToken.challenge_saying(detail))
        }
        Refusal::ClientAddressNotTrusted { seen } => say(
            403,
            "client_ip_not_trusted",
            "Client address not trusted",
            format!("The access token may not be used from {seen}."),
        )
        .challenged(BEARER),
        Refusal::ClientAddressUnknown => say(
            403,
            "client_ip_unknown",
            "Client address unknown",
            "The access token may be used from trusted addresses only, and the address of this request is not known.",
        )
        .challenged(BEARER),
    }
}

fn forward_auth_surface(error: ForwardAuthError) -> Surface<Said> {
    match error {
        ForwardAuthError::Disabled => say(
            403,
            "forward_auth_disabled",
            "Forward auth is off",
            "Neither FORWARD_AUTH_SECRET nor TRUSTED_PROXIES is set.",
        ),
        // Which proof was missing or wrong is the log's business.
        ForwardAuthError::ProxyNotProven => say(
            403,
            "proxy_not_trusted",
            "Proxy not trusted",
            "The request is not proven to come from a trusted proxy.",
        ),
        ForwardAuthError::Misdirected => say(
            403,
            "proxy_misdirected",
            "Not a path for proxies",
            "The request carries what only a proxy sends, and its path is not one at which that proxy asks.",
        ),
        ForwardAuthError::MethodNotAllowed => method_not_allowed("GET", "This proxy asks with GET."),
        ForwardAuthError::MethodNeverPassed => method_not_allowed(
            gateway::METHODS,
            format!("Only {} are passed on. A proxy answers CORS preflights itself.", gateway::METHODS),
        ),
        ForwardAuthError::Path(ambiguity) => ambiguous_path(ambiguity),
        ForwardAuthError::WebSocketHandshake => broken_handshake(),
        ForwardAuthError::UpgradeNeverPassed => say(
            403,
            "upgrade_not_allowed",
            "Not allowed",
            "The request asks to become something else than a WebSocket, which no proxy may pass on.",
        ),
        ForwardAuthError::Header { name, problem } => {
            let problem = match problem {
                HeaderProblem::Missing => "is missing",
                HeaderProblem::Several => "holds more than one value",
                HeaderProblem::Malformed => "is malformed",
                HeaderProblem::OtherPath => "is not the path at which the question arrived",
            };
            let detail = format!("The proxy's header {name} {problem}.");
            say(400, "invalid_proxy_request", "Invalid request of a proxy", detail)
        }
    }
}

/// The bearer's secret has matched and its address is trusted: it may learn for which hosts and paths its organization has
/// routes, and of a route of a project that it is a member of also for which methods.
fn request_refusal_surface(refusal: &RequestRefusal) -> Surface<Said> {
    match refusal {
        // RFC 9110 §15.5.20.
        RequestRefusal::HostUnknown => {
            say(421, "host_unknown", "Misdirected request", "No route of the organization is for this host.")
        }
        RequestRefusal::RouteUnknown => {
            say(404, "route_unknown", "Not found", "No route of the organization is for this path.")
        }
        RequestRefusal::MethodNotAllowed { allowed } => {
            let allow = allowed.iter().map(|method| method.name()).collect::<Vec<_>>().join(", ");
            let detail = format!("The methods of this route are {allow}.");
            method_not_allowed(allow, detail)
        }
        RequestRefusal::NotAMember { .. } | RequestRefusal::PermissionMissing { .. } => {
            let detail = "The identity has no role that allows this request.";
            say(403, "insufficient_scope", "Not allowed", detail)
                .challenged(BearerError::InsufficientScope.challenge_saying(detail))
        }
        RequestRefusal::WebSocketNotAllowed => {
            say(403, "web_socket_not_allowed", "Not allowed", "This route takes no WebSocket.")
        }
    }
}

fn gateway_surface(error: GatewayError) -> Surface<Said> {
    let invalid = |detail: &str| say(400, error.log_code(), "Invalid request", detail);
    match error {
        GatewayError::Path(ambiguity) => ambiguous_path(ambiguity),
        GatewayError::Query => invalid("The query holds a character that has to be percent-encoded."),
        GatewayError::Host => invalid("The Host header is missing, doubled or malformed."),
        GatewayError::MethodNeverSent => {
            method_not_allowed(gateway::METHODS, format!("Only {} are sent on.", gateway::METHODS))
        }
        GatewayError::BodyNotAllowed => invalid("A GET or HEAD request must not have a body."),
        GatewayError::Headers(HeadersError::Value) => {
            invalid("The value of a header holds something else than visible ASCII characters and spaces.")
        }
        GatewayError::Headers(HeadersError::Framing) => invalid("The length of the body is not certain."),
        GatewayError::GrpcNotCarried => say(
            415,
            "grpc_not_carried",
            "Unsupported media type",
            "The gateway does not carry gRPC, whose status comes in trailers. gRPC-Web passes.",
        ),
        GatewayError::Loop => say(
            508,
            "loop",
            "Loop detected",
            "The request has passed this gateway before: the origin of a route leads back to it.",
        ),
        GatewayError::WebSocketHandshake => broken_handshake(),
        GatewayError::BodyBrokenOff => invalid("The body broke off, or is not framed as it must be."),
        GatewayError::BodyTimeout => {
            say(408, error.log_code(), "Request timeout", "The body did not come to its end in time.")
        }
        GatewayError::OriginUnreachable => {
            say(502, "origin_unreachable", "Bad gateway", "The origin cannot be reached.")
        }
        GatewayError::OriginTimeout => {
            say(504, "origin_timeout", "Gateway timeout", "The origin did not answer in time.")
        }
        GatewayError::OriginAnswer => {
            say(502, "origin_answer_invalid", "Bad gateway", "The origin's answer cannot be passed back.")
        }
    }
}

fn broken_handshake() -> Surface<Said> {
    say(
        400,
        "invalid_web_socket_handshake",
        "Invalid request",
        "The request asks for a WebSocket, and is not the GET request with Connection, Upgrade, Sec-WebSocket-Version and \
         Sec-WebSocket-Key that must ask for one.",
    )
}

fn ambiguous_path(ambiguity: AmbiguousPath) -> Surface<Said> {
    let detail = format!("The request is not passed on: {}.", ambiguity.explanation());
    say(400, "ambiguous_path", "Ambiguous path", detail)
}

fn invalid_request(detail: &'static str) -> Surface<Said> {
    say(400, "invalid_request", "Invalid request", detail)
        .challenged(BearerError::InvalidRequest.challenge_saying(detail))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::IpAddr;

    use domain::gateway::request_method::RequestMethod;
    use domain::permission::ability::{Action, Permission, Subject};
    use domain::value::identifiers::ProjectId;
    use domain::value::timestamp::Timestamp;

    fn body(response: &ApiResponse) -> serde_json::Value {
        serde_json::from_str(&response.body).unwrap()
    }

    #[test]
    fn each_error_has_its_status_code_and_challenge() {
        #[track_caller]
        fn check(error: DataPlaneError, status: u16, code: &str, challenge: Option<&str>) {
            let response = error_response(&error, "req-1");
            assert_eq!(response.status, status);
            assert_eq!(body(&response)["code"], code);
            assert_eq!(body(&response)["status"], status);
            assert_eq!(body(&response)["requestId"], "req-1");
            assert_eq!(body(&response)["type"], format!("urn:token-auth-edge:problem:{code}"));
            assert_eq!(response.header("content-type"), Some("application/problem+json"));
            assert_eq!(response.header("cache-control"), Some("no-store"));
            let retry_after = match status {
                429 => Some("10"),
                503 => Some("1"),
                _ => None,
            };
            assert_eq!(response.header("retry-after"), retry_after);
            assert_eq!(response.header("allow").is_some(), status == 405);
            let got = response.header("www-authenticate");
            match challenge {
                Some(part) => assert!(got.is_some_and(|got| got.starts_with(BEARER) && got.contains(part)), "{got:?}"),
                None => assert_eq!(got, None),
            }
        }
        use CredentialsError::{Malformed, Missing, Several};
        check(DataPlaneError::Credentials(Missing), 401, "missing_token", Some(""));
        check(DataPlaneError::Credentials(Several), 400, "invalid_request", Some("error=\"invalid_request\""));
        check(DataPlaneError::Credentials(Malformed), 400, "invalid_request", Some("error=\"invalid_request\""));
        for refusal in [
            Refusal::Malformed,
            Refusal::Forged,
            Refusal::Unknown,
            Refusal::WrongSecret,
            Refusal::Revoked,
            Refusal::Expired { at: Timestamp::from_milliseconds(0) },
            Refusal::IdentityDeleted,
            Refusal::AuthMethodRemoved,
            Refusal::ClientSecretRevoked,
            Refusal::UsesExhausted,
        ] {
            check(DataPlaneError::Refused(refusal), 401, "invalid_token", Some("error=\"invalid_token\""));
        }
        let seen = IpAddr::from([192, 0, 2, 1]);
        let untrusted = Refusal::ClientAddressNotTrusted { seen };
        check(DataPlaneError::Refused(untrusted), 403, "client_ip_not_trusted", Some(""));
        check(DataPlaneError::Refused(Refusal::ClientAddressUnknown), 403, "client_ip_unknown", Some(""));
        check(DataPlaneError::Unavailable(Unavailable::Authority), 503, "temporarily_unavailable", None);
        let misconfigured = Misconfigured { variable: "AUTH_SECRET", expected: "a secret" };
        check(DataPlaneError::Misconfigured(misconfigured), 503, "misconfigured", None);
        check(DataPlaneError::MethodNotAllowed { allow: "GET" }, 405, "method_not_allowed", None);
        for (error, status, code) in [
            (ForwardAuthError::Disabled, 403, "forward_auth_disabled"),
            (ForwardAuthError::ProxyNotProven, 403, "proxy_not_trusted"),
            (ForwardAuthError::Misdirected, 403, "proxy_misdirected"),
            (ForwardAuthError::MethodNotAllowed, 405, "method_not_allowed"),
            (ForwardAuthError::MethodNeverPassed, 405, "method_not_allowed"),
            (ForwardAuthError::Path(AmbiguousPath::DotSegment), 400, "ambiguous_path"),
            (ForwardAuthError::WebSocketHandshake, 400, "invalid_web_socket_handshake"),
            (ForwardAuthError::UpgradeNeverPassed, 403, "upgrade_not_allowed"),
        ] {
            check(DataPlaneError::ForwardAuth(error), status, code, None);
        }
        for problem in
            [HeaderProblem::Missing, HeaderProblem::Several, HeaderProblem::Malformed, HeaderProblem::OtherPath]
        {
            let error = ForwardAuthError::Header { name: "x-original-uri", problem };
            check(DataPlaneError::ForwardAuth(error), 400, "invalid_proxy_request", None);
        }
        let project = ProjectId::from_bytes([1; 16]);
        let needed = Permission::new(Action::Read, Subject::Requests);
        let insufficient = Some("error=\"insufficient_scope\"");
        for (refusal, status, code, challenge) in [
            (RequestRefusal::HostUnknown, 421, "host_unknown", None),
            (RequestRefusal::RouteUnknown, 404, "route_unknown", None),
            (RequestRefusal::NotAMember { project }, 403, "insufficient_scope", insufficient),
            (RequestRefusal::MethodNotAllowed { allowed: vec![RequestMethod::Get] }, 405, "method_not_allowed", None),
            (RequestRefusal::PermissionMissing { needed, project }, 403, "insufficient_scope", insufficient),
            (RequestRefusal::WebSocketNotAllowed, 403, "web_socket_not_allowed", None),
        ] {
            check(DataPlaneError::RequestRefused(refusal), status, code, challenge);
        }
        for (error, status, code) in [
            (GatewayError::Path(AmbiguousPath::DotSegment), 400, "ambiguous_path"),
            (GatewayError::Query, 400, "invalid_query"),
            (GatewayError::Host, 400, "invalid_host"),
            (GatewayError::MethodNeverSent, 405, "method_not_allowed"),
            (GatewayError::BodyNotAllowed, 400, "body_not_allowed"),
            (GatewayError::GrpcNotCarried, 415, "grpc_not_carried"),
            (GatewayError::Headers(HeadersError::Value), 400, "invalid_header"),
            (GatewayError::Headers(HeadersError::Framing), 400, "ambiguous_framing"),
            (GatewayError::Loop, 508, "loop"),
            (GatewayError::WebSocketHandshake, 400, "invalid_web_socket_handshake"),
            (GatewayError::OriginUnreachable, 502, "origin_unreachable"),
            (GatewayError::OriginTimeout, 504, "origin_timeout"),
            (GatewayError::OriginAnswer, 502, "origin_answer_invalid"),
        ] {
            check(DataPlaneError::Gateway(error), status, code, None);
        }
        check(DataPlaneError::NotFound, 404, "not_found", None);
        check(DataPlaneError::TooManyFailures, 429, "too_many_requests", None);
        check(DataPlaneError::Internal, 500, "internal_error", None);
    }

    #[test]
    fn tokens_that_are_unknown_revoked_expired_or_exhausted_get_the_same_answer() {
        let answers: Vec<ApiResponse> = [
            Refusal::Unknown,
            Refusal::Revoked,
            Refusal::Expired { at: Timestamp::from_milliseconds(7) },
            Refusal::UsesExhausted,
        ]
        .into_iter()
        .map(|refusal| error_response(&DataPlaneError::Refused(refusal), "req-1"))
        .collect();
        assert!(answers.iter().all(|answer| *answer == answers[0]));
    }

    #[test]
    fn who_is_not_a_member_and_who_lacks_a_role_get_the_same_answer() {
        let project = ProjectId::from_bytes([1; 16]);
        let needed = Permission::new(Action::Read, Subject::Requests);
        let answer = |refusal| error_response(&DataPlaneError::RequestRefused(refusal), "req-1");
        assert_eq!(
            answer(RequestRefusal::NotAMember { project }),
            answer(RequestRefusal::PermissionMissing { needed, project })
        );
    }

    #[test]
    fn a_method_that_no_route_is_for_is_answered_with_those_there_are() {
        let allowed = vec![RequestMethod::Get, RequestMethod::Head];
        let denied = DataPlaneError::RequestRefused(RequestRefusal::MethodNotAllowed { allowed });
        assert_eq!(error_response(&denied, "req-1").header("allow"), Some("GET, HEAD"));
    }

    #[test]
    fn an_untrusted_address_is_named() {
        let seen = IpAddr::from([192, 0, 2, 1]);
        let response = error_response(&DataPlaneError::Refused(Refusal::ClientAddressNotTrusted { seen }), "req-1");
        assert!(body(&response)["detail"].as_str().unwrap().contains("192.0.2.1"));
    }
}
