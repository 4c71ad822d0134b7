//! Projects and their environments.

pub mod bodies;
pub mod views;

#[cfg(any(test, feature = "describe"))]
pub mod documentation;
use crate::error::{ManagementError, Surface, answer, bad_request, not_found};
use crate::families::environments::views::{EnvironmentAnswer, EnvironmentBySlugAnswer, EnvironmentListAnswer};
use crate::families::projects::views::{
    AuditLogsRetentionAnswer, ProjectAnswer, ProjectListAnswer, ProjectListItem, ProjectView, WorkspaceAnswer,
    WorkspaceListAnswer,
};
use crate::handle::Request;
use crate::idempotency;
use crate::operation::{self, Authentication, Route};
use crate::preconditions::{self, EntityTag, Tagged};
use directory::context::{Actor, Context};
use directory::environments;
use directory::project_access::ProjectKey;
use directory::projects::{self, ProjectDetails, ProjectsError, ResponseBudget};
use directory::sql::Sql;
use directory::{project_roles, versions};
use protocol::response::ApiResponse;

/// The operations.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Operation {
    /// `createProject`
    Create,
    /// `listProjects`
    List(Envelope),
    /// `getProject`
    Get(By, Envelope),
    /// `updateProject`
    Update(By, Envelope),
    /// `deleteProject`
    Delete(By, Envelope),
    /// `updateProjectAuditLogsRetention`
    SetAuditLogsRetention(By, Envelope),
    /// `createEnvironment`
    CreateEnvironment,
    /// `listEnvironments`
    ListEnvironments,
    /// `getEnvironment`
    GetEnvironment,
    /// `getEnvironmentById`: its id alone.
    GetEnvironmentById,
    /// `getEnvironmentBySlug`
    GetEnvironmentBySlug,
    /// `updateEnvironment`
    UpdateEnvironment,
    /// `deleteEnvironment`
    DeleteEnvironment,
}

/// What the path names a project by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum By {
    /// Its id.
    Id,
    /// Its slug.
    Slug,
}

/// How an answer wraps a project: the vendor changed its mind over the years.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Envelope {
    /// `{"project": …}`
    Project,
    /// `{"workspace": …}`
    Workspace,
    /// The project itself.
    Bare,
}

const fn route(method: &'static str, path: &'static str, operation: Operation) -> Route {
    operation::route(method, path, operation::Operation::Projects(operation), Authentication::AccessToken)
}

/// The routes. A parameter of one position has one name in all families, even where a slug stands in `:projectId`:
/// otherwise the router would refuse the path.
pub const ROUTES: &[Route] = {
    use Operation as O;
    &[
        route("POST", "/api/v1/projects", O::Create),
        route("POST", "/api/v2/workspace", O::Create),
        route("GET", "/api/v1/projects", O::List(Envelope::Project)),
        route("GET", "/api/v1/workspace", O::List(Envelope::Workspace)),
        route("GET", "/api/v1/projects/:projectId", O::Get(By::Id, Envelope::Project)),
        route("PATCH", "/api/v1/projects/:projectId", O::Update(By::Id, Envelope::Project)),
        route("DELETE", "/api/v1/projects/:projectId", O::Delete(By::Id, Envelope::Project)),
        route("GET", "/api/v1/projects/slug/:slug", O::Get(By::Slug, Envelope::Bare)),
        route(
            "PUT",
            "/api/v1/projects/:projectId/audit-logs-retention",
            O::SetAuditLogsRetention(By::Id, Envelope::Project),
        ),
        // A slug, though the other paths that begin so have an id.
        route(
            "PUT",
            "/api/v1/workspace/:projectId/audit-logs-retention",
            O::SetAuditLogsRetention(By::Slug, Envelope::Workspace),
        ),
        route("GET", "/api/v1/workspace/:projectId", O::Get(By::Id, Envelope::Workspace)),
        route("PATCH", "/api/v1/workspace/:projectId", O::Update(By::Id, Envelope::Workspace)),
        route("DELETE", "/api/v1/workspace/:projectId", O::Delete(By::Id, Envelope::Workspace)),
        route("GET", "/api/v2/workspace/:projectId", O::Get(By::Slug, Envelope::Bare)),
        route("PATCH", "/api/v2/workspace/:projectId", O::Update(By::Slug, Envelope::Bare)),
        route("DELETE", "/api/v2/workspace/:projectId", O::Delete(By::Slug, Envelope::Bare)),
        route("POST", "/api/v1/projects/:projectId/environments", O::CreateEnvironment),
        route("GET", "/api/v1/projects/:projectId/environments", O::ListEnvironments),
        route("GET", "/api/v1/projects/:projectId/environments/:environmentId", O::GetEnvironment),
        route("GET", "/api/v1/projects/:projectId/environments/slug/:environmentSlug", O::GetEnvironmentBySlug),
        route("PATCH", "/api/v1/projects/:projectId/environments/:environmentId", O::UpdateEnvironment),
        route("DELETE", "/api/v1/projects/:projectId/environments/:environmentId", O::DeleteEnvironment),
        route("POST", "/api/v1/workspace/:projectId/environments", O::CreateEnvironment),
        route("GET", "/api/v1/workspace/:projectId/environments", O::ListEnvironments),
        route("GET", "/api/v1/workspace/:projectId/environments/:environmentId", O::GetEnvironment),
        route("GET", "/api/v1/workspace/environments/:environmentId", O::GetEnvironmentById),
        route("PATCH", "/api/v1/workspace/:projectId/environments/:environmentId", O::UpdateEnvironment),
        route("DELETE", "/api/v1/workspace/:projectId/environments/:environmentId", O::DeleteEnvironment),
    ]
};

/// Runs an operation.
///
/// # Errors
/// [`ManagementError`].
pub fn run<S: Sql>(
    context: &mut Context<'_, S>,
    request: &Request<'_>,
    operation: Operation,
) -> Result<ApiResponse, ManagementError> {
    let actor = request.actor(context)?;
    let project = request.parameter("projectId");
    let environment = request.parameter("environmentId");
    match operation {
        Operation::Create => {
            let new = bodies::new_project(&request.body()?)?;
            let create = |context: &mut Context<'_, S>| projects::create(context, &actor, &new);
            let made = idempotency::once(context, request, &actor, create, |made| made.project.id.to_string())?;
            Ok(respond(request, Envelope::Project, &ProjectView::from(&made)))
        }
        Operation::List(envelope) => list(context, request, &actor, envelope),
        Operation::Get(by, envelope) => {
            let found = projects::get(context, &actor, key(request, by))?;
            Ok(preconditions::tagged(respond(request, envelope, &ProjectView::from(&found)), &found))
        }
        Operation::Update(by, envelope) => {
            let changes = bodies::project_changes(&request.body()?)?;
            let before = |context: &Context<'_, S>| versions::project(context, &actor, key(request, by));
            let update = |context: &mut Context<'_, S>| projects::update(context, &actor, key(request, by), &changes);
            let changed = preconditions::guard(context, request, before, update)?;
            Ok(preconditions::tagged(respond(request, envelope, &ProjectView::from(&changed)), &changed))
        }
        Operation::Delete(by, envelope) => {
            let before = |context: &Context<'_, S>| versions::project(context, &actor, key(request, by));
            let delete = |context: &mut Context<'_, S>| projects::delete(context, &actor, key(request, by));
            let gone = preconditions::guard(context, request, before, delete)?;
            Ok(respond(request, envelope, &ProjectView::from(&gone)))
        }
        Operation::SetAuditLogsRetention(by, envelope) => {
            let changes = bodies::audit_logs_retention(&request.body()?)?;
            let before = |context: &Context<'_, S>| versions::project(context, &actor, key(request, by));
            let update = |context: &mut Context<'_, S>| projects::update(context, &actor, key(request, by), &changes);
            let changed = preconditions::guard(context, request, before, update)?;
            let answer = request.ok(&AuditLogsRetentionAnswer::new(envelope, &changed));
            Ok(preconditions::tagged(answer, &changed))
        }
        Operation::CreateEnvironment => {
            let new = bodies::new_environment(&request.body()?)?;
            let create = |context: &mut Context<'_, S>| environments::create(context, &actor, project, &new);
            let made = idempotency::once(context, request, &actor, create, |made| made.environment.id.to_string())?;
            Ok(request.ok(&EnvironmentAnswer::after("Successfully created new environment", &made)))
        }
        Operation::ListEnvironments => {
            let found = environments::list(context, &actor, project)?;
            Ok(request.ok(&EnvironmentListAnswer::from(found.as_slice())))
        }
        Operation::GetEnvironment => {
            let found = environments::get(context, &actor, project, environment)?;
            Ok(preconditions::tagged(request.ok(&EnvironmentAnswer::from(&found)), &found))
        }
        Operation::GetEnvironmentById => {
            let found = environments::get_by_id(context, &actor, environment)?;
            Ok(preconditions::tagged(request.ok(&EnvironmentAnswer::from(&found)), &found))
        }
        Operation::GetEnvironmentBySlug => {
            let found = environments::get_by_slug(context, &actor, project, request.parameter("environmentSlug"))?;
            Ok(preconditions::tagged(request.ok(&EnvironmentBySlugAnswer::from(&found)), &found))
        }
        Operation::UpdateEnvironment => {
            let changes = bodies::environment_changes(&request.body()?)?;
            let before = |context: &Context<'_, S>| versions::environment(context, &actor, project, environment);
            let update =
                |context: &mut Context<'_, S>| environments::update(context, &actor, project, environment, &changes);
            let changed = preconditions::guard(context, request, before, update)?;
            let answer = request.ok(&EnvironmentAnswer::after("Successfully updated environment", &changed));
            Ok(preconditions::tagged(answer, &changed.environment))
        }
        Operation::DeleteEnvironment => {
            let before = |context: &Context<'_, S>| versions::environment(context, &actor, project, environment);
            let delete = |context: &mut Context<'_, S>| environments::delete(context, &actor, project, environment);
            let gone = preconditions::guard(context, request, before, delete)?;
            Ok(request.ok(&EnvironmentAnswer::after("Successfully deleted environment", &gone)))
        }
    }
}

fn list<S: Sql>(
    context: &Context<'_, S>,
    request: &Request<'_>,
    actor: &Actor,
    envelope: Envelope,
) -> Result<ApiResponse, ManagementError> {
    let query = bodies::project_list(&request.query())?;
    let mut budget = ResponseBudget::new();
    let found = projects::list(context, actor, &query.projects, &mut budget)?;
    let mut items = Vec::with_capacity(found.len());
    for project in &found {
        let roles = if query.with_roles { Some(project_roles::of_listed(context, actor, project)?) } else { None };
        for role in roles.iter().flatten() {
            budget.take(&role.name, role.slug.as_str())?;
        }
        items.push(ProjectListItem::new(project, roles));
    }
    Ok(match envelope {
        Envelope::Workspace => request.ok(&WorkspaceListAnswer { workspaces: items }),
        Envelope::Project | Envelope::Bare => request.ok(&ProjectListAnswer { projects: items }),
    })
}

fn key<'a>(request: &'a Request<'_>, by: By) -> ProjectKey<'a> {
    match by {
        By::Id => ProjectKey::Id(request.parameter("projectId")),
        By::Slug => ProjectKey::Slug(match request.parameter("slug") {
            "" => request.parameter("projectId"),
            slug => slug,
        }),
    }
}

fn respond(request: &Request<'_>, envelope: Envelope, project: &ProjectView<'_>) -> ApiResponse {
    match envelope {
        Envelope::Project => request.ok(&ProjectAnswer { project }),
        Envelope::Workspace => request.ok(&WorkspaceAnswer { workspace: project }),
        Envelope::Bare => request.ok(project),
    }
}

impl Tagged for ProjectDetails {
    fn tag(&self) -> EntityTag {
        EntityTag::over(&ProjectView::from(self))
    }
}

/// What a client reads of an error.
pub(crate) fn surface(error: &ProjectsError) -> Surface {
    match error {
        ProjectsError::NotFound { by, key } => not_found(format!("Project with {by} '{key}' not found")),
        ProjectsError::NotAMember { project } => answer(
            403,
            "ProjectMembershipNotFound",
            format!(
                "You are not a member of this project with ID {project}. Please assign this identity to the project \
                 with the appropriate permissions, then try again."
            ),
        ),
        ProjectsError::SlugTaken { slug } => bad_request(format!("Project with slug '{slug}' already exists")),
        ProjectsError::DeleteProtected => bad_request("Project has delete protection"),
        ProjectsError::EnvironmentNotFound { by, key } => not_found(format!("Environment with {by} '{key}' not found")),
        ProjectsError::EnvironmentSlugTaken { slug } => {
            bad_request(format!("Environment with slug '{slug}' already exists"))
        }
        ProjectsError::ListTooLong => {
            bad_request("The projects on this page have too many environments and roles, ask for a smaller page")
        }
        ProjectsError::TooManyEnvironments => {
            bad_request(format!("A project can have at most {} environments", environments::MAXIMUM_ENVIRONMENTS))
        }
    }
}
