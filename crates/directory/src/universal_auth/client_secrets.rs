//! Client secrets: create, list, look up, revoke.

use crate::audit::Target;
use crate::context::{Actor, Context};
use crate::error::DirectoryError;
use crate::identities::{self, require_control};
use crate::journal::{self, Change};
use crate::outcome::Changed;
use crate::sql::{Column, Sql, SqlError};
use crate::tables;
use crate::tables::client_secrets::ProvableClientSecret;
use crate::tables::record::Record;
use crate::universal_auth::{UniversalAuthError, find_attached};
use domain::permission::operation::Operation;
use domain::token::client_secret::{ClientSecret, PresentedClientSecret, expiry};
use domain::token::evidence::EvidenceKey;
use domain::token::uses::UsesLimit;
use domain::value::identifiers::{AuthMethodConfigurationId, ClientSecretId};
use domain::value::timestamp::{Seconds, Timestamp};

pub use crate::tables::client_secrets::StoredClientSecret;

/// The end of time, for a token that never expires: the largest integer that is exact everywhere.
const NEVER: Timestamp = Timestamp::from_milliseconds((1 << 53) - 1);

/// A client secret to be created.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewClientSecret {
    /// What the operator notes about it.
    pub description: String,
    /// How long it may be used; 0 for ever.
    pub ttl: Seconds,
    /// How often it may be used.
    pub uses_limit: UsesLimit,
}

/// A client secret that was just created, with the only copy of its text.
#[derive(Debug)]
pub struct CreatedClientSecret {
    /// The plaintext, shown once.
    pub plaintext: ClientSecret,
    /// What is stored.
    pub secret: StoredClientSecret,
}

/// Creates a client secret for an identity.
///
/// # Errors
/// [`DirectoryError::PermissionDenied`], [`DirectoryError::IdentityNotFound`],
/// [`UniversalAuthError::NotAttached`], [`DirectoryError::BeyondBoundary`].
pub fn create(
    context: &mut Context<'_>,
    actor: &Actor,
    identity: &str,
    new: NewClientSecret,
) -> Result<CreatedClientSecret, DirectoryError> {
    actor.require_on_identity(Operation::CreateUniversalAuthClientSecret, identity)?;
    let target = identities::get_in(context.sql, actor.organization, identity)?;
    let attached = find_attached(context.sql, &target, identity)?;
    require_control(context, actor, &target, Operation::CreateUniversalAuthClientSecret)?;
    let plaintext = ClientSecret::issue(&context.randomness.next_32());
    let PresentedClientSecret { prefix, digest } = plaintext.presented();
    let secret = StoredClientSecret {
        id: ClientSecretId::from_random(context.randomness.next_16()),
        configuration: attached.id,
        prefix,
        description: new.description,
        ttl: new.ttl,
        uses_limit: new.uses_limit,
        uses: 0,
        expires: expiry(context.now, new.ttl),
        revoked: None,
        created: context.now,
        updated: context.now,
        tokens_expire: None,
    };
    ProvableClientSecret { secret: secret.clone(), identity: attached.identity, digest }.insert(context.sql)?;
    // The data plane knows nothing of a client secret before it is revoked.
    journal::record(context, actor, Operation::CreateUniversalAuthClientSecret, Target::ClientSecret(secret.id), &[])?;
    Ok(CreatedClientSecret { plaintext, secret })
}

/// Lists the client secrets of an identity that are not revoked, the newest first.
///
/// # Errors
/// [`DirectoryError::PermissionDenied`], [`DirectoryError::IdentityNotFound`],
/// [`UniversalAuthError::NotAttached`].
pub fn list(
    context: &Context<'_>,
    actor: &Actor,
    identity: &str,
    offset: u64,
    limit: u64,
) -> Result<Vec<StoredClientSecret>, DirectoryError> {
    actor.require_on_identity(Operation::ListUniversalAuthClientSecrets, identity)?;
    let target = identities::get_in(context.sql, actor.organization, identity)?;
    let attached = find_attached(context.sql, &target, identity)?;
    let condition = "WHERE identity_id = ? AND configuration_id = ? AND revoked_at IS NULL
         ORDER BY created_at DESC, id LIMIT ? OFFSET ?";
    let bindings = [attached.identity.to_value(), attached.id.to_value(), limit.into(), offset.into()];
    Ok(StoredClientSecret::all(context.sql, condition, &bindings)?)
}

/// Looks a client secret up, revoked or not.
///
/// # Errors
/// [`DirectoryError::PermissionDenied`], [`DirectoryError::IdentityNotFound`],
/// [`UniversalAuthError::NotAttached`], [`UniversalAuthError::ClientSecretNotFound`].
pub fn get(
    context: &Context<'_>,
    actor: &Actor,
    identity: &str,
    id: &str,
) -> Result<StoredClientSecret, DirectoryError> {
    actor.require_on_identity(Operation::GetUniversalAuthClientSecret, identity)?;
    let target = identities::get_in(context.sql, actor.organization, identity)?;
    let attached = find_attached(context.sql, &target, identity)?;
    find(context.sql, attached.id, id)
}

/// Revokes a client secret for good. The tokens that were obtained with it die, even where it had been marked as revoked
/// because it had ended. Revoking it again changes nothing.
///
/// # Errors
/// [`DirectoryError::PermissionDenied`], [`DirectoryError::IdentityNotFound`],
/// [`UniversalAuthError::NotAttached`], [`UniversalAuthError::ClientSecretNotFound`], [`DirectoryError::BeyondBoundary`].
pub fn revoke(
    context: &mut Context<'_>,
    actor: &Actor,
    identity: &str,
    id: &str,
) -> Result<Changed<StoredClientSecret>, DirectoryError> {
    actor.require_on_identity(Operation::RevokeUniversalAuthClientSecret, identity)?;
    let target = identities::get_in(context.sql, actor.organization, identity)?;
    let attached = find_attached(context.sql, &target, identity)?;
    let secret = find(context.sql, attached.id, id)?;
    require_control(context, actor, &target, Operation::RevokeUniversalAuthClientSecret)?;
    // Neither a login nor a renewal can add to what its tokens are now, so this is when the last of them expires.
    let tokens_expire = last_expiry_of_tokens(context.sql, secret.id)?;
    if secret.revoked.is_some() && (secret.tokens_expire.is_some() || tokens_expire.is_none()) {
        return Ok(Changed { after: secret.clone(), before: secret });
    }
    let revoked = secret.revoked.unwrap_or(context.now);
    let after = StoredClientSecret { revoked: Some(revoked), tokens_expire, updated: context.now, ..secret.clone() };
    after.update(context.sql)?;
    let change = Change::Narrows(EvidenceKey::Identity(attached.identity));
    journal::record(
        context,
        actor,
        Operation::RevokeUniversalAuthClientSecret,
        Target::ClientSecret(after.id),
        &[change],
    )?;
    Ok(Changed { before: secret, after })
}

/// When the last token obtained with a client secret expires; `None` when there is none.
fn last_expiry_of_tokens(sql: &dyn Sql, secret: ClientSecretId) -> Result<Option<Timestamp>, SqlError> {
    let rows = sql.execute(
        "SELECT max(coalesce(expires_at, ?)) FROM access_tokens WHERE client_secret_id = ?",
        &[NEVER.to_value(), secret.to_value()],
    )?;
    rows.into_iter().next().map_or(Ok(None), |mut row| row.read())
}

/// Marks a client secret that has ended as revoked. The tokens that were obtained with it live on: that the last of a
/// number of logins was made says nothing against any of them.
pub(super) fn retire(sql: &dyn Sql, secret: ClientSecretId, now: Timestamp) -> Result<(), SqlError> {
    sql.execute(
        "UPDATE client_secrets SET revoked_at = ?, updated_at = ? WHERE id = ? AND revoked_at IS NULL",
        &[now.to_value(), now.to_value(), secret.to_value()],
    )?;
    Ok(())
}

/// Counts one more use.
pub(super) fn count_use(sql: &dyn Sql, secret: ClientSecretId, now: Timestamp) -> Result<(), SqlError> {
    sql.execute(
        "UPDATE client_secrets SET uses = uses + 1, last_used_at = ?, updated_at = ? WHERE id = ?",
        &[now.to_value(), now.to_value(), secret.to_value()],
    )?;
    Ok(())
}

/// Counts one more use of a client secret that may be used a number of times only. Nothing depends on the count of another.
pub(crate) fn count_use_if_limited(sql: &dyn Sql, secret: &StoredClientSecret, now: Timestamp) -> Result<(), SqlError> {
    match secret.uses_limit.get() {
        Some(_) => count_use(sql, secret.id, now),
        None => Ok(()),
    }
}

/// The client secret that was presented, if it is one of this attachment. `None` as attachment does the same work.
pub(super) fn recognise(
    sql: &dyn Sql,
    configuration: Option<AuthMethodConfigurationId>,
    presented: &PresentedClientSecret,
) -> Result<Option<StoredClientSecret>, SqlError> {
    let candidates = ProvableClientSecret::all(
        sql,
        "WHERE configuration_id = ? AND prefix = ?",
        &[configuration.map(|id| id.to_string()).unwrap_or_default().into(), presented.prefix.to_value()],
    )?;
    let recognised = candidates.into_iter().find(|candidate| candidate.digest == presented.digest);
    Ok(recognised.map(|candidate| candidate.secret))
}

/// The client secret of an attachment with this id.
pub(crate) fn find(
    sql: &dyn Sql,
    configuration: AuthMethodConfigurationId,
    id: &str,
) -> Result<StoredClientSecret, DirectoryError> {
    let not_found = || UniversalAuthError::ClientSecretNotFound { id: id.to_owned() };
    let secret = ClientSecretId::parse(id).ok_or_else(not_found)?;
    Ok(tables::client_secrets::find(sql, configuration, secret)?.ok_or_else(not_found)?)
}
