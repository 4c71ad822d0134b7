//! The access token: its text and what is kept of it.
//!
//! A [`TaggedSecret`] that begins with `tka_`. Storage holds only the **digest**.
//!
//! **Invariants**: plaintext cannot be printed; an [`AccessToken`] that exists has a tag that verified.

use std::fmt;

use crate::token::secret::KeyRing;
use crate::token::tagged_secret::{self, TaggedSecret};
use crate::value::identifiers::TokenId;

pub use crate::token::digest::TokenDigest;
pub use crate::token::tagged_secret::TaggedSecretError as AccessTokenError;

/// What every access token begins with. WARNING: changing it invalidates every token that was ever issued, and every
/// rule of a secret scanner that looks for them.
pub const PREFIX: &str = "tka_";

const PREFIX_BYTES: &tagged_secret::Prefix = b"tka_";

/// The number of characters of every access token.
pub const LENGTH: usize = tagged_secret::LENGTH;

/// The pattern of an access token, for secret scanners and log redaction.
pub const PATTERN: &str = r"\btka_[0-9A-Za-z]{76}\b";

/// The plaintext of an access token whose tag has been verified. It is shown once, in the answer that created it.
pub struct AccessToken(TaggedSecret);

impl AccessToken {
    /// Issues a token with this id and these 32 random bytes.
    pub fn issue(id: TokenId, secret: &[u8; 32], keys: &KeyRing) -> Self {
        Self(TaggedSecret::issue(PREFIX_BYTES, *id.as_bytes(), secret, keys))
    }

    /// Reads a presented text. No storage is needed to refuse a malformed or a forged one.
    pub fn parse(text: &str, keys: &KeyRing) -> Result<Self, AccessTokenError> {
        TaggedSecret::parse(PREFIX_BYTES, text, keys).map(Self)
    }

    /// The token's public id.
    pub const fn id(&self) -> TokenId {
        TokenId::from_bytes(self.0.id())
    }

    /// The plaintext, for the one answer that may show it.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// The digest that is stored and compared.
    pub fn digest(&self) -> TokenDigest {
        TokenDigest::of(self.expose())
    }

    /// What the checks after this one need: the id and the digest, without the plaintext.
    pub fn presented(&self) -> PresentedToken {
        PresentedToken { id: self.id(), digest: self.digest() }
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "AccessToken {{ id: {}, text: REDACTED }}", self.id())
    }
}

/// A token that was presented and carries our tag: the evidence the decision starts from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PresentedToken {
    /// The id inside the token.
    pub id: TokenId,
    /// The digest of the whole token.
    pub digest: TokenDigest,
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
        assert_eq!(PREFIX.as_bytes(), PREFIX_BYTES);
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
