//! What the document says of projects and environments.

use super::bodies::{AuditLogsRetentionRequest, CreateProjectRequest, ListProjectsQuery, UpdateProjectRequest};
use super::views::{
    AuditLogsRetentionAnswer, ProjectAnswer, ProjectListAnswer, ProjectView, WorkspaceAnswer, WorkspaceListAnswer,
};
use super::{By, Envelope, Operation};
use crate::families::environments::bodies::{CreateEnvironmentRequest, UpdateEnvironmentRequest};
use crate::families::environments::views::{EnvironmentAnswer, EnvironmentBySlugAnswer, EnvironmentListAnswer};
use crate::openapi::describe::{Description, Tag};

/// What the document says of an operation.
pub fn description(operation: Operation) -> Description {
    use Operation as O;
    let tag = Tag::Projects;
    let described = match operation {
        O::Create => Description::new::<ProjectAnswer<'_>>(tag, "createProject", "Create a project").details("The caller becomes its administrator. A slug is made of the name when none is sent.")
            .takes::<CreateProjectRequest>(),
        O::List(envelope) => {
            let (id, summary) = ("listProjects", "List the projects that the caller may see");
            let description = match envelope {
                Envelope::Project | Envelope::Bare => Description::new::<ProjectListAnswer<'_>>(tag, id, summary),
                Envelope::Workspace => Description::new::<WorkspaceListAnswer<'_>>(tag, id, summary),
            };
            let details =
                "Those that the caller is a member of; all of them for whoever may do everything in the organization.";
            description.details(details).asks::<ListProjectsQuery>()
        }
        O::Get(by, envelope) => match by {
            By::Id => one(envelope, "getProject", "Get a project").details("With its environments.").by_slug(false),
            By::Slug => one(envelope, "getProjectBySlug", "Get a project by its slug").details("With its environments. The project is the whole answer.").by_slug(true),
        },
        O::Update(by, envelope) => one(envelope, "updateProject", "Change a project").details("What is left out stays. `null` takes the description away.")
            .takes::<UpdateProjectRequest>()
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
        .takes::<AuditLogsRetentionRequest>()
        .by_slug(by == By::Slug),
        O::CreateEnvironment => {
            Description::new::<EnvironmentAnswer<'_>>(tag, "createEnvironment", "Create an environment").details("Environments are names that clients keep for themselves: nothing is decided by them. At a place that another one has, that one and those behind it move on.")
                .takes::<CreateEnvironmentRequest>()
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
                .takes::<UpdateEnvironmentRequest>()
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
