//! One management call with what its path says, as the families read it.

use crate::body::{Circumstances, Fields, read};
use crate::call::ManagementCall;
use crate::credentials::{ClientCredentials, Presented, PresentedConsoleSession, SignIn};
use crate::error::ManagementError;
use crate::input;
use directory::caller;
use directory::console_sessions::{self, ConsoleSession};
use directory::context::{Actor, Context};
use directory::error::DirectoryError;
use directory::error::console::ConsoleError;
use domain::token::access_token::PresentedToken;
use domain::token::client_secret::PresentedClientSecret;
use domain::token::console_session::SessionRefusal;
use domain::token::lifetime::TtlCeiling;
use domain::value::identifiers::ClientId;
use protocol::bearer::CredentialsError;
use protocol::response::ApiResponse;

/// What stood in the path at its parameters.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Parameters(pub(crate) Vec<(String, String)>);

impl Parameters {
    /// The text at this parameter; empty when the path has none of this name.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
    }
}

/// A call with its endpoint.
pub struct Request<'a> {
    pub(crate) call: &'a ManagementCall,
    parameters: Parameters,
}

impl<'a> Request<'a> {
    pub const fn new(call: &'a ManagementCall, parameters: Parameters) -> Self {
        Self { call, parameters }
    }

    /// The caller, checked against the tables: the bearer, or without one the operator whose session was shown.
    ///
    /// # Errors
    /// [`DirectoryError::CallerRefused`], or that the session does not count.
    pub fn actor(&self, context: &Context<'_>) -> Result<Actor, ManagementError> {
        if self.call.presented.is_none() && self.call.session.is_some() {
            return self.console_session(context).map(|(_, actor)| actor);
        }
        Ok(caller::authenticate(context, &self.presented()?)?)
    }

    /// The session in the console that was shown, with the operator it stands for.
    ///
    /// # Errors
    /// That it does not count.
    pub fn console_session(&self, context: &Context<'_>) -> Result<(ConsoleSession, Actor), ManagementError> {
        let presented = self.call.session.as_ref().and_then(PresentedConsoleSession::to_domain);
        let presented = presented.ok_or(DirectoryError::from(ConsoleError::SessionRefused(SessionRefusal::Unknown)))?;
        Ok(console_sessions::authenticate(context, &presented)?)
    }

    /// There is no such route here.
    pub fn not_found(&self) -> ManagementError {
        ManagementError::RouteNotFound { method: self.call.method.clone(), path: self.call.path.clone() }
    }

    /// The session in the console that is to be opened, as the Worker has read it.
    pub fn sign_in(&self) -> Option<&SignIn> {
        self.call.sign_in.as_ref()
    }

    /// The text that stood in the path at this parameter.
    pub fn parameter(&self, name: &str) -> &str {
        self.parameters.get(name)
    }

    /// What the body says.
    ///
    /// # Errors
    /// Those of [`input::read_body`], and [`ManagementError::Invalid`].
    pub fn body<Body: Fields>(&self) -> Result<Body::Value, ManagementError> {
        self.body_under::<Body>(TtlCeiling::NONE)
    }

    /// What the body says, where no TTL may be longer than this.
    ///
    /// # Errors
    /// Those of [`input::read_body`], and [`ManagementError::Invalid`].
    pub fn body_under<Body: Fields>(&self, ceiling: TtlCeiling) -> Result<Body::Value, ManagementError> {
        let body = input::read_body(self.call.content_type.as_deref(), &self.call.body)?;
        read::<Body>(&body, Circumstances::under(ceiling))
    }

    /// What the query says.
    ///
    /// # Errors
    /// [`ManagementError::Invalid`].
    pub fn query<Query: Fields>(&self) -> Result<Query::Value, ManagementError> {
        read::<Query>(&input::read_query(&self.call.query), Circumstances::ANY)
    }

    /// The token that the caller shows: its bearer, or the one in the body.
    ///
    /// # Errors
    /// [`CredentialsError::Missing`].
    pub fn presented(&self) -> Result<PresentedToken, ManagementError> {
        self.call
            .presented
            .as_ref()
            .and_then(Presented::to_domain)
            .ok_or(ManagementError::Credentials(CredentialsError::Missing))
    }

    /// The client id and client secret that the Worker read out of the body.
    pub fn client_credentials(&self) -> Option<(ClientId, PresentedClientSecret)> {
        self.call.client_credentials.as_ref().and_then(ClientCredentials::to_domain)
    }

    /// Answers 200.
    pub fn ok(&self, answer: &impl serde::Serialize) -> ApiResponse {
        ApiResponse::json(200, &self.call.request_id, answer)
    }
}
