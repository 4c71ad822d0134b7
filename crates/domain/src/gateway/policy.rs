//! The policy of an organization: its delegations, the routes in them, and the rules about requests in the custom roles
//! of its projects.
//!
//! It holds only what the data plane needs: no rules about other subjects.
//!
//! **Invariant**: every route in it lies in a delegation of its project.

use std::rc::Rc;

use crate::gateway::route::Route;
use crate::gateway::route_delegation::OrganizationDelegations;
use crate::permission::ability::{Ability, Rule, Subject};
use crate::permission::role_slug::RoleSlug;
use crate::token::facts::HeldProjectRole;
use crate::value::identifiers::{OrganizationId, ProjectId, RoleId};

/// What is known of an organization's policy. Facts are shared, never changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PolicyFacts {
    pub organization: OrganizationId,
    roles: Vec<RequestRole>,
    delegations: OrganizationDelegations,
    routes: Vec<Rc<Route>>,
}

/// A custom role of a project: what it says about requests.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RequestRole {
    pub project: ProjectId,
    pub id: RoleId,
    pub slug: RoleSlug,
    /// Its rules about `requests`.
    pub ability: Ability,
}

impl RequestRole {
    /// Keeps the rules that could decide about a request.
    pub fn new(project: ProjectId, id: RoleId, slug: RoleSlug, rules: Vec<Rule>) -> Self {
        Self { project, id, slug, ability: Ability::new(rules.into_iter().filter(is_about_requests).collect()) }
    }

    /// Whether one of these rules could decide about a request.
    pub fn is_made_of(rules: &[Rule]) -> bool {
        rules.iter().any(is_about_requests)
    }
}

fn is_about_requests(rule: &Rule) -> bool {
    rule.subject.includes(Subject::Requests.name())
}

impl PolicyFacts {
    /// Leaves out the routes that lie in no delegation of their project, and puts the others into the order in which they
    /// win.
    pub fn new(
        organization: OrganizationId,
        roles: Vec<RequestRole>,
        delegations: OrganizationDelegations,
        mut routes: Vec<Route>,
    ) -> Self {
        routes.retain(|route| delegations.admit(route).is_ok());
        routes.sort_by_cached_key(Route::precedence);
        Self { organization, roles, delegations, routes: routes.into_iter().map(Rc::new).collect() }
    }

    /// The same with a delegation for what each route is for, and no other.
    #[cfg(any(test, feature = "test-support"))]
    pub fn of_delegated_routes(organization: OrganizationId, roles: Vec<RequestRole>, routes: Vec<Route>) -> Self {
        use crate::gateway::route_delegation::RouteSpace;
        let delegations = OrganizationDelegations::for_tests(
            routes.iter().map(|route| (route.project, RouteSpace::from(route), route.options.keep_authorization)),
        );
        Self::new(organization, roles, delegations, routes)
    }

    pub const fn delegations(&self) -> &OrganizationDelegations {
        &self.delegations
    }

    /// The routes, those that win first.
    pub fn routes(&self) -> &[Rc<Route>] {
        &self.routes
    }

    pub fn roles(&self) -> &[RequestRole] {
        &self.roles
    }

    /// What a role of a project allows; nothing when there is no such role any more.
    pub fn ability_of(&self, project: ProjectId, role: &HeldProjectRole) -> Ability {
        match role {
            HeldProjectRole::BuiltIn(role) => role.ability(),
            HeldProjectRole::Custom { id, .. } => {
                self.find(project, *id).map_or_else(Ability::nothing, |known| known.ability.clone())
            }
        }
    }

    /// What a role that an identity has is to be called to an origin. The rules that decide are the policy's, and so is the
    /// name, where it knows the role. Where it does not, the name is that of the identity's evidence, unless the policy
    /// knows it as another role's: nobody is shown as the holder of a role that they do not have.
    pub fn slug_of(&self, project: ProjectId, role: &HeldProjectRole) -> Option<RoleSlug> {
        match role {
            HeldProjectRole::BuiltIn(role) => Some((*role).into()),
            HeldProjectRole::Custom { id, slug } => match self.find(project, *id) {
                Some(known) => Some(known.slug.clone()),
                None => {
                    let is_anothers = self.roles.iter().any(|other| other.project == project && other.slug == *slug);
                    (!is_anothers).then(|| slug.clone())
                }
            },
        }
    }

    fn find(&self, project: ProjectId, id: RoleId) -> Option<&RequestRole> {
        self.roles.iter().find(|known| known.project == project && known.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permission::ability::{Action, Permission, Selector};

    const PROJECT: ProjectId = ProjectId::from_bytes([1; 16]);

    fn slug(text: &str) -> RoleSlug {
        RoleSlug::parse(text).unwrap()
    }

    #[test]
    fn a_role_that_does_not_exist_allows_nothing() {
        let rules = vec![Rule::allow(&[Action::Read], Subject::Requests)];
        let reader = RequestRole::new(PROJECT, HeldProjectRole::id_for_tests("reader"), slug("reader"), rules);
        let policy = PolicyFacts::new(
            OrganizationId::from_bytes([9; 16]),
            vec![reader],
            OrganizationDelegations::default(),
            Vec::new(),
        );
        let read = Permission::new(Action::Read, Subject::Requests);
        assert!(policy.ability_of(PROJECT, &held("reader")).allows(read, &[]));
        assert!(policy.ability_of(PROJECT, &held("viewer")).allows(read, &[]));
        assert!(!policy.ability_of(PROJECT, &held("no-access")).allows(read, &[]));
        assert!(!policy.ability_of(PROJECT, &held("gone")).allows(read, &[]));
        assert!(!policy.ability_of(ProjectId::from_bytes([2; 16]), &held("reader")).allows(read, &[]));
    }

    fn held(slug: &str) -> HeldProjectRole {
        HeldProjectRole::for_tests(slug)
    }

    #[test]
    fn a_role_is_known_by_its_id_and_a_name_it_gave_up_is_worth_nothing() {
        let read = Permission::new(Action::Read, Subject::Requests);
        let (old, new) = (RoleId::from_bytes([1; 16]), RoleId::from_bytes([2; 16]));
        let rules = vec![Rule::allow(&[Action::Read], Subject::Requests)];
        // What was written down of the identity is older than the policy: its role is called otherwise by now, and another
        // role has the name.
        let stale = HeldProjectRole::Custom { id: old, slug: slug("deployer") };
        let deployer = || RequestRole::new(PROJECT, new, slug("deployer"), rules.clone());
        let former =
            RequestRole::new(PROJECT, old, slug("former"), vec![Rule::allow(&[Action::Edit], Subject::Requests)]);
        let organization = OrganizationId::from_bytes([9; 16]);
        let renamed =
            PolicyFacts::new(organization, vec![deployer(), former], OrganizationDelegations::default(), Vec::new());
        assert!(!renamed.ability_of(PROJECT, &stale).allows(read, &[]));
        assert_eq!(renamed.slug_of(PROJECT, &stale), Some(slug("former")));
        // The same where the former role says nothing about requests any more, or is gone.
        let replaced = PolicyFacts::new(organization, vec![deployer()], OrganizationDelegations::default(), Vec::new());
        assert!(!replaced.ability_of(PROJECT, &stale).allows(read, &[]));
        assert_eq!(replaced.slug_of(PROJECT, &stale), None);
        // A name that nobody else has is shown, and a built-in role keeps its own.
        let other = PolicyFacts::new(organization, Vec::new(), OrganizationDelegations::default(), Vec::new());
        assert_eq!(other.slug_of(PROJECT, &stale), Some(slug("deployer")));
        assert_eq!(replaced.slug_of(ProjectId::from_bytes([2; 16]), &stale), Some(slug("deployer")));
        assert_eq!(other.slug_of(PROJECT, &held("viewer")), Some(slug("viewer")));
    }

    #[test]
    fn only_rules_that_could_decide_about_a_request_are_kept() {
        let rules = vec![
            Rule::allow(&[Action::Read], Subject::Identity),
            Rule::allow(&[Action::Read], Subject::Requests),
            Rule { subject: Selector::Every, inverted: true, ..Rule::allow(&[Action::Delete], Subject::Role) },
        ];
        let role = RequestRole::new(PROJECT, HeldProjectRole::id_for_tests("reader"), slug("reader"), rules.clone());
        assert_eq!(role.ability.rules(), &rules[1..]);
    }
}
