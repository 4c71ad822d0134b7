//! What the document says of searching and listing identities.

use super::Operation;
use super::bodies::{ListIdentityMembershipsQuery, ScopedSearchIdentitiesRequest, SearchIdentitiesRequest};
use crate::families::search::views::{
    CountAnswer, FoundAnswer, MembershipListAnswer, PlacesAnswer, ScopedSearchAnswer,
};
use crate::openapi::describe::{Description, Tag};

/// What the document says of an operation.
pub fn description(operation: Operation) -> Description {
    use Operation as O;
    let tag = Tag::Identities;
    match operation {
        O::Search => Description::new::<FoundAnswer<'_>>(tag, "searchIdentities", "Search the identities").details("By name and role, in `$or` too. By the order that is asked for, a page at a time.")
            .takes::<SearchIdentitiesRequest>(),
        O::ScopedSearch => {
            Description::new::<ScopedSearchAnswer<'_>>(tag, "searchIdentitiesV2", "Search the identities within scopes").details("Each comes with its role as a list, and with which of its logins are locked. There are no identities of a project alone, so the scope `project` finds none.")
                .takes::<ScopedSearchIdentitiesRequest>()
        }
        O::Count => Description::new::<CountAnswer>(tag, "countIdentitiesV2", "Count what a search finds").details("On all pages, for each scope that is asked for.")
            .takes::<ScopedSearchIdentitiesRequest>(),
        O::ListMemberships => Description::new::<MembershipListAnswer<'_>>(
            tag,
            "listIdentityMemberships",
            "List the identities of an organization, a page at a time",
        ).details("By name or role, with how many there are on all pages.")
        .asks::<ListIdentityMembershipsQuery>(),
        O::ListPlaces => Description::new::<PlacesAnswer<'_>>(
            tag,
            "listIdentityProjectMemberships",
            "List the projects of an identity",
        ).details("By the projects' names, with the roles it has in each."),
    }
}
