//! What a command writes besides its state: one row of the audit log, its rows of the change feed and of the outbox. And
//! that a command which fails writes nothing at all.

use std::cell::Cell;
use std::collections::BTreeMap;

use serde_json::json;
use sha2::{Digest, Sha256};

use crate::endpoint::Authentication;
use directory::sql::{Row, Sql, SqlError, Transactions, Value};
use directory::test_support::NativeSql;
use directory::{change_feed, evidence};
use domain::token::evidence::EvidenceKey;

use super::calls::{Fixture, Journal, JournalChange, Targets, of_bearers};
use crate::tests::world::{CLIENT, Call, REQUEST_ID, START, World, identity_path, revoke_path};

/// A row of the audit log.
#[derive(Clone, PartialEq, Eq, Debug)]
struct AuditRow {
    sequence: u64,
    at: i64,
    organization: String,
    actor: String,
    action: String,
    target: String,
    client: Option<String>,
    request_id: String,
    previous_hash: [u8; 32],
    hash: [u8; 32],
}

fn audit_log(world: &World) -> Vec<AuditRow> {
    let rows = world.sql.execute(
        "SELECT sequence, at, organization_id, actor, action, target, client_ip, request_id, previous_hash, hash
         FROM audit_log ORDER BY sequence",
        &[],
    );
    let read = |mut row: Row| -> Result<AuditRow, SqlError> {
        Ok(AuditRow {
            sequence: row.read::<u64>()?,
            at: row.read::<i64>()?,
            organization: row.read::<String>()?,
            actor: row.read::<String>()?,
            action: row.read::<String>()?,
            target: row.read::<String>()?,
            client: row.read::<Option<String>>()?,
            request_id: row.read::<String>()?,
            previous_hash: row.read()?,
            hash: row.read()?,
        })
    };
    rows.unwrap().into_iter().map(|row| read(row).unwrap()).collect()
}

/// The number of the first row that does not follow from the one before it.
fn first_break(log: &[AuditRow]) -> Option<u64> {
    let mut previous = [0; 32];
    for (row, number) in log.iter().zip(1..) {
        let mut hash = Sha256::new();
        hash.update(previous);
        hash.update(row.sequence.to_be_bytes());
        hash.update(row.at.to_be_bytes());
        let client = row.client.clone().unwrap_or_default();
        for field in [&row.organization, &row.actor, &row.action, &row.target, &client, &row.request_id] {
            hash.update((field.len() as u64).to_be_bytes());
            hash.update(field.as_bytes());
        }
        let expected: [u8; 32] = hash.finalize().into();
        if row.sequence != number || row.previous_hash != previous || row.hash != expected {
            return Some(number);
        }
        previous = row.hash;
    }
    None
}

/// The rows of a table with a column `key`, as numbers in the order of `columns`.
fn by_key(world: &World, table: &str, columns: &str) -> BTreeMap<String, Vec<Option<i64>>> {
    let rows = world.sql.execute(&format!("SELECT key, {columns} FROM {table}"), &[]).unwrap();
    let count = columns.split(',').count();
    rows.into_iter()
        .map(|mut row| {
            (row.read::<String>().unwrap(), (0..count).map(|_| row.read::<Option<i64>>().unwrap()).collect())
        })
        .collect()
}

fn feed(world: &World) -> BTreeMap<String, Vec<Option<i64>>> {
    by_key(world, "changes", "sequence, at")
}

fn outbox(world: &World) -> BTreeMap<String, Vec<Option<i64>>> {
    by_key(world, "outbox", "sequence, due_at, attempts, put_at, repeat")
}

#[test]
fn every_command_leaves_one_row_that_is_called_as_its_operation_and_nothing_else_leaves_one() {
    let mut commands = 0;
    for of_bearer in of_bearers() {
        let fixture = Fixture::new();
        let Fixture { world, .. } = &fixture;
        let path = fixture.path_that_succeeds(of_bearer, || world.identity("other", "no-access"));
        let (endpoint, before) = (of_bearer.endpoint, audit_log(world));
        let body = fixture.sample(of_bearer.directory).body;
        let reply = world.send(&world.admin, endpoint.method, &path, &body);
        reply.ok();
        let log = audit_log(world);
        let actions: Vec<&str> = log[before.len()..].iter().map(|row| row.action.as_str()).collect();
        let expected = if reply.changed() { vec![endpoint.operation.audit_action()] } else { vec![] };
        assert_eq!(actions, expected, "{endpoint:?}");
        // Looking changes nothing.
        assert!(endpoint.method != "GET" || !reply.changed(), "{endpoint:?}");
        commands += actions.len();
    }
    assert!(commands >= 50, "only {commands}");
}

#[test]
fn a_command_leaves_one_audit_row_and_exactly_the_rows_of_its_change() {
    for (endpoint, authentication) in Targets::endpoints() {
        let operation = endpoint.operation;
        let world = World::new();
        let targets = Targets::new(&world, "no-access");
        // Long enough for a renewal to count.
        world.wait(6_000);
        let (log, feed_before, outbox_before) = (audit_log(&world), feed(&world), outbox(&world));
        let (_, head) = change_feed::head(&world.sql).unwrap();
        let caller = targets.caller(&world, authentication);
        let reply = targets.call(&world, endpoint).presenting(&caller.token).send();
        let Some(Journal { target, changes }) = targets.journal(operation, &reply.ok()) else {
            assert!(!reply.changed(), "{operation:?} only reads");
            continue;
        };

        assert_eq!(change_feed::head(&world.sql).unwrap().1, head + 1);
        let after = audit_log(&world);
        assert_eq!(after[..log.len()], log);
        let [written] = &after[log.len()..] else { panic!("{operation:?}: {after:?}") };
        let actor = if authentication == Authentication::PossessedToken {
            format!("holder token/{}", caller.token_id)
        } else {
            format!("identity/{} token/{}", caller.identity, caller.token_id)
        };
        let expected = AuditRow {
            sequence: head + 1,
            at: START + 6_000,
            organization: world.organization.clone(),
            actor,
            action: operation.audit_action().to_owned(),
            target,
            client: Some(CLIENT.to_owned()),
            request_id: REQUEST_ID.to_owned(),
            ..written.clone()
        };
        assert_eq!(*written, expected);
        assert_eq!(first_break(&after), None);

        let sequence = i64::try_from(head + 1).ok();
        let (mut expected_feed, mut expected_outbox) = (feed_before, outbox_before);
        for (key, change) in &changes {
            if *change != JournalChange::Creates {
                expected_feed.insert(key.clone(), vec![sequence, Some(START + 6_000)]);
            }
            let repeat = expected_outbox.get(key).map_or(0, |row| row[4].unwrap());
            let repeat = Some(repeat.max(i64::from(*change == JournalChange::Narrows)));
            expected_outbox.insert(key.clone(), vec![sequence, Some(START + 6_000), Some(0), None, repeat]);
        }
        assert_eq!(feed(&world), expected_feed, "{operation:?}");
        assert_eq!(outbox(&world), expected_outbox, "{operation:?}");

        // What the authority says of each key from now on satisfies its own feed.
        for (key, _) in &changes {
            let key = EvidenceKey::parse(key).unwrap();
            assert_eq!(evidence::gather(&world.sql, key, world.now()).unwrap().sequence, head + 1);
        }
    }
}

#[test]
fn bootstrap_leaves_the_first_row_and_puts_the_administrator_into_the_replica() {
    let world = World::new();
    let [row] = audit_log(&world).try_into().unwrap();
    assert_eq!((row.sequence, row.actor.as_str(), row.action.as_str()), (1, "bootstrap", "adminBootstrap"));
    assert_eq!(row.target, format!("organization/{}", world.organization));
    assert_eq!(row.previous_hash, [0; 32]);
    assert_eq!(feed(&world), BTreeMap::new());
    let keys: Vec<String> = outbox(&world).into_keys().collect();
    let (identity, token) = (&world.admin.identity, &world.admin.token_id);
    assert_eq!(keys, [format!("identity/{identity}"), format!("token/{token}")]);
}

#[test]
fn a_client_that_is_not_known_is_not_in_the_log() {
    let world = World::new();
    let body = json!({"name": "x", "organizationId": world.organization});
    world.by_admin("POST", "/api/v1/identities").from(None).json(body.clone()).send().ok();
    world.by_admin("POST", "/api/v1/identities").from(Some("2001:db8::1")).json(body).send().ok();
    let clients: Vec<Option<String>> = audit_log(&world).into_iter().skip(1).map(|row| row.client).collect();
    assert_eq!(clients, [None, Some("2001:db8::1".to_owned())]);
}

#[test]
fn the_log_of_many_commands_is_one_chain_and_an_edited_or_missing_row_breaks_it() {
    let world = World::new();
    for _ in 0..5 {
        let holder = world.configured_caller("member", json!({"accessTokenTTL": 60}));
        world.wait(6_000);
        world.renew(&holder.token).ok();
        world.by_admin("POST", &revoke_path(&holder.token_id)).send().ok();
        world.by_admin("DELETE", &identity_path(&holder.identity)).send().ok();
    }
    let log = audit_log(&world);
    assert_eq!(log.len(), 31);
    assert_eq!(first_break(&log), None);

    type Edit = fn(&mut Vec<AuditRow>);
    let edits: [Edit; 8] = [
        |log| log[9].at += 1,
        |log| log[9].actor.push('x'),
        |log| log[9].action.clear(),
        |log| log[9].target.push('x'),
        |log| log[9].client = None,
        |log| log[9].request_id.push('x'),
        |log| drop(log.remove(9)),
        |log| log.swap(9, 10),
    ];
    for edit in edits {
        let mut edited = log.clone();
        edit(&mut edited);
        assert_eq!(first_break(&edited), Some(10));
    }
}

#[test]
fn a_command_whose_last_write_fails_leaves_nothing_behind() {
    for (operation, authentication) in Targets::endpoints() {
        let world = World::new();
        let targets = Targets::new(&world, "no-access");
        // Writing into the outbox is the last thing that a command does.
        let trigger = "CREATE TRIGGER full BEFORE INSERT ON outbox BEGIN SELECT RAISE(ABORT, 'disk full'); END";
        world.sql.execute(trigger, &[]).unwrap();
        let caller = targets.caller(&world, authentication);
        let call = || targets.call(&world, operation).presenting(&caller.token);
        let (reply, defect) = call().send_to_a_failing_database();
        assert!(!reply.changed(), "{operation:?}");
        if reply.response.status == 200 {
            assert_eq!(defect, None, "{operation:?}");
        } else {
            reply.refused(500, "InternalServerError", "Something went wrong");
            assert!(defect.unwrap().contains("disk full"));
            // Once it can be written the same call succeeds: nothing of the first try stands in its way.
            world.sql.execute("DROP TRIGGER full", &[]).unwrap();
            assert!(call().send().changed());
        }
    }
}

/// A database that fails once, after some statements have succeeded.
struct FailingAfter<'a> {
    sql: &'a NativeSql,
    statements: Cell<usize>,
}

impl Sql for FailingAfter<'_> {
    fn execute(&self, statement: &str, bindings: &[Value]) -> Result<Vec<Row>, SqlError> {
        match self.statements.replace(self.statements.get().wrapping_sub(1)) {
            0 => Err(SqlError::Failed("disk full".to_owned())),
            _ => self.sql.execute(statement, bindings),
        }
    }
}

impl Transactions for FailingAfter<'_> {
    fn transaction<T, E: From<SqlError>>(&self, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        self.sql.transaction(work)
    }
}

/// Makes each statement of a call fail in turn, until the call comes through.
#[track_caller]
fn fail_at_each_statement<'w>(world: &'w World, call: impl Fn() -> Call<'w>) {
    let mut statements = 0;
    loop {
        let sql = FailingAfter { sql: &world.sql, statements: Cell::new(statements) };
        let (reply, defect) = call().send_through(&sql);
        if reply.response.status == 200 {
            break;
        }
        reply.refused(500, "InternalServerError", "Something went wrong");
        assert_eq!(defect.as_deref(), Some("a statement failed: disk full"));
        statements += 1;
    }
    assert!(statements >= 3, "it ran only {statements} statements");
}

#[test]
fn whichever_statement_of_an_operation_fails_nothing_is_left_behind() {
    for (endpoint, authentication) in Targets::endpoints() {
        let world = World::new();
        let targets = Targets::new(&world, "no-access");
        let caller = targets.caller(&world, authentication);
        fail_at_each_statement(&world, || targets.call(&world, endpoint).presenting(&caller.token));
    }
    let world = World::empty();
    fail_at_each_statement(&world, || world.anonymous("POST", "/api/v1/admin/bootstrap"));
}

#[test]
fn a_bootstrap_whose_last_write_fails_can_be_tried_again() {
    let world = World::empty();
    let trigger = "CREATE TRIGGER full BEFORE INSERT ON outbox BEGIN SELECT RAISE(ABORT, 'disk full'); END";
    world.sql.execute(trigger, &[]).unwrap();
    let call = || world.anonymous("POST", "/api/v1/admin/bootstrap");
    let (reply, _) = call().send_to_a_failing_database();
    reply.refused(500, "InternalServerError", "Something went wrong");
    world.sql.execute("DROP TRIGGER full", &[]).unwrap();
    call().send().ok();
}
