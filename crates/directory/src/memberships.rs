//! Memberships of identities in projects. What each command needs stands in
//! [`operation`](domain::permission::operation).
//!
//! **Invariant**: a membership has at least one role that is not temporary.

mod read;

use crate::audit::Target;
use crate::context::{Actor, Context};
use crate::error::DirectoryError;
use crate::identities;
use crate::journal::{self, Change};
use crate::outcome::{Changed, Removed};
use crate::project_access::{self, ProjectAccess, ProjectKey};
use crate::sql::{Column, Sql, SqlError, count};
use crate::tables::project_membership_roles::StoredGrant;
use crate::tables::project_memberships::{LastChange, StoredMembership};
use crate::tables::project_roles::{self, ProjectRole};
use crate::tables::record::Record;
use domain::permission::granting::right_to_give;
use domain::permission::held_roles::{HeldRole, ability_ever, dropped_denials};
use domain::permission::operation::Operation;
use domain::permission::temporary_access::{
    RequestedPeriod, RequestedPeriodsError, TemporaryAccess, check_requested_periods,
};
use domain::token::evidence::EvidenceKey;
use domain::value::identifiers::{IdentityId, ProjectId, ProjectMembershipId, RoleGrantId};

pub use read::{
    AvailableIdentity, AvailableQuery, GrantedRole, MAXIMUM_ROLES_ON_A_PAGE, MembershipPage, MembershipQuery,
    ProjectMembership, RoleGrant,
};

pub use crate::error::memberships::MembershipsError;

/// The most projects an identity may be a member of: what the data plane keeps of an identity must stay small.
pub const MAXIMUM_PROJECTS: u64 = 100;
/// The most roles one membership may have, for the same reason.
pub const MAXIMUM_ROLES: u64 = 10;

/// A role to be given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RequestedRole {
    /// The role's slug as it was sent.
    pub slug: String,
    /// For how long.
    pub period: RequestedPeriod,
}

/// A role to be stored, for good or for a time.
pub(super) type NewGrant = (ProjectRole, Option<TemporaryAccess>);

/// Makes an identity a member of a project.
///
/// # Errors
/// Those of [`project_access::authorize_in_project`], [`DirectoryError::PermissionDenied`],
/// [`DirectoryError::BeyondBoundary`], and any [`MembershipsError`] about what is asked for.
pub fn create(
    context: &mut Context<'_>,
    actor: &Actor,
    project: &str,
    identity: &str,
    roles: &[RequestedRole],
) -> Result<ProjectMembership, DirectoryError> {
    let access = enter_for(context, actor, project, identity, Operation::CreateProjectIdentityMembership)?;
    let project = access.project.id;
    let member = identities::get_in(context.sql, actor.organization, identity)?.identity.id;
    if read::find(context.sql, project, member)?.is_some() {
        return Err(MembershipsError::AlreadyThere.into());
    }
    let grants = find_roles(context.sql, project, roles)?;
    require_grants(&access, member, &grants, Operation::CreateProjectIdentityMembership)?;
    check_membership_limit(context.sql, member)?;

    insert(context, project, member, &grants)?;
    // A new membership is told to the feed as well: a role may deny.
    let changes = [Change::Narrows(EvidenceKey::Identity(member))];
    journal::record(
        context,
        actor,
        Operation::CreateProjectIdentityMembership,
        Target::Member(project, member),
        &changes,
    )?;
    get_in(context.sql, project, member)
}

/// Replaces the roles of a membership.
///
/// # Errors
/// Those of [`project_access::authorize_in_project`], [`DirectoryError::PermissionDenied`],
/// [`DirectoryError::BeyondBoundary`], and any [`MembershipsError`] about what is asked for.
pub fn update(
    context: &mut Context<'_>,
    actor: &Actor,
    project: &str,
    identity: &str,
    roles: &[RequestedRole],
) -> Result<Changed<ProjectMembership>, DirectoryError> {
    let access = enter_for(context, actor, project, identity, Operation::UpdateProjectIdentityMembership)?;
    let current = find_member(context.sql, access.project.id, identity)?.ok_or(MembershipsError::NotFound)?;
    let (project, member) = (current.project, current.identity.id);
    let grants = find_roles(context.sql, project, roles)?;
    // Otherwise a weaker actor could lock a stronger identity out.
    access.require_dominates_member(context, member, Operation::UpdateProjectIdentityMembership)?;
    require_grants(&access, member, &grants, Operation::UpdateProjectIdentityMembership)?;
    require_what_is_no_longer_denied(context, &access, member, &grants)?;

    delete_grants(context.sql, current.id)?;
    insert_grants(context, current.id, &grants)?;
    StoredMembership::set(context.sql, &current.id, &LastChange { updated: context.now })?;
    let changes = [Change::Narrows(EvidenceKey::Identity(member))];
    journal::record(
        context,
        actor,
        Operation::UpdateProjectIdentityMembership,
        Target::Member(project, member),
        &changes,
    )?;
    let after = get_in(context.sql, project, member)?;
    Ok(Changed { before: current, after })
}

/// Ends a membership. Who may delete the identity in the organization may do so in every project, a member there or not:
/// otherwise a project could keep an identity that the organization wants out.
///
/// # Errors
/// Those of [`project_access::authorize_in_project`], [`DirectoryError::PermissionDenied`],
/// [`MembershipsError::NotFound`], [`MembershipsError::OwnMembership`], [`DirectoryError::BeyondBoundary`].
pub fn delete(
    context: &mut Context<'_>,
    actor: &Actor,
    project: &str,
    identity: &str,
) -> Result<Removed<ProjectMembership>, DirectoryError> {
    let access = if identities::may_remove_memberships(context, actor, identity)? {
        None
    } else {
        Some(enter_for(context, actor, project, identity, Operation::DeleteProjectIdentityMembership)?)
    };
    let project = match &access {
        Some(access) => access.project.id,
        None => project_access::find(context.sql, actor.organization, ProjectKey::Id(project))?.id,
    };
    let current = find_member(context.sql, project, identity)?.ok_or(MembershipsError::NotFound)?;
    if current.identity.id == actor.identity {
        return Err(MembershipsError::OwnMembership.into());
    }
    if let Some(access) = access {
        // That an administrator of the organization may do everything here is not what is taken away.
        let held = project_access::held_roles(context.sql, project, current.identity.id)?;
        access.require_dominates(&ability_ever(&held, context.now), Operation::DeleteProjectIdentityMembership)?;
    }

    delete_grants(context.sql, current.id)?;
    context.sql.execute("DELETE FROM project_memberships WHERE id = ?", &[current.id.to_value()])?;
    let changes = [Change::Narrows(EvidenceKey::Identity(current.identity.id))];
    journal::record(
        context,
        actor,
        Operation::DeleteProjectIdentityMembership,
        Target::Member(current.project, current.identity.id),
        &changes,
    )?;
    Ok(Removed(current))
}

/// Looks a membership up by project and identity.
///
/// # Errors
/// Those of [`project_access::authorize_in_project`], [`DirectoryError::PermissionDenied`],
/// [`MembershipsError::NotFound`].
pub fn get(
    context: &Context<'_>,
    actor: &Actor,
    project: &str,
    identity: &str,
) -> Result<ProjectMembership, DirectoryError> {
    let access = enter_for(context, actor, project, identity, Operation::GetProjectIdentityMembership)?;
    Ok(find_member(context.sql, access.project.id, identity)?.ok_or(MembershipsError::NotFound)?)
}

/// Looks a membership up by its own id.
///
/// # Errors
/// [`MembershipsError::NotFound`], those of [`project_access::authorize_in_project`],
/// [`DirectoryError::PermissionDenied`].
pub fn get_by_id(context: &Context<'_>, actor: &Actor, id: &str) -> Result<ProjectMembership, DirectoryError> {
    let id = ProjectMembershipId::parse(id).ok_or(MembershipsError::NotFound)?;
    let found = read::find_by_id(context.sql, actor.organization, id)?.ok_or(MembershipsError::NotFound)?;
    enter_for(
        context,
        actor,
        &found.project.to_string(),
        &found.identity.id.to_string(),
        Operation::GetProjectIdentityMembership,
    )?;
    Ok(found)
}

/// Lists the memberships of a project. A rule that is about some identities only does not suffice for that.
///
/// # Errors
/// Those of [`project_access::authorize_in_project`], [`DirectoryError::PermissionDenied`],
/// [`MembershipsError::TooManyRolesOnThePage`].
pub fn list(
    context: &Context<'_>,
    actor: &Actor,
    project: &str,
    query: &MembershipQuery,
) -> Result<MembershipPage, DirectoryError> {
    let access =
        project_access::enter_for(context, actor, ProjectKey::Id(project), Operation::ListProjectIdentityMemberships)?;
    read::list(context.sql, access.project.id, query)
}

/// Lists the identities of the organization that could become members of a project. Their names are the organization's to
/// tell, so it needs `read` on identities there, and `create` in the project, which is what one wants to know it for.
///
/// # Errors
/// Those of [`project_access::authorize_in_project`], [`DirectoryError::PermissionDenied`].
pub fn list_available(
    context: &Context<'_>,
    actor: &Actor,
    project: &str,
    query: &AvailableQuery,
) -> Result<Vec<AvailableIdentity>, DirectoryError> {
    let access =
        project_access::enter_for(context, actor, ProjectKey::Id(project), Operation::ListAvailableProjectIdentities)?;
    actor.require(Operation::ListAvailableProjectIdentities)?;
    Ok(read::list_available(context.sql, actor.organization, access.project.id, query)?)
}

/// Whether an identity is a member of as many projects as it may be.
pub(super) fn is_at_bound(sql: &dyn Sql, identity: IdentityId) -> Result<bool, SqlError> {
    let counted =
        sql.execute("SELECT count(*) FROM project_memberships WHERE identity_id = ?", &[identity.to_value()])?;
    Ok(count(counted)? >= MAXIMUM_PROJECTS)
}

/// Goes on only when an identity may become a member of one more project.
pub(super) fn check_membership_limit(sql: &dyn Sql, identity: IdentityId) -> Result<(), DirectoryError> {
    if is_at_bound(sql, identity)? { Err(MembershipsError::TooManyProjects.into()) } else { Ok(()) }
}

/// Writes the rows of a new membership; the caller records the command.
pub(super) fn insert(
    context: &mut Context<'_>,
    project: ProjectId,
    identity: IdentityId,
    grants: &[NewGrant],
) -> Result<(), SqlError> {
    let id = ProjectMembershipId::from_random(context.randomness.next_16());
    let membership = StoredMembership { id, project, identity, created: context.now, updated: context.now };
    membership.insert(context.sql)?;
    insert_grants(context, id, grants)
}

fn insert_grants(
    context: &mut Context<'_>,
    membership: ProjectMembershipId,
    grants: &[NewGrant],
) -> Result<(), SqlError> {
    for (position, (role, temporary)) in (0i64..).zip(grants) {
        let grant = StoredGrant {
            id: RoleGrantId::from_random(context.randomness.next_16()),
            membership,
            position,
            role: role.reference(),
            temporary: temporary.clone(),
            created: context.now,
            updated: context.now,
        };
        grant.insert(context.sql)?;
    }
    Ok(())
}

fn delete_grants(sql: &dyn Sql, membership: ProjectMembershipId) -> Result<(), SqlError> {
    sql.execute("DELETE FROM project_membership_roles WHERE membership_id = ?", &[membership.to_value()])?;
    Ok(())
}

/// The roles that are asked for: first their periods must be possible, then all of them must exist.
fn find_roles(sql: &dyn Sql, project: ProjectId, requested: &[RequestedRole]) -> Result<Vec<NewGrant>, DirectoryError> {
    check_requested_periods(requested.iter().map(|role| &role.period)).map_err(|error| match error {
        RequestedPeriodsError::Incomplete => MembershipsError::IncompleteTemporaryRole,
        RequestedPeriodsError::NonePermanent => MembershipsError::NoPermanentRole,
    })?;
    let mut grants: Vec<NewGrant> = Vec::with_capacity(requested.len());
    for requested in requested {
        // A role that is asked for again, for another time, is not read again.
        let role = match grants.iter().find(|(role, _)| role.slug().as_str() == requested.slug) {
            Some((role, _)) => role.clone(),
            None => project_roles::find(sql, project, &requested.slug)?.ok_or(MembershipsError::RoleNotFound)?,
        };
        let temporary = match &requested.period {
            RequestedPeriod::Permanent | RequestedPeriod::Incomplete => None,
            RequestedPeriod::Temporary(temporary) => Some(temporary.clone()),
        };
        grants.push((role, temporary));
    }
    Ok(grants)
}

/// Giving roles needs the right to give privileges to this identity, unless they have none, and all that they hold, for
/// as long as they are given.
fn require_grants(
    access: &ProjectAccess,
    identity: IdentityId,
    grants: &[NewGrant],
    operation: Operation,
) -> Result<(), DirectoryError> {
    for (number, grant) in grants.iter().enumerate() {
        if grants.iter().take(number).any(|earlier| earlier == grant) {
            continue;
        }
        let (role, temporary) = grant;
        let granted = role.ability();
        access.require_dominates(&right_to_give(&granted, Some(identity)), operation)?;
        let end = temporary.as_ref().map(|temporary| temporary.period.end);
        access.require_dominates_until(&granted, end, operation)?;
    }
    Ok(())
}

/// Taking a role away that denies something gives it, if not now then with the next role: so it needs to be held, for as
/// long as it was denied.
///
/// DIFFERENCE: Infisical looks at what is given, not at what is no longer denied.
fn require_what_is_no_longer_denied(
    context: &Context<'_>,
    access: &ProjectAccess,
    identity: IdentityId,
    grants: &[NewGrant],
) -> Result<(), DirectoryError> {
    let old = project_access::held_roles(context.sql, access.project.id, identity)?;
    let new: Vec<HeldRole> = grants
        .iter()
        .map(|(role, temporary)| HeldRole {
            ability: role.ability(),
            period: temporary.as_ref().map(|temporary| temporary.period),
        })
        .collect();
    for (denied, end) in dropped_denials(&old, &new, context.now) {
        access.require_dominates_until(&denied, end, Operation::UpdateProjectIdentityMembership)?;
    }
    Ok(())
}

/// The membership of the identity with this id, as it was sent, in a project.
pub(super) fn find_member(
    sql: &dyn Sql,
    project: ProjectId,
    identity: &str,
) -> Result<Option<ProjectMembership>, DirectoryError> {
    match IdentityId::parse(identity) {
        Some(identity) => Ok(read::find(sql, project, identity)?),
        None => Ok(None),
    }
}

fn get_in(sql: &dyn Sql, project: ProjectId, identity: IdentityId) -> Result<ProjectMembership, DirectoryError> {
    Ok(read::find(sql, project, identity)?
        .ok_or(SqlError::UnexpectedValue { expected: "the membership just written" })?)
}

fn enter_for(
    context: &Context<'_>,
    actor: &Actor,
    project: &str,
    identity: &str,
    operation: Operation,
) -> Result<ProjectAccess, DirectoryError> {
    let access = project_access::authorize_in_project(context, actor, ProjectKey::Id(project))?;
    // The canonical form, so that a rule that names the identity is met however its id was sent.
    let identity = IdentityId::parse(identity).map_or_else(|| identity.to_owned(), |id| id.to_string());
    access.require(operation, &[("identityId", &identity)])?;
    Ok(access)
}
