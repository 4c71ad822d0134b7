//! What the document says of explanations.

#![expect(dead_code, reason = "requests are described and never made")]

use schemars::JsonSchema;
use serde_json::{Value, json};

use super::Operation;
use super::bodies;
use super::request::Via;
use super::views::ExplanationAnswer;
use crate::error::ManagementError;
use crate::openapi::describe::{Description, Tag, shown};
use domain::gateway::request_method::RequestMethod;
use domain::token::secret::{AuthSecret, KeyRing, Purpose};

/// What the document says of an operation.
pub fn description(operation: Operation) -> Description {
    match operation {
        Operation::Explain => Description::new::<ExplanationAnswer>(
            Tag::Tokens,
            "explain",
            "Explain why a token would be refused",
        )
        .details(
            "Every check in its order, with what it looked at, for a described use. Nothing changes, and the token \
                     consumes no use. Needs read on the token's identity; what stands behind a route is withheld from \
                     callers who may not read the routes of its project, the identity's roles there from those who \
                     may not read it there, and their rules from those who may not read roles there either.",
        )
        .takes::<ExplainRequest>(read),
    }
}

fn read(body: &Value) -> Result<String, ManagementError> {
    let secret = AuthSecret::new(&"d".repeat(32)).map_err(|_| ManagementError::Internal)?;
    let keys = KeyRing::new(Purpose::AccessTokenTag, &secret, None);
    shown(bodies::question(body, &keys, |_, _| true))
}

/// A name. Addresses in brackets and ports are taken too.
const HOST: &str = "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$";

fn one_of_two() -> Value {
    json!([{ "required": ["tokenId"] }, { "required": ["accessToken"] }])
}

fn address() -> Value {
    json!([{ "format": "ipv4" }, { "format": "ipv6" }])
}

/// A use of a token: `tokenId` or `accessToken`, and from where, and for what.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", extend("oneOf" = one_of_two()))]
struct ExplainRequest {
    /// The id of the token; its secret is taken to be right.
    #[schemars(extend("format" = "uuid", "examples" = ["3de4f865-0f6c-4c83-9a0e-7b1f0c6f3a55"]))]
    token_id: Option<String>,
    /// The text of the token, or what is taken for one.
    access_token: Option<String>,
    /// From where it is used; the address of this call when it is left out.
    #[schemars(extend("anyOf" = address(), "examples" = ["203.0.113.9"]))]
    client_ip: Option<String>,
    request: Option<DescribedRequest>,
}

/// A request that takes a route.
#[derive(JsonSchema)]
#[schemars(rename = "DescribedRequest", rename_all = "camelCase")]
struct DescribedRequest {
    /// The host that it names.
    #[schemars(length(max = 253), regex(pattern = HOST))]
    host: String,
    method: MethodText,
    /// Its path, without the query. Through the gateway not one that is answered here.
    #[schemars(regex(pattern = "^[^?#]*$"), extend("examples" = ["/orders/7"]))]
    path: String,
    #[schemars(extend("default" = Via::Gateway.name()))]
    via: Option<ViaText>,
    /// Whether it asks to become a WebSocket; only a GET request can.
    #[schemars(extend("default" = false))]
    web_socket: Option<bool>,
}

fn methods() -> Vec<&'static str> {
    RequestMethod::ALL.map(RequestMethod::name).to_vec()
}

/// Its method.
#[derive(JsonSchema)]
#[schemars(inline, transparent)]
struct MethodText(#[schemars(extend("enum" = methods()))] String);

fn entries() -> Vec<&'static str> {
    Via::ALL.map(Via::name).to_vec()
}

/// Through what it comes.
#[derive(JsonSchema)]
#[schemars(inline, transparent)]
struct ViaText(#[schemars(extend("enum" = entries()))] String);
