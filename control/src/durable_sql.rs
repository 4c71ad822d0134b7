//! The Durable Object's SQLite behind the [`Sql`] trait.
//!
//! Only `exec` and `raw` of the binding are used: `one` on an empty result would hang the object.

use wasm_bindgen::prelude::*;
use worker::{SqlStorage, SqlStorageValue, State, Storage};

use directory::sql::{Row, Sql, SqlError, Transactions, Value};

#[wasm_bindgen]
extern "C" {
    /// `DurableObjectStorage`, of which `worker` does not wrap `transactionSync`.
    #[wasm_bindgen(extends = js_sys::Object)]
    type TransactionalStorage;

    /// Runs `work`; everything it wrote is undone when it throws.
    #[wasm_bindgen(method, catch, js_name = transactionSync)]
    fn transaction_sync(
        this: &TransactionalStorage,
        work: &ScopedClosure<dyn FnMut() -> Result<JsValue, JsValue>>,
    ) -> Result<JsValue, JsValue>;
}

/// The database of one object.
pub struct DurableSql {
    sql: SqlStorage,
    storage: Storage,
}

impl DurableSql {
    /// The database of the object with this state.
    pub fn new(state: &State) -> Self {
        let storage = state.storage();
        Self { sql: storage.sql(), storage }
    }
}

impl Sql for DurableSql {
    fn execute(&self, statement: &str, bindings: &[Value]) -> Result<Vec<Row>, SqlError> {
        let bindings: Vec<SqlStorageValue> = bindings.iter().map(to_storage).collect();
        let cursor = self.sql.exec(statement, bindings).map_err(failed)?;
        cursor
            .raw()
            .map(|row| {
                let values: Result<Vec<Value>, SqlError> = row.map_err(failed)?.into_iter().map(from_storage).collect();
                values.map(Row::new)
            })
            .collect()
    }
}

impl Transactions for DurableSql {
    fn transaction<T, E: From<SqlError>>(&self, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let mut work = Some(work);
        let mut outcome: Option<Result<T, E>> = None;
        let mut step = || {
            outcome = work.take().map(|work| work());
            match outcome {
                Some(Ok(_)) => Ok(JsValue::UNDEFINED),
                // What is thrown here is caught below; the runtime undoes the writes on its way.
                Some(Err(_)) | None => Err(JsValue::from_str("undo")),
            }
        };
        let thrown = {
            let closure = ScopedClosure::borrow_mut_assert_unwind_safe(&mut step);
            let storage: &TransactionalStorage = self.storage.as_raw().unchecked_ref();
            storage.transaction_sync(&closure).err()
        };
        match (outcome, thrown) {
            (Some(Err(error)), _) => Err(error),
            (Some(Ok(value)), None) => Ok(value),
            // The work succeeded and committing it did not.
            (Some(Ok(_)), Some(cause)) => Err(E::from(SqlError::Failed(format!("{cause:?}")))),
            // The work panicked: it was undone, and the panic is reported as a failure of this request.
            (None, cause) => Err(E::from(SqlError::Failed(format!("the transaction did not finish: {cause:?}")))),
        }
    }
}

fn to_storage(value: &Value) -> SqlStorageValue {
    match value {
        Value::Null => SqlStorageValue::Null,
        Value::Integer(number) => SqlStorageValue::Integer(*number),
        Value::Text(text) => SqlStorageValue::String(text.clone()),
        Value::Blob(bytes) => SqlStorageValue::Blob(bytes.clone()),
    }
}

fn from_storage(value: SqlStorageValue) -> Result<Value, SqlError> {
    match value {
        SqlStorageValue::Null => Ok(Value::Null),
        SqlStorageValue::Integer(number) => Ok(Value::Integer(number)),
        SqlStorageValue::String(text) => Ok(Value::Text(text)),
        SqlStorageValue::Blob(bytes) => Ok(Value::Blob(bytes)),
        SqlStorageValue::Boolean(_) | SqlStorageValue::Float(_) => {
            Err(SqlError::UnexpectedValue { expected: "NULL, an integer, text or bytes" })
        }
    }
}

fn failed(error: worker::Error) -> SqlError {
    SqlError::Failed(error.to_string())
}
