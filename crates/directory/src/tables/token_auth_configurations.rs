//! Token Auth on identities.

use crate::sql::{Column, Sql, SqlError};
use crate::tables::record::{Record, columns, record};
use domain::network::trusted_ips::TrustedIps;
use domain::token::lifetime::Lifetime;
use domain::token::token_auth_configuration::TokenAuthConfiguration;
use domain::token::uses::UsesLimit;
use domain::value::identifiers::{AuthMethodConfigurationId, IdentityId};
use domain::value::timestamp::Timestamp;

record! {
    /// Token Auth as it is stored on an identity.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct AttachedTokenAuth in "token_auth_configurations" {
        /// Which attachment this is.
        pub id: AuthMethodConfigurationId = "id",
        pub identity: IdentityId = "identity_id",
        pub configuration: TokenAuthConfiguration,
        pub created: Timestamp = "created_at",
        pub updated: Timestamp = "updated_at",
    }
}

columns! {
    TokenAuthConfiguration {
        lifetime: Lifetime,
        uses_limit: UsesLimit = "uses_limit",
        trusted_ips: TrustedIps = "trusted_ips",
    }
}

/// Token Auth of an identity, if attached.
pub(crate) fn find(sql: &dyn Sql, identity: IdentityId) -> Result<Option<AttachedTokenAuth>, SqlError> {
    AttachedTokenAuth::first(sql, "WHERE identity_id = ?", &[identity.to_value()])
}
