//! Widening: whether a changed configuration gives an identity's credentials more power.
//!
//! Taking away must always work; adding needs more. A change adds when a token could live longer or be used more often
//! or from elsewhere than before, when the identity could log in from elsewhere, or when guesses at a client secret
//! would be stopped later. Any other change only takes away. If it is not certain that a change adds nothing, it counts
//! as adding.

use crate::token::lifetime::Lifetime;
use crate::token::lockout::LockoutPolicy;
use crate::token::token_auth_configuration::TokenAuthConfiguration;
use crate::token::universal_auth_configuration::UniversalAuthConfiguration;
use crate::token::uses::UsesLimit;

/// Whether a changed configuration of Token Auth adds anything.
pub fn of_token_auth(before: &TokenAuthConfiguration, after: &TokenAuthConfiguration) -> bool {
    of_lifetime(before.lifetime, after.lifetime)
        || of_uses(before.uses_limit, after.uses_limit)
        || !after.trusted_ips.are_within(&before.trusted_ips)
}

/// Whether a changed configuration of Universal Auth adds anything.
pub fn of_universal_auth(before: &UniversalAuthConfiguration, after: &UniversalAuthConfiguration) -> bool {
    of_lifetime(before.token_lifetime(), after.token_lifetime())
        || of_uses(before.uses_limit, after.uses_limit)
        || !after.trusted_ips.are_within(&before.trusted_ips)
        || !after.client_secret_trusted_ips.are_within(&before.client_secret_trusted_ips)
        || of_lockout(before.lockout, after.lockout)
}

fn of_lifetime(before: Lifetime, after: Lifetime) -> bool {
    let longer = |before: u64, after: u64| is_above(limit(before), limit(after));
    longer(before.ttl_to_wire().get(), after.ttl_to_wire().get())
        || longer(before.max_ttl_to_wire().get(), after.max_ttl_to_wire().get())
}

fn of_uses(before: UsesLimit, after: UsesLimit) -> bool {
    is_above(limit(before.to_wire()), limit(after.to_wire()))
}

fn of_lockout(before: LockoutPolicy, after: LockoutPolicy) -> bool {
    before.is_enabled()
        && (!after.is_enabled()
            || after.threshold() > before.threshold()
            || after.duration() < before.duration()
            || after.counter_reset() < before.counter_reset())
}

/// The wire's 0 means no limit.
fn limit(number: u64) -> Option<u64> {
    (number != 0).then_some(number)
}

/// Whether a limit is above another; none is above each.
fn is_above(before: Option<u64>, after: Option<u64>) -> bool {
    match (before, after) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(before), Some(after)) => after > before,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::trusted_ips::TrustedIps;
    use crate::token::lifetime::TtlCeiling;
    use crate::token::universal_auth_configuration::Period;
    use crate::value::timestamp::Seconds;

    fn lifetime(ttl: u64, max_ttl: u64) -> Lifetime {
        Lifetime::from_wire(Seconds::new(ttl), Seconds::new(max_ttl), TtlCeiling::NONE).unwrap()
    }

    fn token_auth(ttl: u64, max_ttl: u64, uses: u64, ips: &[&str]) -> TokenAuthConfiguration {
        TokenAuthConfiguration {
            lifetime: lifetime(ttl, max_ttl),
            uses_limit: UsesLimit::from_wire(uses).unwrap(),
            trusted_ips: TrustedIps::parse(ips.iter().copied()).unwrap(),
        }
    }

    #[test]
    fn a_configuration_widens_when_a_token_could_do_more_than_before() {
        #[track_caller]
        fn check(after: &TokenAuthConfiguration, expected: bool) {
            let before = token_auth(60, 600, 10, &["10.0.0.0/8", "2001:db8::/32"]);
            assert_eq!(of_token_auth(&before, after), expected, "{after:?}");
        }
        let ips = ["10.0.0.0/8", "2001:db8::/32"];
        check(&token_auth(60, 600, 10, &ips), false);
        check(&token_auth(59, 600, 10, &ips), false);
        check(&token_auth(61, 600, 10, &ips), true);
        check(&token_auth(0, 600, 10, &ips), true);
        check(&token_auth(60, 599, 10, &ips), false);
        check(&token_auth(60, 601, 10, &ips), true);
        check(&token_auth(60, 0, 10, &ips), true);
        check(&token_auth(60, 600, 9, &ips), false);
        check(&token_auth(60, 600, 11, &ips), true);
        check(&token_auth(60, 600, 0, &ips), true);
        check(&token_auth(60, 600, 10, &["10.1.2.3"]), false);
        check(&token_auth(60, 600, 10, &["10.0.0.0/9", "10.128.0.0/9"]), false);
        check(&token_auth(60, 600, 10, &["10.0.0.0/7"]), true);
        check(&token_auth(60, 600, 10, &["10.1.2.3", "192.0.2.1"]), true);
        check(&token_auth(60, 600, 10, &["::ffff:10.1.2.3"]), false);
        // One limit lower and another higher: the one that is higher adds.
        check(&token_auth(1, 600, 11, &ips), true);
    }

    #[test]
    fn what_is_unlimited_cannot_be_widened() {
        let before = token_auth(0, 0, 0, &["0.0.0.0/0", "::/0"]);
        assert!(!of_token_auth(&before, &token_auth(60, 600, 1, &["192.0.2.1"])));
        assert!(!of_token_auth(&before, &before));
    }

    #[test]
    fn of_universal_auth_periods_logins_and_lockout_count_as_well() {
        fn configuration() -> UniversalAuthConfiguration {
            UniversalAuthConfiguration {
                lifetime: lifetime(60, 600),
                period: None,
                uses_limit: UsesLimit::UNLIMITED,
                trusted_ips: TrustedIps::everybody(),
                client_secret_trusted_ips: TrustedIps::parse(["10.0.0.0/8"]).unwrap(),
                lockout: LockoutPolicy::DEFAULT,
            }
        }
        #[track_caller]
        fn check(change: impl FnOnce(&mut UniversalAuthConfiguration), expected: bool) {
            let mut after = configuration();
            change(&mut after);
            assert_eq!(of_universal_auth(&configuration(), &after), expected, "{after:?}");
        }
        let period = |seconds| Period::from_wire(Seconds::new(seconds), TtlCeiling::NONE).unwrap();
        let lockout = |enabled, threshold, duration, reset| {
            LockoutPolicy::new(enabled, threshold, Seconds::new(duration), Seconds::new(reset)).unwrap()
        };
        check(|_| {}, false);
        // A period lifts the max TTL, however short it is.
        check(|after| after.period = period(1), true);
        check(|after| after.lifetime = lifetime(60, 601), true);
        check(|after| after.lifetime = lifetime(10, 20), false);
        check(|after| after.client_secret_trusted_ips = TrustedIps::everybody(), true);
        check(|after| after.client_secret_trusted_ips = TrustedIps::parse(["10.1.2.3"]).unwrap(), false);
        check(|after| after.trusted_ips = TrustedIps::parse(["10.1.2.3"]).unwrap(), false);
        check(|after| after.lockout = lockout(false, 3, 300, 30), true);
        check(|after| after.lockout = lockout(true, 4, 300, 30), true);
        check(|after| after.lockout = lockout(true, 3, 299, 30), true);
        check(|after| after.lockout = lockout(true, 3, 300, 29), true);
        check(|after| after.lockout = lockout(true, 2, 301, 31), false);
    }
}
