//! One management call inside the Directory object: from the call to its answer.

use std::num::NonZeroU64;

use crate::answer_error::error_response_of;
use crate::call::{CallMode, ManagementCall};
use crate::credentials::Presented;
use crate::endpoint::Authentication;
use crate::error::ManagementError;
use crate::request::Request;
use crate::router::{self, Handler, Matched};
use directory::context::{Context, DirectorySettings};
use directory::error::DirectoryError;
use directory::evidence;
use directory::sql::{Sql, SqlError, Transactions};
use domain::gateway::route_host::RouteHost;
use domain::value::identifiers::TokenId;
use domain::value::randomness::Randomness;
use domain::value::timestamp::Timestamp;
use protocol::response::ApiResponse;

/// Answers a call. A call that fails, or is only rehearsed, leaves nothing behind.
pub fn handle(
    sql: &impl Transactions,
    settings: &DirectorySettings,
    call: &ManagementCall,
    mode: CallMode,
    now: Timestamp,
    randomness: Randomness,
) -> Handled {
    let mut context = Context {
        sql,
        settings,
        now,
        client: call.client,
        called_host: call.authority.as_deref().and_then(|authority| RouteHost::from_authority(authority).ok()),
        request_id: &call.request_id,
        randomness,
    };
    #[cfg(test)]
    let began = cpu_time::ThreadTime::now();
    let matched = router::find(&call.method, &call.path);
    let operation = matched.as_ref().map(|matched| matched.endpoint.operation);
    let outcome = sql.transaction(|| {
        let response = run(&mut context, call, matched).map_err(Undone::Failed)?;
        match mode {
            CallMode::Execute => Ok(response),
            CallMode::Rehearse => Err(Undone::Rehearsed(response)),
        }
    });
    let handled = match outcome {
        Ok(response) | Err(Undone::Rehearsed(response)) => Handled { response, defect: None },
        Err(Undone::Failed(error)) => {
            let defect = error.defect().map(ToString::to_string);
            Handled { response: error_response_of(operation, &error, &call.request_id), defect }
        }
    };
    #[cfg(test)]
    crate::tests::worst_case::note(began.elapsed());
    #[cfg(test)]
    crate::openapi::conformity::check(&call.method, &call.path, &handled.response);
    handled
}

/// What the bearer of a call pays for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Price {
    /// Nothing: no access token is presented for this operation.
    Nothing,
    /// Nothing in advance: the token has no limit. A call that is not refused counts as a use.
    Counted,
    /// A use, before the call is carried out and after it was rehearsed: a refused call consumes none.
    Use {
        token: TokenId,
        /// How many uses it has in all.
        limit: NonZeroU64,
    },
}

/// What the bearer of a call pays for it. Whether the token is good is for [`handle`] to say.
///
/// # Errors
/// The database's.
pub fn price(sql: &dyn Sql, call: &ManagementCall) -> Result<Price, SqlError> {
    // Signing in to the console is a use of the token; what is done there afterwards is none.
    let takes_bearer = router::find(&call.method, &call.path).is_some_and(|matched| {
        matches!(matched.endpoint.authentication(), Some(Authentication::AccessToken | Authentication::ConsoleSignIn))
    });
    let presented = call.presented.as_ref().and_then(Presented::to_domain).filter(|_| takes_bearer);
    let Some(presented) = presented else { return Ok(Price::Nothing) };
    let limit = evidence::token(sql, presented.id)?.and_then(|token| token.uses_limit.get());
    Ok(limit.map_or(Price::Counted, |limit| Price::Use { token: presented.id, limit }))
}

/// An answer, and what the log must say about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Handled {
    /// The answer.
    pub response: ApiResponse,
    /// A failure of the database, for the log only.
    pub defect: Option<String>,
}

/// Why a transaction is undone.
enum Undone {
    Failed(ManagementError),
    Rehearsed(ApiResponse),
}

impl From<SqlError> for Undone {
    fn from(error: SqlError) -> Self {
        Self::Failed(ManagementError::Directory(DirectoryError::Storage(error)))
    }
}

fn run(
    context: &mut Context<'_>,
    call: &ManagementCall,
    matched: Option<Matched>,
) -> Result<ApiResponse, ManagementError> {
    let matched = matched
        .ok_or_else(|| ManagementError::RouteNotFound { method: call.method.clone(), path: call.path.clone() })?;
    match matched.endpoint.handler {
        Handler::Directory(family, _) => family.run(context, &Request::new(call, matched.parameters)),
        // The Worker answers these, and passes none of them on.
        Handler::Worker(_) => Err(ManagementError::Internal),
    }
}
