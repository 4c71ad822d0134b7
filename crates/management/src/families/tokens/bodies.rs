//! What the operations on tokens take.

use serde_json::Value;
use zeroize::Zeroizing;

use crate::body::{Circumstances, body, read};
use crate::error::ManagementError;
use crate::fields::{Page, PageFields, SecretText};

body! {
    /// The name of a token.
    pub TokenNameRequest -> Option<String> {
        /// Any text.
        name: Option<String>,
    } => |_reader| Some(name);

    /// An access token. Whoever has it may do this; a bearer is ignored.
    pub PossessedTokenRequest -> Zeroizing<String> {
        token ["accessToken"]: SecretText,
    } => |_reader| Some(token);
}

/// Which tokens to list.
// DIFFERENCE: Infisical caps the offset at 100, so that tokens beyond the 200th cannot be reached.
pub type ListTokensQuery = PageFields<100, 20>;

/// The name of a token; any text, or none.
pub fn token_name(body: &Value) -> Result<Option<String>, ManagementError> {
    read::<TokenNameRequest>(body, Circumstances::ANY)
}

/// The page of a token list.
pub fn token_list(query: &Value) -> Result<Page, ManagementError> {
    read::<ListTokensQuery>(query, Circumstances::ANY)
}

/// The access token in a body.
pub fn possessed_token(body: &Value) -> Result<Zeroizing<String>, ManagementError> {
    read::<PossessedTokenRequest>(body, Circumstances::ANY)
}
