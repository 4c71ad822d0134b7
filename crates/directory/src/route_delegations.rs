//! Delegations of hosts and path prefixes to projects: create, delete, look up. Each needs the action of its name on
//! `route-delegations`, in the organization.
//!
//! What is not asked for here is the boundary of a project: a delegation takes space from other projects, and that is
//! the organization's to decide. Only that routes may send tokens on needs more, because whoever decides where they are
//! sent then holds what their bearers may do.

use crate::context::{Actor, Context};
use crate::error::{BoundaryAttempt, DirectoryError};
use crate::policy;
use crate::project_access::{self, ProjectKey};
use crate::projects;
use crate::routes::{self, RoutesError, StoredRoute, policy_change};
use crate::sql::{Row, Sql, SqlError};
use domain::gateway::policy_size::{self, MAXIMUM_PROJECTS, PolicyTooLarge};
use domain::gateway::route::{PathPrefix, Route};
use domain::gateway::route_delegation::{MAXIMUM_DELEGATIONS, RouteDelegation, RouteDelegations, RouteSpace};
use domain::gateway::route_host::RouteHost;
use domain::permission::ability::Ability;
use domain::permission::privilege_boundary::check_boundary;
use domain::permission::requirement::OrganizationOperation;
use domain::value::identifiers::{OrganizationId, ProjectId, RouteDelegationId};
use domain::value::timestamp::Timestamp;

/// Why a command about this was not carried out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RouteDelegationsError {
    /// There is no such delegation in the actor's organization.
    NotFound {
        /// The id as it was sent.
        id: String,
    },
    /// There is one for exactly these requests.
    Exists {
        /// That one.
        with: RouteDelegationId,
    },
    /// Routes would lose requests.
    Cuts {
        /// Those routes.
        routes: Vec<Route>,
    },
    /// Routes lie in it.
    InUse {
        /// Those routes.
        routes: Vec<Route>,
    },
    /// The organization has as many as it may have.
    TooMany,
    /// As many projects have one as may.
    TooManyProjects,
    /// The project would take more of the policy than its share.
    PolicyTooLarge(PolicyTooLarge),
}

impl From<RouteDelegationsError> for DirectoryError {
    fn from(error: RouteDelegationsError) -> Self {
        Self::RouteDelegations(error)
    }
}

/// A delegation as it is stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredRouteDelegation {
    /// The delegation.
    pub delegation: RouteDelegation,
    /// When it was created.
    pub created: Timestamp,
}

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
    /// The delegation.
    pub delegation: StoredRouteDelegation,
    /// The routes that lost requests by it; those that lie in no other delegation of their project are not active now.
    pub routes: Vec<StoredRoute>,
}

/// Creates a delegation.
///
/// # Errors
/// [`DirectoryError::PermissionDenied`], [`DirectoryError::BeyondBoundary`], `ProjectsError::NotFound`,
/// [`RouteDelegationsError`].
pub fn create<S: Sql>(
    context: &mut Context<'_, S>,
    actor: &Actor,
    new: &NewRouteDelegation,
) -> Result<StoredRouteDelegation, DirectoryError> {
    actor.require(OrganizationOperation::CreateRouteDelegation)?;
    let project = projects::find(context.sql, actor.organization, ProjectKey::Id(&new.project))?.id;
    if new.allow_keep_authorization {
        check_boundary(&actor.ability, &Ability::everything()).map_err(|beyond| DirectoryError::BeyondBoundary {
            attempt: BoundaryAttempt::AllowKeepAuthorization,
            missing: Some(beyond.missing),
        })?;
    }
    let delegations = of_organization(context.sql, actor.organization)?;
    make(context, actor, &delegations, project, new.space.clone(), new.allow_keep_authorization)
}

/// The delegations with one that a route lies in: made for exactly its requests, by the rules of [`create`], when there is
/// none and the actor may make it.
///
/// # Errors
/// [`RoutesError::NotDelegated`], and those of [`create`].
pub(super) fn cover<S: Sql>(
    context: &mut Context<'_, S>,
    actor: &Actor,
    route: &Route,
) -> Result<Option<StoredRouteDelegation>, DirectoryError> {
    let delegations = of_organization(context.sql, actor.organization)?;
    let Err(missing) = delegations.admit(route) else { return Ok(None) };
    let may_make = actor.require(OrganizationOperation::CreateRouteDelegation).is_ok()
        && (!missing.allow_keep_authorization || project_access::may_everything(&actor.ability));
    if !may_make {
        return Err(RoutesError::NotDelegated(missing).into());
    }
    let allow_keep_authorization = missing.allow_keep_authorization;
    make(context, actor, &delegations, missing.project, missing.space, allow_keep_authorization).map(Some)
}

fn make<S: Sql>(
    context: &mut Context<'_, S>,
    actor: &Actor,
    delegations: &RouteDelegations,
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
    let routes = only_routes(routes::of_organization(context.sql, actor.organization)?);
    let cut = delegations.losers(&delegations.with(delegation.clone()), &delegation.space, &routes);
    if !cut.is_empty() {
        return Err(RouteDelegationsError::Cuts { routes: cut.into_iter().cloned().collect() }.into());
    }
    policy::check_policy_size(context.sql, actor.organization, project, 0, policy_size::of_delegation(&delegation))?
        .map_err(RouteDelegationsError::PolicyTooLarge)?;
    let made = StoredRouteDelegation { delegation, created: context.now };
    insert(context.sql, actor.organization, &made)?;
    record(context, actor, "createRouteDelegation", &made.delegation)?;
    Ok(made)
}

/// Deletes a delegation. One that routes lie in is deleted only by force, and these routes then match nothing, until a
/// delegation of their own project lets them be again.
///
/// # Errors
/// [`DirectoryError::PermissionDenied`], [`RouteDelegationsError`].
pub fn delete<S: Sql>(
    context: &mut Context<'_, S>,
    actor: &Actor,
    id: &str,
    force: bool,
) -> Result<DeletedRouteDelegation, DirectoryError> {
    actor.require(OrganizationOperation::DeleteRouteDelegation)?;
    let gone = get_in(context.sql, actor.organization, id)?;
    let delegations = of_organization(context.sql, actor.organization)?;
    let after = delegations.without(gone.delegation.id);
    let routes = only_routes(routes::of_project(context.sql, actor.organization, gone.delegation.project)?);
    let losers = delegations.losers(&after, &gone.delegation.space, &routes);
    if !losers.is_empty() && !force {
        return Err(RouteDelegationsError::InUse { routes: losers.into_iter().cloned().collect() }.into());
    }
    context.sql.execute("DELETE FROM route_delegations WHERE id = ?", &[gone.delegation.id.to_string().into()])?;
    record(context, actor, "deleteRouteDelegation", &gone.delegation)?;
    let mut left = routes::of_project(context.sql, actor.organization, gone.delegation.project)?;
    left.retain(|stored| losers.iter().any(|loser| loser.id == stored.route.id));
    Ok(DeletedRouteDelegation { delegation: gone, routes: left })
}

/// Looks a delegation up.
///
/// # Errors
/// [`DirectoryError::PermissionDenied`], [`RouteDelegationsError::NotFound`].
pub fn get<S: Sql>(context: &Context<'_, S>, actor: &Actor, id: &str) -> Result<StoredRouteDelegation, DirectoryError> {
    actor.require(OrganizationOperation::ListRouteDelegations)?;
    get_in(context.sql, actor.organization, id)
}

/// Lists the delegations, those that win first.
///
/// # Errors
/// [`DirectoryError::PermissionDenied`].
pub fn list<S: Sql>(context: &Context<'_, S>, actor: &Actor) -> Result<Vec<StoredRouteDelegation>, DirectoryError> {
    actor.require(OrganizationOperation::ListRouteDelegations)?;
    let mut stored = select(context.sql, actor.organization)?;
    stored.sort_by_cached_key(|stored| stored.delegation.precedence());
    Ok(stored)
}

/// A delegation of an organization. No permission is asked for.
///
/// # Errors
/// [`RouteDelegationsError::NotFound`].
pub(super) fn get_in<S: Sql>(
    sql: &S,
    organization: OrganizationId,
    id: &str,
) -> Result<StoredRouteDelegation, DirectoryError> {
    let not_found = || RouteDelegationsError::NotFound { id: id.to_owned() };
    let wanted = RouteDelegationId::parse(id).ok_or_else(not_found)?;
    let found = select(sql, organization)?.into_iter().find(|stored| stored.delegation.id == wanted);
    Ok(found.ok_or_else(not_found)?)
}

/// The delegations of an organization.
pub(super) fn of_organization<S: Sql>(sql: &S, organization: OrganizationId) -> Result<RouteDelegations, SqlError> {
    let stored = select(sql, organization)?;
    Ok(RouteDelegations::new(stored.into_iter().map(|stored| stored.delegation).collect()))
}

fn only_routes(stored: Vec<StoredRoute>) -> Vec<Route> {
    stored.into_iter().map(|stored| stored.route).collect()
}

fn insert<S: Sql>(sql: &S, organization: OrganizationId, stored: &StoredRouteDelegation) -> Result<(), SqlError> {
    let RouteDelegation { id, project, space, allow_keep_authorization } = &stored.delegation;
    sql.execute(
        "INSERT INTO route_delegations
            (id, organization_id, project_id, host, path_prefix, allow_keep_authorization, created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?)",
        &[
            id.to_string().into(),
            organization.to_string().into(),
            project.to_string().into(),
            space.host().map(|host| host.as_str().to_owned()).into(),
            space.path_prefix().as_str().into(),
            (*allow_keep_authorization).into(),
            stored.created.into(),
        ],
    )?;
    Ok(())
}

fn select<S: Sql>(sql: &S, organization: OrganizationId) -> Result<Vec<StoredRouteDelegation>, SqlError> {
    let rows = sql.execute(
        "SELECT id, project_id, host, path_prefix, allow_keep_authorization, created_at
         FROM route_delegations WHERE organization_id = ? ORDER BY id",
        &[organization.to_string().into()],
    )?;
    rows.into_iter().map(read).collect()
}

fn read(mut row: Row) -> Result<StoredRouteDelegation, SqlError> {
    let (id, project) = (row.parsed(RouteDelegationId::parse)?, row.parsed(ProjectId::parse)?);
    let host = row.optional_parsed(|host| RouteHost::parse(host).ok())?;
    let space = RouteSpace::new(host, row.parsed(|text| PathPrefix::parse(text).ok())?);
    let delegation = RouteDelegation { id, project, space, allow_keep_authorization: row.boolean()? };
    Ok(StoredRouteDelegation { delegation, created: row.timestamp()? })
}

fn record<S: Sql>(
    context: &Context<'_, S>,
    actor: &Actor,
    action: &'static str,
    delegation: &RouteDelegation,
) -> Result<(), SqlError> {
    let target = format!("project/{}/route-delegation/{}", delegation.project, delegation.id);
    projects::record_inside(context, actor, action, target, &[policy_change(actor.organization)])
}
