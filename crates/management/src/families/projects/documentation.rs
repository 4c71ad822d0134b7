//! What the document says of projects and environments.

#![expect(dead_code, reason = "requests are described and never made")]

use schemars::JsonSchema;

use super::bodies::{self, DEFAULT_TYPE, LAST_POSITION, MAXIMUM_DESCRIPTION_CHARACTERS, MAXIMUM_RETENTION_DAYS, TYPES};
use super::views::{
    AuditLogsRetentionAnswer, ProjectAnswer, ProjectListAnswer, ProjectView, WorkspaceAnswer, WorkspaceListAnswer,
};
use super::{By, Envelope, Operation};
use crate::families::environments::views::{EnvironmentAnswer, EnvironmentBySlugAnswer, EnvironmentListAnswer};
use crate::inputs::MAXIMUM_PAGE;
use crate::openapi::describe::{Description, Tag, shown};
use crate::openapi::fields::{NameText, ProjectSlugText, SlugText};

/// What the document says of an operation.
pub fn description(operation: Operation) -> Description {
    use Operation as O;
    let tag = Tag::Projects;
    let described = match operation {
        O::Create => Description::new::<ProjectAnswer<'_>>(tag, "createProject", "Create a project").details("The caller becomes its administrator. A slug is made of the name when none is sent.")
            .takes::<CreateProjectRequest>(|body| shown(bodies::new_project(body))),
        O::List(envelope) => {
            let (id, summary) = ("listProjects", "List the projects that the caller may see");
            let description = match envelope {
                Envelope::Project | Envelope::Bare => Description::new::<ProjectListAnswer<'_>>(tag, id, summary),
                Envelope::Workspace => Description::new::<WorkspaceListAnswer<'_>>(tag, id, summary),
            };
            let details =
                "Those that the caller is a member of; all of them for whoever may do everything in the organization.";
            description.details(details).asks::<ListProjectsQuery>(|query| shown(bodies::project_list(query)))
        }
        O::Get(by, envelope) => match by {
            By::Id => one(envelope, "getProject", "Get a project").details("With its environments.").by_slug(false),
            By::Slug => one(envelope, "getProjectBySlug", "Get a project by its slug").details("With its environments. The project is the whole answer.").by_slug(true),
        },
        O::Update(by, envelope) => one(envelope, "updateProject", "Change a project").details("What is left out stays. `null` takes the description away.")
            .takes::<UpdateProjectRequest>(|body| shown(bodies::project_changes(body)))
            .by_slug(by == By::Slug),
        O::Delete(by, envelope) => {
            one(envelope, "deleteProject", "Delete a project with all that belongs to it").details("Its environments, roles, routes and memberships go with it. Refused while it has delete protection.").by_slug(by == By::Slug)
        }
        // DIFFERENCE: Infisical shortens the audit log of the project. Here it is the organization's, and stays whole.
        O::SetAuditLogsRetention(by, _) => Description::new::<AuditLogsRetentionAnswer<'_>>(
            tag,
            "updateProjectAuditLogsRetention",
            "Note how long a project wants the audit log to be kept",
        )
        .details("The number is kept and shown, for clients that compare it. Nothing is decided by it: the audit log is the organization's.")
        .takes::<AuditLogsRetentionRequest>(|body| shown(bodies::audit_logs_retention(body)))
        .by_slug(by == By::Slug),
        O::CreateEnvironment => {
            Description::new::<EnvironmentAnswer<'_>>(tag, "createEnvironment", "Create an environment").details("Environments are names that clients keep for themselves: nothing is decided by them. At a place that another one has, that one and those behind it move on.")
                .takes::<CreateEnvironmentRequest>(|body| shown(bodies::new_environment(body)))
        }
        O::ListEnvironments => {
            Description::new::<EnvironmentListAnswer<'_>>(tag, "listEnvironments", "List the environments of a project").details("In their order.")
        }
        O::GetEnvironment => Description::new::<EnvironmentAnswer<'_>>(tag, "getEnvironment", "Get an environment").details("One of another project is not found."),
        O::GetEnvironmentById => {
            Description::new::<EnvironmentAnswer<'_>>(tag, "getEnvironmentById", "Get an environment by its id alone")
                .details("Infisical's Terraform provider reads an environment by it.")
        }
        O::GetEnvironmentBySlug => Description::new::<EnvironmentBySlugAnswer<'_>>(
            tag,
            "getEnvironmentBySlug",
            "Get an environment by its slug",
        )
        .details("The environment is there twice: in `environment`, and bare, as Infisical's Terraform provider reads it."),
        O::UpdateEnvironment => {
            Description::new::<EnvironmentAnswer<'_>>(tag, "updateEnvironment", "Change an environment").details("What is left out stays.")
                .takes::<UpdateEnvironmentRequest>(|body| shown(bodies::environment_changes(body)))
        }
        O::DeleteEnvironment => {
            Description::new::<EnvironmentAnswer<'_>>(tag, "deleteEnvironment", "Delete an environment").details("Those behind it move up.")
        }
    };
    match operation {
        O::Create | O::CreateEnvironment => described.at_most_once(),
        O::Get(..) | O::GetEnvironment | O::GetEnvironmentById | O::GetEnvironmentBySlug => described.tagged(),
        O::Update(..) | O::SetAuditLogsRetention(..) | O::UpdateEnvironment => described.tagged().conditional(),
        O::Delete(..) | O::DeleteEnvironment => described.conditional(),
        O::List(_) | O::ListEnvironments => described,
    }
}

/// An operation that answers with one project.
fn one(envelope: Envelope, id: &'static str, summary: &'static str) -> Description {
    match envelope {
        Envelope::Project => Description::new::<ProjectAnswer<'_>>(Tag::Projects, id, summary),
        Envelope::Workspace => Description::new::<WorkspaceAnswer<'_>>(Tag::Projects, id, summary),
        Envelope::Bare => Description::new::<ProjectView<'_>>(Tag::Projects, id, summary),
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
