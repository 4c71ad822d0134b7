//! Environments of a project. They are names that clients keep for themselves: nothing is decided by them.

use crate::audit::Target;
use crate::context::{Actor, Context};
use crate::error::DirectoryError;
use crate::error::projects::ProjectsError;
use crate::journal;
use crate::outcome::{Changed, Removed};
use crate::project_access::{self, ProjectKey};
use crate::sql::{Column, Sql, SqlError};
use crate::tables::environments::{find, of_project};
use crate::tables::projects::Project;
use crate::tables::record::{Record, columns};
use domain::permission::operation::Operation;
use domain::permission::role_slug::RoleSlug;
use domain::value::identifiers::{EnvironmentId, ProjectId};
use domain::value::names::Name;

pub use crate::tables::environments::Environment;

/// The most environments a project may have.
pub const MAXIMUM_ENVIRONMENTS: usize = 100;

/// What a project begins with: slug and name.
const DEFAULTS: [(&str, &str); 3] = [("dev", "Development"), ("staging", "Staging"), ("prod", "Production")];

/// The slug of an environment. Its grammar is that of a role's slug.
pub type EnvironmentSlug = RoleSlug;

/// An environment to be created.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewEnvironment {
    pub name: Name,
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

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EnvironmentOfProject {
    pub project: Project,
    pub environment: Environment,
}

/// Creates an environment.
///
/// # Errors
/// Those of [`project_access::authorize_in_project`], [`DirectoryError::PermissionDenied`],
/// [`ProjectsError::EnvironmentSlugTaken`], [`ProjectsError::TooManyEnvironments`].
pub fn create(
    context: &mut Context<'_>,
    actor: &Actor,
    project: &str,
    new: &NewEnvironment,
) -> Result<EnvironmentOfProject, DirectoryError> {
    let project =
        project_access::enter_for(context, actor, ProjectKey::Id(project), Operation::CreateEnvironment)?.project;
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
    let environment = insert(context, project.id, new.name.as_str(), new.slug.as_str(), position)?;
    let target = Target::Environment(project.id, environment.id);
    journal::record(context, actor, Operation::CreateEnvironment, target, &[])?;
    Ok(EnvironmentOfProject { project, environment })
}

/// Changes an environment.
///
/// # Errors
/// Those of [`project_access::authorize_in_project`], [`DirectoryError::PermissionDenied`],
/// [`ProjectsError::EnvironmentNotFound`], [`ProjectsError::EnvironmentSlugTaken`].
pub fn update(
    context: &mut Context<'_>,
    actor: &Actor,
    project: &str,
    id: &str,
    changes: &EnvironmentChanges,
) -> Result<Changed<Environment, EnvironmentOfProject>, DirectoryError> {
    let project =
        project_access::enter_for(context, actor, ProjectKey::Id(project), Operation::UpdateEnvironment)?.project;
    let current = get_in(context.sql, project.id, id)?;
    let all = of_project(context.sql, project.id)?;
    let environment = Environment {
        name: changes.name.as_ref().map_or(current.name.as_str(), Name::as_str).to_owned(),
        slug: changes.slug.as_ref().map_or(current.slug.as_str(), EnvironmentSlug::as_str).to_owned(),
        position: changes.position.unwrap_or(current.position),
        updated: context.now,
        ..current.clone()
    };
    require_free_slug(&all, &environment.slug, Some(current.id))?;
    move_others(context.sql, &all, &current, environment.position)?;
    environment.update(context.sql)?;
    let target = Target::Environment(project.id, environment.id);
    journal::record(context, actor, Operation::UpdateEnvironment, target, &[])?;
    Ok(Changed { before: current, after: EnvironmentOfProject { project, environment } })
}

/// Deletes an environment.
///
/// # Errors
/// Those of [`project_access::authorize_in_project`], [`DirectoryError::PermissionDenied`],
/// [`ProjectsError::EnvironmentNotFound`].
pub fn delete(
    context: &mut Context<'_>,
    actor: &Actor,
    project: &str,
    id: &str,
) -> Result<Removed<EnvironmentOfProject>, DirectoryError> {
    let project =
        project_access::enter_for(context, actor, ProjectKey::Id(project), Operation::DeleteEnvironment)?.project;
    let environment = get_in(context.sql, project.id, id)?;
    context.sql.execute("DELETE FROM environments WHERE id = ?", &[environment.id.to_value()])?;
    context.sql.execute(
        "UPDATE environments SET position = position - 1 WHERE project_id = ? AND position > ?",
        &[project.id.to_value(), environment.position.into()],
    )?;
    let target = Target::Environment(project.id, environment.id);
    journal::record(context, actor, Operation::DeleteEnvironment, target, &[])?;
    Ok(Removed(EnvironmentOfProject { project, environment }))
}

/// Looks an environment up.
///
/// # Errors
/// Those of [`project_access::authorize_in_project`], [`DirectoryError::PermissionDenied`],
/// [`ProjectsError::EnvironmentNotFound`].
pub fn get(context: &Context<'_>, actor: &Actor, project: &str, id: &str) -> Result<Environment, DirectoryError> {
    let project =
        project_access::enter_for(context, actor, ProjectKey::Id(project), Operation::GetEnvironment)?.project;
    get_in(context.sql, project.id, id)
}

/// Looks an environment of the actor's organization up by its id alone.
///
/// # Errors
/// Those of [`project_access::authorize_in_project`], [`DirectoryError::PermissionDenied`],
/// [`ProjectsError::EnvironmentNotFound`].
pub fn get_by_id(context: &Context<'_>, actor: &Actor, id: &str) -> Result<Environment, DirectoryError> {
    let not_found = || ProjectsError::EnvironmentNotFound { by: "ID", key: id.to_owned() };
    let environment = EnvironmentId::parse(id).ok_or_else(not_found)?;
    let condition = "WHERE id = ? AND project_id IN (SELECT id FROM projects WHERE organization_id = ?)";
    let found = Environment::first(context.sql, condition, &[environment.to_value(), actor.organization.to_value()])?;
    let found = found.ok_or_else(not_found)?;
    let project = found.project.to_string();
    project_access::enter_for(context, actor, ProjectKey::Id(&project), Operation::GetEnvironment)?;
    Ok(found)
}

/// Looks an environment up by its slug.
///
/// # Errors
/// Those of [`project_access::authorize_in_project`], [`DirectoryError::PermissionDenied`],
/// [`ProjectsError::EnvironmentNotFound`].
pub fn get_by_slug(
    context: &Context<'_>,
    actor: &Actor,
    project: &str,
    slug: &str,
) -> Result<Environment, DirectoryError> {
    let project =
        project_access::enter_for(context, actor, ProjectKey::Id(project), Operation::GetEnvironment)?.project;
    let found = of_project(context.sql, project.id)?.into_iter().find(|environment| environment.slug == slug);
    Ok(found.ok_or_else(|| ProjectsError::EnvironmentNotFound { by: "slug", key: slug.to_owned() })?)
}

/// Lists the environments of a project, in their order.
///
/// # Errors
/// Those of [`project_access::authorize_in_project`], [`DirectoryError::PermissionDenied`].
pub fn list(context: &Context<'_>, actor: &Actor, project: &str) -> Result<Vec<Environment>, DirectoryError> {
    let project =
        project_access::enter_for(context, actor, ProjectKey::Id(project), Operation::ListEnvironments)?.project;
    Ok(of_project(context.sql, project.id)?)
}

/// Writes the rows of the environments that a project begins with.
pub(super) fn insert_defaults(context: &mut Context<'_>, project: ProjectId) -> Result<(), SqlError> {
    for (position, (slug, name)) in (1u64..).zip(DEFAULTS) {
        insert(context, project, name, slug, position)?;
    }
    Ok(())
}

/// The environment of a project with this id.
pub(super) fn get_in(sql: &dyn Sql, project: ProjectId, id: &str) -> Result<Environment, DirectoryError> {
    let not_found = || ProjectsError::EnvironmentNotFound { by: "ID", key: id.to_owned() };
    let environment = EnvironmentId::parse(id).ok_or_else(not_found)?;
    Ok(find(sql, project, environment)?.ok_or_else(not_found)?)
}

fn insert(
    context: &mut Context<'_>,
    project: ProjectId,
    name: &str,
    slug: &str,
    position: u64,
) -> Result<Environment, SqlError> {
    let environment = Environment {
        id: EnvironmentId::from_random(context.randomness.next_16()),
        project,
        name: name.to_owned(),
        slug: slug.to_owned(),
        position,
        created: context.now,
        updated: context.now,
    };
    environment.insert(context.sql)?;
    Ok(environment)
}

/// Moves the environments from `position` on by one place, if one of them is there.
fn make_room(sql: &dyn Sql, all: &[Environment], position: u64) -> Result<(), SqlError> {
    if all.iter().any(|other| other.position == position) {
        for other in all.iter().filter(|other| other.position >= position) {
            place(sql, other.id, other.position.saturating_add(1))?;
        }
    }
    Ok(())
}

/// Closes the gap that `moved` leaves, and makes room for it, if another environment is where it goes. It gets exactly the
/// place that was asked for, also one behind all others: clients compare.
fn move_others(sql: &dyn Sql, all: &[Environment], moved: &Environment, position: u64) -> Result<(), SqlError> {
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

struct Place {
    position: u64,
}

columns! { Place { position: u64 = "position" } }

fn place(sql: &dyn Sql, id: EnvironmentId, position: u64) -> Result<(), SqlError> {
    Environment::set(sql, &id, &Place { position })
}

fn require_free_slug(all: &[Environment], slug: &str, except: Option<EnvironmentId>) -> Result<(), DirectoryError> {
    let taken = all.iter().any(|other| other.slug == slug && Some(other.id) != except);
    if taken { Err(ProjectsError::EnvironmentSlugTaken { slug: slug.to_owned() }.into()) } else { Ok(()) }
}
