//! What the document says of projects and environments.

use super::bodies::{AuditLogsRetentionRequest, CreateProjectRequest, ListProjectsQuery, UpdateProjectRequest};
use super::views::{
    AuditLogsRetentionAnswer, ProjectAnswer, ProjectListAnswer, ProjectView, WorkspaceAnswer, WorkspaceListAnswer,
};
use super::{By, Envelope, Projects};
use crate::families::environments::Environments;
use crate::families::environments::bodies::{CreateEnvironmentRequest, UpdateEnvironmentRequest};
use crate::families::environments::views::{EnvironmentAnswer, EnvironmentBySlugAnswer, EnvironmentListAnswer};
use crate::openapi::describe::{Description, Tag};

/// What the document says of an endpoint.
pub fn description(endpoint: Projects) -> Description {
    let tag = Tag::Projects;
    let described = match endpoint {
        Projects::CreateProject => Description::new::<ProjectAnswer<'_>>(tag, "Create a project").details("The caller becomes its administrator. A slug is made of the name when none is sent.")
            .takes::<CreateProjectRequest>(),
        Projects::ListProjects(envelope) => {
            let summary = "List the projects that the caller may see";
            let description = match envelope {
                Envelope::Project | Envelope::Bare => Description::new::<ProjectListAnswer<'_>>(tag, summary),
                Envelope::Workspace => Description::new::<WorkspaceListAnswer<'_>>(tag, summary),
            };
            let details =
                "Those that the caller is a member of; all of them for whoever may do everything in the organization.";
            description.details(details).asks::<ListProjectsQuery>()
        }
        Projects::GetProject(envelope) => one(envelope, "Get a project").details("With its environments."),
        Projects::GetProjectBySlug => one(Envelope::Bare, "Get a project by its slug").details("With its environments. The project is the whole answer.").by_slug(true),
        Projects::UpdateProject(by, envelope) => one(envelope, "Change a project").details("What is left out stays. `null` takes the description away.")
            .takes::<UpdateProjectRequest>()
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
        .takes::<AuditLogsRetentionRequest>()
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
                .takes::<CreateEnvironmentRequest>()
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
                .takes::<UpdateEnvironmentRequest>()
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
