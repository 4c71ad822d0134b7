//! Who may be told about which token.

use super::*;
use domain::value::identifiers::TokenId;

const WITHHELD: &str = r#"{"granted":false,"clientId":null}"#;
const GRANTED: &str = r#"{"granted":true,"clientId":null}"#;

fn read_of(identity: &str) -> Value {
    json!([{ "subject": "identity", "action": "read", "conditions": { "identityId": identity } }])
}

#[test]
fn a_client_that_may_read_identities_is_told_about_their_tokens_and_nothing_is_written() {
    let world = World::ticking();
    let holder = world.caller("holder", "no-access");
    for role in ["member", "admin"] {
        let client = Client::new(&world, role, &json!({}), &json!({}));
        let answer = unchanged(&world, ask(client.credentials(), &world, &holder.token), CLIENT);
        assert_eq!(answer, (200, GRANTED.to_owned()), "{role}");
        assert_eq!(client.uses(&world), 0);
    }
}

#[test]
fn a_caller_that_may_read_no_identity_is_told_so_whatever_it_asks_about() {
    let world = World::ticking();
    let holder = world.caller("holder", "no-access");
    let client = Client::new(&world, "no-access", &json!({}), &json!({ "numUsesLimit": 3 }));
    let refused = (403, "insufficient_scope".to_owned());
    assert_eq!(unchanged(&world, ask(client.credentials(), &world, &holder.token), CLIENT), refused);
    let junk = ask_as(InquirerMessage::Client(client.credentials()), None);
    assert_eq!(unchanged(&world, junk, CLIENT), refused);
    let bearer = InquirerMessage::Bearer(Presented::from(&world.presented(&holder.token)));
    assert_eq!(unchanged(&world, ask_as(bearer, None), CLIENT), refused);
    assert_eq!(client.uses(&world), 0, "a refused request consumes no use");
}

#[test]
fn a_caller_is_told_about_the_identities_it_may_read_and_of_others_what_is_told_of_unknown_tokens() {
    let world = World::ticking();
    let (mine, other) = (world.caller("mine", "no-access"), world.caller("other", "admin"));
    world.role("mine-only", &read_of(&mine.identity));
    let client = Client::new(&world, "mine-only", &json!({}), &json!({}));
    let bearer = world.caller("bearer", "mine-only");
    let presented = Presented::from(&world.presented(&bearer.token));
    for inquirer in [InquirerMessage::Client(client.credentials()), InquirerMessage::Bearer(presented)] {
        let about = |id: Option<String>| unchanged(&world, ask_as(inquirer.clone(), id), CLIENT);
        let id = |token: &str| Some(world.presented(token).id.to_string());
        assert_eq!(about(id(&mine.token)), (200, GRANTED.to_owned()));
        for unknown in [id(&other.token), Some(TokenId::from_bytes([9; 16]).to_string()), None] {
            assert_eq!(about(unknown), (200, WITHHELD.to_owned()));
        }
    }
}

#[test]
fn a_changed_role_counts_at_the_next_question() {
    let world = World::ticking();
    let holder = world.caller("holder", "no-access");
    let client = Client::reader(&world);
    let asked = || outcome(&world.oauth(ask(client.credentials(), &world, &holder.token), CLIENT)).0;
    assert_eq!(asked(), 200);
    let path = format!("/api/v1/identities/{}", client.identity);
    world.administer("PATCH", &path, &json!({ "role": "no-access" }));
    assert_eq!(asked(), 403);
}

#[test]
fn the_client_id_is_told_of_tokens_that_were_obtained_by_a_login() {
    let world = World::ticking();
    let (client, holder) = (Client::reader(&world), Client::reader(&world));
    let token = world.log_in(&holder.id, &holder.secret).text("/accessToken");
    let answer = unchanged(&world, ask(client.credentials(), &world, &token), CLIENT);
    assert_eq!(answer, (200, format!(r#"{{"granted":true,"clientId":"{}"}}"#, holder.id)));
}

#[test]
fn a_bearer_that_the_authority_refuses_is_told_nothing() {
    let world = World::ticking();
    let (holder, asker) = (world.caller("holder", "no-access"), world.caller("asker", "member"));
    let about = |token: &str| {
        let inquirer = InquirerMessage::Bearer(Presented::from(&world.presented(token)));
        ask_as(inquirer, Some(world.presented(&holder.token).id.to_string()))
    };
    assert_eq!(unchanged(&world, about(&asker.token), CLIENT), (200, GRANTED.to_owned()));
    world.oauth(revoke(None, &world, &asker.token), CLIENT);
    assert_eq!(unchanged(&world, about(&asker.token), CLIENT), (401, "invalid_token".to_owned()));
}

#[test]
fn guessing_a_client_secret_locks_as_it_does_at_a_login_and_a_lock_is_lifted_alike() {
    let world = World::ticking();
    let holder = world.caller("holder", "no-access");
    let client = Client::new(&world, "member", &json!({ "lockoutThreshold": 3 }), &json!({}));
    let invalid = (401, "invalid_client".to_owned());
    let right = || ask(client.credentials(), &world, &holder.token);
    let wrong = || ask(credentials(&client.id, &guess()), &world, &holder.token);

    // Two guesses and a success: the count begins anew.
    for _ in 0..2 {
        assert_eq!(outcome(&world.oauth(wrong(), CLIENT)), invalid);
    }
    assert_eq!(outcome(&world.oauth(right(), CLIENT)).0, 200);
    for _ in 0..2 {
        assert_eq!(outcome(&world.oauth(wrong(), CLIENT)), invalid);
    }
    assert_eq!(outcome(&world.oauth(right(), CLIENT)).0, 200);

    // One guess at a login and two here are three.
    assert_eq!(world.log_in(&client.id, &guess()).status, 401);
    for _ in 0..2 {
        assert_eq!(outcome(&world.oauth(wrong(), CLIENT)), invalid);
    }
    assert_eq!(unchanged(&world, right(), CLIENT), invalid);
    assert_eq!(world.log_in(&client.id, &client.secret).status, 401);
    world.wait(301_000);
    assert_eq!(outcome(&world.oauth(right(), CLIENT)).0, 200);
}

#[test]
fn a_client_id_that_does_not_exist_gets_the_answer_of_a_wrong_secret() {
    let world = World::ticking();
    let client = Client::reader(&world);
    let nobody = ClientId::from_bytes([9; 16]).to_string();
    let answer =
        |id: &str, secret: &str| world.oauth(ask_as(InquirerMessage::Client(credentials(id, secret)), None), CLIENT);
    assert_eq!(answer(&nobody, &client.secret), answer(&client.id, &guess()));
}

#[test]
fn a_client_secret_is_refused_from_addresses_that_it_may_not_be_used_from() {
    let world = World::ticking();
    let trusted = json!({ "clientSecretTrustedIps": [{ "ipAddress": "198.51.100.0/24" }] });
    let client = Client::new(&world, "member", &trusted, &json!({}));
    let question = || ask_as(InquirerMessage::Client(client.credentials()), None);
    assert_eq!(unchanged(&world, question(), CLIENT), (401, "invalid_client".to_owned()));
    let response = world.oauth(question(), CLIENT);
    assert!(response.body.contains(&format!("may not authenticate from {CLIENT}")), "{response:?}");
    assert!(response.header("www-authenticate").unwrap().starts_with("Basic "));
    assert_eq!(unchanged(&world, question(), "198.51.100.7").0, 200);
}

#[test]
fn a_client_secret_that_has_ended_is_refused_and_retired_as_at_a_login() {
    let world = World::ticking();
    let client = Client::new(&world, "member", &json!({}), &json!({ "ttl": 10 }));
    let question = || ask_as(InquirerMessage::Client(client.credentials()), None);
    assert_eq!(outcome(&world.oauth(question(), CLIENT)).0, 200);
    world.wait(10_000);
    let response = world.oauth(question(), CLIENT);
    assert_eq!((response.status, response.body.contains("has expired")), (401, true));
    let path =
        format!("/api/v1/auth/universal-auth/identities/{}/client-secrets/{}", client.identity, client.secret_id);
    let stored = world.administer("GET", &path, &json!({}));
    assert_eq!(stored.body["clientSecretData"]["isClientSecretRevoked"], true);
    assert_eq!(unchanged(&world, question(), CLIENT).0, 401);
}

#[test]
fn a_revoked_client_secret_is_refused() {
    let world = World::ticking();
    let client = Client::reader(&world);
    let path = format!(
        "/api/v1/auth/universal-auth/identities/{}/client-secrets/{}/revoke",
        client.identity, client.secret_id
    );
    world.administer("POST", &path, &json!({}));
    let question = ask_as(InquirerMessage::Client(client.credentials()), None);
    assert_eq!(unchanged(&world, question, CLIENT), (401, "invalid_client".to_owned()));
}

#[test]
fn questions_and_logins_consume_the_uses_of_a_client_secret_that_counts_them() {
    let world = World::ticking();
    let client = Client::new(&world, "member", &json!({}), &json!({ "numUsesLimit": 3 }));
    let question = || ask_as(InquirerMessage::Client(client.credentials()), None);
    assert_eq!(outcome(&world.oauth(question(), CLIENT)), (200, WITHHELD.to_owned()));
    assert_eq!(world.log_in(&client.id, &client.secret).status, 200);
    assert_eq!(outcome(&world.oauth(question(), CLIENT)).0, 200);
    assert_eq!(client.uses(&world), 3);
    let response = world.oauth(question(), CLIENT);
    assert_eq!((response.status, response.body.contains("as often as it may be")), (401, true));
    assert_eq!(world.log_in(&client.id, &client.secret).status, 401);
    assert_eq!(client.uses(&world), 3);
}
