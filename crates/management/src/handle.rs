//! One management call inside the Directory object: from the call to its answer.

use std::num::NonZeroU64;

use serde_json::Value;

use crate::call::{CallMode, ClientCredentials, ManagementCall, Presented, PresentedConsoleSession, SignIn};
use crate::error::{ManagementError, error_response};
use crate::families::identities::views::{
    IdentityAnswer, IdentityDetailsAnswer, IdentityListAnswer, IdentityMembershipAnswer, SubOrganizationListAnswer,
};
use crate::families::installation::views::BootstrapAnswer;
use crate::families::token_auth::views::TokenAuthAnswer;
use crate::families::tokens::views::{CreatedTokenAnswer, MessageAnswer, RenewalReport, TokenAnswer, TokenListAnswer};
use crate::families::{
    console, explain, memberships, project_roles, projects, roles, route_delegations, routes, search, universal_auth,
};
use crate::idempotency;
use crate::input;
use crate::inputs;
use crate::operation::{self, Authentication, Matched, Operation};
use crate::preconditions;
use directory::caller;
use directory::console_sessions::{self, ConsoleSession};
use directory::context::{Actor, Context, DirectorySettings};
use directory::error::DirectoryError;
use directory::sql::{Sql, SqlError};
use directory::{bootstrap, evidence, identities, renewal, token_auth, tokens, versions};
use domain::gateway::route_host::RouteHost;
use domain::token::access_token::PresentedToken;
use domain::token::client_secret::PresentedClientSecret;
use domain::token::console_session::SessionRefusal;
use domain::value::identifiers::{ClientId, TokenId};
use domain::value::randomness::Randomness;
use domain::value::timestamp::Timestamp;
use protocol::bearer::CredentialsError;
use protocol::response::ApiResponse;

/// Answers a call. A call that fails, or is only rehearsed, leaves nothing behind.
pub fn handle<S: Sql>(
    sql: &S,
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
    let outcome = sql.transaction(|| {
        let response = run(&mut context, call).map_err(Undone::Failed)?;
        match mode {
            CallMode::Execute => Ok(response),
            CallMode::Rehearse => Err(Undone::Rehearsed(response)),
        }
    });
    let handled = match outcome {
        Ok(response) | Err(Undone::Rehearsed(response)) => Handled { response, defect: None },
        Err(Undone::Failed(error)) => {
            let defect = error.defect().map(ToString::to_string);
            Handled { response: error_response(&error, &call.request_id), defect }
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
        /// The token.
        token: TokenId,
        /// How many uses it has in all.
        limit: NonZeroU64,
    },
}

/// What the bearer of a call pays for it. Whether the token is good is for [`handle`] to say.
///
/// # Errors
/// The database's.
pub fn price<S: Sql>(sql: &S, call: &ManagementCall) -> Result<Price, SqlError> {
    // Signing in to the console is a use of the token; what is done there afterwards is none.
    let takes_bearer = operation::find(&call.method, &call.path).is_some_and(|matched| {
        matches!(matched.authentication, Authentication::AccessToken | Authentication::ConsoleSignIn)
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

fn run<S: Sql>(context: &mut Context<'_, S>, call: &ManagementCall) -> Result<ApiResponse, ManagementError> {
    let matched = operation::find(&call.method, &call.path)
        .ok_or_else(|| ManagementError::RouteNotFound { method: call.method.clone(), path: call.path.clone() })?;
    let request = Request { call, matched };
    match request.matched.operation {
        Operation::Status | Operation::Documentation(_) => Err(ManagementError::Internal),
        Operation::UniversalAuth(operation) => universal_auth::run(context, &request, operation),
        Operation::Roles(operation) => roles::run(context, &request, operation),
        Operation::Projects(operation) => projects::run(context, &request, operation),
        Operation::ProjectRoles(operation) => project_roles::run(context, &request, operation),
        Operation::Routes(operation) => routes::run(context, &request, operation),
        Operation::RouteDelegations(operation) => route_delegations::run(context, &request, operation),
        Operation::Memberships(operation) => memberships::run(context, &request, operation),
        Operation::Search(operation) => search::run(context, &request, operation),
        Operation::Explain(operation) => explain::run(context, &request, operation),
        Operation::Console(operation) => console::run(context, &request, operation),
        Operation::Bootstrap => {
            let organization = inputs::bootstrap(&request.body()?)?;
            let made = bootstrap::bootstrap(context, &organization)?;
            Ok(request.ok(&BootstrapAnswer::from(&made)))
        }
        Operation::RenewByBearer => {
            let renewed = renewal::renew(context, &request.presented()?, call.uses)?;
            Ok(request.ok(&RenewalReport::new(&renewed, context.now)))
        }
        Operation::RevokeByBearer => {
            renewal::revoke(context, &request.presented()?)?;
            Ok(request.ok(&MessageAnswer::REVOKED))
        }
        Operation::CreateIdentity
        | Operation::ListIdentities
        | Operation::GetIdentity
        | Operation::UpdateIdentity
        | Operation::DeleteIdentity
        | Operation::GetIdentityDetails
        | Operation::ListSubOrganizations
        | Operation::AttachTokenAuth
        | Operation::UpdateTokenAuth
        | Operation::GetTokenAuth
        | Operation::DeleteTokenAuth
        | Operation::CreateToken
        | Operation::ListTokens
        | Operation::GetToken
        | Operation::UpdateToken
        | Operation::RevokeToken => {
            let actor = request.actor(context)?;
            run_for_actor(context, &request, &actor)
        }
    }
}

/// The operations that need an access token as bearer.
fn run_for_actor<S: Sql>(
    context: &mut Context<'_, S>,
    request: &Request<'_>,
    actor: &Actor,
) -> Result<ApiResponse, ManagementError> {
    let identity = request.matched.parameter("identityId");
    let token = request.matched.parameter("tokenId");
    let ceiling = context.settings.ttl_ceiling;
    match request.matched.operation {
        Operation::CreateIdentity => {
            let new = inputs::new_identity(&request.body()?)?;
            let create = |context: &mut Context<'_, S>| identities::create(context, actor, &new);
            let made = idempotency::once(context, request, actor, create, |made| made.identity.id.to_string())?;
            Ok(request.ok(&IdentityAnswer::created(&made)))
        }
        Operation::ListIdentities => {
            let (organization, page) = inputs::identity_list(&request.query())?;
            let page = identities::list(context, actor, &organization, page.offset, page.limit)?;
            Ok(request.ok(&IdentityListAnswer::from(&page)))
        }
        Operation::GetIdentity => {
            let found = identities::get(context, actor, identity)?;
            let answer = request.ok(&IdentityMembershipAnswer::new(&found, context.now));
            Ok(preconditions::tagged(answer, &found))
        }
        Operation::UpdateIdentity => {
            let changes = inputs::identity_changes(&request.body()?)?;
            let update = |context: &mut Context<'_, S>| identities::update(context, actor, identity, &changes);
            let before = |context: &Context<'_, S>| versions::identity(context, actor, identity);
            let changed = preconditions::guard(context, request, before, update)?;
            Ok(preconditions::tagged(request.ok(&IdentityAnswer::updated(&changed)), &changed))
        }
        Operation::DeleteIdentity => {
            let delete = |context: &mut Context<'_, S>| identities::delete(context, actor, identity);
            let before = |context: &Context<'_, S>| versions::identity(context, actor, identity);
            let gone = preconditions::guard(context, request, before, delete)?;
            Ok(request.ok(&IdentityAnswer::deleted(&gone)))
        }
        Operation::GetIdentityDetails => {
            let organization = identities::details(context, actor)?;
            Ok(request.ok(&IdentityDetailsAnswer::from(&organization)))
        }
        // Terraform looks here for a slug that is not the caller's own.
        Operation::ListSubOrganizations => Ok(request.ok(&SubOrganizationListAnswer::NONE)),
        Operation::AttachTokenAuth => {
            let configuration = inputs::new_token_auth(&request.body()?, ceiling)?;
            let attach = |context: &mut Context<'_, S>| token_auth::attach(context, actor, identity, &configuration);
            let attached = idempotency::once(context, request, actor, attach, |attached| attached.id.to_string())?;
            Ok(request.ok(&TokenAuthAnswer::from(&attached)))
        }
        Operation::UpdateTokenAuth => {
            let changes = inputs::token_auth_changes(&request.body()?, ceiling)?;
            let update = |context: &mut Context<'_, S>| token_auth::update(context, actor, identity, &changes);
            let before = |context: &Context<'_, S>| versions::token_auth(context, actor, identity);
            let changed = preconditions::guard(context, request, before, update)?;
            Ok(preconditions::tagged(request.ok(&TokenAuthAnswer::from(&changed)), &changed))
        }
        Operation::GetTokenAuth => {
            let found = token_auth::get(context, actor, identity)?;
            Ok(preconditions::tagged(request.ok(&TokenAuthAnswer::from(&found)), &found))
        }
        Operation::DeleteTokenAuth => {
            let remove = |context: &mut Context<'_, S>| token_auth::remove(context, actor, identity);
            let before = |context: &Context<'_, S>| versions::token_auth(context, actor, identity);
            let gone = preconditions::guard(context, request, before, remove)?;
            Ok(request.ok(&TokenAuthAnswer::from(&gone)))
        }
        Operation::CreateToken => {
            let name = inputs::token_name(&request.body()?)?;
            let create = |context: &mut Context<'_, S>| tokens::create(context, actor, identity, name);
            let created = idempotency::once(context, request, actor, create, |created| created.token.id.to_string())?;
            Ok(request.ok(&CreatedTokenAnswer::from(&created)))
        }
        Operation::ListTokens => {
            let page = inputs::token_list(&request.query())?;
            let found = tokens::list(context, actor, identity, page.offset, page.limit)?;
            Ok(request.ok(&TokenListAnswer::from(found.as_slice())))
        }
        Operation::GetToken => {
            let found = tokens::get(context, actor, token)?;
            Ok(preconditions::tagged(request.ok(&TokenAnswer::from(&found)), &found))
        }
        Operation::UpdateToken => {
            let name = inputs::token_name(&request.body()?)?;
            let rename = |context: &mut Context<'_, S>| tokens::rename(context, actor, token, name);
            let before = |context: &Context<'_, S>| versions::token(context, actor, token);
            let changed = preconditions::guard(context, request, before, rename)?;
            Ok(preconditions::tagged(request.ok(&TokenAnswer::from(&changed)), &changed))
        }
        Operation::RevokeToken => {
            let revoke = |context: &mut Context<'_, S>| tokens::revoke(context, actor, token);
            let before = |context: &Context<'_, S>| versions::token(context, actor, token);
            preconditions::guard(context, request, before, revoke)?;
            Ok(request.ok(&MessageAnswer::REVOKED))
        }
        Operation::Bootstrap
        | Operation::RenewByBearer
        | Operation::RevokeByBearer
        | Operation::Status
        | Operation::Documentation(_)
        | Operation::UniversalAuth(_)
        | Operation::Roles(_)
        | Operation::Projects(_)
        | Operation::ProjectRoles(_)
        | Operation::Routes(_)
        | Operation::RouteDelegations(_)
        | Operation::Memberships(_)
        | Operation::Search(_)
        | Operation::Explain(_)
        | Operation::Console(_) => Err(ManagementError::Internal),
    }
}

/// A call with its route.
pub struct Request<'a> {
    pub(super) call: &'a ManagementCall,
    matched: Matched,
}

impl Request<'_> {
    /// The caller, checked against the tables: the bearer, or without one the operator whose session was shown.
    ///
    /// # Errors
    /// [`DirectoryError::CallerRefused`], or that the session does not count.
    pub fn actor<S: Sql>(&self, context: &Context<'_, S>) -> Result<Actor, ManagementError> {
        if self.call.presented.is_none() && self.call.session.is_some() {
            return self.console_session(context).map(|(_, actor)| actor);
        }
        Ok(caller::authenticate(context, &self.presented()?)?)
    }

    /// The session in the console that was shown, with the operator it stands for.
    ///
    /// # Errors
    /// That it does not count.
    pub fn console_session<S: Sql>(
        &self,
        context: &Context<'_, S>,
    ) -> Result<(ConsoleSession, Actor), ManagementError> {
        let presented = self.call.session.as_ref().and_then(PresentedConsoleSession::to_domain);
        let presented = presented.ok_or_else(|| console::session_refused(SessionRefusal::Unknown))?;
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
        self.matched.parameter(name)
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// Those of [`input::read_body`].
    pub fn body(&self) -> Result<Value, ManagementError> {
        input::read_body(self.call.content_type.as_deref(), &self.call.body)
    }

    /// The query as an object of strings.
    pub fn query(&self) -> Value {
        input::read_query(&self.call.query)
    }

    /// The token that was presented.
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
