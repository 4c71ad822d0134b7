//! What is described of a body or a query is what its reader does.
//!
//! Each input is taken apart field by field: values at and beyond every bound, of every type, with and without null, are
//! judged by the described schema and by the reader, and both must judge alike. Which fields a reader asks for is noted by
//! [`Fields::get`](crate::input::Fields::get), so that none is read without being described.

use std::cell::RefCell;
use std::collections::BTreeSet;

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::describe::Input;
use super::endpoints;
use super::formats;
use crate::error::ManagementError;
use crate::input::PathPart;

thread_local! {
    static NOTED: RefCell<BTreeSet<String>> = const { RefCell::new(BTreeSet::new()) };
}

/// Notes that a field is asked for.
pub fn note(path: &[PathPart], name: &str) {
    NOTED.with_borrow_mut(|noted| {
        noted.insert(
            path_text(path.iter().map(|part| match part {
                PathPart::Field(name) => name.as_str(),
                PathPart::Index(_) => "[]",
            })) + name,
        )
    });
}

fn path_text<'p>(parts: impl Iterator<Item = &'p str>) -> String {
    parts.map(|part| format!("{part}.")).collect()
}

/// Fields that take more than is described; the description says so in words.
const TAKE_MORE: [&str; 10] = [
    // In a form, one without a value counts as left out.
    "client_ip",
    "consume",
    "host",
    "request.host",
    "pathPrefix",
    "headers.[].name",
    "headers.[].value",
    // An empty one asks for one to be made.
    "slug",
    "roles.[].temporaryRange",
    "roles.[].temporaryAccessStartTime",
];

/// Defaults that no reader fills in but the command; its own tests show them.
const FILLED_IN_LATER: [(&str, &str); 3] = [
    ("attachTokenAuth", "accessTokenTrustedIps"),
    ("attachUniversalAuth", "accessTokenTrustedIps"),
    ("attachUniversalAuth", "clientSecretTrustedIps"),
];

struct Case {
    id: String,
    name: String,
    input: Input,
    schema: Value,
    /// Whether every field is a text: a query, or a form.
    is_query: bool,
    /// Whether it is read by `Fields`.
    is_noted: bool,
}

/// Every body and every query.
fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for endpoint in endpoints() {
        let description = endpoint.description;
        for (input, is_query) in [(description.body, description.body_is_form), (description.query, true)] {
            let Some(input) = input else { continue };
            let mut generator = SchemaSettings::draft2020_12()
                .for_deserialize()
                .with(|settings| settings.inline_subschemas = true)
                .into_generator();
            let mut schema = (input.schema)(&mut generator).to_value();
            formats::of_input(&mut schema);
            let name = format!("{} {} {}", endpoint.id, endpoint.method, endpoint.path);
            cases.push(Case {
                id: endpoint.id.clone(),
                name,
                input,
                schema,
                is_query,
                is_noted: !description.body_is_form,
            });
        }
    }
    assert!(cases.len() > 30);
    cases
}

/// A value that fulfils a schema, with every field that there is.
fn sample(schema: &Value) -> Value {
    for choice in ["enum", "examples"] {
        if let Some(first) = schema[choice].as_array().and_then(|values| values.first()) {
            return first.clone();
        }
    }
    for alternatives in ["oneOf", "anyOf"].into_iter().filter(|_| schema["properties"].is_null()) {
        if let Some(first) = schema[alternatives].as_array().and_then(|values| values.first()) {
            return sample(first);
        }
    }
    let kind = schema["type"].as_array().map_or(&schema["type"], |several| &several[0]);
    match kind.as_str().unwrap_or_else(|| panic!("no type in {schema}")) {
        "boolean" => json!(true),
        "integer" => schema.get("minimum").cloned().unwrap_or(json!(0)),
        "string" if schema["format"] == "date-time" => json!("2026-01-02T03:04:05.000Z"),
        "string" => json!("a".repeat(schema["minLength"].as_u64().unwrap_or(1) as usize)),
        "array" => json!([sample(&schema["items"])]),
        "object" => {
            let properties = schema["properties"].as_object().into_iter().flatten();
            let others: Vec<Value> = exclusive(schema).into_iter().skip(1).collect();
            let kept = properties.filter(|(name, _)| !others.contains(&json!(name)));
            Value::Object(kept.map(|(name, property)| (name.clone(), sample(property))).collect())
        }
        other => panic!("no sample of {other}"),
    }
}

/// The fields of an object of which exactly one has to be there: `oneOf` with a `required` each.
fn exclusive(schema: &Value) -> Vec<Value> {
    let alternatives = schema["oneOf"].as_array().into_iter().flatten();
    alternatives.filter_map(|alternative| alternative["required"].get(0).cloned()).collect()
}

/// The fields of an object, those of every alternative included, with their schemas.
fn properties(schema: &Value) -> Vec<(String, Value)> {
    let own = schema["properties"].as_object().into_iter().flatten();
    let mut all: Vec<(String, Value)> = own.map(|(name, schema)| (name.clone(), schema.clone())).collect();
    for alternative in schema["oneOf"].as_array().into_iter().flatten() {
        all.extend(properties(alternative));
    }
    all
}

/// The names of the fields of an object, and of the objects in its arrays and fields. An object in a field without
/// required fields of its own is read as a whole.
fn described(schema: &Value, prefix: &str, found: &mut BTreeSet<String>) {
    for (name, property) in properties(schema) {
        found.insert(format!("{prefix}{name}"));
        if property["required"].is_array() {
            described(&property, &format!("{prefix}{name}."), found);
        }
        if !properties(&property["items"]).is_empty() {
            described(&property["items"], &format!("{prefix}{name}.[]."), found);
        }
    }
}

/// An element of an array, other than those before it: names of headers may stand there once.
fn distinct(mut element: Value, index: u64) -> Value {
    if let Some(name) = element.get_mut("name") {
        *name = json!(format!("{}{index}", name.as_str().unwrap()));
    }
    element
}

/// Values of every type, and around every bound of this schema.
fn candidates(schema: &Value) -> Vec<Value> {
    let mut values = vec![
        json!(null),
        json!(true),
        json!(false),
        json!(0),
        json!(1),
        json!(-1),
        json!(1.5),
        json!(u64::MAX),
        json!(1e300),
        json!({}),
        json!([]),
        json!([1]),
        json!(["a"]),
        json!([{}]),
    ];
    values.extend(
        [
            "", "a", "abcde", "A", "Aa1 _/-b", "a!b", "a--b", "-a", "  ", "a\u{1}b", "\u{85}", "é", "name", "asc", "1",
            "*",
        ]
        .map(Value::from),
    );
    for bound in ["minimum", "maximum"] {
        if let Some(bound) = schema[bound].as_i64() {
            values.extend([bound - 1, bound, bound + 1].map(Value::from));
        }
    }
    for bound in ["minLength", "maxLength"] {
        if let Some(bound) = schema[bound].as_u64() {
            values.extend([bound.saturating_sub(1), bound, bound + 1].map(|length| json!("a".repeat(length as usize))));
            // Characters count, not bytes.
            values.push(json!("é".repeat(bound as usize)));
        }
    }
    for bound in ["minItems", "maxItems"] {
        if let Some(bound) = schema[bound].as_u64() {
            let of = |count: u64| (0..count).map(|index| distinct(sample(&schema["items"]), index)).collect();
            values.extend([bound.saturating_sub(1), bound, bound + 1].map(of));
        }
    }
    values.extend(schema["enum"].as_array().cloned().unwrap_or_default());
    values
}

impl Case {
    /// Reads a value; a query's are all texts.
    fn read(&self, value: &Value) -> Result<String, ManagementError> {
        match (self.is_query, value) {
            (true, Value::Object(fields)) => {
                let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                let fields: Map<String, Value> =
                    fields.iter().map(|(name, value)| (name.clone(), text(value).into())).collect();
                (self.input.read)(&Value::Object(fields))
            }
            _ => (self.input.read)(value),
        }
    }

    /// Whether the reader has nothing to say against the field at this path or what is below it. A wrong address is no
    /// issue: it is refused with 400.
    fn takes(&self, value: &Value, path: &[Value]) -> bool {
        match self.read(value) {
            Err(ManagementError::Invalid(issues)) => {
                let at = |issue| serde_json::to_value(issue).unwrap()["path"].as_array().unwrap().clone();
                !issues.iter().map(at).any(|issue| issue.is_empty() || issue.starts_with(path))
            }
            Ok(_) | Err(_) => true,
        }
    }

    fn check_field(&self, name: &str, schema: &Value, path: &[Value], with: &dyn Fn(Option<Value>) -> Value) {
        let validator = jsonschema::options().should_validate_formats(true).build(schema).unwrap();
        for candidate in candidates(schema) {
            let is_text = candidate.is_string();
            // Whatever is sent in a query is a text.
            if self.is_query && (schema["type"] == "string") != is_text {
                continue;
            }
            let (described, taken) = (validator.is_valid(&candidate), self.takes(&with(Some(candidate.clone())), path));
            let takes_more = is_text && TAKE_MORE.contains(&name);
            assert!(
                described == taken || (taken && takes_more),
                "{}, {name} = {candidate:?}: described {described}, taken {taken}\n{schema}",
                self.name
            );
        }
        if let Some(default) = schema.get("default").filter(|_| !FILLED_IN_LATER.contains(&(self.id.as_str(), name))) {
            let (without, with) = (self.read(&with(None)), self.read(&with(Some(default.clone()))));
            assert_eq!(without, with, "{}: the default of {name}", self.name);
        }
    }

    /// The fields of the object at `path`, which `with` replaces.
    fn check_fields(&self, prefix: &str, schema: &Value, path: &[Value], with: &dyn Fn(Value) -> Value) {
        let (whole, exclusive) = (sample(schema), exclusive(schema));
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let replaced = |value: Option<Value>| {
                let mut object = whole.as_object().unwrap().clone();
                if exclusive.contains(&json!(name)) {
                    object.retain(|other, _| !exclusive.contains(&json!(other)));
                }
                match value {
                    Some(value) => object.insert(name.clone(), value),
                    None => object.remove(name),
                };
                with(Value::Object(object))
            };
            let full_name = format!("{prefix}{name}");
            let path: Vec<Value> = path.iter().cloned().chain([json!(name)]).collect();
            self.check_field(&full_name, property, &path, &replaced);
            let required = schema["required"].as_array().is_some_and(|required| required.contains(&json!(name)));
            let is_required = required || exclusive.contains(&json!(name));
            let taken = self.takes(&replaced(None), &path);
            assert_eq!(taken, !is_required, "{}: {full_name} left out", self.name);

            if property["required"].is_array() {
                let in_field = |value: Value| replaced(Some(value));
                self.check_fields(&format!("{full_name}."), property, &path, &in_field);
            }
            let items = &property["items"];
            let elements: Vec<&Value> = match items["oneOf"].as_array() {
                Some(alternatives) => alternatives.iter().collect(),
                None => vec![items],
            };
            let path: Vec<Value> = path.iter().cloned().chain([json!(0)]).collect();
            for element in elements.into_iter().filter(|element| element["properties"].is_object()) {
                let in_array = |value: Value| replaced(Some(json!([value])));
                self.check_fields(&format!("{full_name}.[]."), element, &path, &in_array);
            }
        }
    }
}

#[test]
fn a_sample_of_every_input_is_taken() {
    for case in cases() {
        let sample = sample(&case.schema);
        if let Err(error) = case.read(&sample) {
            panic!("{}: {sample} {error:?}", case.name);
        }
        for whole in [json!(null), json!([]), json!("x"), json!(1)] {
            assert!(!case.takes(&whole, &[]), "{}: {whole}", case.name);
        }
    }
}

#[test]
fn what_is_read_is_described_and_what_is_described_is_read() {
    for case in cases().into_iter().filter(|case| case.is_noted) {
        NOTED.with_borrow_mut(BTreeSet::clear);
        case.read(&sample(&case.schema)).unwrap_or_default();
        let noted = NOTED.with_borrow_mut(std::mem::take);
        let mut found = BTreeSet::new();
        described(&case.schema, "", &mut found);
        assert_eq!(noted, found, "{}", case.name);
    }
}

#[test]
fn every_field_takes_exactly_what_is_described() {
    for case in cases() {
        case.check_fields("", &case.schema, &[], &|value| value);
    }
}
