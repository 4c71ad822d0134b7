//! Tests of protected routes on a real SQLite.

mod limits;

use serde_json::{Value, json};

use crate::tests::world::{World, text_at, with_letters};
use directory::evidence;
use domain::token::evidence::{EvidenceKey, Facts};
use domain::value::identifiers::OrganizationId;
use domain::value::timestamp::Timestamp;

fn routes(project: &str) -> String {
    format!("/api/v1/projects/{project}/routes")
}

/// The prefixes of the routes that the data plane is given, and the slugs of the roles.
fn policy(world: &World) -> (Vec<String>, Vec<String>) {
    let key = EvidenceKey::Policy(OrganizationId::parse(&world.organization).unwrap());
    match evidence::gather(&world.sql, key, Timestamp::from_milliseconds(0)).unwrap().facts {
        Facts::Policy(Some(policy)) => (
            policy.routes().iter().map(|route| route.path_prefix.to_string()).collect(),
            policy.roles().iter().map(|role| role.slug.to_string()).collect(),
        ),
        other => panic!("{other:?}"),
    }
}

fn policy_change(world: &World) -> u64 {
    world.change_of_key(&format!("policy/{}", world.organization))
}

#[test]
fn route_answers_unchanged() {
    let world = World::new();
    let project = world.project("billing");
    let body = json!({
        "host": "API.example.com.", "pathPrefix": "/v1/", "methods": ["POST", "GET"],
        "origin": "https://Origin.example.com/", "keepAuthorization": true,
        "headers": [{ "name": "X-Environment", "value": "prod" }], "timeoutSeconds": 5, "webSocket": true,
    });
    let made = world.ok(&world.admin, "POST", &routes(&project), &body);
    assert_eq!(
        with_letters(&made),
        json!({ "route": {
            "id": "<c>", "projectId": "<b>", "host": "api.example.com", "pathPrefix": "/v1", "methods": ["GET", "POST"],
            "origin": "https://origin.example.com", "keepAuthorization": true,
            "headers": [{ "name": "x-environment", "value": "prod" }], "timeoutSeconds": 5, "webSocket": true,
            "active": true, "createdAt": "2023-11-14T22:13:20.000Z", "updatedAt": "2023-11-14T22:13:20.000Z",
        }, "delegation": {
            "id": "<a>", "projectId": "<b>", "host": "api.example.com", "pathPrefix": "/v1",
            "allowKeepAuthorization": true, "createdAt": "2023-11-14T22:13:20.000Z",
        } })
    );
    let path = format!("{}/{}", routes(&project), text_at(&made, "/route/id"));
    let only_route = json!({ "route": made["route"] });
    assert_eq!(world.ok(&world.admin, "GET", &path, &Value::Null), only_route);
    assert_eq!(world.ok(&world.admin, "PATCH", &path, &json!({})), only_route);
    assert_eq!(world.ok(&world.admin, "GET", &routes(&project), &Value::Null), json!({ "routes": [made["route"]] }));
    assert_eq!(world.ok(&world.admin, "DELETE", &path, &Value::Null), only_route);
    world.refused(&world.admin, "GET", &path, &Value::Null, 404);
}

#[test]
fn a_route_begins_with_sensible_defaults_and_is_changed_field_by_field() {
    let world = World::new();
    let project = world.project("billing");
    let everywhere = json!({ "projectId": project, "host": null, "pathPrefix": "/", "allowKeepAuthorization": true });
    world.ok(&world.admin, "POST", "/api/v1/organization/route-delegations", &everywhere);
    let made = world.ok(&world.admin, "POST", &routes(&project), &json!({ "pathPrefix": "/" }));
    let route = &made["route"];
    let shown = json!([
        route["host"],
        route["methods"],
        route["origin"],
        route["keepAuthorization"],
        route["headers"],
        route["timeoutSeconds"],
        route["webSocket"]
    ]);
    assert_eq!(shown, json!([null, null, null, false, [], 30, false]));
    let path = format!("{}/{}", routes(&project), text_at(&made, "/route/id"));
    for (field, value) in [
        ("host", json!("api.example.com")),
        ("pathPrefix", json!("/x")),
        ("methods", json!(["GET"])),
        ("origin", json!("https://origin.example.com")),
        ("keepAuthorization", json!(true)),
        ("headers", json!([{ "name": "x-a", "value": "b" }])),
        ("timeoutSeconds", json!(100)),
        ("webSocket", json!(true)),
        ("host", json!(null)),
        ("methods", json!(null)),
        ("headers", json!([])),
        ("keepAuthorization", json!(false)),
        ("timeoutSeconds", json!(30)),
        ("origin", json!(null)),
    ] {
        let before = world.ok(&world.admin, "GET", &path, &Value::Null)["route"].clone();
        let changed = world.ok(&world.admin, "PATCH", &path, &json!({ field: value }))["route"].clone();
        for (name, was) in before.as_object().unwrap() {
            let expected = if name == field { &value } else { was };
            assert!(name == "updatedAt" || changed[name] == *expected, "{field}: {name} became {}", changed[name]);
        }
    }
}

#[test]
fn wrong_fields_are_named() {
    let world = World::new();
    let project = world.project("billing");
    let check = |body: Value, paths: &[&str]| {
        let answer = world.refused(&world.admin, "POST", &routes(&project), &body, 422);
        assert_eq!(answer.issue_paths(), paths, "{body}");
    };
    let with = |field: &str, value: Value| json!({ "pathPrefix": "/a", field: value });
    check(json!({}), &[r#"["pathPrefix"]"#]);
    for prefix in ["", "a", "//", "/a/../b", "/%2e", "/a;b", "/a\\b", "/é"] {
        check(json!({ "pathPrefix": prefix }), &[r#"["pathPrefix"]"#]);
    }
    for host in ["", "*", "*.example.com", "https://a.example", "a.example:80", "a b", "a/b"] {
        check(with("host", json!(host)), &[r#"["host"]"#]);
    }
    check(with("methods", json!([])), &[r#"["methods"]"#]);
    check(with("methods", json!("GET")), &[r#"["methods"]"#]);
    check(
        with("methods", json!(["GET", "get", "OPTIONS", 1])),
        &[r#"["methods",1]"#, r#"["methods",2]"#, r#"["methods",3]"#],
    );
    check(with("headers", json!([{ "name": "Host", "value": "a" }])), &[r#"["headers",0,"name"]"#]);
    check(with("headers", json!([{ "name": "Authorization", "value": "a" }])), &[r#"["headers",0,"name"]"#]);
    check(with("headers", json!([{ "name": "a" }])), &[r#"["headers",0,"value"]"#]);
    let twice = json!([{ "name": "x-a", "value": "a" }, { "name": "X-A", "value": "b" }]);
    check(with("headers", twice), &[r#"["headers"]"#]);
    for seconds in [json!(0), json!(101), json!("5"), json!(1.5)] {
        check(with("timeoutSeconds", seconds), &[r#"["timeoutSeconds"]"#]);
    }
    check(with("origin", json!("a".repeat(513))), &[r#"["origin"]"#]);
    check(with("origin", json!(1)), &[r#"["origin"]"#]);
    check(with("webSocket", json!("yes")), &[r#"["webSocket"]"#]);
}

#[test]
fn an_origin_that_requests_must_not_go_to_is_refused() {
    let world = World::new();
    let project = world.project("billing");
    for origin in [
        "http://api.example.com",
        "https://127.0.0.1",
        "https://[::1]",
        "https://10.0.0.1",
        "https://169.254.169.254",
        "https://2130706433",
        "https://0x7f.1",
        "https://localhost",
        "https://metadata.google.internal",
        "https://db.local",
        "https://intranet",
        "https://u:p@api.example.com",
        "https://api.example.com/path",
        "https://127.0.0.1.nip.io",
        "https://edge.example",
        "https://own.example.com",
        "ftp://api.example.com",
        "",
    ] {
        let body = json!({ "pathPrefix": "/a", "host": "own.example.com", "origin": origin });
        let answer = world.refused(&world.admin, "POST", &routes(&project), &body, 400);
        assert_eq!(answer.body["details"]["path"], json!(["origin"]), "{origin} {answer:?}");
    }
}

#[test]
fn a_route_without_an_origin_has_no_option_that_only_the_gateway_can_hold() {
    let world = World::new();
    let project = world.project("billing");
    let options = [
        ("keepAuthorization", json!(true), json!(false)),
        ("headers", json!([{ "name": "x-a", "value": "b" }]), json!([])),
        ("timeoutSeconds", json!(5), json!(30)),
    ];
    // Its delegation lets it keep the header.
    let with_origin =
        json!({ "pathPrefix": "/origin", "origin": "https://origin.example.com", "keepAuthorization": true });
    let made = world.ok(&world.admin, "POST", &routes(&project), &with_origin);
    let with_origin = format!("{}/{}", routes(&project), text_at(&made, "/route/id"));
    world.ok(&world.admin, "PATCH", &with_origin, &json!({ "keepAuthorization": false }));
    let made = world.ok(&world.admin, "POST", &routes(&project), &json!({ "pathPrefix": "/asked" }));
    let asked = format!("{}/{}", routes(&project), text_at(&made, "/route/id"));
    let refused = |method: &str, path: &str, body: &Value, field: &str| {
        let (before, told) = (world.sql.dump(), policy_change(&world));
        let answer = world.refused(&world.admin, method, path, body, 400);
        assert_eq!(answer.body["details"]["path"], json!([field]), "{method} {body} {answer:?}");
        assert_eq!((world.sql.dump(), policy_change(&world)), (before, told), "{method} {body}");
    };
    for (field, value, usual) in &options {
        refused("POST", &routes(&project), &json!({ "pathPrefix": "/new", *field: value }), field);
        refused("PATCH", &asked, &json!({ *field: value }), field);
        // Not by taking the origin away either, unless the option goes with it.
        world.ok(&world.admin, "PATCH", &with_origin, &json!({ *field: value }));
        refused("PATCH", &with_origin, &json!({ "origin": null }), field);
        world.ok(&world.admin, "PATCH", &with_origin, &json!({ "origin": null, *field: usual }));
        world.ok(&world.admin, "PATCH", &with_origin, &json!({ "origin": "https://origin.example.com" }));
        // What it is without being said may be said.
        world.ok(&world.admin, "PATCH", &asked, &json!({ *field: usual }));
    }
    // This one holds wherever a request comes through.
    world.ok(&world.admin, "PATCH", &asked, &json!({ "webSocket": true }));
}

#[test]
fn an_origin_that_is_a_host_of_another_route_would_be_a_loop() {
    let world = World::new();
    let project = world.project("billing");
    let first = json!({ "pathPrefix": "/a", "host": "a.example.com", "origin": "https://b.example.com" });
    world.ok(&world.admin, "POST", &routes(&project), &first);
    let back = json!({ "pathPrefix": "/b", "host": "c.example.com", "origin": "https://a.example.com" });
    let answer = world.refused(&world.admin, "POST", &routes(&project), &back, 400);
    assert_eq!(answer.body["details"]["path"], json!(["origin"]));
    let onto = json!({ "pathPrefix": "/b", "host": "b.example.com" });
    let answer = world.refused(&world.admin, "POST", &routes(&project), &onto, 400);
    assert_eq!(answer.body["details"]["path"], json!(["host"]));
}

/// Otherwise whoever may have a route could keep others from having one, by naming their hosts as its origin.
#[test]
fn an_origin_that_another_project_names_keeps_nobody_from_a_route_for_that_host() {
    let world = World::new();
    let (one, other) = (world.project("billing"), world.project("search"));
    let blocking = json!({ "pathPrefix": "/a", "host": "a.example.com", "origin": "https://b.example.com" });
    world.ok(&world.admin, "POST", &routes(&one), &blocking);
    world.ok(&world.admin, "POST", &routes(&other), &json!({ "pathPrefix": "/", "host": "b.example.com" }));
}

#[test]
fn two_routes_of_a_project_for_the_same_requests_conflict() {
    let world = World::new();
    let project = world.project("billing");
    let first = world.ok(&world.admin, "POST", &routes(&project), &json!({ "pathPrefix": "/a", "methods": ["GET"] }));
    let same = json!({ "pathPrefix": "/a/", "methods": ["HEAD", "PUT"] });
    let answer = world.refused(&world.admin, "POST", &routes(&project), &same, 400);
    assert_eq!(answer.body["details"]["routeId"], first["route"]["id"]);
    let disjoint =
        world.ok(&world.admin, "POST", &routes(&project), &json!({ "pathPrefix": "/a", "methods": ["PUT"] }));
    let path = format!("{}/{}", routes(&project), text_at(&disjoint, "/route/id"));
    world.refused(&world.admin, "PATCH", &path, &json!({ "methods": null }), 400);
    world.ok(&world.admin, "PATCH", &path, &json!({ "methods": ["PUT", "PATCH"] }));
}

#[test]
fn each_action_on_routes_is_needed_in_the_project() {
    let world = World::new();
    let project = world.project("billing");
    let four = json!(["read", "create", "edit", "delete"]);
    let actions = json!([{ "subject": "routes", "action": four }, { "subject": "requests", "action": four }]);
    world.project_role(&project, "router", &actions);
    let everywhere = json!({ "projectId": project, "host": null, "pathPrefix": "/" });
    world.ok(&world.admin, "POST", "/api/v1/organization/route-delegations", &everywhere);
    let made = world.ok(&world.admin, "POST", &routes(&project), &json!({ "pathPrefix": "/a" }));
    let path = format!("{}/{}", routes(&project), text_at(&made, "/route/id"));
    let calls = [
        ("GET", routes(&project), json!(null)),
        ("GET", path.clone(), json!(null)),
        ("POST", routes(&project), json!({ "pathPrefix": "/b" })),
        ("PATCH", path.clone(), json!({ "webSocket": true })),
        ("DELETE", path, json!(null)),
    ];
    let outsider = world.caller("outsider", "member");
    let nobody = world.member(&project, "nobody", &["no-access"]);
    for caller in [&outsider, &nobody] {
        for (method, path, body) in &calls {
            world.refused(caller, method, path, body, 403);
        }
    }
    for role in ["viewer", "member"] {
        let reader = world.member(&project, role, &[role]);
        for (method, path, body) in &calls {
            if *method == "GET" {
                world.ok(&reader, method, path, body);
            } else {
                world.refused(&reader, method, path, body, 403);
            }
        }
    }
    let router = world.member(&project, "router", &["router"]);
    for (method, path, body) in &calls {
        world.ok(&router, method, path, body);
    }
}

#[test]
fn a_route_of_another_project_is_not_found() {
    let world = World::new();
    let (one, other) = (world.project("billing"), world.project("search"));
    let made = world.ok(&world.admin, "POST", &routes(&one), &json!({ "pathPrefix": "/a" }));
    let id = text_at(&made, "/route/id");
    for method in ["GET", "PATCH", "DELETE"] {
        world.refused(&world.admin, method, &format!("{}/{id}", routes(&other)), &json!({}), 404);
        world.refused(&world.admin, method, &format!("{}/x", routes(&one)), &json!({}), 404);
    }
}

#[test]
fn the_data_plane_is_told_of_every_change_of_a_route_or_of_a_role() {
    let world = World::new();
    let project = world.project("billing");
    let last = std::cell::Cell::new(policy_change(&world));
    let told = |what: &str| {
        let now = policy_change(&world);
        assert!(now > last.get(), "{what} was not told");
        last.set(now);
    };
    let made = world.ok(&world.admin, "POST", &routes(&project), &json!({ "pathPrefix": "/a" }));
    told("creating a route");
    assert_eq!(policy(&world), (vec!["/a".to_owned()], Vec::new()));
    let path = format!("{}/{}", routes(&project), text_at(&made, "/route/id"));
    world.ok(&world.admin, "PATCH", &path, &json!({ "pathPrefix": "/b" }));
    told("changing a route");
    assert_eq!(policy(&world).0, ["/b"]);

    let role = world.project_role(&project, "reader", &json!([{ "subject": "requests", "action": "read" }]));
    told("creating a role");
    assert_eq!(policy(&world).1, ["reader"]);
    let role = format!("/api/v1/projects/{project}/roles/{role}");
    let changed = json!({ "permissions": [{ "subject": "identity", "action": "read" }] });
    world.ok(&world.admin, "PATCH", &role, &changed);
    told("changing a role");
    assert_eq!(policy(&world).1, [""; 0], "a role that says nothing about requests is not needed there");
    world.ok(&world.admin, "DELETE", &role, &json!({}));
    told("deleting a role");

    world.ok(&world.admin, "DELETE", &path, &json!({}));
    told("deleting a route");
    assert_eq!(policy(&world).0, [""; 0]);
    world.ok(&world.admin, "POST", &routes(&project), &json!({ "pathPrefix": "/a" }));
    told("creating a route");
    world.ok(&world.admin, "DELETE", &format!("/api/v1/projects/{project}"), &json!({}));
    told("deleting a project");
    assert_eq!(policy(&world).0, [""; 0]);
}
