//! The policy of an organization, read from the tables: what the replica is given of routes and project roles.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::directory::routes::{self, StoredRoute};
use crate::directory::rule_json;
use crate::directory::sql::{Sql, SqlError};
use crate::domain::identifiers::{OrganizationId, ProjectId};
use crate::domain::permission::Rule;
use crate::domain::policy::{PolicyFacts, RequestRole};
use crate::domain::policy_size::{self, PolicyTooLarge, Taken};
use crate::domain::role_slug::RoleSlug;

/// What is known of an organization's policy; `None` when there is no such organization.
///
/// # Errors
/// [`SqlError`].
pub fn of_organization<S: Sql>(sql: &S, organization: OrganizationId) -> Result<Option<PolicyFacts>, SqlError> {
    let id = organization.to_string();
    if sql.execute("SELECT 1 FROM organizations WHERE id = ?", &[id.as_str().into()])?.is_empty() {
        return Ok(None);
    }
    let routes = routes::of_organization(sql, organization)?;
    let mut roles = Vec::new();
    for project in projects_of(&routes) {
        roles.extend(roles_of(sql, project)?.into_iter().map(|stored| stored.role));
    }
    Ok(Some(PolicyFacts::new(organization, roles, routes.into_iter().map(|stored| stored.route).collect())))
}

/// Whether the policy has room for what a route takes, in the place of what took `gone`.
pub(super) fn room_for_route<S: Sql>(
    sql: &S,
    project: ProjectId,
    routes: &[StoredRoute],
    gone: u64,
    new: u64,
) -> Result<Result<(), PolicyTooLarge>, SqlError> {
    Ok(policy_size::check(taken(sql, project, routes)?, gone, new))
}

/// Whether the policy has room for the rules of a role, in the place of those that it had. A project without a route is
/// not in it.
pub(super) fn room_for_rules<S: Sql>(
    sql: &S,
    organization: OrganizationId,
    project: ProjectId,
    slug: &RoleSlug,
    (old, new): (&[Rule], &[Rule]),
) -> Result<Result<(), PolicyTooLarge>, SqlError> {
    let routes = routes::of_organization(sql, organization)?;
    if !projects_of(&routes).contains(&project) {
        return Ok(Ok(()));
    }
    let size = |rules: &[Rule]| {
        let stored = rule_json::encode(rules).to_string().len() as u64;
        policy_size::of_role(&RequestRole::new(project, slug.clone(), rules.to_vec()), stored)
    };
    Ok(policy_size::check(taken(sql, project, &routes)?, size(old), size(new)))
}

fn taken<S: Sql>(sql: &S, project: ProjectId, routes: &[StoredRoute]) -> Result<Taken, SqlError> {
    let mut taken = Taken { organization: 0, project: 0 };
    let mut projects = projects_of(routes);
    projects.insert(project);
    for one in projects {
        let its_routes = routes.iter().filter(|stored| stored.route.project == one);
        let size = its_routes.map(|stored| policy_size::of_route(&stored.route)).sum::<u64>()
            + roles_of(sql, one)?.iter().map(|stored| policy_size::of_role(&stored.role, stored.bytes)).sum::<u64>();
        taken.organization = taken.organization.saturating_add(size);
        if one == project {
            taken.project = size;
        }
    }
    Ok(taken)
}

fn projects_of(routes: &[StoredRoute]) -> BTreeSet<ProjectId> {
    routes.iter().map(|stored| stored.route.project).collect()
}

struct StoredRole {
    role: RequestRole,
    /// How long all of its rules are, as they are stored.
    bytes: u64,
}

/// The custom roles of a project that say something about requests. An index knows them, so that the others, of which
/// there can be many and long ones, are not looked at.
fn roles_of<S: Sql>(sql: &S, project: ProjectId) -> Result<Vec<StoredRole>, SqlError> {
    let rows = sql.execute(
        "SELECT slug, permissions FROM project_roles
         WHERE project_id = ? AND instr(permissions, '\"subject\":\"requests\"') > 0 ORDER BY slug",
        &[project.to_string().into()],
    )?;
    rows.into_iter()
        .map(|mut row| {
            let slug = row.parsed(|slug| RoleSlug::parse(slug).ok())?;
            let permissions = row.text()?;
            let rules: Option<Vec<Rule>> =
                serde_json::from_str::<Value>(&permissions).ok().as_ref().and_then(rule_json::decode);
            let rules = rules.ok_or(SqlError::UnexpectedValue { expected: "the rules of a role" })?;
            Ok(StoredRole { role: RequestRole::new(project, slug, rules), bytes: permissions.len() as u64 })
        })
        .collect()
}
