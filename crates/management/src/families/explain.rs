//! Why a token would be refused, or accepted: the checks in their order, for a described use. Not Infisical's.
//!
//! The body is read in the Worker, because a plaintext token may stand in it. What goes on to the Directory is a
//! [`ExplanationRequest`], which holds none.

pub mod bodies;
#[cfg(any(test, feature = "describe"))]
pub mod documentation;
pub mod request;
pub mod views;

pub use bodies::read_explanation_request;
pub use request::ExplanationRequest;

use crate::endpoint::endpoints;
use crate::error::ManagementError;
use crate::families::explain::views::ExplanationAnswer;
use crate::request::Request;
use directory::context::Context;
use directory::explanation;
use domain::token::explanation::ConsideredAddress;
use protocol::response::ApiResponse;

endpoints! {
    /// The endpoints of this family.
    Explain {
        Explain by AccessToken [POST "/api/v1/explain"];
    }
}

pub fn run(
    context: &mut Context<'_>,
    request: &Request<'_>,
    endpoint: Explain,
) -> Result<ApiResponse, ManagementError> {
    let actor = request.actor(context)?;
    match endpoint {
        Explain::Explain => {
            let sent = request.call.question.as_ref().ok_or(ManagementError::Internal)?;
            let asked = sent.to_domain().ok_or(ManagementError::Internal)?;
            let question = explanation::ExplanationQuery {
                token: &asked.token,
                client: ConsideredAddress::choose(asked.client, context.client),
                request: asked.request.as_ref(),
                uses: request.call.uses,
            };
            let explained = explanation::explain(context, &actor, question)?;
            Ok(request.ok(&ExplanationAnswer::new(sent, question, &explained, context.now)))
        }
    }
}
