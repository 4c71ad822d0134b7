//! Every answer of the native tests is as described: [`check`] sees each answer of
//! [`handle`](crate::handle::handle) in tests.
//!
//! Here the description is taken more strictly than clients should take it: an answer has no field that is not described.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use jsonschema::Validator;
use matchit::Router;
use serde_json::{Value, json};

use protocol::response::ApiResponse;

struct Described {
    /// The document, with answers that have no further fields.
    document: Value,
    templates: Router<String>,
    validators: Mutex<HashMap<(String, String, u16), Arc<Validator>>>,
}

static DESCRIBED: LazyLock<Described> = LazyLock::new(|| {
    let mut document: Value = serde_json::from_str(include_str!("../../../../openapi.json")).unwrap();
    for (name, schema) in document["components"]["schemas"].as_object_mut().unwrap() {
        if !name.ends_with("Request") && schema["properties"].is_object() {
            schema["additionalProperties"] = json!(false);
        }
    }
    let mut templates = Router::new();
    for template in document["paths"].as_object().unwrap().keys() {
        templates.insert(template.replace('{', ":").replace('}', ""), template.clone()).unwrap();
    }
    Described { document, templates, validators: Mutex::new(HashMap::new()) }
});

impl Described {
    fn validator(&self, method: &str, template: &str, status: u16) -> Arc<Validator> {
        let key = (method.to_owned(), template.to_owned(), status);
        let mut validators = self.validators.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let made = validators.entry(key).or_insert_with(|| {
            let mut response =
                &self.document["paths"][template][method.to_ascii_lowercase()]["responses"][status.to_string()];
            assert!(!response.is_null(), "{method} {template}: {status} is not described");
            if let Some(reference) = response["$ref"].as_str() {
                response = self.document.pointer(reference.trim_start_matches('#')).unwrap();
            }
            let mut schema = response["content"].as_object().unwrap().values().next().unwrap()["schema"].clone();
            schema["components"] = self.document["components"].clone();
            let options = jsonschema::options().should_validate_formats(true);
            Arc::new(options.build(&schema).unwrap_or_else(|error| panic!("{method} {template} {status}: {error}")))
        });
        Arc::clone(made)
    }
}

/// Holds an answer against the document. A path that is none is not described.
pub fn check(method: &str, path: &str, response: &ApiResponse) {
    let Ok(found) = DESCRIBED.templates.at(path.strip_suffix('/').unwrap_or(path)) else { return };
    let template = found.value;
    if DESCRIBED.document["paths"][template][method.to_ascii_lowercase()].is_null() {
        return;
    }
    // The Worker makes the holder's answer of the Directory's report.
    if template == "/api/v1/auth/token/renew" && response.status == 200 {
        return;
    }
    let validator = DESCRIBED.validator(method, template, response.status);
    let body: Value = serde_json::from_str(&response.body).unwrap_or_else(|error| panic!("{error}: {}", response.body));
    let problems: Vec<String> =
        validator.iter_errors(&body).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(problems.is_empty(), "{method} {template} {}: {problems:#?}\n{body}", response.status);
}

#[test]
#[should_panic(expected = "is not described")]
fn a_status_that_is_not_described_is_noticed() {
    check("GET", "/api/v1/identities", &ApiResponse::json(418, "req-1", &json!({})));
}

#[test]
#[should_panic(expected = "surprise")]
fn a_field_that_is_not_described_is_noticed() {
    let body = json!({ "identities": [], "totalCount": 0, "surprise": 1 });
    check("GET", "/api/v1/identities", &ApiResponse::json(200, "req-1", &body));
}

#[test]
#[should_panic(expected = "totalCount")]
fn a_field_that_is_missing_is_noticed() {
    check("GET", "/api/v1/identities", &ApiResponse::json(200, "req-1", &json!({ "identities": [] })));
}
