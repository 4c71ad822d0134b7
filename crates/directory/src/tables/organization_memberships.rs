//! The memberships that give identities their role in the organization.

use crate::sql::{Sql, SqlError};
use crate::tables::custom_role::RoleReference;
use crate::tables::record::{Record, columns, record};
use domain::token::facts::AuthMethod;
use domain::value::identifiers::{IdentityId, OrganizationMembershipId};
use domain::value::timestamp::Timestamp;

record! {
    /// A membership as it is stored.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub(crate) struct StoredOrganizationMembership in "organization_memberships" {
        pub id: OrganizationMembershipId = "id",
        pub identity: IdentityId = "identity_id",
        pub role: RoleReference,
        /// How and when a token was last created for the identity.
        pub last_login: Option<LastLogin>,
        pub created: Timestamp = "created_at",
        pub updated: Timestamp = "updated_at",
    }
}

/// What changes when another role is given.
pub(crate) struct GivenRole {
    pub role: RoleReference,
    pub updated: Timestamp,
}

columns! { GivenRole { role: RoleReference, updated: Timestamp = "updated_at" } }

/// How and when a token was last created for an identity.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct LastLogin {
    pub method: AuthMethod,
    pub at: Timestamp,
}

columns! { LastLogin { method: AuthMethod = "last_login_auth_method", at: Timestamp = "last_login_at" } }

/// Notes that a token was created for an identity.
pub(crate) fn log_in(sql: &dyn Sql, identity: IdentityId, last: LastLogin) -> Result<(), SqlError> {
    StoredOrganizationMembership::set_by(sql, "identity_id", &identity, &last)
}
