//! The configuration of Token Auth on one identity.

use crate::network::trusted_ips::{TrustedIps, TrustedIpsError};
use crate::token::lifetime::{Lifetime, LifetimeError, TtlCeiling};
use crate::token::uses::UsesLimit;
use crate::value::timestamp::Seconds;

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

/// A configuration to attach.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewTokenAuth {
    pub lifetime: Lifetime,
    /// How often each token may be used.
    pub uses_limit: UsesLimit,
    /// The trusted IPs as they were sent; `None` for everybody. They are read last: a caller who may not configure the
    /// identity is told that, and not what is wrong with an address.
    pub trusted_ips: Option<Vec<String>>,
}

/// What to change of a configuration; `None` leaves a field as it is. TTL and max TTL are checked together with what
/// stays.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TokenAuthChanges {
    /// The new TTL; 0 for none.
    pub ttl: Option<Seconds>,
    /// The new max TTL; 0 for none.
    pub max_ttl: Option<Seconds>,
    pub uses_limit: Option<UsesLimit>,
    /// The new trusted IPs as they were sent.
    pub trusted_ips: Option<Vec<String>>,
}

/// Why there is no such configuration.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TokenAuthConfigurationError {
    Lifetime(LifetimeError),
    TrustedIps(TrustedIpsError),
}

impl NewTokenAuth {
    /// The configuration that is asked for.
    ///
    /// # Errors
    /// [`TokenAuthConfigurationError::TrustedIps`].
    pub fn configuration(&self) -> Result<TokenAuthConfiguration, TokenAuthConfigurationError> {
        Ok(TokenAuthConfiguration {
            lifetime: self.lifetime,
            uses_limit: self.uses_limit,
            trusted_ips: read(self.trusted_ips.as_deref())?.unwrap_or_else(TrustedIps::everybody),
        })
    }
}

impl TokenAuthConfiguration {
    /// The configuration with these changes.
    ///
    /// # Errors
    /// [`TokenAuthConfigurationError`], the lifetime's first.
    pub fn changed(
        &self,
        changes: &TokenAuthChanges,
        ceiling: TtlCeiling,
    ) -> Result<Self, TokenAuthConfigurationError> {
        let lifetime = self
            .lifetime
            .changed(changes.ttl, changes.max_ttl, ceiling)
            .map_err(TokenAuthConfigurationError::Lifetime)?;
        Ok(Self {
            lifetime,
            uses_limit: changes.uses_limit.unwrap_or(self.uses_limit),
            trusted_ips: read(changes.trusted_ips.as_deref())?.unwrap_or_else(|| self.trusted_ips.clone()),
        })
    }
}

fn read(sent: Option<&[String]>) -> Result<Option<TrustedIps>, TokenAuthConfigurationError> {
    let parsed = sent.map(|entries| TrustedIps::parse(entries.iter().map(String::as_str)));
    parsed.transpose().map_err(TokenAuthConfigurationError::TrustedIps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_stays_and_the_lifetime_is_looked_at_first() {
        #[track_caller]
        fn check(changes: TokenAuthChanges, expected: Result<(u64, u64, u64), TokenAuthConfigurationError>) {
            let lifetime = Lifetime::from_wire(Seconds::new(60), Seconds::new(600), TtlCeiling::NONE).unwrap();
            let uses_limit = UsesLimit::from_wire(3).unwrap();
            let before = TokenAuthConfiguration { lifetime, uses_limit, trusted_ips: TrustedIps::everybody() };
            let after = before.changed(&changes, TtlCeiling::NONE).map(|after| {
                assert_eq!(after.trusted_ips, before.trusted_ips);
                let (ttl, max_ttl) = (after.lifetime.ttl_to_wire(), after.lifetime.max_ttl_to_wire());
                (ttl.get(), max_ttl.get(), after.uses_limit.to_wire())
            });
            assert_eq!(after, expected);
        }
        let nothing = TokenAuthChanges::default;
        check(nothing(), Ok((60, 600, 3)));
        check(TokenAuthChanges { ttl: Some(Seconds::new(30)), ..nothing() }, Ok((30, 600, 3)));
        check(TokenAuthChanges { max_ttl: Some(Seconds::new(300)), ..nothing() }, Ok((60, 300, 3)));
        check(TokenAuthChanges { uses_limit: Some(UsesLimit::UNLIMITED), ..nothing() }, Ok((60, 600, 0)));
        let no_address = || Some(vec!["x".to_owned()]);
        let too_long = TokenAuthChanges { ttl: Some(Seconds::new(601)), trusted_ips: no_address(), ..nothing() };
        check(too_long, Err(TokenAuthConfigurationError::Lifetime(LifetimeError::TtlAboveMaxTtl)));
        let wrong = TrustedIps::parse(["x"]).unwrap_err();
        let changes = TokenAuthChanges { trusted_ips: no_address(), ..nothing() };
        check(changes, Err(TokenAuthConfigurationError::TrustedIps(wrong)));
    }
}
