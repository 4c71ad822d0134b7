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
use directory::context::Context;
use directory::error::DirectoryError;
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

/// Runs a command on a thing that `current` looks up. With an `If-Match` that does not name its state the command is
/// refused, after every refusal of its own.
///
/// # Errors
/// [`ManagementError::PreconditionFailed`]; the caller's transaction must then be undone.
pub fn guard<'a, Thing: Tagged, Done>(
    context: &mut Context<'a>,
    request: &Request<'_>,
    current: impl FnOnce(&Context<'a>) -> Result<Thing, DirectoryError>,
    command: impl FnOnce(&mut Context<'a>) -> Result<Done, DirectoryError>,
) -> Result<Done, ManagementError> {
    let Some(expected) = request.call.if_match.as_deref() else { return Ok(command(context)?) };
    let before = current(context);
    let done = command(context)?;
    match before {
        Ok(thing) if thing.tag().is_named_by(expected) => Ok(done),
        Ok(_) | Err(_) => Err(ManagementError::PreconditionFailed),
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
