//! Client secrets of Universal Auth.

use crate::sql::{Column, Sql, SqlError};
use crate::tables::record::{Record, record};
use domain::token::client_secret::{ClientSecretDigest, ClientSecretPrefix, ClientSecretState};
use domain::token::uses::UsesLimit;
use domain::value::identifiers::{AuthMethodConfigurationId, ClientSecretId, IdentityId};
use domain::value::timestamp::{Seconds, Timestamp};

record! {
    /// A client secret as it is stored: everything but its text.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct StoredClientSecret in "client_secrets" {
        /// Its public id.
        pub id: ClientSecretId = "id",
        /// The attachment it belongs to.
        pub configuration: AuthMethodConfigurationId = "configuration_id",
        /// How its text begins.
        pub prefix: ClientSecretPrefix = "prefix",
        /// What the operator noted about it.
        pub description: String = "description",
        /// The TTL it was created with; 0 for none.
        pub ttl: Seconds = "ttl",
        pub uses_limit: UsesLimit = "uses_limit",
        pub uses: u64 = "uses",
        pub expires: Option<Timestamp> = "expires_at",
        /// When it was revoked, by somebody or because it had ended.
        pub revoked: Option<Timestamp> = "revoked_at",
        pub created: Timestamp = "created_at",
        pub updated: Timestamp = "updated_at",
        /// When the last of the tokens expires that died because somebody revoked it.
        pub(crate) tokens_expire: Option<Timestamp> = "tokens_expire_at",
    }
}

record! {
    /// A client secret with what proves it.
    pub(crate) struct ProvableClientSecret in "client_secrets" {
        pub secret: StoredClientSecret,
        pub identity: IdentityId = "identity_id",
        /// SHA-256 of the secret. The secret itself is nowhere.
        pub digest: ClientSecretDigest = "digest",
    }
}

impl StoredClientSecret {
    /// What decides whether it may be used.
    pub fn state(&self) -> ClientSecretState {
        ClientSecretState {
            expires: self.expires,
            uses_limit: self.uses_limit,
            uses: self.uses,
            revoked: self.revoked.is_some(),
        }
    }
}

/// The client secret of an attachment with this id.
pub(crate) fn find(
    sql: &dyn Sql,
    configuration: AuthMethodConfigurationId,
    id: ClientSecretId,
) -> Result<Option<StoredClientSecret>, SqlError> {
    let condition = "WHERE configuration_id = ? AND id = ?";
    StoredClientSecret::first(sql, condition, &[configuration.to_value(), id.to_value()])
}
