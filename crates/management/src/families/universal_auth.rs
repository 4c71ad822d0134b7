//! Universal Auth: its configuration, client secrets and logins.

pub mod bodies;
pub mod views;

#[cfg(any(test, feature = "describe"))]
pub mod documentation;
use crate::call::ClientCredentials;
use crate::error::{ManagementError, Surface, bad_request, error_response, not_found, refused, unauthorized};
use crate::handle::Request;
use crate::operation::{Authentication, Operation as AnyOperation, Route, route};
use crate::preconditions::{self, EntityTag, Tagged};
use crate::{idempotency, input};
use directory::context::{Actor, Context};
use directory::error::DirectoryError;
use directory::sql::Sql;
use directory::universal_auth::client_secrets::{self, StoredClientSecret};
use directory::universal_auth::login::{self, LoginOutcome};
use directory::universal_auth::{
    self as commands, AttachedUniversalAuth, LoginRefusal, UniversalAuthAttempt, UniversalAuthError,
};
use directory::versions;
use domain::token::client_secret::ClientSecret;
use domain::token::lockout::LockoutPolicyError;
use domain::token::refusal::Refusal;
use domain::value::identifiers::ClientId;
use protocol::response::ApiResponse;
use views::{
    ClearedLockoutsAnswer, ClientSecretAnswer, ClientSecretListAnswer, CreatedClientSecretAnswer, LoginAnswer,
    UniversalAuthAnswer,
};

/// The operations, by Infisical's operation ids.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Operation {
    /// `loginWithUniversalAuth`
    Login,
    /// `attachUniversalAuth`
    Attach,
    /// `updateUniversalAuth`
    Update,
    /// `getUniversalAuth`
    Get,
    /// `deleteUniversalAuth`
    Delete,
    /// `createUniversalAuthClientSecret`
    CreateClientSecret,
    /// `listUniversalAuthClientSecrets`
    ListClientSecrets,
    /// `getUniversalAuthClientSecret`
    GetClientSecret,
    /// `revokeUniversalAuthClientSecret`
    RevokeClientSecret,
    /// `clearUniversalAuthLockouts`
    ClearLockouts,
}

/// The routes.
pub const ROUTES: &[Route] = {
    use Authentication::{AccessToken, ClientCredentials};
    use Operation as O;
    const fn of(
        method: &'static str,
        path: &'static str,
        operation: Operation,
        authentication: Authentication,
    ) -> Route {
        route(method, path, AnyOperation::UniversalAuth(operation), authentication)
    }
    &[
        of("POST", "/api/v1/auth/universal-auth/login", O::Login, ClientCredentials),
        of("POST", "/api/v1/auth/universal-auth/identities/:identityId", O::Attach, AccessToken),
        of("PATCH", "/api/v1/auth/universal-auth/identities/:identityId", O::Update, AccessToken),
        of("GET", "/api/v1/auth/universal-auth/identities/:identityId", O::Get, AccessToken),
        of("DELETE", "/api/v1/auth/universal-auth/identities/:identityId", O::Delete, AccessToken),
        of(
            "POST",
            "/api/v1/auth/universal-auth/identities/:identityId/client-secrets",
            O::CreateClientSecret,
            AccessToken,
        ),
        of(
            "GET",
            "/api/v1/auth/universal-auth/identities/:identityId/client-secrets",
            O::ListClientSecrets,
            AccessToken,
        ),
        of(
            "GET",
            "/api/v1/auth/universal-auth/identities/:identityId/client-secrets/:clientSecretId",
            O::GetClientSecret,
            AccessToken,
        ),
        of(
            "POST",
            "/api/v1/auth/universal-auth/identities/:identityId/client-secrets/:clientSecretId/revoke",
            O::RevokeClientSecret,
            AccessToken,
        ),
        of("POST", "/api/v1/auth/universal-auth/identities/:identityId/clear-lockouts", O::ClearLockouts, AccessToken),
    ]
};

/// The credentials in the body of a login, without the plaintext of the secret: it stays in the Worker. What has not
/// the shape of a client id and a client secret is refused here, before anything is asked.
///
/// DIFFERENCE: in Infisical it counts as a failed login. It cannot be a guess.
///
/// # Errors
/// The errors of a body, or [`LoginRefusal::InvalidCredentials`].
pub fn read_credentials(content_type: Option<&str>, body: &str) -> Result<ClientCredentials, ManagementError> {
    let body = input::read_body(content_type, body)?;
    let (client, secret) = bodies::credentials(&body)?;
    ClientId::parse(client)
        .zip(ClientSecret::parse(secret))
        .map(|(client, secret)| ClientCredentials::new(client, &secret.presented()))
        .ok_or_else(|| login_refused(LoginRefusal::InvalidCredentials))
}

fn login_refused(refusal: LoginRefusal) -> ManagementError {
    ManagementError::Directory(DirectoryError::UniversalAuth(UniversalAuthError::LoginRefused(refusal)))
}

/// Runs an operation.
///
/// # Errors
/// [`ManagementError`].
pub fn run<S: Sql>(
    context: &mut Context<'_, S>,
    request: &Request<'_>,
    operation: Operation,
) -> Result<ApiResponse, ManagementError> {
    match operation {
        Operation::Login => {
            let (client, secret) =
                request.client_credentials().ok_or_else(|| login_refused(LoginRefusal::InvalidCredentials))?;
            Ok(match login::login(context, client, &secret)? {
                LoginOutcome::LoggedIn(login) => request.ok(&LoginAnswer::from(&*login)),
                // No error: what the refusal left behind must stay.
                LoginOutcome::Refused(refusal) => error_response(&login_refused(refusal), context.request_id),
            })
        }
        Operation::Attach
        | Operation::Update
        | Operation::Get
        | Operation::Delete
        | Operation::CreateClientSecret
        | Operation::ListClientSecrets
        | Operation::GetClientSecret
        | Operation::RevokeClientSecret
        | Operation::ClearLockouts => {
            let actor = request.actor(context)?;
            run_for_actor(context, request, operation, &actor)
        }
    }
}

/// The operations that need an access token as bearer.
fn run_for_actor<S: Sql>(
    context: &mut Context<'_, S>,
    request: &Request<'_>,
    operation: Operation,
    actor: &Actor,
) -> Result<ApiResponse, ManagementError> {
    let identity = request.parameter("identityId");
    let secret = request.parameter("clientSecretId");
    let ceiling = context.settings.ttl_ceiling;
    match operation {
        Operation::Attach => {
            let new = bodies::new_universal_auth(&request.body()?, ceiling)?;
            let attach = |context: &mut Context<'_, S>| commands::attach(context, actor, identity, new);
            let attached = idempotency::once(context, request, actor, attach, |attached| attached.id.to_string())?;
            Ok(request.ok(&UniversalAuthAnswer::from(&attached)))
        }
        Operation::Update => {
            let changes = bodies::universal_auth_changes(&request.body()?, ceiling)?;
            let before = |context: &Context<'_, S>| versions::universal_auth(context, actor, identity);
            let update = |context: &mut Context<'_, S>| commands::update(context, actor, identity, changes);
            let changed = preconditions::guard(context, request, before, update)?;
            Ok(preconditions::tagged(request.ok(&UniversalAuthAnswer::from(&changed)), &changed))
        }
        Operation::Get => {
            let found = commands::get(context, actor, identity)?;
            Ok(preconditions::tagged(request.ok(&UniversalAuthAnswer::from(&found)), &found))
        }
        Operation::Delete => {
            let before = |context: &Context<'_, S>| versions::universal_auth(context, actor, identity);
            let remove = |context: &mut Context<'_, S>| commands::remove(context, actor, identity);
            let gone = preconditions::guard(context, request, before, remove)?;
            Ok(request.ok(&UniversalAuthAnswer::from(&gone)))
        }
        Operation::CreateClientSecret => {
            let new = bodies::new_client_secret(&request.body()?)?;
            let create = |context: &mut Context<'_, S>| client_secrets::create(context, actor, identity, new);
            let created = idempotency::once(context, request, actor, create, |created| created.secret.id.to_string())?;
            Ok(request.ok(&CreatedClientSecretAnswer::from(&created)))
        }
        Operation::ListClientSecrets => {
            let page = bodies::client_secret_list(&request.query())?;
            let found = client_secrets::list(context, actor, identity, page.offset, page.limit)?;
            Ok(request.ok(&ClientSecretListAnswer::from(found.as_slice())))
        }
        Operation::GetClientSecret => {
            let found = client_secrets::get(context, actor, identity, secret)?;
            Ok(preconditions::tagged(request.ok(&ClientSecretAnswer::from(&found)), &found))
        }
        Operation::RevokeClientSecret => {
            let before = |context: &Context<'_, S>| versions::client_secret(context, actor, identity, secret);
            let revoke = |context: &mut Context<'_, S>| client_secrets::revoke(context, actor, identity, secret);
            let revoked = preconditions::guard(context, request, before, revoke)?;
            Ok(preconditions::tagged(request.ok(&ClientSecretAnswer::from(&revoked)), &revoked))
        }
        Operation::ClearLockouts => {
            let deleted = commands::clear_lockouts(context, actor, identity)?;
            Ok(request.ok(&ClearedLockoutsAnswer::new(deleted)))
        }
        Operation::Login => Err(ManagementError::Internal),
    }
}

impl Tagged for AttachedUniversalAuth {
    fn tag(&self) -> EntityTag {
        EntityTag::over(&UniversalAuthAnswer::from(self))
    }
}

impl Tagged for StoredClientSecret {
    // Each login counts a use and moves the time of change.
    fn tag(&self) -> EntityTag {
        let mut shown = self.clone();
        (shown.uses, shown.updated) = (0, self.created);
        EntityTag::over(&ClientSecretAnswer::from(&shown))
    }
}

/// What a client reads of an error.
pub(crate) fn surface(error: &UniversalAuthError) -> Surface {
    match error {
        UniversalAuthError::ConfigurationNotFound { identity } => {
            not_found(format!("Failed to find universal auth for identity with ID {identity}"))
        }
        UniversalAuthError::NotAttached => bad_request("The identity does not have universal auth"),
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
            LoginRefusal::ClientAddressNotTrusted { seen } => refused("", &Refusal::ClientAddressNotTrusted { seen }),
            LoginRefusal::ClientAddressUnknown => refused("", &Refusal::ClientAddressUnknown),
        },
    }
}

/// What a client reads when an actor tried something beyond its boundary.
pub(crate) const fn beyond_boundary(attempt: UniversalAuthAttempt) -> &'static str {
    match attempt {
        UniversalAuthAttempt::Attach => "Failed to add universal auth to identity with more privileged role",
        UniversalAuthAttempt::Update => "Failed to update universal auth of identity with more privileged role",
        UniversalAuthAttempt::Remove => "Failed to revoke universal auth of identity with more privileged role",
        UniversalAuthAttempt::CreateClientSecret => {
            "Failed to create client secret for identity with more privileged role"
        }
        UniversalAuthAttempt::RevokeClientSecret => "Failed to revoke identity client secret with more privileged role",
        UniversalAuthAttempt::ClearLockouts => {
            "Failed to clear universal auth lockouts of identity with more privileged role"
        }
    }
}
