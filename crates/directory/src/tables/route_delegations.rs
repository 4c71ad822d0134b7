//! Delegations of hosts and path prefixes to projects.

use crate::sql::{Column, Row, Sql, SqlError, Value};
use crate::tables::record::{Columns, Record, columns, record};
use domain::gateway::route::PathPrefix;
use domain::gateway::route_delegation::{OrganizationDelegations, RouteDelegation, RouteSpace};
use domain::gateway::route_host::RouteHost;
use domain::value::identifiers::{OrganizationId, ProjectId, RouteDelegationId};
use domain::value::timestamp::Timestamp;

record! {
    /// A delegation as it is stored.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct StoredRouteDelegation in "route_delegations" {
        pub delegation: RouteDelegation,
        pub organization: OrganizationId = "organization_id",
        pub created: Timestamp = "created_at",
    }
}

columns! {
    RouteDelegation {
        id: RouteDelegationId = "id",
        project: ProjectId = "project_id",
        space: RouteSpace,
        allow_keep_authorization: bool = "allow_keep_authorization",
    }
}

impl Columns for RouteSpace {
    fn names(names: &mut Vec<&'static str>) {
        names.extend(["host", "path_prefix"]);
    }

    fn write(&self, values: &mut Vec<Value>) {
        values.extend([self.host().cloned().to_value(), self.path_prefix().to_value()]);
    }

    fn read(row: &mut Row) -> Result<Self, SqlError> {
        Ok(Self::new(row.read::<Option<RouteHost>>()?, row.read::<PathPrefix>()?))
    }
}

/// The delegations of an organization as they are stored.
pub(crate) fn stored(sql: &dyn Sql, organization: OrganizationId) -> Result<Vec<StoredRouteDelegation>, SqlError> {
    StoredRouteDelegation::all(sql, "WHERE organization_id = ? ORDER BY id", &[organization.to_value()])
}

pub(crate) fn of_organization(
    sql: &dyn Sql,
    organization: OrganizationId,
) -> Result<OrganizationDelegations, SqlError> {
    let delegations = stored(sql, organization)?.into_iter().map(|stored| stored.delegation);
    Ok(OrganizationDelegations::new(delegations.collect()))
}
