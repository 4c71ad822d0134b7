//! The headers of a request as the origin gets them.
//!
//! An origin behind the gateway believes certain headers: who the caller is, where the request came from. Only the
//! gateway may write those. It drops a client's headers of these names, in any spelling that some server takes for the
//! same name, and the headers that belong to one connection (RFC 9110 §7.6.1).

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::gateway::cache_control::asked_of_the_origin;
use crate::gateway::claim_headers::{is_claim, plain_name};
use crate::gateway::forwarded_cookies::without_ours;
use crate::gateway::reserved_headers::is_written_here;
use crate::gateway::route_options::RouteOptions;
use crate::gateway::web_socket_handshake::WebSocketHandshake;

/// The name by which the gateway knows a request that it has sent itself (RFC 8586).
pub const CDN_NAME: &str = "token-auth-edge";

/// What the gateway knows of a request besides its headers.
#[derive(Clone, Copy, Debug)]
pub struct Forwarding<'a> {
    /// The client's address, if it is known for certain.
    pub client: Option<IpAddr>,
    /// `http` or `https`, as the client came.
    pub scheme: &'a str,
    /// The host that the client named, with its port.
    pub authority: &'a str,
    /// The id by which the log speaks of the request.
    pub request_id: &'a str,
    /// How the route wants its requests.
    pub options: &'a RouteOptions,
    /// With what the request asks to become a WebSocket, if it does.
    pub web_socket: Option<WebSocketHandshake>,
}

/// Why the headers of a request cannot be sent on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HeadersError {
    /// A value holds a control character, or bytes that are no UTF-8: what an origin would read there is not certain.
    Value,
    /// More than one of content length and transfer encoding, or a content length that is not a single number: where
    /// the request ends is not certain (RFC 9112 §6.3).
    Framing,
}

/// The headers for the origin: those of the client that may pass, then ours. Names are in lower case.
pub fn forward(
    received: &[(String, String)],
    identity: &[(&'static str, String)],
    forwarding: &Forwarding<'_>,
) -> Result<Vec<(String, String)>, HeadersError> {
    check_framing(received)?;
    let loops = value_of(received, "cdn-loop");
    // Sets: clients choose how many names there are, and how many headers to look up in them.
    let listed: BTreeSet<String> = value_of(received, "connection").map(connection_options).unwrap_or_default();
    // In every spelling: an origin that takes `x_tenant` for `x-tenant` would not know which one the route has added.
    let added: BTreeSet<String> = forwarding.options.headers.iter().map(|added| plain_name(added.name())).collect();

    let mut sent = Vec::with_capacity(received.len() + identity.len() + 8);
    for (name, value) in received {
        let name = name.to_ascii_lowercase();
        let plain = plain_name(&name);
        let added_by_route = added.contains(&plain);
        let stripped = name == "authorization" && !forwarding.options.keep_authorization;
        if is_written_here(&plain) || is_claim(&plain) || listed.contains(&name) || stripped || added_by_route {
            continue;
        }
        if !value.chars().all(may_stand_in_a_value) {
            return Err(HeadersError::Value);
        }
        let value = match name.as_str() {
            "cache-control" => Some(asked_of_the_origin(value)),
            "cookie" => without_ours(value),
            _ => Some(value.clone()),
        };
        sent.extend(value.map(|value| (name, value)));
    }

    let mut add = |name: &str, value: String| sent.push((name.to_owned(), value));
    for header in &forwarding.options.headers {
        add(header.name(), header.value().to_owned());
    }
    for (name, value) in identity {
        add(name, value.clone());
    }
    if let Some(client) = forwarding.client {
        add("x-forwarded-for", client.to_string());
    }
    add("x-forwarded-proto", forwarding.scheme.to_owned());
    add("x-forwarded-host", forwarding.authority.to_owned());
    add("x-request-id", forwarding.request_id.to_owned());
    add("cdn-loop", loops.map_or_else(|| CDN_NAME.to_owned(), |before| format!("{before}, {CDN_NAME}")));
    if forwarding.web_socket.is_some() {
        add("upgrade", "websocket".to_owned());
    }
    Ok(sent)
}

/// Whether a request with this `CDN-Loop` has been sent by the gateway already: an origin leads back to it.
pub fn has_passed_here(cdn_loop: &str) -> bool {
    names_in(cdn_loop).any(|name| name == CDN_NAME)
}

fn value_of<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// The names in a comma-separated list, without their parameters.
fn names_in(list: &str) -> impl Iterator<Item = String> {
    list.split(',').map(|entry| entry.split(';').next().unwrap_or("").trim().to_ascii_lowercase())
}

/// Visible ASCII, spaces, tabs, and every other character that UTF-8 can carry: these reach the origin byte by byte. The
/// runtime shows bytes that are no UTF-8 as U+FFFD, so that this one cannot be told from them.
fn may_stand_in_a_value(letter: char) -> bool {
    match letter {
        char::REPLACEMENT_CHARACTER => false,
        letter if letter.is_ascii() => letter.is_ascii_graphic() || matches!(letter, ' ' | '\t'),
        _ => true,
    }
}

/// The names that `Connection` lists. It may not remove what decides how the rest is read.
fn connection_options(value: &str) -> BTreeSet<String> {
    names_in(value).filter(|name| !name.is_empty() && name != "content-type" && name != "authorization").collect()
}

fn check_framing(received: &[(String, String)]) -> Result<(), HeadersError> {
    let length = value_of(received, "content-length");
    let length_is_right =
        length.is_none_or(|value| value.bytes().all(|byte| byte.is_ascii_digit()) && value.parse::<u64>().is_ok());
    let encoding = value_of(received, "transfer-encoding");
    if length_is_right && !(length.is_some() && encoding.is_some()) { Ok(()) } else { Err(HeadersError::Framing) }
}

#[cfg(test)]
mod tests;
