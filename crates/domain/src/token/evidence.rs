//! Evidence: facts, together with how old they are and who vouches for them.

use std::fmt;
use std::rc::Rc;

use crate::gateway::policy::PolicyFacts;
use crate::token::facts::{IdentityFacts, TokenFacts};
use crate::value::identifiers::{DirectoryId, IdentityId, OrganizationId, TokenId};
use crate::value::timestamp::{Seconds, Timestamp};

/// How long the authority's word is good for, even when no change is known. A record of the replica that is older was
/// perhaps put back by somebody else after the change feed forgot the change that made it untrue.
pub const LONGEST_TRUST: Seconds = Seconds::new(24 * 3600);

/// How long the change feed remembers a change: an hour more than evidence is trusted, so that the clocks of two machines
/// may differ.
pub const CHANGE_RETENTION: Seconds = Seconds::new(25 * 3600);

/// What a piece of evidence is about. Its text is the key in the replica and in the change feed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum EvidenceKey {
    Token(TokenId),
    Identity(IdentityId),
    Policy(OrganizationId),
}

impl EvidenceKey {
    /// Reads the text form.
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once('/')? {
            ("token", id) => TokenId::parse(id).map(Self::Token),
            ("identity", id) => IdentityId::parse(id).map(Self::Identity),
            ("policy", id) => OrganizationId::parse(id).map(Self::Policy),
            _ => None,
        }
    }
}

impl fmt::Display for EvidenceKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(id) => write!(formatter, "token/{id}"),
            Self::Identity(id) => write!(formatter, "identity/{id}"),
            Self::Policy(id) => write!(formatter, "policy/{id}"),
        }
    }
}

/// What is known of one key. `None` says that there is no such thing, or no longer. Facts are shared, never changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Facts {
    Token(Option<Rc<TokenFacts>>),
    Identity(Option<Rc<IdentityFacts>>),
    Policy(Option<Rc<PolicyFacts>>),
}

/// Facts with their provenance.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Evidence {
    /// The installation of the authority that vouches for them.
    pub directory: DirectoryId,
    /// The number of the last change they reflect.
    pub sequence: u64,
    /// When the authority read them.
    pub asserted: Timestamp,
    pub key: EvidenceKey,
    pub facts: Facts,
}

/// The answer to "what changed since?".
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Changes {
    /// The installation that answers.
    pub directory: DirectoryId,
    /// The number of the last change.
    pub head: u64,
    /// Evidence about any key is unusable when it reflects less than this change, because the answer had no room to name
    /// the keys. 0 when it had.
    pub floor: u64,
    /// For each changed key the least change number that usable evidence reflects.
    pub required: Vec<(EvidenceKey, u64)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_text_unchanged() {
        #[track_caller]
        fn check(key: EvidenceKey, text: &str) {
            assert_eq!(key.to_string(), text);
            assert_eq!(EvidenceKey::parse(text), Some(key));
        }
        check(EvidenceKey::Token(TokenId::from_bytes([1; 16])), "token/01010101-0101-0101-0101-010101010101");
        check(EvidenceKey::Identity(IdentityId::from_bytes([2; 16])), "identity/02020202-0202-0202-0202-020202020202");
        check(EvidenceKey::Policy(OrganizationId::from_bytes([3; 16])), "policy/03030303-0303-0303-0303-030303030303");
    }

    #[test]
    fn another_text_is_no_key() {
        for text in ["", "token", "token/", "token/x", "policies/01010101-0101-0101-0101-010101010101"] {
            assert_eq!(EvidenceKey::parse(text), None, "{text:?}");
        }
    }
}
