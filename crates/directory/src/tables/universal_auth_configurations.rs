//! Universal Auth on identities, and what is remembered of failed logins.

use crate::sql::{Column, Row, Sql, SqlError, Value};
use crate::tables::record::{Columns, Record, columns, record};
use domain::network::trusted_ips::TrustedIps;
use domain::token::lifetime::Lifetime;
use domain::token::lockout::{LockoutPolicy, LockoutState};
use domain::token::universal_auth_configuration::{Period, UniversalAuthConfiguration};
use domain::token::uses::UsesLimit;
use domain::value::identifiers::{AuthMethodConfigurationId, ClientId, IdentityId};
use domain::value::timestamp::Timestamp;

record! {
    /// Universal Auth as it is stored on an identity.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct AttachedUniversalAuth in "universal_auth_configurations" {
        /// Which attachment this is.
        pub id: AuthMethodConfigurationId = "id",
        pub identity: IdentityId = "identity_id",
        /// By which the identity is named at login.
        pub client_id: ClientId = "client_id",
        pub configuration: UniversalAuthConfiguration,
        /// What is remembered of failed logins.
        pub lockout: LockoutState,
        pub created: Timestamp = "created_at",
        pub updated: Timestamp = "updated_at",
    }
}

columns! {
    UniversalAuthConfiguration {
        lifetime: Lifetime,
        period: Option<Period> = "period",
        uses_limit: UsesLimit = "uses_limit",
        trusted_ips: TrustedIps = "trusted_ips",
        client_secret_trusted_ips: TrustedIps = "client_secret_trusted_ips",
        lockout: LockoutPolicy,
    }
}

columns! {
    LockoutState {
        failures: u64 = "failed_logins",
        last_failure: Option<Timestamp> = "last_failed_login_at",
        locked_until: Option<Timestamp> = "locked_until",
    }
}

impl Columns for LockoutPolicy {
    fn names(names: &mut Vec<&'static str>) {
        names.extend(["lockout_enabled", "lockout_threshold", "lockout_duration", "lockout_counter_reset"]);
    }

    fn write(&self, values: &mut Vec<Value>) {
        values.extend([
            self.is_enabled().to_value(),
            self.threshold().to_value(),
            self.duration().to_value(),
            self.counter_reset().to_value(),
        ]);
    }

    fn read(row: &mut Row) -> Result<Self, SqlError> {
        Self::new(row.read()?, row.read()?, row.read()?, row.read()?)
            .map_err(|_| SqlError::UnexpectedValue { expected: "a lockout policy" })
    }
}

/// Of a configuration `u`: until when failed logins lock, and null where they lock nothing. A lock that is over stays here.
pub(crate) const LOCKED_UNTIL: &str = "CASE WHEN u.lockout_enabled THEN u.locked_until END";

/// Universal Auth of an identity, if attached.
pub(crate) fn find(sql: &dyn Sql, identity: IdentityId) -> Result<Option<AttachedUniversalAuth>, SqlError> {
    AttachedUniversalAuth::first(sql, "WHERE identity_id = ?", &[identity.to_value()])
}

/// Writes what is remembered of failed logins.
pub(crate) fn write_lockout(sql: &dyn Sql, id: AuthMethodConfigurationId, state: LockoutState) -> Result<(), SqlError> {
    AttachedUniversalAuth::set(sql, &id, &state)
}
