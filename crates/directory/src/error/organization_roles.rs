//! What can be wrong with a command about an organization role.

use domain::permission::role_slug::RoleSlug;
use domain::value::identifiers::IdentityId;

/// Why a command about this was not carried out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OrganizationRolesError {
    /// There is no such role in the actor's organization.
    NotFound {
        /// The id as it was sent.
        id: String,
    },
    /// Another role of the organization has this slug.
    SlugTaken { slug: RoleSlug },
    /// The organization has as many roles as it may have.
    TooMany,
    /// More identities have the role than a change of its slug may concern.
    TooManyHolders {
        /// How many have it.
        count: u64,
    },
    /// Identities have the role.
    InUse {
        /// Some of them, as far as the actor may see them.
        named: Vec<Holder>,
        /// How many there are.
        count: u64,
    },
}

/// An identity that has a role.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Holder {
    pub id: IdentityId,
    pub name: String,
}
