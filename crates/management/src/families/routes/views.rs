//! What the operations on routes answer.
//!
//! **Invariant**: these shapes are frozen by the `*_unchanged` tests in `tests`.

use serde::Serialize;

use crate::families::route_delegations::views::RouteDelegationView;
use crate::preconditions::{EntityTag, Tagged};
use directory::routes::{StoredRoute, WrittenRoute};
use domain::gateway::route::RouteMethods;
use protocol::iso_8601::iso_8601;

/// One route.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
pub(crate) struct RouteAnswer<'a> {
    route: RouteView<'a>,
}

/// One route that was written.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
pub(crate) struct WrittenRouteAnswer<'a> {
    route: RouteView<'a>,
    /// The delegation that was made for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    delegation: Option<RouteDelegationView<'a>>,
}

/// `listRoutes`.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
pub(crate) struct RouteListAnswer<'a> {
    routes: Vec<RouteView<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema), schemars(rename = "Route"))]
#[serde(rename_all = "camelCase")]
struct RouteView<'a> {
    id: String,
    project_id: String,
    host: Option<&'a str>,
    path_prefix: &'a str,
    methods: Option<Vec<&'static str>>,
    origin: Option<&'a str>,
    keep_authorization: bool,
    headers: Vec<HeaderView<'a>>,
    timeout_seconds: u64,
    web_socket: bool,
    /// Whether it lies in a delegation of its project. Otherwise it matches nothing.
    active: bool,
    created_at: String,
    updated_at: String,
}

#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema), schemars(rename = "AddedHeader"))]
struct HeaderView<'a> {
    name: &'a str,
    value: &'a str,
}

impl<'a> From<&'a StoredRoute> for RouteAnswer<'a> {
    fn from(stored: &'a StoredRoute) -> Self {
        Self { route: RouteView::from(stored) }
    }
}

impl<'a> From<&'a WrittenRoute> for WrittenRouteAnswer<'a> {
    fn from(written: &'a WrittenRoute) -> Self {
        let delegation = written.delegation.as_ref().map(RouteDelegationView::from);
        Self { route: RouteView::from(&written.stored), delegation }
    }
}

impl<'a> From<&'a [StoredRoute]> for RouteListAnswer<'a> {
    fn from(stored: &'a [StoredRoute]) -> Self {
        Self { routes: stored.iter().map(RouteView::from).collect() }
    }
}

impl<'a> From<&'a StoredRoute> for RouteView<'a> {
    fn from(stored: &'a StoredRoute) -> Self {
        let route = &stored.route;
        let headers = route.options.headers.iter();
        Self {
            id: route.id.to_string(),
            project_id: route.project.to_string(),
            host: route.host.as_ref().map(|host| host.as_str()),
            path_prefix: route.path_prefix.as_str(),
            methods: match &route.methods {
                RouteMethods::Every => None,
                RouteMethods::These(methods) => Some(methods.iter().map(|method| method.name()).collect()),
            },
            origin: route.origin.as_ref().map(|origin| origin.as_str()),
            keep_authorization: route.options.keep_authorization,
            headers: headers.map(|header| HeaderView { name: header.name(), value: header.value() }).collect(),
            timeout_seconds: route.options.timeout.get(),
            web_socket: route.options.web_socket,
            active: stored.active,
            created_at: iso_8601(stored.created),
            updated_at: iso_8601(stored.updated),
        }
    }
}

impl Tagged for StoredRoute {
    fn tag(&self) -> EntityTag {
        EntityTag::over(&RouteAnswer::from(self))
    }
}
