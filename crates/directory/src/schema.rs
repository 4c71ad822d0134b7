//! The tables, and how they came to be.
//!
//! Migrations are numbered from 1 and are never edited once they have shipped: a change is a new one at the end. The
//! version table says which have run. Each runs in a transaction of its own, in the object's constructor, before any
//! request.
//!
//! Conventions: identifiers are hyphenated UUIDs; a column `…_at` holds milliseconds since the epoch; a duration is in
//! seconds; 0 in `ttl`, `max_ttl` and `uses_limit` says "no such limit", as on the wire.

use crate::sql::{Column, SqlError, Transactions};
use domain::value::identifiers::DirectoryId;
use domain::value::randomness::Randomness;
use domain::value::timestamp::Timestamp;

/// The statements of each migration.
const MIGRATIONS: &[&[&str]] = &[
    IDENTITIES_AND_TOKENS,
    ROLES_PROJECTS_AND_UNIVERSAL_AUTH,
    UNIVERSAL_AUTH_INDEXES,
    ROUTES,
    ROLES_ABOUT_REQUESTS,
    RETENTION_OF_AUDIT_LOGS,
    ROUTE_DELEGATIONS,
    UNKNOWN_CLIENTS,
    COLUMN_ABOUT_REQUESTS,
    CONSOLE,
];

const IDENTITIES_AND_TOKENS: &[&str] = &[
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
];

const ROLES_PROJECTS_AND_UNIVERSAL_AUTH: &[&str] = &[
    // `permissions` holds the rules as JSON, in the order that decides between them.
    "CREATE TABLE organization_roles (
        id TEXT PRIMARY KEY,
        organization_id TEXT NOT NULL REFERENCES organizations (id),
        slug TEXT NOT NULL,
        name TEXT NOT NULL,
        description TEXT,
        permissions TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        UNIQUE (organization_id, slug)
    )",
    // Set exactly when `role` is `custom`.
    "ALTER TABLE organization_memberships ADD COLUMN custom_role_id TEXT REFERENCES organization_roles (id)",
    "CREATE INDEX organization_memberships_by_custom_role ON organization_memberships (custom_role_id)
     WHERE custom_role_id IS NOT NULL",
    "CREATE TABLE projects (
        id TEXT PRIMARY KEY,
        organization_id TEXT NOT NULL REFERENCES organizations (id),
        name TEXT NOT NULL,
        slug TEXT NOT NULL,
        description TEXT,
        type TEXT NOT NULL,
        has_delete_protection INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        UNIQUE (organization_id, slug)
    )",
    "CREATE TABLE environments (
        id TEXT PRIMARY KEY,
        project_id TEXT NOT NULL REFERENCES projects (id),
        name TEXT NOT NULL,
        slug TEXT NOT NULL,
        position INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        UNIQUE (project_id, slug)
    )",
    "CREATE TABLE project_roles (
        id TEXT PRIMARY KEY,
        project_id TEXT NOT NULL REFERENCES projects (id),
        slug TEXT NOT NULL,
        name TEXT NOT NULL,
        description TEXT,
        permissions TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        UNIQUE (project_id, slug)
    )",
    "CREATE TABLE project_memberships (
        id TEXT PRIMARY KEY,
        project_id TEXT NOT NULL REFERENCES projects (id),
        identity_id TEXT NOT NULL REFERENCES identities (id),
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        UNIQUE (project_id, identity_id)
    )",
    "CREATE INDEX project_memberships_by_identity ON project_memberships (identity_id)",
    // `role` is a built-in slug, or `custom` with `custom_role_id`. The three temporary columns are set together;
    // `temporary_range` is the text that was sent.
    "CREATE TABLE project_membership_roles (
        id TEXT PRIMARY KEY,
        membership_id TEXT NOT NULL REFERENCES project_memberships (id),
        position INTEGER NOT NULL,
        role TEXT NOT NULL,
        custom_role_id TEXT REFERENCES project_roles (id),
        temporary_range TEXT,
        starts_at INTEGER,
        ends_at INTEGER,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL
    )",
    "CREATE INDEX project_membership_roles_by_membership ON project_membership_roles (membership_id, position)",
    "CREATE INDEX project_membership_roles_by_custom_role ON project_membership_roles (custom_role_id)
     WHERE custom_role_id IS NOT NULL",
    // `failed_logins`, `last_failed_login_at` and `locked_until` are the state of the lockout.
    "CREATE TABLE universal_auth_configurations (
        id TEXT PRIMARY KEY,
        identity_id TEXT NOT NULL UNIQUE REFERENCES identities (id),
        client_id TEXT NOT NULL UNIQUE,
        ttl INTEGER NOT NULL,
        max_ttl INTEGER NOT NULL,
        period INTEGER NOT NULL,
        uses_limit INTEGER NOT NULL,
        trusted_ips TEXT NOT NULL,
        client_secret_trusted_ips TEXT NOT NULL,
        lockout_enabled INTEGER NOT NULL,
        lockout_threshold INTEGER NOT NULL,
        lockout_duration INTEGER NOT NULL,
        lockout_counter_reset INTEGER NOT NULL,
        failed_logins INTEGER NOT NULL,
        last_failed_login_at INTEGER,
        locked_until INTEGER,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL
    )",
    // `digest` is SHA-256 of the secret. `revoked_at` is also set when the secret expired or was used up. `tokens_expire_at`
    // is set when somebody revoked it, because then its tokens die with it: it is when the last of them expires, and the
    // largest integer that is exact everywhere when one never does. NULL when there was none.
    "CREATE TABLE client_secrets (
        id TEXT PRIMARY KEY,
        identity_id TEXT NOT NULL REFERENCES identities (id),
        configuration_id TEXT NOT NULL REFERENCES universal_auth_configurations (id),
        digest BLOB NOT NULL,
        prefix TEXT NOT NULL,
        description TEXT NOT NULL,
        ttl INTEGER NOT NULL,
        uses_limit INTEGER NOT NULL,
        uses INTEGER NOT NULL,
        last_used_at INTEGER,
        expires_at INTEGER,
        revoked_at INTEGER,
        tokens_expire_at INTEGER,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL
    )",
    "CREATE INDEX client_secrets_by_identity ON client_secrets (identity_id, created_at DESC, id)",
    "ALTER TABLE access_tokens ADD COLUMN client_secret_id TEXT",
    "ALTER TABLE access_tokens ADD COLUMN period INTEGER NOT NULL DEFAULT 0",
    // What a create with an `Idempotency-Key` made.
    "CREATE TABLE idempotency_keys (
        actor_id TEXT NOT NULL,
        key TEXT NOT NULL,
        operation TEXT NOT NULL,
        made TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        PRIMARY KEY (actor_id, key)
    )",
];

const UNIVERSAL_AUTH_INDEXES: &[&str] = &[
    "CREATE INDEX client_secrets_by_prefix ON client_secrets (configuration_id, prefix)",
    "CREATE INDEX access_tokens_by_client_secret ON access_tokens (client_secret_id)
     WHERE client_secret_id IS NOT NULL",
    // The next two find dead tokens of Universal Auth, the longest dead first.
    "CREATE INDEX access_tokens_by_expiry ON access_tokens (expires_at)
     WHERE client_secret_id IS NOT NULL AND expires_at IS NOT NULL",
    "CREATE INDEX access_tokens_by_revocation ON access_tokens (revoked_at)
     WHERE client_secret_id IS NOT NULL AND revoked_at IS NOT NULL",
];

const ROUTES: &[&str] = &[
    // `host` NULL is every host. `methods` holds names with a space between them; NULL is every method. `origin` NULL is
    // a route that only reverse proxies ask about. `headers` holds one `name: value` a line.
    "CREATE TABLE routes (
        id TEXT PRIMARY KEY,
        organization_id TEXT NOT NULL REFERENCES organizations (id),
        project_id TEXT NOT NULL REFERENCES projects (id),
        host TEXT,
        path_prefix TEXT NOT NULL,
        methods TEXT,
        origin TEXT,
        keep_authorization INTEGER NOT NULL,
        headers TEXT NOT NULL,
        timeout INTEGER NOT NULL,
        web_socket INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL
    )",
    "CREATE INDEX routes_by_organization ON routes (organization_id)",
    "CREATE INDEX routes_by_project ON routes (project_id)",
];

const ROLES_ABOUT_REQUESTS: &[&str] = &[
    // What the policy is made of. The condition is that of the statement that reads it.
    "CREATE INDEX project_roles_about_requests ON project_roles (project_id, slug)
     WHERE instr(permissions, '\"subject\":\"requests\"') > 0",
];

const RETENTION_OF_AUDIT_LOGS: &[&str] = &["ALTER TABLE projects ADD COLUMN audit_logs_retention_days INTEGER"];

const ROUTE_DELEGATIONS: &[&str] = &[
    // `host` NULL is every host.
    "CREATE TABLE route_delegations (
        id TEXT PRIMARY KEY,
        organization_id TEXT NOT NULL REFERENCES organizations (id),
        project_id TEXT NOT NULL REFERENCES projects (id),
        host TEXT,
        path_prefix TEXT NOT NULL,
        allow_keep_authorization INTEGER NOT NULL,
        created_at INTEGER NOT NULL
    )",
    "CREATE INDEX route_delegations_by_organization ON route_delegations (organization_id)",
    // Routes that there were before go on as they are: each lies in a delegation for exactly its requests, which has the
    // id of one of them.
    "INSERT INTO route_delegations
     SELECT min(id), organization_id, project_id, host, path_prefix, max(keep_authorization), min(created_at)
     FROM routes GROUP BY organization_id, project_id, host, path_prefix",
];

const UNKNOWN_CLIENTS: &[&str] = &[
    // One row, which is written where a failed login counts against nobody: so that it takes as long as one that does.
    "CREATE TABLE unknown_clients (id INTEGER PRIMARY KEY, failed_logins INTEGER NOT NULL, last_failed_login_at INTEGER)",
    "INSERT INTO unknown_clients (id, failed_logins) VALUES (1, 0)",
];

const COLUMN_ABOUT_REQUESTS: &[&str] = &[
    // Whether a rule of the role is about `requests`. The index had looked for that in the text, and so depended on how
    // JSON happens to be laid out. 1 unless somebody says otherwise: a role is then looked at for nothing, and none is
    // forgotten.
    "ALTER TABLE project_roles ADD COLUMN about_requests INTEGER NOT NULL DEFAULT 1",
    "UPDATE project_roles SET about_requests = EXISTS (
        SELECT 1 FROM json_each(permissions) AS rule WHERE json_extract(rule.value, '$.subject') = 'requests'
     )",
    "DROP INDEX project_roles_about_requests",
    "CREATE INDEX project_roles_about_requests ON project_roles (project_id, slug) WHERE about_requests = 1",
];

const CONSOLE: &[&str] = &[
    // `identity_id` refers to nothing: the version before this one deletes identities without looking here.
    "CREATE TABLE console_sessions (
        id TEXT PRIMARY KEY,
        digest BLOB NOT NULL,
        identity_id TEXT NOT NULL,
        signed_in_by TEXT NOT NULL,
        token_id TEXT,
        access_subject TEXT,
        client_ip TEXT,
        created_at INTEGER NOT NULL,
        last_used_at INTEGER NOT NULL
    )",
    "CREATE INDEX console_sessions_by_identity ON console_sessions (identity_id, last_used_at)",
    "CREATE TABLE sign_in_codes (
        digest BLOB PRIMARY KEY,
        identity_id TEXT NOT NULL,
        issued_at INTEGER NOT NULL
    )",
    "ALTER TABLE identities ADD COLUMN access_subject TEXT",
    "CREATE UNIQUE INDEX identities_by_access_subject ON identities (access_subject, organization_id)
     WHERE access_subject IS NOT NULL",
    // By what an actor came, where it was not the API.
    "ALTER TABLE audit_log ADD COLUMN via TEXT",
];

/// Brings the tables to the newest version; does nothing when they are there already.
///
/// # Errors
/// [`SqlError`]; the migrations that had succeeded before it stay.
pub fn migrate(sql: &impl Transactions, now: Timestamp, randomness: &mut Randomness) -> Result<(), SqlError> {
    run(sql, MIGRATIONS, now, randomness)
}

fn run(
    sql: &impl Transactions,
    migrations: &[&[&str]],
    now: Timestamp,
    randomness: &mut Randomness,
) -> Result<(), SqlError> {
    sql.execute(
        "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL)",
        &[],
    )?;
    let applied = match sql.execute("SELECT max(version) FROM schema_version", &[])?.into_iter().next() {
        Some(mut row) => row.read::<Option<i64>>()?.unwrap_or(0),
        None => 0,
    };
    for (version, statements) in (1i64..).zip(migrations).filter(|(version, _)| *version > applied) {
        sql.transaction(|| {
            for statement in *statements {
                sql.execute(statement, &[])?;
            }
            if version == 1 {
                let id = DirectoryId::from_random(randomness.next_16());
                sql.execute("INSERT INTO directory (id, sequence) VALUES (?, 0)", &[id.to_value()])?;
            }
            sql.execute(
                "INSERT INTO schema_version (version, applied_at) VALUES (?, ?)",
                &[version.into(), now.to_value()],
            )?;
            Ok::<(), SqlError>(())
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::Sql;
    use crate::test_support::NativeSql;

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
    fn roles_about_requests_that_were_there_are_found_however_their_json_was_laid_out() {
        let sql = NativeSql::empty();
        let before = MIGRATIONS.iter().position(|statements| *statements == COLUMN_ABOUT_REQUESTS).unwrap();
        let now = Timestamp::from_milliseconds(1);
        run(&sql, &MIGRATIONS[..before], now, &mut Randomness::from_seed([1; 32])).unwrap();
        let write = |statement: &str| sql.execute(statement, &[]).map(|_| ()).unwrap();
        write("INSERT INTO organizations VALUES ('o', 'O', 'o', 1, 1)");
        write("INSERT INTO projects VALUES ('p', 'o', 'P', 'p', NULL, 'x', 0, 1, 1, NULL)");
        let role = |slug: &str, rules: &str| {
            write(&format!("INSERT INTO project_roles VALUES ('{slug}', 'p', '{slug}', '', NULL, '{rules}', 1, 1)"));
        };
        role("compact", r#"[{"subject":"role","action":["read"]},{"subject":"requests","action":["read"]}]"#);
        role("spaced", r#"[ { "action" : [ "read" ] , "subject" : "requests" } ]"#);
        role("escaped", r#"[{"subject":"\u0072equests","action":["read"]}]"#);
        role("other", r#"[{"subject":"role","action":["read"],"conditions":{"a":"\"subject\":\"requests\""}}]"#);
        role("empty", "[]");
        migrate(&sql, now, &mut Randomness::from_seed([1; 32])).unwrap();
        let found = "SELECT slug FROM project_roles WHERE project_id = 'p' AND about_requests = 1 ORDER BY slug";
        let rows = sql.execute(found, &[]).unwrap();
        let found: Vec<String> = rows.into_iter().map(|mut row| row.read().unwrap()).collect();
        assert_eq!(found, ["compact", "escaped", "spaced"]);
    }

    #[test]
    fn stored_schema_unchanged() {
        use sha2::{Digest, Sha256};
        // A shipped migration must stay as it is; a change to the tables is a new migration at the end of the list.
        let digests: Vec<String> = MIGRATIONS
            .iter()
            .map(|statements| Sha256::digest(statements.join(";")))
            .map(|digest| digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect())
            .collect();
        assert_eq!(
            digests,
            [
                "5b6cbdf82f2d00ef",
                "ca34454b3a87c0fd",
                "b60735bdb07a035d",
                "3e32b2943e925fc4",
                "13171ef5df0dfa0b",
                "332b1eeb7fbd46bf",
                "dee9380d696050e3",
                "42eda98370581d1b",
                "9a7672f6bb786e7a",
                "5a6739756282f839"
            ]
        );
    }
}
