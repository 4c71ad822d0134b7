//! The change feed: which keys have changed in a way that could turn a yes into a no, and since which change number
//! evidence about them is usable.
//!
//! The feed is what bounds staleness: an isolate that asked it at most `MAX_STALENESS_SECONDS` ago knows every change
//! that was acknowledged before it asked, whatever the replica shows.

use crate::sql::{Column, Sql, SqlError, Value};
use domain::token::evidence::{CHANGE_RETENTION, Changes};
use domain::value::identifiers::DirectoryId;
use domain::value::timestamp::Timestamp;

/// The most changes one answer names: about 600 KB of JSON. Beyond that the answer raises its floor instead.
pub const LARGEST_ANSWER: usize = 10_000;

/// How many forgotten changes one command removes at most, so that no command pays for the past of all others.
const PRUNE_BATCH: i64 = 100;

/// Every change after `since`.
pub fn changes_since(sql: &dyn Sql, since: u64) -> Result<Changes, SqlError> {
    let (directory, head) = head(sql)?;
    let room = i64::try_from(LARGEST_ANSWER).unwrap_or(i64::MAX).saturating_add(1);
    let rows = sql.execute(
        "SELECT key, sequence FROM changes WHERE sequence > ? ORDER BY sequence DESC LIMIT ?",
        &[since.into(), room.into()],
    )?;
    let mut required = Vec::with_capacity(rows.len());
    let mut floor = 0;
    for mut row in rows {
        let key = row.read()?;
        let sequence = row.read()?;
        if required.len() == LARGEST_ANSWER {
            floor = sequence;
        } else {
            required.push((key, sequence));
        }
    }
    Ok(Changes { directory, head, floor, required })
}

/// The installation and the number of its last change.
pub fn head(sql: &dyn Sql) -> Result<(DirectoryId, u64), SqlError> {
    let mut row = sql
        .execute("SELECT id, sequence FROM directory", &[])?
        .into_iter()
        .next()
        .ok_or(SqlError::UnexpectedValue { expected: "one directory row" })?;
    Ok((row.read()?, row.read()?))
}

/// Notes that these keys have changed, `keys` being a JSON array of them, in one statement however many there are.
pub(super) fn append(sql: &dyn Sql, keys: &str, sequence: u64, now: Timestamp) -> Result<(), SqlError> {
    sql.execute(
        "INSERT INTO changes (key, sequence, at) SELECT value, ?, ? FROM json_each(?) WHERE true
         ON CONFLICT (key) DO UPDATE SET sequence = excluded.sequence, at = excluded.at",
        &[sequence.into(), now.to_value(), keys.into()],
    )?;
    Ok(())
}

/// Forgets changes that no usable evidence can predate any more and that the replica has been told of.
pub(super) fn prune(sql: &dyn Sql, now: Timestamp) -> Result<(), SqlError> {
    sql.execute(
        "DELETE FROM changes
         WHERE sequence IN (SELECT sequence FROM changes ORDER BY sequence LIMIT ?)
           AND at < ?
           AND key NOT IN (SELECT key FROM outbox WHERE due_at IS NOT NULL)",
        &[Value::Integer(PRUNE_BATCH), now.minus(CHANGE_RETENTION).to_value()],
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::Transactions;
    use crate::test_support::NativeSql;
    use crate::{journal, outbox};
    use domain::token::evidence::EvidenceKey;
    use domain::value::identifiers::TokenId;

    fn key(number: u32) -> EvidenceKey {
        let mut bytes = [0; 16];
        bytes[..4].copy_from_slice(&number.to_be_bytes());
        EvidenceKey::Token(TokenId::from_bytes(bytes))
    }

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_milliseconds(milliseconds)
    }

    #[test]
    fn only_the_newest_change_of_a_key_is_named_and_only_after_the_one_asked_for() {
        let sql = NativeSql::migrated();
        append(&sql, &journal::keys([key(1)]), 1, at(0)).unwrap();
        append(&sql, &journal::keys([key(2)]), 2, at(0)).unwrap();
        append(&sql, &journal::keys([key(1)]), 3, at(0)).unwrap();
        assert_eq!(changes_since(&sql, 0).unwrap().required, [(key(1), 3), (key(2), 2)]);
        assert_eq!(changes_since(&sql, 2).unwrap().required, [(key(1), 3)]);
        assert_eq!(changes_since(&sql, 3).unwrap().required, []);
    }

    #[test]
    fn an_answer_without_room_for_every_key_raises_its_floor_above_the_keys_it_leaves_out() {
        let sql = NativeSql::migrated();
        let count = u32::try_from(LARGEST_ANSWER).unwrap() + 5;
        sql.transaction(|| {
            for number in 1..=count {
                append(&sql, &journal::keys([key(number)]), u64::from(number), at(0))?;
            }
            Ok::<(), SqlError>(())
        })
        .unwrap();
        let changes = changes_since(&sql, 0).unwrap();
        assert_eq!(changes.required.len(), LARGEST_ANSWER);
        assert_eq!(changes.floor, 5);
        assert!(changes.required.iter().all(|(_, sequence)| *sequence > changes.floor));
    }

    #[test]
    fn a_change_is_forgotten_only_after_its_retention_and_once_the_replica_knows_it() {
        let sql = NativeSql::migrated();
        append(&sql, &journal::keys([key(1)]), 1, at(0)).unwrap();
        append(&sql, &journal::keys([key(2)]), 2, at(0)).unwrap();
        outbox::enqueue(&sql, &journal::keys([key(2)]), 2, at(0), outbox::Repeat::Never).unwrap();
        let last_moment = at(CHANGE_RETENTION.as_milliseconds());
        prune(&sql, last_moment).unwrap();
        assert_eq!(changes_since(&sql, 0).unwrap().required.len(), 2);
        prune(&sql, last_moment.plus(domain::value::timestamp::Seconds::new(1))).unwrap();
        assert_eq!(changes_since(&sql, 0).unwrap().required, [(key(2), 2)]);
    }
}
