//! `ETag` and `If-Match` (RFC 9110 §8.8.3, §13.1.1): change a thing only if it is still what the caller saw.
//!
//! A tag is a digest of everything that commands change about the thing, its time of change included. How often a token
//! or a client secret was used is not part of it: otherwise a busy token could never be renamed.
//!
//! DIFFERENCE: RFC 9110 compares the tags of `If-Match` strongly. Here `W/"…"` is the same as `"…"`, because proxies that
//! compress an answer weaken its tag, and a tag here says what the state is, not what the bytes are.

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::error::ManagementError;
use crate::request::Request;
use directory::outcome::{Changed, Removed};
use protocol::response::ApiResponse;

/// How many bytes of the digest a tag shows.
const TAG_BYTES: usize = 16;

/// The tag of one state of a thing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EntityTag(String);

impl EntityTag {
    /// The tag of the state that this value describes.
    pub fn over(state: &impl Serialize) -> Self {
        let text = serde_json::to_vec(state).unwrap_or_default();
        let digest = Sha256::digest(text);
        Self(format!("\"{}\"", hex::encode(digest.get(..TAG_BYTES).unwrap_or_default())))
    }

    /// Whether the value of an `If-Match` header names this tag.
    fn is_named_by(&self, header: &str) -> bool {
        header.split(',').map(str::trim).any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == self.0)
    }
}

/// A thing whose state has a tag.
pub trait Tagged {
    /// The tag of its state.
    fn tag(&self) -> EntityTag;
}

/// The answer with the tag of the thing it shows.
pub fn tagged(answer: ApiResponse, thing: &impl Tagged) -> ApiResponse {
    answer.with("etag", thing.tag().0)
}

/// What a command did to a thing, with the tag of the state that it found.
pub trait TaggedBefore {
    fn tag_before(&self) -> EntityTag;
}

impl<Before: Tagged, After> TaggedBefore for Changed<Before, After> {
    fn tag_before(&self) -> EntityTag {
        self.before.tag()
    }
}

impl<Thing: Tagged> TaggedBefore for Removed<Thing> {
    fn tag_before(&self) -> EntityTag {
        self.0.tag()
    }
}

/// Lets a command that was carried out stand, unless an `If-Match` names another state than it found. So every refusal of
/// the command's own comes first.
///
/// # Errors
/// [`ManagementError::PreconditionFailed`]; the caller's transaction must then be undone.
pub fn guard<Done: TaggedBefore>(request: &Request<'_>, done: Done) -> Result<Done, ManagementError> {
    match request.call.if_match.as_deref() {
        Some(expected) if !done.tag_before().is_named_by(expected) => Err(ManagementError::PreconditionFailed),
        Some(_) | None => Ok(done),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_names_a_tag_in_a_list_weak_or_as_any() {
        let tag = EntityTag("\"ab\"".to_owned());
        #[track_caller]
        fn check(tag: &EntityTag, header: &str, expected: bool) {
            assert_eq!(tag.is_named_by(header), expected, "{header:?}");
        }
        check(&tag, "\"ab\"", true);
        check(&tag, "W/\"ab\"", true);
        check(&tag, "\"cd\", \"ab\"", true);
        check(&tag, "*", true);
        check(&tag, "ab", false);
        check(&tag, "\"a\"", false);
        check(&tag, "", false);
    }

    #[test]
    fn entity_tag_format_unchanged() {
        assert_eq!(EntityTag::over(&"state").0, "\"55af5b1d18b0d9ddda33273d987fd057\"");
    }
}
