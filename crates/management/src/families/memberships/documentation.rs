//! What the document says of memberships of identities in projects.

use super::bodies::{
    CreateMembershipRequest, ListAvailableQuery, ListMembershipsQuery, OlderListMembershipsQuery,
    UpdateMembershipRequest,
};
use super::views::{
    AvailableListAnswer, ChangedRolesAnswer, MembershipAnswer, MembershipListAnswer, WrittenMembershipAnswer,
};
use super::{Generation, Operation};
use crate::openapi::describe::{Description, Tag};

/// What the document says of an operation.
pub fn description(operation: Operation) -> Description {
    use Operation as O;
    let tag = Tag::ProjectMemberships;
    let described = match operation {
        O::Create => Description::new::<WrittenMembershipAnswer<'_>>(
            tag,
            "createProjectIdentityMembership",
            "Add an identity to a project",
        )
        .details("With at least one role for good. Refused when a role holds more than the caller is certain to hold.")
        .takes::<CreateMembershipRequest>(),
        O::Update(generation) => {
            let (id, summary) = ("updateProjectIdentityMembership", "Replace the roles of an identity in a project");
            let description = match generation {
                Generation::Deprecated => Description::new::<ChangedRolesAnswer<'_>>(tag, id, summary),
                Generation::Current => Description::new::<WrittenMembershipAnswer<'_>>(tag, id, summary),
            };
            let details = "All roles at once, at least one of them for good. Refused when a new role holds more than the \
                           caller is certain to hold.";
            description.details(details).takes::<UpdateMembershipRequest>()
        }
        O::Delete => Description::new::<WrittenMembershipAnswer<'_>>(
            tag,
            "deleteProjectIdentityMembership",
            "Remove an identity from a project",
        )
        .details("Nobody can remove itself."),
        O::Get(_) => Description::new::<MembershipAnswer<'_>>(
            tag,
            "getProjectIdentityMembership",
            "Get the membership of an identity in a project",
        )
        .details("With its roles, those included whose time is over or has not begun."),
        O::GetById => Description::new::<MembershipAnswer<'_>>(
            tag,
            "getProjectIdentityMembershipById",
            "Get a membership by its own id",
        )
        .details("Clients know the id from the answer that made the membership."),
        O::ListAvailable => Description::new::<AvailableListAnswer<'_>>(
            tag,
            "listAvailableProjectIdentities",
            "List the identities of the organization that are not in a project",
        )
        .details("Their ids and names, a page at a time.")
        .asks::<ListAvailableQuery>(),
        O::List(generation) => {
            let description = Description::new::<MembershipListAnswer<'_>>(
                tag,
                "listProjectIdentityMemberships",
                "List the identities of a project",
            )
            .details("By name, with their roles, and with how many there are on all pages.");
            match generation {
                Generation::Deprecated => description.asks::<OlderListMembershipsQuery>(),
                Generation::Current => description.asks::<ListMembershipsQuery>(),
            }
        }
    };
    match operation {
        O::Create => described.at_most_once(),
        O::Get(_) | O::GetById => described.tagged(),
        O::Update(_) => described.tagged().conditional(),
        O::Delete => described.conditional(),
        O::List(_) | O::ListAvailable => described,
    }
}
