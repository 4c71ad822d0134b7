//! The small part of SQLite that the control plane needs.
//!
//! **Invariant**: an integer that goes in or comes out is within ±(2^53 − 1), because the runtime's binding carries
//! integers as JavaScript numbers.

use std::fmt;

/// A database of one object. Statements run at once and in order; nothing else runs between two of them.
pub trait Sql {
    /// Runs one statement with positional `?` bindings and returns all of its rows.
    ///
    /// # Errors
    /// [`SqlError`] when the statement fails.
    fn execute(&self, statement: &str, bindings: &[Value]) -> Result<Vec<Row>, SqlError>;
}

/// A database in which several statements can be undone together.
pub trait Transactions: Sql {
    /// Runs `work` so that everything it wrote is undone when it returns an error.
    ///
    /// # Errors
    /// The error of `work`, or [`SqlError`] when the transaction itself fails.
    fn transaction<T, E: From<SqlError>>(&self, work: impl FnOnce() -> Result<T, E>) -> Result<T, E>;
}

/// A value bound to a statement or read from a row.
#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    /// SQL NULL.
    Null,
    Integer(i64),
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Integer(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Integer(i64::from(truth))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// What is stored in one column.
pub trait Column: Sized {
    /// How it is stored.
    fn to_value(&self) -> Value;

    /// Reads what was stored.
    ///
    /// # Errors
    /// [`SqlError::UnexpectedValue`] when that is something else.
    fn from_value(value: Value) -> Result<Self, SqlError>;
}

impl Column for i64 {
    fn to_value(&self) -> Value {
        Value::Integer(*self)
    }

    fn from_value(value: Value) -> Result<Self, SqlError> {
        match value {
            Value::Integer(number) => Ok(number),
            Value::Null | Value::Text(_) | Value::Blob(_) => Err(SqlError::UnexpectedValue { expected: "an integer" }),
        }
    }
}

impl Column for u64 {
    fn to_value(&self) -> Value {
        (*self).into()
    }

    fn from_value(value: Value) -> Result<Self, SqlError> {
        Self::try_from(i64::from_value(value)?)
            .map_err(|_| SqlError::UnexpectedValue { expected: "an unsigned integer" })
    }
}

impl Column for bool {
    fn to_value(&self) -> Value {
        (*self).into()
    }

    fn from_value(value: Value) -> Result<Self, SqlError> {
        Ok(i64::from_value(value)? != 0)
    }
}

impl Column for String {
    fn to_value(&self) -> Value {
        Value::Text(self.clone())
    }

    fn from_value(value: Value) -> Result<Self, SqlError> {
        match value {
            Value::Text(text) => Ok(text),
            Value::Null | Value::Integer(_) | Value::Blob(_) => Err(SqlError::UnexpectedValue { expected: "text" }),
        }
    }
}

impl<const N: usize> Column for [u8; N] {
    fn to_value(&self) -> Value {
        Value::Blob(self.to_vec())
    }

    fn from_value(value: Value) -> Result<Self, SqlError> {
        let unexpected = SqlError::UnexpectedValue { expected: "bytes of a fixed length" };
        match value {
            Value::Blob(bytes) => bytes.try_into().map_err(|_| unexpected),
            Value::Null | Value::Integer(_) | Value::Text(_) => Err(unexpected),
        }
    }
}

/// NULL is `None`, and nothing else is: a limit that is not understood must not look like one that is not there.
impl<T: Column> Column for Option<T> {
    fn to_value(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::to_value)
    }

    fn from_value(value: Value) -> Result<Self, SqlError> {
        match value {
            Value::Null => Ok(None),
            value @ (Value::Integer(_) | Value::Text(_) | Value::Blob(_)) => T::from_value(value).map(Some),
        }
    }
}

/// One row: its values in the order of the statement's columns, read from left to right.
#[derive(Debug)]
pub struct Row(std::vec::IntoIter<Value>);

impl Row {
    /// A row with these values.
    pub fn new(values: Vec<Value>) -> Self {
        Self(values.into_iter())
    }

    /// The next value.
    ///
    /// # Errors
    /// [`SqlError::UnexpectedValue`] when it is not what the type is stored as.
    pub fn read<T: Column>(&mut self) -> Result<T, SqlError> {
        T::from_value(self.next(std::any::type_name::<T>())?)
    }

    /// The next values as a row of their own, and whether one of them is not NULL.
    pub(crate) fn split(&mut self, count: usize) -> (Self, bool) {
        let values: Vec<Value> = self.0.by_ref().take(count).collect();
        let is_there = values.iter().any(|value| *value != Value::Null);
        (Self::new(values), is_there)
    }

    fn next(&mut self, expected: &'static str) -> Result<Value, SqlError> {
        self.0.next().ok_or(SqlError::UnexpectedValue { expected })
    }
}

/// The number that is the only value of the only row.
///
/// # Errors
/// [`SqlError::UnexpectedValue`].
pub fn count(rows: Vec<Row>) -> Result<u64, SqlError> {
    rows.into_iter().next().ok_or(SqlError::UnexpectedValue { expected: "a count" })?.read()
}

/// Why the database gave no answer. It is never the caller's fault.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SqlError {
    /// The statement failed; the text is the database's own and is only for the log.
    Failed(String),
    /// A stored value is not what the schema says.
    UnexpectedValue {
        /// What was expected.
        expected: &'static str,
    },
}

impl fmt::Display for SqlError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(text) => write!(formatter, "a statement failed: {text}"),
            Self::UnexpectedValue { expected } => write!(formatter, "a stored value is not {expected}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_an_error_and_never_taken_for_nothing() {
        #[track_caller]
        fn check(value: Value, expected: Result<Option<u64>, ()>) {
            let read = Row::new(vec![value.clone()]).read();
            assert_eq!(read.map_err(|_| ()), expected, "{value:?}");
        }
        check(Value::Integer(7), Ok(Some(7)));
        check(Value::Null, Ok(None));
        check(Value::Integer(-7), Err(()));
        check(Value::Text("7".to_owned()), Err(()));
        check(Value::Text(String::new()), Err(()));
        assert!(Row::new(Vec::new()).read::<Option<u64>>().is_err());
    }
}
