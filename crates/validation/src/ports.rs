//! What the data plane needs from the world.

use std::num::NonZeroU64;

use domain::token::evidence::{Changes, Evidence, EvidenceKey};
use domain::token::uses::Consumption;
use domain::value::identifiers::{AttemptId, TokenId};
use domain::value::timestamp::Timestamp;

/// Something the verdict depends on could not be reached in time. The verdict is then unknown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unavailable {
    /// The replica (KV).
    Replica,
    /// The authority (the Directory object).
    Authority,
    /// The counter of uses (a UseCounter object).
    Counter,
}

impl Unavailable {
    /// The stable machine-readable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Replica => "replica_unavailable",
            Self::Authority => "authority_unavailable",
            Self::Counter => "counter_unavailable",
        }
    }
}

/// Whether the authority should put a key into the replica again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Repair {
    /// The replica had nothing usable.
    Wanted,
    /// The replica was not the reason for asking.
    NotWanted,
}

/// The sources of evidence and the counter. Every call has a deadline of its own: it answers or fails, it never hangs.
#[allow(async_fn_in_trait, reason = "the runtime is single-threaded: no future here needs to be Send")]
pub trait Ports {
    /// The sealed record that the replica holds for `key`, whoever wrote it.
    async fn replica(&self, key: EvidenceKey) -> Result<Option<String>, Unavailable>;

    /// What the authority knows of `key` now.
    async fn resolve(&self, key: EvidenceKey, repair: Repair) -> Result<Evidence, Unavailable>;

    /// What changed since the change numbered `since`.
    async fn changes(&self, since: u64) -> Result<Changes, Unavailable>;

    /// Consumes one use of a token, or says that none is left. The same `attempt` consumes at most one.
    async fn consume(
        &self,
        token: TokenId,
        limit: NonZeroU64,
        attempt: AttemptId,
        now: Timestamp,
    ) -> Result<Consumption, Unavailable>;

    /// How often a token has been used. Consumes nothing.
    async fn uses(&self, token: TokenId) -> Result<u64, Unavailable>;
}
