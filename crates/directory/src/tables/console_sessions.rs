//! Sessions of operators in the console.

use std::net::IpAddr;

use crate::sql::{Column, Row, Sql, SqlError, Value};
use crate::tables::record::{Columns, Record, record};
use domain::token::console_session::{SessionFacts, SessionLimits, SignedInBy};
use domain::token::digest::ConsoleSessionDigest;
use domain::value::identifiers::{ConsoleSessionId, IdentityId};
use domain::value::timestamp::Timestamp;

record! {
    /// A session as it is stored.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub(crate) struct StoredSession in "console_sessions" {
        pub id: ConsoleSessionId = "id",
        pub digest: ConsoleSessionDigest = "digest",
        pub identity: IdentityId = "identity_id",
        pub by: SignedInBy,
        /// From where it was opened.
        pub client: Option<IpAddr> = "client_ip",
        pub created: Timestamp = "created_at",
        pub last_used: Timestamp = "last_used_at",
    }
}

impl StoredSession {
    pub(crate) fn facts(&self) -> SessionFacts {
        SessionFacts {
            id: self.id,
            digest: self.digest.clone(),
            by: self.by.clone(),
            created: self.created,
            last_used: self.last_used,
        }
    }
}

impl Columns for SignedInBy {
    fn names(names: &mut Vec<&'static str>) {
        names.extend(["signed_in_by", "token_id", "access_subject"]);
    }

    fn write(&self, values: &mut Vec<Value>) {
        let (token, subject) = match self {
            Self::AccessToken(id) => (Some(*id), None),
            Self::CloudflareAccess(subject) => (None, Some(subject.clone())),
            Self::SignInCode => (None, None),
        };
        values.extend([self.name().into(), token.to_value(), subject.to_value()]);
    }

    fn read(row: &mut Row) -> Result<Self, SqlError> {
        let name: String = row.read()?;
        let token: Option<_> = row.read()?;
        let subject: Option<_> = row.read()?;
        [token.map(Self::AccessToken), subject.map(Self::CloudflareAccess), Some(Self::SignInCode)]
            .into_iter()
            .flatten()
            .find(|by| by.name() == name)
            .ok_or(SqlError::UnexpectedValue { expected: "what a session was opened with" })
    }
}

/// The session with this id.
pub(crate) fn find(sql: &dyn Sql, id: ConsoleSessionId) -> Result<Option<StoredSession>, SqlError> {
    StoredSession::first(sql, "WHERE id = ?", &[id.to_value()])
}

/// Notes that a session was used.
pub(crate) fn note_use(sql: &dyn Sql, id: ConsoleSessionId, at: Timestamp) -> Result<(), SqlError> {
    sql.execute("UPDATE console_sessions SET last_used_at = ? WHERE id = ?", &[at.to_value(), id.to_value()])?;
    Ok(())
}

pub(crate) fn delete(sql: &dyn Sql, id: ConsoleSessionId) -> Result<(), SqlError> {
    sql.execute("DELETE FROM console_sessions WHERE id = ?", &[id.to_value()])?;
    Ok(())
}

pub(crate) fn delete_all_of(sql: &dyn Sql, identity: IdentityId) -> Result<(), SqlError> {
    sql.execute("DELETE FROM console_sessions WHERE identity_id = ?", &[identity.to_value()])?;
    Ok(())
}

/// Leaves the identity of a session at most so many, the ones that were used last and this one among them.
pub(crate) fn keep_newest(sql: &dyn Sql, session: &StoredSession, most: u64) -> Result<(), SqlError> {
    sql.execute(
        "DELETE FROM console_sessions WHERE id IN (
            SELECT id FROM console_sessions WHERE identity_id = ? ORDER BY id = ? DESC, last_used_at DESC LIMIT -1 OFFSET ?
         )",
        &[session.identity.to_value(), session.id.to_value(), most.into()],
    )?;
    Ok(())
}

/// Deletes sessions that have ended by themselves, so many at most.
pub(crate) fn prune(sql: &dyn Sql, limits: SessionLimits, now: Timestamp, most: u64) -> Result<(), SqlError> {
    sql.execute(
        "DELETE FROM console_sessions WHERE id IN (
            SELECT id FROM console_sessions WHERE last_used_at <= ? OR created_at <= ? LIMIT ?
         )",
        &[now.minus(limits.idle()).to_value(), now.minus(limits.absolute()).to_value(), most.into()],
    )?;
    Ok(())
}
