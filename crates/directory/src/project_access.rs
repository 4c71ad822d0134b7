//! What an actor may do in a project.
//!
//! Which operation needs what stands in [`operation`](domain::permission::operation). Everything but creating a project is
//! looked up in the roles that the actor has in the project at that moment. A rule on `identity` may name the identity it
//! is about (`identityId`). Whoever may do everything in the organization may do everything in each of its projects,
//! member or not; anybody else must be a member.

use crate::context::{Actor, Context};
use crate::error::DirectoryError;
use crate::error::projects::ProjectsError;
use crate::sql::{Column, Row, Sql, SqlError, count};
use crate::tables;
use crate::tables::custom_role::{CustomRole, RoleReference};
use crate::tables::organization_roles::OrganizationRole;
use crate::tables::project_roles::ProjectRole;
use crate::tables::projects::Project;
use crate::tables::record::Columns;
use domain::gateway::route::PathPrefix;
use domain::gateway::route_boundary::every_request_below;
use domain::permission::ability::{Ability, Rule};
use domain::permission::condition::Attributes;
use domain::permission::held_roles::{HeldRole, ability_at, ability_ever, certain_rules};
use domain::permission::operation::{Lacking, Operation};
use domain::permission::organization_role::BuiltInOrganizationRole;
use domain::permission::privilege_boundary::{Work, check_boundary, check_boundary_with};
use domain::permission::temporary_access::AccessPeriod;
use domain::value::identifiers::{IdentityId, OrganizationId, ProjectId, RoleId};
use domain::value::timestamp::Timestamp;

/// A project, as an actor that may enter it sees it.
#[derive(Clone, Debug)]
pub struct ProjectAccess {
    pub project: Project,
    /// What the actor may do in it now.
    ability: Ability,
    /// The roles that it has in it, whether they hold now or not.
    held: Vec<HeldRole>,
    now: Timestamp,
    /// What is left of the work that comparing with others' rules may be.
    work: Work,
}

/// The most bytes of stored rules that one command reads to compare what two identities may do in all of their projects.
const MOST_RULE_BYTES: u64 = 256 * 1024;

/// Which project is meant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProjectKey<'a> {
    /// The one with this id, as it was sent.
    Id(&'a str),
    /// The one with this slug.
    Slug(&'a str),
}

/// The project that is meant, in this organization. No permission is asked for.
///
/// # Errors
/// [`ProjectsError::NotFound`].
pub(super) fn find(
    sql: &dyn Sql,
    organization: OrganizationId,
    key: ProjectKey<'_>,
) -> Result<Project, DirectoryError> {
    let (by, sent, found) = match key {
        ProjectKey::Id(sent) => {
            let id = ProjectId::parse(sent);
            ("ID", sent, id.map(|id| tables::projects::find(sql, organization, id)).transpose()?.flatten())
        }
        ProjectKey::Slug(sent) => ("slug", sent, tables::projects::find_by_slug(sql, organization, sent)?),
    };
    Ok(found.ok_or_else(|| ProjectsError::NotFound { by, key: sent.to_owned() })?)
}

/// Lets an actor into a project of its organization.
///
/// # Errors
/// [`ProjectsError::NotFound`], [`ProjectsError::NotAMember`].
pub fn authorize_in_project(
    context: &Context<'_>,
    actor: &Actor,
    key: ProjectKey<'_>,
) -> Result<ProjectAccess, DirectoryError> {
    let project = find(context.sql, actor.organization, key)?;
    let not_a_member = ProjectsError::NotAMember { project: project.id };
    let held = if may_everything(&actor.ability) {
        vec![HeldRole::for_good(Ability::everything())]
    } else {
        held_roles(context.sql, project.id, actor.identity)?
    };
    let ability = ability_at(&held, context.now).ok_or(not_a_member)?;
    Ok(ProjectAccess { project, ability, held, now: context.now, work: Work::of_a_command() })
}

/// Lets an actor into a project of its organization for an operation that is not about one thing in it.
///
/// # Errors
/// Those of [`authorize_in_project`], [`DirectoryError::PermissionDenied`].
pub fn enter_for(
    context: &Context<'_>,
    actor: &Actor,
    key: ProjectKey<'_>,
    operation: Operation,
) -> Result<ProjectAccess, DirectoryError> {
    let access = authorize_in_project(context, actor, key)?;
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
    pub fn require(&self, operation: Operation, thing: Attributes<'_>) -> Result<(), DirectoryError> {
        operation
            .check_in_project(&self.ability, thing)
            .map_err(|Lacking { needed }| DirectoryError::PermissionDenied { needed, held: self.ability.clone() })
    }

    /// Goes on only when the actor holds all of `target` now.
    ///
    /// # Errors
    /// [`DirectoryError::BeyondBoundary`].
    pub fn require_dominates(&self, target: &Ability, operation: Operation) -> Result<(), DirectoryError> {
        self.within(self.ability.rules(), target, operation)
    }

    /// Goes on only when the actor is certain to hold all of `target` from now up to `end`; `None` is for good. Otherwise
    /// an hour's administrator could make itself one for ever, and who is to be held back tomorrow could see to it today
    /// that it never happens.
    ///
    /// DIFFERENCE: Infisical does not look at how long the giver itself holds what it gives.
    ///
    /// # Errors
    /// [`DirectoryError::BeyondBoundary`].
    pub fn require_dominates_until(
        &self,
        target: &Ability,
        end: Option<Timestamp>,
        operation: Operation,
    ) -> Result<(), DirectoryError> {
        self.within(certain_rules(&self.held, self.now, end), target, operation)
    }

    fn within<'a>(
        &self,
        held: impl IntoIterator<Item = &'a Rule>,
        target: &'a Ability,
        operation: Operation,
    ) -> Result<(), DirectoryError> {
        within(held, target, &self.work, operation, &self.ability)
    }

    /// Goes on only when the actor is certain to hold, for good, every action on the requests below these prefixes.
    ///
    /// # Errors
    /// [`DirectoryError::BeyondBoundary`].
    pub(super) fn require_requests_below<'p>(
        &self,
        prefixes: impl IntoIterator<Item = &'p PathPrefix>,
        operation: Operation,
    ) -> Result<(), DirectoryError> {
        prefixes.into_iter().try_for_each(|prefix| {
            let target = every_request_below(prefix);
            self.within(certain_rules(&self.held, self.now, None), &target, operation)
        })
    }

    /// Goes on only when the actor holds all that each of these members may do in the project, now or later.
    ///
    /// # Errors
    /// [`DirectoryError::BeyondBoundary`].
    pub(super) fn require_dominates_member(
        &self,
        context: &Context<'_>,
        member: IdentityId,
        operation: Operation,
    ) -> Result<(), DirectoryError> {
        if may_everything(&self.ability) {
            return Ok(());
        }
        self.require_dominates(&ability_of(context, self.project.organization, self.project.id, member)?, operation)
    }

    /// Goes on only when the actor holds all that each holder of a role of the project may do in it, now or later. All
    /// that they may do is what all of their roles allow, so that each role is looked at once, however many hold it.
    ///
    /// # Errors
    /// [`DirectoryError::BeyondBoundary`].
    pub(super) fn require_dominates_holders(
        &self,
        context: &Context<'_>,
        role: RoleId,
        operation: Operation,
    ) -> Result<(), DirectoryError> {
        if may_everything(&self.ability) {
            return Ok(());
        }
        let holders = "SELECT hm.identity_id FROM project_membership_roles hg
             JOIN project_memberships hm ON hm.id = hg.membership_id WHERE hg.custom_role_id = ?";
        let rows = context.sql.execute(
            &format!("SELECT DISTINCT role FROM organization_memberships WHERE identity_id IN ({holders})"),
            &[role.to_value()],
        )?;
        for mut row in rows {
            let built_in =
                BuiltInOrganizationRole::from_slug(&row.read::<String>()?).map(BuiltInOrganizationRole::ability);
            // A custom role is never about everything.
            if built_in.is_some_and(|ability| may_everything(&ability)) {
                self.require_dominates(&Ability::everything(), operation)?;
            }
        }
        let rows = context.sql.execute(
            &format!(
                "SELECT {}, {}
                 FROM (SELECT DISTINCT g.role, g.custom_role_id
                       FROM project_memberships m JOIN project_membership_roles g ON g.membership_id = m.id
                       WHERE m.project_id = ? AND m.identity_id IN ({holders})
                         AND (g.ends_at IS NULL OR g.ends_at > ?)) g
                 LEFT JOIN project_roles r ON r.id = g.custom_role_id
                 ORDER BY g.role, r.slug",
                RoleReference::of("g"),
                CustomRole::of("r")
            ),
            &[self.project.id.to_value(), role.to_value(), context.now.to_value()],
        )?;
        for mut row in rows {
            self.require_dominates(&read_role(&mut row)?.ability(), operation)?;
        }
        Ok(())
    }
}

/// What is missing are rules of roles of the project: who may not read these now is not told.
fn within<'a>(
    held: impl IntoIterator<Item = &'a Rule>,
    target: &'a Ability,
    work: &Work,
    operation: Operation,
    now: &Ability,
) -> Result<(), DirectoryError> {
    check_boundary_with(held, target.rules(), work).map_err(|beyond| {
        let may_read = Operation::GetProjectRole.check_in_project(now, &[]).is_ok();
        DirectoryError::BeyondBoundary { operation, missing: may_read.then_some(beyond.missing) }
    })
}

/// What an identity may do in a project, now or later: roles that have not begun count, those that are over do not.
pub(super) fn ability_of(
    context: &Context<'_>,
    organization: OrganizationId,
    project: ProjectId,
    identity: IdentityId,
) -> Result<Ability, DirectoryError> {
    if is_administrator(context, organization, identity)? {
        return Ok(Ability::everything());
    }
    Ok(ability_ever(&held_roles(context.sql, project, identity)?, context.now))
}

/// Whether the identity may do everything in the organization, and so in every project.
fn is_administrator(
    context: &Context<'_>,
    organization: OrganizationId,
    identity: IdentityId,
) -> Result<bool, DirectoryError> {
    let rows = context.sql.execute(
        &format!(
            "SELECT {}, {}
             FROM identities i
             JOIN organization_memberships m ON m.identity_id = i.id
             LEFT JOIN organization_roles r ON r.id = m.custom_role_id
             WHERE i.organization_id = ? AND i.id = ?",
            RoleReference::of("m"),
            CustomRole::of("r")
        ),
        &[organization.to_value(), identity.to_value()],
    )?;
    for mut row in rows {
        let role = OrganizationRole::new(Columns::read(&mut row)?, Columns::read(&mut row)?)?;
        if may_everything(&role.ability()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Goes on only when the actor holds, in every project of an identity and for good, all that the identity may do there.
/// Whoever makes credentials for an identity can act as it, in its projects as well as in the organization. Who takes them
/// away cannot, and is not asked for this: each project's administrator could make an identity immune by giving it a role.
///
/// DIFFERENCE: Infisical looks at the organization only, so that whoever may create tokens there gains every project.
///
/// # Errors
/// [`DirectoryError::BeyondBoundary`].
pub(super) fn require_dominates_in_all_projects(
    context: &Context<'_>,
    actor: &Actor,
    identity: IdentityId,
    operation: Operation,
) -> Result<(), DirectoryError> {
    if identity == actor.identity || may_everything(&actor.ability) {
        return Ok(());
    }
    let work = Work::of_a_command();
    if rule_bytes_to_compare(context.sql, actor.identity, identity)? > MOST_RULE_BYTES {
        // Nobody but who may do everything is certain to hold it.
        return within([], &Ability::everything(), &work, operation, &Ability::nothing());
    }
    // Its role in the organization can be long, and is the same in every project.
    let is_administrator = is_administrator(context, actor.organization, identity)?;
    let rows = context.sql.execute(
        "SELECT project_id FROM project_memberships WHERE identity_id = ? ORDER BY project_id",
        &[identity.to_value()],
    )?;
    for mut row in rows {
        let project = row.read()?;
        let target = if is_administrator {
            Ability::everything()
        } else {
            ability_ever(&held_roles(context.sql, project, identity)?, context.now)
        };
        let held = held_roles(context.sql, project, actor.identity)?;
        // Credentials outlast an hour's role.
        let now = ability_at(&held, context.now).unwrap_or_else(Ability::nothing);
        within(certain_rules(&held, context.now, None), &target, &work, operation, &now)?;
    }
    Ok(())
}

/// How long the rules are that two identities have in the projects of the second one, as they are stored.
fn rule_bytes_to_compare(sql: &dyn Sql, actor: IdentityId, identity: IdentityId) -> Result<u64, SqlError> {
    let rows = sql.execute(
        "SELECT coalesce(sum(length(CAST(r.permissions AS BLOB))), 0)
         FROM project_memberships m
         JOIN project_membership_roles g ON g.membership_id = m.id
         JOIN project_roles r ON r.id = g.custom_role_id
         WHERE m.identity_id IN (?, ?)
           AND m.project_id IN (SELECT project_id FROM project_memberships WHERE identity_id = ?)",
        &[actor.to_value(), identity.to_value(), identity.to_value()],
    )?;
    count(rows)
}

/// The roles that an identity has in a project, in their order, whether they hold now or not.
pub(super) fn held_roles(sql: &dyn Sql, project: ProjectId, identity: IdentityId) -> Result<Vec<HeldRole>, SqlError> {
    let rows = sql.execute(
        &format!(
            "SELECT {}, {}, {}
             FROM project_memberships m
             JOIN project_membership_roles g ON g.membership_id = m.id
             LEFT JOIN project_roles r ON r.id = g.custom_role_id
             WHERE m.project_id = ? AND m.identity_id = ?
             ORDER BY g.position",
            AccessPeriod::of("g"),
            RoleReference::of("g"),
            CustomRole::of("r")
        ),
        &[project.to_value(), identity.to_value()],
    )?;
    rows.into_iter()
        .map(|mut row| {
            let period = Columns::read(&mut row)?;
            Ok(HeldRole { ability: read_role(&mut row)?.ability(), period })
        })
        .collect()
}

/// Reads the columns of [`RoleReference`], and those of the custom role, if it is one.
fn read_role(row: &mut Row) -> Result<ProjectRole, SqlError> {
    ProjectRole::new(Columns::read(row)?, Columns::read(row)?)
}
