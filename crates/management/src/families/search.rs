//! Searching and listing identities.

use crate::error::ManagementError;
use crate::families::search::bodies::{read_list, read_scoped_search, read_search};
use crate::families::search::views::{
    CountAnswer, FoundAnswer, MembershipListAnswer, PlacesAnswer, ScopedSearchAnswer,
};
use crate::handle::Request;
use crate::operation::{self, Authentication, Route, route};
use directory::context::Context;
use directory::error::DirectoryError;
use directory::identity_search;
use directory::sql::Sql;
use domain::value::identifiers::OrganizationId;
use protocol::response::ApiResponse;

/// The operations.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Operation {
    /// `searchIdentities`
    Search,
    /// `searchIdentitiesV2`
    ScopedSearch,
    /// `countIdentitiesV2`
    Count,
    /// `listIdentityMemberships`: of an organization.
    ListMemberships,
    /// `listIdentityProjectMemberships`: the projects of one identity.
    ListPlaces,
}

/// The routes.
pub const ROUTES: &[Route] = {
    use Authentication::AccessToken;
    use operation::Operation::Search as S;
    &[
        route("POST", "/api/v1/identities/search", S(Operation::Search), AccessToken),
        route("POST", "/api/v2/identities/search", S(Operation::ScopedSearch), AccessToken),
        route("POST", "/api/v2/identities/search/count", S(Operation::Count), AccessToken),
        route("GET", "/api/v1/identities/:identityId/identity-memberships", S(Operation::ListPlaces), AccessToken),
        route("GET", "/api/v2/organizations/:orgId/identity-memberships", S(Operation::ListMemberships), AccessToken),
    ]
};

/// Runs an operation.
///
/// # Errors
/// [`ManagementError`].
pub fn run<S: Sql>(
    context: &mut Context<'_, S>,
    request: &Request<'_>,
    operation: Operation,
) -> Result<ApiResponse, ManagementError> {
    let actor = &request.actor(context)?;
    match operation {
        Operation::Search => {
            let search = read_search(&request.body()?)?;
            Ok(request.ok(&FoundAnswer::from(&identity_search::search(context, actor, &search)?)))
        }
        Operation::ScopedSearch => {
            let scoped = read_scoped_search(&request.body()?)?;
            let mut page = identity_search::search(context, actor, &scoped.search)?;
            // There are no identities of a project alone.
            if !scoped.organization {
                page.memberships.clear();
                page.total = 0;
            }
            Ok(request.ok(&ScopedSearchAnswer::new(&page, context.now)))
        }
        Operation::Count => {
            let scoped = read_scoped_search(&request.body()?)?;
            let found = identity_search::count_found(context, actor, &scoped.search.filter)?;
            Ok(request.ok(&CountAnswer::new(scoped.organization.then_some(found), scoped.project.then_some(0))))
        }
        Operation::ListMemberships => {
            let search = read_list(&request.query())?;
            if OrganizationId::parse(request.parameter("orgId")) != Some(actor.organization) {
                return Err(DirectoryError::ForeignOrganization.into());
            }
            Ok(request.ok(&MembershipListAnswer::from(&identity_search::search(context, actor, &search)?)))
        }
        Operation::ListPlaces => {
            let (identity, places) = identity_search::places(context, actor, request.parameter("identityId"))?;
            Ok(request.ok(&PlacesAnswer::new(&identity, &places)))
        }
    }
}

pub mod bodies;
#[cfg(any(test, feature = "describe"))]
pub mod documentation;
pub mod views;
