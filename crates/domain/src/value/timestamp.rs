//! Points in time and spans of time, each with its unit in the type.

use std::fmt;

/// A point in time: milliseconds since the Unix epoch, UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The first millisecond of the year 0: RFC 3339 can write none before it.
    pub const FIRST_WRITABLE: Self = Self(-62_167_219_200_000);
    /// The last millisecond of the year 9999: RFC 3339 can write none after it.
    pub const LAST_WRITABLE: Self = Self(253_402_300_799_999);

    /// The point `milliseconds` after the Unix epoch.
    pub const fn from_milliseconds(milliseconds: i64) -> Self {
        Self(milliseconds)
    }

    /// Milliseconds since the Unix epoch.
    pub const fn milliseconds(self) -> i64 {
        self.0
    }

    /// The point `seconds` later; stays at the end of time instead of overflowing.
    #[must_use]
    pub const fn plus(self, seconds: Seconds) -> Self {
        Self(self.0.saturating_add(seconds.as_milliseconds()))
    }

    /// The point `seconds` earlier; stays at the beginning of time instead of overflowing.
    #[must_use]
    pub const fn minus(self, seconds: Seconds) -> Self {
        Self(self.0.saturating_sub(seconds.as_milliseconds()))
    }

    /// Whole seconds from `earlier` to `self`, rounded down; 0 when `self` is not later.
    pub const fn seconds_since(self, earlier: Self) -> Seconds {
        let milliseconds = self.0.saturating_sub(earlier.0);
        if milliseconds <= 0 { Seconds::ZERO } else { Seconds(milliseconds.unsigned_abs() / 1000) }
    }
}

/// A span of time in whole seconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Seconds(u64);

impl Seconds {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// A span of `seconds`.
    pub const fn new(seconds: u64) -> Self {
        Self(seconds)
    }

    pub const fn get(self) -> u64 {
        self.0
    }

    /// The number of milliseconds, at most `i64::MAX`.
    pub const fn as_milliseconds(self) -> i64 {
        let milliseconds = self.0.saturating_mul(1000);
        if milliseconds > i64::MAX as u64 { i64::MAX } else { milliseconds as i64 }
    }
}

impl fmt::Display for Seconds {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_since_rounds_down_and_never_goes_below_zero() {
        #[track_caller]
        fn check(later: i64, earlier: i64, expected: u64) {
            let later = Timestamp::from_milliseconds(later);
            let earlier = Timestamp::from_milliseconds(earlier);
            assert_eq!(later.seconds_since(earlier), Seconds::new(expected));
        }
        check(1_999, 1_000, 0);
        check(2_000, 1_000, 1);
        check(1_000, 2_000, 0);
        check(i64::MAX, i64::MIN, i64::MAX.unsigned_abs() / 1000);
    }

    #[test]
    fn arithmetic_stays_at_the_ends_of_time() {
        let end = Timestamp::from_milliseconds(i64::MAX);
        assert_eq!(end.plus(Seconds::new(u64::MAX)), end);
        let beginning = Timestamp::from_milliseconds(i64::MIN);
        assert_eq!(beginning.minus(Seconds::new(1)), beginning);
    }
}
