//! By which address Cloudflare Access knows the operator behind an identity.
//!
//! Whoever is known by the address of an identity can act as it, in the console. So giving one is like making a token for the
//! identity, and taking one away is like removing an authentication method.

use crate::audit::Target;
use crate::context::{Actor, Context};
use crate::error::DirectoryError;
use crate::error::console::ConsoleError;
use crate::identities::{self, require_control};
use crate::journal;
use crate::outcome::Changed;
use crate::sql::{Column, Sql, SqlError};
use crate::tables::identities::StoredAccessSubject;
use crate::tables::record::Record;
use domain::permission::operation::Operation;
use domain::value::access_subject::AccessSubject;
use domain::value::identifiers::IdentityId;

/// The address of an identity, if it has one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IdentityAccessSubject {
    pub identity: IdentityId,
    /// The address.
    pub subject: Option<AccessSubject>,
}

/// Looks the address of an identity up.
///
/// # Errors
/// [`DirectoryError::PermissionDenied`], [`DirectoryError::IdentityNotFound`].
pub fn get(context: &Context<'_>, actor: &Actor, id: &str) -> Result<IdentityAccessSubject, DirectoryError> {
    actor.require_on_identity(Operation::GetIdentityAccessSubject, id)?;
    let identity = identities::get_in(context.sql, actor.organization, id)?.identity.id;
    Ok(IdentityAccessSubject { identity, subject: of(context.sql, identity)? })
}

/// Gives an identity an address.
///
/// # Errors
/// [`DirectoryError::PermissionDenied`], [`DirectoryError::IdentityNotFound`], [`DirectoryError::BeyondBoundary`],
/// [`ConsoleError::AccessSubjectTaken`].
pub fn set(
    context: &Context<'_>,
    actor: &Actor,
    id: &str,
    subject: &AccessSubject,
) -> Result<Changed<IdentityAccessSubject>, DirectoryError> {
    let operation = Operation::SetIdentityAccessSubject;
    actor.require_on_identity(operation, id)?;
    let target = identities::get_in(context.sql, actor.organization, id)?;
    require_control(context, actor, &target, operation)?;
    let identity = target.identity.id;
    let others = context.sql.execute(
        "SELECT 1 FROM identities WHERE organization_id = ? AND access_subject = ? AND id <> ?",
        &[actor.organization.to_value(), subject.to_value(), identity.to_value()],
    )?;
    if !others.is_empty() {
        return Err(ConsoleError::AccessSubjectTaken.into());
    }
    write(context, actor, identity, Some(subject), operation)
}

/// Takes the address of an identity away. Sessions that were opened by it end with that.
///
/// # Errors
/// [`DirectoryError::PermissionDenied`], [`DirectoryError::IdentityNotFound`], [`DirectoryError::BeyondBoundary`].
pub fn remove(
    context: &Context<'_>,
    actor: &Actor,
    id: &str,
) -> Result<Changed<IdentityAccessSubject>, DirectoryError> {
    let operation = Operation::RemoveIdentityAccessSubject;
    actor.require_on_identity(operation, id)?;
    let target = identities::get_in(context.sql, actor.organization, id)?;
    require_control(context, actor, &target, operation)?;
    write(context, actor, target.identity.id, None, operation)
}

fn write(
    context: &Context<'_>,
    actor: &Actor,
    identity: IdentityId,
    subject: Option<&AccessSubject>,
    operation: Operation,
) -> Result<Changed<IdentityAccessSubject>, DirectoryError> {
    let before = IdentityAccessSubject { identity, subject: of(context.sql, identity)? };
    StoredAccessSubject { identity, subject: subject.cloned() }.update(context.sql)?;
    // No token and no request is decided by it.
    journal::record(context, actor, operation, Target::Identity(identity), &[])?;
    Ok(Changed { before, after: IdentityAccessSubject { identity, subject: subject.cloned() } })
}

/// The address that an identity has.
pub(super) fn of(sql: &dyn Sql, identity: IdentityId) -> Result<Option<AccessSubject>, SqlError> {
    let found = StoredAccessSubject::first(sql, "WHERE id = ?", &[identity.to_value()])?;
    Ok(found.and_then(|found| found.subject))
}

/// The identity that has an address; `None` when none has, or one in each of several organizations: then whose it is cannot
/// be told.
pub(super) fn find(sql: &dyn Sql, subject: &AccessSubject) -> Result<Option<IdentityId>, SqlError> {
    let found = StoredAccessSubject::all(sql, "WHERE access_subject = ? LIMIT 2", &[subject.to_value()])?;
    Ok(match found.as_slice() {
        [one] => Some(one.identity),
        _ => None,
    })
}
