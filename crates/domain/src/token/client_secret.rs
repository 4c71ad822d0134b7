//! The client secret of Universal Auth: its text, its digest, and whether it may still be used to log in.
//!
//! The text is 32 random bytes as 64 lower-case hexadecimal digits, the form that every client knows.
//!
//! * Storage holds only the **digest**, SHA-256 of the text, and the **prefix**, its first four digits, by which people
//!   recognise it.
//! * A secret with a TTL may be used up to and without the millisecond at which it expires.
//!
//! **Invariant**: plaintext cannot be printed.

use std::fmt;

use zeroize::Zeroizing;

use crate::token::lifetime;
use crate::token::uses::UsesLimit;
use crate::value::timestamp::{Seconds, Timestamp};

pub use crate::token::digest::ClientSecretDigest;

/// The number of characters of every client secret.
pub const LENGTH: usize = 64;

/// The number of characters of a prefix.
pub const PREFIX_LENGTH: usize = 4;

/// The plaintext of a client secret. It is shown once, in the answer that created it.
pub struct ClientSecret(Zeroizing<String>);

impl ClientSecret {
    /// Issues the secret with these 32 random bytes.
    pub fn issue(bytes: &[u8; 32]) -> Self {
        Self(Zeroizing::new(hex::encode(bytes)))
    }

    /// Reads a presented text; `None` when it has not the shape of a client secret.
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == LENGTH && is_lower_case_hexadecimal(text)).then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// The plaintext, for the one answer that may show it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What the checks after this one need: prefix and digest, without the plaintext.
    pub fn presented(&self) -> PresentedClientSecret {
        PresentedClientSecret {
            prefix: ClientSecretPrefix(self.0.get(..PREFIX_LENGTH).unwrap_or_default().to_owned()),
            digest: ClientSecretDigest::of(&self.0),
        }
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ClientSecret(REDACTED)")
    }
}

fn is_lower_case_hexadecimal(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// A client secret that was presented, without its plaintext.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PresentedClientSecret {
    /// By which it is looked for.
    pub prefix: ClientSecretPrefix,
    /// By which it is recognised.
    pub digest: ClientSecretDigest,
}

/// The first four digits of a client secret, which lists show.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClientSecretPrefix(String);

impl ClientSecretPrefix {
    /// Reads a prefix; `None` when no client secret begins like this.
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == PREFIX_LENGTH && is_lower_case_hexadecimal(text)).then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What decides whether a client secret may be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ClientSecretState {
    /// When it expires; `None` is never.
    pub expires: Option<Timestamp>,
    pub uses_limit: UsesLimit,
    pub uses: u64,
    pub revoked: bool,
}

/// Why a login fails with the right client secret.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClientSecretRefusal {
    Expired,
    /// It has been used as often as it may be.
    Exhausted,
    Revoked,
}

impl ClientSecretState {
    /// Whether one more login is granted at `now`.
    ///
    /// What has ended by itself says so for good, even after it was marked as revoked for that reason.
    ///
    /// # Errors
    /// The first that holds of expired, exhausted and revoked.
    pub fn check(self, now: Timestamp) -> Result<(), ClientSecretRefusal> {
        if lifetime::has_expired(self.expires, now) {
            Err(ClientSecretRefusal::Expired)
        } else if self.uses_limit.is_exhausted_by(self.uses) {
            Err(ClientSecretRefusal::Exhausted)
        } else if self.revoked {
            Err(ClientSecretRefusal::Revoked)
        } else {
            Ok(())
        }
    }
}

/// When a secret created at `created` expires; a TTL of 0 says never.
pub fn expiry(created: Timestamp, ttl: Seconds) -> Option<Timestamp> {
    (ttl != Seconds::ZERO).then(|| created.plus(ttl))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn client_secret_format_unchanged() {
        let secret = ClientSecret::issue(&[0xa1; 32]);
        assert_eq!(secret.expose(), "a1".repeat(32));
        let presented = secret.presented();
        assert_eq!(presented.prefix.as_str(), "a1a1");
        assert_eq!(
            hex::encode(presented.digest.as_bytes()),
            "3490f80401886d12f3861ec190f5c16419b26345497a92bc4530e22f5d8b4295"
        );
    }

    #[test]
    fn only_64_lower_case_hexadecimal_digits_are_a_client_secret() {
        #[track_caller]
        fn check(text: &str, expected: bool) {
            assert_eq!(ClientSecret::parse(text).is_some(), expected, "{text:?}");
        }
        check(&"0f".repeat(32), true);
        check(&"0F".repeat(32), false);
        check(&"0f".repeat(31), false);
        check(&"0f".repeat(33), false);
        check(&"0g".repeat(32), false);
        check(&"é".repeat(32), false);
        check("", false);
    }

    #[test]
    fn only_four_digits_are_a_prefix() {
        for (text, expected) in [("0a1f", true), ("0A1F", false), ("0a1", false), ("0a1ff", false), ("%a1f", false)] {
            assert_eq!(ClientSecretPrefix::parse(text).is_some(), expected, "{text:?}");
        }
    }

    #[test]
    fn neither_plaintext_nor_digest_can_be_printed() {
        let secret = ClientSecret::issue(&[0xa1; 32]);
        let printed = format!("{secret:?} {:?}", secret.presented());
        assert_eq!(
            printed,
            "ClientSecret(REDACTED) PresentedClientSecret { prefix: ClientSecretPrefix(\"a1a1\"), \
             digest: ClientSecretDigest(REDACTED) }"
        );
    }

    #[test]
    fn a_secret_is_usable_until_it_expires_is_exhausted_or_revoked() {
        let now = Timestamp::from_milliseconds(1_000);
        #[track_caller]
        fn check(
            expires: Option<i64>,
            limit: u64,
            uses: u64,
            revoked: bool,
            expected: Result<(), ClientSecretRefusal>,
        ) {
            let state = ClientSecretState {
                expires: expires.map(Timestamp::from_milliseconds),
                uses_limit: UsesLimit::from_wire(limit).unwrap(),
                uses,
                revoked,
            };
            assert_eq!(state.check(Timestamp::from_milliseconds(1_000)), expected, "{state:?}");
        }
        use ClientSecretRefusal::{Exhausted, Expired, Revoked};
        check(None, 0, 1_000_000, false, Ok(()));
        check(Some(1_001), 2, 1, false, Ok(()));
        check(Some(1_000), 2, 1, false, Err(Expired));
        check(Some(999), 2, 2, true, Err(Expired));
        check(Some(1_001), 2, 2, false, Err(Exhausted));
        check(None, 2, 3, true, Err(Exhausted));
        check(None, 2, 1, true, Err(Revoked));
        assert_eq!(expiry(now, Seconds::ZERO), None);
        assert_eq!(expiry(now, Seconds::new(2)), Some(Timestamp::from_milliseconds(3_000)));
    }

    proptest! {
        #[test]
        fn an_issued_secret_is_read_back_and_no_other_has_its_digest(first: [u8; 32], second: [u8; 32]) {
            let issued = ClientSecret::issue(&first);
            let read = ClientSecret::parse(issued.expose()).unwrap();
            prop_assert_eq!(issued.presented(), read.presented());
            let other = ClientSecret::issue(&second);
            prop_assert_eq!(other.presented().digest == issued.presented().digest, first == second);
        }

        #[test]
        fn any_text_is_read_without_a_panic(text in any::<String>()) {
            let _ = ClientSecret::parse(&text);
        }
    }
}
