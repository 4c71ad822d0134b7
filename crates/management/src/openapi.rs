//! The API's own description: OpenAPI 3.1 for programs, a page for people.
//!
//! `openapi.json` at the top of the repository is generated from the wire types and the descriptions beside the routes by
//! the crate `openapi`; `build.rs` makes the small copy and the page of it that are served here.
//!
//! **Invariants**
//! * Every endpoint has a description, and every answer of the native tests is as described.
//! * What is described of a request is what its reader does.

#[cfg(test)]
pub mod conformity;
#[cfg(any(test, feature = "describe"))]
pub mod describe;
#[cfg(any(test, feature = "describe"))]
pub mod endpoints;
#[cfg(any(test, feature = "describe"))]
pub mod fields;
#[cfg(any(test, feature = "describe"))]
pub mod formats;
#[cfg(any(test, feature = "describe"))]
pub mod page;

use crate::endpoint::endpoints;
use protocol::response::ApiResponse;

/// Where Infisical's clients find the document.
pub const DOCUMENT_PATH: &str = "/api/docs/json";

endpoints! {
    /// What can be had.
    Documentation {
        GetDocumentation [GET "/api/docs"];
        GetDocumentationStyle [GET "/api/docs/style.css"];
        GetApiDocument [GET "/api/docs/openapi.json", GET DOCUMENT_PATH];
    }
}

const DOCUMENT: &str = include_str!(concat!(env!("OUT_DIR"), "/openapi.json"));
const PAGE: &str = include_str!(concat!(env!("OUT_DIR"), "/documentation.html"));
const STYLE: &str = include_str!("openapi/page.css");

/// The page loads its style sheet and nothing else, and runs nothing.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Answers an endpoint.
pub fn response(endpoint: Documentation, request_id: &str) -> ApiResponse {
    match endpoint {
        Documentation::GetApiDocument => ApiResponse::text(request_id, "application/json; charset=utf-8", DOCUMENT),
        Documentation::GetDocumentation => ApiResponse::text(request_id, "text/html; charset=utf-8", PAGE)
            .with("content-security-policy", POLICY)
            .with("referrer-policy", "no-referrer"),
        Documentation::GetDocumentationStyle => ApiResponse::text(request_id, "text/css; charset=utf-8", STYLE),
    }
}
