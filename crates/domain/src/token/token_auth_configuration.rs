//! The configuration of Token Auth on one identity.

use crate::network::trusted_ips::TrustedIps;
use crate::token::lifetime::Lifetime;
use crate::token::uses::UsesLimit;

/// How tokens of one identity live, how often they may be used and from where.
///
/// Lifetime and uses limit are copied into a token when it is created; renewal reads the lifetime again; the trusted IPs
/// of every token are always the live ones.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TokenAuthConfiguration {
    pub lifetime: Lifetime,
    /// How often each token may be used.
    pub uses_limit: UsesLimit,
    pub trusted_ips: TrustedIps,
}

impl TokenAuthConfiguration {
    /// No expiry, no uses limit, trusted from everywhere: what the first administrator's token gets.
    pub fn unlimited() -> Self {
        Self { lifetime: Lifetime::UNLIMITED, uses_limit: UsesLimit::UNLIMITED, trusted_ips: TrustedIps::everybody() }
    }
}
