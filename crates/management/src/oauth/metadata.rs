//! What there is, for clients that discover it (RFC 8414).
//!
//! There is no `/.well-known/openid-configuration`: this is no OpenID provider, and a client that took it for one would
//! look for logins of people.

use serde::Serialize;

use protocol::family::{INTROSPECTION_PATH, JWKS_PATH, REVOCATION_PATH};
use protocol::issuer::Issuer;
use protocol::response::ApiResponse;

/// The methods of the metadata.
pub const METHODS: &str = "GET, HEAD";

#[derive(Serialize)]
#[cfg_attr(
    any(test, feature = "describe"),
    derive(schemars::JsonSchema),
    schemars(rename = "AuthorizationServerMetadata")
)]
pub(super) struct Metadata {
    issuer: String,
    introspection_endpoint: String,
    introspection_endpoint_auth_methods_supported: [&'static str; 3],
    revocation_endpoint: String,
    revocation_endpoint_auth_methods_supported: [&'static str; 3],
    jwks_uri: String,
    // RFC 8414 §3.2 would leave out what is empty. §2 requires the one, and takes the absence of the other for
    // `authorization_code` and `implicit`: what is not there must be said.
    response_types_supported: [&'static str; 0],
    grant_types_supported: [&'static str; 0],
}

/// Answers with the metadata.
pub fn response(issuer: &Issuer, request_id: &str) -> ApiResponse {
    let metadata = Metadata {
        issuer: issuer.to_string(),
        introspection_endpoint: issuer.at(INTROSPECTION_PATH),
        introspection_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post", "Bearer"],
        revocation_endpoint: issuer.at(REVOCATION_PATH),
        revocation_endpoint_auth_methods_supported: ["none", "client_secret_basic", "client_secret_post"],
        jwks_uri: issuer.at(JWKS_PATH),
        response_types_supported: [],
        grant_types_supported: [],
    };
    ApiResponse::json(200, request_id, &metadata)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_format_unchanged() {
        let response = response(&Issuer::parse("https://auth.example").unwrap(), "req-1");
        assert_eq!(
            response.body,
            r#"{"issuer":"https://auth.example","introspection_endpoint":"https://auth.example/oauth2/introspect","introspection_endpoint_auth_methods_supported":["client_secret_basic","client_secret_post","Bearer"],"revocation_endpoint":"https://auth.example/oauth2/revoke","revocation_endpoint_auth_methods_supported":["none","client_secret_basic","client_secret_post"],"jwks_uri":"https://auth.example/.well-known/jwks.json","response_types_supported":[],"grant_types_supported":[]}"#
        );
        assert_eq!(response.status, 200);
    }
}
