//! Roles of a project: create, change, delete, look up.

pub mod bodies;
pub mod views;

#[cfg(any(test, feature = "describe"))]
pub mod documentation;
use serde_json::json;

use crate::error::{ManagementError, Surface, bad_request, not_found};
use crate::families::project_roles::views::{RoleAnswer, RoleListAnswer};
use crate::families::projects::By;
use crate::families::routes::policy_too_large;
use crate::handle::Request;
use crate::idempotency;
use crate::operation::{self, Authentication, Route};
use crate::preconditions::{self, EntityTag, Tagged};
use directory::context::Context;
use directory::project_access::ProjectKey;
use directory::project_roles::{self, ProjectRolesError, RoleOfProject};
use directory::sql::Sql;
use directory::versions;
use domain::gateway::request_rules::{MAXIMUM_SEARCHES, TooManySearches};
use protocol::response::ApiResponse;

/// The operations; `By` is what the path names the project by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Operation {
    /// `createProjectRole`
    Create(By),
    /// `listProjectRoles`
    List(By),
    /// `updateProjectRole`
    Update(By),
    /// `deleteProjectRole`
    Delete(By),
    /// `getProjectRoleBySlug`
    GetBySlug(By),
    /// `getProjectRoleById`
    GetById,
}

const fn route(method: &'static str, path: &'static str, operation: Operation) -> Route {
    operation::route(method, path, operation::Operation::ProjectRoles(operation), Authentication::AccessToken)
}

/// The routes. In `/api/v1/workspace/…` the project's slug stands in `:projectId`.
pub const ROUTES: &[Route] = {
    use Operation as O;
    &[
        route("POST", "/api/v1/projects/:projectId/roles", O::Create(By::Id)),
        route("GET", "/api/v1/projects/:projectId/roles", O::List(By::Id)),
        route("PATCH", "/api/v1/projects/:projectId/roles/:roleId", O::Update(By::Id)),
        route("DELETE", "/api/v1/projects/:projectId/roles/:roleId", O::Delete(By::Id)),
        route("GET", "/api/v1/projects/:projectId/roles/slug/:roleSlug", O::GetBySlug(By::Id)),
        route("GET", "/api/v1/projects/roles/:roleId", O::GetById),
        route("POST", "/api/v2/workspace/:projectId/roles", O::Create(By::Id)),
        route("GET", "/api/v2/workspace/:projectId/roles", O::List(By::Id)),
        route("PATCH", "/api/v2/workspace/:projectId/roles/:roleId", O::Update(By::Id)),
        route("DELETE", "/api/v2/workspace/:projectId/roles/:roleId", O::Delete(By::Id)),
        route("GET", "/api/v2/workspace/:projectId/roles/slug/:roleSlug", O::GetBySlug(By::Id)),
        route("POST", "/api/v1/workspace/:projectId/roles", O::Create(By::Slug)),
        route("GET", "/api/v1/workspace/:projectId/roles", O::List(By::Slug)),
        route("PATCH", "/api/v1/workspace/:projectId/roles/:roleId", O::Update(By::Slug)),
        route("DELETE", "/api/v1/workspace/:projectId/roles/:roleId", O::Delete(By::Slug)),
        route("GET", "/api/v1/workspace/:projectId/roles/slug/:roleSlug", O::GetBySlug(By::Slug)),
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
    let role = request.parameter("roleId");
    match operation {
        Operation::Create(by) => {
            let new = bodies::new_role(&request.body()?)?;
            let create = |context: &mut Context<'_, S>| project_roles::create(context, &actor, key(request, by), &new);
            let made = idempotency::once(context, request, &actor, create, |made| RoleAnswer::from(made).id())?;
            Ok(request.ok(&RoleAnswer::from(&made)))
        }
        Operation::List(by) => {
            let (project, roles) = project_roles::list(context, &actor, key(request, by))?;
            Ok(request.ok(&RoleListAnswer::new(&project, &roles)))
        }
        Operation::Update(by) => {
            let changes = bodies::role_changes(&request.body()?)?;
            let before = |context: &Context<'_, S>| versions::project_role(context, &actor, key(request, by), role);
            let update =
                |context: &mut Context<'_, S>| project_roles::update(context, &actor, key(request, by), role, &changes);
            let changed = preconditions::guard(context, request, before, update)?;
            Ok(preconditions::tagged(request.ok(&RoleAnswer::from(&changed)), &changed))
        }
        Operation::Delete(by) => {
            let before = |context: &Context<'_, S>| versions::project_role(context, &actor, key(request, by), role);
            let delete = |context: &mut Context<'_, S>| project_roles::delete(context, &actor, key(request, by), role);
            let gone = preconditions::guard(context, request, before, delete)?;
            Ok(request.ok(&RoleAnswer::from(&gone)))
        }
        Operation::GetBySlug(by) => {
            let slug = request.parameter("roleSlug");
            let found = project_roles::get_by_slug(context, &actor, key(request, by), slug)?;
            Ok(preconditions::tagged(request.ok(&RoleAnswer::from(&found)), &found))
        }
        Operation::GetById => {
            let found = project_roles::get_by_id(context, &actor, role)?;
            Ok(preconditions::tagged(request.ok(&RoleAnswer::from(&found)), &found))
        }
    }
}

fn key<'a>(request: &'a Request<'_>, by: By) -> ProjectKey<'a> {
    match by {
        By::Id => ProjectKey::Id(request.parameter("projectId")),
        By::Slug => ProjectKey::Slug(request.parameter("projectId")),
    }
}

impl Tagged for RoleOfProject {
    fn tag(&self) -> EntityTag {
        EntityTag::over(&RoleAnswer::from(self))
    }
}

/// What a client reads of an error.
pub(crate) fn surface(error: &ProjectRolesError) -> Surface {
    match error {
        ProjectRolesError::NotFound { by, key } => not_found(format!("Project role with {by} '{key}' not found")),
        ProjectRolesError::SlugReserved => {
            bad_request("Please choose a different slug, the slug you have entered is reserved")
        }
        ProjectRolesError::SlugTaken { slug } => bad_request(format!("Project role with slug '{slug}' already exists")),
        ProjectRolesError::TooManyRoles => {
            bad_request(format!("A project can have at most {} roles", project_roles::MAXIMUM_ROLES))
        }
        ProjectRolesError::TooManyRules { bytes } => bad_request(format!(
            "The rules of all roles of a project may have {} bytes together",
            project_roles::MAXIMUM_RULE_BYTES
        ))
        .with_details(json!({ "path": ["permissions"], "bytes": bytes, "maximum": project_roles::MAXIMUM_RULE_BYTES })),
        ProjectRolesError::TooManySearches(TooManySearches { count }) => bad_request(format!(
            "The rules about requests have {count} patterns with several stars, one of more than 64 bytes between them \
             counting more than once; a role can have at most {MAXIMUM_SEARCHES}"
        ))
        .with_details(json!({ "path": ["permissions"], "count": count, "maximum": MAXIMUM_SEARCHES })),
        ProjectRolesError::PolicyTooLarge(error) => policy_too_large(*error, &["permissions"]),
        ProjectRolesError::InUse { count, holders } => {
            let identities: Vec<_> =
                holders.iter().map(|(id, name)| json!({ "id": id.to_string(), "name": name })).collect();
            bad_request("Failed to delete a role that identities have")
                .with_details(json!({ "identityCount": count, "identities": identities }))
        }
    }
}
