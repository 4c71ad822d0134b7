//! What `explain` takes.

use std::net::IpAddr;

use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::body::{Choice, Circumstances, ExactlyOne, Input, OneOf, Reader, body, read, text};
use crate::error::ManagementError;
use crate::families::explain::request::{ExplanationRequest, RequestToExplain, TokenToExplain, Via};
use crate::families::route_delegations::bodies::HOST;
use crate::input;
use domain::gateway::request_method::RequestMethod;
use domain::gateway::request_path::RequestPath;
use domain::gateway::route_host::RouteHost;
use domain::gateway::web_socket_handshake::WebSocketHandshake;
use domain::network::client_address::reported_address;
use domain::token::access_token::AccessToken;
use domain::token::lifetime::TtlCeiling;
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
    let body = input::read_body(content_type, body)?;
    let circumstances = Circumstances { ttl_ceiling: TtlCeiling::NONE, reaches_gateway: &reaches_gateway };
    let (token, client_ip, request) = read::<ExplainRequest>(&body, circumstances)?;
    let token = match token {
        SentToken::Named(id) => TokenToExplain::Named { token_id: id.to_string() },
        SentToken::Shown(text) => TokenToExplain::from(AccessToken::parse(&text, keys)),
    };
    Ok(ExplanationRequest { token, client_ip, request })
}

/// A token as it was sent.
pub(crate) enum SentToken {
    /// Named by its id.
    Named(TokenId),
    /// Its text, or what is taken for one.
    Shown(Zeroizing<String>),
}

body! {
    /// A use of a token: `tokenId` or `accessToken`, and from where, and for what.
    pub(crate) ExplainRequest -> (SentToken, Option<IpAddr>, Option<RequestToExplain>) {
        token: ExactlyOne<NamedOrShown>,
        /// From where it is used; the address of this call when it is left out.
        client_ip ["clientIp"]: Option<ClientAddress>,
        request: Option<DescribedRequest>,
    } => |_reader| Some((token, client_ip, request));

    /// A token, named or shown.
    NamedOrShown -> SentToken {
        /// The id of the token; its secret is taken to be right.
        id ["tokenId"]: Option<TokenId>,
        /// The text of the token, or what is taken for one.
        text ["accessToken"]: Option<TokenText>,
    } => |reader| match (id, text) {
        (Some(id), None) => Some(SentToken::Named(id)),
        (None, Some(text)) => Some(SentToken::Shown(text)),
        (Some(_), Some(_)) => reader.at("accessToken", |reader| reader.refuse_because(ONE_OF_TWO)),
        (None, None) => {
            reader.at("tokenId", |reader| reader.refuse_because::<()>(ONE_OF_TWO));
            reader.at("accessToken", |reader| reader.refuse_because(ONE_OF_TWO))
        }
    };

    /// A request that takes a route.
    DescribedRequest -> RequestToExplain {
        /// Through what it comes.
        via: OneOf<Via> = (Via::Gateway.name()),
        /// The host that it names.
        host: Authority,
        /// Its method.
        method: OneOf<RequestMethod>,
        /// Its path, without the query. Through the gateway not one that is answered here.
        path: PathWithoutQuery,
        /// Whether it asks to become a WebSocket; only a GET request can.
        web_socket ["webSocket"]: bool = false,
    } => |reader| {
        if web_socket && WebSocketHandshake::described(method).is_err() {
            return reader.at("webSocket", |reader| {
                reader.refuse_because("Only a GET request can ask to become a WebSocket")
            });
        }
        let is_for_the_gateway = via == Via::Gateway && RequestPath::parse(&path).is_ok();
        if is_for_the_gateway && !(reader.circumstances.reaches_gateway)(&path, &host) {
            return reader.at("path", |reader| {
                reader.refuse_because(
                    "Requests to this path of this host are not for the gateway: they take no route",
                )
            });
        }
        let (host, method) = (host.as_str().to_owned(), method.name().to_owned());
        Some(RequestToExplain { host, method, path, via, web_socket })
    };
}

const ONE_OF_TWO: &str = "Give either tokenId or accessToken";

impl Input for TokenId {
    type Value = Self;

    const EXPECTED: &'static str = "string";

    fn read(sent: &Value, reader: &mut Reader<'_>) -> Option<Self> {
        match Self::parse(text(sent, reader)?) {
            Some(id) => Some(id),
            None => reader.refuse_because("Expected the id of a token"),
        }
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "uuid", "examples": ["3de4f865-0f6c-4c83-9a0e-7b1f0c6f3a55"] })
    }
}

/// The text of a token as it was sent: white space around it makes it another one.
struct TokenText;

impl Input for TokenText {
    type Value = Zeroizing<String>;

    const EXPECTED: &'static str = "string";

    fn read(sent: &Value, reader: &mut Reader<'_>) -> Option<Zeroizing<String>> {
        String::read(sent, reader).map(Zeroizing::new)
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        String::schema(generator)
    }
}

/// The address of a client.
struct ClientAddress;

impl Input for ClientAddress {
    type Value = IpAddr;

    const EXPECTED: &'static str = "string";

    fn read(sent: &Value, reader: &mut Reader<'_>) -> Option<IpAddr> {
        match reported_address(text(sent, reader)?) {
            Some(address) => Some(address),
            None => reader.refuse_because("Expected one IPv4 or IPv6 address"),
        }
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "anyOf": [{ "format": "ipv4" }, { "format": "ipv6" }],
            "examples": ["203.0.113.9"] })
    }
}

/// A host, perhaps with a port. Addresses in brackets are taken too.
struct Authority;

impl Input for Authority {
    type Value = RouteHost;

    const EXPECTED: &'static str = "string";

    fn read(sent: &Value, reader: &mut Reader<'_>) -> Option<RouteHost> {
        match RouteHost::from_authority(text(sent, reader)?) {
            Ok(host) => Some(host),
            Err(_) => reader.refuse_because("Expected a host name such as api.example.com, perhaps with a port"),
        }
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "maxLength": 253, "pattern": HOST })
    }
}

impl Choice for RequestMethod {
    type Value = Self;

    fn choices() -> impl Iterator<Item = (&'static str, Self)> {
        Self::ALL.into_iter().map(|method| (method.name(), method))
    }

    fn refusal() -> String {
        let known = Self::ALL.map(Self::name).join(", ");
        format!("Requests of other methods are never sent on; expected one of {known}")
    }
}

impl Choice for Via {
    type Value = Self;

    fn choices() -> impl Iterator<Item = (&'static str, Self)> {
        Self::ALL.into_iter().map(|via| (via.name(), via))
    }
}

/// The path of a request.
struct PathWithoutQuery;

impl Input for PathWithoutQuery {
    type Value = String;

    const EXPECTED: &'static str = "string";

    fn read(sent: &Value, reader: &mut Reader<'_>) -> Option<String> {
        let path = text(sent, reader)?;
        if path.contains(['?', '#']) {
            return reader.refuse_because("Give the path without its query");
        }
        Some(path.to_owned())
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[^?#]*$", "examples": ["/orders/7"] })
    }
}
