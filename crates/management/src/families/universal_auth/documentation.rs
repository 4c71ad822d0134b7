//! What the document says of Universal Auth.

#![expect(dead_code, reason = "requests are described and never made")]

use schemars::JsonSchema;

use super::Operation;
use super::bodies;
use super::views::{
    ClearedLockoutsAnswer, ClientSecretAnswer, ClientSecretListAnswer, CreatedClientSecretAnswer, LoginAnswer,
    UniversalAuthAnswer,
};
use crate::inputs::{DEFAULT_TTL, MAXIMUM_PAGE};
use crate::openapi::describe::{Description, Tag, shown};
use crate::openapi::fields::TrustedIpText;
use crate::rules::MAXIMUM_DESCRIPTION_CHARACTERS;
use domain::network::trusted_ips::MAXIMUM_ENTRIES;
use domain::token::lifetime::{MAXIMUM_TTL, TtlCeiling};
use domain::token::lockout::{COUNTER_RESET_BOUNDS, DURATION_BOUNDS, LockoutPolicy, THRESHOLD_BOUNDS};
use domain::token::uses::MAXIMUM_USES_LIMIT;

/// What the document says of an operation.
pub fn description(operation: Operation) -> Description {
    use Operation as O;
    let tag = Tag::UniversalAuth;
    let described = match operation {
        O::Login => Description::new::<LoginAnswer<'_>>(tag, "loginWithUniversalAuth", "Log in for an access token").details("Consumes a use of the client secret, if its uses are limited. Wrong secrets from a trusted address lock logins for a while.")
            .takes::<LoginRequest>(|body| shown(bodies::credentials(body))),
        O::Attach => Description::new::<UniversalAuthAnswer<'_>>(
            tag,
            "attachUniversalAuth",
            "Configure Universal Auth on an identity",
        ).details("Makes the client id. A client secret is made on its own.")
        .takes::<AttachUniversalAuthRequest>(|body| shown(bodies::new_universal_auth(body, TtlCeiling::NONE))),
        O::Update => Description::new::<UniversalAuthAnswer<'_>>(
            tag,
            "updateUniversalAuth",
            "Change the Universal Auth of an identity",
        ).details("What is left out stays. New addresses hold at once, new lifetimes for new tokens and at renewal.")
        .takes::<UpdateUniversalAuthRequest>(|body| shown(bodies::universal_auth_changes(body, TtlCeiling::NONE))),
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
        .takes::<CreateClientSecretRequest>(|body| shown(bodies::new_client_secret(body))),
        O::ListClientSecrets => Description::new::<ClientSecretListAnswer<'_>>(
            tag,
            "listUniversalAuthClientSecrets",
            "List the client secrets of an identity",
        ).details("Revoked and expired ones are among them.")
        .asks::<ListClientSecretsQuery>(|query| shown(bodies::client_secret_list(query))),
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

/// Client credentials. A bearer is ignored.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
struct LoginRequest {
    client_id: String,
    client_secret: String,
}

/// A configuration of Universal Auth. The defaults of TTL and max TTL are no longer than the instance's maximum.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
struct AttachUniversalAuthRequest {
    /// Seconds after which a token expires unless it is renewed; 0 for no expiry. Not above a max TTL that is not 0.
    #[schemars(rename = "accessTokenTTL", range(max = MAXIMUM_TTL.get()), extend("default" = DEFAULT_TTL.get()))]
    ttl: Option<u64>,
    /// Seconds after its creation beyond which a token cannot be renewed; 0 for no such limit.
    #[schemars(rename = "accessTokenMaxTTL", range(max = MAXIMUM_TTL.get()), extend("default" = DEFAULT_TTL.get()))]
    max_ttl: Option<u64>,
    /// Seconds by which each renewal extends a periodic token; 0 for tokens that are not periodic.
    #[schemars(range(max = MAXIMUM_TTL.get()), extend("default" = 0))]
    access_token_period: Option<u64>,
    /// How often a token may be used; 0 for any number of times.
    #[schemars(range(max = MAXIMUM_USES_LIMIT), extend("default" = 0))]
    access_token_num_uses_limit: Option<u64>,
    /// From where a token may be used.
    #[schemars(length(min = 1, max = MAXIMUM_ENTRIES), extend("default" = [{ "ipAddress": "0.0.0.0/0" }, { "ipAddress": "::/0" }]))]
    access_token_trusted_ips: Option<Vec<TrustedIpText>>,
    /// From where one may log in.
    #[schemars(length(min = 1, max = MAXIMUM_ENTRIES), extend("default" = [{ "ipAddress": "0.0.0.0/0" }, { "ipAddress": "::/0" }]))]
    client_secret_trusted_ips: Option<Vec<TrustedIpText>>,
    /// Whether failed logins lock.
    #[schemars(extend("default" = LockoutPolicy::DEFAULT.is_enabled()))]
    lockout_enabled: Option<bool>,
    /// How many failed logins lock.
    #[schemars(range(min = *THRESHOLD_BOUNDS.start(), max = *THRESHOLD_BOUNDS.end()), extend("default" = LockoutPolicy::DEFAULT.threshold()))]
    lockout_threshold: Option<u64>,
    /// How long a lock lasts.
    #[schemars(range(min = *DURATION_BOUNDS.start(), max = *DURATION_BOUNDS.end()), extend("default" = LockoutPolicy::DEFAULT.duration().get()))]
    lockout_duration_seconds: Option<u64>,
    /// How long a failed login is remembered.
    #[schemars(range(min = *COUNTER_RESET_BOUNDS.start(), max = *COUNTER_RESET_BOUNDS.end()), extend("default" = LockoutPolicy::DEFAULT.counter_reset().get()))]
    lockout_counter_reset_seconds: Option<u64>,
}

/// What to change of a configuration; the rest stays.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
struct UpdateUniversalAuthRequest {
    /// Seconds after which a token expires unless it is renewed; 0 for no expiry. Not above a max TTL that is not 0.
    #[schemars(rename = "accessTokenTTL", range(max = MAXIMUM_TTL.get()))]
    ttl: Option<u64>,
    /// Seconds after its creation beyond which a token cannot be renewed; 0 for no such limit.
    #[schemars(rename = "accessTokenMaxTTL", range(max = MAXIMUM_TTL.get()))]
    max_ttl: Option<u64>,
    /// Seconds by which each renewal extends a periodic token; 0 for tokens that are not periodic.
    #[schemars(range(max = MAXIMUM_TTL.get()))]
    access_token_period: Option<u64>,
    /// How often a token may be used; 0 for any number of times.
    #[schemars(range(max = MAXIMUM_USES_LIMIT))]
    access_token_num_uses_limit: Option<u64>,
    /// From where a token may be used.
    #[schemars(length(min = 1, max = MAXIMUM_ENTRIES))]
    access_token_trusted_ips: Option<Vec<TrustedIpText>>,
    /// From where one may log in.
    #[schemars(length(min = 1, max = MAXIMUM_ENTRIES))]
    client_secret_trusted_ips: Option<Vec<TrustedIpText>>,
    /// Whether failed logins lock.
    lockout_enabled: Option<bool>,
    /// How many failed logins lock.
    #[schemars(range(min = *THRESHOLD_BOUNDS.start(), max = *THRESHOLD_BOUNDS.end()))]
    lockout_threshold: Option<u64>,
    /// How long a lock lasts.
    #[schemars(range(min = *DURATION_BOUNDS.start(), max = *DURATION_BOUNDS.end()))]
    lockout_duration_seconds: Option<u64>,
    /// How long a failed login is remembered.
    #[schemars(range(min = *COUNTER_RESET_BOUNDS.start(), max = *COUNTER_RESET_BOUNDS.end()))]
    lockout_counter_reset_seconds: Option<u64>,
}

/// A client secret to create.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
struct CreateClientSecretRequest {
    /// Any text. White space around it is dropped.
    #[schemars(length(max = MAXIMUM_DESCRIPTION_CHARACTERS), extend("default" = ""))]
    description: Option<String>,
    /// How many logins it is good for; 0 for any number.
    #[schemars(range(max = MAXIMUM_USES_LIMIT), extend("default" = 0))]
    num_uses_limit: Option<u64>,
    /// Seconds after which it expires; 0 for never.
    #[schemars(range(max = MAXIMUM_TTL.get()), extend("default" = 0))]
    ttl: Option<u64>,
}

/// Which client secrets to list.
#[derive(JsonSchema)]
struct ListClientSecretsQuery {
    /// How many to skip.
    #[schemars(range(max = u32::MAX), extend("default" = 0))]
    offset: Option<u64>,
    /// How many to return at most.
    #[schemars(range(min = 1, max = MAXIMUM_PAGE), extend("default" = MAXIMUM_PAGE))]
    limit: Option<u64>,
}
