//! When a session stands, and what ends it.

use super::*;
use crate::network::trusted_ips::TrustedIps;
use crate::permission::organization_role::BuiltInOrganizationRole;
use crate::token::access_token::TokenDigest;
use crate::token::facts::{AuthMethod, AuthMethodFacts};
use crate::token::secret::{AuthSecret, Purpose};
use crate::token::uses::UsesLimit;
use crate::value::identifiers::{AuthMethodConfigurationId, ClientSecretId, IdentityId, OrganizationId};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_milliseconds(seconds * 1_000)
}

fn keys(fill: &str) -> KeyRing {
    KeyRing::new(Purpose::ConsoleSessionTag, &AuthSecret::new(&fill.repeat(32)).unwrap(), None)
}

fn secret() -> SessionSecret {
    SessionSecret::issue(ConsoleSessionId::from_bytes([1; 16]), &[2; 32], &keys("a"))
}

#[test]
fn session_secret_format_unchanged() {
    let secret = secret();
    assert_eq!(secret.expose(), "tcs_01tRy6czI6jAOLpZvq3hw10TWD4V5tkyUQGc5qXvlBDd2Fj97aqsMoBGJJjsttG4IKq28ZVRpw8p");
    assert_eq!(secret.presented().id, ConsoleSessionId::from_bytes([1; 16]));
}

#[test]
fn a_text_of_another_shape_or_tag_is_no_session() {
    #[track_caller]
    fn check(text: &str, fill: &str, expected: SessionRefusal) {
        let refused = SessionSecret::parse(text, &keys(fill)).unwrap_err();
        assert_eq!(SessionRefusal::from(refused), expected, "{text:?}");
    }
    let text = secret().expose().to_owned();
    check("", "a", SessionRefusal::Malformed);
    check(&text[..79], "a", SessionRefusal::Malformed);
    check(&text.replace("tcs_", "tka_"), "a", SessionRefusal::Malformed);
    check(&text.replace("tcs_", "tsc_"), "a", SessionRefusal::Malformed);
    check(&text, "b", SessionRefusal::Forged);
}

#[test]
fn neither_the_secret_nor_its_digest_can_be_printed() {
    let secret = secret();
    let printed = format!("{secret:?} {:?}", secret.presented());
    assert!(!printed.contains(&secret.expose()[30..]), "{printed}");
    assert!(printed.contains("REDACTED"));
}

#[test]
fn limits_are_sane() {
    #[track_caller]
    fn check(idle: u64, absolute: u64, expected: bool) {
        assert_eq!(SessionLimits::new(Seconds::new(idle), Seconds::new(absolute)).is_some(), expected);
    }
    check(1_800, 43_200, true);
    check(120, 120, true);
    check(604_800, 604_800, true);
    check(119, 43_200, false);
    check(43_201, 43_200, false);
    check(1_800, 604_801, false);
    check(0, 0, false);
    let default = SessionLimits::DEFAULT;
    assert_eq!(SessionLimits::new(default.idle(), default.absolute()), Some(default));
}

/// A session that was opened at 0 and last used at 600 s.
fn session() -> SessionFacts {
    let presented = secret().presented();
    SessionFacts {
        id: presented.id,
        digest: presented.digest,
        by: SignedInBy::SignInCode,
        created: at(0),
        last_used: at(600),
    }
}

#[test]
fn a_session_ends_when_nobody_uses_it_and_when_its_time_is_over() {
    #[track_caller]
    fn check_at(last_used: i64, now: i64, expected: Result<(), SessionRefusal>) {
        let session = SessionFacts { last_used: at(last_used), ..session() };
        let checked = check(&secret().presented(), Some(&session), SessionLimits::DEFAULT, at(now));
        assert_eq!(checked.map(|_| ()), expected, "{last_used} {now}");
    }
    check_at(600, 600, Ok(()));
    check_at(600, 2_399, Ok(()));
    check_at(600, 2_400, Err(SessionRefusal::Idle));
    check_at(43_190, 43_199, Ok(()));
    check_at(43_190, 43_200, Err(SessionRefusal::Expired));
    // A clock that was set back keeps it as long as it was.
    check_at(600, 0, Ok(()));
}

#[test]
fn an_unknown_session_or_another_secret_is_refused() {
    let check = |presented: &PresentedSession, session: Option<&SessionFacts>| {
        check(presented, session, SessionLimits::DEFAULT, at(600)).map(|_| ())
    };
    assert_eq!(check(&secret().presented(), None), Err(SessionRefusal::Unknown));
    let other = PresentedSession { digest: ConsoleSessionDigest::from_bytes([9; 32]), ..secret().presented() };
    assert_eq!(check(&other, Some(&session())), Err(SessionRefusal::WrongSecret));
    let other = PresentedSession { id: ConsoleSessionId::from_bytes([9; 16]), ..secret().presented() };
    assert_eq!(check(&other, Some(&session())), Err(SessionRefusal::WrongSecret));
}

#[test]
fn a_use_is_noted_once_a_minute() {
    for (now, expected) in [(600, false), (659, false), (660, true), (0, false)] {
        assert_eq!(is_worth_noting(at(600), at(now)), expected, "{now}");
    }
}

/// What a session was opened with.
struct Opened {
    by: SignedInBy,
    token: Option<TokenFacts>,
    identity: Option<IdentityFacts>,
    access_subject: Option<AccessSubject>,
    client: Option<IpAddr>,
    now: Timestamp,
}

fn ada() -> AccessSubject {
    AccessSubject::parse("ada@example.com").unwrap()
}

impl Opened {
    fn with(by: SignedInBy) -> Self {
        let configuration = AuthMethodConfigurationId::from_bytes([3; 16]);
        Self {
            by,
            token: Some(TokenFacts {
                id: TokenId::from_bytes([1; 16]),
                digest: TokenDigest::from_bytes([2; 32]),
                identity: IdentityId::from_bytes([4; 16]),
                auth_method: AuthMethod::TokenAuth,
                configuration,
                client_secret: Some(ClientSecretId::from_bytes([6; 16])),
                name: None,
                created: at(0),
                expires: Some(at(1_000)),
                uses_limit: UsesLimit::UNLIMITED,
                revoked: false,
            }),
            identity: Some(IdentityFacts {
                id: IdentityId::from_bytes([4; 16]),
                name: "operator".to_owned(),
                organization: OrganizationId::from_bytes([5; 16]),
                role: BuiltInOrganizationRole::Admin.into(),
                token_auth: Some(AuthMethodFacts {
                    configuration,
                    trusted_ips: TrustedIps::parse(["203.0.113.0/24"]).unwrap(),
                    revoked_client_secrets: Vec::new(),
                }),
                universal_auth: None,
                projects: Vec::new(),
            }),
            access_subject: Some(ada()),
            client: Some("203.0.113.9".parse().unwrap()),
            now: at(999),
        }
    }

    fn method(&mut self) -> &mut Option<AuthMethodFacts> {
        &mut self.identity.as_mut().unwrap().token_auth
    }
}

#[test]
fn a_session_stands_as_long_as_what_it_was_opened_with() {
    #[track_caller]
    fn check(by: SignedInBy, change: fn(&mut Opened), expected: Result<(), SessionRefusal>) {
        let mut opened = Opened::with(by);
        change(&mut opened);
        let grounds = SessionGrounds {
            token: opened.token.as_ref(),
            identity: opened.identity.as_ref(),
            access_subject: opened.access_subject.as_ref(),
        };
        let checked = check_grounds(&opened.by, grounds, opened.client, opened.now);
        assert_eq!(checked.map(|_| ()), expected);
    }
    let of_token = |change, refusal| {
        check(SignedInBy::AccessToken(TokenId::from_bytes([1; 16])), change, Err(SessionRefusal::Token(refusal)));
    };
    check(SignedInBy::AccessToken(TokenId::from_bytes([1; 16])), |_| {}, Ok(()));
    of_token(|opened| opened.token = None, Refusal::Unknown);
    of_token(|opened| opened.token.as_mut().unwrap().id = TokenId::from_bytes([9; 16]), Refusal::Unknown);
    of_token(|opened| opened.token.as_mut().unwrap().revoked = true, Refusal::Revoked);
    of_token(|opened| opened.now = at(1_000), Refusal::Expired { at: at(1_000) });
    of_token(|opened| opened.identity = None, Refusal::IdentityDeleted);
    of_token(|opened| *opened.method() = None, Refusal::AuthMethodRemoved);
    of_token(
        |opened| {
            opened.method().as_mut().unwrap().configuration = AuthMethodConfigurationId::from_bytes([8; 16]);
        },
        Refusal::AuthMethodRemoved,
    );
    of_token(
        |opened| {
            opened.method().as_mut().unwrap().revoked_client_secrets = vec![ClientSecretId::from_bytes([6; 16])];
        },
        Refusal::ClientSecretRevoked,
    );
    let elsewhere = "198.51.100.1".parse().unwrap();
    of_token(
        |opened| opened.client = Some("198.51.100.1".parse().unwrap()),
        Refusal::ClientAddressNotTrusted { seen: elsewhere },
    );
    of_token(|opened| opened.client = None, Refusal::ClientAddressUnknown);

    let by_access = || SignedInBy::CloudflareAccess(ada());
    let changed = Err(SessionRefusal::AccessSubjectChanged);
    check(by_access(), |opened| (opened.token, opened.client) = (None, None), Ok(()));
    check(by_access(), |opened| opened.access_subject = None, changed.clone());
    check(by_access(), |opened| opened.access_subject = AccessSubject::parse("eve@example.com").ok(), changed);
    check(by_access(), |opened| opened.identity = None, Err(SessionRefusal::IdentityDeleted));

    check(SignedInBy::SignInCode, |opened| (opened.token, opened.access_subject) = (None, None), Ok(()));
    check(SignedInBy::SignInCode, |opened| opened.identity = None, Err(SessionRefusal::IdentityDeleted));
}

#[test]
fn session_refusal_codes_unchanged() {
    use SessionRefusal as R;
    let refusals = [
        R::Malformed,
        R::Forged,
        R::Unknown,
        R::WrongSecret,
        R::Idle,
        R::Expired,
        R::Token(Refusal::Revoked),
        R::IdentityDeleted,
        R::AccessSubjectChanged,
    ];
    let codes: Vec<&str> = refusals.iter().map(SessionRefusal::code).collect();
    assert_eq!(
        codes.join(" "),
        "session_malformed session_forged session_unknown session_wrong_secret session_idle session_expired revoked \
         identity_deleted session_access_subject_changed"
    );
}
