//! What the document says of Universal Auth.

use super::UniversalAuth;
use super::bodies::{
    AttachUniversalAuthRequest, CreateClientSecretRequest, ListClientSecretsQuery, LoginRequest,
    UpdateUniversalAuthRequest,
};
use super::views::{
    ClearedLockoutsAnswer, ClientSecretAnswer, ClientSecretListAnswer, CreatedClientSecretAnswer, LoginAnswer,
    UniversalAuthAnswer,
};
use crate::families::in_force::InForce;
use crate::openapi::describe::{Description, Tag};

/// What the document says of an endpoint.
pub fn description(endpoint: UniversalAuth) -> Description {
    let tag = Tag::UniversalAuth;
    let described = match endpoint {
        UniversalAuth::LoginWithUniversalAuth => Description::new::<LoginAnswer<'_>>(tag, "Log in for an access token").details("Consumes a use of the client secret, if its uses are limited. Wrong secrets from a trusted address lock logins for a while.")
            .takes::<LoginRequest>(),
        UniversalAuth::AttachUniversalAuth => Description::new::<UniversalAuthAnswer<'_>>(
            tag,
            "Configure Universal Auth on an identity",
        ).details("Makes the client id. A client secret is made on its own.")
        .takes::<AttachUniversalAuthRequest>(),
        UniversalAuth::UpdateUniversalAuth => Description::new::<UniversalAuthAnswer<'_>>(
            tag,
            "Change the Universal Auth of an identity",
        ).details("What is left out stays. New addresses hold at once, new lifetimes for new tokens and at renewal.")
        .takes::<UpdateUniversalAuthRequest>(),
        UniversalAuth::GetUniversalAuth => Description::new::<UniversalAuthAnswer<'_>>(
            tag,
            "Get the Universal Auth of an identity",
        ).details("With the client id. 404 when the identity has none."),
        UniversalAuth::DeleteUniversalAuth => Description::new::<InForce<UniversalAuthAnswer<'_>>>(
            tag,
            "Remove Universal Auth from an identity, and revoke its tokens",
        ).details("Its client secrets are gone with it, and attaching it again revives none."),
        UniversalAuth::CreateUniversalAuthClientSecret => Description::new::<CreatedClientSecretAnswer<'_>>(
            tag,
            "Create a client secret",
        )
        .details("The only answer that shows the secret.")
        .takes::<CreateClientSecretRequest>(),
        UniversalAuth::ListUniversalAuthClientSecrets => Description::new::<ClientSecretListAnswer<'_>>(
            tag,
            "List the client secrets of an identity",
        ).details("Revoked and expired ones are among them.")
        .asks::<ListClientSecretsQuery>(),
        UniversalAuth::GetUniversalAuthClientSecret => Description::new::<ClientSecretAnswer<'_>>(
            tag,
            "Get a client secret, without the secret itself",
        ).details("With how often it has been used."),
        UniversalAuth::RevokeUniversalAuthClientSecret => Description::new::<InForce<ClientSecretAnswer<'_>>>(
            tag,
            "Revoke a client secret, and the tokens of its logins",
        ).details("Nothing happens to one that is revoked already."),
        UniversalAuth::ClearUniversalAuthLockouts => Description::new::<ClearedLockoutsAnswer>(
            tag,
            "End the lockouts of an identity",
        ).details("`deleted` says how many there were."),
    };
    match endpoint {
        UniversalAuth::AttachUniversalAuth | UniversalAuth::CreateUniversalAuthClientSecret => described.at_most_once(),
        UniversalAuth::GetUniversalAuth | UniversalAuth::GetUniversalAuthClientSecret => described.tagged(),
        UniversalAuth::UpdateUniversalAuth | UniversalAuth::RevokeUniversalAuthClientSecret => {
            described.tagged().conditional()
        }
        UniversalAuth::DeleteUniversalAuth => described.conditional(),
        UniversalAuth::LoginWithUniversalAuth
        | UniversalAuth::ListUniversalAuthClientSecrets
        | UniversalAuth::ClearUniversalAuthLockouts => described,
    }
}
