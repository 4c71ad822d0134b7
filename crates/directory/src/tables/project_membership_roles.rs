//! The roles of memberships in projects.

use crate::tables::custom_role::RoleReference;
use crate::tables::record::{columns, record};
use domain::permission::temporary_access::{AccessPeriod, TemporaryAccess};
use domain::value::identifiers::{ProjectMembershipId, RoleGrantId};
use domain::value::timestamp::Timestamp;

record! {
    /// One role of a membership as it is stored.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub(crate) struct StoredGrant in "project_membership_roles" {
        pub id: RoleGrantId = "id",
        pub membership: ProjectMembershipId = "membership_id",
        /// Its place among the others.
        pub position: i64 = "position",
        pub role: RoleReference,
        /// For how long; `None` for good.
        pub temporary: Option<TemporaryAccess>,
        /// When it was given.
        pub created: Timestamp = "created_at",
        pub updated: Timestamp = "updated_at",
    }
}

columns! { TemporaryAccess { range: String = "temporary_range", period: AccessPeriod } }
columns! { AccessPeriod { start: Timestamp = "starts_at", end: Timestamp = "ends_at" } }
