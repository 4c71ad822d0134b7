//! Idempotency keys: what a create that was sent with one has made.
//!
//! A key belongs to its actor and is remembered for a day. It never brings an answer back, because an answer may hold a
//! secret that is shown once: it only says what was made.

use crate::context::{Actor, Context};
use crate::sql::{Sql, SqlError, Value};
use domain::value::timestamp::Seconds;

/// How long a key is remembered.
pub const RETENTION: Seconds = Seconds::new(24 * 3600);

/// How many forgotten keys one command removes at most, so that no command pays for the past of all others.
const PRUNE_BATCH: i64 = 100;

/// What a key was used for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyUse {
    /// Which request it was.
    pub operation: String,
    /// The id of what it made.
    pub made: String,
}

/// What this actor has used the key for; `None` when it has not, or too long ago.
///
/// # Errors
/// [`SqlError`]; so does the function below.
pub fn recall<S: Sql>(context: &Context<'_, S>, actor: &Actor, key: &str) -> Result<Option<KeyUse>, SqlError> {
    let rows = context.sql.execute(
        "SELECT operation, made FROM idempotency_keys WHERE actor_id = ? AND key = ? AND created_at > ?",
        &[actor.identity.to_string().into(), key.into(), context.now.minus(RETENTION).into()],
    )?;
    rows.into_iter().next().map(|mut row| Ok(KeyUse { operation: row.text()?, made: row.text()? })).transpose()
}

/// Notes what this actor has used the key for, and forgets keys that are too old.
pub fn remember<S: Sql>(context: &Context<'_, S>, actor: &Actor, key: &str, used_for: &KeyUse) -> Result<(), SqlError> {
    // Rows are in the order in which they were written, so that the oldest are found without an index of their own.
    context.sql.execute(
        "DELETE FROM idempotency_keys
         WHERE rowid IN (SELECT rowid FROM idempotency_keys ORDER BY rowid LIMIT ?) AND created_at <= ?",
        &[Value::Integer(PRUNE_BATCH), context.now.minus(RETENTION).into()],
    )?;
    context.sql.execute(
        "INSERT OR REPLACE INTO idempotency_keys (actor_id, key, operation, made, created_at) VALUES (?, ?, ?, ?, ?)",
        &[
            actor.identity.to_string().into(),
            key.into(),
            used_for.operation.as_str().into(),
            used_for.made.as_str().into(),
            context.now.into(),
        ],
    )?;
    Ok(())
}
