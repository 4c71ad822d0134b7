//! Environments of projects.

pub mod bodies;
#[cfg(any(test, feature = "describe"))]
pub mod documentation;
pub mod views;

use crate::endpoint::endpoints;
use crate::error::ManagementError;
use crate::families::environments::bodies::{CreateEnvironmentRequest, UpdateEnvironmentRequest};
use crate::families::environments::views::{EnvironmentAnswer, EnvironmentBySlugAnswer, EnvironmentListAnswer};
use crate::idempotency;
use crate::preconditions;
use crate::request::Request;
use directory::context::Context;
use directory::environments;
use directory::outcome::{Changed, Removed};
use protocol::response::ApiResponse;

endpoints! {
    /// The endpoints of environments.
    Environments {
        CreateEnvironment by AccessToken [
            POST "/api/v1/projects/:projectId/environments",
            POST "/api/v1/workspace/:projectId/environments",
        ];
        ListEnvironments by AccessToken [
            GET "/api/v1/projects/:projectId/environments",
            GET "/api/v1/workspace/:projectId/environments",
        ];
        GetEnvironment by AccessToken [
            GET "/api/v1/projects/:projectId/environments/:environmentId",
            GET "/api/v1/workspace/:projectId/environments/:environmentId",
        ];
        GetEnvironmentById of GetEnvironment by AccessToken [GET "/api/v1/workspace/environments/:environmentId"];
        GetEnvironmentBySlug of GetEnvironment by AccessToken [
            GET "/api/v1/projects/:projectId/environments/slug/:environmentSlug",
        ];
        UpdateEnvironment by AccessToken [
            PATCH "/api/v1/projects/:projectId/environments/:environmentId",
            PATCH "/api/v1/workspace/:projectId/environments/:environmentId",
        ];
        DeleteEnvironment by AccessToken [
            DELETE "/api/v1/projects/:projectId/environments/:environmentId",
            DELETE "/api/v1/workspace/:projectId/environments/:environmentId",
        ];
    }
}

pub fn run(
    context: &mut Context<'_>,
    request: &Request<'_>,
    endpoint: Environments,
) -> Result<ApiResponse, ManagementError> {
    let actor = &request.actor(context)?;
    let project = request.parameter("projectId");
    let environment = request.parameter("environmentId");
    match endpoint {
        Environments::CreateEnvironment => {
            let new = request.body::<CreateEnvironmentRequest>()?;
            let create = |context: &mut Context<'_>| environments::create(context, actor, project, &new);
            let made = idempotency::once(context, request, actor, create, |made| made.environment.id.to_string())?;
            Ok(request.ok(&EnvironmentAnswer::after("Successfully created new environment", &made)))
        }
        Environments::ListEnvironments => {
            let found = environments::list(context, actor, project)?;
            Ok(request.ok(&EnvironmentListAnswer::from(found.as_slice())))
        }
        Environments::GetEnvironment => {
            let found = environments::get(context, actor, project, environment)?;
            Ok(preconditions::tagged(request.ok(&EnvironmentAnswer::from(&found)), &found))
        }
        Environments::GetEnvironmentById => {
            let found = environments::get_by_id(context, actor, environment)?;
            Ok(preconditions::tagged(request.ok(&EnvironmentAnswer::from(&found)), &found))
        }
        Environments::GetEnvironmentBySlug => {
            let found = environments::get_by_slug(context, actor, project, request.parameter("environmentSlug"))?;
            Ok(preconditions::tagged(request.ok(&EnvironmentBySlugAnswer::from(&found)), &found))
        }
        Environments::UpdateEnvironment => {
            let changes = request.body::<UpdateEnvironmentRequest>()?;
            let Changed { after: changed, .. } =
                preconditions::guard(request, environments::update(context, actor, project, environment, &changes)?)?;
            let answer = request.ok(&EnvironmentAnswer::after("Successfully updated environment", &changed));
            Ok(preconditions::tagged(answer, &changed.environment))
        }
        Environments::DeleteEnvironment => {
            let Removed(gone) =
                preconditions::guard(request, environments::delete(context, actor, project, environment)?)?;
            Ok(request.ok(&EnvironmentAnswer::after("Successfully deleted environment", &gone)))
        }
    }
}
