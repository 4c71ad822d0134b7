//! Cases of the authorization of a proxied request.

use std::collections::BTreeSet;

use super::*;
use crate::gateway::origin::Origin;
use crate::gateway::policy::RequestRole;
use crate::gateway::route::{PathPrefix, RouteMethods};
use crate::gateway::route_delegation::{OrganizationDelegations, RouteSpace};
use crate::gateway::route_options::RouteOptions;
use crate::permission::ability::{Action, Rule};
use crate::permission::condition::{Conditions, FieldCondition};
use crate::permission::temporary_access::AccessPeriod;
use crate::token::facts::{HeldProjectRole, RoleGrantFacts};
use crate::value::identifiers::{IdentityId, OrganizationId, RouteId};

const NOW: Timestamp = Timestamp::from_milliseconds(1_000);
const ORGANIZATION: OrganizationId = OrganizationId::from_bytes([9; 16]);

const fn project(number: u8) -> ProjectId {
    ProjectId::from_bytes([number; 16])
}

fn route(number: u8, of: u8, host: Option<&str>, prefix: &str, methods: &[RequestMethod]) -> Route {
    Route {
        id: RouteId::from_bytes([number; 16]),
        project: project(of),
        host: host.map(|host| RouteHost::parse(host).unwrap()),
        path_prefix: PathPrefix::parse(prefix).unwrap(),
        methods: if methods.is_empty() {
            RouteMethods::Every
        } else {
            RouteMethods::These(methods.iter().copied().collect::<BTreeSet<_>>())
        },
        origin: Some(Origin::from_stored("https://origin.example.com")),
        options: RouteOptions::default(),
    }
}

fn policy(routes: Vec<Route>) -> PolicyFacts {
    let path = |pattern: &str| Conditions::none().and("path", FieldCondition::glob(pattern).unwrap());
    let rules = vec![
        Rule { conditions: path("/api/public/**"), ..Rule::allow(&[Action::Read], Subject::Requests) },
        Rule {
            conditions: path("/api/public/private/**"),
            inverted: true,
            ..Rule::allow(&[Action::Read], Subject::Requests)
        },
    ];
    let (id, slug) = (HeldProjectRole::id_for_tests("public-reader"), RoleSlug::parse("public-reader").unwrap());
    let role = RequestRole::new(project(1), id, slug, rules);
    PolicyFacts::of_delegated_routes(ORGANIZATION, vec![role], routes)
}

/// Roles, each for good or from one millisecond to another.
type Roles<'a> = &'a [(&'a str, Option<(i64, i64)>)];

fn identity(memberships: &[(u8, Roles<'_>)]) -> IdentityFacts {
    let membership = |(of, roles): &(u8, Roles<'_>)| ProjectMembershipFacts {
        project: project(*of),
        slug: format!("project-{of}"),
        roles: roles
            .iter()
            .map(|(role, period)| RoleGrantFacts {
                role: HeldProjectRole::for_tests(role),
                period: period.map(|(start, end)| AccessPeriod {
                    start: Timestamp::from_milliseconds(start),
                    end: Timestamp::from_milliseconds(end),
                }),
            })
            .collect(),
    };
    IdentityFacts {
        id: IdentityId::from_bytes([5; 16]),
        name: "build".to_owned(),
        organization: ORGANIZATION,
        role: RoleSlug::parse("no-access").unwrap(),
        token_auth: None,
        universal_auth: None,
        projects: memberships.iter().map(membership).collect(),
    }
}

fn request(method: RequestMethod, host: &str, path: &str) -> ProxiedRequest {
    ProxiedRequest {
        entry: Entry::Gateway,
        host: RouteHost::parse(host).unwrap(),
        method,
        path: RequestPath::parse(path).unwrap(),
        web_socket: None,
    }
}

#[test]
fn the_exact_host_then_the_longest_prefix_then_the_method_choose_the_route() {
    use RequestMethod::{Delete, Get, Head, Post};
    let policy = policy(vec![
        route(1, 1, None, "/", &[]),
        route(2, 1, None, "/a", &[Get]),
        route(3, 1, None, "/a", &[Post]),
        route(4, 1, None, "/a/b", &[]),
        route(5, 1, Some("x.example"), "/only", &[]),
    ]);
    #[track_caller]
    fn check(policy: &PolicyFacts, method: RequestMethod, host: &str, path: &str, expected: Result<u8, &str>) {
        let request = request(method, host, path);
        let found = find_claim(policy, &request).and_then(|claim| claim.route_for(method));
        let found = found.map(|route| route.id.as_bytes()[0]);
        assert_eq!(found.as_ref().map_err(RequestRefusal::code).copied(), expected, "{method:?} {host} {path}");
    }
    check(&policy, Get, "y.example", "/", Ok(1));
    check(&policy, Get, "y.example", "/ab", Ok(1));
    check(&policy, Get, "y.example", "/a", Ok(2));
    check(&policy, Head, "y.example", "/a/c", Ok(2));
    check(&policy, Post, "y.example", "/a/c", Ok(3));
    // The longer prefix wins even where only the shorter one is for the method.
    check(&policy, Delete, "y.example", "/a/c", Err("method_not_allowed"));
    check(&policy, Delete, "y.example", "/a/b/c", Ok(4));
    check(&policy, Get, "x.example", "/only/this", Ok(5));
    check(&policy, Get, "x.example", "/a", Ok(2));
}

#[test]
fn a_method_that_no_route_of_the_prefix_is_for_is_answered_with_those_there_are() {
    use RequestMethod::{Delete, Get, Head, Post};
    let policy = policy(vec![route(1, 1, None, "/a", &[Get]), route(2, 1, None, "/a", &[Post])]);
    let refusal = authorize(&policy, &identity(&[(1, &[])]), &request(Delete, "y.example", "/a"), NOW).unwrap_err();
    assert_eq!(refusal, RequestRefusal::MethodNotAllowed { allowed: vec![Get, Head, Post] });
}

#[test]
fn who_is_not_a_member_does_not_learn_which_methods_a_route_is_for() {
    let policy = policy(vec![route(1, 1, None, "/a", &[RequestMethod::Get])]);
    for identity in [identity(&[]), identity(&[(2, &[("admin", None)])])] {
        for method in RequestMethod::ALL {
            let refusal = authorize(&policy, &identity, &request(method, "y.example", "/a"), NOW).unwrap_err();
            assert_eq!(refusal, RequestRefusal::NotAMember { project: project(1) }, "{method:?}");
        }
    }
}

/// Delegations: to which project, for which host and prefix, and whether its routes may keep the header.
fn delegating(delegations: &[(u8, Option<&str>, &str, bool)], routes: Vec<Route>) -> PolicyFacts {
    let delegations = delegations.iter().map(|(of, host, prefix, keep)| {
        let host = host.map(|host| RouteHost::parse(host).unwrap());
        (project(*of), RouteSpace::new(host, PathPrefix::parse(prefix).unwrap()), *keep)
    });
    PolicyFacts::new(ORGANIZATION, Vec::new(), OrganizationDelegations::for_tests(delegations), routes)
}

#[test]
fn what_is_delegated_to_a_project_is_never_decided_by_another_ones_route() {
    use RequestMethod::Get;
    let host = Some("x.example");
    let delegations =
        [(1, host, "/", false), (2, host, "/v1", false), (1, host, "/v1/x", false), (3, None, "/", false)];
    let wide = |number, of, host, prefix| route(number, of, host, prefix, &[]);
    #[track_caller]
    fn check(policy: &PolicyFacts, host: &str, path: &str, expected: Result<u8, &str>) {
        for entry in [Entry::Gateway, Entry::ForwardAuth] {
            let request = ProxiedRequest { entry, ..request(Get, host, path) };
            let found = find_claim(policy, &request).map(|claim| claim.any_route().id.as_bytes()[0]);
            assert_eq!(found.as_ref().map_err(RequestRefusal::code).copied(), expected, "{host} {path}");
        }
    }
    // Project 2 has no route, and its space is not for the wider route of project 1, in whatever spelling.
    let unknown = Err("route_unknown");
    let policy = delegating(&delegations, vec![wide(1, 1, host, "/"), wide(3, 3, None, "/")]);
    for path in ["/", "/v2", "/v1-internal", "/V", "/v1/x", "/v1/X/y"] {
        check(&policy, "x.example", path, Ok(1));
    }
    for path in ["/v1", "/V1", "/v1/", "/V1/y", "/v1/xy"] {
        check(&policy, "x.example", path, unknown);
    }
    check(&policy, "y.example", "/v1", Ok(3));
    // A route for every host does not reach into a host that is another project's, and none is for what nobody was given.
    let policy = delegating(&[(1, host, "/v1", false)], vec![wide(1, 1, host, "/v1"), wide(3, 3, None, "/")]);
    check(&policy, "x.example", "/v1", Ok(1));
    check(&policy, "x.example", "/V1", unknown);
    check(&policy, "x.example", "/v2", unknown);
    check(&policy, "y.example", "/", Err("host_unknown"));
    // A route of a project that only another one's delegation is around counts for nothing.
    let policy =
        delegating(&delegations, vec![wide(1, 1, host, "/v1"), wide(2, 2, host, "/v1/x"), wide(4, 2, host, "/v1")]);
    check(&policy, "x.example", "/v1", Ok(4));
    check(&policy, "x.example", "/v1/x", unknown);
    check(&policy, "x.example", "/", unknown);
}

#[test]
fn the_header_is_kept_only_where_the_delegation_of_the_request_allows_it() {
    let host = Some("x.example");
    let keeping = |prefix| {
        let options = RouteOptions { keep_authorization: true, ..RouteOptions::default() };
        Route { options, ..route(1, 1, host, prefix, &[]) }
    };
    let decide = |policy: &PolicyFacts, path: &str| {
        let request = request(RequestMethod::Get, "x.example", path);
        authorize(policy, &identity(&[(1, &[("admin", None)])]), &request, NOW)
            .map(|authorized| authorized.route.options.keep_authorization)
            .map_err(|refusal| refusal.code())
    };
    let policy = delegating(&[(1, host, "/", true), (1, host, "/public", false)], vec![keeping("/")]);
    assert_eq!(decide(&policy, "/a"), Ok(true));
    assert_eq!(decide(&policy, "/public/a"), Ok(false));
    let policy = delegating(&[(1, host, "/", false)], vec![keeping("/")]);
    assert_eq!(decide(&policy, "/a"), Err("host_unknown"));
}

#[test]
fn a_rule_about_a_path_means_the_same_whatever_prefix_the_route_has() {
    let rule = |path: &str| Rule {
        conditions: Conditions::none().and(PATH, FieldCondition::Equal(path.to_owned())),
        ..Rule::allow(&[Action::Read], Subject::Requests)
    };
    let role = RequestRole::new(
        project(1),
        HeldProjectRole::id_for_tests("reader"),
        RoleSlug::parse("reader").unwrap(),
        vec![rule("/")],
    );
    for prefix in ["/", "/admin", "/admin/x"] {
        let routes = vec![route(1, 1, None, "/", &[]), route(2, 1, None, prefix, &[])];
        let policy = PolicyFacts::of_delegated_routes(ORGANIZATION, vec![role.clone()], routes);
        for (path, expected) in [("/", true), ("/admin", false), ("/admin/", false), ("/admin/x", false)] {
            let request = request(RequestMethod::Get, "x.example", path);
            let decided = authorize(&policy, &identity(&[(1, &[("reader", None)])]), &request, NOW);
            assert_eq!(decided.is_ok(), expected, "{prefix} {path}");
        }
    }
}

#[test]
fn a_host_without_any_route_differs_from_a_path_without_one() {
    let policy = policy(vec![route(1, 1, Some("x.example"), "/a", &[])]);
    let refusal = |host, path| find_claim(&policy, &request(RequestMethod::Get, host, path)).unwrap_err();
    assert_eq!(refusal("y.example", "/a"), RequestRefusal::HostUnknown);
    assert_eq!(refusal("x.example", "/b"), RequestRefusal::RouteUnknown);
}

#[test]
fn a_route_without_an_origin_is_for_reverse_proxies_only() {
    let policy = policy(vec![Route { origin: None, ..route(1, 1, None, "/", &[]) }]);
    let gateway = request(RequestMethod::Get, "x.example", "/");
    assert_eq!(find_claim(&policy, &gateway).unwrap_err(), RequestRefusal::HostUnknown);
    let proxy = ProxiedRequest { entry: Entry::ForwardAuth, ..gateway };
    assert!(find_claim(&policy, &proxy).is_ok());
}

#[test]
fn the_longest_prefix_wins_at_the_gateway_although_it_has_no_origin() {
    use RequestMethod::{Delete, Get, Post, Put};
    let asked_only = |route: Route| Route { origin: None, ..route };
    let policy = policy(vec![
        route(1, 1, None, "/", &[]),
        asked_only(route(2, 1, None, "/admin", &[])),
        route(3, 1, None, "/both", &[Get]),
        asked_only(route(4, 1, None, "/both", &[Post])),
        asked_only(route(5, 1, None, "/some", &[Get])),
        asked_only(route(6, 1, Some("x.example"), "/only", &[])),
        route(7, 1, None, "/admin/public", &[]),
    ]);
    let check = |entry: Entry, method: RequestMethod, host: &str, path: &str, expected: Result<u8, &str>| {
        let request = ProxiedRequest { entry, ..request(method, host, path) };
        let found =
            find_claim(&policy, &request).and_then(|claim| claim.route_for(method)).map(|route| route.id.as_bytes()[0]);
        assert_eq!(
            found.as_ref().map_err(RequestRefusal::code).copied(),
            expected,
            "{entry:?} {method:?} {host} {path}"
        );
    };
    let unknown = Err("route_unknown");
    for (method, host, path, at_gateway, at_proxy) in [
        (Get, "y.example", "/x", Ok(1), Ok(1)),
        (Delete, "y.example", "/admin/x", unknown, Ok(2)),
        (Delete, "y.example", "/admin", unknown, Ok(2)),
        (Get, "y.example", "/administrators", Ok(1), Ok(1)),
        (Get, "y.example", "/admin/public/x", Ok(7), Ok(7)),
        (Get, "y.example", "/both", Ok(3), Ok(3)),
        (Post, "y.example", "/both", Err("method_not_allowed"), Ok(4)),
        (Put, "y.example", "/both", Err("method_not_allowed"), Err("method_not_allowed")),
        (Get, "y.example", "/some", unknown, Ok(5)),
        (Put, "y.example", "/some", unknown, Err("method_not_allowed")),
        (Get, "x.example", "/only/x", unknown, Ok(6)),
    ] {
        check(Entry::Gateway, method, host, path, at_gateway);
        check(Entry::ForwardAuth, method, host, path, at_proxy);
    }
    let put = request(Put, "y.example", "/both");
    assert_eq!(
        find_claim(&policy, &put).unwrap().route_for(Put).unwrap_err(),
        RequestRefusal::MethodNotAllowed { allowed: vec![Get, RequestMethod::Head] }
    );
}

#[test]
fn a_request_becomes_a_web_socket_only_where_its_route_says_so_whatever_it_came_through() {
    let taking = RouteOptions { web_socket: true, ..RouteOptions::default() };
    let policy = policy(vec![
        route(1, 1, None, "/plain", &[]),
        Route { options: taking.clone(), ..route(2, 1, None, "/socket", &[]) },
        Route { origin: None, options: taking, ..route(3, 1, None, "/asked", &[]) },
        Route { origin: None, ..route(4, 1, None, "/asked/plain", &[]) },
    ]);
    let handshake = WebSocketHandshake::described(RequestMethod::Get).unwrap();
    let check = |entry: Entry, path: &str, role: &str, expected: Result<(), &str>| {
        for (web_socket, expected) in [(Some(handshake), expected), (None, Ok(()))] {
            let request = ProxiedRequest { entry, web_socket, ..request(RequestMethod::Get, "x.example", path) };
            let decided = authorize(&policy, &identity(&[(1, &[(role, None)])]), &request, NOW);
            let decided = decided.map(|_| ()).map_err(|refusal| refusal.code());
            let expected = if role == "no-access" { Err("permission_missing") } else { expected };
            assert_eq!(decided, expected, "{entry:?} {path} {role} {web_socket:?}");
        }
    };
    for entry in [Entry::Gateway, Entry::ForwardAuth] {
        check(entry, "/plain", "member", Err("web_socket_not_allowed"));
        check(entry, "/socket", "member", Ok(()));
        // A bearer that may not send the request does not learn what the route takes.
        check(entry, "/plain", "no-access", Ok(()));
        check(entry, "/socket", "no-access", Ok(()));
    }
    check(Entry::ForwardAuth, "/asked", "member", Ok(()));
    check(Entry::ForwardAuth, "/asked/plain", "member", Err("web_socket_not_allowed"));
}

#[test]
fn a_route_that_wants_what_only_the_gateway_does_is_none_for_a_reverse_proxy() {
    let with = |options: RouteOptions| policy(vec![Route { options, ..route(1, 1, None, "/a", &[]) }]);
    let kept = RouteOptions { keep_authorization: true, ..RouteOptions::default() };
    for (policy, at_proxy) in [(with(RouteOptions::default()), Ok(1)), (with(kept.clone()), Err("host_unknown"))] {
        for (entry, expected) in [(Entry::Gateway, Ok(1)), (Entry::ForwardAuth, at_proxy)] {
            let request = ProxiedRequest { entry, ..request(RequestMethod::Get, "x.example", "/a") };
            let found = find_claim(&policy, &request).map(|claim| claim.any_route().id.as_bytes()[0]);
            assert_eq!(found.map_err(|refusal| refusal.code()), expected, "{entry:?}");
        }
    }
    // It still takes its part of a shorter prefix away.
    let policy = policy(vec![route(1, 1, None, "/", &[]), Route { options: kept, ..route(2, 1, None, "/a", &[]) }]);
    for (path, expected) in [("/b", Ok(1)), ("/a/b", Err("route_unknown"))] {
        let request = ProxiedRequest { entry: Entry::ForwardAuth, ..request(RequestMethod::Get, "x.example", path) };
        let found = find_claim(&policy, &request).map(|claim| claim.any_route().id.as_bytes()[0]);
        assert_eq!(found.map_err(|refusal| refusal.code()), expected, "{path}");
    }
}

#[test]
fn a_role_that_was_given_several_times_is_looked_up_once() {
    let policy = policy(vec![route(1, 1, None, "/", &[])]);
    let identity = identity(&[(1, &[("public-reader", None), ("viewer", None), ("public-reader", None)])]);
    let ability = ability_in(&policy, &identity.projects[0], NOW);
    let roles =
        ["viewer", "public-reader"].map(|role| policy.ability_of(project(1), &HeldProjectRole::for_tests(role)));
    let expected: Vec<Rule> = roles.iter().flat_map(|role| role.rules().to_vec()).collect();
    assert_eq!(ability.rules(), expected);
}

#[test]
fn a_role_that_holds_now_must_allow_the_action_on_the_path() {
    use RequestMethod::{Delete, Get, Head, Post, Put};
    let policy = policy(vec![route(1, 1, None, "/api", &[]), route(2, 2, None, "/other", &[])]);
    let check = |roles: Roles<'_>, method: RequestMethod, path: &str, expected: Result<(), &str>| {
        let identity = identity(&[(1, roles)]);
        let decided = authorize(&policy, &identity, &request(method, "x.example", path), NOW);
        assert_eq!(decided.map(|_| ()).map_err(|refusal| refusal.code()), expected, "{roles:?} {method:?} {path}");
    };
    let missing = Err("permission_missing");
    for method in [Get, Head, Post, Put, Delete] {
        check(&[("admin", None)], method, "/api/x", Ok(()));
        check(&[("member", None)], method, "/api/x", Ok(()));
        check(&[("no-access", None)], method, "/api/x", missing);
        check(&[("gone", None)], method, "/api/x", missing);
        check(&[], method, "/api/x", missing);
    }
    check(&[("viewer", None)], Get, "/api/x", Ok(()));
    check(&[("viewer", None)], Head, "/api/x", Ok(()));
    check(&[("viewer", None)], Post, "/api/x", missing);
    check(&[("public-reader", None)], Get, "/api/public/a", Ok(()));
    check(&[("public-reader", None)], Get, "/api/public/private/a", missing);
    check(&[("public-reader", None)], Get, "/api/x", missing);
    check(&[("public-reader", None)], Post, "/api/public/a", missing);
    check(&[("member", Some((0, 1_000)))], Get, "/api/x", missing);
    check(&[("member", Some((0, 1_001)))], Get, "/api/x", Ok(()));
    check(&[("member", Some((1_001, 2_000)))], Get, "/api/x", missing);
    check(&[("viewer", None), ("member", Some((0, 2_000)))], Post, "/api/x", Ok(()));
    check(&[("admin", None)], Get, "/other/x", Err("not_a_member"));
}

#[test]
fn the_answer_names_the_route_the_project_and_the_roles_that_hold_now() {
    let policy = policy(vec![route(1, 1, None, "/", &[])]);
    let identity = identity(&[(1, &[("viewer", None), ("member", Some((5_000, 6_000)))])]);
    let authorized = authorize(&policy, &identity, &request(RequestMethod::Get, "x.example", "/"), NOW).unwrap();
    assert_eq!(authorized.route.id, RouteId::from_bytes([1; 16]));
    assert_eq!(authorized.project_slug, "project-1");
    assert_eq!(authorized.roles, [RoleSlug::parse("viewer").unwrap()]);
}

#[test]
fn refusal_codes_unchanged() {
    let refusals = [
        RequestRefusal::HostUnknown,
        RequestRefusal::RouteUnknown,
        RequestRefusal::NotAMember { project: project(1) },
        RequestRefusal::MethodNotAllowed { allowed: Vec::new() },
        RequestRefusal::PermissionMissing {
            needed: Permission::new(Action::Read, Subject::Requests),
            project: project(1),
        },
        RequestRefusal::WebSocketNotAllowed,
    ];
    let codes: Vec<&str> = refusals.iter().map(RequestRefusal::code).collect();
    assert_eq!(
        codes.join(" "),
        "host_unknown route_unknown not_a_member method_not_allowed permission_missing web_socket_not_allowed"
    );
}
