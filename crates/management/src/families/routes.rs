//! Protected routes of a project. Not Infisical's.

pub mod bodies;
#[cfg(any(test, feature = "describe"))]
pub mod documentation;
pub mod views;

use crate::endpoint::endpoints;
use crate::error::ManagementError;
use crate::families::routes::bodies::{CreateRouteRequest, UpdateRouteRequest};
use crate::families::routes::views::{RouteAnswer, RouteListAnswer, WrittenRouteAnswer};
use crate::request::Request;
use crate::surface::{More, Surface, answer, bad_request, not_found};
use crate::{idempotency, preconditions};
use directory::context::Context;
use directory::outcome::{Changed, Removed};
use directory::routes::{self, RoutesError};
use domain::gateway::policy_size::{MAXIMUM_OF_PROJECT, PolicyTooLarge};
use domain::gateway::route::MAXIMUM_ROUTES_OF_PROJECT;
use domain::gateway::route_delegation::NotDelegated;
use domain::gateway::route_options::GatewayOption;
use protocol::response::ApiResponse;

endpoints! {
    /// The endpoints of routes.
    Routes {
        CreateRoute by AccessToken [POST "/api/v1/projects/:projectId/routes"];
        ListRoutes by AccessToken [GET "/api/v1/projects/:projectId/routes"];
        GetRoute by AccessToken [GET "/api/v1/projects/:projectId/routes/:routeId"];
        UpdateRoute by AccessToken [PATCH "/api/v1/projects/:projectId/routes/:routeId"];
        DeleteRoute by AccessToken [DELETE "/api/v1/projects/:projectId/routes/:routeId"];
    }
}

pub fn run(context: &mut Context<'_>, request: &Request<'_>, endpoint: Routes) -> Result<ApiResponse, ManagementError> {
    let actor = request.actor(context)?;
    let actor = &actor;
    let project = request.parameter("projectId");
    let id = request.parameter("routeId");
    match endpoint {
        Routes::CreateRoute => {
            let new = request.body::<CreateRouteRequest>()?;
            let create = |context: &mut Context<'_>| routes::create(context, actor, project, &new);
            let made = idempotency::once(context, request, actor, create, |made| made.stored.route.id.to_string())?;
            Ok(preconditions::tagged(request.ok(&WrittenRouteAnswer::from(&made)), &made.stored))
        }
        Routes::ListRoutes => {
            let found = routes::list(context, actor, project)?;
            Ok(request.ok(&RouteListAnswer::from(found.as_slice())))
        }
        Routes::GetRoute => {
            let found = routes::get(context, actor, project, id)?;
            Ok(preconditions::tagged(request.ok(&RouteAnswer::from(&found)), &found))
        }
        Routes::UpdateRoute => {
            let changes = request.body::<UpdateRouteRequest>()?;
            let Changed { after: changed, .. } =
                preconditions::guard(request, routes::update(context, actor, project, id, &changes)?)?;
            Ok(preconditions::tagged(request.ok(&WrittenRouteAnswer::from(&changed)), &changed.stored))
        }
        Routes::DeleteRoute => {
            let Removed(gone) = preconditions::guard(request, routes::delete(context, actor, project, id)?)?;
            Ok(request.ok(&RouteAnswer::from(&gone)))
        }
    }
}

/// What a client reads of an error.
pub(crate) fn surface(error: &RoutesError) -> Surface {
    match error {
        RoutesError::NotFound { id } => not_found(format!("Route with ID '{id}' not found")),
        RoutesError::Conflict { with } => bad_request(format!("The route is for the same requests as route '{with}'"))
            .with_details(serde_json::json!({ "routeId": with.to_string() })),
        RoutesError::NotDelegated(missing) => not_delegated(missing),
        RoutesError::TooMany => bad_request(format!("A project can have at most {MAXIMUM_ROUTES_OF_PROJECT} routes")),
        RoutesError::PolicyTooLarge(error) => policy_too_large(*error, &[]),
        RoutesError::Origin(error) => {
            bad_request(error.explanation()).with_details(serde_json::json!({ "path": ["origin"] }))
        }
        RoutesError::HostIsAnOrigin => bad_request("Requests to this host are sent to it as the origin of a route")
            .with_details(serde_json::json!({ "path": ["host"] })),
        RoutesError::WithoutOrigin(option) => bad_request(
            "Without an origin a reverse proxy sends the requests on as its own configuration says: this option would not \
             hold",
        )
        .with_details(serde_json::json!({ "path": [field_of(*option)] })),
    }
}

const fn field_of(option: GatewayOption) -> &'static str {
    match option {
        GatewayOption::KeepAuthorization => "keepAuthorization",
        GatewayOption::Headers => "headers",
        GatewayOption::Timeout => "timeoutSeconds",
    }
}

/// What is missing is named; whose the requests are is not.
fn not_delegated(missing: &NotDelegated) -> Surface {
    let (host, prefix) = (missing.space.host().map(|host| host.as_str()), missing.space.path_prefix());
    let (host_named, keeping) = (
        host.map_or_else(|| "every host".to_owned(), |host| format!("host {host}")),
        if missing.allow_keep_authorization { " that may keep the Authorization header" } else { "" },
    );
    let message = format!("No route delegation lets the project have routes for {prefix} on {host_named}{keeping}");
    answer(403, "RouteDelegationMissing", message).with_details(serde_json::json!({
        "routeDelegation": {
            "projectId": missing.project.to_string(),
            "host": host,
            "pathPrefix": prefix.as_str(),
            "allowKeepAuthorization": missing.allow_keep_authorization,
        },
    }))
}

/// A project would take more of the policy than its share; `path` is the field that it comes from, if it is one.
pub(crate) fn policy_too_large(error: PolicyTooLarge, path: &[&str]) -> Surface {
    let PolicyTooLarge { size } = error;
    let what = "The routes of the project, its route delegations and the rules of its roles about requests";
    bad_request(format!("{what} would take {size} bytes; together they can take at most {MAXIMUM_OF_PROJECT}"))
        .with_details(serde_json::json!({ "path": path, "size": size, "maximum": MAXIMUM_OF_PROJECT }))
}
