//! What the operations on route delegations answer.
//!
//! **Invariant**: these shapes are frozen by the `*_unchanged` tests in `tests`.

use serde::Serialize;

use crate::preconditions::{EntityTag, Tagged, TaggedBefore};
use directory::route_delegations::{DeletedRouteDelegation, StoredRouteDelegation};
use directory::routes::StoredRoute;
use domain::gateway::route::Route;
use protocol::iso_8601::iso_8601;

/// One delegation.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct RouteDelegationAnswer<'a> {
    route_delegation: RouteDelegationView<'a>,
}

/// `listRouteDelegations`.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct RouteDelegationListAnswer<'a> {
    route_delegations: Vec<RouteDelegationView<'a>>,
}

/// `deleteRouteDelegation`.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeletedRouteDelegationAnswer<'a> {
    route_delegation: RouteDelegationView<'a>,
    /// The routes that lost requests by it.
    routes: Vec<LosingRoute<'a>>,
}

/// A delegation.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema), schemars(rename = "RouteDelegation"))]
#[serde(rename_all = "camelCase")]
pub(crate) struct RouteDelegationView<'a> {
    id: String,
    project_id: String,
    host: Option<&'a str>,
    path_prefix: &'a str,
    allow_keep_authorization: bool,
    created_at: String,
}

/// A route, as far as it says which one it is.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct NamedRoute<'a> {
    id: String,
    project_id: String,
    host: Option<&'a str>,
    path_prefix: &'a str,
}

#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
struct LosingRoute<'a> {
    #[serde(flatten)]
    route: NamedRoute<'a>,
    /// Whether it lies in another delegation of its project. Otherwise it matches nothing.
    active: bool,
}

impl<'a> From<&'a StoredRouteDelegation> for RouteDelegationAnswer<'a> {
    fn from(stored: &'a StoredRouteDelegation) -> Self {
        Self { route_delegation: RouteDelegationView::from(stored) }
    }
}

impl<'a> From<&'a [StoredRouteDelegation]> for RouteDelegationListAnswer<'a> {
    fn from(stored: &'a [StoredRouteDelegation]) -> Self {
        Self { route_delegations: stored.iter().map(RouteDelegationView::from).collect() }
    }
}

impl<'a> From<&'a DeletedRouteDelegation> for DeletedRouteDelegationAnswer<'a> {
    fn from(gone: &'a DeletedRouteDelegation) -> Self {
        let route =
            |stored: &'a StoredRoute| LosingRoute { route: NamedRoute::from(&stored.route), active: stored.active };
        Self {
            route_delegation: RouteDelegationView::from(&gone.delegation),
            routes: gone.routes.iter().map(route).collect(),
        }
    }
}

impl<'a> From<&'a StoredRouteDelegation> for RouteDelegationView<'a> {
    fn from(stored: &'a StoredRouteDelegation) -> Self {
        let delegation = &stored.delegation;
        Self {
            id: delegation.id.to_string(),
            project_id: delegation.project.to_string(),
            host: delegation.space.host().map(|host| host.as_str()),
            path_prefix: delegation.space.path_prefix().as_str(),
            allow_keep_authorization: delegation.allow_keep_authorization,
            created_at: iso_8601(stored.created),
        }
    }
}

impl<'a> From<&'a Route> for NamedRoute<'a> {
    fn from(route: &'a Route) -> Self {
        Self {
            id: route.id.to_string(),
            project_id: route.project.to_string(),
            host: route.host.as_ref().map(|host| host.as_str()),
            path_prefix: route.path_prefix.as_str(),
        }
    }
}

impl Tagged for StoredRouteDelegation {
    fn tag(&self) -> EntityTag {
        EntityTag::over(&RouteDelegationAnswer::from(self))
    }
}

impl TaggedBefore for DeletedRouteDelegation {
    fn tag_before(&self) -> EntityTag {
        self.delegation.tag()
    }
}
