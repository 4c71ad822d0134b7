//! What the document says of route delegations.

#![expect(dead_code, reason = "requests are described and never made")]

use schemars::JsonSchema;

use super::Operation;
use super::bodies;
use super::views::{DeletedRouteDelegationAnswer, RouteDelegationAnswer, RouteDelegationListAnswer};
use crate::families::routes::documentation::{HOST, PATH_PREFIX};
use crate::openapi::describe::{Description, Tag, shown};
use domain::gateway::request_path::LONGEST_PATH;

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
        .takes::<CreateRouteDelegationRequest>(|body| shown(bodies::new_delegation(body)))
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
        .asks::<DeleteRouteDelegationQuery>(|query| shown(bodies::force(query)))
        .conditional()
        .can_conflict(),
    }
}

/// A host, or null.
#[derive(JsonSchema)]
#[schemars(inline, transparent)]
struct HostOrNull(
    #[schemars(length(max = 253), regex(pattern = HOST), extend("type" = ["string", "null"], "x-nullable" = true))]
    String,
);

/// What a project may have routes for.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
struct CreateRouteDelegationRequest {
    /// The project.
    project_id: String,
    /// The host, without a port; null for every host.
    host: HostOrNull,
    /// What the paths of its requests begin with. A path that can be read in more than one way is refused.
    #[schemars(length(max = LONGEST_PATH), regex(pattern = PATH_PREFIX), extend("examples" = ["/orders"]))]
    path_prefix: String,
    /// Whether its routes may send the `Authorization` header to their origin. Whoever changes such a route decides who
    /// receives the tokens of everybody who sends it a request, so only who may do everything may allow it.
    #[schemars(extend("default" = false))]
    allow_keep_authorization: Option<bool>,
}

fn truth_values() -> [&'static str; 2] {
    ["false", "true"]
}

/// Whether it is deleted although routes lie in it.
#[derive(JsonSchema)]
struct DeleteRouteDelegationQuery {
    /// `true` to delete it nevertheless.
    #[schemars(extend("enum" = truth_values(), "default" = "false"))]
    force: Option<String>,
}
