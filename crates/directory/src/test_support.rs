//! A native SQLite behind the [`Sql`] trait, for tests.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "for tests only")]

use std::cell::RefCell;

use rusqlite::Connection;
use rusqlite::types::{Value as Native, ValueRef};

use crate::schema;
use crate::sql::{Row, Sql, SqlError, Transactions, Value};
use domain::value::randomness::Randomness;
use domain::value::timestamp::Timestamp;

/// An in-memory database.
pub struct NativeSql {
    connection: Connection,
    depth: RefCell<u32>,
}

impl NativeSql {
    /// A database without tables.
    pub fn empty() -> Self {
        let connection = Connection::open_in_memory().unwrap();
        // As in a Durable Object.
        connection.pragma_update(None, "foreign_keys", true).unwrap();
        Self { connection, depth: RefCell::new(0) }
    }

    /// A database at the newest version of the schema.
    pub fn migrated() -> Self {
        let sql = Self::empty();
        schema::migrate(&sql, Timestamp::from_milliseconds(0), &mut Randomness::from_seed([0; 32])).unwrap();
        sql
    }

    /// Every row of every table, to show that nothing changed. What only takes time says nothing of anything.
    pub fn dump(&self) -> Vec<String> {
        let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'unknown_clients' ORDER BY name";
        let names = self.execute(tables, &[]).unwrap();
        let mut lines = Vec::new();
        for mut name in names {
            let name = name.read::<String>().unwrap();
            let mut statement = self.connection.prepare(&format!("SELECT * FROM {name} ORDER BY 1, 2")).unwrap();
            let columns = statement.column_count();
            let mut rows = statement.query([]).unwrap();
            while let Some(row) = rows.next().unwrap() {
                let values: Vec<Native> = (0..columns).map(|column| row.get(column).unwrap()).collect();
                lines.push(format!("{name} {values:?}"));
            }
        }
        lines
    }
}

impl Sql for NativeSql {
    fn execute(&self, statement: &str, bindings: &[Value]) -> Result<Vec<Row>, SqlError> {
        let failed = |error: rusqlite::Error| SqlError::Failed(error.to_string());
        // As in a Durable Object, statements are kept.
        let mut prepared = self.connection.prepare_cached(statement).map_err(failed)?;
        let columns = prepared.column_count();
        let bindings = bindings.iter().map(|value| match value {
            Value::Null => Native::Null,
            Value::Integer(number) => {
                assert!(number.unsigned_abs() < 1 << 53, "{number} would not survive the runtime's binding");
                Native::Integer(*number)
            }
            Value::Text(text) => Native::Text(text.clone()),
            Value::Blob(bytes) => Native::Blob(bytes.clone()),
        });
        let mut rows = prepared.query(rusqlite::params_from_iter(bindings)).map_err(failed)?;
        let mut result = Vec::new();
        while let Some(row) = rows.next().map_err(failed)? {
            let values = (0..columns).map(|column| match row.get_ref(column).unwrap() {
                ValueRef::Null => Value::Null,
                ValueRef::Integer(number) => Value::Integer(number),
                ValueRef::Real(number) => panic!("the schema has no floating-point number, yet there is {number}"),
                ValueRef::Text(text) => Value::Text(String::from_utf8(text.to_vec()).unwrap()),
                ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
            });
            result.push(Row::new(values.collect()));
        }
        Ok(result)
    }
}

impl Transactions for NativeSql {
    fn transaction<T, E: From<SqlError>>(&self, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let name = format!("level_{}", self.depth.replace_with(|depth| *depth + 1));
        let run = |statement: String| self.connection.execute_batch(&statement).unwrap();
        run(format!("SAVEPOINT {name}"));
        let result = work();
        if result.is_err() {
            run(format!("ROLLBACK TO {name}"));
        }
        run(format!("RELEASE {name}"));
        self.depth.replace_with(|depth| *depth - 1);
        result
    }
}
