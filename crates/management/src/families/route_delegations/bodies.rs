//! What the operations on route delegations take.

use serde_json::Value;

use crate::error::ManagementError;
use crate::input::{Fields, Issue};
use directory::route_delegations::NewRouteDelegation;
use domain::gateway::route::PathPrefix;
use domain::gateway::route_delegation::RouteSpace;
use domain::gateway::route_host::RouteHost;

/// A delegation to create. The host must be named, if only as null: nobody gives every host away by leaving something
/// out.
pub(crate) fn new_delegation(body: &Value) -> Result<NewRouteDelegation, ManagementError> {
    let mut fields = Fields::new(body);
    let project = fields.string("projectId").map(str::to_owned);
    if fields.value("host").is_none() {
        let issue = Issue::invalid_type("string", None, fields.path("host"));
        fields.push(issue);
    }
    let host = read_host(&mut fields);
    let path_prefix = fields.string("pathPrefix").and_then(|text| read_prefix(&mut fields, text));
    let allow_keep_authorization = fields.optional_boolean("allowKeepAuthorization").unwrap_or(false);
    let new = match (project, host, path_prefix) {
        (Some(project), Some(host), Some(path_prefix)) => {
            Some(NewRouteDelegation { project, space: RouteSpace::new(host, path_prefix), allow_keep_authorization })
        }
        (None, _, _) | (_, None, _) | (_, _, None) => None,
    };
    fields.finish(new)
}

/// Whether a delegation is deleted although routes lie in it.
pub(crate) fn force(query: &Value) -> Result<bool, ManagementError> {
    let mut fields = Fields::new(query);
    let force = match fields.optional_string("force") {
        None | Some("false") => Some(false),
        Some("true") => Some(true),
        Some(_) => {
            let issue = Issue::custom("Expected true or false", fields.path("force"));
            fields.push(issue);
            None
        }
    };
    fields.finish(force)
}

/// `None` when it was left out, `Some(None)` when it was sent as null: every host.
pub(crate) fn read_host(fields: &mut Fields<'_>) -> Option<Option<RouteHost>> {
    if fields.value("host").is_some_and(Value::is_null) {
        return Some(None);
    }
    let text = fields.optional_string("host")?.trim();
    match RouteHost::parse(text) {
        Ok(host) => Some(Some(host)),
        Err(_) => {
            let message = "Expected a host name such as api.example.com, without scheme, port or wildcard";
            let issue = Issue::custom(message, fields.path("host"));
            fields.push(issue);
            None
        }
    }
}

/// The beginning of paths.
pub(crate) fn read_prefix(fields: &mut Fields<'_>, text: &str) -> Option<PathPrefix> {
    match PathPrefix::parse(text.trim()) {
        Ok(prefix) => Some(prefix),
        Err(ambiguous) => {
            let message = format!("Not a path that can be read in one way only: {}", ambiguous.explanation());
            let issue = Issue::custom(message, fields.path("pathPrefix"));
            fields.push(issue);
            None
        }
    }
}
