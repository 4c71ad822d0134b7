//! What each operation takes: defaults, bounds and cross-field rules as the clients know them.

use std::ops::RangeInclusive;

use serde_json::Value;

use crate::error::ManagementError;
use crate::input::{Fields, Issue};
use crate::inputs::{
    ACCESS_TOKEN_TRUSTED_IPS, DEFAULT_TTL, MAXIMUM_PAGE, Page, read_lifetime, read_page, read_trusted_ips, read_ttl,
    read_uses_limit,
};
use crate::rules::MAXIMUM_DESCRIPTION_CHARACTERS;
use directory::universal_auth::client_secrets::NewClientSecret;
use directory::universal_auth::{NewUniversalAuth, UniversalAuthChanges};
use domain::token::lifetime::{MAXIMUM_TTL, TtlCeiling};
use domain::token::lockout::{COUNTER_RESET_BOUNDS, DURATION_BOUNDS, LockoutPolicy, THRESHOLD_BOUNDS};
use domain::token::universal_auth_configuration::Period;
use domain::token::uses::{MAXIMUM_USES_LIMIT, UsesLimit};
use domain::value::timestamp::Seconds;

/// The field with the trusted IPs of logins.
const CLIENT_SECRET_TRUSTED_IPS: &str = "clientSecretTrustedIps";

/// The client id and the client secret of a login, as they were sent.
///
/// # Errors
/// [`ManagementError::Invalid`]; so do all functions below.
pub fn credentials(body: &Value) -> Result<(&str, &str), ManagementError> {
    let mut fields = Fields::new(body);
    let client = fields.string("clientId").map(str::trim);
    let secret = fields.string("clientSecret").map(str::trim);
    fields.finish(client.zip(secret))
}

/// A configuration to attach, with defaults for what is left out.
///
/// DIFFERENCE: Infisical refuses a TTL with max TTL 0 here, although 0 is "no limit".
pub fn new_universal_auth(body: &Value, ceiling: TtlCeiling) -> Result<NewUniversalAuth, ManagementError> {
    let mut fields = Fields::new(body);
    let default = DEFAULT_TTL.min(ceiling.longest());
    let ttl = read_ttl(&mut fields, "accessTokenTTL", ceiling).unwrap_or(default);
    let max_ttl = read_ttl(&mut fields, "accessTokenMaxTTL", ceiling).unwrap_or(default);
    let lifetime = read_lifetime(&mut fields, ttl, max_ttl);
    let period = read_ttl(&mut fields, "accessTokenPeriod", ceiling).unwrap_or_default();
    let period = Period::from_wire(period, ceiling).ok();
    let uses_limit = read_uses_limit(&mut fields).unwrap_or(UsesLimit::UNLIMITED);
    let lockout = read_lockout(&mut fields);
    let trusted_ips = read_trusted_ips(&mut fields, ACCESS_TOKEN_TRUSTED_IPS);
    let client_secret_trusted_ips = read_trusted_ips(&mut fields, CLIENT_SECRET_TRUSTED_IPS);
    let default = LockoutPolicy::DEFAULT;
    let lockout = LockoutPolicy::new(
        lockout.enabled.unwrap_or(default.is_enabled()),
        lockout.threshold.unwrap_or(default.threshold()),
        lockout.duration.unwrap_or(default.duration()),
        lockout.counter_reset.unwrap_or(default.counter_reset()),
    )
    .ok();
    let ((lifetime, period), lockout) = fields.finish(lifetime.zip(period).zip(lockout))?;
    Ok(NewUniversalAuth { lifetime, period, uses_limit, trusted_ips, client_secret_trusted_ips, lockout })
}

/// What to change of a configuration.
pub fn universal_auth_changes(body: &Value, ceiling: TtlCeiling) -> Result<UniversalAuthChanges, ManagementError> {
    let mut fields = Fields::new(body);
    let ttl = read_ttl(&mut fields, "accessTokenTTL", ceiling);
    let max_ttl = read_ttl(&mut fields, "accessTokenMaxTTL", ceiling);
    if let (Some(ttl), Some(max_ttl)) = (ttl, max_ttl) {
        read_lifetime(&mut fields, ttl, max_ttl);
    }
    let period = read_ttl(&mut fields, "accessTokenPeriod", ceiling);
    let uses_limit = read_uses_limit(&mut fields);
    let lockout = read_lockout(&mut fields);
    let trusted_ips = read_trusted_ips(&mut fields, ACCESS_TOKEN_TRUSTED_IPS);
    let client_secret_trusted_ips = read_trusted_ips(&mut fields, CLIENT_SECRET_TRUSTED_IPS);
    fields.finish(Some(UniversalAuthChanges {
        ttl,
        max_ttl,
        period,
        uses_limit,
        client_secret_trusted_ips,
        trusted_ips,
        lockout_enabled: lockout.enabled,
        lockout_threshold: lockout.threshold,
        lockout_duration: lockout.duration,
        lockout_counter_reset: lockout.counter_reset,
    }))
}

/// A client secret to create.
pub fn new_client_secret(body: &Value) -> Result<NewClientSecret, ManagementError> {
    let mut fields = Fields::new(body);
    let description = fields.optional_string("description").unwrap_or_default().trim().to_owned();
    // A list shows a thousand of them.
    if description.chars().count() > MAXIMUM_DESCRIPTION_CHARACTERS {
        let issue = Issue::too_big("string", MAXIMUM_DESCRIPTION_CHARACTERS as u64, fields.path("description"));
        fields.push(issue);
    }
    let uses_limit = fields.optional_integer("numUsesLimit", 0, MAXIMUM_USES_LIMIT).unwrap_or(0);
    let uses_limit = UsesLimit::from_wire(uses_limit).ok();
    // The operator's ceiling is over access tokens; it says nothing about client secrets.
    let ttl = fields.optional_integer("ttl", 0, MAXIMUM_TTL.get()).map(Seconds::new).unwrap_or_default();
    fields.finish(uses_limit.map(|uses_limit| NewClientSecret { description, ttl, uses_limit }))
}

/// The page of a list of client secrets.
pub fn client_secret_list(query: &Value) -> Result<Page, ManagementError> {
    let mut fields = Fields::new(query);
    // Clients know a list that has no pages.
    let page = read_page(&mut fields, u64::from(u32::MAX), MAXIMUM_PAGE, MAXIMUM_PAGE);
    fields.finish(page)
}

/// The fields about lockout that were sent.
struct LockoutFields {
    enabled: Option<bool>,
    threshold: Option<u64>,
    duration: Option<Seconds>,
    counter_reset: Option<Seconds>,
}

fn read_lockout(fields: &mut Fields<'_>) -> LockoutFields {
    let mut within =
        |name: &str, bounds: RangeInclusive<u64>| fields.optional_integer(name, *bounds.start(), *bounds.end());
    let threshold = within("lockoutThreshold", THRESHOLD_BOUNDS);
    let duration = within("lockoutDurationSeconds", DURATION_BOUNDS).map(Seconds::new);
    let counter_reset = within("lockoutCounterResetSeconds", COUNTER_RESET_BOUNDS).map(Seconds::new);
    LockoutFields { enabled: fields.optional_boolean("lockoutEnabled"), threshold, duration, counter_reset }
}
