//! What the document says of organization roles.

use super::Operation;
use super::bodies::{CreateOrganizationRoleRequest, UpdateOrganizationRoleRequest};
use super::views::{EnvelopedRoleListAnswer, RoleAnswer, RoleListAnswer};
use crate::openapi::describe::{Description, Tag};

/// What the document says of an operation.
pub fn description(operation: Operation) -> Description {
    use Operation as O;
    let tag = Tag::OrganizationRoles;
    match operation {
        O::Create => Description::new::<RoleAnswer<'_>>(tag, "createOrganizationRole", "Create a role")
            .details(
                "One that holds more than its maker does is refused. Of two rules about one thing the later decides.",
            )
            .takes::<CreateOrganizationRoleRequest>()
            .at_most_once(),
        O::List => Description::new::<RoleListAnswer<'_>>(tag, "listOrganizationRoles", "List the custom roles")
            .details("Without their rules."),
        O::ListInEnvelope => Description::new::<EnvelopedRoleListAnswer<'_>>(
            tag,
            "listOrganizationRolesInEnvelope",
            "List the custom roles, in an envelope",
        )
        .details("As older clients read them, in `data`. Without their rules."),
        O::Get => Description::new::<RoleAnswer<'_>>(tag, "getOrganizationRole", "Get a role by its id")
            .details("With its rules.")
            .tagged(),
        O::GetBySlug => Description::new::<RoleAnswer<'_>>(tag, "getOrganizationRoleBySlug", "Get a role by its slug")
            .details("With its rules.")
            .tagged(),
        O::Update => Description::new::<RoleAnswer<'_>>(tag, "updateOrganizationRole", "Change a role")
            .details(
                "What is left out stays. `permissions` replaces all rules, and holds for everybody who has the role.",
            )
            .takes::<UpdateOrganizationRoleRequest>()
            .tagged()
            .conditional(),
        O::Delete => Description::new::<RoleAnswer<'_>>(tag, "deleteOrganizationRole", "Delete a role that nobody has")
            .details("Refused with the names of those who have it.")
            .conditional(),
    }
}
