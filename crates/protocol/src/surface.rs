//! What a client reads of an error, whatever the API: a status, a body, and headers that say how to go on.
//!
//! Each API chooses them in one exhaustive match over its own errors, and has a body of its own.

use std::borrow::Cow;

use crate::response::ApiResponse;

/// Seconds after which a caller may ask again what could not be known.
pub const RETRY_SOON_SECONDS: u64 = 1;
/// The challenge to a client (RFC 7617).
pub const BASIC: &str = "Basic realm=\"token-auth\", charset=\"UTF-8\"";
/// The challenge to a bearer who has shown no token (RFC 6750 §3).
pub const BEARER: &str = "Bearer realm=\"token-auth\"";

/// Why a bearer's request was refused (RFC 6750 §3.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BearerError {
    InvalidRequest,
    InvalidToken,
    InsufficientScope,
}

impl BearerError {
    const fn code(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidToken => "invalid_token",
            Self::InsufficientScope => "insufficient_scope",
        }
    }

    /// The challenge that says so.
    pub fn challenge(self) -> String {
        format!("{BEARER}, error=\"{}\"", self.code())
    }

    /// The same with a sentence. RFC 6750 §3 allows no quotes in it.
    pub fn challenge_saying(self, description: &str) -> String {
        format!("{}, error_description=\"{}\"", self.challenge(), description.replace('"', "'"))
    }
}

#[derive(Clone, PartialEq, Debug)]
pub struct Surface<Body> {
    pub status: u16,
    pub body: Body,
    challenge: Option<Cow<'static, str>>,
    /// RFC 9110 §10.2.1, with a 405.
    allow: Option<Cow<'static, str>>,
    /// RFC 9110 §10.2.3, in seconds.
    retry_after: Option<u64>,
}

impl<Body> Surface<Body> {
    pub const fn new(status: u16, body: Body) -> Self {
        Self { status, body, challenge: None, allow: None, retry_after: None }
    }

    /// RFC 9110 §15.5.2: a 401 carries a challenge.
    #[must_use]
    pub fn challenged(self, challenge: impl Into<Cow<'static, str>>) -> Self {
        Self { challenge: Some(challenge.into()), ..self }
    }

    /// RFC 9110 §15.5.6: a 405 says which methods there are.
    #[must_use]
    pub fn allowing(self, methods: impl Into<Cow<'static, str>>) -> Self {
        Self { allow: Some(methods.into()), ..self }
    }

    /// It is worth asking again after so many seconds.
    #[must_use]
    pub fn temporary(self, seconds: u64) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    /// The answer: `write` makes one of the status and the body.
    pub fn respond(self, write: impl FnOnce(u16, Body) -> ApiResponse) -> ApiResponse {
        let mut response = write(self.status, self.body);
        if let Some(challenge) = self.challenge {
            response.set("www-authenticate", challenge.into_owned());
        }
        if let Some(methods) = self.allow {
            response.set("allow", methods.into_owned());
        }
        if let Some(seconds) = self.retry_after {
            response.set("retry-after", seconds.to_string());
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_the_headers_that_say_how_to_go_on_and_no_others() {
        #[track_caller]
        fn check(surface: Surface<&str>, expected: [Option<&str>; 3]) {
            let response = surface.respond(|status, body| ApiResponse::json(status, "req-1", &body));
            assert_eq!((response.status, response.body.as_str()), (418, "\"body\""));
            let got = ["www-authenticate", "allow", "retry-after"].map(|name| response.header(name));
            assert_eq!(got, expected);
        }
        let surface = || Surface::new(418, "body");
        check(surface(), [None, None, None]);
        check(surface().challenged(BASIC), [Some("Basic realm=\"token-auth\", charset=\"UTF-8\""), None, None]);
        check(surface().allowing("GET, HEAD"), [None, Some("GET, HEAD"), None]);
        check(surface().temporary(RETRY_SOON_SECONDS), [None, None, Some("1")]);
    }

    #[test]
    fn a_bearer_is_told_why_in_the_words_of_rfc_6750() {
        #[track_caller]
        fn check(error: BearerError, expected: &str) {
            assert_eq!(error.challenge(), expected);
        }
        check(BearerError::InvalidRequest, "Bearer realm=\"token-auth\", error=\"invalid_request\"");
        check(BearerError::InvalidToken, "Bearer realm=\"token-auth\", error=\"invalid_token\"");
        check(BearerError::InsufficientScope, "Bearer realm=\"token-auth\", error=\"insufficient_scope\"");
        assert_eq!(
            BearerError::InvalidToken.challenge_saying("not \"this\" one"),
            "Bearer realm=\"token-auth\", error=\"invalid_token\", error_description=\"not 'this' one\""
        );
    }
}
