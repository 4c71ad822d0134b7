//! What the document says of protected routes.

use super::Operation;
use super::bodies::{CreateRouteRequest, UpdateRouteRequest};
use super::views::{RouteAnswer, RouteListAnswer, WrittenRouteAnswer};
use crate::openapi::describe::{Description, Tag};

/// What the document says of an operation.
pub fn description(operation: Operation) -> Description {
    use Operation as O;
    let tag = Tag::Routes;
    match operation {
        O::Create => Description::new::<WrittenRouteAnswer<'_>>(tag, "createRoute", "Protect a route")
            .details(
                "The route must lie in a delegation of its project, and its caller must hold every action on the \
                 requests below its prefix for good. Where no delegation is, and the caller may make one, one is made \
                 for exactly the route's host and prefix, and shown.",
            )
            .takes::<CreateRouteRequest>()
            .tagged()
            .at_most_once(),
        O::List => Description::new::<RouteListAnswer<'_>>(tag, "listRoutes", "List the routes of a project").details("By host and prefix."),
        O::Get => Description::new::<RouteAnswer<'_>>(tag, "getRoute", "Get a route").details("With its options and its origin.").tagged(),
        O::Update => Description::new::<WrittenRouteAnswer<'_>>(tag, "updateRoute", "Change a route")
            .details("What is left out stays. The changed route must lie in a delegation of its project too.")
            .takes::<UpdateRouteRequest>()
            .tagged()
            .conditional()
            .can_conflict(),
        O::Delete => Description::new::<RouteAnswer<'_>>(tag, "deleteRoute", "Delete a route").details("Requests with its host and below its prefix are then for no route, or for a wider one of the same project.").conditional(),
    }
}
