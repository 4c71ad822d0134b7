//! The worst that logging in, renewing and the bootstrap can cost, and what their time tells.

use serde_json::{Value, json};

use super::{Full, MOST, TAKEN, id_text};
use crate::credentials::{ClientCredentials, Presented, SignInWith};
use crate::oauth::call::{InquirerMessage, OAuthAction};
use crate::tests::world::{CLIENT, World};
use domain::token::client_secret::ClientSecret;
use domain::token::console_session::SessionSecret;
use domain::value::identifiers::{ClientId, ConsoleSessionId};

/// Universal Auth on a new identity: the identity, its client id, and a client secret of it.
fn client(world: &World, configuration: &Value) -> (String, String, String) {
    let identity = world.identity("client", "admin");
    let path = format!("/api/v1/auth/universal-auth/identities/{identity}");
    let client = world.administer("POST", &path, configuration).text("/identityUniversalAuth/clientId");
    let secret = world.administer("POST", &format!("{path}/client-secrets"), &json!({})).text("/clientSecret");
    (identity, client, secret)
}

/// Another secret that begins as this one does.
fn near(secret: &str) -> String {
    format!("{}{}", &secret[..4], "0".repeat(secret.len() - 4))
}

#[test]
fn nothing_that_shows_a_credential_takes_long_in_its_worst_state() {
    let check = |name: &str, status: u16, expected: u16| {
        println!("{:8.2}  {name}", TAKEN.get().as_secs_f64() * 1e3);
        assert_eq!(status, expected, "{name}");
        assert!(TAKEN.get() < MOST, "{name} {:?}", TAKEN.get());
    };
    let _ = World::ticking();
    check("bootstrap of a new instance", 200, 200);

    let full = Full::new();
    let world = &full.fixture.world;
    let entries: Vec<Value> = (0..50).map(|at| json!({ "ipAddress": format!("{CLIENT}/{}", 32 - at % 9) })).collect();
    let (identity, known, secret) =
        client(world, &json!({ "accessTokenTrustedIps": entries, "clientSecretTrustedIps": entries }));
    check("first login", world.log_in(&known, &secret).status, 200);
    // As many secrets with the prefix of the right one, and as many dead tokens to forget, as there hardly are.
    full.copies("client_secrets", 30, 1_000, &identity, &[("digest", "zeroblob(32)")]);
    full.copies("access_tokens", 31, 2_500, &identity, &[("expires_at", "number")]);
    full.copies("access_tokens", 32, 2_500, &identity, &[("revoked_at", "number")]);
    full.run("INSERT OR IGNORE INTO outbox SELECT 'token/' || id, 1, NULL, 0, 0, 0 FROM access_tokens", &[]);
    check("login", world.log_in(&known, &secret).status, 200);
    check("login with a wrong secret", world.log_in(&known, &near(&secret)).status, 401);

    // The editor has as many roles in as many projects as it may have.
    let grants = format!(
        "@, {}, 1 + #, 'custom', {}, NULL, NULL, NULL, 0, 0",
        id_text(21, "1 + # % 99"),
        id_text(12, "1 + # % 99")
    );
    full.insert("project_membership_roles", 33, 99 * 9, &grants, &[]);
    world.wait(20 * 24 * 3_600_000);
    check("renewal", world.rehearse(&full.editor, "POST", "/api/v1/auth/token/renew", &json!({})).status, 200);

    // The same credentials, shown in every other way that there is.
    let shown = world.presented(&full.editor.token);
    let client = || {
        let secret = ClientSecret::parse(&secret).unwrap().presented();
        ClientCredentials::new(ClientId::parse(&known).unwrap(), &secret)
    };
    for (name, inquirer) in [
        ("introspection by a client", InquirerMessage::Client(client())),
        ("introspection by a bearer", InquirerMessage::Bearer(Presented::from(&shown))),
    ] {
        let asked = OAuthAction::AuthorizeIntrospection { inquirer, token_id: Some(shown.id.to_string()) };
        check(name, world.oauth(asked, CLIENT).status, 200);
    }
    let session = SessionSecret::issue(ConsoleSessionId::from_random([9; 16]), &[9; 32], &world.settings.session_keys);
    let session = session.presented();
    let sign_in = world.anonymous("POST", "/api/v1/console/sessions").presenting(&full.editor.token);
    check("sign-in to the console", sign_in.signing_in(&session, SignInWith::AccessToken).send().status, 200);
    let look = |path: &str| world.anonymous("GET", path).by_session(&session).send().status;
    check("session of the console", look("/api/v1/console/session"), 200);
    check("details by a session", look("/api/v1/identities/details"), 200);
    let everywhere = world.anonymous("DELETE", "/api/v1/console/sessions").by_session(&session);
    check("sign-out everywhere", everywhere.send().status, 200);
    let own = OAuthAction::Revoke { client_credentials: Some(client()), token: Some(Presented::from(&shown)) };
    check("revocation of another's token", world.oauth(own, CLIENT).status, 400);
    check("revocation by possession", world.revoke_own(&full.editor.token).status, 200);
}

#[test]
fn a_wrong_secret_takes_microseconds_more_for_a_known_client_id_than_for_an_unknown_one() {
    let world = World::ticking();
    let (identity, known, _) = client(&world, &json!({ "lockoutThreshold": 30 }));
    let (unknown, wrong) = ("c0ffee00-0000-4000-8000-000000000001", "0".repeat(64));
    let took = |client: &str| {
        assert_eq!(world.log_in(client, &wrong).status, 401);
        TAKEN.get().as_secs_f64()
    };
    let median = |times: &mut Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    };
    let (mut ratios, mut of_known) = (Vec::new(), Vec::new());
    for _ in 0..200 {
        // In turns, so that whatever else goes on meets both; before the failures lock the method.
        let (mut first, mut second) = (Vec::new(), Vec::new());
        for round in 0..20 {
            if round % 2 == 0 {
                first.push(took(unknown));
                second.push(took(&known));
            } else {
                second.push(took(&known));
                first.push(took(unknown));
            }
        }
        of_known.push(median(&mut second));
        ratios.push(of_known[of_known.len() - 1] / median(&mut first));
        let path = format!("/api/v1/auth/universal-auth/identities/{identity}/clear-lockouts");
        world.administer("POST", &path, &json!({}));
    }
    let ratio = median(&mut ratios);
    println!(
        "known / unknown: {ratio:.3} ({:.3} to {:.3} in nine of ten), {:.1} µs",
        ratios[ratios.len() / 20],
        ratios[ratios.len() - 1 - ratios.len() / 20],
        median(&mut of_known) * 1e6,
    );
    // Reading the row of a known client takes microseconds, of some ten: nothing beside the way through the network.
    assert!((0.5..2.0).contains(&ratio), "{ratio}");
}
