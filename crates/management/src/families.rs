//! The families of operations: one file each with its endpoints and what runs them, and beside it what its bodies are
//! (`bodies`) and what it answers (`views`).

pub mod explain;
pub mod memberships;
pub mod project_roles;
pub mod projects;
pub mod roles;
pub mod route_delegations;
pub mod routes;
pub mod search;
pub mod universal_auth;
