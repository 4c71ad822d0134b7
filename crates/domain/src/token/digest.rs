//! Digests of secrets, one type for each kind of secret: SHA-256 of its whole text, compared in constant time.
//!
//! Every secret here has 256 random bits. They leave nothing to guess, so a slow hash would add cost and no safety.
//!
//! **Invariant**: a digest cannot be printed.

use std::fmt;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

macro_rules! digest {
    ($(#[$documentation:meta])* $name:ident) => {
        $(#[$documentation])*
        #[derive(Clone)]
        pub struct $name([u8; 32]);

        impl $name {
            /// The digest of a text.
            pub fn of(text: &str) -> Self {
                Self(Sha256::digest(text.as_bytes()).into())
            }

            /// The digest with these bytes, as read back from storage.
            pub const fn from_bytes(bytes: [u8; 32]) -> Self {
                Self(bytes)
            }

            /// The bytes to store.
            pub const fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.0.ct_eq(&other.0).into()
            }
        }

        impl Eq for $name {}

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(concat!(stringify!($name), "(REDACTED)"))
            }
        }
    };
}

digest! {
    /// SHA-256 of a whole access token.
    TokenDigest
}
digest! {
    /// SHA-256 of a whole client secret.
    ClientSecretDigest
}
digest! {
    /// SHA-256 of the whole secret of a console session.
    ConsoleSessionDigest
}
digest! {
    /// SHA-256 of a whole sign-in code.
    SignInCodeDigest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_sha_256_of_the_text() {
        // FIPS 180-2, appendix B.1.
        let digest = hex::encode(TokenDigest::of("abc").as_bytes());
        assert_eq!(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn no_digest_can_be_printed() {
        assert_eq!(format!("{:?}", ConsoleSessionDigest::of("abc")), "ConsoleSessionDigest(REDACTED)");
        assert_eq!(format!("{:?}", SignInCodeDigest::of("abc")), "SignInCodeDigest(REDACTED)");
    }
}
