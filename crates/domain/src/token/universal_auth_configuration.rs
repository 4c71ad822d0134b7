//! The configuration of Universal Auth on one identity.

use crate::network::trusted_ips::TrustedIps;
use crate::token::lifetime::{Lifetime, TtlCeiling};
use crate::token::lockout::LockoutPolicy;
use crate::token::uses::UsesLimit;
use crate::value::timestamp::Seconds;

/// How logins are granted, and how the tokens they obtain live, how often they may be used and from where.
///
/// Lifetime, period and uses limit are copied into a token at login; renewal reads lifetime and period again; both lists of
/// trusted IPs are always the live ones.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UniversalAuthConfiguration {
    /// TTL and max TTL of tokens without a period.
    pub lifetime: Lifetime,
    /// The period of the tokens, if they have one.
    pub period: Option<Period>,
    /// How often each token may be used.
    pub uses_limit: UsesLimit,
    pub trusted_ips: TrustedIps,
    /// From where the identity may log in.
    pub client_secret_trusted_ips: TrustedIps,
    /// When failed logins lock.
    pub lockout: LockoutPolicy,
}

impl UniversalAuthConfiguration {
    /// The lifetime of its tokens: that of the period, if there is one, and TTL and max TTL otherwise.
    pub fn token_lifetime(&self) -> Lifetime {
        self.period.map_or(self.lifetime, Period::lifetime)
    }
}

/// The period of periodic tokens: they live that long after each renewal, and may be renewed for ever.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Period(Lifetime);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PeriodAboveCeiling;

impl Period {
    /// Reads the wire's number of seconds, where 0 says "no period".
    pub fn from_wire(seconds: Seconds, ceiling: TtlCeiling) -> Result<Option<Self>, PeriodAboveCeiling> {
        if seconds == Seconds::ZERO {
            return Ok(None);
        }
        match Lifetime::from_wire(seconds, Seconds::ZERO, ceiling) {
            Ok(lifetime) => Ok(Some(Self(lifetime))),
            Err(_) => Err(PeriodAboveCeiling),
        }
    }

    /// The period in seconds as the wire has it: 0 says "no period".
    pub fn to_wire(period: Option<Self>) -> Seconds {
        period.map(|period| period.0.ttl_to_wire()).unwrap_or_default()
    }

    /// The period as TTL, and no max TTL.
    pub const fn lifetime(self) -> Lifetime {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::timestamp::Timestamp;

    fn configuration(period: u64) -> UniversalAuthConfiguration {
        UniversalAuthConfiguration {
            lifetime: Lifetime::from_wire(Seconds::new(10), Seconds::new(20), TtlCeiling::NONE).unwrap(),
            period: Period::from_wire(Seconds::new(period), TtlCeiling::NONE).unwrap(),
            uses_limit: UsesLimit::UNLIMITED,
            trusted_ips: TrustedIps::everybody(),
            client_secret_trusted_ips: TrustedIps::everybody(),
            lockout: LockoutPolicy::DEFAULT,
        }
    }

    #[test]
    fn a_period_stands_in_for_ttl_and_lifts_the_max_ttl() {
        #[track_caller]
        fn check(period: u64, ttl: u64, max_ttl: u64) {
            let lifetime = configuration(period).token_lifetime();
            assert_eq!((lifetime.ttl_to_wire().get(), lifetime.max_ttl_to_wire().get()), (ttl, max_ttl));
        }
        check(0, 10, 20);
        check(5, 5, 0);
        check(100, 100, 0);
    }

    #[test]
    fn a_periodic_token_can_be_renewed_long_after_the_max_ttl() {
        let at = Timestamp::from_milliseconds;
        let lifetime = configuration(5).token_lifetime();
        let renewed = lifetime.expiry_at_renewal(at(0), Some(at(1_000_000)), at(999_999), TtlCeiling::NONE);
        assert_eq!(renewed, Ok(Some(at(1_004_999))));
    }

    #[test]
    fn a_period_is_bounded_by_the_ceiling() {
        #[track_caller]
        fn check(seconds: u64, ceiling: TtlCeiling, expected: Result<u64, PeriodAboveCeiling>) {
            let period = Period::from_wire(Seconds::new(seconds), ceiling);
            assert_eq!(period.map(|period| Period::to_wire(period).get()), expected, "{seconds}");
        }
        let ceiling = TtlCeiling::new(Seconds::new(100)).unwrap();
        check(0, ceiling, Ok(0));
        check(100, ceiling, Ok(100));
        check(101, ceiling, Err(PeriodAboveCeiling));
        check(315_360_000, TtlCeiling::NONE, Ok(315_360_000));
        check(315_360_001, TtlCeiling::NONE, Err(PeriodAboveCeiling));
    }
}
