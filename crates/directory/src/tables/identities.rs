//! Machine identities.

use crate::sql::{Row, SqlError};
use crate::tables::record::record;
use domain::token::facts::AuthMethod;
use domain::value::access_subject::AccessSubject;
use domain::value::identifiers::{IdentityId, OrganizationId};
use domain::value::timestamp::Timestamp;

record! {
    /// An identity as it is stored.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub(crate) struct StoredIdentity in "identities" {
        pub id: IdentityId = "id",
        pub organization: OrganizationId = "organization_id",
        pub name: String = "name",
        /// Whether deleting it is refused.
        pub has_delete_protection: bool = "has_delete_protection",
        pub created: Timestamp = "created_at",
        pub updated: Timestamp = "updated_at",
    }
}

record! {
    /// By which address Cloudflare Access knows an identity.
    pub(crate) struct StoredAccessSubject in "identities" {
        pub identity: IdentityId = "id",
        pub subject: Option<AccessSubject> = "access_subject",
    }
}

/// Of an outer join with the configurations of Token Auth as `t` and of Universal Auth as `u`: which are attached.
pub(crate) const ATTACHED: &str = "t.id IS NOT NULL, u.id IS NOT NULL";

/// Reads [`ATTACHED`].
pub(crate) fn read_auth_methods(row: &mut Row) -> Result<Vec<AuthMethod>, SqlError> {
    let attached = [(row.read()?, AuthMethod::TokenAuth), (row.read()?, AuthMethod::UniversalAuth)];
    Ok(attached.into_iter().filter_map(|(is_attached, method): (bool, _)| is_attached.then_some(method)).collect())
}
