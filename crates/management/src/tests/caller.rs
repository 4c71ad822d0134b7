//! The bearer of a call, checked again in the Directory on the newest facts: what the Worker believed a moment ago does
//! not help somebody who is refused now.

use serde_json::json;

use crate::endpoint::Authentication;
use crate::router::RoutedEndpoint;
use domain::token::access_token::AccessToken;
use domain::value::identifiers::TokenId;

use super::calls::Targets;
use crate::tests::world::{CLIENT, Caller, World, identity_path, revoke_path, token_auth_path};

const HOME: &str = "203.0.113.0/24";

fn endpoints_of_a_bearer() -> impl Iterator<Item = &'static RoutedEndpoint> {
    let of_bearers = |(endpoint, authentication)| (authentication == Authentication::AccessToken).then_some(endpoint);
    Targets::endpoints().filter_map(of_bearers)
}

/// Every operation that needs a bearer is refused for this one, with the same answer. `lose` takes the bearer's access
/// away and says how the call is then made.
#[track_caller]
fn check(
    lose: fn(&World, &Caller) -> (String, Option<&'static str>),
    status: u16,
    error: &str,
    message: &str,
    details: serde_json::Value,
) {
    for endpoint in endpoints_of_a_bearer() {
        let world = World::new();
        let targets = Targets::new(&world, "no-access");
        let trusted = json!([{"ipAddress": HOME}]);
        let configuration = json!({"accessTokenTTL": 60, "accessTokenMaxTTL": 60, "accessTokenTrustedIps": trusted});
        let bearer = world.configured_caller("admin", configuration);
        let call = || targets.call(&world, endpoint);
        // Before that the bearer may do it.
        call().presenting(&bearer.token).rehearsed().send().ok();
        let (plaintext, client) = lose(&world, &bearer);
        let reply = call().presenting(&plaintext).from(client).send();
        assert_eq!(reply.refused(status, error, message), details, "{endpoint:?}");
    }
}

const UNAUTHORIZED: (u16, &str) = (401, "UnauthorizedError");
const NOTHING: serde_json::Value = serde_json::Value::Null;

#[test]
fn a_revoked_bearer_is_refused() {
    let lose = |world: &World, bearer: &Caller| {
        world.by_admin("POST", &revoke_path(&bearer.token_id)).send().ok();
        (bearer.token.clone(), Some(CLIENT))
    };
    check(lose, UNAUTHORIZED.0, UNAUTHORIZED.1, "Failed to authorize: token has been revoked", NOTHING);
}

#[test]
fn a_bearer_that_revoked_itself_is_refused() {
    let lose = |world: &World, bearer: &Caller| {
        world.revoke_own(&bearer.token).ok();
        (bearer.token.clone(), Some(CLIENT))
    };
    check(lose, UNAUTHORIZED.0, UNAUTHORIZED.1, "Failed to authorize: token has been revoked", NOTHING);
}

#[test]
fn an_expired_bearer_is_refused_from_the_millisecond_of_its_expiry_on() {
    let lose = |world: &World, bearer: &Caller| {
        world.wait(59_999);
        world.by(bearer, "GET", "/api/v1/identities/details").send().ok();
        world.wait(1);
        (bearer.token.clone(), Some(CLIENT))
    };
    check(lose, 401, "TokenError", "Your token has expired. Please re-authenticate.", NOTHING);
}

#[test]
fn a_bearer_from_an_address_that_is_not_trusted_is_refused_and_told_the_address() {
    let message = "You are not allowed to access this resource from the current IP address";
    let elsewhere = |_: &World, bearer: &Caller| (bearer.token.clone(), Some("198.51.100.1"));
    check(elsewhere, 403, "ForbiddenError", message, json!({"clientIp": "198.51.100.1"}));
    let of_the_other_family = |_: &World, bearer: &Caller| (bearer.token.clone(), Some("2001:db8::1"));
    check(of_the_other_family, 403, "ForbiddenError", message, json!({"clientIp": "2001:db8::1"}));
    let unknown = |_: &World, bearer: &Caller| (bearer.token.clone(), None);
    check(unknown, 403, "ForbiddenError", message, json!({"clientIp": null}));
    // The list is the live one.
    let moved = |world: &World, bearer: &Caller| {
        let body = json!({"accessTokenTrustedIps": [{"ipAddress": "192.0.2.1"}]});
        world.by_admin("PATCH", &token_auth_path(&bearer.identity)).json(body).send().ok();
        (bearer.token.clone(), Some(CLIENT))
    };
    check(moved, 403, "ForbiddenError", message, json!({"clientIp": CLIENT}));
}

#[test]
fn a_bearer_whose_identity_is_gone_is_unknown() {
    let lose = |world: &World, bearer: &Caller| {
        world.by_admin("DELETE", &identity_path(&bearer.identity)).send().ok();
        (bearer.token.clone(), Some(CLIENT))
    };
    check(lose, UNAUTHORIZED.0, UNAUTHORIZED.1, "No identity access token found", NOTHING);
}

#[test]
fn a_bearer_whose_method_was_removed_is_unknown_even_after_it_was_attached_again() {
    let lose = |world: &World, bearer: &Caller| {
        world.by_admin("DELETE", &token_auth_path(&bearer.identity)).send().ok();
        world.attach(&bearer.identity, json!({}));
        (bearer.token.clone(), Some(CLIENT))
    };
    check(lose, UNAUTHORIZED.0, UNAUTHORIZED.1, "No identity access token found", NOTHING);
}

#[test]
fn another_secret_for_the_same_id_and_an_id_that_does_not_exist_are_refused_alike() {
    let message = "No identity access token found";
    let other_secret = |world: &World, bearer: &Caller| {
        let id = TokenId::parse(&bearer.token_id).unwrap();
        let forged = AccessToken::issue(id, &[7; 32], &world.settings.token_keys);
        (forged.expose().to_owned(), Some(CLIENT))
    };
    check(other_secret, UNAUTHORIZED.0, UNAUTHORIZED.1, message, NOTHING);
    let unknown = |world: &World, _: &Caller| {
        let token = AccessToken::issue(TokenId::from_bytes([7; 16]), &[7; 32], &world.settings.token_keys);
        (token.expose().to_owned(), Some(CLIENT))
    };
    check(unknown, UNAUTHORIZED.0, UNAUTHORIZED.1, message, NOTHING);
}

#[test]
fn a_call_without_a_bearer_is_refused_before_anything_else_is_looked_at() {
    let world = World::new();
    let targets = Targets::new(&world, "no-access");
    for endpoint in endpoints_of_a_bearer() {
        let call = || targets.call(&world, endpoint);
        call().send().refused(401, "UnauthorizedError", "Token missing");
        let broken = call().body(Some("application/json"), "{").query("limit=x").send();
        broken.refused(401, "UnauthorizedError", "Token missing");
    }
}

#[test]
fn an_ipv4_client_behind_a_mapped_address_is_the_ipv4_client() {
    let world = World::new();
    let bearer = world.configured_caller("no-access", json!({"accessTokenTrustedIps": [{"ipAddress": HOME}]}));
    let call = |client| world.by(&bearer, "GET", "/api/v1/identities/details").from(Some(client)).send();
    call("::ffff:203.0.113.77").ok();
    call("::ffff:198.51.100.1").refused(
        403,
        "ForbiddenError",
        "You are not allowed to access this resource from the current IP address",
    );
}
