//! The error surface of the management API: Infisical's bodies, statuses, names and messages.

use serde::Serialize;

use crate::families::{
    console, memberships, project_roles, projects, roles, route_delegations, routes, universal_auth,
};
use crate::input::Issue;
use crate::openapi::DOCUMENT_PATH;
use directory::error::DirectoryError;
use directory::rule_json;
use directory::sql::SqlError;
use domain::network::console_site::NoConsoleHere;
use domain::network::trusted_ips::{MAXIMUM_ENTRIES, TrustedIpError, TrustedIpsError};
use domain::permission::ability::{Ability, Permission, Rule};
use domain::permission::operation::Operation;
use domain::permission::privilege_boundary::MissingPermission;
use domain::token::lifetime::LifetimeError;
use domain::token::refusal::Refusal;
use protocol::bearer::CredentialsError;
use protocol::body::BodyError;
use protocol::damping::RETRY_AFTER_SECONDS;
use protocol::response::ApiResponse;
use protocol::settings::Misconfigured;
use validation::ports::Unavailable;

/// Everything that can stop a management call.
#[derive(Clone, PartialEq, Debug)]
pub enum ManagementError {
    /// There is no such route.
    RouteNotFound {
        /// The method as it was sent.
        method: String,
        /// The path as it was sent.
        path: String,
    },
    /// `x-api-key` was sent.
    ApiKey,
    /// There are no usable credentials.
    Credentials(CredentialsError),
    /// The bearer is not `AUTH_SECRET`.
    AuthSecretWrong,
    /// The bearer's token was refused.
    TokenRefused(Refusal),
    /// The content type is none that is understood.
    UnsupportedMediaType,
    /// The body is no JSON.
    InvalidJson,
    /// The body is above the cap.
    BodyTooLarge,
    /// Fields are missing or wrong.
    Invalid(Vec<Issue>),
    /// The command was carried out before, under the same `Idempotency-Key`.
    AlreadyMade {
        /// The id of what it made.
        id: String,
    },
    /// The `Idempotency-Key` was used for another request.
    IdempotencyKeyReused,
    /// The request was not sent by the console, as signing in to it has to be.
    NotFromConsole,
    /// Nobody can be signed in to the console where it was called.
    NoConsoleHere(NoConsoleHere),
    /// `If-Match` names another state than the present one.
    PreconditionFailed,
    /// The caller has failed, or asked, too often.
    TooManyRequests,
    /// The command was not carried out.
    Directory(DirectoryError),
    /// Something that is needed cannot be reached.
    Unavailable(Unavailable),
    /// The operator's settings are wrong.
    Misconfigured(Misconfigured),
    /// Something of ours broke.
    Internal,
}

impl From<DirectoryError> for ManagementError {
    fn from(error: DirectoryError) -> Self {
        Self::Directory(error)
    }
}

impl From<Refusal> for ManagementError {
    fn from(refusal: Refusal) -> Self {
        Self::TokenRefused(refusal)
    }
}

impl From<Unavailable> for ManagementError {
    fn from(unavailable: Unavailable) -> Self {
        Self::Unavailable(unavailable)
    }
}

impl ManagementError {
    /// Whether the caller was refused, rather than its input: then no use may be consumed.
    pub const fn is_refusal(status: u16) -> bool {
        matches!(status, 401 | 403)
    }

    /// The precise code for the log, of an error on the Worker's side.
    pub const fn log_code(&self) -> &'static str {
        match self {
            Self::RouteNotFound { .. } => "route_not_found",
            Self::ApiKey => "api_key",
            Self::Credentials(_) => "credentials",
            Self::AuthSecretWrong => "auth_secret_wrong",
            Self::TokenRefused(refusal) => refusal.code(),
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::InvalidJson => "invalid_json",
            Self::BodyTooLarge => "body_too_large",
            Self::Invalid(_) => "invalid",
            Self::AlreadyMade { .. } => "already_made",
            Self::IdempotencyKeyReused => "idempotency_key_reused",
            Self::NotFromConsole => "not_from_console",
            Self::NoConsoleHere(NoConsoleHere::Insecure) => "console_insecure",
            Self::NoConsoleHere(NoConsoleHere::SharedHost) => "console_shared_host",
            Self::PreconditionFailed => "precondition_failed",
            Self::TooManyRequests => "too_many_requests",
            Self::Directory(DirectoryError::Console(error)) => console::log_code(error),
            Self::Directory(_) => "directory",
            Self::Unavailable(unavailable) => unavailable.code(),
            Self::Misconfigured(_) => "misconfigured",
            Self::Internal => "internal",
        }
    }

    /// What of it is a failure of the database, for the log only.
    pub const fn defect(&self) -> Option<&SqlError> {
        match self {
            Self::Directory(error) => defect_of_directory(error),
            Self::RouteNotFound { .. }
            | Self::ApiKey
            | Self::Credentials(_)
            | Self::AuthSecretWrong
            | Self::TokenRefused(_)
            | Self::UnsupportedMediaType
            | Self::InvalidJson
            | Self::BodyTooLarge
            | Self::Invalid(_)
            | Self::AlreadyMade { .. }
            | Self::IdempotencyKeyReused
            | Self::NotFromConsole
            | Self::NoConsoleHere(_)
            | Self::PreconditionFailed
            | Self::TooManyRequests
            | Self::Unavailable(_)
            | Self::Misconfigured(_)
            | Self::Internal => None,
        }
    }
}

const fn defect_of_directory(error: &DirectoryError) -> Option<&SqlError> {
    match error {
        DirectoryError::Storage(error) => Some(error),
        DirectoryError::CallerRefused(_)
        | DirectoryError::PermissionDenied { .. }
        | DirectoryError::BeyondBoundary { .. }
        | DirectoryError::AlreadyBootstrapped
        | DirectoryError::ForeignOrganization
        | DirectoryError::IdentityNotFound { .. }
        | DirectoryError::RoleNotFound { .. }
        | DirectoryError::LastAdministrator
        | DirectoryError::DeleteProtected
        | DirectoryError::TokenAuthNotAttached
        | DirectoryError::TokenAuthAlreadyAttached
        | DirectoryError::Lifetime(_)
        | DirectoryError::TrustedIps { .. }
        | DirectoryError::TokenNotFound { .. }
        | DirectoryError::BearerRefused(_)
        | DirectoryError::Console(_)
        | DirectoryError::UniversalAuth(_)
        | DirectoryError::Roles(_)
        | DirectoryError::Projects(_)
        | DirectoryError::Routes(_)
        | DirectoryError::RouteDelegations(_)
        | DirectoryError::ProjectRoles(_)
        | DirectoryError::Memberships(_)
        | DirectoryError::ExhaustedTokenNotRenewable
        | DirectoryError::AtMaxTtl
        | DirectoryError::UsesUnknown => None,
    }
}

/// The body of every management error.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema), schemars(rename = "Error"))]
#[serde(rename_all = "camelCase")]
pub struct ErrorBody<'a> {
    req_id: &'a str,
    status_code: u16,
    message: Message,
    error: &'a str,
    /// What else is known; its fields depend on the error.
    #[cfg_attr(any(test, feature = "describe"), schemars(with = "Option<crate::openapi::fields::ErrorDetails>"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<serde_json::Value>,
    /// Where the description of the API is, when there is no such route.
    #[serde(skip_serializing_if = "Option::is_none")]
    docs: Option<&'static str>,
}

#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
#[serde(untagged)]
enum Message {
    Text(String),
    Issues(Vec<Issue>),
}

/// What a client reads of an error.
pub(super) struct Surface {
    status: u16,
    error: &'static str,
    message: Message,
    details: Option<serde_json::Value>,
}

pub(super) fn answer(status: u16, error: &'static str, message: impl Into<String>) -> Surface {
    Surface { status, error, message: Message::Text(message.into()), details: None }
}

pub(super) fn bad_request(message: impl Into<String>) -> Surface {
    answer(400, "BadRequest", message)
}

pub(super) fn not_found(message: impl Into<String>) -> Surface {
    answer(404, "NotFound", message)
}

pub(super) fn unauthorized(message: impl Into<String>) -> Surface {
    answer(401, "UnauthorizedError", message)
}

pub(super) fn forbidden(message: impl Into<String>) -> Surface {
    answer(403, "ForbiddenError", message)
}

impl Surface {
    /// The same with details.
    pub(super) fn with_details(self, details: serde_json::Value) -> Self {
        Self { details: Some(details), ..self }
    }
}

/// DIFFERENCE: Infisical answers 403, which says that the caller may not do this, and its own clients then do not look for
/// a new token. RFC 6750 §3.1: a token that is expired, malformed or otherwise invalid is 401 with a challenge.
fn token_error(message: impl Into<String>) -> Surface {
    answer(401, "TokenError", message)
}

fn unavailable() -> Surface {
    answer(503, "ServiceUnavailable", "The service cannot answer now. Try again.")
}

const MALFORMED_TOKEN: &str =
    "The provided access token is malformed. Please use a valid token or generate a new one and try again.";
const EXPIRED_TOKEN: &str = "Your token has expired. Please re-authenticate.";
const FOREIGN_ADDRESS: &str = "You are not allowed to access this resource from the current IP address";

/// Answers an error of no operation, or of one that says nothing in its own way.
pub fn error_response(error: &ManagementError, request_id: &str) -> ApiResponse {
    error_response_of(None, error, request_id)
}

/// Answers an error of an operation. The one place where a management error becomes a status.
pub fn error_response_of(operation: Option<Operation>, error: &ManagementError, request_id: &str) -> ApiResponse {
    let Surface { status, error: name, message, details } = surface(error, operation);
    let docs = matches!(error, ManagementError::RouteNotFound { .. }).then_some(DOCUMENT_PATH);
    let body = ErrorBody { req_id: request_id, status_code: status, message, error: name, details, docs };
    let response = ApiResponse::json(status, request_id, &body);
    match status {
        // RFC 9110 §15.5.2: a 401 carries a challenge.
        401 => response.with("www-authenticate", challenge(error)),
        429 => response.with("retry-after", RETRY_AFTER_SECONDS.to_string()),
        503 => response.with("retry-after", "1"),
        _ => response,
    }
}

const PLAIN_CHALLENGE: &str = "Bearer realm=\"token-auth\"";
/// RFC 6750 §3.1: the token that was sent is none that is accepted.
const INVALID_TOKEN_CHALLENGE: &str = "Bearer realm=\"token-auth\", error=\"invalid_token\"";

/// What a caller is told who is not authenticated.
const fn challenge(error: &ManagementError) -> &'static str {
    match error {
        ManagementError::TokenRefused(_)
        | ManagementError::Credentials(CredentialsError::Several | CredentialsError::Malformed)
        | ManagementError::Directory(
            DirectoryError::CallerRefused(_)
            | DirectoryError::BearerRefused(_)
            | DirectoryError::ExhaustedTokenNotRenewable,
        ) => INVALID_TOKEN_CHALLENGE,
        ManagementError::RouteNotFound { .. }
        | ManagementError::ApiKey
        | ManagementError::Credentials(CredentialsError::Missing)
        | ManagementError::AuthSecretWrong
        | ManagementError::UnsupportedMediaType
        | ManagementError::InvalidJson
        | ManagementError::BodyTooLarge
        | ManagementError::Invalid(_)
        | ManagementError::AlreadyMade { .. }
        | ManagementError::IdempotencyKeyReused
        | ManagementError::NotFromConsole
        | ManagementError::NoConsoleHere(_)
        | ManagementError::PreconditionFailed
        | ManagementError::TooManyRequests
        | ManagementError::Directory(_)
        | ManagementError::Unavailable(_)
        | ManagementError::Misconfigured(_)
        | ManagementError::Internal => PLAIN_CHALLENGE,
    }
}

fn surface(error: &ManagementError, operation: Option<Operation>) -> Surface {
    match error {
        ManagementError::RouteNotFound { method, path } => {
            let message = format!(
                "Route {method}:{path} not found. The OpenAPI spec listing all available routes is at GET {DOCUMENT_PATH}."
            );
            answer(404, "Not Found", message)
        }
        ManagementError::ApiKey => {
            bad_request("API key authentication is not supported anymore. Please switch to identity authentication.")
        }
        ManagementError::Credentials(CredentialsError::Missing) => unauthorized("Token missing"),
        ManagementError::Credentials(CredentialsError::Several | CredentialsError::Malformed) => {
            token_error(MALFORMED_TOKEN)
        }
        ManagementError::AuthSecretWrong => forbidden("You are not allowed to access this resource"),
        ManagementError::TokenRefused(refusal) => refused("Failed to authorize:", refusal),
        ManagementError::UnsupportedMediaType => answer(
            415,
            "FST_ERR_CTP_INVALID_MEDIA_TYPE",
            "Unsupported Media Type: use application/json or application/x-www-form-urlencoded",
        ),
        ManagementError::InvalidJson => answer(
            400,
            "FST_ERR_CTP_INVALID_JSON_BODY",
            "Body is not valid JSON but content-type is 'application/json'",
        ),
        ManagementError::BodyTooLarge => answer(413, "FST_ERR_CTP_BODY_TOO_LARGE", "Request body is too large"),
        ManagementError::Invalid(issues) => {
            Surface { status: 422, error: "ValidationFailure", message: Message::Issues(issues.clone()), details: None }
        }
        ManagementError::AlreadyMade { id } => {
            answer(409, "AlreadyMade", format!("A request with this Idempotency-Key has already made {id}"))
                .with_details(serde_json::json!({ "id": id }))
        }
        ManagementError::IdempotencyKeyReused => {
            answer(422, "IdempotencyKeyReused", "This Idempotency-Key was used for another request")
        }
        ManagementError::NotFromConsole => forbidden("Only the console can sign in to the console"),
        ManagementError::NoConsoleHere(reason) => console::no_console(*reason),
        ManagementError::PreconditionFailed => {
            answer(412, "PreconditionFailed", "It has been changed since the state that If-Match names")
        }
        ManagementError::TooManyRequests => answer(
            429,
            "RateLimitExceeded",
            format!("Rate limit exceeded. Please try again in {RETRY_AFTER_SECONDS} seconds"),
        ),
        ManagementError::Directory(error) => directory(error, operation),
        ManagementError::Unavailable(Unavailable::Replica | Unavailable::Authority | Unavailable::Counter) => {
            unavailable()
        }
        ManagementError::Misconfigured(Misconfigured { variable, expected }) => {
            answer(503, "Misconfigured", format!("The setting {variable} is missing or wrong; expected {expected}"))
        }
        ManagementError::Internal => answer(500, "InternalServerError", "Something went wrong"),
    }
}

pub(super) fn refused(prefix: &str, refusal: &Refusal) -> Surface {
    match refusal {
        Refusal::Malformed => token_error(MALFORMED_TOKEN),
        Refusal::Forged => token_error("invalid signature"),
        Refusal::Unknown | Refusal::WrongSecret => unauthorized("No identity access token found"),
        Refusal::Revoked => unauthorized(format!("{prefix} token has been revoked")),
        Refusal::Expired { .. } => token_error(EXPIRED_TOKEN),
        Refusal::IdentityDeleted => unauthorized(format!("{prefix} identity tokens have been revoked")),
        Refusal::AuthMethodRemoved => unauthorized(format!("{prefix} auth method has been revoked")),
        Refusal::ClientSecretRevoked => unauthorized(format!("{prefix} client secret has been revoked")),
        Refusal::ClientAddressNotTrusted { seen } => {
            Surface { details: Some(serde_json::json!({ "clientIp": seen })), ..forbidden(FOREIGN_ADDRESS) }
        }
        Refusal::ClientAddressUnknown => {
            Surface { details: Some(serde_json::json!({ "clientIp": null })), ..forbidden(FOREIGN_ADDRESS) }
        }
        Refusal::UsesExhausted => unauthorized(format!("{prefix} token usage limit reached")),
    }
}

fn directory(error: &DirectoryError, operation: Option<Operation>) -> Surface {
    match error {
        DirectoryError::Storage(_) => answer(500, "InternalServerError", "Something went wrong"),
        DirectoryError::CallerRefused(refusal) => refused("Failed to authorize:", refusal),
        DirectoryError::PermissionDenied { needed, held } => permission_denied(*needed, held),
        DirectoryError::BeyondBoundary { operation, missing } => beyond_boundary(*operation, missing.as_deref()),
        DirectoryError::AlreadyBootstrapped => bad_request("Instance has already been set up"),
        DirectoryError::ForeignOrganization => forbidden("You are not a member of this organization"),
        DirectoryError::IdentityNotFound { id } => identity_not_found(id, operation),
        DirectoryError::RoleNotFound { slug } => not_found(format!("Role with slug {slug} not found")),
        DirectoryError::LastAdministrator => {
            bad_request("The last administrator of the organization must stay one. Make another identity admin first.")
        }
        DirectoryError::DeleteProtected => bad_request("Identity has delete protection"),
        DirectoryError::TokenAuthNotAttached => token_auth_not_attached(operation),
        DirectoryError::TokenAuthAlreadyAttached => {
            bad_request("Failed to add Token Auth to already configured identity")
        }
        DirectoryError::Lifetime(LifetimeError::TtlAboveMaxTtl) => {
            bad_request("Access token TTL cannot be greater than max TTL")
        }
        DirectoryError::Lifetime(LifetimeError::TtlAboveCeiling) => {
            bad_request("Access token TTL cannot be greater than the instance's maximum")
        }
        DirectoryError::Lifetime(LifetimeError::MaxTtlAboveCeiling) => {
            bad_request("Access token max TTL cannot be greater than the instance's maximum")
        }
        DirectoryError::TrustedIps { field, error } => trusted_ips(field, *error),
        DirectoryError::TokenNotFound { id } if operation == Some(Operation::RevokeTokenAuthToken) => {
            not_found(format!("Token with ID {id} not found or already revoked"))
        }
        DirectoryError::TokenNotFound { id } => not_found(format!("Token with ID {id} not found")),
        DirectoryError::BearerRefused(refusal) => refused("Cannot renew:", refusal),
        DirectoryError::Console(error) => console::surface(error),
        DirectoryError::UniversalAuth(error) => universal_auth::surface(error, operation),
        DirectoryError::Roles(error) => roles::surface(error),
        DirectoryError::Projects(error) => projects::surface(error),
        DirectoryError::ProjectRoles(error) => project_roles::surface(error),
        DirectoryError::Routes(error) => routes::surface(error),
        DirectoryError::RouteDelegations(error) => route_delegations::surface(error),
        DirectoryError::Memberships(error) => memberships::surface(error, operation),
        DirectoryError::ExhaustedTokenNotRenewable => unauthorized("Cannot renew exhausted access token"),
        DirectoryError::AtMaxTtl => unauthorized("Cannot renew: identity access token has reached its max TTL"),
        DirectoryError::UsesUnknown => unavailable(),
    }
}

/// Infisical says it in three ways.
fn token_auth_not_attached(operation: Option<Operation>) -> Surface {
    match operation {
        Some(Operation::GetTokenAuth) => not_found("Token Auth configuration not found for identity"),
        Some(Operation::UpdateTokenAuth) => bad_request("The identity does not have token auth"),
        _ => bad_request("The identity does not have Token Auth"),
    }
}

/// Infisical says it in three ways.
fn identity_not_found(id: &str, operation: Option<Operation>) -> Surface {
    use Operation as O;
    match operation {
        Some(O::CreateProjectIdentityMembership) => {
            bad_request(format!("Identity {id} is missing organization membership"))
        }
        Some(
            O::AttachTokenAuth
            | O::UpdateTokenAuth
            | O::GetTokenAuth
            | O::DeleteTokenAuth
            | O::CreateTokenAuthToken
            | O::GetTokenAuthTokens
            | O::AttachUniversalAuth
            | O::UpdateUniversalAuth
            | O::GetUniversalAuth
            | O::DeleteUniversalAuth
            | O::ClearUniversalAuthLockouts
            | O::CreateUniversalAuthClientSecret
            | O::ListUniversalAuthClientSecrets
            | O::GetUniversalAuthClientSecret
            | O::RevokeUniversalAuthClientSecret,
        ) => not_found(format!("Failed to find identity with ID {id}")),
        _ => not_found(format!("Failed to find identity with id {id}")),
    }
}

fn trusted_ips(field: &str, error: TrustedIpsError) -> Surface {
    let (position, reason) = match error {
        TrustedIpsError::Empty => (0, "at least one entry is needed"),
        TrustedIpsError::TooMany => (MAXIMUM_ENTRIES, "too many entries"),
        TrustedIpsError::Entry { position, error: TrustedIpError::NotAnAddressOrBlock } => {
            (position, "neither an address nor a CIDR block")
        }
        TrustedIpsError::Entry { position, error: TrustedIpError::MappedBlockTooWide } => {
            (position, "an IPv4-mapped block must have a prefix of at least 96")
        }
        TrustedIpsError::Entry { position, error: TrustedIpError::SharedWorkerAddress } => {
            (position, "this address stands for the Workers of every customer of the edge network")
        }
    };
    Surface {
        details: Some(serde_json::json!({ "path": [field, position, "ipAddress"], "reason": reason })),
        ..bad_request("The IP is not a valid IPv4, IPv6, or CIDR block")
    }
}

fn permission_denied(needed: Permission, held: &Ability) -> Surface {
    let about = |rule: &&Rule| rule.is_about(needed.action.name(), needed.subject.name());
    let rules: Vec<serde_json::Value> = held.rules().iter().filter(about).map(rule_json::encode_rule).collect();
    let message = format!("You are not allowed to {} on {}", needed.action.name(), needed.subject.name());
    Surface { details: Some(serde_json::Value::Array(rules)), ..answer(403, "PermissionDenied", message) }
}

/// `missing` is `None` where it would tell rules of roles that the caller may not read.
fn beyond_boundary(operation: Operation, missing: Option<&[MissingPermission]>) -> Surface {
    let message = operation.beyond_boundary();
    let Some(missing) = missing else {
        let details = serde_json::json!({ "withheld": true });
        return Surface { details: Some(details), ..answer(403, "PermissionBoundaryError", message) };
    };
    let missing: Vec<serde_json::Value> = missing
        .iter()
        .map(|permission| {
            let mut object = serde_json::json!({ "action": permission.action, "subject": permission.subject });
            if let (false, Some(fields)) = (permission.conditions.is_empty(), object.as_object_mut()) {
                fields.insert("conditions".to_owned(), rule_json::encode_conditions(&permission.conditions));
            }
            object
        })
        .collect();
    Surface {
        details: Some(serde_json::json!({ "missingPermissions": missing })),
        ..answer(403, "PermissionBoundaryError", message)
    }
}

impl From<BodyError> for ManagementError {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge => Self::BodyTooLarge,
            BodyError::Unreadable => Self::InvalidJson,
        }
    }
}
