//! The configuration: attach, change, look up, remove.

use super::*;
use crate::tests::world::withdrawn;

/// The body with its identifiers replaced.
#[track_caller]
fn shape(reply: &Reply, identity: &str) -> String {
    let answer = reply.ok();
    let attached = &answer["identityUniversalAuth"];
    reply
        .response
        .body
        .replace(identity, "[identity]")
        .replace(&text(&attached["id"]), "[id]")
        .replace(&text(&attached["clientId"]), "[client]")
}

#[test]
fn universal_auth_answer_unchanged() {
    let world = World::new();
    let identity = world.identity("build", "no-access");
    let expected = concat!(
        r#"{"identityUniversalAuth":{"id":"[id]","clientId":"[client]","accessTokenTTL":2592000,"#,
        r#""accessTokenMaxTTL":2592000,"accessTokenNumUsesLimit":0,"#,
        r#""clientSecretTrustedIps":[{"ipAddress":"0.0.0.0","type":"ipv4","prefix":0},"#,
        r#"{"ipAddress":"::","type":"ipv6","prefix":0}],"#,
        r#""accessTokenTrustedIps":[{"ipAddress":"0.0.0.0","type":"ipv4","prefix":0},"#,
        r#"{"ipAddress":"::","type":"ipv6","prefix":0}],"createdAt":"2023-11-14T22:13:20.000Z","#,
        r#""updatedAt":"2023-11-14T22:13:20.000Z","identityId":"[identity]","accessTokenPeriod":0,"#,
        r#""lockoutEnabled":true,"lockoutThreshold":3,"lockoutDurationSeconds":300,"lockoutCounterResetSeconds":30}}"#,
    );
    assert_eq!(shape(&world.send(&world.admin, "POST", &path(&identity), &json!({})), &identity), expected);
    assert_eq!(shape(&world.send(&world.admin, "GET", &path(&identity), &json!({})), &identity), expected);
    let gone = shape(&world.send(&world.admin, "DELETE", &path(&identity), &json!({})), &identity);
    assert_eq!(gone, withdrawn(expected, "31.000"));
}

#[test]
fn every_field_is_stored_and_a_change_leaves_the_others_as_they_are() {
    let world = World::new();
    let (identity, attached) = world.attached(json!({
        "accessTokenTTL": 60, "accessTokenMaxTTL": 120, "accessTokenPeriod": 30, "accessTokenNumUsesLimit": 5,
        "accessTokenTrustedIps": [{ "ipAddress": "203.0.113.0/24" }],
        "clientSecretTrustedIps": [{ "ipAddress": " 203.0.113.9 " }],
        "lockoutEnabled": false, "lockoutThreshold": 30, "lockoutDurationSeconds": 86_400,
        "lockoutCounterResetSeconds": 3_600, "unknown": 1,
    }));
    let mut expected = attached.clone();
    assert_eq!(attached["clientSecretTrustedIps"], json!([{ "ipAddress": "203.0.113.9", "type": "ipv4" }]));
    for (change, name) in [
        (json!(90), "accessTokenTTL"),
        (json!(100), "accessTokenMaxTTL"),
        (json!(0), "accessTokenPeriod"),
        (json!(0), "accessTokenNumUsesLimit"),
        (json!(true), "lockoutEnabled"),
        (json!(1), "lockoutThreshold"),
        (json!(30), "lockoutDurationSeconds"),
        (json!(5), "lockoutCounterResetSeconds"),
    ] {
        world.wait(1);
        let changed = world.send(&world.admin, "PATCH", &path(&identity), &json!({ name: change })).ok();
        expected[name] = change;
        expected["updatedAt"] = changed["identityUniversalAuth"]["updatedAt"].clone();
        assert_eq!(changed["identityUniversalAuth"], expected, "{name}");
        let found = world.send(&world.admin, "GET", &path(&identity), &json!({})).unchanged();
        assert_eq!(found["identityUniversalAuth"], expected, "{name}");
    }
    let changed = world.send(
        &world.admin,
        "PATCH",
        &path(&identity),
        &json!({ "clientSecretTrustedIps": [{ "ipAddress": "::/0" }] }),
    );
    expected["clientSecretTrustedIps"] = json!([{ "ipAddress": "::", "type": "ipv6", "prefix": 0 }]);
    assert_eq!(changed.ok()["identityUniversalAuth"], expected);
}

#[test]
fn numbers_out_of_their_bounds_are_named_when_attaching_and_when_changing() {
    let world = World::new();
    let fresh = world.identity("build", "no-access");
    let (identity, _) = world.attached(json!({}));
    for (body, field) in [
        (json!({ "accessTokenTTL": -1 }), "accessTokenTTL"),
        (json!({ "accessTokenTTL": 315_360_001 }), "accessTokenTTL"),
        (json!({ "accessTokenMaxTTL": 315_360_001 }), "accessTokenMaxTTL"),
        (json!({ "accessTokenTTL": 20, "accessTokenMaxTTL": 10 }), "accessTokenTTL"),
        (json!({ "accessTokenPeriod": -1 }), "accessTokenPeriod"),
        (json!({ "accessTokenPeriod": 315_360_001 }), "accessTokenPeriod"),
        (json!({ "accessTokenPeriod": 1.5 }), "accessTokenPeriod"),
        (json!({ "accessTokenNumUsesLimit": -1 }), "accessTokenNumUsesLimit"),
        (json!({ "lockoutEnabled": "true" }), "lockoutEnabled"),
        (json!({ "lockoutThreshold": 0 }), "lockoutThreshold"),
        (json!({ "lockoutThreshold": 31 }), "lockoutThreshold"),
        (json!({ "lockoutDurationSeconds": 29 }), "lockoutDurationSeconds"),
        (json!({ "lockoutDurationSeconds": 86_401 }), "lockoutDurationSeconds"),
        (json!({ "lockoutCounterResetSeconds": 4 }), "lockoutCounterResetSeconds"),
        (json!({ "lockoutCounterResetSeconds": 3_601 }), "lockoutCounterResetSeconds"),
        (json!({ "clientSecretTrustedIps": [] }), "clientSecretTrustedIps"),
        (json!({ "clientSecretTrustedIps": [{}] }), "clientSecretTrustedIps"),
        (json!({ "accessTokenTrustedIps": "::/0" }), "accessTokenTrustedIps"),
    ] {
        assert_eq!(world.send(&world.admin, "POST", &path(&fresh), &body.clone()).wrong_fields(), [field], "{body}");
        assert_eq!(
            world.send(&world.admin, "PATCH", &path(&identity), &body.clone()).wrong_fields(),
            [field],
            "{body}"
        );
    }
}

#[test]
fn lowering_only_the_max_ttl_is_accepted_when_the_ttl_fits() {
    let world = World::new();
    let (identity, _) = world.attached(json!({ "accessTokenTTL": 10, "accessTokenMaxTTL": 100 }));
    world.send(&world.admin, "PATCH", &path(&identity), &json!({ "accessTokenMaxTTL": 10 })).ok();
    world.send(&world.admin, "PATCH", &path(&identity), &json!({ "accessTokenMaxTTL": 9 })).refused(
        400,
        "BadRequest",
        "Access token TTL cannot be greater than max TTL",
    );
}

#[test]
fn a_wrong_address_is_named_with_its_list() {
    let world = World::new();
    let identity = world.identity("build", "no-access");
    for list in ["clientSecretTrustedIps", "accessTokenTrustedIps"] {
        let body = json!({ list: [{ "ipAddress": "::/0" }, { "ipAddress": "10.0.0.0/33" }] });
        let details = world.send(&world.admin, "POST", &path(&identity), &body).refused(
            400,
            "BadRequest",
            "The IP is not a valid IPv4, IPv6, or CIDR block",
        );
        assert_eq!(details["path"], json!([list, 1, "ipAddress"]));
    }
}

#[test]
fn a_wrong_address_is_told_only_to_who_may_configure_something_that_can_be_configured() {
    // Contract 3.7: not found, already attached, permission; only then the addresses.
    let world = World::new();
    let (identity, _) = world.attached(json!({}));
    let bystander = world.credentials(json!({}), json!({}));
    let nobody = bystander.token(&world);
    for list in ["clientSecretTrustedIps", "accessTokenTrustedIps"] {
        let wrong = json!({ list: [{ "ipAddress": "nonsense" }] });
        let message = "Failed to add universal auth to already configured identity";
        world.send(&world.admin, "POST", &path(&identity), &wrong.clone()).refused(400, "BadRequest", message);
        let unknown = "00000000-0000-4000-8000-000000000000";
        let message = format!("Failed to find identity with ID {unknown}");
        for method in ["POST", "PATCH"] {
            world.send(&world.admin, method, &path(unknown), &wrong.clone()).refused(404, "NotFound", &message);
            let message = "You are not allowed to edit-auth on identity";
            let reply = world.anonymous(method, &path(&identity)).presenting(&nobody).json(wrong.clone()).send();
            reply.refused(403, "PermissionDenied", message);
        }
        let message = "The IP is not a valid IPv4, IPv6, or CIDR block";
        let details =
            world.send(&world.admin, "PATCH", &path(&identity), &wrong.clone()).refused(400, "BadRequest", message);
        assert_eq!(details["path"], json!([list, 0, "ipAddress"]));
        // What is 422 and what is wrong with the lifetime come before it.
        let mut body = wrong;
        body["accessTokenNumUsesLimit"] = json!(-1);
        assert_eq!(
            world.send(&world.admin, "PATCH", &path(&identity), &body.clone()).wrong_fields(),
            ["accessTokenNumUsesLimit"]
        );
        body["accessTokenNumUsesLimit"] = json!(1);
        body["accessTokenMaxTTL"] = json!(1);
        let message = "Access token TTL cannot be greater than max TTL";
        world.send(&world.admin, "PATCH", &path(&identity), &body).refused(400, "BadRequest", message);
    }
}

#[test]
fn an_operators_ceiling_bounds_every_span_of_a_token() {
    let mut world = World::new();
    world.settings.ttl_ceiling = World::with_ceiling(100).settings.ttl_ceiling;
    let identity = world.identity("build", "no-access");
    let attach = |body| world.send(&world.admin, "POST", &path(&identity), &body);
    assert_eq!(attach(json!({ "accessTokenPeriod": 101 })).wrong_fields(), ["accessTokenPeriod"]);
    assert_eq!(attach(json!({ "accessTokenTTL": 101 })).wrong_fields(), ["accessTokenTTL"]);
    let attached = attach(json!({ "accessTokenPeriod": 100 })).ok();
    assert_eq!(attached["identityUniversalAuth"]["accessTokenTTL"], 100);
    // A periodic token has no max TTL but the ceiling, and its answers say so.
    let client = text(&attached["identityUniversalAuth"]["clientId"]);
    let credentials = world.another_secret(&identity, &client, json!({}));
    let login = credentials.log_in(&world).ok();
    assert_eq!((&login["expiresIn"], &login["accessTokenMaxTTL"]), (&json!(100), &json!(100)));
    let renewed = world.renew(&text(&login["accessToken"])).ok();
    assert_eq!((&renewed["expiresIn"], &renewed["accessTokenMaxTTL"]), (&json!(100), &json!(100)));
}

#[test]
fn attaching_twice_is_refused_and_attaching_again_makes_another_client_id() {
    let world = World::new();
    let (identity, first) = world.attached(json!({}));
    world.send(&world.admin, "POST", &path(&identity), &json!({})).refused(
        400,
        "BadRequest",
        "Failed to add universal auth to already configured identity",
    );
    world.send(&world.admin, "DELETE", &path(&identity), &json!({})).ok();
    let second = world.send(&world.admin, "POST", &path(&identity), &json!({})).ok();
    assert_ne!(second["identityUniversalAuth"]["id"], first["id"]);
    assert_ne!(second["identityUniversalAuth"]["clientId"], first["clientId"]);
}

#[test]
fn the_identity_names_its_methods() {
    let world = World::new();
    let (identity, _) = world.attached(json!({}));
    let found = world.send(&world.admin, "GET", &format!("/api/v1/identities/{identity}"), &json!({})).ok();
    assert_eq!(found["identity"]["identity"]["authMethods"], json!(["universal-auth"]));
}

#[test]
fn what_is_not_attached_is_told_as_clients_know_it() {
    let world = World::new();
    let identity = world.identity("build", "no-access");
    let missing = format!("Failed to find universal auth for identity with ID {identity}");
    for method in ["GET", "PATCH"] {
        world.send(&world.admin, method, &path(&identity), &json!({})).refused(404, "NotFound", &missing);
    }
    let some_secret = secret_path(&identity, "00000000-0000-4000-8000-000000000000");
    for (method, path) in [
        ("DELETE", path(&identity)),
        ("POST", secrets_path(&identity)),
        ("GET", secrets_path(&identity)),
        ("GET", some_secret.clone()),
        ("POST", format!("{some_secret}/revoke")),
        ("POST", format!("{}/clear-lockouts", path(&identity))),
    ] {
        let reply = world.send(&world.admin, method, &path, &json!({}));
        reply.refused(400, "BadRequest", "The identity does not have universal auth");
    }
}

#[test]
fn an_identity_that_is_not_there_is_told_by_its_id() {
    let world = World::new();
    for identity in ["x", "00000000-0000-4000-8000-000000000000", "'; --"] {
        for (method, path) in [
            ("POST", path(identity)),
            ("PATCH", path(identity)),
            ("GET", path(identity)),
            ("DELETE", path(identity)),
            ("POST", secrets_path(identity)),
            ("GET", secrets_path(identity)),
            ("GET", secret_path(identity, "x")),
            ("POST", format!("{}/revoke", secret_path(identity, "x"))),
            ("POST", format!("{}/clear-lockouts", super::path(identity))),
        ] {
            let message = format!("Failed to find identity with ID {identity}");
            world.send(&world.admin, method, &path, &json!({})).refused(404, "NotFound", &message);
        }
    }
}

#[test]
fn each_command_leaves_an_audit_row_and_announces_the_identity() {
    let world = World::new();
    let identity = world.identity("build", "no-access");
    for (method, action) in
        [("POST", "attachUniversalAuth"), ("PATCH", "updateUniversalAuth"), ("DELETE", "deleteUniversalAuth")]
    {
        let before = world.head();
        world.send(&world.admin, method, &path(&identity), &json!({})).ok();
        let (actor, did, target) = world.last_audit();
        assert!(actor.starts_with("identity/"), "{actor}");
        assert_eq!((did.as_str(), target), (action, format!("identity/{identity}")));
        assert_eq!(world.changes_since(before), [format!("identity/{identity}")]);
    }
}
