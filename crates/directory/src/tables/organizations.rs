//! Organizations.

use crate::sql::{Column, Sql, SqlError};
use crate::tables::record::{Record, record};
use domain::value::identifiers::OrganizationId;
use domain::value::timestamp::Timestamp;

record! {
    /// An organization as it is stored.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct Organization in "organizations" {
        pub id: OrganizationId = "id",
        pub name: String = "name",
        pub slug: String = "slug",
        pub created: Timestamp = "created_at",
        pub updated: Timestamp = "updated_at",
    }
}

/// The organization with this id.
pub(crate) fn find(sql: &dyn Sql, id: OrganizationId) -> Result<Option<Organization>, SqlError> {
    Organization::first(sql, "WHERE id = ?", &[id.to_value()])
}
