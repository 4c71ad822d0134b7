//! What the document says of tokens.

use super::Tokens;
use super::bodies::{ListTokensQuery, PossessedTokenRequest, TokenNameRequest};
use super::views::{CreatedTokenAnswer, MessageAnswer, RenewedTokenAnswer, TokenAnswer, TokenListAnswer};
use crate::families::in_force::InForce;
use crate::openapi::describe::{Description, Tag};

/// What the document says of an endpoint.
pub fn description(endpoint: Tokens) -> Description {
    match endpoint {
        Tokens::CreateTokenAuthToken => {
            Description::new::<CreatedTokenAnswer<'_>>(Tag::TokenAuth, "Create an access token")
                .details("The only answer that shows the token.")
                .takes::<TokenNameRequest>()
                .at_most_once()
        }
        Tokens::GetTokenAuthTokens => Description::new::<TokenListAnswer<'_>>(
            Tag::TokenAuth,
            "List the tokens of an identity, the last changed first",
        )
        .details("Revoked tokens are among them.")
        .asks::<ListTokensQuery>(),
        Tokens::GetTokenAuthToken => {
            Description::new::<TokenAnswer<'_>>(Tag::TokenAuth, "Get a token, without its secret")
                .details("Tokens of a login can be shown too.")
                .tagged()
        }
        Tokens::UpdateTokenAuthToken => Description::new::<TokenAnswer<'_>>(Tag::TokenAuth, "Rename a token")
            .details("The name decides nothing.")
            .takes::<TokenNameRequest>()
            .tagged()
            .conditional(),
        Tokens::RevokeTokenAuthToken => Description::new::<InForce<MessageAnswer>>(Tag::TokenAuth, "Revoke a token")
            .details(
                "200 also for a token that is revoked already: a request repeated after a lost answer does not fail.",
            )
            .conditional(),
        Tokens::RenewAccessToken => {
            Description::new::<RenewedTokenAnswer<'_>>(Tag::Tokens, "Renew the token in the body")
                .details("The token stays the same and gets a later expiry, up to its max TTL.")
                .takes::<PossessedTokenRequest>()
        }
        Tokens::RevokeAccessToken => {
            Description::new::<InForce<MessageAnswer>>(Tag::Tokens, "Revoke the token in the body")
                .details("200 also for a token that has expired or is revoked already.")
                .takes::<PossessedTokenRequest>()
        }
    }
}
