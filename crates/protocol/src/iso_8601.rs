//! How points in time are written in answers.

use chrono::{DateTime, SecondsFormat, Utc};

use domain::value::timestamp::Timestamp;

/// A point in time as JavaScript's `Date` writes it: ISO 8601 with milliseconds and `Z`.
pub fn iso_8601(timestamp: Timestamp) -> String {
    DateTime::<Utc>::from_timestamp_millis(timestamp.milliseconds())
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
        .to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_javascript_writes_them() {
        assert_eq!(iso_8601(Timestamp::from_milliseconds(1_700_000_000_120)), "2023-11-14T22:13:20.120Z");
        assert!(!iso_8601(Timestamp::from_milliseconds(i64::MAX)).is_empty());
    }
}
