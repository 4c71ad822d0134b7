//! Renewal and revocation by the holder: the token is in the body, and stays in the Worker.

use crate::body::{self, Circumstances};
use crate::error::ManagementError;
use crate::families::tokens::bodies::PossessedTokenRequest;
use crate::families::tokens::views::RenewalReport;
use crate::input;
use domain::token::access_token::AccessToken;
use domain::token::refusal::Refusal;
use domain::token::secret::KeyRing;
use protocol::response::ApiResponse;

/// The token in a body. A malformed or forged one is refused here, before anything is asked.
///
/// # Errors
/// The errors of a body, or [`ManagementError::TokenRefused`].
pub fn read_token(content_type: Option<&str>, body: &str, keys: &KeyRing) -> Result<AccessToken, ManagementError> {
    let body = input::read_body(content_type, body)?;
    let text = body::read::<PossessedTokenRequest>(&body, Circumstances::ANY)?;
    AccessToken::parse(&text, keys).map_err(|error| ManagementError::TokenRefused(Refusal::from(error)))
}

/// Turns the Directory's report of a renewal into the holder's answer; `None` when it is no such report.
pub fn complete_renewal(report: &str, token: &AccessToken, request_id: &str) -> Option<ApiResponse> {
    let report: RenewalReport = serde_json::from_str(report).ok()?;
    Some(ApiResponse::json(200, request_id, &report.answer(token.expose())))
}
