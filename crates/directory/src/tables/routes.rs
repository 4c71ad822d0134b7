//! Protected routes of projects.

use crate::sql::{Column, Sql, SqlError, Value};
use crate::tables::record::{Record, columns, record};
use crate::tables::route_delegations;
use domain::gateway::origin::Origin;
use domain::gateway::route::{PathPrefix, Route, RouteMethods};
use domain::gateway::route_delegation::OrganizationDelegations;
use domain::gateway::route_host::RouteHost;
use domain::gateway::route_options::{AddedHeader, RouteOptions};
use domain::value::identifiers::{OrganizationId, ProjectId, RouteId};
use domain::value::timestamp::{Seconds, Timestamp};

/// A route as it is stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredRoute {
    pub route: Route,
    /// Whether a delegation of its project lets it be. Otherwise it matches nothing.
    pub active: bool,
    pub created: Timestamp,
    pub updated: Timestamp,
}

record! {
    struct RouteRow in "routes" {
        route: Route,
        organization: OrganizationId = "organization_id",
        created: Timestamp = "created_at",
        updated: Timestamp = "updated_at",
    }
}

columns! {
    Route {
        id: RouteId = "id",
        project: ProjectId = "project_id",
        host: Option<RouteHost> = "host",
        path_prefix: PathPrefix = "path_prefix",
        methods: RouteMethods = "methods",
        origin: Option<Origin> = "origin",
        options: RouteOptions,
    }
}

columns! {
    RouteOptions {
        keep_authorization: bool = "keep_authorization",
        headers: Vec<AddedHeader> = "headers",
        timeout: Seconds = "timeout",
        web_socket: bool = "web_socket",
    }
}

impl StoredRoute {
    fn new(row: RouteRow, delegations: &OrganizationDelegations) -> Self {
        let active = delegations.admit(&row.route).is_ok();
        Self { route: row.route, active, created: row.created, updated: row.updated }
    }

    fn row(&self, organization: OrganizationId) -> RouteRow {
        RouteRow { route: self.route.clone(), organization, created: self.created, updated: self.updated }
    }

    /// Writes a new route of an organization.
    pub(crate) fn insert(&self, sql: &dyn Sql, organization: OrganizationId) -> Result<(), SqlError> {
        self.row(organization).insert(sql)
    }

    /// Writes over a route.
    pub(crate) fn update(&self, sql: &dyn Sql, organization: OrganizationId) -> Result<(), SqlError> {
        self.row(organization).update(sql)
    }
}

/// Every route of an organization.
pub(crate) fn of_organization(sql: &dyn Sql, organization: OrganizationId) -> Result<Vec<StoredRoute>, SqlError> {
    select(sql, organization, "WHERE organization_id = ? ORDER BY id", &organization.to_value())
}

/// Every route of a project.
pub(crate) fn of_project(
    sql: &dyn Sql,
    organization: OrganizationId,
    project: ProjectId,
) -> Result<Vec<StoredRoute>, SqlError> {
    select(sql, organization, "WHERE project_id = ? ORDER BY id", &project.to_value())
}

/// The route with this id.
pub(crate) fn find(sql: &dyn Sql, organization: OrganizationId, id: RouteId) -> Result<Option<StoredRoute>, SqlError> {
    Ok(select(sql, organization, "WHERE id = ?", &id.to_value())?.into_iter().next())
}

fn select(
    sql: &dyn Sql,
    organization: OrganizationId,
    condition: &str,
    value: &Value,
) -> Result<Vec<StoredRoute>, SqlError> {
    let delegations = route_delegations::of_organization(sql, organization)?;
    let rows = RouteRow::all(sql, condition, std::slice::from_ref(value))?;
    Ok(rows.into_iter().map(|row| StoredRoute::new(row, &delegations)).collect())
}
