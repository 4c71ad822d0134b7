//! The audit log: append-only.

use crate::sql::{Sql, SqlError};
use crate::tables::record::{Record, record};
use domain::value::identifiers::OrganizationId;
use domain::value::timestamp::Timestamp;

record! {
    /// One row.
    pub(crate) struct AuditRow in "audit_log" {
        pub sequence: u64 = "sequence",
        pub at: Timestamp = "at",
        pub organization: OrganizationId = "organization_id",
        pub actor: String = "actor",
        pub action: String = "action",
        pub target: String = "target",
        pub client: Option<String> = "client_ip",
        pub request_id: String = "request_id",
        pub previous_hash: [u8; 32] = "previous_hash",
        pub hash: [u8; 32] = "hash",
        /// How the actor came, where it was not by calling the API with a credential of its own.
        pub via: Option<String> = "via",
    }
}

/// The newest row.
pub(crate) fn last(sql: &dyn Sql) -> Result<Option<AuditRow>, SqlError> {
    AuditRow::first(sql, "ORDER BY sequence DESC LIMIT 1", &[])
}
