//! What keeps the policy of an organization small and quick to decide by, through the commands that write it.

use serde_json::{Value, json};

use super::{policy, policy_change, routes};
use crate::tests::world::{Reply, START, World, text_at};
use directory::evidence;
use domain::gateway::policy_size::{MAXIMUM_OF_PROJECT, MAXIMUM_PROJECTS};
use domain::gateway::proxied_request::{Entry, ProxiedRequest, authorize};
use domain::gateway::request_method::RequestMethod;
use domain::gateway::request_path::{LONGEST_PATH, RequestPath};
use domain::gateway::request_rules::MAXIMUM_SEARCHES;
use domain::gateway::route::MAXIMUM_ROUTES_OF_PROJECT;
use domain::gateway::route_host::RouteHost;
use domain::permission::glob;
use domain::token::evidence::{EvidenceKey, Facts};
use domain::value::identifiers::{IdentityId, OrganizationId};
use domain::value::timestamp::Timestamp;

/// The most steps that the matcher takes for one request of one identity, whatever is written and whatever is sent.
const MOST_STEPS: u64 = 2_500_000;

fn roles(project: &str) -> String {
    format!("/api/v1/projects/{project}/roles")
}

fn role(slug: &str, permissions: &[Value]) -> Value {
    json!({ "slug": slug, "name": slug, "permissions": permissions })
}

fn reading(glob: &str) -> Value {
    json!({ "subject": "requests", "action": "read", "conditions": { "path": { "$glob": glob } } })
}

/// A route of some 22,000 bytes.
fn large_route(host: &str) -> Value {
    let header = |number| json!({ "name": format!("x-{number:0>100}"), "value": "v".repeat(1_000) });
    let headers: Vec<Value> = (0..20).map(header).collect();
    json!({ "host": host, "pathPrefix": "/", "origin": "https://origin.example.com", "headers": headers })
}

/// Asks for something that is refused; neither the tables nor the feed change.
#[track_caller]
fn refused(world: &World, method: &str, path: &str, body: &Value) -> Reply {
    let told = policy_change(world);
    let answer = world.refused(&world.admin, method, path, body, 400);
    assert_eq!(policy_change(world), told);
    answer
}

#[test]
fn a_role_has_only_so_many_patterns_about_requests_that_must_be_searched_for() {
    let world = World::new();
    let project = world.project("billing");
    let patterns = |count| vec![reading("/*/x/*"); count];
    let answer = refused(&world, "POST", &roles(&project), &role("slow", &patterns(MAXIMUM_SEARCHES + 1)));
    assert_eq!(
        answer.body["details"],
        json!({ "path": ["permissions"], "count": MAXIMUM_SEARCHES + 1, "maximum": MAXIMUM_SEARCHES })
    );
    let id = world.project_role(&project, "quick", &json!(patterns(MAXIMUM_SEARCHES)));
    let path = format!("{}/{id}", roles(&project));
    refused(&world, "PATCH", &path, &json!({ "permissions": patterns(MAXIMUM_SEARCHES + 1) }));
    world.ok(&world.admin, "PATCH", &path, &json!({ "name": "Quick" }));
    // Nothing is decided by these when a request comes, and clients send them.
    let foreign = json!({ "subject": "secrets", "action": ["readValue"],
        "conditions": { "secretPath": { "$glob": "/*/x/*" } } });
    world.ok(&world.admin, "POST", &roles(&project), &role("of-secrets", &vec![foreign; 400]));
    // One star is looked for in one place.
    world.ok(&world.admin, "POST", &roles(&project), &role("many", &vec![reading("/a/*/b"); 150]));
}

#[test]
fn a_project_leaves_routes_to_the_others() {
    let world = World::new();
    let (one, other) = (world.project("billing"), world.project("search"));
    let route = |number: usize| json!({ "host": format!("h{number}.example.com"), "pathPrefix": "/" });
    for number in 0..MAXIMUM_ROUTES_OF_PROJECT {
        world.ok(&world.admin, "POST", &routes(&one), &route(number));
    }
    let answer = refused(&world, "POST", &routes(&one), &route(MAXIMUM_ROUTES_OF_PROJECT));
    assert_eq!(answer.body["message"], "A project can have at most 50 routes");
    world.ok(&world.admin, "POST", &routes(&other), &route(MAXIMUM_ROUTES_OF_PROJECT));
}

#[test]
fn a_project_takes_only_its_share_of_the_policy() {
    let world = World::new();
    let project = world.project("billing");
    let made = world.ok(&world.admin, "POST", &routes(&project), &large_route("h0.example.com"));
    let answer = refused(&world, "POST", &routes(&project), &large_route("h1.example.com"));
    assert!(answer.text("/message").starts_with("The routes of the project, its route delegations"), "{answer:?}");
    assert_eq!(answer.body["details"]["maximum"], json!(MAXIMUM_OF_PROJECT));
    assert!(answer.body["details"]["size"].as_u64().unwrap() > MAXIMUM_OF_PROJECT);
    let small = json!({ "host": "small.example.com", "pathPrefix": "/" });
    let small = text_at(&world.ok(&world.admin, "POST", &routes(&project), &small), "/route/id");
    let small = format!("{}/{small}", routes(&project));
    refused(&world, "PATCH", &small, &json!({ "headers": large_route("x")["headers"] }));

    // Its roles take from the same share.
    let long = "a".repeat(200);
    let large: Vec<Value> = (0..60).map(|number| reading(&format!("/{number}/{long}"))).collect();
    let answer = refused(&world, "POST", &roles(&project), &role("large", &large));
    assert_eq!(answer.body["details"]["path"], json!(["permissions"]));
    let id = world.project_role(&project, "small", &json!([reading("/a")]));
    let path = format!("{}/{id}", roles(&project));
    refused(&world, "PATCH", &path, &json!({ "permissions": large }));
    assert_eq!(policy(&world).1, ["small"]);
    // What is not about requests is not in the policy.
    let foreign = json!({ "subject": "secrets", "action": ["readValue"], "conditions": { "secretPath": long } });
    world.ok(&world.admin, "POST", &roles(&project), &role("of-secrets", &vec![foreign; 200]));
    // So do its delegations.
    let delegation = |number: usize, prefix: &str| {
        let host = format!("d{number}.example.com");
        json!({ "projectId": project, "host": host, "pathPrefix": prefix })
    };
    let long = format!("/{}", "a".repeat(3_000));
    let fits = (0..10).take_while(|number| {
        let body = delegation(*number, &long);
        world.send(&world.admin, "POST", "/api/v1/organization/route-delegations", &body).status == 200
    });
    assert_eq!(fits.count(), 2);
    let answer = refused(&world, "POST", "/api/v1/organization/route-delegations", &delegation(9, &long));
    assert_eq!(answer.body["details"]["maximum"], json!(MAXIMUM_OF_PROJECT));

    let made = format!("{}/{}", routes(&project), text_at(&made, "/route/id"));
    world.ok(&world.admin, "DELETE", &made, &Value::Null);
    world.ok(&world.admin, "PATCH", &path, &json!({ "permissions": large }));
}

#[test]
fn what_a_project_may_write_does_not_depend_on_whether_it_has_a_route_yet() {
    let world = World::new();
    let project = world.project("billing");
    let long = "a".repeat(200);
    let large: Vec<Value> = (0..60).map(|number| reading(&format!("/{number}/{long}"))).collect();
    world.project_role(&project, "first", &json!(large));
    let answer = refused(&world, "POST", &roles(&project), &role("second", &large));
    assert_eq!(answer.body["details"]["maximum"], json!(MAXIMUM_OF_PROJECT));
    world.ok(&world.admin, "POST", &routes(&project), &json!({ "pathPrefix": "/" }));
}

/// Nothing that a member writes in its projects, and no project that it creates, takes anything from another project.
#[test]
fn however_much_one_member_makes_there_is_room_for_another_project() {
    let world = World::new();
    let member = world.caller("member", "no-access");
    let four = json!(["read", "create", "edit", "delete"]);
    world.give_role(&member, "founder", &json!([{ "subject": "workspace", "action": four }]));
    let project = |number: usize| json!({ "projectName": format!("mine {number}"), "slug": format!("mine-{number}") });
    let mine: Vec<String> = (0..40)
        .map(|number| text_at(&world.ok(&member, "POST", "/api/v1/projects", &project(number)), "/project/id"))
        .collect();
    // It may have routes where the organization gave it something, and nowhere else.
    let delegations = "/api/v1/organization/route-delegations";
    let given = json!({ "projectId": mine[0], "host": "mine.example.com", "pathPrefix": "/" });
    world.ok(&world.admin, "POST", delegations, &given);
    for number in 0..MAXIMUM_ROUTES_OF_PROJECT {
        let route = json!({ "host": "mine.example.com", "pathPrefix": format!("/{number}") });
        world.ok(&member, "POST", &routes(&mine[0]), &route);
    }
    let one_more = json!({ "host": "mine.example.com", "pathPrefix": "/one-more" });
    world.refused(&member, "POST", &routes(&mine[0]), &one_more, 400);
    for project in &mine[1..] {
        for host in [json!("mine.example.com"), json!("victim.example.com"), json!(null)] {
            let body = json!({ "host": host, "pathPrefix": "/" });
            let answer = world.refused(&member, "POST", &routes(project), &body, 403);
            assert_eq!(answer.body["error"], "RouteDelegationMissing");
        }
    }
    // An administrator gives as many projects as there may be, and each has its share, although the others are full.
    for number in 1..MAXIMUM_PROJECTS {
        let project = world.project(&format!("theirs-{number}"));
        let host = format!("h{number}.example.com");
        world.ok(&world.admin, "POST", &routes(&project), &large_route(&host));
    }
    let late = world.project("tardy");
    let body = json!({ "projectId": late, "host": "late.example.com", "pathPrefix": "/" });
    let answer = refused(&world, "POST", delegations, &body);
    assert_eq!(answer.body["message"], "At most 32 projects of an organization can have route delegations");
    let answer = refused(&world, "POST", &routes(&late), &json!({ "host": "late.example.com", "pathPrefix": "/" }));
    assert_eq!(answer.body["message"], "At most 32 projects of an organization can have route delegations");
}

/// The facts about something, as the data plane gets them.
fn facts(world: &World, key: EvidenceKey) -> Facts {
    evidence::gather(&world.sql, key, Timestamp::from_milliseconds(START)).unwrap().facts
}

/// The steps for the slowest request of an identity with as many roles with this pattern as it can have; what is left
/// of the project's part goes to rules with the other one.
fn steps_with(pattern: &str, other: &str, path: &str) -> u64 {
    let world = World::new();
    let project = world.project("billing");
    world.ok(&world.admin, "POST", &routes(&project), &json!({ "host": "x.example", "pathPrefix": "/" }));
    let searches = MAXIMUM_SEARCHES / glob::steps_for_each_byte(pattern).max(1);
    let slugs: Vec<String> = (0..10).map(|number| format!("r{number}")).collect();
    // As many as have room.
    let make = |slug: &String| {
        let body = role(slug, &vec![reading(pattern); searches]);
        let Reply { status, body: made, .. } = world.send(&world.admin, "POST", &roles(&project), &body);
        (status == 200).then(|| text_at(&made, "/role/id"))
    };
    let ids: Vec<String> = slugs.iter().map_while(make).collect();
    'full: for id in &ids {
        for others in (10..470).step_by(50) {
            let mut rules = vec![reading(pattern); searches];
            rules.extend(vec![reading(other); others]);
            let path = format!("{}/{id}", roles(&project));
            match world.send(&world.admin, "PATCH", &path, &json!({ "permissions": rules })).status {
                200 => {}
                400 => break 'full,
                status => panic!("{status}"),
            }
        }
    }
    let slugs: Vec<&str> = slugs.iter().take(ids.len()).map(String::as_str).collect();
    let member = world.member(&project, "member", &slugs);
    let organization = OrganizationId::parse(&world.organization).unwrap();
    let Facts::Policy(Some(policy)) = facts(&world, EvidenceKey::Policy(organization)) else { panic!("no policy") };
    let identity = IdentityId::parse(&member.identity).unwrap();
    let Facts::Identity(Some(identity)) = facts(&world, EvidenceKey::Identity(identity)) else { panic!("nobody") };
    let request = ProxiedRequest {
        entry: Entry::ForwardAuth,
        host: RouteHost::parse("x.example").unwrap(),
        method: RequestMethod::Get,
        path: RequestPath::parse(path).unwrap(),
        web_socket: None,
    };
    let now = Timestamp::from_milliseconds(START);
    let (decided, steps) = glob::steps::of(|| authorize(&policy, &identity, &request, now));
    assert!(decided.is_err());
    steps
}

#[test]
fn the_slowest_request_that_the_limits_leave_takes_a_bounded_number_of_steps() {
    let path = format!("/{}/a", "a".repeat(LONGEST_PATH - 3));
    let all_searches = 10 * MAXIMUM_SEARCHES as u64 * LONGEST_PATH as u64;
    for (pattern, at_least) in [
        // That nothing is found shows at the end of the path only; so it does with what is given to the other rules.
        ("/*a*b*".to_owned(), all_searches / 2),
        ("/**/*a*b*".to_owned(), all_searches / 2),
        (format!("/*{}b*", "a".repeat(250)), all_searches / 2),
        ("/*a".to_owned(), 0),
    ] {
        let steps = steps_with(&pattern, "/*a", &path);
        assert!((at_least..=MOST_STEPS).contains(&steps), "{pattern}: {steps}");
    }
}
