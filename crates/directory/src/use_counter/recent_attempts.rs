//! The attempts that a counter granted last, so that one which is sent again spends nothing more.
//!
//! They lie in the counter's own row, packed: granting a use then writes this one row and nothing else. How often the token
//! had been used after an attempt is not stored: it follows from how many attempts came later.

use crate::sql::{Column, SqlError, Value};
use domain::value::identifiers::AttemptId;
use domain::value::timestamp::{Seconds, Timestamp};

/// How long an attempt is remembered. Its caller gives up long before.
const MEMORY: Seconds = Seconds::new(60);
/// The most attempts that are remembered: 20 KB. An object that writes 300 times a second, which is as fast as one gets,
/// remembers each for longer than its caller waits.
const CAPACITY: usize = 1_024;
/// The bytes of one: its id, and when it was made in seconds.
const LENGTH: usize = 16 + 4;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Granted {
    attempt: AttemptId,
    at: u32,
}

/// Attempts in the order in which they were granted. There is no gap between two of them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct RecentAttempts(Vec<Granted>);

impl RecentAttempts {
    /// How many attempts were granted after this one; `None` when it is not remembered.
    pub(super) fn granted_after(&self, attempt: AttemptId) -> Option<u64> {
        let later = self.0.iter().rev().position(|granted| granted.attempt == attempt)?;
        u64::try_from(later).ok()
    }

    /// With one more, and without those that are too old or too many.
    pub(super) fn with(mut self, attempt: AttemptId, now: Timestamp) -> Self {
        let since = seconds(now.minus(MEMORY));
        self.0.push(Granted { attempt, at: seconds(now) });
        let surplus = self.0.len().saturating_sub(CAPACITY);
        // Only from the front: what stays has no gap.
        let old = self.0.iter().take_while(|granted| granted.at < since).count();
        self.0.drain(..old.max(surplus));
        self
    }
}

fn seconds(at: Timestamp) -> u32 {
    u32::try_from(at.milliseconds().div_euclid(1000)).unwrap_or_default()
}

impl Column for RecentAttempts {
    fn to_value(&self) -> Value {
        let mut bytes = Vec::with_capacity(self.0.len() * LENGTH);
        for granted in &self.0 {
            bytes.extend_from_slice(granted.attempt.as_bytes());
            bytes.extend_from_slice(&granted.at.to_be_bytes());
        }
        Value::Blob(bytes)
    }

    fn from_value(value: Value) -> Result<Self, SqlError> {
        const UNEXPECTED: SqlError = SqlError::UnexpectedValue { expected: "attempts" };
        let bytes = match value {
            Value::Null => return Ok(Self::default()),
            Value::Blob(bytes) => bytes,
            Value::Integer(_) | Value::Text(_) => return Err(UNEXPECTED),
        };
        let (granted, rest) = bytes.as_chunks::<LENGTH>();
        if !rest.is_empty() {
            return Err(UNEXPECTED);
        }
        let read = |bytes: &[u8; LENGTH]| {
            let (attempt, at) = bytes.split_first_chunk::<16>()?;
            let at = u32::from_be_bytes(*at.first_chunk::<4>()?);
            Some(Granted { attempt: AttemptId::from_bytes(*attempt), at })
        };
        granted.iter().map(read).collect::<Option<_>>().map(Self).ok_or(UNEXPECTED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_milliseconds(seconds * 1000)
    }

    fn attempt(number: u32) -> AttemptId {
        let mut bytes = [0; 16];
        bytes[..4].copy_from_slice(&number.to_be_bytes());
        AttemptId::from_bytes(bytes)
    }

    #[test]
    fn an_attempt_is_remembered_for_a_minute() {
        let mut attempts = RecentAttempts::default();
        for number in 0..100 {
            attempts = attempts.with(attempt(number), at(i64::from(number)));
        }
        assert_eq!(attempts.granted_after(attempt(99)), Some(0));
        assert_eq!(attempts.granted_after(attempt(39)), Some(60));
        assert_eq!(attempts.granted_after(attempt(38)), None);
    }

    #[test]
    fn the_memory_is_bounded() {
        let mut attempts = RecentAttempts::default();
        for number in 0..5_000 {
            attempts = attempts.with(attempt(number), at(1));
        }
        assert_eq!(attempts.0.len(), CAPACITY);
        assert_eq!(attempts.granted_after(attempt(4_999)), Some(0));
        assert_eq!(attempts.granted_after(attempt(5_000 - 1_024)), Some(1_023));
        assert_eq!(attempts.granted_after(attempt(5_000 - 1_025)), None);
    }

    #[test]
    fn a_clock_that_jumps_makes_no_gap() {
        let attempts = RecentAttempts::default().with(attempt(1), at(1_000)).with(attempt(2), at(100));
        let attempts = attempts.with(attempt(3), at(1_030));
        assert_eq!(attempts.granted_after(attempt(1)), Some(2));
        assert_eq!(attempts.granted_after(attempt(3)), Some(0));
    }

    #[test]
    fn attempts_unchanged() {
        let attempts = RecentAttempts::default().with(attempt(0x0102_0304), at(5)).with(attempt(7), at(6));
        let mut bytes = vec![1, 2, 3, 4];
        bytes.extend([0; 12]);
        bytes.extend([0, 0, 0, 5, 0, 0, 0, 7]);
        bytes.extend([0; 12]);
        bytes.extend([0, 0, 0, 6]);
        assert_eq!(attempts.to_value(), Value::Blob(bytes.clone()));
        assert_eq!(RecentAttempts::from_value(Value::Blob(bytes.clone())), Ok(attempts));
        assert_eq!(RecentAttempts::from_value(Value::Null), Ok(RecentAttempts::default()));
        bytes.pop();
        assert!(RecentAttempts::from_value(Value::Blob(bytes)).is_err(), "what cannot be read is not nothing");
    }
}
