//! An explanation says what the data plane would do: random tokens, identities, policies and requests are decided by the
//! pipeline and then explained.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::rc::Rc;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::world::{CLIENT, Edge, ORGANIZATION, STRANGER, Verdict, World, presented};
use domain::gateway::origin::Origin;
use domain::gateway::policy::RequestRole;
use domain::gateway::proxied_request::{Entry, ProxiedRequest};
use domain::gateway::request_method::RequestMethod;
use domain::gateway::request_path::RequestPath;
use domain::gateway::route::{PathPrefix, Route, RouteMethods};
use domain::gateway::route_host::RouteHost;
use domain::gateway::route_options::RouteOptions;
use domain::gateway::web_socket_handshake::WebSocketHandshake;
use domain::permission::ability::{Action, Rule, Subject};
use domain::permission::role_slug::RoleSlug;
use domain::permission::temporary_access::AccessPeriod;
use domain::token::access_token::{PresentedToken, TokenDigest};
use domain::token::explanation::{
    AskedRequest, AskedToken, Check, DescribedUse, Explanation, Inquiry, Outcome, explain,
};
use domain::token::facts::{HeldProjectRole, ProjectMembershipFacts, RoleGrantFacts};
use domain::value::identifiers::{ClientSecretId, ProjectId, RouteId, TokenId};
use domain::value::timestamp::Timestamp;

const SECRET: ClientSecretId = ClientSecretId::from_bytes([6; 16]);

const fn project(number: u8) -> ProjectId {
    ProjectId::from_bytes([number; 16])
}

/// What a case is made of. Most of it is in order most of the time, so that every check is the first to fail sometimes.
#[derive(Clone, Debug)]
struct Draw {
    exists: bool,
    right_secret: bool,
    revoked: bool,
    lives: Option<i64>,
    attached: bool,
    secret_revoked: bool,
    client: &'static str,
    limit: u64,
    used: u64,
    roles: Vec<(&'static str, Option<(i64, i64)>)>,
    member_of: u8,
    routes: Vec<DrawnRoute>,
    allowed: Action,
    request: Option<(Entry, RequestMethod, &'static str, &'static str)>,
    asks_for_web_socket: bool,
    takes_web_sockets: bool,
}

/// Project, host, prefix, method, whether it has an origin.
type DrawnRoute = (u8, Option<&'static str>, &'static str, Option<RequestMethod>, bool);

fn mostly() -> impl Strategy<Value = bool> {
    proptest::bool::weighted(0.93)
}

fn any_method() -> impl Strategy<Value = RequestMethod> {
    proptest::sample::select(RequestMethod::ALL.to_vec())
}

fn any_draw() -> impl Strategy<Value = Draw> {
    let bearer = (
        (mostly(), mostly(), mostly(), mostly(), mostly()),
        proptest::option::of(prop_oneof![1 => Just(0i64), 8 => Just(1_000)]),
        prop_oneof![8 => Just(CLIENT), 1 => Just(STRANGER)],
        (0u64..4, 0u64..4),
    );
    let period = proptest::option::weighted(0.4, (-5i64..5, 0i64..5));
    let role = (proptest::sample::select(vec!["admin", "viewer", "no-access", "custom-one", "gone"]), period);
    let host = proptest::sample::select(vec![None, Some("a.example"), Some("b.example")]);
    let prefix = proptest::sample::select(vec!["/", "/a", "/a/b"]);
    let route = (0u8..2, host, prefix, proptest::option::weighted(0.3, any_method()), mostly());
    let allowed = proptest::sample::select(vec![Action::Read, Action::Create, Action::Edit, Action::Delete]);
    let entry = prop_oneof![Just(Entry::Gateway), Just(Entry::ForwardAuth)];
    let request = (
        entry,
        any_method(),
        proptest::sample::select(vec!["a.example", "b.example"]),
        proptest::sample::select(vec!["/", "/a", "/a/b/c", "/x"]),
    );
    let rest = (
        proptest::collection::vec(role, 0..3),
        0u8..2,
        proptest::collection::vec(route, 0..4),
        allowed,
        proptest::option::weighted(0.8, request),
        (proptest::bool::weighted(0.3), proptest::bool::weighted(0.5)),
    );
    (bearer, rest).prop_map(|(bearer, rest)| {
        let ((exists, right_secret, not_revoked, attached, secret_lives), lives, client, (limit, used)) = bearer;
        let (roles, member_of, routes, allowed, request, (asks_for_web_socket, takes_web_sockets)) = rest;
        Draw {
            exists,
            right_secret,
            revoked: !not_revoked,
            lives,
            attached,
            secret_revoked: !secret_lives,
            client,
            limit,
            used: used.min(limit),
            roles,
            member_of,
            routes,
            allowed,
            request,
            asks_for_web_socket,
            takes_web_sockets,
        }
    })
}

/// A world of which everything is as it was drawn, the uses included.
fn stage(draw: &Draw) -> (Rc<World>, TokenId) {
    let world = World::new();
    let identity = world.identity();
    let token = world.token_with(identity, draw.lives, draw.limit);
    let edge = Edge::new(&world, 10);
    let living = world.state.borrow().tokens[&token].expires;
    world.state.borrow_mut().tokens.get_mut(&token).unwrap().expires = None;
    for _ in 0..draw.used {
        assert_eq!(edge.consume(token).0, Verdict::Yes);
    }
    {
        let mut state = world.state.borrow_mut();
        let facts = state.tokens.get_mut(&token).unwrap();
        (facts.expires, facts.revoked, facts.client_secret) = (living, draw.revoked, Some(SECRET));
        if !draw.exists {
            state.tokens.remove(&token);
        }
    }
    let now = world.now();
    let moment = |seconds: i64| Timestamp::from_milliseconds(now.milliseconds() + seconds);
    let roles = draw.roles.iter().map(|(role, period)| RoleGrantFacts {
        role: HeldProjectRole::for_tests(role),
        period: period.map(|(start, length)| AccessPeriod { start: moment(start), end: moment(start + length) }),
    });
    let membership =
        ProjectMembershipFacts { project: project(draw.member_of), slug: "shop".to_owned(), roles: roles.collect() };
    world.edit_identity(identity, |facts| {
        facts.projects = vec![membership];
        if let Some(method) = facts.token_auth.as_mut().filter(|_| draw.secret_revoked) {
            method.revoked_client_secrets = vec![SECRET];
        }
        if !draw.attached {
            facts.token_auth = None;
        }
    });
    let rules = vec![Rule::allow(&[draw.allowed], Subject::Requests)];
    let roles = vec![RequestRole::new(
        project(0),
        HeldProjectRole::id_for_tests("custom-one"),
        RoleSlug::parse("custom-one").unwrap(),
        rules,
    )];
    let routes = draw.routes.iter().zip(1u8..).map(|((of, host, prefix, method, has_origin), number)| Route {
        id: RouteId::from_bytes([number; 16]),
        project: project(*of),
        host: host.map(|host| RouteHost::parse(host).unwrap()),
        path_prefix: PathPrefix::parse(prefix).unwrap(),
        methods: method.map_or(RouteMethods::Every, |method| RouteMethods::These([method].into())),
        origin: has_origin.then(|| Origin::from_stored("https://origin.example.com")),
        options: RouteOptions { web_socket: draw.takes_web_sockets, ..RouteOptions::default() },
    });
    world.set_policy(roles, routes.collect());
    (world, token)
}

fn request(draw: &Draw) -> Option<ProxiedRequest> {
    let (entry, method, host, path) = draw.request?;
    let (host, path) = (RouteHost::parse(host).unwrap(), RequestPath::parse(path).unwrap());
    let web_socket = WebSocketHandshake::described(method).ok().filter(|_| draw.asks_for_web_socket);
    Some(ProxiedRequest { entry, host, method, path, web_socket })
}

fn shown(draw: &Draw, token: TokenId) -> PresentedToken {
    let right = presented(token);
    let digest = if draw.right_secret { right.digest } else { TokenDigest::from_bytes([0xff; 32]) };
    PresentedToken { id: token, digest }
}

fn explanation(draw: &Draw, world: &World, token: TokenId) -> Explanation {
    let state = world.state.borrow();
    let facts = state.tokens.get(&token);
    let request = request(draw).map(AskedRequest::Clear);
    explain(&Inquiry {
        asked: &AskedToken::Presented(shown(draw, token)),
        token: facts,
        identity: facts.and_then(|facts| state.identities.get(&facts.identity)),
        client: Some(draw.client.parse::<IpAddr>().unwrap()),
        request: request.as_ref().map(|request| DescribedUse { request, policy: &state.policies[&ORGANIZATION] }),
        uses: Some(draw.used),
        now: world.now(),
    })
    .unwrap()
}

/// What the data plane does, with an isolate that knows nothing yet.
fn verdict(draw: &Draw, world: &Rc<World>, token: TokenId) -> Verdict {
    Edge::new(world, 10).use_up(shown(draw, token), draw.client, request(draw).as_ref())
}

fn agrees(draw: &Draw) -> Option<Check> {
    let (world, token) = stage(draw);
    let explanation = explanation(draw, &world, token);
    let said = explanation.refusal.as_ref().map_or(Verdict::Yes, |refusal| Verdict::No(refusal.code()));
    assert_eq!(said, verdict(draw, &world, token), "{draw:?}");
    let failed = explanation.checks.iter().find(|(_, outcome)| *outcome == Outcome::Failed).map(|(check, _)| *check);
    assert_eq!(failed, explanation.refusal.map(|refusal| refusal.check()));
    failed
}

fn cases(cases: u32) -> Config {
    Config { cases, failure_persistence: None, ..Config::default() }
}

/// Decides and explains what the runner draws, and says which checks were the first to fail.
fn failed_in(mut runner: TestRunner) -> BTreeSet<Option<Check>> {
    let failed = RefCell::new(BTreeSet::new());
    runner
        .run(&any_draw(), |draw| {
            failed.borrow_mut().insert(agrees(&draw));
            Ok(())
        })
        .unwrap();
    failed.into_inner()
}

#[test]
fn an_explanation_says_what_the_data_plane_does() {
    failed_in(TestRunner::new(cases(1_500)));
}

#[test]
fn every_check_of_the_pipeline_is_the_first_to_fail_in_some_case_that_is_explained() {
    // The same cases each time: what random ones happen to meet would make this test a matter of luck. A token of a
    // deleted identity is gone with it; a path that is ambiguous and a text that is no token never come to the pipeline.
    let same = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let failed = failed_in(TestRunner::new_with_rng(cases(3_000), same));
    let before = [Check::Path, Check::Format, Check::Tag, Check::Identity];
    let made = Check::ALL.into_iter().filter(|check| !before.contains(check)).map(Some);
    assert_eq!(failed, made.chain([None]).collect());
}
