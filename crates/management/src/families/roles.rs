//! Organization roles: create, change, delete, look up.
//!
//! The older paths name the organization; the newer ones take the caller's. Both do the same, except that the older
//! list has an envelope of its own.

use serde_json::{Value, json};

use crate::error::{ManagementError, Surface, bad_request, not_found};
use crate::families::roles::views::{EnvelopedRoleListAnswer, RoleAnswer, RoleListAnswer};
use crate::handle::Request;
use crate::input::{Fields, Issue};
use crate::inputs::read_name;
use crate::operation::{self, Authentication, Route, route};
use crate::{idempotency, preconditions, rules};
use directory::context::{Actor, Context};
use directory::error::DirectoryError;
use directory::roles::{self, NewRole, RoleChanges, RolesError};
use directory::sql::Sql;
use directory::versions;
use domain::permission::organization_role::{ORGANIZATION_SUBJECTS, RESERVED_SLUGS};
use domain::permission::role_slug::{MAXIMUM_SLUG_CHARACTERS, RoleSlug};
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

fn read_new_role(body: &Value) -> Result<NewRole, ManagementError> {
    let mut fields = Fields::new(body);
    let slug = fields.string("slug").and_then(|text| read_slug(&mut fields, text));
    let name = fields.string("name").and_then(|text| read_name(&mut fields, "name", text));
    let description = rules::read_description(&mut fields).flatten();
    // An absent list is an issue, an empty one is a role that may do nothing.
    if fields.value("permissions").is_none() {
        let issue = Issue::invalid_type("array", None, fields.path("permissions"));
        fields.push(issue);
    }
    let rules = rules::read(&mut fields, "permissions", ORGANIZATION_SUBJECTS);
    let new = match (slug, name, rules) {
        (Some(slug), Some(name), Some(rules)) => Some(NewRole { slug, name, description, rules }),
        (None, _, _) | (_, None, _) | (_, _, None) => None,
    };
    fields.finish(new)
}

fn read_role_changes(body: &Value) -> Result<RoleChanges, ManagementError> {
    let mut fields = Fields::new(body);
    let slug = fields.optional_string("slug").and_then(|text| read_slug(&mut fields, text));
    let name = fields.optional_string("name").and_then(|text| read_name(&mut fields, "name", text));
    let description = rules::read_description(&mut fields);
    let rules = rules::read(&mut fields, "permissions", ORGANIZATION_SUBJECTS);
    fields.finish(Some(RoleChanges { slug, name, description, rules }))
}

fn read_slug(fields: &mut Fields<'_>, text: &str) -> Option<RoleSlug> {
    let (text, path) = (text.trim(), fields.path("slug"));
    let issue = match RoleSlug::parse(text) {
        Ok(slug) if !RESERVED_SLUGS.contains(&slug.as_str()) => return Some(slug),
        Ok(_) => Issue::custom("Please choose a different slug, the slug you have entered is reserved", path),
        Err(_) if text.is_empty() => Issue::too_small("string", 1, path),
        Err(_) if text.chars().count() > MAXIMUM_SLUG_CHARACTERS => {
            Issue::too_big("string", MAXIMUM_SLUG_CHARACTERS as u64, path)
        }
        Err(_) => Issue::custom("A slug is lower-case letters, digits and single hyphens between them", path),
    };
    fields.push(issue);
    None
}

#[cfg(any(test, feature = "describe"))]
pub mod documentation;
pub mod views;
