//! What an actor may do in a project.
//!
//! Which operation needs what stands in [`requirement`](crate::domain::requirement). Everything but creating a project is
//! looked up in the roles that the actor has in the project at that moment. A rule on `identity` may name the identity it
//! is about (`identityId`). Whoever may do everything in the organization may do everything in each of its projects,
//! member or not; anybody else must be a member.

use crate::directory::context::{Actor, Context};
use crate::directory::error::{BoundaryAttempt, DirectoryError};
use crate::directory::evidence::read_period;
use crate::directory::organization_roles::{self, CUSTOM_ROLE_COLUMNS};
use crate::directory::project_roles::{self, ProjectRole};
use crate::directory::projects::{self, Project, ProjectsError};
use crate::directory::sql::{Sql, SqlError};
use crate::domain::condition::Attributes;
use crate::domain::held_roles::{HeldRole, ability_at, ability_ever, certain_ability};
use crate::domain::identifiers::{IdentityId, OrganizationId, ProjectId};
use crate::domain::permission::Ability;
use crate::domain::privilege_boundary::check_boundary;
use crate::domain::requirement::ProjectOperation;
use crate::domain::route::PathPrefix;
use crate::domain::route_boundary::every_request_below;
use crate::domain::timestamp::Timestamp;

/// A project, as an actor that may enter it sees it.
#[derive(Clone, Debug)]
pub struct ProjectAccess {
    /// The project.
    pub project: Project,
    /// What the actor may do in it now.
    ability: Ability,
    /// The roles that it has in it, whether they hold now or not.
    held: Vec<HeldRole>,
    /// Now.
    now: Timestamp,
}

/// Which project is meant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProjectKey<'a> {
    /// The one with this id, as it was sent.
    Id(&'a str),
    /// The one with this slug.
    Slug(&'a str),
}

/// Lets an actor into a project of its organization.
///
/// # Errors
/// [`ProjectsError::NotFound`], [`ProjectsError::NotAMember`].
pub fn enter<S: Sql>(
    context: &Context<'_, S>,
    actor: &Actor,
    key: ProjectKey<'_>,
) -> Result<ProjectAccess, DirectoryError> {
    let project = projects::find(context.sql, actor.organization, key)?;
    let not_a_member = ProjectsError::NotAMember { project: project.id };
    let held = if may_everything(&actor.ability) {
        vec![HeldRole::for_good(Ability::everything())]
    } else {
        held_roles(context.sql, project.id, actor.identity)?
    };
    let ability = ability_at(&held, context.now).ok_or(not_a_member)?;
    Ok(ProjectAccess { project, ability, held, now: context.now })
}

/// Lets an actor into a project of its organization for an operation that is not about one thing in it.
///
/// # Errors
/// Those of [`enter`], [`DirectoryError::PermissionDenied`].
pub fn enter_for<S: Sql>(
    context: &Context<'_, S>,
    actor: &Actor,
    key: ProjectKey<'_>,
    operation: ProjectOperation,
) -> Result<ProjectAccess, DirectoryError> {
    let access = enter(context, actor, key)?;
    access.require(operation, &[])?;
    Ok(access)
}

/// Whether an ability in the organization is one in each of its projects as well.
pub(super) fn may_everything(ability: &Ability) -> bool {
    check_boundary(ability, &Ability::everything()).is_ok()
}

impl ProjectAccess {
    /// Goes on only when the actor holds in the project what the operation needs, for a thing with these fields.
    ///
    /// # Errors
    /// [`DirectoryError::PermissionDenied`].
    pub fn require(&self, operation: ProjectOperation, thing: Attributes<'_>) -> Result<(), DirectoryError> {
        let needed = operation.needs().permission;
        if self.ability.allows(needed, thing) {
            Ok(())
        } else {
            Err(DirectoryError::PermissionDenied { needed, held: self.ability.clone() })
        }
    }

    /// Goes on only when the actor holds all of `target` now.
    ///
    /// # Errors
    /// [`DirectoryError::BeyondBoundary`].
    pub fn require_all_of(&self, target: &Ability, attempt: BoundaryAttempt) -> Result<(), DirectoryError> {
        within(&self.ability, target, attempt)
    }

    /// Goes on only when the actor is certain to hold all of `target` from now up to `end`; `None` is for good. Otherwise
    /// an hour's administrator could make itself one for ever, and who is to be held back tomorrow could see to it today
    /// that it never happens.
    ///
    /// DIFFERENCE: Infisical does not look at how long the giver itself holds what it gives.
    ///
    /// # Errors
    /// [`DirectoryError::BeyondBoundary`].
    pub fn require_all_of_until(
        &self,
        target: &Ability,
        end: Option<Timestamp>,
        attempt: BoundaryAttempt,
    ) -> Result<(), DirectoryError> {
        within(&certain_ability(&self.held, self.now, end), target, attempt)
    }

    /// Goes on only when the actor is certain to hold, for good, every action on the requests below these prefixes.
    ///
    /// # Errors
    /// [`DirectoryError::BeyondBoundary`].
    pub(super) fn require_requests_below<'p>(
        &self,
        prefixes: impl IntoIterator<Item = &'p PathPrefix>,
        attempt: BoundaryAttempt,
    ) -> Result<(), DirectoryError> {
        let held = certain_ability(&self.held, self.now, None);
        prefixes.into_iter().try_for_each(|prefix| within(&held, &every_request_below(prefix), attempt))
    }

    /// Goes on only when the actor holds all that each of these members may do in the project, now or later.
    ///
    /// # Errors
    /// [`DirectoryError::BeyondBoundary`].
    pub(super) fn require_all_of_members<S: Sql>(
        &self,
        context: &Context<'_, S>,
        members: &[IdentityId],
        attempt: BoundaryAttempt,
    ) -> Result<(), DirectoryError> {
        // Who may do everything need not wait until thousands of members have been looked at.
        if may_everything(&self.ability) {
            return Ok(());
        }
        for member in members {
            let held = ability_of(context, self.project.organization, self.project.id, *member)?;
            self.require_all_of(&held, attempt)?;
        }
        Ok(())
    }
}

fn within(held: &Ability, target: &Ability, attempt: BoundaryAttempt) -> Result<(), DirectoryError> {
    check_boundary(held, target).map_err(|beyond| DirectoryError::BeyondBoundary { attempt, missing: beyond.missing })
}

/// What an identity may do in a project, now or later: roles that have not begun count, those that are over do not.
pub(super) fn ability_of<S: Sql>(
    context: &Context<'_, S>,
    organization: OrganizationId,
    project: ProjectId,
    identity: IdentityId,
) -> Result<Ability, DirectoryError> {
    let rows = context.sql.execute(
        &format!(
            "SELECT m.role, {CUSTOM_ROLE_COLUMNS}
             FROM identities i
             JOIN organization_memberships m ON m.identity_id = i.id
             LEFT JOIN organization_roles r ON r.id = m.custom_role_id
             WHERE i.organization_id = ? AND i.id = ?"
        ),
        &[organization.to_string().into(), identity.to_string().into()],
    )?;
    for mut row in rows {
        if may_everything(&organization_roles::read_role(&mut row)?.ability()) {
            return Ok(Ability::everything());
        }
    }
    Ok(ability_ever(&held_roles(context.sql, project, identity)?, context.now))
}

/// Goes on only when the actor holds, in every project of an identity and for good, all that the identity may do there.
/// Whoever makes credentials for an identity can act as it, in its projects as well as in the organization, and whoever
/// takes them away can lock it out.
///
/// DIFFERENCE: Infisical looks at the organization only, so that whoever may create tokens there gains every project.
///
/// # Errors
/// [`DirectoryError::BeyondBoundary`].
pub(super) fn require_all_of_everywhere<S: Sql>(
    context: &Context<'_, S>,
    actor: &Actor,
    identity: IdentityId,
    attempt: BoundaryAttempt,
) -> Result<(), DirectoryError> {
    if identity == actor.identity || may_everything(&actor.ability) {
        return Ok(());
    }
    let rows = context.sql.execute(
        "SELECT project_id FROM project_memberships WHERE identity_id = ? ORDER BY project_id",
        &[identity.to_string().into()],
    )?;
    for mut row in rows {
        let project = row.parsed(ProjectId::parse)?;
        let target = ability_of(context, actor.organization, project, identity)?;
        let held = held_roles(context.sql, project, actor.identity)?;
        // Credentials outlast an hour's role.
        within(&certain_ability(&held, context.now, None), &target, attempt)?;
    }
    Ok(())
}

/// The roles that an identity has in a project, in their order, whether they hold now or not.
pub(super) fn held_roles<S: Sql>(sql: &S, project: ProjectId, identity: IdentityId) -> Result<Vec<HeldRole>, SqlError> {
    let rows = sql.execute(
        &format!(
            "SELECT g.starts_at, g.ends_at, g.role, {CUSTOM_ROLE_COLUMNS}
             FROM project_memberships m
             JOIN project_membership_roles g ON g.membership_id = m.id
             LEFT JOIN project_roles r ON r.id = g.custom_role_id
             WHERE m.project_id = ? AND m.identity_id = ?
             ORDER BY g.position"
        ),
        &[project.to_string().into(), identity.to_string().into()],
    )?;
    rows.into_iter()
        .map(|mut row| {
            let period = read_period(&mut row)?;
            let role: ProjectRole = project_roles::read_role(&mut row)?;
            Ok(HeldRole { ability: role.ability(), period })
        })
        .collect()
}
