//! The isolate's memory of callers that have failed too often.
//!
//! The runtime's rate limiter counts and answers in one call; nobody can ask it without counting. So the isolate
//! remembers its answer for a while, and can refuse a request before that costs the authority anything.

use std::num::NonZeroUsize;

use ipnet::IpNet;
use lru::LruCache;

use domain::value::timestamp::{Seconds, Timestamp};

/// How many callers are remembered. Forgetting one costs another question to the limiter.
const CAPACITY: NonZeroUsize = NonZeroUsize::MIN.saturating_add(4095);

/// How long the limiter's no is remembered: the shortest period that a limiter can have. Where its period is longer, it
/// says no again at the next failure.
pub const MEMORY: Seconds = Seconds::new(10);

#[derive(Debug)]
pub struct DampedCallers(LruCache<IpNet, Timestamp>);

impl Default for DampedCallers {
    fn default() -> Self {
        Self(LruCache::new(CAPACITY))
    }
}

impl DampedCallers {
    /// Notes that the limiter said no.
    pub fn note(&mut self, caller: IpNet, now: Timestamp) {
        self.0.put(caller, now);
    }

    /// Whether the limiter said no a moment ago.
    pub fn holds(&mut self, caller: IpNet, now: Timestamp) -> bool {
        // A clock that was set back must not damp anybody for longer.
        self.0.get(&caller).is_some_and(|since| *since <= now && now < since.plus(MEMORY))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(text: &str) -> IpNet {
        text.parse().unwrap()
    }

    #[test]
    fn a_caller_is_damped_for_ten_seconds_and_no_other_one_is() {
        let mut damped = DampedCallers::default();
        let at = Timestamp::from_milliseconds;
        damped.note(caller("203.0.113.9/32"), at(5_000));
        #[track_caller]
        fn check(damped: &mut DampedCallers, who: &str, milliseconds: i64, expected: bool) {
            let held = damped.holds(caller(who), Timestamp::from_milliseconds(milliseconds));
            assert_eq!(held, expected, "{who} at {milliseconds}");
        }
        check(&mut damped, "203.0.113.9/32", 5_000, true);
        check(&mut damped, "203.0.113.9/32", 14_999, true);
        check(&mut damped, "203.0.113.9/32", 15_000, false);
        check(&mut damped, "203.0.113.9/32", 4_999, false);
        check(&mut damped, "203.0.113.8/32", 5_000, false);
        damped.note(caller("203.0.113.9/32"), at(15_000));
        check(&mut damped, "203.0.113.9/32", 15_001, true);
    }

    #[test]
    fn the_memory_is_bounded() {
        let mut damped = DampedCallers::default();
        let now = Timestamp::from_milliseconds(1);
        let numbered = |number: u32| IpNet::from(std::net::IpAddr::from(number.to_be_bytes()));
        for number in 0..10_000 {
            damped.note(numbered(number), now);
        }
        assert_eq!(damped.0.len(), CAPACITY.get());
        assert!(!damped.holds(numbered(0), now));
        assert!(damped.holds(numbered(9_999), now));
    }
}
