//! What the document says of explanations.

use super::Explain;
use super::bodies::ExplainRequest;
use super::views::ExplanationAnswer;
use crate::openapi::describe::{Description, Tag};

/// What the document says of an endpoint.
pub fn description(endpoint: Explain) -> Description {
    match endpoint {
        Explain::Explain => Description::new::<ExplanationAnswer>(Tag::Tokens, "Explain why a token would be refused")
            .details(
                "Every check in its order, with what it looked at, for a described use. Nothing changes, and the token \
                     consumes no use. Needs read on the token's identity; what stands behind a route is withheld from \
                     callers who may not read the routes of its project, the identity's roles there from those who \
                     may not read it there, and their rules from those who may not read roles there either.",
            )
            .takes::<ExplainRequest>(),
    }
}
