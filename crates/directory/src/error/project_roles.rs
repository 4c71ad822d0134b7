//! What can be wrong with a command about a role of a project.

use domain::gateway::policy_size::PolicyTooLarge;
use domain::gateway::request_rules::TooManySearches;
use domain::permission::role_slug::RoleSlug;
use domain::value::identifiers::IdentityId;

/// Why a command about this was not carried out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ProjectRolesError {
    /// There is no such role.
    NotFound {
        /// What it was asked for by.
        by: &'static str,
        /// The id or the slug as it was sent.
        key: String,
    },
    /// The slug is that of a built-in role.
    SlugReserved,
    /// Another role of the project has this slug.
    SlugTaken { slug: RoleSlug },
    /// The project has as many roles as it may have.
    TooManyRoles,
    /// The rules of all roles of the project would have more than `MAXIMUM_RULE_BYTES`.
    TooManyRules {
        /// How many bytes they would have.
        bytes: u64,
    },
    /// Looking requests up in the rules would be too much work.
    TooManySearches(TooManySearches),
    /// The policy would become too large.
    PolicyTooLarge(PolicyTooLarge),
    /// Identities have the role.
    InUse {
        /// How many.
        count: u64,
        /// Some of them that the actor may see: id and name.
        holders: Vec<(IdentityId, String)>,
    },
}
