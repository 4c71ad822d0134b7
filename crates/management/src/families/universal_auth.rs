//! Universal Auth: its configuration, client secrets and logins.

pub mod bodies;
#[cfg(any(test, feature = "describe"))]
pub mod documentation;
pub mod views;

use crate::body::{Circumstances, read};
use crate::credentials::ClientCredentials;
use crate::endpoint::endpoints;
use crate::error::ManagementError;
use crate::families::in_force::InForce;
use crate::families::universal_auth::bodies::{
    AttachUniversalAuthRequest, CreateClientSecretRequest, ListClientSecretsQuery, LoginRequest,
    UpdateUniversalAuthRequest,
};
use crate::preconditions;
use crate::request::Request;
use crate::surface::{Surface, bad_request, client_ip_not_trusted, not_found, respond, unauthorized};
use crate::{idempotency, input};
use directory::context::Context;
use directory::error::DirectoryError;
use directory::outcome::{Changed, Removed};
use directory::universal_auth::client_secrets;
use directory::universal_auth::login::{self, LoginOutcome};
use directory::universal_auth::{self as commands, LoginRefusal, UniversalAuthError};
use domain::permission::operation::Operation;
use domain::token::client_secret::ClientSecret;
use domain::token::lockout::LockoutPolicyError;
use domain::value::identifiers::ClientId;
use protocol::response::ApiResponse;
use views::{
    ClearedLockoutsAnswer, ClientSecretAnswer, ClientSecretListAnswer, CreatedClientSecretAnswer, LoginAnswer,
    UniversalAuthAnswer,
};

endpoints! {
    /// The endpoints of Universal Auth.
    UniversalAuth {
        LoginWithUniversalAuth by ClientCredentials [POST "/api/v1/auth/universal-auth/login"];
        AttachUniversalAuth by AccessToken [POST "/api/v1/auth/universal-auth/identities/:identityId"];
        UpdateUniversalAuth by AccessToken [PATCH "/api/v1/auth/universal-auth/identities/:identityId"];
        GetUniversalAuth by AccessToken [GET "/api/v1/auth/universal-auth/identities/:identityId"];
        DeleteUniversalAuth by AccessToken [DELETE "/api/v1/auth/universal-auth/identities/:identityId"];
        CreateUniversalAuthClientSecret by AccessToken [
            POST "/api/v1/auth/universal-auth/identities/:identityId/client-secrets",
        ];
        ListUniversalAuthClientSecrets by AccessToken [
            GET "/api/v1/auth/universal-auth/identities/:identityId/client-secrets",
        ];
        GetUniversalAuthClientSecret by AccessToken [
            GET "/api/v1/auth/universal-auth/identities/:identityId/client-secrets/:clientSecretId",
        ];
        RevokeUniversalAuthClientSecret by AccessToken [
            POST "/api/v1/auth/universal-auth/identities/:identityId/client-secrets/:clientSecretId/revoke",
        ];
        ClearUniversalAuthLockouts by AccessToken [
            POST "/api/v1/auth/universal-auth/identities/:identityId/clear-lockouts",
        ];
    }
}

/// The credentials in the body of a login, without the plaintext of the secret: it stays in the Worker. What has not
/// the shape of a client id and a client secret is refused here, before anything is asked.
///
/// DIFFERENCE: in Infisical it counts as a failed login. It cannot be a guess.
///
/// # Errors
/// The errors of a body, or [`LoginRefusal::InvalidCredentials`].
pub fn read_credentials(content_type: Option<&str>, body: &str) -> Result<ClientCredentials, ManagementError> {
    let body = input::read_body(content_type, body)?;
    let (client, secret) = read::<LoginRequest>(&body, Circumstances::ANY)?;
    ClientId::parse(&client)
        .zip(ClientSecret::parse(&secret))
        .map(|(client, secret)| ClientCredentials::new(client, &secret.presented()))
        .ok_or_else(|| login_refused(LoginRefusal::InvalidCredentials))
}

fn login_refused(refusal: LoginRefusal) -> ManagementError {
    ManagementError::Directory(DirectoryError::UniversalAuth(UniversalAuthError::LoginRefused(refusal)))
}

pub fn run(
    context: &mut Context<'_>,
    request: &Request<'_>,
    endpoint: UniversalAuth,
) -> Result<ApiResponse, ManagementError> {
    let identity = request.parameter("identityId");
    let secret = request.parameter("clientSecretId");
    let ceiling = context.settings.ttl_ceiling;
    match endpoint {
        UniversalAuth::LoginWithUniversalAuth => {
            let (client, presented) =
                request.client_credentials().ok_or_else(|| login_refused(LoginRefusal::InvalidCredentials))?;
            Ok(match login::login(context, client, &presented)? {
                LoginOutcome::LoggedIn(login) => request.ok(&LoginAnswer::from(&*login)),
                // No error: what the refusal left behind must stay.
                LoginOutcome::Refused(refusal) => {
                    respond(surface(&UniversalAuthError::LoginRefused(refusal), None), context.request_id)
                }
            })
        }
        UniversalAuth::AttachUniversalAuth => {
            let actor = &request.actor(context)?;
            let new = request.body_under::<AttachUniversalAuthRequest>(ceiling)?;
            let attach = |context: &mut Context<'_>| commands::attach(context, actor, identity, new);
            let attached = idempotency::once(context, request, actor, attach, |attached| attached.id.to_string())?;
            Ok(request.ok(&UniversalAuthAnswer::from(&attached)))
        }
        UniversalAuth::UpdateUniversalAuth => {
            let actor = &request.actor(context)?;
            let changes = request.body_under::<UpdateUniversalAuthRequest>(ceiling)?;
            let Changed { after: changed, .. } =
                preconditions::guard(request, commands::update(context, actor, identity, changes)?)?;
            Ok(preconditions::tagged(request.ok(&UniversalAuthAnswer::from(&changed)), &changed))
        }
        UniversalAuth::GetUniversalAuth => {
            let actor = &request.actor(context)?;
            let found = commands::get(context, actor, identity)?;
            Ok(preconditions::tagged(request.ok(&UniversalAuthAnswer::from(&found)), &found))
        }
        UniversalAuth::DeleteUniversalAuth => {
            let actor = &request.actor(context)?;
            let Removed(gone) = preconditions::guard(request, commands::remove(context, actor, identity)?)?;
            Ok(request.ok(&InForce::new(UniversalAuthAnswer::from(&gone), context)))
        }
        UniversalAuth::CreateUniversalAuthClientSecret => {
            let actor = &request.actor(context)?;
            let new = request.body::<CreateClientSecretRequest>()?;
            let create = |context: &mut Context<'_>| client_secrets::create(context, actor, identity, new);
            let created = idempotency::once(context, request, actor, create, |created| created.secret.id.to_string())?;
            Ok(request.ok(&CreatedClientSecretAnswer::from(&created)))
        }
        UniversalAuth::ListUniversalAuthClientSecrets => {
            let actor = &request.actor(context)?;
            let page = request.query::<ListClientSecretsQuery>()?;
            let found = client_secrets::list(context, actor, identity, page.offset, page.limit)?;
            Ok(request.ok(&ClientSecretListAnswer::from(found.as_slice())))
        }
        UniversalAuth::GetUniversalAuthClientSecret => {
            let actor = &request.actor(context)?;
            let found = client_secrets::get(context, actor, identity, secret)?;
            Ok(preconditions::tagged(request.ok(&ClientSecretAnswer::from(&found)), &found))
        }
        UniversalAuth::RevokeUniversalAuthClientSecret => {
            let actor = &request.actor(context)?;
            let Changed { after: revoked, .. } =
                preconditions::guard(request, client_secrets::revoke(context, actor, identity, secret)?)?;
            let answer = InForce::new(ClientSecretAnswer::from(&revoked), context);
            Ok(preconditions::tagged(request.ok(&answer), &revoked))
        }
        UniversalAuth::ClearUniversalAuthLockouts => {
            let actor = &request.actor(context)?;
            let deleted = commands::clear_lockouts(context, actor, identity)?;
            Ok(request.ok(&ClearedLockoutsAnswer::new(deleted)))
        }
    }
}

/// What a client reads of an error.
pub(crate) fn surface(error: &UniversalAuthError, operation: Option<Operation>) -> Surface {
    match error {
        UniversalAuthError::NotAttached { identity } => match operation {
            Some(Operation::GetUniversalAuth | Operation::UpdateUniversalAuth) => {
                not_found(format!("Failed to find universal auth for identity with ID {identity}"))
            }
            _ => bad_request("The identity does not have universal auth"),
        },
        UniversalAuthError::AlreadyAttached => {
            bad_request("Failed to add universal auth to already configured identity")
        }
        UniversalAuthError::PeriodAboveCeiling => {
            bad_request("Access token period cannot be greater than the instance's maximum")
        }
        UniversalAuthError::Lockout(LockoutPolicyError::Threshold) => bad_request("Lockout threshold is out of bounds"),
        UniversalAuthError::Lockout(LockoutPolicyError::Duration) => bad_request("Lockout duration is out of bounds"),
        UniversalAuthError::Lockout(LockoutPolicyError::CounterReset) => {
            bad_request("Lockout counter reset is out of bounds")
        }
        UniversalAuthError::ClientSecretNotFound { id } => not_found(format!("Client secret with ID {id} not found")),
        UniversalAuthError::LoginRefused(refusal) => match *refusal {
            LoginRefusal::InvalidCredentials => unauthorized("Invalid credentials"),
            LoginRefusal::Locked => {
                unauthorized("This identity auth method is temporarily locked, please try again later")
            }
            LoginRefusal::SecretExpired => unauthorized("Access denied due to expired client secret"),
            LoginRefusal::SecretExhausted => unauthorized("Access denied due to client secret usage limit reached"),
            LoginRefusal::ClientAddressNotTrusted { seen } => client_ip_not_trusted(Some(seen)),
            LoginRefusal::ClientAddressUnknown => client_ip_not_trusted(None),
        },
    }
}
