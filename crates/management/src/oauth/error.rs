//! The error surface of the OAuth endpoints: RFC 6749 §5.2 and, where a bearer is concerned, RFC 6750 §3.
//!
//! Precise inside, bland outside: a client id that does not exist, a wrong client secret and a lock get the same answer.
//! Only who has shown the right secret learns that it has ended, or that its address is not trusted.

use serde::Serialize;

use directory::universal_auth::LoginRefusal;
use domain::token::refusal::Refusal;
use protocol::body::BodyError;
use protocol::damping::RETRY_AFTER_SECONDS;
use protocol::response::ApiResponse;
use protocol::settings::Misconfigured;
use protocol::surface::{BASIC, BEARER, BearerError, RETRY_SOON_SECONDS, Surface};
use validation::ports::Unavailable;

/// Everything that can stop an OAuth request.
#[derive(Clone, PartialEq, Debug)]
pub enum OAuthError {
    /// The endpoint does not have this method.
    MethodNotAllowed {
        /// The methods it has.
        allow: &'static str,
    },
    /// The body is no form.
    UnsupportedMediaType,
    /// The body is above the cap.
    BodyTooLarge,
    /// The body broke off, was too slow or is no text.
    BodyUnreadable,
    /// A parameter stands there twice.
    Repeated,
    /// There are more parameters than anybody means.
    TooManyParameters,
    /// A parameter is missing.
    Missing {
        /// Which.
        parameter: &'static str,
    },
    /// A parameter's value is none it can have.
    Invalid {
        /// Which.
        parameter: &'static str,
        /// What it has to be.
        expected: &'static str,
    },
    /// The caller authenticates in more than one way.
    SeveralMethods,
    /// The `Authorization` header says `Bearer`, and what follows is no token.
    MalformedAuthorization,
    /// The caller showed nothing, or nothing that could be credentials.
    ClientNotAuthenticated {
        /// What it may try.
        challenge: Scheme,
    },
    /// The client was not authenticated.
    ClientRefused(LoginRefusal),
    /// The bearer's token was refused.
    BearerRefused(Refusal),
    /// The caller may know about no token.
    NotPermitted,
    /// The token to be revoked is another identity's.
    IssuedToAnother,
    /// The caller's address has failed, or asked, too often.
    TooManyRequests,
    /// Something that is needed cannot be reached.
    Unavailable(Unavailable),
    /// The operator's settings are wrong.
    Misconfigured(Misconfigured),
    /// Something of ours broke.
    Internal,
}

/// Which authentication schemes a 401 offers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scheme {
    /// HTTP Basic, for a client.
    Basic,
    /// Either.
    BasicOrBearer,
}

impl From<Refusal> for OAuthError {
    fn from(refusal: Refusal) -> Self {
        Self::BearerRefused(refusal)
    }
}

impl From<Unavailable> for OAuthError {
    fn from(unavailable: Unavailable) -> Self {
        Self::Unavailable(unavailable)
    }
}

impl OAuthError {
    /// The precise code for the log.
    pub const fn log_code(&self) -> &'static str {
        match self {
            Self::MethodNotAllowed { .. } => "method_not_allowed",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::BodyTooLarge => "body_too_large",
            Self::BodyUnreadable => "body_unreadable",
            Self::Repeated => "parameter_repeated",
            Self::TooManyParameters => "too_many_parameters",
            Self::Missing { .. } => "parameter_missing",
            Self::Invalid { .. } => "parameter_invalid",
            Self::SeveralMethods => "credentials_several",
            Self::MalformedAuthorization => "credentials_malformed",
            Self::ClientNotAuthenticated { .. } => "client_not_authenticated",
            Self::ClientRefused(LoginRefusal::InvalidCredentials) => "client_invalid",
            Self::ClientRefused(LoginRefusal::Locked) => "client_locked",
            Self::ClientRefused(LoginRefusal::SecretExpired) => "client_secret_expired",
            Self::ClientRefused(LoginRefusal::SecretExhausted) => "client_secret_exhausted",
            Self::ClientRefused(LoginRefusal::ClientAddressNotTrusted { .. }) => "client_ip_not_trusted",
            Self::ClientRefused(LoginRefusal::ClientAddressUnknown) => "client_ip_unknown",
            Self::BearerRefused(refusal) => refusal.code(),
            Self::NotPermitted => "insufficient_scope",
            Self::IssuedToAnother => "issued_to_another",
            Self::TooManyRequests => "too_many_requests",
            Self::Unavailable(unavailable) => unavailable.code(),
            Self::Misconfigured(_) => "misconfigured",
            Self::Internal => "internal",
        }
    }
}

/// The body of every error (RFC 6749 §5.2).
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema), schemars(rename = "OAuthError"))]
pub struct OAuthErrorBody<'a> {
    error: &'static str,
    error_description: &'a str,
}

/// What a caller reads.
struct Said {
    error: &'static str,
    description: String,
}

fn say(status: u16, error: &'static str, description: impl Into<String>) -> Surface<Said> {
    Surface::new(status, Said { error, description: description.into() })
}

/// Answers an error. The one place where an OAuth error becomes a status.
pub fn error_response(error: &OAuthError, request_id: &str) -> ApiResponse {
    surface(error).respond(|status, Said { error, description }| {
        let body = OAuthErrorBody { error, error_description: &description };
        ApiResponse::json(status, request_id, &body).with("pragma", "no-cache")
    })
}

fn surface(error: &OAuthError) -> Surface<Said> {
    match error {
        OAuthError::MethodNotAllowed { allow } => {
            say(405, "invalid_request", format!("The methods of this endpoint are {allow}.")).allowing(*allow)
        }
        OAuthError::UnsupportedMediaType => {
            say(415, "invalid_request", "The body must be application/x-www-form-urlencoded.")
        }
        OAuthError::BodyTooLarge => say(413, "invalid_request", "The body is too large."),
        OAuthError::BodyUnreadable => say(400, "invalid_request", "The body could not be read."),
        OAuthError::Repeated => say(400, "invalid_request", "A parameter is there more than once."),
        OAuthError::TooManyParameters => say(400, "invalid_request", "There are too many parameters."),
        OAuthError::Missing { parameter } => {
            say(400, "invalid_request", format!("The parameter {parameter} is missing."))
        }
        OAuthError::Invalid { parameter, expected } => {
            say(400, "invalid_request", format!("The parameter {parameter} must be {expected}."))
        }
        OAuthError::SeveralMethods => say(400, "invalid_request", "The request authenticates in more than one way."),
        OAuthError::MalformedAuthorization => {
            let description = "The Authorization header is not of the form 'Bearer <token>'.";
            say(400, "invalid_request", description)
                .challenged(BearerError::InvalidRequest.challenge_saying(description))
        }
        OAuthError::ClientNotAuthenticated { challenge } => say(401, "invalid_client", "Authenticate as a client.")
            .challenged(match challenge {
                Scheme::Basic => BASIC.to_owned(),
                Scheme::BasicOrBearer => format!("{BASIC}, {BEARER}"),
            }),
        OAuthError::ClientRefused(refusal) => client_refused(*refusal).challenged(BASIC),
        OAuthError::BearerRefused(refusal) => bearer_refused(refusal),
        OAuthError::NotPermitted => {
            let description = "The caller may read no identity.";
            say(403, "insufficient_scope", description)
                .challenged(BearerError::InsufficientScope.challenge_saying(description))
        }
        OAuthError::IssuedToAnother => say(400, "invalid_grant", "The token is not one of this client's identity."),
        OAuthError::TooManyRequests => say(
            429,
            "too_many_requests",
            format!("Too many requests from this address. Try again in {RETRY_AFTER_SECONDS} seconds."),
        )
        .temporary(RETRY_AFTER_SECONDS),
        OAuthError::Unavailable(Unavailable::Replica | Unavailable::Authority | Unavailable::Counter) => {
            let description = "The request could not be carried out now. Try again.";
            say(503, "temporarily_unavailable", description).temporary(RETRY_SOON_SECONDS)
        }
        OAuthError::Misconfigured(Misconfigured { variable, expected }) => {
            say(503, "server_error", format!("The setting {variable} is missing or wrong; expected {expected}."))
                .temporary(RETRY_SOON_SECONDS)
        }
        OAuthError::Internal => say(500, "server_error", "Something went wrong."),
    }
}

fn client_refused(refusal: LoginRefusal) -> Surface<Said> {
    let description = match refusal {
        LoginRefusal::InvalidCredentials | LoginRefusal::Locked => "The client could not be authenticated.".to_owned(),
        LoginRefusal::SecretExpired => "The client secret has expired.".to_owned(),
        LoginRefusal::SecretExhausted => "The client secret has been used as often as it may be.".to_owned(),
        LoginRefusal::ClientAddressNotTrusted { seen } => format!("The client may not authenticate from {seen}."),
        LoginRefusal::ClientAddressUnknown => {
            "The client may authenticate from trusted addresses only, and the address of this request is not known."
                .to_owned()
        }
    };
    say(401, "invalid_client", description)
}

fn bearer_refused(refusal: &Refusal) -> Surface<Said> {
    match refusal {
        Refusal::Malformed
        | Refusal::Forged
        | Refusal::Unknown
        | Refusal::WrongSecret
        | Refusal::Revoked
        | Refusal::Expired { .. }
        | Refusal::IdentityDeleted
        | Refusal::AuthMethodRemoved
        | Refusal::ClientSecretRevoked
        | Refusal::UsesExhausted => {
            let description = "The access token of the caller is unknown, expired, revoked or used up.";
            say(401, "invalid_token", description).challenged(BearerError::InvalidToken.challenge_saying(description))
        }
        Refusal::ClientAddressNotTrusted { seen } => {
            say(403, "access_denied", format!("The access token of the caller may not be used from {seen}."))
                .challenged(BEARER)
        }
        Refusal::ClientAddressUnknown => say(
            403,
            "access_denied",
            "The access token of the caller may be used from trusted addresses only, and the address of this request \
             is not known.",
        )
        .challenged(BEARER),
    }
}

impl From<BodyError> for OAuthError {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge => Self::BodyTooLarge,
            BodyError::Unreadable => Self::BodyUnreadable,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::value::timestamp::Timestamp;
    use std::net::IpAddr;

    #[test]
    fn each_error_has_its_status_code_and_challenge() {
        #[track_caller]
        fn check(error: OAuthError, status: u16, code: &str, challenge: Option<&str>) {
            let response = error_response(&error, "req-1");
            let body: serde_json::Value = serde_json::from_str(&response.body).unwrap();
            assert_eq!((response.status, body["error"].as_str()), (status, Some(code)), "{error:?}");
            assert_eq!(body.as_object().unwrap().len(), 2, "{body}");
            assert_eq!(response.header("content-type"), Some("application/json; charset=utf-8"));
            assert_eq!(response.header("cache-control"), Some("no-store"));
            assert_eq!(response.header("pragma"), Some("no-cache"));
            assert_eq!(response.header("x-request-id"), Some("req-1"));
            let retry_after = match status {
                429 => Some("10"),
                503 => Some("1"),
                _ => None,
            };
            assert_eq!(response.header("retry-after"), retry_after, "{error:?}");
            assert_eq!(response.header("allow"), (status == 405).then_some("POST"), "{error:?}");
            let got = response.header("www-authenticate");
            match challenge {
                Some(part) => assert!(got.is_some_and(|got| got.contains(part)), "{got:?}"),
                None => assert_eq!(got, None),
            }
            assert!(!error.log_code().is_empty());
        }
        use OAuthError as E;
        let invalid = "invalid_request";
        check(E::MethodNotAllowed { allow: "POST" }, 405, invalid, None);
        check(E::UnsupportedMediaType, 415, invalid, None);
        check(E::BodyTooLarge, 413, invalid, None);
        check(E::BodyUnreadable, 400, invalid, None);
        check(E::Repeated, 400, invalid, None);
        check(E::TooManyParameters, 400, invalid, None);
        check(E::Missing { parameter: "token" }, 400, invalid, None);
        check(E::Invalid { parameter: "consume", expected: "true or false" }, 400, invalid, None);
        check(E::SeveralMethods, 400, invalid, None);
        check(E::MalformedAuthorization, 400, invalid, Some("Bearer realm"));
        let basic = E::ClientNotAuthenticated { challenge: Scheme::Basic };
        check(basic, 401, "invalid_client", Some("Basic realm"));
        let any = E::ClientNotAuthenticated { challenge: Scheme::BasicOrBearer };
        check(any.clone(), 401, "invalid_client", Some("Basic realm"));
        check(any, 401, "invalid_client", Some("Bearer realm"));
        let seen = IpAddr::from([192, 0, 2, 1]);
        for refusal in [
            LoginRefusal::InvalidCredentials,
            LoginRefusal::Locked,
            LoginRefusal::SecretExpired,
            LoginRefusal::SecretExhausted,
            LoginRefusal::ClientAddressNotTrusted { seen },
            LoginRefusal::ClientAddressUnknown,
        ] {
            check(E::ClientRefused(refusal), 401, "invalid_client", Some("Basic realm"));
        }
        for refusal in [
            Refusal::Malformed,
            Refusal::Forged,
            Refusal::Unknown,
            Refusal::WrongSecret,
            Refusal::Revoked,
            Refusal::Expired { at: Timestamp::from_milliseconds(0) },
            Refusal::IdentityDeleted,
            Refusal::AuthMethodRemoved,
            Refusal::ClientSecretRevoked,
            Refusal::UsesExhausted,
        ] {
            check(E::BearerRefused(refusal), 401, "invalid_token", Some("error=\"invalid_token\""));
        }
        let foreign = Refusal::ClientAddressNotTrusted { seen };
        check(E::BearerRefused(foreign), 403, "access_denied", Some("Bearer realm"));
        check(E::BearerRefused(Refusal::ClientAddressUnknown), 403, "access_denied", Some("Bearer realm"));
        check(E::NotPermitted, 403, "insufficient_scope", Some("error=\"insufficient_scope\""));
        check(E::IssuedToAnother, 400, "invalid_grant", None);
        check(E::TooManyRequests, 429, "too_many_requests", None);
        check(E::Unavailable(Unavailable::Authority), 503, "temporarily_unavailable", None);
        let misconfigured = Misconfigured { variable: "AUTH_SECRET", expected: "a secret" };
        check(E::Misconfigured(misconfigured), 503, "server_error", None);
        check(E::Internal, 500, "server_error", None);
    }

    #[test]
    fn a_wrong_secret_an_unknown_client_and_a_lock_get_the_same_answer() {
        let answer = |refusal| error_response(&OAuthError::ClientRefused(refusal), "req-1");
        assert_eq!(answer(LoginRefusal::InvalidCredentials), answer(LoginRefusal::Locked));
    }
}
