//! The slug of a project: its name in URLs and in the answers of the data plane.

use std::fmt;

use crate::permission::role_slug::RoleSlug;
use crate::value::names::Name;

/// The fewest characters a project's slug may have.
pub const MINIMUM_CHARACTERS: usize = 5;
/// The most characters a project's slug may have.
pub const MAXIMUM_CHARACTERS: usize = 36;

/// Random bytes at the end of a slug that was made of a name: 2^32 of them keep equal names apart.
const SUFFIX_BYTES: usize = 4;
/// What the suffix takes: a hyphen and two digits for each byte.
const SUFFIX_CHARACTERS: usize = 1 + 2 * SUFFIX_BYTES;

/// 5 to 36 lower-case letters, digits and single hyphens between them.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProjectSlug(String);

/// Why a text is not a project slug.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProjectSlugError {
    /// Fewer than [`MINIMUM_CHARACTERS`].
    TooShort,
    /// More than [`MAXIMUM_CHARACTERS`].
    TooLong,
    /// It holds something else than words of lower-case letters and digits joined by hyphens.
    NotASlug,
}

impl ProjectSlug {
    /// Checks a text.
    pub fn parse(text: &str) -> Result<Self, ProjectSlugError> {
        let characters = text.chars().count();
        if characters < MINIMUM_CHARACTERS {
            Err(ProjectSlugError::TooShort)
        } else if characters > MAXIMUM_CHARACTERS {
            Err(ProjectSlugError::TooLong)
        } else {
            // Shorter than a role's slug, and of the same characters.
            RoleSlug::parse(text).map(|_| Self(text.to_owned())).map_err(|_| ProjectSlugError::NotASlug)
        }
    }

    /// A slug made of a name and random bytes.
    pub fn from_name(name: &Name, random: [u8; 16]) -> Self {
        let mut slug = name.slug();
        if slug.is_empty() {
            slug.push_str("project");
        }
        // ASCII throughout, so that every index is a boundary.
        slug.truncate(MAXIMUM_CHARACTERS - SUFFIX_CHARACTERS);
        slug.truncate(slug.trim_end_matches('-').len());
        slug.push('-');
        for byte in random.iter().take(SUFFIX_BYTES) {
            slug.push_str(&format!("{byte:02x}"));
        }
        Self(slug)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProjectSlug {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for ProjectSlug {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_has_5_to_36_characters_of_a_slug() {
        #[track_caller]
        fn check(text: &str, expected: Option<ProjectSlugError>) {
            assert_eq!(ProjectSlug::parse(text).err(), expected, "{text:?}");
        }
        check("abcde", None);
        check("abcd", Some(ProjectSlugError::TooShort));
        check(&"a".repeat(36), None);
        check(&"a".repeat(37), Some(ProjectSlugError::TooLong));
        check("ab-cd", None);
        check("ab--cd", Some(ProjectSlugError::NotASlug));
        check("Abcde", Some(ProjectSlugError::NotASlug));
        check("abcd/", Some(ProjectSlugError::NotASlug));
    }

    #[test]
    fn a_slug_made_of_a_name_is_a_slug() {
        #[track_caller]
        fn check(name: &str, expected: &str) {
            let slug = ProjectSlug::from_name(&Name::parse(name).unwrap(), [0xab; 16]);
            assert_eq!(slug.as_str(), expected);
            assert_eq!(ProjectSlug::parse(slug.as_str()), Ok(slug));
        }
        check("My API", "my-api-abababab");
        check("東京", "project-abababab");
        check(&"a".repeat(255), &format!("{}-abababab", "a".repeat(27)));
        check(&format!("{} b", "a".repeat(26)), &format!("{}-abababab", "a".repeat(26)));
    }
}
