//! Environments of a project. They are names that clients keep for themselves: nothing is decided by them.

use crate::context::{Actor, Context};
use crate::error::DirectoryError;
use crate::project_access::{self, ProjectKey};
use crate::projects::{self, Project, ProjectsError};
use crate::sql::{Row, Sql, SqlError};
use domain::permission::requirement::ProjectOperation;
use domain::permission::role_slug::RoleSlug;
use domain::value::identifiers::{EnvironmentId, ProjectId};
use domain::value::names::Name;
use domain::value::timestamp::Timestamp;

/// The most environments a project may have.
pub const MAXIMUM_ENVIRONMENTS: usize = 100;

/// What a project begins with: slug and name.
const DEFAULTS: [(&str, &str); 3] = [("dev", "Development"), ("staging", "Staging"), ("prod", "Production")];

/// The slug of an environment. Its grammar is that of a role's slug.
pub type EnvironmentSlug = RoleSlug;

/// An environment as it is stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Environment {
    /// Its id.
    pub id: EnvironmentId,
    /// Its project.
    pub project: ProjectId,
    /// Its name.
    pub name: String,
    /// Its slug.
    pub slug: String,
    /// Its place among the others, from 1. There may be gaps.
    pub position: u64,
    /// When it was created.
    pub created: Timestamp,
    /// When it was last changed.
    pub updated: Timestamp,
}

/// An environment to be created.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewEnvironment {
    /// Its name.
    pub name: Name,
    /// Its slug.
    pub slug: EnvironmentSlug,
    /// Its place, from 1; `None` for the last.
    pub position: Option<u64>,
}

/// What to change of an environment; `None` leaves a field as it is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct EnvironmentChanges {
    /// The new name.
    pub name: Option<Name>,
    /// The new slug.
    pub slug: Option<EnvironmentSlug>,
    /// The new place.
    pub position: Option<u64>,
}

/// An environment with its project.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EnvironmentOfProject {
    /// The project.
    pub project: Project,
    /// The environment.
    pub environment: Environment,
}

/// Creates an environment.
///
/// # Errors
/// Those of [`project_access::authorize_in_project`], [`DirectoryError::PermissionDenied`],
/// [`ProjectsError::EnvironmentSlugTaken`], [`ProjectsError::TooManyEnvironments`].
pub fn create<S: Sql>(
    context: &mut Context<'_, S>,
    actor: &Actor,
    project: &str,
    new: &NewEnvironment,
) -> Result<EnvironmentOfProject, DirectoryError> {
    let project =
        project_access::enter_for(context, actor, ProjectKey::Id(project), ProjectOperation::CreateEnvironment)?
            .project;
    let all = of_project(context.sql, project.id)?;
    if all.len() >= MAXIMUM_ENVIRONMENTS {
        return Err(ProjectsError::TooManyEnvironments.into());
    }
    require_free_slug(&all, new.slug.as_str(), None)?;
    let position = match new.position {
        Some(position) => {
            make_room(context.sql, &all, position)?;
            position
        }
        None => all.last().map_or(1, |last| last.position.saturating_add(1)),
    };
    let id = insert(context, project.id, new.name.as_str(), new.slug.as_str(), position)?;
    record(context, actor, "createEnvironment", project.id, id)?;
    let environment = get_in(context.sql, project.id, &id.to_string())?;
    Ok(EnvironmentOfProject { project, environment })
}

/// Changes an environment.
///
/// # Errors
/// Those of [`project_access::authorize_in_project`], [`DirectoryError::PermissionDenied`],
/// [`ProjectsError::EnvironmentNotFound`], [`ProjectsError::EnvironmentSlugTaken`].
pub fn update<S: Sql>(
    context: &mut Context<'_, S>,
    actor: &Actor,
    project: &str,
    id: &str,
    changes: &EnvironmentChanges,
) -> Result<EnvironmentOfProject, DirectoryError> {
    let project =
        project_access::enter_for(context, actor, ProjectKey::Id(project), ProjectOperation::UpdateEnvironment)?
            .project;
    let current = get_in(context.sql, project.id, id)?;
    let all = of_project(context.sql, project.id)?;
    let position = changes.position.unwrap_or(current.position);
    let slug = changes.slug.as_ref().map_or(current.slug.as_str(), EnvironmentSlug::as_str);
    require_free_slug(&all, slug, Some(current.id))?;
    move_others(context.sql, &all, &current, position)?;
    context.sql.execute(
        "UPDATE environments SET name = ?, slug = ?, position = ?, updated_at = ? WHERE id = ?",
        &[
            changes.name.as_ref().map_or(current.name.as_str(), Name::as_str).into(),
            slug.into(),
            position.into(),
            context.now.into(),
            current.id.to_string().into(),
        ],
    )?;
    record(context, actor, "updateEnvironment", project.id, current.id)?;
    let environment = get_in(context.sql, project.id, id)?;
    Ok(EnvironmentOfProject { project, environment })
}

/// Deletes an environment.
///
/// # Errors
/// Those of [`project_access::authorize_in_project`], [`DirectoryError::PermissionDenied`],
/// [`ProjectsError::EnvironmentNotFound`].
pub fn delete<S: Sql>(
    context: &mut Context<'_, S>,
    actor: &Actor,
    project: &str,
    id: &str,
) -> Result<EnvironmentOfProject, DirectoryError> {
    let project =
        project_access::enter_for(context, actor, ProjectKey::Id(project), ProjectOperation::DeleteEnvironment)?
            .project;
    let environment = get_in(context.sql, project.id, id)?;
    context.sql.execute("DELETE FROM environments WHERE id = ?", &[environment.id.to_string().into()])?;
    context.sql.execute(
        "UPDATE environments SET position = position - 1 WHERE project_id = ? AND position > ?",
        &[project.id.to_string().into(), environment.position.into()],
    )?;
    record(context, actor, "deleteEnvironment", project.id, environment.id)?;
    Ok(EnvironmentOfProject { project, environment })
}

/// Looks an environment up.
///
/// # Errors
/// Those of [`project_access::authorize_in_project`], [`DirectoryError::PermissionDenied`],
/// [`ProjectsError::EnvironmentNotFound`].
pub fn get<S: Sql>(
    context: &Context<'_, S>,
    actor: &Actor,
    project: &str,
    id: &str,
) -> Result<Environment, DirectoryError> {
    let project =
        project_access::enter_for(context, actor, ProjectKey::Id(project), ProjectOperation::GetEnvironment)?.project;
    get_in(context.sql, project.id, id)
}

/// Looks an environment of the actor's organization up by its id alone.
///
/// # Errors
/// Those of [`project_access::authorize_in_project`], [`DirectoryError::PermissionDenied`],
/// [`ProjectsError::EnvironmentNotFound`].
pub fn get_by_id<S: Sql>(context: &Context<'_, S>, actor: &Actor, id: &str) -> Result<Environment, DirectoryError> {
    let not_found = || ProjectsError::EnvironmentNotFound { by: "ID", key: id.to_owned() };
    let environment = EnvironmentId::parse(id).ok_or_else(not_found)?;
    let rows = context.sql.execute(
        &format!("{SELECT} WHERE id = ? AND project_id IN (SELECT id FROM projects WHERE organization_id = ?)"),
        &[environment.to_string().into(), actor.organization.to_string().into()],
    )?;
    let found = read(rows.into_iter().next().ok_or_else(not_found)?)?;
    let project = found.project.to_string();
    project_access::enter_for(context, actor, ProjectKey::Id(&project), ProjectOperation::GetEnvironment)?;
    Ok(found)
}

/// Looks an environment up by its slug.
///
/// # Errors
/// Those of [`project_access::authorize_in_project`], [`DirectoryError::PermissionDenied`],
/// [`ProjectsError::EnvironmentNotFound`].
pub fn get_by_slug<S: Sql>(
    context: &Context<'_, S>,
    actor: &Actor,
    project: &str,
    slug: &str,
) -> Result<Environment, DirectoryError> {
    let project =
        project_access::enter_for(context, actor, ProjectKey::Id(project), ProjectOperation::GetEnvironment)?.project;
    let found = of_project(context.sql, project.id)?.into_iter().find(|environment| environment.slug == slug);
    Ok(found.ok_or_else(|| ProjectsError::EnvironmentNotFound { by: "slug", key: slug.to_owned() })?)
}

/// Lists the environments of a project, in their order.
///
/// # Errors
/// Those of [`project_access::authorize_in_project`], [`DirectoryError::PermissionDenied`].
pub fn list<S: Sql>(
    context: &Context<'_, S>,
    actor: &Actor,
    project: &str,
) -> Result<Vec<Environment>, DirectoryError> {
    let project =
        project_access::enter_for(context, actor, ProjectKey::Id(project), ProjectOperation::ListEnvironments)?.project;
    Ok(of_project(context.sql, project.id)?)
}

/// Writes the rows of the environments that a project begins with.
pub(super) fn insert_defaults<S: Sql>(context: &mut Context<'_, S>, project: ProjectId) -> Result<(), SqlError> {
    for (position, (slug, name)) in (1u64..).zip(DEFAULTS) {
        insert(context, project, name, slug, position)?;
    }
    Ok(())
}

/// The environments of a project, in their order.
pub(super) fn of_project<S: Sql>(sql: &S, project: ProjectId) -> Result<Vec<Environment>, SqlError> {
    let rows =
        sql.execute(&format!("{SELECT} WHERE project_id = ? ORDER BY position, id"), &[project.to_string().into()])?;
    rows.into_iter().map(read).collect()
}

const SELECT: &str = "SELECT id, project_id, name, slug, position, created_at, updated_at FROM environments";

fn read(mut row: Row) -> Result<Environment, SqlError> {
    Ok(Environment {
        id: row.parsed(EnvironmentId::parse)?,
        project: row.parsed(ProjectId::parse)?,
        name: row.text()?,
        slug: row.text()?,
        position: row.unsigned()?,
        created: row.timestamp()?,
        updated: row.timestamp()?,
    })
}

/// The environment of a project with this id.
pub(super) fn get_in<S: Sql>(sql: &S, project: ProjectId, id: &str) -> Result<Environment, DirectoryError> {
    let not_found = || ProjectsError::EnvironmentNotFound { by: "ID", key: id.to_owned() };
    let environment = EnvironmentId::parse(id).ok_or_else(not_found)?;
    let rows = sql.execute(
        &format!("{SELECT} WHERE project_id = ? AND id = ?"),
        &[project.to_string().into(), environment.to_string().into()],
    )?;
    Ok(read(rows.into_iter().next().ok_or_else(not_found)?)?)
}

fn insert<S: Sql>(
    context: &mut Context<'_, S>,
    project: ProjectId,
    name: &str,
    slug: &str,
    position: u64,
) -> Result<EnvironmentId, SqlError> {
    let id = EnvironmentId::from_random(context.randomness.next_16());
    context.sql.execute(
        "INSERT INTO environments (id, project_id, name, slug, position, created_at, updated_at)
         VALUES (?, ?, ?, ?, ?, ?, ?)",
        &[
            id.to_string().into(),
            project.to_string().into(),
            name.into(),
            slug.into(),
            position.into(),
            context.now.into(),
            context.now.into(),
        ],
    )?;
    Ok(id)
}

/// Moves the environments from `position` on by one place, if one of them is there.
fn make_room<S: Sql>(sql: &S, all: &[Environment], position: u64) -> Result<(), SqlError> {
    if all.iter().any(|other| other.position == position) {
        for other in all.iter().filter(|other| other.position >= position) {
            place(sql, other.id, other.position.saturating_add(1))?;
        }
    }
    Ok(())
}

/// Closes the gap that `moved` leaves, and makes room for it, if another environment is where it goes. It gets exactly the
/// place that was asked for, also one behind all others: clients compare.
fn move_others<S: Sql>(sql: &S, all: &[Environment], moved: &Environment, position: u64) -> Result<(), SqlError> {
    let others = || all.iter().filter(|other| other.id != moved.id);
    if !others().any(|other| other.position == position) {
        return Ok(());
    }
    for other in others() {
        if moved.position < other.position && other.position <= position {
            place(sql, other.id, other.position.saturating_sub(1))?;
        } else if position <= other.position && other.position < moved.position {
            place(sql, other.id, other.position.saturating_add(1))?;
        }
    }
    Ok(())
}

fn place<S: Sql>(sql: &S, id: EnvironmentId, position: u64) -> Result<(), SqlError> {
    sql.execute("UPDATE environments SET position = ? WHERE id = ?", &[position.into(), id.to_string().into()])?;
    Ok(())
}

fn require_free_slug(all: &[Environment], slug: &str, except: Option<EnvironmentId>) -> Result<(), DirectoryError> {
    let taken = all.iter().any(|other| other.slug == slug && Some(other.id) != except);
    if taken { Err(ProjectsError::EnvironmentSlugTaken { slug: slug.to_owned() }.into()) } else { Ok(()) }
}

fn record<S: Sql>(
    context: &Context<'_, S>,
    actor: &Actor,
    action: &'static str,
    project: ProjectId,
    id: EnvironmentId,
) -> Result<(), SqlError> {
    projects::record_inside(context, actor, action, format!("project/{project}/environment/{id}"), &[])
}
