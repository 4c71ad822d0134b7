//! Renewal: whether it gains enough to be written down.
//!
//! Possession of a token suffices to renew it, and each stored renewal is a row of the audit log. So a renewal counts
//! only if it moves the expiry by a tenth of the TTL or more, and by a second at least: a token leaves ten rows in each
//! TTL, however often its bearer asks. An earlier request is answered with the present expiry.

use crate::token::lifetime::{AtMaxTtl, Lifetime, TtlCeiling};
use crate::value::timestamp::{Seconds, Timestamp};

/// The part of the TTL that a renewal must gain.
const PART: u64 = 10;
/// What it must gain at least.
const LEAST_GAIN: Seconds = Seconds::new(1);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Renewal {
    /// It moves the expiry; `None` is never.
    Extends(Option<Timestamp>),
    /// It would gain too little: the token stays as it is.
    TooEarly,
}

/// Decides about renewing a live token at `now`.
///
/// # Errors
/// [`AtMaxTtl`] when no time is left under the max TTL or the ceiling.
pub fn decide(
    lifetime: Lifetime,
    created: Timestamp,
    expires: Option<Timestamp>,
    now: Timestamp,
    ceiling: TtlCeiling,
) -> Result<Renewal, AtMaxTtl> {
    let renewed = lifetime.expiry_at_renewal(created, expires, now, ceiling)?;
    let is_worth_it = match (expires, renewed) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(before), Some(after)) => {
            let gained = after.milliseconds().saturating_sub(before.milliseconds());
            gained >= least_gain(lifetime.ttl_of_a_token(ceiling))
        }
    };
    Ok(if is_worth_it { Renewal::Extends(renewed) } else { Renewal::TooEarly })
}

/// In milliseconds: a tenth of some seconds need not be whole ones.
fn least_gain(ttl: Seconds) -> i64 {
    let part = i64::try_from(ttl.get().saturating_mul(1_000) / PART).unwrap_or(i64::MAX);
    part.max(Timestamp::from_milliseconds(0).plus(LEAST_GAIN).milliseconds())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_renewal_counts_from_a_tenth_of_the_ttl_and_a_second_on() {
        /// A token created at 0 that expires at `expires`, all in milliseconds but TTL and max TTL.
        #[track_caller]
        fn check(
            (ttl, max_ttl): (u64, u64),
            expires: Option<i64>,
            now: i64,
            expected: Result<Result<Option<i64>, ()>, AtMaxTtl>,
        ) {
            let at = Timestamp::from_milliseconds;
            let lifetime = Lifetime::from_wire(Seconds::new(ttl), Seconds::new(max_ttl), TtlCeiling::NONE).unwrap();
            let expected = expected.map(|renewal| match renewal {
                Ok(expires) => Renewal::Extends(expires.map(at)),
                Err(()) => Renewal::TooEarly,
            });
            let decided = decide(lifetime, at(0), expires.map(at), at(now), TtlCeiling::NONE);
            assert_eq!(decided, expected, "{ttl} {max_ttl} {expires:?} {now}");
        }
        const TOO_EARLY: Result<Result<Option<i64>, ()>, AtMaxTtl> = Ok(Err(()));
        check((600, 0), Some(600_000), 0, TOO_EARLY);
        check((600, 0), Some(600_000), 59_999, TOO_EARLY);
        check((600, 0), Some(600_000), 60_000, Ok(Ok(Some(660_000))));
        // A tenth of 5 s is half a second, and a second is the least.
        check((5, 0), Some(5_000), 999, TOO_EARLY);
        check((5, 0), Some(5_000), 1_000, Ok(Ok(Some(6_000))));
        check((15, 0), Some(15_000), 1_499, TOO_EARLY);
        check((15, 0), Some(15_000), 1_500, Ok(Ok(Some(16_500))));
        // The last of it before the max TTL.
        check((600, 1_000), Some(940_000), 900_000, Ok(Ok(Some(1_000_000))));
        check((600, 1_000), Some(940_001), 900_000, TOO_EARLY);
        check((600, 1_000), Some(1_000_000), 999_999, TOO_EARLY);
        check((600, 1_000), Some(2_000_000), 1_000_000, Err(AtMaxTtl));
        // A configuration that lost its limits lifts the expiry; a token without expiry has nothing to gain.
        check((0, 0), Some(1_000), 0, Ok(Ok(None)));
        check((600, 0), None, 0, TOO_EARLY);
        check((0, 100), Some(50_000), 0, Ok(Ok(Some(100_000))));
    }

    #[test]
    fn a_ceiling_stands_in_for_a_ttl_that_is_longer() {
        let at = Timestamp::from_milliseconds;
        let ceiling = TtlCeiling::new(Seconds::new(100)).unwrap();
        let decided = decide(Lifetime::UNLIMITED, at(0), Some(at(95_000)), at(90_000), ceiling);
        assert_eq!(decided, Ok(Renewal::TooEarly));
        let decided = decide(Lifetime::UNLIMITED, at(0), Some(at(90_000)), at(89_000), ceiling);
        assert_eq!(decided, Ok(Renewal::Extends(Some(at(100_000)))));
    }
}
