//! Names that people give to things.

use std::fmt;

/// The most characters a name may have.
pub const MAXIMUM_NAME_CHARACTERS: usize = 255;

/// The name of an identity or an organization: trimmed, not empty, at most [`MAXIMUM_NAME_CHARACTERS`], without control
/// characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NameError {
    /// Nothing but white space.
    Empty,
    /// More than [`MAXIMUM_NAME_CHARACTERS`].
    TooLong,
    /// It holds a control character, which could forge a line of a log.
    ControlCharacter,
}

impl Name {
    /// Trims and checks a text.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let text = text.trim();
        if text.is_empty() {
            Err(NameError::Empty)
        } else if text.chars().count() > MAXIMUM_NAME_CHARACTERS {
            Err(NameError::TooLong)
        } else if text.chars().any(char::is_control) {
            Err(NameError::ControlCharacter)
        } else {
            Ok(Self(text.to_owned()))
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A slug made of the name: its ASCII letters in lower case and its digits, everything else a hyphen.
    pub fn slug(&self) -> String {
        let mut slug = String::with_capacity(self.0.len());
        for character in self.0.chars() {
            if character.is_ascii_alphanumeric() {
                slug.push(character.to_ascii_lowercase());
            } else if !slug.is_empty() && !slug.ends_with('-') {
                slug.push('-');
            }
        }
        slug.truncate(slug.trim_end_matches('-').len());
        slug
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, formatter)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_trimmed_and_bounded_and_holds_no_control_character() {
        #[track_caller]
        fn check(text: &str, expected: Result<&str, NameError>) {
            assert_eq!(Name::parse(text).as_ref().map(Name::as_str), expected.as_ref().map(|name| *name));
        }
        check("  build server ", Ok("build server"));
        check("", Err(NameError::Empty));
        check(" \t ", Err(NameError::Empty));
        check(&"é".repeat(255), Ok(&"é".repeat(255)));
        check(&"é".repeat(256), Err(NameError::TooLong));
        check("a\nb", Err(NameError::ControlCharacter));
        check("a\u{0}b", Err(NameError::ControlCharacter));
    }

    #[test]
    fn a_slug_holds_only_lower_case_letters_digits_and_single_hyphens() {
        #[track_caller]
        fn check(name: &str, expected: &str) {
            assert_eq!(Name::parse(name).unwrap().slug(), expected);
        }
        check("Admin Org", "admin-org");
        check("  --A  &  B!  ", "a-b");
        check("東京", "");
    }
}
