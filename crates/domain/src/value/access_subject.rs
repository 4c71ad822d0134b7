//! Whom Cloudflare Access knows an identity's operator as: an e-mail address.

use std::fmt;

/// The most bytes an address may have (RFC 5321 §4.5.3.1.3, without the angle brackets).
pub const MAXIMUM_BYTES: usize = 254;

/// An e-mail address, in lower case: Access tells people apart by it, and no provider by the case of its letters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct AccessSubject(String);

/// The text is no e-mail address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotAnAddress;

impl AccessSubject {
    /// Checks a text. Only ASCII, because letters of other scripts can look the same and fold in ways of their own.
    pub fn parse(text: &str) -> Result<Self, NotAnAddress> {
        let is_written = text.len() <= MAXIMUM_BYTES && text.bytes().all(|byte| byte.is_ascii_graphic());
        match text.split_once('@') {
            Some((local, domain))
                if is_written
                    && !local.is_empty()
                    && !domain.is_empty()
                    && !domain.contains('@')
                    && !text.contains(['"', '\\', ',', ';', '<', '>', '(', ')']) =>
            {
                Ok(Self(text.to_ascii_lowercase()))
            }
            Some(_) | None => Err(NotAnAddress),
        }
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccessSubject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_whatever_the_case_of_its_letters() {
        #[track_caller]
        fn check(text: &str, expected: Option<&str>) {
            assert_eq!(AccessSubject::parse(text).ok().as_ref().map(AccessSubject::as_str), expected, "{text:?}");
        }
        check("ada@example.com", Some("ada@example.com"));
        check("Ada.Lovelace+ops@Example.COM", Some("ada.lovelace+ops@example.com"));
        check("a@b", Some("a@b"));
        check(&format!("{}@b", "a".repeat(252)), Some(&format!("{}@b", "a".repeat(252))));
        check(&format!("{}@b", "a".repeat(253)), None);
        for wrong in
            ["", "ada", "@", "@b", "a@", "a@b@c", " a@b", "a@b ", "a b@c", "a@b\n", "ä@b", "\"a@x\"@b", "a@b,c@d"]
        {
            check(wrong, None);
        }
        // U+212A, the sign for kelvin, is a "k" to who folds Unicode.
        check("\u{212a}ate@example.com", None);
    }
}
