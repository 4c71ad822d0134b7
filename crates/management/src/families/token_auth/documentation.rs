//! What the document says of Token Auth.

use super::TokenAuth;
use super::bodies::{AttachTokenAuthRequest, UpdateTokenAuthRequest};
use super::views::TokenAuthAnswer;
use crate::families::in_force::InForce;
use crate::openapi::describe::{Description, Tag};

/// What the document says of an endpoint.
pub fn description(endpoint: TokenAuth) -> Description {
    match endpoint {
        TokenAuth::AttachTokenAuth => Description::new::<TokenAuthAnswer<'_>>(Tag::TokenAuth, "Configure Token Auth on an identity").details("Refused when it is attached already. Tokens are made with the numbers that hold at their creation; the trusted addresses are looked at live.")
            .takes::<AttachTokenAuthRequest>()
            .at_most_once(),
        TokenAuth::UpdateTokenAuth => Description::new::<TokenAuthAnswer<'_>>(Tag::TokenAuth, "Change the Token Auth of an identity").details("What is left out stays. New addresses hold for tokens that exist at once, new lifetimes at their next renewal.")
            .takes::<UpdateTokenAuthRequest>()
            .tagged()
            .conditional(),
        TokenAuth::GetTokenAuth => Description::new::<TokenAuthAnswer<'_>>(Tag::TokenAuth, "Get the Token Auth of an identity").details("404 when the identity has none.").tagged(),
        TokenAuth::DeleteTokenAuth => Description::new::<InForce<TokenAuthAnswer<'_>>>(Tag::TokenAuth, "Remove Token Auth from an identity, and revoke its tokens").details("The tokens are refused from then on, and attaching it again revives none.").conditional(),
    }
}
