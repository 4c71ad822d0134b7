//! Proxied requests: the policy obeys the same rules of freshness and certainty as everything else.

use std::rc::Rc;

use super::world::{Edge, ORGANIZATION, Part, Verdict, World};
use crate::ports::Unavailable;
use domain::gateway::origin::Origin;
use domain::gateway::policy::RequestRole;
use domain::gateway::proxied_request::{Entry, ProxiedRequest};
use domain::gateway::request_method::RequestMethod;
use domain::gateway::request_path::RequestPath;
use domain::gateway::route::{PathPrefix, Route, RouteMethods};
use domain::gateway::route_host::RouteHost;
use domain::gateway::route_options::RouteOptions;
use domain::permission::ability::{Action, Rule, Subject};
use domain::permission::role_slug::RoleSlug;
use domain::token::evidence::EvidenceKey;
use domain::token::facts::{HeldProjectRole, ProjectMembershipFacts, RoleGrantFacts};
use domain::value::identifiers::{IdentityId, ProjectId, RouteId, TokenId};

const PROJECT: ProjectId = ProjectId::from_bytes([7; 16]);
const POLICY: EvidenceKey = EvidenceKey::Policy(ORGANIZATION);

fn slug(text: &str) -> RoleSlug {
    RoleSlug::parse(text).unwrap()
}

fn route(prefix: &str) -> Route {
    Route {
        id: RouteId::from_bytes([8; 16]),
        project: PROJECT,
        host: None,
        path_prefix: PathPrefix::parse(prefix).unwrap(),
        methods: RouteMethods::Every,
        origin: Some(Origin::from_stored("https://origin.example.com")),
        options: RouteOptions::default(),
    }
}

fn reader(actions: &[Action]) -> Vec<RequestRole> {
    vec![RequestRole::new(
        PROJECT,
        HeldProjectRole::id_for_tests("reader"),
        slug("reader"),
        vec![Rule::allow(actions, Subject::Requests)],
    )]
}

fn get(path: &str) -> ProxiedRequest {
    ProxiedRequest {
        entry: Entry::Gateway,
        host: RouteHost::parse("x.example").unwrap(),
        method: RequestMethod::Get,
        path: RequestPath::parse(path).unwrap(),
        web_socket: None,
    }
}

fn join(world: &World, identity: IdentityId, roles: &[&str]) {
    let roles =
        roles.iter().map(|role| RoleGrantFacts { role: HeldProjectRole::for_tests(role), period: None }).collect();
    let membership = ProjectMembershipFacts { project: PROJECT, slug: "project".to_owned(), roles };
    world.edit_identity(identity, |facts| facts.projects = vec![membership]);
}

fn leave(world: &World, identity: IdentityId) {
    world.edit_identity(identity, |facts| facts.projects.clear());
}

/// A reader of a project with a route for `/a`, all of it replicated, and an isolate that knows nothing.
fn staged(bound: u64) -> (Rc<World>, Edge, IdentityId, TokenId) {
    let world = World::new();
    let identity = world.identity();
    let token = world.token(identity);
    join(&world, identity, &["reader"]);
    world.set_policy(reader(&[Action::Read]), vec![route("/a")]);
    world.replicate_token(token);
    world.replicate(POLICY);
    let edge = Edge::new(&world, bound);
    (world, edge, identity, token)
}

#[test]
fn a_request_is_decided_from_the_replica_and_then_from_memory() {
    let (world, edge, _, token) = staged(10);
    assert_eq!(edge.request(token, &get("/a/x")), Verdict::Yes);
    assert_eq!(world.calls(), ["feed", "replica token", "replica identity", "replica policy"]);
    assert_eq!(edge.request(token, &get("/a/y")), Verdict::Yes);
    assert_eq!(world.calls(), [""; 0]);
}

#[test]
fn a_no_is_never_given_without_the_word_of_the_authority() {
    let (world, edge, _, token) = staged(10);
    assert_eq!(edge.request(token, &get("/b")), Verdict::No("route_unknown"));
    let calls = world.calls();
    assert_eq!(calls.last().map(String::as_str), Some("authority policy"));
    assert_eq!(edge.request(token, &get("/b")), Verdict::No("route_unknown"));
    assert_eq!(world.calls(), [""; 0], "the authority said so a moment ago");

    let post = ProxiedRequest { method: RequestMethod::Post, ..get("/a") };
    assert_eq!(edge.request(token, &post), Verdict::No("permission_missing"));
    assert_eq!(world.calls(), ["authority identity"]);
}

#[test]
fn what_was_widened_works_although_the_replica_does_not_know_it_yet() {
    let (world, edge, identity, token) = staged(10);
    leave(&world, identity);
    world.set_policy(Vec::new(), Vec::new());
    world.replicate_token(token);
    world.replicate(POLICY);
    world.forget_changes();
    join(&world, identity, &["reader"]);
    world.set_policy(reader(&[Action::Read]), vec![route("/a")]);
    assert_eq!(edge.request(token, &get("/a")), Verdict::Yes);
}

/// A member of nothing, whose request for `/a` is refused now.
fn refused(world: &Rc<World>, edge: &Edge) -> (IdentityId, TokenId) {
    let identity = world.identity();
    let token = world.token(identity);
    assert_eq!(edge.request(token, &get("/a")), Verdict::No("not_a_member"));
    (identity, token)
}

#[test]
fn what_is_new_works_at_once_for_everybody_but_who_was_refused_a_moment_ago() {
    for bound in [1, 10] {
        let (world, edge, identity, token) = staged(bound);
        assert_eq!(edge.request(token, &get("/a")), Verdict::Yes);
        let (stranger, refused) = refused(&world, &edge);
        // A new route, a new rule of a role, a new role and a new membership, a moment later.
        world.pass(1);
        world.set_policy(reader(&[Action::Read]), vec![route("/a"), route("/b")]);
        assert_eq!(edge.request(token, &get("/b")), Verdict::Yes, "a route");
        world.pass(1);
        world.set_policy(reader(&[Action::Read, Action::Create]), vec![route("/a"), route("/b")]);
        let post = ProxiedRequest { method: RequestMethod::Post, ..get("/b") };
        assert_eq!(edge.request(token, &post), Verdict::Yes, "a rule");
        world.pass(1);
        join(&world, identity, &["reader", "admin"]);
        let delete = ProxiedRequest { method: RequestMethod::Delete, ..get("/b") };
        assert_eq!(edge.request(token, &delete), Verdict::Yes, "a role");
        world.pass(1);
        let young = world.identity();
        let young_token = world.token(young);
        join(&world, young, &["reader"]);
        assert_eq!(edge.request(young_token, &get("/b")), Verdict::Yes, "a membership");

        join(&world, stranger, &["reader"]);
        assert_eq!(edge.request(refused, &get("/a")), Verdict::No("not_a_member"), "refused a moment ago");
        world.pass(3_000);
        assert_eq!(edge.request(refused, &get("/a")), Verdict::Yes);
    }
}

#[test]
fn evidence_that_was_fetched_for_a_yes_is_no_ground_for_a_no() {
    let (world, edge, identity, token) = staged(10);
    world.lose(EvidenceKey::Identity(identity));
    world.lose(POLICY);
    assert_eq!(edge.request(token, &get("/a")), Verdict::Yes);
    let calls = world.calls();
    assert!(
        calls.contains(&"authority identity and repair".to_owned())
            && calls.contains(&"authority policy and repair".to_owned())
    );
    world.pass(1);
    world.set_policy(reader(&[Action::Read]), vec![route("/a"), route("/b")]);
    assert_eq!(edge.request(token, &get("/b")), Verdict::Yes);
    join(&world, identity, &["reader", "admin"]);
    let delete = ProxiedRequest { method: RequestMethod::Delete, ..get("/b") };
    assert_eq!(edge.request(token, &delete), Verdict::Yes);
}

#[test]
fn a_refused_caller_asks_the_authority_once_in_three_seconds_however_many_requests_it_sends() {
    let (world, edge, _, _) = staged(10);
    let (_, one) = refused(&world, &edge);
    let (_, other) = refused(&world, &edge);
    world.calls();
    for _ in 0..2_999 {
        world.pass(1);
        for token in [one, other] {
            assert_eq!(edge.request(token, &get("/a")), Verdict::No("not_a_member"));
        }
    }
    assert_eq!(world.calls(), [""; 0]);
    world.pass(1);
    for token in [one, other] {
        assert_eq!(edge.request(token, &get("/a")), Verdict::No("not_a_member"));
    }
    // Both at the same moment, so that the second one uses the policy that the first one has asked for.
    assert_eq!(world.calls(), ["authority policy", "authority identity", "authority identity"]);
}

#[test]
fn every_kind_of_narrowing_is_in_force_within_the_bound() {
    #[track_caller]
    fn check(narrow: impl FnOnce(&World, IdentityId), code: &'static str) {
        let (world, edge, identity, token) = staged(10);
        assert_eq!(edge.request(token, &get("/a")), Verdict::Yes);
        narrow(&world, identity);
        world.pass(10_000);
        assert_eq!(edge.request(token, &get("/a")), Verdict::No(code));
    }
    check(leave, "not_a_member");
    check(|world, identity| join(world, identity, &["no-access"]), "permission_missing");
    check(|world, _| world.set_policy(reader(&[Action::Create]), vec![route("/a")]), "permission_missing");
    check(|world, _| world.set_policy(Vec::new(), vec![route("/a")]), "permission_missing");
    check(|world, _| world.set_policy(reader(&[Action::Read]), Vec::new()), "host_unknown");
    check(|world, _| world.set_policy(reader(&[Action::Read]), vec![route("/b")]), "route_unknown");
    check(
        |world, _| world.set_policy(reader(&[Action::Read]), vec![Route { origin: None, ..route("/a") }]),
        "host_unknown",
    );
}

/// A role is renamed and another one takes its name. A request that its holders may not send makes the isolate ask for the
/// policy, while what it knows of the holder is as old as the bound lets it be.
#[test]
fn a_name_that_a_role_gave_up_gives_its_holders_nothing_of_the_role_that_took_it() {
    let (world, edge, identity, token) = staged(10);
    assert_eq!(edge.request(token, &get("/a")), Verdict::Yes);
    let held = HeldProjectRole::Custom { id: HeldProjectRole::id_for_tests("reader"), slug: slug("former-reader") };
    let membership = ProjectMembershipFacts {
        project: PROJECT,
        slug: "project".to_owned(),
        roles: vec![RoleGrantFacts { role: held, period: None }],
    };
    world.edit_identity(identity, |facts| facts.projects = vec![membership]);
    let rules = |action| vec![Rule::allow(&[action], Subject::Requests)];
    let former = HeldProjectRole::id_for_tests("reader");
    let roles = vec![
        RequestRole::new(PROJECT, former, slug("former-reader"), rules(Action::Read)),
        RequestRole::new(PROJECT, HeldProjectRole::id_for_tests("new"), slug("reader"), rules(Action::Create)),
    ];
    world.set_policy(roles, vec![route("/a")]);
    let post = ProxiedRequest { method: RequestMethod::Post, ..get("/a") };
    assert_eq!(edge.request(token, &post), Verdict::No("permission_missing"));
    assert_eq!(edge.request(token, &get("/a")), Verdict::Yes, "what its own role allows it still has");
}

#[test]
fn a_bound_of_zero_asks_for_each_request() {
    let (world, edge, identity, token) = staged(0);
    assert_eq!(edge.request(token, &get("/a")), Verdict::Yes);
    world.pass(1);
    leave(&world, identity);
    assert_eq!(edge.request(token, &get("/a")), Verdict::No("not_a_member"));
}

#[test]
fn the_bearer_is_judged_before_the_request() {
    let (world, edge, _, token) = staged(10);
    world.revoke(token);
    assert_eq!(edge.request(token, &get("/nowhere")), Verdict::No("revoked"));
}

#[test]
fn a_verdict_that_cannot_be_known_is_not_guessed() {
    let (world, edge, _, token) = staged(10);
    world.lose(POLICY);
    world.fail(Part::Authority);
    assert_eq!(edge.request(token, &get("/a")), Verdict::Unknown(Unavailable::Authority));
    world.replicate(POLICY);
    assert_eq!(edge.request(token, &get("/a")), Verdict::Yes, "the replica suffices for a yes");
    assert_eq!(edge.request(token, &get("/b")), Verdict::Unknown(Unavailable::Authority), "and not for a no");
}

#[test]
fn a_policy_that_somebody_else_wrote_into_the_replica_proves_nothing() {
    let (world, edge, _, token) = staged(10);
    world.set_policy(Vec::new(), Vec::new());
    world.put(POLICY, &format!("{} {{}}", "0".repeat(64)));
    assert_eq!(edge.request(token, &get("/a")), Verdict::No("host_unknown"));
    assert!(world.calls().contains(&"authority policy and repair".to_owned()));
}

#[test]
fn an_organization_without_a_policy_has_no_routes() {
    let world = World::new();
    let token = world.token(world.identity());
    world.replicate_token(token);
    let edge = Edge::new(&world, 10);
    assert_eq!(edge.request(token, &get("/a")), Verdict::No("host_unknown"));
    world.fail(Part::Authority);
    assert_eq!(edge.request(token, &get("/a")), Verdict::No("host_unknown"), "the authority said so a moment ago");
}
