//! The table of one UseCounter object: how often one token has been used.
//!
//! The object is the only authority over the count. For a token with a limit every use is granted here, by one
//! conditional update; for a token without one, uses arrive in batches. The count is reported to the Directory for
//! people to read.
//!
//! There is one row. A use reads it and writes it, and nothing else: each row costs money, for each use of each token.
//!
//! **Invariants**
//! * `uses` never exceeds the limit: the update and its condition are one statement.
//! * The same attempt, sent again because its answer was lost, gets the same answer and consumes nothing more.
//! * The count never goes back. It is removed only when its token has been gone for longer than anybody could bring it
//!   back: a counter that began again would grant all uses again.

use std::num::NonZeroU64;

use crate::sql::{self, Column, Row, Sql, SqlError, Transactions};
use crate::use_counter::recent_attempts::RecentAttempts;
use domain::token::uses::Consumption;
use domain::value::identifiers::AttemptId;
use domain::value::timestamp::{Seconds, Timestamp};

mod recent_attempts;

/// How soon after a use the count is reported.
const REPORT_DELAY: Seconds = Seconds::new(1);
/// How far apart reports of a token in constant use are.
const BETWEEN_REPORTS: Seconds = Seconds::new(60);
/// A report that fails is sent again after 1, 2, 4 … seconds and then every five minutes.
const LONGEST_BACK_OFF: Seconds = Seconds::new(300);

/// How long a counter outlives its token's row: a day more than the runtime can bring a database back from. It is also how
/// often a counter that nobody uses asks whether its token is still there.
pub const RETENTION: Seconds = Seconds::new(31 * 24 * 3600);

/// One row. `report_due_at` is when the counter reports, or asks for its token, next.
const TABLE: &str = "CREATE TABLE counter (
    uses INTEGER NOT NULL,
    last_used_at INTEGER,
    reported_at INTEGER,
    report_due_at INTEGER,
    report_failures INTEGER NOT NULL,
    recent_attempts BLOB,
    token_gone_since INTEGER
)";

/// What the table of the release before lacks. That release runs on it with these columns as well.
const ADDED: [&str; 2] =
    ["ALTER TABLE counter ADD COLUMN recent_attempts BLOB", "ALTER TABLE counter ADD COLUMN token_gone_since INTEGER"];

/// The count of one token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Count {
    /// How often it was used.
    pub uses: u64,
    /// When it was last used; `None` if never.
    pub last_used: Option<Timestamp>,
}

/// What became of a message about uses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Counted<T> {
    pub outcome: T,
    /// When the counter is to report next, if the message has made that another time.
    pub report_due: Option<Timestamp>,
}

/// Whether the Directory, asked a moment ago, has a row for the counter's token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TokenRow {
    Present,
    Gone,
}

/// What a counter does after it has reported.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AfterReport {
    /// It reports again when that is due.
    Continues,
    /// Its token has been gone for longer than a counter is kept: everything that it stores is to be removed.
    Ends,
}

/// Makes the table if it is not there. Only a use does: a counter that is merely asked stores nothing.
///
/// # Errors
/// [`SqlError`]; so do all functions below.
pub fn prepare(sql: &impl Transactions) -> Result<(), SqlError> {
    match has_recent_attempts(sql)? {
        Some(true) => Ok(()),
        Some(false) => sql.transaction(|| {
            for statement in ADDED {
                sql.execute(statement, &[])?;
            }
            Ok(())
        }),
        None => sql.transaction(|| {
            sql.execute(TABLE, &[])?;
            sql.execute("INSERT INTO counter (uses, report_failures) VALUES (0, 0)", &[])?;
            Ok(())
        }),
    }
}

/// Whether the table has the column; `None` when there is no table.
fn has_recent_attempts(sql: &dyn Sql) -> Result<Option<bool>, SqlError> {
    let rows = sql.execute(
        "SELECT sql LIKE '%recent_attempts%' FROM sqlite_master WHERE type = 'table' AND name = 'counter'",
        &[],
    )?;
    rows.into_iter().next().map(|mut row| row.read()).transpose()
}

/// Consumes one use if one is left.
pub fn consume(
    sql: &dyn Sql,
    limit: NonZeroU64,
    attempt: AttemptId,
    now: Timestamp,
) -> Result<Counted<Consumption>, SqlError> {
    let counter = Counter::stored(sql)?;
    if let Some(later) = counter.recent_attempts.granted_after(attempt) {
        let outcome = Consumption::from_update(limit, Some(counter.uses.saturating_sub(later)));
        return Ok(Counted { outcome, report_due: None });
    }
    let report_due = counter.next_report(now);
    // Its condition grants the use, whatever was read before. RETURNING would read the row once more.
    sql.execute(
        "UPDATE counter SET
            uses = uses + 1,
            last_used_at = max(coalesce(last_used_at, 0), ?),
            recent_attempts = ?,
            report_due_at = ?
         WHERE rowid = 1 AND uses < ?",
        &[
            now.to_value(),
            counter.recent_attempts.with(attempt, now).to_value(),
            report_due.to_value(),
            limit.get().into(),
        ],
    )?;
    if sql::count(sql.execute("SELECT changes()", &[])?)? == 0 {
        return Ok(Counted { outcome: Consumption::from_update(limit, None), report_due: None });
    }
    let outcome = Consumption::from_update(limit, Some(counter.uses.saturating_add(1)));
    Ok(Counted { outcome, report_due: Some(report_due) })
}

/// Adds uses of a token without a limit.
pub fn add(
    sql: &dyn Sql,
    uses: u64,
    last_used: Timestamp,
    batch: AttemptId,
    now: Timestamp,
) -> Result<Counted<()>, SqlError> {
    let counter = Counter::stored(sql)?;
    if counter.recent_attempts.granted_after(batch).is_some() {
        return Ok(Counted { outcome: (), report_due: None });
    }
    let report_due = counter.next_report(now);
    sql.execute(
        "UPDATE counter SET
            uses = uses + ?,
            last_used_at = max(coalesce(last_used_at, 0), ?),
            recent_attempts = ?,
            report_due_at = ?
         WHERE rowid = 1",
        &[
            uses.into(),
            last_used.to_value(),
            counter.recent_attempts.with(batch, now).to_value(),
            report_due.to_value(),
        ],
    )?;
    Ok(Counted { outcome: (), report_due: Some(report_due) })
}

/// The count now.
pub fn count(sql: &dyn Sql) -> Result<Count, SqlError> {
    if has_recent_attempts(sql)?.is_none() {
        return Ok(Count { uses: 0, last_used: None });
    }
    let mut row = only_row(sql.execute("SELECT uses, last_used_at FROM counter", &[])?)?;
    Ok(Count { uses: row.read()?, last_used: row.read()? })
}

/// When the counter is to report next; `None` if it was never used.
pub fn report_due(sql: &dyn Sql) -> Result<Option<Timestamp>, SqlError> {
    if has_recent_attempts(sql)?.is_none() {
        return Ok(None);
    }
    only_row(sql.execute("SELECT report_due_at FROM counter", &[])?)?.read()
}

/// Notes that `uses` uses have been reported, and what the Directory said of the token. `retention` is [`RETENTION`].
pub fn report_succeeded(
    sql: &dyn Sql,
    uses: u64,
    token: TokenRow,
    retention: Seconds,
    now: Timestamp,
) -> Result<AfterReport, SqlError> {
    let updated = sql.execute(
        "UPDATE counter SET
            reported_at = ?1,
            report_failures = 0,
            report_due_at = ?1 + CASE WHEN uses > ?2 THEN ?3 ELSE ?4 END,
            token_gone_since = CASE WHEN ?5 THEN coalesce(token_gone_since, ?1) END
         RETURNING token_gone_since",
        &[
            now.to_value(),
            uses.into(),
            BETWEEN_REPORTS.as_milliseconds().into(),
            retention.as_milliseconds().into(),
            (token == TokenRow::Gone).into(),
        ],
    )?;
    let gone_since: Option<Timestamp> = only_row(updated)?.read()?;
    let is_over = gone_since.is_some_and(|since| since.plus(retention) <= now);
    Ok(if is_over { AfterReport::Ends } else { AfterReport::Continues })
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

/// What a use reads of the row.
struct Counter {
    uses: u64,
    reported_at: Option<Timestamp>,
    report_due: Option<Timestamp>,
    report_failures: u64,
    recent_attempts: RecentAttempts,
}

impl Counter {
    fn stored(sql: &dyn Sql) -> Result<Self, SqlError> {
        let mut row = only_row(sql.execute(
            "SELECT uses, reported_at, report_due_at, report_failures, recent_attempts FROM counter WHERE rowid = 1",
            &[],
        )?)?;
        Ok(Self {
            uses: row.read()?,
            reported_at: row.read()?,
            report_due: row.read()?,
            report_failures: row.read()?,
            recent_attempts: row.read()?,
        })
    }

    /// When the count is reported next, with a use at `now`.
    fn next_report(&self, now: Timestamp) -> Timestamp {
        let soon = now.plus(REPORT_DELAY);
        let wanted = self.reported_at.map_or(soon, |reported| soon.max(reported.plus(BETWEEN_REPORTS)));
        match self.report_due {
            // A report that fails keeps its time: uses must not call it back.
            Some(due) if self.report_failures > 0 => due,
            Some(due) => due.min(wanted),
            None => wanted,
        }
    }
}

fn only_row(rows: Vec<Row>) -> Result<Row, SqlError> {
    rows.into_iter().next().ok_or(SqlError::UnexpectedValue { expected: "one counter row" })
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

    fn granted(sql: &NativeSql, limit: NonZeroU64, attempt: AttemptId, now: Timestamp) -> Consumption {
        consume(sql, limit, attempt, now).unwrap().outcome
    }

    fn reported(sql: &NativeSql, uses: u64, token: TokenRow, now: Timestamp) -> AfterReport {
        report_succeeded(sql, uses, token, RETENTION, now).unwrap()
    }

    const THREE: NonZeroU64 = NonZeroU64::new(3).unwrap();
    const MANY: NonZeroU64 = NonZeroU64::new(1_000_000).unwrap();

    #[test]
    fn exactly_as_many_uses_are_granted_as_the_limit_allows() {
        let sql = counter();
        let outcomes: Vec<_> = (0..5).map(|number| granted(&sql, THREE, attempt(number), at(1))).collect();
        assert_eq!(
            outcomes,
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
        assert_eq!(granted(&sql, THREE, attempt(9), at(2)), Consumption::Exhausted);
        assert_eq!(sql.dump(), before);
    }

    #[test]
    fn an_attempt_that_is_sent_again_gets_the_same_answer_and_consumes_nothing() {
        let sql = counter();
        let first = granted(&sql, THREE, attempt(1), at(1));
        consume(&sql, THREE, attempt(2), at(1)).unwrap();
        let before = sql.dump();
        assert_eq!(granted(&sql, THREE, attempt(1), at(2)), first);
        assert_eq!(sql.dump(), before);
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
    fn a_use_is_reported_a_second_later_and_constant_use_every_minute() {
        let sql = counter();
        assert_eq!(report_due(&sql).unwrap(), None);
        let first = consume(&sql, MANY, attempt(1), at(100)).unwrap();
        assert_eq!(first.report_due, Some(at(101)));
        consume(&sql, MANY, attempt(2), at(100)).unwrap();
        assert_eq!(report_due(&sql).unwrap(), Some(at(101)), "one report covers both");
        reported(&sql, 2, TokenRow::Present, at(101));
        consume(&sql, MANY, attempt(3), at(102)).unwrap();
        assert_eq!(report_due(&sql).unwrap(), Some(at(161)));
    }

    #[test]
    fn a_use_during_a_report_is_reported_by_the_next_one() {
        let sql = counter();
        consume(&sql, THREE, attempt(1), at(100)).unwrap();
        consume(&sql, THREE, attempt(2), at(101)).unwrap();
        reported(&sql, 1, TokenRow::Present, at(101));
        assert_eq!(report_due(&sql).unwrap(), Some(at(161)));
    }

    #[test]
    fn a_counter_that_nobody_uses_asks_for_its_token_once_in_its_retention() {
        let sql = counter();
        consume(&sql, THREE, attempt(1), at(0)).unwrap();
        for month in 0..3 {
            let now = at(1).plus(Seconds::new(month * RETENTION.get()));
            assert_eq!(reported(&sql, 1, TokenRow::Present, now), AfterReport::Continues);
            assert_eq!(report_due(&sql).unwrap(), Some(now.plus(RETENTION)));
        }
    }

    #[test]
    fn a_counter_ends_when_its_token_has_been_gone_for_its_retention_and_not_before() {
        let sql = counter();
        consume(&sql, THREE, attempt(1), at(0)).unwrap();
        let gone = at(1_000);
        let last = at(1_000).plus(RETENTION);
        assert_eq!(reported(&sql, 1, TokenRow::Gone, gone), AfterReport::Continues);
        assert_eq!(reported(&sql, 1, TokenRow::Gone, last.minus(Seconds::new(1))), AfterReport::Continues);
        assert_eq!(reported(&sql, 1, TokenRow::Gone, last), AfterReport::Ends);
    }

    #[test]
    fn a_token_that_was_brought_back_begins_the_retention_anew() {
        let sql = counter();
        consume(&sql, THREE, attempt(1), at(0)).unwrap();
        let last = at(1_000).plus(RETENTION);
        assert_eq!(reported(&sql, 1, TokenRow::Gone, at(1_000)), AfterReport::Continues);
        assert_eq!(reported(&sql, 1, TokenRow::Present, at(2_000)), AfterReport::Continues);
        assert_eq!(reported(&sql, 1, TokenRow::Gone, last), AfterReport::Continues);
    }

    #[test]
    fn a_counter_that_is_only_asked_stores_nothing() {
        let sql = NativeSql::empty();
        assert_eq!(count(&sql).unwrap(), Count { uses: 0, last_used: None });
        assert_eq!(report_due(&sql).unwrap(), None);
        assert_eq!(sql.dump(), [""; 0]);
    }

    #[test]
    fn a_counter_of_the_release_before_goes_on_from_its_count() {
        let sql = NativeSql::empty();
        let before = "CREATE TABLE counter (
            uses INTEGER NOT NULL,
            last_used_at INTEGER,
            reported_at INTEGER,
            report_due_at INTEGER,
            report_failures INTEGER NOT NULL
        )";
        sql.execute(before, &[]).unwrap();
        sql.execute("INSERT INTO counter VALUES (2, 5000, 6000, NULL, 0)", &[]).unwrap();
        prepare(&sql).unwrap();
        prepare(&sql).unwrap();
        assert_eq!(count(&sql).unwrap(), Count { uses: 2, last_used: Some(at(5)) });
        let last = consume(&sql, THREE, attempt(1), at(100)).unwrap();
        assert_eq!(last, Counted { outcome: Consumption::Granted { remaining: 0 }, report_due: Some(at(101)) });
        assert_eq!(granted(&sql, THREE, attempt(2), at(100)), Consumption::Exhausted);
    }

    #[test]
    fn a_failing_report_is_sent_again_ever_later() {
        let sql = counter();
        consume(&sql, THREE, attempt(1), at(100)).unwrap();
        let mut delays = Vec::new();
        for number in 2..13 {
            report_failed(&sql, at(200)).unwrap();
            consume(&sql, MANY, attempt(number), at(200)).unwrap();
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
            let mut remaining = std::collections::BTreeMap::new();
            for number in attempts {
                if let Consumption::Granted { remaining: left } = granted(&sql, limit, attempt(number), at(1)) {
                    // The same attempt gets the same answer.
                    prop_assert_eq!(*remaining.entry(number).or_insert(left), left);
                }
            }
            prop_assert!(remaining.len() as u64 <= limit.get());
            prop_assert_eq!(count(&sql).unwrap().uses, remaining.len() as u64);
        }
    }
}
