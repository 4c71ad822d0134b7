//! A management call on its way from the Worker to the Directory object.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::credentials::{ClientCredentials, Presented, PresentedConsoleSession, SignIn};
use crate::families::explain::request::ExplanationRequest;

/// What the Directory needs of a request. It holds no plaintext secret: a bearer, or a token or client secret in the body,
/// has become its digest in the Worker.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ManagementCall {
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
    use domain::token::access_token::{PresentedToken, TokenDigest};
    use domain::token::client_secret::{ClientSecretDigest, ClientSecretPrefix, PresentedClientSecret};
    use domain::value::identifiers::{ClientId, TokenId};

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
}
