//! Projects of organizations.

use crate::sql::{Column, Sql, SqlError};
use crate::tables::record::{Record, columns, record};
use domain::value::identifiers::{OrganizationId, ProjectId};
use domain::value::project_slug::ProjectSlug;
use domain::value::timestamp::Timestamp;

record! {
    /// A project as it is stored.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct Project in "projects" {
        pub id: ProjectId = "id",
        pub organization: OrganizationId = "organization_id",
        pub name: String = "name",
        pub slug: ProjectSlug = "slug",
        /// What it is for.
        pub description: Option<String> = "description",
        /// Which of the vendor's products it was created for. Nothing is decided by it.
        pub kind: String = "type",
        /// Whether deleting it is refused.
        pub has_delete_protection: bool = "has_delete_protection",
        /// How many days a client wants the audit log to be kept. Nothing is decided by it: the audit log is the
        /// organization's.
        pub audit_logs_retention_days: Option<u64> = "audit_logs_retention_days",
        pub created: Timestamp = "created_at",
        pub updated: Timestamp = "updated_at",
    }
}

/// The project of an organization with this id.
pub(crate) fn find(sql: &dyn Sql, organization: OrganizationId, id: ProjectId) -> Result<Option<Project>, SqlError> {
    Project::first(sql, "WHERE organization_id = ? AND id = ?", &[organization.to_value(), id.to_value()])
}

/// The project of an organization with this slug.
pub(crate) fn find_by_slug(
    sql: &dyn Sql,
    organization: OrganizationId,
    slug: &str,
) -> Result<Option<Project>, SqlError> {
    Project::first(sql, "WHERE organization_id = ? AND slug = ?", &[organization.to_value(), slug.into()])
}

/// What a membership shows of its project.
pub(crate) struct ProjectLabel {
    pub name: String,
    pub kind: String,
}

columns! { ProjectLabel { name: String = "name", kind: String = "type" } }
