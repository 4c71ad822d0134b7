//! The decision: may this token, from this client, now?
//!
//! The checks, in order, each with its refusal. Malformed and forged tokens never come here: an
//! [`AccessToken`](crate::token::access_token::AccessToken) that exists has passed both checks.
//!
//! 1. the token exists — [`Refusal::Unknown`]
//! 2. the secret is the token's — [`Refusal::WrongSecret`]
//! 3. the token is not revoked — [`Refusal::Revoked`]
//! 4. the token has not expired — [`Refusal::Expired`]
//! 5. the identity exists — [`Refusal::IdentityDeleted`]
//! 6. the authentication method is still the one the token was created under — [`Refusal::AuthMethodRemoved`]
//! 7. the client secret that the token was obtained with, if any, is not revoked — [`Refusal::ClientSecretRevoked`]
//! 8. the client's address is trusted — [`Refusal::ClientAddressNotTrusted`], [`Refusal::ClientAddressUnknown`]
//!
//! Consuming a use is not here. It comes after every check and belongs to the counter, so that a refused request can
//! never consume one.

use std::net::IpAddr;

use crate::token::access_token::PresentedToken;
use crate::token::facts::{IdentityFacts, TokenFacts};
use crate::token::lifetime;
use crate::token::refusal::Refusal;
use crate::value::timestamp::Timestamp;

/// A token that passed the checks which concern the token alone (1 to 4).
#[derive(Clone, Copy, Debug)]
pub struct LiveToken<'a>(&'a TokenFacts);

/// Checks 1 to 4. `token` holds the facts of the token with the presented id; `None` says that it does not exist.
///
/// # Errors
/// The first check that failed.
pub fn check_token<'a>(
    presented: &PresentedToken,
    token: Option<&'a TokenFacts>,
    now: Timestamp,
) -> Result<LiveToken<'a>, Refusal> {
    let token = token.ok_or(Refusal::Unknown)?; // (1)
    if token.id != presented.id || token.digest != presented.digest {
        return Err(Refusal::WrongSecret); // (2)
    }
    check_life(token, now)
}

/// Checks 3 and 4: for whoever has been shown the secret before, and now stands for it.
///
/// # Errors
/// The first check that failed.
pub fn check_life(token: &TokenFacts, now: Timestamp) -> Result<LiveToken<'_>, Refusal> {
    if token.revoked {
        return Err(Refusal::Revoked); // (3)
    }
    match token.expires {
        Some(at) if lifetime::has_expired(token.expires, now) => Err(Refusal::Expired { at }), // (4)
        Some(_) | None => Ok(LiveToken(token)),
    }
}

/// Checks 5 to 7: the identity is there, its authentication method is still the one the token was created under, and the
/// client secret behind the token is not revoked.
///
/// # Errors
/// The first check that failed.
pub fn check_identity<'a>(token: LiveToken<'a>, identity: Option<&'a IdentityFacts>) -> Result<Bearer<'a>, Refusal> {
    let LiveToken(token) = token;
    let identity = identity.filter(|identity| identity.id == token.identity).ok_or(Refusal::IdentityDeleted)?; // (5)
    let method = identity
        .auth_method(token.auth_method)
        .filter(|method| method.configuration == token.configuration)
        .ok_or(Refusal::AuthMethodRemoved)?; // (6)
    if token.client_secret.is_some_and(|secret| method.revoked_client_secrets.contains(&secret)) {
        return Err(Refusal::ClientSecretRevoked); // (7)
    }
    Ok(Bearer { token, identity, trusted_ips: &method.trusted_ips })
}

/// Whom a live token stands for, wherever it is used from (1 to 7).
#[derive(Clone, Copy, Debug)]
pub struct Bearer<'a> {
    pub token: &'a TokenFacts,
    pub identity: &'a IdentityFacts,
    trusted_ips: &'a crate::network::trusted_ips::TrustedIps,
}

impl<'a> Bearer<'a> {
    /// Check 8: the client's address is trusted. What is left is to consume a use, if the token counts them.
    ///
    /// # Errors
    /// [`Refusal::ClientAddressNotTrusted`] or [`Refusal::ClientAddressUnknown`].
    pub fn check_client(self, client: Option<IpAddr>) -> Result<Admission<'a>, Refusal> {
        if self.trusted_ips.trust(client) {
            return Ok(Admission { token: self.token, identity: self.identity });
        }
        Err(match client {
            Some(seen) => Refusal::ClientAddressNotTrusted { seen },
            None => Refusal::ClientAddressUnknown,
        })
    }
}

/// A token that passed every check but the last one, consuming a use.
#[derive(Clone, Copy, Debug)]
pub struct Admission<'a> {
    pub token: &'a TokenFacts,
    pub identity: &'a IdentityFacts,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::trusted_ips::TrustedIps;
    use crate::permission::organization_role::BuiltInOrganizationRole;
    use crate::token::access_token::TokenDigest;
    use crate::token::facts::{AuthMethod, AuthMethodFacts};
    use crate::token::uses::UsesLimit;
    use crate::value::identifiers::{AuthMethodConfigurationId, ClientSecretId, IdentityId, OrganizationId, TokenId};

    const CLIENT: &str = "203.0.113.9";

    struct Case {
        presented: PresentedToken,
        token: Option<TokenFacts>,
        identity: Option<IdentityFacts>,
        client: Option<IpAddr>,
        now: Timestamp,
    }

    impl Case {
        fn admitted() -> Self {
            let id = TokenId::from_bytes([1; 16]);
            let digest = TokenDigest::from_bytes([2; 32]);
            let configuration = AuthMethodConfigurationId::from_bytes([3; 16]);
            Self {
                presented: PresentedToken { id, digest: digest.clone() },
                token: Some(TokenFacts {
                    id,
                    digest,
                    identity: IdentityId::from_bytes([4; 16]),
                    auth_method: AuthMethod::TokenAuth,
                    configuration,
                    client_secret: Some(ClientSecretId::from_bytes([6; 16])),
                    name: None,
                    created: Timestamp::from_milliseconds(0),
                    expires: Some(Timestamp::from_milliseconds(1_000)),
                    uses_limit: UsesLimit::UNLIMITED,
                    revoked: false,
                }),
                identity: Some(IdentityFacts {
                    id: IdentityId::from_bytes([4; 16]),
                    name: "build".to_owned(),
                    organization: OrganizationId::from_bytes([5; 16]),
                    role: BuiltInOrganizationRole::NoAccess.into(),
                    token_auth: Some(AuthMethodFacts {
                        configuration,
                        trusted_ips: TrustedIps::parse(["203.0.113.0/24"]).unwrap(),
                        revoked_client_secrets: vec![ClientSecretId::from_bytes([7; 16])],
                    }),
                    universal_auth: None,
                    projects: Vec::new(),
                }),
                client: Some(CLIENT.parse().unwrap()),
                now: Timestamp::from_milliseconds(999),
            }
        }

        fn decide(&self) -> Result<(), Refusal> {
            let token = check_token(&self.presented, self.token.as_ref(), self.now)?;
            check_identity(token, self.identity.as_ref())?.check_client(self.client).map(|_| ())
        }
    }

    type Break = (fn(&mut Case), Refusal);

    /// Each of these breaks one check, in the order of the checks.
    fn breaks() -> Vec<Break> {
        vec![
            (|case| case.token = None, Refusal::Unknown),
            (|case| case.presented.digest = TokenDigest::from_bytes([9; 32]), Refusal::WrongSecret),
            (|case| case.token.iter_mut().for_each(|token| token.revoked = true), Refusal::Revoked),
            (
                |case| case.now = Timestamp::from_milliseconds(1_000),
                Refusal::Expired { at: Timestamp::from_milliseconds(1_000) },
            ),
            (|case| case.identity = None, Refusal::IdentityDeleted),
            (
                |case| case.identity.iter_mut().for_each(|identity| identity.token_auth = None),
                Refusal::AuthMethodRemoved,
            ),
            (
                |case| {
                    let identity = case.identity.iter_mut();
                    identity.filter_map(|identity| identity.token_auth.as_mut()).for_each(|method| {
                        method.revoked_client_secrets = vec![ClientSecretId::from_bytes([6; 16])];
                    });
                },
                Refusal::ClientSecretRevoked,
            ),
            (
                |case| case.client = Some("198.51.100.1".parse().unwrap()),
                Refusal::ClientAddressNotTrusted { seen: "198.51.100.1".parse().unwrap() },
            ),
        ]
    }

    #[test]
    fn a_live_token_of_a_known_identity_from_a_trusted_address_is_admitted() {
        assert_eq!(Case::admitted().decide(), Ok(()));
    }

    #[test]
    fn each_check_has_its_own_refusal() {
        for (break_it, expected) in breaks() {
            let mut case = Case::admitted();
            break_it(&mut case);
            assert_eq!(case.decide(), Err(expected));
        }
    }

    #[test]
    fn when_several_checks_fail_the_first_one_is_named() {
        let breaks = breaks();
        for (position, (_, expected)) in breaks.iter().enumerate() {
            let mut case = Case::admitted();
            // From the last to this one, so that a break which replaces a fact does not undo an earlier one.
            for (break_it, _) in breaks[position..].iter().rev() {
                break_it(&mut case);
            }
            assert_eq!(case.decide(), Err(expected.clone()));
        }
    }

    #[test]
    fn attaching_the_method_again_does_not_revive_a_token() {
        let mut case = Case::admitted();
        let attached_again = AuthMethodConfigurationId::from_bytes([8; 16]);
        case.identity.as_mut().unwrap().token_auth.as_mut().unwrap().configuration = attached_again;
        assert_eq!(case.decide(), Err(Refusal::AuthMethodRemoved));
    }

    #[test]
    fn facts_of_another_token_or_identity_prove_nothing() {
        let mut case = Case::admitted();
        case.token.as_mut().unwrap().id = TokenId::from_bytes([7; 16]);
        assert_eq!(case.decide(), Err(Refusal::WrongSecret));

        let mut case = Case::admitted();
        case.identity.as_mut().unwrap().id = IdentityId::from_bytes([7; 16]);
        assert_eq!(case.decide(), Err(Refusal::IdentityDeleted));
    }

    #[test]
    fn an_unknown_client_address_is_refused_when_trusted_ips_are_in_force() {
        let mut case = Case::admitted();
        case.client = None;
        assert_eq!(case.decide(), Err(Refusal::ClientAddressUnknown));
        case.identity.as_mut().unwrap().token_auth.as_mut().unwrap().trusted_ips = TrustedIps::everybody();
        assert_eq!(case.decide(), Ok(()));
    }
}
