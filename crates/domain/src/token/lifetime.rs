//! Lifetime: when a token expires, and what renewing it does.
//!
//! * `expires = min(start + TTL, created + max TTL, created + ceiling)`, where `start` is the creation or the renewal
//!   and a part that is not set does not count. Nothing set: the token never expires.
//! * A new token takes TTL and max TTL from the configuration, and the Directory stores the result with the token. A
//!   renewal reads them from the configuration again.
//! * A renewal needs a live token, never shortens its life and never revives it. At the max TTL it is refused.
//!
//! A token is alive up to and without the millisecond at which it expires.

use crate::value::timestamp::{Seconds, Timestamp};

/// The longest TTL or max TTL a configuration may have when the operator sets no ceiling: ten years of 365 days.
pub const MAXIMUM_TTL: Seconds = Seconds::new(315_360_000);

/// TTL and max TTL of one configuration.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lifetime {
    ttl: Option<Seconds>,
    max_ttl: Option<Seconds>,
}

/// Why a pair of TTLs is not a lifetime.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LifetimeError {
    /// The TTL is longer than the max TTL.
    TtlAboveMaxTtl,
    TtlAboveCeiling,
    MaxTtlAboveCeiling,
}

/// The TTL is longer than the max TTL.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TtlAboveMaxTtl;

impl Lifetime {
    /// No TTL and no max TTL.
    pub const UNLIMITED: Self = Self { ttl: None, max_ttl: None };

    /// Reads the wire's numbers of seconds, where 0 says "no such limit".
    pub fn from_wire(ttl: Seconds, max_ttl: Seconds, ceiling: TtlCeiling) -> Result<Self, LifetimeError> {
        if ttl > ceiling.longest() {
            return Err(LifetimeError::TtlAboveCeiling);
        }
        if max_ttl > ceiling.longest() {
            return Err(LifetimeError::MaxTtlAboveCeiling);
        }
        Self::from_bounded(ttl, max_ttl).map_err(|TtlAboveMaxTtl| LifetimeError::TtlAboveMaxTtl)
    }

    /// The same for numbers that are known to be under the ceiling.
    pub fn from_bounded(ttl: Seconds, max_ttl: Seconds) -> Result<Self, TtlAboveMaxTtl> {
        if max_ttl != Seconds::ZERO && ttl > max_ttl {
            return Err(TtlAboveMaxTtl);
        }
        let unless_zero = |span| (span != Seconds::ZERO).then_some(span);
        Ok(Self { ttl: unless_zero(ttl), max_ttl: unless_zero(max_ttl) })
    }

    /// This lifetime with a new TTL, a new max TTL, or both, which have to fit each other and the ceiling; without either
    /// it stays, even above a ceiling that was lowered later.
    ///
    /// DIFFERENCE: Infisical compares a new max TTL with the stored max TTL, so that it cannot be lowered alone.
    pub fn changed(
        self,
        ttl: Option<Seconds>,
        max_ttl: Option<Seconds>,
        ceiling: TtlCeiling,
    ) -> Result<Self, LifetimeError> {
        if ttl.is_none() && max_ttl.is_none() {
            return Ok(self);
        }
        let (ttl, max_ttl) =
            (ttl.unwrap_or_else(|| self.ttl_to_wire()), max_ttl.unwrap_or_else(|| self.max_ttl_to_wire()));
        Self::from_wire(ttl, max_ttl, ceiling)
    }

    /// TTL in seconds as the wire has it: 0 says "no such limit".
    pub fn ttl_to_wire(self) -> Seconds {
        self.ttl.unwrap_or_default()
    }

    /// Max TTL in seconds as the wire has it: 0 says "no such limit".
    pub fn max_ttl_to_wire(self) -> Seconds {
        self.max_ttl.unwrap_or_default()
    }

    /// The TTL of a token that is created under the ceiling, in seconds; 0 says "no such limit".
    pub fn ttl_of_a_token(self, ceiling: TtlCeiling) -> Seconds {
        [self.ttl, ceiling.0].into_iter().flatten().min().unwrap_or_default()
    }

    /// The max TTL of a token under the ceiling, in seconds; 0 says "no such limit".
    pub fn max_ttl_of_a_token(self, ceiling: TtlCeiling) -> Seconds {
        [self.max_ttl, ceiling.0].into_iter().flatten().min().unwrap_or_default()
    }

    /// When a token created at `created` expires; `None` is never.
    pub fn expiry_at_creation(self, created: Timestamp, ceiling: TtlCeiling) -> Option<Timestamp> {
        self.expiry(created, created, ceiling)
    }

    /// When a live token expires after a renewal at `now`; `None` is never.
    ///
    /// # Errors
    /// [`AtMaxTtl`] when no time is left under the max TTL or the ceiling.
    pub fn expiry_at_renewal(
        self,
        created: Timestamp,
        expires: Option<Timestamp>,
        now: Timestamp,
        ceiling: TtlCeiling,
    ) -> Result<Option<Timestamp>, AtMaxTtl> {
        if self.last_moment(created, ceiling).is_some_and(|last| last <= now) {
            return Err(AtMaxTtl);
        }
        Ok(match (expires, self.expiry(now, created, ceiling)) {
            (Some(before), Some(after)) => Some(before.max(after)),
            (None, _) | (_, None) => None,
        })
    }

    fn expiry(self, start: Timestamp, created: Timestamp, ceiling: TtlCeiling) -> Option<Timestamp> {
        [self.ttl.map(|ttl| start.plus(ttl)), self.last_moment(created, ceiling)].into_iter().flatten().min()
    }

    /// What no renewal can pass.
    fn last_moment(self, created: Timestamp, ceiling: TtlCeiling) -> Option<Timestamp> {
        [self.max_ttl, ceiling.0].into_iter().flatten().min().map(|span| created.plus(span))
    }
}

/// The token cannot be renewed: its max TTL, or the operator's ceiling, has been reached.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AtMaxTtl;

/// The operator's ceiling over every lifetime (`MAX_ACCESS_TOKEN_TTL_SECONDS`). Once set it also bounds tokens whose TTL
/// and max TTL are both 0. Not set, it bounds the numbers of a configuration by [`MAXIMUM_TTL`] and nothing else.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TtlCeiling(Option<Seconds>);

impl TtlCeiling {
    /// No ceiling of the operator's.
    pub const NONE: Self = Self(None);

    /// A ceiling of `seconds`; `None` when that is 0 or above [`MAXIMUM_TTL`].
    pub fn new(seconds: Seconds) -> Option<Self> {
        (seconds > Seconds::ZERO && seconds <= MAXIMUM_TTL).then_some(Self(Some(seconds)))
    }

    /// The largest TTL or max TTL a configuration may have.
    pub fn longest(self) -> Seconds {
        self.0.unwrap_or(MAXIMUM_TTL)
    }
}

/// Whether a token that expires at `expires` is past its life at `now`.
pub fn has_expired(expires: Option<Timestamp>, now: Timestamp) -> bool {
    expires.is_some_and(|expires| expires <= now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_milliseconds(milliseconds)
    }

    fn lifetime(ttl: u64, max_ttl: u64) -> Lifetime {
        Lifetime::from_wire(Seconds::new(ttl), Seconds::new(max_ttl), TtlCeiling::NONE).unwrap()
    }

    fn ceiling(seconds: u64) -> TtlCeiling {
        TtlCeiling::new(Seconds::new(seconds)).unwrap()
    }

    #[test]
    fn a_pair_of_ttls_is_a_lifetime_when_the_ttl_fits_into_both_limits() {
        #[track_caller]
        fn check(ttl: u64, max_ttl: u64, ceiling: TtlCeiling, expected: Result<(), LifetimeError>) {
            let result = Lifetime::from_wire(Seconds::new(ttl), Seconds::new(max_ttl), ceiling);
            assert_eq!(result.map(|_| ()), expected, "{ttl} {max_ttl} {ceiling:?}");
        }
        use LifetimeError::{MaxTtlAboveCeiling, TtlAboveCeiling, TtlAboveMaxTtl};
        check(0, 0, TtlCeiling::NONE, Ok(()));
        check(60, 60, TtlCeiling::NONE, Ok(()));
        check(60, 0, TtlCeiling::NONE, Ok(()));
        check(0, 60, TtlCeiling::NONE, Ok(()));
        check(61, 60, TtlCeiling::NONE, Err(TtlAboveMaxTtl));
        check(315_360_000, 315_360_000, TtlCeiling::NONE, Ok(()));
        check(315_360_001, 0, TtlCeiling::NONE, Err(TtlAboveCeiling));
        check(0, 315_360_001, TtlCeiling::NONE, Err(MaxTtlAboveCeiling));
        check(101, 0, ceiling(100), Err(TtlAboveCeiling));
        check(100, 101, ceiling(100), Err(MaxTtlAboveCeiling));
        check(100, 100, ceiling(100), Ok(()));
    }

    #[test]
    fn a_changed_lifetime_is_judged_by_what_will_be_in_force() {
        #[track_caller]
        fn check(
            ttl: Option<u64>,
            max_ttl: Option<u64>,
            ceiling: TtlCeiling,
            expected: Result<(u64, u64), LifetimeError>,
        ) {
            let changed = lifetime(10, 100).changed(ttl.map(Seconds::new), max_ttl.map(Seconds::new), ceiling);
            let wire = |changed: Lifetime| (changed.ttl_to_wire().get(), changed.max_ttl_to_wire().get());
            assert_eq!(changed.map(wire), expected, "{ttl:?} {max_ttl:?}");
        }
        use LifetimeError::{MaxTtlAboveCeiling, TtlAboveCeiling, TtlAboveMaxTtl};
        check(None, None, TtlCeiling::NONE, Ok((10, 100)));
        check(None, Some(10), TtlCeiling::NONE, Ok((10, 10)));
        check(None, Some(9), TtlCeiling::NONE, Err(TtlAboveMaxTtl));
        check(None, Some(0), TtlCeiling::NONE, Ok((10, 0)));
        check(Some(100), None, TtlCeiling::NONE, Ok((100, 100)));
        check(Some(101), None, TtlCeiling::NONE, Err(TtlAboveMaxTtl));
        check(Some(0), None, TtlCeiling::NONE, Ok((0, 100)));
        check(Some(200), Some(300), TtlCeiling::NONE, Ok((200, 300)));
        // A ceiling that was lowered later holds for whoever touches the numbers.
        check(None, None, ceiling(50), Ok((10, 100)));
        check(Some(5), None, ceiling(50), Err(MaxTtlAboveCeiling));
        check(Some(60), Some(50), ceiling(50), Err(TtlAboveCeiling));
        check(Some(5), Some(50), ceiling(50), Ok((5, 50)));
    }

    #[test]
    fn a_token_expires_at_the_earliest_of_its_limits() {
        #[track_caller]
        fn check(ttl: u64, max_ttl: u64, ceiling: TtlCeiling, expected: Option<i64>) {
            let lifetime = Lifetime::from_wire(Seconds::new(ttl), Seconds::new(max_ttl), TtlCeiling::NONE).unwrap();
            assert_eq!(lifetime.expiry_at_creation(at(1_000), ceiling), expected.map(at));
        }
        check(0, 0, TtlCeiling::NONE, None);
        check(10, 0, TtlCeiling::NONE, Some(11_000));
        check(0, 10, TtlCeiling::NONE, Some(11_000));
        check(10, 20, TtlCeiling::NONE, Some(11_000));
        check(10, 20, ceiling(5), Some(6_000));
        check(0, 0, ceiling(5), Some(6_000));
    }

    #[test]
    fn a_token_has_the_ttl_of_its_configuration_unless_the_ceiling_is_below_it() {
        #[track_caller]
        fn check(ttl: u64, ceiling: TtlCeiling, expected: u64) {
            assert_eq!(lifetime(ttl, 0).ttl_of_a_token(ceiling), Seconds::new(expected));
        }
        check(0, TtlCeiling::NONE, 0);
        check(10, TtlCeiling::NONE, 10);
        check(10, ceiling(20), 10);
        check(30, ceiling(20), 20);
        check(0, ceiling(20), 20);
    }

    #[test]
    fn a_token_is_alive_up_to_and_without_the_millisecond_of_its_expiry() {
        assert!(!has_expired(Some(at(5_000)), at(4_999)));
        assert!(has_expired(Some(at(5_000)), at(5_000)));
        assert!(has_expired(Some(at(5_000)), at(5_001)));
        assert!(!has_expired(None, at(i64::MAX)));
    }

    #[test]
    fn renewing_extends_from_now_up_to_the_max_ttl() {
        #[track_caller]
        fn check(lifetime: Lifetime, expires: Option<i64>, now: i64, expected: Result<Option<i64>, AtMaxTtl>) {
            let result = lifetime.expiry_at_renewal(at(0), expires.map(at), at(now), TtlCeiling::NONE);
            assert_eq!(result, expected.map(|expiry| expiry.map(at)));
        }
        check(lifetime(10, 100), Some(10_000), 5_000, Ok(Some(15_000)));
        // The last extension is shortened to the max TTL.
        check(lifetime(10, 100), Some(99_000), 95_000, Ok(Some(100_000)));
        check(lifetime(10, 100), Some(100_000), 99_999, Ok(Some(100_000)));
        // At the max TTL there is nothing left, even if the token were still alive.
        check(lifetime(10, 100), Some(200_000), 100_000, Err(AtMaxTtl));
        check(lifetime(10, 100), Some(200_000), 100_001, Err(AtMaxTtl));
        // A configuration that became stricter does not shorten the token's life.
        check(lifetime(1, 100), Some(50_000), 5_000, Ok(Some(50_000)));
        // A configuration that lost its TTL lifts the expiry; a token without expiry keeps none.
        check(lifetime(0, 0), Some(10_000), 5_000, Ok(None));
        check(lifetime(10, 0), None, 5_000, Ok(None));
    }

    #[test]
    fn the_ceiling_bounds_renewal_too() {
        let result = lifetime(10, 0).expiry_at_renewal(at(0), Some(at(10_000)), at(9_000), ceiling(12));
        assert_eq!(result, Ok(Some(at(12_000))));
        let result = lifetime(10, 0).expiry_at_renewal(at(0), Some(at(13_000)), at(12_000), ceiling(12));
        assert_eq!(result, Err(AtMaxTtl));
    }

    #[test]
    fn a_ceiling_is_from_one_second_to_ten_years() {
        assert_eq!(TtlCeiling::new(Seconds::ZERO), None);
        assert!(TtlCeiling::new(Seconds::new(1)).is_some());
        assert!(TtlCeiling::new(MAXIMUM_TTL).is_some());
        assert_eq!(TtlCeiling::new(Seconds::new(315_360_001)), None);
    }

    #[test]
    fn a_token_is_said_to_have_the_limits_that_the_ceiling_leaves_of_it() {
        #[track_caller]
        fn check((ttl, max_ttl): (u64, u64), ceiling: TtlCeiling, expected: (u64, u64)) {
            let life = lifetime(ttl, max_ttl);
            let said = (life.ttl_of_a_token(ceiling).get(), life.max_ttl_of_a_token(ceiling).get());
            assert_eq!(said, expected, "{ttl} {max_ttl} {ceiling:?}");
        }
        check((0, 0), TtlCeiling::NONE, (0, 0));
        check((60, 600), TtlCeiling::NONE, (60, 600));
        check((0, 0), ceiling(100), (100, 100));
        check((60, 0), ceiling(100), (60, 100));
        check((60, 600), ceiling(100), (60, 100));
        check((200, 600), ceiling(100), (100, 100));
        check((10, 20), ceiling(100), (10, 20));
    }

    prop_compose! {
        fn any_lifetime()(max_ttl in 0u64..1_000, part in 0.0f64..=1.0) -> Lifetime {
            let ttl = if max_ttl == 0 { (part * 1_000.0) as u64 } else { (part * max_ttl as f64) as u64 };
            lifetime(ttl, max_ttl)
        }
    }

    proptest! {
        #[test]
        fn a_renewed_token_never_lives_shorter_nor_past_a_max_ttl_it_had_not_passed(
            before in any_lifetime(), after in any_lifetime(), part_lived in 0.0f64..1.0, ceiling_seconds in 1u64..1_000
        ) {
            for ceiling in [TtlCeiling::NONE, ceiling(ceiling_seconds)] {
                let expires = before.expiry_at_creation(at(0), ceiling);
                let whole_life = expires.map_or(2_000_000, Timestamp::milliseconds);
                let now = at((part_lived * whole_life as f64) as i64);
                assert!(!has_expired(expires, now));
                if let Ok(renewed) = after.expiry_at_renewal(at(0), expires, now, ceiling) {
                    match (expires, renewed) {
                        (Some(old), Some(new)) => prop_assert!(new >= old),
                        (None, Some(_)) => prop_assert!(false, "renewing shortened an endless life"),
                        (_, None) => {}
                    }
                    let last = after.last_moment(at(0), ceiling);
                    if let (Some(last), Some(new)) = (last, renewed) {
                        prop_assert!(new <= last || Some(new) == expires);
                    }
                    prop_assert!(!has_expired(renewed, now));
                }
            }
        }

        #[test]
        fn a_token_never_outlives_any_of_its_limits(life in any_lifetime(), created in 0i64..1_000_000) {
            let expires = life.expiry_at_creation(at(created), TtlCeiling::NONE);
            for limit in [life.ttl, life.max_ttl].into_iter().flatten() {
                prop_assert!(expires.unwrap() <= at(created).plus(limit));
            }
        }
    }
}
