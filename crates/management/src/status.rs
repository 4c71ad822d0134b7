//! `GET /api/status` and `GET /healthz`: may traffic be sent here?

use serde::Serialize;

use crate::endpoint::endpoints;
use domain::value::timestamp::Timestamp;
use protocol::iso_8601::iso_8601;
use protocol::response::ApiResponse;
use protocol::settings::Settings;

endpoints! {
    /// The endpoints.
    Status {
        GetStatus [GET "/api/status", GET "/healthz"];
    }
}

#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct StatusAnswer {
    date: String,
    message: &'static str,
    email_configured: bool,
    invite_only_signup: bool,
    redis_configured: bool,
    secret_scanning_configured: bool,
    #[serde(rename = "maxIdentityAccessTokenTTL")]
    max_identity_access_token_ttl: u64,
    max_staleness_seconds: u64,
    degraded: Vec<&'static str>,
}

/// What is known of the parts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Health {
    /// Whether the authority answers.
    pub authority: bool,
    /// How many keys of the replica could not be written so far.
    pub failing_puts: u64,
}

/// 200 when every part answers or only the replica is behind; 503 when the authority does not answer.
pub fn response(settings: &Settings, health: Health, now: Timestamp, request_id: &str) -> ApiResponse {
    let mut degraded = Vec::new();
    if !health.authority {
        degraded.push("authority");
    }
    if health.failing_puts > 0 {
        degraded.push("replica");
    }
    let body = StatusAnswer {
        date: iso_8601(now),
        message: if health.authority { "Ok" } else { "The authority does not answer" },
        email_configured: false,
        invite_only_signup: true,
        redis_configured: false,
        secret_scanning_configured: false,
        max_identity_access_token_ttl: settings.ttl_ceiling.longest().get(),
        max_staleness_seconds: settings.max_staleness.get(),
        degraded,
    };
    let response = ApiResponse::json(if health.authority { 200 } else { 503 }, request_id, &body);
    if health.authority { response } else { response.with("retry-after", "1") }
}
