//! What the document says of protected routes.

#![expect(dead_code, reason = "requests are described and never made")]

use schemars::JsonSchema;

use super::Operation;
use super::bodies::{self, MAXIMUM_ORIGIN_CHARACTERS};
use super::views::{RouteAnswer, RouteListAnswer, WrittenRouteAnswer};
use crate::openapi::describe::{Description, Tag, shown};
use domain::gateway::request_method::RequestMethod;
use domain::gateway::request_path::LONGEST_PATH;
use domain::gateway::route_options::{
    DEFAULT_TIMEOUT, LONGEST_TIMEOUT, MAXIMUM_HEADERS, MAXIMUM_NAME_CHARACTERS, MAXIMUM_VALUE_CHARACTERS,
};

/// What the document says of an operation.
pub fn description(operation: Operation) -> Description {
    use Operation as O;
    let tag = Tag::Routes;
    match operation {
        O::Create => Description::new::<WrittenRouteAnswer<'_>>(tag, "createRoute", "Protect a route")
            .details(
                "The route must lie in a delegation of its project, and its caller must hold every action on the \
                 requests below its prefix for good. Where no delegation is, and the caller may make one, one is made \
                 for exactly the route's host and prefix, and shown.",
            )
            .takes::<CreateRouteRequest>(|body| shown(bodies::new_route(body)))
            .tagged()
            .at_most_once(),
        O::List => Description::new::<RouteListAnswer<'_>>(tag, "listRoutes", "List the routes of a project").details("By host and prefix."),
        O::Get => Description::new::<RouteAnswer<'_>>(tag, "getRoute", "Get a route").details("With its options and its origin.").tagged(),
        O::Update => Description::new::<WrittenRouteAnswer<'_>>(tag, "updateRoute", "Change a route")
            .details("What is left out stays. The changed route must lie in a delegation of its project too.")
            .takes::<UpdateRouteRequest>(|body| shown(bodies::route_changes(body)))
            .tagged()
            .conditional()
            .can_conflict(),
        O::Delete => Description::new::<RouteAnswer<'_>>(tag, "deleteRoute", "Delete a route").details("Requests with its host and below its prefix are then for no route, or for a wider one of the same project.").conditional(),
    }
}

/// Plain segments; a path may hold percent-encodings too, which are too much for a pattern.
pub(crate) const PATH_PREFIX: &str = "^(/|(/[A-Za-z0-9_~-]+)+/?)$";
/// A name. Addresses in brackets are taken too.
pub(crate) const HOST: &str = "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$";
/// A name of a kind that is never reserved.
const HEADER_NAME: &str = "^[xX]-[A-Za-z0-9-]+$";
/// Visible ASCII, with spaces inside.
const HEADER_VALUE: &str = "^([!-~]([ -~]*[!-~])?)?$";

fn methods() -> Vec<&'static str> {
    RequestMethod::ALL.map(RequestMethod::name).to_vec()
}

/// A method.
#[derive(JsonSchema)]
#[schemars(inline, transparent)]
struct MethodText(#[schemars(extend("enum" = methods()))] String);

/// A header that is added to requests which are sent to the origin.
#[derive(JsonSchema)]
#[schemars(rename = "AddedHeaderRequest")]
struct HeaderRequest {
    /// Any name that the gateway does not set or remove itself, and that is not for credentials.
    #[schemars(length(min = 1, max = MAXIMUM_NAME_CHARACTERS), regex(pattern = HEADER_NAME), extend("examples" = ["x-environment"]))]
    name: String,
    #[schemars(length(max = MAXIMUM_VALUE_CHARACTERS), regex(pattern = HEADER_VALUE))]
    value: String,
}

/// A route to protect.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
struct CreateRouteRequest {
    /// The host, without a port; null for every host.
    #[schemars(length(max = 253), regex(pattern = HOST), extend("x-nullable" = true, "default" = null))]
    host: Option<String>,
    /// What the paths of its requests begin with. A path that can be read in more than one way is refused.
    #[schemars(length(max = LONGEST_PATH), regex(pattern = PATH_PREFIX), extend("examples" = ["/orders"]))]
    path_prefix: String,
    /// The methods of its requests; null for every method.
    #[schemars(length(min = 1), extend("x-nullable" = true, "default" = null))]
    methods: Option<Vec<MethodText>>,
    /// Where requests are sent, such as `https://origin.example.com`; null where reverse proxies send them on. One that
    /// requests may not be sent to is refused with 400.
    #[schemars(length(max = MAXIMUM_ORIGIN_CHARACTERS), extend("x-nullable" = true, "default" = null))]
    origin: Option<String>,
    /// Whether the origin gets the `Authorization` header. Not without an origin.
    #[schemars(extend("default" = false))]
    keep_authorization: Option<bool>,
    /// Each name once. None without an origin.
    #[schemars(length(max = MAXIMUM_HEADERS), extend("default" = []))]
    headers: Option<Vec<HeaderRequest>>,
    /// How long the origin may take. Without an origin it is the default.
    #[schemars(range(min = 1, max = LONGEST_TIMEOUT.get()), extend("default" = DEFAULT_TIMEOUT.get()))]
    timeout_seconds: Option<u64>,
    /// Whether a request may become a WebSocket, through the gateway and through reverse proxies.
    #[schemars(extend("default" = false))]
    web_socket: Option<bool>,
}

/// What to change of a route; the rest stays.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
struct UpdateRouteRequest {
    /// The host, without a port; null for every host.
    #[schemars(length(max = 253), regex(pattern = HOST), extend("x-nullable" = true))]
    host: Option<String>,
    /// What the paths of its requests begin with. A path that can be read in more than one way is refused.
    #[schemars(length(max = LONGEST_PATH), regex(pattern = PATH_PREFIX), extend("examples" = ["/orders"]))]
    path_prefix: Option<String>,
    /// The methods of its requests; null for every method.
    #[schemars(length(min = 1), extend("x-nullable" = true))]
    methods: Option<Vec<MethodText>>,
    /// Where requests are sent; null where reverse proxies send them on.
    #[schemars(length(max = MAXIMUM_ORIGIN_CHARACTERS), extend("x-nullable" = true))]
    origin: Option<String>,
    /// Whether the origin gets the `Authorization` header. Not without an origin.
    keep_authorization: Option<bool>,
    /// Replaces all headers; each name once. None without an origin.
    #[schemars(length(max = MAXIMUM_HEADERS))]
    headers: Option<Vec<HeaderRequest>>,
    /// How long the origin may take. Without an origin it is the default.
    #[schemars(range(min = 1, max = LONGEST_TIMEOUT.get()))]
    timeout_seconds: Option<u64>,
    /// Whether a request may become a WebSocket, through the gateway and through reverse proxies.
    web_socket: Option<bool>,
}
