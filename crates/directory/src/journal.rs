//! The journal: what every command writes besides its state.
//!
//! One call numbers the command and writes its audit row, its change rows and its outbox rows, in the transaction that
//! the command runs in. A command that changes state and does not call [`record`] is a defect.

use crate::audit::{self, AuditActor, Target};
use crate::change_feed;
use crate::context::Context;
use crate::outbox;
use crate::sql::SqlError;
use domain::permission::operation::Operation;
use domain::token::evidence::EvidenceKey;

/// How a command changed what the data plane knows of one key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    /// It could turn a yes into a no. It goes into the change feed, and every isolate learns of it within the bound.
    Narrows(EvidenceKey),
    /// It turns no yes into a no, yet what is shown of the key is now another: it goes into the feed as well.
    Alters(EvidenceKey),
    /// It made the key. Nobody can hold older evidence of it, so there is nothing to tell the feed.
    Creates(EvidenceKey),
}

/// Numbers the command and writes what follows from it.
///
/// # Errors
/// [`SqlError`]; the caller's transaction must then be undone.
pub fn record<'a>(
    context: &Context<'_>,
    actor: impl Into<AuditActor<'a>>,
    operation: Operation,
    target: Target,
    changes: &[Change],
) -> Result<(), SqlError> {
    let numbered = context.sql.execute("UPDATE directory SET sequence = sequence + 1 RETURNING sequence", &[])?;
    let mut row = numbered.into_iter().next().ok_or(SqlError::UnexpectedValue { expected: "one directory row" })?;
    let sequence = row.read()?;
    audit::append(context, sequence, actor.into(), operation, target)?;
    // A project can have a thousand members: the rows of one kind are one statement. Their order does not matter.
    let (mut told, mut put_once, mut put_twice) = (Vec::new(), Vec::new(), Vec::new());
    for change in changes {
        match *change {
            Change::Narrows(key) => {
                told.push(key);
                put_twice.push(key);
            }
            Change::Alters(key) => {
                told.push(key);
                put_once.push(key);
            }
            Change::Creates(key) => put_once.push(key),
        }
    }
    if !told.is_empty() {
        change_feed::append(context.sql, &keys(told), sequence, context.now)?;
    }
    for (behind, repeat) in [(put_twice, outbox::Repeat::Once), (put_once, outbox::Repeat::Never)] {
        if !behind.is_empty() {
            outbox::enqueue(context.sql, &keys(behind), sequence, context.now, repeat)?;
        }
    }
    change_feed::prune(context.sql, context.now)
}

/// Keys as a JSON array, which one statement can go through.
pub(super) fn keys(keys: impl IntoIterator<Item = EvidenceKey>) -> String {
    keys.into_iter().map(|key| key.to_string()).collect::<serde_json::Value>().to_string()
}
