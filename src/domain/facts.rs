//! Facts: what a decision needs to know about a token and its identity.
//!
//! Facts are what storage says, never what was decided: a cached decision would outlive its reasons.

use crate::domain::access_token::TokenDigest;
use crate::domain::identifiers::{AuthMethodConfigurationId, IdentityId, OrganizationId, TokenId};
use crate::domain::organization_role::OrganizationRole;
use crate::domain::timestamp::Timestamp;
use crate::domain::trusted_ips::TrustedIps;
use crate::domain::uses::UsesLimit;

/// How a token came to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AuthMethod {
    /// Token Auth: an operator created the token for the identity.
    TokenAuth,
}

impl AuthMethod {
    /// The name on the wire and in storage.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TokenAuth => "token-auth",
        }
    }

    /// The method with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        (name == Self::TokenAuth.name()).then_some(Self::TokenAuth)
    }
}

/// What is known of one access token.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TokenFacts {
    /// Which token.
    pub id: TokenId,
    /// The digest of its plaintext.
    pub digest: TokenDigest,
    /// Whose it is.
    pub identity: IdentityId,
    /// How it came to be.
    pub auth_method: AuthMethod,
    /// The attachment of that method under which it was created.
    pub configuration: AuthMethodConfigurationId,
    /// What the operator called it.
    pub name: Option<String>,
    /// When it was created.
    pub created: Timestamp,
    /// When it expires; `None` is never.
    pub expires: Option<Timestamp>,
    /// How often it may be used.
    pub uses_limit: UsesLimit,
    /// Whether it has been revoked.
    pub revoked: bool,
}

/// What is known of one identity.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IdentityFacts {
    /// Which identity.
    pub id: IdentityId,
    /// Its name.
    pub name: String,
    /// Its organization.
    pub organization: OrganizationId,
    /// Its role there.
    pub role: OrganizationRole,
    /// Token Auth on it, if attached.
    pub token_auth: Option<AuthMethodFacts>,
}

impl IdentityFacts {
    /// What is known of one authentication method of the identity; `None` when it is not attached.
    pub const fn auth_method(&self, method: AuthMethod) -> Option<&AuthMethodFacts> {
        match method {
            AuthMethod::TokenAuth => self.token_auth.as_ref(),
        }
    }
}

/// What is known of one authentication method of an identity.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuthMethodFacts {
    /// Which attachment this is.
    pub configuration: AuthMethodConfigurationId,
    /// From where its tokens may be used.
    pub trusted_ips: TrustedIps,
}
