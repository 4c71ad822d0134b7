//! Roles that hold for a time: here, and in what the data plane is told.

use serde_json::{Value, json};

use super::{current, permanent};
use crate::tests::world::{START, World};
use directory::evidence;
use domain::token::evidence::{EvidenceKey, Facts};
use domain::value::identifiers::IdentityId;
use domain::value::timestamp::Timestamp;

const HOUR: i64 = 3_600_000;

fn temporary(role: &str, start: &str, range: &str) -> Value {
    json!({ "role": role, "isTemporary": true, "temporaryMode": "relative", "temporaryRange": range,
            "temporaryAccessStartTime": start })
}

/// The slug of each project of an identity, with the roles that hold at a moment, as the data plane sees them.
fn projects_at(world: &World, identity: &str, now: i64) -> Vec<(String, Vec<String>)> {
    let now = Timestamp::from_milliseconds(now);
    let key = EvidenceKey::Identity(IdentityId::parse(identity).unwrap());
    let Facts::Identity(Some(facts)) = evidence::gather(&world.sql, key, now).unwrap().facts else { panic!() };
    let roles = |project: &domain::token::facts::ProjectMembershipFacts| {
        (project.slug.clone(), project.roles_at(now).map(|role| role.slug().to_owned()).collect())
    };
    facts.projects.iter().map(roles).collect()
}

#[test]
fn the_data_plane_sees_the_roles_that_hold_at_the_millisecond() {
    let world = World::new();
    let (billing, mail) = (world.project("billing"), world.project("mails"));
    world.project_role(&billing, "auditor", &json!([]));
    let identity = world.identity("worker", "no-access");
    world.join(&mail, &identity, &["member"]);
    // From an hour after the start, for an hour; and from the start, for 1500 milliseconds.
    let body = json!({ "roles": [
        permanent("viewer"),
        temporary("auditor", "2023-11-14T23:13:20.000Z", "1h"),
        temporary("admin", "2023-11-14T22:13:20.000Z", "1.5s"),
    ] });
    world.ok(&world.admin, "POST", &current(&billing, &identity), &body);
    let check = |now: i64, expected: &[&str]| {
        let expected = expected.iter().map(|role| (*role).to_owned()).collect();
        let everywhere = vec![("billing".to_owned(), expected), ("mails".to_owned(), vec!["member".to_owned()])];
        assert_eq!(projects_at(&world, &identity, now), everywhere, "{now}");
    };
    check(START - 1, &["viewer"]);
    check(START, &["viewer", "admin"]);
    check(START + 1_499, &["viewer", "admin"]);
    check(START + 1_500, &["viewer"]);
    check(START + HOUR - 1, &["viewer"]);
    check(START + HOUR, &["viewer", "auditor"]);
    check(START + 2 * HOUR - 1, &["viewer", "auditor"]);
    check(START + 2 * HOUR, &["viewer"]);

    world.ok(&world.admin, "DELETE", &current(&billing, &identity), &Value::Null);
    assert_eq!(projects_at(&world, &identity, START), [("mails".to_owned(), vec!["member".to_owned()])]);
}

#[test]
fn half_a_period_is_an_error_and_no_role_for_good() {
    let world = World::new();
    let project = world.project("billing");
    let workload = world.member(&project, "worker", &["no-access"]);
    let roles = json!({ "roles": [permanent("no-access"), temporary("admin", "2023-11-14T22:13:20Z", "1h")] });
    world.ok(&world.admin, "PATCH", &current(&project, &workload.identity), &roles);
    let identity = IdentityId::parse(&workload.identity).unwrap();
    let now = Timestamp::from_milliseconds(START);
    assert!(evidence::identity(&world.sql, identity, now).is_ok());
    for column in ["starts_at", "ends_at"] {
        let statement = format!("UPDATE project_membership_roles SET {column} = NULL WHERE role = 'admin'");
        let set = |value: Option<i64>| {
            let statement = statement.replace("NULL", "?");
            directory::sql::Sql::execute(&world.sql, &statement, &[directory::sql::Column::to_value(&value)]).unwrap();
        };
        set(None);
        assert!(evidence::identity(&world.sql, identity, now).is_err(), "{column}");
        set(Some(START));
    }
}

#[test]
fn a_temporary_role_lets_its_holder_in_for_exactly_its_time() {
    let world = World::new();
    let project = world.project("billing");
    let workload = world.member(&project, "worker", &["no-access"]);
    let roles = json!({ "roles": [permanent("no-access"), temporary("viewer", "2023-11-14T23:13:20Z", "1h")] });
    world.ok(&world.admin, "PATCH", &current(&project, &workload.identity), &roles);
    let path = format!("/api/v1/projects/{project}");
    for (now, expected) in
        [(START + HOUR - 1, 403), (START + HOUR, 200), (START + 2 * HOUR - 1, 200), (START + 2 * HOUR, 403)]
    {
        world.set_now(now);
        assert_eq!(world.send(&workload, "GET", &path, &Value::Null).status, expected, "{now}");
    }
    // It stays in the list after its end.
    let found = world.ok(&world.admin, "GET", &current(&project, &workload.identity), &Value::Null);
    assert_eq!(found["identityMembership"]["roles"].as_array().unwrap().len(), 2);
}

#[test]
fn who_is_an_administrator_for_an_hour_gives_nothing_that_lasts_longer() {
    let world = World::new();
    let project = world.project("billing");
    let temp = world.member(&project, "temp", &["viewer"]);
    let friend = world.identity("friend", "no-access");
    let hour = temporary("admin", "2023-11-14T22:13:20Z", "1h");
    let roles = json!({ "roles": [permanent("viewer"), hour] });
    world.ok(&world.admin, "PATCH", &current(&project, &temp.identity), &roles);

    let own = current(&project, &temp.identity);
    let of_friend = current(&project, &friend);
    let created = (403, "PermissionBoundaryError", "Failed to create identity project membership");
    let updated = (403, "PermissionBoundaryError", "Failed to update identity project membership");
    for roles in [
        json!({ "roles": [permanent("admin")] }),
        json!({ "roles": [permanent("member")] }),
        json!({ "roles": [permanent("viewer"), temporary("admin", "2023-11-14T22:13:20Z", "3600001ms")] }),
        json!({ "roles": [permanent("viewer"), temporary("admin", "2023-11-14T23:13:20Z", "1s")] }),
    ] {
        world.refused_saying(&temp, ("POST", &of_friend, &roles), created);
        world.refused_saying(&temp, ("PATCH", &own, &roles), updated);
    }
    // What it holds for good it gives for good, and the rest up to its own end.
    let roles = json!({ "roles": [permanent("viewer"), temporary("admin", "2023-11-14T22:43:20Z", "30m")] });
    world.ok(&temp, "POST", &of_friend, &roles);

    // Nor does it strengthen a role that others hold for good.
    let role = world.project_role(&project, "auditor", &json!([]));
    let path = format!("/api/v1/projects/{project}/roles/{role}");
    let stronger = json!({ "permissions": [{ "subject": "identity", "action": "grant-privileges" }] });
    let refusal = (403, "PermissionBoundaryError", "Failed to update project role");
    world.refused_saying(&temp, ("PATCH", &path, &stronger), refusal);

    world.set_now(START + HOUR);
    let refusal = (403, "PermissionDenied", "You are not allowed to create on identity");
    let another = current(&project, &world.identity("another", "no-access"));
    world.refused_saying(&temp, ("POST", &another, &json!({ "role": "viewer" })), refusal);
}
