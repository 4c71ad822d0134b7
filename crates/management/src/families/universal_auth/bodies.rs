//! What the operations on Universal Auth take.

use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::body::numbers::Whole;
use crate::body::{Flat, Input, Reader, body, text};
use crate::fields::{
    LifetimeChanges, MAXIMUM_PAGE, NewLifetime, PageFields, SecondsBetween, SecretText, Trimmed, TrustedIpList, Ttl,
};
use crate::issue::Issue;
use crate::rules::MAXIMUM_DESCRIPTION_CHARACTERS;
use directory::universal_auth::client_secrets::NewClientSecret;
use directory::universal_auth::{NewUniversalAuth, UniversalAuthChanges};
use domain::token::lifetime::MAXIMUM_TTL;
use domain::token::lockout::{COUNTER_RESET_BOUNDS, DURATION_BOUNDS, LockoutPolicy, THRESHOLD_BOUNDS};
use domain::token::universal_auth_configuration::Period;
use domain::token::uses::UsesLimit;

type Threshold = Whole<{ *THRESHOLD_BOUNDS.start() }, { *THRESHOLD_BOUNDS.end() }>;
type Duration = SecondsBetween<{ *DURATION_BOUNDS.start() }, { *DURATION_BOUNDS.end() }>;
type CounterReset = SecondsBetween<{ *COUNTER_RESET_BOUNDS.start() }, { *COUNTER_RESET_BOUNDS.end() }>;

body! {
    /// Client credentials. A bearer is ignored.
    pub LoginRequest -> (String, Zeroizing<String>) {
        client_id ["clientId"]: Trimmed,
        client_secret ["clientSecret"]: SecretText,
    } => |_reader| Some((client_id, client_secret));

    /// A configuration of Universal Auth. The defaults of TTL and max TTL are no longer than the instance's maximum.
    // DIFFERENCE: Infisical refuses a TTL with max TTL 0 here, although 0 is "no limit".
    pub AttachUniversalAuthRequest -> NewUniversalAuth {
        lifetime: Flat<NewLifetime>,
        /// Seconds by which each renewal extends a periodic token; 0 for tokens that are not periodic.
        period ["accessTokenPeriod"]: PeriodOrNone = 0,
        /// How often a token may be used; 0 for any number of times.
        uses_limit ["accessTokenNumUsesLimit"]: UsesLimit = 0,
        lockout: Flat<NewLockout>,
        /// From where a token may be used.
        trusted_ips ["accessTokenTrustedIps"]: TrustedIpList = [{ "ipAddress": "0.0.0.0/0" }, { "ipAddress": "::/0" }],
        /// From where one may log in.
        client_secret_trusted_ips ["clientSecretTrustedIps"]: TrustedIpList =
            [{ "ipAddress": "0.0.0.0/0" }, { "ipAddress": "::/0" }],
    } => |_reader| Some(NewUniversalAuth {
        lifetime,
        period,
        uses_limit,
        trusted_ips: Some(trusted_ips),
        client_secret_trusted_ips: Some(client_secret_trusted_ips),
        lockout,
    });

    /// When failed logins lock.
    NewLockout -> LockoutPolicy {
        /// How many failed logins lock.
        threshold ["lockoutThreshold"]: Threshold = (LockoutPolicy::DEFAULT.threshold()),
        /// How long a lock lasts.
        duration ["lockoutDurationSeconds"]: Duration = (LockoutPolicy::DEFAULT.duration().get()),
        /// How long a failed login is remembered.
        counter_reset ["lockoutCounterResetSeconds"]: CounterReset = (LockoutPolicy::DEFAULT.counter_reset().get()),
        /// Whether failed logins lock.
        is_enabled ["lockoutEnabled"]: bool = (LockoutPolicy::DEFAULT.is_enabled()),
    } => |_reader| LockoutPolicy::new(is_enabled, threshold, duration, counter_reset).ok();

    /// What to change of a configuration; the rest stays.
    pub UpdateUniversalAuthRequest -> UniversalAuthChanges {
        lifetime: Flat<LifetimeChanges>,
        /// Seconds by which each renewal extends a periodic token; 0 for tokens that are not periodic.
        period ["accessTokenPeriod"]: Option<Ttl>,
        /// How often a token may be used; 0 for any number of times.
        uses_limit ["accessTokenNumUsesLimit"]: Option<UsesLimit>,
        /// How many failed logins lock.
        lockout_threshold ["lockoutThreshold"]: Option<Threshold>,
        /// How long a lock lasts.
        lockout_duration ["lockoutDurationSeconds"]: Option<Duration>,
        /// How long a failed login is remembered.
        lockout_counter_reset ["lockoutCounterResetSeconds"]: Option<CounterReset>,
        /// Whether failed logins lock.
        lockout_enabled ["lockoutEnabled"]: Option<bool>,
        /// From where a token may be used.
        trusted_ips ["accessTokenTrustedIps"]: Option<TrustedIpList>,
        /// From where one may log in.
        client_secret_trusted_ips ["clientSecretTrustedIps"]: Option<TrustedIpList>,
    } => |_reader| Some(UniversalAuthChanges {
        ttl: lifetime.0,
        max_ttl: lifetime.1,
        period,
        uses_limit,
        trusted_ips,
        client_secret_trusted_ips,
        lockout_enabled,
        lockout_threshold,
        lockout_duration,
        lockout_counter_reset,
    });

    /// A client secret to create.
    pub CreateClientSecretRequest -> NewClientSecret {
        /// Any text. White space around it is dropped.
        description: ClientSecretDescription = "",
        /// How many logins it is good for; 0 for any number.
        uses_limit ["numUsesLimit"]: UsesLimit = 0,
        /// Seconds after which it expires; 0 for never.
        // The operator's ceiling is over access tokens; it says nothing about client secrets.
        ttl: SecondsBetween<0, { MAXIMUM_TTL.get() }> = 0,
    }
}

/// Which client secrets to list. Clients know a list that has no pages.
pub type ListClientSecretsQuery = PageFields<MAXIMUM_PAGE, MAXIMUM_PAGE>;

/// The period of tokens; `None` for 0.
struct PeriodOrNone;

impl Input for PeriodOrNone {
    type Value = Option<Period>;

    const EXPECTED: &'static str = "number";

    fn read(sent: &Value, reader: &mut Reader<'_>) -> Option<Option<Period>> {
        let ceiling = reader.circumstances.ttl_ceiling;
        match Period::from_wire(Ttl::read(sent, reader)?, ceiling) {
            Ok(period) => Some(period),
            Err(_) => reader.refuse(Issue::too_big("number", ceiling.longest().get(), reader.path())),
        }
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        Ttl::schema(generator)
    }
}

/// The description of a client secret. A list shows a thousand of them.
struct ClientSecretDescription;

impl Input for ClientSecretDescription {
    type Value = String;

    const EXPECTED: &'static str = "string";

    fn read(sent: &Value, reader: &mut Reader<'_>) -> Option<String> {
        let text = text(sent, reader)?.trim();
        reader.has_at_most(MAXIMUM_DESCRIPTION_CHARACTERS, text).then(|| text.to_owned())
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "maxLength": MAXIMUM_DESCRIPTION_CHARACTERS })
    }
}
