//! Lockout: when failed logins lock an authentication method, and for how long.
//!
//! A failed login counts when the one before it is no longer ago than the reset window; otherwise the count begins anew.
//! The failure that makes the count reach the threshold locks. A lock ends by itself, and leaves no count behind.
//!
//! Each span holds up to and without the millisecond at which it ends.

use std::ops::RangeInclusive;

use crate::value::timestamp::{Seconds, Timestamp};

/// How many failed logins may lock.
pub const THRESHOLD_BOUNDS: RangeInclusive<u64> = 1..=30;
/// How long a lock may last, in seconds: from half a minute to a day.
pub const DURATION_BOUNDS: RangeInclusive<u64> = 30..=86_400;
/// How long a failed login may be remembered, in seconds: from five seconds to an hour.
pub const COUNTER_RESET_BOUNDS: RangeInclusive<u64> = 5..=3_600;

/// When to lock and for how long.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LockoutPolicy {
    enabled: bool,
    threshold: u64,
    duration: Seconds,
    counter_reset: Seconds,
}

/// Which number of a policy is out of its bounds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LockoutPolicyError {
    Threshold,
    Duration,
    /// The window after which the count begins anew.
    CounterReset,
}

impl LockoutPolicy {
    /// What a configuration gets that says nothing about it.
    pub const DEFAULT: Self =
        Self { enabled: true, threshold: 3, duration: Seconds::new(300), counter_reset: Seconds::new(30) };

    /// Takes the numbers of a configuration.
    pub fn new(
        enabled: bool,
        threshold: u64,
        duration: Seconds,
        counter_reset: Seconds,
    ) -> Result<Self, LockoutPolicyError> {
        if !THRESHOLD_BOUNDS.contains(&threshold) {
            return Err(LockoutPolicyError::Threshold);
        }
        if !DURATION_BOUNDS.contains(&duration.get()) {
            return Err(LockoutPolicyError::Duration);
        }
        if !COUNTER_RESET_BOUNDS.contains(&counter_reset.get()) {
            return Err(LockoutPolicyError::CounterReset);
        }
        Ok(Self { enabled, threshold, duration, counter_reset })
    }

    pub const fn is_enabled(self) -> bool {
        self.enabled
    }

    pub const fn threshold(self) -> u64 {
        self.threshold
    }

    pub const fn duration(self) -> Seconds {
        self.duration
    }

    /// After how long without a failed login the count begins anew.
    pub const fn counter_reset(self) -> Seconds {
        self.counter_reset
    }

    /// Whether logins are refused at `now`, whatever they show.
    pub fn is_locked(self, state: LockoutState, now: Timestamp) -> bool {
        self.enabled && is_locked_at(state.locked_until, now)
    }

    /// Whether the state still means something at `now`: a lock, or failures that the next one would be added to.
    pub fn is_in_force(self, state: LockoutState, now: Timestamp) -> bool {
        self.is_locked(state, now) || (self.enabled && self.remembered(state, now) > 0)
    }

    /// The state after a failed login at `now`. Where lockout is not enabled nothing is counted.
    pub fn after_failure(self, state: LockoutState, now: Timestamp) -> LockoutState {
        if !self.enabled {
            return state;
        }
        let failures = self.remembered(state, now).saturating_add(1);
        if failures >= self.threshold {
            LockoutState { failures: 0, last_failure: None, locked_until: Some(now.plus(self.duration)) }
        } else {
            LockoutState { failures, last_failure: Some(now), locked_until: None }
        }
    }

    fn remembered(self, state: LockoutState, now: Timestamp) -> u64 {
        match state.last_failure {
            Some(last) if now < last.plus(self.counter_reset) => state.failures,
            Some(_) | None => 0,
        }
    }
}

/// What is remembered of failed logins.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LockoutState {
    /// How many there were in a row.
    pub failures: u64,
    pub last_failure: Option<Timestamp>,
    pub locked_until: Option<Timestamp>,
}

impl LockoutState {
    pub const CLEAR: Self = Self { failures: 0, last_failure: None, locked_until: None };
}

/// Whether a lock that lasts until then holds at `now`; `None` means no lock.
pub fn is_locked_at(locked_until: Option<Timestamp>, now: Timestamp) -> bool {
    locked_until.is_some_and(|until| now < until)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_milliseconds(milliseconds)
    }

    fn policy(threshold: u64) -> LockoutPolicy {
        LockoutPolicy::new(true, threshold, Seconds::new(60), Seconds::new(10)).unwrap()
    }

    fn disabled() -> LockoutPolicy {
        LockoutPolicy::new(false, 1, Seconds::new(60), Seconds::new(10)).unwrap()
    }

    /// The state after failed logins at these milliseconds.
    fn after(policy: LockoutPolicy, failures: &[i64]) -> LockoutState {
        failures.iter().fold(LockoutState::CLEAR, |state, now| policy.after_failure(state, at(*now)))
    }

    #[test]
    fn a_policy_has_its_numbers_within_their_bounds() {
        #[track_caller]
        fn check(threshold: u64, duration: u64, reset: u64, expected: Result<(), LockoutPolicyError>) {
            let made = LockoutPolicy::new(true, threshold, Seconds::new(duration), Seconds::new(reset));
            assert_eq!(made.map(|_| ()), expected, "{threshold} {duration} {reset}");
        }
        use LockoutPolicyError::{CounterReset, Duration, Threshold};
        check(1, 30, 5, Ok(()));
        check(30, 86_400, 3_600, Ok(()));
        check(0, 30, 5, Err(Threshold));
        check(31, 30, 5, Err(Threshold));
        check(1, 29, 5, Err(Duration));
        check(1, 86_401, 5, Err(Duration));
        check(1, 30, 4, Err(CounterReset));
        check(1, 30, 3_601, Err(CounterReset));
        let default = LockoutPolicy::DEFAULT;
        let same =
            LockoutPolicy::new(default.enabled, default.threshold, default.duration, default.counter_reset).unwrap();
        assert_eq!(same, default);
    }

    #[test]
    fn the_failure_that_reaches_the_threshold_locks() {
        #[track_caller]
        fn check(policy: LockoutPolicy, failures: &[i64], locked: bool) {
            let last = failures.last().copied().unwrap_or_default();
            assert_eq!(policy.is_locked(after(policy, failures), at(last)), locked, "{failures:?}");
        }
        check(policy(3), &[], false);
        check(policy(3), &[0, 1], false);
        check(policy(3), &[0, 1, 2], true);
        check(policy(1), &[0], true);
        check(disabled(), &[0, 1, 2], false);
    }

    #[test]
    fn a_lock_holds_up_to_and_without_the_millisecond_of_its_end() {
        let locked = after(policy(1), &[1_000]);
        assert!(policy(1).is_locked(locked, at(1_000)));
        assert!(policy(1).is_locked(locked, at(60_999)));
        assert!(!policy(1).is_locked(locked, at(61_000)));
        assert!(!disabled().is_locked(locked, at(1_000)), "disabling lifts the lock");
    }

    #[test]
    fn a_failure_counts_only_within_the_reset_window_of_the_one_before() {
        #[track_caller]
        fn check(failures: &[i64], expected: u64) {
            assert_eq!(after(policy(30), failures).failures, expected, "{failures:?}");
        }
        check(&[0, 9_999], 2);
        check(&[0, 10_000], 1);
        // The window begins with each failure anew.
        check(&[0, 9_999, 19_998], 3);
        check(&[0, 9_999, 19_999], 1);
    }

    #[test]
    fn a_lock_that_has_ended_leaves_no_count_behind() {
        let policy = policy(2);
        let ended = after(policy, &[0, 1, 60_001]);
        assert_eq!(ended, LockoutState { failures: 1, last_failure: Some(at(60_001)), locked_until: None });
    }

    #[test]
    fn a_state_is_in_force_while_it_locks_or_counts() {
        let counting = after(policy(2), &[0]);
        assert!(policy(2).is_in_force(counting, at(9_999)));
        assert!(!policy(2).is_in_force(counting, at(10_000)));
        let locked = after(policy(1), &[0]);
        assert!(policy(1).is_in_force(locked, at(59_999)));
        assert!(!policy(1).is_in_force(locked, at(60_000)));
        assert!(!policy(1).is_in_force(LockoutState::CLEAR, at(0)));
        assert!(!disabled().is_in_force(counting, at(0)));
    }

    proptest! {
        #[test]
        fn fewer_failures_than_the_threshold_never_lock(
            threshold in 1u64..=30, gaps in prop::collection::vec(0i64..20_000, 0..29)
        ) {
            prop_assume!((gaps.len() as u64) < threshold);
            let policy = policy(threshold);
            let (mut state, mut now) = (LockoutState::CLEAR, 0);
            for gap in gaps {
                now += gap;
                state = policy.after_failure(state, at(now));
                prop_assert!(!policy.is_locked(state, at(now)));
            }
        }
    }
}
