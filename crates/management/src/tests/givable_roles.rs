//! What is said of roles before they are given is what happens when they are.

use serde_json::{Value, json};

use crate::tests::world::{Caller, World};

const OF_ORGANIZATION: &str = "/api/v1/console/givable-roles";

fn of_project(project: &str) -> String {
    format!("/api/v1/console/projects/{project}/givable-roles")
}

/// What is said to somebody of a role, in a field of the answer.
#[track_caller]
fn missing(world: &World, caller: &Caller, path: &str, to: &str, role: &str, field: &str) -> Value {
    let query = if to.is_empty() { String::new() } else { format!("to={to}") };
    let answer = world.by(caller, "GET", path).query(&query).send().ok();
    let roles = answer["roles"].as_array().unwrap();
    roles.iter().find(|known| known["slug"] == role).unwrap_or_else(|| panic!("{role} in {answer}"))[field].clone()
}

#[test]
fn givable_roles_answers_unchanged() {
    let world = World::new();
    let project = world.project("market");
    world.project_role(&project, "packer", &json!([{ "subject": "routes", "action": ["read"], "inverted": true }]));
    let member = world.caller("member", "member");
    let answer = world.by(&member, "GET", OF_ORGANIZATION).query("to=new").send().ok();
    let nothing = json!({ "slug": "no-access", "missingPermissions": [] });
    assert!(answer["roles"].as_array().unwrap().contains(&nothing), "{answer}");
    assert_eq!(answer["roles"][0]["slug"], "admin");
    let right = json!({ "action": "grant-privileges", "subject": "identity" });
    assert_eq!(answer["roles"][0]["missingPermissions"], json!([right, { "action": "*", "subject": "*" }]));

    let viewer = world.member(&project, "viewer", &["viewer"]);
    let answer = world.by(&viewer, "GET", &of_project(&project)).send().ok();
    let slugs: Vec<&str> =
        answer["roles"].as_array().unwrap().iter().map(|role| role["slug"].as_str().unwrap()).collect();
    assert_eq!(slugs.last(), Some(&"packer"));
    let packer = json!({ "slug": "packer", "missingPermissions": [right], "missingPermissionsForATime": [right] });
    assert!(answer["roles"].as_array().unwrap().contains(&packer), "{answer}");
}

#[test]
fn what_is_said_of_a_role_of_the_organization_is_what_happens_when_it_is_given() {
    let world = World::new();
    let target = world.identity("target", "no-access");
    let about = |identity: &str| json!({ "identityId": { "$eq": identity } });
    let reads = json!({ "subject": "role", "action": ["read"] });
    let identity = |actions: &[&str]| json!({ "subject": "identity", "action": actions });
    let mut grants_to_target = identity(&["grant-privileges"]);
    grants_to_target["conditions"] = about(&target);
    let roles = [
        ("empty", json!([])),
        ("looks", json!([identity(&["read"])])),
        ("grants", json!([reads, identity(&["read", "create", "edit", "grant-privileges"])])),
        ("grants-to-one", json!([reads, identity(&["read", "create", "edit"]), grants_to_target])),
        ("edits", json!([reads, identity(&["read", "create", "edit"])])),
        ("denies", json!([{ "subject": "role", "action": ["read"], "inverted": true }])),
    ];
    for (slug, rules) in &roles {
        world.role(slug, rules);
    }
    let slugs = ["admin", "member", "no-access"].into_iter().chain(roles.iter().map(|(slug, _)| *slug));
    let slugs: Vec<&str> = slugs.collect();
    let mut given = 0;
    for giver in ["admin", "grants", "grants-to-one", "edits"] {
        let caller = world.caller(&format!("{giver} itself"), giver);
        for slug in &slugs {
            let to_one = missing(&world, &caller, OF_ORGANIZATION, &target, slug, "missingPermissions");
            let before = world.sql.dump();
            let path = format!("/api/v1/identities/{target}");
            let reply = world.send(&caller, "PATCH", &path, &json!({ "role": slug }));
            // That it has the role already is no gift.
            if *slug != "no-access" {
                check(&reply.body, reply.status, &to_one, (giver, slug));
            }
            if reply.status == 200 {
                given += 1;
                world.administer("PATCH", &path, &json!({ "role": "no-access" }));
            } else {
                assert_eq!(world.sql.dump(), before);
            }
            let to_new = missing(&world, &caller, OF_ORGANIZATION, "new", slug, "missingPermissions");
            let body = json!({ "name": "made", "organizationId": world.organization, "role": slug });
            let reply = world.send(&caller, "POST", "/api/v1/identities", &body);
            check(&reply.body, reply.status, &to_new, (giver, slug));
            // To anybody may be given what may be given to one.
            let to_any = missing(&world, &caller, OF_ORGANIZATION, "", slug, "missingPermissions");
            assert!(to_any == json!([]) || (to_one != json!([]) && to_new != json!([])), "{giver} {slug}");
        }
    }
    assert!(given > 10, "{given}");

    #[track_caller]
    fn check(body: &Value, status: u16, said: &Value, what: (&str, &str)) {
        let expected = if status == 200 { json!([]) } else { body["details"]["missingPermissions"].clone() };
        let sorted = |permissions: &Value| {
            let mut texts: Vec<String> = permissions.as_array().unwrap().iter().map(Value::to_string).collect();
            texts.sort_unstable();
            texts
        };
        assert!(status == 200 || status == 403, "{what:?} {status} {body}");
        assert_eq!(sorted(said), sorted(&expected), "{what:?}");
    }
}

#[test]
fn what_is_said_of_a_role_of_a_project_is_what_happens_when_it_is_given_for_good_or_for_a_time() {
    let world = World::new();
    let project = world.project("market");
    let grants = json!([
        { "subject": "identity", "action": ["read", "create", "edit", "grant-privileges"] },
        { "subject": "role", "action": ["read"] },
    ]);
    world.project_role(&project, "grants", &grants);
    world.project_role(&project, "looks", &json!([{ "subject": "routes", "action": ["read"] }]));
    let path = |identity: &str| format!("/api/v1/projects/{project}/memberships/identities/{identity}");
    let for_an_hour = |role: &str| {
        json!({ "role": role, "isTemporary": true, "temporaryMode": "relative", "temporaryRange": "1h",
            "temporaryAccessStartTime": "2026-01-01T00:00:00.000Z" })
    };
    let caller = world.member(&project, "giver", &["grants"]);
    let held = |roles: Value| world.administer("PATCH", &path(&caller.identity), &json!({ "roles": roles }));
    let start = protocol::iso_8601::iso_8601(world.now());
    let mut temporary = for_an_hour("looks");
    temporary["temporaryAccessStartTime"] = json!(start);
    held(json!([{ "role": "grants" }, temporary]));

    let target = world.identity("target", "no-access");
    let said = |role: &str, field: &str| missing(&world, &caller, &of_project(&project), &target, role, field);
    let check = |role: &str, for_good: bool, for_a_time: bool| {
        assert_eq!(said(role, "missingPermissions") == json!([]), for_good, "{role} for good");
        assert_eq!(said(role, "missingPermissionsForATime") == json!([]), for_a_time, "{role} for a time");
        let mut half = for_an_hour(role);
        half["temporaryAccessStartTime"] = json!(start);
        half["temporaryRange"] = json!("30m");
        for (roles, expected) in
            [(json!([{ "role": role }]), for_good), (json!([{ "role": "no-access" }, half]), for_a_time)]
        {
            let reply = world.send(&caller, "POST", &path(&target), &json!({ "roles": roles }));
            assert_eq!(reply.status == 200, expected, "{role} {} {}", reply.status, reply.body);
            if expected {
                world.administer("DELETE", &path(&target), &Value::Null);
            }
        }
    };
    check("no-access", true, true);
    check("grants", true, true);
    check("looks", false, true);
    check("admin", false, false);
    check("viewer", false, false);
}

#[test]
fn who_may_not_list_roles_is_told_nothing_of_what_they_hold() {
    let world = World::new();
    let project = world.project("market");
    let nothing = world.member(&project, "nothing", &["no-access"]);
    let refusal = (403, "PermissionDenied", "You are not allowed to read on role");
    for path in [OF_ORGANIZATION, &of_project(&project)] {
        world.refused_saying(&nothing, ("GET", path, &Value::Null), refusal);
    }
    let stranger = world.caller("stranger", "member");
    assert_eq!(world.by(&stranger, "GET", &of_project(&project)).send().response.status, 403);
    let wrong = world.by_admin("GET", OF_ORGANIZATION).query("to=nobody").send();
    assert_eq!(wrong.issues(), ["to: Expected new or the id of an identity"]);
}

#[test]
fn of_roles_with_very_many_rules_nothing_is_said_and_of_the_others_it_is() {
    let world = World::new();
    let caller = world.caller("member", "member");
    world.role("a-short", &json!([{ "subject": "identity", "action": ["read"] }]));
    world.role("b-long", &json!([]));
    world.role("c-after", &json!([]));
    let rule = json!({ "subject": "identity", "action": ["read"], "inverted": false,
        "conditions": { "identityId": { "$eq": "x".repeat(300 * 1024) } } });
    let stored = json!([rule]).to_string();
    let statement = "UPDATE organization_roles SET permissions = ? WHERE slug = 'b-long'";
    directory::sql::Sql::execute(&world.sql, statement, &[stored.into()]).unwrap();
    let said = |role: &str| missing(&world, &caller, OF_ORGANIZATION, "", role, "missingPermissions");
    assert_eq!(said("a-short"), json!([{ "action": "grant-privileges", "subject": "identity" }]));
    assert_eq!(said("b-long"), Value::Null);
    assert_eq!(said("c-after"), Value::Null);
}
