//! What the operations on tokens take.

use zeroize::Zeroizing;

use crate::body::body;
use crate::fields::{PageFields, SecretText};

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
