//! Access tokens: create, list, look up, rename, revoke.

use crate::audit::Target;
use crate::context::{Actor, Context};
use crate::error::DirectoryError;
use crate::identities::{self, IdentityMembership, require_control};
use crate::journal::{self, Change};
use crate::outcome::Changed;
use crate::sql::{Column, Sql, SqlError};
use crate::tables::access_tokens::{self, ProvableToken};
use crate::tables::organization_memberships::{self, LastLogin};
use crate::tables::record::Record;
use crate::tables::token_auth_configurations::{self, AttachedTokenAuth};
use domain::permission::operation::Operation;
use domain::token::access_token::AccessToken;
use domain::token::evidence::EvidenceKey;
use domain::token::facts::AuthMethod;
use domain::token::lifetime::Lifetime;
use domain::token::universal_auth_configuration::Period;
use domain::token::uses::UsesLimit;
use domain::value::identifiers::{AuthMethodConfigurationId, ClientSecretId, IdentityId, OrganizationId, TokenId};

pub use crate::tables::access_tokens::StoredToken;

/// A token that was just created, with the only copy of its secret.
#[derive(Debug)]
pub struct CreatedToken {
    /// The plaintext, shown once.
    pub plaintext: AccessToken,
    /// The configuration it was created under.
    pub token_auth: AttachedTokenAuth,
    /// What is stored.
    pub token: StoredToken,
}

/// Creates a token for an identity.
///
/// # Errors
/// [`DirectoryError::PermissionDenied`], [`DirectoryError::IdentityNotFound`], [`DirectoryError::TokenAuthNotAttached`],
/// [`DirectoryError::BeyondBoundary`].
pub fn create(
    context: &mut Context<'_>,
    actor: &Actor,
    identity: &str,
    name: Option<String>,
) -> Result<CreatedToken, DirectoryError> {
    actor.require_on_identity(Operation::CreateTokenAuthToken, identity)?;
    let target = identities::get_in(context.sql, actor.organization, identity)?;
    let token_auth = token_auth_configurations::find(context.sql, target.identity.id)?
        .ok_or(DirectoryError::TokenAuthNotAttached)?;
    require_control(context, actor, &target, Operation::CreateTokenAuthToken)?;
    let created = insert(context, token_auth, name)?;
    let id = created.token.id;
    journal::record(
        context,
        actor,
        Operation::CreateTokenAuthToken,
        Target::Token(id),
        &[Change::Creates(EvidenceKey::Token(id))],
    )?;
    Ok(created)
}

/// Issues a token of Token Auth; the caller records the command.
pub(super) fn insert(
    context: &mut Context<'_>,
    token_auth: AttachedTokenAuth,
    name: Option<String>,
) -> Result<CreatedToken, DirectoryError> {
    let new = NewToken {
        identity: token_auth.identity,
        auth_method: AuthMethod::TokenAuth,
        configuration: token_auth.id,
        client_secret: None,
        name,
        lifetime: token_auth.configuration.lifetime,
        period: None,
        uses_limit: token_auth.configuration.uses_limit,
    };
    let (plaintext, token) = issue(context, new)?;
    Ok(CreatedToken { plaintext, token_auth, token })
}

/// A token to be issued.
pub(super) struct NewToken {
    /// Whose it is.
    pub(super) identity: IdentityId,
    /// How it comes to be.
    pub(super) auth_method: AuthMethod,
    /// The attachment of that method.
    pub(super) configuration: AuthMethodConfigurationId,
    /// The client secret it is obtained with, for Universal Auth.
    pub(super) client_secret: Option<ClientSecretId>,
    /// What the operator calls it.
    pub(super) name: Option<String>,
    /// How long it lives.
    pub(super) lifetime: Lifetime,
    /// Its period, if it has one.
    pub(super) period: Option<Period>,
    /// How often it may be used.
    pub(super) uses_limit: UsesLimit,
}

/// Issues a token and writes its row and its identity's last login; the caller records the command.
pub(super) fn issue(context: &mut Context<'_>, new: NewToken) -> Result<(AccessToken, StoredToken), SqlError> {
    let id = TokenId::from_random(context.randomness.next_16());
    let plaintext = AccessToken::issue(id, &context.randomness.next_32(), &context.settings.token_keys);
    let token = StoredToken {
        id,
        identity: new.identity,
        auth_method: new.auth_method,
        client_secret: new.client_secret,
        name: new.name,
        ttl: new.lifetime.ttl_of_a_token(context.settings.ttl_ceiling),
        max_ttl: new.lifetime.max_ttl_of_a_token(context.settings.ttl_ceiling),
        period: new.period,
        uses_limit: new.uses_limit,
        uses: 0,
        expires: new.lifetime.expiry_at_creation(context.now, context.settings.ttl_ceiling),
        last_used: None,
        last_renewed: None,
        revoked: None,
        created: context.now,
        updated: context.now,
    };
    let (configuration, digest) = (new.configuration, plaintext.digest());
    ProvableToken { token: token.clone(), configuration, digest }.insert(context.sql)?;
    let last = LastLogin { method: token.auth_method, at: context.now };
    organization_memberships::log_in(context.sql, token.identity, last)?;
    Ok((plaintext, token))
}

/// Lists the Token Auth tokens of an identity, the last changed first. Revoked ones are included.
///
/// # Errors
/// [`DirectoryError::PermissionDenied`], [`DirectoryError::IdentityNotFound`], [`DirectoryError::TokenAuthNotAttached`].
pub fn list(
    context: &Context<'_>,
    actor: &Actor,
    identity: &str,
    offset: u64,
    limit: u64,
) -> Result<Vec<StoredToken>, DirectoryError> {
    actor.require_on_identity(Operation::GetTokenAuthTokens, identity)?;
    let target = identities::get_in(context.sql, actor.organization, identity)?;
    if token_auth_configurations::find(context.sql, target.identity.id)?.is_none() {
        return Err(DirectoryError::TokenAuthNotAttached);
    }
    let condition = "WHERE identity_id = ? AND auth_method = ? ORDER BY updated_at DESC, id LIMIT ? OFFSET ?";
    let bindings = [target.identity.id.to_value(), AuthMethod::TokenAuth.to_value(), limit.into(), offset.into()];
    Ok(StoredToken::all(context.sql, condition, &bindings)?)
}

/// Looks a token up.
///
/// # Errors
/// [`DirectoryError::PermissionDenied`], [`DirectoryError::TokenNotFound`].
pub fn get(context: &Context<'_>, actor: &Actor, id: &str) -> Result<StoredToken, DirectoryError> {
    Ok(permitted(context, actor, Operation::GetTokenAuthToken, id)?.0)
}

/// Renames a token; `None` leaves its name as it is.
///
/// # Errors
/// [`DirectoryError::PermissionDenied`], [`DirectoryError::TokenNotFound`], [`DirectoryError::BeyondBoundary`].
pub fn rename(
    context: &mut Context<'_>,
    actor: &Actor,
    id: &str,
    name: Option<String>,
) -> Result<Changed<StoredToken>, DirectoryError> {
    let (before, owner) = permitted(context, actor, Operation::UpdateTokenAuthToken, id)?;
    require_control(context, actor, &owner, Operation::UpdateTokenAuthToken)?;
    let after = StoredToken { name: name.or_else(|| before.name.clone()), updated: context.now, ..before.clone() };
    after.update(context.sql)?;
    let change = Change::Alters(EvidenceKey::Token(after.id));
    journal::record(context, actor, Operation::UpdateTokenAuthToken, Target::Token(after.id), &[change])?;
    Ok(Changed { before, after })
}

/// Revokes a token for good. Revoking it again changes nothing.
///
/// DIFFERENCE: Infisical answers 404 for a token that is already revoked, which makes a repeated request fail.
///
/// # Errors
/// [`DirectoryError::PermissionDenied`], [`DirectoryError::TokenNotFound`], [`DirectoryError::BeyondBoundary`].
pub fn revoke(context: &mut Context<'_>, actor: &Actor, id: &str) -> Result<Changed<StoredToken>, DirectoryError> {
    let (before, owner) = permitted(context, actor, Operation::RevokeTokenAuthToken, id)?;
    require_control(context, actor, &owner, Operation::RevokeTokenAuthToken)?;
    if before.revoked.is_some() {
        return Ok(Changed { after: before.clone(), before });
    }
    access_tokens::revoke(context.sql, before.id, context.now)?;
    let change = Change::Narrows(EvidenceKey::Token(before.id));
    journal::record(context, actor, Operation::RevokeTokenAuthToken, Target::Token(before.id), &[change])?;
    let after = StoredToken { revoked: Some(context.now), updated: context.now, ..before.clone() };
    Ok(Changed { before, after })
}

/// The token with this id, if the actor may do this to its identity. Of a token that is not there nobody knows the
/// identity, so that an actor whose permission depends on it is refused either way.
fn permitted(
    context: &Context<'_>,
    actor: &Actor,
    operation: Operation,
    id: &str,
) -> Result<(StoredToken, IdentityMembership), DirectoryError> {
    match get_in(context.sql, actor.organization, id) {
        Ok((token, owner)) => {
            actor.require_on_identity(operation, &token.identity.to_string())?;
            Ok((token, owner))
        }
        Err(error) => {
            actor.require(operation)?;
            Err(error)
        }
    }
}

/// The token with this id in this organization, and its identity.
///
/// DIFFERENCE: Infisical finds tokens of Token Auth only. Here every token can be revoked by its id.
pub(super) fn get_in(
    sql: &dyn Sql,
    organization: OrganizationId,
    id: &str,
) -> Result<(StoredToken, IdentityMembership), DirectoryError> {
    let not_found = || DirectoryError::TokenNotFound { id: id.to_owned() };
    let token = TokenId::parse(id).ok_or_else(not_found)?;
    let condition = "WHERE id = ? AND identity_id IN (SELECT id FROM identities WHERE organization_id = ?)";
    let stored = StoredToken::first(sql, condition, &[token.to_value(), organization.to_value()])?;
    let stored = stored.ok_or_else(not_found)?;
    let owner = identities::get_in(sql, organization, &stored.identity.to_string())?;
    Ok((stored, owner))
}
