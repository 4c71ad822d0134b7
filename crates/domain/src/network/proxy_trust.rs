//! Which reverse proxies are believed when they say what a client has asked of them.
//!
//! A proxy proves itself by a secret, or by the address it calls from. Whoever passes for one chooses the method, the
//! host, the path and the client's address of the request to decide about, so a proof is never guessed from anything
//! else.

use std::fmt;
use std::net::IpAddr;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::network::trusted_ips::TrustedIps;

/// The fewest bytes a proxy's secret may have.
pub const PROXY_SECRET_MINIMUM_BYTES: usize = 32;

/// The SHA-256 of the secret that proxies send; the secret itself is not kept.
#[derive(Clone)]
pub struct ProxySecret([u8; 32]);

/// Why a text cannot be the secret of proxies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProxySecretError {
    /// Fewer than [`PROXY_SECRET_MINIMUM_BYTES`] bytes.
    TooShort,
    /// Something that would not survive in a header: only visible ASCII does.
    NotVisibleAscii,
}

impl ProxySecret {
    /// Takes the secret's text as it stands in the configuration.
    pub fn new(text: &str) -> Result<Self, ProxySecretError> {
        if text.len() < PROXY_SECRET_MINIMUM_BYTES {
            return Err(ProxySecretError::TooShort);
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(ProxySecretError::NotVisibleAscii);
        }
        Ok(Self(digest(text)))
    }

    /// Whether `text` is this secret, compared in constant time.
    fn is(&self, text: &str) -> bool {
        self.0.ct_eq(&digest(text)).into()
    }
}

impl fmt::Debug for ProxySecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ProxySecret(REDACTED)")
    }
}

fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// Addresses that proxies call from. Never everybody: with a block of length 0 any client could pass for a proxy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProxyAddresses(TrustedIps);

impl ProxyAddresses {
    /// `None` when an entry holds every address of a family.
    pub fn new(addresses: TrustedIps) -> Option<Self> {
        (!addresses.is_open()).then_some(Self(addresses))
    }
}

/// The proofs that count in this installation: at least one.
#[derive(Clone, Debug)]
pub struct ProxyTrust {
    secrets: Vec<ProxySecret>,
    addresses: Option<ProxyAddresses>,
}

/// What a call has shown of who makes it.
#[derive(Clone, Copy, Debug)]
pub struct ProxyProof<'a> {
    pub secret: Option<&'a str>,
    /// The address it comes from, if that is known for certain.
    pub address: Option<IpAddr>,
}

/// Which proofs a kind of proxy may use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProofRule {
    SecretOrAddress,
    SecretOnly,
}

/// The call is not proven to come from a proxy of the operator.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UnprovenProxy;

impl ProxyTrust {
    /// Takes the secrets in force and the addresses; `None` when there is no way to prove anything.
    pub fn new(secrets: Vec<ProxySecret>, addresses: Option<ProxyAddresses>) -> Option<Self> {
        (!secrets.is_empty() || addresses.is_some()).then_some(Self { secrets, addresses })
    }

    /// Whether the call comes from a proxy of the operator.
    ///
    /// A secret that is shown must be right, wherever the call comes from: a wrong one is never overlooked. Where no
    /// secret is in force one that is shown says nothing, because a proxy may pass on what its client has sent.
    pub fn check(&self, rule: ProofRule, proof: ProxyProof<'_>) -> Result<(), UnprovenProxy> {
        let shown = proof.secret.filter(|secret| !secret.is_empty() && !self.secrets.is_empty());
        let proven = match (shown, rule) {
            (Some(shown), ProofRule::SecretOrAddress | ProofRule::SecretOnly) => {
                // No early end: how long it takes does not tell which of the secrets came closer.
                self.secrets.iter().fold(false, |proven, secret| proven | secret.is(shown))
            }
            (None, ProofRule::SecretOrAddress) => match (&self.addresses, proof.address) {
                (Some(addresses), Some(address)) => addresses.0.trust(Some(address)),
                (Some(_), None) | (None, _) => false,
            },
            (None, ProofRule::SecretOnly) => false,
        };
        if proven { Ok(()) } else { Err(UnprovenProxy) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";
    const OLDER: &str = "fedcba9876543210fedcba9876543210";

    fn addresses(entries: &[&str]) -> Option<ProxyAddresses> {
        ProxyAddresses::new(TrustedIps::parse(entries.iter().copied()).unwrap())
    }

    fn trust(secrets: &[&str], entries: &[&str]) -> ProxyTrust {
        let secrets = secrets.iter().map(|secret| ProxySecret::new(secret).unwrap()).collect();
        ProxyTrust::new(secrets, if entries.is_empty() { None } else { addresses(entries) }).unwrap()
    }

    #[test]
    fn a_secret_is_long_and_fits_into_a_header() {
        #[track_caller]
        fn check(text: &str, expected: Result<(), ProxySecretError>) {
            assert_eq!(ProxySecret::new(text).map(|_| ()), expected, "{text:?}");
        }
        check(SECRET, Ok(()));
        check(&SECRET[1..], Err(ProxySecretError::TooShort));
        check("", Err(ProxySecretError::TooShort));
        for wrong in [" ", "\t", "\n", "\u{7f}", "é"] {
            check(&format!("{SECRET}{wrong}"), Err(ProxySecretError::NotVisibleAscii));
        }
    }

    #[test]
    fn without_a_proof_that_counts_there_is_no_trust() {
        assert!(ProxyTrust::new(Vec::new(), None).is_none());
    }

    #[test]
    fn not_everybody_can_be_a_proxy() {
        for open in ["0.0.0.0/0", "::/0", "10.0.0.0/0", "::ffff:0.0.0.0/96"] {
            assert_eq!(addresses(&["10.0.0.0/8", open]), None, "{open}");
        }
        assert!(addresses(&["10.0.0.0/8", "2001:db8::/32"]).is_some());
    }

    #[test]
    fn a_proxy_is_believed_for_its_secret_or_its_address() {
        #[track_caller]
        fn check(trust: &ProxyTrust, secret: Option<&str>, address: Option<&str>, expected: [bool; 2]) {
            let proof = ProxyProof { secret, address: address.map(|address| address.parse().unwrap()) };
            let rules = [ProofRule::SecretOrAddress, ProofRule::SecretOnly];
            let proven = rules.map(|rule| trust.check(rule, proof) == Ok(()));
            assert_eq!(proven, expected, "{secret:?} {address:?}");
        }
        let (inside, outside) = (Some("192.0.2.9"), Some("198.51.100.9"));
        let double = format!("{SECRET}, {SECRET}");
        let both = trust(&[SECRET, OLDER], &["192.0.2.0/24"]);
        check(&both, Some(SECRET), outside, [true, true]);
        check(&both, Some(OLDER), None, [true, true]);
        check(&both, None, inside, [true, false]);
        check(&both, Some(""), inside, [true, false]);
        check(&both, None, outside, [false, false]);
        check(&both, None, None, [false, false]);
        // A wrong secret is not made good by a right address.
        check(&both, Some("wrong"), inside, [false, false]);
        check(&both, Some(&SECRET[1..]), inside, [false, false]);
        check(&both, Some(&SECRET.to_uppercase()), inside, [false, false]);
        check(&both, Some(&double), inside, [false, false]);

        let secret_only = trust(&[SECRET], &[]);
        check(&secret_only, Some(SECRET), None, [true, true]);
        check(&secret_only, Some(OLDER), inside, [false, false]);
        check(&secret_only, None, inside, [false, false]);

        let address_only = trust(&[], &["192.0.2.0/24", "2001:db8::1"]);
        check(&address_only, None, inside, [true, false]);
        check(&address_only, Some("whatever a client sent"), inside, [true, false]);
        check(&address_only, None, Some("::ffff:192.0.2.9"), [true, false]);
        check(&address_only, None, Some("2001:db8::1"), [true, false]);
        check(&address_only, Some(SECRET), outside, [false, false]);
        check(&address_only, Some(""), None, [false, false]);
    }

    #[test]
    fn no_secret_is_printed() {
        let printed = format!("{:?}", trust(&[SECRET], &["192.0.2.0/24"]));
        assert!(!printed.contains(SECRET) && printed.contains("REDACTED"), "{printed}");
    }
}
