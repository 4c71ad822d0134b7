//! Client secrets: create, list, look up, revoke.

use super::*;
use crate::tests::world::withdrawn;

#[test]
fn client_secret_answers_unchanged() {
    let world = World::new();
    let (identity, attached) = world.attached(json!({}));
    let created = world.send(
        &world.admin,
        "POST",
        &secrets_path(&identity),
        &json!({ "description": " ci ", "numUsesLimit": 7, "ttl": 60 }),
    );
    let answer = created.ok();
    let (secret, id) = (text(&answer["clientSecret"]), text(&answer["clientSecretData"]["id"]));
    let redact = |body: &str| {
        body.replace(&secret, "[secret]")
            .replace(&id, "[id]")
            .replace(&secret[..4], "[pre]")
            .replace(&text(&attached["id"]), "[configuration]")
    };
    let data = concat!(
        r#"{"id":"[id]","createdAt":"2023-11-14T22:13:20.000Z","updatedAt":"2023-11-14T22:13:20.000Z","#,
        r#""description":"ci","clientSecretPrefix":"[pre]","clientSecretNumUses":0,"clientSecretNumUsesLimit":7,"#,
        r#""clientSecretTTL":60,"identityUAId":"[configuration]","isClientSecretRevoked":false}"#,
    );
    assert_eq!(redact(&created.response.body), format!(r#"{{"clientSecret":"[secret]","clientSecretData":{data}}}"#));
    let got = world.send(&world.admin, "GET", &secret_path(&identity, &id), &json!({}));
    got.unchanged();
    assert_eq!(redact(&got.response.body), format!(r#"{{"clientSecretData":{data}}}"#));
    let listed = world.send(&world.admin, "GET", &secrets_path(&identity), &json!({}));
    listed.unchanged();
    assert_eq!(redact(&listed.response.body), format!(r#"{{"clientSecretData":[{data}]}}"#));
    let revoked = world.send(&world.admin, "POST", &format!("{}/revoke", secret_path(&identity, &id)), &json!({}));
    let data = data.replace(":false}", ":true}");
    let expected = withdrawn(&format!(r#"{{"clientSecretData":{data}}}"#), "31.000");
    assert_eq!(redact(&revoked.response.body), expected);
}

#[test]
fn a_secret_is_64_digits_that_are_shown_once_and_stand_nowhere() {
    let world = World::new();
    let credentials = world.credentials(json!({}), json!({}));
    assert_eq!(credentials.secret.len(), 64);
    assert!(credentials.secret.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)));
    let token = credentials.token(&world);
    let bytes = format!("{:?}", hex::decode(&credentials.secret).unwrap());
    for row in world.sql.dump() {
        for plaintext in [&credentials.secret, &token, &bytes[1..bytes.len() - 1]] {
            assert!(!row.contains(plaintext), "{row}");
        }
    }
    for path in [secrets_path(&credentials.identity), secret_path(&credentials.identity, &credentials.secret_id)] {
        let reply = world.send(&world.admin, "GET", &path, &json!({}));
        assert!(!reply.response.body.contains(&credentials.secret[4..]));
    }
    assert_eq!(world.stored_secret(&credentials)["clientSecretPrefix"], credentials.secret[..4]);
}

#[test]
fn what_is_left_out_of_a_new_secret_means_no_limit() {
    let world = World::new();
    let (identity, _) = world.attached(json!({}));
    let data = world.client_secret(&identity, json!({}))["clientSecretData"].clone();
    assert_eq!(
        (&data["description"], &data["clientSecretNumUsesLimit"], &data["clientSecretTTL"]),
        (&json!(""), &json!(0), &json!(0))
    );
}

#[test]
fn numbers_out_of_their_bounds_are_named() {
    let world = World::new();
    let (identity, _) = world.attached(json!({}));
    for (body, field) in [
        (json!({ "ttl": -1 }), "ttl"),
        (json!({ "ttl": 315_360_001 }), "ttl"),
        (json!({ "ttl": "1" }), "ttl"),
        (json!({ "numUsesLimit": -1 }), "numUsesLimit"),
        (json!({ "numUsesLimit": 1.5 }), "numUsesLimit"),
        (json!({ "numUsesLimit": 9_007_199_254_740_992u64 }), "numUsesLimit"),
        (json!({ "description": 1 }), "description"),
    ] {
        assert_eq!(
            world.send(&world.admin, "POST", &secrets_path(&identity), &body.clone()).wrong_fields(),
            [field],
            "{body}"
        );
    }
    world.client_secret(&identity, json!({ "ttl": 315_360_000, "numUsesLimit": 9_007_199_254_740_991u64 }));
}

#[test]
fn a_list_has_pages_and_shows_the_newest_first_without_the_revoked() {
    let world = World::new();
    let first = world.credentials(json!({}), json!({ "description": "0" }));
    for number in 1..5 {
        world.wait(1);
        world.another_secret(&first.identity, &first.client, json!({ "description": number.to_string() }));
    }
    world.revoke_secret(&first).ok();
    let list = |query: &str| -> Vec<String> {
        let reply = world.send(&world.admin, "GET", &format!("{}{query}", secrets_path(&first.identity)), &json!({}));
        reply.unchanged()["clientSecretData"].as_array().unwrap().iter().map(|one| text(&one["description"])).collect()
    };
    assert_eq!(list(""), ["4", "3", "2", "1"]);
    assert_eq!(list("?limit=2"), ["4", "3"]);
    assert_eq!(list("?limit=2&offset=3"), ["1"]);
    assert_eq!(list("?offset=4"), Vec::<String>::new());
    for (query, field) in
        [("?limit=0", "limit"), ("?limit=1001", "limit"), ("?offset=-1", "offset"), ("?limit=x", "limit")]
    {
        let path = format!("{}{query}", secrets_path(&first.identity));
        assert_eq!(world.send(&world.admin, "GET", &path, &json!({})).wrong_fields(), [field], "{query}");
    }
}

#[test]
fn a_secret_of_another_identity_or_of_nobody_is_not_found() {
    let world = World::new();
    let ours = world.credentials(json!({}), json!({}));
    let others = world.credentials(json!({}), json!({}));
    for id in [others.secret_id.as_str(), "x", "00000000-0000-4000-8000-000000000000", "'%20or%20''='"] {
        let message = format!("Client secret with ID {id} not found");
        let path = secret_path(&ours.identity, id);
        world.send(&world.admin, "GET", &path, &json!({})).refused(404, "NotFound", &message);
        world.send(&world.admin, "POST", &format!("{path}/revoke"), &json!({})).refused(404, "NotFound", &message);
    }
}

#[test]
fn revoking_again_changes_nothing() {
    let world = World::new();
    let credentials = world.credentials(json!({}), json!({}));
    credentials.token(&world);
    let first = world.revoke_secret(&credentials).ok();
    world.wait(1_000);
    // But for whom this answer is the first: when it is in force counts from here.
    let again = world.revoke_secret(&credentials).unchanged();
    assert_eq!(again["clientSecretData"], first["clientSecretData"]);
    assert_eq!(again["inForceEverywhereAt"], "2023-11-14T22:13:32.000Z");
    let unused = world.credentials(json!({}), json!({}));
    world.revoke_secret(&unused).ok();
    world.revoke_secret(&unused).unchanged();
}

#[test]
fn creating_and_revoking_leave_audit_rows_and_only_revoking_is_announced() {
    let world = World::new();
    let before = world.head();
    let credentials = world.credentials(json!({}), json!({}));
    let (_, action, target) = world.last_audit();
    assert_eq!(action, "createUniversalAuthClientSecret");
    assert_eq!(target, format!("client-secret/{}", credentials.secret_id));
    assert_eq!(world.head(), before + 3, "an identity, an attachment and a secret");
    let before = world.head();
    world.revoke_secret(&credentials).ok();
    assert_eq!(world.last_audit().1, "revokeUniversalAuthClientSecret");
    assert_eq!(world.changes_since(before), [format!("identity/{}", credentials.identity)]);
}
