//! What the document says of projects.

use super::bodies::{AuditLogsRetentionRequest, CreateProjectRequest, ListProjectsQuery, UpdateProjectRequest};
use super::views::{
    AuditLogsRetentionAnswer, ProjectAnswer, ProjectListAnswer, ProjectView, WorkspaceAnswer, WorkspaceListAnswer,
};
use super::{By, Envelope, Projects};
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

/// An operation that answers with one project.
fn one(envelope: Envelope, summary: &'static str) -> Description {
    match envelope {
        Envelope::Project => Description::new::<ProjectAnswer<'_>>(Tag::Projects, summary),
        Envelope::Workspace => Description::new::<WorkspaceAnswer<'_>>(Tag::Projects, summary),
        Envelope::Bare => Description::new::<ProjectView<'_>>(Tag::Projects, summary),
    }
}
