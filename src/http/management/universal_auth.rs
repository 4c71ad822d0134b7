//! Universal Auth: its configuration, client secrets and logins.

use crate::directory::context::Context;
use crate::directory::sql::Sql;
use crate::directory::universal_auth::UniversalAuthError;
use crate::http::management::error::{ManagementError, Surface};
use crate::http::management::handle::Request;
use crate::http::management::operation::Route;
use crate::http::response::ApiResponse;

/// The operations.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Operation {}

/// The routes.
pub const ROUTES: &[Route] = &[];

/// Runs an operation.
///
/// # Errors
/// [`ManagementError`].
pub fn run<S: Sql>(
    _context: &mut Context<'_, S>,
    _request: &Request<'_>,
    operation: Operation,
) -> Result<ApiResponse, ManagementError> {
    match operation {}
}

/// What a client reads of an error.
pub(super) fn surface(error: &UniversalAuthError) -> Surface {
    match *error {}
}
