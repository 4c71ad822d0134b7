//! The slug of a role: its name in URLs, in requests and in the answers of the data plane.

use std::fmt;

/// The most characters a slug may have.
pub const MAXIMUM_SLUG_CHARACTERS: usize = 64;

/// 1 to 64 lower-case letters, digits and single hyphens between them.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleSlug(String);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotASlug;

impl RoleSlug {
    /// Checks a text.
    pub fn parse(text: &str) -> Result<Self, NotASlug> {
        let parts_are_right = text.split('-').all(|part| {
            !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        });
        if parts_are_right && text.len() <= MAXIMUM_SLUG_CHARACTERS { Ok(Self(text.to_owned())) } else { Err(NotASlug) }
    }

    /// The slug of a role that this program defines.
    pub(super) fn built_in(slug: &'static str) -> Self {
        Self(slug.to_owned())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RoleSlug {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for RoleSlug {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_words_of_lower_case_letters_and_digits_joined_by_hyphens() {
        #[track_caller]
        fn check(text: &str, expected: bool) {
            assert_eq!(RoleSlug::parse(text).is_ok(), expected, "{text:?}");
        }
        check("admin", true);
        check("no-access", true);
        check("a1-b2", true);
        check(&"a".repeat(64), true);
        check(&"a".repeat(65), false);
        check("", false);
        check("-a", false);
        check("a-", false);
        check("a--b", false);
        check("Admin", false);
        check("a_b", false);
        check("é", false);
        check("a b", false);
    }
}
