//! What the document says of projects and environments.

#![expect(dead_code, reason = "requests are described and never made")]

use schemars::JsonSchema;

use super::bodies::{self, DEFAULT_TYPE, LAST_POSITION, MAXIMUM_DESCRIPTION_CHARACTERS, MAXIMUM_RETENTION_DAYS, TYPES};
use super::views::{
    AuditLogsRetentionAnswer, ProjectAnswer, ProjectListAnswer, ProjectView, WorkspaceAnswer, WorkspaceListAnswer,
};
use super::{By, Envelope, Projects};
use crate::families::environments::Environments;
use crate::families::environments::views::{EnvironmentAnswer, EnvironmentBySlugAnswer, EnvironmentListAnswer};
use crate::inputs::MAXIMUM_PAGE;
use crate::openapi::describe::{Description, Tag, shown};
use crate::openapi::fields::{NameText, ProjectSlugText, SlugText};

/// What the document says of an endpoint.
pub fn description(endpoint: Projects) -> Description {
    let tag = Tag::Projects;
    let described = match endpoint {
        Projects::CreateProject => Description::new::<ProjectAnswer<'_>>(tag, "Create a project").details("The caller becomes its administrator. A slug is made of the name when none is sent.")
            .takes::<CreateProjectRequest>(|body| shown(bodies::new_project(body))),
        Projects::ListProjects(envelope) => {
            let summary = "List the projects that the caller may see";
            let description = match envelope {
                Envelope::Project | Envelope::Bare => Description::new::<ProjectListAnswer<'_>>(tag, summary),
                Envelope::Workspace => Description::new::<WorkspaceListAnswer<'_>>(tag, summary),
            };
            let details =
                "Those that the caller is a member of; all of them for whoever may do everything in the organization.";
            description.details(details).asks::<ListProjectsQuery>(|query| shown(bodies::project_list(query)))
        }
        Projects::GetProject(envelope) => one(envelope, "Get a project").details("With its environments."),
        Projects::GetProjectBySlug => one(Envelope::Bare, "Get a project by its slug").details("With its environments. The project is the whole answer.").by_slug(true),
        Projects::UpdateProject(by, envelope) => one(envelope, "Change a project").details("What is left out stays. `null` takes the description away.")
            .takes::<UpdateProjectRequest>(|body| shown(bodies::project_changes(body)))
            .by_slug(by == By::Slug),
        Projects::DeleteProject(by, envelope) => {
            one(envelope, "Delete a project with all that belongs to it").details("Its environments, roles, routes and memberships go with it. Refused while it has delete protection.").by_slug(by == By::Slug)
        }
        // DIFFERENCE: Infisical shortens the audit log of the project. Here it is the organization's, and stays whole.
        Projects::UpdateProjectAuditLogsRetention(by, _) => Description::new::<AuditLogsRetentionAnswer<'_>>(
            tag,
            "Note how long a project wants the audit log to be kept",
        )
        .details("The number is kept and shown, for clients that compare it. Nothing is decided by it: the audit log is the organization's.")
        .takes::<AuditLogsRetentionRequest>(|body| shown(bodies::audit_logs_retention(body)))
        .by_slug(by == By::Slug),
    };
    match endpoint {
        Projects::CreateProject => described.at_most_once(),
        Projects::GetProject(_) | Projects::GetProjectBySlug => described.tagged(),
        Projects::UpdateProject(..) | Projects::UpdateProjectAuditLogsRetention(..) => described.tagged().conditional(),
        Projects::DeleteProject(..) => described.conditional(),
        Projects::ListProjects(_) => described,
    }
}

/// What the document says of an endpoint of environments.
pub fn environments(endpoint: Environments) -> Description {
    let tag = Tag::Projects;
    let described = match endpoint {
        Environments::CreateEnvironment => {
            Description::new::<EnvironmentAnswer<'_>>(tag, "Create an environment").details("Environments are names that clients keep for themselves: nothing is decided by them. At a place that another one has, that one and those behind it move on.")
                .takes::<CreateEnvironmentRequest>(|body| shown(bodies::new_environment(body)))
        }
        Environments::ListEnvironments => {
            Description::new::<EnvironmentListAnswer<'_>>(tag, "List the environments of a project").details("In their order.")
        }
        Environments::GetEnvironment => Description::new::<EnvironmentAnswer<'_>>(tag, "Get an environment").details("One of another project is not found."),
        Environments::GetEnvironmentById => {
            Description::new::<EnvironmentAnswer<'_>>(tag, "Get an environment by its id alone")
                .details("Infisical's Terraform provider reads an environment by it.")
        }
        Environments::GetEnvironmentBySlug => Description::new::<EnvironmentBySlugAnswer<'_>>(
            tag,
            "Get an environment by its slug",
        )
        .details("The environment is there twice: in `environment`, and bare, as Infisical's Terraform provider reads it."),
        Environments::UpdateEnvironment => {
            Description::new::<EnvironmentAnswer<'_>>(tag, "Change an environment").details("What is left out stays.")
                .takes::<UpdateEnvironmentRequest>(|body| shown(bodies::environment_changes(body)))
        }
        Environments::DeleteEnvironment => {
            Description::new::<EnvironmentAnswer<'_>>(tag, "Delete an environment").details("Those behind it move up.")
        }
    };
    match endpoint {
        Environments::CreateEnvironment => described.at_most_once(),
        Environments::GetEnvironment | Environments::GetEnvironmentById | Environments::GetEnvironmentBySlug => {
            described.tagged()
        }
        Environments::UpdateEnvironment => described.tagged().conditional(),
        Environments::DeleteEnvironment => described.conditional(),
        Environments::ListEnvironments => described,
    }
}

/// An operation that answers with one project.
fn one(envelope: Envelope, summary: &'static str) -> Description {
    match envelope {
        Envelope::Project => Description::new::<ProjectAnswer<'_>>(Tag::Projects, summary),
        Envelope::Workspace => Description::new::<WorkspaceAnswer<'_>>(Tag::Projects, summary),
        Envelope::Bare => Description::new::<ProjectView<'_>>(Tag::Projects, summary),
    }
}

/// A project to create. `template` and `kmsKeyId` may be sent and are ignored.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
struct CreateProjectRequest {
    project_name: NameText,
    slug: Option<ProjectSlugText>,
    #[schemars(length(max = MAXIMUM_DESCRIPTION_CHARACTERS), extend("x-nullable" = true))]
    project_description: Option<String>,
    /// Kept and shown; nothing is decided by it.
    #[schemars(rename = "type", extend("enum" = TYPES, "default" = DEFAULT_TYPE))]
    kind: Option<String>,
    /// Whether the project begins with the environments `dev`, `staging` and `prod`.
    #[schemars(extend("default" = true))]
    should_create_default_envs: Option<bool>,
    /// Whether the project cannot be deleted until this is taken back.
    #[schemars(extend("default" = false))]
    has_delete_protection: Option<bool>,
}

/// What to change of a project; the rest stays.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
struct UpdateProjectRequest {
    name: Option<NameText>,
    slug: Option<ProjectSlugText>,
    /// Null takes the description away.
    #[schemars(length(max = MAXIMUM_DESCRIPTION_CHARACTERS), extend("x-nullable" = true))]
    description: Option<String>,
    /// Whether the project cannot be deleted until this is taken back.
    has_delete_protection: Option<bool>,
}

/// How long the audit log is wanted.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
struct AuditLogsRetentionRequest {
    /// Days; kept and shown.
    #[schemars(range(max = MAXIMUM_RETENTION_DAYS))]
    audit_logs_retention_days: u64,
}

/// Which projects to list, and how.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
struct ListProjectsQuery {
    /// Only projects of this type.
    #[schemars(rename = "type", extend("enum" = TYPES.iter().copied().chain(["all"]).collect::<Vec<_>>(), "default" = "all"))]
    kind: Option<String>,
    /// Whether each project comes with its roles.
    #[schemars(extend("enum" = ["true", "false"], "default" = "false"))]
    include_roles: Option<String>,
    /// How many to skip.
    #[schemars(range(max = u32::MAX), extend("default" = 0))]
    offset: Option<u64>,
    /// How many to return at most.
    #[schemars(range(min = 1, max = MAXIMUM_PAGE), extend("default" = MAXIMUM_PAGE))]
    limit: Option<u64>,
}

/// An environment to create.
#[derive(JsonSchema)]
struct CreateEnvironmentRequest {
    name: NameText,
    slug: SlugText,
    /// Its place among the environments; the last one when it is left out.
    #[schemars(range(min = 1, max = LAST_POSITION))]
    position: Option<u64>,
}

/// What to change of an environment; the rest stays.
#[derive(JsonSchema)]
struct UpdateEnvironmentRequest {
    name: Option<NameText>,
    slug: Option<SlugText>,
    /// Its place among the environments; 0 leaves it where it is.
    #[schemars(range(max = LAST_POSITION), extend("default" = 0))]
    position: Option<u64>,
}
