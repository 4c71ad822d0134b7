//! Delegations of hosts and path prefixes to projects: create, delete, look up. Each needs the action of its name on
//! `route-delegations`, in the organization.
//!
//! What is not asked for here is the boundary of a project: a delegation takes space from other projects, and that is
//! the organization's to decide. Only that routes may send tokens on needs more, because whoever decides where they are
//! sent then holds what their bearers may do.

use crate::audit::Target;
use crate::context::{Actor, Context};
use crate::error::DirectoryError;
use crate::error::routes::RoutesError;
use crate::journal;
use crate::policy::{self, policy_change};
use crate::project_access::{self, ProjectKey};
use crate::sql::{Column, Sql};
use crate::tables;
use crate::tables::record::Record;
use crate::tables::routes::StoredRoute;
use domain::gateway::policy_size::{self, MAXIMUM_PROJECTS};
use domain::gateway::route::Route;
use domain::gateway::route_delegation::{MAXIMUM_DELEGATIONS, OrganizationDelegations, RouteDelegation, RouteSpace};
use domain::permission::ability::Ability;
use domain::permission::operation::Operation;
use domain::permission::privilege_boundary::check_boundary;
use domain::value::identifiers::{OrganizationId, ProjectId, RouteDelegationId};

pub use crate::error::route_delegations::RouteDelegationsError;
pub use crate::tables::route_delegations::StoredRouteDelegation;

/// A delegation to be created.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewRouteDelegation {
    /// The project, as it was sent.
    pub project: String,
    /// For which requests.
    pub space: RouteSpace,
    /// Whether routes in it may send the access token to their origin.
    pub allow_keep_authorization: bool,
}

/// A delegation that is gone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeletedRouteDelegation {
    pub delegation: StoredRouteDelegation,
    /// The routes that lost requests by it; those that lie in no other delegation of their project are not active now.
    pub routes: Vec<StoredRoute>,
}

/// Creates a delegation.
///
/// # Errors
/// [`DirectoryError::PermissionDenied`], [`DirectoryError::BeyondBoundary`], `ProjectsError::NotFound`,
/// [`RouteDelegationsError`].
pub fn create(
    context: &mut Context<'_>,
    actor: &Actor,
    new: &NewRouteDelegation,
) -> Result<StoredRouteDelegation, DirectoryError> {
    actor.require(Operation::CreateRouteDelegation)?;
    let project = project_access::find(context.sql, actor.organization, ProjectKey::Id(&new.project))?.id;
    if new.allow_keep_authorization {
        check_boundary(&actor.ability, &Ability::everything()).map_err(|beyond| DirectoryError::BeyondBoundary {
            operation: Operation::CreateRouteDelegation,
            missing: Some(beyond.missing),
        })?;
    }
    let delegations = tables::route_delegations::of_organization(context.sql, actor.organization)?;
    make(context, actor, &delegations, project, new.space.clone(), new.allow_keep_authorization)
}

/// The delegations with one that a route lies in: made for exactly its requests, by the rules of [`create`], when there is
/// none and the actor may make it.
///
/// # Errors
/// [`RoutesError::NotDelegated`], and those of [`create`].
pub(super) fn cover(
    context: &mut Context<'_>,
    actor: &Actor,
    route: &Route,
) -> Result<Option<StoredRouteDelegation>, DirectoryError> {
    let delegations = tables::route_delegations::of_organization(context.sql, actor.organization)?;
    let Err(missing) = delegations.admit(route) else { return Ok(None) };
    let may_make = actor.require(Operation::CreateRouteDelegation).is_ok()
        && (!missing.allow_keep_authorization || project_access::may_everything(&actor.ability));
    if !may_make {
        return Err(RoutesError::NotDelegated(missing).into());
    }
    let allow_keep_authorization = missing.allow_keep_authorization;
    make(context, actor, &delegations, missing.project, missing.space, allow_keep_authorization).map(Some)
}

fn make(
    context: &mut Context<'_>,
    actor: &Actor,
    delegations: &OrganizationDelegations,
    project: ProjectId,
    space: RouteSpace,
    allow_keep_authorization: bool,
) -> Result<StoredRouteDelegation, DirectoryError> {
    if let Some(other) = delegations.of_space(&space) {
        return Err(RouteDelegationsError::Exists { with: other.id }.into());
    }
    if delegations.all().len() >= MAXIMUM_DELEGATIONS {
        return Err(RouteDelegationsError::TooMany.into());
    }
    let mut projects = delegations.projects();
    projects.insert(project);
    if projects.len() > MAXIMUM_PROJECTS {
        return Err(RouteDelegationsError::TooManyProjects.into());
    }
    let id = RouteDelegationId::from_random(context.randomness.next_16());
    let delegation = RouteDelegation { id, project, space, allow_keep_authorization };
    let routes = only_routes(tables::routes::of_organization(context.sql, actor.organization)?);
    let cut = delegations.losers_with(&delegation, &routes);
    if !cut.is_empty() {
        return Err(RouteDelegationsError::Cuts { routes: cut.into_iter().cloned().collect() }.into());
    }
    policy::check_policy_size(context.sql, actor.organization, project, 0, policy_size::of_delegation(&delegation))?
        .map_err(RouteDelegationsError::PolicyTooLarge)?;
    let made = StoredRouteDelegation { delegation, organization: actor.organization, created: context.now };
    made.insert(context.sql)?;
    let target = Target::RouteDelegation(made.delegation.project, made.delegation.id);
    journal::record(context, actor, Operation::CreateRouteDelegation, target, &[policy_change(actor.organization)])?;
    Ok(made)
}

/// Deletes a delegation. One that routes lie in is deleted only by force, and these routes then match nothing, until a
/// delegation of their own project lets them be again.
///
/// # Errors
/// [`DirectoryError::PermissionDenied`], [`RouteDelegationsError`].
pub fn delete(
    context: &mut Context<'_>,
    actor: &Actor,
    id: &str,
    force: bool,
) -> Result<DeletedRouteDelegation, DirectoryError> {
    actor.require(Operation::DeleteRouteDelegation)?;
    let gone = get_in(context.sql, actor.organization, id)?;
    let delegations = tables::route_delegations::of_organization(context.sql, actor.organization)?;
    let routes = only_routes(tables::routes::of_project(context.sql, actor.organization, gone.delegation.project)?);
    let losers = delegations.losers_without(&gone.delegation, &routes);
    if !losers.is_empty() && !force {
        return Err(RouteDelegationsError::InUse { routes: losers.into_iter().cloned().collect() }.into());
    }
    context.sql.execute("DELETE FROM route_delegations WHERE id = ?", &[gone.delegation.id.to_value()])?;
    let target = Target::RouteDelegation(gone.delegation.project, gone.delegation.id);
    journal::record(context, actor, Operation::DeleteRouteDelegation, target, &[policy_change(actor.organization)])?;
    let mut left = tables::routes::of_project(context.sql, actor.organization, gone.delegation.project)?;
    left.retain(|stored| losers.iter().any(|loser| loser.id == stored.route.id));
    Ok(DeletedRouteDelegation { delegation: gone, routes: left })
}

/// Looks a delegation up.
///
/// # Errors
/// [`DirectoryError::PermissionDenied`], [`RouteDelegationsError::NotFound`].
pub fn get(context: &Context<'_>, actor: &Actor, id: &str) -> Result<StoredRouteDelegation, DirectoryError> {
    actor.require(Operation::GetRouteDelegation)?;
    get_in(context.sql, actor.organization, id)
}

/// Lists the delegations, those that win first.
///
/// # Errors
/// [`DirectoryError::PermissionDenied`].
pub fn list(context: &Context<'_>, actor: &Actor) -> Result<Vec<StoredRouteDelegation>, DirectoryError> {
    actor.require(Operation::ListRouteDelegations)?;
    let mut stored = tables::route_delegations::stored(context.sql, actor.organization)?;
    stored.sort_by_cached_key(|stored| stored.delegation.precedence());
    Ok(stored)
}

/// A delegation of an organization. No permission is asked for.
///
/// # Errors
/// [`RouteDelegationsError::NotFound`].
pub(super) fn get_in(
    sql: &dyn Sql,
    organization: OrganizationId,
    id: &str,
) -> Result<StoredRouteDelegation, DirectoryError> {
    let not_found = || RouteDelegationsError::NotFound { id: id.to_owned() };
    let wanted = RouteDelegationId::parse(id).ok_or_else(not_found)?;
    let found =
        tables::route_delegations::stored(sql, organization)?.into_iter().find(|stored| stored.delegation.id == wanted);
    Ok(found.ok_or_else(not_found)?)
}

fn only_routes(stored: Vec<StoredRoute>) -> Vec<Route> {
    stored.into_iter().map(|stored| stored.route).collect()
}
