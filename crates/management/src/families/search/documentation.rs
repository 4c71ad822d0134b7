//! What the document says of searching and listing identities.

use super::Search;
use super::bodies::{ListIdentityMembershipsQuery, ScopedSearchIdentitiesRequest, SearchIdentitiesRequest};
use crate::families::search::views::{
    CountAnswer, FoundAnswer, IdentityMembershipListAnswer, PlacesAnswer, ScopedSearchAnswer,
};
use crate::openapi::describe::{Description, Tag};

/// What the document says of an endpoint.
pub fn description(endpoint: Search) -> Description {
    let tag = Tag::Identities;
    match endpoint {
        Search::SearchIdentities => Description::new::<FoundAnswer<'_>>(tag, "Search the identities").details("By name and role, in `$or` too. By the order that is asked for, a page at a time.")
            .takes::<SearchIdentitiesRequest>(),
        Search::SearchIdentitiesV2 => {
            Description::new::<ScopedSearchAnswer<'_>>(tag, "Search the identities within scopes").details("Each comes with its role as a list, and with which of its logins are locked. There are no identities of a project alone, so the scope `project` finds none.")
                .takes::<ScopedSearchIdentitiesRequest>()
        }
        Search::CountIdentitiesV2 => Description::new::<CountAnswer>(tag, "Count what a search finds").details("On all pages, for each scope that is asked for.")
            .takes::<ScopedSearchIdentitiesRequest>(),
        Search::ListIdentityMemberships => Description::new::<IdentityMembershipListAnswer<'_>>(
            tag,
            "List the identities of an organization, a page at a time",
        ).details("By name or role, with how many there are on all pages.")
        .asks::<ListIdentityMembershipsQuery>(),
        Search::ListIdentityProjectMemberships => Description::new::<PlacesAnswer<'_>>(
            tag,
            "List the projects of an identity",
        ).details("By the projects' names, with the roles it has in each."),
    }
}
