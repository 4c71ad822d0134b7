//! The policy of an organization: what it delegated to which project, their routes, and what the custom roles of its
//! projects allow on requests.
//!
//! What the data plane needs of it and nothing else: rules about other subjects are not here.
//!
//! **Invariant**: every route in it lies in a delegation of its project.

use std::rc::Rc;

use crate::domain::identifiers::{OrganizationId, ProjectId};
use crate::domain::permission::{Ability, Rule, Subject};
use crate::domain::project_role::BuiltInProjectRole;
use crate::domain::role_slug::RoleSlug;
use crate::domain::route::Route;
use crate::domain::route_delegation::RouteDelegations;

/// What is known of an organization's policy. Facts are shared, never changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PolicyFacts {
    /// Whose.
    pub organization: OrganizationId,
    roles: Vec<RequestRole>,
    delegations: RouteDelegations,
    routes: Vec<Rc<Route>>,
}

/// A custom role of a project: what it says about requests.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RequestRole {
    /// The project.
    pub project: ProjectId,
    /// The role.
    pub slug: RoleSlug,
    /// Its rules about `requests`.
    pub ability: Ability,
}

impl RequestRole {
    /// Keeps the rules that could decide about a request.
    pub fn new(project: ProjectId, slug: RoleSlug, rules: Vec<Rule>) -> Self {
        let about_requests = |rule: &Rule| rule.subject.includes(Subject::Requests.name());
        Self { project, slug, ability: Ability::new(rules.into_iter().filter(about_requests).collect()) }
    }
}

impl PolicyFacts {
    /// Leaves out the routes that lie in no delegation of their project, and puts the others into the order in which they
    /// win.
    pub fn new(
        organization: OrganizationId,
        roles: Vec<RequestRole>,
        delegations: RouteDelegations,
        mut routes: Vec<Route>,
    ) -> Self {
        routes.retain(|route| delegations.admit(route).is_ok());
        routes.sort_by_cached_key(Route::precedence);
        Self { organization, roles, delegations, routes: routes.into_iter().map(Rc::new).collect() }
    }

    /// The same with a delegation for what each route is for, and no other.
    #[cfg(test)]
    pub fn of_delegated_routes(organization: OrganizationId, roles: Vec<RequestRole>, routes: Vec<Route>) -> Self {
        use crate::domain::route_delegation::RouteSpace;
        let delegations = RouteDelegations::for_tests(
            routes.iter().map(|route| (route.project, RouteSpace::from(route), route.options.keep_authorization)),
        );
        Self::new(organization, roles, delegations, routes)
    }

    /// The delegations.
    pub const fn delegations(&self) -> &RouteDelegations {
        &self.delegations
    }

    /// The routes, those that win first.
    pub fn routes(&self) -> &[Rc<Route>] {
        &self.routes
    }

    /// The custom roles.
    pub fn roles(&self) -> &[RequestRole] {
        &self.roles
    }

    /// What a role of a project allows; nothing when there is no such role any more.
    pub fn ability_of(&self, project: ProjectId, role: &RoleSlug) -> Ability {
        if let Some(built_in) = BuiltInProjectRole::from_slug(role.as_str()) {
            return built_in.ability();
        }
        self.roles
            .iter()
            .find(|known| known.project == project && known.slug == *role)
            .map_or_else(Ability::nothing, |known| known.ability.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::permission::{Action, Permission, Scope};

    const PROJECT: ProjectId = ProjectId::from_bytes([1; 16]);

    fn slug(text: &str) -> RoleSlug {
        RoleSlug::parse(text).unwrap()
    }

    #[test]
    fn a_role_that_does_not_exist_allows_nothing() {
        let reader = RequestRole::new(PROJECT, slug("reader"), vec![Rule::allow(&[Action::Read], Subject::Requests)]);
        let policy = PolicyFacts::new(
            OrganizationId::from_bytes([9; 16]),
            vec![reader],
            RouteDelegations::default(),
            Vec::new(),
        );
        let read = Permission::new(Action::Read, Subject::Requests);
        assert!(policy.ability_of(PROJECT, &slug("reader")).allows(read, &[]));
        assert!(policy.ability_of(PROJECT, &slug("viewer")).allows(read, &[]));
        assert!(!policy.ability_of(PROJECT, &slug("no-access")).allows(read, &[]));
        assert!(!policy.ability_of(PROJECT, &slug("gone")).allows(read, &[]));
        assert!(!policy.ability_of(ProjectId::from_bytes([2; 16]), &slug("reader")).allows(read, &[]));
    }

    #[test]
    fn only_rules_that_could_decide_about_a_request_are_kept() {
        let rules = vec![
            Rule::allow(&[Action::Read], Subject::Identity),
            Rule::allow(&[Action::Read], Subject::Requests),
            Rule { subject: Scope::Every, inverted: true, ..Rule::allow(&[Action::Delete], Subject::Role) },
        ];
        let role = RequestRole::new(PROJECT, slug("reader"), rules.clone());
        assert_eq!(role.ability.rules(), &rules[1..]);
    }
}
