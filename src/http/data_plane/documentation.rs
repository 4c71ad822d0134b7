//! What the document says of the data plane.

use super::accepted::Who;
use crate::http::documentation::describe::{Description, Endpoint, Errors, Proof, Tag};

/// The endpoints. What `edge/worker_entry.rs` routes besides the management API stands here.
pub fn endpoints() -> Vec<Endpoint> {
    let validate = |method: &'static str| Endpoint {
        method,
        needs: Vec::new(),
        path: "/validate",
        proof: Proof::Bearer,
        errors: Errors::Problem(&[400, 401, 403, 429, 500, 503]),
        description: Description::new::<Who<'_>>(
            Tag::Validation,
            "validate",
            "Say whose token the bearer is, and spend a use of it",
        )
        .details(
            "A refused request spends nothing. The same facts stand in the headers `Token-Auth-Identity-Id`, \
             `Token-Auth-Identity-Name`, `Token-Auth-Token-Id` and `Token-Auth-Role`.",
        ),
    };
    ["GET", "HEAD", "POST"].into_iter().map(validate).collect()
}
