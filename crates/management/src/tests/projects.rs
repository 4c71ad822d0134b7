//! Tests of projects on a real SQLite.

use serde_json::{Value, json};

use crate::router;
use crate::tests::world::{World, not_a_member, text_at, with_letters};

const NOWHERE: &str = "c0ffee00-0000-4000-8000-000000000001";

#[test]
fn every_endpoint_is_found_with_its_own_operation_and_its_own_parameters() {
    for endpoint in router::all() {
        // A value for each parameter that no static segment has.
        let path: Vec<String> = endpoint
            .path
            .split('/')
            .map(|part| part.strip_prefix(':').map_or(part.to_owned(), |name| format!("x{name}")))
            .collect();
        let matched = router::find(endpoint.method, &path.join("/")).unwrap_or_else(|| panic!("{endpoint:?}"));
        assert_eq!(matched.endpoint, endpoint);
        for name in endpoint.path.split('/').filter_map(|part| part.strip_prefix(':')) {
            assert_eq!(matched.parameter(name), format!("x{name}"), "{endpoint:?}");
        }
    }
}

#[test]
fn created_project_unchanged() {
    let world = World::new();
    let body = json!({
        "projectName": " Billing API ", "projectDescription": "Invoices", "slug": "billing", "type": "kms",
        "template": "default", "kmsKeyId": "x", "hasDeleteProtection": true, "unknown": 1,
    });
    let made = world.ok(&world.admin, "POST", "/api/v2/workspace", &body);
    assert_eq!(
        with_letters(&made),
        json!({ "project": {
            "_id": "<a>", "id": "<a>", "name": "Billing API", "slug": "billing", "description": "Invoices", "type": "kms",
            "orgId": "<e>", "hasDeleteProtection": true, "autoCapitalization": false,
            "auditLogsRetentionDays": null,
            "createdAt": "2023-11-14T22:13:20.000Z", "updatedAt": "2023-11-14T22:13:20.000Z",
            "environments": [
                { "id": "<b>", "name": "Development", "slug": "dev" },
                { "id": "<c>", "name": "Staging", "slug": "staging" },
                { "id": "<d>", "name": "Production", "slug": "prod" },
            ],
        } })
    );
    assert_eq!(made["project"]["orgId"], json!(world.organization));
}

#[test]
fn a_project_is_found_by_id_and_by_slug_in_every_envelope() {
    let world = World::new();
    let id = world.project("billing");
    let get = |path: &str| world.ok(&world.admin, "GET", path, &Value::Null);
    let project = get(&format!("/api/v1/projects/{id}"))["project"].clone();
    assert_eq!(project["slug"], "billing");
    assert_eq!(get(&format!("/api/v1/workspace/{id}"))["workspace"], project);
    // These have no envelope; Terraform reads the second.
    assert_eq!(get("/api/v1/projects/slug/billing"), project);
    assert_eq!(get("/api/v2/workspace/billing"), project);
    assert_eq!(get("/api/v1/projects")["projects"], json!([project]));
    assert_eq!(get("/api/v1/workspace")["workspaces"], json!([project]));
    assert_eq!(get("/api/v1/projects?type=kms")["projects"], json!([]));
    assert_eq!(get("/api/v1/projects?type=all")["projects"], json!([project]));
    // A slug may be a word that other paths have.
    world.project("identity-memberships");
    assert_eq!(get("/api/v2/workspace/identity-memberships")["slug"], "identity-memberships");
    world.project_role(&id, "auditor", &json!([]));
    let roles = get("/api/v1/projects?includeRoles=true&type=secret-manager")["projects"][0]["roles"].clone();
    let slugs: Vec<&str> = roles.as_array().unwrap().iter().map(|role| role["slug"].as_str().unwrap()).collect();
    assert_eq!(slugs, ["admin", "member", "viewer", "no-access", "auditor"]);
    // Who may not see roles sees none here either.
    let nothing = world.member(&id, "nothing", &["no-access"]);
    let listed = world.ok(&nothing, "GET", "/api/v1/projects?includeRoles=true", &Value::Null);
    assert_eq!(listed["projects"][0]["roles"], json!([]));
}

#[test]
fn a_slug_is_made_of_the_name_when_none_is_sent() {
    let world = World::new();
    for slug in [json!(null), json!("")] {
        let mut body = json!({ "projectName": "My API", "shouldCreateDefaultEnvs": false });
        if slug.is_string() {
            body["slug"] = slug;
        }
        let made = world.ok(&world.admin, "POST", "/api/v1/projects", &body);
        assert!(text_at(&made, "/project/slug").starts_with("my-api-"), "{made}");
        assert_eq!(made["project"]["environments"], json!([]));
    }
}

#[test]
fn wrong_input_is_named_and_changes_nothing() {
    let world = World::new();
    let check = |body: Value, expected: &[&str]| {
        let answer = world.refused(&world.admin, "POST", "/api/v1/projects", &body, 422);
        assert_eq!(answer.issue_paths(), expected, "{body}");
    };
    check(json!({}), &["[\"projectName\"]"]);
    check(json!({ "projectName": "a", "slug": "abcd" }), &["[\"slug\"]"]);
    check(json!({ "projectName": "a", "slug": "a".repeat(37) }), &["[\"slug\"]"]);
    check(json!({ "projectName": "a", "slug": "UPPER" }), &["[\"slug\"]"]);
    check(json!({ "projectName": "a", "type": "x" }), &["[\"type\"]"]);
    check(json!({ "projectName": "a", "shouldCreateDefaultEnvs": "yes" }), &["[\"shouldCreateDefaultEnvs\"]"]);
    check(json!({ "projectName": "a", "projectDescription": "x".repeat(1025) }), &["[\"projectDescription\"]"]);
    world.refused(&world.admin, "GET", "/api/v1/projects?includeRoles=maybe", &Value::Null, 422);
    world.project("billing");
    let taken = json!({ "projectName": "a", "slug": "billing" });
    world.refused_saying(
        &world.admin,
        ("POST", "/api/v1/projects", &taken),
        (400, "BadRequest", "Project with slug 'billing' already exists"),
    );
}

#[test]
fn creating_a_project_needs_the_permission_and_makes_its_creator_the_administrator() {
    let world = World::new();
    let stranger = world.caller("stranger", "member");
    let body = json!({ "projectName": "mine", "slug": "my-project" });
    world.refused_saying(
        &stranger,
        ("POST", "/api/v1/projects", &body),
        (403, "PermissionDenied", "You are not allowed to create on workspace"),
    );
    let made = world.ok(&world.admin, "POST", "/api/v1/projects", &body);
    let path =
        format!("/api/v1/projects/{}/memberships/identities/{}", text_at(&made, "/project/id"), world.admin.identity);
    let membership = world.ok(&world.admin, "GET", &path, &Value::Null);
    assert_eq!(membership["identityMembership"]["roles"][0]["role"], "admin");
}

#[test]
fn only_members_and_administrators_of_the_organization_see_a_project() {
    let world = World::new();
    let id = world.project("billing");
    let stranger = world.caller("stranger", "member");
    let nothing = world.member(&id, "nothing", &["no-access"]);
    let viewer = world.member(&id, "viewer", &["viewer"]);
    let path = format!("/api/v1/projects/{id}");
    let message = not_a_member(&id);
    let refusal = (403, "ProjectMembershipNotFound", message.as_str());
    for path in [path.as_str(), "/api/v2/workspace/billing", "/api/v1/projects/slug/billing"] {
        world.refused_saying(&stranger, ("GET", path, &Value::Null), refusal);
    }
    let refusal = (403, "PermissionDenied", "You are not allowed to read on project");
    world.refused_saying(&nothing, ("GET", &path, &Value::Null), refusal);
    world.ok(&viewer, "GET", &path, &Value::Null);
    let refusal = (403, "PermissionDenied", "You are not allowed to edit on project");
    world.refused_saying(&viewer, ("PATCH", &path, &json!({ "name": "b" })), refusal);
    let refusal = (403, "PermissionDenied", "You are not allowed to delete on project");
    world.refused_saying(&viewer, ("DELETE", &path, &Value::Null), refusal);

    let second = world.caller("second administrator", "admin");
    world.ok(&second, "GET", &path, &Value::Null);
    let count =
        |caller| world.ok(caller, "GET", "/api/v1/projects", &Value::Null)["projects"].as_array().unwrap().len();
    assert_eq!((count(&stranger), count(&viewer), count(&second)), (0, 1, 1));

    let message = format!("Project with ID '{NOWHERE}' not found");
    let path = format!("/api/v1/projects/{NOWHERE}");
    world.refused_saying(&world.admin, ("GET", &path, &Value::Null), (404, "NotFound", &message));
    let message = "Project with slug 'nowhere' not found";
    world.refused_saying(&world.admin, ("GET", "/api/v2/workspace/nowhere", &Value::Null), (404, "NotFound", message));
    let message = "Project with ID 'x' not found";
    world.refused_saying(&world.admin, ("GET", "/api/v1/workspace/x", &Value::Null), (404, "NotFound", message));
}

#[test]
fn a_project_is_changed_field_by_field_and_a_new_slug_is_told_to_the_members() {
    let world = World::new();
    let id = world.project("billing");
    world.project("other");
    let member = world.member(&id, "member", &["member"]);
    let path = format!("/api/v1/projects/{id}");
    let before = world.change_of(&member.identity);

    let changed = world.ok(&world.admin, "PATCH", &path, &json!({ "name": "B", "description": "d" }));
    assert_eq!(changed["project"]["name"], "B");
    assert_eq!(changed["project"]["description"], "d");
    assert_eq!(changed["project"]["slug"], "billing");
    assert_eq!(world.change_of(&member.identity), before);

    let taken = json!({ "slug": "other" });
    let refusal = (400, "BadRequest", "Project with slug 'other' already exists");
    world.refused_saying(&world.admin, ("PATCH", &path, &taken), refusal);

    let changed = world.ok(&world.admin, "PATCH", &path, &json!({ "slug": "billed", "description": null }));
    assert_eq!(changed["project"]["slug"], "billed");
    assert_eq!(changed["project"]["description"], Value::Null);
    assert!(world.change_of(&member.identity) > before);
    let changed = world.ok(&world.admin, "PATCH", "/api/v2/workspace/billed", &json!({ "name": "C" }));
    assert_eq!(changed["name"], "C");
}

#[test]
fn a_protected_project_stays_and_another_takes_everything_with_it() {
    let world = World::new();
    let id = world.project("billing");
    let member = world.member(&id, "member", &["member"]);
    world.project_role(&id, "auditor", &json!([]));
    let path = format!("/api/v1/projects/{id}");
    world.ok(&world.admin, "PATCH", &path, &json!({ "hasDeleteProtection": true }));
    let refusal = (400, "BadRequest", "Project has delete protection");
    world.refused_saying(&world.admin, ("DELETE", &path, &Value::Null), refusal);
    world.ok(&world.admin, "PATCH", &path, &json!({ "hasDeleteProtection": false }));
    let before = (world.change_of(&member.identity), world.change_of(&world.admin.identity));
    let gone = world.ok(&world.admin, "DELETE", "/api/v2/workspace/billing", &Value::Null);
    assert_eq!(gone["id"], json!(id));
    assert!(world.change_of(&member.identity) > before.0);
    assert!(world.change_of(&world.admin.identity) > before.1);
    world.refused(&world.admin, "GET", &path, &Value::Null, 404);
    for line in world.sql.dump() {
        let of_a_project = ["projects ", "environments ", "project_roles ", "project_member"];
        assert!(!of_a_project.iter().any(|table| line.starts_with(table)), "{line}");
    }
    world.project("billing");
}

#[test]
fn environments_are_kept_in_their_order() {
    let world = World::new();
    let id = world.project("billing");
    let base = format!("/api/v1/workspace/{id}/environments");
    let slugs = || -> Vec<String> {
        let all = world.ok(&world.admin, "GET", &format!("/api/v1/projects/{id}/environments"), &Value::Null);
        let all = all["environments"].as_array().unwrap().clone();
        all.iter().map(|one| format!("{} {}", one["position"], text_at(one, "/slug"))).collect()
    };
    let made = world.ok(&world.admin, "POST", &base, &json!({ "name": "QA", "slug": "qa", "position": 2 }));
    assert_eq!(made["message"], "Successfully created new environment");
    assert_eq!(made["workspace"], json!(id));
    assert_eq!(made["environment"]["position"], 2);
    assert_eq!(made["environment"]["projectId"], json!(id));
    assert_eq!(made["projectId"], json!(id));
    assert_eq!(slugs(), ["1 dev", "2 qa", "3 staging", "4 prod"]);
    let path = format!("{base}/{}", text_at(&made, "/environment/id"));
    let found = world.ok(&world.admin, "GET", &path, &Value::Null);
    assert_eq!(found, json!({ "environment": made["environment"] }));
    // A place behind all others is the one that is shown: clients compare.
    let changed = world.ok(&world.admin, "PATCH", &path, &json!({ "position": 99, "name": "Quality" }));
    assert_eq!(changed["environment"]["position"], 99);
    assert_eq!(slugs(), ["1 dev", "3 staging", "4 prod", "99 qa"]);
    // 0 and nothing leave it where it is.
    world.ok(&world.admin, "PATCH", &path, &json!({ "position": 0 }));
    world.ok(&world.admin, "PATCH", &path, &json!({ "name": "Quality" }));
    assert_eq!(slugs(), ["1 dev", "3 staging", "4 prod", "99 qa"]);
    world.ok(&world.admin, "PATCH", &path, &json!({ "position": 3 }));
    assert_eq!(slugs(), ["1 dev", "3 qa", "4 staging", "5 prod"]);
    world.ok(&world.admin, "PATCH", &path, &json!({ "position": 4 }));
    assert_eq!(slugs(), ["1 dev", "3 staging", "4 qa", "5 prod"]);
    world.ok(&world.admin, "PATCH", &path, &json!({ "position": 1, "slug": "quality" }));
    assert_eq!(slugs(), ["1 quality", "2 dev", "4 staging", "5 prod"]);

    let refusal = (400, "BadRequest", "Environment with slug 'dev' already exists");
    world.refused_saying(&world.admin, ("PATCH", &path, &json!({ "slug": "dev" })), refusal);
    world.refused_saying(&world.admin, ("POST", &base, &json!({ "name": "d", "slug": "dev" })), refusal);
    let answer = world.refused(&world.admin, "POST", &base, &json!({ "slug": "A b", "position": 0 }), 422);
    assert_eq!(answer.issue_paths(), ["[\"name\"]", "[\"slug\"]", "[\"position\"]"]);
    let viewer = world.member(&id, "viewer", &["viewer"]);
    let refusal = (403, "PermissionDenied", "You are not allowed to delete on environments");
    world.refused_saying(&viewer, ("DELETE", &path, &Value::Null), refusal);

    world.ok(&world.admin, "DELETE", &path, &Value::Null);
    assert_eq!(slugs(), ["1 dev", "3 staging", "4 prod"]);
    let last = world.ok(&world.admin, "POST", &base, &json!({ "name": "Last", "slug": "last" }));
    assert_eq!(last["environment"]["position"], 5);
    world.refused(&world.admin, "GET", &path, &Value::Null, 404);
    world.refused(&world.admin, "DELETE", &path, &Value::Null, 404);
}

#[test]
fn an_environment_of_another_project_is_not_there() {
    let world = World::new();
    let (one, two) = (world.project("first-one"), world.project("second-one"));
    let path = format!("/api/v1/workspace/{one}/environments");
    let environment = text_at(&world.ok(&world.admin, "GET", &path, &Value::Null), "/environments/0/id");
    let path = format!("/api/v1/workspace/{two}/environments/{environment}");
    for method in ["GET", "PATCH", "DELETE"] {
        world.refused(&world.admin, method, &path, &json!({}), 404);
    }
}

#[test]
fn an_environment_is_found_by_its_id_alone_and_by_its_slug() {
    let world = World::new();
    let id = world.project("billing");
    let other = world.project("other-one");
    let member = world.member(&other, "member", &["admin"]);
    let all = world.ok(&world.admin, "GET", &format!("/api/v1/projects/{id}/environments"), &Value::Null);
    let staging = all["environments"][1].clone();
    let alone = format!("/api/v1/workspace/environments/{}", text_at(&staging, "/id"));
    assert_eq!(world.ok(&world.admin, "GET", &alone, &Value::Null), json!({ "environment": staging }));
    let by_slug = format!("/api/v1/projects/{id}/environments/slug/staging");
    let mut both = staging.clone();
    both["environment"] = staging.clone();
    // Wrapped for who reads Infisical's documentation, and bare for its Terraform provider.
    assert_eq!(world.ok(&world.admin, "GET", &by_slug, &Value::Null), both);

    let message = not_a_member(&id);
    for path in [&alone, &by_slug] {
        let refusal = (403, "ProjectMembershipNotFound", message.as_str());
        world.refused_saying(&member, ("GET", path, &Value::Null), refusal);
    }
    for (path, message) in [
        (format!("/api/v1/workspace/environments/{NOWHERE}"), format!("Environment with ID '{NOWHERE}' not found")),
        ("/api/v1/workspace/environments/x".to_owned(), "Environment with ID 'x' not found".to_owned()),
        (format!("/api/v1/projects/{id}/environments/slug/x"), "Environment with slug 'x' not found".to_owned()),
    ] {
        world.refused_saying(&world.admin, ("GET", &path, &Value::Null), (404, "NotFound", &message));
    }
}

#[test]
fn a_wish_about_the_audit_log_is_kept_and_shown_in_the_envelope_of_its_path() {
    let world = World::new();
    let id = world.project("billing");
    let message = "Successfully updated project's audit logs retention period";
    let paths = [
        ("workspace", "/api/v1/workspace/billing/audit-logs-retention".to_owned()),
        ("project", format!("/api/v1/projects/{id}/audit-logs-retention")),
    ];
    for (days, (envelope, path)) in (30u64..).zip(&paths) {
        let changed = world.ok(&world.admin, "PUT", path, &json!({ "auditLogsRetentionDays": days }));
        assert_eq!(changed["message"], message);
        let shown = world.ok(&world.admin, "GET", "/api/v2/workspace/billing", &Value::Null);
        assert_eq!(changed[envelope], shown);
        assert_eq!(shown["auditLogsRetentionDays"], json!(days));
    }
    // Another change leaves it.
    world.ok(&world.admin, "PATCH", &format!("/api/v1/projects/{id}"), &json!({ "name": "B" }));
    let shown = || {
        let project = world.ok(&world.admin, "GET", "/api/v2/workspace/billing", &Value::Null);
        project["auditLogsRetentionDays"].clone()
    };
    assert_eq!(shown(), 31);
    let viewer = world.member(&id, "viewer", &["viewer"]);
    let member = world.member(&id, "member", &["member"]);
    for (_, path) in &paths {
        for body in [json!({}), json!({ "auditLogsRetentionDays": -1 }), json!({ "auditLogsRetentionDays": 36_501 })] {
            let answer = world.refused(&world.admin, "PUT", path, &body, 422);
            assert_eq!(answer.issue_paths(), ["[\"auditLogsRetentionDays\"]"]);
        }
        for caller in [&viewer, &member] {
            let refusal = (403, "PermissionDenied", "You are not allowed to edit on project");
            world.refused_saying(caller, ("PUT", path, &json!({ "auditLogsRetentionDays": 1 })), refusal);
        }
    }
    assert_eq!(shown(), 31);
    let nowhere = "/api/v1/workspace/nowhere/audit-logs-retention";
    world.refused(&world.admin, "PUT", nowhere, &json!({ "auditLogsRetentionDays": 1 }), 404);
}

#[test]
fn a_project_has_at_most_100_environments() {
    let world = World::new();
    let id = world.project("billing");
    let base = format!("/api/v1/workspace/{id}/environments");
    for number in 3..100 {
        world.ok(&world.admin, "POST", &base, &json!({ "name": "n", "slug": format!("e{number}") }));
    }
    let refusal = (400, "BadRequest", "A project can have at most 100 environments");
    world.refused_saying(&world.admin, ("POST", &base, &json!({ "name": "n", "slug": "last" })), refusal);
}
