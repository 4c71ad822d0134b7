//! The isolate's bounded memory of facts, with where they came from.

use std::num::NonZeroUsize;
use std::rc::Rc;

use lru::LruCache;

use domain::token::evidence::{Evidence, EvidenceKey};
use domain::value::timestamp::{Seconds, Timestamp};

/// How many keys are remembered: about 4 MB with the longest lists of trusted IPs aside.
const CAPACITY: NonZeroUsize = NonZeroUsize::MIN.saturating_add(8191);

/// How long the authority's own word for a "no" is repeated without asking again, so that a stream of refused requests
/// does not become a stream of questions.
const NEGATIVE_MEMORY: Seconds = Seconds::new(3);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    /// The replica, sealed by the authority at some time in the past.
    Replica,
    Authority,
}

/// Evidence as it is remembered.
#[derive(Clone, Debug)]
pub struct CachedEvidence {
    pub evidence: Rc<Evidence>,
    pub source: Source,
    /// When this isolate learned it.
    pub learned: Timestamp,
}

impl CachedEvidence {
    /// Whether a "no" may rest on it without asking the authority: the authority itself said so a moment ago.
    pub fn supports_no(&self, now: Timestamp) -> bool {
        self.source == Source::Authority && is_a_moment_ago(self.learned, now)
    }

    /// Whether the authority said so to a request that started no earlier than this one.
    pub fn is_newest_word(&self, now: Timestamp) -> bool {
        self.source == Source::Authority && self.learned >= now && is_a_moment_ago(self.learned, now)
    }
}

/// Whether a "no" of then is still repeated. A request may have started a little before the one that learned it; much
/// before, and the clock was set back.
pub const fn is_a_moment_ago(then: Timestamp, now: Timestamp) -> bool {
    now.milliseconds().saturating_sub(then.milliseconds()).unsigned_abs()
        < NEGATIVE_MEMORY.as_milliseconds().unsigned_abs()
}

#[derive(Debug)]
pub struct FactCache(LruCache<EvidenceKey, CachedEvidence>);

impl Default for FactCache {
    fn default() -> Self {
        Self(LruCache::new(CAPACITY))
    }
}

impl FactCache {
    /// What is remembered of `key`.
    pub fn get(&mut self, key: EvidenceKey) -> Option<CachedEvidence> {
        self.0.get(&key).cloned()
    }

    /// Remembers evidence, unless something newer is remembered already: answers may overtake one another. Of two
    /// pieces that reflect the same change the later one stays, so that asking the authority always has an effect. Returns
    /// the evidence with what is noted beside it.
    pub fn remember(&mut self, evidence: Evidence, source: Source, learned: Timestamp) -> CachedEvidence {
        let key = evidence.key;
        let remembered = CachedEvidence { evidence: Rc::new(evidence), source, learned };
        let newer_known = self.0.peek(&key).is_some_and(|known| {
            known.evidence.directory == remembered.evidence.directory
                && known.evidence.sequence > remembered.evidence.sequence
        });
        if !newer_known {
            self.0.put(key, remembered.clone());
        }
        remembered
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::token::evidence::Facts;
    use domain::value::identifiers::{DirectoryId, TokenId};

    fn evidence(sequence: u64) -> Evidence {
        Evidence {
            directory: DirectoryId::from_bytes([1; 16]),
            sequence,
            asserted: Timestamp::from_milliseconds(0),
            key: EvidenceKey::Token(TokenId::from_bytes([1; 16])),
            facts: Facts::Token(None),
        }
    }

    #[test]
    fn older_evidence_does_not_replace_newer() {
        let now = Timestamp::from_milliseconds(0);
        let mut cache = FactCache::default();
        cache.remember(evidence(2), Source::Authority, now);
        cache.remember(evidence(1), Source::Replica, now);
        let remembered = cache.get(evidence(0).key).unwrap();
        assert_eq!((remembered.evidence.sequence, remembered.source), (2, Source::Authority));
    }

    #[test]
    fn only_the_recent_word_of_the_authority_supports_a_no() {
        #[track_caller]
        fn check(source: Source, age: i64, expected: bool) {
            let remembered =
                CachedEvidence { evidence: Rc::new(evidence(1)), source, learned: Timestamp::from_milliseconds(0) };
            assert_eq!(remembered.supports_no(Timestamp::from_milliseconds(age)), expected);
        }
        check(Source::Authority, 0, true);
        check(Source::Authority, 2_999, true);
        check(Source::Authority, 3_000, false);
        check(Source::Authority, -2_999, true);
        // The clock was set back.
        check(Source::Authority, -3_600_000, false);
        check(Source::Replica, 0, false);
    }

    #[test]
    fn the_memory_is_bounded() {
        let mut cache = FactCache::default();
        for number in 0..20_000u32 {
            let mut bytes = [0; 16];
            bytes[..4].copy_from_slice(&number.to_be_bytes());
            let key = EvidenceKey::Token(TokenId::from_bytes(bytes));
            cache.remember(Evidence { key, ..evidence(1) }, Source::Replica, Timestamp::from_milliseconds(0));
        }
        assert_eq!(cache.0.len(), CAPACITY.get());
    }
}
