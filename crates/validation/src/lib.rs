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
//! * What is cached is facts, never decisions.
//! * Never yes on evidence older than the bound; never no on evidence that is not the authority's newest word, unless
//!   the no is final. What cannot be known is an error, not a no.

pub mod pipeline;

pub mod change_view;
pub mod damped_callers;
pub mod fact_cache;
pub mod grounds;
pub mod ports;
pub mod record;
pub mod usage_tally;
