//! Facts: what a decision needs to know about a token and its identity.
//!
//! A fact comes from storage and is never a decision: a cached decision would outlive its reasons.

use crate::network::trusted_ips::TrustedIps;
use crate::permission::project_role::BuiltInProjectRole;
use crate::permission::role_slug::RoleSlug;
use crate::permission::temporary_access::AccessPeriod;
use crate::token::access_token::TokenDigest;
use crate::token::uses::UsesLimit;
use crate::value::identifiers::{
    AuthMethodConfigurationId, ClientSecretId, IdentityId, OrganizationId, ProjectId, RoleId, TokenId,
};
use crate::value::timestamp::Timestamp;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AuthMethod {
    /// Token Auth: an operator created the token for the identity.
    TokenAuth,
    /// Universal Auth: the identity logged in with a client id and a client secret.
    UniversalAuth,
}

impl AuthMethod {
    pub const ALL: [Self; 2] = [Self::TokenAuth, Self::UniversalAuth];

    /// The name on the wire and in storage.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TokenAuth => "token-auth",
            Self::UniversalAuth => "universal-auth",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
    }
}

/// What is known of one access token.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TokenFacts {
    pub id: TokenId,
    /// The digest of its plaintext.
    pub digest: TokenDigest,
    pub identity: IdentityId,
    /// How it came to be.
    pub auth_method: AuthMethod,
    /// The attachment of that method under which it was created.
    pub configuration: AuthMethodConfigurationId,
    /// The client secret it was obtained with, for Universal Auth.
    pub client_secret: Option<ClientSecretId>,
    pub name: Option<String>,
    pub created: Timestamp,
    /// When it expires; `None` is never.
    pub expires: Option<Timestamp>,
    pub uses_limit: UsesLimit,
    pub revoked: bool,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IdentityFacts {
    pub id: IdentityId,
    pub name: String,
    pub organization: OrganizationId,
    pub role: RoleSlug,
    /// Token Auth on it, if attached.
    pub token_auth: Option<AuthMethodFacts>,
    /// Universal Auth on it, if attached.
    pub universal_auth: Option<AuthMethodFacts>,
    pub projects: Vec<ProjectMembershipFacts>,
}

impl IdentityFacts {
    /// What is known of one authentication method of the identity; `None` when it is not attached.
    pub const fn auth_method(&self, method: AuthMethod) -> Option<&AuthMethodFacts> {
        match method {
            AuthMethod::TokenAuth => self.token_auth.as_ref(),
            AuthMethod::UniversalAuth => self.universal_auth.as_ref(),
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
    /// Client secrets that were revoked while tokens obtained with them may still be alive.
    pub revoked_client_secrets: Vec<ClientSecretId>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProjectMembershipFacts {
    pub project: ProjectId,
    pub slug: String,
    pub roles: Vec<RoleGrantFacts>,
}

impl ProjectMembershipFacts {
    pub fn roles_at(&self, now: Timestamp) -> impl Iterator<Item = &HeldProjectRole> {
        self.roles.iter().filter(move |grant| grant.holds(now)).map(|grant| &grant.role)
    }
}

/// A role that an identity has in a project.
///
/// A custom role is known by its id: its slug can be given up and become another role's, and this record can be older than
/// what it is joined with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum HeldProjectRole {
    /// One that this program defines.
    BuiltIn(BuiltInProjectRole),
    Custom {
        /// Its id, which no other role ever has.
        id: RoleId,
        /// What it was called when this was written down.
        slug: RoleSlug,
    },
}

impl HeldProjectRole {
    /// What it was called when this was written down.
    pub fn slug(&self) -> &str {
        match self {
            Self::BuiltIn(role) => role.slug(),
            Self::Custom { slug, .. } => slug.as_str(),
        }
    }

    /// Whether both are one role, whatever it is called.
    pub fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::BuiltIn(one), Self::BuiltIn(other)) => one == other,
            (Self::Custom { id: one, .. }, Self::Custom { id: other, .. }) => one == other,
            (Self::BuiltIn(_), Self::Custom { .. }) | (Self::Custom { .. }, Self::BuiltIn(_)) => false,
        }
    }

    /// The built-in role of this name, or else a custom one with the id that [`Self::id_for_tests`] gives it.
    #[cfg(any(test, feature = "test-support"))]
    #[allow(clippy::unwrap_used, reason = "for tests only")]
    pub fn for_tests(slug: &str) -> Self {
        match BuiltInProjectRole::from_slug(slug) {
            Some(role) => Self::BuiltIn(role),
            None => Self::Custom { id: Self::id_for_tests(slug), slug: RoleSlug::parse(slug).unwrap() },
        }
    }

    /// An id for a custom role that tests know by its slug.
    #[cfg(any(test, feature = "test-support"))]
    pub fn id_for_tests(slug: &str) -> RoleId {
        let mut bytes = [0; 16];
        for (byte, letter) in bytes.iter_mut().zip(slug.bytes()) {
            *byte = letter;
        }
        RoleId::from_bytes(bytes)
    }
}

/// One role in a project, for good or for a time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RoleGrantFacts {
    pub role: HeldProjectRole,
    /// From when to when it holds; `None` for good.
    pub period: Option<AccessPeriod>,
}

impl RoleGrantFacts {
    pub fn holds(&self, now: Timestamp) -> bool {
        self.period.is_none_or(|period| period.holds(now))
    }
}
