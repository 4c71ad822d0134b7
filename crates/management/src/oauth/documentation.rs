//! What the document says of the OAuth endpoints.

#![allow(clippy::unwrap_used, reason = "descriptions are made by a tool and by tests")]
#![expect(dead_code, reason = "requests are described and never made")]

use schemars::JsonSchema;
use serde_json::Value;

use crate::error::ManagementError;
use crate::input::{Issue, PathPart};
use crate::oauth::error::OAuthError;
use crate::oauth::form::Form;
use crate::oauth::introspection::{Active, Inactive, IntrospectionRequest};
use crate::oauth::metadata::Metadata;
use crate::oauth::revocation;
use crate::openapi::describe::{Answer, Description, Endpoint, Errors, Proof, Tag, shown};
use domain::token::secret::{AuthSecret, KeyRing, Purpose};
use protocol::family::{INTROSPECTION_PATH, METADATA_PATH, REVOCATION_PATH};

/// The endpoints.
pub fn endpoints() -> Vec<Endpoint> {
    let tag = Tag::OAuth;
    let metadata = |method: &'static str| Endpoint {
        method,
        needs: Vec::new(),
        path: METADATA_PATH,
        proof: Proof::Nothing,
        errors: Errors::OAuth(&[500, 503]),
        description: Description::new::<Metadata>(tag, "getAuthorizationServerMetadata", "Get the OAuth metadata")
            .details("RFC 8414."),
    };
    let introspect = Endpoint {
        method: "POST",
        needs: Vec::new(),
        path: INTROSPECTION_PATH,
        proof: Proof::ClientOrBearer,
        errors: Errors::OAuth(&[400, 401, 403, 413, 415, 429, 500, 503]),
        description: Description::new::<Introspection>(
            tag,
            "introspect",
            "Say whether a token is active, and whose it is",
        )
        .details("RFC 7662. Consumes a use of the token only if `consume` is `true`.")
        .takes_form::<IntrospectRequest>(|body| {
            shown(
                form(body)
                    .and_then(|form| IntrospectionRequest::read(&form, &keys()))
                    .map_err(|error| as_issue(&error)),
            )
        }),
    };
    let revoke = Endpoint {
        method: "POST",
        needs: Vec::new(),
        path: REVOCATION_PATH,
        proof: Proof::ClientOrNothing,
        errors: Errors::OAuth(&[400, 401, 413, 415, 429, 500, 503]),
        description: Description::answering(Answer::Nothing, tag, "revoke", "Revoke a token")
            .details("RFC 7009. Whoever holds the token may do this. 200 also for a token that is dead already.")
            .takes_form::<RevokeRequest>(|body| {
                let read = form(body).and_then(|form| revocation::read_token(&form, &keys()));
                shown(read.map_err(|error| as_issue(&error)))
            }),
    };
    vec![metadata("GET"), metadata("HEAD"), introspect, revoke]
}

fn keys() -> KeyRing {
    KeyRing::new(Purpose::AccessTokenTag, &AuthSecret::new("0123456789abcdef0123456789abcdef").unwrap(), None)
}

/// An object of texts as a form.
fn form(body: &Value) -> Result<Form, OAuthError> {
    let fields = body.as_object().into_iter().flatten();
    let pairs = fields.map(|(name, value)| (name, value.as_str().unwrap_or_default()));
    let text = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    Form::parse(Some("application/x-www-form-urlencoded"), &text)
}

/// What is wrong with a form, in the words of the management API.
fn as_issue(error: &OAuthError) -> ManagementError {
    let path = match error {
        OAuthError::Missing { parameter } | OAuthError::Invalid { parameter, .. } => vec![PathPart::from(*parameter)],
        _ => Vec::new(),
    };
    ManagementError::Invalid(vec![Issue::custom(error.log_code(), path)])
}

/// An active token, or nothing about one that is not.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum Introspection<'a> {
    Active(Box<Active<'a>>),
    Inactive(Inactive),
}

/// Which token, for whom. Each parameter may stand there once, and one without a value counts as left out.
#[derive(JsonSchema)]
struct IntrospectRequest {
    #[schemars(length(min = 1))]
    token: String,
    /// Ignored: there is one type.
    token_type_hint: Option<String>,
    /// The address of the resource server's own client, for tokens that are bound to addresses.
    #[schemars(extend("anyOf" = [{ "format": "ipv4" }, { "format": "ipv6" }], "examples" = ["192.0.2.1"]))]
    client_ip: Option<String>,
    /// Whether a use of the token is to be consumed.
    #[schemars(extend("enum" = ["true", "false"], "default" = "false"))]
    consume: Option<String>,
    /// The client, if it does not authenticate in a header.
    client_id: Option<String>,
    client_secret: Option<String>,
}

/// Which token. Each parameter may stand there once, and one without a value counts as left out.
#[derive(JsonSchema)]
struct RevokeRequest {
    #[schemars(length(min = 1))]
    token: String,
    /// Ignored: there is one type.
    token_type_hint: Option<String>,
    /// The client, if it does not authenticate in a header. Its token must be its own identity's.
    client_id: Option<String>,
    client_secret: Option<String>,
}
