//! What the Directory answers to the OAuth endpoints, on a real SQLite: who may be told about which token, who may
//! revoke which, and what a refusal leaves behind.

mod answers;
mod introspection;
mod revocation;

use serde_json::{Value, json};

use crate::credentials::{ClientCredentials, Presented};
use crate::oauth::call::{InquirerMessage, OAuthAction};
use crate::tests::world::{CLIENT, World};
use domain::token::client_secret::ClientSecret;
use domain::value::identifiers::ClientId;
use protocol::response::ApiResponse;

/// A client with one client secret.
struct Client {
    identity: String,
    id: String,
    secret: String,
    secret_id: String,
}

impl Client {
    /// A new identity with this role, Universal Auth and a client secret.
    fn new(world: &World, role: &str, configuration: &Value, secret: &Value) -> Self {
        let identity = world.identity("resource server", role);
        let path = format!("/api/v1/auth/universal-auth/identities/{identity}");
        let id = world.administer("POST", &path, configuration).text("/identityUniversalAuth/clientId");
        let made = world.administer("POST", &format!("{path}/client-secrets"), secret);
        let (secret, secret_id) = (made.text("/clientSecret"), made.text("/clientSecretData/id"));
        Self { identity, id, secret, secret_id }
    }

    /// One that may read every identity.
    fn reader(world: &World) -> Self {
        Self::new(world, "member", &json!({}), &json!({}))
    }

    fn credentials(&self) -> ClientCredentials {
        credentials(&self.id, &self.secret)
    }

    /// How often its secret has been used.
    fn uses(&self, world: &World) -> u64 {
        let path =
            format!("/api/v1/auth/universal-auth/identities/{}/client-secrets/{}", self.identity, self.secret_id);
        world.administer("GET", &path, &json!({})).body["clientSecretData"]["clientSecretNumUses"].as_u64().unwrap()
    }
}

fn credentials(id: &str, secret: &str) -> ClientCredentials {
    ClientCredentials::new(ClientId::parse(id).unwrap(), &ClientSecret::parse(secret).unwrap().presented())
}

/// A secret that nobody has.
fn guess() -> String {
    "0f".repeat(32)
}

fn ask_as(inquirer: InquirerMessage, token_id: Option<String>) -> OAuthAction {
    OAuthAction::AuthorizeIntrospection { inquirer, token_id }
}

fn ask(credentials: ClientCredentials, world: &World, token: &str) -> OAuthAction {
    ask_as(InquirerMessage::Client(credentials), Some(world.presented(token).id.to_string()))
}

fn revoke(client: Option<ClientCredentials>, world: &World, token: &str) -> OAuthAction {
    OAuthAction::Revoke { client_credentials: client, token: Some(Presented::from(&world.presented(token))) }
}

/// The status and, for an answer with a body, its `error` or the text of the whole.
fn outcome(response: &ApiResponse) -> (u16, String) {
    let error =
        serde_json::from_str::<Value>(&response.body).ok().and_then(|body| body["error"].as_str().map(str::to_owned));
    (response.status, error.unwrap_or_else(|| response.body.clone()))
}

/// Lets the Directory answer, and shows that nothing changed.
#[track_caller]
fn unchanged(world: &World, action: OAuthAction, from: &str) -> (u16, String) {
    let before = world.sql.dump();
    let response = world.oauth(action, from);
    assert_eq!(world.sql.dump(), before, "{response:?}");
    outcome(&response)
}
