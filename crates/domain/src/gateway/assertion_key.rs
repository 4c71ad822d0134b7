//! The key that signs the gateway's assertions about callers (Ed25519, RFC 8032).
//!
//! It is derived from the operator's secret, so that every isolate has the same one, it survives restarts, and it is
//! stored nowhere. Rotating the secret rotates the key.

use std::fmt;

use ed25519_dalek::{Signer, SigningKey};
use sha2::{Digest, Sha256};

use crate::token::secret::{AuthSecret, Purpose};

/// How many bytes of the public key's hash make its id.
const KEY_ID_BYTES: usize = 8;

#[derive(Clone)]
pub struct AssertionKey(SigningKey);

impl AssertionKey {
    /// The key pair that belongs to a secret.
    pub fn new(secret: &AuthSecret) -> Self {
        let seed = secret.derive(Purpose::AssertionKey).sign(&[b"seed"]);
        Self(SigningKey::from_bytes(&seed))
    }

    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }

    pub fn public(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    /// By what an assertion says which key has signed it: the beginning of the public key's SHA-256, in hexadecimal.
    pub fn id(&self) -> String {
        let hash = Sha256::digest(self.public());
        hash.iter().take(KEY_ID_BYTES).map(|byte| format!("{byte:02x}")).collect()
    }
}

impl fmt::Debug for AssertionKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("AssertionKey(REDACTED)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::{Signature, Verifier, VerifyingKey};

    fn key(fill: &str) -> AssertionKey {
        AssertionKey::new(&AuthSecret::new(&fill.repeat(32)).unwrap())
    }

    #[test]
    fn the_public_key_verifies_what_was_signed_and_nothing_else() {
        let signature = Signature::from_bytes(&key("a").sign(b"message"));
        let public = VerifyingKey::from_bytes(&key("a").public()).unwrap();
        assert!(public.verify(b"message", &signature).is_ok());
        assert!(public.verify(b"massage", &signature).is_err());
        assert!(VerifyingKey::from_bytes(&key("b").public()).unwrap().verify(b"message", &signature).is_err());
    }

    #[test]
    fn derived_key_unchanged() {
        // Origins may have pinned the public key: the derivation must stay as it is.
        assert_eq!(hex::encode(key("a").public()), "2bcb8d7889ac95ff8d9e55eba4963138b2ba61204d8a69587a8e670033e2d4e1");
        assert_eq!(key("a").id(), "e40f82b94c3fc7df");
    }

    #[test]
    fn it_never_prints_itself() {
        assert_eq!(format!("{:?}", key("a")), "AssertionKey(REDACTED)");
    }
}
