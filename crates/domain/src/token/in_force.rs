//! When a change that was acknowledged is in force everywhere, so that an operator can be told.

use crate::value::timestamp::{Seconds, Timestamp};

/// What passes at most between reading the clock and the answer's being on its way: a command has 50 ms of computing, and
/// the rest is the disk.
const UNTIL_ACKNOWLEDGED: Seconds = Seconds::new(1);

/// From when on no validation that starts says yes by what was before a change carried out at `now`. The bound counts from
/// the acknowledgement, which comes after the clock was read.
pub const fn in_force_everywhere_at(now: Timestamp, bound: Seconds) -> Timestamp {
    now.plus(bound).plus(UNTIL_ACKNOWLEDGED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_in_force_everywhere_after_the_bound_and_the_time_to_acknowledge_it() {
        let now = Timestamp::from_milliseconds(5);
        assert_eq!(in_force_everywhere_at(now, Seconds::new(10)).milliseconds(), 11_005);
        assert_eq!(in_force_everywhere_at(now, Seconds::ZERO).milliseconds(), 1_005);
    }
}
