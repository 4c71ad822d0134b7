//! `/api/v1/identities`.

use serde_json::{Value, json};

use crate::tests::world::{Caller, ODD_IDS, Reply, World, identity_path, text, token_auth_path, token_path};

const PATH: &str = "/api/v1/identities";

fn create(world: &World, body: Value) -> Reply {
    world.by_admin("POST", PATH).json(body).send()
}

/// Creates an identity with these fields besides the ones that are needed, and returns it.
#[track_caller]
fn created_with(world: &World, fields: &Value) -> Value {
    let mut body = json!({ "name": "build", "organizationId": world.organization });
    for (name, value) in fields.as_object().unwrap() {
        body[name] = value.clone();
    }
    create(world, body).ok()["identity"].clone()
}

#[track_caller]
fn get(world: &World, identity: &str) -> Value {
    world.by_admin("GET", &identity_path(identity)).send().unchanged()["identity"].clone()
}

// Create.

#[test]
fn created_identity_unchanged() {
    let world = World::new();
    let metadata = json!([{"key": "team", "value": "é"}, {"key": "a", "value": "b"}]);
    let body = json!({ "name": "build", "organizationId": world.organization, "role": "member",
        "hasDeleteProtection": true, "metadata": metadata });
    assert_eq!(
        create(&world, body).shape(&world, &[("organization", &world.organization)]),
        concat!(
            r#"{"identity":{"id":"[id]","name":"build","authMethod":null,"createdAt":"2023-11-14T22:13:20.000Z","#,
            r#""updatedAt":"2023-11-14T22:13:20.000Z","hasDeleteProtection":true,"orgId":"[organization]","#,
            r#""projectId":null,"authMethods":[],"metadata":[{"id":"[id]","key":"team","value":"é"},"#,
            r#"{"id":"[id]","key":"a","value":"b"}]}}"#,
        )
    );
}

#[test]
fn what_is_left_out_has_its_default() {
    let world = World::new();
    let identity = created_with(&world, &json!({}));
    assert_eq!((&identity["hasDeleteProtection"], &identity["metadata"]), (&json!(false), &json!([])));
    assert_eq!(get(&world, &text(&identity["id"]))["role"], "no-access");
}

#[test]
fn texts_are_trimmed_and_unknown_fields_are_dropped() {
    let world = World::new();
    let organization = format!(" {} ", world.organization.to_uppercase());
    let body = json!({ "name": "\t build  server\n", "organizationId": organization, "role": " member ", "id": 1,
        "isAdmin": true, "metadata": [{"key": " k ", "value": " v ", "id": 1}] });
    let identity = create(&world, body).ok()["identity"].clone();
    assert_eq!(identity["name"], "build  server");
    assert_eq!((&identity["metadata"][0]["key"], &identity["metadata"][0]["value"]), (&json!("k"), &json!("v")));
    let stored = get(&world, &text(&identity["id"]));
    assert_eq!((&stored["role"], &stored["orgId"]), (&json!("member"), &json!(world.organization)));
}

#[test]
fn a_wrong_field_of_a_new_identity_is_named() {
    #[track_caller]
    fn check(fields: &Value, issues: &[&str]) {
        let world = World::new();
        let mut body = json!({ "name": "build", "organizationId": world.organization });
        for (name, value) in fields.as_object().unwrap() {
            body[name] = value.clone();
        }
        assert_eq!(create(&world, body).issues(), issues);
    }
    check(&json!({"name": ""}), &["name: String must contain at least 1 character(s)"]);
    check(&json!({"name": " "}), &["name: String must contain at least 1 character(s)"]);
    check(&json!({"name": "x".repeat(256)}), &["name: String must contain at most 255 character(s)"]);
    check(&json!({"name": "a\nb"}), &["name: Control characters are not allowed"]);
    check(&json!({"name": null}), &["name: Expected string, received null"]);
    check(&json!({"organizationId": 7}), &["organizationId: Expected string, received number"]);
    check(&json!({"role": ""}), &["role: String must contain at least 1 character(s)"]);
    check(&json!({"role": ["admin"]}), &["role: Expected string, received array"]);
    check(&json!({"hasDeleteProtection": "true"}), &["hasDeleteProtection: Expected boolean, received string"]);
    check(&json!({"hasDeleteProtection": 1}), &["hasDeleteProtection: Expected boolean, received number"]);
    check(&json!({"metadata": {}}), &["metadata: Expected array, received object"]);
    check(&json!({"metadata": [1]}), &["metadata.0: Expected object, received number"]);
    check(&json!({"metadata": [{"key": "k"}]}), &["metadata.0.value: Required"]);
    check(
        &json!({"metadata": [{"key": "k", "value": "v"}, {"key": " ", "value": ""}]}),
        &[
            "metadata.1.key: String must contain at least 1 character(s)",
            "metadata.1.value: String must contain at least 1 character(s)",
        ],
    );
    let entries = vec![json!({"key": "k", "value": "v"}); 101];
    check(&json!({ "metadata": entries }), &["metadata: Array must contain at most 100 element(s)"]);
    check(
        &json!({"name": 1, "role": 2, "metadata": 3}),
        &[
            "name: Expected string, received number",
            "role: Expected string, received number",
            "metadata: Expected array, received number",
        ],
    );
}

#[test]
fn a_body_without_fields_lacks_what_is_needed() {
    let world = World::new();
    let issues = ["name: Required", "organizationId: Required"];
    assert_eq!(create(&world, json!({})).issues(), issues);
    assert_eq!(world.by_admin("POST", PATH).send().issues(), issues);
    assert_eq!(world.by_admin("POST", PATH).body(Some("application/json"), "").send().issues(), issues);
    assert_eq!(create(&world, json!([])).issues(), [": Expected object, received array"]);
}

#[test]
fn a_form_is_understood_and_the_last_of_two_equal_keys_counts() {
    let world = World::new();
    let form = format!("name=first&organizationId={}&name=a+b%C3%A9", world.organization);
    let made =
        world.by_admin("POST", PATH).body(Some("application/x-www-form-urlencoded; charset=utf-8"), &form).send().ok();
    assert_eq!(made["identity"]["name"], "a bé");
    let text = format!(r#"{{"name":"first","organizationId":"{}","name":"second"}}"#, world.organization);
    let made = world.by_admin("POST", PATH).body(Some("application/json"), &text).send().ok();
    assert_eq!(made["identity"]["name"], "second");
}

#[test]
fn a_role_that_does_not_exist_is_not_found() {
    let world = World::new();
    for role in ["owner", "Admin", "custom"] {
        let body = json!({ "name": "build", "organizationId": world.organization, "role": role });
        create(&world, body).refused(404, "NotFound", &format!("Role with slug {role} not found"));
    }
}

#[test]
fn an_identity_belongs_to_the_callers_own_organization() {
    let world = World::new();
    for organization in ["", "x", "00000000-0000-4000-8000-000000000000"] {
        let body = json!({ "name": "build", "organizationId": organization });
        create(&world, body).refused(403, "ForbiddenError", "You are not a member of this organization");
    }
}

#[test]
fn nobody_gives_more_than_they_hold() {
    fn subject(action: &str) -> &str {
        if action == "*" { "*" } else { "identity" }
    }

    /// `missing` is what the member would have to hold besides; nothing says that the role may be given.
    #[track_caller]
    fn check(role: &str, missing: Option<&[&str]>) {
        let world = World::new();
        let member = world.configured_caller("member", json!({}));
        let body = json!({ "name": "build", "organizationId": world.organization, "role": role });
        let created = world.by(&member, "POST", PATH).json(body).send();
        let other = world.identity("other", "no-access");
        let changed = world.by(&member, "PATCH", &identity_path(&other)).json(json!({ "role": role })).send();
        match missing {
            None => {
                created.ok();
                changed.ok();
            }
            Some(missing) => {
                let mut missing: Vec<Value> =
                    missing.iter().map(|action| json!({"action": action, "subject": subject(action)})).collect();
                let details = json!({ "missingPermissions": missing });
                assert_eq!(created.refused(403, "PermissionBoundaryError", "Failed to create identity"), details);
                // The right is needed for this identity; one that is yet to be made has no id.
                missing.last_mut().unwrap()["conditions"] = json!({ "identityId": { "$eq": other } });
                let details = json!({ "missingPermissions": missing });
                assert_eq!(changed.refused(403, "PermissionBoundaryError", "Failed to update identity"), details);
            }
        }
    }
    check("no-access", None);
    check("member", Some(&["grant-privileges"]));
    // The role of an administrator is one rule for everything.
    check("admin", Some(&["*", "grant-privileges"]));
}

// Look up and list.

#[test]
fn identity_unchanged() {
    let world = World::new();
    let identity = text(&created_with(&world, &json!({"metadata": [{"key": "k", "value": "v"}]}))["id"]);
    let names = [("organization", world.organization.as_str()), ("identity", &identity)];
    let shape = |login: &str, methods: &str| {
        format!(
            concat!(
                r#"{{"identity":{{"id":"[id]","role":"no-access","roleId":null,"orgId":"[organization]","#,
                r#""createdAt":"2023-11-14T22:13:20.000Z","updatedAt":"2023-11-14T22:13:20.000Z","#,
                r#""identityId":"[identity]","metadata":[{{"id":"[id]","key":"k","value":"v"}}],{login},"#,
                r#""identity":{{"name":"build","id":"[identity]","hasDeleteProtection":false,"#,
                r#""orgId":"[organization]","authMethods":{methods},"activeLockoutAuthMethods":[]}}}}}}"#,
            ),
            login = login,
            methods = methods
        )
    };
    let found = || world.by_admin("GET", &identity_path(&identity)).send().shape(&world, &names);
    assert_eq!(found(), shape(r#""lastLoginAuthMethod":null,"lastLoginTime":null"#, "[]"));

    // The last login is when a token was last created, not when one was used.
    world.attach(&identity, json!({}));
    world.wait(1_234);
    world.token(&identity, "ci");
    world.wait(1_000);
    let login = r#""lastLoginAuthMethod":"token-auth","lastLoginTime":"2023-11-14T22:13:21.234Z""#;
    assert_eq!(found(), shape(login, r#"["token-auth"]"#));
}

#[test]
fn identity_list_unchanged() {
    let world = World::new();
    let reply = world.by_admin("GET", PATH).query(&format!("orgId={}", world.organization)).send();
    assert!(!reply.changed());
    let names = [("organization", world.organization.as_str()), ("identity", &world.admin.identity)];
    assert_eq!(
        reply.shape(&world, &names),
        concat!(
            r#"{"identities":[{"id":"[id]","role":"admin","roleId":null,"orgId":"[organization]","#,
            r#""createdAt":"2023-11-14T22:13:20.000Z","updatedAt":"2023-11-14T22:13:20.000Z","#,
            r#""identityId":"[identity]","lastLoginAuthMethod":"token-auth","#,
            r#""lastLoginTime":"2023-11-14T22:13:20.000Z","identity":{"name":"Instance Admin Identity","#,
            r#""id":"[identity]","hasDeleteProtection":false,"orgId":"[organization]","authMethods":["token-auth"]}}],"#,
            r#""totalCount":1}"#,
        )
    );
}

#[test]
fn a_list_is_ordered_by_name_and_paged() {
    let world = World::new();
    for name in ["b", "c", "a", "b"] {
        world.identity(name, "no-access");
    }
    #[track_caller]
    fn check(world: &World, page: &str, names: &[&str]) {
        let query = format!("orgId={}{page}", world.organization);
        let list = world.by_admin("GET", PATH).query(&query).send().unchanged();
        let found: Vec<String> =
            list["identities"].as_array().unwrap().iter().map(|item| text(&item["identity"]["name"])).collect();
        assert_eq!((found, &list["totalCount"]), (names.iter().map(ToString::to_string).collect(), &json!(5)));
    }
    // Upper case comes before lower case.
    let administrator = "Instance Admin Identity";
    check(&world, "", &[administrator, "a", "b", "b", "c"]);
    check(&world, "&limit=2", &[administrator, "a"]);
    check(&world, "&limit=2&offset=2", &["b", "b"]);
    check(&world, "&offset=4", &["c"]);
    check(&world, "&offset=5", &[]);
    check(&world, "&offset=4294967295&limit=1000", &[]);
    check(&world, "&search=zzz&limit=1", &[administrator]);
}

#[test]
fn two_identities_of_one_name_never_change_places_between_pages() {
    let world = World::new();
    let mut made: Vec<String> = (0..6).map(|_| world.identity("same", "no-access")).collect();
    let page = |offset: usize| {
        let query = format!("orgId={}&offset={offset}&limit=1", world.organization);
        text(&world.by_admin("GET", PATH).query(&query).send().ok()["identities"][0]["identityId"])
    };
    let mut found: Vec<String> = (1..=6).map(page).collect();
    made.sort();
    found.sort();
    assert_eq!(found, made);
}

#[test]
fn a_wrong_page_is_named() {
    #[track_caller]
    fn check(query: &str, issues: &[&str]) {
        let world = World::new();
        let query = query.replace("ORG", &world.organization);
        assert_eq!(world.by_admin("GET", PATH).query(&query).send().issues(), issues);
    }
    check("", &["orgId: Required"]);
    check("orgId=ORG&limit=0", &["limit: Number must be greater than or equal to 1"]);
    check("orgId=ORG&limit=1001", &["limit: Number must be less than or equal to 1000"]);
    check("orgId=ORG&limit=ten", &["limit: Expected number, received nan"]);
    check("orgId=ORG&offset=-1", &["offset: Number must be greater than or equal to 0"]);
    check("orgId=ORG&offset=4294967296", &["offset: Number must be less than or equal to 4294967295"]);
    check(
        "limit=x&offset=y",
        &["orgId: Required", "offset: Expected number, received nan", "limit: Expected number, received nan"],
    );
}

#[test]
fn the_list_of_another_organization_is_out_of_reach() {
    let world = World::new();
    for organization in ["", "x", "00000000-0000-4000-8000-000000000000"] {
        let reply = world.by_admin("GET", PATH).query(&format!("orgId={organization}")).send();
        reply.refused(403, "ForbiddenError", "You are not a member of this organization");
    }
}

#[test]
fn identity_details_unchanged() {
    let world = World::new();
    let expected =
        r#"{"identityDetails":{"organization":{"id":"[organization]","name":"Admin Org","slug":"admin-org"}}}"#;
    for role in ["admin", "member", "no-access"] {
        let holder = world.configured_caller(role, json!({}));
        let reply = world.by(&holder, "GET", "/api/v1/identities/details").send();
        assert!(!reply.changed());
        assert_eq!(reply.shape(&world, &[("organization", &world.organization)]), expected);
    }
}

#[test]
fn there_are_no_organizations_below_another_whatever_page_is_asked_for() {
    let world = World::new();
    for role in ["admin", "member", "no-access"] {
        let holder = world.configured_caller(role, json!({}));
        // The first is what Terraform sends.
        for query in ["limit=1000&offset=0", "limit=1000&offset=", "", "offset=x&search=y"] {
            let reply = world.by(&holder, "GET", "/api/v1/sub-organizations").query(query).send();
            assert!(!reply.changed());
            assert_eq!(reply.shape(&world, &[]), r#"{"organizations":[],"totalCount":0}"#);
        }
    }
    let reply = world.anonymous("GET", "/api/v1/sub-organizations").send();
    reply.refused(401, "UnauthorizedError", "Token missing");
}

// Change.

#[test]
fn changed_identity_unchanged() {
    let world = World::new();
    let identity = world.identity("build", "no-access");
    world.wait(5_000);
    let body = json!({ "name": " renamed ", "metadata": [{"key": "k", "value": "v"}], "identityId": identity });
    let names = [("organization", world.organization.as_str()), ("identity", &identity)];
    assert_eq!(
        world.by_admin("PATCH", &identity_path(&identity)).json(body).send().shape(&world, &names),
        concat!(
            r#"{"identity":{"id":"[identity]","name":"renamed","authMethod":null,"#,
            r#""createdAt":"2023-11-14T22:13:20.000Z","updatedAt":"2023-11-14T22:13:25.000Z","#,
            r#""hasDeleteProtection":false,"orgId":"[organization]","projectId":null,"#,
            r#""metadata":[{"id":"[id]","key":"k","value":"v"}]}}"#,
        )
    );
}

#[test]
fn a_change_touches_the_fields_that_it_names() {
    /// `difference` is what the identity then shows differently.
    #[track_caller]
    fn check(body: Value, difference: &[(&str, Value)]) {
        let world = World::new();
        let metadata = json!([{"key": "k", "value": "v"}]);
        let identity = text(&created_with(&world, &json!({ "metadata": metadata, "role": "member" }))["id"]);
        let mut expected = get(&world, &identity);
        world.wait(1);
        world.by_admin("PATCH", &identity_path(&identity)).json(body).send().ok();
        for (pointer, value) in difference {
            *expected.pointer_mut(pointer).unwrap() = value.clone();
        }
        let mut found = get(&world, &identity);
        for entry in
            found["metadata"].as_array_mut().unwrap().iter_mut().chain(expected["metadata"].as_array_mut().unwrap())
        {
            entry["id"] = json!("any");
        }
        assert_eq!(found, expected);
    }
    check(json!({}), &[]);
    check(json!({"name": "x"}), &[("/identity/name", json!("x"))]);
    check(json!({"hasDeleteProtection": true}), &[("/identity/hasDeleteProtection", json!(true))]);
    // The membership changes with the role, and only with it.
    let later = json!("2023-11-14T22:13:20.001Z");
    check(json!({"role": "admin"}), &[("/role", json!("admin")), ("/updatedAt", later)]);
    check(json!({"role": "member"}), &[]);
    check(json!({"metadata": []}), &[("/metadata", json!([]))]);
    let replacement = json!([{"id": "any", "key": "b", "value": "1"}, {"id": "any", "key": "a", "value": "2"}]);
    check(json!({"metadata": [{"key": "b", "value": "1"}, {"key": "a", "value": "2"}]}), &[("/metadata", replacement)]);
}

#[test]
fn a_wrong_field_of_a_change_is_named() {
    #[track_caller]
    fn check(body: &Value, issues: &[&str]) {
        let world = World::new();
        let identity = world.identity("build", "no-access");
        assert_eq!(world.by_admin("PATCH", &identity_path(&identity)).json(body.clone()).send().issues(), issues);
    }
    check(&json!({"name": " "}), &["name: String must contain at least 1 character(s)"]);
    check(&json!({"name": null}), &["name: Expected string, received null"]);
    check(&json!({"role": " "}), &["role: String must contain at least 1 character(s)"]);
    check(&json!({"hasDeleteProtection": null}), &["hasDeleteProtection: Expected boolean, received null"]);
    check(&json!({"metadata": null}), &["metadata: Expected array, received null"]);
    check(&json!("name"), &[": Expected object, received string"]);
}

#[test]
fn a_change_to_a_role_that_does_not_exist_is_refused() {
    let world = World::new();
    let identity = world.identity("build", "no-access");
    let reply = world.by_admin("PATCH", &identity_path(&identity)).json(json!({"role": "root", "name": "x"})).send();
    reply.refused(404, "NotFound", "Role with slug root not found");
}

#[test]
fn a_new_role_is_in_force_at_once() {
    let world = World::new();
    let holder = world.configured_caller("member", json!({}));
    let list = || world.by(&holder, "GET", &identity_path(&holder.identity)).send();
    list().ok();
    world.by_admin("PATCH", &identity_path(&holder.identity)).json(json!({"role": "no-access"})).send().ok();
    list().refused(403, "PermissionDenied", "You are not allowed to read on identity");
}

#[test]
fn nobody_changes_or_deletes_an_identity_that_holds_more() {
    let world = World::new();
    let member = world.configured_caller("member", json!({}));
    let path = identity_path(&world.admin.identity);
    for body in [json!({}), json!({"name": "x"}), json!({"role": "no-access"}), json!({"hasDeleteProtection": true})] {
        let reply = world.by(&member, "PATCH", &path).json(body).send();
        reply.refused(403, "PermissionBoundaryError", "Failed to update identity");
    }
    let details = world.by(&member, "DELETE", &path).send().refused(
        403,
        "PermissionBoundaryError",
        "Failed to delete more privileged identity",
    );
    let missing: Vec<String> =
        details["missingPermissions"].as_array().unwrap().iter().map(|missing| text(&missing["action"])).collect();
    assert_eq!(missing, ["*"]);
}

#[test]
fn an_equal_or_weaker_identity_can_be_changed_and_deleted() {
    let world = World::new();
    let member = world.configured_caller("member", json!({}));
    for role in ["member", "no-access"] {
        let path = identity_path(&world.identity("other", role));
        world.by(&member, "PATCH", &path).json(json!({"name": "x", "role": role})).send().ok();
        world.by(&member, "DELETE", &path).send().ok();
    }
}

// Delete.

#[test]
fn deleted_identity_unchanged() {
    let world = World::new();
    let identity = text(&created_with(&world, &json!({"metadata": [{"key": "k", "value": "v"}]}))["id"]);
    world.wait(1_000);
    let names = [("organization", world.organization.as_str()), ("identity", &identity)];
    assert_eq!(
        world.by_admin("DELETE", &identity_path(&identity)).send().shape(&world, &names),
        concat!(
            r#"{"identity":{"id":"[identity]","name":"build","authMethod":null,"#,
            r#""createdAt":"2023-11-14T22:13:20.000Z","updatedAt":"2023-11-14T22:13:20.000Z","#,
            r#""hasDeleteProtection":false,"orgId":"[organization]","projectId":null},"#,
            r#""inForceEverywhereAt":"2023-11-14T22:13:32.000Z"}"#,
        )
    );
}

#[test]
fn nothing_is_left_of_a_deleted_identity_but_what_happened_to_it() {
    let world = World::new();
    let tables =
        ["identities", "organization_memberships", "identity_metadata", "token_auth_configurations", "access_tokens"];
    let before: Vec<Vec<String>> = tables.iter().map(|table| world.rows(table)).collect();
    let Caller { identity, token_id, token } = world.configured_caller("no-access", json!({}));
    world
        .by_admin("PATCH", &identity_path(&identity))
        .json(json!({"metadata": [{"key": "k", "value": "v"}]}))
        .send()
        .ok();
    world.by_admin("DELETE", &identity_path(&identity)).send().ok();
    let after: Vec<Vec<String>> = tables.iter().map(|table| world.rows(table)).collect();
    assert_eq!(after, before);

    let not_found = format!("Failed to find identity with id {identity}");
    world.by_admin("GET", &identity_path(&identity)).send().refused(404, "NotFound", &not_found);
    world.by_admin("DELETE", &identity_path(&identity)).send().refused(404, "NotFound", &not_found);
    let not_found = format!("Failed to find identity with ID {identity}");
    world.by_admin("GET", &token_auth_path(&identity)).send().refused(404, "NotFound", &not_found);
    let not_found = format!("Token with ID {token_id} not found");
    world.by_admin("GET", &token_path(&token_id)).send().refused(404, "NotFound", &not_found);
    world.renew(&token).refused(401, "UnauthorizedError", "No identity access token found");
}

#[test]
fn a_protected_identity_is_deleted_only_after_its_protection_is_lifted() {
    let world = World::new();
    let identity = text(&created_with(&world, &json!({"hasDeleteProtection": true}))["id"]);
    let path = identity_path(&identity);
    world.by_admin("DELETE", &path).send().refused(400, "BadRequest", "Identity has delete protection");
    world.by_admin("PATCH", &path).json(json!({"hasDeleteProtection": false})).send().ok();
    world.by_admin("DELETE", &path).send().ok();
}

#[test]
fn an_odd_id_names_no_identity() {
    let world = World::new();
    for odd in ODD_IDS {
        let not_found = format!("Failed to find identity with id {odd}");
        for method in ["GET", "PATCH", "DELETE"] {
            world.by_admin(method, &identity_path(odd)).send().refused(404, "NotFound", &not_found);
        }
    }
}

#[test]
fn an_id_may_be_written_in_capitals() {
    let world = World::new();
    let identity = world.identity("build", "no-access");
    let path = identity_path(&identity.to_uppercase());
    assert_eq!(world.by_admin("GET", &path).send().ok()["identity"]["identityId"], json!(identity));
    world.by_admin("PATCH", &path).json(json!({"name": "x"})).send().ok();
    world.by_admin("DELETE", &path).send().ok();
}
