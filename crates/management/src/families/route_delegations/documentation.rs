//! What the document says of route delegations.

#![expect(dead_code, reason = "requests are described and never made")]

use schemars::JsonSchema;

use super::RouteDelegations;
use super::bodies;
use super::views::{DeletedRouteDelegationAnswer, RouteDelegationAnswer, RouteDelegationListAnswer};
use crate::families::routes::documentation::{HOST, PATH_PREFIX};
use crate::openapi::describe::{Description, Tag, shown};
use domain::gateway::request_path::LONGEST_PATH;

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
        .takes::<CreateRouteDelegationRequest>(|body| shown(bodies::new_delegation(body)))
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
