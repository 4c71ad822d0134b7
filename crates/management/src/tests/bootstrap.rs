//! `POST /api/v1/admin/bootstrap`, after the bearer has proved to know `AUTH_SECRET`.

use serde_json::json;

use crate::tests::world::{Reply, World, identity_path, redact_identifiers, text, token_auth_path};

const PATH: &str = "/api/v1/admin/bootstrap";

fn bootstrap(world: &World, body: &str) -> Reply {
    world.anonymous("POST", PATH).body(Some("application/json"), body).send()
}

#[test]
fn bootstrap_answer_unchanged() {
    let world = World::empty();
    let reply = bootstrap(&world, r#"{"organization":"Acme Corp","email":"a@b.example","password":"x","domain":"d"}"#);
    let body = reply.ok();
    let names = [
        ("organization", body["organization"]["id"].as_str().unwrap()),
        ("identity", body["identity"]["id"].as_str().unwrap()),
    ];
    assert_eq!(
        reply.shape(&world, &names),
        concat!(
            r#"{"message":"Successfully bootstrapped instance","#,
            r#""organization":{"id":"[organization]","name":"Acme Corp","slug":"acme-corp"},"#,
            r#""identity":{"id":"[identity]","name":"Instance Admin Identity","credentials":{"token":"[token]","expiresAt":null}}}"#,
        )
    );
}

#[test]
fn under_a_ceiling_the_answer_says_when_the_first_token_dies() {
    let mut world = World::empty();
    world.settings.ttl_ceiling = World::with_ceiling(60).settings.ttl_ceiling;
    let made = bootstrap(&world, "{}").ok();
    assert_eq!(made["identity"]["credentials"]["expiresAt"], "2023-11-14T22:14:20.000Z");
    let token = text(&made["identity"]["credentials"]["token"]);
    let use_it = || world.anonymous("GET", "/api/v1/identities/details").presenting(&token).send();
    world.wait(59_999);
    use_it().ok();
    world.wait(1);
    use_it().refused(401, "TokenError", "Your token has expired. Please re-authenticate.");
}

#[test]
fn the_organization_is_named_as_asked_or_admin_org() {
    #[track_caller]
    fn check(body: &str, name: &str, slug: &str) {
        let made = bootstrap(&World::empty(), body).ok();
        assert_eq!(
            (text(&made["organization"]["name"]), text(&made["organization"]["slug"])),
            (name.into(), slug.into())
        );
    }
    check("", "Admin Org", "admin-org");
    check("{}", "Admin Org", "admin-org");
    check(r#"{"email":1,"password":null}"#, "Admin Org", "admin-org");
    check(r#"{"organization":"  R&D \u00e9 "}"#, "R&D é", "r-d");
    check(r#"{"organization":"first","organization":"second"}"#, "second", "second");
    let longest = "x".repeat(255);
    check(&json!({ "organization": longest }).to_string(), &longest, &longest);
}

#[test]
fn an_organization_whose_name_has_no_letter_of_a_slug_gets_its_id_as_slug() {
    let made = bootstrap(&World::empty(), r#"{"organization":"東京"}"#).ok();
    assert_eq!(made["organization"]["slug"], made["organization"]["id"]);
}

#[test]
fn a_form_is_understood_too() {
    let world = World::empty();
    let form = "application/x-www-form-urlencoded";
    let made = world.anonymous("POST", PATH).body(Some(form), "organization=Acme+%26+Co&email=a").send().ok();
    assert_eq!(made["organization"]["name"], "Acme & Co");
}

#[test]
fn a_wrong_organization_is_named() {
    #[track_caller]
    fn check(body: &str, issue: &str) {
        assert_eq!(bootstrap(&World::empty(), body).issues(), [issue]);
    }
    check(r#"{"organization":""}"#, "organization: String must contain at least 1 character(s)");
    check(r#"{"organization":" \t "}"#, "organization: String must contain at least 1 character(s)");
    check(r#"{"organization":"a\u0000"}"#, "organization: Control characters are not allowed");
    check(r#"{"organization":5}"#, "organization: Expected string, received number");
    check(r#"{"organization":null}"#, "organization: Expected string, received null");
    check(
        &json!({ "organization": "x".repeat(256) }).to_string(),
        "organization: String must contain at most 255 character(s)",
    );
    check("[]", ": Expected object, received array");
}

#[test]
fn a_second_bootstrap_is_refused_whoever_sends_it() {
    let world = World::new();
    for body in ["", r#"{"organization":"Admin Org"}"#, r#"{"organization":"Other"}"#] {
        bootstrap(&world, body).refused(400, "BadRequest", "Instance has already been set up");
    }
}

#[test]
fn the_first_token_never_expires_and_works_from_everywhere() {
    let world = World::new();
    let admin = &world.admin;
    let token = world.stored(&admin.token_id);
    assert_eq!(token["name"], "Instance Admin Token");
    for number in ["accessTokenTTL", "accessTokenMaxTTL", "accessTokenNumUsesLimit"] {
        assert_eq!(token[number], 0);
    }
    let configuration = world.by_admin("GET", &token_auth_path(&admin.identity)).send().ok();
    assert_eq!(
        configuration["identityTokenAuth"]["accessTokenTrustedIps"],
        json!([{"ipAddress": "0.0.0.0", "type": "ipv4", "prefix": 0}, {"ipAddress": "::", "type": "ipv6", "prefix": 0}])
    );
    world.wait(100 * 365 * 24 * 3_600_000);
    for client in [Some("198.51.100.1"), Some("2001:db8::1"), None] {
        world.by_admin("GET", "/api/v1/identities/details").from(client).send().ok();
    }
}

#[test]
fn the_first_identity_is_an_administrator() {
    let world = World::new();
    let found = world.by_admin("GET", &identity_path(&world.admin.identity)).send().ok();
    assert_eq!(found["identity"]["role"], "admin");
    assert_eq!(found["identity"]["identity"]["authMethods"], json!(["token-auth"]));
    assert_eq!(found["identity"]["identity"]["hasDeleteProtection"], false);
}

#[test]
fn neither_the_token_nor_any_part_of_its_secret_is_stored() {
    let world = World::new();
    let secret = &world.admin.token[26..];
    let dump = world.sql.dump().join("\n");
    for window in 0..=secret.len() - 12 {
        assert!(!dump.contains(&secret[window..window + 12]));
    }
    // The same search finds what is stored, so it would find a secret.
    assert!(dump.contains(&world.admin.token_id));
}

#[test]
fn two_worlds_with_the_same_draws_are_the_same_and_bear_version_4_identifiers() {
    let (one, two) = (bootstrap(&World::empty(), "{}"), bootstrap(&World::empty(), "{}"));
    assert_eq!(one.response, two.response);
    assert_eq!(redact_identifiers(&one.response.body, &[]).matches("\"[id]\"").count(), 2);
}
