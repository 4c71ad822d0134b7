//! Tests of roles on a real SQLite.

use serde_json::{Value, json};

use crate::tests::world::World;

const ROLES: &str = "/api/v1/organization/roles";

fn read_identities() -> Value {
    json!([{ "subject": "identity", "action": "read" }])
}

#[test]
fn role_answers_unchanged() {
    let world = World::ticking();
    let body = json!({
        "slug": "auditor", "name": " Auditor ", "description": "looks", "ignored": 1,
        "permissions": [
            { "subject": "identity", "action": ["read", "edit"] },
            { "subject": "identity", "action": "edit", "inverted": true,
              "conditions": { "identityId": { "$in": ["AB", "cd"], "$ne": "ef" } } },
        ],
    });
    let made = world.administer("POST", ROLES, &body);
    let id = made.text("/role/id");
    let role = json!({
        "id": id, "name": "Auditor", "description": "looks", "slug": "auditor",
        "permissions": [
            { "subject": "identity", "action": ["read", "edit"], "inverted": false },
            { "subject": "identity", "action": ["edit"], "inverted": true,
              "conditions": { "identityId": { "$in": ["ab", "cd"], "$ne": "ef" } } },
        ],
        "orgId": world.organization,
        "createdAt": "2023-11-14T22:13:20.002Z", "updatedAt": "2023-11-14T22:13:20.002Z",
    });
    assert_eq!(made.body, json!({ "role": role }));
    let mut listed = role.clone();
    listed.as_object_mut().unwrap().remove("permissions");

    let old = format!("/api/v1/organization/{}/roles", world.organization);
    assert_eq!(world.administer("GET", &format!("{ROLES}/{id}"), &json!({})).body, json!({ "role": role }));
    assert_eq!(world.administer("GET", &format!("{old}/{id}"), &json!({})).body, json!({ "role": role }));
    assert_eq!(world.administer("GET", &format!("{ROLES}/slug/auditor"), &json!({})).body, json!({ "role": role }));
    let built_in = |slug: &str, name: &str, description: &str| {
        json!({
            "id": slug, "name": name, "description": description, "slug": slug, "orgId": world.organization,
            "createdAt": "2023-11-14T22:13:20.001Z", "updatedAt": "2023-11-14T22:13:20.001Z",
        })
    };
    let built_in = [
        built_in("admin", "Admin", "May do everything in the organization and in each of its projects"),
        built_in("member", "Member", "May manage identities, without their authentication, and see roles and projects"),
        built_in("no-access", "No Access", "May do nothing in the organization"),
    ];
    let [admin, member, nobody] = &built_in;
    let all = json!([admin, member, nobody, listed]);
    assert_eq!(world.administer("GET", ROLES, &json!({})).body, json!({ "roles": all }));
    assert_eq!(world.administer("GET", &old, &json!({})).body, json!({ "data": { "roles": all } }));
    assert_eq!(world.administer("DELETE", &format!("{ROLES}/{id}"), &json!({})).body, json!({ "role": role }));
    assert_eq!(world.administer("GET", ROLES, &json!({})).body, json!({ "roles": built_in }));
}

#[test]
fn a_built_in_role_is_shown_with_its_rules_and_never_changed() {
    let world = World::ticking();
    let old = format!("/api/v1/organization/{}/roles", world.organization);
    let rules = |slug: &str| {
        let by_id = world.administer("GET", &format!("{ROLES}/{slug}"), &json!({}));
        for path in [format!("{ROLES}/slug/{slug}"), format!("{old}/{slug}")] {
            assert_eq!(world.administer("GET", &path, &json!({})), by_id);
        }
        by_id.body["role"]["permissions"].clone()
    };
    let allow = |subject: &str, action: &[&str]| json!({ "subject": subject, "action": action, "inverted": false });
    assert_eq!(rules("no-access"), json!([]));
    assert_eq!(
        rules("member"),
        json!([
            allow("identity", &["read", "create", "edit", "delete"]),
            allow("role", &["read"]),
            allow("workspace", &["read"]),
        ])
    );
    assert!(!rules("admin").as_array().unwrap().is_empty());
    for slug in ["admin", "member", "no-access"] {
        let path = format!("{ROLES}/{slug}");
        world.refused(&world.admin, "PATCH", &path, &json!({ "permissions": [] }), 404);
        world.refused(&world.admin, "DELETE", &path, &json!({}), 404);
    }
    let nobody = world.caller("nobody", "no-access");
    world.refused(&nobody, "GET", &format!("{ROLES}/admin"), &json!({}), 403);
}

#[test]
fn a_change_leaves_alone_what_it_does_not_name() {
    let world = World::ticking();
    let body = json!({ "slug": "a", "name": "A", "description": "d", "permissions": read_identities() });
    let before = world.administer("POST", ROLES, &body);
    let path = format!("{ROLES}/{}", before.text("/role/id"));
    let after = world.administer("PATCH", &path, &json!({ "name": "B" }));
    for field in ["id", "slug", "description", "permissions", "orgId", "createdAt"] {
        assert_eq!(after.body["role"][field], before.body["role"][field], "{field}");
    }
    assert_eq!(after.body["role"]["name"], "B");
    assert_eq!(
        world.administer("PATCH", &path, &json!({ "description": null })).body["role"]["description"],
        json!(null)
    );
    let changed = world.administer("PATCH", &path, &json!({ "permissions": [], "slug": "b" }));
    assert_eq!(changed.body["role"]["permissions"], json!([]));
    assert_eq!(world.administer("GET", &format!("{ROLES}/slug/b"), &json!({})).status, 200);
    world.refused(&world.admin, "GET", &format!("{ROLES}/slug/a"), &json!({}), 404);
}

#[test]
fn every_wrong_field_of_a_role_is_named() {
    let world = World::ticking();
    #[track_caller]
    fn check(world: &World, body: &Value, expected: &[&str]) {
        assert_eq!(world.refused(&world.admin, "POST", ROLES, body, 422).issue_paths(), expected, "{body}");
    }
    check(&world, &json!({}), &[r#"["slug"]"#, r#"["name"]"#, r#"["permissions"]"#]);
    for slug in ["", "Admin", "a b", "-a", "admin", "member", "no-access", "custom", &"a".repeat(65)] {
        check(&world, &json!({ "slug": slug, "name": "n", "permissions": [] }), &[r#"["slug"]"#]);
    }
    let rule = |rule: Value, expected: &[&str]| {
        check(&world, &json!({ "slug": "s", "name": "n", "permissions": [rule] }), expected);
    };
    rule(json!(1), &[r#"["permissions",0]"#]);
    rule(json!({}), &[r#"["permissions",0,"subject"]"#, r#"["permissions",0,"action"]"#]);
    rule(json!({ "subject": "*", "action": "read" }), &[r#"["permissions",0,"subject"]"#]);
    rule(json!({ "subject": "identities", "action": "read" }), &[r#"["permissions",0,"subject"]"#]);
    rule(json!({ "subject": "identity" }), &[r#"["permissions",0,"action"]"#]);
    rule(json!({ "subject": "identity", "action": [] }), &[r#"["permissions",0,"action"]"#]);
    rule(json!({ "subject": "identity", "action": "*" }), &[r#"["permissions",0,"action"]"#]);
    rule(json!({ "subject": "role", "action": "edit-auth" }), &[r#"["permissions",0,"action"]"#]);
    rule(json!({ "subject": "gateway", "action": "*" }), &[r#"["permissions",0,"action"]"#]);
    rule(
        json!({ "subject": "gateway", "action": ["a".repeat(65), ""] }),
        &[r#"["permissions",0,"action",0]"#, r#"["permissions",0,"action",1]"#],
    );
    rule(json!({ "subject": "role", "action": vec!["read"; 51] }), &[r#"["permissions",0,"action"]"#]);
    let foreign = |conditions: Value| {
        let sent = json!({ "subject": "app-connections", "action": "connect", "conditions": conditions });
        rule(sent, &[r#"["permissions",0,"conditions"]"#]);
    };
    foreign(json!("text"));
    foreign(json!({ "connectionId": "c".repeat(4_096) }));
    foreign(json!({ "connectionId": [[[[[[[[1]]]]]]]] }));
    rule(
        json!({ "subject": "identity", "action": ["read", "reed", 1] }),
        &[r#"["permissions",0,"action",1]"#, r#"["permissions",0,"action",2]"#],
    );
    rule(json!({ "subject": "identity", "action": "read", "inverted": "no" }), &[r#"["permissions",0,"inverted"]"#]);
    let condition = |conditions: Value, expected: &str| {
        rule(json!({ "subject": "identity", "action": "read", "conditions": conditions }), &[expected]);
    };
    condition(json!([]), r#"["permissions",0,"conditions"]"#);
    condition(json!({ "name": "a" }), r#"["permissions",0,"conditions","name"]"#);
    condition(json!({ "identityId": {} }), r#"["permissions",0,"conditions","identityId"]"#);
    condition(json!({ "identityId": 1 }), r#"["permissions",0,"conditions","identityId"]"#);
    condition(json!({ "identityId": { "$regex": "a" } }), r#"["permissions",0,"conditions","identityId","$regex"]"#);
    condition(json!({ "identityId": { "$eq": "" } }), r#"["permissions",0,"conditions","identityId","$eq"]"#);
    condition(json!({ "identityId": { "$in": [] } }), r#"["permissions",0,"conditions","identityId","$in"]"#);
    condition(json!({ "identityId": { "$in": ["a", 1] } }), r#"["permissions",0,"conditions","identityId","$in",1]"#);
    condition(json!({ "identityId": { "$glob": "{a,b}" } }), r#"["permissions",0,"conditions","identityId","$glob"]"#);
    condition(json!({ "identityId": { "$glob": "!a" } }), r#"["permissions",0,"conditions","identityId","$glob"]"#);

    let many: Vec<Value> = (0..501).map(|_| json!({ "subject": "role", "action": "read" })).collect();
    check(&world, &json!({ "slug": "s", "name": "n", "permissions": many }), &[r#"["permissions"]"#]);
    let description = "d".repeat(1001);
    let body = json!({ "slug": "s", "name": "n", "permissions": [], "description": description });
    check(&world, &body, &[r#"["description"]"#]);
}

#[test]
fn rules_that_only_infisical_knows_are_kept_as_they_were_sent() {
    let world = World::ticking();
    let rules: Vec<Value> = [
        ("organization-admin-console", "access-all-projects"),
        ("app-connections", "connect"),
        ("gateway", "list-gateways"),
        ("kmip", "proxy"),
        ("secret-share", "manage-settings"),
        ("machine-identity-auth-template", "attach-templates"),
        ("groups", "grant-privileges"),
        ("member", "grant-privileges"),
        ("billing", "manage-billing"),
        ("sub-organization", "direct-access"),
    ]
    .into_iter()
    .map(|(subject, action)| {
        json!({ "subject": subject, "action": [action], "inverted": false,
                "conditions": { "connectionId": { "$all": ["a"], "$glob": "{a,b}" }, "name": "", "n": 1 } })
    })
    .collect();
    let id = world.role("foreign", &json!(rules));
    let path = format!("{ROLES}/{id}");
    assert_eq!(world.administer("GET", &path, &json!({})).body["role"]["permissions"], json!(rules));

    // They let nobody do anything here, and are given by those only who hold them.
    let holder = world.caller("holder", "foreign");
    world.refused(&holder, "GET", ROLES, &json!({}), 403);
    world.refused(&holder, "GET", &format!("/api/v1/identities/{}", holder.identity), &json!({}), 403);
    let makes_roles = json!({ "subject": "role", "action": ["read", "create", "edit"] });
    world.role("builder", &json!([makes_roles]));
    let builder = world.caller("builder", "builder");
    let body = json!({ "slug": "more", "name": "n", "permissions": rules });
    let answer = world.refused(&builder, "POST", ROLES, &body, 403);
    assert_eq!(answer.body["details"]["missingPermissions"].as_array().unwrap().len(), rules.len());
    world.refused(&builder, "PATCH", &path, &json!({ "name": "lamed" }), 403);
    let with: Vec<Value> = rules.iter().cloned().chain([makes_roles]).collect();
    world.role("foreign-builder", &json!(with));
    let builder = world.caller("foreign-builder", "foreign-builder");
    assert_eq!(world.send(&builder, "POST", ROLES, &body).status, 200);
    let mut other = body;
    other["slug"] = json!("other");
    other["permissions"][0]["conditions"] = json!({ "connectionId": "a" });
    world.refused(&builder, "POST", ROLES, &other, 403);
}

#[test]
fn a_slug_is_taken_once_in_an_organization() {
    let world = World::ticking();
    world.role("one", &json!([]));
    let two = world.role("two", &json!([]));
    let answer =
        world.refused(&world.admin, "POST", ROLES, &json!({ "slug": "one", "name": "n", "permissions": [] }), 400);
    assert_eq!(answer.body["message"], "Role with slug one already exists");
    world.refused(&world.admin, "PATCH", &format!("{ROLES}/{two}"), &json!({ "slug": "one" }), 400);
    world.administer("PATCH", &format!("{ROLES}/{two}"), &json!({ "slug": "two" }));
}

#[test]
fn a_role_that_is_not_there_is_not_found() {
    let world = World::ticking();
    for id in ["x", "c0ffee00-0000-4000-8000-000000000001", "'; drop table organization_roles; --"] {
        for method in ["GET", "PATCH", "DELETE"] {
            let id = id.replace(' ', "%20").replace('\'', "%27");
            world.refused(&world.admin, method, &format!("{ROLES}/{id}"), &json!({}), 404);
        }
    }
    world.refused(&world.admin, "GET", &format!("{ROLES}/slug/none"), &json!({}), 404);
    let foreign = "/api/v1/organization/c0ffee00-0000-4000-8000-000000000001/roles";
    world.refused(&world.admin, "GET", foreign, &json!({}), 403);
}

#[test]
fn nobody_makes_or_touches_a_role_above_their_own() {
    let world = World::ticking();
    world.role(
        "builder",
        &json!([
            { "subject": "role", "action": ["read", "create", "edit", "delete"] },
            { "subject": "identity", "action": "read" },
        ]),
    );
    let builder = world.caller("builder", "builder");
    let above = json!([{ "subject": "identity", "action": ["read", "edit"] }]);
    let answer =
        world.refused(&builder, "POST", ROLES, &json!({ "slug": "s", "name": "n", "permissions": above }), 403);
    assert_eq!(answer.body["error"], "PermissionBoundaryError");
    assert_eq!(answer.body["details"], json!({ "missingPermissions": [{ "action": "edit", "subject": "identity" }] }));

    let made =
        world.send(&builder, "POST", ROLES, &json!({ "slug": "mine", "name": "n", "permissions": read_identities() }));
    let mine = format!("{ROLES}/{}", made.text("/role/id"));
    world.refused(&builder, "PATCH", &mine, &json!({ "permissions": above }), 403);

    let stronger = format!("{ROLES}/{}", world.role("stronger", &above));
    world.refused(&builder, "PATCH", &stronger, &json!({ "name": "lamed" }), 403);
    world.refused(&builder, "PATCH", &stronger, &json!({ "permissions": [] }), 403);
    world.refused(&builder, "DELETE", &stronger, &json!({}), 403);
    assert_eq!(world.send(&builder, "DELETE", &mine, &json!({})).status, 200);
}

#[test]
fn a_role_in_use_is_not_deleted_and_its_users_are_named() {
    let world = World::ticking();
    let role = world.role("used", &json!([]));
    let path = format!("{ROLES}/{role}");
    let ids: Vec<String> = (0..25).map(|number| world.identity(&format!("holder {number:02}"), "used")).collect();
    let answer = world.refused(&world.admin, "DELETE", &path, &json!({}), 400);
    assert_eq!(answer.body["details"]["totalCount"], 25);
    assert_eq!(answer.body["details"]["identities"].as_array().unwrap().len(), 20);
    assert_eq!(answer.body["details"]["identities"][0], json!({ "id": ids[0], "name": "holder 00" }));

    world.role("cleaner", &json!([{ "subject": "role", "action": "delete" }]));
    let cleaner = world.caller("cleaner", "cleaner");
    let answer = world.refused(&cleaner, "DELETE", &path, &json!({}), 400);
    assert_eq!(answer.body["details"], json!({ "identities": [], "totalCount": 25 }));

    for id in ids {
        world.administer("PATCH", &format!("/api/v1/identities/{id}"), &json!({ "role": "no-access" }));
    }
    world.administer("DELETE", &path, &json!({}));
}

#[test]
fn a_changed_slug_is_announced_for_every_identity_that_has_the_role() {
    let world = World::ticking();
    let path = format!("{ROLES}/{}", world.role("old", &json!([])));
    let (one, two) = (world.identity("one", "old"), world.identity("two", "old"));
    world.identity("other", "no-access");
    let announced = || {
        let lines = world.sql.dump().into_iter().filter(|line| line.starts_with("changes "));
        lines.collect::<Vec<_>>().join("\n")
    };
    world.administer("PATCH", &path, &json!({ "name": "new name" }));
    assert_eq!(announced().matches(&one).count(), 0);
    world.administer("PATCH", &path, &json!({ "slug": "new" }));
    assert!(announced().contains(&one) && announced().contains(&two));
    let found = world.administer("GET", &format!("/api/v1/identities/{one}"), &json!({}));
    assert_eq!(found.body["identity"]["customRole"]["slug"], "new");
}

#[test]
fn a_slug_that_too_many_identities_show_stays() {
    let world = World::ticking();
    let role = world.role("crowd", &json!([]));
    let holder = world.identity("first", "crowd");
    // Through the tables: a thousand calls would say no more.
    for (table, columns) in [
        ("identities", "id, organization_id, name, has_delete_protection, created_at, updated_at"),
        ("organization_memberships", "id, identity_id, role, custom_role_id, created_at, updated_at"),
    ] {
        let copied = columns.replace("identity_id", "printf('%s-%d', identity_id, value)").replacen(
            "id,",
            "printf('%s-%d', id, value),",
            1,
        );
        let key = if table == "identities" { "id" } else { "identity_id" };
        directory::sql::Sql::execute(
            &world.sql,
            &format!(
                "WITH RECURSIVE numbers (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM numbers WHERE value < 1000)
                 INSERT INTO {table} ({columns}) SELECT {copied} FROM {table}, numbers WHERE {key} = ?"
            ),
            &[holder.as_str().into()],
        )
        .unwrap();
    }
    let path = format!("{ROLES}/{role}");
    let answer = world.refused(&world.admin, "PATCH", &path, &json!({ "slug": "mass" }), 400);
    assert!(answer.text("/message").contains("1001"));
    world.administer("PATCH", &path, &json!({ "name": "still possible" }));
}

#[test]
fn new_rules_hold_for_the_next_command_of_who_has_the_role() {
    let world = World::ticking();
    let role = world.role("reader", &read_identities());
    let reader = world.caller("reader", "reader");
    let path = format!("/api/v1/identities/{}", world.admin.identity);
    assert_eq!(world.send(&reader, "GET", &path, &json!({})).status, 200);
    world.administer("PATCH", &format!("{ROLES}/{role}"), &json!({ "permissions": [] }));
    world.refused(&reader, "GET", &path, &json!({}), 403);
}

#[test]
fn a_condition_on_the_identity_decides_for_it_and_for_its_tokens_in_either_case() {
    let world = World::ticking();
    let (mine, other) = (world.caller("mine", "no-access"), world.caller("other", "no-access"));
    let all = json!(["read", "edit", "delete", "edit-auth", "revoke-auth", "create-token", "delete-token"]);
    world.role(
        "keeper",
        &json!([{ "subject": "identity", "action": all, "conditions": { "identityId": mine.identity.to_uppercase() } }]),
    );
    world.role(
        "excluded",
        &json!([
            { "subject": "identity", "action": all },
            { "subject": "identity", "action": all, "inverted": true, "conditions": { "identityId": other.identity } },
        ]),
    );
    let token_of = |caller: &crate::tests::world::Caller| {
        let path = format!("/api/v1/auth/token-auth/identities/{}/tokens", caller.identity);
        world.administer("GET", &path, &json!({})).text("/tokens/0/id")
    };
    let (my_token, other_token) = (token_of(&mine), token_of(&other));
    let requests = |identity: &str, token: &str| {
        let token_auth = format!("/api/v1/auth/token-auth/identities/{identity}");
        [
            ("GET", format!("/api/v1/identities/{identity}")),
            ("PATCH", format!("/api/v1/identities/{identity}")),
            ("GET", token_auth.clone()),
            ("PATCH", token_auth.clone()),
            ("POST", format!("{token_auth}/tokens")),
            ("GET", format!("{token_auth}/tokens")),
            ("GET", format!("/api/v1/auth/token-auth/tokens/{token}")),
            ("PATCH", format!("/api/v1/auth/token-auth/tokens/{token}")),
            ("POST", format!("/api/v1/auth/token-auth/tokens/{token}/revoke")),
            ("DELETE", token_auth),
            ("DELETE", format!("/api/v1/identities/{identity}")),
        ]
    };
    for (role, name) in [("keeper", "k"), ("excluded", "e")] {
        let caller = world.caller(name, role);
        for (method, path) in requests(&mine.identity, &my_token) {
            assert_eq!(world.rehearse(&caller, method, &path, &json!({})).status, 200, "{role} {method} {path}");
        }
        for (method, path) in requests(&other.identity, &other_token) {
            world.refused(&caller, method, &path, &json!({}), 403);
        }
        for (method, path) in requests(&other.identity.to_uppercase(), &other_token.to_uppercase()) {
            world.refused(&caller, method, &path, &json!({}), 403);
        }
        // Who is refused some identities cannot list them all.
        let list = format!("/api/v1/identities?orgId={}", world.organization);
        world.refused(&caller, "GET", &list, &json!({}), 403);
    }
}

#[test]
fn a_right_to_give_roles_may_be_about_one_identity() {
    let world = World::ticking();
    let (mine, other) = (world.identity("mine", "no-access"), world.identity("other", "no-access"));
    world.role("readers", &read_identities());
    world.role(
        "helper",
        &json!([
            { "subject": "identity", "action": ["read", "create", "edit"] },
            { "subject": "identity", "action": "grant-privileges", "conditions": { "identityId": mine } },
        ]),
    );
    let helper = world.caller("helper", "helper");
    let give = json!({ "role": "readers" });
    let path = |identity: &str| format!("/api/v1/identities/{identity}");
    assert_eq!(world.send(&helper, "PATCH", &path(&mine.to_uppercase()), &give).status, 200);
    let refused = world.refused(&helper, "PATCH", &path(&other), &give, 403);
    assert_eq!(refused.body["error"], "PermissionBoundaryError");
    // Nobody knows the id of an identity that is yet to be made.
    let new = json!({ "name": "new", "organizationId": world.organization, "role": "readers" });
    world.refused(&helper, "POST", "/api/v1/identities", &new, 403);
    // It is a right to give what one holds, and no more.
    world.refused(&helper, "PATCH", &path(&mine), &json!({ "role": "admin" }), 403);
}

/// In the organization an identity has one role, so a denial in it reaches nothing that the role does not allow.
#[test]
fn nobody_lames_who_has_a_stronger_role_by_a_denial_in_it() {
    let world = World::ticking();
    let manage = ["read", "create", "edit", "delete"];
    world.role("editor", &json!([{ "subject": "role", "action": manage }]));
    let editor = world.caller("editor", "editor");
    let strong = json!({ "subject": "identity", "action": ["read", "delete"] });
    let denial = json!({ "subject": "identity", "action": ["delete"], "inverted": true });
    let role = world.role("strong", &json!([strong]));
    let empty = world.role("empty", &json!([]));
    let holder = world.caller("holder", "strong");
    let path = |role: &str| format!("/api/v1/organization/roles/{role}");
    for rules in [json!([strong, denial]), json!([denial]), json!([])] {
        world.refused(&editor, "PATCH", &path(&role), &json!({ "permissions": rules }), 403);
    }
    let target = world.identity("target", "no-access");
    let unharmed = world.rehearse(&holder, "DELETE", &format!("/api/v1/identities/{target}"), &json!({}));
    assert_eq!(unharmed.status, 200);
    // A role that allows nothing may deny everything: who has it has nothing to lose.
    world.caller("nobody", "empty");
    assert_eq!(world.send(&editor, "PATCH", &path(&empty), &json!({ "permissions": [denial] })).status, 200);
}

#[test]
fn the_last_administrator_stays_one() {
    let world = World::ticking();
    let path = format!("/api/v1/identities/{}", world.admin.identity);
    world.role("custom-role", &json!([]));
    for role in ["member", "no-access", "custom-role"] {
        world.refused(&world.admin, "PATCH", &path, &json!({ "role": role }), 400);
    }
    let answer = world.refused(&world.admin, "DELETE", &path, &json!({}), 400);
    assert!(answer.text("/message").contains("last administrator"));
    world.administer("PATCH", &path, &json!({ "name": "still admin", "role": "admin" }));

    world.identity("second", "admin");
    assert_eq!(world.rehearse(&world.admin, "DELETE", &path, &json!({})).status, 200);
    world.administer("PATCH", &path, &json!({ "role": "member" }));
}
