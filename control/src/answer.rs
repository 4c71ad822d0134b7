//! Answers that the Worker makes or has from the Directory: what the management API and the OAuth endpoints have in common.

use worker::{Env, Response};

use management::answer_error::error_response as management_response;
use management::error::ManagementError;
use management::oauth::error::{OAuthError, error_response as oauth_response};
use protocol::body::BodyError;
use protocol::response::ApiResponse;
use runtime::RequestFacts;
use runtime::damping;
use runtime::deadline;
use runtime::isolate::IsolateState;
use runtime::log::{self, Event};
use validation::ports::Unavailable;

pub enum ControlAnswer {
    Ours(ApiResponse),
    /// The Directory's, passed on as it is.
    Directory(Response),
}

impl ControlAnswer {
    /// The status that the caller reads.
    pub fn status(&self) -> u16 {
        match self {
            Self::Ours(response) => response.status,
            Self::Directory(response) => response.status_code(),
        }
    }
}

/// An error surface on the Worker's side.
pub trait ErrorSurface: From<BodyError> {
    /// What its log lines are called by, once it is answered.
    fn log_code(&self) -> &'static str;
    fn response(&self, request_id: &str) -> ApiResponse;
    /// The caller has failed, or asked, too often.
    fn too_many_requests() -> Self;
}

impl ErrorSurface for ManagementError {
    fn log_code(&self) -> &'static str {
        self.log_code()
    }

    fn response(&self, request_id: &str) -> ApiResponse {
        management_response(self, request_id)
    }

    fn too_many_requests() -> Self {
        Self::TooManyRequests
    }
}

impl ErrorSurface for OAuthError {
    fn log_code(&self) -> &'static str {
        self.log_code()
    }

    fn response(&self, request_id: &str) -> ApiResponse {
        oauth_response(self, request_id)
    }

    fn too_many_requests() -> Self {
        Self::TooManyRequests
    }
}

/// Refuses a caller that has failed too often a moment ago, where only the authority could tell a right secret from a
/// guess.
///
/// # Errors
/// [`ErrorSurface::too_many_requests`].
pub fn refuse_damped<E: ErrorSurface>(state: &IsolateState, facts: &RequestFacts) -> Result<(), E> {
    if damping::is_damped(state, facts) { Err(E::too_many_requests()) } else { Ok(()) }
}

/// Counts an answer against its caller if it is a failure; if it was one too many, the caller reads that instead.
pub async fn damp<E: ErrorSurface>(
    env: &Env,
    facts: &RequestFacts,
    answered: Result<ControlAnswer, E>,
) -> Result<ControlAnswer, E> {
    let status = match &answered {
        Ok(answer) => answer.status(),
        Err(error) => error.response("").status,
    };
    if damping::too_many_failures(env, facts, status).await { Err(E::too_many_requests()) } else { answered }
}

/// The same answer, which also sets a cookie.
///
/// # Errors
/// [`ManagementError::Internal`] for what is no cookie.
pub fn with_cookie(answer: ControlAnswer, cookie: &str) -> Result<ControlAnswer, ManagementError> {
    match answer {
        ControlAnswer::Ours(response) => Ok(ControlAnswer::Ours(response.with("set-cookie", cookie))),
        ControlAnswer::Directory(response) => runtime::with_header(response, "set-cookie", cookie)
            .map(ControlAnswer::Directory)
            .map_err(|_| ManagementError::Internal),
    }
}

/// Answers, and logs a refusal.
///
/// # Errors
/// The runtime's.
pub fn give<E: ErrorSurface>(
    event: Event,
    answered: Result<ControlAnswer, E>,
    facts: &RequestFacts,
) -> worker::Result<Response> {
    match answered {
        Ok(ControlAnswer::Ours(response)) => runtime::respond(response),
        Ok(ControlAnswer::Directory(response)) => {
            if response.status_code() >= 400 {
                let code = format!("directory_{}", response.status_code());
                log::refused(event, &code, None, &facts.request_id);
            }
            Ok(response)
        }
        Err(error) => {
            log::refused(event, error.log_code(), None, &facts.request_id);
            runtime::respond(error.response(&facts.request_id))
        }
    }
}

/// Reads the Directory's answer, where it is for the Worker itself.
///
/// # Errors
/// [`Unavailable::Authority`].
pub async fn read_text(response: &mut Response) -> Result<String, Unavailable> {
    match deadline::within(deadline::OBJECT, response.text()).await {
        Ok(Ok(text)) => Ok(text),
        Ok(Err(_)) | Err(_) => Err(Unavailable::Authority),
    }
}
