//! What one request rests on.
//!
//! Other requests go on learning while one waits for an answer, and commands go on changing things. If what they learn
//! voided what this one has found, a stream of changes could keep it asking for ever, although everybody answers. So what
//! a request has found once, by a view that was fresh enough for it, or has asked the authority for itself, counts for it
//! until its end: it reflects every change that it has to, and those that come later are later requests' business.

use crate::fact_cache::CachedEvidence;
use domain::token::evidence::EvidenceKey;

/// The evidence that a request rests on, one piece of each kind: its token, its identity, its policy.
#[derive(Clone, Debug)]
pub struct Grounds {
    commands: u64,
    token: Option<CachedEvidence>,
    identity: Option<CachedEvidence>,
    policy: Option<CachedEvidence>,
}

impl Grounds {
    /// Nothing yet, for a request that began when so many commands had gone through the isolate.
    pub const fn new(commands: u64) -> Self {
        Self { commands, token: None, identity: None, policy: None }
    }

    /// How many commands had gone through the isolate when the request began.
    pub const fn commands(&self) -> u64 {
        self.commands
    }

    /// What it rests on about `key`.
    pub fn get(&self, key: EvidenceKey) -> Option<&CachedEvidence> {
        let settled = match key {
            EvidenceKey::Token(_) => &self.token,
            EvidenceKey::Identity(_) => &self.identity,
            EvidenceKey::Policy(_) => &self.policy,
        };
        settled.as_ref().filter(|settled| settled.evidence.key == key)
    }

    /// From now on the request rests on this.
    pub fn settle(&mut self, remembered: CachedEvidence) {
        let settled = match remembered.evidence.key {
            EvidenceKey::Token(_) => &mut self.token,
            EvidenceKey::Identity(_) => &mut self.identity,
            EvidenceKey::Policy(_) => &mut self.policy,
        };
        *settled = Some(remembered);
    }
}
