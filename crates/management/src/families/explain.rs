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

use crate::error::ManagementError;
use crate::families::explain::views::ExplanationAnswer;
use crate::handle::Request;
use crate::operation::{self, Authentication, Route};
use directory::context::Context;
use directory::explanation;
use directory::sql::Sql;
use domain::token::explanation::ConsideredAddress;
use protocol::response::ApiResponse;

/// The operations.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Operation {
    /// `explain`
    Explain,
}

/// The routes of this family.
pub const ROUTES: &[Route] = &[operation::route(
    "POST",
    "/api/v1/explain",
    operation::Operation::Explain(Operation::Explain),
    Authentication::AccessToken,
)];

/// Runs an operation.
///
/// # Errors
/// [`ManagementError`].
pub fn run<S: Sql>(
    context: &Context<'_, S>,
    request: &Request<'_>,
    operation: Operation,
) -> Result<ApiResponse, ManagementError> {
    let actor = request.actor(context)?;
    match operation {
        Operation::Explain => {
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
