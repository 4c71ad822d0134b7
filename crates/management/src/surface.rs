//! What a client of the management API reads of an error: a status, Infisical's name for it, and a message.

use std::net::IpAddr;

use serde::Serialize;
use serde_json::{Value, json};

use crate::issue::Issue;
use protocol::response::ApiResponse;
use protocol::surface::{BEARER, BearerError, RETRY_SOON_SECONDS};

/// The body of every management error.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema), schemars(rename = "Error"))]
#[serde(rename_all = "camelCase")]
pub struct ErrorBody<'a> {
    req_id: &'a str,
    status_code: u16,
    message: Message,
    error: &'a str,
    /// What else is known; its fields depend on the error.
    #[cfg_attr(any(test, feature = "describe"), schemars(with = "Option<crate::openapi::fields::ErrorDetails>"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<Value>,
    /// Where the description of the API is, when there is no such route.
    #[serde(skip_serializing_if = "Option::is_none")]
    docs: Option<&'static str>,
}

#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
#[serde(untagged)]
enum Message {
    Text(String),
    Issues(Vec<Issue>),
}

pub(crate) type Surface = protocol::surface::Surface<Said>;

/// The body, but for what is the same in each.
pub(crate) struct Said {
    error: &'static str,
    message: Message,
    details: Option<Value>,
    docs: Option<&'static str>,
}

/// Answers an error.
pub(crate) fn respond(surface: Surface, request_id: &str) -> ApiResponse {
    surface.respond(|status, Said { error, message, details, docs }| {
        let body = ErrorBody { req_id: request_id, status_code: status, message, error, details, docs };
        ApiResponse::json(status, request_id, &body)
    })
}

pub(crate) fn answer(status: u16, error: &'static str, message: impl Into<String>) -> Surface {
    let said = Said { error, message: Message::Text(message.into()), details: None, docs: None };
    let surface = Surface::new(status, said);
    // RFC 9110 §15.5.2: a 401 carries a challenge.
    if status == 401 { surface.challenged(BEARER) } else { surface }
}

pub(crate) fn bad_request(message: impl Into<String>) -> Surface {
    answer(400, "BadRequest", message)
}

pub(crate) fn not_found(message: impl Into<String>) -> Surface {
    answer(404, "NotFound", message)
}

pub(crate) fn unauthorized(message: impl Into<String>) -> Surface {
    answer(401, "UnauthorizedError", message)
}

/// The same, where a token was sent and is not accepted.
pub(crate) fn token_not_accepted(message: impl Into<String>) -> Surface {
    answer(401, "UnauthorizedError", message).challenged(BearerError::InvalidToken.challenge())
}

/// DIFFERENCE: Infisical answers 403, which says that the caller may not do this, and its own clients then do not look for
/// a new token. RFC 6750 §3.1: a token that is expired, malformed or otherwise invalid is 401 with a challenge.
pub(crate) fn token_error(message: impl Into<String>) -> Surface {
    answer(401, "TokenError", message).challenged(BearerError::InvalidToken.challenge())
}

pub(crate) fn forbidden(message: impl Into<String>) -> Surface {
    answer(403, "ForbiddenError", message)
}

/// The address that the request comes from is not trusted; `None` when it is not known.
pub(crate) fn client_ip_not_trusted(client: Option<IpAddr>) -> Surface {
    forbidden("You are not allowed to access this resource from the current IP address")
        .with_details(json!({ "clientIp": client }))
}

pub(crate) fn validation_failure(issues: Vec<Issue>) -> Surface {
    Surface::new(422, Said { error: "ValidationFailure", message: Message::Issues(issues), details: None, docs: None })
}

pub(crate) fn unavailable() -> Surface {
    answer(503, "ServiceUnavailable", "The service cannot answer now. Try again.").temporary(RETRY_SOON_SECONDS)
}

/// What else is told.
pub(crate) trait More {
    fn with_details(self, details: Value) -> Self;

    /// Where the description of the API is.
    fn with_docs(self, path: &'static str) -> Self;
}

impl More for Surface {
    fn with_details(mut self, details: Value) -> Self {
        self.body.details = Some(details);
        self
    }

    fn with_docs(mut self, path: &'static str) -> Self {
        self.body.docs = Some(path);
        self
    }
}
