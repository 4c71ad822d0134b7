//! What the document says of project roles.

use super::Operation;
use super::bodies::{CreateProjectRoleRequest, UpdateProjectRoleRequest};
use super::views::{RoleAnswer, RoleListAnswer};
use crate::families::projects::By;
use crate::openapi::describe::{Description, Tag};

/// What the document says of an operation.
pub fn description(operation: Operation) -> Description {
    use Operation as O;
    let tag = Tag::ProjectRoles;
    let described = match operation {
        O::Create(by) => Description::new::<RoleAnswer>(tag, "createProjectRole", "Create a role of a project").details("One that holds more than its maker does in the project is refused. Of two rules about one thing the later decides.")
            .takes::<CreateProjectRoleRequest>()
            .by_slug(by == By::Slug),
        O::List(by) => Description::new::<RoleListAnswer>(tag, "listProjectRoles", "List the roles of a project").details("The built-in ones first. Without their rules.")
            .by_slug(by == By::Slug),
        O::Update(by) => Description::new::<RoleAnswer>(tag, "updateProjectRole", "Change a role of a project").details("What is left out stays. `permissions` replaces all rules, and holds for everybody who has the role.")
            .takes::<UpdateProjectRoleRequest>()
            .by_slug(by == By::Slug),
        O::Delete(by) => Description::new::<RoleAnswer>(tag, "deleteProjectRole", "Delete a role that nobody has").details("Refused with the names of those who have it.")
            .by_slug(by == By::Slug),
        O::GetBySlug(by) => {
            Description::new::<RoleAnswer>(tag, "getProjectRoleBySlug", "Get a role of a project by its slug").details("With its rules. Built-in roles have a slug too.")
                .by_slug(by == By::Slug)
        }
        O::GetById => Description::new::<RoleAnswer>(tag, "getProjectRoleById", "Get a role by its id").details("With its rules."),
    };
    match operation {
        O::Create(_) => described.at_most_once(),
        O::GetBySlug(_) | O::GetById => described.tagged(),
        O::Update(_) => described.tagged().conditional(),
        O::Delete(_) => described.conditional(),
        O::List(_) => described,
    }
}
