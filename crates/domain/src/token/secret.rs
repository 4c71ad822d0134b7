//! Key material: the operator's secrets and the keys derived from them.
//!
//! **Owns** key derivation and keyed hashing. **Invariants**: no key can be printed, and every purpose has a key of its
//! own, so that a tag made for one purpose proves nothing for another.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// The fewest bytes an `AUTH_SECRET` may have: as many as the output of the hash it keys (RFC 2104 §3).
pub const AUTH_SECRET_MINIMUM_BYTES: usize = 32;

/// An operator's secret (`AUTH_SECRET` or `AUTH_SECRET_PREVIOUS`), long enough to derive keys from.
#[derive(Clone)]
pub struct AuthSecret(Vec<u8>);

/// The secret has fewer than [`AUTH_SECRET_MINIMUM_BYTES`] bytes.
#[derive(Debug, PartialEq, Eq)]
pub struct AuthSecretTooShort;

impl AuthSecret {
    /// Takes the secret's text as it stands in the configuration.
    pub fn new(text: &str) -> Result<Self, AuthSecretTooShort> {
        if text.len() < AUTH_SECRET_MINIMUM_BYTES {
            return Err(AuthSecretTooShort);
        }
        Ok(Self(text.as_bytes().to_vec()))
    }

    pub fn derive(&self, purpose: Purpose) -> MacKey {
        MacKey::new(&MacKey::new(&self.0).sign(&[purpose.label()]))
    }

    /// Whether `text` is this secret, compared in constant time.
    pub fn is(&self, text: &str) -> bool {
        // Hashing first makes both sides equally long, so that the length of the secret does not leak either.
        let key = self.derive(Purpose::BootstrapProof);
        key.sign(&[text.as_bytes()]).ct_eq(&key.sign(&[&self.0])).into()
    }
}

impl fmt::Debug for AuthSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("AuthSecret(REDACTED)")
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// The tag at the end of each access token.
    AccessTokenTag,
    /// The code that binds a replica record to its key.
    ReplicaRecord,
    /// Comparing a presented bootstrap secret.
    BootstrapProof,
    /// The key pair that signs assertions for origins.
    AssertionKey,
    /// The tag at the end of what signs operators in to the console: the secret of each session, and sign-in codes.
    ConsoleSessionTag,
}

impl Purpose {
    /// WARNING: changing a label invalidates everything that was ever signed with its key.
    const fn label(self) -> &'static [u8] {
        match self {
            Self::AccessTokenTag => b"token-auth-edge/access-token-tag/v1",
            Self::ReplicaRecord => b"token-auth-edge/replica-record/v1",
            Self::BootstrapProof => b"token-auth-edge/bootstrap-proof/v1",
            Self::AssertionKey => b"token-auth-edge/assertion-key/v1",
            Self::ConsoleSessionTag => b"token-auth-edge/console-session-tag/v1",
        }
    }
}

/// A key for HMAC-SHA256 (RFC 2104), with the keyed state computed once.
#[derive(Clone)]
pub struct MacKey(Hmac<Sha256>);

impl MacKey {
    pub fn new(key: &[u8]) -> Self {
        // HMAC takes a key of any length, so this cannot fail; the fallback keeps the function total.
        match Hmac::<Sha256>::new_from_slice(key) {
            Ok(mac) => Self(mac),
            Err(_) => Self(Hmac::<Sha256>::new(&Default::default())),
        }
    }

    /// The code of the concatenation of `parts`. A caller whose parts vary in length must make them unambiguous.
    pub fn sign(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.0.clone();
        for part in parts {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    /// Whether `code` is the code of `parts`, compared in constant time. A shorter `code` is a truncated one
    /// (RFC 2104 §5) and is compared as such; an empty one never matches.
    pub fn verify(&self, parts: &[&[u8]], code: &[u8]) -> bool {
        let full = self.sign(parts);
        match full.get(..code.len()) {
            Some(expected) if !code.is_empty() => expected.ct_eq(code).into(),
            Some(_) | None => false,
        }
    }
}

impl fmt::Debug for MacKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("MacKey(REDACTED)")
    }
}

/// The keys of one purpose in force now: the current one signs, and the previous one still verifies, so that
/// `AUTH_SECRET` can be rotated without refusing what was signed before.
#[derive(Clone, Debug)]
pub struct KeyRing {
    current: MacKey,
    previous: Option<MacKey>,
}

impl KeyRing {
    pub fn new(purpose: Purpose, current: &AuthSecret, previous: Option<&AuthSecret>) -> Self {
        Self { current: current.derive(purpose), previous: previous.map(|secret| secret.derive(purpose)) }
    }

    pub fn sign(&self, parts: &[&[u8]]) -> [u8; 32] {
        self.current.sign(parts)
    }

    /// Whether `code` was made by the current or the previous key.
    pub fn verify(&self, parts: &[&[u8]], code: &[u8]) -> bool {
        self.current.verify(parts, code) || self.previous.as_ref().is_some_and(|key| key.verify(parts, code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(fill: &str) -> AuthSecret {
        AuthSecret::new(&fill.repeat(AUTH_SECRET_MINIMUM_BYTES)).unwrap()
    }

    #[test]
    fn a_secret_shorter_than_the_hash_is_refused() {
        assert_eq!(AuthSecret::new(&"a".repeat(31)).unwrap_err(), AuthSecretTooShort);
        assert!(AuthSecret::new(&"a".repeat(32)).is_ok());
    }

    #[test]
    fn the_code_is_hmac_sha256() {
        // RFC 4231 §4.3, test case 2.
        let code = MacKey::new(b"Jefe").sign(&[b"what do ya want ", b"for nothing?"]);
        let hexadecimal: String = code.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hexadecimal, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }

    #[test]
    fn keys_of_different_purposes_differ() {
        let secret = secret("a");
        let code = secret.derive(Purpose::AccessTokenTag).sign(&[b"message"]);
        assert!(secret.derive(Purpose::AccessTokenTag).verify(&[b"message"], &code));
        assert!(!secret.derive(Purpose::ReplicaRecord).verify(&[b"message"], &code));
    }

    #[test]
    fn an_empty_or_overlong_code_never_matches() {
        let key = MacKey::new(b"key");
        assert!(!key.verify(&[b"message"], b""));
        let mut long = key.sign(&[b"message"]).to_vec();
        long.push(0);
        assert!(!key.verify(&[b"message"], &long));
    }

    #[test]
    fn a_rotated_secret_still_verifies_until_it_is_dropped() {
        let (old, new) = (secret("a"), secret("b"));
        let code = KeyRing::new(Purpose::AccessTokenTag, &old, None).sign(&[b"message"]);
        assert!(KeyRing::new(Purpose::AccessTokenTag, &new, Some(&old)).verify(&[b"message"], &code));
        assert!(!KeyRing::new(Purpose::AccessTokenTag, &new, None).verify(&[b"message"], &code));
    }

    #[test]
    fn only_the_same_text_proves_the_secret() {
        let secret = secret("ab");
        assert!(secret.is(&"ab".repeat(AUTH_SECRET_MINIMUM_BYTES)));
        assert!(!secret.is(&"ab".repeat(AUTH_SECRET_MINIMUM_BYTES - 1)));
        assert!(!secret.is(""));
    }

    #[test]
    fn nothing_here_prints_key_material() {
        let printed = format!("{:?} {:?}", secret("a"), secret("a").derive(Purpose::AccessTokenTag));
        assert_eq!(printed, "AuthSecret(REDACTED) MacKey(REDACTED)");
    }
}
