//! What creates with an `Idempotency-Key` have made.

use crate::sql::{Column, Sql, SqlError};
use crate::tables::record::{Record, columns, record};
use domain::value::identifiers::IdentityId;
use domain::value::timestamp::Timestamp;

/// What a key was used for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyUse {
    /// Which request it was.
    pub operation: String,
    /// The id of what it made.
    pub made: String,
}

columns! { KeyUse { operation: String = "operation", made: String = "made" } }

record! {
    /// A key as it is stored. An actor has each of its keys once.
    pub(crate) struct StoredKey in "idempotency_keys" {
        pub actor: IdentityId = "actor_id",
        pub key: String = "key",
        pub used_for: KeyUse,
        pub created: Timestamp = "created_at",
    }
}

impl StoredKey {
    /// Writes the key in the place of an older one.
    pub fn replace(&self, sql: &dyn Sql) -> Result<(), SqlError> {
        let statement = "DELETE FROM idempotency_keys WHERE actor_id = ? AND key = ?";
        sql.execute(statement, &[self.actor.to_value(), self.key.to_value()])?;
        self.insert(sql)
    }
}
