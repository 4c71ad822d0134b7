//! What an actor may do in a project.
//!
//! | operation | needs |
//! |---|---|
//! | create a project | `create` on `workspace`, in the organization |
//! | see, change, delete a project | `read`, `edit`, `delete` on `project` |
//! | see, create, change, delete an environment | the same action on `environments` |
//! | see, create, change, delete a role | the same action on `role`; creating and changing also all that the role may do |
//! | see a membership | `read` on `identity` |
//! | see who could become a member | `create` on `identity`, and `read` on `identity` in the organization |
//! | create, change a membership | `create`, `edit` on `identity`; to give a role that may do anything also `grant-privileges` and all that the role may do, for as long as it is given |
//! | change, delete a membership | `edit`, `delete` on `identity`, and all that its identity may do in the project |
//! | change or delete an identity, its credentials or its tokens | besides what it needs in the organization, all that the identity may do in each of its projects |
//!
//! Everything but creating a project is looked up in the roles that the actor has in the project at that moment. A rule
//! on `identity` may name the identity it is about (`identityId`). Whoever may do everything in the organization may do
//! everything in each of its projects, member or not; anybody else must be a member.

use crate::directory::context::{Actor, Context};
use crate::directory::error::{BoundaryAttempt, DirectoryError};
use crate::directory::evidence::read_period;
use crate::directory::organization_roles::{self, CUSTOM_ROLE_COLUMNS};
use crate::directory::project_roles::{self, ProjectRole};
use crate::directory::projects::{self, Project, ProjectsError};
use crate::directory::sql::{Sql, SqlError};
use crate::domain::condition::Attributes;
use crate::domain::identifiers::{IdentityId, OrganizationId, ProjectId};
use crate::domain::permission::{Ability, Permission};
use crate::domain::privilege_boundary::check_boundary;
use crate::domain::temporary_access::AccessPeriod;
use crate::domain::timestamp::Timestamp;

/// A project, as an actor that may enter it sees it.
#[derive(Clone, Debug)]
pub struct ProjectAccess {
    /// The project.
    pub project: Project,
    /// What the actor may do in it now.
    ability: Ability,
    /// The roles that make up the ability.
    grants: Vec<HeldRole>,
}

/// A role that somebody has in a project.
#[derive(Clone, Debug)]
struct HeldRole {
    ability: Ability,
    period: Option<AccessPeriod>,
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
    if may_everything(&actor.ability) {
        let grants = vec![HeldRole { ability: Ability::everything(), period: None }];
        return Ok(ProjectAccess { project, ability: Ability::everything(), grants });
    }
    let grants: Vec<HeldRole> = held_roles(context.sql, project.id, actor.identity)?
        .into_iter()
        .filter(|held| held.period.is_none_or(|period| period.holds(context.now)))
        .collect();
    if grants.is_empty() {
        return Err(DirectoryError::Projects(ProjectsError::NotAMember));
    }
    let ability = union(&grants);
    Ok(ProjectAccess { project, ability, grants })
}

/// Whether an ability in the organization is one in each of its projects as well.
pub(super) fn may_everything(ability: &Ability) -> bool {
    check_boundary(ability, &Ability::everything()).is_ok()
}

impl ProjectAccess {
    /// Goes on only when the actor holds `needed` in the project, for a thing with these fields.
    ///
    /// # Errors
    /// [`DirectoryError::PermissionDenied`].
    pub fn require(&self, needed: Permission, thing: Attributes<'_>) -> Result<(), DirectoryError> {
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

    /// Goes on only when the actor holds all of `target` now and up to `end`; `None` is for good. Otherwise an hour's
    /// administrator could make itself one for ever.
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
        self.require_all_of(target, attempt)?;
        let lasts = |held: &&HeldRole| match (held.period, end) {
            (None, _) => true,
            (Some(period), Some(end)) => end <= period.end,
            (Some(_), None) => false,
        };
        within(&union(self.grants.iter().filter(lasts)), target, attempt)
    }
}

fn within(held: &Ability, target: &Ability, attempt: BoundaryAttempt) -> Result<(), DirectoryError> {
    check_boundary(held, target).map_err(|beyond| DirectoryError::BeyondBoundary { attempt, missing: beyond.missing })
}

fn union<'a>(grants: impl IntoIterator<Item = &'a HeldRole>) -> Ability {
    grants.into_iter().fold(Ability::nothing(), |all, held| all.and(held.ability.clone()))
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
    let grants = held_roles(context.sql, project, identity)?;
    let not_over = |held: &&HeldRole| held.period.is_none_or(|period| context.now < period.end);
    Ok(union(grants.iter().filter(not_over)))
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
        let now = |held: &&HeldRole| held.period.is_none_or(|period| period.holds(context.now));
        within(&union(held.iter().filter(now)), &target, attempt)?;
        // Credentials outlast an hour's role.
        within(&union(held.iter().filter(|held| held.period.is_none())), &target, attempt)?;
    }
    Ok(())
}

fn held_roles<S: Sql>(sql: &S, project: ProjectId, identity: IdentityId) -> Result<Vec<HeldRole>, SqlError> {
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
