//! What the document says of protected routes.

use super::Routes;
use super::bodies::{CreateRouteRequest, UpdateRouteRequest};
use super::views::{RouteAnswer, RouteListAnswer, WrittenRouteAnswer};
use crate::openapi::describe::{Description, Tag};

/// What the document says of an endpoint.
pub fn description(endpoint: Routes) -> Description {
    let tag = Tag::Routes;
    match endpoint {
        Routes::CreateRoute => Description::new::<WrittenRouteAnswer<'_>>(tag, "Protect a route")
            .details(
                "The route must lie in a delegation of its project, and its caller must hold every action on the \
                 requests below its prefix for good. Where no delegation is, and the caller may make one, one is made \
                 for exactly the route's host and prefix, and shown.",
            )
            .takes::<CreateRouteRequest>()
            .tagged()
            .at_most_once(),
        Routes::ListRoutes => Description::new::<RouteListAnswer<'_>>(tag, "List the routes of a project").details("By host and prefix."),
        Routes::GetRoute => Description::new::<RouteAnswer<'_>>(tag, "Get a route").details("With its options and its origin.").tagged(),
        Routes::UpdateRoute => Description::new::<WrittenRouteAnswer<'_>>(tag, "Change a route")
            .details("What is left out stays. The changed route must lie in a delegation of its project too.")
            .takes::<UpdateRouteRequest>()
            .tagged()
            .conditional()
            .can_conflict(),
        Routes::DeleteRoute => Description::new::<RouteAnswer<'_>>(tag, "Delete a route").details("Requests with its host and below its prefix are then for no route, or for a wider one of the same project.").conditional(),
    }
}
