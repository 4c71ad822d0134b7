//! Tests of search on a real SQLite.

use serde_json::{Value, json};

use crate::tests::world::World;
use directory::sql::Sql;

const SEARCH: &str = "/api/v1/identities/search";
const SCOPED: &str = "/api/v2/identities/search";

/// The administrator, and four more.
fn world() -> World {
    let world = World::ticking();
    world.role("deployer", &json!([]));
    world.identity("build server", "deployer");
    world.identity("Build/agent_1", "member");
    world.identity("zebra", "no-access");
    world.identity("100%", "deployer");
    world
}

fn names(identities: &Value) -> Vec<String> {
    identities.as_array().unwrap().iter().map(|found| found["identity"]["name"].as_str().unwrap().to_owned()).collect()
}

#[track_caller]
fn check(world: &World, path: &str, body: &Value, expected: &[&str], total: u64) {
    let answer = world.administer("POST", path, body);
    assert_eq!(names(&answer.body["identities"]), expected, "{body}");
    assert_eq!(answer.body["totalCount"], total, "{body}");
}

#[test]
fn a_search_finds_by_name_and_role() {
    let world = world();
    let find = |search: Value, expected: &[&str]| {
        check(&world, SEARCH, &json!({ "search": search }), expected, expected.len() as u64);
        check(&world, SCOPED, &json!({ "search": search }), expected, expected.len() as u64);
    };
    let all = &["100%", "Build/agent_1", "Instance Admin Identity", "build server", "zebra"];
    find(json!({}), all);
    find(json!({ "name": {} }), all);
    find(json!({ "$or": [] }), all);
    find(json!({ "$or": [{}] }), all);
    find(json!({ "name": "zebra" }), &["zebra"]);
    find(json!({ "name": "Zebra" }), &[]);
    find(json!({ "name": { "$eq": "build server" } }), &["build server"]);
    find(json!({ "name": { "$contains": "BUILD" } }), &["Build/agent_1", "build server"]);
    find(json!({ "name": { "$contains": "_" } }), &["Build/agent_1"]);
    find(json!({ "name": { "$in": ["zebra", "build server", "nobody"] } }), &["build server", "zebra"]);
    find(json!({ "name": { "$in": [] } }), &[]);
    find(json!({ "role": "deployer" }), &["100%", "build server"]);
    find(json!({ "role": "custom" }), &[]);
    find(json!({ "role": { "$in": ["admin", "member"] } }), &["Build/agent_1", "Instance Admin Identity"]);
    find(json!({ "name": { "$contains": "build" }, "role": { "$eq": "member" } }), &["Build/agent_1"]);
    find(json!({ "$or": [{ "name": "zebra" }, { "role": "admin" }] }), &["Instance Admin Identity", "zebra"]);
    find(
        json!({ "name": { "$contains": "e" }, "$or": [{ "role": "deployer" }, { "role": "no-access", "name": "zebra" }] }),
        &["build server", "zebra"],
    );
    let contains = json!({ "search": { "role": { "$contains": "PLOY" } } });
    check(&world, SCOPED, &contains, &["100%", "build server"], 2);
    check(&world, SEARCH, &contains, all, 5);
}

#[test]
fn a_search_is_ordered_and_paged() {
    let world = world();
    check(&world, SEARCH, &json!({ "limit": 2 }), &["100%", "Build/agent_1"], 5);
    check(&world, SEARCH, &json!({ "limit": 2, "offset": 4 }), &["zebra"], 5);
    check(&world, SEARCH, &json!({ "limit": 0 }), &[], 5);
    check(&world, SEARCH, &json!({ "limit": 2, "orderDirection": "desc" }), &["zebra", "build server"], 5);
    let by_role = json!({ "orderBy": "role", "limit": 3 });
    check(&world, SEARCH, &by_role, &["Instance Admin Identity", "100%", "build server"], 5);
    let by_role = json!({ "orderBy": "role", "orderDirection": "desc", "limit": 2 });
    check(&world, SEARCH, &by_role, &["zebra", "Build/agent_1"], 5);
}

#[test]
fn what_cannot_be_searched_for_is_named() {
    let world = world();
    #[track_caller]
    fn check(world: &World, body: &Value, expected: &[&str]) {
        assert_eq!(world.refused(&world.admin, "POST", SCOPED, body, 422).issue_paths(), expected, "{body}");
    }
    check(&world, &json!({ "limit": 101 }), &[r#"["limit"]"#]);
    check(&world, &json!({ "limit": "5", "offset": -1 }), &[r#"["offset"]"#, r#"["limit"]"#]);
    check(&world, &json!({ "orderBy": "id", "orderDirection": "up" }), &[r#"["orderBy"]"#, r#"["orderDirection"]"#]);
    check(&world, &json!({ "scope": ["everything"] }), &[r#"["scope",0]"#]);
    check(&world, &json!({ "search": "x" }), &[r#"["search"]"#]);
    check(&world, &json!({ "search": { "name": 1 } }), &[r#"["search","name"]"#]);
    for text in ["100%", "a'b", "a;b", "a\"", "é", &"a".repeat(256)] {
        check(&world, &json!({ "search": { "name": text } }), &[r#"["search","name"]"#]);
        check(&world, &json!({ "search": { "name": { "$contains": text } } }), &[r#"["search","name","$contains"]"#]);
    }
    check(&world, &json!({ "search": { "role": { "$in": ["a", 1] } } }), &[r#"["search","role","$in",1]"#]);
    check(&world, &json!({ "search": { "$or": [{ "role": "a%" }] } }), &[r#"["search","$or",0,"role"]"#]);
    check(&world, &json!({ "search": { "name": { "$in": vec!["a"; 81] } } }), &[r#"["search"]"#]);
    check(&world, &json!({ "search": { "$or": vec![json!({}); 81] } }), &[r#"["search","$or"]"#]);
}

#[test]
fn as_many_values_as_are_allowed_can_be_searched_for() {
    let world = world();
    let mut values = vec!["nobody"; 79];
    values.push("zebra");
    check(&world, SEARCH, &json!({ "search": { "name": { "$in": values } } }), &["zebra"], 1);
}

#[test]
fn scoped_search_answers_unchanged() {
    let world = world();
    let answer = world.administer("POST", SCOPED, &json!({ "search": { "name": "build server" } }));
    let found = &answer.body["identities"][0];
    let role = found["roleId"].as_str().unwrap();
    assert_eq!(
        found["roles"],
        json!([{
            "id": found["id"], "role": "custom", "customRoleId": role, "customRoleName": "deployer",
            "customRoleSlug": "deployer", "isTemporary": false, "temporaryMode": null, "temporaryRange": null,
            "temporaryAccessStartTime": null, "temporaryAccessEndTime": null,
        }])
    );
    assert_eq!(found["project"], json!(null));
    let mut keys: Vec<&str> = found.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    assert_eq!(
        keys,
        [
            "createdAt",
            "customRole",
            "id",
            "identity",
            "identityId",
            "lastLoginAuthMethod",
            "lastLoginTime",
            "orgId",
            "project",
            "role",
            "roleId",
            "roles",
            "updatedAt"
        ]
    );
    check(&world, SCOPED, &json!({ "scope": ["project"] }), &[], 0);
    check(&world, SCOPED, &json!({ "scope": ["organization"], "search": { "name": "zebra" } }), &["zebra"], 1);

    let count = |body: Value| world.administer("POST", "/api/v2/identities/search/count", &body).body;
    assert_eq!(count(json!({})), json!({ "counts": { "organization": 5, "project": 0 } }));
    assert_eq!(
        count(json!({ "scope": ["organization"], "search": { "role": "deployer" } })),
        json!({ "counts": { "organization": 2 } })
    );
    assert_eq!(count(json!({ "scope": ["project"] })), json!({ "counts": { "project": 0 } }));
}

#[test]
fn memberships_of_an_organization_are_listed() {
    let world = world();
    let list = |query: &str| {
        let path = format!("/api/v2/organizations/{}/identity-memberships{query}", world.organization);
        let answer = world.administer("GET", &path, &json!({})).body;
        (names(&answer["identityMemberships"]), answer["totalCount"].as_u64().unwrap())
    };
    assert_eq!(list("").1, 5);
    assert_eq!(list("?search=BUILD&orderDirection=desc"), (vec!["build server".into(), "Build/agent_1".into()], 2));
    assert_eq!(list("?search=100%25"), (vec!["100%".into()], 1));
    assert_eq!(list("?limit=1&offset=1&orderBy=name"), (vec!["Build/agent_1".into()], 5));
    let base = format!("/api/v2/organizations/{}/identity-memberships", world.organization);
    for (query, path) in [("limit=0", r#"["limit"]"#), ("limit=1001", r#"["limit"]"#), ("orderBy=x", r#"["orderBy"]"#)]
    {
        let answer = world.refused(&world.admin, "GET", &format!("{base}?{query}"), &json!({}), 422);
        assert_eq!(answer.issue_paths(), [path]);
    }
    let foreign = "/api/v2/organizations/c0ffee00-0000-4000-8000-000000000001/identity-memberships";
    world.refused(&world.admin, "GET", foreign, &json!({}), 403);
}

#[test]
fn the_projects_of_an_identity_are_listed_with_its_roles_there() {
    let world = world();
    let identity = world.identity("placed", "no-access");
    let path = format!("/api/v1/identities/{identity}/identity-memberships");
    assert_eq!(world.administer("GET", &path, &json!({})).body, json!({ "identityMemberships": [] }));
    let id = |number: u8| format!("c0ffee00-0000-4000-8000-0000000000{number:02}");
    let organization = &world.organization;
    for statement in [
        format!(
            "INSERT INTO projects VALUES ('{}', '{organization}', 'Shop', 'shop', NULL, 'secret-manager', 0, 1, 1, NULL)",
            id(1)
        ),
        format!("INSERT INTO project_roles VALUES ('{}', '{}', 'ops', 'Ops', NULL, '[]', 1, 1, 0)", id(2), id(1)),
        format!("INSERT INTO project_memberships VALUES ('{}', '{}', '{identity}', 1, 2)", id(3), id(1)),
        format!(
            "INSERT INTO project_membership_roles VALUES ('{}', '{}', 0, 'viewer', NULL, NULL, NULL, NULL, 1, 1)",
            id(4),
            id(3)
        ),
        format!(
            "INSERT INTO project_membership_roles VALUES ('{}', '{}', 1, 'custom', '{}', '1h', 1000, 3601000, 1, 1)",
            id(5),
            id(3),
            id(2)
        ),
    ] {
        world.sql.execute(&statement, &[]).unwrap();
    }
    assert_eq!(
        world.administer("GET", &path, &json!({})).body,
        json!({ "identityMemberships": [{
            "id": id(3), "identityId": identity,
            "createdAt": "1970-01-01T00:00:00.001Z", "updatedAt": "1970-01-01T00:00:00.002Z",
            "roles": [
                { "id": id(4), "role": "viewer", "customRoleId": null, "customRoleName": null, "customRoleSlug": null,
                  "isTemporary": false, "temporaryMode": null, "temporaryRange": null,
                  "temporaryAccessStartTime": null, "temporaryAccessEndTime": null },
                { "id": id(5), "role": "custom", "customRoleId": id(2), "customRoleName": "Ops", "customRoleSlug": "ops",
                  "isTemporary": true, "temporaryMode": "relative", "temporaryRange": "1h",
                  "temporaryAccessStartTime": "1970-01-01T00:00:01.000Z",
                  "temporaryAccessEndTime": "1970-01-01T01:00:01.000Z" },
            ],
            "identity": { "name": "placed", "id": identity, "hasDeleteProtection": false, "authMethods": [] },
            "project": { "name": "Shop", "id": id(1), "type": "secret-manager" },
        }] })
    );
    world.refused(&world.admin, "GET", "/api/v1/identities/x/identity-memberships", &json!({}), 404);
}
