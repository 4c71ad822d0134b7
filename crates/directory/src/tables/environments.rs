//! Environments of projects.

use crate::sql::{Column, Sql, SqlError};
use crate::tables::record::{Record, record};
use domain::value::identifiers::{EnvironmentId, ProjectId};
use domain::value::timestamp::Timestamp;

record! {
    /// An environment as it is stored.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct Environment in "environments" {
        pub id: EnvironmentId = "id",
        pub project: ProjectId = "project_id",
        pub name: String = "name",
        pub slug: String = "slug",
        /// Its place among the others, from 1. There may be gaps.
        pub position: u64 = "position",
        pub created: Timestamp = "created_at",
        pub updated: Timestamp = "updated_at",
    }
}

/// The environments of a project, in their order.
pub(crate) fn of_project(sql: &dyn Sql, project: ProjectId) -> Result<Vec<Environment>, SqlError> {
    Environment::all(sql, "WHERE project_id = ? ORDER BY position, id", &[project.to_value()])
}

/// The environment of a project with this id.
pub(crate) fn find(sql: &dyn Sql, project: ProjectId, id: EnvironmentId) -> Result<Option<Environment>, SqlError> {
    Environment::first(sql, "WHERE project_id = ? AND id = ?", &[project.to_value(), id.to_value()])
}
