//! Introspection (RFC 7662): the question of a resource server, and what it reads.
//!
//! * **Inactive is exactly `{"active":false}`**, whatever the reason, also for a token that the caller may not know about.
//! * **There is no `exp`.** Caches keep a positive answer until then (mod_auth_openidc does by default), so a revocation
//!   would not reach through them within its bound, nor would the uses of a counted token be counted. `exp` is optional
//!   (RFC 7662 §2.2); `expiresAt` says the same to people.
//! * **The address of the request is the resource server's**, so trusted IPs are compared with the parameter `client_ip`,
//!   and without it a token that is bound to addresses is inactive. Which address that is, the resource server knows alone.
//! * **No use is consumed** unless `consume=true` asks for it; then exactly one, after every other check.

use std::net::IpAddr;

use serde::Serialize;

use crate::oauth::error::OAuthError;
use crate::oauth::form::Form;
use domain::network::client_address::client_address;
use domain::token::access_token::{AccessToken, PresentedToken};
use domain::token::refusal::Refusal;
use domain::token::secret::KeyRing;
use domain::value::identifiers::ClientId;
use domain::value::timestamp::Timestamp;
use protocol::bearer_project::BearerProject;
use protocol::iso_8601::iso_8601;
use protocol::issuer::Issuer;
use protocol::response::ApiResponse;
use validation::pipeline::Admitted;

/// The methods of the endpoint.
pub const METHODS: &str = "POST";

/// What a resource server asks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IntrospectionRequest {
    /// The token, or why it is none of ours.
    pub token: Result<PresentedToken, Refusal>,
    /// The address of the resource server's own client.
    pub client: Option<IpAddr>,
    /// Whether a use is to be consumed.
    pub consume: bool,
}

impl IntrospectionRequest {
    /// Reads the question. `token_type_hint` is ignored (RFC 7662 §2.1): there is one type.
    ///
    /// # Errors
    /// [`OAuthError::Missing`], [`OAuthError::Invalid`].
    pub fn read(form: &Form, keys: &KeyRing) -> Result<Self, OAuthError> {
        let token = AccessToken::parse(form.require("token")?, keys);
        let client = match form.get("client_ip") {
            None => None,
            Some(text) => Some(
                client_address(Some(text), None)
                    .ok_or(OAuthError::Invalid { parameter: "client_ip", expected: "an IPv4 or IPv6 address" })?,
            ),
        };
        let consume = match form.get("consume") {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => return Err(OAuthError::Invalid { parameter: "consume", expected: "true or false" }),
        };
        Ok(Self { token: token.map(|token| token.presented()).map_err(Refusal::from), client, consume })
    }
}

/// What is said of a token that is not active.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema), schemars(rename = "InactiveToken"))]
pub(super) struct Inactive {
    active: bool,
}

/// The answer about a token that is not active, for whatever reason (RFC 7662 §2.2).
pub fn inactive_response(request_id: &str) -> ApiResponse {
    answer(request_id, &Inactive { active: false })
}

/// What an answer says about an active token, besides who it belongs to.
#[derive(Clone, Copy, Debug)]
pub struct Activity<'a> {
    /// The client that obtained it, if it was obtained by a login.
    pub client: Option<ClientId>,
    /// How many uses are left; `None` without a limit.
    pub uses_remaining: Option<u64>,
    /// Who answers.
    pub issuer: &'a Issuer,
}

/// What is said of an active token.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema), schemars(rename = "ActiveToken"))]
pub(super) struct Active<'a> {
    active: bool,
    token_type: &'static str,
    iss: String,
    sub: String,
    username: &'a str,
    jti: String,
    /// Seconds since the epoch.
    iat: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    #[serde(rename = "tokenName")]
    token_name: Option<&'a str>,
    #[serde(rename = "organizationId")]
    organization_id: String,
    role: &'a str,
    #[serde(rename = "authMethod")]
    auth_method: &'static str,
    #[serde(rename = "expiresAt")]
    expires_at: Option<String>,
    #[serde(rename = "usesRemaining")]
    uses_remaining: Option<u64>,
    projects: Vec<BearerProject<'a>>,
}

/// The answer about an active token.
pub fn active_response(
    Admitted { token, identity }: &Admitted,
    activity: Activity<'_>,
    now: Timestamp,
    request_id: &str,
) -> ApiResponse {
    let body = Active {
        active: true,
        token_type: "Bearer",
        iss: activity.issuer.to_string(),
        sub: identity.id.to_string(),
        username: &identity.name,
        jti: token.id.to_string(),
        iat: token.created.milliseconds().div_euclid(1000),
        client_id: activity.client.map(|client| client.to_string()),
        token_name: token.name.as_deref(),
        organization_id: identity.organization.to_string(),
        role: identity.role.as_str(),
        auth_method: token.auth_method.name(),
        expires_at: token.expires.map(iso_8601),
        uses_remaining: activity.uses_remaining,
        projects: BearerProject::shown_of(identity, now),
    };
    answer(request_id, &body)
}

fn answer(request_id: &str, body: &impl Serialize) -> ApiResponse {
    ApiResponse::json(200, request_id, body).with("pragma", "no-cache")
}
