//! The page for people, made of the document alone.
//!
//! It is compiled into `build.rs`, which writes the page, and into the tests, which read it; never into the program.
//! Every text goes through the template and is escaped there.

use std::sync::LazyLock;

use maud::{DOCTYPE, Markup, html};
use serde_json::{Map, Value};

/// Where the page's style sheet is.
const STYLE: &str = "/api/docs/style.css";
/// The methods of a path, in the order in which they are shown.
const METHODS: [&str; 6] = ["get", "head", "post", "put", "patch", "delete"];

/// One method on one path.
struct Operation<'d> {
    method: &'static str,
    path: &'d str,
    said: &'d Value,
}

/// The page of a document.
pub fn render(document: &Value) -> String {
    let operations = operations(document);
    let title = text(at(document, "/info/title"));
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width,initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                link rel="stylesheet" href=(STYLE);
            }
            body {
                a.skip href="#content" { "Skip to the operations" }
                header {
                    h1 { (title) }
                    p { (prose(at(document, "/info/description"))) }
                    p { "Version " (text(at(document, "/info/version"))) ". The same for programs: " a href="/api/docs/openapi.json" { "openapi.json" } "." }
                }
                (contents(document, &operations))
                main id="content" {
                    @for tag in list(&document["tags"]) {
                        section {
                            h2 id=(anchor(text(&tag["name"]))) { (text(&tag["name"])) }
                            p { (prose(&tag["description"])) }
                            @for operation in of_tag(&operations, tag) { (article(operation)) }
                        }
                    }
                    section {
                        h2 id="errors" { "Errors" }
                        dl {
                            @for (name, response) in object(at(document, "/components/responses")) {
                                dt id=(name) { (name) }
                                dd { (prose(&response["description"])) " " (content(response)) }
                            }
                        }
                    }
                    section {
                        h2 id="schemas" { "Schemas" }
                        @for (name, schema) in object(at(document, "/components/schemas")) {
                            section.schema {
                                h3 id={ "schema-" (name) } { (name) }
                                (schema_body(schema))
                            }
                        }
                    }
                }
            }
        }
    };
    page.into_string()
}

fn operations(document: &Value) -> Vec<Operation<'_>> {
    let mut operations = Vec::new();
    for (path, item) in object(&document["paths"]) {
        for method in METHODS {
            if let Some(said) = item.get(method) {
                operations.push(Operation { method, path, said });
            }
        }
    }
    operations
}

/// The operations of a chapter, those that only older clients use at the end.
fn of_tag<'o, 'd>(operations: &'o [Operation<'d>], tag: &Value) -> Vec<&'o Operation<'d>> {
    let mut found: Vec<_> =
        operations.iter().filter(|operation| list(&operation.said["tags"]).contains(&tag["name"])).collect();
    found.sort_by_key(|operation| is_older(operation));
    found
}

fn is_older(operation: &Operation<'_>) -> bool {
    operation.said["deprecated"] == true
}

fn contents(document: &Value, operations: &[Operation<'_>]) -> Markup {
    html! {
        nav aria-label="Contents" {
            @for tag in list(&document["tags"]) {
                details open {
                    summary { a href={ "#" (anchor(text(&tag["name"]))) } { (text(&tag["name"])) } }
                    ul {
                        @for operation in of_tag(operations, tag).into_iter().filter(|operation| !is_older(operation)) {
                            li { (link(operation, operations)) }
                        }
                    }
                }
            }
            ul { li { a href="#errors" { "Errors" } } li { a href="#schemas" { "Schemas" } } }
        }
    }
}

/// A link to an operation that tells it from every other one: by its method, and by its path where an operation with
/// another path has the same summary.
fn link(operation: &Operation<'_>, all: &[Operation<'_>]) -> Markup {
    let summary = &operation.said["summary"];
    let is_namesake = |other: &&Operation<'_>| !is_older(other) && other.said["summary"] == *summary;
    let has_a_namesake = all.iter().filter(is_namesake).any(|other| other.path != operation.path);
    html! {
        a href={ "#" (text(&operation.said["operationId"])) } {
            (text(summary)) " " small {
                (operation.method.to_uppercase())
                @if has_a_namesake { " " code { (operation.path) } }
            }
        }
    }
}

fn article(operation: &Operation<'_>) -> Markup {
    let said = operation.said;
    let id = text(&said["operationId"]);
    html! {
        article {
            h3 id=(id) {
                a href={ "#" (id) } { (text(&said["summary"])) }
                @if is_older(operation) { " " small { "older path" } }
            }
            p.route { b.(operation.method) { (operation.method.to_uppercase()) } " " code { (operation.path) } }
            p.id { code { (id) } ". " (caller(&said["security"])) }
            @if let Some(details) = said.get("description") { p { (prose(details)) } }
            @if !list(&said["parameters"]).is_empty() {
                h4 { "Parameters" }
                (table(list(&said["parameters"]).iter().map(|parameter| Row {
                    name: text(&parameter["name"]),
                    place: Some(text(&parameter["in"])),
                    is_required: parameter["required"] == true,
                    schema: &parameter["schema"],
                    about: &parameter["description"],
                })))
            }
            @if let Some(body) = said.get("requestBody") {
                h4 { "Body" @if body["required"] != true { ", may be left out" } }
                p { (content(body)) }
            }
            h4 { "Answers" }
            ul.answers {
                @for (status, response) in object(&said["responses"]) {
                    li {
                        @match response["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
                            Some(name) => { a href={ "#" (name) } { (status) } }
                            None => { b { (status) } " " (prose(&response["description"])) " " (content(response))
                                @for (name, header) in object(&response["headers"]) {
                                    " " code { (name) } ": " (prose(&header["description"]))
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What the caller must show.
fn caller(security: &Value) -> &'static str {
    let has = |scheme: &str| list(security).iter().any(|one| one.get(scheme).is_some());
    if has("client") {
        "Takes client credentials, in a header or in the body."
    } else if has("accessToken") {
        "Needs an access token as bearer."
    } else if has("authSecret") {
        "Needs AUTH_SECRET as bearer."
    } else {
        "Needs no bearer."
    }
}

/// The schemas of a body, by media type.
fn content(body: &Value) -> Markup {
    html! {
        @for (media_type, content) in object(&body["content"]) {
            code { (media_type) } ": " (kind(&content["schema"])) ". "
        }
    }
}

fn schema_body(schema: &Value) -> Markup {
    html! {
        @if let Some(about) = schema.get("description") { p { (prose(about)) } }
        @if object(&schema["properties"]).is_empty() {
            p { (kind(schema)) }
        } @else {
            (fields(schema))
        }
        @for alternative in list(&schema["oneOf"]) {
            @if !object(&alternative["properties"]).is_empty() { (fields(alternative)) }
        }
    }
}

/// The fields of an object.
fn fields(schema: &Value) -> Markup {
    let required = list(&schema["required"]);
    table(object(&schema["properties"]).iter().map(|(name, property)| Row {
        name,
        place: None,
        is_required: required.iter().any(|one| one == name),
        schema: property,
        about: &property["description"],
    }))
}

struct Row<'d> {
    name: &'d str,
    /// Where it stands; `None` for a field of a body.
    place: Option<&'d str>,
    is_required: bool,
    schema: &'d Value,
    about: &'d Value,
}

fn table<'d>(rows: impl Iterator<Item = Row<'d>>) -> Markup {
    html! {
        div.table {
            table {
                @for row in rows {
                    tr {
                        th scope="row" {
                            code { (row.name) }
                            @if row.is_required { " " small { "required" } }
                            @if let Some(place) = row.place { " " small { (place) } }
                        }
                        td { (kind(row.schema)) }
                        td { (prose(row.about)) }
                    }
                }
            }
        }
    }
}

/// A schema in a few words: its type, its bounds, its default.
fn kind(schema: &Value) -> Markup {
    if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
        return html! { a href={ "#schema-" (name) } { (name) } };
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        several => list(several).iter().map(text).collect(),
    };
    let alternatives: Vec<&Value> = list(&schema["anyOf"]).iter().chain(list(&schema["oneOf"])).collect();
    html! {
        (types.join(" or "))
        @for (position, alternative) in alternatives.iter().enumerate() {
            @if position > 0 { " or " }
            (kind(alternative))
        }
        @if schema["items"].is_object() { " of " (kind(&schema["items"])) }
        @if let Some(format) = schema["format"].as_str() { " (" (format) ")" }
        (bounds(schema))
        @if let Some(values) = schema["enum"].as_array() {
            ": " @for (position, value) in values.iter().enumerate() {
                @if position > 0 { ", " }
                code { (plain(value)) }
            }
        }
        @if let Some(pattern) = schema["pattern"].as_str() { ", like " code { (pattern) } }
        @if let Some(default) = schema.get("default") { ", default " code { (plain(default)) } }
    }
}

/// From … to …, as far as there are bounds.
fn bounds(schema: &Value) -> Markup {
    let of = |least: &str, most: &str, unit: &'static str| {
        let (least, most) = (schema.get(least), schema.get(most));
        html! {
            @match (least, most) {
                (Some(least), Some(most)) => { ", " (plain(least)) " to " (plain(most)) (unit) }
                (Some(least), None) => { ", at least " (plain(least)) (unit) }
                (None, Some(most)) => { ", at most " (plain(most)) (unit) }
                (None, None) => {}
            }
        }
    };
    html! {
        (of("minimum", "maximum", ""))
        (of("minLength", "maxLength", " characters"))
        (of("minItems", "maxItems", " elements"))
    }
}

/// A text in which `…` stands for code.
fn prose(value: &Value) -> Markup {
    html! {
        @for (position, part) in text(value).split('`').enumerate() {
            @if position % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

/// A value as one would say it.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// What a heading can be linked to by.
fn anchor(name: &str) -> String {
    name.to_lowercase().replace(' ', "-")
}

/// What stands at a place of the document; null when nothing does.
fn at<'d>(document: &'d Value, pointer: &str) -> &'d Value {
    document.pointer(pointer).unwrap_or(&Value::Null)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn object(value: &Value) -> &Map<String, Value> {
    static NOTHING: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);
    value.as_object().unwrap_or(&NOTHING)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The text of each link to an operation in the contents.
    fn links(document: &Value) -> Vec<String> {
        let contents = contents(document, &operations(document)).into_string();
        let items = contents.split("<li>").skip(1).map(|rest| rest.split("</li>").next().unwrap());
        items
            .map(|item| item.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text).collect())
            .collect()
    }

    #[test]
    fn a_link_names_the_method_and_the_path_where_that_tells_operations_apart() {
        let said =
            |id: &str, summary: &str| serde_json::json!({ "operationId": id, "tags": ["t"], "summary": summary });
        let mut older = said("g", "Alone");
        older["deprecated"] = true.into();
        let document = serde_json::json!({ "tags": [{ "name": "t" }], "paths": {
            "/a": { "get": said("a", "Same"), "head": said("b", "Same") },
            "/b": { "get": said("c", "Other"), "post": said("d", "Alone") },
            "/c": { "get": said("e", "Other") },
            "/d": { "post": older },
        }});
        let expected = ["Same GET", "Same HEAD", "Other GET /b", "Alone POST", "Other GET /c", "Errors", "Schemas"];
        assert_eq!(links(&document), expected);
    }

    #[test]
    fn no_two_links_of_the_real_contents_read_the_same() {
        let document = serde_json::from_str(include_str!("../../../../openapi.json")).unwrap();
        let links = links(&document);
        let different: BTreeSet<&String> = links.iter().collect();
        assert!(links.len() > 60 && links.len() == different.len(), "{links:#?}");
    }
}
