//! Ways in that were found: each ends in a refusal, or leads nowhere. What the data plane makes of it is asked for with
//! the facts that it is given.

use serde_json::{Value, json};

use super::{DELEGATIONS, Two, delegation, named, route, routes};
use crate::tests::world::{Caller, START, World, text_at};
use directory::evidence;
use domain::gateway::proxied_request::{Entry, ProxiedRequest, RequestRefusal, authorize};
use domain::gateway::request_method::RequestMethod;
use domain::gateway::request_path::RequestPath;
use domain::gateway::route_host::RouteHost;
use domain::token::evidence::{EvidenceKey, Facts};
use domain::value::identifiers::{IdentityId, OrganizationId};
use domain::value::timestamp::Timestamp;

/// Where a request of a caller would be sent, and whether with its token; or why not. Through the gateway and for a
/// reverse proxy it is the same here.
#[track_caller]
fn sent_to(world: &World, caller: &Caller, host: &str, path: &str) -> Result<(String, bool), &'static str> {
    let now = Timestamp::from_milliseconds(START);
    let facts = |key| evidence::gather(&world.sql, key, now).unwrap().facts;
    let organization = EvidenceKey::Policy(OrganizationId::parse(&world.organization).unwrap());
    let Facts::Policy(Some(policy)) = facts(organization) else { panic!("no policy") };
    let identity = EvidenceKey::Identity(IdentityId::parse(&caller.identity).unwrap());
    let Facts::Identity(Some(identity)) = facts(identity) else { panic!("nobody") };
    let decide = |entry| {
        let (host, path) = (RouteHost::parse(host).unwrap(), RequestPath::parse(path).unwrap());
        let request = ProxiedRequest { entry, host, method: RequestMethod::Get, path, web_socket: None };
        let authorized = authorize(&policy, &identity, &request, now);
        authorized.map_err(|refusal| RequestRefusal::code(&refusal)).map(|authorized| {
            let origin = authorized.route.origin.as_ref().map_or_else(String::new, ToString::to_string);
            (origin, authorized.route.options.keep_authorization)
        })
    };
    let (gateway, proxy) = (decide(Entry::Gateway), decide(Entry::ForwardAuth));
    assert_eq!(gateway, proxy, "{host} {path}");
    gateway
}

const GOOD: &str = "https://good.example.com";
const EVIL: &str = "https://evil.example.net";

fn leading_to(origin: &str, host: &str, prefix: &str) -> Value {
    json!({ "host": host, "pathPrefix": prefix, "origin": origin })
}

/// The victim's project protects `/v1` of a host, and an administrator of the organization uses it.
fn protected() -> Two {
    let two = Two::new();
    two.world.ok(&two.world.admin, "POST", &routes(&two.one), &leading_to(GOOD, "x.example.com", "/v1"));
    let path = format!("/api/v1/projects/{}/memberships/identities/{}", two.other, two.world.admin.identity);
    // The administrator has founded both projects and is a member of both.
    two.world.ok(&two.world.admin, "GET", &path, &Value::Null);
    two
}

#[test]
fn whoever_may_edit_routes_does_not_receive_the_token_of_an_administrator() {
    let two = protected();
    let Two { world, one, .. } = &two;
    let four = json!(["read", "create", "edit", "delete"]);
    let only_routes = json!([{ "subject": "routes", "action": four }]);
    world.project_role(one, "router", &only_routes);
    let router = world.member(one, "router", &["router"]);
    let owner = two.administrator_of(one, "owner");
    let id = text_at(&world.ok(&world.admin, "GET", &routes(one), &Value::Null), "/routes/0/id");
    let path = format!("{}/{id}", routes(one));
    for change in [json!({ "origin": EVIL, "keepAuthorization": true }), json!({ "origin": EVIL })] {
        let answer = world.refused(&router, "PATCH", &path, &change, 403);
        assert_eq!(answer.body["error"], "PermissionBoundaryError");
    }
    // Who may send all those requests itself may say where they go, and still gets no token.
    let answer = world.refused(&owner, "PATCH", &path, &json!({ "origin": EVIL, "keepAuthorization": true }), 403);
    assert_eq!(answer.body["error"], "RouteDelegationMissing");
    let elsewhere =
        json!({ "host": "x.example.com", "pathPrefix": "/v1/a", "origin": EVIL, "keepAuthorization": true });
    for caller in [&router, &owner] {
        world.refused(caller, "POST", &routes(one), &elsewhere, 403);
    }
    assert_eq!(sent_to(world, &world.admin, "x.example.com", "/v1/a"), Ok((GOOD.to_owned(), false)));
}

#[test]
fn nobody_claims_another_spelling_or_a_neighbour_of_what_another_project_protects() {
    let two = protected();
    let Two { world, one, other } = &two;
    let attacker = two.administrator_of(other, "attacker");
    let spellings = ["/V1", "/v1-internal", "/admin", "/v1/a", "/V1/a", "/v1", "/"];
    for prefix in spellings {
        let answer = world.refused(&attacker, "POST", &routes(other), &leading_to(EVIL, "x.example.com", prefix), 403);
        assert_eq!(answer.body["error"], "RouteDelegationMissing");
    }
    // Even with everything around it, what is the victim's stays the victim's.
    let taken = world.refused(&world.admin, "POST", DELEGATIONS, &delegation(other, "/V1"), 409);
    assert_eq!(taken.body["error"], "RouteDelegationExists");
    two.give(other, "/");
    world.ok(&attacker, "POST", &routes(other), &leading_to(EVIL, "x.example.com", "/"));
    for prefix in ["/V1", "/V1/a", "/v1/a"] {
        world.refused(&attacker, "POST", &routes(other), &leading_to(EVIL, "x.example.com", prefix), 403);
        let (attacked, expected) = (
            sent_to(world, &attacker, "x.example.com", prefix),
            if prefix.starts_with("/v1") { "not_a_member" } else { "route_unknown" },
        );
        assert_eq!(attacked, Err(expected), "{prefix}");
    }
    assert_eq!(sent_to(world, &world.admin, "x.example.com", "/v1/a"), Ok((GOOD.to_owned(), false)));
    assert_eq!(sent_to(world, &world.admin, "x.example.com", "/V1/a"), Err("route_unknown"));
    // Without its route the victim's space is still nobody else's.
    let id = text_at(&world.ok(&world.admin, "GET", &routes(one), &Value::Null), "/routes/0/id");
    world.ok(&world.admin, "DELETE", &format!("{}/{id}", routes(one)), &Value::Null);
    assert_eq!(sent_to(world, &attacker, "x.example.com", "/v1/a"), Err("route_unknown"));
    assert_eq!(sent_to(world, &attacker, "x.example.com", "/v2"), Ok((EVIL.to_owned(), false)));
}

#[test]
fn who_may_create_projects_claims_nothing_of_a_host() {
    let two = protected();
    let Two { world, .. } = &two;
    let founder = world.caller("founder", "no-access");
    let four = json!(["read", "create", "edit", "delete"]);
    world.give_role(&founder, "founder", &json!([{ "subject": "workspace", "action": four }]));
    let project = world.ok(&founder, "POST", "/api/v1/projects", &json!({ "projectName": "mine" }));
    let project = text_at(&project, "/project/id");
    for host in [json!("x.example.com"), json!("y.example.com"), json!(null)] {
        for prefix in ["/v2", "/", "/v1"] {
            let body = json!({ "host": host, "pathPrefix": prefix, "origin": EVIL });
            let answer = world.refused(&founder, "POST", &routes(&project), &body, 403);
            assert_eq!(answer.body["error"], "RouteDelegationMissing");
        }
    }
    world.refused(&founder, "POST", DELEGATIONS, &delegation(&project, "/v2"), 403);
    assert_eq!(sent_to(world, &world.admin, "x.example.com", "/v2"), Err("route_unknown"));
}

#[test]
fn a_route_for_every_host_blocks_nobody() {
    let two = Two::new();
    let Two { world, one, other } = &two;
    let attacker = two.administrator_of(other, "attacker");
    let everywhere = json!({ "host": null, "pathPrefix": "/", "origin": EVIL });
    world.refused(&attacker, "POST", &routes(other), &everywhere, 403);
    world.ok(&world.admin, "POST", &routes(one), &leading_to(GOOD, "x.example.com", "/"));
    // Where the organization gives every host, one host is still given to another, before and after.
    let made =
        world.ok(&world.admin, "POST", DELEGATIONS, &json!({ "projectId": other, "host": null, "pathPrefix": "/" }));
    world.ok(&attacker, "POST", &routes(other), &everywhere);
    let second = json!({ "projectId": one, "host": "y.example.com", "pathPrefix": "/" });
    let answer = world.refused(&world.admin, "POST", DELEGATIONS, &second, 409);
    assert_eq!(named(&answer.body), ["/"]);
    assert_eq!(sent_to(world, &world.admin, "x.example.com", "/"), Ok((GOOD.to_owned(), false)));
    assert_eq!(sent_to(world, &world.admin, "z.example.com", "/"), Ok((EVIL.to_owned(), false)));
    // The organization takes every host back and gives one of them away first.
    let made = format!("{DELEGATIONS}/{}?force=true", text_at(&made, "/routeDelegation/id"));
    world.ok(&world.admin, "DELETE", &made, &Value::Null);
    world.ok(&world.admin, "POST", DELEGATIONS, &second);
    world.ok(&world.admin, "POST", DELEGATIONS, &json!({ "projectId": other, "host": null, "pathPrefix": "/" }));
    assert_eq!(sent_to(world, &world.admin, "y.example.com", "/"), Err("route_unknown"));
    assert_eq!(sent_to(world, &world.admin, "z.example.com", "/"), Ok((EVIL.to_owned(), false)));
}

#[test]
fn a_rule_about_the_root_is_about_the_root_after_a_longer_prefix_was_added() {
    let two = Two::new();
    let Two { world, one, .. } = &two;
    let root = json!([{ "subject": "requests", "action": "read", "conditions": { "path": { "$eq": "/" } } }]);
    world.project_role(one, "root", &root);
    let reader = world.member(one, "reader", &["root"]);
    two.give(one, "/");
    world.ok(&world.admin, "POST", &routes(one), &leading_to(GOOD, "x.example.com", "/"));
    let check = || {
        assert_eq!(sent_to(world, &reader, "x.example.com", "/"), Ok((GOOD.to_owned(), false)));
        assert_eq!(sent_to(world, &reader, "x.example.com", "/admin"), Err("permission_missing"));
    };
    check();
    world.ok(&world.admin, "POST", &routes(one), &leading_to(GOOD, "x.example.com", "/admin"));
    check();
}

#[test]
fn who_may_delete_a_project_and_not_send_its_requests_does_not_take_its_routes_away() {
    let two = protected();
    let Two { world, one, .. } = &two;
    world.project_role(one, "deleter", &json!([{ "subject": "project", "action": ["read", "edit", "delete"] }]));
    let deleter = world.member(one, "deleter", &["deleter"]);
    let path = format!("/api/v1/projects/{one}");
    let answer = world.refused(&deleter, "DELETE", &path, &json!({}), 403);
    assert_eq!(answer.body["error"], "PermissionBoundaryError");
    world.refused(&world.admin, "POST", &routes(&two.other), &route("/v1"), 409);
    let id = text_at(&world.ok(&world.admin, "GET", &routes(one), &Value::Null), "/routes/0/id");
    world.ok(&world.admin, "DELETE", &format!("{}/{id}", routes(one)), &Value::Null);
    world.ok(&deleter, "DELETE", &path, &json!({}));
}

#[test]
fn who_may_delete_a_project_leaves_none_of_its_requests_to_another_one() {
    let two = protected();
    let Two { world, one, other } = &two;
    let deleter = two.administrator_of(one, "deleter");
    let path = format!("/api/v1/projects/{one}");
    let around = two.give(other, "/");
    let answer = world.refused(&deleter, "DELETE", &path, &json!({}), 403);
    assert_eq!(answer.body["error"], "PermissionDenied");
    assert!(answer.text("/message").contains("route-delegations"), "{answer:?}");
    world.ok(&world.admin, "DELETE", &format!("{DELEGATIONS}/{around}"), &Value::Null);
    // For every host is around each.
    let every_host = json!({ "projectId": other, "host": null, "pathPrefix": "/" });
    let around = text_at(&world.ok(&world.admin, "POST", DELEGATIONS, &every_host), "/routeDelegation/id");
    world.refused(&deleter, "DELETE", &path, &json!({}), 403);
    world.ok(&world.admin, "DELETE", &format!("{DELEGATIONS}/{around}"), &Value::Null);
    world.ok(&deleter, "DELETE", &path, &json!({}));
}

#[test]
fn who_may_take_delegations_away_may_delete_a_project_whose_requests_are_another_ones_then() {
    let two = protected();
    two.give(&two.other, "/");
    two.world.ok(&two.world.admin, "DELETE", &format!("/api/v1/projects/{}", two.one), &json!({}));
}
