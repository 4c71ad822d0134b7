//! The access token: its text, its tag and its digest.
//!
//! `tka_` + base62(16-byte token id) + base62(32 random bytes) + base62(8-byte tag): 80 characters of `[0-9A-Za-z_]`.
//!
//! * The **tag** is the beginning of an HMAC over everything before it. The Worker refuses a forged token by arithmetic
//!   alone, before it reads any storage.
//! * Storage holds only the **digest**, SHA-256 of the whole text. 256 random bits leave nothing to guess, so a slow
//!   hash would add cost and no safety.
//!
//! **Invariants**: plaintext cannot be printed; an [`AccessToken`] that exists has a tag that verified.

use std::fmt;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::token::base62;
use crate::token::secret::KeyRing;
use crate::value::identifiers::TokenId;

/// What every access token begins with. WARNING: changing it invalidates every token that was ever issued, and every
/// rule of a secret scanner that looks for them.
pub const PREFIX: &str = "tka_";

/// The number of characters of every access token.
pub const LENGTH: usize = PREFIX.len() + ID_WIDTH + SECRET_WIDTH + TAG_WIDTH;

/// The pattern of an access token, for secret scanners and log redaction.
pub const PATTERN: &str = r"\btka_[0-9A-Za-z]{76}\b";

/// Digits that hold 16 bytes: 62^22 > 2^128.
const ID_WIDTH: usize = 22;
/// Digits that hold 32 bytes: 62^43 > 2^256.
const SECRET_WIDTH: usize = 43;
/// Digits that hold 8 bytes: 62^11 > 2^64.
const TAG_WIDTH: usize = 11;
/// Bytes of the HMAC that are kept. A forger who tries at random is told "no" 2^63 times on average.
const TAG_BYTES: usize = 8;

/// The plaintext of an access token whose tag has been verified. It is shown once, in the answer that created it.
pub struct AccessToken {
    text: Zeroizing<String>,
    id: TokenId,
}

/// Why a text is not an access token of this installation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AccessTokenError {
    /// Not the shape of an access token at all.
    Malformed,
    /// The shape is right and the tag is not: nobody with our secret made it.
    Forged,
}

impl AccessToken {
    /// Issues a token with this id and these 32 random bytes.
    pub fn issue(id: TokenId, secret: &[u8; 32], keys: &KeyRing) -> Self {
        let mut text = String::with_capacity(LENGTH);
        text.push_str(PREFIX);
        base62::encode(id.as_bytes(), ID_WIDTH, &mut text);
        base62::encode(secret, SECRET_WIDTH, &mut text);
        let code = keys.sign(&[PREFIX.as_bytes(), id.as_bytes(), secret]);
        base62::encode(code.get(..TAG_BYTES).unwrap_or_default(), TAG_WIDTH, &mut text);
        Self { text: Zeroizing::new(text), id }
    }

    /// Reads a presented text. No storage is needed to refuse a malformed or a forged one.
    ///
    /// # Errors
    /// [`AccessTokenError`].
    pub fn parse(text: &str, keys: &KeyRing) -> Result<Self, AccessTokenError> {
        let Parts { id, secret, tag } = split(text).ok_or(AccessTokenError::Malformed)?;
        if !keys.verify(&[PREFIX.as_bytes(), &id, &*secret], &tag) {
            return Err(AccessTokenError::Forged);
        }
        Ok(Self { text: Zeroizing::new(text.to_owned()), id: TokenId::from_bytes(id) })
    }

    /// The token's public id.
    pub const fn id(&self) -> TokenId {
        self.id
    }

    /// The plaintext, for the one answer that may show it.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// The digest that is stored and compared.
    pub fn digest(&self) -> TokenDigest {
        TokenDigest(Sha256::digest(self.text.as_bytes()).into())
    }

    /// What the checks after this one need: the id and the digest, without the plaintext.
    pub fn presented(&self) -> PresentedToken {
        PresentedToken { id: self.id, digest: self.digest() }
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "AccessToken {{ id: {}, text: REDACTED }}", self.id)
    }
}

/// What a token's text spells.
struct Parts {
    id: [u8; 16],
    secret: Zeroizing<[u8; 32]>,
    tag: [u8; TAG_BYTES],
}

/// The parts of a text; `None` when it has another shape or spells a number that does not fit.
fn split(text: &str) -> Option<Parts> {
    if text.len() != LENGTH {
        return None;
    }
    let digits = text.as_bytes().strip_prefix(PREFIX.as_bytes())?;
    let (id, rest) = digits.split_at_checked(ID_WIDTH)?;
    let (secret, tag) = rest.split_at_checked(SECRET_WIDTH)?;
    Some(Parts { id: base62::decode(id)?, secret: Zeroizing::new(base62::decode(secret)?), tag: base62::decode(tag)? })
}

/// A token that was presented and carries our tag: the evidence the decision starts from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PresentedToken {
    /// The id inside the token.
    pub id: TokenId,
    /// The digest of the whole token.
    pub digest: TokenDigest,
}

/// SHA-256 of a whole access token.
#[derive(Clone)]
pub struct TokenDigest([u8; 32]);

impl TokenDigest {
    /// The digest with these bytes, as read back from storage.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes to store.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl PartialEq for TokenDigest {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for TokenDigest {}

impl fmt::Debug for TokenDigest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TokenDigest(REDACTED)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::secret::{AuthSecret, Purpose};
    use proptest::prelude::*;

    fn keys(fill: &str) -> KeyRing {
        KeyRing::new(Purpose::AccessTokenTag, &AuthSecret::new(&fill.repeat(32)).unwrap(), None)
    }

    fn token() -> AccessToken {
        AccessToken::issue(TokenId::from_bytes([1; 16]), &[2; 32], &keys("a"))
    }

    #[test]
    fn the_pattern_is_that_of_the_format_wherever_it_is_written_down() {
        assert_eq!(PATTERN, format!(r"\b{PREFIX}[0-9A-Za-z]{{{}}}\b", LENGTH - PREFIX.len()));
        let document = include_str!("../../../../docs/api.md");
        assert!(document.lines().any(|line| line == PATTERN), "docs/api.md");
        let tests = include_str!("../../../../tests/support/api.mjs");
        let unbounded = PATTERN.trim_start_matches(r"\b").trim_end_matches(r"\b");
        assert!(tests.contains(&format!("TOKEN_PATTERN = /{unbounded}/;")), "tests/support/api.mjs");
    }

    #[test]
    fn token_format_unchanged() {
        let token = token();
        assert_eq!(token.expose(), "tka_01tRy6czI6jAOLpZvq3hw10TWD4V5tkyUQGc5qXvlBDd2Fj97aqsMoBGJJjsttG4IJjANzEg0Rvl");
        assert_eq!(token.expose().len(), 80);
        assert_eq!(LENGTH, 80);
        assert_eq!(token.id().to_string(), "01010101-0101-0101-0101-010101010101");
    }

    #[test]
    fn a_text_of_another_shape_is_malformed() {
        #[track_caller]
        fn check(text: &str) {
            assert_eq!(AccessToken::parse(text, &keys("a")).unwrap_err(), AccessTokenError::Malformed, "{text:?}");
        }
        let text = token().expose().to_owned();
        check("");
        check("tka_");
        check(&text[..79]);
        check(&format!("{text}0"));
        check(&format!(" {}", &text[1..]));
        check(&text.replace("tka_", "TKA_"));
        check(&text.replace("tka_", "tkb_"));
        check(&format!("{}-", &text[..79]));
        check(&format!("{}é", &text[..78]));
        check(&format!("tka_{}", "z".repeat(76)));
        check("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlc2lnbmF0dXJlc2lnbmF0dXJlc2lnbmF0dXJl");
    }

    #[test]
    fn a_token_of_another_secret_is_forged() {
        let token = token();
        assert_eq!(AccessToken::parse(token.expose(), &keys("b")).unwrap_err(), AccessTokenError::Forged);
    }

    #[test]
    fn the_previous_secret_is_accepted_while_it_is_configured() {
        let token = token();
        let (old, new) = (AuthSecret::new(&"a".repeat(32)).unwrap(), AuthSecret::new(&"b".repeat(32)).unwrap());
        let rotated = KeyRing::new(Purpose::AccessTokenTag, &new, Some(&old));
        assert!(AccessToken::parse(token.expose(), &rotated).is_ok());
        let finished = KeyRing::new(Purpose::AccessTokenTag, &new, None);
        assert_eq!(AccessToken::parse(token.expose(), &finished).unwrap_err(), AccessTokenError::Forged);
    }

    #[test]
    fn neither_plaintext_nor_digest_can_be_printed() {
        let token = token();
        let printed = format!("{token:?} {:?} {:?}", token.digest(), token.presented());
        assert!(!printed.contains(&token.expose()[30..]), "{printed}");
        assert!(printed.contains("REDACTED"));
    }

    proptest! {
        #[test]
        fn an_issued_token_is_accepted_with_its_id(id: [u8; 16], secret: [u8; 32]) {
            let token = AccessToken::issue(TokenId::from_bytes(id), &secret, &keys("a"));
            prop_assert_eq!(token.expose().len(), LENGTH);
            let parsed = AccessToken::parse(token.expose(), &keys("a")).unwrap();
            prop_assert_eq!(parsed.presented(), token.presented());
            prop_assert_eq!(parsed.id(), TokenId::from_bytes(id));
        }

        #[test]
        fn a_token_with_one_character_changed_is_refused(position in 0usize..80, character in "[0-9A-Za-z_]") {
            let text = token().expose().to_owned();
            let mut changed = text.clone();
            changed.replace_range(position..=position, &character);
            prop_assume!(changed != text);
            prop_assert!(AccessToken::parse(&changed, &keys("a")).is_err());
        }

        #[test]
        fn any_text_is_refused_without_a_panic(text in any::<String>()) {
            prop_assert!(AccessToken::parse(&text, &keys("a")).is_err());
        }
    }
}
