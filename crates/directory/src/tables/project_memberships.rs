//! The memberships of identities in projects.

use crate::tables::record::{columns, record};
use domain::value::identifiers::{IdentityId, ProjectId, ProjectMembershipId};
use domain::value::timestamp::Timestamp;

record! {
    /// A membership as it is stored.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub(crate) struct StoredMembership in "project_memberships" {
        pub id: ProjectMembershipId = "id",
        pub project: ProjectId = "project_id",
        pub identity: IdentityId = "identity_id",
        pub created: Timestamp = "created_at",
        pub updated: Timestamp = "updated_at",
    }
}

/// When a membership was last changed.
pub(crate) struct LastChange {
    pub updated: Timestamp,
}

columns! { LastChange { updated: Timestamp = "updated_at" } }
