//! The management API, compatible with Infisical's: paths, bodies, statuses and messages.
//!
//! A call goes through two places. In the Worker, [`router`] finds the endpoint, the bearer is authenticated by the data
//! plane's pipeline, and the body is read. In the Directory object, [`handle`] authenticates the bearer again on the
//! newest facts, checks the input, runs the command in a transaction and writes the answer.
//!
//! Deliberate deviations from Infisical carry the word `DIFFERENCE` where they are made.

mod body;
pub mod endpoint;
pub mod families;
mod fields;

pub mod answer_error;
pub mod call;
pub mod credentials;
pub mod error;
pub mod handle;
pub mod idempotency;
pub mod input;
pub mod issue;
pub mod messages;
mod misplaced_fields;
mod missing_permission;
pub mod oauth;
pub mod openapi;
pub mod possession;
pub mod preconditions;
pub mod request;
pub mod router;
pub mod rules;
pub mod settings;
pub mod status;
pub mod surface;

#[cfg(test)]
mod tests;
