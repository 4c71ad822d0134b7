//! Projects: create, change, delete, look up. What each needs stands in [`project_access`].

use crate::audit::Target;
use crate::context::{Actor, Context};
use crate::environments;
use crate::error::DirectoryError;
use crate::journal::{self, Change};
use crate::memberships;
use crate::outcome::{Changed, Removed};
use crate::policy::policy_change;
use crate::project_access::{self, ProjectKey};
use crate::sql::{Column, Sql, SqlError};
use crate::tables;
use crate::tables::environments::Environment;
use crate::tables::project_roles::ProjectRole;
use crate::tables::record::Record;
use domain::permission::operation::Operation;
use domain::permission::project_role::BuiltInProjectRole;
use domain::token::evidence::EvidenceKey;
use domain::value::identifiers::{OrganizationId, ProjectId};
use domain::value::names::Name;
use domain::value::project_slug::ProjectSlug;

pub use crate::error::projects::ProjectsError;
pub use crate::tables::projects::Project;

/// How much more a list of projects may show of what belongs to them. One project has few bytes, its environments and
/// roles can have a hundred times as many.
#[derive(Debug)]
pub struct ResponseBudget {
    bytes: usize,
}

impl ResponseBudget {
    /// The most bytes that the environments and roles in one list may have.
    pub const BYTES: usize = 2 << 20;
    /// What one of them has beside its name and its slug: the id, and JSON.
    const OVERHEAD: usize = 80;

    /// All of it.
    pub const fn new() -> Self {
        Self { bytes: Self::BYTES }
    }

    /// Takes the room that a thing with this name and this slug needs.
    ///
    /// # Errors
    /// [`ProjectsError::ListTooLong`].
    pub fn take(&mut self, name: &str, slug: &str) -> Result<(), DirectoryError> {
        let left = self.bytes.checked_sub(Self::OVERHEAD + name.len() + slug.len());
        self.bytes = left.ok_or(ProjectsError::ListTooLong)?;
        Ok(())
    }
}

impl Default for ResponseBudget {
    fn default() -> Self {
        Self::new()
    }
}

/// A project with its environments.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProjectDetails {
    pub project: Project,
    /// Its environments, in their order.
    pub environments: Vec<Environment>,
}

/// A project to be created.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewProject {
    pub name: Name,
    /// Its slug; `None` for one made of the name.
    pub slug: Option<ProjectSlug>,
    /// What it is for.
    pub description: Option<String>,
    /// Which of the vendor's products it is for.
    pub kind: String,
    /// Whether it begins with the environments dev, staging and prod.
    pub with_default_environments: bool,
    /// Whether deleting it is refused.
    pub has_delete_protection: bool,
}

/// What to change of a project; `None` leaves a field as it is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ProjectChanges {
    /// The new name.
    pub name: Option<Name>,
    /// The new slug.
    pub slug: Option<ProjectSlug>,
    /// The new description; `Some(None)` removes it.
    pub description: Option<Option<String>>,
    /// The new protection.
    pub has_delete_protection: Option<bool>,
    /// The new number of days that the audit log is wanted for.
    pub audit_logs_retention_days: Option<u64>,
}

/// Creates a project and makes the actor its administrator.
///
/// # Errors
/// [`DirectoryError::PermissionDenied`], [`ProjectsError::SlugTaken`], `MembershipsError::TooManyProjects`.
pub fn create(context: &mut Context<'_>, actor: &Actor, new: &NewProject) -> Result<ProjectDetails, DirectoryError> {
    actor.require(Operation::CreateProject)?;
    let slug = match &new.slug {
        Some(slug) => slug.clone(),
        None => ProjectSlug::from_name(&new.name, context.randomness.next_16()),
    };
    require_free_slug(context.sql, actor.organization, &slug)?;

    let project = Project {
        id: ProjectId::from_random(context.randomness.next_16()),
        organization: actor.organization,
        name: new.name.as_str().to_owned(),
        slug,
        description: new.description.clone(),
        kind: new.kind.clone(),
        has_delete_protection: new.has_delete_protection,
        audit_logs_retention_days: None,
        created: context.now,
        updated: context.now,
    };
    // Whoever may do everything in the organization needs no membership, so it is not held up by the bound on them.
    let joins =
        !(project_access::may_everything(&actor.ability) && memberships::is_at_bound(context.sql, actor.identity)?);
    if joins {
        memberships::check_membership_limit(context.sql, actor.identity)?;
    }
    project.insert(context.sql)?;
    if new.with_default_environments {
        environments::insert_defaults(context, project.id)?;
    }
    let mut changes = Vec::new();
    if joins {
        let administrator = ProjectRole::BuiltIn(BuiltInProjectRole::Admin);
        memberships::insert(context, project.id, actor.identity, &[(administrator, None)])?;
        changes.push(Change::Narrows(EvidenceKey::Identity(actor.identity)));
    }
    journal::record(context, actor, Operation::CreateProject, Target::Project(project.id), &changes)?;
    details(context.sql, project)
}

/// Changes a project.
///
/// # Errors
/// [`ProjectsError::NotFound`], [`ProjectsError::NotAMember`], [`DirectoryError::PermissionDenied`],
/// [`ProjectsError::SlugTaken`].
pub fn update(
    context: &mut Context<'_>,
    actor: &Actor,
    key: ProjectKey<'_>,
    changes: &ProjectChanges,
) -> Result<Changed<ProjectDetails>, DirectoryError> {
    let access = project_access::enter_for(context, actor, key, Operation::UpdateProject)?;
    let before = details(context.sql, access.project)?;
    let current = before.project.clone();
    let new_slug = changes.slug.as_ref().filter(|slug| **slug != current.slug);
    if let Some(slug) = new_slug {
        require_free_slug(context.sql, actor.organization, slug)?;
    }

    let changed = Project {
        name: changes.name.as_ref().map_or(current.name, |name| name.as_str().to_owned()),
        slug: new_slug.cloned().unwrap_or(current.slug),
        description: changes.description.clone().unwrap_or(current.description),
        has_delete_protection: changes.has_delete_protection.unwrap_or(current.has_delete_protection),
        audit_logs_retention_days: changes.audit_logs_retention_days.or(current.audit_logs_retention_days),
        updated: context.now,
        ..current
    };
    changed.update(context.sql)?;
    // The data plane knows a project by its slug, and by nothing else that can change here.
    let narrowed = if new_slug.is_some() { members(context.sql, changed.id)? } else { Vec::new() };
    journal::record(context, actor, Operation::UpdateProject, Target::Project(changed.id), &narrowed)?;
    let after = ProjectDetails { project: changed, ..before.clone() };
    Ok(Changed { before, after })
}

/// Deletes a project with its environments, roles, delegations, routes and memberships.
///
/// # Errors
/// [`ProjectsError::NotFound`], [`ProjectsError::NotAMember`], [`DirectoryError::PermissionDenied`],
/// [`DirectoryError::BeyondBoundary`], [`ProjectsError::DeleteProtected`].
pub fn delete(
    context: &mut Context<'_>,
    actor: &Actor,
    key: ProjectKey<'_>,
) -> Result<Removed<ProjectDetails>, DirectoryError> {
    let access = project_access::enter_for(context, actor, key, Operation::DeleteProject)?;
    // Its routes go with it.
    let routes = tables::routes::of_project(context.sql, actor.organization, access.project.id)?;
    let prefixes = routes.iter().map(|stored| &stored.route.path_prefix);
    access.require_requests_below(prefixes, Operation::DeleteProject)?;
    // Its delegations go too. The organization gave them, and only who may take them back leaves them to another project.
    let delegations = tables::route_delegations::of_organization(context.sql, actor.organization)?;
    if delegations.would_leave_requests_to_others(access.project.id) {
        actor.require(Operation::DeleteRouteDelegation)?;
    }
    let project = access.project;
    if project.has_delete_protection {
        return Err(ProjectsError::DeleteProtected.into());
    }
    let gone = details(context.sql, project)?;
    let mut narrowed = members(context.sql, gone.project.id)?;
    narrowed.push(policy_change(actor.organization));
    for statement in [
        "DELETE FROM routes WHERE project_id = ?",
        "DELETE FROM route_delegations WHERE project_id = ?",
        "DELETE FROM project_membership_roles
         WHERE membership_id IN (SELECT id FROM project_memberships WHERE project_id = ?)",
        "DELETE FROM project_memberships WHERE project_id = ?",
        "DELETE FROM project_roles WHERE project_id = ?",
        "DELETE FROM environments WHERE project_id = ?",
        "DELETE FROM projects WHERE id = ?",
    ] {
        context.sql.execute(statement, &[gone.project.id.to_value()])?;
    }
    journal::record(context, actor, Operation::DeleteProject, Target::Project(gone.project.id), &narrowed)?;
    Ok(Removed(gone))
}

/// Looks a project up.
///
/// # Errors
/// [`ProjectsError::NotFound`], [`ProjectsError::NotAMember`], [`DirectoryError::PermissionDenied`].
pub fn get(context: &Context<'_>, actor: &Actor, key: ProjectKey<'_>) -> Result<ProjectDetails, DirectoryError> {
    let access = project_access::enter_for(context, actor, key, Operation::GetProject)?;
    details(context.sql, access.project)
}

/// Which projects to list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProjectQuery {
    /// Only those of this type.
    pub kind: Option<String>,
    /// How many to skip.
    pub offset: u64,
    /// How many to return at most.
    pub limit: u64,
}

/// Lists the projects that the actor is a member of, by name; all of the organization's for who may do everything there.
///
/// # Errors
/// [`ProjectsError::ListTooLong`].
pub fn list(
    context: &Context<'_>,
    actor: &Actor,
    query: &ProjectQuery,
    budget: &mut ResponseBudget,
) -> Result<Vec<ProjectDetails>, DirectoryError> {
    let mut filter = String::from("WHERE organization_id = ?");
    let mut bindings = vec![actor.organization.to_value()];
    if !project_access::may_everything(&actor.ability) {
        filter.push_str(" AND id IN (SELECT project_id FROM project_memberships WHERE identity_id = ?)");
        bindings.push(actor.identity.to_value());
    }
    if let Some(kind) = &query.kind {
        filter.push_str(" AND type = ?");
        bindings.push(kind.as_str().into());
    }
    bindings.extend([query.limit.into(), query.offset.into()]);
    let projects = Project::all(context.sql, &format!("{filter} ORDER BY name, id LIMIT ? OFFSET ?"), &bindings)?;
    let mut found = Vec::with_capacity(projects.len());
    for project in projects {
        let project = details(context.sql, project)?;
        for environment in &project.environments {
            budget.take(&environment.name, &environment.slug)?;
        }
        found.push(project);
    }
    Ok(found)
}

/// A project with its environments.
pub(super) fn details(sql: &dyn Sql, project: Project) -> Result<ProjectDetails, DirectoryError> {
    let environments = tables::environments::of_project(sql, project.id)?;
    Ok(ProjectDetails { project, environments })
}

fn require_free_slug(sql: &dyn Sql, organization: OrganizationId, slug: &ProjectSlug) -> Result<(), DirectoryError> {
    let taken = sql.execute(
        "SELECT 1 FROM projects WHERE organization_id = ? AND slug = ?",
        &[organization.to_value(), slug.as_str().into()],
    )?;
    if taken.is_empty() { Ok(()) } else { Err(ProjectsError::SlugTaken { slug: slug.clone() }.into()) }
}

/// What the data plane knows of every member of a project changes.
fn members(sql: &dyn Sql, project: ProjectId) -> Result<Vec<Change>, SqlError> {
    let rows = sql.execute(
        "SELECT identity_id FROM project_memberships WHERE project_id = ? ORDER BY identity_id",
        &[project.to_value()],
    )?;
    rows.into_iter().map(|mut row| Ok(Change::Narrows(EvidenceKey::Identity(row.read()?)))).collect()
}
