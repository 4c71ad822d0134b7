//! What the data plane answers: who the bearer is, or an RFC 9457 problem.
//!
//! RFC 6750 decides what a bearer may learn. Unknown, revoked, expired and exhausted tokens get the same sentence; only
//! an untrusted client address is named, because by then the secret has matched and nobody can debug an allow-list
//! otherwise. The log gets the precise code.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use crate::domain::facts::ProjectMembershipFacts;
use crate::domain::forwarded_headers::HeadersError;
use crate::domain::proxied_request::{Authorized, RequestRefusal};
use crate::domain::refusal::Refusal;
use crate::domain::request_path::AmbiguousPath;
use crate::domain::role_slug::RoleSlug;
use crate::domain::timestamp::Timestamp;
use crate::http::bearer::CredentialsError;
use crate::http::damping::RETRY_AFTER_SECONDS;
use crate::http::forward_auth::{ForwardAuthError, HeaderProblem};
use crate::http::gateway::{self, GatewayError};
use crate::http::identity_headers::identity_headers;
use crate::http::response::ApiResponse;
use crate::http::settings::Misconfigured;
use crate::validation::pipeline::{Accepted, Admitted};
use crate::validation::ports::Unavailable;

/// The realm of every challenge.
const REALM: &str = "Bearer realm=\"token-auth\"";
/// Seconds after which a caller may ask again when a verdict could not be known.
const RETRY_AFTER: &str = "1";

/// Why a data-plane request got no yes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DataPlaneError {
    /// There are no usable credentials.
    Credentials(CredentialsError),
    /// The token was refused.
    Refused(Refusal),
    /// The verdict cannot be known now.
    Unavailable(Unavailable),
    /// The operator's settings are wrong.
    Misconfigured(Misconfigured),
    /// The route does not have this method.
    MethodNotAllowed {
        /// The methods it has.
        allow: &'static str,
    },
    /// A proxy's question was not looked at any further.
    ForwardAuth(ForwardAuthError),
    /// The bearer was accepted, and may not send this request.
    Denied(RequestRefusal),
    /// The gateway does not send a request on, or has no answer to it.
    Gateway(GatewayError),
    /// There is no such route.
    NotFound,
    /// The request failed, and its caller has failed too often.
    TooManyFailures,
    /// Something of ours broke.
    Internal,
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
            Self::Denied(refusal) => refusal.code(),
            Self::Gateway(error) => error.log_code(),
            Self::NotFound => "not_found",
            Self::TooManyFailures => "too_many_requests",
            Self::Internal => "internal",
        }
    }
}

/// The body of every error (RFC 9457).
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Problem<'a> {
    r#type: String,
    title: &'static str,
    status: u16,
    detail: String,
    code: &'static str,
    request_id: &'a str,
}

/// What the bearer reads: status, public code, title, detail and challenge.
struct Surface {
    status: u16,
    code: &'static str,
    title: &'static str,
    detail: String,
    challenge: Option<String>,
    /// RFC 9110 §10.2.1, with a 405.
    allow: Option<String>,
}

impl Surface {
    fn new(status: u16, code: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, title, detail: detail.into(), challenge: None, allow: None }
    }

    fn method_not_allowed(allow: impl Into<String>, detail: impl Into<String>) -> Self {
        let surface = Self::new(405, "method_not_allowed", "Method not allowed", detail);
        Self { allow: Some(allow.into()), ..surface }
    }

    fn challenged(mut self, challenge: impl Into<String>) -> Self {
        self.challenge = Some(challenge.into());
        self
    }
}

/// Answers an error. The one place where a data-plane error becomes a status.
pub fn error_response(error: &DataPlaneError, request_id: &str) -> ApiResponse {
    let surface = surface(error);
    let problem = Problem {
        r#type: format!("urn:token-auth-edge:problem:{}", surface.code),
        title: surface.title,
        status: surface.status,
        detail: surface.detail,
        code: surface.code,
        request_id,
    };
    let mut response = ApiResponse::problem(surface.status, request_id, &problem);
    if let Some(challenge) = surface.challenge {
        response.set("www-authenticate", challenge);
    }
    if surface.status == 503 {
        response.set("retry-after", RETRY_AFTER.to_owned());
    }
    if *error == DataPlaneError::TooManyFailures {
        response.set("retry-after", RETRY_AFTER_SECONDS.to_string());
    }
    if let Some(allow) = surface.allow {
        response.set("allow", allow);
    }
    response
}

fn surface(error: &DataPlaneError) -> Surface {
    match error {
        // RFC 6750 §3.1: no error code when the request carries no authentication information.
        DataPlaneError::Credentials(CredentialsError::Missing) => Surface::new(
            401,
            "missing_token",
            "Access token missing",
            "Send the access token as \"Authorization: Bearer <token>\".",
        )
        .challenged(REALM),
        DataPlaneError::Credentials(CredentialsError::Several) => {
            invalid_request("The request carries more than one credential.")
        }
        DataPlaneError::Credentials(CredentialsError::Malformed) => {
            invalid_request("The Authorization header is not of the form \"Bearer <token>\".")
        }
        DataPlaneError::Refused(refusal) => refusal_surface(refusal),
        DataPlaneError::Unavailable(Unavailable::Replica | Unavailable::Authority | Unavailable::Counter) => {
            Surface::new(
                503,
                "temporarily_unavailable",
                "Temporarily unavailable",
                "The token could not be checked now. Try again.",
            )
        }
        DataPlaneError::Misconfigured(Misconfigured { variable, expected }) => Surface::new(
            503,
            "misconfigured",
            "Misconfigured",
            format!("The setting {variable} is missing or wrong; expected {expected}."),
        ),
        DataPlaneError::MethodNotAllowed { allow } => {
            Surface::method_not_allowed(*allow, format!("The methods of this route are {allow}."))
        }
        DataPlaneError::ForwardAuth(error) => forward_auth_surface(*error),
        DataPlaneError::Denied(refusal) => denied_surface(refusal),
        DataPlaneError::Gateway(error) => gateway_surface(*error),
        DataPlaneError::NotFound => Surface::new(404, "not_found", "Not found", "There is no such route."),
        DataPlaneError::TooManyFailures => Surface::new(
            429,
            "too_many_requests",
            "Too many requests",
            format!("Too many requests from this address have failed. Try again in {RETRY_AFTER_SECONDS} seconds."),
        ),
        DataPlaneError::Internal => Surface::new(500, "internal_error", "Internal error", "Something went wrong."),
    }
}

fn refusal_surface(refusal: &Refusal) -> Surface {
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
            Surface::new(401, "invalid_token", "Access token not accepted", detail)
                .challenged(format!("{REALM}, error=\"invalid_token\", error_description=\"{detail}\""))
        }
        Refusal::ClientAddressNotTrusted { seen } => Surface::new(
            403,
            "client_ip_not_trusted",
            "Client address not trusted",
            format!("The access token may not be used from {seen}."),
        )
        .challenged(REALM),
        Refusal::ClientAddressUnknown => Surface::new(
            403,
            "client_ip_unknown",
            "Client address unknown",
            "The access token may be used from trusted addresses only, and the address of this request is not known.",
        )
        .challenged(REALM),
    }
}

fn forward_auth_surface(error: ForwardAuthError) -> Surface {
    match error {
        ForwardAuthError::Disabled => Surface::new(
            403,
            "forward_auth_disabled",
            "Forward auth is off",
            "Neither FORWARD_AUTH_SECRET nor TRUSTED_PROXIES is set.",
        ),
        // Which proof was missing or wrong is the log's business.
        ForwardAuthError::ProxyNotProven => Surface::new(
            403,
            "proxy_not_trusted",
            "Proxy not trusted",
            "The request is not proven to come from a trusted proxy.",
        ),
        ForwardAuthError::Misdirected => Surface::new(
            403,
            "proxy_misdirected",
            "Not a path for proxies",
            "The request carries what only a proxy sends, and its path is not one at which that proxy asks.",
        ),
        ForwardAuthError::MethodNotAllowed => Surface::method_not_allowed("GET", "This proxy asks with GET."),
        ForwardAuthError::MethodNeverPassed => Surface::method_not_allowed(
            gateway::METHODS,
            format!("Only {} are passed on. A proxy answers CORS preflights itself.", gateway::METHODS),
        ),
        ForwardAuthError::Path(ambiguity) => ambiguous_path(ambiguity),
        ForwardAuthError::Header { name, problem } => {
            let problem = match problem {
                HeaderProblem::Missing => "is missing",
                HeaderProblem::Several => "holds more than one value",
                HeaderProblem::Malformed => "is malformed",
                HeaderProblem::OtherPath => "is not the path at which the question arrived",
            };
            let detail = format!("The proxy's header {name} {problem}.");
            Surface::new(400, "invalid_proxy_request", "Invalid request of a proxy", detail)
        }
    }
}

/// The bearer's secret has matched and its address is trusted: it may learn what it lacks, and not what else there is.
fn denied_surface(refusal: &RequestRefusal) -> Surface {
    match refusal {
        // RFC 9110 §15.5.20.
        RequestRefusal::HostUnknown => Surface::new(
            421,
            "host_unknown",
            "Misdirected request",
            "No route that the access token could use is for this host.",
        ),
        RequestRefusal::RouteUnknown => Surface::new(
            404,
            "route_unknown",
            "Not found",
            "No route that the access token could use is for this path.",
        ),
        RequestRefusal::MethodNotAllowed { allowed } => {
            let allow = allowed.iter().map(|method| method.name()).collect::<Vec<_>>().join(", ");
            Surface::method_not_allowed(allow.as_str(), format!("The methods of this route are {allow}."))
        }
        RequestRefusal::NotAMember { .. } | RequestRefusal::PermissionMissing { .. } => {
            let detail = "The identity has no role that allows this request.";
            Surface::new(403, "insufficient_scope", "Not allowed", detail)
                .challenged(format!("{REALM}, error=\"insufficient_scope\", error_description=\"{detail}\""))
        }
    }
}

fn gateway_surface(error: GatewayError) -> Surface {
    let invalid = |detail: &str| Surface::new(400, error.log_code(), "Invalid request", detail);
    match error {
        GatewayError::Path(ambiguity) => ambiguous_path(ambiguity),
        GatewayError::Query => invalid("The query holds a character that has to be percent-encoded."),
        GatewayError::Host => invalid("The Host header is missing, doubled or malformed."),
        GatewayError::MethodNeverSent => {
            Surface::method_not_allowed(gateway::METHODS, format!("Only {} are sent on.", gateway::METHODS))
        }
        GatewayError::BodyNotAllowed => invalid("A GET or HEAD request must not have a body."),
        GatewayError::Headers(HeadersError::Value) => {
            invalid("The value of a header holds something else than visible ASCII characters and spaces.")
        }
        GatewayError::Headers(HeadersError::Framing) => invalid("The length of the body is not certain."),
        GatewayError::Loop => Surface::new(
            508,
            "loop",
            "Loop detected",
            "The request has passed this gateway before: the origin of a route leads back to it.",
        ),
        GatewayError::WebSocketHandshake => invalid(
            "The request asks for a WebSocket, and is not the GET request with Connection, Upgrade, Sec-WebSocket-Version \
             and Sec-WebSocket-Key that must ask for one.",
        ),
        GatewayError::WebSocketNotAllowed => {
            Surface::new(403, "web_socket_not_allowed", "Not allowed", "This route takes no WebSocket.")
        }
        GatewayError::BodyBrokenOff => invalid("The body broke off, or is not framed as it must be."),
        GatewayError::BodyTimeout => {
            Surface::new(408, error.log_code(), "Request timeout", "The body did not come to its end in time.")
        }
        GatewayError::OriginUnreachable => {
            Surface::new(502, "origin_unreachable", "Bad gateway", "The origin cannot be reached.")
        }
        GatewayError::OriginTimeout => {
            Surface::new(504, "origin_timeout", "Gateway timeout", "The origin did not answer in time.")
        }
        GatewayError::OriginAnswer => {
            Surface::new(502, "origin_answer_invalid", "Bad gateway", "The origin's answer cannot be passed back.")
        }
    }
}

fn ambiguous_path(ambiguity: AmbiguousPath) -> Surface {
    let detail = format!("The request is not passed on: {}.", ambiguity.explanation());
    Surface::new(400, "ambiguous_path", "Ambiguous path", detail)
}

fn invalid_request(detail: &'static str) -> Surface {
    // RFC 6750 §3.1.
    Surface::new(400, "invalid_request", "Invalid request", detail)
        .challenged(format!("{REALM}, error=\"invalid_request\", error_description=\"{}\"", detail.replace('"', "'")))
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Bearer"))]
#[serde(rename_all = "camelCase")]
struct Who<'a> {
    active: bool,
    token_id: String,
    token_name: Option<&'a str>,
    identity_id: String,
    identity_name: &'a str,
    organization_id: String,
    role: &'a str,
    auth_method: &'static str,
    issued_at: String,
    expires_at: Option<String>,
    uses_remaining: Option<u64>,
    projects: Vec<ProjectView<'a>>,
}

/// A project as an answer about a token shows it.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "ProjectOfBearer"))]
pub struct ProjectView<'a> {
    id: String,
    slug: &'a str,
    roles: Vec<&'a str>,
}

impl<'a> ProjectView<'a> {
    /// The project with the roles that hold at `now`.
    pub fn new(membership: &'a ProjectMembershipFacts, now: Timestamp) -> Self {
        Self {
            id: membership.project.to_string(),
            slug: &membership.slug,
            roles: membership.roles_at(now).map(RoleSlug::as_str).collect(),
        }
    }
}

/// Answers a yes: who the bearer is, as JSON and as identity headers.
pub fn accepted_response(accepted: &Accepted, now: Timestamp, request_id: &str) -> ApiResponse {
    let (token, identity) = (&accepted.admitted.token, &accepted.admitted.identity);
    let body = Who {
        active: true,
        token_id: token.id.to_string(),
        token_name: token.name.as_deref(),
        identity_id: identity.id.to_string(),
        identity_name: &identity.name,
        organization_id: identity.organization.to_string(),
        role: identity.role.as_str(),
        auth_method: token.auth_method.name(),
        issued_at: iso_8601(token.created),
        expires_at: token.expires.map(iso_8601),
        uses_remaining: accepted.uses_remaining,
        projects: identity.projects.iter().map(|membership| ProjectView::new(membership, now)).collect(),
    };
    with_identity(ApiResponse::json(200, request_id, &body), &accepted.admitted, None)
}

/// Answers a proxy that it may pass a request on: exactly 200, nothing but headers.
pub fn forwarded_response(admitted: &Admitted, authorized: &Authorized, request_id: &str) -> ApiResponse {
    with_identity(ApiResponse::empty(200, request_id), admitted, Some(authorized))
}

fn with_identity(mut response: ApiResponse, admitted: &Admitted, authorized: Option<&Authorized>) -> ApiResponse {
    for (name, value) in identity_headers(admitted, authorized) {
        response.set(name, value);
    }
    response
}

/// A point in time as JavaScript's `Date` writes it: ISO 8601 with milliseconds and `Z`.
pub fn iso_8601(timestamp: Timestamp) -> String {
    DateTime::<Utc>::from_timestamp_millis(timestamp.milliseconds())
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
        .to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[cfg(test)]
pub mod documentation;

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::IpAddr;
    use std::rc::Rc;

    use crate::domain::access_token::TokenDigest;
    use crate::domain::facts::{AuthMethod, IdentityFacts, RoleGrantFacts, TokenFacts};
    use crate::domain::identifiers::{AuthMethodConfigurationId, IdentityId, OrganizationId, ProjectId, TokenId};
    use crate::domain::temporary_access::AccessPeriod;
    use crate::domain::uses::UsesLimit;
    use crate::validation::pipeline::Admitted;

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
            let got = response.header("www-authenticate");
            match challenge {
                Some(part) => assert!(got.is_some_and(|got| got.starts_with(REALM) && got.contains(part)), "{got:?}"),
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
        ] {
            check(DataPlaneError::ForwardAuth(error), status, code, None);
        }
        for problem in
            [HeaderProblem::Missing, HeaderProblem::Several, HeaderProblem::Malformed, HeaderProblem::OtherPath]
        {
            let error = ForwardAuthError::Header { name: "x-original-uri", problem };
            check(DataPlaneError::ForwardAuth(error), 400, "invalid_proxy_request", None);
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
    fn an_untrusted_address_is_named() {
        let seen = IpAddr::from([192, 0, 2, 1]);
        let response = error_response(&DataPlaneError::Refused(Refusal::ClientAddressNotTrusted { seen }), "req-1");
        assert!(body(&response)["detail"].as_str().unwrap().contains("192.0.2.1"));
    }

    fn accepted() -> Accepted {
        let facts = AuthMethodConfigurationId::parse("00000000-0000-4000-8000-0000000000c0").unwrap();
        let role = |slug: &str, period| RoleGrantFacts { role: RoleSlug::parse(slug).unwrap(), period };
        let over = AccessPeriod { start: Timestamp::from_milliseconds(0), end: Timestamp::from_milliseconds(1) };
        let token = TokenFacts {
            id: TokenId::parse("00000000-0000-4000-8000-0000000000a0").unwrap(),
            digest: TokenDigest::from_bytes([7; 32]),
            identity: IdentityId::parse("00000000-0000-4000-8000-0000000000b0").unwrap(),
            auth_method: AuthMethod::TokenAuth,
            configuration: facts,
            client_secret: None,
            name: Some("nightly".to_owned()),
            created: Timestamp::from_milliseconds(1_700_000_000_000),
            expires: Some(Timestamp::from_milliseconds(1_700_000_060_000)),
            uses_limit: UsesLimit::from_wire(3).unwrap(),
            revoked: false,
        };
        let identity = IdentityFacts {
            id: token.identity,
            name: "é build".to_owned(),
            organization: OrganizationId::parse("00000000-0000-4000-8000-0000000000d0").unwrap(),
            role: RoleSlug::parse("member").unwrap(),
            token_auth: None,
            universal_auth: None,
            projects: vec![ProjectMembershipFacts {
                project: ProjectId::parse("00000000-0000-4000-8000-0000000000e0").unwrap(),
                slug: "shop-slug".to_owned(),
                roles: vec![role("viewer", None), role("admin", Some(over))],
            }],
        };
        let admitted = Admitted { token: Rc::new(token), identity: Rc::new(identity) };
        Accepted { admitted, uses_remaining: Some(2) }
    }

    #[test]
    fn accepted_answer_unchanged() {
        let now = Timestamp::from_milliseconds(1_700_000_000_500);
        let response = accepted_response(&accepted(), now, "req-1");
        assert_eq!(response.status, 200);
        assert_eq!(
            response.body,
            concat!(
                r#"{"active":true,"tokenId":"00000000-0000-4000-8000-0000000000a0","tokenName":"nightly","#,
                r#""identityId":"00000000-0000-4000-8000-0000000000b0","identityName":"é build","#,
                r#""organizationId":"00000000-0000-4000-8000-0000000000d0","role":"member","authMethod":"token-auth","#,
                r#""issuedAt":"2023-11-14T22:13:20.000Z","expiresAt":"2023-11-14T22:14:20.000Z","usesRemaining":2,"#,
                r#""projects":[{"id":"00000000-0000-4000-8000-0000000000e0","slug":"shop-slug","roles":["viewer"]}]}"#,
            )
        );
        let headers: Vec<(&str, &str)> = response.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(
            headers,
            [
                ("cache-control", "no-store"),
                ("x-content-type-options", "nosniff"),
                ("x-request-id", "req-1"),
                ("content-type", "application/json; charset=utf-8"),
                ("token-auth-identity-id", "00000000-0000-4000-8000-0000000000b0"),
                ("token-auth-identity-name", "%C3%A9 build"),
                ("token-auth-token-id", "00000000-0000-4000-8000-0000000000a0"),
                ("token-auth-role", "member"),
                ("token-auth-project", ""),
                ("token-auth-project-roles", ""),
            ]
        );
    }

    #[test]
    fn accepted_answer_of_a_token_without_limits_unchanged() {
        let Accepted { admitted, .. } = accepted();
        let token =
            TokenFacts { name: None, expires: None, uses_limit: UsesLimit::UNLIMITED, ..(*admitted.token).clone() };
        let identity = IdentityFacts { projects: Vec::new(), ..(*admitted.identity).clone() };
        let admitted = Admitted { token: Rc::new(token), identity: Rc::new(identity) };
        let accepted = Accepted { admitted, uses_remaining: None };
        let body = body(&accepted_response(&accepted, Timestamp::from_milliseconds(0), "req-1"));
        for absent in ["tokenName", "expiresAt", "usesRemaining"] {
            assert_eq!(body.get(absent), Some(&serde_json::Value::Null), "{absent}");
        }
        assert_eq!(body["projects"], serde_json::json!([]));
    }

    #[test]
    fn times_are_written_as_javascript_writes_them() {
        assert_eq!(iso_8601(Timestamp::from_milliseconds(1_700_000_000_120)), "2023-11-14T22:13:20.120Z");
        assert!(!iso_8601(Timestamp::from_milliseconds(i64::MAX)).is_empty());
    }
}
