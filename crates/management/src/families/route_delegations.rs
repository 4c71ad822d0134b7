//! Delegations of hosts and path prefixes to projects. Not Infisical's.

pub mod bodies;
#[cfg(any(test, feature = "describe"))]
pub mod documentation;
pub mod views;

use serde_json::json;

use crate::endpoint::endpoints;
use crate::error::ManagementError;
use crate::families::route_delegations::bodies::{CreateRouteDelegationRequest, DeleteRouteDelegationQuery};
use crate::families::route_delegations::views::{
    DeletedRouteDelegationAnswer, NamedRoute, RouteDelegationAnswer, RouteDelegationListAnswer,
};
use crate::families::routes::policy_too_large;
use crate::request::Request;
use crate::surface::{More, Surface, answer, bad_request, not_found};
use crate::{idempotency, preconditions};
use directory::context::Context;
use directory::route_delegations::{self, RouteDelegationsError};
use domain::gateway::policy_size::MAXIMUM_PROJECTS;
use domain::gateway::route::Route as ProtectedRoute;
use domain::gateway::route_delegation::MAXIMUM_DELEGATIONS;
use protocol::response::ApiResponse;

endpoints! {
    /// The endpoints of route delegations.
    RouteDelegations {
        CreateRouteDelegation by AccessToken [POST "/api/v1/organization/route-delegations"];
        ListRouteDelegations by AccessToken [GET "/api/v1/organization/route-delegations"];
        GetRouteDelegation by AccessToken [GET "/api/v1/organization/route-delegations/:delegationId"];
        DeleteRouteDelegation by AccessToken [DELETE "/api/v1/organization/route-delegations/:delegationId"];
    }
}

pub fn run(
    context: &mut Context<'_>,
    request: &Request<'_>,
    endpoint: RouteDelegations,
) -> Result<ApiResponse, ManagementError> {
    let actor = request.actor(context)?;
    let actor = &actor;
    let id = request.parameter("delegationId");
    match endpoint {
        RouteDelegations::CreateRouteDelegation => {
            let new = request.body::<CreateRouteDelegationRequest>()?;
            let create = |context: &mut Context<'_>| route_delegations::create(context, actor, &new);
            let made = idempotency::once(context, request, actor, create, |made| made.delegation.id.to_string())?;
            Ok(preconditions::tagged(request.ok(&RouteDelegationAnswer::from(&made)), &made))
        }
        RouteDelegations::ListRouteDelegations => {
            let found = route_delegations::list(context, actor)?;
            Ok(request.ok(&RouteDelegationListAnswer::from(found.as_slice())))
        }
        RouteDelegations::GetRouteDelegation => {
            let found = route_delegations::get(context, actor, id)?;
            Ok(preconditions::tagged(request.ok(&RouteDelegationAnswer::from(&found)), &found))
        }
        RouteDelegations::DeleteRouteDelegation => {
            let force = request.query::<DeleteRouteDelegationQuery>()?;
            let gone = preconditions::guard(request, route_delegations::delete(context, actor, id, force)?)?;
            Ok(request.ok(&DeletedRouteDelegationAnswer::from(&gone)))
        }
    }
}

/// What a client reads of an error.
pub(crate) fn surface(error: &RouteDelegationsError) -> Surface {
    match error {
        RouteDelegationsError::NotFound { id } => not_found(format!("Route delegation with ID '{id}' not found")),
        RouteDelegationsError::Exists { with } => {
            answer(409, "RouteDelegationExists", format!("Route delegation '{with}' is for exactly these requests"))
                .with_details(json!({ "routeDelegationId": with.to_string() }))
        }
        RouteDelegationsError::Cuts { routes } => {
            answer(409, "RoutesInTheWay", "Routes would lose requests to the delegation, all or some of them")
                .with_details(named(routes))
        }
        RouteDelegationsError::InUse { routes } => answer(
            409,
            "RouteDelegationInUse",
            "Routes lie in the delegation; with force=true it is deleted, and they match nothing then",
        )
        .with_details(named(routes)),
        RouteDelegationsError::TooMany => {
            bad_request(format!("An organization can have at most {MAXIMUM_DELEGATIONS} route delegations"))
        }
        RouteDelegationsError::TooManyProjects => {
            bad_request(format!("At most {MAXIMUM_PROJECTS} projects of an organization can have route delegations"))
        }
        RouteDelegationsError::PolicyTooLarge(error) => policy_too_large(*error, &[]),
    }
}

/// The most routes that a refusal names.
const MOST_NAMED: usize = 100;

fn named(routes: &[ProtectedRoute]) -> serde_json::Value {
    let named: Vec<NamedRoute<'_>> = routes.iter().take(MOST_NAMED).map(NamedRoute::from).collect();
    json!({ "routes": named, "totalCount": routes.len() })
}
