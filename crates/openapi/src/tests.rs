//! The document is what is committed, every route is in it, and the page shows all of it.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::assemble::{document, endpoints, template};
use management::endpoint::{Authentication, Body};
use management::openapi::describe::Errors;
use management::openapi::{Documentation, page, response};
use management::router::{self, Handler};
use protocol::family::Family;

/// Set to rewrite `openapi.json` instead of comparing it.
const REWRITE: &str = "REWRITE_OPENAPI";

fn operations(document: &Value) -> Vec<Value> {
    let items = document["paths"].as_object().unwrap().values();
    items.flat_map(|item| item.as_object().unwrap().values().cloned()).collect()
}

#[test]
fn the_committed_document_is_the_generated_one() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../openapi.json");
    let generated = serde_json::to_string_pretty(&document()).unwrap() + "\n";
    if std::env::var_os(REWRITE).is_some() {
        std::fs::write(&path, &generated).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap();
    assert!(committed == generated, "openapi.json is not what the code says: run `make openapi`");
}

#[test]
fn every_route_is_described_and_every_description_has_a_route() {
    let document = document();
    let mut described = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        described.extend(item.as_object().unwrap().keys().map(|method| (method.clone(), path.clone())));
    }
    let mut routed: BTreeSet<_> =
        router::all().map(|endpoint| (endpoint.method.to_ascii_lowercase(), template(endpoint.path))).collect();
    let elsewhere = endpoints().into_iter().filter(|endpoint| endpoint.errors != Errors::Management);
    let elsewhere: BTreeSet<_> =
        elsewhere.map(|endpoint| (endpoint.method.to_ascii_lowercase(), endpoint.path.to_owned())).collect();
    assert!(routed.is_disjoint(&elsewhere));
    routed.extend(elsewhere);
    assert_eq!(described, routed);
}

#[test]
fn every_endpoint_is_of_the_family_that_answers_it() {
    for endpoint in endpoints() {
        let path = endpoint.path.replace(':', "");
        let is_management = Family::of(&path, None, None) == Family::Management;
        assert_eq!(is_management, endpoint.errors == Errors::Management, "{path}");
        assert!(!matches!(Family::of(&path, None, None), Family::Gateway | Family::Nothing), "{path}");
    }
}

#[test]
fn a_body_in_which_a_secret_may_stand_is_not_one_that_is_passed_on() {
    const SECRETS: [&str; 3] = ["accessToken", "clientSecret", "signInCode"];
    let document = document();
    for endpoint in router::all() {
        let item = &document["paths"][template(endpoint.path)][endpoint.method.to_ascii_lowercase()];
        let mut schema = &item["requestBody"]["content"]["application/json"]["schema"];
        if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.strip_prefix('#')) {
            schema = document.pointer(name).unwrap();
        }
        let holds_secret = SECRETS.iter().any(|secret| schema["properties"].get(secret).is_some());
        let is_passed_on = match endpoint.handler {
            Handler::Worker(_) => true,
            Handler::Directory(
                _,
                Authentication::PossessedToken | Authentication::ClientCredentials | Authentication::ConsoleSignIn,
            ) => false,
            Handler::Directory(
                family,
                Authentication::AccessToken
                | Authentication::AuthSecret
                | Authentication::CloudflareAccess
                | Authentication::ConsoleSession,
            ) => family.body() == Body::Plain,
        };
        assert_eq!(holds_secret, !is_passed_on, "{endpoint:?}");
    }
}

#[test]
fn every_operation_has_an_id_of_its_own() {
    let mut ids = BTreeSet::new();
    for operation in operations(&document()) {
        let id = operation["operationId"].as_str().unwrap().to_owned();
        assert!(ids.insert(id.clone()), "{id} twice");
    }
}

#[test]
fn every_operation_has_a_tag_that_is_explained_a_summary_that_is_no_sentence_and_a_description_that_is_one() {
    let document = document();
    let tags: Vec<&Value> = document["tags"].as_array().unwrap().iter().map(|tag| &tag["name"]).collect();
    for operation in operations(&document) {
        assert!(tags.contains(&&operation["tags"][0]), "{operation}");
        let summary = operation["summary"].as_str().unwrap();
        assert!(!summary.is_empty() && !summary.ends_with('.'), "{summary}");
        let description = operation["description"].as_str().unwrap().trim();
        assert!(description.len() > 8 && description.ends_with('.'), "say more with `details`: {operation}");
        assert_ne!(description.trim_end_matches('.'), summary);
    }
}

#[test]
fn every_operation_has_an_answer_to_what_is_right_and_one_to_what_is_wrong() {
    // The key set and the metadata take nothing that could be wrong.
    const TAKES_NOTHING: [&str; 2] = ["getKeySet", "getAuthorizationServerMetadata"];
    for operation in operations(&document()) {
        let id = operation["operationId"].as_str().unwrap();
        let statuses: Vec<&str> = operation["responses"].as_object().unwrap().keys().map(String::as_str).collect();
        assert!(statuses.contains(&"200"), "{id}");
        let takes_nothing = TAKES_NOTHING.iter().any(|known| id.starts_with(known));
        assert_ne!(statuses.iter().any(|status| status.starts_with('4')), takes_nothing, "{id}");
    }
}

#[test]
fn every_parameter_and_every_header_is_described() {
    let document = document();
    let mut checked = 0;
    for operation in operations(&document) {
        for parameter in operation["parameters"].as_array().unwrap() {
            let about = parameter["description"].as_str().unwrap_or_default();
            assert!(!about.is_empty() && parameter["schema"].is_object(), "{} {parameter}", operation["operationId"]);
            checked += 1;
        }
    }
    assert!(checked > 100);
}

/// Every schema of the document, with where it stands: generators of clients read each of them.
fn schemas(value: &Value, place: &str, found: &mut Vec<(String, Value)>) {
    let at = |key: &str| format!("{place}/{key}");
    match value {
        Value::Object(object) => {
            for (key, inner) in object {
                match key.as_str() {
                    "schema" | "items" | "additionalProperties" | "not" => found.push((at(key), inner.clone())),
                    "properties" | "schemas" => {
                        let named = inner.as_object().into_iter().flatten();
                        found.extend(named.map(|(name, schema)| (format!("{}/{name}", at(key)), schema.clone())));
                    }
                    "anyOf" | "oneOf" | "allOf" => {
                        found.extend(inner.as_array().into_iter().flatten().map(|one| (at(key), one.clone())));
                    }
                    _ => {}
                }
                schemas(inner, &at(key), found);
            }
        }
        Value::Array(array) => array.iter().for_each(|inner| schemas(inner, place, found)),
        _ => {}
    }
}

#[test]
fn every_schema_says_what_it_is_so_that_clients_can_be_generated() {
    let mut found = Vec::new();
    schemas(&document(), "", &mut found);
    assert!(found.len() > 1_000);
    for (place, schema) in found {
        // `true` is a schema, and generators refuse it; that further fields may be there can be said in no other way.
        let is_openness = place.ends_with("additionalProperties");
        assert!(schema.is_object() || is_openness, "{place}: {schema}");
        let is_array =
            schema["type"] == "array" || schema["type"].as_array().is_some_and(|all| all.contains(&json!("array")));
        assert!(!is_array || schema["items"].is_object(), "{place}: an array of what? {schema}");
        // What a field of a body is when it is left out is said in words: see `say_defaults`.
        let is_of_a_body = place.contains("/components/schemas/");
        assert!(!is_of_a_body || schema.get("default").is_none(), "{place}: {schema}");
    }
}

#[test]
fn every_id_of_an_operation_can_stand_in_an_address_and_be_the_name_of_a_function() {
    for operation in operations(&document()) {
        let id = operation["operationId"].as_str().unwrap();
        let is_name = |character: char| character.is_ascii_alphanumeric() || character == '_';
        assert!(id.starts_with(|first: char| first.is_ascii_alphabetic()) && id.chars().all(is_name), "{id}");
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_component_is_referred_to() {
    fn references(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(object) => {
                found.extend(object.get("$ref").and_then(Value::as_str).map(str::to_owned));
                object.values().for_each(|value| references(value, found));
            }
            Value::Array(array) => array.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }
    let document = document();
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    let mut components = BTreeSet::new();
    for kind in ["schemas", "responses"] {
        let names = document["components"][kind].as_object().unwrap().keys();
        components.extend(names.map(|name| format!("#/components/{kind}/{name}")));
    }
    assert_eq!(found, components);
}

#[test]
fn no_component_has_the_name_of_another() {
    // Two types of one name: the second one gets a number.
    for name in document()["components"]["schemas"].as_object().unwrap().keys() {
        assert!(!name.ends_with(|last: char| last.is_ascii_digit()), "{name}: rename one of the types");
    }
}

#[test]
fn the_page_has_an_anchor_for_every_operation_and_every_link_leads_to_one() {
    let document = document();
    let page = page::render(&document);
    let anchors: BTreeSet<&str> = page.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    for operation in operations(&document) {
        assert!(anchors.contains(operation["operationId"].as_str().unwrap()), "{operation}");
    }
    for link in page.split(" href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(anchors.contains(link), "#{link}");
    }
    let ids = page.matches(" id=\"").count();
    assert_eq!(anchors.len(), ids, "an anchor twice");
}

#[test]
fn nothing_in_the_document_can_become_markup_of_the_page() {
    let hostile = "<script>alert(1)</script>\"'&";
    let document = json!({
        "info": { "title": hostile, "description": hostile, "version": hostile },
        "tags": [{ "name": hostile, "description": hostile }],
        "paths": { hostile: { "get": { "operationId": hostile, "tags": [hostile], "summary": hostile,
            "parameters": [{ "name": hostile, "in": hostile, "schema": { "type": hostile, "default": hostile } }],
            "responses": { hostile: { "description": hostile } } } } },
        "components": { "schemas": { hostile: { "properties": { hostile: { "enum": [hostile], "pattern": hostile } } } } },
    });
    let page = page::render(&document);
    assert!(page.contains("&lt;script&gt;"));
    assert!(!page.contains("<script"));
    assert!(!page.contains("\"'&"));
}

#[test]
fn what_is_served_is_the_document_and_runs_nothing() {
    let served = response(Documentation::GetApiDocument, "req-1");
    assert_eq!(served.header("content-type"), Some("application/json; charset=utf-8"));
    let text = std::fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../openapi.json")).unwrap();
    let (served, committed): (Value, Value) =
        (serde_json::from_str(&served.body).unwrap(), serde_json::from_str(&text).unwrap());
    assert!(served == committed, "another document is served than openapi.json");

    let page = response(Documentation::GetDocumentation, "req-1");
    assert!(page.body == page::render(&committed), "another page is served than that of openapi.json");
    assert!(!page.body.contains("<script") && !page.body.contains(" style="));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'self';") && !policy.contains("unsafe"));
}
