//! Everything that can stop a management call. What a client reads of it is chosen in `answer_error`.

use crate::issue::Issue;
use directory::error::DirectoryError;
use directory::sql::SqlError;
use domain::network::console_site::NoConsoleHere;
use domain::token::refusal::Refusal;
use protocol::bearer::CredentialsError;
use protocol::body::BodyError;
use protocol::settings::Misconfigured;
use validation::ports::Unavailable;

#[derive(Clone, PartialEq, Debug)]
pub enum ManagementError {
    /// There is no such route.
    RouteNotFound {
        /// The method as it was sent.
        method: String,
        /// The path as it was sent.
        path: String,
    },
    /// `x-api-key` was sent.
    ApiKey,
    /// There are no usable credentials.
    Credentials(CredentialsError),
    /// The bearer is not `AUTH_SECRET`.
    AuthSecretWrong,
    /// The bearer's token was refused.
    TokenRefused(Refusal),
    /// The content type is none that is understood.
    UnsupportedMediaType,
    /// The body is no JSON.
    InvalidJson,
    /// The body is above the cap.
    BodyTooLarge,
    /// Fields are missing or wrong.
    Invalid(Vec<Issue>),
    /// The command was carried out before, under the same `Idempotency-Key`.
    AlreadyMade {
        /// The id of what it made.
        id: String,
    },
    /// The `Idempotency-Key` was used for another request.
    IdempotencyKeyReused,
    /// The request was not sent by the console, as signing in to it has to be.
    NotFromConsole,
    /// Nobody can be signed in to the console where it was called.
    NoConsoleHere(NoConsoleHere),
    /// `If-Match` names another state than the present one.
    PreconditionFailed,
    /// The caller has failed, or asked, too often.
    TooManyRequests,
    /// The command was not carried out.
    Directory(DirectoryError),
    /// Something that is needed cannot be reached.
    Unavailable(Unavailable),
    /// The operator's settings are wrong.
    Misconfigured(Misconfigured),
    /// Something of ours broke.
    Internal,
}

impl From<DirectoryError> for ManagementError {
    fn from(error: DirectoryError) -> Self {
        Self::Directory(error)
    }
}

impl From<Refusal> for ManagementError {
    fn from(refusal: Refusal) -> Self {
        Self::TokenRefused(refusal)
    }
}

impl From<Unavailable> for ManagementError {
    fn from(unavailable: Unavailable) -> Self {
        Self::Unavailable(unavailable)
    }
}

impl ManagementError {
    /// Whether the caller was refused, rather than its input: then no use may be consumed.
    pub const fn is_refusal(status: u16) -> bool {
        matches!(status, 401 | 403)
    }

    /// The precise code for the log, of an error on the Worker's side.
    pub const fn log_code(&self) -> &'static str {
        match self {
            Self::RouteNotFound { .. } => "route_not_found",
            Self::ApiKey => "api_key",
            Self::Credentials(_) => "credentials",
            Self::AuthSecretWrong => "auth_secret_wrong",
            Self::TokenRefused(refusal) => refusal.code(),
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::InvalidJson => "invalid_json",
            Self::BodyTooLarge => "body_too_large",
            Self::Invalid(_) => "invalid",
            Self::AlreadyMade { .. } => "already_made",
            Self::IdempotencyKeyReused => "idempotency_key_reused",
            Self::NotFromConsole => "not_from_console",
            Self::NoConsoleHere(NoConsoleHere::Insecure) => "console_insecure",
            Self::NoConsoleHere(NoConsoleHere::SharedHost) => "console_shared_host",
            Self::PreconditionFailed => "precondition_failed",
            Self::TooManyRequests => "too_many_requests",
            Self::Directory(DirectoryError::Console(error)) => error.code(),
            Self::Directory(_) => "directory",
            Self::Unavailable(unavailable) => unavailable.code(),
            Self::Misconfigured(_) => "misconfigured",
            Self::Internal => "internal",
        }
    }

    /// What of it is a failure of the database, for the log only.
    pub const fn defect(&self) -> Option<&SqlError> {
        if let Self::Directory(error) = self { error.storage_failure() } else { None }
    }
}

impl From<BodyError> for ManagementError {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge => Self::BodyTooLarge,
            BodyError::Unreadable => Self::InvalidJson,
        }
    }
}
