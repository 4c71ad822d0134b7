//! Universal Auth from the outside: a call goes in, a response comes out, and a real SQLite stands behind it.
//!
//! Every refusal here also proves that nothing changed, unless the refusal is one that leaves something behind.

mod client_secrets;
mod configuration;
mod effects;
mod logins;
mod permissions;

use serde_json::{Value, json};

use crate::tests::world::{CLIENT, Reply, START, World, text};
use directory::evidence;
use directory::sql::Sql;
use domain::token::decision;
use domain::token::refusal::Refusal;

/// An address from which nothing comes unless a test says so.
const STRANGER: &str = "198.51.100.1";
const LOGIN: &str = "/api/v1/auth/universal-auth/login";

/// What an identity logs in with.
#[derive(Clone, Debug)]
struct LoginCredentials {
    identity: String,
    client: String,
    secret: String,
    secret_id: String,
}

impl LoginCredentials {
    fn with_secret(&self, secret: &str) -> Self {
        Self { secret: secret.to_owned(), ..self.clone() }
    }

    fn log_in(&self, world: &World) -> Reply {
        let body = json!({ "clientId": self.client, "clientSecret": self.secret });
        world.log_in_with(LOGIN, "application/json", &body.to_string())
    }

    /// A login that succeeds; returns the token.
    #[track_caller]
    fn token(&self, world: &World) -> String {
        text(&self.log_in(world).ok()["accessToken"])
    }
}

impl World {
    /// Makes an identity with Universal Auth.
    fn attached(&self, configuration: Value) -> (String, Value) {
        let identity = self.identity("build", "no-access");
        let attached = self.send(&self.admin, "POST", &path(&identity), &configuration).ok();
        (identity, attached["identityUniversalAuth"].clone())
    }

    fn client_secret(&self, identity: &str, body: Value) -> Value {
        self.send(&self.admin, "POST", &secrets_path(identity), &body).ok()
    }

    /// Makes an identity with Universal Auth and a client secret.
    fn credentials(&self, configuration: Value, secret: Value) -> LoginCredentials {
        let (identity, attached) = self.attached(configuration);
        self.another_secret(&identity, &text(&attached["clientId"]), secret)
    }

    fn another_secret(&self, identity: &str, client: &str, secret: Value) -> LoginCredentials {
        let made = self.client_secret(identity, secret);
        LoginCredentials {
            identity: identity.to_owned(),
            client: client.to_owned(),
            secret: text(&made["clientSecret"]),
            secret_id: text(&made["clientSecretData"]["id"]),
        }
    }

    /// The client secret, as an administrator sees it.
    fn stored_secret(&self, credentials: &LoginCredentials) -> Value {
        self.send(&self.admin, "GET", &secret_path(&credentials.identity, &credentials.secret_id), &json!({})).ok()
            ["clientSecretData"]
            .clone()
    }

    fn revoke_secret(&self, credentials: &LoginCredentials) -> Reply {
        let path = format!("{}/revoke", secret_path(&credentials.identity, &credentials.secret_id));
        self.send(&self.admin, "POST", &path, &json!({}))
    }

    /// What the data plane decides about a token on the newest evidence.
    fn decide(&self, plaintext: &str) -> Result<(), Refusal> {
        let presented = self.parse(plaintext).presented();
        let token = evidence::token(&self.sql, presented.id).unwrap();
        let live = decision::check_token(&presented, token.as_ref(), self.now())?;
        let identity = evidence::identity(&self.sql, token.as_ref().unwrap().identity, self.now()).unwrap();
        decision::check_identity(live, identity.as_ref())?.check_client(self.client()).map(|_| ())
    }

    /// Actor, action and target of the last row of the audit log.
    fn last_audit(&self) -> (String, String, String) {
        let rows = self
            .sql
            .execute("SELECT actor, action, target FROM audit_log ORDER BY sequence DESC LIMIT 1", &[])
            .unwrap();
        let mut row = rows.into_iter().next().unwrap();
        (row.read::<String>().unwrap(), row.read::<String>().unwrap(), row.read::<String>().unwrap())
    }

    /// The keys of the change feed after a number.
    fn head(&self) -> u64 {
        directory::change_feed::head(&self.sql).unwrap().1
    }

    fn changes_since(&self, sequence: u64) -> Vec<String> {
        let changes = directory::change_feed::changes_since(&self.sql, sequence).unwrap();
        changes.required.into_iter().map(|(key, _)| key.to_string()).collect()
    }
}

fn path(identity: &str) -> String {
    format!("/api/v1/auth/universal-auth/identities/{identity}")
}

fn secrets_path(identity: &str) -> String {
    format!("{}/client-secrets", path(identity))
}

fn secret_path(identity: &str, secret: &str) -> String {
    format!("{}/{secret}", secrets_path(identity))
}

const INVALID: &str = "Invalid credentials";
const LOCKED: &str = "This identity auth method is temporarily locked, please try again later";
const EXHAUSTED: &str = "Access denied due to client secret usage limit reached";
const EXPIRED: &str = "Access denied due to expired client secret";
const FOREIGN: &str = "You are not allowed to access this resource from the current IP address";
