//! What the document says of project roles.

use super::ProjectRoles;
use super::bodies::{CreateProjectRoleRequest, UpdateProjectRoleRequest};
use super::views::{ProjectRoleAnswer, ProjectRoleListAnswer};
use crate::families::projects::By;
use crate::openapi::describe::{Description, Tag};

/// What the document says of an endpoint.
pub fn description(endpoint: ProjectRoles) -> Description {
    let tag = Tag::ProjectRoles;
    let described = match endpoint {
        ProjectRoles::CreateProjectRole(by) => Description::new::<ProjectRoleAnswer>(tag, "Create a role of a project").details("One that holds more than its maker does in the project is refused. Of two rules about one thing the later decides.")
            .takes::<CreateProjectRoleRequest>()
            .by_slug(by == By::Slug),
        ProjectRoles::ListProjectRoles(by) => Description::new::<ProjectRoleListAnswer>(tag, "List the roles of a project").details("The built-in ones first. Without their rules.")
            .by_slug(by == By::Slug),
        ProjectRoles::UpdateProjectRole(by) => Description::new::<ProjectRoleAnswer>(tag, "Change a role of a project").details("What is left out stays. `permissions` replaces all rules, and holds for everybody who has the role.")
            .takes::<UpdateProjectRoleRequest>()
            .by_slug(by == By::Slug),
        ProjectRoles::DeleteProjectRole(by) => Description::new::<ProjectRoleAnswer>(tag, "Delete a role that nobody has").details("Refused with the names of those who have it.")
            .by_slug(by == By::Slug),
        ProjectRoles::GetProjectRoleBySlug(by) => {
            Description::new::<ProjectRoleAnswer>(tag, "Get a role of a project by its slug").details("With its rules. Built-in roles have a slug too.")
                .by_slug(by == By::Slug)
        }
        ProjectRoles::GetProjectRoleById => Description::new::<ProjectRoleAnswer>(tag, "Get a role by its id").details("With its rules."),
    };
    match endpoint {
        ProjectRoles::CreateProjectRole(_) => described.at_most_once(),
        ProjectRoles::GetProjectRoleBySlug(_) | ProjectRoles::GetProjectRoleById => described.tagged(),
        ProjectRoles::UpdateProjectRole(_) => described.tagged().conditional(),
        ProjectRoles::DeleteProjectRole(_) => described.conditional(),
        ProjectRoles::ListProjectRoles(_) => described,
    }
}
