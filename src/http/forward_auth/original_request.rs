//! What the dialects have in common: headers that describe the original request.

use crate::http::forward_auth::request::{ForwardAuthError, ForwardAuthRequest, ForwardedRequest, HeaderProblem};
use domain::gateway::proxied_request::{Entry, ProxiedRequest};
use domain::gateway::request_method::RequestMethod;
use domain::gateway::request_path::RequestPath;
use domain::gateway::route_host::RouteHost;
use domain::gateway::web_socket_handshake::{BrokenHandshake, WebSocketHandshake};
use domain::network::client_address::reported_address;

/// The names under which a proxy writes down the request it has received.
#[derive(Clone, Copy, Debug)]
pub struct OriginalRequestHeaders {
    /// The request's target: path and query.
    pub target: &'static str,
    pub host: &'static str,
    pub client: &'static str,
}

/// What of the request's `Upgrade` a proxy passes on: the same in every dialect, because no proxy has a name of its own
/// for it. It is not a header of the connection, which proxies take out of their questions, and examples remove a
/// client's own with everything else of our prefix.
pub const UPGRADE: &str = "token-auth-upgrade";
/// The word for a request that stays what it is.
pub const NO_UPGRADE: &str = "none";

/// Reads a question that is a GET and has the original method in a header.
pub fn read_from_get(
    question: ForwardAuthRequest<'_>,
    method: &'static str,
    names: OriginalRequestHeaders,
    header: impl Fn(&str) -> Option<String>,
) -> Result<ForwardedRequest, ForwardAuthError> {
    if question.method != "GET" {
        return Err(ForwardAuthError::MethodNotAllowed);
    }
    read(&required(method, &header)?, names, header)
}

/// Reads the rest of the original request, the method being known.
pub fn read(
    method: &str,
    names: OriginalRequestHeaders,
    header: impl Fn(&str) -> Option<String>,
) -> Result<ForwardedRequest, ForwardAuthError> {
    let target = required(names.target, &header)?;
    let host = required(names.host, &header)?;
    let client = required(names.client, &header)?;
    let upgrade = required(UPGRADE, &header)?;
    let method = RequestMethod::parse(method).ok_or(ForwardAuthError::MethodNeverPassed)?;
    let request = ProxiedRequest {
        entry: Entry::ForwardAuth,
        host: RouteHost::from_authority(&host).map_err(|_| unusable(names.host, HeaderProblem::Malformed))?,
        method,
        path: RequestPath::parse(path_of(&target)).map_err(ForwardAuthError::Path)?,
        web_socket: read_upgrade(&upgrade, method, &header)?,
    };
    let client = reported_address(&client).ok_or_else(|| unusable(names.client, list_or_nonsense(&client)))?;
    Ok(ForwardedRequest { request, client, authorization: header("authorization") })
}

/// Reads what a proxy shows of an upgrade. What it shows it also passes on, so nothing of it is ignored.
fn read_upgrade(
    shown: &str,
    method: RequestMethod,
    header: impl Fn(&str) -> Option<String>,
) -> Result<Option<WebSocketHandshake>, ForwardAuthError> {
    if shown == NO_UPGRADE {
        return Ok(None);
    }
    let of_handshake = |name: &str| match name {
        "upgrade" => Some(shown.to_owned()),
        // The proxy's own connection to the origin has it; the one to us has not.
        "connection" => Some("upgrade".to_owned()),
        other => header(other),
    };
    match WebSocketHandshake::read(method, of_handshake) {
        Ok(Some(handshake)) => Ok(Some(handshake)),
        Ok(None) => Err(ForwardAuthError::UpgradeNeverPassed),
        Err(BrokenHandshake) => Err(ForwardAuthError::WebSocketHandshake),
    }
}

/// The value of a header that must be there, once.
fn required(name: &'static str, header: impl Fn(&str) -> Option<String>) -> Result<String, ForwardAuthError> {
    match header(name) {
        // None of the values that are read here may hold a space: it comes from joining several.
        Some(value) if value.contains(", ") => Err(unusable(name, HeaderProblem::Several)),
        Some(value) if !value.is_empty() => Ok(value),
        Some(_) | None => Err(unusable(name, HeaderProblem::Missing)),
    }
}

pub const fn unusable(name: &'static str, problem: HeaderProblem) -> ForwardAuthError {
    ForwardAuthError::Header { name, problem }
}

/// The path of a target, with nothing decoded.
fn path_of(target: &str) -> &str {
    target.split_once('?').map_or(target, |(path, _)| path)
}

fn list_or_nonsense(addresses: &str) -> HeaderProblem {
    if addresses.contains(',') { HeaderProblem::Several } else { HeaderProblem::Malformed }
}
