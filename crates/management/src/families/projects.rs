//! Projects.

pub mod bodies;
#[cfg(any(test, feature = "describe"))]
pub mod documentation;
pub mod views;

use crate::endpoint::endpoints;
use crate::error::ManagementError;
use crate::families::projects::bodies::{
    AuditLogsRetentionRequest, CreateProjectRequest, ListProjectsQuery, UpdateProjectRequest,
};
pub use crate::families::projects::views::Envelope;
use crate::families::projects::views::{
    AuditLogsRetentionAnswer, ProjectAnswer, ProjectListAnswer, ProjectListItem, ProjectView, WorkspaceAnswer,
    WorkspaceListAnswer,
};
use crate::idempotency;
use crate::preconditions;
use crate::request::Request;
use crate::surface::{Surface, answer, bad_request, not_found};
use directory::context::{Actor, Context};
use directory::environments;
use directory::outcome::{Changed, Removed};
use directory::project_access::ProjectKey;
use directory::project_roles;
use directory::projects::{self, ProjectsError, ResponseBudget};
use protocol::response::ApiResponse;

/// What the path names a project by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum By {
    Id,
    Slug,
}

endpoints! {
    /// The endpoints of projects. A parameter of one position has one name in all families, even where a slug stands in
    /// `:projectId`: otherwise the router would refuse the path.
    Projects {
        CreateProject by AccessToken [POST "/api/v1/projects", POST "/api/v2/workspace"];
        ListProjects(Envelope) by AccessToken [
            GET "/api/v1/projects" (Envelope::Project),
            GET "/api/v1/workspace" (Envelope::Workspace),
        ];
        GetProject(Envelope) by AccessToken [
            GET "/api/v1/projects/:projectId" (Envelope::Project),
            GET "/api/v1/workspace/:projectId" (Envelope::Workspace),
        ];
        GetProjectBySlug of GetProject by AccessToken [
            GET "/api/v1/projects/slug/:slug",
            GET "/api/v2/workspace/:projectId",
        ];
        UpdateProject(By, Envelope) by AccessToken [
            PATCH "/api/v1/projects/:projectId" (By::Id, Envelope::Project),
            PATCH "/api/v1/workspace/:projectId" (By::Id, Envelope::Workspace),
            PATCH "/api/v2/workspace/:projectId" (By::Slug, Envelope::Bare),
        ];
        DeleteProject(By, Envelope) by AccessToken [
            DELETE "/api/v1/projects/:projectId" (By::Id, Envelope::Project),
            DELETE "/api/v1/workspace/:projectId" (By::Id, Envelope::Workspace),
            DELETE "/api/v2/workspace/:projectId" (By::Slug, Envelope::Bare),
        ];
        UpdateProjectAuditLogsRetention(By, Envelope) of UpdateProject by AccessToken [
            PUT "/api/v1/projects/:projectId/audit-logs-retention" (By::Id, Envelope::Project),
            // A slug, though the other paths that begin so have an id.
            PUT "/api/v1/workspace/:projectId/audit-logs-retention" (By::Slug, Envelope::Workspace),
        ];
    }
}

pub fn run(
    context: &mut Context<'_>,
    request: &Request<'_>,
    endpoint: Projects,
) -> Result<ApiResponse, ManagementError> {
    let actor = request.actor(context)?;
    match endpoint {
        Projects::CreateProject => {
            let new = request.body::<CreateProjectRequest>()?;
            let create = |context: &mut Context<'_>| projects::create(context, &actor, &new);
            let made = idempotency::once(context, request, &actor, create, |made| made.project.id.to_string())?;
            Ok(respond(request, Envelope::Project, &ProjectView::from(&made)))
        }
        Projects::ListProjects(envelope) => list(context, request, &actor, envelope),
        Projects::GetProject(envelope) => {
            let found = projects::get(context, &actor, key(request, By::Id))?;
            Ok(preconditions::tagged(respond(request, envelope, &ProjectView::from(&found)), &found))
        }
        Projects::GetProjectBySlug => {
            let found = projects::get(context, &actor, key(request, By::Slug))?;
            Ok(preconditions::tagged(respond(request, Envelope::Bare, &ProjectView::from(&found)), &found))
        }
        Projects::UpdateProject(by, envelope) => {
            let changes = request.body::<UpdateProjectRequest>()?;
            let Changed { after: changed, .. } =
                preconditions::guard(request, projects::update(context, &actor, key(request, by), &changes)?)?;
            Ok(preconditions::tagged(respond(request, envelope, &ProjectView::from(&changed)), &changed))
        }
        Projects::DeleteProject(by, envelope) => {
            let Removed(gone) = preconditions::guard(request, projects::delete(context, &actor, key(request, by))?)?;
            Ok(respond(request, envelope, &ProjectView::from(&gone)))
        }
        Projects::UpdateProjectAuditLogsRetention(by, envelope) => {
            let changes = request.body::<AuditLogsRetentionRequest>()?;
            let Changed { after: changed, .. } =
                preconditions::guard(request, projects::update(context, &actor, key(request, by), &changes)?)?;
            let answer = request.ok(&AuditLogsRetentionAnswer::new(envelope, &changed));
            Ok(preconditions::tagged(answer, &changed))
        }
    }
}

fn list(
    context: &Context<'_>,
    request: &Request<'_>,
    actor: &Actor,
    envelope: Envelope,
) -> Result<ApiResponse, ManagementError> {
    let query = request.query::<ListProjectsQuery>()?;
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
