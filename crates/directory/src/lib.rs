//! The control plane: the only authority over identities, configurations and tokens.
//!
//! **Owns** the commands and queries over SQLite, the schema and its migrations, the audit log, the change feed and the
//! outbox that feeds the replica.
//!
//! **Does not own** rules (those are in [`domain`]), HTTP shapes, or the runtime: it sees a database only
//! through the small [`Sql`](sql::Sql) trait, which the Durable Object's SQLite and a native SQLite both implement.
//!
//! **Invariants**
//! * A command is one synchronous transaction: state, audit row, change row and outbox row commit together or not at all.
//! * Whatever a caller names by its id is looked up together with the caller's organization first, so that another
//!   organization's data is not found.
//! * No plaintext of a secret is ever passed to a statement.

pub mod caller;
pub mod context;
pub mod error;

pub mod access_subjects;
pub mod bootstrap;
pub mod console_sessions;
pub mod identities;
pub mod identity_search;
pub mod introspection;
pub mod renewal;
pub mod revocation;
pub mod sign_in_codes;
pub mod token_auth;
pub mod tokens;

pub mod environments;
pub mod explanation;
pub mod givable_roles;
pub mod memberships;
pub mod organization_roles;
pub mod project_access;
pub mod project_roles;
pub mod projects;
pub mod route_delegations;
pub mod routes;
pub mod universal_auth;

pub mod audit;
pub mod change_feed;
pub mod evidence;
pub mod idempotency;
pub mod journal;
pub mod outbox;
pub mod outcome;
pub mod policy;
pub mod rule_json;
pub mod usage;
pub mod use_counter;

pub mod schema;
pub mod sql;
pub mod tables;

#[cfg(any(test, feature = "test-support"))]
pub mod test_support;
