//! What the operations on access tokens answer.
//!
//! **Invariant**: these shapes are frozen by the `*_unchanged` tests in `tests`.

use serde::Serialize;

use crate::preconditions::{EntityTag, Tagged};
use directory::renewal::Renewed;
use directory::tokens::{CreatedToken, StoredToken};
use domain::token::universal_auth_configuration::Period;
use domain::value::timestamp::{Seconds, Timestamp};
use protocol::iso_8601::iso_8601;

/// What a periodic token is said to have as max TTL: so long that clients which know nothing of periods always renew
/// it.
pub const MAX_TTL_OF_PERIODIC_TOKENS: u64 = 1_000_000_000;

/// The max TTL that an answer shows: a periodic token has none but the ceiling.
pub(crate) const fn shown_max_ttl(max_ttl: Seconds, is_periodic: bool) -> u64 {
    match max_ttl.get() {
        0 if is_periodic => MAX_TTL_OF_PERIODIC_TOKENS,
        max_ttl => max_ttl,
    }
}

/// The answer of operations that only report success.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
pub struct MessageAnswer {
    message: &'static str,
}

impl MessageAnswer {
    /// A token has been revoked.
    pub const REVOKED: Self = Self { message: "Successfully revoked access token" };
}

/// `createTokenAuthToken`: the one answer with the token's plaintext.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct CreatedTokenAnswer<'a> {
    access_token: &'a str,
    expires_in: u64,
    #[serde(rename = "accessTokenMaxTTL")]
    max_ttl: u64,
    token_type: &'static str,
    token_data: TokenView<'a>,
}

impl<'a> From<&'a CreatedToken> for CreatedTokenAnswer<'a> {
    fn from(created: &'a CreatedToken) -> Self {
        Self {
            access_token: created.plaintext.expose(),
            // DIFFERENCE: Infisical says what is configured, and the token dies earlier under the ceiling.
            expires_in: created.token.expires_in().get(),
            max_ttl: created.token.max_ttl.get(),
            token_type: "Bearer",
            token_data: TokenView::from(&created.token),
        }
    }
}

/// `renewAccessToken`: the same token, with a later expiry.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct RenewedTokenAnswer<'a> {
    access_token: &'a str,
    expires_in: u64,
    #[serde(rename = "accessTokenMaxTTL")]
    max_ttl: u64,
    token_type: &'static str,
}

/// What the Directory says of a renewal. It never sees the plaintext; the Worker adds it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RenewalReport {
    expires_in: u64,
    max_ttl: u64,
}

impl RenewalReport {
    /// Seconds left at `now`; 0 for a token that never expires.
    pub fn new(renewed: &Renewed, now: Timestamp) -> Self {
        let expires_in = renewed.expires.map_or(0, |expires| expires.seconds_since(now).get());
        Self { expires_in, max_ttl: shown_max_ttl(renewed.max_ttl, renewed.is_periodic) }
    }

    /// The answer for the holder, with the plaintext that the holder sent.
    pub const fn answer(self, access_token: &str) -> RenewedTokenAnswer<'_> {
        RenewedTokenAnswer { access_token, expires_in: self.expires_in, max_ttl: self.max_ttl, token_type: "Bearer" }
    }
}

/// `getTokenAuthToken` and `updateTokenAuthToken`.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
pub struct TokenAnswer<'a> {
    token: TokenView<'a>,
}

impl<'a> From<&'a StoredToken> for TokenAnswer<'a> {
    fn from(token: &'a StoredToken) -> Self {
        Self { token: TokenView::from(token) }
    }
}

/// `getTokenAuthTokens`.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
pub struct TokenListAnswer<'a> {
    tokens: Vec<TokenView<'a>>,
}

impl<'a> From<&'a [StoredToken]> for TokenListAnswer<'a> {
    fn from(tokens: &'a [StoredToken]) -> Self {
        Self { tokens: tokens.iter().map(TokenView::from).collect() }
    }
}

#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema), schemars(rename = "AccessToken"))]
struct TokenView<'a> {
    id: String,
    #[serde(rename = "accessTokenTTL")]
    ttl: u64,
    #[serde(rename = "accessTokenMaxTTL")]
    max_ttl: u64,
    #[serde(rename = "accessTokenNumUses")]
    uses: u64,
    #[serde(rename = "accessTokenNumUsesLimit")]
    uses_limit: u64,
    #[serde(rename = "accessTokenLastUsedAt")]
    last_used_at: Option<String>,
    #[serde(rename = "accessTokenLastRenewedAt")]
    last_renewed_at: Option<String>,
    #[serde(rename = "isAccessTokenRevoked")]
    is_revoked: bool,
    #[serde(rename = "identityUAClientSecretId")]
    client_secret_id: Option<String>,
    #[serde(rename = "identityId")]
    identity_id: String,
    #[serde(rename = "createdAt")]
    created_at: String,
    #[serde(rename = "updatedAt")]
    updated_at: String,
    name: Option<&'a str>,
    #[serde(rename = "authMethod")]
    auth_method: &'static str,
    #[serde(rename = "accessTokenPeriod")]
    period: u64,
    #[serde(rename = "subOrganizationId")]
    sub_organization_id: Option<&'static str>,
}

impl<'a> From<&'a StoredToken> for TokenView<'a> {
    fn from(token: &'a StoredToken) -> Self {
        Self {
            id: token.id.to_string(),
            ttl: token.ttl.get(),
            max_ttl: token.max_ttl.get(),
            uses: token.uses,
            uses_limit: token.uses_limit.to_wire(),
            last_used_at: token.last_used.map(iso_8601),
            last_renewed_at: token.last_renewed.map(iso_8601),
            is_revoked: token.revoked.is_some(),
            client_secret_id: token.client_secret.map(|secret| secret.to_string()),
            identity_id: token.identity.to_string(),
            created_at: iso_8601(token.created),
            updated_at: iso_8601(token.updated),
            name: token.name.as_deref(),
            auth_method: token.auth_method.name(),
            period: Period::to_wire(token.period).get(),
            sub_organization_id: None,
        }
    }
}

impl Tagged for StoredToken {
    fn tag(&self) -> EntityTag {
        EntityTag::over(&TokenAnswer::from(&Self { uses: 0, last_used: None, ..self.clone() }))
    }
}
