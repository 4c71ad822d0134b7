//! The management API, compatible with Infisical's: paths, bodies, statuses and messages.
//!
//! A call goes through two places. In the Worker, [`operation`] finds the route, the bearer is authenticated by the data
//! plane's pipeline, and the body is read. In the Directory object, [`handle`] authenticates the bearer again on the
//! newest facts, checks the input, runs the command in a transaction and writes the answer.
//!
//! Deliberate deviations from Infisical carry the word `DIFFERENCE` where they are made.

pub mod operation;

pub mod explain;
pub mod memberships;
pub mod project_roles;
pub mod projects;
pub mod roles;
pub mod route_delegations;
pub mod routes;
pub mod search;
pub mod search_answers;
pub mod universal_auth;

pub mod call;
pub mod error;
pub mod handle;
pub mod idempotency;
pub mod input;
pub mod inputs;
pub mod messages;
mod misplaced_fields;
pub mod oauth;
pub mod openapi;
pub mod possession;
pub mod preconditions;
pub mod rules;
pub mod settings;
pub mod status;
pub mod token_answers;
pub mod wire;

#[cfg(any(test, feature = "describe"))]
pub mod documentation;
#[cfg(test)]
mod escalation;
#[cfg(test)]
mod headers_everywhere;
#[cfg(test)]
mod hostile_everywhere;
#[cfg(test)]
mod list_sizes;
#[cfg(any(test, feature = "describe"))]
pub mod needs;
#[cfg(test)]
pub mod permission_matrix;
#[cfg(test)]
mod project_world;
#[cfg(test)]
pub mod test_world;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod worst_case;
