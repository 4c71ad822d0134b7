//! Reading input: bodies and queries become fields, and wrong fields become issues.
//!
//! The issues have the shape of Infisical's validator, one for each wrong field, and all of them at once. Unknown fields
//! are dropped, unless that would mislead. Bodies are read as bytes by `serde_json`: the runtime's own JSON turns `1e400` into null and rounds large
//! integers.

use std::cell::RefCell;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::error::ManagementError;
use crate::misplaced_fields;

/// What is wrong with one field.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
pub struct Issue {
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    received: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    minimum: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    maximum: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    r#type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    inclusive: Option<bool>,
    message: String,
    path: Vec<PathPart>,
}

/// One step on the way to a field.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum PathPart {
    /// A field of an object.
    Field(String),
    /// An element of an array.
    Index(usize),
}

impl From<&str> for PathPart {
    fn from(name: &str) -> Self {
        Self::Field(name.to_owned())
    }
}

impl From<usize> for PathPart {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

/// The path of a field or an element of what is at `path`.
pub fn below(path: &[PathPart], part: impl Into<PathPart>) -> Vec<PathPart> {
    path.iter().cloned().chain([part.into()]).collect()
}

impl Issue {
    fn new(code: &'static str, message: impl Into<String>, path: Vec<PathPart>) -> Self {
        Self {
            code,
            expected: None,
            received: None,
            minimum: None,
            maximum: None,
            r#type: None,
            inclusive: None,
            message: message.into(),
            path,
        }
    }

    /// A rule that is not about a type or a size.
    pub fn custom(message: impl Into<String>, path: Vec<PathPart>) -> Self {
        Self::new("custom", message, path)
    }

    /// A value of another type.
    pub fn invalid_type(expected: &'static str, value: Option<&Value>, path: Vec<PathPart>) -> Self {
        let received = type_name(value);
        let message = match value {
            Some(_) => format!("Expected {expected}, received {received}"),
            None => "Required".to_owned(),
        };
        Self { expected: Some(expected), received: Some(received), ..Self::new("invalid_type", message, path) }
    }

    /// A number with a fraction where a whole one belongs.
    pub fn not_whole(path: Vec<PathPart>) -> Self {
        Self {
            expected: Some("integer"),
            received: Some("float"),
            ..Self::new("invalid_type", "Expected integer, received float", path)
        }
    }

    /// A text that is no whole number where one belongs.
    pub fn not_a_number(path: Vec<PathPart>) -> Self {
        Self {
            expected: Some("number"),
            received: Some("nan"),
            ..Self::new("invalid_type", "Expected number, received nan", path)
        }
    }

    /// A field that an operation does not take and that must not be dropped in silence.
    pub fn misplaced(path: Vec<PathPart>) -> Self {
        let message = "This operation does not take this field, and it would have no effect";
        Self::new("unrecognized_keys", message, path)
    }

    /// A value below its minimum.
    pub fn too_small(kind: &'static str, minimum: u64, path: Vec<PathPart>) -> Self {
        let message = match kind {
            "number" => format!("Number must be greater than or equal to {minimum}"),
            "array" => format!("Array must contain at least {minimum} element(s)"),
            _ => format!("String must contain at least {minimum} character(s)"),
        };
        Self {
            minimum: Some(minimum),
            r#type: Some(kind),
            inclusive: Some(true),
            ..Self::new("too_small", message, path)
        }
    }

    /// A value above its maximum.
    pub fn too_big(kind: &'static str, maximum: u64, path: Vec<PathPart>) -> Self {
        let message = match kind {
            "number" => format!("Number must be less than or equal to {maximum}"),
            "array" => format!("Array must contain at most {maximum} element(s)"),
            _ => format!("String must contain at most {maximum} character(s)"),
        };
        Self {
            maximum: Some(maximum),
            r#type: Some(kind),
            inclusive: Some(true),
            ..Self::new("too_big", message, path)
        }
    }
}

fn type_name(value: Option<&Value>) -> &'static str {
    match value {
        None => "undefined",
        Some(Value::Null) => "null",
        Some(Value::Bool(_)) => "boolean",
        Some(Value::Number(_)) => "number",
        Some(Value::String(_)) => "string",
        Some(Value::Array(_)) => "array",
        Some(Value::Object(_)) => "object",
    }
}

/// The body of a request as JSON. An empty one is an empty object, whatever its type; a form is an object of strings.
///
/// # Errors
/// [`ManagementError::UnsupportedMediaType`] or [`ManagementError::InvalidJson`].
pub fn read_body(content_type: Option<&str>, body: &str) -> Result<Value, ManagementError> {
    if body.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    let media_type = content_type.unwrap_or("application/json").split(';').next().unwrap_or_default().trim();
    if media_type.eq_ignore_ascii_case("application/json") {
        serde_json::from_str(body).map_err(|_| ManagementError::InvalidJson)
    } else if media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        Ok(Value::Object(read_pairs(body)))
    } else {
        Err(ManagementError::UnsupportedMediaType)
    }
}

/// The query of a request as an object of strings.
pub fn read_query(query: &str) -> Value {
    Value::Object(read_pairs(query))
}

fn read_pairs(text: &str) -> Map<String, Value> {
    form_urlencoded::parse(text.as_bytes())
        .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
        .collect()
}

/// The fields of one object, read one after the other. Every wrong one leaves an issue.
#[derive(Debug)]
pub struct Fields<'a> {
    object: Option<&'a Map<String, Value>>,
    path: Vec<PathPart>,
    issues: Vec<Issue>,
    /// The fields that were asked for.
    asked: RefCell<Vec<String>>,
}

impl<'a> Fields<'a> {
    /// Starts reading; anything but an object is an issue of its own.
    pub fn new(value: &'a Value) -> Self {
        Self::at(value, Vec::new())
    }

    fn at(value: &'a Value, path: Vec<PathPart>) -> Self {
        let object = value.as_object();
        let issues = match object {
            Some(_) => Vec::new(),
            None => vec![Issue::invalid_type("object", Some(value), path.clone())],
        };
        Self { object, path, issues, asked: RefCell::default() }
    }

    /// The value of a field as it was sent.
    pub fn get(&self, name: &str) -> Option<&'a Value> {
        #[cfg(test)]
        crate::openapi::agreement::note(&self.path, name);
        let value = self.object.and_then(|object| object.get(name));
        if value.is_some() {
            self.asked.borrow_mut().push(name.to_owned());
        }
        value
    }

    /// A field of whatever type; `None` when it was left out.
    pub fn value(&self, name: &str) -> Option<&'a Value> {
        self.get(name)
    }

    /// The path of a field.
    pub fn path(&self, name: &str) -> Vec<PathPart> {
        self.path.iter().cloned().chain([PathPart::from(name)]).collect()
    }

    /// Whether nothing was wrong so far.
    pub fn are_right(&self) -> bool {
        self.issues.is_empty()
    }

    /// Notes an issue.
    pub fn push(&mut self, issue: Issue) {
        self.issues.push(issue);
    }

    fn wrong_type(&mut self, expected: &'static str, name: &str) {
        // When the whole is no object, that is the one issue worth telling.
        if self.object.is_some() {
            let issue = Issue::invalid_type(expected, self.get(name), self.path(name));
            self.push(issue);
        }
    }

    /// A text that may be left out.
    pub fn optional_string(&mut self, name: &str) -> Option<&'a str> {
        match self.get(name) {
            None => None,
            Some(Value::String(text)) => Some(text),
            Some(_) => {
                self.wrong_type("string", name);
                None
            }
        }
    }

    /// A text.
    pub fn string(&mut self, name: &str) -> Option<&'a str> {
        if self.get(name).is_none() {
            self.wrong_type("string", name);
            return None;
        }
        self.optional_string(name)
    }

    /// A truth value that may be left out.
    pub fn optional_boolean(&mut self, name: &str) -> Option<bool> {
        match self.get(name) {
            None => None,
            Some(Value::Bool(truth)) => Some(*truth),
            Some(_) => {
                self.wrong_type("boolean", name);
                None
            }
        }
    }

    /// A whole number from 0 to `maximum` that may be left out. `5.0` is one; `5.5`, `-1` and `"5"` are not.
    pub fn optional_integer(&mut self, name: &str, minimum: u64, maximum: u64) -> Option<u64> {
        let number = match self.get(name) {
            None => return None,
            Some(Value::Number(number)) => number,
            Some(_) => {
                self.wrong_type("number", name);
                return None;
            }
        };
        let path = self.path(name);
        match whole_number(number) {
            Some(number) if number < i128::from(minimum) => self.push(Issue::too_small("number", minimum, path)),
            Some(number) if number > i128::from(maximum) => self.push(Issue::too_big("number", maximum, path)),
            Some(number) => return u64::try_from(number).ok(),
            None => self.push(Issue::not_whole(path)),
        }
        None
    }

    /// A whole number from `minimum` to `maximum`.
    pub fn integer(&mut self, name: &str, minimum: u64, maximum: u64) -> Option<u64> {
        if self.get(name).is_none() {
            self.wrong_type("number", name);
            return None;
        }
        self.optional_integer(name, minimum, maximum)
    }

    /// A whole number written as text, as in a query, that may be left out.
    pub fn optional_integer_text(&mut self, name: &str, minimum: u64, maximum: u64) -> Option<u64> {
        let text = self.optional_string(name)?;
        let path = self.path(name);
        match text.trim().parse::<i128>() {
            Ok(number) if number < i128::from(minimum) => self.push(Issue::too_small("number", minimum, path)),
            Ok(number) if number > i128::from(maximum) => self.push(Issue::too_big("number", maximum, path)),
            Ok(number) => return u64::try_from(number).ok(),
            Err(_) => self.push(Issue::not_a_number(path)),
        }
        None
    }

    /// An object that may be left out, which `read` reads. `None` when it was left out or is wrong.
    pub fn optional_object<T>(&mut self, name: &str, read: impl FnOnce(&mut Fields<'a>) -> Option<T>) -> Option<T> {
        let value = self.get(name)?;
        let mut fields = Fields::at(value, self.path(name));
        let read = read(&mut fields);
        self.issues.append(&mut fields.issues);
        read
    }

    /// An array that may be left out, each element of which is an object that `read` reads. `None` when it was left out
    /// or an element is wrong.
    pub fn optional_objects<T>(
        &mut self,
        name: &str,
        minimum: u64,
        maximum: u64,
        mut read: impl FnMut(&mut Fields<'a>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let elements = match self.get(name) {
            None => return None,
            Some(Value::Array(elements)) => elements,
            Some(_) => {
                self.wrong_type("array", name);
                return None;
            }
        };
        let count = elements.len() as u64;
        if count < minimum {
            let issue = Issue::too_small("array", minimum, self.path(name));
            self.push(issue);
        }
        if count > maximum {
            let issue = Issue::too_big("array", maximum, self.path(name));
            self.push(issue);
            return None;
        }
        let mut values = Vec::with_capacity(elements.len());
        for (index, element) in elements.iter().enumerate() {
            let path = self.path(name).into_iter().chain([PathPart::from(index)]).collect();
            let mut fields = Fields::at(element, path);
            values.extend(read(&mut fields));
            self.issues.append(&mut fields.issues);
        }
        (values.len() == elements.len()).then_some(values)
    }

    /// An issue for each field that nobody asked for and that must not be dropped in silence.
    fn refuse_misplaced(&mut self) {
        let asked = self.asked.take();
        let misplaced = |(name, value): &(&String, &Value)| {
            !asked.iter().any(|known| known == *name) && misplaced_fields::misleads(name, value)
        };
        for (name, _) in self.object.into_iter().flatten().filter(misplaced) {
            self.issues.push(Issue::misplaced(self.path(name)));
        }
    }

    /// Ends reading: the value, or all issues.
    ///
    /// # Errors
    /// [`ManagementError::Invalid`] when there is an issue or no value.
    pub fn finish<T>(mut self, value: Option<T>) -> Result<T, ManagementError> {
        self.refuse_misplaced();
        match value {
            Some(value) if self.issues.is_empty() => Ok(value),
            Some(_) | None => Err(ManagementError::Invalid(self.issues)),
        }
    }
}

/// The number, if it has no fraction. Beyond ±2^63 every `f64` is whole; such a number is out of any range anyway.
fn whole_number(number: &serde_json::Number) -> Option<i128> {
    if let Some(whole) = number.as_i128() {
        return Some(whole);
    }
    let float = number.as_f64()?;
    // `1e-400` has become zero on its way, and zero says "no limit": only a plain 0 may say that.
    (float.fract() == 0.0 && float != 0.0).then_some(float as i128)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_body_is_json_or_a_form_or_empty() {
        #[track_caller]
        fn check(content_type: Option<&str>, body: &str, expected: Result<Value, ManagementError>) {
            assert_eq!(read_body(content_type, body), expected, "{content_type:?} {body:?}");
        }
        check(None, "", Ok(json!({})));
        check(Some("application/json"), "", Ok(json!({})));
        check(Some("text/plain"), "", Ok(json!({})));
        check(None, "{\"a\":1}", Ok(json!({"a": 1})));
        check(Some("Application/JSON; charset=utf-8"), "{\"a\":1}", Ok(json!({"a": 1})));
        check(Some("application/x-www-form-urlencoded"), "a=1&b=x+y%21", Ok(json!({"a": "1", "b": "x y!"})));
        check(Some("text/plain"), "{}", Err(ManagementError::UnsupportedMediaType));
        check(Some("application/jsonp"), "{}", Err(ManagementError::UnsupportedMediaType));
        check(Some("application/json"), "{", Err(ManagementError::InvalidJson));
        check(Some("application/json"), "{\"a\":1e400}", Err(ManagementError::InvalidJson));
        check(Some("application/json"), &"[".repeat(10_000), Err(ManagementError::InvalidJson));
    }

    #[test]
    fn a_whole_number_within_its_bounds_is_read_exactly() {
        #[track_caller]
        fn check(value: Value, expected: Result<Option<u64>, &str>) {
            let body = json!({ "n": value });
            let mut fields = Fields::new(&body);
            let number = fields.optional_integer("n", 0, 9_007_199_254_740_991);
            match (expected, fields.finish(Some(()))) {
                (Ok(expected), Ok(())) => assert_eq!(number, expected),
                (Err(code), Err(ManagementError::Invalid(issues))) => {
                    assert_eq!(issues.len(), 1);
                    assert_eq!(issues[0].code, code);
                    assert_eq!(issues[0].path, vec![PathPart::from("n")]);
                }
                (expected, got) => panic!("{body}: expected {expected:?}, got {got:?}"),
            }
        }
        check(json!(0), Ok(Some(0)));
        check(json!(5.0), Ok(Some(5)));
        check(json!(9_007_199_254_740_991u64), Ok(Some(9_007_199_254_740_991)));
        check(json!(9_007_199_254_740_992u64), Err("too_big"));
        check(json!(1e300), Err("too_big"));
        check(json!(-1), Err("too_small"));
        check(json!(-1e300), Err("too_small"));
        check(json!(5.5), Err("invalid_type"));
        check(serde_json::from_str("1e-400").unwrap(), Err("invalid_type"));
        check(json!(-0.0), Err("invalid_type"));
        check(json!("5"), Err("invalid_type"));
        check(json!(null), Err("invalid_type"));
        check(json!([5]), Err("invalid_type"));
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        let body = json!({ "name": 1, "list": [{ "ip": "x" }, { "ip": 2 }, 3, {}] });
        let mut fields = Fields::new(&body);
        fields.string("name");
        fields.string("missing");
        fields.optional_objects("list", 1, 10, |element| element.string("ip").map(str::to_owned));
        let Err(ManagementError::Invalid(issues)) = fields.finish(Some(())) else { panic!("expected issues") };
        let paths: Vec<String> = issues.iter().map(|issue| serde_json::to_string(&issue.path).unwrap()).collect();
        assert_eq!(
            paths,
            [r#"["name"]"#, r#"["missing"]"#, r#"["list",1,"ip"]"#, r#"["list",2]"#, r#"["list",3,"ip"]"#]
        );
    }

    #[test]
    fn issue_format_unchanged() {
        let issues = [
            Issue::invalid_type("string", None, vec![PathPart::from("name")]),
            Issue::too_small("number", 0, vec![PathPart::from("n")]),
            Issue::too_big("array", 50, vec![PathPart::from("list")]),
            Issue::custom("No.", vec![]),
        ];
        assert_eq!(
            serde_json::to_value(issues).unwrap(),
            json!([
                {"code": "invalid_type", "expected": "string", "received": "undefined", "message": "Required", "path": ["name"]},
                {"code": "too_small", "minimum": 0, "type": "number", "inclusive": true,
                 "message": "Number must be greater than or equal to 0", "path": ["n"]},
                {"code": "too_big", "maximum": 50, "type": "array", "inclusive": true,
                 "message": "Array must contain at most 50 element(s)", "path": ["list"]},
                {"code": "custom", "message": "No.", "path": []},
            ])
        );
    }

    #[test]
    fn a_whole_that_is_no_object_is_one_issue() {
        for body in [json!([]), json!("x"), json!(null), json!(1)] {
            let mut fields = Fields::new(&body);
            fields.string("name");
            let Err(ManagementError::Invalid(issues)) = fields.finish(Some(())) else { panic!("expected issues") };
            assert_eq!(issues.len(), 1, "{body}");
            assert!(issues[0].path.is_empty());
        }
    }
}
