//! The management API from the outside: a call goes in, a response comes out, and a real SQLite stands behind it.
//!
//! There is a file for each resource. Every refusal here also proves that nothing changed: [`world::Reply::refused`]
//! and [`world::Reply::issues`] compare the whole database with what it was before the call.

mod bodies;
mod bootstrap;
mod caller;
pub mod calls;
mod console;
mod errors;
mod escalation;
mod explain;
mod givable_roles;
mod headers_everywhere;
mod hostile_everywhere;
mod idempotency;
mod identities;
mod journal;
mod list_sizes;
mod memberships;
mod misplaced_fields;
mod oauth;
mod organization_roles;
mod permission_matrix;
mod permissions;
mod preconditions;
mod project_roles;
mod projects;
mod rehearsal;
mod renewal;
mod route_delegations;
mod routes;
mod search;
mod status;
mod token_auth;
mod tokens;
mod universal_auth;
mod world;
pub mod worst_case;
