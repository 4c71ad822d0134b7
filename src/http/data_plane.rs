//! What the data plane answers: who the bearer is, or an RFC 9457 problem.

pub mod accepted;
pub mod error;
