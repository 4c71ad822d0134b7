//! What is to be explained, on its way from the Worker to the Directory. It holds no plaintext.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::credentials::Presented;
use domain::gateway::proxied_request::{Entry, ProxiedRequest};
use domain::gateway::request_method::RequestMethod;
use domain::gateway::request_path::RequestPath;
use domain::gateway::route_host::RouteHost;
use domain::gateway::web_socket_handshake::WebSocketHandshake;
use domain::token::access_token::{AccessToken, AccessTokenError};
use domain::token::explanation::{AskedRequest, AskedToken};
use domain::value::identifiers::TokenId;

/// What is to be explained. It comes from [`read_explanation_request`](super::read_explanation_request) only.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExplanationRequest {
    pub(crate) token: TokenToExplain,
    pub(crate) client_ip: Option<IpAddr>,
    pub(crate) request: Option<RequestToExplain>,
}

/// The token, as the Worker has found it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
pub(crate) enum TokenToExplain {
    /// It was named by its id.
    Named { token_id: String },
    /// It was shown.
    Presented { presented: Presented },
    /// What was shown has not the shape of a token.
    Malformed,
    /// What was shown has a tag that is not ours.
    Forged,
}

/// The request. Host and method are what they are called; the path may still be ambiguous.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RequestToExplain {
    pub(crate) host: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) via: Via,
    pub(crate) web_socket: bool,
}

/// Through what the request would come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Via {
    Gateway,
    /// A reverse proxy that asks.
    ForwardAuth,
}

impl Via {
    /// Every one.
    pub(crate) const ALL: [Self; 2] = [Self::Gateway, Self::ForwardAuth];

    /// The name on the wire.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::ForwardAuth => "forward-auth",
        }
    }

    const fn entry(self) -> Entry {
        match self {
            Self::Gateway => Entry::Gateway,
            Self::ForwardAuth => Entry::ForwardAuth,
        }
    }
}

/// A question in the words of the rules.
pub(crate) struct Asked {
    pub(crate) token: AskedToken,
    pub(crate) client: Option<IpAddr>,
    pub(crate) request: Option<AskedRequest>,
}

impl From<Result<AccessToken, AccessTokenError>> for TokenToExplain {
    fn from(read: Result<AccessToken, AccessTokenError>) -> Self {
        match read {
            Ok(token) => Self::Presented { presented: Presented::from(&token.presented()) },
            Err(AccessTokenError::Malformed) => Self::Malformed,
            Err(AccessTokenError::Forged) => Self::Forged,
        }
    }
}

impl TokenToExplain {
    fn to_domain(&self) -> Option<AskedToken> {
        Some(match self {
            Self::Named { token_id } => AskedToken::Named(TokenId::parse(token_id)?),
            Self::Presented { presented } => AskedToken::Presented(presented.to_domain()?),
            Self::Malformed => AskedToken::Refused(AccessTokenError::Malformed),
            Self::Forged => AskedToken::Refused(AccessTokenError::Forged),
        })
    }
}

impl RequestToExplain {
    fn to_domain(&self) -> Option<AskedRequest> {
        let (host, method) = (RouteHost::parse(&self.host).ok()?, RequestMethod::parse(&self.method)?);
        let web_socket = if self.web_socket { Some(WebSocketHandshake::described(method).ok()?) } else { None };
        Some(match RequestPath::parse(&self.path) {
            Ok(path) => AskedRequest::Clear(ProxiedRequest { entry: self.via.entry(), host, method, path, web_socket }),
            Err(ambiguous) => AskedRequest::Ambiguous(ambiguous),
        })
    }
}

impl ExplanationRequest {
    /// The id of the token that is asked about, if it has one: its counter may have to be asked.
    pub fn token_id(&self) -> Option<TokenId> {
        self.token.to_domain()?.id()
    }

    /// The question; `None` when it was not written by [`read_explanation_request`](super::read_explanation_request).
    pub(crate) fn to_domain(&self) -> Option<Asked> {
        let request = match &self.request {
            Some(request) => Some(request.to_domain()?),
            None => None,
        };
        Some(Asked { token: self.token.to_domain()?, client: self.client_ip, request })
    }
}
