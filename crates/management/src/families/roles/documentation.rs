//! What the document says of organization roles.

use super::Roles;
use super::bodies::{CreateOrganizationRoleRequest, UpdateOrganizationRoleRequest};
use super::views::{EnvelopedOrganizationRoleListAnswer, OrganizationRoleAnswer, OrganizationRoleListAnswer};
use crate::openapi::describe::{Description, Tag};

/// What the document says of an endpoint.
pub fn description(endpoint: Roles) -> Description {
    let tag = Tag::OrganizationRoles;
    match endpoint {
        Roles::CreateOrganizationRole => Description::new::<OrganizationRoleAnswer<'_>>(tag, "Create a role")
            .details(
                "One that holds more than its maker does is refused. Of two rules about one thing the later decides.",
            )
            .takes::<CreateOrganizationRoleRequest>()
            .at_most_once(),
        Roles::ListOrganizationRoles => {
            Description::new::<OrganizationRoleListAnswer<'_>>(tag, "List the custom roles")
                .details("Without their rules.")
        }
        Roles::ListOrganizationRolesInEnvelope => {
            Description::new::<EnvelopedOrganizationRoleListAnswer<'_>>(tag, "List the custom roles, in an envelope")
                .details("As older clients read them, in `data`. Without their rules.")
        }
        Roles::GetOrganizationRole => Description::new::<OrganizationRoleAnswer<'_>>(tag, "Get a role by its id")
            .details("With its rules.")
            .tagged(),
        Roles::GetOrganizationRoleBySlug => {
            Description::new::<OrganizationRoleAnswer<'_>>(tag, "Get a role by its slug")
                .details("With its rules.")
                .tagged()
        }
        Roles::UpdateOrganizationRole => Description::new::<OrganizationRoleAnswer<'_>>(tag, "Change a role")
            .details(
                "What is left out stays. `permissions` replaces all rules, and holds for everybody who has the role.",
            )
            .takes::<UpdateOrganizationRoleRequest>()
            .tagged()
            .conditional(),
        Roles::DeleteOrganizationRole => {
            Description::new::<OrganizationRoleAnswer<'_>>(tag, "Delete a role that nobody has")
                .details("Refused with the names of those who have it.")
                .conditional()
        }
    }
}
