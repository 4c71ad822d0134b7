//! The API's own description: OpenAPI 3.1 for programs, a page for people.
//!
//! `openapi.json` at the top of the repository is generated from the wire types and the descriptions beside the routes by
//! the crate `openapi`; `build.rs` makes the small copy and the page of it that are served here.
//!
//! **Invariants**
//! * Every route has a description, and every answer of the native tests is as described.
//! * What is described of a request is what its reader does.

#[cfg(test)]
pub mod conformity;
#[cfg(any(test, feature = "describe"))]
pub mod describe;
#[cfg(any(test, feature = "describe"))]
pub mod fields;
#[cfg(any(test, feature = "describe"))]
pub mod formats;
#[cfg(any(test, feature = "describe"))]
pub mod page;

use crate::operation::{self, Authentication, Route, route};
use protocol::response::ApiResponse;

/// What can be had.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Operation {
    /// `getApiDocument`
    Document,
    /// `getDocumentation`
    Page,
    /// `getDocumentationStyle`
    Style,
}

/// Where Infisical's clients find the document.
pub const DOCUMENT_PATH: &str = "/api/docs/json";

/// The routes.
pub const ROUTES: &[Route] = {
    use Authentication::Nothing;
    use operation::Operation::Documentation as D;
    &[
        route("GET", "/api/docs", D(Operation::Page), Nothing),
        route("GET", "/api/docs/style.css", D(Operation::Style), Nothing),
        route("GET", "/api/docs/openapi.json", D(Operation::Document), Nothing),
        route("GET", DOCUMENT_PATH, D(Operation::Document), Nothing),
    ]
};

const DOCUMENT: &str = include_str!(concat!(env!("OUT_DIR"), "/openapi.json"));
const PAGE: &str = include_str!(concat!(env!("OUT_DIR"), "/documentation.html"));
const STYLE: &str = include_str!("openapi/page.css");

/// The page loads its style sheet and nothing else, and runs nothing.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Answers an operation.
pub fn response(operation: Operation, request_id: &str) -> ApiResponse {
    match operation {
        Operation::Document => ApiResponse::text(request_id, "application/json; charset=utf-8", DOCUMENT),
        Operation::Page => ApiResponse::text(request_id, "text/html; charset=utf-8", PAGE)
            .with("content-security-policy", POLICY)
            .with("referrer-policy", "no-referrer"),
        Operation::Style => ApiResponse::text(request_id, "text/css; charset=utf-8", STYLE),
    }
}

/// The endpoints of the management API and of OAuth, with what their families say of them.
#[cfg(any(test, feature = "describe"))]
pub fn endpoints() -> Vec<describe::Endpoint> {
    let management = |route: &Route| describe::Endpoint {
        method: route.method,
        path: route.path,
        proof: describe::Proof::from(route.authentication),
        errors: describe::Errors::Management,
        description: crate::documentation::description(route.operation),
        needs: crate::needs::needs_in_words(route.operation),
    };
    operation::all().map(management).chain(crate::oauth::documentation::endpoints()).collect()
}
