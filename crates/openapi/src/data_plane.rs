//! What the document says of the data plane.

use management::openapi::describe::{DescribedEndpoint, Description, Errors, Proof, Tag};
use token_auth_edge::http::data_plane::accepted::Who;

#[derive(schemars::JsonSchema)]
#[schemars(rename = "ValidationQuery")]
#[expect(dead_code, reason = "it only describes a query")]
struct Query {
    /// `true` adds the first 100 projects of the bearer, and how many there are. Anything else is as good as nothing.
    projects: Option<String>,
}

/// The endpoints. What `edge/worker_entry.rs` routes besides the management API stands here.
pub fn endpoints() -> Vec<DescribedEndpoint> {
    let validate = |method: &'static str| DescribedEndpoint {
        method,
        id: "validate".to_owned(),
        needs: Vec::new(),
        path: "/validate",
        proof: Proof::Bearer,
        errors: Errors::Problem(&[400, 401, 403, 429, 500, 503]),
        description: Description::new::<Who<'_>>(
            Tag::Validation,
            "Say whose token the bearer is, and consume a use of it",
        )
        .details(
            "A refused request consumes nothing. The same facts stand in the headers `Token-Auth-Identity-Id`, \
             `Token-Auth-Identity-Name`, `Token-Auth-Token-Id` and `Token-Auth-Role`. The answer is of one size unless \
             `projects` is asked for.",
        )
        .asks::<Query>(),
    };
    ["GET", "HEAD", "POST"].into_iter().map(validate).collect()
}
