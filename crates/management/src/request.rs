//! One management call with what its path says, as the families read it.

use crate::body::{Circumstances, Fields, read};
use crate::call::ManagementCall;
use crate::credentials::{ClientCredentials, Presented};
use crate::error::ManagementError;
use crate::input;
use directory::caller;
use directory::context::{Actor, Context};
use domain::token::access_token::PresentedToken;
use domain::token::client_secret::PresentedClientSecret;
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

    /// The bearer, checked against the tables.
    ///
    /// # Errors
    /// [`DirectoryError::CallerRefused`].
    pub fn actor(&self, context: &Context<'_>) -> Result<Actor, ManagementError> {
        Ok(caller::authenticate(context, &self.presented()?)?)
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
