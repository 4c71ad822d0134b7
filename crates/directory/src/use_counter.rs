//! The tables of one UseCounter object: how often one token has been used.
//!
//! The object is the only authority over the count. For a token with a limit every use is granted here, by one
//! conditional update; for a token without one, uses arrive in batches. The count is reported to the Directory for
//! people to read.
//!
//! **Invariants**
//! * `uses` never exceeds the limit: the update and its condition are one statement.
//! * The same attempt, sent again because its answer was lost, gets the same answer and consumes nothing more.
//! * The count never goes back.

use std::num::NonZeroU64;

use crate::sql::{Column, Sql, SqlError, Transactions};
use domain::token::uses::Consumption;
use domain::value::identifiers::AttemptId;
use domain::value::timestamp::{Seconds, Timestamp};

/// How long an attempt is remembered. A caller gives up long before.
const ATTEMPT_MEMORY: Seconds = Seconds::new(60);
/// How soon after a use the count is reported.
const REPORT_DELAY: Seconds = Seconds::new(1);
/// How far apart reports of a token in constant use are.
const BETWEEN_REPORTS: Seconds = Seconds::new(10);
/// A report that fails is sent again after 1, 2, 4 … seconds and then every five minutes.
const LONGEST_BACK_OFF: Seconds = Seconds::new(300);

const SCHEMA: [&str; 3] = [
    // One row. `report_due_at` is NULL when everything has been reported.
    "CREATE TABLE IF NOT EXISTS counter (
        uses INTEGER NOT NULL,
        last_used_at INTEGER,
        reported_at INTEGER,
        report_due_at INTEGER,
        report_failures INTEGER NOT NULL
    )",
    // What was granted to whom, so that a repeated question gets the same answer.
    "CREATE TABLE IF NOT EXISTS attempts (
        id TEXT PRIMARY KEY,
        uses_after INTEGER NOT NULL,
        at INTEGER NOT NULL
    )",
    "CREATE INDEX IF NOT EXISTS attempts_by_time ON attempts (at)",
];

/// The count of one token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Count {
    /// How often it was used.
    pub uses: u64,
    /// When it was last used; `None` if never.
    pub last_used: Option<Timestamp>,
}

/// Makes the tables if they are not there.
///
/// # Errors
/// [`SqlError`]; so do all functions below.
pub fn prepare(sql: &impl Transactions) -> Result<(), SqlError> {
    sql.transaction(|| {
        for statement in SCHEMA {
            sql.execute(statement, &[])?;
        }
        sql.execute(
            "INSERT INTO counter (uses, report_failures) SELECT 0, 0 WHERE NOT EXISTS (SELECT 1 FROM counter)",
            &[],
        )?;
        Ok(())
    })
}

/// Consumes one use if one is left.
pub fn consume(sql: &dyn Sql, limit: NonZeroU64, attempt: AttemptId, now: Timestamp) -> Result<Consumption, SqlError> {
    if let Some(uses_after) = granted_before(sql, attempt)? {
        return Ok(Consumption::from_update(limit, Some(uses_after)));
    }
    let updated = sql.execute(
        "UPDATE counter SET uses = uses + 1, last_used_at = max(coalesce(last_used_at, 0), ?)
         WHERE uses < ? RETURNING uses",
        &[now.to_value(), limit.get().into()],
    )?;
    let uses_after = updated.into_iter().next().map(|mut row| row.read()).transpose()?;
    if let Some(uses_after) = uses_after {
        remember(sql, attempt, uses_after, now)?;
    }
    Ok(Consumption::from_update(limit, uses_after))
}

/// Adds uses of a token without a limit.
pub fn add(sql: &dyn Sql, uses: u64, last_used: Timestamp, batch: AttemptId, now: Timestamp) -> Result<(), SqlError> {
    if granted_before(sql, batch)?.is_some() {
        return Ok(());
    }
    sql.execute(
        "UPDATE counter SET uses = uses + ?, last_used_at = max(coalesce(last_used_at, 0), ?)",
        &[uses.into(), last_used.to_value()],
    )?;
    remember(sql, batch, uses, now)
}

/// The count now.
pub fn count(sql: &dyn Sql) -> Result<Count, SqlError> {
    let mut row = sql
        .execute("SELECT uses, last_used_at FROM counter", &[])?
        .into_iter()
        .next()
        .ok_or(SqlError::UnexpectedValue { expected: "one counter row" })?;
    Ok(Count { uses: row.read()?, last_used: row.read()? })
}

/// When the count is to be reported; `None` when everything has been.
pub fn report_due(sql: &dyn Sql) -> Result<Option<Timestamp>, SqlError> {
    match sql.execute("SELECT report_due_at FROM counter", &[])?.into_iter().next() {
        Some(mut row) => row.read(),
        None => Ok(None),
    }
}

/// Notes that `uses` uses have been reported.
pub fn report_succeeded(sql: &dyn Sql, uses: u64, now: Timestamp) -> Result<(), SqlError> {
    sql.execute(
        "UPDATE counter SET
            reported_at = ?1,
            report_failures = 0,
            report_due_at = CASE WHEN uses > ?2 THEN ?1 + ?3 ELSE NULL END",
        &[now.to_value(), uses.into(), BETWEEN_REPORTS.as_milliseconds().into()],
    )?;
    Ok(())
}

/// Notes that a report failed.
pub fn report_failed(sql: &dyn Sql, now: Timestamp) -> Result<(), SqlError> {
    sql.execute(
        "UPDATE counter SET
            report_failures = report_failures + 1,
            report_due_at = ?1 + min(?2, 1000 * (1 << min(report_failures, 20)))",
        &[now.to_value(), LONGEST_BACK_OFF.as_milliseconds().into()],
    )?;
    Ok(())
}

fn granted_before(sql: &dyn Sql, attempt: AttemptId) -> Result<Option<u64>, SqlError> {
    let rows = sql.execute("SELECT uses_after FROM attempts WHERE id = ?", &[attempt.to_value()])?;
    rows.into_iter().next().map(|mut row| row.read()).transpose()
}

fn remember(sql: &dyn Sql, attempt: AttemptId, uses_after: u64, now: Timestamp) -> Result<(), SqlError> {
    sql.execute("DELETE FROM attempts WHERE at < ?", &[now.minus(ATTEMPT_MEMORY).to_value()])?;
    sql.execute(
        "INSERT INTO attempts (id, uses_after, at) VALUES (?, ?, ?)",
        &[attempt.to_value(), uses_after.into(), now.to_value()],
    )?;
    schedule_report(sql, now)
}

fn schedule_report(sql: &dyn Sql, now: Timestamp) -> Result<(), SqlError> {
    sql.execute(
        "UPDATE counter SET report_due_at = max(?1 + ?2, coalesce(reported_at, 0) + ?3) WHERE report_due_at IS NULL",
        &[now.to_value(), REPORT_DELAY.as_milliseconds().into(), BETWEEN_REPORTS.as_milliseconds().into()],
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::NativeSql;
    use proptest::prelude::*;

    fn counter() -> NativeSql {
        let sql = NativeSql::empty();
        prepare(&sql).unwrap();
        prepare(&sql).unwrap();
        sql
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_milliseconds(seconds * 1000)
    }

    fn attempt(number: u32) -> AttemptId {
        let mut bytes = [0; 16];
        bytes[..4].copy_from_slice(&number.to_be_bytes());
        AttemptId::from_bytes(bytes)
    }

    const THREE: NonZeroU64 = NonZeroU64::new(3).unwrap();
    const MANY: NonZeroU64 = NonZeroU64::new(1_000_000).unwrap();

    #[test]
    fn exactly_as_many_uses_are_granted_as_the_limit_allows() {
        let sql = counter();
        let granted: Vec<_> = (0..5).map(|number| consume(&sql, THREE, attempt(number), at(1)).unwrap()).collect();
        assert_eq!(
            granted,
            [
                Consumption::Granted { remaining: 2 },
                Consumption::Granted { remaining: 1 },
                Consumption::Granted { remaining: 0 },
                Consumption::Exhausted,
                Consumption::Exhausted,
            ]
        );
        assert_eq!(count(&sql).unwrap(), Count { uses: 3, last_used: Some(at(1)) });
    }

    #[test]
    fn a_refused_attempt_changes_nothing() {
        let sql = counter();
        for number in 0..3 {
            consume(&sql, THREE, attempt(number), at(1)).unwrap();
        }
        let before = sql.dump();
        assert_eq!(consume(&sql, THREE, attempt(9), at(2)).unwrap(), Consumption::Exhausted);
        assert_eq!(sql.dump(), before);
    }

    #[test]
    fn an_attempt_that_is_sent_again_gets_the_same_answer_and_consumes_nothing() {
        let sql = counter();
        let first = consume(&sql, THREE, attempt(1), at(1)).unwrap();
        consume(&sql, THREE, attempt(2), at(1)).unwrap();
        let before = sql.dump();
        assert_eq!(consume(&sql, THREE, attempt(1), at(2)).unwrap(), first);
        assert_eq!(sql.dump(), before);
    }

    #[test]
    fn attempts_are_forgotten_after_a_minute() {
        let sql = counter();
        for number in 0..100 {
            consume(&sql, MANY, attempt(number), at(i64::from(number))).unwrap();
        }
        let mut row = sql.execute("SELECT count(*) FROM attempts", &[]).unwrap().remove(0);
        assert_eq!(row.read::<u64>().unwrap(), 61);
    }

    #[test]
    fn a_batch_that_is_sent_again_is_added_once() {
        let sql = counter();
        add(&sql, 7, at(5), attempt(1), at(6)).unwrap();
        add(&sql, 7, at(5), attempt(1), at(7)).unwrap();
        add(&sql, 2, at(3), attempt(2), at(8)).unwrap();
        assert_eq!(count(&sql).unwrap(), Count { uses: 9, last_used: Some(at(5)) });
    }

    #[test]
    fn a_use_is_reported_a_second_later_and_constant_use_every_ten_seconds() {
        let sql = counter();
        assert_eq!(report_due(&sql).unwrap(), None);
        consume(&sql, MANY, attempt(1), at(100)).unwrap();
        assert_eq!(report_due(&sql).unwrap(), Some(at(101)));
        consume(&sql, THREE, attempt(2), at(100)).unwrap();
        assert_eq!(report_due(&sql).unwrap(), Some(at(101)), "one report covers both");
        report_succeeded(&sql, 2, at(101)).unwrap();
        assert_eq!(report_due(&sql).unwrap(), None);
        consume(&sql, THREE, attempt(3), at(102)).unwrap();
        assert_eq!(report_due(&sql).unwrap(), Some(at(111)));
    }

    #[test]
    fn a_use_during_a_report_is_reported_by_the_next_one() {
        let sql = counter();
        consume(&sql, THREE, attempt(1), at(100)).unwrap();
        consume(&sql, THREE, attempt(2), at(101)).unwrap();
        report_succeeded(&sql, 1, at(101)).unwrap();
        assert_eq!(report_due(&sql).unwrap(), Some(at(111)));
    }

    #[test]
    fn a_failing_report_is_sent_again_ever_later() {
        let sql = counter();
        consume(&sql, THREE, attempt(1), at(100)).unwrap();
        let mut delays = Vec::new();
        for _ in 0..11 {
            report_failed(&sql, at(200)).unwrap();
            delays.push(report_due(&sql).unwrap().unwrap().seconds_since(at(200)).get());
        }
        assert_eq!(delays, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
    }

    proptest! {
        #[test]
        fn no_order_of_attempts_and_repeats_grants_more_than_the_limit(
            limit in 1u64..6, attempts in proptest::collection::vec(0u32..10, 0..40)
        ) {
            let sql = counter();
            let limit = NonZeroU64::new(limit).unwrap();
            let mut granted = std::collections::BTreeSet::new();
            for number in attempts {
                if let Consumption::Granted { .. } = consume(&sql, limit, attempt(number), at(1)).unwrap() {
                    granted.insert(number);
                }
            }
            prop_assert!(granted.len() as u64 <= limit.get());
            prop_assert_eq!(count(&sql).unwrap().uses, granted.len() as u64);
        }
    }
}
