//! What a holder may do with a token by possession alone: renew it and revoke it.
//!
//! No permission is needed, and neither consumes a use.
//!
//! DIFFERENCE: Infisical renews a token for whoever has its text, from anywhere. Here trusted IPs hold for renewing it as
//! they do for using it: otherwise a thief whom they keep out could keep the token alive. They do not hold for revoking
//! it: whoever has found a token must be able to end it from where they are.

use crate::audit::{AuditActor, Target};
use crate::context::Context;
use crate::error::DirectoryError;
use crate::evidence;
use crate::journal::{self, Change};
use crate::sql::{Sql, SqlError};
use crate::tables::{access_tokens, token_auth_configurations, universal_auth_configurations};
use domain::permission::operation::Operation;
use domain::token::access_token::PresentedToken;
use domain::token::decision::{self, Bearer};
use domain::token::evidence::EvidenceKey;
use domain::token::facts::AuthMethod;
use domain::token::lifetime::{AtMaxTtl, Lifetime};
use domain::token::refusal::Refusal;
use domain::token::renewal::Renewal;
use domain::value::timestamp::{Seconds, Timestamp};

/// A renewed token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Renewed {
    /// When it expires now; `None` is never.
    pub expires: Option<Timestamp>,
    /// The max TTL of the configuration, under the ceiling; 0 for none.
    pub max_ttl: Seconds,
    /// Whether it has a period, and so no max TTL of the configuration's.
    pub is_periodic: bool,
}

/// Renews a live token. `uses` is what its counter says, for a token that has one. A renewal that would gain too little
/// writes nothing and answers the expiry there is.
///
/// DIFFERENCE: Infisical writes each renewal down, however early it is.
///
/// # Errors
/// [`DirectoryError::BearerRefused`], [`DirectoryError::ExhaustedTokenNotRenewable`], [`DirectoryError::AtMaxTtl`].
pub fn renew(
    context: &mut Context<'_>,
    presented: &PresentedToken,
    uses: Option<u64>,
) -> Result<Renewed, DirectoryError> {
    let token = evidence::token(context.sql, presented.id)?;
    let live = decision::check_token(presented, token.as_ref(), context.now).map_err(DirectoryError::BearerRefused)?;
    let identity = match &token {
        Some(token) => evidence::identity(context.sql, token.identity, context.now)?,
        None => None,
    };
    let bearer = decision::check_identity(live, identity.as_ref()).map_err(DirectoryError::BearerRefused)?;
    bearer.check_client(context.client).map_err(DirectoryError::BearerRefused)?;
    if uses.is_some_and(|uses| bearer.token.uses_limit.is_exhausted_by(uses)) {
        return Err(DirectoryError::ExhaustedTokenNotRenewable);
    }
    let (lifetime, is_periodic) = lifetime(context.sql, &bearer)?;
    let ceiling = context.settings.ttl_ceiling;
    let max_ttl = lifetime.max_ttl_of_a_token(ceiling);
    let (created, expires) = (bearer.token.created, bearer.token.expires);
    let decided = domain::token::renewal::decide(lifetime, created, expires, context.now, ceiling);
    let expires = match decided.map_err(|AtMaxTtl| DirectoryError::AtMaxTtl)? {
        Renewal::TooEarly => return Ok(Renewed { expires, max_ttl, is_periodic }),
        Renewal::Extends(expires) => expires,
    };
    access_tokens::renew(context.sql, presented.id, expires, context.now)?;
    let change = Change::Alters(EvidenceKey::Token(presented.id));
    let by = AuditActor::Bearer(bearer.identity.organization, presented.id);
    journal::record(context, by, Operation::RenewAccessToken, Target::Token(presented.id), &[change])?;
    Ok(Renewed { expires, max_ttl, is_periodic })
}

/// The lifetime that the configuration of the token's own method gives now, and whether it is that of a period.
///
/// DIFFERENCE: in Infisical a token is renewed with the lifetime that it was created with.
fn lifetime(sql: &dyn Sql, bearer: &Bearer<'_>) -> Result<(Lifetime, bool), DirectoryError> {
    let found = match bearer.token.auth_method {
        AuthMethod::TokenAuth => token_auth_configurations::find(sql, bearer.identity.id)?
            .map(|attached| (attached.configuration.lifetime, false)),
        AuthMethod::UniversalAuth => universal_auth_configurations::find(sql, bearer.identity.id)?
            .map(|attached| (attached.configuration.token_lifetime(), attached.configuration.period.is_some())),
    };
    found.ok_or(DirectoryError::BearerRefused(Refusal::AuthMethodRemoved))
}

/// Revokes a token for its holder. An expired one may be revoked too; revoking again changes nothing.
///
/// DIFFERENCE: Infisical refuses an expired token with 403 and a revoked one with 401. Here, as in RFC 7009 §2.2, whoever
/// wants a token dead has what they want, and a request that is repeated after a lost answer does not fail.
///
/// # Errors
/// [`DirectoryError::CallerRefused`] when there is no such token, its secret is another, or its identity is gone.
pub fn revoke(context: &Context<'_>, presented: &PresentedToken) -> Result<(), DirectoryError> {
    try_revoke(context, presented)?.map_err(DirectoryError::CallerRefused)
}

/// The same where a refusal is an outcome.
pub(super) fn try_revoke(context: &Context<'_>, presented: &PresentedToken) -> Result<Result<(), Refusal>, SqlError> {
    let Some(token) = evidence::token(context.sql, presented.id)? else { return Ok(Err(Refusal::Unknown)) };
    if token.digest != presented.digest {
        return Ok(Err(Refusal::WrongSecret));
    }
    if token.revoked {
        return Ok(Ok(()));
    }
    let Some(identity) = evidence::identity(context.sql, token.identity, context.now)? else {
        return Ok(Err(Refusal::IdentityDeleted));
    };
    access_tokens::revoke(context.sql, presented.id, context.now)?;
    let change = Change::Narrows(EvidenceKey::Token(presented.id));
    let by = AuditActor::Bearer(identity.organization, presented.id);
    journal::record(context, by, Operation::RevokeAccessToken, Target::Token(presented.id), &[change])?;
    Ok(Ok(()))
}
