//! What an OAuth endpoint asks of the Directory object.
//!
//! **Invariant**: no plaintext of a token or a client secret is in it.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::credentials::{ClientCredentials, Presented};

/// A question or a command, with what the Directory needs to know of the request.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OAuthCall {
    /// What is asked.
    pub action: OAuthAction,
    /// The client's address, if known.
    pub client: Option<IpAddr>,
    /// The request's id.
    pub request_id: String,
}

/// What is asked.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OAuthAction {
    /// May the inquirer be told about a token? 200 answers with an [`IntrospectionGrant`], anything else is the endpoint's own
    /// response.
    #[serde(rename_all = "camelCase")]
    AuthorizeIntrospection {
        /// Who asks.
        inquirer: InquirerMessage,
        /// The token's id; `None` for a text that is none of ours.
        token_id: Option<String>,
    },
    /// Revoke a token. The answer is the endpoint's own response.
    #[serde(rename_all = "camelCase")]
    Revoke {
        /// The client that authenticates, if one does.
        client_credentials: Option<ClientCredentials>,
        /// The token; `None` for a text that is none of ours.
        token: Option<Presented>,
    },
}

/// Who asks.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum InquirerMessage {
    Client(ClientCredentials),
    Bearer(Presented),
}

/// What the Directory says to an inquirer that it does not refuse.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IntrospectionGrant {
    /// Whether the inquirer may be told about this token.
    pub granted: bool,
    /// The client id of the token's identity, if the token was obtained by a login.
    pub client_id: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::token::access_token::{PresentedToken, TokenDigest};
    use domain::token::client_secret::{ClientSecretDigest, ClientSecretPrefix, PresentedClientSecret};
    use domain::value::identifiers::{ClientId, TokenId};

    #[test]
    fn oauth_call_format_unchanged() {
        #[track_caller]
        fn check(action: OAuthAction, expected: &str) {
            let call = OAuthCall { action, client: Some(IpAddr::from([192, 0, 2, 1])), request_id: "req-1".to_owned() };
            let expected = expected
                .replace(
                    "[client]",
                    r#"{"clientId":"03030303-0303-0303-0303-030303030303","prefix":"0a1f","digest":"[04]"}"#,
                )
                .replace("[token]", r#"{"tokenId":"01010101-0101-0101-0101-010101010101","digest":"[02]"}"#)
                .replace("[02]", &"02".repeat(32))
                .replace("[04]", &"04".repeat(32));
            let text = serde_json::to_string(&call).unwrap();
            assert_eq!(text, format!(r#"{{"action":{expected},"client":"192.0.2.1","requestId":"req-1"}}"#));
            assert_eq!(serde_json::from_str::<OAuthCall>(&text).unwrap(), call);
        }
        let client = ClientCredentials::new(
            ClientId::from_bytes([3; 16]),
            &PresentedClientSecret {
                prefix: ClientSecretPrefix::parse("0a1f").unwrap(),
                digest: ClientSecretDigest::from_bytes([4; 32]),
            },
        );
        let token = Presented::from(&PresentedToken {
            id: TokenId::from_bytes([1; 16]),
            digest: TokenDigest::from_bytes([2; 32]),
        });
        check(
            OAuthAction::AuthorizeIntrospection {
                inquirer: InquirerMessage::Client(client.clone()),
                token_id: Some("01010101-0101-0101-0101-010101010101".to_owned()),
            },
            r#"{"authorizeIntrospection":{"inquirer":{"client":[client]},"tokenId":"01010101-0101-0101-0101-010101010101"}}"#,
        );
        check(
            OAuthAction::AuthorizeIntrospection { inquirer: InquirerMessage::Bearer(token.clone()), token_id: None },
            r#"{"authorizeIntrospection":{"inquirer":{"bearer":[token]},"tokenId":null}}"#,
        );
        check(
            OAuthAction::Revoke { client_credentials: Some(client), token: Some(token) },
            r#"{"revoke":{"clientCredentials":[client],"token":[token]}}"#,
        );
        check(
            OAuthAction::Revoke { client_credentials: None, token: None },
            r#"{"revoke":{"clientCredentials":null,"token":null}}"#,
        );
        let grant = IntrospectionGrant { granted: true, client_id: None };
        assert_eq!(serde_json::to_string(&grant).unwrap(), r#"{"granted":true,"clientId":null}"#);
    }
}
