//! Sessions of operators in the console: opened, used, ended, and gone with the rights that they were opened with.

use serde_json::{Value, json};

use crate::credentials::SignInWith;
use crate::tests::world::{CLIENT, Caller, Reply, START, World, text, token_auth_path};
use directory::sql::Sql;
use domain::token::console_session::{PresentedSession, SessionSecret};
use domain::token::digest::ConsoleSessionDigest;
use domain::token::sign_in_code::SignInCode;
use domain::token::sign_in_code::SignInCodes;
use domain::value::identifiers::ConsoleSessionId;

const SESSIONS: &str = "/api/v1/console/sessions";
const BY_ACCESS: &str = "/api/v1/console/sessions/access";
const SESSION: &str = "/api/v1/console/session";
const CODES: &str = "/api/v1/console/sign-in-codes";
const ENDED: (u16, &str, &str) = (401, "SessionEnded", "Your session has ended. Sign in again.");
const NOT_SIGNED_IN: (u16, &str, &str) =
    (401, "UnauthorizedError", "This does not sign you in. It may have expired, been revoked or been used up.");
const STRANGER: &str = "198.51.100.1";

/// The session whose secret is made of this number.
fn session(world: &World, number: u8) -> PresentedSession {
    let id = ConsoleSessionId::from_random([number; 16]);
    SessionSecret::issue(id, &[number; 32], &world.settings.session_keys).presented()
}

fn sign_in(world: &World, session: &PresentedSession, token: &str) -> Reply {
    world.anonymous("POST", SESSIONS).presenting(token).signing_in(session, SignInWith::AccessToken).send()
}

fn sign_in_by_access(world: &World, session: &PresentedSession, subject: &str) -> Reply {
    let with = SignInWith::CloudflareAccess { subject: subject.to_owned() };
    world.anonymous("POST", BY_ACCESS).signing_in(session, with).send()
}

fn sign_in_by_code(world: &World, session: &PresentedSession, code: &str) -> Reply {
    let code = SignInCode::parse(code, &world.settings.session_keys).unwrap();
    world.anonymous("POST", SESSIONS).signing_in(session, SignInWith::code(&code.digest())).send()
}

fn look(world: &World, session: &PresentedSession) -> Reply {
    world.anonymous("GET", SESSION).by_session(session).send()
}

#[track_caller]
fn refused(reply: &Reply, (status, error, message): (u16, &str, &str)) {
    reply.refused(status, error, message);
}

/// An operator who is signed in by a token of Token Auth.
fn signed_in(world: &World, role: &str, number: u8) -> (Caller, PresentedSession) {
    let operator = world.configured_caller(role, json!({ "accessTokenTTL": 0, "accessTokenMaxTTL": 0 }));
    let session = session(world, number);
    sign_in(world, &session, &operator.token).ok();
    (operator, session)
}

fn sessions(world: &World) -> u64 {
    let rows = world.sql.execute("SELECT count(*) FROM console_sessions", &[]).unwrap();
    rows.into_iter().next().unwrap().read().unwrap()
}

#[test]
fn console_session_answer_unchanged() {
    let world = World::new();
    let opened = session(&world, 1);
    let expected = format!(
        r#"{{"session":{{"id":"{}","identityId":"{}","identityName":"Instance Admin Identity","organizationId":"{}","organizationSlug":"admin-org","organizationRole":"admin","via":"accessToken","createdAt":"2023-11-14T22:13:20.000Z","idleExpiresAt":"2023-11-14T22:43:20.000Z","expiresAt":"2023-11-15T10:13:20.000Z","clientAddress":"{CLIENT}"}}}}"#,
        opened.id, world.admin.identity, world.organization
    );
    assert_eq!(sign_in(&world, &opened, &world.admin.token).response.body, expected);
    assert_eq!(look(&world, &opened).response.body, expected);
}

#[test]
fn whoever_is_signed_in_may_do_what_the_token_may_and_the_audit_log_says_how() {
    let world = World::new();
    let opened = session(&world, 1);
    sign_in(&world, &opened, &world.admin.token).ok();
    let body = json!({ "name": "made", "organizationId": world.organization });
    let made = world.anonymous("POST", "/api/v1/identities").by_session(&opened).json(body).send().ok();
    let made = text(&made["identity"]["id"]);

    let rows =
        world.sql.execute("SELECT actor, action, target, via FROM audit_log ORDER BY sequence DESC LIMIT 2", &[]);
    let rows: Vec<(String, String, String, Option<String>)> = rows
        .unwrap()
        .into_iter()
        .map(|mut row| (row.read().unwrap(), row.read().unwrap(), row.read().unwrap(), row.read().unwrap()))
        .collect();
    let actor =
        format!("identity/{} token/{} console-session/{}", world.admin.identity, world.admin.token_id, opened.id);
    let via = Some("console".to_owned());
    let expected = [
        (actor.clone(), "createIdentity".to_owned(), format!("identity/{made}"), via.clone()),
        (actor, "signInToConsole".to_owned(), format!("console-session/{}", opened.id), via),
    ];
    assert_eq!(rows, expected);

    let (_, onlooker) = signed_in(&world, "no-access", 2);
    let body = json!({ "name": "more", "organizationId": world.organization });
    let refused = world.anonymous("POST", "/api/v1/identities").by_session(&onlooker).json(body).send();
    refused.refused(403, "PermissionDenied", "You are not allowed to create on identity");
}

#[test]
fn a_bearer_counts_and_a_session_beside_it_does_not() {
    let world = World::new();
    let opened = session(&world, 1);
    sign_in(&world, &opened, &world.admin.token).ok();
    let weak = world.configured_caller("no-access", json!({}));
    let path = format!("/api/v1/identities/{}", weak.identity);
    let call = world.anonymous("GET", &path).by_session(&opened).presenting(&weak.token);
    call.send().refused(403, "PermissionDenied", "You are not allowed to read on identity");
    world.anonymous("GET", &path).by_session(&opened).send().ok();
}

#[test]
fn what_does_not_sign_in_leaves_nothing_and_reads_the_same_whatever_it_is() {
    let world = World::new();
    let revoked = world.configured_caller("no-access", json!({}));
    let path = format!("/api/v1/auth/token-auth/tokens/{}/revoke", revoked.token_id);
    world.by_admin("POST", &path).send().ok();
    let other = World::new();
    let expired = world.configured_caller("no-access", json!({ "accessTokenTTL": 1, "accessTokenMaxTTL": 1 }));
    world.wait(2_000);
    let opened = session(&world, 1);
    for token in [&revoked.token, &expired.token, &other.admin.token] {
        if token == &world.admin.token {
            continue;
        }
        refused(&sign_in(&world, &opened, token), NOT_SIGNED_IN);
    }
    refused(&sign_in_by_access(&world, &opened, "ada@example.com"), NOT_SIGNED_IN);
    let unknown = SignInCode::issue([1; 16], &[1; 32], &world.settings.session_keys);
    refused(&sign_in_by_code(&world, &opened, unknown.expose()), NOT_SIGNED_IN);
    assert_eq!(sessions(&world), 0);
}

#[test]
fn a_session_needs_its_own_secret_and_ends_by_itself() {
    let world = World::new();
    refused(&look(&world, &session(&world, 1)), ENDED);
    let opened = session(&world, 1);
    sign_in(&world, &opened, &world.admin.token).ok();
    let other = PresentedSession { digest: ConsoleSessionDigest::from_bytes([9; 32]), ..opened.clone() };
    refused(&look(&world, &other), ENDED);
    // Half an hour without a use.
    world.wait(30 * 60_000 - 1);
    look(&world, &opened).ok();
    world.wait(30 * 60_000);
    refused(&look(&world, &opened), ENDED);
    // Half a day whatever happens.
    let opened = session(&world, 2);
    sign_in(&world, &opened, &world.admin.token).ok();
    for _ in 0..35 {
        world.wait(20 * 60_000);
        look(&world, &opened).ok();
    }
    let seen = look(&world, &opened).ok();
    assert_eq!(seen["session"]["idleExpiresAt"], seen["session"]["expiresAt"]);
    world.wait(20 * 60_000);
    refused(&look(&world, &opened), ENDED);
}

#[test]
fn a_use_is_written_down_once_a_minute() {
    let world = World::new();
    let opened = session(&world, 1);
    sign_in(&world, &opened, &world.admin.token).ok();
    for (wait, expected) in [(0, false), (59_999, false), (1, true), (59_999, false), (1, true)] {
        world.wait(wait);
        assert_eq!(look(&world, &opened).changed(), expected, "{}", world.now().milliseconds() - START);
    }
}

#[test]
fn a_session_is_gone_with_what_it_was_opened_with() {
    type Withdraw = fn(&World, &Caller);
    let withdraw: [(&str, Withdraw); 4] = [
        ("the token is revoked", |world, operator| {
            let path = format!("/api/v1/auth/token-auth/tokens/{}/revoke", operator.token_id);
            world.by_admin("POST", &path).send().ok();
        }),
        ("the method is removed", |world, operator| {
            world.by_admin("DELETE", &token_auth_path(&operator.identity)).send().ok();
        }),
        ("the method is attached again", |world, operator| {
            world.by_admin("DELETE", &token_auth_path(&operator.identity)).send().ok();
            world.by_admin("POST", &token_auth_path(&operator.identity)).json(json!({})).send().ok();
        }),
        ("the identity is deleted", |world, operator| {
            world.by_admin("DELETE", &format!("/api/v1/identities/{}", operator.identity)).send().ok();
        }),
    ];
    for (about, withdraw) in withdraw {
        let world = World::new();
        let (operator, opened) = signed_in(&world, "admin", 1);
        look(&world, &opened).ok();
        withdraw(&world, &operator);
        let reply = look(&world, &opened);
        assert_eq!(reply.response.status, 401, "{about}");
        refused(&reply, ENDED);
    }
}

#[test]
fn a_session_obtained_by_a_login_ends_when_its_client_secret_is_revoked() {
    let world = World::new();
    let identity = world.identity("operator", "admin");
    let path = format!("/api/v1/auth/universal-auth/identities/{identity}");
    let client = text(&world.by_admin("POST", &path).json(json!({})).send().ok()["identityUniversalAuth"]["clientId"]);
    let made = world.by_admin("POST", &format!("{path}/client-secrets")).json(json!({})).send().ok();
    let body = json!({ "clientId": client, "clientSecret": made["clientSecret"] });
    let login = world.log_in_with("/api/v1/auth/universal-auth/login", "application/json", &body.to_string()).ok();
    let opened = session(&world, 1);
    sign_in(&world, &opened, &text(&login["accessToken"])).ok();
    look(&world, &opened).ok();
    let secret = text(&made["clientSecretData"]["id"]);
    world.by_admin("POST", &format!("{path}/client-secrets/{secret}/revoke")).send().ok();
    refused(&look(&world, &opened), ENDED);
}

#[test]
fn a_session_counts_from_trusted_addresses_only_and_its_role_is_the_one_of_the_moment() {
    let world = World::new();
    let (operator, opened) = signed_in(&world, "admin", 1);
    let trusted = json!({ "accessTokenTrustedIps": [{ "ipAddress": CLIENT }] });
    world.by_admin("PATCH", &token_auth_path(&operator.identity)).json(trusted).send().ok();
    look(&world, &opened).ok();
    let elsewhere = world.anonymous("GET", SESSION).by_session(&opened).from(Some(STRANGER)).send();
    let message = "You are not allowed to access this resource from the current IP address";
    assert_eq!(elsewhere.refused(403, "ForbiddenError", message), json!({ "clientIp": STRANGER }));
    let signing_in = world
        .anonymous("POST", SESSIONS)
        .presenting(&operator.token)
        .signing_in(&session(&world, 2), SignInWith::AccessToken)
        .from(Some(STRANGER))
        .send();
    assert_eq!(signing_in.refused(403, "ForbiddenError", message), json!({ "clientIp": STRANGER }));

    let path = format!("/api/v1/identities/{}", operator.identity);
    world.anonymous("GET", &path).by_session(&opened).send().ok();
    world.by_admin("PATCH", &path).json(json!({ "role": "no-access" })).send().ok();
    let call = world.anonymous("GET", &path).by_session(&opened);
    call.send().refused(403, "PermissionDenied", "You are not allowed to read on identity");
    assert_eq!(look(&world, &opened).ok()["session"]["organizationRole"], "no-access");
}

#[test]
fn signing_out_ends_this_session_and_signing_out_everywhere_all_of_the_identity_and_no_other() {
    let world = World::new();
    let (operator, first) = signed_in(&world, "member", 1);
    let (_, stranger) = signed_in(&world, "member", 2);
    let (second, third) = (session(&world, 3), session(&world, 4));
    for more in [&second, &third] {
        sign_in(&world, more, &operator.token).ok();
    }
    let reply = world.anonymous("DELETE", SESSION).by_session(&first).send();
    assert_eq!(reply.response.body, r#"{"message":"Signed out"}"#);
    refused(&look(&world, &first), ENDED);
    look(&world, &second).ok();
    let reply = world.anonymous("DELETE", SESSIONS).by_session(&second).send();
    assert_eq!(reply.response.body, r#"{"message":"Signed out everywhere"}"#);
    for ended in [&first, &second, &third] {
        refused(&look(&world, ended), ENDED);
        refused(&world.anonymous("DELETE", SESSION).by_session(ended).send(), ENDED);
    }
    look(&world, &stranger).ok();
}

#[test]
fn an_identity_has_so_many_sessions_and_one_more_ends_the_one_used_longest_ago() {
    let world = World::new();
    for number in 1..=50 {
        world.wait(1_000);
        sign_in(&world, &session(&world, number), &world.admin.token).ok();
    }
    look(&world, &session(&world, 1)).ok();
    world.wait(60_000);
    // The first one is used, so that the second is now the one.
    look(&world, &session(&world, 1)).ok();
    sign_in(&world, &session(&world, 51), &world.admin.token).ok();
    assert_eq!(sessions(&world), 50);
    refused(&look(&world, &session(&world, 2)), ENDED);
    look(&world, &session(&world, 1)).ok();
    look(&world, &session(&world, 51)).ok();
    // What has ended by itself is deleted when somebody signs in.
    world.wait(31 * 60_000);
    sign_in(&world, &session(&world, 52), &world.admin.token).ok();
    assert_eq!(sessions(&world), 1);
}

#[test]
fn a_sign_in_code_signs_the_first_administrator_in_once_within_a_minute() {
    let world = World::new();
    let issue = || text(&world.anonymous("POST", CODES).send().ok()["signInCode"]);
    let (code, late) = (issue(), issue());
    let opened = session(&world, 1);
    let seen = sign_in_by_code(&world, &opened, &code).ok();
    assert_eq!(seen["session"]["identityId"], json!(world.admin.identity));
    assert_eq!(seen["session"]["via"], "signInCode");
    refused(&sign_in_by_code(&world, &session(&world, 2), &code), NOT_SIGNED_IN);
    world.wait(60_000);
    refused(&sign_in_by_code(&world, &session(&world, 2), &late), NOT_SIGNED_IN);
    look(&world, &opened).ok();
    // No plaintext stands anywhere.
    assert!(!world.sql.dump().concat().contains(&late[30..]));
}

#[test]
fn there_are_no_sign_in_codes_unless_the_operator_wants_them_and_none_before_there_is_an_administrator() {
    let empty = World::empty();
    let message = "There is nobody to sign in: create the first organization with POST /api/v1/admin/bootstrap";
    empty.anonymous("POST", CODES).send().refused(404, "NotFound", message);
    let mut world = World::new();
    world.settings.sign_in_codes = SignInCodes::Off;
    let reply = world.anonymous("POST", CODES).send();
    assert_eq!(reply.response.status, 404);
    assert_eq!(serde_json::from_str::<Value>(&reply.response.body).unwrap()["error"], "Not Found");
}

fn access_subject_path(identity: &str) -> String {
    format!("/api/v1/console/identities/{identity}/access-subject")
}

fn set_subject(world: &World, identity: &str, subject: &str) -> Value {
    world.by_admin("PUT", &access_subject_path(identity)).json(json!({ "accessSubject": subject })).send().ok()
}

#[test]
fn whoever_access_lets_through_is_the_identity_with_their_address_as_long_as_it_has_it() {
    let world = World::new();
    let identity = world.identity("ada", "admin");
    let set = set_subject(&world, &identity, "Ada@Example.com");
    assert_eq!(set, json!({ "identityId": identity, "accessSubject": "ada@example.com" }));
    let opened = session(&world, 1);
    let seen = sign_in_by_access(&world, &opened, "ada@example.com").ok();
    assert_eq!(
        (&seen["session"]["via"], &seen["session"]["identityId"]),
        (&json!("cloudflareAccess"), &json!(identity))
    );
    // Another address ends it, and so does none; the same one again does not revive it by itself.
    set_subject(&world, &identity, "eve@example.com");
    refused(&look(&world, &opened), ENDED);
    refused(&sign_in_by_access(&world, &session(&world, 2), "ada@example.com"), NOT_SIGNED_IN);
    let other = session(&world, 3);
    sign_in_by_access(&world, &other, "eve@example.com").ok();
    let removed = world.by_admin("DELETE", &access_subject_path(&identity)).send().ok();
    assert_eq!(removed, json!({ "identityId": identity, "accessSubject": null }));
    refused(&look(&world, &other), ENDED);
    assert_eq!(world.by_admin("GET", &access_subject_path(&identity)).send().ok(), removed);
}

#[test]
fn an_address_belongs_to_one_identity_and_is_given_by_who_could_act_as_it() {
    let world = World::new();
    let (ada, eve) = (world.identity("ada", "admin"), world.identity("eve", "no-access"));
    set_subject(&world, &ada, "ada@example.com");
    set_subject(&world, &ada, "ada@example.com");
    let put = |caller: &Caller, identity: &str, subject: &str| {
        world.by(caller, "PUT", &access_subject_path(identity)).json(json!({ "accessSubject": subject })).send()
    };
    let taken = put(&world.admin, &eve, "ADA@example.com");
    taken.refused(409, "AccessSubjectTaken", "Another identity of the organization has this address");
    let message = put(&world.admin, &eve, "nobody");
    assert_eq!(message.issues(), ["accessSubject: Expected an e-mail address in ASCII"]);

    let role = |slug: &str, actions: &[&str]| {
        world.role(slug, &json!([{ "subject": "identity", "action": actions }]));
        world.configured_caller(slug, json!({}))
    };
    let setter = role("setter", &["set-access-subject"]);
    put(&setter, &ada, "eve@example.com").refused(
        403,
        "PermissionBoundaryError",
        "Failed to set access subject of identity with more privileged role",
    );
    put(&setter, &eve, "eve@example.com").ok();
    let editor = role("editor", &["edit", "edit-auth", "create-token", "revoke-auth"]);
    put(&editor, &eve, "x@example.com").refused(
        403,
        "PermissionDenied",
        "You are not allowed to set-access-subject on identity",
    );
    // Taking away is like removing a method.
    world.by(&editor, "DELETE", &access_subject_path(&eve)).send().ok();
    let denied = world.by(&setter, "DELETE", &access_subject_path(&eve)).send();
    denied.refused(403, "PermissionDenied", "You are not allowed to revoke-auth on identity");
}
