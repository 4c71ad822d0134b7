//! The tables, and how they came to be.
//!
//! Migrations are numbered from 1 and are never edited once they have shipped: a change is a new one at the end. The
//! version table says which have run. Each runs in a transaction of its own, in the object's constructor, before any
//! request.
//!
//! Conventions: identifiers are hyphenated UUIDs; a column `…_at` holds milliseconds since the epoch; a duration is in
//! seconds; 0 in `ttl`, `max_ttl` and `uses_limit` says "no such limit", as on the wire.

use crate::directory::sql::{Sql, SqlError};
use crate::domain::identifiers::DirectoryId;
use crate::domain::randomness::Randomness;
use crate::domain::timestamp::Timestamp;

/// The statements of each migration.
const MIGRATIONS: &[&[&str]] = &[&[
    // One row. `sequence` is the number of the last change.
    "CREATE TABLE directory (
        id TEXT NOT NULL,
        sequence INTEGER NOT NULL
    )",
    "CREATE TABLE organizations (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        slug TEXT NOT NULL UNIQUE,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL
    )",
    "CREATE TABLE identities (
        id TEXT PRIMARY KEY,
        organization_id TEXT NOT NULL REFERENCES organizations (id),
        name TEXT NOT NULL,
        has_delete_protection INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL
    )",
    "CREATE INDEX identities_by_organization ON identities (organization_id, name, id)",
    "CREATE TABLE organization_memberships (
        id TEXT PRIMARY KEY,
        identity_id TEXT NOT NULL UNIQUE REFERENCES identities (id),
        role TEXT NOT NULL,
        last_login_auth_method TEXT,
        last_login_at INTEGER,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL
    )",
    "CREATE TABLE identity_metadata (
        id TEXT PRIMARY KEY,
        identity_id TEXT NOT NULL REFERENCES identities (id),
        position INTEGER NOT NULL,
        key TEXT NOT NULL,
        value TEXT NOT NULL
    )",
    "CREATE INDEX identity_metadata_by_identity ON identity_metadata (identity_id, position)",
    // `trusted_ips` holds one entry a line, as it was given.
    "CREATE TABLE token_auth_configurations (
        id TEXT PRIMARY KEY,
        identity_id TEXT NOT NULL UNIQUE REFERENCES identities (id),
        ttl INTEGER NOT NULL,
        max_ttl INTEGER NOT NULL,
        uses_limit INTEGER NOT NULL,
        trusted_ips TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL
    )",
    // `digest` is SHA-256 of the token. The token itself is nowhere.
    "CREATE TABLE access_tokens (
        id TEXT PRIMARY KEY,
        identity_id TEXT NOT NULL REFERENCES identities (id),
        auth_method TEXT NOT NULL,
        configuration_id TEXT NOT NULL,
        digest BLOB NOT NULL,
        name TEXT,
        ttl INTEGER NOT NULL,
        max_ttl INTEGER NOT NULL,
        uses_limit INTEGER NOT NULL,
        uses INTEGER NOT NULL,
        expires_at INTEGER,
        last_used_at INTEGER,
        last_renewed_at INTEGER,
        revoked_at INTEGER,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL
    )",
    "CREATE INDEX access_tokens_by_identity ON access_tokens (identity_id, auth_method, updated_at DESC, id)",
    // Append-only. `hash` covers the row and the hash before it, so that an edited or missing row shows.
    "CREATE TABLE audit_log (
        sequence INTEGER PRIMARY KEY,
        at INTEGER NOT NULL,
        organization_id TEXT NOT NULL,
        actor TEXT NOT NULL,
        action TEXT NOT NULL,
        target TEXT NOT NULL,
        client_ip TEXT,
        request_id TEXT NOT NULL,
        previous_hash BLOB NOT NULL,
        hash BLOB NOT NULL
    )",
    // The change feed: for each key the number of its last change that could turn a yes into a no.
    "CREATE TABLE changes (
        key TEXT PRIMARY KEY,
        sequence INTEGER NOT NULL,
        at INTEGER NOT NULL
    )",
    "CREATE INDEX changes_by_sequence ON changes (sequence)",
    // One row for each key of the replica. `due_at` is NULL when the replica is up to date.
    "CREATE TABLE outbox (
        key TEXT PRIMARY KEY,
        sequence INTEGER NOT NULL,
        due_at INTEGER,
        attempts INTEGER NOT NULL,
        put_at INTEGER,
        repeat INTEGER NOT NULL
    )",
    "CREATE INDEX outbox_by_due ON outbox (due_at) WHERE due_at IS NOT NULL",
]];

/// Brings the tables to the newest version; does nothing when they are there already.
///
/// # Errors
/// [`SqlError`]; the migrations that had succeeded before it stay.
pub fn migrate<S: Sql>(sql: &S, now: Timestamp, randomness: &mut Randomness) -> Result<(), SqlError> {
    sql.execute(
        "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL)",
        &[],
    )?;
    let applied = match sql.execute("SELECT max(version) FROM schema_version", &[])?.into_iter().next() {
        Some(mut row) => row.optional_integer()?.unwrap_or(0),
        None => 0,
    };
    for (version, statements) in (1i64..).zip(MIGRATIONS).filter(|(version, _)| *version > applied) {
        sql.transaction(|| {
            for statement in *statements {
                sql.execute(statement, &[])?;
            }
            if version == 1 {
                let id = DirectoryId::from_random(randomness.next_16());
                sql.execute("INSERT INTO directory (id, sequence) VALUES (?, 0)", &[id.to_string().into()])?;
            }
            sql.execute(
                "INSERT INTO schema_version (version, applied_at) VALUES (?, ?)",
                &[version.into(), now.into()],
            )?;
            Ok::<(), SqlError>(())
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::test_support::NativeSql;

    #[test]
    fn migrating_twice_changes_nothing() {
        let sql = NativeSql::empty();
        let dump = || sql.dump();
        migrate(&sql, Timestamp::from_milliseconds(1), &mut Randomness::from_seed([1; 32])).unwrap();
        let first = dump();
        migrate(&sql, Timestamp::from_milliseconds(2), &mut Randomness::from_seed([2; 32])).unwrap();
        assert_eq!(dump(), first);
    }

    #[test]
    fn stored_schema_unchanged() {
        use sha2::{Digest, Sha256};
        // A shipped migration must stay as it is; a change to the tables is a new migration at the end of the list.
        let digest = Sha256::digest(MIGRATIONS[0].join(";"));
        let hexadecimal: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        assert_eq!((MIGRATIONS.len(), hexadecimal.as_str()), (1, "5b6cbdf82f2d00ef"));
    }
}
