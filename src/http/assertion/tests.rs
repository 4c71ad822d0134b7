//! Cases of the assertion.

use std::rc::Rc;

use ed25519_dalek::{Signature, Verifier, VerifyingKey};
use serde_json::{Value, json};

use super::*;
use domain::gateway::origin::Origin;
use domain::gateway::proxied_request::Entry;
use domain::gateway::request_method::RequestMethod;
use domain::gateway::request_path::{LONGEST_PATH, RequestPath};
use domain::gateway::route::{PathPrefix, Route, RouteMethods};
use domain::gateway::route_host::RouteHost;
use domain::gateway::route_options::RouteOptions;
use domain::token::access_token::TokenDigest;
use domain::token::facts::{AuthMethod, IdentityFacts, TokenFacts};
use domain::token::secret::AuthSecret;
use domain::token::uses::UsesLimit;
use domain::value::identifiers::{AuthMethodConfigurationId, IdentityId, OrganizationId, ProjectId, RouteId, TokenId};

const NOW: Timestamp = Timestamp::from_milliseconds(1_700_000_000_500);

fn key(fill: &str) -> AssertionKey {
    AssertionKey::new(&AuthSecret::new(&fill.repeat(32)).unwrap())
}

fn admitted() -> Admitted {
    let identity = IdentityId::from_bytes([1; 16]);
    Admitted {
        token: Rc::new(TokenFacts {
            id: TokenId::from_bytes([2; 16]),
            digest: TokenDigest::from_bytes([0; 32]),
            identity,
            auth_method: AuthMethod::TokenAuth,
            configuration: AuthMethodConfigurationId::from_bytes([3; 16]),
            client_secret: None,
            name: None,
            created: NOW,
            expires: None,
            uses_limit: UsesLimit::from_wire(0).unwrap(),
            revoked: false,
        }),
        identity: Rc::new(IdentityFacts {
            id: identity,
            name: "build".to_owned(),
            organization: OrganizationId::from_bytes([4; 16]),
            role: RoleSlug::parse("member").unwrap(),
            token_auth: None,
            universal_auth: None,
            projects: Vec::new(),
        }),
    }
}

fn authorized(roles: &[&str]) -> Authorized {
    Authorized {
        route: Rc::new(Route {
            id: RouteId::from_bytes([5; 16]),
            project: ProjectId::from_bytes([6; 16]),
            host: None,
            path_prefix: PathPrefix::parse("/").unwrap(),
            methods: RouteMethods::Every,
            origin: Some(Origin::from_stored("https://origin.example.com")),
            options: RouteOptions::default(),
        }),
        project_slug: "billing".to_owned(),
        roles: roles.iter().map(|role| RoleSlug::parse(role).unwrap()).collect(),
    }
}

fn request(path: &str) -> ProxiedRequest {
    ProxiedRequest {
        entry: Entry::Gateway,
        host: RouteHost::parse("api.example.com").unwrap(),
        method: RequestMethod::Get,
        path: RequestPath::parse(path).unwrap(),
        web_socket: None,
    }
}

fn assert_at(assertions: &mut Assertions, path: &str, roles: &[&str], now: Timestamp) -> String {
    assertions.assert(&admitted(), &authorized(roles), &request(path), "https://api.example.com", now)
}

fn part(text: &str, index: usize) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text.split('.').nth(index).unwrap()).unwrap()).unwrap()
}

#[test]
fn assertion_unchanged() {
    let text = assert_at(&mut Assertions::new(key("a")), "/v1/x", &["viewer", "packer"], NOW);
    assert_eq!(part(&text, 0), json!({ "alg": "EdDSA", "typ": "JWT", "kid": key("a").id() }));
    assert_eq!(
        part(&text, 1),
        json!({
            "iss": "https://api.example.com", "aud": "https://origin.example.com",
            "sub": "01010101-0101-0101-0101-010101010101", "token_id": "02020202-0202-0202-0202-020202020202",
            "organization_id": "04040404-0404-0404-0404-040404040404", "role": "member",
            "project_id": "06060606-0606-0606-0606-060606060606", "project": "billing",
            "project_roles": ["viewer", "packer"], "method": "GET", "host": "api.example.com", "path": "/v1/x",
            "iat": 1_700_000_000, "exp": 1_700_000_060,
        })
    );
}

#[test]
fn the_published_key_verifies_an_assertion() {
    let text = assert_at(&mut Assertions::new(key("a")), "/", &[], NOW);
    let (signed, signature) = text.rsplit_once('.').unwrap();
    let published = jwks_response([&key("b"), &key("a")], "req-1");
    assert_eq!(published.header("cache-control"), Some("public, max-age=300"));
    let keys: Value = serde_json::from_str(&published.body).unwrap();
    let own = keys["keys"].as_array().unwrap().iter().find(|one| one["kid"] == part(&text, 0)["kid"]).unwrap();
    assert_eq!((&own["kty"], &own["crv"], &own["use"]), (&json!("OKP"), &json!("Ed25519"), &json!("sig")));
    let public: [u8; 32] = URL_SAFE_NO_PAD.decode(own["x"].as_str().unwrap()).unwrap().try_into().unwrap();
    let signature: [u8; 64] = URL_SAFE_NO_PAD.decode(signature).unwrap().try_into().unwrap();
    let public = VerifyingKey::from_bytes(&public).unwrap();
    assert!(public.verify(signed.as_bytes(), &Signature::from_bytes(&signature)).is_ok());
    assert!(!published.body.contains("\"d\""), "the private part is not published");
}

#[test]
fn an_assertion_is_sent_again_for_the_same_request_only_and_for_half_its_life() {
    let mut assertions = Assertions::new(key("a"));
    let first = assert_at(&mut assertions, "/a", &["viewer"], NOW);
    let later = |seconds: u64| NOW.plus(Seconds::new(seconds));
    assert_eq!(assert_at(&mut assertions, "/a", &["viewer"], later(29)), first);
    assert_ne!(assert_at(&mut assertions, "/b", &["viewer"], later(29)), first);
    assert_ne!(assert_at(&mut assertions, "/a", &[], later(29)), first);
    let renewed = assert_at(&mut assertions, "/a", &["viewer"], later(30));
    assert_ne!(renewed, first);
    assert_eq!(part(&renewed, 1)["exp"], 1_700_000_090);
    // The clock was set back by an hour.
    let back = assert_at(&mut assertions, "/a", &["viewer"], NOW.minus(Seconds::new(3600)));
    assert_eq!(part(&back, 1)["iat"], 1_700_000_000 - 3600);
}

#[test]
fn what_is_remembered_has_a_bound_however_long_the_paths_are() {
    let mut assertions = Assertions::new(key("a"));
    let later = NOW.plus(Seconds::new(1));
    let long = format!("/{}", "a".repeat(LONGEST_PATH - 1));
    let first = assert_at(&mut assertions, &long, &[], NOW);
    assert!(first.len() > LONGEST_REMEMBERED);
    assert_ne!(assert_at(&mut assertions, &long, &[], later), first, "signed anew");
    assert_eq!(assertions.remembered.len(), 0);
    assert_eq!(assertions.remembered.cap(), CAPACITY);
    assert!(CAPACITY.get() * (LONGEST_REMEMBERED + size_of::<StableClaimsDigest>()) < 4 * 1024 * 1024);
    let usual = assert_at(&mut assertions, "/v1/items", &["viewer"], NOW);
    assert_eq!(assert_at(&mut assertions, "/v1/items", &["viewer"], later), usual);
}

#[test]
fn whatever_is_said_of_a_caller_makes_another_subject() {
    let subject = |role: &str, path: &str, project_roles: &[&str]| StableClaims {
        iss: String::new(),
        aud: String::new(),
        sub: String::new(),
        token_id: String::new(),
        organization_id: String::new(),
        role: role.to_owned(),
        project_id: String::new(),
        project: String::new(),
        project_roles: project_roles.iter().map(|role| (*role).to_owned()).collect(),
        method: "GET",
        host: String::new(),
        path: path.to_owned(),
    };
    let subjects = [
        subject("", "", &[]),
        subject("a", "", &[]),
        subject("", "a", &[]),
        subject("", "", &[""]),
        subject("", "", &["a", "b"]),
        subject("", "", &["ab"]),
        subject("", "", &["a\",\"b"]),
    ];
    let digests: std::collections::BTreeSet<_> = subjects.iter().map(StableClaims::digest).collect();
    assert!(digests.len() == subjects.len() && !digests.contains(&None));
}
