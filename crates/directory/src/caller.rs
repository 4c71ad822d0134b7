//! Who calls: the bearer of a management request, checked against the tables themselves.
//!
//! The data plane's pipeline has already accepted the bearer on evidence that may be as old as the staleness bound. The
//! authority checks again, with the same rules on the newest facts, so that a command never runs for a bearer that is
//! refused at that moment.

use crate::context::{Actor, Context, Credential};
use crate::error::DirectoryError;
use crate::evidence;
use crate::sql::{Sql, SqlError};
use crate::tables::organization_roles;
use domain::permission::ability::Ability;
use domain::token::access_token::PresentedToken;
use domain::token::decision;
use domain::token::facts::IdentityFacts;
use domain::token::refusal::Refusal;

/// The actor behind a presented token.
///
/// # Errors
/// [`DirectoryError::CallerRefused`] with the first check that failed.
pub fn authenticate(context: &Context<'_>, presented: &PresentedToken) -> Result<Actor, DirectoryError> {
    check(context, presented)?.map_err(DirectoryError::CallerRefused)
}

/// The same where a refusal is an outcome.
pub(super) fn check(context: &Context<'_>, presented: &PresentedToken) -> Result<Result<Actor, Refusal>, SqlError> {
    let token = evidence::token(context.sql, presented.id)?;
    let live = match decision::check_token(presented, token.as_ref(), context.now) {
        Ok(live) => live,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let identity = match &token {
        Some(token) => evidence::identity(context.sql, token.identity, context.now)?,
        None => None,
    };
    let admission =
        decision::check_identity(live, identity.as_ref()).and_then(|bearer| bearer.check_client(context.client));
    let admission = match admission {
        Ok(admission) => admission,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let ability = ability(context.sql, admission.identity)?;
    Ok(Ok(Actor {
        identity: admission.identity.id,
        name: admission.identity.name.clone(),
        credential: Credential::AccessToken(admission.token.id),
        organization: admission.identity.organization,
        ability,
    }))
}

/// What an identity may do in its organization now.
pub(super) fn ability(sql: &dyn Sql, identity: &IdentityFacts) -> Result<Ability, SqlError> {
    let role = organization_roles::find(sql, identity.organization, identity.role.as_str())?
        .ok_or(SqlError::UnexpectedValue { expected: "the role of the caller" })?;
    Ok(role.ability())
}
