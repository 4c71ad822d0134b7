//! What each operation answers: field names, order and nulls as the clients know them.
//!
//! **Invariant**: these shapes are frozen by the `*_unchanged` tests in `tests`. No domain type is ever serialized.

use serde::Serialize;

use crate::families::token_auth::views::TrustedIpView;
use crate::families::tokens::views::shown_max_ttl;
use crate::preconditions::{EntityTag, Tagged};
use directory::universal_auth::AttachedUniversalAuth;
use directory::universal_auth::client_secrets::{CreatedClientSecret, StoredClientSecret};
use directory::universal_auth::login::Login;
use domain::token::universal_auth_configuration::Period;
use protocol::iso_8601::iso_8601;

/// `attachUniversalAuth`, `updateUniversalAuth`, `getUniversalAuth` and `deleteUniversalAuth`.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct UniversalAuthAnswer<'a> {
    identity_universal_auth: UniversalAuthView<'a>,
}

#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema), schemars(rename = "UniversalAuth"))]
#[serde(rename_all = "camelCase")]
struct UniversalAuthView<'a> {
    id: String,
    client_id: String,
    #[serde(rename = "accessTokenTTL")]
    access_token_ttl: u64,
    #[serde(rename = "accessTokenMaxTTL")]
    access_token_max_ttl: u64,
    access_token_num_uses_limit: u64,
    client_secret_trusted_ips: Vec<TrustedIpView<'a>>,
    access_token_trusted_ips: Vec<TrustedIpView<'a>>,
    created_at: String,
    updated_at: String,
    identity_id: String,
    access_token_period: u64,
    lockout_enabled: bool,
    lockout_threshold: u64,
    lockout_duration_seconds: u64,
    lockout_counter_reset_seconds: u64,
}

impl<'a> From<&'a AttachedUniversalAuth> for UniversalAuthAnswer<'a> {
    fn from(attached: &'a AttachedUniversalAuth) -> Self {
        let configuration = &attached.configuration;
        let lockout = configuration.lockout;
        Self {
            identity_universal_auth: UniversalAuthView {
                id: attached.id.to_string(),
                client_id: attached.client_id.to_string(),
                access_token_ttl: configuration.lifetime.ttl_to_wire().get(),
                access_token_max_ttl: configuration.lifetime.max_ttl_to_wire().get(),
                access_token_num_uses_limit: configuration.uses_limit.to_wire(),
                client_secret_trusted_ips: configuration
                    .client_secret_trusted_ips
                    .entries()
                    .iter()
                    .map(TrustedIpView::from)
                    .collect(),
                access_token_trusted_ips: configuration.trusted_ips.entries().iter().map(TrustedIpView::from).collect(),
                created_at: iso_8601(attached.created),
                updated_at: iso_8601(attached.updated),
                identity_id: attached.identity.to_string(),
                access_token_period: Period::to_wire(configuration.period).get(),
                lockout_enabled: lockout.is_enabled(),
                lockout_threshold: lockout.threshold(),
                lockout_duration_seconds: lockout.duration().get(),
                lockout_counter_reset_seconds: lockout.counter_reset().get(),
            },
        }
    }
}

/// `createUniversalAuthClientSecret`: the one answer with the secret's plaintext.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct CreatedClientSecretAnswer<'a> {
    client_secret: &'a str,
    client_secret_data: ClientSecretView<'a>,
}

impl<'a> From<&'a CreatedClientSecret> for CreatedClientSecretAnswer<'a> {
    fn from(created: &'a CreatedClientSecret) -> Self {
        Self { client_secret: created.plaintext.expose(), client_secret_data: ClientSecretView::from(&created.secret) }
    }
}

/// `getUniversalAuthClientSecret` and `revokeUniversalAuthClientSecret`.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ClientSecretAnswer<'a> {
    client_secret_data: ClientSecretView<'a>,
}

impl<'a> From<&'a StoredClientSecret> for ClientSecretAnswer<'a> {
    fn from(secret: &'a StoredClientSecret) -> Self {
        Self { client_secret_data: ClientSecretView::from(secret) }
    }
}

/// `listUniversalAuthClientSecrets`.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ClientSecretListAnswer<'a> {
    client_secret_data: Vec<ClientSecretView<'a>>,
}

impl<'a> From<&'a [StoredClientSecret]> for ClientSecretListAnswer<'a> {
    fn from(secrets: &'a [StoredClientSecret]) -> Self {
        Self { client_secret_data: secrets.iter().map(ClientSecretView::from).collect() }
    }
}

#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema), schemars(rename = "ClientSecret"))]
#[serde(rename_all = "camelCase")]
struct ClientSecretView<'a> {
    id: String,
    created_at: String,
    updated_at: String,
    description: &'a str,
    client_secret_prefix: &'a str,
    client_secret_num_uses: u64,
    client_secret_num_uses_limit: u64,
    #[serde(rename = "clientSecretTTL")]
    client_secret_ttl: u64,
    #[serde(rename = "identityUAId")]
    configuration_id: String,
    is_client_secret_revoked: bool,
}

impl<'a> From<&'a StoredClientSecret> for ClientSecretView<'a> {
    fn from(secret: &'a StoredClientSecret) -> Self {
        Self {
            id: secret.id.to_string(),
            created_at: iso_8601(secret.created),
            updated_at: iso_8601(secret.updated),
            description: &secret.description,
            client_secret_prefix: secret.prefix.as_str(),
            client_secret_num_uses: secret.uses,
            client_secret_num_uses_limit: secret.uses_limit.to_wire(),
            client_secret_ttl: secret.ttl.get(),
            configuration_id: secret.configuration.to_string(),
            is_client_secret_revoked: secret.revoked.is_some(),
        }
    }
}

/// `clearUniversalAuthLockouts`.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
pub struct ClearedLockoutsAnswer {
    deleted: u64,
}

impl ClearedLockoutsAnswer {
    /// So many were cleared.
    pub const fn new(deleted: u64) -> Self {
        Self { deleted }
    }
}

/// `loginWithUniversalAuth`: the one answer with the token's plaintext.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct LoginAnswer<'a> {
    access_token: &'a str,
    expires_in: u64,
    #[serde(rename = "accessTokenMaxTTL")]
    max_ttl: u64,
    token_type: &'static str,
}

impl<'a> From<&'a Login> for LoginAnswer<'a> {
    fn from(login: &'a Login) -> Self {
        let is_periodic = login.token.period.is_some();
        Self {
            access_token: login.plaintext.expose(),
            expires_in: login.token.expires_in().get(),
            max_ttl: shown_max_ttl(login.token.max_ttl, is_periodic),
            token_type: "Bearer",
        }
    }
}

impl Tagged for AttachedUniversalAuth {
    fn tag(&self) -> EntityTag {
        EntityTag::over(&UniversalAuthAnswer::from(self))
    }
}

impl Tagged for StoredClientSecret {
    // Each login counts a use and moves the time of change.
    fn tag(&self) -> EntityTag {
        let mut shown = self.clone();
        (shown.uses, shown.updated) = (0, self.created);
        EntityTag::over(&ClientSecretAnswer::from(&shown))
    }
}
