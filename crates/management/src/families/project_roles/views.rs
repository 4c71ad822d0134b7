//! What the operations on project roles answer.
//!
//! **Invariant**: these shapes are frozen by the `*_unchanged` tests in `tests`.

use serde::Serialize;
use serde_json::Value;

use crate::preconditions::{EntityTag, Tagged};
use directory::project_roles::{RoleOfProject, RoleSummary};
use directory::projects::Project;
use directory::rule_json;
use protocol::iso_8601::iso_8601;

/// One role.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
pub(crate) struct ProjectRoleAnswer {
    role: RoleView,
}

impl From<&RoleOfProject> for ProjectRoleAnswer {
    fn from(found: &RoleOfProject) -> Self {
        let permissions = rule_json::encode(found.role.ability().rules());
        let summary = RoleSummary::new(&found.project, &found.role);
        Self { role: RoleView { permissions: Some(permissions), ..RoleView::new(&found.project, &summary) } }
    }
}

impl ProjectRoleAnswer {
    /// The role's id.
    pub(crate) fn id(&self) -> String {
        self.role.id.clone()
    }
}

/// `listProjectRoles`: without what the roles may do.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
pub(crate) struct ProjectRoleListAnswer {
    roles: Vec<RoleView>,
}

impl ProjectRoleListAnswer {
    pub(crate) fn new(project: &Project, roles: &[RoleSummary]) -> Self {
        Self { roles: roles.iter().map(|role| RoleView::new(project, role)).collect() }
    }
}

#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema), schemars(rename = "ProjectRole"))]
#[serde(rename_all = "camelCase")]
struct RoleView {
    id: String,
    name: String,
    slug: String,
    description: Option<String>,
    #[cfg_attr(any(test, feature = "describe"), schemars(with = "Option<Vec<crate::openapi::fields::ShownRule>>"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    permissions: Option<Value>,
    project_id: String,
    created_at: String,
    updated_at: String,
}

impl RoleView {
    fn new(project: &Project, role: &RoleSummary) -> Self {
        Self {
            id: role.id.clone(),
            name: role.name.clone(),
            slug: role.slug.to_string(),
            description: role.description.clone(),
            permissions: None,
            project_id: project.id.to_string(),
            created_at: iso_8601(role.created),
            updated_at: iso_8601(role.updated),
        }
    }
}

impl Tagged for RoleOfProject {
    fn tag(&self) -> EntityTag {
        EntityTag::over(&ProjectRoleAnswer::from(self))
    }
}
