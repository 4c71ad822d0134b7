//! What a thing is now, for a caller that changes it only if it is still what the caller saw.
//!
//! **Invariant**: no permission is asked for here, because nothing of it reaches the caller: it is compared, and the
//! command that follows asks for what it needs.

use crate::access_subjects::{self, IdentityAccessSubject};
use crate::context::{Actor, Context};
use crate::environments::{self, Environment};
use crate::error::DirectoryError;
use crate::identities::{self, IdentityMembership};
use crate::memberships::{self, MembershipsError, ProjectMembership};
use crate::project_access::{self, ProjectKey};
use crate::project_roles::{self, ProjectRole, RoleOfProject};
use crate::projects::{self, ProjectDetails};
use crate::roles;
use crate::route_delegations::{self, StoredRouteDelegation};
use crate::routes::{self, StoredRoute};
use crate::tables::custom_role::CustomRole;
use crate::tables::token_auth_configurations::{self, AttachedTokenAuth};
use crate::token_auth;
use crate::tokens::{self, StoredToken};
use crate::universal_auth::client_secrets::{self, StoredClientSecret};
use crate::universal_auth::{self, AttachedUniversalAuth};

/// An identity.
///
/// # Errors
/// That there is none; so do all functions below.
pub fn identity(context: &Context<'_>, actor: &Actor, id: &str) -> Result<IdentityMembership, DirectoryError> {
    identities::get_in(context.sql, actor.organization, id)
}

/// By which address Cloudflare Access knows an identity.
pub fn access_subject(
    context: &Context<'_>,
    actor: &Actor,
    identity: &str,
) -> Result<IdentityAccessSubject, DirectoryError> {
    access_subjects::get_in(context.sql, actor.organization, identity)
}

/// Token Auth of an identity.
pub fn token_auth(context: &Context<'_>, actor: &Actor, identity: &str) -> Result<AttachedTokenAuth, DirectoryError> {
    let target = token_auth::target(context, actor, identity)?;
    token_auth_configurations::find(context.sql, target.identity.id)?.ok_or(DirectoryError::TokenAuthNotAttached)
}

/// A token.
pub fn token(context: &Context<'_>, actor: &Actor, id: &str) -> Result<StoredToken, DirectoryError> {
    Ok(tokens::get_in(context.sql, actor.organization, id)?.0)
}

/// A custom organization role.
pub fn role(context: &Context<'_>, actor: &Actor, id: &str) -> Result<CustomRole, DirectoryError> {
    roles::get_in(context.sql, actor.organization, id)
}

/// Universal Auth of an identity.
pub fn universal_auth(
    context: &Context<'_>,
    actor: &Actor,
    identity: &str,
) -> Result<AttachedUniversalAuth, DirectoryError> {
    universal_auth::find_attached(context.sql, &token_auth::target(context, actor, identity)?)
}

/// A client secret of an identity.
pub fn client_secret(
    context: &Context<'_>,
    actor: &Actor,
    identity: &str,
    id: &str,
) -> Result<StoredClientSecret, DirectoryError> {
    client_secrets::find(context.sql, universal_auth(context, actor, identity)?.id, id)
}

/// A project.
pub fn project(context: &Context<'_>, actor: &Actor, key: ProjectKey<'_>) -> Result<ProjectDetails, DirectoryError> {
    projects::details(context.sql, project_access::find(context.sql, actor.organization, key)?)
}

/// An environment of a project.
pub fn environment(
    context: &Context<'_>,
    actor: &Actor,
    project: &str,
    id: &str,
) -> Result<Environment, DirectoryError> {
    let project = project_access::find(context.sql, actor.organization, ProjectKey::Id(project))?;
    environments::get_in(context.sql, project.id, id)
}

/// A custom role of a project.
pub fn project_role(
    context: &Context<'_>,
    actor: &Actor,
    key: ProjectKey<'_>,
    id: &str,
) -> Result<RoleOfProject, DirectoryError> {
    let project = project_access::find(context.sql, actor.organization, key)?;
    let role = ProjectRole::Custom(project_roles::get_custom(context.sql, project.id, id)?);
    Ok(RoleOfProject { project, role })
}

/// The membership of an identity in a project.
pub fn membership(
    context: &Context<'_>,
    actor: &Actor,
    project: &str,
    identity: &str,
) -> Result<ProjectMembership, DirectoryError> {
    let project = project_access::find(context.sql, actor.organization, ProjectKey::Id(project))?;
    Ok(memberships::find_member(context.sql, project.id, identity)?.ok_or(MembershipsError::NotThere)?)
}

/// A route of a project.
pub fn route(context: &Context<'_>, actor: &Actor, project: &str, id: &str) -> Result<StoredRoute, DirectoryError> {
    routes::version(context, actor, project, id)
}

/// A delegation of routes.
pub fn route_delegation(
    context: &Context<'_>,
    actor: &Actor,
    id: &str,
) -> Result<StoredRouteDelegation, DirectoryError> {
    route_delegations::get_in(context.sql, actor.organization, id)
}
