//! Organization roles: create, change, delete, look up.
//!
//! The older paths name the organization; the newer ones take the caller's. Both do the same, except that the older
//! list has an envelope of its own.

use serde_json::{Value, json};

use crate::error::{ManagementError, Surface, bad_request, not_found};
use crate::families::roles::bodies::{read_new_role, read_role_changes};
use crate::families::roles::views::{EnvelopedRoleListAnswer, RoleAnswer, RoleListAnswer};
use crate::handle::Request;
use crate::operation::{self, Authentication, Route, route};
use crate::{idempotency, preconditions};
use directory::context::{Actor, Context};
use directory::error::DirectoryError;
use directory::roles::{self, RolesError};
use directory::sql::Sql;
use directory::versions;
use domain::value::identifiers::OrganizationId;
use protocol::response::ApiResponse;

/// The operations.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Operation {
    /// `createOrganizationRole`
    Create,
    /// `listOrganizationRoles`
    List,
    /// The same in the envelope of the older path.
    ListInEnvelope,
    /// `getOrganizationRole`
    Get,
    /// `getOrganizationRoleBySlug`
    GetBySlug,
    /// `updateOrganizationRole`
    Update,
    /// `deleteOrganizationRole`
    Delete,
}

/// The routes.
pub const ROUTES: &[Route] = {
    use Authentication::AccessToken;
    use operation::Operation::Roles as R;
    &[
        route("POST", "/api/v1/organization/roles", R(Operation::Create), AccessToken),
        route("GET", "/api/v1/organization/roles", R(Operation::List), AccessToken),
        route("GET", "/api/v1/organization/roles/slug/:slug", R(Operation::GetBySlug), AccessToken),
        route("GET", "/api/v1/organization/roles/:roleId", R(Operation::Get), AccessToken),
        route("PATCH", "/api/v1/organization/roles/:roleId", R(Operation::Update), AccessToken),
        route("DELETE", "/api/v1/organization/roles/:roleId", R(Operation::Delete), AccessToken),
        route("POST", "/api/v1/organization/:organizationId/roles", R(Operation::Create), AccessToken),
        route("GET", "/api/v1/organization/:organizationId/roles", R(Operation::ListInEnvelope), AccessToken),
        route("GET", "/api/v1/organization/:organizationId/roles/:roleId", R(Operation::Get), AccessToken),
        route("PATCH", "/api/v1/organization/:organizationId/roles/:roleId", R(Operation::Update), AccessToken),
        route("DELETE", "/api/v1/organization/:organizationId/roles/:roleId", R(Operation::Delete), AccessToken),
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
    require_own_organization(request, actor)?;
    let id = request.parameter("roleId");
    match operation {
        Operation::Create => {
            let new = read_new_role(&request.body()?)?;
            let create = |context: &mut Context<'_, S>| roles::create(context, actor, &new);
            let made = idempotency::once(context, request, actor, create, |made| made.id.to_string())?;
            Ok(request.ok(&RoleAnswer::new(&made, actor)))
        }
        Operation::List => {
            let found = roles::list(context, actor)?;
            Ok(request.ok(&RoleListAnswer::new(&found, actor)))
        }
        Operation::ListInEnvelope => {
            let found = roles::list(context, actor)?;
            Ok(request.ok(&EnvelopedRoleListAnswer { data: RoleListAnswer::new(&found, actor) }))
        }
        Operation::Get => {
            let found = roles::get(context, actor, id)?;
            Ok(preconditions::tagged(request.ok(&RoleAnswer::found(&found, actor)), &found))
        }
        Operation::GetBySlug => {
            let found = roles::get_by_slug(context, actor, request.parameter("slug"))?;
            Ok(preconditions::tagged(request.ok(&RoleAnswer::found(&found, actor)), &found))
        }
        Operation::Update => {
            let changes = read_role_changes(&request.body()?)?;
            let before = |context: &Context<'_, S>| versions::role(context, actor, id);
            let update = |context: &mut Context<'_, S>| roles::update(context, actor, id, &changes);
            let changed = preconditions::guard(context, request, before, update)?;
            Ok(preconditions::tagged(request.ok(&RoleAnswer::new(&changed, actor)), &changed))
        }
        Operation::Delete => {
            let before = |context: &Context<'_, S>| versions::role(context, actor, id);
            let delete = |context: &mut Context<'_, S>| roles::delete(context, actor, id);
            let gone = preconditions::guard(context, request, before, delete)?;
            Ok(request.ok(&RoleAnswer::new(&gone, actor)))
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
pub(crate) fn surface(error: &RolesError) -> Surface {
    match error {
        RolesError::NotFound { id } => not_found(format!("Role with ID {id} not found")),
        RolesError::SlugTaken { slug } => bad_request(format!("Role with slug {slug} already exists")),
        RolesError::TooMany => {
            bad_request(format!("An organization can have at most {} custom roles", roles::MAXIMUM_ROLES))
        }
        RolesError::TooManyHolders { count } => bad_request(format!(
            "The slug of a role can be changed only while at most {} identities have it; {count} have this one",
            roles::MAXIMUM_HOLDERS_OF_A_CHANGED_SLUG
        )),
        RolesError::InUse { named, count } => {
            let identities: Vec<Value> =
                named.iter().map(|holder| json!({ "id": holder.id.to_string(), "name": holder.name })).collect();
            bad_request("The role cannot be deleted while identities have it")
                .with_details(json!({ "identities": identities, "totalCount": count }))
        }
    }
}

pub mod bodies;
#[cfg(any(test, feature = "describe"))]
pub mod documentation;
pub mod views;
