//! What the derived schemas cannot know.
//!
//! An answer's times are texts in the wire types; their names say what they are, and every answer of the native tests is
//! held against that (see `conformity`). What an answer leaves out when there is none is never null,
//! except where `x-nullable` allows it.
//! An `Option` of a request is a field that may be left out, which is another thing than null.

use serde_json::{Map, Value, json};

/// Times, no null where a field is left out instead, and no formats that only Rust knows.
pub fn of_answer(schema: &mut Value) {
    each(schema, &mut |schema| {
        say_of_what_an_array_is(schema);
        drop_integer_format(schema);
        drop_operation_names(schema);
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        for (name, property) in schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
            let Some(property) = property.as_object_mut() else { continue };
            if property.remove("x-nullable").is_none() && !required.contains(&json!(name)) {
                drop_null(property);
            }
            if name.ends_with("At") || name.ends_with("Time") || name == "date" {
                property.insert("format".to_owned(), json!("date-time"));
            }
        }
    });
}

/// No null, except where `x-nullable` allows it, and no formats that only Rust knows.
pub fn of_input(schema: &mut Value) {
    each(schema, &mut |schema| {
        say_of_what_an_array_is(schema);
        drop_integer_format(schema);
        if let Some(object) = schema.as_object_mut()
            && object.remove("x-nullable").is_none()
        {
            drop_null(object);
        }
    });
}

/// Says in words what a field of a request is when it is left out. As `default` it would be one thing more that generated
/// clients send, though it may be more than the installation allows; and some of them take a field that has one for
/// required.
pub fn say_defaults(schema: &mut Value) {
    each(schema, &mut |schema| {
        for property in
            schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut)
        {
            let Some(property) = property.as_object_mut() else { continue };
            let Some(default) = property.remove("default") else { continue };
            let shown = default.as_str().map_or_else(|| default.to_string(), str::to_owned);
            let said = format!("`{shown}` when it is left out.");
            let about = match property.get("description").and_then(Value::as_str) {
                Some(about) => format!("{about} {said}"),
                None => said,
            };
            property.insert("description".to_owned(), about.into());
        }
    });
}

/// Gives each alternative of a rule a name of its own, after its first subject: generators give models of the same name to
/// those that have none.
pub fn name_alternatives(schemas: &mut Map<String, Value>) {
    let mut named = Vec::new();
    for (name, schema) in schemas.iter_mut() {
        let Some(family) = name.strip_suffix("RuleRequest") else { continue };
        for alternative in schema.get_mut("oneOf").and_then(Value::as_array_mut).into_iter().flatten() {
            let subject = alternative.pointer("/properties/subject/enum/0").and_then(Value::as_str).unwrap_or_default();
            let words = subject.split('-').map(|word| {
                let (first, rest) = word.split_at(1);
                first.to_ascii_uppercase() + rest
            });
            let name = format!("{family}{}RuleRequest", words.collect::<String>());
            let reference = json!({ "$ref": format!("#/components/schemas/{name}") });
            named.push((name, std::mem::replace(alternative, reference)));
        }
    }
    schemas.extend(named);
}

/// Takes null out of what a schema allows.
fn drop_null(schema: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|one| *one != "null");
        if let [one] = types.as_slice() {
            let one = one.clone();
            schema.insert("type".to_owned(), one);
        }
    }
    if let Some(values) = schema.get_mut("enum").and_then(Value::as_array_mut) {
        values.retain(|value| !value.is_null());
    }
    if let Some(Value::Array(alternatives)) = schema.get_mut("anyOf") {
        alternatives.retain(|one| *one != json!({ "type": "null" }));
        if let [Value::Object(one)] = alternatives.as_slice() {
            let one = one.clone();
            schema.remove("anyOf");
            for (key, value) in one {
                schema.entry(key).or_insert(value);
            }
        }
    }
}

/// An array that is always empty has no `items`, and generators of clients want some.
fn say_of_what_an_array_is(schema: &mut Value) {
    let is_empty = schema["type"] == "array" && schema["maxItems"] == 0;
    if let (true, Some(object)) = (is_empty, schema.as_object_mut()) {
        object.entry("items").or_insert_with(|| json!({ "type": "object" }));
    }
}

/// The wire types say by which operations they are answered. The document says so by itself.
fn drop_operation_names(schema: &mut Value) {
    if let Some(object) = schema.as_object_mut()
        && object.get("description").and_then(Value::as_str).is_some_and(|text| text.starts_with('`'))
    {
        object.remove("description");
    }
}

/// `uint64` and the like; the bounds say the same.
fn drop_integer_format(schema: &mut Value) {
    let is_integer = match &schema["type"] {
        Value::String(one) => one == "integer",
        Value::Array(several) => several.contains(&json!("integer")),
        _ => false,
    };
    if let (true, Some(object)) = (is_integer, schema.as_object_mut()) {
        object.remove("format");
    }
}

/// Visits a schema and everything below it, the outer ones first.
fn each(schema: &mut Value, visit: &mut impl FnMut(&mut Value)) {
    if schema.is_object() {
        visit(schema);
    }
    match schema {
        Value::Object(object) => object.values_mut().for_each(|value| each(value, visit)),
        Value::Array(array) => array.iter_mut().for_each(|value| each(value, visit)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
