//! The document: every endpoint with what its family says of it, as OpenAPI 3.1.
//!
//! What follows from a route is worked out here and nowhere written down: which statuses can occur, which parameters the
//! path has, what the caller must show, and whether a form will do.

use std::collections::BTreeSet;

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::{data_plane, forward_auth, key_set};
use management::oauth::error::OAuthErrorBody;
use management::openapi::describe::{Answer, DescribedEndpoint, DescribedInput, Description, Errors, Proof, Tag};
use management::openapi::formats;
use management::surface::ErrorBody;
use protocol::console::COOKIE;
use token_auth_edge::http::data_plane::error::Problem;

/// The beginnings of paths that older clients use. Each has a newer path that does the same, except that two of them name
/// a thing in a way that the newer one does not.
const OLDER: [&str; 6] = [
    "/api/v1/auth/token-auth/identities/:identityId/tokens/:tokenId",
    "/api/v1/organization/:organizationId/",
    "/api/v1/projects/:projectId/identity-memberships",
    "/api/v1/projects/identity-memberships",
    "/api/v1/workspace",
    "/api/v2/workspace",
];

const INTRODUCTION: &str = "Token Auth for machine identities, decided at the edge. The management API below `/api` is \
    compatible with Infisical's. Bodies are JSON of at most 64 KiB; fields that are not known are dropped, and a body \
    that is described here with text fields only may be a form as well. White space around names, slugs and ids is \
    dropped. Every answer says `Cache-Control: no-store` and has the request's id in `X-Request-Id`.";

pub fn endpoints() -> Vec<DescribedEndpoint> {
    let edge = [data_plane::endpoints(), forward_auth::endpoints(), key_set::endpoints()];
    edge.into_iter().flatten().chain(management::openapi::endpoints::endpoints()).collect()
}

pub fn document() -> Value {
    let endpoints = endpoints();
    let mut answers = SchemaSettings::draft2020_12()
        .with(|settings| settings.definitions_path = "/components/schemas".into())
        .for_serialize()
        .into_generator();
    let mut inputs = SchemaSettings::draft2020_12()
        .with(|settings| settings.definitions_path = "/components/schemas".into())
        .for_deserialize()
        .into_generator();
    let mut paths = Map::new();
    for endpoint in &endpoints {
        let path = paths.entry(template(endpoint.path)).or_insert_with(|| json!({}));
        path[endpoint.method.to_ascii_lowercase()] = operation(endpoint, &endpoints, &mut answers, &mut inputs);
    }
    answers.subschema_for::<ErrorBody<'_>>();
    answers.subschema_for::<OAuthErrorBody<'_>>();
    answers.subschema_for::<Problem<'_>>();
    let mut schemas = answers.take_definitions(true);
    for (_, schema) in &mut schemas {
        formats::of_answer(schema);
    }
    let mut requests = inputs.take_definitions(true);
    for (_, schema) in &mut requests {
        formats::of_input(schema);
        formats::say_defaults(schema);
    }
    formats::name_alternatives(&mut requests);
    for (name, schema) in requests {
        let known = schemas.insert(name.clone(), schema);
        assert_eq!(known, None, "{name} is both a request and an answer");
    }
    let tags: Vec<Value> =
        Tag::ALL.iter().map(|(tag, about)| json!({ "name": tag.name(), "description": about })).collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Token Auth at the edge",
            "version": env!("CARGO_PKG_VERSION"),
            "description": INTRODUCTION,
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": error_responses(),
            "securitySchemes": {
                "accessToken": { "type": "http", "scheme": "bearer", "description": "An access token." },
                "authSecret": { "type": "http", "scheme": "bearer",
                    "description": "The installation's `AUTH_SECRET`." },
                "client": { "type": "http", "scheme": "basic",
                    "description": "A client id and a client secret; they may stand in the body instead." },
                "consoleSession": { "type": "apiKey", "in": "cookie", "name": COOKIE,
                    "description": "The session of an operator in the console. Over http, on this machine only, the cookie's name is without `__Host-`." },
                "consoleMark": { "type": "apiKey", "in": "header", "name": "Token-Auth-Console",
                    "description": "`1`. Without it a session counts as absent: no page of another origin can set it." },
                "accessAssertion": { "type": "apiKey", "in": "header", "name": "Cf-Access-Jwt-Assertion",
                    "description": "What Cloudflare Access says of whom it has let through. It sets the header itself." },
                "proxySecret": { "type": "apiKey", "in": "header", "name": "Token-Auth-Proxy-Secret",
                    "description": "The installation's `FORWARD_AUTH_SECRET`. Proxies at the addresses of `TRUSTED_PROXIES` need none, except Envoy." },
            },
        },
    })
}

/// `:name` as OpenAPI writes it.
pub fn template(path: &str) -> String {
    let parts = path.split('/').map(|part| match part.strip_prefix(':') {
        Some(name) => format!("{{{name}}}"),
        None => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("/")
}

/// Whether only older clients use a path.
pub fn is_older(path: &str) -> bool {
    OLDER.iter().any(|beginning| path.starts_with(beginning))
}

/// The operation's own id on the path that one should use, and on every other with the rest of that path behind it.
fn operation_id(endpoint: &DescribedEndpoint, endpoints: &[DescribedEndpoint]) -> String {
    let id = endpoint.id.as_str();
    let same = || endpoints.iter().filter(|other| other.id == id);
    let main = same().find(|other| !is_older(other.path)).or_else(|| same().next());
    if main.is_some_and(|main| (main.method, main.path) == (endpoint.method, endpoint.path)) {
        return id.to_owned();
    }
    let parts = endpoint.path.split('/').filter(|part| !part.is_empty() && *part != "api" && !part.starts_with(':'));
    let words = parts.flat_map(|part| part.split('-')).map(|word| {
        let (first, rest) = word.split_at(1);
        first.to_ascii_uppercase() + rest
    });
    let is_same_path = main.is_some_and(|main| main.path == endpoint.path);
    let suffix: String = if is_same_path { endpoint.method.to_owned() } else { words.collect() };
    format!("{id}_{suffix}")
}

fn operation(
    endpoint: &DescribedEndpoint,
    endpoints: &[DescribedEndpoint],
    answers: &mut SchemaGenerator,
    inputs: &mut SchemaGenerator,
) -> Value {
    let description = &endpoint.description;
    let mut operation = json!({
        "operationId": operation_id(endpoint, endpoints),
        "tags": [description.tag.name()],
        "summary": description.summary,
        "description": std::iter::once(description.details).chain(endpoint.needs.iter().map(String::as_str)).collect::<Vec<_>>().join(" "),
        "security": security(endpoint.proof),
        "parameters": parameters(endpoint, inputs),
        "responses": responses(endpoint, answers),
    });
    if is_older(endpoint.path) {
        operation["deprecated"] = true.into();
    }
    if let Some(body) = &description.body {
        operation["requestBody"] = request_body(body, description.body_is_form, inputs);
    }
    operation
}

fn security(proof: Proof) -> Value {
    match proof {
        Proof::Bearer => json!([{ "accessToken": [] }]),
        Proof::BearerOrSession => json!([{ "accessToken": [] }, { "consoleSession": [], "consoleMark": [] }]),
        Proof::AuthSecret => json!([{ "authSecret": [] }]),
        Proof::ConsoleSession => json!([{ "consoleSession": [], "consoleMark": [] }]),
        Proof::CloudflareAccess => json!([{ "accessAssertion": [], "consoleMark": [] }]),
        Proof::ConsoleSignIn => json!([{ "consoleMark": [] }]),
        Proof::Proxy => json!([{ "accessToken": [], "proxySecret": [] }]),
        Proof::ClientOrBearer => json!([{ "accessToken": [] }, { "client": [] }, {}]),
        Proof::ClientOrNothing => json!([{ "client": [] }, {}]),
        Proof::Nothing | Proof::InTheBody => json!([]),
    }
}

/// Where every field is a text a form will do as well; the introduction says so. Generated clients of two media types with
/// one schema send both, or cannot be imported.
fn request_body(body: &DescribedInput, is_form: bool, inputs: &mut SchemaGenerator) -> Value {
    let schema = (body.reference)(inputs);
    let mut fields = (body.schema)(inputs).to_value();
    formats::of_input(&mut fields);
    // A body may be left out where no field has to be there, alone or as one of several.
    let is_required =
        ["required", "oneOf"].iter().any(|name| fields[name].as_array().is_some_and(|needed| !needed.is_empty()));
    let media_type = if is_form { "application/x-www-form-urlencoded" } else { "application/json" };
    json!({ "required": is_required, "content": { media_type: { "schema": schema } } })
}

fn parameters(endpoint: &DescribedEndpoint, inputs: &mut SchemaGenerator) -> Vec<Value> {
    let description = &endpoint.description;
    let names = endpoint.path.split('/').filter_map(|part| part.strip_prefix(':'));
    let mut parameters: Vec<Value> = names
        .map(|name| {
            let (about, schema) = path_parameter(name, description);
            json!({ "name": name, "in": "path", "required": true, "description": about, "schema": schema })
        })
        .collect();
    if let Some(query) = &description.query {
        let mut schema = (query.schema)(inputs).to_value();
        formats::of_input(&mut schema);
        let required = schema["required"].clone();
        for (name, mut property) in schema["properties"].as_object().cloned().unwrap_or_default() {
            let about = property.as_object_mut().and_then(|property| property.remove("description"));
            let is_required = required.as_array().is_some_and(|required| required.contains(&json!(name)));
            let mut parameter = json!({ "name": name, "in": "query", "required": is_required, "schema": property });
            if let Some(about) = about {
                parameter["description"] = about;
            }
            parameters.push(parameter);
        }
    }
    for (name, about, example) in description.headers {
        parameters.push(json!({ "name": name, "in": "header", "required": true, "description": about,
            "schema": { "type": "string" }, "example": example }));
    }
    let mut header = |name: &str, about: &str, schema: Value| {
        parameters
            .push(json!({ "name": name, "in": "header", "required": false, "description": about, "schema": schema }));
    };
    if description.takes_idempotency_key {
        let about =
            "Sent again with the same request, it makes nothing a second time: 409 with the id of what the first made.";
        let schema = json!({ "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]([ -~]*[!-~])?$" });
        header("Idempotency-Key", about, schema);
    }
    if description.takes_if_match {
        let about = "Entity tags, or `*`: the command is carried out only if one of them is that of the present state.";
        header("If-Match", about, json!({ "type": "string" }));
    }
    parameters
}

/// What a parameter of a path says, and its schema. Ids are UUIDs, but of no use as such to a client, which finds them as
/// texts in answers; one of another form is one that nothing has: 404.
fn path_parameter(name: &str, description: &Description) -> (&'static str, Value) {
    let text = || json!({ "type": "string", "minLength": 1 });
    let id = text;
    match name {
        "identityId" => ("The identity's id.", id()),
        "tokenId" => ("The token's id, which is not secret.", id()),
        "clientSecretId" => ("The client secret's id.", id()),
        "organizationId" | "orgId" => ("The caller's organization; any other is refused with 403.", id()),
        "projectId" if description.names_project_by_slug => ("The project's slug.", text()),
        "projectId" => ("The project's id.", id()),
        "routeId" => ("The route's id.", id()),
        "delegationId" => ("The route delegation's id.", id()),
        "environmentId" => ("The environment's id.", id()),
        "environmentSlug" => ("The environment's slug.", text()),
        "identityMembershipId" => ("The membership's id.", id()),
        "roleId" => ("The role's id.", text()),
        "slug" | "roleSlug" => ("The slug.", text()),
        other => panic!("say in path_parameter what :{other} is"),
    }
}

/// The one operation whose 503 says what it says with 200, and which is damped as such.
fn is_status(endpoint: &DescribedEndpoint) -> bool {
    endpoint.id == "getStatus"
}

pub fn statuses(endpoint: &DescribedEndpoint) -> BTreeSet<u16> {
    let description = &endpoint.description;
    let mut statuses = BTreeSet::from([200]);
    if let Errors::Problem(problems) | Errors::OAuth(problems) = endpoint.errors {
        statuses.extend(problems);
        return statuses;
    }
    statuses.extend([400, 500]);
    let is_made_here = matches!(description.answer, Answer::Text(_) | Answer::AnyJson);
    if !is_made_here {
        statuses.insert(503);
    }
    match endpoint.proof {
        Proof::Nothing => {}
        // What could be guessed is damped.
        Proof::AuthSecret | Proof::InTheBody | Proof::ConsoleSignIn | Proof::CloudflareAccess => {
            statuses.extend([401, 403, 429]);
        }
        Proof::Bearer
        | Proof::BearerOrSession
        | Proof::ConsoleSession
        | Proof::ClientOrBearer
        | Proof::ClientOrNothing
        | Proof::Proxy => statuses.extend([401, 403]),
    }
    if is_status(endpoint) {
        statuses.insert(429);
    }
    if endpoint.path.contains(':') || description.can_miss {
        statuses.insert(404);
    }
    if endpoint.method != "GET" {
        statuses.insert(413);
    }
    if description.body.is_some() {
        statuses.extend([415, 422]);
    }
    if description.query.is_some() {
        statuses.insert(422);
    }
    if description.takes_idempotency_key {
        statuses.extend([409, 422]);
    }
    if description.can_conflict {
        statuses.insert(409);
    }
    if description.takes_if_match {
        statuses.insert(412);
    }
    statuses
}

fn responses(endpoint: &DescribedEndpoint, answers: &mut SchemaGenerator) -> Value {
    let description = &endpoint.description;
    let mut responses = Map::new();
    for status in statuses(endpoint) {
        let response = match status {
            200 => success(endpoint, answers),
            503 if is_status(endpoint) => {
                let schema = match description.answer {
                    Answer::Json(shape) => json!({ "anyOf": [shape(answers), reference_to("schemas/Error")] }),
                    Answer::Text(_) | Answer::AnyJson | Answer::Nothing => json!({ "type": "object" }),
                };
                json!({ "description": "The authority does not answer, or a setting is wrong.",
                    "content": { "application/json": { "schema": schema } } })
            }
            status => reference_to(&format!("responses/{}{status}", family(endpoint.errors))),
        };
        responses.insert(status.to_string(), response);
    }
    Value::Object(responses)
}

fn success(endpoint: &DescribedEndpoint, answers: &mut SchemaGenerator) -> Value {
    let description = &endpoint.description;
    let mut success = json!({ "description": "Done." });
    match description.answer {
        _ if endpoint.method == "HEAD" => {}
        Answer::Nothing => {}
        Answer::Json(shape) => success["content"] = json!({ "application/json": { "schema": shape(answers) } }),
        Answer::AnyJson => success["content"] = json!({ "application/json": { "schema": { "type": "object" } } }),
        Answer::Text(media_type) => success["content"] = json!({ media_type: { "schema": { "type": "string" } } }),
    }
    if description.is_tagged {
        let tag = json!({ "description": "The tag of the state that is shown, for `If-Match`.",
            "schema": { "type": "string" } });
        success["headers"] = json!({ "ETag": tag });
    }
    success
}

fn reference_to(component: &str) -> Value {
    json!({ "$ref": format!("#/components/{component}") })
}

/// What the components of an error surface begin with.
const fn family(errors: Errors) -> &'static str {
    match errors {
        Errors::Management => "Error",
        Errors::Problem(_) => "Problem",
        Errors::OAuth(_) => "OAuthError",
    }
}

/// What each status says, in both surfaces.
const STATUSES: [(u16, &str); 14] = [
    (400, "The request cannot be carried out as it is: broken JSON, a rule that it breaks, or an `x-api-key`."),
    (401, "There is no bearer, or its token is unknown, revoked or used up."),
    (403, "The token is malformed, forged or expired, may not be used from this address, or may not do this."),
    (404, "There is no such thing, or the caller may not know of it."),
    (405, "The path does not have this method, or a request with it is never passed on."),
    (
        409,
        "The request was carried out before, under the same `Idempotency-Key`; `details.id` is what it made. Or routes are in the way; `details.routes` names them.",
    ),
    (412, "It has been changed since the state that `If-Match` names."),
    (413, "The body is larger than 64 KiB."),
    (415, "The body is neither JSON nor a form."),
    (421, "No route is for this host."),
    (
        422,
        "Fields are missing or wrong: `message` names each of them. Or the `Idempotency-Key` was used for another request.",
    ),
    (429, "The caller has failed, or asked, too often. Ask again after `Retry-After` seconds."),
    (500, "Something of ours broke."),
    (503, "The answer cannot be known now. Ask again after `Retry-After` seconds."),
];

fn error_responses() -> Value {
    let mut responses = Map::new();
    let text = |about: &str| json!({ "description": about, "schema": { "type": "string" } });
    for (status, about) in STATUSES {
        for (name, media_type, schema, is_there) in [
            ("Error", "application/json", "Error", !matches!(status, 405 | 421)),
            (
                "Problem",
                "application/problem+json",
                "Problem",
                matches!(status, 400 | 401 | 403 | 404 | 405 | 421 | 429 | 500 | 503),
            ),
            (
                "OAuthError",
                "application/json",
                "OAuthError",
                matches!(status, 400 | 401 | 403 | 413 | 415 | 429 | 500 | 503),
            ),
        ] {
            if !is_there {
                continue;
            }
            let schema = reference_to(&format!("schemas/{schema}"));
            let mut response = json!({ "description": about, "content": { media_type: { "schema": schema } } });
            match status {
                401 => response["headers"] = json!({ "WWW-Authenticate": text("The challenge (RFC 6750).") }),
                429 | 503 => response["headers"] = json!({ "Retry-After": text("Seconds after which to ask again.") }),
                _ => {}
            }
            responses.insert(format!("{name}{status}"), response);
        }
    }
    Value::Object(responses)
}
