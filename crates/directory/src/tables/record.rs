//! Rows: one list of columns is the struct, what is written and what is read, so that these cannot disagree.
//!
//! A field is one column, which is named after it, or takes several, whose names its type knows:
//!
//! ```text
//! record! {
//!     /// An environment as it is stored.
//!     pub struct Environment in "environments" {
//!         pub id: EnvironmentId = "id",
//!         pub place: Place,
//!     }
//! }
//! columns! { Place { project: ProjectId = "project_id", position: u64 = "position" } }
//! ```

use crate::sql::{Column, Row, Sql, SqlError, Value};

/// What takes one or several columns.
pub trait Columns: Sized {
    /// Adds the names of the columns, in the order in which they are written and read.
    fn names(names: &mut Vec<&'static str>);

    /// Adds the values.
    fn write(&self, values: &mut Vec<Value>);

    /// Takes the next values of a row.
    ///
    /// # Errors
    /// [`SqlError::UnexpectedValue`].
    fn read(row: &mut Row) -> Result<Self, SqlError>;

    /// The columns of a table of this alias, for a statement about several tables.
    fn of(alias: &str) -> String {
        let names: Vec<String> = names_of::<Self>().iter().map(|name| format!("{alias}.{name}")).collect();
        names.join(", ")
    }
}

/// Columns that are NULL together: what an outer join did not find, or a part of a row that is not there.
impl<C: Columns> Columns for Option<C> {
    fn names(names: &mut Vec<&'static str>) {
        C::names(names);
    }

    fn write(&self, values: &mut Vec<Value>) {
        match self {
            Some(columns) => columns.write(values),
            None => values.extend(names_of::<C>().iter().map(|_| Value::Null)),
        }
    }

    fn read(row: &mut Row) -> Result<Self, SqlError> {
        let (mut values, is_there) = row.split(names_of::<C>().len());
        is_there.then(|| C::read(&mut values)).transpose()
    }
}

/// A row of a table, or a part of one. The first column is the one by which it is updated.
pub trait Record: Columns {
    const TABLE: &'static str;

    /// The rows that a condition, with what follows it, selects.
    ///
    /// # Errors
    /// [`SqlError`]; so do all functions below.
    fn all(sql: &dyn Sql, condition: &str, bindings: &[Value]) -> Result<Vec<Self>, SqlError> {
        let statement = format!("SELECT {} FROM {} {condition}", names_of::<Self>().join(", "), Self::TABLE);
        sql.execute(&statement, bindings)?.into_iter().map(|mut row| Self::read(&mut row)).collect()
    }

    /// The first of the rows that a condition selects.
    fn first(sql: &dyn Sql, condition: &str, bindings: &[Value]) -> Result<Option<Self>, SqlError> {
        Ok(Self::all(sql, condition, bindings)?.into_iter().next())
    }

    /// Writes a new row.
    fn insert(&self, sql: &dyn Sql) -> Result<(), SqlError> {
        let names = names_of::<Self>();
        let places = vec!["?"; names.len()].join(", ");
        let statement = format!("INSERT INTO {} ({}) VALUES ({places})", Self::TABLE, names.join(", "));
        sql.execute(&statement, &values_of(self))?;
        Ok(())
    }

    /// Writes over the row with the same first column.
    fn update(&self, sql: &dyn Sql) -> Result<(), SqlError> {
        let names = names_of::<Self>();
        let Some((key, names)) = names.split_first() else { return Ok(()) };
        write_over(sql, Self::TABLE, key, names, &values_of(self))
    }

    /// Writes over a part of the row with this first column.
    fn set<C: Columns>(sql: &dyn Sql, key: &impl Column, part: &C) -> Result<(), SqlError> {
        let names = names_of::<Self>();
        let Some(name) = names.first() else { return Ok(()) };
        Self::set_by(sql, name, key, part)
    }

    /// Writes over a part of each row with this value in a column.
    fn set_by<C: Columns>(sql: &dyn Sql, name: &str, value: &impl Column, part: &C) -> Result<(), SqlError> {
        let mut values = vec![value.to_value()];
        part.write(&mut values);
        write_over(sql, Self::TABLE, name, &names_of::<C>(), &values)
    }
}

/// `values` begins with that of the key.
fn write_over(sql: &dyn Sql, table: &str, key: &str, names: &[&str], values: &[Value]) -> Result<(), SqlError> {
    let set: Vec<String> = (2..).zip(names).map(|(place, name)| format!("{name} = ?{place}")).collect();
    sql.execute(&format!("UPDATE {table} SET {} WHERE {key} = ?1", set.join(", ")), values)?;
    Ok(())
}

fn names_of<C: Columns>() -> Vec<&'static str> {
    let mut names = Vec::new();
    C::names(&mut names);
    names
}

fn values_of<C: Columns>(columns: &C) -> Vec<Value> {
    let mut values = Vec::new();
    columns.write(&mut values);
    values
}

/// Says which columns the fields of a struct take.
macro_rules! columns {
    (@name $names:ident, $type:ty) => { <$type as $crate::tables::record::Columns>::names($names) };
    (@name $names:ident, $type:ty, $column:literal) => { $names.push($column) };
    (@write $values:ident, $field:expr) => { $crate::tables::record::Columns::write(&$field, $values) };
    (@write $values:ident, $field:expr, $column:literal) => { $values.push($crate::sql::Column::to_value(&$field)) };
    (@read $row:ident, $type:ty) => { <$type as $crate::tables::record::Columns>::read($row) };
    (@read $row:ident, $type:ty, $column:literal) => { $row.read::<$type>() };
    ($name:ty { $($field:ident: $type:ty $(= $column:literal)?),+ $(,)? }) => {
        impl $crate::tables::record::Columns for $name {
            fn names(names: &mut Vec<&'static str>) {
                $($crate::tables::record::columns!(@name names, $type $(, $column)?);)+
            }

            fn write(&self, values: &mut Vec<$crate::sql::Value>) {
                $($crate::tables::record::columns!(@write values, self.$field $(, $column)?);)+
            }

            fn read(row: &mut $crate::sql::Row) -> Result<Self, $crate::sql::SqlError> {
                Ok(Self { $($field: $crate::tables::record::columns!(@read row, $type $(, $column)?)?),+ })
            }
        }
    };
}

/// Declares a struct that is a row of a table, or a part of one.
macro_rules! record {
    ($(#[$about:meta])* $visibility:vis struct $name:ident in $table:literal {
        $($(#[$field_about:meta])* $field_visibility:vis $field:ident: $type:ty $(= $column:literal)?),+ $(,)?
    }) => {
        $(#[$about])*
        $visibility struct $name {
            $($(#[$field_about])* $field_visibility $field: $type,)+
        }

        $crate::tables::record::columns! { $name { $($field: $type $(= $column)?),+ } }

        impl $crate::tables::record::Record for $name {
            const TABLE: &'static str = $table;
        }
    };
}

pub(crate) use {columns, record};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::NativeSql;

    #[derive(Clone, PartialEq, Eq, Debug)]
    struct Size {
        width: u64,
        height: Option<u64>,
    }

    columns! { Size { width: u64 = "width", height: Option<u64> = "height" } }

    record! {
        #[derive(Clone, PartialEq, Eq, Debug)]
        struct Thing in "things" {
            id: String = "id",
            size: Size,
            is_open: bool = "is_open",
        }
    }

    record! {
        #[derive(PartialEq, Eq, Debug)]
        struct Openness in "things" {
            is_open: bool = "is_open",
        }
    }

    fn things() -> NativeSql {
        let sql = NativeSql::empty();
        let table =
            "CREATE TABLE things (is_open INTEGER NOT NULL, height INTEGER, id TEXT PRIMARY KEY, width INTEGER)";
        sql.execute(table, &[]).unwrap();
        sql
    }

    fn thing(id: &str, height: Option<u64>) -> Thing {
        Thing { id: id.to_owned(), size: Size { width: 1, height }, is_open: true }
    }

    #[test]
    fn what_was_written_is_read_whatever_the_order_of_the_tables_columns() {
        let sql = things();
        for written in [thing("a", Some(2)), thing("b", None)] {
            written.insert(&sql).unwrap();
            let read = Thing::all(&sql, "WHERE id = ?", &[written.id.as_str().into()]).unwrap();
            assert_eq!(read, [written]);
        }
        assert_eq!(Thing::first(&sql, "ORDER BY id DESC", &[]).unwrap(), Some(thing("b", None)));
        assert_eq!(Thing::first(&sql, "WHERE id = 'c'", &[]).unwrap(), None);
        assert_eq!(Openness::all(&sql, "WHERE id = 'a'", &[]).unwrap(), [Openness { is_open: true }]);
    }

    #[test]
    fn an_update_writes_over_the_row_with_its_id_and_no_other() {
        let sql = things();
        thing("a", Some(2)).insert(&sql).unwrap();
        thing("b", None).insert(&sql).unwrap();
        let changed = Thing { is_open: false, ..thing("a", Some(3)) };
        changed.update(&sql).unwrap();
        assert_eq!(Thing::all(&sql, "ORDER BY id", &[]).unwrap(), [changed.clone(), thing("b", None)]);
        let size = Size { width: 9, height: None };
        Thing::set(&sql, &"b".to_owned(), &size).unwrap();
        assert_eq!(Thing::all(&sql, "ORDER BY id", &[]).unwrap(), [changed, Thing { size, ..thing("b", None) }]);
    }

    #[test]
    fn a_row_that_an_outer_join_did_not_find_is_none_and_half_a_row_is_an_error() {
        #[track_caller]
        fn check(values: Vec<Value>, expected: Result<Option<Thing>, ()>) {
            let mut row = Row::new(values);
            assert_eq!(Option::<Thing>::read(&mut row).map_err(|_| ()), expected);
            assert_eq!(row.read(), Ok(7_u64), "what follows is still there");
        }
        let seven = Value::from(7_u64);
        let nothing = vec![Value::Null, Value::Null, Value::Null, Value::Null, seven.clone()];
        check(nothing, Ok(None));
        let whole = vec!["a".into(), 1_u64.into(), Value::Null, true.into(), seven.clone()];
        check(whole, Ok(Some(thing("a", None))));
        check(vec![Value::Null, 1_u64.into(), Value::Null, true.into(), seven], Err(()));
        assert_eq!(Thing::of("t"), "t.id, t.width, t.height, t.is_open");
    }
}
