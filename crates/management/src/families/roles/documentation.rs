//! What the document says of organization roles.

use super::Roles;
use super::bodies::{CreateOrganizationRoleRequest, UpdateOrganizationRoleRequest};
use super::views::{EnvelopedRoleListAnswer, RoleAnswer, RoleListAnswer};
use crate::openapi::describe::{Description, Tag};

/// What the document says of an endpoint.
pub fn description(endpoint: Roles) -> Description {
    let tag = Tag::OrganizationRoles;
    match endpoint {
        Roles::CreateOrganizationRole => Description::new::<RoleAnswer<'_>>(tag, "Create a role")
            .details(
                "One that holds more than its maker does is refused. Of two rules about one thing the later decides.",
            )
            .takes::<CreateOrganizationRoleRequest>()
            .at_most_once(),
        Roles::ListOrganizationRoles => {
            Description::new::<RoleListAnswer<'_>>(tag, "List the custom roles").details("Without their rules.")
        }
        Roles::ListOrganizationRolesInEnvelope => {
            Description::new::<EnvelopedRoleListAnswer<'_>>(tag, "List the custom roles, in an envelope")
                .details("As older clients read them, in `data`. Without their rules.")
        }
        Roles::GetOrganizationRole => {
            Description::new::<RoleAnswer<'_>>(tag, "Get a role by its id").details("With its rules.").tagged()
        }
        Roles::GetOrganizationRoleBySlug => {
            Description::new::<RoleAnswer<'_>>(tag, "Get a role by its slug").details("With its rules.").tagged()
        }
        Roles::UpdateOrganizationRole => Description::new::<RoleAnswer<'_>>(tag, "Change a role")
            .details(
                "What is left out stays. `permissions` replaces all rules, and holds for everybody who has the role.",
            )
            .takes::<UpdateOrganizationRoleRequest>()
            .tagged()
            .conditional(),
        Roles::DeleteOrganizationRole => Description::new::<RoleAnswer<'_>>(tag, "Delete a role that nobody has")
            .details("Refused with the names of those who have it.")
            .conditional(),
    }
}
