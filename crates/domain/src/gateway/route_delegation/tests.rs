//! Cases of delegations.

use proptest::prelude::*;

use super::*;
use crate::gateway::route::RouteMethods;
use crate::gateway::route_options::RouteOptions;
use crate::value::identifiers::RouteId;

/// To which project, for which host and prefix, and whether its routes may keep the header.
type Given<'a> = (u8, Option<&'a str>, &'a str, bool);

const X: Option<&str> = Some("x.example");
const Y: Option<&str> = Some("y.example");

const fn project(number: u8) -> ProjectId {
    ProjectId::from_bytes([number; 16])
}

fn space(host: Option<&str>, prefix: &str) -> RouteSpace {
    RouteSpace::new(host.map(|host| RouteHost::parse(host).unwrap()), PathPrefix::parse(prefix).unwrap())
}

fn delegation(number: usize, (of, host, prefix, allow_keep_authorization): Given<'_>) -> RouteDelegation {
    let id = RouteDelegationId::from_bytes([u8::try_from(number).unwrap(); 16]);
    RouteDelegation { id, project: project(of), space: space(host, prefix), allow_keep_authorization }
}

fn delegations(given: &[Given<'_>]) -> OrganizationDelegations {
    OrganizationDelegations::new(given.iter().enumerate().map(|(number, given)| delegation(number, *given)).collect())
}

fn route((of, host, prefix, keep_authorization): Given<'_>) -> Route {
    Route {
        id: RouteId::from_bytes([of; 16]),
        project: project(of),
        host: host.map(|host| RouteHost::parse(host).unwrap()),
        path_prefix: PathPrefix::parse(prefix).unwrap(),
        methods: RouteMethods::Every,
        origin: None,
        options: RouteOptions { keep_authorization, ..RouteOptions::default() },
    }
}

#[test]
fn spaces_are_compared_by_segments_and_without_case() {
    #[track_caller]
    fn check(wide: (Option<&str>, &str), narrow: (Option<&str>, &str), expected: bool) {
        let (wide, narrow) = (space(wide.0, wide.1), space(narrow.0, narrow.1));
        assert_eq!(wide.contains(&narrow), expected, "{wide:?} {narrow:?}");
    }
    check((X, "/"), (X, "/"), true);
    check((X, "/"), (X, "/v1"), true);
    check((X, "/v1"), (X, "/v1"), true);
    check((X, "/v1"), (X, "/v1/a"), true);
    check((X, "/v1"), (X, "/V1/a"), true);
    check((X, "/V1"), (X, "/v1"), true);
    check((X, "/v1"), (X, "/v1-internal"), false);
    check((X, "/v1"), (X, "/"), false);
    check((X, "/v1"), (X, "/admin"), false);
    check((X, "/"), (Y, "/"), false);
    check((None, "/"), (X, "/v1"), true);
    check((None, "/v1"), (X, "/V1"), true);
    check((X, "/"), (None, "/v1"), false);
    check((Some("X.Example"), "/"), (X, "/"), true);
    // What a server that knows no case could take for the same.
    check((X, "/%C3%A9"), (X, "/%C3%89/a"), true);
    check((X, "/k"), (X, "/%E2%84%AA"), true);
    check((X, "/s"), (X, "/%C5%BF"), true);
    check((X, "/%C3%A9"), (X, "/e"), false);
    assert!(space(X, "/v1").is_same(&space(X, "/V1")));
    assert!(!space(X, "/v1").is_same(&space(None, "/v1")));
}

#[test]
fn an_exact_host_and_then_the_longest_prefix_takes_a_request_from_the_wider_ones() {
    let given = [
        (1, X, "/", false),
        (2, X, "/v1", false),
        (3, X, "/v1/a", false),
        (4, None, "/", false),
        (5, None, "/v1/a/b", false),
    ];
    let delegations = delegations(&given);
    #[track_caller]
    fn check(delegations: &OrganizationDelegations, host: &str, path: &str, expected: u8) {
        let host = RouteHost::parse(host).unwrap();
        let found = delegations.of_request(&host, &RequestPath::parse(path).unwrap()).unwrap();
        assert_eq!(found.project, project(expected), "{host} {path}");
    }
    check(&delegations, "x.example", "/", 1);
    check(&delegations, "x.example", "/v1x", 1);
    check(&delegations, "x.example", "/v1", 2);
    check(&delegations, "x.example", "/V1/A", 3);
    check(&delegations, "x.example", "/v1/a/b", 3);
    check(&delegations, "y.example", "/v1/a/b/c", 5);
    check(&delegations, "y.example", "/v1/a", 4);
}

#[test]
fn a_route_must_lie_in_a_delegation_of_its_project_that_allows_what_it_does() {
    let given = [(1, X, "/", false), (2, X, "/v1", true), (3, None, "/open", false)];
    let delegations = delegations(&given);
    let check = |given: Given<'_>, expected: bool| {
        assert_eq!(delegations.admit(&route(given)).is_ok(), expected, "{given:?}");
    };
    check((1, X, "/", false), true);
    check((1, X, "/v2", false), true);
    check((1, X, "/v1-internal", false), true);
    check((1, X, "/", true), false);
    for prefix in ["/v1", "/V1", "/v1/a"] {
        check((1, X, prefix, false), false);
        check((2, X, prefix, false), true);
        check((2, X, prefix, true), true);
    }
    check((2, X, "/", false), false);
    check((2, Y, "/v1", false), false);
    // A route for every host needs a delegation of every host.
    check((1, None, "/", false), false);
    check((3, None, "/open/a", false), true);
    check((3, Y, "/open/a", false), true);
    check((3, X, "/open/a", false), false);
    check((3, None, "/", false), false);
    let missing = delegations.admit(&route((1, None, "/v1", true))).unwrap_err();
    assert_eq!(
        missing,
        NotDelegated { project: project(1), space: space(None, "/v1"), allow_keep_authorization: true }
    );
}

#[track_caller]
fn check_losers(given: &[Given<'_>], new: Given<'_>, routes: &[Given<'_>], expected: &[usize]) {
    let routes: Vec<Route> = routes.iter().map(|given| route(*given)).collect();
    let new = delegation(given.len(), new);
    let losers = delegations(given).losers_with(&new, &routes);
    let expected: Vec<&Route> = expected.iter().map(|index| &routes[*index]).collect();
    assert_eq!(losers, expected);
}

#[test]
fn the_requests_of_a_project_would_be_anothers_where_a_wider_delegation_is_around_its_own() {
    #[track_caller]
    fn check(given: &[Given<'_>], expected: bool) {
        assert_eq!(delegations(given).would_leave_requests_to_others(project(1)), expected, "{given:?}");
    }
    check(&[], false);
    check(&[(1, X, "/v1", false)], false);
    check(&[(1, X, "/v1", false), (1, X, "/", false)], false);
    check(&[(1, X, "/v1", false), (2, X, "/", false)], true);
    check(&[(1, X, "/V1", false), (2, X, "/v1", false)], true);
    check(&[(1, X, "/v1", false), (2, None, "/", false)], true);
    check(&[(1, X, "/v1", false), (2, None, "/v1/a", false)], true);
    check(&[(1, X, "/v1", false), (2, Y, "/", false)], false);
    check(&[(1, X, "/v1", false), (2, X, "/v2", false)], false);
    check(&[(1, X, "/v1", false), (2, None, "/v2", false)], false);
    // What another project has cut out of this one's is its own already.
    check(&[(1, X, "/", false), (2, X, "/v1", false)], false);
    check(&[(1, None, "/", false), (2, X, "/v1", false)], false);
    check(&[(2, X, "/v1", false), (3, X, "/", false)], false);
}

#[test]
fn a_new_delegation_cuts_the_routes_that_would_lose_requests_and_no_others() {
    let wide = (1, X, "/", false);
    let routes = [(1, X, "/", false), (1, X, "/v1/a", false), (1, X, "/v2", false)];
    check_losers(&[wide], (2, X, "/v1", false), &routes, &[0, 1]);
    check_losers(&[wide], (2, X, "/V1/A", false), &routes, &[0, 1]);
    check_losers(&[wide], (2, X, "/v2/b", false), &routes, &[0, 2]);
    check_losers(&[wide], (2, Y, "/", false), &routes, &[]);
    check_losers(&[wide], (2, None, "/", false), &routes, &[]);
    // Of its own project it takes nothing but the header.
    check_losers(&[wide], (1, X, "/v1", false), &routes, &[]);
    let keeping = [(1, X, "/", true)];
    check_losers(&keeping, (1, X, "/v1", false), &keeping, &[0]);
    check_losers(&keeping, (1, X, "/v1", true), &keeping, &[]);
    check_losers(&keeping, (1, X, "/v1", false), &[(1, X, "/v2", true)], &[]);
    // What was taken from a route before, it cannot lose.
    check_losers(&[wide, (3, X, "/v1", false)], (2, X, "/v1/b", false), &routes, &[]);
    check_losers(&[wide, (3, X, "/v1", false)], (2, X, "/v2", false), &[(1, X, "/v1/a", false)], &[]);
    // A host takes from every host.
    check_losers(&[(1, None, "/", false)], (2, X, "/v1", false), &[(1, None, "/", false), (1, Y, "/", false)], &[0]);
    // Another one is between, and a part of the route is the project's again below it.
    let nested = [(1, None, "/", false), (3, None, "/a", false), (1, None, "/a/b", false)];
    check_losers(&nested, (2, X, "/a", false), &[(1, None, "/", false)], &[0]);
    check_losers(&nested[..2], (2, X, "/a", false), &[(1, None, "/", false)], &[]);
}

/// Everything that differs in some host or some prefix.
fn any_given() -> impl Strategy<Value = Given<'static>> {
    let hosts = proptest::sample::select(vec![None, X, Y]);
    let prefixes = proptest::sample::select(vec!["/", "/a", "/A/b", "/a/b/c", "/ab", "/b"]);
    (1..4u8, hosts, prefixes, any::<bool>())
}

fn any_givens(most: usize) -> impl Strategy<Value = Vec<Given<'static>>> {
    proptest::collection::vec(any_given(), 0..most)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn who_loses_is_who_could_decide_about_a_request_before_and_cannot_after(
        given in any_givens(6), new in any_given(), routes in any_givens(4)
    ) {
        let mut kept: Vec<Given<'_>> = Vec::new();
        for one in given {
            if !kept.iter().chain([&new]).any(|other| space(other.1, other.2).is_same(&space(one.1, one.2))) {
                kept.push(one);
            }
        }
        let before = delegations(&kept);
        let new = delegation(kept.len(), new);
        let after = OrganizationDelegations::new(before.all().iter().cloned().chain([new.clone()]).collect());
        let routes: Vec<Route> = routes.into_iter().map(route).collect();
        // Requests of each host and one that nobody names, to each prefix and below it.
        let mut requests = Vec::new();
        for host in ["x.example", "y.example", "z.example"] {
            for path in ["/", "/a", "/a/b", "/a/b/c", "/ab", "/b"] {
                let deeper = format!("{}/z", path.trim_end_matches('/'));
                for path in [path, deeper.as_str()] {
                    requests.push((RouteHost::parse(host).unwrap(), RequestPath::parse(path).unwrap()));
                }
            }
        }
        let serves = |those: &OrganizationDelegations, route: &Route, (host, path): &(RouteHost, RequestPath)| {
            let is_for = route.host.as_ref().is_none_or(|only| only == host)
                && space(None, route.path_prefix.as_str()).begins(&fold(path.as_str()));
            is_for && those.of_request(host, path).is_some_and(|delegation| delegation.entitles(route))
        };
        let (with, without) = (before.losers_with(&new, &routes), after.losers_without(&new, &routes));
        for (from, to, losers) in [(&before, &after, with), (&after, &before, without)] {
            for route in &routes {
                let loses = requests.iter().any(|request| serves(from, route, request) && !serves(to, route, request));
                let expected = loses && from.admit(route).is_ok();
                prop_assert_eq!(losers.iter().any(|loser| std::ptr::eq(*loser, route)), expected, "{:?}", route);
            }
        }
    }
}
