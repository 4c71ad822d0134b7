//! What a caller presents, without its plaintext: it stays in the Worker.

use serde::{Deserialize, Serialize};

use directory::console_sessions::SignInBy;
use domain::token::access_token::{PresentedToken, TokenDigest};
use domain::token::client_secret::{ClientSecretDigest, ClientSecretPrefix, PresentedClientSecret};
use domain::token::console_session::PresentedSession;
use domain::token::digest::{ConsoleSessionDigest, SignInCodeDigest};
use domain::value::access_subject::AccessSubject;
use domain::value::identifiers::{ClientId, ConsoleSessionId, TokenId};

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
    AccessToken,
    SignInCode {
        /// The digest of the code.
        digest: String,
    },
    CloudflareAccess {
        /// The address of whom it has let through.
        subject: String,
    },
}

impl SignInWith {
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

#[cfg(test)]
mod tests {
    use super::*;

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
