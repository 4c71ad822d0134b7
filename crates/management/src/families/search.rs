//! Searching and listing identities.

pub mod bodies;
#[cfg(any(test, feature = "describe"))]
pub mod documentation;
pub mod views;

use crate::endpoint::endpoints;
use crate::error::ManagementError;
use crate::families::search::bodies::{
    ListIdentityMembershipsQuery, ScopedSearchIdentitiesRequest, SearchIdentitiesRequest,
};
use crate::families::search::views::{
    CountAnswer, FoundAnswer, IdentityMembershipListAnswer, PlacesAnswer, ScopedSearchAnswer,
};
use crate::request::Request;
use directory::context::Context;
use directory::error::DirectoryError;
use directory::identity_search;
use domain::value::identifiers::OrganizationId;
use protocol::response::ApiResponse;

endpoints! {
    /// The endpoints of searching and listing.
    Search {
        SearchIdentities by AccessToken [POST "/api/v1/identities/search"];
        SearchIdentitiesV2 of SearchIdentities by AccessToken [POST "/api/v2/identities/search"];
        CountIdentitiesV2 by AccessToken [POST "/api/v2/identities/search/count"];
        // The projects of one identity.
        ListIdentityProjectMemberships by AccessToken [GET "/api/v1/identities/:identityId/identity-memberships"];
        // Those of an organization.
        ListIdentityMemberships of SearchIdentities by AccessToken [
            GET "/api/v2/organizations/:orgId/identity-memberships",
        ];
    }
}

pub fn run(context: &mut Context<'_>, request: &Request<'_>, endpoint: Search) -> Result<ApiResponse, ManagementError> {
    let actor = &request.actor(context)?;
    match endpoint {
        Search::SearchIdentities => {
            let search = request.body::<SearchIdentitiesRequest>()?;
            Ok(request.ok(&FoundAnswer::from(&identity_search::search(context, actor, &search)?)))
        }
        Search::SearchIdentitiesV2 => {
            let scoped = request.body::<ScopedSearchIdentitiesRequest>()?;
            let mut page = identity_search::search(context, actor, &scoped.search)?;
            // There are no identities of a project alone.
            if !scoped.organization {
                page.memberships.clear();
                page.total = 0;
            }
            Ok(request.ok(&ScopedSearchAnswer::new(&page, context.now)))
        }
        Search::CountIdentitiesV2 => {
            let scoped = request.body::<ScopedSearchIdentitiesRequest>()?;
            let found = identity_search::count_found(context, actor, &scoped.search.filter)?;
            Ok(request.ok(&CountAnswer::new(scoped.organization.then_some(found), scoped.project.then_some(0))))
        }
        Search::ListIdentityMemberships => {
            let search = request.query::<ListIdentityMembershipsQuery>()?;
            if OrganizationId::parse(request.parameter("orgId")) != Some(actor.organization) {
                return Err(DirectoryError::ForeignOrganization.into());
            }
            Ok(request.ok(&IdentityMembershipListAnswer::from(&identity_search::search(context, actor, &search)?)))
        }
        Search::ListIdentityProjectMemberships => {
            let (identity, places) = identity_search::places(context, actor, request.parameter("identityId"))?;
            Ok(request.ok(&PlacesAnswer::new(&identity, &places)))
        }
    }
}
