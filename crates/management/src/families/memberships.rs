//! Memberships of identities in projects.

pub mod bodies;
pub mod views;

#[cfg(any(test, feature = "describe"))]
pub mod documentation;
use crate::error::{ManagementError, Surface, bad_request, not_found};
use crate::families::memberships::views::{
    AvailableListAnswer, ChangedRolesAnswer, MembershipAnswer, MembershipListAnswer, WrittenMembershipAnswer,
};
use crate::handle::Request;
use crate::idempotency;
use crate::operation::{self, Authentication, Route};
use crate::preconditions::{self, EntityTag, Tagged};
use directory::context::Context;
use directory::memberships::{self, MembershipsError, ProjectMembership};
use directory::sql::Sql;
use directory::versions;
use protocol::response::ApiResponse;

/// The operations.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Operation {
    /// `createProjectIdentityMembership`
    Create,
    /// `updateProjectIdentityMembership`
    Update(Generation),
    /// `deleteProjectIdentityMembership`
    Delete,
    /// `getProjectIdentityMembership`
    Get(Generation),
    /// `listProjectIdentityMemberships`
    List(Generation),
    /// `getProjectIdentityMembershipById`
    GetById,
    /// `listAvailableProjectIdentities`
    ListAvailable,
}

/// Which of the vendor's families of paths: they differ in paging and in what they answer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Generation {
    /// `…/identity-memberships`, which Terraform uses.
    Deprecated,
    /// `…/memberships/identities`.
    Current,
}

const fn route(method: &'static str, path: &'static str, operation: Operation) -> Route {
    operation::route(method, path, operation::Operation::Memberships(operation), Authentication::AccessToken)
}

/// The routes.
pub const ROUTES: &[Route] = {
    use Generation::{Current, Deprecated};
    use Operation as O;
    &[
        route("POST", "/api/v2/workspace/:projectId/identity-memberships/:identityId", O::Create),
        route("PATCH", "/api/v2/workspace/:projectId/identity-memberships/:identityId", O::Update(Deprecated)),
        route("DELETE", "/api/v2/workspace/:projectId/identity-memberships/:identityId", O::Delete),
        route("GET", "/api/v2/workspace/:projectId/identity-memberships/:identityId", O::Get(Deprecated)),
        route("GET", "/api/v2/workspace/:projectId/identity-memberships", O::List(Deprecated)),
        route("GET", "/api/v2/workspace/identity-memberships/:identityMembershipId", O::GetById),
        route("POST", "/api/v1/projects/:projectId/identity-memberships/:identityId", O::Create),
        route("PATCH", "/api/v1/projects/:projectId/identity-memberships/:identityId", O::Update(Deprecated)),
        route("DELETE", "/api/v1/projects/:projectId/identity-memberships/:identityId", O::Delete),
        route("GET", "/api/v1/projects/:projectId/identity-memberships/:identityId", O::Get(Deprecated)),
        route("GET", "/api/v1/projects/:projectId/identity-memberships", O::List(Deprecated)),
        route("GET", "/api/v1/projects/identity-memberships/:identityMembershipId", O::GetById),
        route("POST", "/api/v1/projects/:projectId/memberships/identities/:identityId", O::Create),
        route("PATCH", "/api/v1/projects/:projectId/memberships/identities/:identityId", O::Update(Current)),
        route("DELETE", "/api/v1/projects/:projectId/memberships/identities/:identityId", O::Delete),
        route("GET", "/api/v1/projects/:projectId/memberships/identities/:identityId", O::Get(Current)),
        route("GET", "/api/v1/projects/:projectId/memberships/identities", O::List(Current)),
        // DIFFERENCE: in Infisical only human users may ask for these. There are none here.
        route("GET", "/api/v1/projects/:projectId/memberships/available-identities", O::ListAvailable),
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
    let actor = request.actor(context)?;
    let project = request.parameter("projectId");
    let identity = request.parameter("identityId");
    match operation {
        Operation::Create => {
            let roles = bodies::new_membership(&request.body()?)?;
            let create = |context: &mut Context<'_, S>| memberships::create(context, &actor, project, identity, &roles);
            let made = idempotency::once(context, request, &actor, create, |made| made.id.to_string())?;
            Ok(request.ok(&WrittenMembershipAnswer::from(&made)))
        }
        Operation::Update(generation) => {
            let roles = bodies::membership_changes(&request.body()?)?;
            let before = |context: &Context<'_, S>| versions::membership(context, &actor, project, identity);
            let update = |context: &mut Context<'_, S>| memberships::update(context, &actor, project, identity, &roles);
            let changed = preconditions::guard(context, request, before, update)?;
            let answer = match generation {
                Generation::Deprecated => request.ok(&ChangedRolesAnswer::from(&changed)),
                Generation::Current => request.ok(&WrittenMembershipAnswer::from(&changed)),
            };
            Ok(preconditions::tagged(answer, &changed))
        }
        Operation::Delete => {
            let before = |context: &Context<'_, S>| versions::membership(context, &actor, project, identity);
            let delete = |context: &mut Context<'_, S>| memberships::delete(context, &actor, project, identity);
            let gone = preconditions::guard(context, request, before, delete)?;
            Ok(request.ok(&WrittenMembershipAnswer::from(&gone)))
        }
        Operation::Get(generation) => {
            let found = memberships::get(context, &actor, project, identity)?;
            let answer = request.ok(&MembershipAnswer::new(generation, &found, context.now));
            Ok(preconditions::tagged(answer, &found))
        }
        Operation::GetById => {
            let found = memberships::get_by_id(context, &actor, request.parameter("identityMembershipId"))?;
            let answer = request.ok(&MembershipAnswer::new(Generation::Deprecated, &found, context.now));
            Ok(preconditions::tagged(answer, &found))
        }
        Operation::List(generation) => {
            let query = bodies::membership_list(&request.query(), generation)?;
            let page = memberships::list(context, &actor, project, &query)?;
            Ok(request.ok(&MembershipListAnswer::page(generation, &page, context.now)))
        }
        Operation::ListAvailable => {
            let query = bodies::available_list(&request.query())?;
            let found = memberships::list_available(context, &actor, project, &query)?;
            Ok(request.ok(&AvailableListAnswer::from(found.as_slice())))
        }
    }
}

impl Tagged for ProjectMembership {
    // What is written of a membership: the identity's name and last login are not its own.
    fn tag(&self) -> EntityTag {
        EntityTag::over(&WrittenMembershipAnswer::from(self))
    }
}

/// What a client reads of an error.
pub(crate) fn surface(error: &MembershipsError) -> Surface {
    match error {
        MembershipsError::NotFound => not_found("Identity membership not found"),
        MembershipsError::NotThere => bad_request("Identity doesn't have membership"),
        MembershipsError::AlreadyThere => bad_request("Identity is already a member"),
        MembershipsError::IdentityNotInOrganization { identity } => {
            bad_request(format!("Identity {identity} is missing organization membership"))
        }
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
