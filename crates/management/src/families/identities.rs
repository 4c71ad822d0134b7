//! Identities: create, list, look up, change, delete; and what a caller may know of its own organization.

pub mod bodies;
#[cfg(any(test, feature = "describe"))]
pub mod documentation;
pub mod views;

use crate::endpoint::endpoints;
use crate::error::ManagementError;
use crate::families::identities::bodies::{CreateIdentityRequest, ListIdentitiesQuery, UpdateIdentityRequest};
use crate::families::identities::views::{
    IdentityAnswer, IdentityDetailsAnswer, IdentityListAnswer, IdentityMembershipAnswer, SubOrganizationListAnswer,
};
use crate::families::in_force::InForce;
use crate::request::Request;
use crate::{idempotency, preconditions};
use directory::context::Context;
use directory::identities;
use directory::outcome::{Changed, Removed};
use protocol::response::ApiResponse;

endpoints! {
    /// The endpoints of identities.
    Identities {
        CreateIdentity by AccessToken [POST "/api/v1/identities"];
        ListIdentities by AccessToken [GET "/api/v1/identities"];
        GetIdentityDetails by AccessToken [GET "/api/v1/identities/details"];
        ListSubOrganizations by AccessToken [GET "/api/v1/sub-organizations"];
        GetIdentity by AccessToken [GET "/api/v1/identities/:identityId"];
        UpdateIdentity by AccessToken [PATCH "/api/v1/identities/:identityId"];
        DeleteIdentity by AccessToken [DELETE "/api/v1/identities/:identityId"];
    }
}

pub fn run(
    context: &mut Context<'_>,
    request: &Request<'_>,
    endpoint: Identities,
) -> Result<ApiResponse, ManagementError> {
    let actor = &request.actor(context)?;
    let identity = request.parameter("identityId");
    match endpoint {
        Identities::CreateIdentity => {
            let new = request.body::<CreateIdentityRequest>()?;
            let create = |context: &mut Context<'_>| identities::create(context, actor, &new);
            let made = idempotency::once(context, request, actor, create, |made| made.identity.id.to_string())?;
            Ok(request.ok(&IdentityAnswer::created(&made)))
        }
        Identities::ListIdentities => {
            let (organization, page) = request.query::<ListIdentitiesQuery>()?;
            let page = identities::list(context, actor, &organization, page.offset, page.limit)?;
            Ok(request.ok(&IdentityListAnswer::from(&page)))
        }
        Identities::GetIdentity => {
            let found = identities::get(context, actor, identity)?;
            let answer = request.ok(&IdentityMembershipAnswer::new(&found, context.now));
            Ok(preconditions::tagged(answer, &found))
        }
        Identities::UpdateIdentity => {
            let changes = request.body::<UpdateIdentityRequest>()?;
            let Changed { after: changed, .. } =
                preconditions::guard(request, identities::update(context, actor, identity, &changes)?)?;
            Ok(preconditions::tagged(request.ok(&IdentityAnswer::updated(&changed)), &changed))
        }
        Identities::DeleteIdentity => {
            let Removed(gone) = preconditions::guard(request, identities::delete(context, actor, identity)?)?;
            Ok(request.ok(&InForce::new(IdentityAnswer::deleted(&gone.identity), context)))
        }
        Identities::GetIdentityDetails => {
            let organization = identities::details(context, actor)?;
            Ok(request.ok(&IdentityDetailsAnswer::from(&organization)))
        }
        // Terraform looks here for a slug that is not the caller's own.
        Identities::ListSubOrganizations => Ok(request.ok(&SubOrganizationListAnswer::NONE)),
    }
}
