//! What a caller presents, without its plaintext: it stays in the Worker.

use serde::{Deserialize, Serialize};

use domain::token::access_token::{PresentedToken, TokenDigest};
use domain::token::client_secret::{ClientSecretDigest, ClientSecretPrefix, PresentedClientSecret};
use domain::value::identifiers::{ClientId, TokenId};

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
