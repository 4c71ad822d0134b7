//! What a resource server asks and reads.

use std::rc::Rc;

use super::*;
use crate::oauth::error::OAuthError;
use crate::oauth::form::Form;
use crate::oauth::introspection::{Activity, IntrospectionRequest, active_response, inactive_response};
use crate::oauth::revocation;
use domain::network::trusted_ips::TrustedIps;
use domain::permission::organization_role::BuiltInOrganizationRole;
use domain::token::access_token::TokenDigest;
use domain::token::facts::{
    AuthMethod, AuthMethodFacts, HeldProjectRole, IdentityFacts, ProjectMembershipFacts, RoleGrantFacts, TokenFacts,
};
use domain::token::refusal::Refusal;
use domain::token::secret::{AuthSecret, KeyRing, Purpose};
use domain::token::uses::UsesLimit;
use domain::value::identifiers::{
    AuthMethodConfigurationId, ClientSecretId, IdentityId, OrganizationId, ProjectId, TokenId,
};
use domain::value::timestamp::Timestamp;
use protocol::issuer::Issuer;
use validation::pipeline::Admitted;

fn admitted() -> Admitted {
    let configuration = AuthMethodConfigurationId::from_bytes([4; 16]);
    let token = TokenFacts {
        id: TokenId::from_bytes([1; 16]),
        digest: TokenDigest::from_bytes([2; 32]),
        identity: IdentityId::from_bytes([3; 16]),
        auth_method: AuthMethod::UniversalAuth,
        configuration,
        client_secret: Some(ClientSecretId::from_bytes([5; 16])),
        name: None,
        created: Timestamp::from_milliseconds(1_700_000_000_999),
        expires: Some(Timestamp::from_milliseconds(1_700_003_600_999)),
        uses_limit: UsesLimit::from_wire(9).unwrap(),
        revoked: false,
    };
    let identity = IdentityFacts {
        id: token.identity,
        name: "billing".to_owned(),
        organization: OrganizationId::from_bytes([6; 16]),
        role: BuiltInOrganizationRole::NoAccess.into(),
        token_auth: None,
        universal_auth: Some(AuthMethodFacts {
            configuration,
            trusted_ips: TrustedIps::everybody(),
            revoked_client_secrets: Vec::new(),
        }),
        projects: vec![ProjectMembershipFacts {
            project: ProjectId::from_bytes([7; 16]),
            slug: "shop-eu".to_owned(),
            roles: vec![RoleGrantFacts { role: HeldProjectRole::for_tests("viewer"), period: None }],
        }],
    };
    Admitted { token: Rc::new(token), identity: Rc::new(identity) }
}

#[test]
fn active_answer_unchanged() {
    let issuer = Issuer::parse("https://auth.example").unwrap();
    let client = Some(ClientId::from_bytes([8; 16]));
    let activity = Activity { client, uses_remaining: Some(7), issuer: &issuer };
    let response = active_response(&admitted(), activity, Timestamp::from_milliseconds(0), "req-1");
    assert_eq!(
        response.body,
        r#"{"active":true,"token_type":"Bearer","iss":"https://auth.example","sub":"03030303-0303-0303-0303-030303030303","username":"billing","jti":"01010101-0101-0101-0101-010101010101","iat":1700000000,"client_id":"08080808-0808-0808-0808-080808080808","tokenName":null,"organizationId":"06060606-0606-0606-0606-060606060606","role":"no-access","authMethod":"universal-auth","expiresAt":"2023-11-14T23:13:20.999Z","usesRemaining":7,"projects":[{"id":"07070707-0707-0707-0707-070707070707","slug":"shop-eu","roles":["viewer"]}]}"#
    );
    assert_eq!(response.status, 200);
    assert_eq!(response.header("cache-control"), Some("no-store"));
    assert_eq!(response.header("pragma"), Some("no-cache"));
}

#[test]
fn no_answer_tells_a_cache_until_when_to_keep_it() {
    let issuer = Issuer::parse("https://auth.example").unwrap();
    let activity = Activity { client: None, uses_remaining: None, issuer: &issuer };
    let response = active_response(&admitted(), activity, Timestamp::from_milliseconds(0), "req-1");
    let body: Value = serde_json::from_str(&response.body).unwrap();
    assert_eq!(body.get("exp"), None);
    assert_eq!(body.get("client_id"), None, "absent, not null");
}

#[test]
fn inactive_answer_unchanged() {
    let response = inactive_response("req-1");
    assert_eq!((response.status, response.body.as_str()), (200, r#"{"active":false}"#));
    assert_eq!(response.header("cache-control"), Some("no-store"));
    assert_eq!(response.header("pragma"), Some("no-cache"));
}

fn form(body: &str) -> Form {
    Form::parse(Some("application/x-www-form-urlencoded"), body).unwrap()
}

fn keys() -> KeyRing {
    KeyRing::new(Purpose::AccessTokenTag, &AuthSecret::new(&"s".repeat(32)).unwrap(), None)
}

#[test]
fn a_question_names_a_token_and_perhaps_an_address_and_whether_to_consume() {
    #[track_caller]
    fn check(body: &str, client: Option<&str>, consume: bool) {
        let question = IntrospectionRequest::read(&form(body), &keys()).unwrap();
        assert_eq!(question.client, client.map(|address| address.parse().unwrap()), "{body}");
        assert_eq!(question.consume, consume, "{body}");
        assert_eq!(question.token, Err(Refusal::Malformed), "{body}");
    }
    check("token=t", None, false);
    check("token=t&token_type_hint=refresh_token", None, false);
    check("token=t&client_ip=203.0.113.9", Some("203.0.113.9"), false);
    check("token=t&client_ip=::ffff:203.0.113.9", Some("203.0.113.9"), false);
    check("token=t&client_ip=2001%3Adb8%3A%3A1&consume=true", Some("2001:db8::1"), true);
    check("token=t&client_ip=&consume=", None, false);
    check("token=t&consume=false", None, false);
}

#[test]
fn a_question_that_is_not_understood_is_not_guessed_at() {
    #[track_caller]
    fn check(body: &str, parameter: &str) {
        match IntrospectionRequest::read(&form(body), &keys()).unwrap_err() {
            OAuthError::Missing { parameter: named } | OAuthError::Invalid { parameter: named, .. } => {
                assert_eq!(named, parameter, "{body}");
            }
            other => panic!("{body}: {other:?}"),
        }
    }
    check("", "token");
    check("token=", "token");
    check("consume=true", "token");
    check("token=t&consume=yes", "consume");
    check("token=t&consume=TRUE", "consume");
    check("token=t&client_ip=localhost", "client_ip");
    check("token=t&client_ip=203.0.113.9:80", "client_ip");
    check("token=t&client_ip=203.0.113.9, 10.0.0.1", "client_ip");
    check("token=t&client_ip=10.0.0.0/8", "client_ip");
}

#[test]
fn a_revocation_names_a_token() {
    let keys = keys();
    assert_eq!(revocation::read_token(&form("x=y"), &keys), Err(OAuthError::Missing { parameter: "token" }));
    assert_eq!(revocation::read_token(&form("token=t&token_type_hint=x"), &keys), Ok(Err(Refusal::Malformed)));
}
