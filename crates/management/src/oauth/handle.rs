//! One call of an OAuth endpoint inside the Directory object: from the call to its answer.

use crate::credentials::{ClientCredentials, Presented};
use crate::handle::Handled;
use crate::oauth::call::{InquirerMessage, IntrospectionGrant, OAuthAction, OAuthCall};
use crate::oauth::error::{OAuthError, error_response};
use crate::oauth::revocation::done_response;
use directory::context::{Context, DirectorySettings};
use directory::introspection::{self, Authorization, Inquirer};
use directory::revocation::{self, Revocation};
use directory::sql::{SqlError, Transactions};
use domain::value::identifiers::TokenId;
use domain::value::randomness::Randomness;
use domain::value::timestamp::Timestamp;
use protocol::response::ApiResponse;

/// Answers a call. One that fails leaves nothing behind; a refusal leaves what belongs to it, a counted failure say.
pub fn handle(
    sql: &impl Transactions,
    settings: &DirectorySettings,
    call: &OAuthCall,
    now: Timestamp,
    randomness: Randomness,
) -> Handled {
    let context = Context {
        sql,
        settings,
        now,
        client: call.client,
        request_id: &call.request_id,
        called_host: None,
        randomness,
    };
    match sql.transaction(|| run(&context, &call.action)) {
        Ok(response) => Handled { response, defect: None },
        Err(error) => Handled {
            response: error_response(&OAuthError::Internal, &call.request_id),
            defect: Some(error.to_string()),
        },
    }
}

fn run(context: &Context<'_>, action: &OAuthAction) -> Result<ApiResponse, SqlError> {
    let refused = |error| Ok(error_response(&error, context.request_id));
    match action {
        OAuthAction::AuthorizeIntrospection { inquirer, token_id } => {
            let Some(inquirer) = inquirer.to_domain() else { return refused(OAuthError::Internal) };
            let token = token_id.as_deref().and_then(TokenId::parse);
            match introspection::authorize(context, &inquirer, token)? {
                Authorization::Granted { client } => Ok(grant(context, true, client.map(|client| client.to_string()))),
                Authorization::Withheld => Ok(grant(context, false, None)),
                Authorization::NotPermitted => refused(OAuthError::NotPermitted),
                Authorization::ClientRefused(refusal) => refused(OAuthError::ClientRefused(refusal)),
                Authorization::BearerRefused(refusal) => refused(OAuthError::BearerRefused(refusal)),
            }
        }
        OAuthAction::Revoke { client_credentials, token } => {
            let client = client_credentials.as_ref().map(ClientCredentials::to_domain);
            let token = token.as_ref().map(Presented::to_domain);
            if client == Some(None) || token == Some(None) {
                return refused(OAuthError::Internal);
            }
            let client = client.flatten();
            let client = client.as_ref().map(|(client, secret)| (*client, secret));
            match revocation::revoke(context, client, token.flatten().as_ref())? {
                Revocation::Done => Ok(done_response(context.request_id)),
                Revocation::IssuedToAnother => refused(OAuthError::IssuedToAnother),
                Revocation::ClientRefused(refusal) => refused(OAuthError::ClientRefused(refusal)),
            }
        }
    }
}

fn grant(context: &Context<'_>, granted: bool, client_id: Option<String>) -> ApiResponse {
    ApiResponse::json(200, context.request_id, &IntrospectionGrant { granted, client_id })
}

impl InquirerMessage {
    /// Who asks; `None` when the message was not written by this program.
    fn to_domain(&self) -> Option<Inquirer> {
        match self {
            Self::Client(credentials) => {
                credentials.to_domain().map(|(client, secret)| Inquirer::Client(client, secret))
            }
            Self::Bearer(presented) => presented.to_domain().map(Inquirer::Bearer),
        }
    }
}
