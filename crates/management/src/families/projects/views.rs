//! What the operations on projects answer.
//!
//! **Invariant**: these shapes are frozen by the `*_unchanged` tests in `tests`.

use serde::Serialize;

use crate::preconditions::{EntityTag, Tagged};
use directory::project_roles::RoleSummary;
use directory::projects::ProjectDetails;
use protocol::iso_8601::iso_8601;

/// How an answer wraps a project: the vendor changed its mind over the years.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Envelope {
    /// `{"project": …}`
    Project,
    /// `{"workspace": …}`
    Workspace,
    /// The project itself.
    Bare,
}

/// A project.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema), schemars(rename = "Project"))]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProjectView<'a> {
    /// The same as `id`, for clients of the time when ids had this name.
    #[serde(rename = "_id")]
    old_id: String,
    id: String,
    name: &'a str,
    slug: &'a str,
    description: Option<&'a str>,
    r#type: &'a str,
    org_id: String,
    has_delete_protection: bool,
    auto_capitalization: bool,
    /// Kept and shown; nothing is decided by it. The audit log is the organization's.
    audit_logs_retention_days: Option<u64>,
    created_at: String,
    updated_at: String,
    environments: Vec<NestedEnvironment<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
struct NestedEnvironment<'a> {
    id: String,
    name: &'a str,
    slug: &'a str,
}

impl<'a> From<&'a ProjectDetails> for ProjectView<'a> {
    fn from(details: &'a ProjectDetails) -> Self {
        let project = &details.project;
        Self {
            old_id: project.id.to_string(),
            id: project.id.to_string(),
            name: &project.name,
            slug: project.slug.as_str(),
            description: project.description.as_deref(),
            r#type: &project.kind,
            org_id: project.organization.to_string(),
            has_delete_protection: project.has_delete_protection,
            auto_capitalization: false,
            audit_logs_retention_days: project.audit_logs_retention_days,
            created_at: iso_8601(project.created),
            updated_at: iso_8601(project.updated),
            environments: details
                .environments
                .iter()
                .map(|one| NestedEnvironment { id: one.id.to_string(), name: &one.name, slug: &one.slug })
                .collect(),
        }
    }
}

/// A project in a list.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
pub(crate) struct ProjectListItem<'a> {
    #[serde(flatten)]
    project: ProjectView<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    roles: Option<Vec<NestedRole>>,
}

#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
struct NestedRole {
    id: String,
    name: String,
    slug: String,
}

impl<'a> ProjectListItem<'a> {
    pub(crate) fn new(details: &'a ProjectDetails, roles: Option<Vec<RoleSummary>>) -> Self {
        let roles = roles.map(|roles| roles.iter().map(NestedRole::from).collect());
        Self { project: ProjectView::from(details), roles }
    }
}

impl From<&RoleSummary> for NestedRole {
    fn from(role: &RoleSummary) -> Self {
        Self { id: role.id.clone(), name: role.name.clone(), slug: role.slug.to_string() }
    }
}

/// One project.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
pub(crate) struct ProjectAnswer<'a> {
    pub(crate) project: &'a ProjectView<'a>,
}

/// One project, in the envelope of the older paths.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
pub(crate) struct WorkspaceAnswer<'a> {
    pub(crate) workspace: &'a ProjectView<'a>,
}

/// `listProjects`.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
pub(crate) struct ProjectListAnswer<'a> {
    pub(crate) projects: Vec<ProjectListItem<'a>>,
}

/// `listProjects`, in the envelope of the older path.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
pub(crate) struct WorkspaceListAnswer<'a> {
    pub(crate) workspaces: Vec<ProjectListItem<'a>>,
}

/// A project after its wish about the audit log has been noted, in the envelope of the path.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
pub(crate) struct AuditLogsRetentionAnswer<'a> {
    message: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<ProjectView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    workspace: Option<ProjectView<'a>>,
}

impl<'a> AuditLogsRetentionAnswer<'a> {
    pub(crate) fn new(envelope: Envelope, changed: &'a ProjectDetails) -> Self {
        let (project, workspace) = match envelope {
            Envelope::Project | Envelope::Bare => (Some(ProjectView::from(changed)), None),
            Envelope::Workspace => (None, Some(ProjectView::from(changed))),
        };
        Self { message: "Successfully updated project's audit logs retention period", project, workspace }
    }
}

impl Tagged for ProjectDetails {
    fn tag(&self) -> EntityTag {
        EntityTag::over(&ProjectView::from(self))
    }
}
