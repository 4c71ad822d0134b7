//! What is wrong with a field, in the shape of Infisical's validator.

use serde::Serialize;
use serde_json::Value;

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
    #[inline(never)]
    fn from(name: &str) -> Self {
        Self::Field(name.to_owned())
    }
}

impl From<usize> for PathPart {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

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
}
