//! Whole numbers in a body or a query: which are, and how far they may go.

use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::Value;

use crate::body::{Input, Reader, text};
use crate::issue::Issue;

/// A whole number. `5.0` is one; `5.5`, `-1` and `"5"` are not.
pub struct Whole<const MINIMUM: u64, const MAXIMUM: u64>;

impl<const MINIMUM: u64, const MAXIMUM: u64> Input for Whole<MINIMUM, MAXIMUM> {
    type Value = u64;

    const EXPECTED: &'static str = "number";

    fn read(sent: &Value, reader: &mut Reader<'_>) -> Option<u64> {
        whole_number(sent, MINIMUM, MAXIMUM, reader)
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": MINIMUM, "maximum": MAXIMUM })
    }
}

/// A whole number written as text, as in a query.
pub struct WholeText<const MINIMUM: u64, const MAXIMUM: u64>;

impl<const MINIMUM: u64, const MAXIMUM: u64> Input for WholeText<MINIMUM, MAXIMUM> {
    type Value = u64;

    const EXPECTED: &'static str = "string";

    fn read(sent: &Value, reader: &mut Reader<'_>) -> Option<u64> {
        match text(sent, reader)?.trim().parse() {
            Ok(number) => within(number, MINIMUM, MAXIMUM, reader),
            Err(_) => reader.refuse(Issue::not_a_number(reader.path())),
        }
    }

    fn read_default(default: &Value, reader: &mut Reader<'_>) -> Option<u64> {
        whole_number(default, MINIMUM, MAXIMUM, reader)
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        Whole::<MINIMUM, MAXIMUM>::schema(generator)
    }
}

/// The whole number that was sent, if it lies between these.
pub fn whole_number(sent: &Value, minimum: u64, maximum: u64, reader: &mut Reader<'_>) -> Option<u64> {
    let Value::Number(number) = sent else { return reader.expected("number", Some(sent)) };
    match without_fraction(number) {
        Some(number) => within(number, minimum, maximum, reader),
        None => reader.refuse(Issue::not_whole(reader.path())),
    }
}

fn within(number: i128, minimum: u64, maximum: u64, reader: &mut Reader<'_>) -> Option<u64> {
    if number < i128::from(minimum) {
        return reader.refuse(Issue::too_small("number", minimum, reader.path()));
    }
    if number > i128::from(maximum) {
        return reader.refuse(Issue::too_big("number", maximum, reader.path()));
    }
    u64::try_from(number).ok()
}

/// The number, if it has no fraction. Beyond ±2^63 every `f64` is whole; such a number is out of any range anyway.
fn without_fraction(number: &serde_json::Number) -> Option<i128> {
    if let Some(whole) = number.as_i128() {
        return Some(whole);
    }
    let float = number.as_f64()?;
    // `1e-400` has become zero on its way, and zero says "no limit": only a plain 0 may say that.
    (float.fract() == 0.0 && float != 0.0).then_some(float as i128)
}
