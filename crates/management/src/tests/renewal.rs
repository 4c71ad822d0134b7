//! `POST /api/v1/auth/token/renew` and `/revoke`: what a holder does with a token by possession alone.

use serde_json::{Value, json};

use crate::possession::{complete_renewal, read_token};
use domain::token::access_token::AccessToken;
use domain::value::identifiers::TokenId;

use crate::tests::world::{Caller, REQUEST_ID, Reply, World, identity_path, revoke_path, token_auth_path};

const EXPIRED: &str = "Your token has expired. Please re-authenticate.";
const AT_MAX_TTL: &str = "Cannot renew: identity access token has reached its max TTL";
const UNKNOWN: &str = "No identity access token found";

/// A world with one token.
fn token(ttl: u64, max_ttl: u64) -> (World, Caller) {
    let world = World::new();
    let holder = world.configured_caller("no-access", json!({"accessTokenTTL": ttl, "accessTokenMaxTTL": max_ttl}));
    (world, holder)
}

fn use_it(world: &World, holder: &Caller) -> Reply {
    world.by(holder, "GET", "/api/v1/identities/details").send()
}

fn configure(world: &World, holder: &Caller, configuration: Value) {
    world.by_admin("PATCH", &token_auth_path(&holder.identity)).json(configuration).send().ok();
}

// Renew.

#[test]
fn renewal_answer_unchanged() {
    let (world, holder) = token(60, 600);
    world.wait(6_000);
    let reply = world.renew(&holder.token);
    let expected = r#"{"accessToken":"[token]","expiresIn":60,"accessTokenMaxTTL":600,"tokenType":"Bearer"}"#;
    assert_eq!(reply.shape(&world, &[]), expected);
    assert_eq!(reply.ok()["accessToken"], json!(holder.token), "the same token, with a later expiry");
}

#[test]
fn the_directory_never_says_the_plaintext() {
    let (world, holder) = token(60, 600);
    let report = world.possessed("renew", &holder.token, None);
    assert_eq!(report.response.body, r#"{"expiresIn":60,"maxTtl":600}"#);
}

#[test]
fn a_renewed_token_lives_a_ttl_longer_and_never_past_its_max_ttl() {
    /// Created with a TTL of 10 s and a max TTL of 100 s and renewed every 5 s until `renewed`; then it is left alone.
    #[track_caller]
    fn check(renewed: i64, expires: i64, expires_in: u64) {
        let (world, holder) = token(10, 100);
        let mut at = 0;
        let mut last = json!(null);
        while at < renewed {
            let step = (renewed - at).min(5_000);
            world.wait(step);
            at += step;
            last = world.renew(&holder.token).ok();
        }
        assert_eq!((&last["expiresIn"], &last["accessTokenMaxTTL"]), (&json!(expires_in), &json!(100)));
        world.wait(expires - 1 - at);
        use_it(&world, &holder).ok();
        world.wait(1);
        use_it(&world, &holder).refused(401, "TokenError", EXPIRED);
    }
    check(1, 10_000, 9);
    check(999, 10_000, 9);
    check(1_000, 11_000, 10);
    check(5_000, 15_000, 10);
    check(90_000, 100_000, 10);
    check(90_001, 100_000, 9);
    check(95_500, 100_000, 4);
    check(99_999, 100_000, 0);
}

#[test]
fn at_its_max_ttl_a_token_cannot_be_renewed_even_while_it_lives() {
    let (world, holder) = token(600, 600);
    configure(&world, &holder, json!({"accessTokenTTL": 10, "accessTokenMaxTTL": 100}));
    world.wait(99_999);
    world.renew(&holder.token).ok();
    world.wait(1);
    world.renew(&holder.token).refused(401, "UnauthorizedError", AT_MAX_TTL);
    use_it(&world, &holder).ok();
}

#[test]
fn an_expired_token_is_not_brought_back() {
    let (world, holder) = token(10, 100);
    world.wait(9_999);
    world.renew(&holder.token).ok();
    let (world, holder) = token(10, 100);
    world.wait(10_000);
    world.renew(&holder.token).refused(401, "TokenError", EXPIRED);
    // A more generous configuration changes nothing about that.
    configure(&world, &holder, json!({"accessTokenTTL": 0, "accessTokenMaxTTL": 0}));
    world.renew(&holder.token).refused(401, "TokenError", EXPIRED);
}

#[test]
fn renewal_reads_the_configuration_of_that_moment_and_never_shortens_a_life() {
    /// Created with a TTL of 50 s and a max TTL of 100 s and renewed after 5 s under another configuration.
    #[track_caller]
    fn check(ttl: u64, max_ttl: u64, expires: Option<i64>, answer: (u64, u64)) {
        let (world, holder) = token(50, 100);
        configure(&world, &holder, json!({"accessTokenTTL": ttl, "accessTokenMaxTTL": max_ttl}));
        world.wait(5_000);
        let renewed = world.renew(&holder.token).ok();
        assert_eq!((&renewed["expiresIn"], &renewed["accessTokenMaxTTL"]), (&json!(answer.0), &json!(answer.1)));
        let Some(expires) = expires else {
            world.wait(1_000 * 365 * 24 * 3_600_000);
            use_it(&world, &holder).ok();
            return;
        };
        world.wait(expires - 1 - 5_000);
        use_it(&world, &holder).ok();
        world.wait(1);
        use_it(&world, &holder).refused(401, "TokenError", EXPIRED);
    }
    check(50, 100, Some(55_000), (50, 100));
    check(60, 100, Some(65_000), (60, 100));
    check(10, 100, Some(50_000), (45, 100));
    check(10, 20, Some(50_000), (45, 20));
    check(60, 61, Some(61_000), (56, 61));
    check(200, 0, Some(205_000), (200, 0));
    check(0, 300, Some(300_000), (295, 300));
    check(0, 0, None, (0, 0));
}

#[test]
fn a_token_without_expiry_keeps_none() {
    let (world, holder) = token(0, 0);
    configure(&world, &holder, json!({"accessTokenTTL": 10, "accessTokenMaxTTL": 0}));
    world.wait(1_000);
    assert_eq!(world.renew(&holder.token).ok()["expiresIn"], 0);
    world.wait(1_000_000_000);
    use_it(&world, &holder).ok();
}

#[test]
fn the_ceiling_of_the_operator_bounds_renewals() {
    let mut world = World::with_ceiling(12);
    let holder = world.configured_caller("no-access", json!({"accessTokenTTL": 10, "accessTokenMaxTTL": 0}));
    world.wait(9_000);
    assert_eq!(world.renew(&holder.token).ok()["expiresIn"], 3);
    world.wait(3_000);
    use_it(&world, &holder).refused(401, "TokenError", EXPIRED);

    // A ceiling that came later, over a token that lives longer than it.
    let (other, holder) = token(50, 100);
    world = other;
    world.settings = World::with_ceiling(12).settings;
    world.wait(12_000);
    world.renew(&holder.token).refused(401, "UnauthorizedError", AT_MAX_TTL);
}

#[test]
fn renewal_asks_for_no_bearer_and_consumes_no_use() {
    let world = World::new();
    let holder = world.configured_caller("no-access", json!({"accessTokenTTL": 60, "accessTokenNumUsesLimit": 1}));
    world.wait(30_000);
    assert_eq!(world.renew(&holder.token).ok()["expiresIn"], 60);
    assert_eq!(world.stored(&holder.token_id)["accessTokenNumUses"], 0);
}

#[test]
fn trusted_ips_hold_for_renewing_a_token_and_not_for_revoking_it() {
    let world = World::new();
    let trusted = json!([{"ipAddress": "192.0.2.1"}, {"ipAddress": "2001:db8::/32"}]);
    let holder = world.configured_caller("no-access", json!({"accessTokenTTL": 60, "accessTokenTrustedIps": trusted}));
    world.wait(30_000);
    let from = |client, action: &str| {
        let call = world.anonymous("POST", &format!("/api/v1/auth/token/{action}"));
        call.presenting(&holder.token).from(client).send()
    };
    let foreign = "You are not allowed to access this resource from the current IP address";
    for client in [Some("198.51.100.1"), Some("2001:db9::1"), None] {
        let reply = from(client, "renew");
        reply.refused(403, "ForbiddenError", foreign);
        assert!(reply.response.body.contains("clientIp"), "{:?}", reply.response);
    }
    for client in [Some("192.0.2.1"), Some("2001:db8::1")] {
        from(client, "renew").ok();
    }
    from(Some("198.51.100.1"), "revoke").ok();
    assert_eq!(world.stored(&holder.token_id)["isAccessTokenRevoked"], true);
}

/// The rows of the audit log about renewals.
fn renewals_in_the_log(world: &World) -> usize {
    world.sql.dump().iter().filter(|row| row.starts_with("audit_log") && row.contains("renewAccessToken")).count()
}

#[test]
fn however_often_a_token_is_renewed_few_rows_are_written() {
    let (world, holder) = token(100, 0);
    for _ in 0..500 {
        world.renew(&holder.token).unchanged();
    }
    assert_eq!(renewals_in_the_log(&world), 0);
    // Over three TTLs, thirty times a second of the TTL's hundredth: ten rows for each TTL, whatever is asked.
    for _ in 0..1_500 {
        world.wait(200);
        world.renew(&holder.token).ok();
    }
    let rows = renewals_in_the_log(&world);
    assert_eq!(rows, 30);
}

#[test]
fn a_renewal_that_comes_too_early_answers_the_expiry_there_is() {
    let (world, holder) = token(100, 1_000);
    world.wait(9_999);
    let early = world.renew(&holder.token);
    early.unchanged();
    assert_eq!((&early.ok()["expiresIn"], &early.ok()["accessTokenMaxTTL"]), (&json!(90), &json!(1_000)));
    assert_eq!(world.stored(&holder.token_id)["accessTokenLastRenewedAt"], Value::Null);
    world.wait(1);
    assert_eq!(world.renew(&holder.token).ok()["expiresIn"], 100);
}

#[test]
fn a_token_that_was_used_up_cannot_be_renewed() {
    let world = World::new();
    let holder = world.configured_caller("no-access", json!({"accessTokenNumUsesLimit": 3}));
    for uses in [None, Some(0), Some(2)] {
        world.renew_used(&holder.token, uses).ok();
    }
    for uses in [Some(3), Some(4)] {
        let reply = world.renew_used(&holder.token, uses);
        reply.refused(401, "UnauthorizedError", "Cannot renew exhausted access token");
    }
    // A token without a limit cannot be used up.
    let holder = world.configured_caller("no-access", json!({}));
    world.renew_used(&holder.token, Some(1_000_000)).ok();
}

#[test]
fn a_token_that_is_dead_by_other_means_cannot_be_renewed() {
    let (world, holder) = token(60, 600);
    world.by_admin("POST", &revoke_path(&holder.token_id)).send().ok();
    world.renew(&holder.token).refused(401, "UnauthorizedError", "Cannot renew: token has been revoked");

    let (world, holder) = token(60, 600);
    world.by_admin("DELETE", &token_auth_path(&holder.identity)).send().ok();
    world.renew(&holder.token).refused(401, "UnauthorizedError", UNKNOWN);
    world.attach(&holder.identity, json!({}));
    world.renew(&holder.token).refused(401, "UnauthorizedError", UNKNOWN);

    let (world, holder) = token(60, 600);
    world.by_admin("DELETE", &identity_path(&holder.identity)).send().ok();
    world.renew(&holder.token).refused(401, "UnauthorizedError", UNKNOWN);
}

/// The tokens with our tag that name another secret, and another id.
fn impostors(world: &World, holder: &Caller) -> [String; 2] {
    [TokenId::parse(&holder.token_id).unwrap(), TokenId::from_bytes([7; 16])]
        .map(|id| AccessToken::issue(id, &[7; 32], &world.settings.token_keys).expose().to_owned())
}

#[test]
fn only_the_whole_token_proves_possession() {
    let (world, holder) = token(60, 600);
    for impostor in impostors(&world, &holder) {
        world.renew(&impostor).refused(401, "UnauthorizedError", UNKNOWN);
        world.revoke_own(&impostor).refused(401, "UnauthorizedError", UNKNOWN);
    }
    for path in ["/api/v1/auth/token/renew", "/api/v1/auth/token/revoke"] {
        world.anonymous("POST", path).send().refused(401, "UnauthorizedError", "Token missing");
    }
    use_it(&world, &holder).ok();
}

// Revoke.

#[test]
fn self_revoke_answer_unchanged() {
    let (world, holder) = token(60, 600);
    let reply = world.revoke_own(&holder.token);
    assert!(reply.changed());
    reply.ok();
    assert_eq!(
        reply.response.body,
        r#"{"message":"Successfully revoked access token","inForceEverywhereAt":"2023-11-14T22:13:31.000Z"}"#
    );
}

#[test]
fn a_holder_revokes_a_token_for_good_and_again_without_a_change() {
    let (world, holder) = token(60, 600);
    let other = world.token(&holder.identity, "");
    world.revoke_own(&holder.token).ok();
    use_it(&world, &holder).refused(401, "UnauthorizedError", "Failed to authorize: token has been revoked");
    use_it(&world, &other).ok();
    world.wait(1);
    world.revoke_own(&holder.token).unchanged();
    assert_eq!(world.stored(&holder.token_id)["isAccessTokenRevoked"], true);

    world.by_admin("POST", &revoke_path(&other.token_id)).send().ok();
    world.revoke_own(&other.token).unchanged();
}

#[test]
fn an_expired_token_and_one_from_a_foreign_address_can_be_revoked_by_their_holder() {
    let (world, holder) = token(10, 10);
    configure(&world, &holder, json!({"accessTokenTrustedIps": [{"ipAddress": "192.0.2.1"}]}));
    world.wait(10_000);
    assert!(world.revoke_own(&holder.token).changed());
    assert_eq!(world.stored(&holder.token_id)["isAccessTokenRevoked"], true);
}

#[test]
fn a_token_whose_identity_is_gone_is_unknown_to_its_holder_too() {
    let (world, holder) = token(60, 600);
    world.by_admin("DELETE", &identity_path(&holder.identity)).send().ok();
    world.revoke_own(&holder.token).refused(401, "UnauthorizedError", UNKNOWN);
}

// The token in the body, read in the Worker.

#[test]
fn a_token_is_read_from_a_body_of_any_accepted_form() {
    #[track_caller]
    fn check(content_type: Option<&str>, body: &str) {
        let world = World::new();
        let body = body.replace("TOKEN", &world.admin.token);
        let token = read_token(content_type, &body, &world.settings.token_keys).unwrap();
        assert_eq!(token.id().to_string(), world.admin.token_id);
    }
    check(Some("application/json"), r#"{"accessToken":"TOKEN"}"#);
    check(None, r#"{"accessToken":" TOKEN\n","other":1}"#);
    check(Some("application/x-www-form-urlencoded"), "accessToken=TOKEN");
    check(Some("application/json"), r#"{"accessToken":"x","accessToken":"TOKEN"}"#);
}

#[test]
fn a_body_without_a_token_of_ours_is_refused_in_the_words_of_the_contract() {
    #[track_caller]
    fn check(content_type: Option<&str>, body: &str, status: u16, error: &str, message: &str) {
        let world = World::new();
        let keys = &world.settings.token_keys;
        let refused = read_token(content_type, body, keys).map(|token| token.id()).unwrap_err();
        let reply = Reply::of_worker(&refused);
        reply.refused(status, error, message);
    }
    let malformed =
        "The provided access token is malformed. Please use a valid token or generate a new one and try again.";
    check(None, r#"{"accessToken":""}"#, 401, "TokenError", malformed);
    check(None, r#"{"accessToken":"tka_short"}"#, 401, "TokenError", malformed);
    check(None, r#"{"accessToken":"eyJhbGciOiJIUzI1NiJ9.e30.c2ln"}"#, 401, "TokenError", malformed);
    let forged = format!(r#"{{"accessToken":"tka_{}"}}"#, "0".repeat(76));
    check(None, &forged, 401, "TokenError", "invalid signature");
    let json = "Body is not valid JSON but content-type is 'application/json'";
    check(Some("application/json"), "{", 400, "FST_ERR_CTP_INVALID_JSON_BODY", json);
    let media_type = "Unsupported Media Type: use application/json or application/x-www-form-urlencoded";
    check(Some("text/plain"), "{}", 415, "FST_ERR_CTP_INVALID_MEDIA_TYPE", media_type);
}

#[test]
fn a_body_without_the_field_is_named() {
    #[track_caller]
    fn check(body: &str, issue: &str) {
        let world = World::new();
        let keys = &world.settings.token_keys;
        let refused = read_token(Some("application/json"), body, keys).map(|token| token.id()).unwrap_err();
        let reply = Reply::of_worker(&refused);
        assert_eq!(reply.issues(), [issue]);
    }
    check("", "accessToken: Required");
    check("{}", "accessToken: Required");
    check(r#"{"accessToken":null}"#, "accessToken: Expected string, received null");
    check(r#"{"accessToken":["x"]}"#, "accessToken: Expected string, received array");
    check("[]", ": Expected object, received array");
}

#[test]
fn what_is_no_report_of_a_renewal_becomes_no_answer() {
    let world = World::new();
    let token = world.parse(&world.admin.token);
    for report in ["", "{}", r#"{"expiresIn":1}"#, r#"{"expiresIn":-1,"maxTtl":0}"#] {
        assert_eq!(complete_renewal(report, &token, REQUEST_ID), None);
    }
}
