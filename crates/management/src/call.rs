//! A management call on its way from the Worker to the Directory object.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::families::explain::ExplanationRequest;
use directory::console_sessions::SignInBy;
use domain::token::access_token::{PresentedToken, TokenDigest};
use domain::token::client_secret::{ClientSecretDigest, ClientSecretPrefix, PresentedClientSecret};
use domain::token::console_session::PresentedSession;
use domain::token::digest::{ConsoleSessionDigest, SignInCodeDigest};
use domain::value::access_subject::AccessSubject;
use domain::value::identifiers::{ClientId, ConsoleSessionId, TokenId};

/// What the Directory needs of a request. It holds no plaintext secret: a bearer, or a token or client secret in the body,
/// has become its digest in the Worker.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ManagementCall {
    /// The method.
    pub method: String,
    /// The path as it was sent, without the query.
    pub path: String,
    /// The query as it was sent, without the question mark.
    pub query: String,
    /// The value of `Content-Type`.
    pub content_type: Option<String>,
    /// The value of `Idempotency-Key`.
    pub idempotency_key: Option<String>,
    /// The value of `If-Match`.
    pub if_match: Option<String>,
    /// The body. Empty where the Worker has read a secret out of it.
    pub body: String,
    /// The bearer's token, or the token in the body.
    pub presented: Option<Presented>,
    /// The client id and client secret in the body.
    pub client_credentials: Option<ClientCredentials>,
    /// How often a counted token has been used, as its counter says: the one in the body that is to be renewed, or the one
    /// that is to be explained.
    pub uses: Option<u64>,
    /// The client's address, if known.
    pub client: Option<IpAddr>,
    /// The host that the client named, with its port.
    #[serde(default)]
    pub authority: Option<String>,
    /// The session in the console by which the caller is authenticated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<PresentedConsoleSession>,
    /// The session in the console that is to be opened, and with what. An access token is in `presented`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign_in: Option<SignIn>,
    /// What is to be explained.
    #[serde(default)]
    pub question: Option<ExplanationRequest>,
    /// The request's id.
    pub request_id: String,
}

/// A token without its plaintext.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Presented {
    token_id: String,
    digest: String,
}

impl From<&PresentedToken> for Presented {
    fn from(presented: &PresentedToken) -> Self {
        Self { token_id: presented.id.to_string(), digest: hex::encode(presented.digest.as_bytes()) }
    }
}

impl Presented {
    /// The token; `None` when it was not written by [`Presented::from`].
    pub fn to_domain(&self) -> Option<PresentedToken> {
        Some(PresentedToken {
            id: TokenId::parse(&self.token_id)?,
            digest: TokenDigest::from_bytes(hex::decode(&self.digest).ok()?.try_into().ok()?),
        })
    }
}

/// A session in the console without the plaintext of its secret.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PresentedConsoleSession {
    session_id: String,
    digest: String,
}

impl From<&PresentedSession> for PresentedConsoleSession {
    fn from(presented: &PresentedSession) -> Self {
        Self { session_id: presented.id.to_string(), digest: hex::encode(presented.digest.as_bytes()) }
    }
}

impl PresentedConsoleSession {
    /// The session; `None` when it was not written by [`PresentedConsoleSession::from`].
    pub fn to_domain(&self) -> Option<PresentedSession> {
        Some(PresentedSession {
            id: ConsoleSessionId::parse(&self.session_id)?,
            digest: ConsoleSessionDigest::from_bytes(hex::decode(&self.digest).ok()?.try_into().ok()?),
        })
    }
}

/// A session in the console that is to be opened.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignIn {
    /// Its id, and the digest of its secret.
    pub session: PresentedConsoleSession,
    /// With what.
    pub with: SignInWith,
}

/// What an operator signs in with.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SignInWith {
    /// An access token.
    AccessToken,
    /// A sign-in code.
    SignInCode {
        /// The digest of the code.
        digest: String,
    },
    /// Cloudflare Access.
    CloudflareAccess {
        /// The address of whom it has let through.
        subject: String,
    },
}

impl SignInWith {
    /// A sign-in code.
    pub fn code(digest: &SignInCodeDigest) -> Self {
        Self::SignInCode { digest: hex::encode(digest.as_bytes()) }
    }

    /// What is not an access token; `None` when it is one, or was not written here.
    pub fn to_domain(&self) -> Option<SignInBy> {
        match self {
            Self::AccessToken => None,
            Self::SignInCode { digest } => {
                let digest = hex::decode(digest).ok()?.try_into().ok()?;
                Some(SignInBy::SignInCode(SignInCodeDigest::from_bytes(digest)))
            }
            Self::CloudflareAccess { subject } => AccessSubject::parse(subject).ok().map(SignInBy::CloudflareAccess),
        }
    }
}

/// A client id with a client secret without its plaintext.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClientCredentials {
    client_id: String,
    prefix: String,
    digest: String,
}

impl ClientCredentials {
    /// Writes credentials down.
    pub fn new(client: ClientId, secret: &PresentedClientSecret) -> Self {
        Self {
            client_id: client.to_string(),
            prefix: secret.prefix.as_str().to_owned(),
            digest: hex::encode(secret.digest.as_bytes()),
        }
    }

    /// The credentials; `None` when they were not written by [`ClientCredentials::new`].
    pub fn to_domain(&self) -> Option<(ClientId, PresentedClientSecret)> {
        let digest: [u8; 32] = hex::decode(&self.digest).ok()?.try_into().ok()?;
        let secret = PresentedClientSecret {
            prefix: ClientSecretPrefix::parse(&self.prefix)?,
            digest: ClientSecretDigest::from_bytes(digest),
        };
        Some((ClientId::parse(&self.client_id)?, secret))
    }
}

/// Whether a call takes effect.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CallMode {
    /// Run the command and undo it. It tells a counted token's bearer that it may, before a use is consumed.
    Rehearse,
    /// Run the command.
    Execute,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn management_call_format_unchanged() {
        let presented = PresentedToken { id: TokenId::from_bytes([1; 16]), digest: TokenDigest::from_bytes([2; 32]) };
        let client = ClientId::from_bytes([3; 16]);
        let secret = PresentedClientSecret {
            prefix: ClientSecretPrefix::parse("0a1f").unwrap(),
            digest: ClientSecretDigest::from_bytes([4; 32]),
        };
        let call = ManagementCall {
            method: "POST".to_owned(),
            path: "/api".to_owned(),
            query: "a=b".to_owned(),
            content_type: None,
            idempotency_key: Some("k".to_owned()),
            if_match: None,
            body: "{}".to_owned(),
            presented: Some(Presented::from(&presented)),
            client_credentials: Some(ClientCredentials::new(client, &secret)),
            uses: Some(3),
            client: Some(IpAddr::from([192, 0, 2, 1])),
            authority: Some("a.example:8787".to_owned()),
            session: None,
            sign_in: None,
            question: None,
            request_id: "req-1".to_owned(),
        };
        let text = serde_json::to_string(&call).unwrap();
        let expected = r#"{"method":"POST","path":"/api","query":"a=b","contentType":null,"idempotencyKey":"k","ifMatch":null,"body":"{}","presented":{"tokenId":"01010101-0101-0101-0101-010101010101","digest":"DIGEST"},"clientCredentials":{"clientId":"03030303-0303-0303-0303-030303030303","prefix":"0a1f","digest":"SECRET"},"uses":3,"client":"192.0.2.1","authority":"a.example:8787","question":null,"requestId":"req-1"}"#;
        assert_eq!(text, expected.replace("DIGEST", &"02".repeat(32)).replace("SECRET", &"04".repeat(32)));
        let read: ManagementCall = serde_json::from_str(&text).unwrap();
        assert_eq!(read.presented.unwrap().to_domain(), Some(presented));
        assert_eq!(read.client_credentials.unwrap().to_domain(), Some((client, secret)));
    }

    #[test]
    fn calls_of_the_console_format_unchanged() {
        let presented = PresentedSession {
            id: ConsoleSessionId::from_bytes([1; 16]),
            digest: ConsoleSessionDigest::from_bytes([2; 32]),
        };
        let session = PresentedConsoleSession::from(&presented);
        assert_eq!(session.to_domain(), Some(presented));
        #[track_caller]
        fn check(session: &PresentedConsoleSession, with: SignInWith, expected: &str) {
            let text = serde_json::to_string(&SignIn { session: session.clone(), with: with.clone() }).unwrap();
            let session = r#"{"sessionId":"01010101-0101-0101-0101-010101010101","digest":"DIGEST"}"#;
            let expected = format!(r#"{{"session":{session},"with":{expected}}}"#);
            assert_eq!(text, expected.replace("DIGEST", &"02".repeat(32)).replace("CODE", &"03".repeat(32)));
            assert_eq!(serde_json::from_str::<SignIn>(&text).unwrap().with, with);
        }
        let code = SignInCodeDigest::from_bytes([3; 32]);
        let subject = "ada@example.com".to_owned();
        check(&session, SignInWith::AccessToken, r#""accessToken""#);
        check(&session, SignInWith::code(&code), r#"{"signInCode":{"digest":"CODE"}}"#);
        let by_access = SignInWith::CloudflareAccess { subject };
        check(&session, by_access.clone(), r#"{"cloudflareAccess":{"subject":"ada@example.com"}}"#);
        assert_eq!(SignInWith::code(&code).to_domain(), Some(SignInBy::SignInCode(code)));
        let ada = AccessSubject::parse("ada@example.com").unwrap();
        assert_eq!(by_access.to_domain(), Some(SignInBy::CloudflareAccess(ada)));
    }
}
