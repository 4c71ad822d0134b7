//! Who may revoke which token.

use super::*;
use domain::token::access_token::{PresentedToken, TokenDigest};
use domain::value::identifiers::TokenId;

const DONE: (u16, String) = (200, String::new());

/// Whether the token is accepted as a bearer.
fn is_alive(world: &World, token: &str) -> bool {
    let caller = world.holder_of(String::new(), token.to_owned());
    world.send(&caller, "GET", "/api/v1/identities/details", &json!({})).status == 200
}

#[test]
fn whoever_holds_a_token_revokes_it_once_and_again() {
    let world = World::ticking();
    let holder = world.caller("holder", "no-access");
    assert!(is_alive(&world, &holder.token));
    let response = world.oauth(revoke(None, &world, &holder.token), CLIENT);
    assert_eq!(outcome(&response), DONE);
    assert_eq!(response.header("content-type"), None);
    assert_eq!(response.header("cache-control"), Some("no-store"));
    assert!(!is_alive(&world, &holder.token));
    assert_eq!(unchanged(&world, revoke(None, &world, &holder.token), CLIENT), DONE);
}

#[test]
fn a_token_that_is_unknown_or_has_another_secret_is_answered_like_a_revoked_one_and_nothing_changes() {
    let world = World::ticking();
    let holder = world.caller("holder", "no-access");
    let id = world.presented(&holder.token).id;
    for id in [id, TokenId::from_bytes([9; 16])] {
        let presented = PresentedToken { id, digest: TokenDigest::from_bytes([9; 32]) };
        let action = OAuthAction::Revoke { client_credentials: None, token: Some(Presented::from(&presented)) };
        assert_eq!(unchanged(&world, action, CLIENT), DONE);
    }
    let nothing = OAuthAction::Revoke { client_credentials: None, token: None };
    assert_eq!(unchanged(&world, nothing, CLIENT), DONE);
    assert!(is_alive(&world, &holder.token));
}

#[test]
fn an_authenticated_client_revokes_the_tokens_of_its_own_identity_only() {
    let world = World::ticking();
    let (client, other) = (Client::reader(&world), Client::reader(&world));
    let token = world.log_in(&client.id, &client.secret).text("/accessToken");
    let by_other = revoke(Some(other.credentials()), &world, &token);
    assert_eq!(unchanged(&world, by_other, CLIENT), (400, "invalid_grant".to_owned()));
    assert!(is_alive(&world, &token));
    assert_eq!(outcome(&world.oauth(revoke(Some(client.credentials()), &world, &token), CLIENT)), DONE);
    assert!(!is_alive(&world, &token));
}

#[test]
fn a_client_that_authenticates_wrongly_revokes_nothing() {
    let world = World::ticking();
    let client = Client::new(&world, "no-access", &json!({ "lockoutThreshold": 1 }), &json!({}));
    let token = world.log_in(&client.id, &client.secret).text("/accessToken");
    let wrong = || revoke(Some(credentials(&client.id, &guess())), &world, &token);
    let invalid = (401, "invalid_client".to_owned());
    assert_eq!(outcome(&world.oauth(wrong(), CLIENT)), invalid);
    assert!(is_alive(&world, &token));
    // That was one guess too many.
    assert_eq!(unchanged(&world, revoke(Some(client.credentials()), &world, &token), CLIENT), invalid);
    assert!(is_alive(&world, &token));
    // Possession suffices all the same: a leaked token can be killed by whoever found it.
    assert_eq!(outcome(&world.oauth(revoke(None, &world, &token), CLIENT)), DONE);
    assert!(!is_alive(&world, &token));
}

#[test]
fn a_client_revokes_its_token_from_wherever_it_is_and_guesses_from_elsewhere_lock_nobody_out() {
    let world = World::ticking();
    let trusted = json!([{ "ipAddress": CLIENT }]);
    let configuration =
        json!({ "clientSecretTrustedIps": trusted, "accessTokenTrustedIps": trusted, "lockoutThreshold": 1 });
    let client = Client::new(&world, "no-access", &configuration, &json!({}));
    let token = world.log_in(&client.id, &client.secret).text("/accessToken");
    let elsewhere = "198.51.100.7";
    let wrong = revoke(Some(credentials(&client.id, &guess())), &world, &token);
    assert_eq!(unchanged(&world, wrong, elsewhere), (401, "invalid_client".to_owned()));
    assert!(is_alive(&world, &token));
    assert_eq!(outcome(&world.oauth(revoke(Some(client.credentials()), &world, &token), elsewhere)), DONE);
    assert!(!is_alive(&world, &token));
    // Nobody was locked out.
    world.log_in(&client.id, &client.secret).text("/accessToken");
}

#[test]
fn authenticating_consumes_a_use_of_a_client_secret_that_counts_them() {
    let world = World::ticking();
    let client = Client::new(&world, "no-access", &json!({}), &json!({ "numUsesLimit": 2 }));
    let token = world.log_in(&client.id, &client.secret).text("/accessToken");
    assert_eq!(outcome(&world.oauth(revoke(Some(client.credentials()), &world, &token), CLIENT)), DONE);
    assert_eq!(client.uses(&world), 2);
    let nothing = OAuthAction::Revoke { client_credentials: Some(client.credentials()), token: None };
    assert_eq!(outcome(&world.oauth(nothing, CLIENT)), (401, "invalid_client".to_owned()));
    assert_eq!(client.uses(&world), 2);
}
