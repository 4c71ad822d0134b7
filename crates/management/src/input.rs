//! Reading input: bodies and queries become fields, and wrong fields become issues.
//!
//! The issues have the shape of Infisical's validator, one for each wrong field, and all of them at once. Unknown fields
//! are dropped, unless that would mislead. Bodies are read as bytes by `serde_json`: the runtime's own JSON turns `1e400` into null and rounds large
//! integers.

use serde_json::{Map, Value};

use crate::error::ManagementError;

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
}
