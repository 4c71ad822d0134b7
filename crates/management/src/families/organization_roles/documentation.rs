//! What the document says of organization roles.

use super::OrganizationRoles;
use super::bodies::{CreateOrganizationRoleRequest, UpdateOrganizationRoleRequest};
use super::views::{EnvelopedOrganizationRoleListAnswer, OrganizationRoleAnswer, OrganizationRoleListAnswer};
use crate::openapi::describe::{Description, Tag};

/// What the document says of an endpoint.
pub fn description(endpoint: OrganizationRoles) -> Description {
    let tag = Tag::OrganizationRoles;
    match endpoint {
        OrganizationRoles::CreateOrganizationRole => Description::new::<OrganizationRoleAnswer<'_>>(
            tag,
            "Create a role",
        )
        .details("One that holds more than its maker does is refused. Of two rules about one thing the later decides.")
        .takes::<CreateOrganizationRoleRequest>()
        .at_most_once(),
        OrganizationRoles::ListOrganizationRoles => {
            Description::new::<OrganizationRoleListAnswer<'_>>(tag, "List the custom roles")
                .details("Without their rules.")
        }
        OrganizationRoles::ListOrganizationRolesInEnvelope => {
            Description::new::<EnvelopedOrganizationRoleListAnswer<'_>>(tag, "List the custom roles, in an envelope")
                .details("As older clients read them, in `data`. Without their rules.")
        }
        OrganizationRoles::GetOrganizationRole => {
            Description::new::<OrganizationRoleAnswer<'_>>(tag, "Get a role by its id")
                .details("With its rules.")
                .tagged()
        }
        OrganizationRoles::GetOrganizationRoleBySlug => {
            Description::new::<OrganizationRoleAnswer<'_>>(tag, "Get a role by its slug")
                .details("With its rules.")
                .tagged()
        }
        OrganizationRoles::UpdateOrganizationRole => Description::new::<OrganizationRoleAnswer<'_>>(
            tag,
            "Change a role",
        )
        .details("What is left out stays. `permissions` replaces all rules, and holds for everybody who has the role.")
        .takes::<UpdateOrganizationRoleRequest>()
        .tagged()
        .conditional(),
        OrganizationRoles::DeleteOrganizationRole => {
            Description::new::<OrganizationRoleAnswer<'_>>(tag, "Delete a role that nobody has")
                .details("Refused with the names of those who have it.")
                .conditional()
        }
    }
}
