//! Tests of memberships on a real SQLite.

mod available;
mod boundary;
mod temporary;

use serde_json::{Value, json};

use crate::tests::world::{World, text_at, with_letters};

const NOWHERE: &str = "c0ffee00-0000-4000-8000-000000000001";

/// The three families of paths of one membership.
fn paths(project: &str, identity: &str) -> [String; 3] {
    [
        format!("/api/v2/workspace/{project}/identity-memberships/{identity}"),
        format!("/api/v1/projects/{project}/identity-memberships/{identity}"),
        current(project, identity),
    ]
}

fn current(project: &str, identity: &str) -> String {
    format!("/api/v1/projects/{project}/memberships/identities/{identity}")
}

fn permanent(role: &str) -> Value {
    json!({ "role": role })
}

fn role_slugs(roles: &Value) -> Vec<String> {
    let slug = |role: &Value| match role["role"].as_str().unwrap() {
        "custom" => text_at(role, "/customRoleSlug"),
        slug => slug.to_owned(),
    };
    roles.as_array().unwrap().iter().map(slug).collect()
}

#[test]
fn membership_answers_unchanged() {
    let world = World::new();
    let project = world.project("billing");
    world.project_role(&project, "auditor", &json!([]));
    let identity = world.identity("worker", "no-access");
    world.ok(&world.admin, "POST", &format!("/api/v1/auth/token-auth/identities/{identity}"), &json!({}));
    let [v2, v1, now] = paths(&project, &identity);
    // What Terraform sends: the fields of a temporary role next to `isTemporary: false`, without a value.
    let zero = |role: &str| {
        json!({ "role": role, "isTemporary": false, "temporaryMode": "", "temporaryRange": "",
                "temporaryAccessStartTime": "0001-01-01T00:00:00Z" })
    };
    let temporary = json!({
        "role": "auditor", "isTemporary": true, "temporaryMode": "relative", "temporaryRange": "1h",
        "temporaryAccessStartTime": "2023-11-15T00:00:00.5+01:00",
    });
    let body = json!({ "projectId": project, "identityId": identity, "roles": [zero("viewer"), temporary] });

    let made = world.ok(&world.admin, "POST", &v2, &body);
    let viewer = json!({
        "id": "<c>", "role": "viewer", "customRoleId": null, "customRoleName": null, "customRoleSlug": null,
        "isTemporary": false, "temporaryMode": null, "temporaryRange": null, "temporaryAccessStartTime": null,
        "temporaryAccessEndTime": null,
    });
    let auditor = |id: &str, role: &str| {
        json!({
            "id": id, "role": "custom", "customRoleId": role, "customRoleName": "auditor",
            "customRoleSlug": "auditor", "isTemporary": true, "temporaryMode": "relative", "temporaryRange": "1h",
            "temporaryAccessStartTime": "2023-11-14T23:00:00.500Z", "temporaryAccessEndTime": "2023-11-15T00:00:00.500Z",
        })
    };
    let with_id = |role: &Value, id: &str| {
        let mut role = role.clone();
        role["id"] = json!(id);
        role
    };
    let (time, membership) = ("2023-11-14T22:13:20.000Z", text_at(&made, "/identityMembership/id"));
    assert_eq!(
        with_letters(&made),
        json!({ "identityMembership": {
            "id": "<a>", "identityId": "<b>", "projectId": "<c>", "role": "viewer",
            "roles": [with_id(&viewer, "<d>"), auditor("<f>", "<e>")], "createdAt": time, "updatedAt": time,
        } })
    );

    let found = world.ok(&world.admin, "GET", &v2, &Value::Null);
    assert_eq!(
        with_letters(&found),
        json!({ "identityMembership": {
            "id": "<a>", "identityId": "<b>", "createdAt": time, "updatedAt": time,
            "roles": [with_id(&viewer, "<e>"), auditor("<g>", "<f>")],
            "lastLoginAuthMethod": null, "lastLoginTime": null,
            "identity": { "id": "<b>", "name": "worker", "orgId": "<c>", "projectId": null,
                          "hasDeleteProtection": false, "authMethods": ["token-auth"],
                          "activeLockoutAuthMethods": [] },
            "project": { "id": "<d>", "name": "billing", "type": "secret-manager" },
        } })
    );
    assert_eq!(world.ok(&world.admin, "GET", &v1, &Value::Null), found);
    for by_id in ["/api/v2/workspace", "/api/v1/projects"] {
        let path = format!("{by_id}/identity-memberships/{membership}");
        assert_eq!(world.ok(&world.admin, "GET", &path, &Value::Null), found);
    }
    let mut without = found.clone();
    without["identityMembership"].as_object_mut().unwrap().remove("project");
    assert_eq!(world.ok(&world.admin, "GET", &now, &Value::Null), without);

    let changed = world.ok(&world.admin, "PATCH", &v1, &json!({ "roles": [permanent("viewer")] }));
    let mut expected = with_id(&viewer, "<a>");
    for (field, value) in [("projectMembershipId", "<b>"), ("createdAt", time), ("updatedAt", time)] {
        expected[field] = json!(value);
    }
    assert_eq!(with_letters(&changed), json!({ "roles": [expected] }));
    let changed = world.ok(&world.admin, "PATCH", &now, &json!({ "roles": [permanent("member")] }));
    assert_eq!(changed["identityMembership"]["id"], json!(membership));
    assert_eq!(changed["identityMembership"]["role"], "member");

    let gone = world.ok(&world.admin, "DELETE", &v2, &Value::Null);
    assert_eq!(gone["identityMembership"]["id"], json!(membership));
    world.refused(&world.admin, "GET", &v2, &Value::Null, 404);
}

#[test]
fn each_family_creates_changes_and_deletes() {
    let world = World::new();
    let project = world.project("billing");
    let identity = world.identity("worker", "no-access");
    for path in paths(&project, &identity) {
        let made =
            world.ok(&world.admin, "POST", &path, &json!({ "roles": [permanent("viewer"), permanent("member")] }));
        assert_eq!(role_slugs(&made["identityMembership"]["roles"]), ["viewer", "member"]);
        world.ok(&world.admin, "PATCH", &path, &json!({ "roles": [permanent("admin")] }));
        let found = world.ok(&world.admin, "GET", &path, &Value::Null);
        assert_eq!(role_slugs(&found["identityMembership"]["roles"]), ["admin"]);
        world.ok(&world.admin, "DELETE", &path, &Value::Null);
    }
}

#[test]
fn a_single_role_is_taken_when_there_is_no_list_and_no_access_when_there_is_neither() {
    let world = World::new();
    let project = world.project("billing");
    for (body, expected) in [
        (json!({}), "no-access"),
        (json!({ "role": "viewer" }), "viewer"),
        (json!({ "role": "viewer", "roles": [permanent("member")] }), "member"),
    ] {
        let path = current(&project, &world.identity("worker", "no-access"));
        let made = world.ok(&world.admin, "POST", &path, &body);
        assert_eq!(role_slugs(&made["identityMembership"]["roles"]), [expected], "{body}");
    }
}

#[test]
fn each_wrong_request_has_its_message_and_changes_nothing() {
    let world = World::new();
    let project = world.project("billing");
    let (member, stranger) = (world.identity("member", "no-access"), world.identity("stranger", "no-access"));
    world.join(&project, &member, &["viewer"]);
    let temporary = json!({
        "role": "viewer", "isTemporary": true, "temporaryMode": "relative", "temporaryRange": "1h",
        "temporaryAccessStartTime": "2023-11-14T23:00:00Z",
    });
    let without = |field: &str| {
        let mut role = temporary.clone();
        role.as_object_mut().unwrap().remove(field);
        role
    };
    let roles = |roles: Value| json!({ "roles": roles });
    let check = |method: &str, identity: &str, body: Value, status: u16, error: &str, message: &str| {
        for path in paths(&project, identity) {
            world.refused_saying(&world.admin, (method, &path, &body), (status, error, message));
        }
    };
    let one = roles(json!([permanent("viewer")]));
    let missing = format!("Identity {NOWHERE} is missing organization membership");
    check("POST", NOWHERE, one.clone(), 400, "BadRequest", &missing);
    check("POST", "x", one.clone(), 400, "BadRequest", "Identity x is missing organization membership");
    check("POST", &member, one.clone(), 400, "BadRequest", "Identity is already a member");
    for (method, identity) in [("POST", &stranger), ("PATCH", &member)] {
        let permanent_needed = "Identity must have at least one permanent role";
        check(method, identity, roles(json!([temporary])), 400, "BadRequest", permanent_needed);
        let message = "Temporary role must have access start time and range";
        for field in ["temporaryRange", "temporaryAccessStartTime"] {
            let body = roles(json!([permanent("viewer"), without(field)]));
            check(method, identity, body, 400, "BadRequest", message);
        }
        let body = roles(json!([permanent("viewer"), permanent("nonsense")]));
        check(method, identity, body, 404, "NotFound", "One or more custom roles not found");
    }
    check("POST", &stranger, roles(json!([])), 400, "BadRequest", "Identity must have at least one permanent role");
    check("PATCH", &stranger, one.clone(), 400, "BadRequest", "Identity doesn't have membership");
    check("DELETE", &stranger, json!({}), 400, "BadRequest", "Identity doesn't have membership");
    check("GET", &stranger, json!({}), 404, "NotFound", "Identity membership not found");
    let own = world.admin.identity.clone();
    check("DELETE", &own, json!({}), 400, "BadRequest", "You can't delete your own membership");
    for id in [NOWHERE, "x"] {
        let path = format!("/api/v2/workspace/identity-memberships/{id}");
        let refusal = (404, "NotFound", "Identity membership not found");
        world.refused_saying(&world.admin, ("GET", &path, &Value::Null), refusal);
    }
    world.refused(&world.admin, "POST", &current(NOWHERE, &stranger), &one, 404);
}

#[test]
fn wrong_fields_are_named_by_their_paths() {
    let world = World::new();
    let project = world.project("billing");
    let path = current(&project, &world.identity("worker", "no-access"));
    let check = |method: &str, body: Value, expected: &[&str]| {
        let answer = world.refused(&world.admin, method, &path, &body, 422);
        assert_eq!(answer.issue_paths(), expected, "{body}");
    };
    let temporary = |mode: &str, range: &str, start: &str| {
        json!({ "roles": [{ "role": "viewer", "isTemporary": true, "temporaryMode": mode, "temporaryRange": range,
                            "temporaryAccessStartTime": start }] })
    };
    let time = "2023-11-14T23:00:00Z";
    check("PATCH", json!({}), &["[\"roles\"]"]);
    check("PATCH", json!({ "roles": [] }), &["[\"roles\"]"]);
    check("POST", json!({ "roles": vec![permanent("viewer"); 11] }), &["[\"roles\"]"]);
    check("POST", json!({ "role": "" }), &["[\"role\"]"]);
    check("POST", json!({ "roles": [{}] }), &["[\"roles\",0,\"role\"]"]);
    check("POST", json!({ "roles": [{ "role": "viewer", "isTemporary": "no" }] }), &["[\"roles\",0,\"isTemporary\"]"]);
    check("POST", temporary("absolute", "1h", time), &["[\"roles\",0,\"temporaryMode\"]"]);
    for range in ["0h", "-1h", "soon", "3651d"] {
        check("POST", temporary("relative", range, time), &["[\"roles\",0,\"temporaryRange\"]"]);
    }
    for start in ["soon", "2023-11-14", "2023-13-14T23:00:00Z"] {
        check("POST", temporary("relative", "1h", start), &["[\"roles\",0,\"temporaryAccessStartTime\"]"]);
    }
    check("POST", temporary("relative", &format!("{}1h", "0".repeat(99)), time), &["[\"roles\",0,\"temporaryRange\"]"]);
    // What is shown again must be a date that clients can read.
    check("POST", temporary("relative", "3650d", "9999-12-31T00:00:00Z"), &["[\"roles\",0,\"temporaryRange\"]"]);
    check("POST", temporary("relative", "1ms", "9999-12-31T23:59:59.999Z"), &["[\"roles\",0,\"temporaryRange\"]"]);
    for start in ["9999-12-31T23:59:59-00:01", "0000-01-01T00:00:00+00:01"] {
        check("POST", temporary("relative", "1h", start), &["[\"roles\",0,\"temporaryAccessStartTime\"]"]);
    }
}

#[test]
fn the_last_moment_of_a_role_is_shown_as_a_date_of_rfc_3339() {
    let world = World::new();
    let project = world.project("billing");
    let path = current(&project, &world.identity("worker", "no-access"));
    let last = json!({ "role": "viewer", "isTemporary": true, "temporaryMode": "relative", "temporaryRange": "1h",
                       "temporaryAccessStartTime": "9999-12-31T22:59:59.999Z" });
    let made = world.ok(&world.admin, "POST", &path, &json!({ "roles": [permanent("no-access"), last] }));
    let end = text_at(&made, "/identityMembership/roles/1/temporaryAccessEndTime");
    assert_eq!(end, "9999-12-31T23:59:59.999Z");
}

#[test]
fn memberships_are_listed_in_pages_of_both_styles() {
    let world = World::new();
    let project = world.project("billing");
    world.project_role(&project, "auditor", &json!([]));
    for (name, roles) in [("Carol", &["viewer"][..]), ("alice", &["auditor", "viewer"]), ("bob", &["member"])] {
        world.join(&project, &world.identity(name, "no-access"), roles);
    }
    let list = |path: String| -> (Vec<String>, u64) {
        let page = world.ok(&world.admin, "GET", &path, &Value::Null);
        let memberships = page["identityMemberships"].as_array().unwrap();
        let names = memberships.iter().map(|one| text_at(one, "/identity/name")).collect();
        (names, page["totalCount"].as_u64().unwrap())
    };
    let check = |path: String, names: &[&str], total: u64| {
        let (got, count) = list(path.clone());
        assert_eq!((got.iter().map(String::as_str).collect::<Vec<_>>().as_slice(), count), (names, total), "{path}");
    };
    let admin = "Instance Admin Identity";
    for base in ["/api/v2/workspace", "/api/v1/projects"] {
        let base = format!("{base}/{project}/identity-memberships");
        check(base.clone(), &["Carol", admin, "alice", "bob"], 4);
        check(format!("{base}?orderBy=name&orderDirection=desc"), &["bob", "alice", admin, "Carol"], 4);
        check(format!("{base}?limit=1&offset=1"), &[admin], 4);
        check(format!("{base}?search=CAR"), &["Carol"], 1);
        check(format!("{base}?search=%25"), &[], 0);
        check(format!("{base}?offset=9"), &[], 4);
        for wrong in ["limit=0", "limit=1001", "offset=-1", "orderBy=role", "orderDirection=up"] {
            world.refused(&world.admin, "GET", &format!("{base}?{wrong}"), &Value::Null, 422);
        }
    }
    let base = format!("/api/v1/projects/{project}/memberships/identities");
    check(format!("{base}?limit=2&offset=2"), &["alice", "bob"], 4);
    check(format!("{base}?identityName=o"), &["Carol", "bob"], 2);
    check(format!("{base}?roles=viewer"), &["Carol", "alice"], 2);
    check(format!("{base}?roles=auditor, member"), &["alice", "bob"], 2);
    check(format!("{base}?roles=nonsense"), &[], 0);
    let many = vec!["a"; 51].join(",");
    for wrong in ["limit=1001".to_owned(), format!("roles={many}"), format!("identityName={}", "a".repeat(256))] {
        world.refused(&world.admin, "GET", &format!("{base}?{wrong}"), &Value::Null, 422);
    }
    let page = world.ok(&world.admin, "GET", &format!("{base}?identityName=alice"), &Value::Null);
    assert_eq!(role_slugs(&page["identityMemberships"][0]["roles"]), ["auditor", "viewer"]);
}

#[test]
fn an_identity_is_a_member_of_at_most_100_projects() {
    let world = World::new();
    let identity = world.identity("busy", "no-access");
    let mut last = String::new();
    for number in 0..101 {
        last = world.project(&format!("project-{number}"));
        if number < 100 {
            world.join(&last, &identity, &["viewer"]);
        }
    }
    let path = current(&last, &identity);
    let refusal = (400, "BadRequest", "An identity can be a member of at most 100 projects");
    world.refused_saying(&world.admin, ("POST", &path, &json!({ "role": "viewer" })), refusal);
    // Whoever may do everything in the organization can go on creating projects, and needs no membership in them.
    let own = current(&last, &world.admin.identity);
    world.refused(&world.admin, "GET", &own, &Value::Null, 404);
    world.ok(&world.admin, "GET", &format!("/api/v1/projects/{last}"), &Value::Null);
}

#[test]
fn every_change_of_a_membership_is_told_to_the_data_plane() {
    let world = World::new();
    let project = world.project("billing");
    let identity = world.identity("worker", "no-access");
    let path = current(&project, &identity);
    let mut last = world.change_of(&identity);
    for (method, body) in [
        ("POST", json!({ "role": "viewer" })),
        ("PATCH", json!({ "roles": [permanent("member")] })),
        ("DELETE", json!({})),
    ] {
        world.ok(&world.admin, method, &path, &body);
        let next = world.change_of(&identity);
        assert!(next > last, "{method}");
        last = next;
    }
}

#[test]
fn deleting_an_identity_ends_its_memberships() {
    let world = World::new();
    let project = world.project("billing");
    let identity = world.identity("worker", "no-access");
    world.join(&project, &identity, &["viewer", "member"]);
    world.ok(&world.admin, "DELETE", &format!("/api/v1/identities/{identity}"), &Value::Null);
    let table_rows = |table: &str| world.sql.dump().iter().filter(|line| line.starts_with(table)).count();
    // Those of the administrator stay.
    assert_eq!((table_rows("project_memberships "), table_rows("project_membership_roles ")), (1, 1));
}
