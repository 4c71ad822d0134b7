//! Idempotency keys: what a create that was sent with one has made.
//!
//! A key belongs to its actor and is remembered for a day. It never brings an answer back, because an answer may hold a
//! secret that is shown once: it only says what was made.

use crate::context::{Actor, Context};
use crate::sql::{Column, SqlError, Value};
use crate::tables::idempotency_keys::StoredKey;
use crate::tables::record::Record;
use domain::value::timestamp::Seconds;

pub use crate::tables::idempotency_keys::KeyUse;

/// How long a key is remembered.
pub const RETENTION: Seconds = Seconds::new(24 * 3600);

/// How many forgotten keys one command removes at most, so that no command pays for the past of all others.
const PRUNE_BATCH: i64 = 100;

/// What this actor has used the key for; `None` when it has not, or too long ago.
///
/// # Errors
/// [`SqlError`]; so does the function below.
pub fn recall(context: &Context<'_>, actor: &Actor, key: &str) -> Result<Option<KeyUse>, SqlError> {
    let condition = "WHERE actor_id = ? AND key = ? AND created_at > ?";
    let bindings = [actor.identity.to_value(), key.into(), context.now.minus(RETENTION).to_value()];
    Ok(StoredKey::first(context.sql, condition, &bindings)?.map(|stored| stored.used_for))
}

/// Notes what this actor has used the key for, and forgets keys that are too old.
pub fn remember(context: &Context<'_>, actor: &Actor, key: &str, used_for: &KeyUse) -> Result<(), SqlError> {
    // Rows are in the order in which they were written, so that the oldest are found without an index of their own.
    context.sql.execute(
        "DELETE FROM idempotency_keys
         WHERE rowid IN (SELECT rowid FROM idempotency_keys ORDER BY rowid LIMIT ?) AND created_at <= ?",
        &[Value::Integer(PRUNE_BATCH), context.now.minus(RETENTION).to_value()],
    )?;
    let (actor, key, used_for) = (actor.identity, key.to_owned(), used_for.clone());
    StoredKey { actor, key, used_for, created: context.now }.replace(context.sql)
}
