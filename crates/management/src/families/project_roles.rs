//! Roles of a project: create, change, delete, look up.

pub mod bodies;
#[cfg(any(test, feature = "describe"))]
pub mod documentation;
pub mod views;

use serde_json::json;

use crate::endpoint::endpoints;
use crate::error::ManagementError;
use crate::families::project_roles::bodies::{CreateProjectRoleRequest, UpdateProjectRoleRequest};
use crate::families::project_roles::views::{ProjectRoleAnswer, ProjectRoleListAnswer};
use crate::families::projects::By;
use crate::families::routes::policy_too_large;
use crate::idempotency;
use crate::preconditions;
use crate::request::Request;
use crate::surface::{More, Surface, bad_request, not_found};
use directory::context::Context;
use directory::outcome::{Changed, Removed};
use directory::project_access::ProjectKey;
use directory::project_roles::{self, ProjectRolesError};
use domain::gateway::request_rules::{MAXIMUM_SEARCHES, TooManySearches};
use protocol::response::ApiResponse;

endpoints! {
    /// The endpoints of project roles; `By` is what the path names the project by. In `/api/v1/workspace/…` the project's
    /// slug stands in `:projectId`.
    ProjectRoles {
        CreateProjectRole(By) by AccessToken [
            POST "/api/v1/projects/:projectId/roles" (By::Id),
            POST "/api/v2/workspace/:projectId/roles" (By::Id),
            POST "/api/v1/workspace/:projectId/roles" (By::Slug),
        ];
        ListProjectRoles(By) by AccessToken [
            GET "/api/v1/projects/:projectId/roles" (By::Id),
            GET "/api/v2/workspace/:projectId/roles" (By::Id),
            GET "/api/v1/workspace/:projectId/roles" (By::Slug),
        ];
        UpdateProjectRole(By) by AccessToken [
            PATCH "/api/v1/projects/:projectId/roles/:roleId" (By::Id),
            PATCH "/api/v2/workspace/:projectId/roles/:roleId" (By::Id),
            PATCH "/api/v1/workspace/:projectId/roles/:roleId" (By::Slug),
        ];
        DeleteProjectRole(By) by AccessToken [
            DELETE "/api/v1/projects/:projectId/roles/:roleId" (By::Id),
            DELETE "/api/v2/workspace/:projectId/roles/:roleId" (By::Id),
            DELETE "/api/v1/workspace/:projectId/roles/:roleId" (By::Slug),
        ];
        GetProjectRoleBySlug(By) of GetProjectRole by AccessToken [
            GET "/api/v1/projects/:projectId/roles/slug/:roleSlug" (By::Id),
            GET "/api/v2/workspace/:projectId/roles/slug/:roleSlug" (By::Id),
            GET "/api/v1/workspace/:projectId/roles/slug/:roleSlug" (By::Slug),
        ];
        GetProjectRoleById of GetProjectRole by AccessToken [GET "/api/v1/projects/roles/:roleId"];
    }
}

pub fn run(
    context: &mut Context<'_>,
    request: &Request<'_>,
    endpoint: ProjectRoles,
) -> Result<ApiResponse, ManagementError> {
    let actor = request.actor(context)?;
    let role = request.parameter("roleId");
    match endpoint {
        ProjectRoles::CreateProjectRole(by) => {
            let new = request.body::<CreateProjectRoleRequest>()?;
            let create = |context: &mut Context<'_>| project_roles::create(context, &actor, key(request, by), &new);
            let made = idempotency::once(context, request, &actor, create, |made| ProjectRoleAnswer::from(made).id())?;
            Ok(request.ok(&ProjectRoleAnswer::from(&made)))
        }
        ProjectRoles::ListProjectRoles(by) => {
            let (project, roles) = project_roles::list(context, &actor, key(request, by))?;
            Ok(request.ok(&ProjectRoleListAnswer::new(&project, &roles)))
        }
        ProjectRoles::UpdateProjectRole(by) => {
            let changes = request.body::<UpdateProjectRoleRequest>()?;
            let Changed { after: changed, .. } = preconditions::guard(
                request,
                project_roles::update(context, &actor, key(request, by), role, &changes)?,
            )?;
            Ok(preconditions::tagged(request.ok(&ProjectRoleAnswer::from(&changed)), &changed))
        }
        ProjectRoles::DeleteProjectRole(by) => {
            let Removed(gone) =
                preconditions::guard(request, project_roles::delete(context, &actor, key(request, by), role)?)?;
            Ok(request.ok(&ProjectRoleAnswer::from(&gone)))
        }
        ProjectRoles::GetProjectRoleBySlug(by) => {
            let slug = request.parameter("roleSlug");
            let found = project_roles::get_by_slug(context, &actor, key(request, by), slug)?;
            Ok(preconditions::tagged(request.ok(&ProjectRoleAnswer::from(&found)), &found))
        }
        ProjectRoles::GetProjectRoleById => {
            let found = project_roles::get_by_id(context, &actor, role)?;
            Ok(preconditions::tagged(request.ok(&ProjectRoleAnswer::from(&found)), &found))
        }
    }
}

fn key<'a>(request: &'a Request<'_>, by: By) -> ProjectKey<'a> {
    match by {
        By::Id => ProjectKey::Id(request.parameter("projectId")),
        By::Slug => ProjectKey::Slug(request.parameter("projectId")),
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
