//! What `explain` takes.

use std::net::IpAddr;

use serde_json::Value;

use crate::error::ManagementError;
use crate::families::explain::request::{ExplanationRequest, RequestToExplain, TokenToExplain, Via};
use crate::input::{self, Fields, Issue};
use domain::gateway::request_method::RequestMethod;
use domain::gateway::request_path::RequestPath;
use domain::gateway::route_host::RouteHost;
use domain::gateway::web_socket_handshake::WebSocketHandshake;
use domain::network::client_address::reported_address;
use domain::token::access_token::AccessToken;
use domain::token::secret::KeyRing;
use domain::value::identifiers::TokenId;

/// Reads a body, in the Worker. `reaches_gateway` says whether a request to a path of a host is one for the gateway.
///
/// # Errors
/// The errors of a body, or [`ManagementError::Invalid`]. No issue repeats what was sent.
pub fn read_explanation_request(
    content_type: Option<&str>,
    body: &str,
    keys: &KeyRing,
    reaches_gateway: impl Fn(&str, &RouteHost) -> bool,
) -> Result<ExplanationRequest, ManagementError> {
    question(&input::read_body(content_type, body)?, keys, reaches_gateway)
}

/// The question in a body.
pub(crate) fn question(
    body: &Value,
    keys: &KeyRing,
    reaches_gateway: impl Fn(&str, &RouteHost) -> bool,
) -> Result<ExplanationRequest, ManagementError> {
    let mut fields = Fields::new(body);
    let token = read_token(&mut fields, keys);
    let client_ip = read_address(&mut fields);
    let request = fields.optional_object("request", |request| read_request(request, reaches_gateway));
    fields.finish(token.map(|token| ExplanationRequest { token, client_ip, request }))
}

const ONE_OF_TWO: &str = "Give either tokenId or accessToken";

fn wrong<T>(fields: &mut Fields<'_>, field: &str, message: impl Into<String>) -> Option<T> {
    let issue = Issue::custom(message, fields.path(field));
    fields.push(issue);
    None
}

fn read_token(fields: &mut Fields<'_>, keys: &KeyRing) -> Option<TokenToExplain> {
    let (id, text) = (fields.optional_string("tokenId"), fields.optional_string("accessToken"));
    match (id, text) {
        (Some(id), None) => match TokenId::parse(id) {
            Some(id) => Some(TokenToExplain::Named { token_id: id.to_string() }),
            None => wrong(fields, "tokenId", "Expected the id of a token"),
        },
        (None, Some(text)) => Some(TokenToExplain::from(AccessToken::parse(text, keys))),
        (Some(_), Some(_)) => wrong(fields, "accessToken", ONE_OF_TWO),
        (None, None) if fields.are_right() => {
            wrong::<()>(fields, "tokenId", ONE_OF_TWO);
            wrong(fields, "accessToken", ONE_OF_TWO)
        }
        (None, None) => None,
    }
}

fn read_address(fields: &mut Fields<'_>) -> Option<IpAddr> {
    let text = fields.optional_string("clientIp")?;
    match reported_address(text) {
        Some(address) => Some(address),
        None => wrong(fields, "clientIp", "Expected one IPv4 or IPv6 address"),
    }
}

fn read_request(
    fields: &mut Fields<'_>,
    reaches_gateway: impl Fn(&str, &RouteHost) -> bool,
) -> Option<RequestToExplain> {
    let via = read_via(fields);
    let host = fields.string("host").and_then(|text| match RouteHost::from_authority(text) {
        Ok(host) => Some(host),
        Err(_) => wrong(fields, "host", "Expected a host name such as api.example.com, perhaps with a port"),
    });
    let method = fields.string("method").and_then(|text| match RequestMethod::parse(text) {
        Some(method) => Some(method),
        None => {
            let known = RequestMethod::ALL.map(RequestMethod::name).join(", ");
            wrong(fields, "method", format!("Requests of other methods are never sent on; expected one of {known}"))
        }
    });
    let path = fields.string("path").and_then(|text| {
        if text.contains(['?', '#']) {
            return wrong(fields, "path", "Give the path without its query");
        }
        Some(text)
    });
    let web_socket = fields.optional_boolean("webSocket").unwrap_or(false);
    let (via, host, method, path) = (via?, host?, method?, path?);
    if web_socket && WebSocketHandshake::described(method).is_err() {
        return wrong(fields, "webSocket", "Only a GET request can ask to become a WebSocket");
    }
    if via == Via::Gateway && RequestPath::parse(path).is_ok() && !reaches_gateway(path, &host) {
        return wrong(fields, "path", "Requests to this path of this host are not for the gateway: they take no route");
    }
    Some(RequestToExplain {
        host: host.as_str().to_owned(),
        method: method.name().to_owned(),
        path: path.to_owned(),
        via,
        web_socket,
    })
}

fn read_via(fields: &mut Fields<'_>) -> Option<Via> {
    if fields.get("via").is_none() {
        return Some(Via::Gateway);
    }
    let text = fields.optional_string("via")?;
    match Via::ALL.into_iter().find(|via| via.name() == text) {
        Some(via) => Some(via),
        None => wrong(fields, "via", format!("Expected one of {}", Via::ALL.map(Via::name).join(", "))),
    }
}
