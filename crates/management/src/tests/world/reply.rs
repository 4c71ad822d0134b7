//! What came back.

use serde_json::Value;

use super::{Caller, REQUEST_ID, World};
use crate::answer_error::error_response;
use crate::error::ManagementError;
use domain::value::identifiers::IdentityId;
use protocol::response::ApiResponse;

#[derive(Clone, PartialEq, Debug)]
pub struct Reply {
    pub status: u16,
    pub body: Value,
    pub response: ApiResponse,
    /// Whether the database is another one than before; `None` where nobody looked.
    changed: Option<bool>,
}

impl Reply {
    pub fn new(response: ApiResponse, changed: Option<bool>) -> Self {
        let body = serde_json::from_str(&response.body).unwrap();
        Self { status: response.status, body, response, changed }
    }

    /// The Worker's own, which the Directory is not asked for.
    pub fn of_worker(error: &ManagementError) -> Self {
        Self::new(error_response(error, REQUEST_ID), Some(false))
    }

    #[track_caller]
    pub fn changed(&self) -> bool {
        self.changed.expect("nobody looked whether the call changed anything")
    }

    /// The value of `ETag`.
    pub fn tag(&self) -> Option<String> {
        self.response.header("etag").map(str::to_owned)
    }

    /// The text at a JSON pointer.
    #[track_caller]
    pub fn text(&self, pointer: &str) -> String {
        text_at(&self.body, pointer)
    }

    /// The body of a success.
    #[track_caller]
    pub fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.response.body);
        assert_eq!(self.response.header("content-type"), Some("application/json; charset=utf-8"));
        assert_eq!(self.response.header("cache-control"), Some("no-store"));
        assert_eq!(self.response.header("x-request-id"), Some(REQUEST_ID));
        self.body.clone()
    }

    /// A success that changed nothing.
    #[track_caller]
    pub fn unchanged(&self) -> Value {
        assert!(!self.changed(), "the call changed something");
        self.ok()
    }

    /// The text of a success, with every token and every identifier replaced. The identifiers in `names` get their
    /// names; of any other one only the form is known.
    #[track_caller]
    pub fn shape(&self, world: &World, names: &[(&str, &str)]) -> String {
        self.ok();
        redact_identifiers(&redact_tokens(&self.response.body, world), names)
    }

    /// A refusal with this status, name and message that left no trace. Returns its `details`.
    #[track_caller]
    pub fn refused(&self, status: u16, error: &str, message: &str) -> Value {
        assert!(!self.changed(), "a refused call changed something");
        self.refused_with_a_trace(status, error, message)
    }

    /// The same, where the refusal is one that leaves something behind.
    #[track_caller]
    pub fn refused_with_a_trace(&self, status: u16, error: &str, message: &str) -> Value {
        let text = |text: &str| Value::String(text.to_owned()).to_string();
        let expected = format!(
            r#"{{"reqId":"{REQUEST_ID}","statusCode":{status},"message":{},"error":{}"#,
            text(message),
            text(error)
        );
        let body = &self.response.body;
        let rest = body.strip_prefix(&expected).unwrap_or_else(|| panic!("expected {expected}…\n     got {body}"));
        // Only where there is no route the body says where the description is.
        let docs = if error == "Not Found" { r#","docs":"/api/docs/json"}"# } else { "}" };
        assert!(rest == docs || rest.starts_with(r#","details":"#), "{body}");
        assert_eq!(self.status, status);
        self.body["details"].clone()
    }

    /// The issues of a call whose fields were wrong.
    #[track_caller]
    fn list_of_issues(&self) -> &[Value] {
        assert_eq!(self.status, 422, "{}", self.response.body);
        assert_ne!(self.changed, Some(true), "a refused call changed something");
        assert_eq!(self.body["error"], "ValidationFailure");
        self.body["message"].as_array().unwrap_or_else(|| panic!("no issues in {self:?}"))
    }

    /// Each issue of a 422 as `path: message`.
    #[track_caller]
    pub fn issues(&self) -> Vec<String> {
        let describe = |issue: &Value| {
            let path: Vec<String> = issue["path"].as_array().unwrap().iter().map(unquoted).collect();
            format!("{}: {}", path.join("."), text(&issue["message"]))
        };
        self.list_of_issues().iter().map(describe).collect()
    }

    /// The path of each issue of a 422, as JSON.
    #[track_caller]
    pub fn issue_paths(&self) -> Vec<String> {
        self.list_of_issues().iter().map(|issue| issue["path"].to_string()).collect()
    }

    /// The field of each issue of a 422.
    #[track_caller]
    pub fn wrong_fields(&self) -> Vec<String> {
        self.list_of_issues().iter().map(|issue| text(&issue["path"][0])).collect()
    }
}

fn unquoted(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// An answer that also says when what it shows is gone everywhere: at this second of the minute in which worlds begin.
pub fn withdrawn(body: &str, second: &str) -> String {
    let answer = body.strip_suffix('}').unwrap();
    format!(r#"{answer},"inForceEverywhereAt":"2023-11-14T22:13:{second}Z"}}"#)
}

#[track_caller]
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

/// The text at a JSON pointer.
#[track_caller]
pub fn text_at(body: &Value, pointer: &str) -> String {
    body.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("no {pointer} in {body}")).to_owned()
}

/// The same JSON with every id and every token replaced by a letter, in the order in which they first appear.
pub fn with_letters(body: &Value) -> Value {
    let mut seen: Vec<String> = Vec::new();
    let text = body.to_string();
    let mut result = text.clone();
    for part in text.split('"') {
        if IdentityId::parse(part).is_some() && !seen.iter().any(|known| known == part) {
            result = result.replace(part, &format!("<{}>", char::from(b'a' + seen.len() as u8)));
            seen.push(part.to_owned());
        }
    }
    serde_json::from_str(&result).unwrap()
}

/// Replaces every access token of this installation, and proves that it is one.
pub fn redact_tokens(body: &str, world: &World) -> String {
    let mut redacted = body.to_owned();
    while let Some(start) = redacted.find("tka_") {
        let token = redacted[start..start + 80].to_owned();
        world.parse(&token);
        redacted = redacted.replace(&token, "[token]");
    }
    redacted
}

/// Replaces every version 4 UUID.
pub fn redact_identifiers(body: &str, names: &[(&str, &str)]) -> String {
    let mut redacted = body.to_owned();
    for (name, identifier) in names {
        redacted = redacted.replace(identifier, &format!("[{name}]"));
    }
    let form = |text: &str| {
        text.bytes().enumerate().all(|(position, byte)| match position {
            8 | 13 | 18 | 23 => byte == b'-',
            14 => byte == b'4',
            _ => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
        })
    };
    let mut position = 0;
    while let Some(candidate) = redacted.get(position..position + 36) {
        if form(candidate) {
            redacted.replace_range(position..position + 36, "[id]");
        }
        position += 1;
        while !redacted.is_char_boundary(position) {
            position += 1;
        }
    }
    redacted
}

#[test]
fn redaction_replaces_tokens_and_identifiers_and_nothing_else() {
    let world = World::new();
    let Caller { identity, token_id, token } = &world.admin;
    let body = format!(r#"{{"a":"{token}","b":"{identity}","c":"{token_id}","d":"é"}}"#);
    let redacted = redact_identifiers(&redact_tokens(&body, &world), &[("identity", identity)]);
    assert_eq!(redacted, r#"{"a":"[token]","b":"[identity]","c":"[id]","d":"é"}"#);
}
