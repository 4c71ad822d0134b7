//! What the document says of route delegations.

use super::RouteDelegations;
use super::bodies::{CreateRouteDelegationRequest, DeleteRouteDelegationQuery};
use super::views::{DeletedRouteDelegationAnswer, RouteDelegationAnswer, RouteDelegationListAnswer};
use crate::openapi::describe::{Description, Tag};

/// What the document says of an endpoint.
pub fn description(endpoint: RouteDelegations) -> Description {
    let tag = Tag::Routes;
    match endpoint {
        RouteDelegations::CreateRouteDelegation => Description::new::<RouteDelegationAnswer<'_>>(
            tag,
            "Let a project have routes for a host and prefix",
        )
        .details(
            "Routes lie in a delegation of their project. Of several that a request lies in the most specific one wins, \
             whether its project has a route there or not; hosts and prefixes are compared without case. 409 when one \
             is for exactly these requests, or when routes of other projects would lose requests to it.",
        )
        .takes::<CreateRouteDelegationRequest>()
        .tagged()
        .at_most_once()
        .can_miss(),
        RouteDelegations::ListRouteDelegations => Description::new::<RouteDelegationListAnswer<'_>>(
            tag,
            "List what projects may have routes for",
        ),
        RouteDelegations::GetRouteDelegation => Description::new::<RouteDelegationAnswer<'_>>(tag, "Get a route delegation")
            .tagged(),
        RouteDelegations::DeleteRouteDelegation => Description::new::<DeletedRouteDelegationAnswer<'_>>(
            tag,
            "Delete a route delegation",
        )
        .details(
            "Routes that lie in it are named with 409, unless force is true: then they match nothing, until a \
             delegation of their own project is there again for them.",
        )
        .asks::<DeleteRouteDelegationQuery>()
        .conditional()
        .can_conflict(),
    }
}
