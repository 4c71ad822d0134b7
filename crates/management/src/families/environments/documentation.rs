//! What the document says of environments.

use super::Environments;
use super::bodies::{CreateEnvironmentRequest, UpdateEnvironmentRequest};
use super::views::{EnvironmentAnswer, EnvironmentBySlugAnswer, EnvironmentListAnswer};
use crate::openapi::describe::{Description, Tag};

/// What the document says of an endpoint.
pub fn description(endpoint: Environments) -> Description {
    let tag = Tag::Projects;
    let described = match endpoint {
        Environments::CreateEnvironment => {
            Description::new::<EnvironmentAnswer<'_>>(tag, "Create an environment").details("Environments are names that clients keep for themselves: nothing is decided by them. At a place that another one has, that one and those behind it move on.")
                .takes::<CreateEnvironmentRequest>()
        }
        Environments::ListEnvironments => {
            Description::new::<EnvironmentListAnswer<'_>>(tag, "List the environments of a project").details("In their order.")
        }
        Environments::GetEnvironment => Description::new::<EnvironmentAnswer<'_>>(tag, "Get an environment").details("One of another project is not found."),
        Environments::GetEnvironmentById => {
            Description::new::<EnvironmentAnswer<'_>>(tag, "Get an environment by its id alone")
                .details("Infisical's Terraform provider reads an environment by it.")
        }
        Environments::GetEnvironmentBySlug => Description::new::<EnvironmentBySlugAnswer<'_>>(
            tag,
            "Get an environment by its slug",
        )
        .details("The environment is there twice: in `environment`, and bare, as Infisical's Terraform provider reads it."),
        Environments::UpdateEnvironment => {
            Description::new::<EnvironmentAnswer<'_>>(tag, "Change an environment").details("What is left out stays.")
                .takes::<UpdateEnvironmentRequest>()
        }
        Environments::DeleteEnvironment => {
            Description::new::<EnvironmentAnswer<'_>>(tag, "Delete an environment").details("Those behind it move up.")
        }
    };
    match endpoint {
        Environments::CreateEnvironment => described.at_most_once(),
        Environments::GetEnvironment | Environments::GetEnvironmentById | Environments::GetEnvironmentBySlug => {
            described.tagged()
        }
        Environments::UpdateEnvironment => described.tagged().conditional(),
        Environments::DeleteEnvironment => described.conditional(),
        Environments::ListEnvironments => described,
    }
}
