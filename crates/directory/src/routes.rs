//! Protected routes of a project: create, change, delete, look up. Each needs the action of its name on `routes`, in the
//! project; to write one needs every action on the requests that it takes, and a delegation of the organization's.

use crate::audit::Target;
use crate::context::{Actor, Context};
use crate::error::DirectoryError;
use crate::journal;
use crate::outcome::{Changed, Removed};
use crate::policy::{self, policy_change};
use crate::project_access::{self, ProjectKey};
use crate::route_delegations::{self, StoredRouteDelegation};
use crate::sql::{Column, Sql};
use crate::tables;
use domain::gateway::origin::Origin;
use domain::gateway::policy_size;
use domain::gateway::route::{MAXIMUM_ROUTES_OF_PROJECT, PathPrefix, Route, RouteMethods};
use domain::gateway::route_host::RouteHost;
use domain::gateway::route_options::{AddedHeader, RouteOptions};
use domain::permission::operation::Operation;
use domain::value::identifiers::{OrganizationId, ProjectId, RouteId};
use domain::value::timestamp::Seconds;

pub use crate::error::routes::RoutesError;
pub use crate::tables::routes::StoredRoute;

/// A route that was written, and the delegation that had to be made for it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WrittenRoute {
    pub stored: StoredRoute,
    /// The delegation for exactly its requests, if it was made for it.
    pub delegation: Option<StoredRouteDelegation>,
}

/// A route to be created.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewRoute {
    /// The only host it is for.
    pub host: Option<RouteHost>,
    /// The beginning of the paths it is for.
    pub path_prefix: PathPrefix,
    pub methods: RouteMethods,
    /// Where requests go, as it was sent.
    pub origin: Option<String>,
    /// How they are sent.
    pub options: RouteOptions,
}

/// What to change of a route; `None` leaves a field as it is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RouteChanges {
    /// The new host; `Some(None)` is every host.
    pub host: Option<Option<RouteHost>>,
    /// The new prefix.
    pub path_prefix: Option<PathPrefix>,
    /// The new methods.
    pub methods: Option<RouteMethods>,
    /// The new origin as it was sent; `Some(None)` is none.
    pub origin: Option<Option<String>>,
    /// Whether the origin gets the access token.
    pub keep_authorization: Option<bool>,
    /// The new headers, instead of all there are.
    pub headers: Option<Vec<AddedHeader>>,
    /// How long to wait for the origin.
    pub timeout: Option<Seconds>,
    /// Whether a request may become a WebSocket.
    pub web_socket: Option<bool>,
}

/// Creates a route. When no delegation lets the project have it and the actor may make one, one is made for exactly its
/// requests.
///
/// # Errors
/// Those of [`project_access::authorize_in_project`], [`DirectoryError::PermissionDenied`],
/// [`DirectoryError::BeyondBoundary`], [`RoutesError`], and those of [`route_delegations::create`].
pub fn create(
    context: &mut Context<'_>,
    actor: &Actor,
    project: &str,
    new: &NewRoute,
) -> Result<WrittenRoute, DirectoryError> {
    let access = project_access::enter_for(context, actor, ProjectKey::Id(project), Operation::CreateRoute)?;
    access.require_requests_below([&new.path_prefix], Operation::CreateRoute)?;
    let project = access.project.id;
    let others = tables::routes::of_project(context.sql, actor.organization, project)?;
    if others.len() >= MAXIMUM_ROUTES_OF_PROJECT {
        return Err(RoutesError::TooMany.into());
    }
    let id = RouteId::from_random(context.randomness.next_16());
    let route = Route {
        id,
        project,
        host: new.host.clone(),
        path_prefix: new.path_prefix.clone(),
        methods: new.methods.clone(),
        origin: check_origin(context, actor.organization, id, new.host.as_ref(), new.origin.as_deref())?,
        options: new.options.clone(),
    };
    check_beside(&route, &others)?;
    let delegation = route_delegations::cover(context, actor, &route)?;
    policy::check_policy_size(context.sql, actor.organization, project, 0, policy_size::of_route(&route))?
        .map_err(RoutesError::PolicyTooLarge)?;
    let created = StoredRoute { route, active: true, created: context.now, updated: context.now };
    created.insert(context.sql, actor.organization)?;
    let target = Target::Route(project, created.route.id);
    journal::record(context, actor, Operation::CreateRoute, target, &[policy_change(actor.organization)])?;
    Ok(WrittenRoute { stored: created, delegation })
}

/// Changes a route. It must then lie in a delegation of its project, which is made as by [`create`].
///
/// # Errors
/// Those of [`create`].
pub fn update(
    context: &mut Context<'_>,
    actor: &Actor,
    project: &str,
    id: &str,
    changes: &RouteChanges,
) -> Result<Changed<StoredRoute, WrittenRoute>, DirectoryError> {
    let access = project_access::enter_for(context, actor, ProjectKey::Id(project), Operation::UpdateRoute)?;
    let project = access.project.id;
    let before = get_in(context.sql, actor.organization, project, id)?;
    let StoredRoute { route: current, created, .. } = before.clone();
    let old_and_new = [Some(&current.path_prefix), changes.path_prefix.as_ref()];
    access.require_requests_below(old_and_new.into_iter().flatten(), Operation::UpdateRoute)?;
    let mut others = tables::routes::of_project(context.sql, actor.organization, project)?;
    let size_before = policy_size::of_route(&current);
    others.retain(|other| other.route.id != current.id);
    let host = changes.host.clone().unwrap_or(current.host);
    let stored_origin = current.origin.as_ref().map(Origin::as_str);
    let origin = changes.origin.as_ref().map_or(stored_origin, Option::as_deref);
    let options = current.options;
    let route = Route {
        origin: check_origin(context, actor.organization, current.id, host.as_ref(), origin)?,
        host,
        path_prefix: changes.path_prefix.clone().unwrap_or(current.path_prefix),
        methods: changes.methods.clone().unwrap_or(current.methods),
        options: RouteOptions {
            keep_authorization: changes.keep_authorization.unwrap_or(options.keep_authorization),
            headers: changes.headers.clone().unwrap_or(options.headers),
            timeout: changes.timeout.unwrap_or(options.timeout),
            web_socket: changes.web_socket.unwrap_or(options.web_socket),
        },
        ..current
    };
    check_beside(&route, &others)?;
    let delegation = route_delegations::cover(context, actor, &route)?;
    policy::check_policy_size(context.sql, actor.organization, project, size_before, policy_size::of_route(&route))?
        .map_err(RoutesError::PolicyTooLarge)?;
    let changed = StoredRoute { route, active: true, created, updated: context.now };
    changed.update(context.sql, actor.organization)?;
    let target = Target::Route(project, changed.route.id);
    journal::record(context, actor, Operation::UpdateRoute, target, &[policy_change(actor.organization)])?;
    Ok(Changed { before, after: WrittenRoute { stored: changed, delegation } })
}

/// Deletes a route.
///
/// # Errors
/// Those of [`project_access::authorize_in_project`], [`DirectoryError::PermissionDenied`],
/// [`DirectoryError::BeyondBoundary`], [`RoutesError::NotFound`].
pub fn delete(
    context: &mut Context<'_>,
    actor: &Actor,
    project: &str,
    id: &str,
) -> Result<Removed<StoredRoute>, DirectoryError> {
    let access = project_access::enter_for(context, actor, ProjectKey::Id(project), Operation::DeleteRoute)?;
    let gone = get_in(context.sql, actor.organization, access.project.id, id)?;
    access.require_requests_below([&gone.route.path_prefix], Operation::DeleteRoute)?;
    context.sql.execute("DELETE FROM routes WHERE id = ?", &[gone.route.id.to_value()])?;
    let target = Target::Route(gone.route.project, gone.route.id);
    journal::record(context, actor, Operation::DeleteRoute, target, &[policy_change(actor.organization)])?;
    Ok(Removed(gone))
}

/// Looks a route up.
///
/// # Errors
/// Those of [`project_access::authorize_in_project`], [`DirectoryError::PermissionDenied`], [`RoutesError::NotFound`].
pub fn get(context: &Context<'_>, actor: &Actor, project: &str, id: &str) -> Result<StoredRoute, DirectoryError> {
    let project = project_access::enter_for(context, actor, ProjectKey::Id(project), Operation::GetRoute)?.project.id;
    get_in(context.sql, actor.organization, project, id)
}

/// Lists the routes of a project, those that win first.
///
/// # Errors
/// Those of [`project_access::authorize_in_project`], [`DirectoryError::PermissionDenied`].
pub fn list(context: &Context<'_>, actor: &Actor, project: &str) -> Result<Vec<StoredRoute>, DirectoryError> {
    let project = project_access::enter_for(context, actor, ProjectKey::Id(project), Operation::ListRoutes)?.project.id;
    let mut routes = tables::routes::of_project(context.sql, actor.organization, project)?;
    routes.sort_by_cached_key(|stored| stored.route.precedence());
    Ok(routes)
}

/// An origin must not be a host of another route, whose requests would come back.
fn check_origin(
    context: &Context<'_>,
    organization: OrganizationId,
    route: RouteId,
    host: Option<&RouteHost>,
    origin: Option<&str>,
) -> Result<Option<Origin>, DirectoryError> {
    let Some(origin) = origin else { return Ok(None) };
    let mut own: Vec<RouteHost> = context.settings.control_hosts.clone();
    let rows = context.sql.execute(
        "SELECT DISTINCT host FROM routes WHERE organization_id = ? AND id <> ? AND host IS NOT NULL",
        &[organization.to_value(), route.to_value()],
    )?;
    for mut row in rows {
        own.push(row.read()?);
    }
    own.extend(host.cloned());
    own.extend(context.called_host.clone());
    let origin = Origin::parse(origin, context.settings.loopback_origins, &own);
    Ok(Some(origin.map_err(RoutesError::Origin)?))
}

/// `others` are the other routes of the project. What other projects name as an origin keeps nobody from having a route
/// for that host: they could name any. A request that comes back is refused when it does.
fn check_beside(route: &Route, others: &[StoredRoute]) -> Result<(), RoutesError> {
    if let (None, Some(option)) = (&route.origin, route.options.of_the_gateway()) {
        return Err(RoutesError::WithoutOrigin(option));
    }
    if let Some(host) = &route.host
        && others.iter().filter_map(|other| other.route.origin.as_ref()).any(|origin| origin.is_at(host))
    {
        return Err(RoutesError::HostIsAnOrigin);
    }
    match others.iter().map(|other| &other.route).find(|other| route.conflicts_with(other)) {
        Some(other) => Err(RoutesError::Conflict { with: other.id }),
        None => Ok(()),
    }
}

fn get_in(
    sql: &dyn Sql,
    organization: OrganizationId,
    project: ProjectId,
    id: &str,
) -> Result<StoredRoute, DirectoryError> {
    let not_found = || RoutesError::NotFound { id: id.to_owned() };
    let route = RouteId::parse(id).ok_or_else(not_found)?;
    let found = tables::routes::find(sql, organization, route)?;
    Ok(found.filter(|stored| stored.route.project == project).ok_or_else(not_found)?)
}
