//! The policy of an organization, read from the tables: what the replica is given of routes and project roles.

use std::collections::BTreeSet;

use crate::journal::Change;
use crate::rule_json;
use crate::sql::{Sql, SqlError};
use crate::tables::{organizations, project_roles, route_delegations, routes};
use domain::gateway::policy::{PolicyFacts, RequestRole};
use domain::gateway::policy_size::{self, PolicyTooLarge};
use domain::gateway::route::Route;
use domain::permission::ability::Rule;
use domain::permission::role_slug::RoleSlug;
use domain::token::evidence::EvidenceKey;
use domain::value::identifiers::{OrganizationId, ProjectId, RoleId};

/// What is known of an organization's policy; `None` when there is no such organization.
pub fn of_organization(sql: &dyn Sql, organization: OrganizationId) -> Result<Option<PolicyFacts>, SqlError> {
    if organizations::find(sql, organization)?.is_none() {
        return Ok(None);
    }
    let delegations = route_delegations::of_organization(sql, organization)?;
    let routes = routes::of_organization(sql, organization)?;
    let active: Vec<Route> = routes.into_iter().filter(|stored| stored.active).map(|stored| stored.route).collect();
    let mut roles = Vec::new();
    for project in active.iter().map(|route| route.project).collect::<BTreeSet<ProjectId>>() {
        roles.extend(project_roles::about_requests(sql, project)?.into_iter().map(|stored| stored.role));
    }
    Ok(Some(PolicyFacts::new(organization, roles, delegations, active)))
}

/// Whether a project's share of the policy has room for what takes `new`, in the place of what took `replaced`.
pub(super) fn check_policy_size(
    sql: &dyn Sql,
    organization: OrganizationId,
    project: ProjectId,
    replaced: u64,
    new: u64,
) -> Result<Result<(), PolicyTooLarge>, SqlError> {
    Ok(policy_size::check(used(sql, organization, project)?, replaced, new))
}

/// Whether a project's share has room for the rules of a role, in the place of those that it had. It must have, whether
/// the project has a route or not, so that a delegation never depends on what was written before it.
pub(super) fn check_policy_size_of_rules(
    sql: &dyn Sql,
    organization: OrganizationId,
    project: ProjectId,
    (id, slug): (RoleId, &RoleSlug),
    (old, new): (&[Rule], &[Rule]),
) -> Result<Result<(), PolicyTooLarge>, SqlError> {
    let size = |rules: &[Rule]| {
        let stored = rule_json::encode(rules).to_string().len() as u64;
        policy_size::of_role(&RequestRole::new(project, id, slug.clone(), rules.to_vec()), stored)
    };
    check_policy_size(sql, organization, project, size(old), size(new))
}

fn used(sql: &dyn Sql, organization: OrganizationId, project: ProjectId) -> Result<u64, SqlError> {
    let delegations = route_delegations::of_organization(sql, organization)?;
    let delegations = delegations.all().iter().filter(|delegation| delegation.project == project);
    let routes = routes::of_project(sql, organization, project)?;
    let roles = project_roles::about_requests(sql, project)?;
    Ok(delegations.map(policy_size::of_delegation).sum::<u64>()
        + routes.iter().map(|stored| policy_size::of_route(&stored.route)).sum::<u64>()
        + roles.iter().map(|stored| policy_size::of_role(&stored.role, stored.bytes)).sum::<u64>())
}

/// What changes for the data plane when a route, a delegation or a role of the organization changes.
pub(super) const fn policy_change(organization: OrganizationId) -> Change {
    Change::Narrows(EvidenceKey::Policy(organization))
}
