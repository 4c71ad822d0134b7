//! What the operations on routes take.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::error::ManagementError;
use crate::families::route_delegations::{read_host, read_prefix};
use crate::input::{Fields, Issue, below};
use directory::routes::{NewRoute, RouteChanges};
use domain::gateway::request_method::RequestMethod;
use domain::gateway::route::RouteMethods;
use domain::gateway::route_options::{AddedHeader, LONGEST_TIMEOUT, MAXIMUM_HEADERS, RouteOptions};
use domain::value::timestamp::Seconds;

/// The most characters of an origin.
pub(crate) const MAXIMUM_ORIGIN_CHARACTERS: usize = 512;

/// A route to create.
pub(crate) fn new_route(body: &Value) -> Result<NewRoute, ManagementError> {
    let mut fields = Fields::new(body);
    let host = read_host(&mut fields).flatten();
    let path_prefix = fields.string("pathPrefix").and_then(|text| read_prefix(&mut fields, text));
    let methods = read_methods(&mut fields).unwrap_or(RouteMethods::Every);
    let origin = read_origin(&mut fields).flatten();
    let defaults = RouteOptions::default();
    let options = RouteOptions {
        keep_authorization: fields.optional_boolean("keepAuthorization").unwrap_or(defaults.keep_authorization),
        headers: read_headers(&mut fields).unwrap_or(defaults.headers),
        timeout: read_timeout(&mut fields).unwrap_or(defaults.timeout),
        web_socket: fields.optional_boolean("webSocket").unwrap_or(defaults.web_socket),
    };
    let new = path_prefix.map(|path_prefix| NewRoute { host, path_prefix, methods, origin, options });
    fields.finish(new)
}

/// What to change of a route.
pub(crate) fn route_changes(body: &Value) -> Result<RouteChanges, ManagementError> {
    let mut fields = Fields::new(body);
    let changes = RouteChanges {
        host: read_host(&mut fields),
        path_prefix: fields.optional_string("pathPrefix").and_then(|text| read_prefix(&mut fields, text)),
        methods: read_methods(&mut fields),
        origin: read_origin(&mut fields),
        keep_authorization: fields.optional_boolean("keepAuthorization"),
        headers: read_headers(&mut fields),
        timeout: read_timeout(&mut fields),
        web_socket: fields.optional_boolean("webSocket"),
    };
    fields.finish(Some(changes))
}

/// `None` when it was left out; null is every method.
fn read_methods(fields: &mut Fields<'_>) -> Option<RouteMethods> {
    let path = fields.path("methods");
    let names = match fields.get("methods")? {
        Value::Null => return Some(RouteMethods::Every),
        Value::Array(names) => names,
        other => {
            fields.push(Issue::invalid_type("array", Some(other), path));
            return None;
        }
    };
    if names.is_empty() {
        fields.push(Issue::too_small("array", 1, path));
        return None;
    }
    let mut methods = BTreeSet::new();
    for (index, name) in names.iter().enumerate() {
        match name.as_str().and_then(RequestMethod::parse) {
            Some(method) => {
                methods.insert(method);
            }
            None => {
                let known = RequestMethod::ALL.map(RequestMethod::name).join(", ");
                fields.push(Issue::custom(format!("Expected one of {known}"), below(&path, index)));
            }
        }
    }
    Some(RouteMethods::These(methods))
}

/// `None` when it was left out, `Some(None)` when it was sent as null: reverse proxies send the requests on. Whether
/// requests may be sent there is decided where the other routes are known.
fn read_origin(fields: &mut Fields<'_>) -> Option<Option<String>> {
    if fields.get("origin").is_some_and(Value::is_null) {
        return Some(None);
    }
    let text = fields.optional_string("origin")?.trim();
    if text.chars().count() > MAXIMUM_ORIGIN_CHARACTERS {
        let issue = Issue::too_big("string", MAXIMUM_ORIGIN_CHARACTERS as u64, fields.path("origin"));
        fields.push(issue);
        return None;
    }
    Some(Some(text.to_owned()))
}

fn read_headers(fields: &mut Fields<'_>) -> Option<Vec<AddedHeader>> {
    let headers = fields.optional_objects("headers", 0, MAXIMUM_HEADERS as u64, |header| {
        let name = header.string("name");
        let value = header.string("value");
        let (name, value) = name.zip(value)?;
        match AddedHeader::new(name, value) {
            Ok(header) => Some(header),
            Err(error) => {
                let issue = Issue::custom(error.explanation(), header.path("name"));
                header.push(issue);
                None
            }
        }
    })?;
    let mut names: Vec<&str> = headers.iter().map(AddedHeader::name).collect();
    names.sort_unstable();
    names.dedup();
    if names.len() != headers.len() {
        let issue = Issue::custom("Each header may be named once", fields.path("headers"));
        fields.push(issue);
        return None;
    }
    Some(headers)
}

fn read_timeout(fields: &mut Fields<'_>) -> Option<Seconds> {
    fields.optional_integer("timeoutSeconds", 1, LONGEST_TIMEOUT.get()).map(Seconds::new)
}
