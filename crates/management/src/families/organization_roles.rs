//! Organization roles: create, change, delete, look up.
//!
//! The older paths name the organization; the newer ones take the caller's. Both do the same, except that the older
//! list has an envelope of its own.

pub mod bodies;
#[cfg(any(test, feature = "describe"))]
pub mod documentation;
pub mod views;

use serde_json::{Value, json};

use crate::endpoint::endpoints;
use crate::error::ManagementError;
use crate::families::organization_roles::bodies::{CreateOrganizationRoleRequest, UpdateOrganizationRoleRequest};
use crate::families::organization_roles::views::{
    EnvelopedOrganizationRoleListAnswer, OrganizationRoleAnswer, OrganizationRoleListAnswer,
};
use crate::request::Request;
use crate::surface::{More, Surface, bad_request, not_found};
use crate::{idempotency, preconditions};
use directory::context::{Actor, Context};
use directory::error::DirectoryError;
use directory::organization_roles::{self, OrganizationRolesError};
use directory::outcome::{Changed, Removed};
use domain::value::identifiers::OrganizationId;
use protocol::response::ApiResponse;

endpoints! {
    /// The endpoints of organization roles.
    OrganizationRoles {
        CreateOrganizationRole by AccessToken [
            POST "/api/v1/organization/roles",
            POST "/api/v1/organization/:organizationId/roles",
        ];
        ListOrganizationRoles by AccessToken [GET "/api/v1/organization/roles"];
        ListOrganizationRolesInEnvelope of ListOrganizationRoles by AccessToken [
            GET "/api/v1/organization/:organizationId/roles",
        ];
        GetOrganizationRoleBySlug of GetOrganizationRole by AccessToken [GET "/api/v1/organization/roles/slug/:slug"];
        GetOrganizationRole by AccessToken [
            GET "/api/v1/organization/roles/:roleId",
            GET "/api/v1/organization/:organizationId/roles/:roleId",
        ];
        UpdateOrganizationRole by AccessToken [
            PATCH "/api/v1/organization/roles/:roleId",
            PATCH "/api/v1/organization/:organizationId/roles/:roleId",
        ];
        DeleteOrganizationRole by AccessToken [
            DELETE "/api/v1/organization/roles/:roleId",
            DELETE "/api/v1/organization/:organizationId/roles/:roleId",
        ];
    }
}

pub fn run(
    context: &mut Context<'_>,
    request: &Request<'_>,
    endpoint: OrganizationRoles,
) -> Result<ApiResponse, ManagementError> {
    let actor = &request.actor(context)?;
    require_own_organization(request, actor)?;
    let id = request.parameter("roleId");
    match endpoint {
        OrganizationRoles::CreateOrganizationRole => {
            let new = request.body::<CreateOrganizationRoleRequest>()?;
            let create = |context: &mut Context<'_>| organization_roles::create(context, actor, &new);
            let made = idempotency::once(context, request, actor, create, |made| made.id.to_string())?;
            Ok(request.ok(&OrganizationRoleAnswer::new(&made, actor)))
        }
        OrganizationRoles::ListOrganizationRoles => {
            let found = organization_roles::list(context, actor)?;
            Ok(request.ok(&OrganizationRoleListAnswer::new(&found, actor)))
        }
        OrganizationRoles::ListOrganizationRolesInEnvelope => {
            let found = organization_roles::list(context, actor)?;
            Ok(request
                .ok(&EnvelopedOrganizationRoleListAnswer { data: OrganizationRoleListAnswer::new(&found, actor) }))
        }
        OrganizationRoles::GetOrganizationRole => {
            let found = organization_roles::get(context, actor, id)?;
            Ok(preconditions::tagged(request.ok(&OrganizationRoleAnswer::found(&found, actor)), &found))
        }
        OrganizationRoles::GetOrganizationRoleBySlug => {
            let found = organization_roles::get_by_slug(context, actor, request.parameter("slug"))?;
            Ok(preconditions::tagged(request.ok(&OrganizationRoleAnswer::found(&found, actor)), &found))
        }
        OrganizationRoles::UpdateOrganizationRole => {
            let changes = request.body::<UpdateOrganizationRoleRequest>()?;
            let Changed { after: changed, .. } =
                preconditions::guard(request, organization_roles::update(context, actor, id, &changes)?)?;
            Ok(preconditions::tagged(request.ok(&OrganizationRoleAnswer::new(&changed, actor)), &changed))
        }
        OrganizationRoles::DeleteOrganizationRole => {
            let Removed(gone) = preconditions::guard(request, organization_roles::delete(context, actor, id)?)?;
            Ok(request.ok(&OrganizationRoleAnswer::new(&gone, actor)))
        }
    }
}

/// An organization in the path must be the caller's.
fn require_own_organization(request: &Request<'_>, actor: &Actor) -> Result<(), DirectoryError> {
    match request.parameter("organizationId") {
        "" => Ok(()),
        sent if OrganizationId::parse(sent) == Some(actor.organization) => Ok(()),
        _ => Err(DirectoryError::ForeignOrganization),
    }
}

/// What a client reads of an error.
pub(crate) fn surface(error: &OrganizationRolesError) -> Surface {
    match error {
        OrganizationRolesError::NotFound { id } => not_found(format!("Role with ID {id} not found")),
        OrganizationRolesError::SlugTaken { slug } => bad_request(format!("Role with slug {slug} already exists")),
        OrganizationRolesError::TooMany => {
            bad_request(format!("An organization can have at most {} custom roles", organization_roles::MAXIMUM_ROLES))
        }
        OrganizationRolesError::TooManyHolders { count } => bad_request(format!(
            "The slug of a role can be changed only while at most {} identities have it; {count} have this one",
            organization_roles::MAXIMUM_HOLDERS_OF_A_CHANGED_SLUG
        )),
        OrganizationRolesError::InUse { named, count } => {
            let identities: Vec<Value> =
                named.iter().map(|holder| json!({ "id": holder.id.to_string(), "name": holder.name })).collect();
            bad_request("The role cannot be deleted while identities have it")
                .with_details(json!({ "identities": identities, "totalCount": count }))
        }
    }
}
