//! What the document says of the OAuth endpoints.

#![expect(dead_code, reason = "requests are described and never made")]

use schemars::JsonSchema;

use crate::oauth::introspection::{Active, Inactive};
use crate::oauth::metadata::Metadata;
use crate::openapi::describe::{Answer, DescribedEndpoint, Description, Errors, Proof, Tag};
use domain::permission::operation::Operation;
use protocol::family::{INTROSPECTION_PATH, METADATA_PATH, REVOCATION_PATH};

pub fn endpoints() -> Vec<DescribedEndpoint> {
    let tag = Tag::OAuth;
    let metadata = |method: &'static str| DescribedEndpoint {
        method,
        id: "getAuthorizationServerMetadata".to_owned(),
        needs: Vec::new(),
        path: METADATA_PATH,
        proof: Proof::Nothing,
        errors: Errors::OAuth(&[500, 503]),
        description: Description::new::<Metadata>(tag, "Get the OAuth metadata").details("RFC 8414."),
    };
    let introspect = DescribedEndpoint {
        method: "POST",
        needs: Vec::new(),
        id: Operation::Introspect.id().to_owned(),
        path: INTROSPECTION_PATH,
        proof: Proof::ClientOrBearer,
        errors: Errors::OAuth(&[400, 401, 403, 413, 415, 429, 500, 503]),
        description: Description::new::<Introspection>(tag, "Say whether a token is active, and whose it is")
            .details("RFC 7662. Consumes a use of the token only if `consume` is `true`.")
            .takes_form::<IntrospectRequest>(),
    };
    let revoke = DescribedEndpoint {
        method: "POST",
        needs: Vec::new(),
        id: "revoke".to_owned(),
        path: REVOCATION_PATH,
        proof: Proof::ClientOrNothing,
        errors: Errors::OAuth(&[400, 401, 413, 415, 429, 500, 503]),
        description: Description::answering(Answer::Nothing, tag, "Revoke a token")
            .details("RFC 7009. Whoever holds the token may do this. 200 also for a token that is dead already.")
            .takes_form::<RevokeRequest>(),
    };
    vec![metadata("GET"), metadata("HEAD"), introspect, revoke]
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
