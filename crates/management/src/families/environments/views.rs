//! What the operations on environments answer.
//!
//! **Invariant**: these shapes are frozen by the `*_unchanged` tests in `tests`.

use serde::Serialize;

use crate::preconditions::{EntityTag, Tagged};
use directory::environments::{Environment, EnvironmentOfProject};
use protocol::iso_8601::iso_8601;

/// An environment, after a change with a message and the project's id.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct EnvironmentAnswer<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'static str>,
    /// The project's id, as clients of the older paths read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    workspace: Option<String>,
    /// The project's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    project_id: Option<String>,
    environment: EnvironmentView<'a>,
}

impl<'a> EnvironmentAnswer<'a> {
    pub(crate) fn after(message: &'static str, changed: &'a EnvironmentOfProject) -> Self {
        Self {
            message: Some(message),
            workspace: Some(changed.project.id.to_string()),
            project_id: Some(changed.project.id.to_string()),
            environment: EnvironmentView::from(&changed.environment),
        }
    }
}

impl<'a> From<&'a Environment> for EnvironmentAnswer<'a> {
    fn from(environment: &'a Environment) -> Self {
        Self { message: None, workspace: None, project_id: None, environment: EnvironmentView::from(environment) }
    }
}

/// `getEnvironmentBySlug`.
///
/// DIFFERENCE: Infisical wraps the environment; its Terraform provider reads it bare and finds nothing. Here it is
/// both.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
pub(crate) struct EnvironmentBySlugAnswer<'a> {
    environment: EnvironmentView<'a>,
    #[serde(flatten)]
    bare: EnvironmentView<'a>,
}

impl<'a> From<&'a Environment> for EnvironmentBySlugAnswer<'a> {
    fn from(environment: &'a Environment) -> Self {
        Self { environment: EnvironmentView::from(environment), bare: EnvironmentView::from(environment) }
    }
}

/// `listEnvironments`.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
pub(crate) struct EnvironmentListAnswer<'a> {
    environments: Vec<EnvironmentView<'a>>,
}

impl<'a> From<&'a [Environment]> for EnvironmentListAnswer<'a> {
    fn from(environments: &'a [Environment]) -> Self {
        Self { environments: environments.iter().map(EnvironmentView::from).collect() }
    }
}

#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema), schemars(rename = "Environment"))]
#[serde(rename_all = "camelCase")]
struct EnvironmentView<'a> {
    id: String,
    name: &'a str,
    slug: &'a str,
    position: u64,
    project_id: String,
    created_at: String,
    updated_at: String,
}

impl<'a> From<&'a Environment> for EnvironmentView<'a> {
    fn from(environment: &'a Environment) -> Self {
        Self {
            id: environment.id.to_string(),
            name: &environment.name,
            slug: &environment.slug,
            position: environment.position,
            project_id: environment.project.to_string(),
            created_at: iso_8601(environment.created),
            updated_at: iso_8601(environment.updated),
        }
    }
}

impl Tagged for Environment {
    fn tag(&self) -> EntityTag {
        EntityTag::over(&EnvironmentAnswer::from(self))
    }
}

impl Tagged for EnvironmentOfProject {
    fn tag(&self) -> EntityTag {
        self.environment.tag()
    }
}
