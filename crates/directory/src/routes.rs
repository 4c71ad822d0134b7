//! Protected routes of a project: create, change, delete, look up. Each needs the action of its name on `routes`, in the
//! project; to write one needs every action on the requests that it takes, and a delegation of the organization's.

use crate::context::{Actor, Context};
use crate::error::{BoundaryAttempt, DirectoryError};
use crate::journal::Change;
use crate::policy;
use crate::project_access::{self, ProjectKey};
use crate::projects;
use crate::route_delegations::{self, StoredRouteDelegation};
use crate::sql::{Row, Sql, SqlError, Value};
use domain::gateway::origin::{Origin, OriginError};
use domain::gateway::policy_size::{self, PolicyTooLarge};
use domain::gateway::request_method::RequestMethod;
use domain::gateway::route::{MAXIMUM_ROUTES_OF_PROJECT, PathPrefix, Route, RouteMethods};
use domain::gateway::route_delegation::{NotDelegated, RouteDelegations};
use domain::gateway::route_host::RouteHost;
use domain::gateway::route_options::{AddedHeader, GatewayOption, RouteOptions};
use domain::permission::requirement::ProjectOperation;
use domain::token::evidence::EvidenceKey;
use domain::value::identifiers::{OrganizationId, ProjectId, RouteId};
use domain::value::timestamp::{Seconds, Timestamp};

/// Why a command about this was not carried out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RoutesError {
    /// There is no such route in the project.
    NotFound {
        /// The id as it was sent.
        id: String,
    },
    /// Another route of the project is for the same requests.
    Conflict {
        /// That route.
        with: RouteId,
    },
    /// No delegation of the project lets it have the route.
    NotDelegated(NotDelegated),
    /// The project has as many routes as it may have.
    TooMany,
    /// The policy would become too large.
    PolicyTooLarge(PolicyTooLarge),
    /// The origin is none that requests may be sent to.
    Origin(OriginError),
    /// Requests to this host are sent to it as the origin of a route, which would then be a loop.
    HostIsAnOrigin,
    /// The route has no origin, so that a reverse proxy sends its requests, and an option that only the gateway can hold.
    WithoutOrigin(GatewayOption),
}

impl From<RoutesError> for DirectoryError {
    fn from(error: RoutesError) -> Self {
        Self::Routes(error)
    }
}

/// A route as it is stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredRoute {
    /// The route.
    pub route: Route,
    /// Whether a delegation of its project lets it be. Otherwise it matches nothing.
    pub active: bool,
    /// When it was created.
    pub created: Timestamp,
    /// When it was last changed.
    pub updated: Timestamp,
}

/// A route that was written, and the delegation that had to be made for it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WrittenRoute {
    /// The route.
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
    /// The methods it is for.
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
pub fn create<S: Sql>(
    context: &mut Context<'_, S>,
    actor: &Actor,
    project: &str,
    new: &NewRoute,
) -> Result<WrittenRoute, DirectoryError> {
    let access = project_access::enter_for(context, actor, ProjectKey::Id(project), ProjectOperation::CreateRoute)?;
    access.require_requests_below([&new.path_prefix], BoundaryAttempt::CreateRoute)?;
    let project = access.project.id;
    let others = of_project(context.sql, actor.organization, project)?;
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
    insert(context.sql, actor.organization, &created)?;
    record(context, actor, "createRoute", &created.route)?;
    Ok(WrittenRoute { stored: created, delegation })
}

/// Changes a route. It must then lie in a delegation of its project, which is made as by [`create`].
///
/// # Errors
/// Those of [`create`].
pub fn update<S: Sql>(
    context: &mut Context<'_, S>,
    actor: &Actor,
    project: &str,
    id: &str,
    changes: &RouteChanges,
) -> Result<WrittenRoute, DirectoryError> {
    let access = project_access::enter_for(context, actor, ProjectKey::Id(project), ProjectOperation::UpdateRoute)?;
    let project = access.project.id;
    let StoredRoute { route: current, created, .. } = get_in(context.sql, actor.organization, project, id)?;
    let old_and_new = [Some(&current.path_prefix), changes.path_prefix.as_ref()];
    access.require_requests_below(old_and_new.into_iter().flatten(), BoundaryAttempt::UpdateRoute)?;
    let mut others = of_project(context.sql, actor.organization, project)?;
    let before = policy_size::of_route(&current);
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
    policy::check_policy_size(context.sql, actor.organization, project, before, policy_size::of_route(&route))?
        .map_err(RoutesError::PolicyTooLarge)?;
    let changed = StoredRoute { route, active: true, created, updated: context.now };
    context.sql.execute("DELETE FROM routes WHERE id = ?", &[changed.route.id.to_string().into()])?;
    insert(context.sql, actor.organization, &changed)?;
    record(context, actor, "updateRoute", &changed.route)?;
    Ok(WrittenRoute { stored: changed, delegation })
}

/// Deletes a route.
///
/// # Errors
/// Those of [`project_access::authorize_in_project`], [`DirectoryError::PermissionDenied`],
/// [`DirectoryError::BeyondBoundary`], [`RoutesError::NotFound`].
pub fn delete<S: Sql>(
    context: &mut Context<'_, S>,
    actor: &Actor,
    project: &str,
    id: &str,
) -> Result<StoredRoute, DirectoryError> {
    let access = project_access::enter_for(context, actor, ProjectKey::Id(project), ProjectOperation::DeleteRoute)?;
    let gone = get_in(context.sql, actor.organization, access.project.id, id)?;
    access.require_requests_below([&gone.route.path_prefix], BoundaryAttempt::DeleteRoute)?;
    context.sql.execute("DELETE FROM routes WHERE id = ?", &[gone.route.id.to_string().into()])?;
    record(context, actor, "deleteRoute", &gone.route)?;
    Ok(gone)
}

/// Looks a route up.
///
/// # Errors
/// Those of [`project_access::authorize_in_project`], [`DirectoryError::PermissionDenied`], [`RoutesError::NotFound`].
pub fn get<S: Sql>(
    context: &Context<'_, S>,
    actor: &Actor,
    project: &str,
    id: &str,
) -> Result<StoredRoute, DirectoryError> {
    let project =
        project_access::enter_for(context, actor, ProjectKey::Id(project), ProjectOperation::GetRoute)?.project.id;
    get_in(context.sql, actor.organization, project, id)
}

/// Lists the routes of a project, those that win first.
///
/// # Errors
/// Those of [`project_access::authorize_in_project`], [`DirectoryError::PermissionDenied`].
pub fn list<S: Sql>(
    context: &Context<'_, S>,
    actor: &Actor,
    project: &str,
) -> Result<Vec<StoredRoute>, DirectoryError> {
    let project =
        project_access::enter_for(context, actor, ProjectKey::Id(project), ProjectOperation::ListRoutes)?.project.id;
    let mut routes = of_project(context.sql, actor.organization, project)?;
    routes.sort_by_cached_key(|stored| stored.route.precedence());
    Ok(routes)
}

/// A route of a project, for a caller that changes it only if it is still what the caller saw. No permission is asked for.
///
/// # Errors
/// [`RoutesError::NotFound`], and those of [`projects::find`].
pub(super) fn version<S: Sql>(
    context: &Context<'_, S>,
    actor: &Actor,
    project: &str,
    id: &str,
) -> Result<StoredRoute, DirectoryError> {
    let project = projects::find(context.sql, actor.organization, ProjectKey::Id(project))?;
    get_in(context.sql, actor.organization, project.id, id)
}

/// Every route of an organization.
pub(super) fn of_organization<S: Sql>(sql: &S, organization: OrganizationId) -> Result<Vec<StoredRoute>, SqlError> {
    select(sql, organization, "organization_id", &organization.to_string())
}

/// Every route of a project.
pub(super) fn of_project<S: Sql>(
    sql: &S,
    organization: OrganizationId,
    project: ProjectId,
) -> Result<Vec<StoredRoute>, SqlError> {
    select(sql, organization, "project_id", &project.to_string())
}

/// What changes for the data plane when a route or a role of the organization changes.
pub(super) const fn policy_change(organization: OrganizationId) -> Change {
    Change::Narrows(EvidenceKey::Policy(organization))
}

/// An origin must not be a host of another route, whose requests would come back.
fn check_origin<S: Sql>(
    context: &Context<'_, S>,
    organization: OrganizationId,
    route: RouteId,
    host: Option<&RouteHost>,
    origin: Option<&str>,
) -> Result<Option<Origin>, DirectoryError> {
    let Some(origin) = origin else { return Ok(None) };
    let mut own: Vec<RouteHost> = context.settings.control_hosts.clone();
    let rows = context.sql.execute(
        "SELECT DISTINCT host FROM routes WHERE organization_id = ? AND id <> ? AND host IS NOT NULL",
        &[organization.to_string().into(), route.to_string().into()],
    )?;
    for mut row in rows {
        own.push(row.parsed(|host| RouteHost::parse(host).ok())?);
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

fn insert<S: Sql>(sql: &S, organization: OrganizationId, stored: &StoredRoute) -> Result<(), SqlError> {
    let route = &stored.route;
    let methods = match &route.methods {
        RouteMethods::Every => Value::Null,
        RouteMethods::These(methods) => methods.iter().map(|method| method.name()).collect::<Vec<_>>().join(" ").into(),
    };
    let headers: Vec<String> =
        route.options.headers.iter().map(|header| format!("{}: {}", header.name(), header.value())).collect();
    sql.execute(
        "INSERT INTO routes (id, organization_id, project_id, host, path_prefix, methods, origin, keep_authorization,
            headers, timeout, web_socket, created_at, updated_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        &[
            route.id.to_string().into(),
            organization.to_string().into(),
            route.project.to_string().into(),
            route.host.as_ref().map(|host| host.as_str().to_owned()).into(),
            route.path_prefix.as_str().into(),
            methods,
            route.origin.as_ref().map(|origin| origin.as_str().to_owned()).into(),
            route.options.keep_authorization.into(),
            headers.join("\n").into(),
            route.options.timeout.get().into(),
            route.options.web_socket.into(),
            stored.created.into(),
            stored.updated.into(),
        ],
    )?;
    Ok(())
}

fn get_in<S: Sql>(
    sql: &S,
    organization: OrganizationId,
    project: ProjectId,
    id: &str,
) -> Result<StoredRoute, DirectoryError> {
    let not_found = || RoutesError::NotFound { id: id.to_owned() };
    let route = RouteId::parse(id).ok_or_else(not_found)?;
    let found = select(sql, organization, "id", &route.to_string())?;
    Ok(found.into_iter().find(|stored| stored.route.project == project).ok_or_else(not_found)?)
}

fn select<S: Sql>(
    sql: &S,
    organization: OrganizationId,
    column: &'static str,
    value: &str,
) -> Result<Vec<StoredRoute>, SqlError> {
    let delegations = route_delegations::of_organization(sql, organization)?;
    let rows = sql.execute(
        &format!(
            "SELECT id, project_id, host, path_prefix, methods, origin, keep_authorization, headers, timeout, web_socket,
                created_at, updated_at
             FROM routes WHERE {column} = ? ORDER BY id"
        ),
        &[value.into()],
    )?;
    rows.into_iter().map(|row| read(row, &delegations)).collect()
}

fn read(mut row: Row, delegations: &RouteDelegations) -> Result<StoredRoute, SqlError> {
    let route = Route {
        id: row.parsed(RouteId::parse)?,
        project: row.parsed(ProjectId::parse)?,
        host: row.optional_parsed(|host| RouteHost::parse(host).ok())?,
        path_prefix: row.parsed(|text| PathPrefix::parse(text).ok())?,
        methods: match row.optional_text()? {
            Some(names) => {
                let methods = names.split(' ').map(RequestMethod::parse).collect::<Option<_>>();
                RouteMethods::These(methods.ok_or(NOT_A_ROUTE)?)
            }
            None => RouteMethods::Every,
        },
        origin: row.optional_text()?.as_deref().map(Origin::from_stored),
        options: RouteOptions {
            keep_authorization: row.boolean()?,
            headers: row.parsed(|lines| lines.lines().map(read_header).collect())?,
            timeout: Seconds::new(row.unsigned()?),
            web_socket: row.boolean()?,
        },
    };
    let active = delegations.admit(&route).is_ok();
    Ok(StoredRoute { route, active, created: row.timestamp()?, updated: row.timestamp()? })
}

const NOT_A_ROUTE: SqlError = SqlError::UnexpectedValue { expected: "a route" };

fn read_header(line: &str) -> Option<AddedHeader> {
    let (name, value) = line.split_once(": ")?;
    AddedHeader::new(name, value).ok()
}

fn record<S: Sql>(
    context: &Context<'_, S>,
    actor: &Actor,
    action: &'static str,
    route: &Route,
) -> Result<(), SqlError> {
    let target = format!("project/{}/route/{}", route.project, route.id);
    projects::record_inside(context, actor, action, target, &[policy_change(actor.organization)])
}
