//! Token Auth on an identity: attach, change, look up, remove.

use crate::audit::Target;
use crate::context::{Actor, Context};
use crate::error::{DirectoryError, Restricted};
use crate::identities::{self, require_control};
use crate::journal::{self, Change};
use crate::outcome::{Changed, Removed};
use crate::project_access::require_dominates_in_all_projects;
use crate::sql::{Column, SqlError};
use crate::tables::access_tokens;
use crate::tables::record::Record;
use crate::tables::token_auth_configurations::find;
use domain::network::trusted_ips::TrustedIps;
use domain::permission::operation::Operation;
use domain::token::evidence::EvidenceKey;
use domain::token::facts::AuthMethod;
use domain::token::token_auth_configuration::{
    NewTokenAuth, TokenAuthChanges, TokenAuthConfiguration, TokenAuthConfigurationError,
};
use domain::token::widening;
use domain::value::identifiers::{AuthMethodConfigurationId, IdentityId};

pub use crate::tables::token_auth_configurations::AttachedTokenAuth;

/// Attaches Token Auth to an identity.
///
/// # Errors
/// [`DirectoryError::PermissionDenied`], [`DirectoryError::IdentityNotFound`],
/// [`DirectoryError::TokenAuthAlreadyAttached`], [`DirectoryError::BeyondBoundary`], [`DirectoryError::TrustedIps`].
pub fn attach(
    context: &mut Context<'_>,
    actor: &Actor,
    identity: &str,
    new: &NewTokenAuth,
) -> Result<AttachedTokenAuth, DirectoryError> {
    actor.require_on_identity(Operation::AttachTokenAuth, identity)?;
    let target = identities::get_in(context.sql, actor.organization, identity)?;
    if find(context.sql, target.identity.id)?.is_some() {
        return Err(DirectoryError::TokenAuthAlreadyAttached);
    }
    require_control(context, actor, &target, Operation::AttachTokenAuth)?;
    let configuration = new.configuration().map_err(refused)?;
    let attached = insert(context, target.identity.id, configuration)?;
    // A token of an earlier attachment must find its end wherever this one becomes known, hence the feed.
    let identity = target.identity.id;
    let changes = [Change::Narrows(EvidenceKey::Identity(identity))];
    journal::record(context, actor, Operation::AttachTokenAuth, Target::Identity(identity), &changes)?;
    Ok(attached)
}

/// Writes the row of a new attachment; the caller records the command.
pub(super) fn insert(
    context: &mut Context<'_>,
    identity: IdentityId,
    configuration: TokenAuthConfiguration,
) -> Result<AttachedTokenAuth, SqlError> {
    let id = AuthMethodConfigurationId::from_random(context.randomness.next_16());
    let attached = AttachedTokenAuth { id, identity, configuration, created: context.now, updated: context.now };
    attached.insert(context.sql)?;
    Ok(attached)
}

/// Changes the configuration of an identity. Tokens that exist keep their lifetime and their uses limit; trusted IPs hold
/// for all of them. A change that only takes away needs less than one that [widens](widening).
///
/// # Errors
/// [`DirectoryError::PermissionDenied`], [`DirectoryError::IdentityNotFound`],
/// [`DirectoryError::TokenAuthNotAttached`], [`DirectoryError::BeyondBoundary`], [`DirectoryError::Lifetime`],
/// [`DirectoryError::TrustedIps`].
pub fn update(
    context: &mut Context<'_>,
    actor: &Actor,
    identity: &str,
    changes: &TokenAuthChanges,
) -> Result<Changed<AttachedTokenAuth>, DirectoryError> {
    actor.require_on_identity(Operation::UpdateTokenAuth, identity)?;
    let target = identities::get_in(context.sql, actor.organization, identity)?;
    let current = find(context.sql, target.identity.id)?.ok_or(DirectoryError::TokenAuthNotAttached)?;
    require_control(context, actor, &target, Operation::UpdateTokenAuth)?;
    let configuration = current.configuration.changed(changes, context.settings.ttl_ceiling).map_err(refused)?;
    if widening::of_token_auth(&current.configuration, &configuration) {
        require_dominates_in_all_projects(context, actor, target.identity.id, Operation::UpdateTokenAuth)?;
    }
    let after = AttachedTokenAuth { configuration, updated: context.now, ..current };
    after.update(context.sql)?;
    let identity = target.identity.id;
    let changes = [Change::Narrows(EvidenceKey::Identity(identity))];
    journal::record(context, actor, Operation::UpdateTokenAuth, Target::Identity(identity), &changes)?;
    Ok(Changed { before: current, after })
}

/// Looks the configuration of an identity up.
///
/// # Errors
/// [`DirectoryError::PermissionDenied`], [`DirectoryError::IdentityNotFound`],
/// [`DirectoryError::TokenAuthNotAttached`].
pub fn get(context: &Context<'_>, actor: &Actor, identity: &str) -> Result<AttachedTokenAuth, DirectoryError> {
    actor.require_on_identity(Operation::GetTokenAuth, identity)?;
    let target = identities::get_in(context.sql, actor.organization, identity)?;
    find(context.sql, target.identity.id)?.ok_or(DirectoryError::TokenAuthNotAttached)
}

/// Removes Token Auth from an identity. Its tokens die and stay dead, even if the method is attached again.
///
/// # Errors
/// [`DirectoryError::PermissionDenied`], [`DirectoryError::IdentityNotFound`], [`DirectoryError::TokenAuthNotAttached`],
/// [`DirectoryError::BeyondBoundary`].
pub fn remove(
    context: &mut Context<'_>,
    actor: &Actor,
    identity: &str,
) -> Result<Removed<AttachedTokenAuth>, DirectoryError> {
    actor.require_on_identity(Operation::DeleteTokenAuth, identity)?;
    let target = identities::get_in(context.sql, actor.organization, identity)?;
    let current = find(context.sql, target.identity.id)?.ok_or(DirectoryError::TokenAuthNotAttached)?;
    require_control(context, actor, &target, Operation::DeleteTokenAuth)?;
    let bindings = [target.identity.id.to_value()];
    context.sql.execute("DELETE FROM token_auth_configurations WHERE identity_id = ?", &bindings)?;
    access_tokens::delete(context.sql, target.identity.id, AuthMethod::TokenAuth)?;
    let identity = target.identity.id;
    let changes = [Change::Narrows(EvidenceKey::Identity(identity))];
    journal::record(context, actor, Operation::DeleteTokenAuth, Target::Identity(identity), &changes)?;
    Ok(Removed(current))
}

fn refused(error: TokenAuthConfigurationError) -> DirectoryError {
    match error {
        TokenAuthConfigurationError::Lifetime(error) => DirectoryError::Lifetime(error),
        TokenAuthConfigurationError::TrustedIps(error) => {
            DirectoryError::TrustedIps { of: Restricted::AccessTokens, error }
        }
    }
}

/// Reads trusted IPs as they were sent.
pub(super) fn parse_sent_trusted_ips(
    of: Restricted,
    entries: Option<&[String]>,
) -> Result<Option<TrustedIps>, DirectoryError> {
    let parsed = entries.map(|entries| TrustedIps::parse(entries.iter().map(String::as_str)));
    parsed.transpose().map_err(|error| DirectoryError::TrustedIps { of, error })
}
