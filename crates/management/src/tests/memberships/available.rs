//! Who could become a member of a project, and who may ask.

use serde_json::{Value, json};

use crate::tests::world::{Caller, World, not_a_member, text_at};

fn path(project: &str) -> String {
    format!("/api/v1/projects/{project}/memberships/available-identities")
}

#[track_caller]
fn names(world: &World, caller: &Caller, path: &str) -> Vec<String> {
    let answer = world.ok(caller, "GET", path, &Value::Null);
    answer["identities"].as_array().unwrap().iter().map(|identity| text_at(identity, "/name")).collect()
}

#[test]
fn available_identities_unchanged() {
    let world = World::new();
    let project = world.project("billing");
    let identity = world.identity("worker", "no-access");
    let answer = world.ok(&world.admin, "GET", &path(&project), &Value::Null);
    assert_eq!(answer, json!({ "identities": [{ "id": identity, "name": "worker" }] }));
}

#[test]
fn members_are_left_out_and_come_back_when_their_membership_ends() {
    let world = World::new();
    let (project, other) = (world.project("billing"), world.project("mails"));
    let identity = world.identity("b", "no-access");
    world.identity("a", "no-access");
    world.join(&other, &identity, &["viewer"]);
    assert_eq!(names(&world, &world.admin, &path(&project)), ["a", "b"]);
    world.join(&project, &identity, &["viewer"]);
    assert_eq!(names(&world, &world.admin, &path(&project)), ["a"]);
    assert_eq!(names(&world, &world.admin, &path(&other)), ["a"]);
    let membership = format!("/api/v1/projects/{project}/memberships/identities/{identity}");
    world.ok(&world.admin, "DELETE", &membership, &Value::Null);
    assert_eq!(names(&world, &world.admin, &path(&project)), ["a", "b"]);
    world.ok(&world.admin, "DELETE", &format!("/api/v1/identities/{identity}"), &Value::Null);
    assert_eq!(names(&world, &world.admin, &path(&project)), ["a"]);
}

#[test]
fn the_list_is_paged_and_searched_by_a_part_of_the_name() {
    let world = World::new();
    let project = world.project("billing");
    for number in 10..35 {
        world.identity(&format!("Worker {number}"), "no-access");
    }
    world.identity("100% other", "no-access");
    let page = |query: &str| names(&world, &world.admin, &format!("{}?{query}", path(&project)));
    assert_eq!(page("").len(), 20);
    assert_eq!(page("limit=1000").len(), 26);
    assert_eq!(page("limit=2&offset=1"), ["Worker 10", "Worker 11"]);
    assert_eq!(page("offset=26"), [""; 0]);
    assert_eq!(page("identityName=wORKER%203&limit=3"), ["Worker 30", "Worker 31", "Worker 32"]);
    assert_eq!(page("identityName=%25"), ["100% other"]);
    assert_eq!(page("identityName=_"), [""; 0]);
    for (query, field) in [("limit=0", "limit"), ("limit=1001", "limit"), ("offset=-1", "offset")] {
        let answer = world.refused(&world.admin, "GET", &format!("{}?{query}", path(&project)), &Value::Null, 422);
        assert_eq!(answer.issue_paths(), [format!("[\"{field}\"]")]);
    }
    let longer = format!("{}?identityName={}", path(&project), "a".repeat(256));
    assert_eq!(world.refused(&world.admin, "GET", &longer, &Value::Null, 422).issue_paths(), [r#"["identityName"]"#]);
}

#[test]
fn it_is_told_to_who_may_add_members_to_the_project_and_read_identities_of_the_organization() {
    let world = World::new();
    let project = world.project("billing");
    let denied = |action: &str| (403, "PermissionDenied", format!("You are not allowed to {action} on identity"));
    let check = |caller: &Caller, (status, error, message): (u16, &str, String)| {
        world.refused_saying(caller, ("GET", &path(&project), &Value::Null), (status, error, &message));
    };
    // In the project, but not in the organization; the other way round; in neither.
    check(&world.member(&project, "inside", &["admin"]), denied("read"));
    let outside = world.caller("outside", "member");
    check(&outside, (403, "ProjectMembershipNotFound", not_a_member(&project)));
    world.join(&project, &outside.identity, &["viewer"]);
    check(&outside, denied("create"));

    let both = world.caller("both", "member");
    world.join(&project, &both.identity, &["member"]);
    assert!(names(&world, &both, &path(&project)).is_empty());
    world.identity("worker", "no-access");
    assert_eq!(names(&world, &both, &path(&project)), ["worker"]);

    // A right that is about one identity does not show the others.
    let narrow = world.caller("narrow", "no-access");
    world.join(&project, &narrow.identity, &["member"]);
    let about_itself = json!({ "identityId": { "$eq": narrow.identity } });
    world.give_organization_rules(
        &narrow,
        &json!([{ "subject": "identity", "action": ["read"], "inverted": false, "conditions": about_itself }]),
    );
    check(&narrow, denied("read"));
}

#[test]
fn identities_of_another_organization_are_not_there() {
    use directory::sql::Sql;
    let world = World::new();
    let project = world.project("billing");
    let foreign = world.identity("foreign", "no-access");
    let organization = "c0ffee00-0000-4000-8000-0000000000aa";
    world.sql.execute("INSERT INTO organizations VALUES (?, 'o', 'o', 0, 0)", &[organization.into()]).unwrap();
    let moved = [organization.into(), foreign.as_str().into()];
    world.sql.execute("UPDATE identities SET organization_id = ? WHERE id = ?", &moved).unwrap();
    assert!(names(&world, &world.admin, &path(&project)).is_empty());
}
