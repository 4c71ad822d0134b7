//! What operators note about identities.

use crate::sql::{Column, Sql, SqlError};
use crate::tables::record::{Record, columns, record};
use domain::value::identifiers::{IdentityId, MetadataId};

/// Something the operator noted about an identity.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MetadataEntry {
    /// The entry's id.
    pub id: MetadataId,
    /// What it is about.
    pub key: String,
    /// What it says.
    pub value: String,
}

columns! { MetadataEntry { id: MetadataId = "id", key: String = "key", value: String = "value" } }

record! {
    /// An entry as it is stored.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub(crate) struct StoredMetadataEntry in "identity_metadata" {
        pub entry: MetadataEntry,
        pub identity: IdentityId = "identity_id",
        pub position: i64 = "position",
    }
}

/// What is noted about an identity, in its order.
pub(crate) fn of_identity(sql: &dyn Sql, identity: IdentityId) -> Result<Vec<MetadataEntry>, SqlError> {
    let condition = "WHERE identity_id = ? ORDER BY position";
    let stored = StoredMetadataEntry::all(sql, condition, &[identity.to_value()])?;
    Ok(stored.into_iter().map(|stored| stored.entry).collect())
}
