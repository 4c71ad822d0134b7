//! Why a command or query was not carried out.
//!
//! The variants are precise; what a client reads is chosen by the error surface in `http`.

pub mod console;
pub mod memberships;
pub mod organization_roles;
pub mod project_roles;
pub mod projects;
pub mod route_delegations;
pub mod routes;
pub mod universal_auth;

use self::console::ConsoleError;
use self::memberships::MembershipsError;
use self::organization_roles::OrganizationRolesError;
use self::project_roles::ProjectRolesError;
use self::projects::ProjectsError;
use self::route_delegations::RouteDelegationsError;
use self::routes::RoutesError;
use self::universal_auth::UniversalAuthError;
use crate::sql::SqlError;
use domain::network::trusted_ips::TrustedIpsError;
use domain::permission::ability::{Ability, Permission};
use domain::permission::last_administrator::LastAdministrator;
use domain::permission::operation::Operation;
use domain::permission::privilege_boundary::MissingPermission;
use domain::token::explanation::UsesUnknown;
use domain::token::lifetime::LifetimeError;
use domain::token::refusal::Refusal;

/// Everything that can stop a command or a query. Nothing has changed when one is returned.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DirectoryError {
    /// The database failed.
    Storage(SqlError),
    /// The bearer of the request was accepted by the replica, and the authority refuses it.
    CallerRefused(Refusal),
    /// The actor lacks the permission that the operation needs.
    PermissionDenied {
        /// What it needs.
        needed: Permission,
        /// What the actor holds.
        held: Ability,
    },
    /// The actor would give, or take control of, more than it holds.
    BeyondBoundary {
        /// What the actor tried.
        operation: Operation,
        /// What it would have to hold as well; `None` when these are rules of roles that it may not read.
        missing: Option<Vec<MissingPermission>>,
    },
    /// The instance has been bootstrapped already.
    AlreadyBootstrapped,
    /// There is no such organization, or it is not the actor's.
    ForeignOrganization,
    /// There is no such identity in the actor's organization.
    IdentityNotFound {
        /// The id as it was sent.
        id: String,
    },
    /// There is no such role.
    RoleNotFound {
        /// The slug as it was sent.
        slug: String,
    },
    /// The organization would have no administrator left.
    LastAdministrator,
    /// The identity is protected against deletion.
    DeleteProtected,
    /// The identity has no Token Auth, which the operation needs.
    TokenAuthNotAttached,
    /// The identity has Token Auth already.
    TokenAuthAlreadyAttached,
    /// The lifetime of a configuration is not possible.
    Lifetime(LifetimeError),
    /// The trusted IPs of a configuration are not such.
    TrustedIps {
        /// What may be used from these addresses only.
        of: Restricted,
        error: TrustedIpsError,
    },
    /// There is no such token in the actor's organization.
    TokenNotFound {
        /// The id as it was sent.
        id: String,
    },
    /// The token that was to be renewed by its holder is not one that can be.
    BearerRefused(Refusal),
    /// About the console.
    Console(ConsoleError),
    /// About Universal Auth.
    UniversalAuth(UniversalAuthError),
    /// About an organization role.
    OrganizationRoles(OrganizationRolesError),
    /// About a project or its environments.
    Projects(ProjectsError),
    /// About a protected route.
    Routes(RoutesError),
    /// About a delegation of routes.
    RouteDelegations(RouteDelegationsError),
    /// About a project role.
    ProjectRoles(ProjectRolesError),
    /// About a membership in a project.
    Memberships(MembershipsError),
    /// The token has been used as often as it may be, and cannot be renewed.
    ExhaustedTokenNotRenewable,
    /// The token is at its max TTL and cannot be renewed.
    AtMaxTtl,
    /// How often a token has been used decides, and nobody has told.
    UsesUnknown,
}

/// What a list of trusted IPs is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Restricted {
    AccessTokens,
    ClientSecrets,
}

impl DirectoryError {
    /// The failure of the database, for the log only. Every other error is an answer.
    pub const fn storage_failure(&self) -> Option<&SqlError> {
        if let Self::Storage(failure) = self { Some(failure) } else { None }
    }
}

impl From<LastAdministrator> for DirectoryError {
    fn from(LastAdministrator: LastAdministrator) -> Self {
        Self::LastAdministrator
    }
}

impl From<UsesUnknown> for DirectoryError {
    fn from(UsesUnknown: UsesUnknown) -> Self {
        Self::UsesUnknown
    }
}

impl From<SqlError> for DirectoryError {
    fn from(error: SqlError) -> Self {
        Self::Storage(error)
    }
}

impl From<ConsoleError> for DirectoryError {
    fn from(error: ConsoleError) -> Self {
        Self::Console(error)
    }
}

impl From<MembershipsError> for DirectoryError {
    fn from(error: MembershipsError) -> Self {
        Self::Memberships(error)
    }
}

impl From<ProjectsError> for DirectoryError {
    fn from(error: ProjectsError) -> Self {
        Self::Projects(error)
    }
}

impl From<OrganizationRolesError> for DirectoryError {
    fn from(error: OrganizationRolesError) -> Self {
        Self::OrganizationRoles(error)
    }
}

impl From<RoutesError> for DirectoryError {
    fn from(error: RoutesError) -> Self {
        Self::Routes(error)
    }
}

impl From<RouteDelegationsError> for DirectoryError {
    fn from(error: RouteDelegationsError) -> Self {
        Self::RouteDelegations(error)
    }
}

impl From<ProjectRolesError> for DirectoryError {
    fn from(error: ProjectRolesError) -> Self {
        Self::ProjectRoles(error)
    }
}

impl From<UniversalAuthError> for DirectoryError {
    fn from(error: UniversalAuthError) -> Self {
        Self::UniversalAuth(error)
    }
}
