//! Tests of route delegations on a real SQLite.

mod attacks;
mod boundary;

use serde_json::{Value, json};

use crate::tests::world::{Caller, World, text_at, with_letters};

const DELEGATIONS: &str = "/api/v1/organization/route-delegations";

fn routes(project: &str) -> String {
    format!("/api/v1/projects/{project}/routes")
}

/// A world with two projects.
struct Two {
    world: World,
    one: String,
    other: String,
}

impl Two {
    fn new() -> Self {
        let world = World::new();
        let (one, other) = (world.project("first"), world.project("other"));
        Self { world, one, other }
    }

    /// Gives a project requests of `x.example.com`; the id of the delegation.
    #[track_caller]
    fn give(&self, project: &str, prefix: &str) -> String {
        self.give_keeping(project, prefix, false)
    }

    #[track_caller]
    fn give_keeping(&self, project: &str, prefix: &str, allow_keep_authorization: bool) -> String {
        let mut body = delegation(project, prefix);
        body["allowKeepAuthorization"] = json!(allow_keep_authorization);
        text_at(&self.world.ok(&self.world.admin, "POST", DELEGATIONS, &body), "/routeDelegation/id")
    }

    /// A route of a project for requests of `x.example.com`; its id.
    #[track_caller]
    fn route(&self, caller: &Caller, project: &str, prefix: &str) -> String {
        text_at(&self.world.ok(caller, "POST", &routes(project), &route(prefix)), "/route/id")
    }

    /// The prefixes of the active routes of a project, and those of the others.
    fn prefixes(&self, project: &str) -> (Vec<String>, Vec<String>) {
        let listed = self.world.ok(&self.world.admin, "GET", &routes(project), &Value::Null);
        let all = listed["routes"].as_array().unwrap().iter();
        let (active, inactive): (Vec<&Value>, Vec<&Value>) = all.partition(|route| route["active"] == json!(true));
        let prefixes = |routes: Vec<&Value>| routes.into_iter().map(|route| text_at(route, "/pathPrefix")).collect();
        (prefixes(active), prefixes(inactive))
    }

    fn administrator_of(&self, project: &str, name: &str) -> Caller {
        self.world.member(project, name, &["admin"])
    }
}

fn delegation(project: &str, prefix: &str) -> Value {
    json!({ "projectId": project, "host": "x.example.com", "pathPrefix": prefix })
}

fn route(prefix: &str) -> Value {
    json!({ "host": "x.example.com", "pathPrefix": prefix })
}

/// The prefixes of the routes that a refusal names.
fn named(answer: &Value) -> Vec<String> {
    let routes = answer["details"]["routes"].as_array().unwrap();
    let mut prefixes: Vec<String> = routes.iter().map(|route| text_at(route, "/pathPrefix")).collect();
    prefixes.sort();
    prefixes
}

#[test]
fn route_delegation_answers_unchanged() {
    let Two { world, one, .. } = Two::new();
    let body =
        json!({ "projectId": one, "host": "X.example.com", "pathPrefix": "/v1/", "allowKeepAuthorization": true });
    let made = world.ok(&world.admin, "POST", DELEGATIONS, &body);
    assert_eq!(
        with_letters(&made),
        json!({ "routeDelegation": {
            "id": "<a>", "projectId": "<b>", "host": "x.example.com", "pathPrefix": "/v1",
            "allowKeepAuthorization": true, "createdAt": "2023-11-14T22:13:20.000Z",
        } })
    );
    let path = format!("{DELEGATIONS}/{}", text_at(&made, "/routeDelegation/id"));
    assert_eq!(world.ok(&world.admin, "GET", &path, &Value::Null), made);
    let every = json!({ "projectId": one, "host": null, "pathPrefix": "/v2" });
    let every = world.ok(&world.admin, "POST", DELEGATIONS, &every);
    assert_eq!(every["routeDelegation"]["allowKeepAuthorization"], json!(false));
    assert_eq!(
        world.ok(&world.admin, "GET", DELEGATIONS, &Value::Null),
        json!({ "routeDelegations": [made["routeDelegation"], every["routeDelegation"]] })
    );
    world.ok(&world.admin, "POST", &routes(&one), &route("/v1/a"));
    let used = world.refused(&world.admin, "DELETE", &path, &Value::Null, 409);
    let gone = world.ok(&world.admin, "DELETE", &format!("{path}?force=true"), &Value::Null);
    assert_eq!(gone["routeDelegation"], made["routeDelegation"]);
    assert_eq!(
        with_letters(&json!({ "refused": used.body["details"], "deleted": gone["routes"] })),
        json!({
            "deleted": [{
                "id": "<a>", "projectId": "<b>", "host": "x.example.com", "pathPrefix": "/v1/a", "active": false,
            }],
            "refused": {
                "routes": [{ "id": "<a>", "projectId": "<b>", "host": "x.example.com", "pathPrefix": "/v1/a" }],
                "totalCount": 1,
            },
        })
    );
    world.refused(&world.admin, "GET", &path, &Value::Null, 404);
}

#[test]
fn wrong_fields_are_named() {
    let Two { world, one, .. } = Two::new();
    let check = |field: &str, value: Value| {
        let mut body = delegation(&one, "/v1");
        body[field] = value;
        let answer = world.refused(&world.admin, "POST", DELEGATIONS, &body, 422);
        assert_eq!(answer.issue_paths(), [format!("[\"{field}\"]")], "{body}");
    };
    let answer = world.refused(&world.admin, "POST", DELEGATIONS, &json!({}), 422);
    assert_eq!(answer.issue_paths(), [r#"["projectId"]"#, r#"["host"]"#, r#"["pathPrefix"]"#]);
    check("projectId", json!(1));
    for host in [json!(""), json!("*"), json!("*.example.com"), json!("a.example:80"), json!(1)] {
        check("host", host);
    }
    for prefix in [json!(""), json!("v1"), json!("/a/../b"), json!("/%2e"), json!(null)] {
        check("pathPrefix", prefix);
    }
    check("allowKeepAuthorization", json!("yes"));
    let path = format!("{DELEGATIONS}/c0ffee00-0000-4000-8000-000000000001");
    world.refused(&world.admin, "DELETE", &format!("{path}?force=maybe"), &Value::Null, 422);
    for unknown in [path.as_str(), "/api/v1/organization/route-delegations/x"] {
        world.refused(&world.admin, "GET", unknown, &Value::Null, 404);
        world.refused(&world.admin, "DELETE", unknown, &Value::Null, 404);
    }
    world.refused(&world.admin, "POST", DELEGATIONS, &delegation("c0ffee00-0000-4000-8000-000000000001", "/"), 404);
}

#[test]
fn a_route_lies_in_the_most_specific_delegation_and_that_is_its_projects() {
    let two = Two::new();
    let Two { world, one, other } = &two;
    let (first, second) = (two.administrator_of(one, "first"), two.administrator_of(other, "second"));
    two.give(one, "/");
    two.give(other, "/v1");
    let check = |caller: &Caller, project: &str, prefix: &str, expected: bool| {
        if expected {
            two.route(caller, project, prefix);
            return;
        }
        let answer = world.refused(caller, "POST", &routes(project), &route(prefix), 403);
        assert_eq!(answer.body["error"], "RouteDelegationMissing", "{answer:?}");
        let missing = json!({
            "projectId": project, "host": "x.example.com", "pathPrefix": prefix, "allowKeepAuthorization": false,
        });
        assert_eq!(answer.body["details"], json!({ "routeDelegation": missing }));
    };
    check(&first, one, "/", true);
    check(&first, one, "/v2", true);
    check(&first, one, "/v1-internal", true);
    for prefix in ["/v1", "/V1", "/v1/a"] {
        check(&first, one, prefix, false);
        check(&second, other, prefix, true);
    }
    check(&second, other, "/", false);
    check(&second, other, "/v2", false);
    // A host of null needs a delegation of its own.
    let every_host = json!({ "host": null, "pathPrefix": "/v1" });
    for (caller, project) in [(&first, one), (&second, other)] {
        let answer = world.refused(caller, "POST", &routes(project), &every_host, 403);
        assert_eq!(answer.body["details"]["routeDelegation"]["host"], Value::Null);
    }
    // A change is bound as a creation is.
    let id = two.route(&first, one, "/v3");
    for change in [route("/v1/x"), json!({ "host": null }), json!({ "host": "y.example.com" })] {
        let path = format!("{}/{id}", routes(one));
        let answer = world.refused(&first, "PATCH", &path, &change, 403);
        assert_eq!(answer.body["error"], "RouteDelegationMissing");
    }
}

#[test]
fn a_delegation_that_would_cut_a_route_of_another_project_is_refused_and_names_it() {
    let two = Two::new();
    let Two { world, one, other } = &two;
    let wide = two.give(one, "/");
    two.route(&world.admin, one, "/");
    two.route(&world.admin, one, "/v1/a");
    for (prefix, expected) in [("/v1", vec!["/", "/v1/a"]), ("/V1/A", vec!["/", "/v1/a"]), ("/b", vec!["/"])] {
        let answer = world.refused(&world.admin, "POST", DELEGATIONS, &delegation(other, prefix), 409);
        assert_eq!(answer.body["error"], "RoutesInTheWay");
        assert_eq!(named(&answer.body), expected);
        // So is a route whose delegation would have to be made.
        let answer = world.refused(&world.admin, "POST", &routes(other), &route(prefix), 409);
        assert_eq!(named(&answer.body), expected);
    }
    let answer = world.refused(&world.admin, "POST", DELEGATIONS, &delegation(other, "/"), 409);
    assert_eq!(answer.body["details"], json!({ "routeDelegationId": wide }));
    // What is the project's own goes on.
    world.ok(&world.admin, "POST", DELEGATIONS, &delegation(one, "/v1"));
    assert_eq!(two.prefixes(one).1, [""; 0]);
    let same = world.refused(&world.admin, "POST", DELEGATIONS, &delegation(other, "/V1"), 409);
    assert_eq!(same.body["error"], "RouteDelegationExists");
}

#[test]
fn a_delegation_that_routes_lie_in_is_deleted_by_force_and_the_routes_are_nobodys_then() {
    let two = Two::new();
    let Two { world, one, other } = &two;
    two.give(one, "/");
    let narrow = format!("{DELEGATIONS}/{}", two.give(other, "/v1"));
    two.route(&world.admin, one, "/");
    let (a, _) = (two.route(&world.admin, other, "/v1/a"), two.route(&world.admin, other, "/v1/b"));
    let answer = world.refused(&world.admin, "DELETE", &narrow, &Value::Null, 409);
    assert_eq!(answer.body["error"], "RouteDelegationInUse");
    assert_eq!(named(&answer.body), ["/v1/a", "/v1/b"]);
    world.refused(&world.admin, "DELETE", &format!("{narrow}?force=false"), &Value::Null, 409);
    let gone = world.ok(&world.admin, "DELETE", &format!("{narrow}?force=true"), &Value::Null);
    assert!(gone["routes"].as_array().unwrap().iter().all(|route| route["active"] == json!(false)));
    assert_eq!(two.prefixes(other), (vec![], vec!["/v1/a".to_owned(), "/v1/b".to_owned()]));
    assert_eq!(two.prefixes(one).0, ["/"]);
    // Such a route can be deleted, and changed only into one that may be.
    let second = two.administrator_of(other, "second");
    let path = format!("{}/{a}", routes(other));
    world.refused(&second, "PATCH", &path, &json!({ "webSocket": true }), 403);
    world.ok(&second, "DELETE", &path, &Value::Null);
    // Another project's delegation makes it nobody's; one of its own project makes it what it was.
    let again = two.world.refused(&world.admin, "POST", DELEGATIONS, &delegation(other, "/v1/b"), 409);
    assert_eq!(named(&again.body), ["/"]);
    let id = world.ok(&world.admin, "GET", &routes(one), &Value::Null);
    let wide = format!("{}/{}", routes(one), text_at(&id, "/routes/0/id"));
    world.ok(&world.admin, "DELETE", &wide, &Value::Null);
    world.ok(&world.admin, "POST", DELEGATIONS, &delegation(other, "/v1/b"));
    assert_eq!(two.prefixes(other), (vec!["/v1/b".to_owned()], vec![]));
}

#[test]
fn a_delegation_that_no_route_needs_is_deleted_without_force() {
    let two = Two::new();
    let Two { world, one, .. } = &two;
    two.give(one, "/");
    let (narrow, unused) = (two.give(one, "/v1"), two.give(one, "/v2"));
    two.route(&world.admin, one, "/v1");
    for id in [narrow, unused] {
        let gone = world.ok(&world.admin, "DELETE", &format!("{DELEGATIONS}/{id}"), &Value::Null);
        assert_eq!(gone["routes"], json!([]));
    }
    assert_eq!(two.prefixes(one).0, ["/v1"]);
}

#[test]
fn who_may_make_delegations_gets_one_with_the_route_by_the_same_rules() {
    let two = Two::new();
    let Two { world, one, other } = &two;
    let made = world.ok(&world.admin, "POST", &routes(one), &route("/v1"));
    let listed = world.ok(&world.admin, "GET", DELEGATIONS, &Value::Null);
    assert_eq!(listed["routeDelegations"], json!([made["delegation"]]));
    assert_eq!(made["delegation"]["pathPrefix"], "/v1");
    // Where one is, none is made.
    let inside = world.ok(&world.admin, "POST", &routes(one), &route("/v1/a"));
    assert_eq!(inside.get("delegation"), None);
    let answer = world.refused(&world.admin, "POST", &routes(other), &route("/V1"), 409);
    assert_eq!(answer.body["error"], "RouteDelegationExists");
    let answer = world.refused(&world.admin, "POST", &routes(other), &route("/v1/a"), 409);
    assert_eq!(named(&answer.body), ["/v1", "/v1/a"]);
    // The same for who has that permission and nothing else in the organization.
    let maker = two.administrator_of(one, "maker");
    world.refused(&maker, "POST", &routes(one), &route("/v2"), 403);
    world.give_role(&maker, "maker", &json!([{ "subject": "route-delegations", "action": ["create"] }]));
    let made = world.ok(&maker, "POST", &routes(one), &route("/v2"));
    assert_eq!(made["delegation"]["allowKeepAuthorization"], json!(false));
    // A change that leads out of every delegation takes one along as well.
    let path = format!("{}/{}", routes(one), text_at(&made, "/route/id"));
    let moved = world.ok(&maker, "PATCH", &path, &json!({ "pathPrefix": "/v3" }));
    assert_eq!(moved["delegation"]["pathPrefix"], "/v3");
}

#[test]
fn only_a_delegation_that_says_so_lets_a_route_keep_the_header_and_only_who_may_do_everything_says_so() {
    let two = Two::new();
    let Two { world, one, .. } = &two;
    let keeping = |prefix: &str| json!({ "host": "x.example.com", "pathPrefix": prefix, "origin": "https://o.example.com", "keepAuthorization": true });
    let first = two.administrator_of(one, "first");
    two.give(one, "/plain");
    two.give_keeping(one, "/keeping", true);
    let answer = world.refused(&first, "POST", &routes(one), &keeping("/plain/a"), 403);
    assert_eq!(answer.body["details"]["routeDelegation"]["allowKeepAuthorization"], json!(true));
    let plain = format!("{}/{}", routes(one), two.route(&first, one, "/plain/a"));
    let keep = json!({ "origin": "https://o.example.com", "keepAuthorization": true });
    world.refused(&first, "PATCH", &plain, &keep, 403);
    let made = world.ok(&first, "POST", &routes(one), &keeping("/keeping/a"));
    // It cannot be carried out of there.
    let path = format!("{}/{}", routes(one), text_at(&made, "/route/id"));
    world.refused(&first, "PATCH", &path, &json!({ "pathPrefix": "/plain/b" }), 403);
    world.ok(&first, "PATCH", &path, &json!({ "pathPrefix": "/plain/b", "keepAuthorization": false }));
    world.ok(&first, "PATCH", &path, &json!({ "pathPrefix": "/keeping/a", "keepAuthorization": true }));
    // A narrower delegation does not leave it there without saying so.
    let answer = world.refused(&world.admin, "POST", DELEGATIONS, &delegation(one, "/keeping/a"), 409);
    assert_eq!(named(&answer.body), ["/keeping/a"]);

    let maker = two.administrator_of(one, "maker");
    let three = json!(["read", "create", "delete"]);
    world.give_role(&maker, "maker", &json!([{ "subject": "route-delegations", "action": three }]));
    let mut body = delegation(one, "/other");
    body["allowKeepAuthorization"] = json!(true);
    let answer = world.refused(&maker, "POST", DELEGATIONS, &body, 403);
    assert_eq!(answer.body["error"], "PermissionBoundaryError");
    let answer = world.refused(&maker, "POST", &routes(one), &keeping("/other"), 403);
    assert_eq!(answer.body["error"], "RouteDelegationMissing");
    let made = world.ok(&world.admin, "POST", &routes(one), &keeping("/other"));
    assert_eq!(made["delegation"]["allowKeepAuthorization"], json!(true));

    // It is deleted and made anew without that: the route stays out until it no longer keeps the header.
    let listed = world.ok(&world.admin, "GET", DELEGATIONS, &Value::Null);
    let keeping = listed["routeDelegations"].as_array().unwrap().iter().find(|one| one["pathPrefix"] == "/keeping");
    let old = format!("{DELEGATIONS}/{}?force=true", text_at(keeping.unwrap(), "/id"));
    world.ok(&maker, "DELETE", &old, &Value::Null);
    world.ok(&maker, "POST", DELEGATIONS, &delegation(one, "/keeping"));
    assert_eq!(two.prefixes(one).1, ["/keeping/a"]);
    world.ok(&first, "PATCH", &path, &json!({ "keepAuthorization": false }));
    assert_eq!(two.prefixes(one).1, [""; 0]);
}

#[test]
fn a_project_takes_its_delegations_along() {
    let two = Two::new();
    let Two { world, one, other } = &two;
    two.give(one, "/");
    two.route(&world.admin, one, "/");
    world.refused(&world.admin, "POST", DELEGATIONS, &delegation(other, "/"), 409);
    world.ok(&world.admin, "DELETE", &format!("/api/v1/projects/{one}"), &json!({}));
    assert_eq!(world.ok(&world.admin, "GET", DELEGATIONS, &Value::Null), json!({ "routeDelegations": [] }));
    two.give(other, "/");
}

#[test]
fn the_data_plane_is_told_of_every_delegation() {
    let two = Two::new();
    let Two { world, one, .. } = &two;
    let change = || world.change_of_key(&format!("policy/{}", world.organization));
    let before = change();
    let id = two.give(one, "/");
    let made = change();
    world.ok(&world.admin, "DELETE", &format!("{DELEGATIONS}/{id}"), &Value::Null);
    assert!(before < made && made < change());
}
