//! Tests of project roles on a real SQLite.

use serde_json::{Value, json};

use crate::tests::world::{Caller, World, not_a_member, text_at, with_letters};
use directory::project_roles::MAXIMUM_RULE_BYTES;

/// What a custom role needs to manage roles.
fn manage_roles() -> Value {
    json!({ "subject": "role", "action": ["read", "create", "edit", "delete"] })
}

#[test]
fn role_answers_unchanged() {
    let world = World::new();
    let project = world.project("billing");
    let permissions = json!([
        { "subject": "requests", "action": "read", "conditions": { "path": { "$glob": "/invoices/**" } } },
        { "subject": "identity", "action": ["read", "edit"], "conditions": { "identityId": "1" }, "inverted": true },
        { "subject": "secrets", "action": ["readValue"], "conditions": { "environment": "dev", "secretPath": { "$glob": "/" } }, "inverted": null },
    ]);
    let body = json!({ "slug": "auditor", "name": "Auditor", "description": "d", "permissions": permissions });
    let made = world.ok(&world.admin, "POST", &format!("/api/v1/projects/{project}/roles"), &body);
    assert_eq!(
        with_letters(&made),
        json!({ "role": {
            "id": "<a>", "name": "Auditor", "slug": "auditor", "description": "d", "projectId": "<b>",
            "permissions": [
                { "subject": "requests", "action": ["read"], "conditions": { "path": { "$glob": "/invoices/**" } }, "inverted": false },
                { "subject": "identity", "action": ["read", "edit"], "conditions": { "identityId": "1" }, "inverted": true },
                { "subject": "secrets", "action": ["readValue"], "conditions": { "environment": "dev", "secretPath": { "$glob": "/" } }, "inverted": false },
            ],
            "createdAt": "2023-11-14T22:13:20.000Z", "updatedAt": "2023-11-14T22:13:20.000Z",
        } })
    );
    let id = text_at(&made, "/role/id");
    for path in [
        format!("/api/v1/projects/{project}/roles/slug/auditor"),
        format!("/api/v2/workspace/{project}/roles/slug/auditor"),
        "/api/v1/workspace/billing/roles/slug/auditor".to_owned(),
        format!("/api/v1/projects/roles/{id}"),
    ] {
        assert_eq!(world.ok(&world.admin, "GET", &path, &Value::Null), made, "{path}");
    }
    let mut listed = made["role"].clone();
    listed.as_object_mut().unwrap().remove("permissions");
    for path in [format!("/api/v1/projects/{project}/roles"), "/api/v1/workspace/billing/roles".to_owned()] {
        let roles = world.ok(&world.admin, "GET", &path, &Value::Null)["roles"].clone();
        assert_eq!(roles.as_array().unwrap().len(), 5);
        assert_eq!(roles[0]["slug"], "admin");
        assert_eq!(roles[4], listed);
    }
    let built_in = world.ok(&world.admin, "GET", "/api/v1/workspace/billing/roles/slug/viewer", &Value::Null);
    assert_eq!(
        built_in["role"]["permissions"][0],
        json!({ "subject": "requests", "action": ["read"], "inverted": false })
    );
}

#[test]
fn a_condition_on_a_path_has_the_form_that_paths_are_compared_in() {
    let world = World::new();
    let project = world.project("billing");
    let tests = json!({ "$eq": "/caf%c3%a9", "$in": ["/%c3%a9/ab"], "$glob": "/caf%C3%a9/**", "$ne": "/%3b" });
    let rule = json!({ "subject": "requests", "action": ["read"], "conditions": { "path": tests }, "inverted": true });
    let body = json!({ "slug": "auditor", "name": "Auditor", "permissions": [rule] });
    let made = world.ok(&world.admin, "POST", &format!("/api/v1/projects/{project}/roles"), &body);
    assert_eq!(
        made["role"]["permissions"][0]["conditions"]["path"],
        json!({ "$eq": "/caf%C3%A9", "$in": ["/%C3%A9/ab"], "$glob": "/caf%C3%A9/**", "$ne": "/%3B" })
    );
}

#[test]
fn a_role_is_changed_field_by_field_through_every_twin() {
    let world = World::new();
    let project = world.project("billing");
    let id = world.project_role(&project, "auditor", &json!([manage_roles()]));
    let path = format!("/api/v1/workspace/billing/roles/{id}");
    // Terraform's first version sends the project and the role in the body as well.
    let body = json!({ "projectSlug": "billing", "roleId": id, "slug": "auditor", "name": "A", "description": "" });
    let changed = world.ok(&world.admin, "PATCH", &path, &body);
    assert_eq!(changed["role"]["name"], "A");
    assert_eq!(changed["role"]["description"], Value::Null);
    assert_eq!(changed["role"]["permissions"][0]["subject"], "role");
    let path = format!("/api/v2/workspace/{project}/roles/{id}");
    let changed = world.ok(&world.admin, "PATCH", &path, &json!({ "permissions": [] }));
    assert_eq!(changed["role"]["permissions"], json!([]));
    let gone = world.ok(&world.admin, "DELETE", &path, &Value::Null);
    assert_eq!(gone["role"]["id"], json!(id));
    for method in ["PATCH", "DELETE"] {
        world.refused(&world.admin, method, &path, &json!({}), 404);
    }
    let message = format!("Project role with ID '{id}' not found");
    let path = format!("/api/v1/projects/roles/{id}");
    world.refused_saying(&world.admin, ("GET", &path, &Value::Null), (404, "NotFound", &message));
    let message = "Project role with slug 'auditor' not found";
    let path = format!("/api/v1/projects/{project}/roles/slug/auditor");
    world.refused_saying(&world.admin, ("GET", &path, &Value::Null), (404, "NotFound", message));
}

#[test]
fn wrong_rules_are_named_by_their_paths() {
    let world = World::new();
    let project = world.project("billing");
    let path = format!("/api/v1/projects/{project}/roles");
    let check = |permissions: Value, expected: &[&str]| {
        let body = json!({ "slug": "auditor", "name": "a", "permissions": permissions });
        let answer = world.refused(&world.admin, "POST", &path, &body, 422);
        assert_eq!(answer.issue_paths(), expected, "{permissions}");
    };
    let read = json!({ "subject": "role", "action": ["read"] });
    check(json!({}), &["[\"permissions\"]"]);
    check(json!([read, 1]), &["[\"permissions\",1]"]);
    check(json!([read, {}]), &["[\"permissions\",1,\"subject\"]", "[\"permissions\",1,\"action\"]"]);
    check(json!([{ "subject": "nonsense", "action": "read" }]), &["[\"permissions\",0,\"subject\"]"]);
    check(
        json!([{ "subject": "*", "action": "*" }]),
        &["[\"permissions\",0,\"subject\"]", "[\"permissions\",0,\"action\"]"],
    );
    check(json!([{ "subject": "secrets", "action": ["*"] }]), &["[\"permissions\",0,\"action\",0]"]);
    check(json!([{ "subject": "role", "action": "push" }]), &["[\"permissions\",0,\"action\"]"]);
    check(
        json!([{ "subject": "role", "action": ["read", "push", 1] }]),
        &["[\"permissions\",0,\"action\",1]", "[\"permissions\",0,\"action\",2]"],
    );
    check(json!([{ "subject": "role", "action": [] }]), &["[\"permissions\",0,\"action\"]"]);
    check(json!([{ "subject": "role", "action": vec!["read"; 51] }]), &["[\"permissions\",0,\"action\"]"]);
    check(json!([{ "subject": "role", "action": "read", "inverted": "no" }]), &["[\"permissions\",0,\"inverted\"]"]);
    let with = |conditions: Value| json!([{ "subject": "requests", "action": "read", "conditions": conditions }]);
    check(with(json!([])), &["[\"permissions\",0,\"conditions\"]"]);
    check(with(json!({ "identityId": "1" })), &["[\"permissions\",0,\"conditions\",\"identityId\"]"]);
    let operator = |name: &str| format!("[\"permissions\",0,\"conditions\",\"path\",\"{name}\"]");
    check(with(json!({ "path": { "$regex": "x" } })), &[&operator("$regex")]);
    check(with(json!({ "path": { "$glob": "/{a,b}" } })), &[&operator("$glob")]);
    check(with(json!({ "path": 1 })), &["[\"permissions\",0,\"conditions\",\"path\"]"]);
    check(json!(vec![read; 501]), &["[\"permissions\"]"]);

    let answer = world.refused(&world.admin, "POST", &path, &json!({ "slug": "A", "name": "" }), 422);
    assert_eq!(answer.issue_paths(), ["[\"slug\"]", "[\"name\"]", "[\"permissions\"]"]);
}

#[test]
fn conditions_of_secrets_are_kept_as_they_were_sent() {
    let world = World::new();
    let project = world.project("billing");
    for (number, conditions) in [
        json!({ "environment": "dev", "secretPath": { "$glob": "/**" } }),
        json!({ "environment": { "$in": ["dev"] }, "secretPath": { "$glob": "/{a,b}/*" } }),
        json!({ "secretTags": { "$all": ["a"] } }),
        json!({ "metadata": { "$elemMatch": { "key": { "$eq": "a" } } } }),
        json!({ "environment": { "$eq": "" } }),
    ]
    .into_iter()
    .enumerate()
    {
        let rules =
            json!([{ "subject": "secrets", "action": ["readValue"], "inverted": false, "conditions": conditions }]);
        let role = world.project_role(&project, &format!("reader-{number}"), &rules);
        let found = world.ok(&world.admin, "GET", &format!("/api/v1/projects/roles/{role}"), &Value::Null);
        assert_eq!(found["role"]["permissions"], rules);
    }
}

#[test]
fn a_role_has_at_most_500_rules() {
    let world = World::new();
    let project = world.project("billing");
    world.project_role(&project, "auditor", &json!(vec![json!({ "subject": "role", "action": ["read"] }); 500]));
}

#[test]
fn an_action_that_is_named_twice_is_kept_once() {
    let world = World::new();
    let project = world.project("billing");
    let rule = json!({ "subject": "secrets", "action": ["read", "edit", "read", "edit", "read"] });
    let body = json!({ "slug": "auditor", "name": "Auditor", "permissions": [rule] });
    let made = world.ok(&world.admin, "POST", &format!("/api/v1/projects/{project}/roles"), &body);
    assert_eq!(made["role"]["permissions"][0]["action"], json!(["read", "edit"]));
}

#[test]
fn the_rules_of_all_roles_of_a_project_have_a_bounded_size_and_fewer_always_fit() {
    let world = World::new();
    let (project, other) = (world.project("billing"), world.project("shipping"));
    let path = format!("/api/v1/projects/{project}/roles");
    let body = |number: usize, rules: usize| {
        let rule = json!({ "subject": "secrets", "action": "read", "conditions": { "secretPath": "x".repeat(60) } });
        json!({ "slug": format!("r{number}"), "name": "R", "permissions": vec![rule; rules] })
    };
    let size = rule_json_size(&body(0, 450)["permissions"]);
    let fitting = usize::try_from(MAXIMUM_RULE_BYTES / size).unwrap();
    let ids: Vec<String> = (0..fitting)
        .map(|number| text_at(&world.ok(&world.admin, "POST", &path, &body(number, 450)), "/role/id"))
        .collect();
    let refused = world.refused(&world.admin, "POST", &path, &body(fitting, 450), 400);
    assert_eq!(refused.body["details"]["maximum"], json!(MAXIMUM_RULE_BYTES));
    // What is left is filled up, so that a few more rules are too many.
    let rules = (MAXIMUM_RULE_BYTES - size * fitting as u64) / rule_json_size(&body(0, 1)["permissions"]);
    let filler = body(fitting, usize::try_from(rules).unwrap() - 1);
    world.ok(&world.admin, "POST", &path, &filler);
    let first = format!("{path}/{}", ids[0]);
    let longer = json!({ "subject": "secrets", "action": "read", "conditions": { "secretPath": "x".repeat(1_200) } });
    world.refused(&world.admin, "PATCH", &first, &json!({ "permissions": vec![longer; 500] }), 400);
    world.ok(&world.admin, "PATCH", &first, &json!({ "permissions": body(0, 449)["permissions"] }));
    world.ok(&world.admin, "PATCH", &first, &json!({ "name": "renamed" }));
    // No project uses up another's room.
    world.ok(&world.admin, "POST", &format!("/api/v1/projects/{other}/roles"), &body(0, 450));
}

/// How many bytes rules have as they are stored.
fn rule_json_size(sent: &Value) -> u64 {
    let stored = sent.as_array().unwrap().iter().map(|rule| {
        json!({ "subject": rule["subject"], "action": [rule["action"]], "conditions": rule["conditions"], "inverted": false })
    });
    stored.collect::<Value>().to_string().len() as u64
}

#[test]
fn a_slug_is_neither_reserved_nor_taken() {
    let world = World::new();
    let project = world.project("billing");
    world.project_role(&project, "taken", &json!([]));
    let id = world.project_role(&project, "auditor", &json!([]));
    let path = format!("/api/v1/projects/{project}/roles");
    let one = format!("{path}/{id}");
    let message = "Please choose a different slug, the slug you have entered is reserved";
    for slug in ["admin", "member", "viewer", "no-access", "custom"] {
        let body = json!({ "slug": slug, "name": "a", "permissions": [] });
        world.refused_saying(&world.admin, ("POST", &path, &body), (400, "BadRequest", message));
        world.refused_saying(&world.admin, ("PATCH", &one, &body), (400, "BadRequest", message));
    }
    let body = json!({ "slug": "taken", "name": "a", "permissions": [] });
    let message = "Project role with slug 'taken' already exists";
    world.refused_saying(&world.admin, ("POST", &path, &body), (400, "BadRequest", message));
    world.refused_saying(&world.admin, ("PATCH", &one, &body), (400, "BadRequest", message));
    // In another project it is free.
    world.project_role(&world.project("other"), "taken", &json!([]));
}

#[test]
fn a_role_in_use_stays_and_the_refusal_names_who_uses_it() {
    let world = World::new();
    let project = world.project("billing");
    let id = world.project_role(&project, "auditor", &json!([]));
    let (second, first) = (world.identity("second", "no-access"), world.identity("first", "no-access"));
    world.join(&project, &second, &["auditor"]);
    world.join(&project, &first, &["viewer", "auditor"]);
    let path = format!("/api/v1/projects/{project}/roles/{id}");
    let refusal = (400, "BadRequest", "Failed to delete a role that identities have");
    let answer = world.refused_saying(&world.admin, ("DELETE", &path, &Value::Null), refusal);
    let identities = json!([{ "id": first, "name": "first" }, { "id": second, "name": "second" }]);
    assert_eq!(answer.body["details"], json!({ "identityCount": 2, "identities": identities }));
}

#[test]
fn a_role_in_use_names_only_holders_whose_membership_the_caller_may_see() {
    let world = World::new();
    let project = world.project("billing");
    let id = world.project_role(&project, "auditor", &json!([]));
    let (one, other) = (world.identity("one", "no-access"), world.identity("other", "no-access"));
    world.join(&project, &one, &["auditor"]);
    world.join(&project, &other, &["auditor"]);
    let path = format!("/api/v1/projects/{project}/roles/{id}");
    let refusal = (400, "BadRequest", "Failed to delete a role that identities have");
    let deletes = json!({ "subject": "role", "action": "delete" });
    world.project_role(&project, "cleaner", &json!([deletes]));
    let cleaner = world.member(&project, "cleaner", &["cleaner"]);
    let answer = world.refused_saying(&cleaner, ("DELETE", &path, &Value::Null), refusal);
    assert_eq!(answer.body["details"], json!({ "identityCount": 2, "identities": [] }));
    let sees = json!({ "subject": "identity", "action": "read", "conditions": { "identityId": { "$eq": one } } });
    world.project_role(&project, "looker", &json!([deletes, sees]));
    let looker = world.member(&project, "looker", &["looker"]);
    let answer = world.refused_saying(&looker, ("DELETE", &path, &Value::Null), refusal);
    assert_eq!(answer.body["details"], json!({ "identityCount": 2, "identities": [{ "id": one, "name": "one" }] }));
}

#[test]
fn a_new_slug_is_told_to_the_data_plane_and_new_rules_are_not() {
    let world = World::new();
    let project = world.project("billing");
    let id = world.project_role(&project, "auditor", &json!([]));
    let (holder, other) = (world.identity("holder", "no-access"), world.identity("other", "no-access"));
    world.join(&project, &holder, &["auditor"]);
    world.join(&project, &other, &["viewer"]);
    let before = (world.change_of(&holder), world.change_of(&other));
    let path = format!("/api/v1/projects/{project}/roles/{id}");
    world.ok(&world.admin, "PATCH", &path, &json!({ "slug": "auditor", "permissions": [manage_roles()] }));
    assert_eq!((world.change_of(&holder), world.change_of(&other)), before);
    world.ok(&world.admin, "PATCH", &path, &json!({ "slug": "inspector" }));
    assert!(world.change_of(&holder) > before.0);
    assert_eq!(world.change_of(&other), before.1);
}

#[test]
fn each_action_on_roles_needs_its_permission() {
    let world = World::new();
    let project = world.project("billing");
    let id = world.project_role(&project, "auditor", &json!([]));
    let viewer = world.member(&project, "viewer", &["viewer"]);
    let nothing = world.member(&project, "nothing", &["no-access"]);
    let stranger = world.caller("stranger", "member");
    let base = format!("/api/v1/projects/{project}/roles");
    let one = format!("{base}/{id}");
    let body = json!({ "slug": "new-role", "name": "n", "permissions": [] });
    let by_id = format!("/api/v1/projects/roles/{id}");
    let reads = [base.clone(), format!("{base}/slug/auditor"), by_id.clone()];
    for path in &reads {
        world.ok(&viewer, "GET", path, &Value::Null);
        let refusal = (403, "PermissionDenied", "You are not allowed to read on role");
        world.refused_saying(&nothing, ("GET", path, &Value::Null), refusal);
        let message = not_a_member(&project);
        let refusal = (403, "ProjectMembershipNotFound", message.as_str());
        world.refused_saying(&stranger, ("GET", path, &Value::Null), refusal);
    }
    for (method, path, action) in [("POST", &base, "create"), ("PATCH", &one, "edit"), ("DELETE", &one, "delete")] {
        let message = format!("You are not allowed to {action} on role");
        world.refused_saying(&viewer, (method, path, &body), (403, "PermissionDenied", &message));
    }
}

/// A member that may manage roles and send requests that read, below `/a`.
fn manager(world: &World, project: &str) -> Caller {
    let read_a = json!({ "subject": "requests", "action": "read", "conditions": { "path": { "$glob": "/a/**" } } });
    world.project_role(project, "manager", &json!([manage_roles(), read_a]));
    world.member(project, "manager", &["manager"])
}

#[test]
fn nobody_makes_a_role_that_is_stronger_than_they_are() {
    let world = World::new();
    let project = world.project("billing");
    let manager = manager(&world, &project);
    let base = format!("/api/v1/projects/{project}/roles");
    let with = |rule: Value| json!({ "slug": "new-role", "name": "n", "permissions": [rule] });
    let requests = |actions: Value, conditions: Value| json!({ "subject": "requests", "action": actions, "conditions": conditions });
    for rule in [
        requests(json!(["read"]), json!({})),
        requests(json!(["read"]), json!({ "path": { "$glob": "/**" } })),
        requests(json!(["read", "create"]), json!({ "path": { "$glob": "/a/**" } })),
        json!({ "subject": "identity", "action": "read" }),
    ] {
        let refusal = (403, "PermissionBoundaryError", "Failed to create project role");
        let answer = world.refused_saying(&manager, ("POST", &base, &with(rule)), refusal);
        assert!(!answer.body["details"]["missingPermissions"].as_array().unwrap().is_empty());
    }
    let made = world.ok(&manager, "POST", &base, &with(requests(json!(["read"]), json!({ "path": "/a/b" }))));
    let one = format!("{base}/{}", text_at(&made, "/role/id"));
    let wider = json!({ "permissions": [requests(json!(["read"]), json!({}))] });
    let refusal = (403, "PermissionBoundaryError", "Failed to update project role");
    world.refused_saying(&manager, ("PATCH", &one, &wider), refusal);

    // Nor is a stronger role tampered with, not even to make it weaker.
    let strong = world.project_role(&project, "strong", &json!([{ "subject": "project", "action": "edit" }]));
    let strong = format!("{base}/{strong}");
    world.refused_saying(&manager, ("PATCH", &strong, &json!({ "permissions": [] })), refusal);
    world.refused_saying(&manager, ("PATCH", &strong, &json!({ "name": "x" })), refusal);
}

#[test]
fn nobody_frees_itself_by_emptying_the_role_that_holds_it_back() {
    let world = World::new();
    let project = world.project("billing");
    let deny = json!({ "subject": "identity", "action": ["delete"], "inverted": true });
    let id = world.project_role(&project, "held-back", &json!([deny]));
    let member = world.member(&project, "held back", &["admin", "held-back"]);
    let path = format!("/api/v1/projects/{project}/roles/{id}");
    let refusal = (403, "PermissionBoundaryError", "Failed to update project role");
    world.refused_saying(&member, ("PATCH", &path, &json!({ "permissions": [] })), refusal);
    world.ok(&member, "PATCH", &path, &json!({ "name": "Held back", "permissions": [deny] }));
    world.ok(&world.admin, "PATCH", &path, &json!({ "permissions": [] }));
}

#[test]
fn nobody_locks_a_stronger_holder_out_by_denials_in_a_role_that_allows_nothing() {
    let world = World::new();
    let project = world.project("billing");
    let marker = world.project_role(&project, "marker", &json!([]));
    let editor = json!({ "subject": "role", "action": ["read", "create", "edit"] });
    world.project_role(&project, "role-editor", &json!([editor]));
    let strong = world.member(&project, "strong", &["admin", "marker"]);
    let weak = world.member(&project, "weak", &["role-editor"]);
    let path = format!("/api/v1/projects/{project}/roles/{marker}");
    let deny = |actions: &[&str]| json!({ "subject": "project", "action": actions, "inverted": true });
    let with = |rules: &[Value]| json!({ "permissions": rules });
    let refusal = (403, "PermissionBoundaryError", "Failed to update project role");

    let answer = world.refused_saying(&weak, ("PATCH", &path, &with(&[deny(&["read"])])), refusal);
    assert_eq!(answer.body["details"]["missingPermissions"], json!([{ "action": "*", "subject": "*" }]));
    world.ok(&strong, "GET", &format!("/api/v1/projects/{project}"), &Value::Null);
    // What denies nothing new concerns no holder's other roles.
    world.ok(&weak, "PATCH", &path, &with(&[editor]));
    world.ok(&weak, "PATCH", &path, &json!({ "permissions": [], "name": "Marked" }));

    // Nor is a denial that is there made wider, or put onto more.
    world.ok(&world.admin, "PATCH", &path, &with(&[deny(&["edit"])]));
    for rules in [vec![deny(&["edit", "read"])], vec![deny(&["edit"]), deny(&["read"])]] {
        world.refused_saying(&weak, ("PATCH", &path, &with(&rules)), refusal);
    }

    // A role that has not begun is a role of its holder; one that nobody has locks nobody out.
    let empty = world.project_role(&project, "empty", &json!([]));
    let path = format!("/api/v1/projects/{project}/roles/{empty}");
    let later = world.identity("later", "no-access");
    let membership = format!("/api/v1/projects/{project}/memberships/identities/{later}");
    let roles = json!({ "roles": [{ "role": "no-access" }, { "role": "empty", "isTemporary": true,
        "temporaryRange": "1h", "temporaryAccessStartTime": "2024-01-01T00:00:00Z" }, { "role": "member",
        "isTemporary": true, "temporaryRange": "1h", "temporaryAccessStartTime": "2024-01-01T00:00:00Z" }] });
    world.ok(&world.admin, "POST", &membership, &roles);
    world.refused_saying(&weak, ("PATCH", &path, &with(&[deny(&["read"])])), refusal);
    world.ok(&world.admin, "DELETE", &membership, &Value::Null);
    world.ok(&weak, "PATCH", &path, &with(&[deny(&["read"])]));
    // Giving it is changing a membership, which needs all that its identity may do.
    let refusal = (403, "PermissionDenied", "You are not allowed to edit on identity");
    let membership = format!("/api/v1/projects/{project}/memberships/identities/{}", strong.identity);
    let given = json!({ "roles": [{ "role": "admin" }, { "role": "empty" }] });
    world.refused_saying(&weak, ("PATCH", &membership, &given), refusal);
    let clerk = json!({ "subject": "identity", "action": ["read", "edit", "grant-privileges"] });
    world.project_role(&project, "clerk", &json!([clerk]));
    let clerk = world.member(&project, "clerk", &["clerk"]);
    let refusal = (403, "PermissionBoundaryError", "Failed to update identity project membership");
    world.refused_saying(&clerk, ("PATCH", &membership, &given), refusal);
    world.refused_saying(&clerk, ("PATCH", &membership, &json!({ "roles": [{ "role": "empty" }] })), refusal);
}

#[test]
fn who_holds_all_that_the_holders_do_may_let_a_role_deny_more() {
    let world = World::new();
    let project = world.project("billing");
    let marker = world.project_role(&project, "marker", &json!([]));
    let strong = world.member(&project, "strong", &["admin"]);
    world.member(&project, "holder", &["member", "marker"]);
    world.member(&project, "administrator", &["admin", "marker"]);
    let path = format!("/api/v1/projects/{project}/roles/{marker}");
    let deny = json!({ "permissions": [{ "subject": "requests", "action": ["delete"], "inverted": true }] });
    world.ok(&strong, "PATCH", &path, &deny);
}

#[test]
fn a_role_of_another_project_is_not_there() {
    let world = World::new();
    let (one, two) = (world.project("first-one"), world.project("second-one"));
    let id = world.project_role(&one, "auditor", &json!([]));
    let path = format!("/api/v1/projects/{two}/roles/{id}");
    for method in ["PATCH", "DELETE"] {
        world.refused(&world.admin, method, &path, &json!({}), 404);
    }
    world.refused(&world.admin, "GET", &format!("/api/v1/projects/{two}/roles/slug/auditor"), &Value::Null, 404);
}
