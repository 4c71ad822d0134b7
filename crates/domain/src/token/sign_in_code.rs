//! The sign-in code: it opens a session in the console of a development installation, once, for a minute.
//!
//! A [`TaggedSecret`] that begins with `tsc_`. It exists so that `make dev` can print a link that one clicks on: nobody has
//! to look for a token first. Whoever has it is the first administrator, so only an installation that was told to issues
//! any, and only to this machine.

use crate::network::console_site::ConsoleSite;
use crate::token::digest::SignInCodeDigest;
use crate::token::secret::KeyRing;
use crate::token::tagged_secret::{Prefix, TaggedSecret, TaggedSecretError};
use crate::value::timestamp::{Seconds, Timestamp};

const PREFIX: &Prefix = b"tsc_";

/// For how long a code can be used: as long as it takes to click on it.
pub const LIFETIME: Seconds = Seconds::new(60);

/// The plaintext of a sign-in code.
#[derive(Debug)]
pub struct SignInCode(TaggedSecret);

impl SignInCode {
    /// Issues the code of these random bytes.
    pub fn issue(id: [u8; 16], secret: &[u8; 32], keys: &KeyRing) -> Self {
        Self(TaggedSecret::issue(PREFIX, id, secret, keys))
    }

    /// Reads a presented text.
    pub fn parse(text: &str, keys: &KeyRing) -> Result<Self, TaggedSecretError> {
        TaggedSecret::parse(PREFIX, text, keys).map(Self)
    }

    /// The plaintext, for the one answer that may show it.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// The digest that is stored and compared.
    pub fn digest(&self) -> SignInCodeDigest {
        SignInCodeDigest::of(self.expose())
    }
}

/// Whether an installation gives out sign-in codes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SignInCodes {
    /// It does not; so it is unless somebody says otherwise.
    Off,
    /// It is for development, and does.
    Development,
}

impl SignInCodes {
    /// Whether codes may be given out, and used, where the console is called.
    pub const fn are_for(self, site: ConsoleSite) -> bool {
        match (self, site) {
            (Self::Development, ConsoleSite::Loopback) => true,
            (Self::Development, ConsoleSite::Secure) | (Self::Off, ConsoleSite::Secure | ConsoleSite::Loopback) => {
                false
            }
        }
    }
}

/// Whether a code that was issued at `issued` can be used at `now`.
pub fn is_alive(issued: Timestamp, now: Timestamp) -> bool {
    now < issued.plus(LIFETIME)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::secret::{AuthSecret, Purpose};

    fn keys(fill: &str) -> KeyRing {
        KeyRing::new(Purpose::ConsoleSessionTag, &AuthSecret::new(&fill.repeat(32)).unwrap(), None)
    }

    #[test]
    fn sign_in_code_format_unchanged() {
        let code = SignInCode::issue([1; 16], &[2; 32], &keys("a"));
        assert_eq!(code.expose().len(), 80);
        assert!(code.expose().starts_with("tsc_"));
        assert_eq!(SignInCode::parse(code.expose(), &keys("a")).unwrap().digest(), code.digest());
        assert_eq!(SignInCode::parse(code.expose(), &keys("b")).unwrap_err(), TaggedSecretError::Forged);
        assert_eq!(format!("{code:?}"), "SignInCode(TaggedSecret(REDACTED))");
    }

    #[test]
    fn codes_are_for_development_on_this_machine_only() {
        for (codes, site, expected) in [
            (SignInCodes::Development, ConsoleSite::Loopback, true),
            (SignInCodes::Development, ConsoleSite::Secure, false),
            (SignInCodes::Off, ConsoleSite::Loopback, false),
            (SignInCodes::Off, ConsoleSite::Secure, false),
        ] {
            assert_eq!(codes.are_for(site), expected, "{codes:?} {site:?}");
        }
    }

    #[test]
    fn a_code_lives_for_a_minute() {
        let issued = Timestamp::from_milliseconds(1_000);
        for (now, expected) in [(1_000, true), (60_999, true), (61_000, false)] {
            assert_eq!(is_alive(issued, Timestamp::from_milliseconds(now)), expected, "{now}");
        }
    }
}
