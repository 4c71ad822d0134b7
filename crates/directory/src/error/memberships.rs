//! What can be wrong with a command about a membership of an identity in a project.

/// Why a command about this was not carried out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum MembershipsError {
    /// There is no such membership.
    NotFound,
    /// The identity is a member already.
    AlreadyThere,
    /// Every role would be temporary, or there would be none.
    NoPermanentRole,
    /// A temporary role says neither when it begins nor how long it lasts.
    IncompleteTemporaryRole,
    /// One of the roles does not exist.
    RoleNotFound,
    /// An identity cannot delete its own membership.
    OwnMembership,
    /// The identity is a member of `MAXIMUM_PROJECTS` already.
    TooManyProjects,
    /// The memberships on one page have more than `MAXIMUM_ROLES_ON_A_PAGE` roles.
    TooManyRolesOnThePage,
}
