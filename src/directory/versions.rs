//! What a thing is now, for a caller that changes it only if it is still what the caller saw.
//!
//! **Invariant**: no permission is asked for here, because nothing of it reaches the caller: it is compared, and the
//! command that follows asks for what it needs.

use crate::directory::context::{Actor, Context};
use crate::directory::error::DirectoryError;
use crate::directory::identities::{self, IdentityMembership};
use crate::directory::organization_roles::CustomRole;
use crate::directory::roles;
use crate::directory::routes::{self, StoredRoute};
use crate::directory::sql::Sql;
use crate::directory::token_auth::{self, AttachedTokenAuth};
use crate::directory::tokens::{self, StoredToken};

/// An identity.
///
/// # Errors
/// That there is none; so do all functions below.
pub fn identity<S: Sql>(
    context: &Context<'_, S>,
    actor: &Actor,
    id: &str,
) -> Result<IdentityMembership, DirectoryError> {
    identities::get_in(context.sql, actor.organization, id)
}

/// Token Auth of an identity.
pub fn token_auth<S: Sql>(
    context: &Context<'_, S>,
    actor: &Actor,
    identity: &str,
) -> Result<AttachedTokenAuth, DirectoryError> {
    let target = token_auth::target(context, actor, identity)?;
    token_auth::find(context.sql, target.identity.id)?.ok_or(DirectoryError::TokenAuthNotAttached)
}

/// A token.
pub fn token<S: Sql>(context: &Context<'_, S>, actor: &Actor, id: &str) -> Result<StoredToken, DirectoryError> {
    Ok(tokens::get_in(context.sql, actor.organization, id)?.0)
}

/// A custom organization role.
pub fn role<S: Sql>(context: &Context<'_, S>, actor: &Actor, id: &str) -> Result<CustomRole, DirectoryError> {
    roles::get_in(context.sql, actor.organization, id)
}

/// A route of a project.
pub fn route<S: Sql>(
    context: &Context<'_, S>,
    actor: &Actor,
    project: &str,
    id: &str,
) -> Result<StoredRoute, DirectoryError> {
    routes::version(context, actor, project, id)
}
