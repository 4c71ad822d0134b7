//! Sign-in codes of a development installation: given out, and used once.

use crate::audit::{AuditActor, Target};
use crate::context::Context;
use crate::error::DirectoryError;
use crate::error::console::ConsoleError;
use crate::journal;
use crate::sql::SqlError;
use crate::tables::record::Record;
use crate::tables::sign_in_codes::{self as table, StoredSignInCode};
use domain::permission::operation::Operation;
use domain::permission::organization_role::BuiltInOrganizationRole;
use domain::token::digest::SignInCodeDigest;
use domain::token::sign_in_code::{self, LIFETIME, SignInCode};
use domain::value::identifiers::{IdentityId, OrganizationId};
use domain::value::timestamp::Timestamp;

/// A code that was given out.
#[derive(Debug)]
pub struct IssuedSignInCode {
    /// The code, with the only copy of its text.
    pub code: SignInCode,
    /// Until when it can be used.
    pub expires: Timestamp,
}

/// Gives out a code for whoever has been an administrator for longest. That the caller knows `AUTH_SECRET`, and that this
/// is a development installation, has been shown before.
///
/// # Errors
/// [`ConsoleError::NoAdministrator`].
pub fn issue(context: &mut Context<'_>) -> Result<IssuedSignInCode, DirectoryError> {
    let administrators = context.sql.execute(
        "SELECT i.id, i.organization_id FROM identities i JOIN organization_memberships m ON m.identity_id = i.id
         WHERE m.role = ? ORDER BY i.created_at, i.id LIMIT 1",
        &[BuiltInOrganizationRole::Admin.slug().into()],
    )?;
    let mut first = administrators.into_iter().next().ok_or(ConsoleError::NoAdministrator)?;
    let (identity, organization): (IdentityId, OrganizationId) = (first.read()?, first.read()?);
    let id = context.randomness.next_16();
    let code = SignInCode::issue(id, &context.randomness.next_32(), &context.settings.session_keys);
    table::prune(context.sql, context.now.minus(LIFETIME))?;
    StoredSignInCode { digest: code.digest(), identity, issued: context.now }.insert(context.sql)?;
    let by = AuditActor::Bootstrap(organization);
    journal::record(context, by, Operation::CreateConsoleSignInCode, Target::Identity(identity), &[])?;
    Ok(IssuedSignInCode { code, expires: context.now.plus(LIFETIME) })
}

/// Whom a code signs in; `None` when there is no such code, any more. It cannot be used again.
pub(super) fn redeem(context: &Context<'_>, digest: &SignInCodeDigest) -> Result<Option<IdentityId>, SqlError> {
    let taken = table::take(context.sql, digest)?;
    Ok(taken.filter(|(_, issued)| sign_in_code::is_alive(*issued, context.now)).map(|(identity, _)| identity))
}
