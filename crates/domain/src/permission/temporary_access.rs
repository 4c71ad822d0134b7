//! Temporary access: a role that holds from one moment to another.
//!
//! The period begins at a given moment, which may lie in the future, and lasts for a range in the notation of the `ms`
//! library (`30m`, `1h`, `2d`). It holds up to and without the millisecond of its end.

use crate::value::timestamp::{Seconds, Timestamp};

/// From when to when a role holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct AccessPeriod {
    /// The first millisecond in which it holds.
    pub start: Timestamp,
    /// The first millisecond in which it no longer holds.
    pub end: Timestamp,
}

impl AccessPeriod {
    /// The period that begins at `start` and lasts for `range`.
    pub fn new(start: Timestamp, range: AccessRange) -> Result<Self, NotWritable> {
        let end = Timestamp::from_milliseconds(start.milliseconds().saturating_add(range.milliseconds));
        if !(Timestamp::FIRST_WRITABLE..=Timestamp::LAST_WRITABLE).contains(&start) {
            return Err(NotWritable::Start);
        }
        if end > Timestamp::LAST_WRITABLE {
            return Err(NotWritable::End);
        }
        Ok(Self { start, end })
    }

    pub fn holds(self, now: Timestamp) -> bool {
        self.start <= now && now < self.end
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TemporaryAccess {
    /// How long it lasts, as it was sent.
    pub range: String,
    pub period: AccessPeriod,
}

/// For how long a role is to be given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RequestedPeriod {
    Permanent,
    /// For a time, without saying from when or for how long.
    Incomplete,
    Temporary(TemporaryAccess),
}

/// Why the roles of one membership cannot be given for so long.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RequestedPeriodsError {
    /// A temporary role says not from when, or not for how long.
    Incomplete,
    /// None is for good.
    NonePermanent,
}

/// Whether the roles of one membership can be given for so long: each temporary one is complete, and then one of them is
/// for good.
pub fn check_requested_periods<'a>(
    periods: impl Iterator<Item = &'a RequestedPeriod>,
) -> Result<(), RequestedPeriodsError> {
    let mut permanent = false;
    for period in periods {
        match period {
            RequestedPeriod::Permanent => permanent = true,
            RequestedPeriod::Incomplete => return Err(RequestedPeriodsError::Incomplete),
            RequestedPeriod::Temporary(_) => {}
        }
    }
    if permanent { Ok(()) } else { Err(RequestedPeriodsError::NonePermanent) }
}

/// A moment lies outside the years 0 to 9999, which are all that RFC 3339 can write: clients could not read it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotWritable {
    Start,
    End,
}

/// How long temporary access lasts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct AccessRange {
    milliseconds: i64,
}

/// The text is not a range, or its length is zero, or longer than ten years.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotARange;

/// The longest range: ten years of 365 days.
const LONGEST: Seconds = Seconds::new(315_360_000);

/// The most bytes that the `ms` library reads. The text is kept as it was sent.
const LONGEST_TEXT: usize = 100;

impl AccessRange {
    /// Reads the notation of the `ms` library: a number, perhaps with a fraction, and a unit; no unit is milliseconds.
    pub fn parse(text: &str) -> Result<Self, NotARange> {
        let text = text.trim();
        if text.len() > LONGEST_TEXT {
            return Err(NotARange);
        }
        let digits = text.find(|character: char| !character.is_ascii_digit() && character != '.').unwrap_or(text.len());
        let (number, unit) = text.split_at_checked(digits).ok_or(NotARange)?;
        let number: f64 = number.parse().map_err(|_| NotARange)?;
        let unit = unit_milliseconds(unit.trim()).ok_or(NotARange)?;
        let milliseconds = (number * unit).round();
        if !(1.0..=LONGEST.as_milliseconds() as f64).contains(&milliseconds) {
            return Err(NotARange);
        }
        Ok(Self { milliseconds: milliseconds as i64 })
    }
}

/// Milliseconds of a unit, by any of its names.
fn unit_milliseconds(unit: &str) -> Option<f64> {
    Some(match unit.to_ascii_lowercase().as_str() {
        "" | "ms" | "msec" | "msecs" | "millisecond" | "milliseconds" => 1.0,
        "s" | "sec" | "secs" | "second" | "seconds" => 1_000.0,
        "m" | "min" | "mins" | "minute" | "minutes" => 60_000.0,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3_600_000.0,
        "d" | "day" | "days" => 86_400_000.0,
        "w" | "week" | "weeks" => 604_800_000.0,
        "y" | "yr" | "yrs" | "year" | "years" => 31_557_600_000.0,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_a_number_and_a_unit() {
        #[track_caller]
        fn check(text: &str, expected: Result<i64, NotARange>) {
            assert_eq!(AccessRange::parse(text).map(|range| range.milliseconds), expected, "{text:?}");
        }
        check("1h", Ok(3_600_000));
        check("30m", Ok(1_800_000));
        check("2d", Ok(172_800_000));
        check("2 days", Ok(172_800_000));
        check("1.5h", Ok(5_400_000));
        check("10S", Ok(10_000));
        check("100", Ok(100));
        check("1w", Ok(604_800_000));
        check("3650d", Ok(315_360_000_000));
        check("3651d", Err(NotARange));
        check("0h", Err(NotARange));
        check("-1h", Err(NotARange));
        check("", Err(NotARange));
        check("h", Err(NotARange));
        check("1 fortnight", Err(NotARange));
        check("1h30m", Err(NotARange));
        check("1e9y", Err(NotARange));
        check("NaN", Err(NotARange));
        check(&"9".repeat(400), Err(NotARange));
        check(&format!("{}1h", "0".repeat(98)), Ok(3_600_000));
        check(&format!("{}1h", "0".repeat(99)), Err(NotARange));
    }

    #[test]
    fn a_period_holds_from_its_start_up_to_and_without_its_end() {
        let at = Timestamp::from_milliseconds;
        let period = AccessPeriod::new(at(1_000), AccessRange::parse("1s").unwrap()).unwrap();
        assert!(!period.holds(at(999)));
        assert!(period.holds(at(1_000)));
        assert!(period.holds(at(1_999)));
        assert!(!period.holds(at(2_000)));
    }

    #[test]
    fn a_membership_has_a_role_for_good_and_no_temporary_one_that_is_incomplete() {
        use RequestedPeriod::{Incomplete, Permanent};
        use RequestedPeriodsError::NonePermanent;
        let period = AccessPeriod { start: Timestamp::from_milliseconds(0), end: Timestamp::from_milliseconds(1) };
        let temporary = || RequestedPeriod::Temporary(TemporaryAccess { range: "1ms".to_owned(), period });
        #[track_caller]
        fn check(periods: &[RequestedPeriod], expected: Result<(), RequestedPeriodsError>) {
            assert_eq!(check_requested_periods(periods.iter()), expected, "{periods:?}");
        }
        check(&[], Err(NonePermanent));
        check(&[Permanent], Ok(()));
        check(&[temporary()], Err(NonePermanent));
        check(&[temporary(), Permanent], Ok(()));
        check(&[temporary(), Incomplete], Err(RequestedPeriodsError::Incomplete));
        check(&[Permanent, Incomplete], Err(RequestedPeriodsError::Incomplete));
    }

    #[test]
    fn a_period_lies_within_the_years_that_can_be_written() {
        #[track_caller]
        fn check(start: i64, range: &str, expected: Result<i64, NotWritable>) {
            let range = AccessRange::parse(range).unwrap();
            let period = AccessPeriod::new(Timestamp::from_milliseconds(start), range);
            assert_eq!(period.map(|period| period.end.milliseconds()), expected, "{start}");
        }
        let (first, last) = (Timestamp::FIRST_WRITABLE.milliseconds(), Timestamp::LAST_WRITABLE.milliseconds());
        check(last - 1_000, "1s", Ok(last));
        check(last - 999, "1s", Err(NotWritable::End));
        check(last, "3650d", Err(NotWritable::End));
        check(last + 1, "1s", Err(NotWritable::Start));
        check(i64::MAX, "3650d", Err(NotWritable::Start));
        check(first, "1s", Ok(first + 1_000));
        check(first - 1, "1s", Err(NotWritable::Start));
    }
}
