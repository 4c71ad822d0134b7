//! What the document says of memberships of identities in projects.

use super::bodies::{
    CreateMembershipRequest, ListAvailableQuery, ListMembershipsQuery, OlderListMembershipsQuery,
    UpdateMembershipRequest,
};
use super::views::{
    AvailableListAnswer, ChangedRolesAnswer, MembershipAnswer, ProjectMembershipListAnswer, WrittenMembershipAnswer,
};
use super::{Generation, Memberships};
use crate::openapi::describe::{Description, Tag};

/// What the document says of an endpoint.
pub fn description(endpoint: Memberships) -> Description {
    let tag = Tag::ProjectMemberships;
    let described = match endpoint {
        Memberships::CreateProjectIdentityMembership => Description::new::<WrittenMembershipAnswer<'_>>(
            tag,
            "Add an identity to a project",
        )
        .details("With at least one role for good. Refused when a role holds more than the caller is certain to hold.")
        .takes::<CreateMembershipRequest>(),
        Memberships::UpdateProjectIdentityMembership(generation) => {
            let summary = "Replace the roles of an identity in a project";
            let description = match generation {
                Generation::Deprecated => Description::new::<ChangedRolesAnswer<'_>>(tag, summary),
                Generation::Current => Description::new::<WrittenMembershipAnswer<'_>>(tag, summary),
            };
            let details = "All roles at once, at least one of them for good. Refused when a new role holds more than the \
                           caller is certain to hold.";
            description.details(details).takes::<UpdateMembershipRequest>()
        }
        Memberships::DeleteProjectIdentityMembership => {
            Description::new::<WrittenMembershipAnswer<'_>>(tag, "Remove an identity from a project")
                .details("Nobody can remove itself.")
        }
        Memberships::GetProjectIdentityMembership(_) => {
            Description::new::<MembershipAnswer<'_>>(tag, "Get the membership of an identity in a project")
                .details("With its roles, those included whose time is over or has not begun.")
        }
        Memberships::GetProjectIdentityMembershipById => {
            Description::new::<MembershipAnswer<'_>>(tag, "Get a membership by its own id")
                .details("Clients know the id from the answer that made the membership.")
        }
        Memberships::ListAvailableProjectIdentities => Description::new::<AvailableListAnswer<'_>>(
            tag,
            "List the identities of the organization that are not in a project",
        )
        .details("Their ids and names, a page at a time.")
        .asks::<ListAvailableQuery>(),
        Memberships::ListProjectIdentityMemberships(generation) => {
            let description =
                Description::new::<ProjectMembershipListAnswer<'_>>(tag, "List the identities of a project")
                    .details("By name, with their roles, and with how many there are on all pages.");
            match generation {
                Generation::Deprecated => description.asks::<OlderListMembershipsQuery>(),
                Generation::Current => description.asks::<ListMembershipsQuery>(),
            }
        }
    };
    match endpoint {
        Memberships::CreateProjectIdentityMembership => described.at_most_once(),
        Memberships::GetProjectIdentityMembership(_) | Memberships::GetProjectIdentityMembershipById => {
            described.tagged()
        }
        Memberships::UpdateProjectIdentityMembership(_) => described.tagged().conditional(),
        Memberships::DeleteProjectIdentityMembership => described.conditional(),
        Memberships::ListProjectIdentityMemberships(_) | Memberships::ListAvailableProjectIdentities => described,
    }
}
