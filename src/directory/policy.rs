//! The policy of an organization, read from the tables: what the replica is given of routes and project roles.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::directory::routes;
use crate::directory::rule_json;
use crate::directory::sql::{Sql, SqlError};
use crate::domain::identifiers::{OrganizationId, ProjectId};
use crate::domain::policy::{PolicyFacts, RequestRole};
use crate::domain::role_slug::RoleSlug;
use crate::domain::route::Route;

/// What is known of an organization's policy; `None` when there is no such organization.
///
/// # Errors
/// [`SqlError`].
pub fn of_organization<S: Sql>(sql: &S, organization: OrganizationId) -> Result<Option<PolicyFacts>, SqlError> {
    let id = organization.to_string();
    if sql.execute("SELECT 1 FROM organizations WHERE id = ?", &[id.as_str().into()])?.is_empty() {
        return Ok(None);
    }
    let routes: Vec<Route> =
        routes::of_organization(sql, organization)?.into_iter().map(|stored| stored.route).collect();
    let with_routes: BTreeSet<ProjectId> = routes.iter().map(|route| route.project).collect();
    let mut roles = Vec::new();
    for project in with_routes {
        let rows = sql.execute(
            "SELECT slug, permissions FROM project_roles WHERE project_id = ? ORDER BY slug",
            &[project.to_string().into()],
        )?;
        for mut row in rows {
            let slug = row.parsed(|slug| RoleSlug::parse(slug).ok())?;
            let rules =
                row.parsed(|text| serde_json::from_str::<Value>(text).ok().as_ref().and_then(rule_json::decode))?;
            let role = RequestRole::new(project, slug, rules);
            if !role.ability.rules().is_empty() {
                roles.push(role);
            }
        }
    }
    Ok(Some(PolicyFacts::new(organization, roles, routes)))
}
