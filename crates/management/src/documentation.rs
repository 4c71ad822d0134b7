//! What the document says of the status, the installation, identities, Token Auth, tokens, and of itself.

use crate::families::identities::Identities;
use crate::families::identities::bodies::{CreateIdentityRequest, ListIdentitiesQuery, UpdateIdentityRequest};
use crate::families::identities::views::{
    IdentityAnswer, IdentityDetailsAnswer, IdentityListAnswer, IdentityMembershipAnswer, SubOrganizationListAnswer,
};
use crate::families::in_force::InForce;
use crate::families::installation::Installation;
use crate::families::installation::bodies::BootstrapRequest;
use crate::families::installation::views::BootstrapAnswer;
use crate::families::token_auth::TokenAuth;
use crate::families::token_auth::bodies::{AttachTokenAuthRequest, UpdateTokenAuthRequest};
use crate::families::token_auth::views::TokenAuthAnswer;
use crate::families::tokens::Tokens;
use crate::families::tokens::bodies::{ListTokensQuery, PossessedTokenRequest, TokenNameRequest};
use crate::families::tokens::views::{
    CreatedTokenAnswer, MessageAnswer, RenewedTokenAnswer, TokenAnswer, TokenListAnswer,
};
use crate::openapi::Documentation;
use crate::openapi::describe::{Answer, Description, Tag};
use crate::status::{Status, StatusAnswer};

/// What the document says of the status.
pub fn status(endpoint: Status) -> Description {
    match endpoint {
        Status::GetStatus => Description::new::<StatusAnswer>(Tag::Instance, "Say whether traffic may be sent here")
            .details("200 when every part answers or only the replica is behind; 503, with the same body, when the authority does not answer."),
    }
}

/// What the document says of the installation.
pub fn installation(endpoint: Installation) -> Description {
    match endpoint {
        Installation::AdminBootstrap => Description::new::<BootstrapAnswer<'_>>(
            Tag::Instance,
            "Create the first organization and its administrator",
        )
        .details("Works once. The answer is the only one that shows the administrator's token.")
        .takes::<BootstrapRequest>(),
    }
}

/// What the document says of identities.
pub fn identities(endpoint: Identities) -> Description {
    match endpoint {
        Identities::CreateIdentity => Description::new::<IdentityAnswer<'_>>(Tag::Identities, "Create an identity").details("An identity begins without an authentication method: attach one before it can have tokens. Its role is the slug of a built-in or custom role of the organization.")
            .takes::<CreateIdentityRequest>()
            .at_most_once()
            .can_miss(),
        Identities::ListIdentities => Description::new::<IdentityListAnswer<'_>>(Tag::Identities, "List the identities of an organization").details("By name. Each comes with its role and its authentication methods, without its metadata.")
            .asks::<ListIdentitiesQuery>(),
        Identities::GetIdentity => Description::new::<IdentityMembershipAnswer<'_>>(Tag::Identities, "Get an identity").details("With its role, its metadata, and which of its authentication methods failed logins lock at the moment.").tagged(),
        Identities::UpdateIdentity => Description::new::<IdentityAnswer<'_>>(Tag::Identities, "Change an identity").details("What is left out stays. `metadata` replaces all entries. A new role holds for tokens that exist.")
            .takes::<UpdateIdentityRequest>()
            .tagged()
            .conditional(),
        Identities::DeleteIdentity => Description::new::<InForce<IdentityAnswer<'_>>>(Tag::Identities, "Delete an identity with all its tokens").details("Refused while it has delete protection, and for the last administrator of the organization.").conditional(),
        Identities::GetIdentityDetails => Description::new::<IdentityDetailsAnswer<'_>>(Tag::Identities, "Get the organization of the caller").details("Every token may ask. Clients take it for the light way to see whether a token is good."),
        Identities::ListSubOrganizations => Description::new::<SubOrganizationListAnswer>(Tag::Identities, "List the organizations below the caller's: there are none").details("Always empty. Infisical's Terraform provider asks for them."),
    }
}

/// What the document says of Token Auth.
pub fn token_auth(endpoint: TokenAuth) -> Description {
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

/// What the document says of tokens.
pub fn tokens(endpoint: Tokens) -> Description {
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

/// What the document says of itself.
pub fn documentation(endpoint: Documentation) -> Description {
    let tag = Tag::Instance;
    match endpoint {
        Documentation::GetApiDocument => {
            Description::answering(Answer::AnyJson, tag, "Get this document as OpenAPI 3.1")
                .details("The same document as `openapi.json` of the source.")
        }
        Documentation::GetDocumentation => {
            Description::answering(Answer::Text("text/html"), tag, "Get this document as a page")
                .details("For people. It loads its style sheet and runs nothing.")
        }
        Documentation::GetDocumentationStyle => {
            Description::answering(Answer::Text("text/css"), tag, "Get the page's style sheet")
                .details("What the page looks like.")
        }
    }
}
