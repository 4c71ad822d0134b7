//! The worst that it can cost to decide a request at the gateway.

use super::MOST;
use domain::gateway::policy::{PolicyFacts, RequestRole};
use domain::gateway::policy_size::{self};
use domain::gateway::proxied_request::{PATH, ability_in};
use domain::gateway::request_path::LONGEST_PATH;
use domain::gateway::request_rules::{self, MAXIMUM_SEARCHES};
use domain::gateway::route::{self, PathPrefix, RouteMethods};
use domain::gateway::route_options::RouteOptions;
use domain::permission::ability::{Action, Permission, Rule, Subject};
use domain::permission::condition::{Conditions, FieldCondition};
use domain::permission::glob::steps;
use domain::permission::role_slug::RoleSlug;
use domain::token::facts::{HeldProjectRole, ProjectMembershipFacts, RoleGrantFacts};
use domain::value::identifiers::{OrganizationId, ProjectId, RoleId, RouteId};
use domain::value::timestamp::Timestamp;

/// Roles about requests as bad as they may be: as many patterns of the slowest kind as a role may have, in as many
/// roles as a membership may have, and what is left of the project's part of the policy filled with others.
fn slow_roles(project: ProjectId) -> Vec<RequestRole> {
    let about = |pattern: String| {
        let conditions = Conditions::none().and("path", FieldCondition::glob(&pattern).unwrap());
        Rule { conditions, ..Rule::allow(&[Action::Read], Subject::Requests) }
    };
    let mut roles: Vec<Vec<Rule>> = (0..directory::memberships::MAXIMUM_ROLES)
        .map(|role| (0..MAXIMUM_SEARCHES).map(|at| about(format!("/**/*{}b{role}{at}*", "?*".repeat(55)))).collect())
        .collect();
    roles.iter().for_each(|rules| request_rules::check(rules).unwrap());
    let of = |number: usize, rules: &[Rule]| {
        RequestRole::new(
            project,
            RoleId::from_bytes([number as u8; 16]),
            RoleSlug::parse(&format!("role-{number}")).unwrap(),
            rules.to_vec(),
        )
    };
    let size = |roles: &[Vec<Rule>]| {
        roles.iter().enumerate().map(|(number, rules)| policy_size::of_role(&of(number, rules), 0)).sum::<u64>()
    };
    while size(&roles) < policy_size::MAXIMUM_OF_PROJECT {
        for rules in &mut roles {
            let number = rules.len();
            rules.push(about(format!("/*a{number}")));
        }
    }
    roles.iter().enumerate().map(|(number, rules)| of(number, rules)).collect()
}

#[test]
fn no_request_takes_long_to_decide_whatever_its_path_and_its_bearers_roles_are() {
    let project = ProjectId::from_bytes([7; 16]);
    let roles = slow_roles(project);
    let held = roles
        .iter()
        .map(|role| RoleGrantFacts {
            role: HeldProjectRole::Custom { id: role.id, slug: role.slug.clone() },
            period: None,
        })
        .collect();
    let route = route::Route {
        id: RouteId::from_bytes([8; 16]),
        project,
        host: None,
        path_prefix: PathPrefix::parse("/").unwrap(),
        methods: RouteMethods::Every,
        origin: None,
        options: RouteOptions::default(),
    };
    let policy = PolicyFacts::of_delegated_routes(OrganizationId::from_bytes([2; 16]), roles, vec![route]);
    let membership = ProjectMembershipFacts { project, slug: "shop".to_owned(), roles: held };
    for path in ["a".repeat(LONGEST_PATH - 1), "a/".repeat(LONGEST_PATH / 2 - 1)] {
        let thing = [(PATH, &*format!("/{path}"))];
        let read = Permission::new(Action::Read, Subject::Requests);
        let decide = || {
            let began = cpu_time::ThreadTime::now();
            let decided =
                steps::of(|| ability_in(&policy, &membership, Timestamp::from_milliseconds(0)).allows(read, &thing));
            (began.elapsed(), decided)
        };
        let (taken, (allowed, steps)) = [decide(), decide(), decide()].into_iter().min().unwrap();
        println!("{:8.2} ms, {steps} steps", taken.as_secs_f64() * 1e3);
        assert!(!allowed);
        assert!(steps <= 1_000_000, "{steps}");
        assert!(taken < MOST / 5, "{taken:?}");
    }
}
