//! Revocation (RFC 7009): the request of a holder.
//!
//! The answer is 200 with nothing in it, also for a token that is unknown, forged or dead already (RFC 7009 §2.2).
//! `unsupported_token_type` does not occur: there is one type of token, and `token_type_hint` is a hint.

use crate::oauth::error::OAuthError;
use crate::oauth::form::Form;
use domain::token::access_token::{AccessToken, PresentedToken};
use domain::token::refusal::Refusal;
use domain::token::secret::KeyRing;
use protocol::response::ApiResponse;

/// The methods of the endpoint.
pub const METHODS: &str = "POST";

/// The token to be revoked, or why it is none of ours.
///
/// # Errors
/// [`OAuthError::Missing`].
pub fn read_token(form: &Form, keys: &KeyRing) -> Result<Result<PresentedToken, Refusal>, OAuthError> {
    let token = AccessToken::parse(form.require("token")?, keys);
    Ok(token.map(|token| token.presented()).map_err(Refusal::from))
}

/// The answer to a revocation that was carried out, or was not needed.
pub fn done_response(request_id: &str) -> ApiResponse {
    ApiResponse::empty(200, request_id).with("pragma", "no-cache")
}
