//! What the document says of route delegations.

use super::Operation;
use super::bodies::{CreateRouteDelegationRequest, DeleteRouteDelegationQuery};
use super::views::{DeletedRouteDelegationAnswer, RouteDelegationAnswer, RouteDelegationListAnswer};
use crate::openapi::describe::{Description, Tag};

/// What the document says of an operation.
pub fn description(operation: Operation) -> Description {
    use Operation as O;
    let tag = Tag::Routes;
    match operation {
        O::Create => Description::new::<RouteDelegationAnswer<'_>>(
            tag,
            "createRouteDelegation",
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
        O::List => Description::new::<RouteDelegationListAnswer<'_>>(
            tag,
            "listRouteDelegations",
            "List what projects may have routes for",
        ),
        O::Get => Description::new::<RouteDelegationAnswer<'_>>(tag, "getRouteDelegation", "Get a route delegation")
            .tagged(),
        O::Delete => Description::new::<DeletedRouteDelegationAnswer<'_>>(
            tag,
            "deleteRouteDelegation",
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
