//! Roles of a project: the built-in ones and those that were made for the project. What each command needs stands in
//! [`operation`](domain::permission::operation).

use crate::audit::Target;
use crate::context::{Actor, Context};
use crate::error::DirectoryError;
use crate::journal::{self, Change};
use crate::outcome::{Changed, Removed};
use crate::policy::{self, policy_change};
use crate::project_access::{self, ProjectKey};
use crate::projects::ProjectDetails;
use crate::rule_json;
use crate::sql::{self, Column, Sql, SqlError};
use crate::tables;
use crate::tables::custom_role::{CustomRole, CustomRoleSummary};
use crate::tables::project_roles::StoredProjectRole;
use crate::tables::projects::Project;
use crate::tables::record::Record;
use domain::gateway::request_rules;
use domain::permission::ability::{Ability, Rule};
use domain::permission::operation::Operation;
use domain::permission::project_role::{BuiltInProjectRole, RESERVED_SLUGS};
use domain::permission::role_change::{denies_more, what_a_change_may_give};
use domain::permission::role_slug::RoleSlug;
use domain::token::evidence::EvidenceKey;
use domain::value::identifiers::{IdentityId, OrganizationId, ProjectId, RoleId};
use domain::value::names::Name;
use domain::value::timestamp::Timestamp;

pub use crate::error::project_roles::ProjectRolesError;
pub use crate::tables::project_roles::ProjectRole;

/// The most custom roles a project may have.
pub const MAXIMUM_ROLES: u64 = 500;
/// The most bytes that the rules of all of its custom roles may have together, as they are stored: a command can have to
/// read them all.
pub const MAXIMUM_RULE_BYTES: u64 = 192 * 1024;
/// How many of a role's holders an error names.
const NAMED_HOLDERS: u64 = 20;

/// A role in a list: everything but its rules, of which all the roles of a project can have more than memory holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RoleSummary {
    /// Its id; that of a built-in role is its slug.
    pub id: String,
    pub slug: RoleSlug,
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// When it was created; a built-in role is as old as its project.
    pub created: Timestamp,
    /// When it was last changed.
    pub updated: Timestamp,
}

impl RoleSummary {
    /// A role without its rules.
    pub fn new(project: &Project, role: &ProjectRole) -> Self {
        match role {
            ProjectRole::BuiltIn(role) => Self::of_built_in(project, *role),
            ProjectRole::Custom(role) => Self::of_custom(CustomRoleSummary::of(role)),
        }
    }

    fn of_custom(role: CustomRoleSummary) -> Self {
        let CustomRoleSummary { id, slug, name, description, created, updated } = role;
        Self { id: id.to_string(), slug, name, description, created, updated }
    }

    fn of_built_in(project: &Project, role: BuiltInProjectRole) -> Self {
        Self {
            id: role.slug().to_owned(),
            slug: role.into(),
            name: role.name().to_owned(),
            description: Some(role.description().to_owned()),
            created: project.created,
            updated: project.created,
        }
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RoleOfProject {
    pub project: Project,
    pub role: ProjectRole,
}

/// A role to be created.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewProjectRole {
    pub slug: RoleSlug,
    pub name: Name,
    /// What it is for.
    pub description: Option<String>,
    pub rules: Vec<Rule>,
}

/// What to change of a role; `None` leaves a field as it is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ProjectRoleChanges {
    /// The new slug.
    pub slug: Option<RoleSlug>,
    /// The new name.
    pub name: Option<Name>,
    /// The new description; `Some(None)` removes it.
    pub description: Option<Option<String>>,
    /// The new rules, instead of all there are.
    pub rules: Option<Vec<Rule>>,
}

/// Creates a role.
///
/// # Errors
/// Those of [`project_access::authorize_in_project`], [`DirectoryError::PermissionDenied`], [`ProjectRolesError::SlugReserved`],
/// [`ProjectRolesError::SlugTaken`], [`ProjectRolesError::TooManyRoles`], [`DirectoryError::BeyondBoundary`].
pub fn create(
    context: &mut Context<'_>,
    actor: &Actor,
    project: ProjectKey<'_>,
    new: &NewProjectRole,
) -> Result<RoleOfProject, DirectoryError> {
    let access = project_access::enter_for(context, actor, project, Operation::CreateProjectRole)?;
    let project = &access.project;
    require_free_slug(context.sql, project.id, &new.slug)?;
    if count(context.sql, project.id)? >= MAXIMUM_ROLES {
        return Err(ProjectRolesError::TooManyRoles.into());
    }
    access.require_dominates(&Ability::new(new.rules.clone()), Operation::CreateProjectRole)?;
    let role = CustomRole {
        id: RoleId::from_random(context.randomness.next_16()),
        slug: new.slug.clone(),
        name: new.name.as_str().to_owned(),
        description: new.description.clone(),
        rules: new.rules.clone(),
        created: context.now,
        updated: context.now,
    };
    require_policy_size(context.sql, actor, project.id, &role, &[])?;

    StoredProjectRole::new(project.id, role.clone()).insert(context.sql)?;
    let target = Target::ProjectRole(project.id, role.id);
    journal::record(context, actor, Operation::CreateProjectRole, target, &[policy_change(actor.organization)])?;
    Ok(RoleOfProject { project: access.project, role: ProjectRole::Custom(role) })
}

/// Changes a role, and with it what its holders may do.
///
/// # Errors
/// Those of [`project_access::authorize_in_project`], [`DirectoryError::PermissionDenied`], [`ProjectRolesError::NotFound`],
/// [`ProjectRolesError::SlugReserved`], [`ProjectRolesError::SlugTaken`], [`DirectoryError::BeyondBoundary`].
pub fn update(
    context: &mut Context<'_>,
    actor: &Actor,
    project: ProjectKey<'_>,
    id: &str,
    changes: &ProjectRoleChanges,
) -> Result<Changed<RoleOfProject>, DirectoryError> {
    let access = project_access::enter_for(context, actor, project, Operation::UpdateProjectRole)?;
    let project = &access.project;
    let current = get_custom(context.sql, project.id, id)?;
    let new_slug = changes.slug.as_ref().filter(|slug| **slug != current.slug);
    if let Some(slug) = new_slug {
        require_free_slug(context.sql, project.id, slug)?;
    }
    // Neither may a stronger role be tampered with, nor may a role become stronger than the actor. Holders have it for
    // good, so the actor must hold it for good as well.
    access.require_dominates(&Ability::new(current.rules.clone()), Operation::UpdateProjectRole)?;
    let changed = CustomRole {
        id: current.id,
        slug: new_slug.unwrap_or(&current.slug).clone(),
        name: changes.name.as_ref().map_or(current.name.as_str(), Name::as_str).to_owned(),
        description: changes.description.clone().unwrap_or_else(|| current.description.clone()),
        rules: changes.rules.clone().unwrap_or_else(|| current.rules.clone()),
        created: current.created,
        updated: context.now,
    };
    let given = what_a_change_may_give(&current.rules, &changed.rules);
    access.require_dominates_until(&given, None, Operation::UpdateProjectRole)?;
    // A denial takes away what the other roles of a holder allow: otherwise a weaker actor could lock it out.
    // DIFFERENCE: Infisical does not look at who has the role.
    if denies_more(&current.rules, &changed.rules) {
        access.require_dominates_holders(context, current.id, Operation::UpdateProjectRole)?;
    }
    if changes.rules.is_some() {
        require_policy_size(context.sql, actor, project.id, &changed, &current.rules)?;
    }

    StoredProjectRole::new(project.id, changed.clone()).update(context.sql)?;
    // The data plane's evidence of an identity says what its roles are called; it knows them by id.
    let mut changes = if new_slug.is_some() { holders_change(context.sql, current.id)? } else { Vec::new() };
    // The rules of a role are part of the policy.
    changes.push(policy_change(actor.organization));
    let target = Target::ProjectRole(project.id, current.id);
    journal::record(context, actor, Operation::UpdateProjectRole, target, &changes)?;
    let of_project = |role| RoleOfProject { project: access.project.clone(), role: ProjectRole::Custom(role) };
    Ok(Changed { before: of_project(current), after: of_project(changed) })
}

/// Deletes a role that nobody has.
///
/// # Errors
/// Those of [`project_access::authorize_in_project`], [`DirectoryError::PermissionDenied`], [`ProjectRolesError::NotFound`],
/// [`ProjectRolesError::InUse`].
pub fn delete(
    context: &mut Context<'_>,
    actor: &Actor,
    project: ProjectKey<'_>,
    id: &str,
) -> Result<Removed<RoleOfProject>, DirectoryError> {
    let access = project_access::enter_for(context, actor, project, Operation::DeleteProjectRole)?;
    let role = get_custom(context.sql, access.project.id, id)?;
    let in_use = "FROM project_membership_roles g
         JOIN project_memberships m ON m.id = g.membership_id
         JOIN identities i ON i.id = m.identity_id
         WHERE g.custom_role_id = ?";
    let role_id = || role.id.to_value();
    let counted = context.sql.execute(&format!("SELECT count(DISTINCT i.id) {in_use}"), &[role_id()])?;
    let count = sql::count(counted)?;
    if count > 0 {
        let rows = context.sql.execute(
            &format!("SELECT DISTINCT i.id, i.name {in_use} ORDER BY i.name, i.id LIMIT ?"),
            &[role_id(), NAMED_HOLDERS.into()],
        )?;
        let holders = rows
            .into_iter()
            .map(|mut row| Ok((row.read()?, row.read()?)))
            .collect::<Result<Vec<(IdentityId, String)>, SqlError>>()?;
        // Those whose membership the actor may not see stay unnamed.
        let may_see = |(id, _): &(IdentityId, String)| {
            access.require(Operation::GetProjectIdentityMembership, &[("identityId", &id.to_string())]).is_ok()
        };
        let holders = holders.into_iter().filter(may_see).collect();
        return Err(ProjectRolesError::InUse { count, holders }.into());
    }
    context.sql.execute("DELETE FROM project_roles WHERE id = ?", &[role_id()])?;
    let target = Target::ProjectRole(access.project.id, role.id);
    journal::record(context, actor, Operation::DeleteProjectRole, target, &[policy_change(actor.organization)])?;
    Ok(Removed(RoleOfProject { project: access.project, role: ProjectRole::Custom(role) }))
}

/// Looks a role up by its slug, built-in ones included.
///
/// # Errors
/// Those of [`project_access::authorize_in_project`], [`DirectoryError::PermissionDenied`], [`ProjectRolesError::NotFound`].
pub fn get_by_slug(
    context: &Context<'_>,
    actor: &Actor,
    project: ProjectKey<'_>,
    slug: &str,
) -> Result<RoleOfProject, DirectoryError> {
    let project = project_access::enter_for(context, actor, project, Operation::GetProjectRole)?.project;
    let role = tables::project_roles::find(context.sql, project.id, slug)?
        .ok_or_else(|| ProjectRolesError::NotFound { by: "slug", key: slug.to_owned() })?;
    Ok(RoleOfProject { project, role })
}

/// Looks a custom role up by its id, in whichever project of the actor's organization it is.
///
/// # Errors
/// Those of [`project_access::authorize_in_project`], [`DirectoryError::PermissionDenied`], [`ProjectRolesError::NotFound`].
pub fn get_by_id(context: &Context<'_>, actor: &Actor, id: &str) -> Result<RoleOfProject, DirectoryError> {
    let project = project_of(context.sql, actor.organization, id)?;
    let project =
        project_access::enter_for(context, actor, ProjectKey::Id(&project.to_string()), Operation::GetProjectRole)?
            .project;
    let role = get_custom(context.sql, project.id, id)?;
    Ok(RoleOfProject { project, role: ProjectRole::Custom(role) })
}

/// Lists the roles of a project: the built-in ones, then the custom ones by name.
///
/// # Errors
/// Those of [`project_access::authorize_in_project`], [`DirectoryError::PermissionDenied`].
pub fn list(
    context: &Context<'_>,
    actor: &Actor,
    project: ProjectKey<'_>,
) -> Result<(Project, Vec<RoleSummary>), DirectoryError> {
    let project = project_access::enter_for(context, actor, project, Operation::ListProjectRoles)?.project;
    let roles = of_project(context.sql, &project)?;
    Ok((project, roles))
}

/// The roles of a project that the actor was shown in a list; none when it may not see them.
///
/// # Errors
/// [`DirectoryError::Storage`].
pub fn of_listed(
    context: &Context<'_>,
    actor: &Actor,
    listed: &ProjectDetails,
) -> Result<Vec<RoleSummary>, DirectoryError> {
    let id = listed.project.id.to_string();
    match project_access::enter_for(context, actor, ProjectKey::Id(&id), Operation::ListProjectRoles) {
        Ok(access) => Ok(of_project(context.sql, &access.project)?),
        Err(DirectoryError::PermissionDenied { .. }) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// The roles of a project: the built-in ones, then the custom ones by name.
fn of_project(sql: &dyn Sql, project: &Project) -> Result<Vec<RoleSummary>, SqlError> {
    let built_in = BuiltInProjectRole::ALL.into_iter().map(|role| RoleSummary::of_built_in(project, role));
    let custom = tables::project_roles::summaries(sql, project.id)?.into_iter().map(RoleSummary::of_custom);
    Ok(built_in.chain(custom).collect())
}

/// The custom role of a project with this id.
pub(super) fn get_custom(sql: &dyn Sql, project: ProjectId, id: &str) -> Result<CustomRole, DirectoryError> {
    let not_found = || ProjectRolesError::NotFound { by: "ID", key: id.to_owned() };
    let role = RoleId::parse(id).ok_or_else(not_found)?;
    Ok(tables::project_roles::find_by_id(sql, project, role)?.ok_or_else(not_found)?)
}

fn project_of(sql: &dyn Sql, organization: OrganizationId, id: &str) -> Result<ProjectId, DirectoryError> {
    let not_found = || ProjectRolesError::NotFound { by: "ID", key: id.to_owned() };
    let role = RoleId::parse(id).ok_or_else(not_found)?;
    let rows = sql.execute(
        "SELECT p.id FROM project_roles r JOIN projects p ON p.id = r.project_id
         WHERE p.organization_id = ? AND r.id = ?",
        &[organization.to_value(), role.to_value()],
    )?;
    Ok(rows.into_iter().next().ok_or_else(not_found)?.read()?)
}

fn require_free_slug(sql: &dyn Sql, project: ProjectId, slug: &RoleSlug) -> Result<(), DirectoryError> {
    if RESERVED_SLUGS.contains(&slug.as_str()) {
        return Err(ProjectRolesError::SlugReserved.into());
    }
    match tables::project_roles::find_by_slug(sql, project, slug.as_str())? {
        Some(_) => Err(ProjectRolesError::SlugTaken { slug: slug.clone() }.into()),
        None => Ok(()),
    }
}

/// Goes on only when requests can be decided by the rules of a role, in the place of those that it had.
fn require_policy_size(
    sql: &dyn Sql,
    actor: &Actor,
    project: ProjectId,
    role: &CustomRole,
    old: &[Rule],
) -> Result<(), DirectoryError> {
    request_rules::check(&role.rules).map_err(ProjectRolesError::TooManySearches)?;
    require_room_in_project(sql, project, old, &role.rules)?;
    policy::check_policy_size_of_rules(sql, actor.organization, project, (role.id, &role.slug), (old, &role.rules))?
        .map_err(ProjectRolesError::PolicyTooLarge)?;
    Ok(())
}

/// Goes on only when the project has room for these rules, in the place of those that the role had. Fewer always fit.
fn require_room_in_project(
    sql: &dyn Sql,
    project: ProjectId,
    old: &[Rule],
    new: &[Rule],
) -> Result<(), DirectoryError> {
    let size = |rules: &[Rule]| rule_json::encode(rules).to_string().len() as u64;
    let growth = size(new).saturating_sub(size(old));
    let taken = sql::count(sql.execute(
        "SELECT coalesce(sum(length(CAST(permissions AS BLOB))), 0) FROM project_roles WHERE project_id = ?",
        &[project.to_value()],
    )?)?;
    let bytes = taken.saturating_add(growth);
    if growth > 0 && bytes > MAXIMUM_RULE_BYTES {
        Err(ProjectRolesError::TooManyRules { bytes }.into())
    } else {
        Ok(())
    }
}

fn count(sql: &dyn Sql, project: ProjectId) -> Result<u64, SqlError> {
    sql::count(sql.execute("SELECT count(*) FROM project_roles WHERE project_id = ?", &[project.to_value()])?)
}

fn holders(sql: &dyn Sql, role: RoleId) -> Result<Vec<IdentityId>, SqlError> {
    let rows = sql.execute(
        "SELECT DISTINCT m.identity_id FROM project_membership_roles g
         JOIN project_memberships m ON m.id = g.membership_id
         WHERE g.custom_role_id = ? ORDER BY m.identity_id",
        &[role.to_value()],
    )?;
    rows.into_iter().map(|mut row| row.read()).collect()
}

fn holders_change(sql: &dyn Sql, role: RoleId) -> Result<Vec<Change>, SqlError> {
    let change = |id| Change::Narrows(EvidenceKey::Identity(id));
    Ok(holders(sql, role)?.into_iter().map(change).collect())
}
