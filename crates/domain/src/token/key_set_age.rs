//! When to fetch somebody else's public keys again.
//!
//! Anybody can name a key that does not exist, so an unknown one is asked for seldom; and a set that cannot be fetched goes
//! on counting for some time, because keys are published long before and kept long after they sign.

use crate::value::timestamp::{Seconds, Timestamp};

/// How old a set may be without being asked for again.
const FRESH: Seconds = Seconds::new(3_600);
/// How old a set may be while it cannot be fetched.
const USABLE: Seconds = Seconds::new(86_400);
/// How soon after a set was fetched an unknown key may have it fetched again.
const BETWEEN_FETCHES: Seconds = Seconds::new(60);
/// How soon after it could not be fetched the next request may try.
const BETWEEN_TRIES: Seconds = Seconds::new(5);

/// When a set was fetched, and when that was tried.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct KeySetAge {
    /// When the set that there is was asked for.
    pub fetched: Option<Timestamp>,
    /// When a set was last asked for. Noted before it is, so that many requests at once ask once.
    pub tried: Option<Timestamp>,
}

/// What to do about a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyLookup {
    /// Use the key that is known.
    Use,
    /// Fetch the set, and look again.
    Fetch,
    /// There is no such key.
    Unknown,
    /// Nobody can tell.
    Unavailable,
}

impl KeySetAge {
    /// What to do about a key that the set has, or has not.
    pub fn look_up(self, is_known: bool, now: Timestamp) -> KeyLookup {
        let is_within = |then: Option<Timestamp>, span: Seconds| then.is_some_and(|then| now < then.plus(span));
        if is_known && is_within(self.fetched, FRESH) {
            return KeyLookup::Use;
        }
        let wait = if self.tried == self.fetched { BETWEEN_FETCHES } else { BETWEEN_TRIES };
        if is_within(self.tried, wait) { self.without_asking(is_known, now) } else { KeyLookup::Fetch }
    }

    /// The same where the set is not asked for: it just was.
    pub fn without_asking(self, is_known: bool, now: Timestamp) -> KeyLookup {
        let is_within = |span: Seconds| self.fetched.is_some_and(|fetched| now < fetched.plus(span));
        if is_known && is_within(USABLE) {
            KeyLookup::Use
        } else if !is_known && is_within(FRESH) {
            KeyLookup::Unknown
        } else {
            KeyLookup::Unavailable
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use KeyLookup::{Fetch, Unavailable, Unknown, Use};

    /// Times in seconds.
    #[track_caller]
    fn check(fetched: Option<i64>, tried: Option<i64>, is_known: bool, now: i64, expected: KeyLookup) {
        let at = |seconds: i64| Timestamp::from_milliseconds(seconds * 1_000);
        let age = KeySetAge { fetched: fetched.map(at), tried: tried.map(at) };
        assert_eq!(age.look_up(is_known, at(now)), expected, "{age:?} {is_known} {now}");
    }

    #[test]
    fn a_known_key_is_used_and_an_unknown_one_is_asked_for_once_a_minute() {
        check(None, None, false, 1_000, Fetch);
        check(Some(1_000), Some(1_000), true, 1_000, Use);
        check(Some(1_000), Some(1_000), true, 4_599, Use);
        check(Some(1_000), Some(1_000), false, 1_059, Unknown);
        check(Some(1_000), Some(1_000), false, 1_060, Fetch);
        check(Some(1_000), Some(1_000), true, 4_600, Fetch);
    }

    #[test]
    fn a_set_that_cannot_be_fetched_counts_for_a_day_and_is_tried_every_five_seconds() {
        check(None, Some(1_000), false, 1_004, Unavailable);
        check(None, Some(1_000), false, 1_005, Fetch);
        check(Some(1_000), Some(4_600), true, 4_604, Use);
        check(Some(1_000), Some(4_600), true, 4_605, Fetch);
        check(Some(1_000), Some(87_399), true, 87_399, Use);
        check(Some(1_000), Some(87_400), true, 87_400, Unavailable);
        check(Some(1_000), Some(4_600), false, 4_601, Unavailable);
    }
}
