//! The format of the secrets that the program itself recognises: a prefix, a public id, 32 random bytes and a tag.
//!
//! `<prefix>` + base62(16-byte id) + base62(32 random bytes) + base62(8-byte tag): 80 characters of `[0-9A-Za-z_]`. The
//! **tag** is the beginning of an HMAC over everything before it. A forged secret is refused by arithmetic alone, before any
//! storage is read.
//!
//! **Invariants**: plaintext cannot be printed; a [`TaggedSecret`] that exists has a tag that verified.

use std::fmt;

use zeroize::Zeroizing;

use crate::token::base62;
use crate::token::secret::KeyRing;

/// The number of characters of a prefix.
pub const PREFIX_LENGTH: usize = 4;
/// The number of characters of every such secret.
pub const LENGTH: usize = PREFIX_LENGTH + ID_WIDTH + SECRET_WIDTH + TAG_WIDTH;

/// Digits that hold 16 bytes: 62^22 > 2^128.
const ID_WIDTH: usize = 22;
/// Digits that hold 32 bytes: 62^43 > 2^256.
const SECRET_WIDTH: usize = 43;
/// Digits that hold 8 bytes: 62^11 > 2^64.
const TAG_WIDTH: usize = 11;
/// Bytes of the HMAC that are kept. A forger who tries at random is told "no" 2^63 times on average.
const TAG_BYTES: usize = 8;

/// What a kind of secret begins with.
pub type Prefix = [u8; PREFIX_LENGTH];

/// The plaintext of a secret whose tag has been verified.
pub struct TaggedSecret {
    text: Zeroizing<String>,
    id: [u8; 16],
}

/// Why a text is no such secret of this installation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TaggedSecretError {
    /// Not the shape of one at all.
    Malformed,
    /// The shape is right and the tag is not: nobody with our secret made it.
    Forged,
}

impl TaggedSecret {
    /// Issues a secret of a kind with this id and these 32 random bytes.
    pub fn issue(prefix: &Prefix, id: [u8; 16], secret: &[u8; 32], keys: &KeyRing) -> Self {
        let mut text = String::with_capacity(LENGTH);
        text.extend(prefix.iter().copied().map(char::from));
        base62::encode(&id, ID_WIDTH, &mut text);
        base62::encode(secret, SECRET_WIDTH, &mut text);
        let code = keys.sign(&[prefix, &id, secret]);
        base62::encode(code.get(..TAG_BYTES).unwrap_or_default(), TAG_WIDTH, &mut text);
        Self { text: Zeroizing::new(text), id }
    }

    /// Reads a presented text. No storage is needed to refuse a malformed or a forged one.
    pub fn parse(prefix: &Prefix, text: &str, keys: &KeyRing) -> Result<Self, TaggedSecretError> {
        let Parts { id, secret, tag } = split(prefix, text).ok_or(TaggedSecretError::Malformed)?;
        if !keys.verify(&[prefix, &id, &*secret], &tag) {
            return Err(TaggedSecretError::Forged);
        }
        Ok(Self { text: Zeroizing::new(text.to_owned()), id })
    }

    /// The public id.
    pub const fn id(&self) -> [u8; 16] {
        self.id
    }

    /// The plaintext, for the one answer that may show it.
    pub fn expose(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for TaggedSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TaggedSecret(REDACTED)")
    }
}

/// What a text spells.
struct Parts {
    id: [u8; 16],
    secret: Zeroizing<[u8; 32]>,
    tag: [u8; TAG_BYTES],
}

/// The parts of a text; `None` when it has another shape or spells a number that does not fit.
fn split(prefix: &Prefix, text: &str) -> Option<Parts> {
    if text.len() != LENGTH {
        return None;
    }
    let digits = text.as_bytes().strip_prefix(prefix)?;
    let (id, rest) = digits.split_at_checked(ID_WIDTH)?;
    let (secret, tag) = rest.split_at_checked(SECRET_WIDTH)?;
    Some(Parts { id: base62::decode(id)?, secret: Zeroizing::new(base62::decode(secret)?), tag: base62::decode(tag)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::secret::{AuthSecret, Purpose};

    #[test]
    fn a_secret_of_one_kind_is_none_of_another() {
        let keys = KeyRing::new(Purpose::ConsoleSessionTag, &AuthSecret::new(&"a".repeat(32)).unwrap(), None);
        let secret = TaggedSecret::issue(b"aaa_", [1; 16], &[2; 32], &keys);
        assert!(TaggedSecret::parse(b"aaa_", secret.expose(), &keys).is_ok());
        assert_eq!(TaggedSecret::parse(b"bbb_", secret.expose(), &keys).unwrap_err(), TaggedSecretError::Malformed);
        // Nor is it when somebody exchanges the prefix: the tag is over it as well.
        let exchanged = secret.expose().replace("aaa_", "bbb_");
        assert_eq!(TaggedSecret::parse(b"bbb_", &exchanged, &keys).unwrap_err(), TaggedSecretError::Forged);
    }
}
