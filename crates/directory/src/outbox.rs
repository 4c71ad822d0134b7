//! The outbox: which keys of the replica are behind, and when to put them.
//!
//! It names keys, never values: what is put is read from the tables at that moment, so the newest version is the only one
//! there can be. The edge puts one key after the other and reports the outcome here.
//!
//! * A key is put at most once a second, as the replica's store demands.
//! * A failed put is tried again, later each time.
//! * What narrows is put a second time when every earlier put that timed out must have landed, so that a late "active"
//!   cannot stay behind a "revoked".

use crate::sql::{Column, Sql, SqlError, Value};
use domain::token::evidence::EvidenceKey;
use domain::value::timestamp::{Seconds, Timestamp};

/// The replica's store takes one write a second for each key.
const BETWEEN_PUTS: Seconds = Seconds::new(1);
/// The replica's store may take a minute and more to agree with itself.
const BEFORE_REPEATING: Seconds = Seconds::new(65);
/// A failing store is asked again after 1, 2, 4 … seconds, and then every five minutes.
const LONGEST_BACK_OFF: Seconds = Seconds::new(300);
/// An isolate that finds a key missing or unusable asks for it to be put again; not more often than this.
const BETWEEN_REPAIRS: Seconds = Seconds::new(60);

/// Whether a put is repeated later.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Repeat {
    /// It only widens: a lost race shows as a "no", which is never given without asking the authority.
    Never,
    /// It narrows.
    Once,
}

/// Notes that the replica is behind on these keys since change `sequence`, `keys` being a JSON array of them, in one
/// statement however many there are.
pub(super) fn enqueue(
    sql: &dyn Sql,
    keys: &str,
    sequence: u64,
    now: Timestamp,
    repeat: Repeat,
) -> Result<(), SqlError> {
    sql.execute(
        "INSERT INTO outbox (key, sequence, due_at, attempts, put_at, repeat)
         SELECT value, ?2, ?3, 0, NULL, ?4 FROM json_each(?1) WHERE true
         ON CONFLICT (key) DO UPDATE SET
            sequence = excluded.sequence,
            due_at = max(excluded.due_at, coalesce(put_at, 0) + ?5),
            attempts = 0,
            repeat = max(repeat, excluded.repeat)",
        &[
            keys.into(),
            sequence.into(),
            now.to_value(),
            Value::Integer(i64::from(repeat == Repeat::Once)),
            BETWEEN_PUTS.as_milliseconds().into(),
        ],
    )?;
    Ok(())
}

/// Notes that an isolate found the replica missing, unusable or too old for `key`. Does nothing for a key that was never
/// in the replica, or that was put a moment ago.
pub fn repair(sql: &dyn Sql, key: EvidenceKey, now: Timestamp) -> Result<(), SqlError> {
    sql.execute(
        "UPDATE outbox SET due_at = ?, attempts = 0 WHERE key = ? AND due_at IS NULL AND coalesce(put_at, 0) <= ?",
        &[now.to_value(), key.to_value(), now.minus(BETWEEN_REPAIRS).to_value()],
    )?;
    Ok(())
}

/// The key to put next; `None` when none is due.
pub fn next_due(sql: &dyn Sql, now: Timestamp) -> Result<Option<EvidenceKey>, SqlError> {
    let rows =
        sql.execute("SELECT key FROM outbox WHERE due_at <= ? ORDER BY due_at, key LIMIT 1", &[now.to_value()])?;
    rows.into_iter().next().map(|mut row| row.read()).transpose()
}

/// When the next key is or was due; `None` when the replica is up to date.
pub fn next_due_at(sql: &dyn Sql) -> Result<Option<Timestamp>, SqlError> {
    let rows = sql.execute("SELECT min(due_at) FROM outbox WHERE due_at IS NOT NULL", &[])?;
    match rows.into_iter().next() {
        Some(mut row) => row.read(),
        None => Ok(None),
    }
}

/// How many keys the replica is behind on.
pub fn backlog(sql: &dyn Sql) -> Result<u64, SqlError> {
    match sql.execute("SELECT count(*) FROM outbox WHERE due_at IS NOT NULL AND attempts > 0", &[])?.into_iter().next()
    {
        Some(mut row) => row.read(),
        None => Ok(0),
    }
}

/// Notes that evidence which reflects change `sequence` was put.
pub fn put_succeeded(sql: &dyn Sql, key: EvidenceKey, sequence: u64, now: Timestamp) -> Result<(), SqlError> {
    sql.execute(
        "UPDATE outbox SET
            put_at = ?1,
            attempts = 0,
            due_at = CASE
                WHEN sequence > ?3 THEN ?1 + ?4
                WHEN repeat = 1 THEN ?1 + ?5
                ELSE NULL
            END,
            repeat = CASE WHEN sequence > ?3 THEN repeat ELSE 0 END
         WHERE key = ?2",
        &[
            now.to_value(),
            key.to_value(),
            sequence.into(),
            BETWEEN_PUTS.as_milliseconds().into(),
            BEFORE_REPEATING.as_milliseconds().into(),
        ],
    )?;
    Ok(())
}

/// Notes that a put failed or its outcome is unknown.
pub fn put_failed(sql: &dyn Sql, key: EvidenceKey, now: Timestamp) -> Result<(), SqlError> {
    sql.execute(
        "UPDATE outbox SET
            attempts = attempts + 1,
            put_at = ?1,
            due_at = ?1 + min(?3, 1000 * (1 << min(attempts, 20)))
         WHERE key = ?2",
        &[now.to_value(), key.to_value(), LONGEST_BACK_OFF.as_milliseconds().into()],
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal;
    use crate::test_support::NativeSql;
    use domain::value::identifiers::TokenId;

    const KEY: EvidenceKey = EvidenceKey::Token(TokenId::from_bytes([1; 16]));

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_milliseconds(seconds * 1000)
    }

    #[test]
    fn a_change_is_due_at_once_and_done_when_it_was_put() {
        let sql = NativeSql::migrated();
        assert_eq!(next_due(&sql, at(0)).unwrap(), None);
        enqueue(&sql, &journal::keys([KEY]), 1, at(0), Repeat::Never).unwrap();
        assert_eq!(next_due(&sql, at(0)).unwrap(), Some(KEY));
        put_succeeded(&sql, KEY, 1, at(0)).unwrap();
        assert_eq!(next_due_at(&sql).unwrap(), None);
    }

    #[test]
    fn a_key_is_put_at_most_once_a_second() {
        let sql = NativeSql::migrated();
        enqueue(&sql, &journal::keys([KEY]), 1, at(100), Repeat::Never).unwrap();
        put_succeeded(&sql, KEY, 1, at(100)).unwrap();
        enqueue(&sql, &journal::keys([KEY]), 2, at(100), Repeat::Never).unwrap();
        assert_eq!(next_due_at(&sql).unwrap(), Some(at(101)));
        enqueue(&sql, &journal::keys([KEY]), 3, at(200), Repeat::Never).unwrap();
        assert_eq!(next_due_at(&sql).unwrap(), Some(at(200)));
    }

    #[test]
    fn a_change_during_a_put_is_put_as_well() {
        let sql = NativeSql::migrated();
        enqueue(&sql, &journal::keys([KEY]), 1, at(0), Repeat::Never).unwrap();
        enqueue(&sql, &journal::keys([KEY]), 2, at(0), Repeat::Never).unwrap();
        put_succeeded(&sql, KEY, 1, at(0)).unwrap();
        assert_eq!(next_due_at(&sql).unwrap(), Some(at(1)));
        put_succeeded(&sql, KEY, 2, at(1)).unwrap();
        assert_eq!(next_due_at(&sql).unwrap(), None);
    }

    #[test]
    fn what_narrows_is_put_a_second_time_and_not_a_third() {
        let sql = NativeSql::migrated();
        enqueue(&sql, &journal::keys([KEY]), 1, at(0), Repeat::Once).unwrap();
        put_succeeded(&sql, KEY, 1, at(0)).unwrap();
        assert_eq!(next_due_at(&sql).unwrap(), Some(at(65)));
        put_succeeded(&sql, KEY, 1, at(65)).unwrap();
        assert_eq!(next_due_at(&sql).unwrap(), None);
    }

    #[test]
    fn a_failing_put_is_tried_again_ever_later_and_at_least_every_five_minutes() {
        let sql = NativeSql::migrated();
        enqueue(&sql, &journal::keys([KEY]), 1, at(0), Repeat::Once).unwrap();
        let mut delays = Vec::new();
        for _ in 0..12 {
            put_failed(&sql, KEY, at(1_000)).unwrap();
            delays.push(next_due_at(&sql).unwrap().unwrap().seconds_since(at(1_000)).get());
        }
        assert_eq!(delays, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
        assert_eq!(backlog(&sql).unwrap(), 1);
        put_succeeded(&sql, KEY, 1, at(2_000)).unwrap();
        assert_eq!(backlog(&sql).unwrap(), 0);
        assert_eq!(next_due_at(&sql).unwrap(), Some(at(2_065)));
    }

    #[test]
    fn a_repair_puts_a_known_key_again_but_not_twice_a_minute() {
        let sql = NativeSql::migrated();
        repair(&sql, KEY, at(0)).unwrap();
        assert_eq!(next_due_at(&sql).unwrap(), None, "a key that never was in the replica");
        enqueue(&sql, &journal::keys([KEY]), 1, at(1_000), Repeat::Never).unwrap();
        put_succeeded(&sql, KEY, 1, at(1_000)).unwrap();
        repair(&sql, KEY, at(1_059)).unwrap();
        assert_eq!(next_due_at(&sql).unwrap(), None);
        repair(&sql, KEY, at(1_060)).unwrap();
        assert_eq!(next_due_at(&sql).unwrap(), Some(at(1_060)));
    }
}
