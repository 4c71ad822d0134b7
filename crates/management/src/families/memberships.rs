//! Memberships of identities in projects.

pub mod bodies;
#[cfg(any(test, feature = "describe"))]
pub mod documentation;
pub mod generation;
pub mod views;

use crate::endpoint::endpoints;
use crate::error::ManagementError;
use crate::families::memberships::bodies::{
    CreateMembershipRequest, ListAvailableQuery, ListMembershipsQuery, OlderListMembershipsQuery,
    UpdateMembershipRequest,
};
pub use crate::families::memberships::generation::Generation;
use crate::families::memberships::views::{
    AvailableListAnswer, ChangedRolesAnswer, MembershipAnswer, ProjectMembershipListAnswer, WrittenMembershipAnswer,
};
use crate::idempotency;
use crate::preconditions;
use crate::request::Request;
use crate::surface::{Surface, bad_request, not_found};
use directory::context::Context;
use directory::memberships::{self, MembershipsError};
use directory::outcome::{Changed, Removed};
use domain::permission::operation::Operation;
use protocol::response::ApiResponse;

endpoints! {
    /// The endpoints of memberships.
    Memberships {
        CreateProjectIdentityMembership by AccessToken [
            POST "/api/v2/workspace/:projectId/identity-memberships/:identityId",
            POST "/api/v1/projects/:projectId/identity-memberships/:identityId",
            POST "/api/v1/projects/:projectId/memberships/identities/:identityId",
        ];
        UpdateProjectIdentityMembership(Generation) by AccessToken [
            PATCH "/api/v2/workspace/:projectId/identity-memberships/:identityId" (Generation::Deprecated),
            PATCH "/api/v1/projects/:projectId/identity-memberships/:identityId" (Generation::Deprecated),
            PATCH "/api/v1/projects/:projectId/memberships/identities/:identityId" (Generation::Current),
        ];
        DeleteProjectIdentityMembership by AccessToken [
            DELETE "/api/v2/workspace/:projectId/identity-memberships/:identityId",
            DELETE "/api/v1/projects/:projectId/identity-memberships/:identityId",
            DELETE "/api/v1/projects/:projectId/memberships/identities/:identityId",
        ];
        GetProjectIdentityMembership(Generation) by AccessToken [
            GET "/api/v2/workspace/:projectId/identity-memberships/:identityId" (Generation::Deprecated),
            GET "/api/v1/projects/:projectId/identity-memberships/:identityId" (Generation::Deprecated),
            GET "/api/v1/projects/:projectId/memberships/identities/:identityId" (Generation::Current),
        ];
        ListProjectIdentityMemberships(Generation) by AccessToken [
            GET "/api/v2/workspace/:projectId/identity-memberships" (Generation::Deprecated),
            GET "/api/v1/projects/:projectId/identity-memberships" (Generation::Deprecated),
            GET "/api/v1/projects/:projectId/memberships/identities" (Generation::Current),
        ];
        GetProjectIdentityMembershipById of GetProjectIdentityMembership by AccessToken [
            GET "/api/v2/workspace/identity-memberships/:identityMembershipId",
            GET "/api/v1/projects/identity-memberships/:identityMembershipId",
        ];
        // DIFFERENCE: in Infisical only human users may ask for these. There are none here.
        ListAvailableProjectIdentities by AccessToken [
            GET "/api/v1/projects/:projectId/memberships/available-identities",
        ];
    }
}

pub fn run(
    context: &mut Context<'_>,
    request: &Request<'_>,
    endpoint: Memberships,
) -> Result<ApiResponse, ManagementError> {
    let actor = request.actor(context)?;
    let project = request.parameter("projectId");
    let identity = request.parameter("identityId");
    match endpoint {
        Memberships::CreateProjectIdentityMembership => {
            let roles = request.body::<CreateMembershipRequest>()?;
            let create = |context: &mut Context<'_>| memberships::create(context, &actor, project, identity, &roles);
            let made = idempotency::once(context, request, &actor, create, |made| made.id.to_string())?;
            Ok(request.ok(&WrittenMembershipAnswer::from(&made)))
        }
        Memberships::UpdateProjectIdentityMembership(generation) => {
            let roles = request.body::<UpdateMembershipRequest>()?;
            let Changed { after: changed, .. } =
                preconditions::guard(request, memberships::update(context, &actor, project, identity, &roles)?)?;
            let answer = match generation {
                Generation::Deprecated => request.ok(&ChangedRolesAnswer::from(&changed)),
                Generation::Current => request.ok(&WrittenMembershipAnswer::from(&changed)),
            };
            Ok(preconditions::tagged(answer, &changed))
        }
        Memberships::DeleteProjectIdentityMembership => {
            let Removed(gone) =
                preconditions::guard(request, memberships::delete(context, &actor, project, identity)?)?;
            Ok(request.ok(&WrittenMembershipAnswer::from(&gone)))
        }
        Memberships::GetProjectIdentityMembership(generation) => {
            let found = memberships::get(context, &actor, project, identity)?;
            let answer = request.ok(&MembershipAnswer::new(generation, &found, context.now));
            Ok(preconditions::tagged(answer, &found))
        }
        Memberships::GetProjectIdentityMembershipById => {
            let found = memberships::get_by_id(context, &actor, request.parameter("identityMembershipId"))?;
            let answer = request.ok(&MembershipAnswer::new(Generation::Deprecated, &found, context.now));
            Ok(preconditions::tagged(answer, &found))
        }
        Memberships::ListProjectIdentityMemberships(generation) => {
            let query = match generation {
                Generation::Deprecated => request.query::<OlderListMembershipsQuery>()?,
                Generation::Current => request.query::<ListMembershipsQuery>()?,
            };
            let page = memberships::list(context, &actor, project, &query)?;
            Ok(request.ok(&ProjectMembershipListAnswer::page(generation, &page, context.now)))
        }
        Memberships::ListAvailableProjectIdentities => {
            let query = request.query::<ListAvailableQuery>()?;
            let found = memberships::list_available(context, &actor, project, &query)?;
            Ok(request.ok(&AvailableListAnswer::from(found.as_slice())))
        }
    }
}

/// What a client reads of an error.
pub(crate) fn surface(error: &MembershipsError, operation: Option<Operation>) -> Surface {
    match error {
        MembershipsError::NotFound if operation == Some(Operation::GetProjectIdentityMembership) => {
            not_found("Identity membership not found")
        }
        MembershipsError::NotFound => bad_request("Identity doesn't have membership"),
        MembershipsError::AlreadyThere => bad_request("Identity is already a member"),
        MembershipsError::NoPermanentRole => bad_request("Identity must have at least one permanent role"),
        MembershipsError::IncompleteTemporaryRole => {
            bad_request("Temporary role must have access start time and range")
        }
        MembershipsError::RoleNotFound => not_found("One or more custom roles not found"),
        MembershipsError::OwnMembership => bad_request("You can't delete your own membership"),
        MembershipsError::TooManyRolesOnThePage => bad_request(format!(
            "The memberships on this page have more than {} roles, ask for a smaller page",
            memberships::MAXIMUM_ROLES_ON_A_PAGE
        )),
        MembershipsError::TooManyProjects => {
            bad_request(format!("An identity can be a member of at most {} projects", memberships::MAXIMUM_PROJECTS))
        }
    }
}
