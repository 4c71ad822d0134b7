//! The evidence that one request rests on.
//!
//! While one request waits for an answer, other requests learn, and commands change things. If that voided what this
//! one has found, a stream of changes could keep it asking for ever, although everybody answers. So a request keeps to
//! its end the evidence that it found by a view that was fresh enough for it, or asked the authority for itself. That
//! evidence reflects every change that the request must see; later changes concern later requests.

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
