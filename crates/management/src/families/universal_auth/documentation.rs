//! What the document says of Universal Auth.

use super::Operation;
use super::bodies::{
    AttachUniversalAuthRequest, CreateClientSecretRequest, ListClientSecretsQuery, LoginRequest,
    UpdateUniversalAuthRequest,
};
use super::views::{
    ClearedLockoutsAnswer, ClientSecretAnswer, ClientSecretListAnswer, CreatedClientSecretAnswer, LoginAnswer,
    UniversalAuthAnswer,
};
use crate::openapi::describe::{Description, Tag};

/// What the document says of an operation.
pub fn description(operation: Operation) -> Description {
    use Operation as O;
    let tag = Tag::UniversalAuth;
    let described = match operation {
        O::Login => Description::new::<LoginAnswer<'_>>(tag, "loginWithUniversalAuth", "Log in for an access token").details("Consumes a use of the client secret, if its uses are limited. Wrong secrets from a trusted address lock logins for a while.")
            .takes::<LoginRequest>(),
        O::Attach => Description::new::<UniversalAuthAnswer<'_>>(
            tag,
            "attachUniversalAuth",
            "Configure Universal Auth on an identity",
        ).details("Makes the client id. A client secret is made on its own.")
        .takes::<AttachUniversalAuthRequest>(),
        O::Update => Description::new::<UniversalAuthAnswer<'_>>(
            tag,
            "updateUniversalAuth",
            "Change the Universal Auth of an identity",
        ).details("What is left out stays. New addresses hold at once, new lifetimes for new tokens and at renewal.")
        .takes::<UpdateUniversalAuthRequest>(),
        O::Get => Description::new::<UniversalAuthAnswer<'_>>(
            tag,
            "getUniversalAuth",
            "Get the Universal Auth of an identity",
        ).details("With the client id. 404 when the identity has none."),
        O::Delete => Description::new::<UniversalAuthAnswer<'_>>(
            tag,
            "deleteUniversalAuth",
            "Remove Universal Auth from an identity, and revoke its tokens",
        ).details("Its client secrets are gone with it, and attaching it again revives none."),
        O::CreateClientSecret => Description::new::<CreatedClientSecretAnswer<'_>>(
            tag,
            "createUniversalAuthClientSecret",
            "Create a client secret",
        )
        .details("The only answer that shows the secret.")
        .takes::<CreateClientSecretRequest>(),
        O::ListClientSecrets => Description::new::<ClientSecretListAnswer<'_>>(
            tag,
            "listUniversalAuthClientSecrets",
            "List the client secrets of an identity",
        ).details("Revoked and expired ones are among them.")
        .asks::<ListClientSecretsQuery>(),
        O::GetClientSecret => Description::new::<ClientSecretAnswer<'_>>(
            tag,
            "getUniversalAuthClientSecret",
            "Get a client secret, without the secret itself",
        ).details("With how often it has been used."),
        O::RevokeClientSecret => Description::new::<ClientSecretAnswer<'_>>(
            tag,
            "revokeUniversalAuthClientSecret",
            "Revoke a client secret, and the tokens of its logins",
        ).details("Nothing happens to one that is revoked already."),
        O::ClearLockouts => Description::new::<ClearedLockoutsAnswer>(
            tag,
            "clearUniversalAuthLockouts",
            "End the lockouts of an identity",
        ).details("`deleted` says how many there were."),
    };
    match operation {
        O::Attach | O::CreateClientSecret => described.at_most_once(),
        O::Get | O::GetClientSecret => described.tagged(),
        O::Update | O::RevokeClientSecret => described.tagged().conditional(),
        O::Delete => described.conditional(),
        O::Login | O::ListClientSecrets | O::ClearLockouts => described,
    }
}
