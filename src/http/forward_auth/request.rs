//! A proxy's question, the request it is about, and what can be wrong with it.

use std::net::IpAddr;

use domain::gateway::proxied_request::ProxiedRequest;
use domain::gateway::request_path::AmbiguousPath;

/// A proxy's question, as it arrived.
#[derive(Clone, Copy, Debug)]
pub struct ForwardAuthRequest<'a> {
    pub method: &'a str,
    /// Its own path, as it was sent.
    pub path: &'a str,
}

/// The request that the proxy asks about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ForwardedRequest {
    pub request: ProxiedRequest,
    /// The address of the client that sent it to the proxy.
    pub client: IpAddr,
    pub authorization: Option<String>,
}

/// Why a question was not looked at any further.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ForwardAuthError {
    /// The operator has configured no proof.
    Disabled,
    /// The call is not proven to come from a proxy of the operator.
    ProxyNotProven,
    /// What only a proxy sends stands in a request to a path that is not the proxy's.
    Misdirected,
    /// The question's own method is not the one the proxy asks with.
    MethodNotAllowed,
    /// The original method is not one that is ever passed on.
    MethodNeverPassed,
    /// The original path can be read in more than one way.
    Path(AmbiguousPath),
    /// The proxy shows a WebSocket, but the request is not a handshake of one.
    WebSocketHandshake,
    /// The proxy shows another protocol than a WebSocket, which it would pass on.
    UpgradeNeverPassed,
    /// A header that the dialect needs is unusable.
    Header { name: &'static str, problem: HeaderProblem },
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HeaderProblem {
    /// It is absent or empty.
    Missing,
    /// It was sent more than once, or holds a list.
    Several,
    /// It is not of its form.
    Malformed,
    /// It names another path than the one at which the question arrived.
    OtherPath,
}

impl ForwardAuthError {
    /// The precise code for the log.
    pub const fn log_code(self) -> &'static str {
        match self {
            Self::Disabled => "forward_auth_disabled",
            Self::ProxyNotProven => "proxy_not_proven",
            Self::Misdirected => "proxy_misdirected",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::MethodNeverPassed => "method_never_passed",
            Self::Path(_) => "ambiguous_path",
            Self::WebSocketHandshake => "invalid_web_socket_handshake",
            Self::UpgradeNeverPassed => "upgrade_never_passed",
            Self::Header { problem: HeaderProblem::Missing, .. } => "proxy_header_missing",
            Self::Header { problem: HeaderProblem::Several, .. } => "proxy_header_several",
            Self::Header { problem: HeaderProblem::Malformed, .. } => "proxy_header_malformed",
            Self::Header { problem: HeaderProblem::OtherPath, .. } => "proxy_header_other_path",
        }
    }
}
