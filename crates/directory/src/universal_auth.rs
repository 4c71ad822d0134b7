//! Universal Auth on an identity: attach, change, look up, remove, and lift a lockout.
//!
//! Client secrets are in [`client_secrets`], logging in with one in [`login`].

pub mod client_authentication;
pub mod client_secrets;
pub mod login;

use crate::audit::Target;
use crate::context::{Actor, Context};
use crate::error::{DirectoryError, Restricted};
use crate::identities::{self, IdentityMembership, require_control};
use crate::journal::{self, Change};
use crate::outcome::{Changed, Removed};
use crate::project_access::require_dominates_in_all_projects;
use crate::sql::{Column, Sql};
use crate::tables::access_tokens;
use crate::tables::record::Record;
use crate::tables::universal_auth_configurations::{find, write_lockout};
use crate::token_auth::parse_sent_trusted_ips;
use domain::network::trusted_ips::TrustedIps;
use domain::permission::operation::Operation;
use domain::token::evidence::EvidenceKey;
use domain::token::facts::AuthMethod;
use domain::token::lifetime::{Lifetime, TtlCeiling};
use domain::token::lockout::{LockoutPolicy, LockoutState, is_locked_at};
use domain::token::universal_auth_configuration::{Period, UniversalAuthConfiguration};
use domain::token::uses::UsesLimit;
use domain::token::widening;
use domain::value::identifiers::{AuthMethodConfigurationId, ClientId};
use domain::value::timestamp::{Seconds, Timestamp};

pub use crate::error::universal_auth::{LoginRefusal, UniversalAuthError};
pub use crate::tables::universal_auth_configurations::AttachedUniversalAuth;

/// A configuration to attach.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewUniversalAuth {
    /// TTL and max TTL of tokens without a period.
    pub lifetime: Lifetime,
    /// The period of the tokens, if they have one.
    pub period: Option<Period>,
    /// How often each token may be used.
    pub uses_limit: UsesLimit,
    /// The trusted IPs of tokens as they were sent; `None` for everybody. They and those of logins are read last: a caller
    /// who may not configure the identity is told that, and not what is wrong with an address.
    pub trusted_ips: Option<Vec<String>>,
    /// The trusted IPs of logins as they were sent; `None` for everybody.
    pub client_secret_trusted_ips: Option<Vec<String>>,
    /// When failed logins lock.
    pub lockout: LockoutPolicy,
}

impl NewUniversalAuth {
    fn read(self) -> Result<UniversalAuthConfiguration, DirectoryError> {
        let read = |of, sent: Option<Vec<String>>| {
            Ok::<_, DirectoryError>(parse_sent_trusted_ips(of, sent.as_deref())?.unwrap_or_else(TrustedIps::everybody))
        };
        Ok(UniversalAuthConfiguration {
            lifetime: self.lifetime,
            period: self.period,
            uses_limit: self.uses_limit,
            client_secret_trusted_ips: read(Restricted::ClientSecrets, self.client_secret_trusted_ips)?,
            trusted_ips: read(Restricted::AccessTokens, self.trusted_ips)?,
            lockout: self.lockout,
        })
    }
}

/// What to change of a configuration; `None` leaves a field as it is. TTL and max TTL are checked together with what
/// stays.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct UniversalAuthChanges {
    /// The new TTL; 0 for none.
    pub ttl: Option<Seconds>,
    /// The new max TTL; 0 for none.
    pub max_ttl: Option<Seconds>,
    /// The new period; 0 for none.
    pub period: Option<Seconds>,
    /// The new uses limit.
    pub uses_limit: Option<UsesLimit>,
    /// The new trusted IPs of tokens, as they were sent.
    pub trusted_ips: Option<Vec<String>>,
    /// The new trusted IPs of logins, as they were sent.
    pub client_secret_trusted_ips: Option<Vec<String>>,
    /// Whether failed logins lock.
    pub lockout_enabled: Option<bool>,
    /// How many failed logins lock.
    pub lockout_threshold: Option<u64>,
    /// How long a lock lasts.
    pub lockout_duration: Option<Seconds>,
    /// After how long without a failed login the count begins anew.
    pub lockout_counter_reset: Option<Seconds>,
}

impl UniversalAuthChanges {
    fn apply(
        self,
        current: UniversalAuthConfiguration,
        ceiling: TtlCeiling,
    ) -> Result<UniversalAuthConfiguration, DirectoryError> {
        let lifetime = current.lifetime.changed(self.ttl, self.max_ttl, ceiling).map_err(DirectoryError::Lifetime)?;
        let period = match self.period {
            None => current.period,
            Some(period) => Period::from_wire(period, ceiling).map_err(|_| UniversalAuthError::PeriodAboveCeiling)?,
        };
        let lockout = LockoutPolicy::new(
            self.lockout_enabled.unwrap_or(current.lockout.is_enabled()),
            self.lockout_threshold.unwrap_or(current.lockout.threshold()),
            self.lockout_duration.unwrap_or(current.lockout.duration()),
            self.lockout_counter_reset.unwrap_or(current.lockout.counter_reset()),
        )
        .map_err(UniversalAuthError::Lockout)?;
        Ok(UniversalAuthConfiguration {
            lifetime,
            period,
            uses_limit: self.uses_limit.unwrap_or(current.uses_limit),
            client_secret_trusted_ips: parse_sent_trusted_ips(
                Restricted::ClientSecrets,
                self.client_secret_trusted_ips.as_deref(),
            )?
            .unwrap_or(current.client_secret_trusted_ips),
            trusted_ips: parse_sent_trusted_ips(Restricted::AccessTokens, self.trusted_ips.as_deref())?
                .unwrap_or(current.trusted_ips),
            lockout,
        })
    }
}

/// Attaches Universal Auth to an identity.
///
/// # Errors
/// [`DirectoryError::PermissionDenied`], [`DirectoryError::IdentityNotFound`],
/// [`UniversalAuthError::AlreadyAttached`], [`DirectoryError::BeyondBoundary`], [`DirectoryError::TrustedIps`].
pub fn attach(
    context: &mut Context<'_>,
    actor: &Actor,
    identity: &str,
    new: NewUniversalAuth,
) -> Result<AttachedUniversalAuth, DirectoryError> {
    actor.require_on_identity(Operation::AttachUniversalAuth, identity)?;
    let target = identities::get_in(context.sql, actor.organization, identity)?;
    if find(context.sql, target.identity.id)?.is_some() {
        return Err(UniversalAuthError::AlreadyAttached.into());
    }
    require_control(context, actor, &target, Operation::AttachUniversalAuth)?;
    let attached = AttachedUniversalAuth {
        id: AuthMethodConfigurationId::from_random(context.randomness.next_16()),
        identity: target.identity.id,
        client_id: ClientId::from_random(context.randomness.next_16()),
        configuration: new.read()?,
        lockout: LockoutState::CLEAR,
        created: context.now,
        updated: context.now,
    };
    attached.insert(context.sql)?;
    // A token of an earlier attachment must find its end wherever this one becomes known, hence the feed.
    let identity = target.identity.id;
    let changes = [Change::Narrows(EvidenceKey::Identity(identity))];
    journal::record(context, actor, Operation::AttachUniversalAuth, Target::Identity(identity), &changes)?;
    Ok(attached)
}

/// Changes the configuration of an identity. Tokens that exist keep their lifetime and their uses limit; trusted IPs hold
/// for all of them. What is remembered of failed logins stays. A change that only takes away needs less than one that
/// [widens](widening).
///
/// # Errors
/// [`DirectoryError::PermissionDenied`], [`DirectoryError::IdentityNotFound`],
/// [`UniversalAuthError::NotAttached`], [`DirectoryError::BeyondBoundary`], [`DirectoryError::Lifetime`],
/// [`UniversalAuthError::PeriodAboveCeiling`], [`UniversalAuthError::Lockout`], [`DirectoryError::TrustedIps`].
pub fn update(
    context: &mut Context<'_>,
    actor: &Actor,
    identity: &str,
    changes: UniversalAuthChanges,
) -> Result<Changed<AttachedUniversalAuth>, DirectoryError> {
    actor.require_on_identity(Operation::UpdateUniversalAuth, identity)?;
    let target = identities::get_in(context.sql, actor.organization, identity)?;
    let current = find_attached(context.sql, &target, identity)?;
    require_control(context, actor, &target, Operation::UpdateUniversalAuth)?;
    let configuration = changes.apply(current.configuration.clone(), context.settings.ttl_ceiling)?;
    if widening::of_universal_auth(&current.configuration, &configuration) {
        require_dominates_in_all_projects(context, actor, target.identity.id, Operation::UpdateUniversalAuth)?;
    }
    let after = AttachedUniversalAuth { configuration, updated: context.now, ..current.clone() };
    after.update(context.sql)?;
    let identity = target.identity.id;
    let changes = [Change::Narrows(EvidenceKey::Identity(identity))];
    journal::record(context, actor, Operation::UpdateUniversalAuth, Target::Identity(identity), &changes)?;
    Ok(Changed { before: current, after })
}

/// Looks the configuration of an identity up.
///
/// # Errors
/// [`DirectoryError::PermissionDenied`], [`DirectoryError::IdentityNotFound`],
/// [`UniversalAuthError::NotAttached`].
pub fn get(context: &Context<'_>, actor: &Actor, identity: &str) -> Result<AttachedUniversalAuth, DirectoryError> {
    actor.require_on_identity(Operation::GetUniversalAuth, identity)?;
    let target = identities::get_in(context.sql, actor.organization, identity)?;
    find_attached(context.sql, &target, identity)
}

/// Removes Universal Auth from an identity with its client secrets. Its tokens die and stay dead, even if the method is
/// attached again.
///
/// # Errors
/// [`DirectoryError::PermissionDenied`], [`DirectoryError::IdentityNotFound`],
/// [`UniversalAuthError::NotAttached`], [`DirectoryError::BeyondBoundary`].
pub fn remove(
    context: &mut Context<'_>,
    actor: &Actor,
    identity: &str,
) -> Result<Removed<AttachedUniversalAuth>, DirectoryError> {
    actor.require_on_identity(Operation::DeleteUniversalAuth, identity)?;
    let target = identities::get_in(context.sql, actor.organization, identity)?;
    let current = find_attached(context.sql, &target, identity)?;
    require_control(context, actor, &target, Operation::DeleteUniversalAuth)?;
    let identity = target.identity.id;
    context.sql.execute("DELETE FROM client_secrets WHERE identity_id = ?", &[identity.to_value()])?;
    context.sql.execute("DELETE FROM universal_auth_configurations WHERE identity_id = ?", &[identity.to_value()])?;
    access_tokens::delete(context.sql, identity, AuthMethod::UniversalAuth)?;
    let identity = target.identity.id;
    let changes = [Change::Narrows(EvidenceKey::Identity(identity))];
    journal::record(context, actor, Operation::DeleteUniversalAuth, Target::Identity(identity), &changes)?;
    Ok(Removed(current))
}

/// Forgets the failed logins of an identity, and with them a lock. The answer says how many lockouts there were: 1 when
/// logins were locked or a further failure would have been added to earlier ones, otherwise 0.
///
/// # Errors
/// [`DirectoryError::PermissionDenied`], [`DirectoryError::IdentityNotFound`],
/// [`UniversalAuthError::NotAttached`], [`DirectoryError::BeyondBoundary`].
pub fn clear_lockouts(context: &mut Context<'_>, actor: &Actor, identity: &str) -> Result<u64, DirectoryError> {
    actor.require_on_identity(Operation::ClearUniversalAuthLockouts, identity)?;
    let target = identities::get_in(context.sql, actor.organization, identity)?;
    let current = find_attached(context.sql, &target, identity)?;
    require_control(context, actor, &target, Operation::ClearUniversalAuthLockouts)?;
    if !current.configuration.lockout.is_in_force(current.lockout, context.now) {
        return Ok(0);
    }
    write_lockout(context.sql, current.id, LockoutState::CLEAR)?;
    // The data plane knows nothing of lockouts.
    let target = Target::Identity(target.identity.id);
    journal::record(context, actor, Operation::ClearUniversalAuthLockouts, target, &[])?;
    Ok(1)
}

/// The authentication methods that are locked at `now`, of an identity whose `LOCKED_UNTIL` this is.
pub fn active_lockouts(locked_until: Option<Timestamp>, now: Timestamp) -> Vec<AuthMethod> {
    is_locked_at(locked_until, now).then_some(AuthMethod::UniversalAuth).into_iter().collect()
}

/// Universal Auth of an identity that must have it; `sent` is its id as it was sent.
pub(super) fn find_attached(
    sql: &dyn Sql,
    target: &IdentityMembership,
    sent: &str,
) -> Result<AttachedUniversalAuth, DirectoryError> {
    Ok(find(sql, target.identity.id)?.ok_or_else(|| UniversalAuthError::NotAttached { identity: sent.to_owned() })?)
}
