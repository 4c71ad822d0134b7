//! The error surface of the management API: Infisical's bodies, statuses, names and messages.

use crate::error::ManagementError;
use crate::families::{
    console, memberships, organization_roles, project_roles, projects, route_delegations, routes, universal_auth,
};
use crate::missing_permission::MissingPermissionView;
use crate::openapi::DOCUMENT_PATH;
use crate::surface::{
    More, Surface, answer, bad_request, client_ip_not_trusted, forbidden, not_found, respond, token_error,
    token_not_accepted, unauthorized, unavailable, validation_failure,
};
use directory::error::{DirectoryError, Restricted};
use directory::rule_json;
use domain::network::trusted_ips::{MAXIMUM_ENTRIES, TrustedIpError, TrustedIpsError};
use domain::permission::ability::{Ability, Permission, Rule};
use domain::permission::operation::Operation;
use domain::permission::privilege_boundary::MissingPermission;
use domain::token::lifetime::LifetimeError;
use domain::token::refusal::Refusal;
use protocol::bearer::CredentialsError;
use protocol::damping::RETRY_AFTER_SECONDS;
use protocol::response::ApiResponse;
use protocol::settings::Misconfigured;
use protocol::surface::RETRY_SOON_SECONDS;
use validation::ports::Unavailable;

const MALFORMED_TOKEN: &str =
    "The provided access token is malformed. Please use a valid token or generate a new one and try again.";
const EXPIRED_TOKEN: &str = "Your token has expired. Please re-authenticate.";

/// Answers an error of no operation, or of one that says nothing in its own way.
pub fn error_response(error: &ManagementError, request_id: &str) -> ApiResponse {
    error_response_of(None, error, request_id)
}

/// Answers an error of an operation. The one place where a management error becomes a status.
pub fn error_response_of(operation: Option<Operation>, error: &ManagementError, request_id: &str) -> ApiResponse {
    respond(surface(error, operation), request_id)
}

fn surface(error: &ManagementError, operation: Option<Operation>) -> Surface {
    match error {
        ManagementError::RouteNotFound { method, path } => {
            let message = format!(
                "Route {method}:{path} not found. The OpenAPI spec listing all available routes is at GET {DOCUMENT_PATH}."
            );
            answer(404, "Not Found", message).with_docs(DOCUMENT_PATH)
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
        ManagementError::Invalid(issues) => validation_failure(issues.clone()),
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
        )
        .temporary(RETRY_AFTER_SECONDS),
        ManagementError::Directory(error) => directory(error, operation),
        ManagementError::Unavailable(Unavailable::Replica | Unavailable::Authority | Unavailable::Counter) => {
            unavailable()
        }
        ManagementError::Misconfigured(Misconfigured { variable, expected }) => {
            answer(503, "Misconfigured", format!("The setting {variable} is missing or wrong; expected {expected}"))
                .temporary(RETRY_SOON_SECONDS)
        }
        ManagementError::Internal => answer(500, "InternalServerError", "Something went wrong"),
    }
}

fn refused(prefix: &str, refusal: &Refusal) -> Surface {
    match refusal {
        Refusal::Malformed => token_error(MALFORMED_TOKEN),
        Refusal::Forged => token_error("invalid signature"),
        Refusal::Unknown | Refusal::WrongSecret => token_not_accepted("No identity access token found"),
        Refusal::Revoked => token_not_accepted(format!("{prefix} token has been revoked")),
        Refusal::Expired { .. } => token_error(EXPIRED_TOKEN),
        Refusal::IdentityDeleted => token_not_accepted(format!("{prefix} identity tokens have been revoked")),
        Refusal::AuthMethodRemoved => token_not_accepted(format!("{prefix} auth method has been revoked")),
        Refusal::ClientSecretRevoked => token_not_accepted(format!("{prefix} client secret has been revoked")),
        Refusal::ClientAddressNotTrusted { seen } => client_ip_not_trusted(Some(*seen)),
        Refusal::ClientAddressUnknown => client_ip_not_trusted(None),
        Refusal::UsesExhausted => token_not_accepted(format!("{prefix} token usage limit reached")),
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
        DirectoryError::TrustedIps { of, error } => trusted_ips(*of, *error),
        DirectoryError::TokenNotFound { id } if operation == Some(Operation::RevokeTokenAuthToken) => {
            not_found(format!("Token with ID {id} not found or already revoked"))
        }
        DirectoryError::TokenNotFound { id } => not_found(format!("Token with ID {id} not found")),
        DirectoryError::BearerRefused(refusal) => refused("Cannot renew:", refusal),
        DirectoryError::Console(error) => console::surface(error),
        DirectoryError::UniversalAuth(error) => universal_auth::surface(error, operation),
        DirectoryError::OrganizationRoles(error) => organization_roles::surface(error),
        DirectoryError::Projects(error) => projects::surface(error),
        DirectoryError::ProjectRoles(error) => project_roles::surface(error),
        DirectoryError::Routes(error) => routes::surface(error),
        DirectoryError::RouteDelegations(error) => route_delegations::surface(error),
        DirectoryError::Memberships(error) => memberships::surface(error, operation),
        DirectoryError::ExhaustedTokenNotRenewable => token_not_accepted("Cannot renew exhausted access token"),
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

fn trusted_ips(of: Restricted, error: TrustedIpsError) -> Surface {
    let field = match of {
        Restricted::AccessTokens => "accessTokenTrustedIps",
        Restricted::ClientSecrets => "clientSecretTrustedIps",
    };
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
    bad_request("The IP is not a valid IPv4, IPv6, or CIDR block")
        .with_details(serde_json::json!({ "path": [field, position, "ipAddress"], "reason": reason }))
}

fn permission_denied(needed: Permission, held: &Ability) -> Surface {
    let about = |rule: &&Rule| rule.is_about(needed.action.name(), needed.subject.name());
    let rules: Vec<serde_json::Value> = held.rules().iter().filter(about).map(rule_json::encode_rule).collect();
    let message = format!("You are not allowed to {} on {}", needed.action.name(), needed.subject.name());
    answer(403, "PermissionDenied", message).with_details(serde_json::Value::Array(rules))
}

/// `missing` is `None` where it would tell rules of roles that the caller may not read.
fn beyond_boundary(operation: Operation, missing: Option<&[MissingPermission]>) -> Surface {
    let message = operation.beyond_boundary();
    let Some(missing) = missing else {
        let details = serde_json::json!({ "withheld": true });
        return answer(403, "PermissionBoundaryError", message).with_details(details);
    };
    let missing: Vec<MissingPermissionView<'_>> = missing.iter().map(MissingPermissionView::from).collect();
    answer(403, "PermissionBoundaryError", message).with_details(serde_json::json!({ "missingPermissions": missing }))
}
