//! The data plane: may the bearer of this token do this, now?
//!
//! **Owns** the gathering of evidence (isolate cache, replica, authority), the bound on its age, and the order in which
//! sources are asked.
//!
//! **Does not own** the rules of the decision (those are in [`domain::decision`](domain::token::decision)), HTTP, or the
//! runtime, which it sees through the [`Ports`](ports::Ports) trait.
//!
//! **Invariants**
//! * Deciding is synchronous and gathering is not: [`Isolate::examine`](pipeline::Isolate::examine) answers at once or
//!   names the one thing it lacks.
//! * The cache holds facts, never decisions.
//! * The pipeline never accepts a token on evidence older than the bound, and never refuses one on evidence that is not
//!   the authority's newest word, unless the refusal is final. If it cannot find out, it returns an error, not a
//!   refusal.

pub mod pipeline;

pub mod change_view;
pub mod damped_callers;
pub mod fact_cache;
pub mod grounds;
pub mod ports;
pub mod record;
pub mod usage_tally;
