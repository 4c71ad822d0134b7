//! Who calls: the bearer of a management request, checked against the tables themselves.
//!
//! The data plane's pipeline has already accepted the bearer on evidence that may be as old as the staleness bound. The
//! authority checks again, with the same rules on the newest facts, so that a command never runs for a bearer that is
//! refused at that moment.

use crate::directory::context::{Actor, Context};
use crate::directory::error::DirectoryError;
use crate::directory::evidence;
use crate::directory::organization_roles;
use crate::directory::sql::{Sql, SqlError};
use crate::domain::access_token::PresentedToken;
use crate::domain::decision;

/// The actor behind a presented token.
///
/// # Errors
/// [`DirectoryError::CallerRefused`] with the first check that failed.
pub fn authenticate<S: Sql>(context: &Context<'_, S>, presented: &PresentedToken) -> Result<Actor, DirectoryError> {
    let token = evidence::token(context.sql, presented.id)?;
    let live = decision::check_token(presented, token.as_ref(), context.now).map_err(DirectoryError::CallerRefused)?;
    let identity = match &token {
        Some(token) => evidence::identity(context.sql, token.identity, context.now)?,
        None => None,
    };
    let admission = decision::check_identity(live, identity.as_ref())
        .and_then(|bearer| bearer.check_client(context.client))
        .map_err(DirectoryError::CallerRefused)?;
    let role =
        organization_roles::find(context.sql, admission.identity.organization, admission.identity.role.as_str())?
            .ok_or(SqlError::UnexpectedValue { expected: "the role of the caller" })?;
    Ok(Actor {
        identity: admission.identity.id,
        name: admission.identity.name.clone(),
        token: admission.token.id,
        organization: admission.identity.organization,
        ability: role.ability(),
    })
}
