//! Access tokens.

use crate::sql::{Column, Sql, SqlError};
use crate::tables::record::{Record, columns, record};
use domain::token::access_token::TokenDigest;
use domain::token::facts::AuthMethod;
use domain::token::universal_auth_configuration::Period;
use domain::token::uses::UsesLimit;
use domain::value::identifiers::{AuthMethodConfigurationId, ClientSecretId, IdentityId, TokenId};
use domain::value::timestamp::{Seconds, Timestamp};

record! {
    /// A token as it is stored: everything but its secret.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct StoredToken in "access_tokens" {
        /// Its public id.
        pub id: TokenId = "id",
        pub identity: IdentityId = "identity_id",
        pub auth_method: AuthMethod = "auth_method",
        /// The client secret it was obtained with, for Universal Auth.
        pub client_secret: Option<ClientSecretId> = "client_secret_id",
        /// What the operator calls it.
        pub name: Option<String> = "name",
        /// The TTL it was created with, under the ceiling; 0 for none.
        pub ttl: Seconds = "ttl",
        /// The max TTL it was created with, under the ceiling; 0 for none.
        pub max_ttl: Seconds = "max_ttl",
        /// The period it was created with, if it has one.
        pub period: Option<Period> = "period",
        pub uses_limit: UsesLimit = "uses_limit",
        /// How often it has been used, as last reported by its counter.
        pub uses: u64 = "uses",
        pub expires: Option<Timestamp> = "expires_at",
        /// When it was last used, as last reported by its counter.
        pub last_used: Option<Timestamp> = "last_used_at",
        pub last_renewed: Option<Timestamp> = "last_renewed_at",
        pub revoked: Option<Timestamp> = "revoked_at",
        pub created: Timestamp = "created_at",
        pub updated: Timestamp = "updated_at",
    }
}

record! {
    /// A token with what proves it.
    pub(crate) struct ProvableToken in "access_tokens" {
        pub token: StoredToken,
        /// The attachment of its method under which it was created.
        pub configuration: AuthMethodConfigurationId = "configuration_id",
        /// SHA-256 of the token. The token itself is nowhere.
        pub digest: TokenDigest = "digest",
    }
}

impl StoredToken {
    /// In how many seconds from its creation it expires, unless it is renewed; 0 for never.
    pub fn expires_in(&self) -> Seconds {
        self.expires.map_or(Seconds::ZERO, |expires| expires.seconds_since(self.created))
    }
}

/// The token with this id, and what proves it.
pub(crate) fn find(sql: &dyn Sql, id: TokenId) -> Result<Option<ProvableToken>, SqlError> {
    ProvableToken::first(sql, "WHERE id = ?", &[id.to_value()])
}

/// Deletes the tokens that an identity has by an authentication method.
pub(crate) fn delete(sql: &dyn Sql, identity: IdentityId, method: AuthMethod) -> Result<(), SqlError> {
    let statement = "DELETE FROM access_tokens WHERE identity_id = ? AND auth_method = ?";
    sql.execute(statement, &[identity.to_value(), method.to_value()])?;
    Ok(())
}

struct Renewal {
    expires: Option<Timestamp>,
    at: Timestamp,
    updated: Timestamp,
}

columns! {
    Renewal {
        expires: Option<Timestamp> = "expires_at",
        at: Timestamp = "last_renewed_at",
        updated: Timestamp = "updated_at",
    }
}

struct Revocation {
    at: Timestamp,
    updated: Timestamp,
}

columns! { Revocation { at: Timestamp = "revoked_at", updated: Timestamp = "updated_at" } }

/// Writes that a token was renewed now.
pub(crate) fn renew(sql: &dyn Sql, id: TokenId, expires: Option<Timestamp>, now: Timestamp) -> Result<(), SqlError> {
    StoredToken::set(sql, &id, &Renewal { expires, at: now, updated: now })
}

/// Writes that a token, which was not, is revoked now.
pub(crate) fn revoke(sql: &dyn Sql, id: TokenId, now: Timestamp) -> Result<(), SqlError> {
    StoredToken::set(sql, &id, &Revocation { at: now, updated: now })
}
