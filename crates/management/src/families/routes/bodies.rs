//! What the operations on routes take.

use std::collections::BTreeSet;

use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::Value;

use crate::body::{Flat, Input, List, Nullable, Reader, body, elements, text};
use crate::fields::SecondsBetween;
use directory::routes::{NewRoute, RouteChanges};
use domain::gateway::request_method::RequestMethod;
use domain::gateway::route::{PathPrefix, RouteMethods};
use domain::gateway::route_host::RouteHost;
use domain::gateway::route_options::{
    AddedHeader, DEFAULT_TIMEOUT, LONGEST_TIMEOUT, MAXIMUM_HEADERS, MAXIMUM_NAME_CHARACTERS, MAXIMUM_VALUE_CHARACTERS,
    RouteOptions,
};

/// The most characters of an origin.
const MAXIMUM_ORIGIN_CHARACTERS: usize = 512;

type Timeout = SecondsBetween<1, { LONGEST_TIMEOUT.get() }>;

body! {
    /// A route to protect.
    pub CreateRouteRequest -> NewRoute {
        /// The host, without a port; null for every host.
        host: Nullable<RouteHost> = null,
        /// What the paths of its requests begin with. A path that can be read in more than one way is refused.
        path_prefix ["pathPrefix"]: PathPrefix,
        /// The methods of its requests; null for every method.
        methods: Methods = null,
        /// Where requests are sent, such as `https://origin.example.com`; null where reverse proxies send them on. One that
        /// requests may not be sent to is refused with 400.
        origin: Nullable<OriginText> = null,
        options: Flat<NewRouteOptions>,
    }

    /// How a new route sends requests on.
    NewRouteOptions -> RouteOptions {
        /// Whether the origin gets the `Authorization` header. Not without an origin.
        keep_authorization ["keepAuthorization"]: bool = false,
        /// Each name once. None without an origin.
        headers: AddedHeaders = [],
        /// How long the origin may take. Without an origin it is the default.
        timeout ["timeoutSeconds"]: Timeout = (DEFAULT_TIMEOUT.get()),
        /// Whether a request may become a WebSocket, through the gateway and through reverse proxies.
        web_socket ["webSocket"]: bool = false,
    }

    /// What to change of a route; the rest stays.
    pub UpdateRouteRequest -> RouteChanges {
        /// The host, without a port; null for every host.
        host: Option<Nullable<RouteHost>>,
        /// What the paths of its requests begin with. A path that can be read in more than one way is refused.
        path_prefix ["pathPrefix"]: Option<PathPrefix>,
        /// The methods of its requests; null for every method.
        methods: Option<Methods>,
        /// Where requests are sent; null where reverse proxies send them on.
        origin: Option<Nullable<OriginText>>,
        /// Whether the origin gets the `Authorization` header. Not without an origin.
        keep_authorization ["keepAuthorization"]: Option<bool>,
        /// Replaces all headers; each name once. None without an origin.
        headers: Option<AddedHeaders>,
        /// How long the origin may take. Without an origin it is the default.
        timeout ["timeoutSeconds"]: Option<Timeout>,
        /// Whether a request may become a WebSocket, through the gateway and through reverse proxies.
        web_socket ["webSocket"]: Option<bool>,
    }

    /// A header that is added to requests which are sent to the origin.
    AddedHeaderRequest -> AddedHeader {
        /// Any name that the gateway does not set or remove itself, and that is not for credentials.
        name: HeaderName,
        value: HeaderValue,
    } => |reader| match AddedHeader::new(&name, &value) {
        Ok(header) => Some(header),
        Err(error) => reader.at("name", |reader| reader.refuse_because(error.explanation())),
    };
}

/// The methods of a route, or null for every method.
pub struct Methods;

impl Input for Methods {
    type Value = RouteMethods;

    const EXPECTED: &'static str = "array";

    fn read(sent: &Value, reader: &mut Reader<'_>) -> Option<RouteMethods> {
        if sent.is_null() {
            return Some(RouteMethods::Every);
        }
        let names = elements(sent, 1, usize::MAX, reader)?;
        let mut methods = BTreeSet::new();
        for (index, name) in names.iter().enumerate() {
            match name.as_str().and_then(RequestMethod::parse) {
                Some(method) => {
                    methods.insert(method);
                }
                None => {
                    let known = RequestMethod::ALL.map(RequestMethod::name).join(", ");
                    reader.at(index, |reader| reader.refuse_because::<()>(format!("Expected one of {known}")));
                }
            }
        }
        Some(RouteMethods::These(methods))
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        let names = RequestMethod::ALL.map(RequestMethod::name);
        json_schema!({ "type": ["array", "null"], "x-nullable": true, "minItems": 1,
            "items": { "type": "string", "enum": names, "description": "A method." } })
    }
}

/// Where requests are sent. Whether they may be is decided where the other routes are known.
pub struct OriginText;

impl Input for OriginText {
    type Value = String;

    const EXPECTED: &'static str = "string";

    fn read(sent: &Value, reader: &mut Reader<'_>) -> Option<String> {
        let text = text(sent, reader)?.trim();
        reader.has_at_most(MAXIMUM_ORIGIN_CHARACTERS, text).then(|| text.to_owned())
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "maxLength": MAXIMUM_ORIGIN_CHARACTERS })
    }
}

/// The headers that a route adds, each name once.
pub struct AddedHeaders;

type SentHeaders = List<AddedHeaderRequest, 0, MAXIMUM_HEADERS>;

impl Input for AddedHeaders {
    type Value = Vec<AddedHeader>;

    const EXPECTED: &'static str = "array";

    fn read(sent: &Value, reader: &mut Reader<'_>) -> Option<Vec<AddedHeader>> {
        let headers = SentHeaders::read(sent, reader)?;
        let names: BTreeSet<&str> = headers.iter().map(AddedHeader::name).collect();
        if names.len() != headers.len() {
            return reader.refuse_because("Each header may be named once");
        }
        Some(headers)
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        SentHeaders::schema(generator)
    }
}

/// The name of a header. Which are taken is decided together with the value.
struct HeaderName;

impl Input for HeaderName {
    type Value = String;

    const EXPECTED: &'static str = "string";

    fn read(sent: &Value, reader: &mut Reader<'_>) -> Option<String> {
        String::read(sent, reader)
    }

    // A name of a kind that is never reserved.
    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "minLength": 1, "maxLength": MAXIMUM_NAME_CHARACTERS,
            "pattern": "^[xX]-[A-Za-z0-9-]+$", "examples": ["x-environment"] })
    }
}

/// The value of a header.
struct HeaderValue;

impl Input for HeaderValue {
    type Value = String;

    const EXPECTED: &'static str = "string";

    fn read(sent: &Value, reader: &mut Reader<'_>) -> Option<String> {
        String::read(sent, reader)
    }

    // Visible ASCII, with spaces inside.
    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "maxLength": MAXIMUM_VALUE_CHARACTERS,
            "pattern": "^([!-~]([ -~]*[!-~])?)?$" })
    }
}
