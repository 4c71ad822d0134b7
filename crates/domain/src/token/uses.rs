//! Uses: how often a token may be used, and whether one more use may be granted.

use std::num::NonZeroU64;

/// The most uses a limit can allow: the largest integer that survives JSON and the runtime's SQLite binding unchanged.
pub const MAXIMUM_USES_LIMIT: u64 = (1 << 53) - 1;

/// How often a token may be used. `None` inside is "no limit".
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UsesLimit(Option<NonZeroU64>);

/// The number is above [`MAXIMUM_USES_LIMIT`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UsesLimitTooLarge;

impl UsesLimit {
    pub const UNLIMITED: Self = Self(None);

    /// Reads the wire's number, where 0 says "unlimited".
    pub const fn from_wire(number: u64) -> Result<Self, UsesLimitTooLarge> {
        if number > MAXIMUM_USES_LIMIT {
            return Err(UsesLimitTooLarge);
        }
        Ok(Self(NonZeroU64::new(number)))
    }

    /// The wire's number, where 0 says "unlimited".
    pub fn to_wire(self) -> u64 {
        self.0.map_or(0, NonZeroU64::get)
    }

    pub const fn get(self) -> Option<NonZeroU64> {
        self.0
    }

    /// How many uses are left after `used` uses; `None` without a limit.
    pub fn remaining_after(self, used: u64) -> Option<u64> {
        self.0.map(|limit| limit.get().saturating_sub(used))
    }

    /// Whether nothing is left after `used` uses.
    pub fn is_exhausted_by(self, used: u64) -> bool {
        self.0.is_some_and(|limit| used >= limit.get())
    }
}

/// What became of one attempt to consume a use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Consumption {
    Granted {
        remaining: u64,
    },
    /// Nothing is left; nothing was consumed.
    Exhausted,
}

impl Consumption {
    /// What the counter's conditional update says: the number of uses after this one, or nothing because no row
    /// satisfied `used < limit`.
    pub fn from_update(limit: NonZeroU64, used_after: Option<u64>) -> Self {
        match used_after {
            Some(used) if used <= limit.get() => Self::Granted { remaining: limit.get() - used },
            Some(_) | None => Self::Exhausted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_on_the_wire_is_no_limit() {
        assert_eq!(UsesLimit::from_wire(0), Ok(UsesLimit::UNLIMITED));
        assert!(!UsesLimit::UNLIMITED.is_exhausted_by(u64::MAX));
        assert_eq!(UsesLimit::from_wire(3).unwrap().to_wire(), 3);
    }

    #[test]
    fn a_limit_that_the_store_could_not_hold_exactly_is_refused() {
        assert!(UsesLimit::from_wire(MAXIMUM_USES_LIMIT).is_ok());
        assert_eq!(UsesLimit::from_wire(MAXIMUM_USES_LIMIT + 1), Err(UsesLimitTooLarge));
    }

    #[test]
    fn a_limit_is_exhausted_by_exactly_that_many_uses() {
        let limit = UsesLimit::from_wire(3).unwrap();
        assert!(!limit.is_exhausted_by(2));
        assert!(limit.is_exhausted_by(3));
        assert!(limit.is_exhausted_by(4));
    }

    #[test]
    fn a_use_is_granted_only_within_the_limit() {
        #[track_caller]
        fn check(used_after: Option<u64>, expected: Consumption) {
            assert_eq!(Consumption::from_update(NonZeroU64::new(3).unwrap(), used_after), expected);
        }
        check(Some(1), Consumption::Granted { remaining: 2 });
        check(Some(3), Consumption::Granted { remaining: 0 });
        check(Some(4), Consumption::Exhausted);
        check(None, Consumption::Exhausted);
    }
}
