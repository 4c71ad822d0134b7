//! The families of operations: one file each with its endpoints and what runs them, and beside it what its bodies are
//! (`bodies`) and what it answers (`views`).

pub mod console;
pub mod environments;
pub mod explain;
pub mod identities;
pub mod installation;
pub mod memberships;
pub mod project_roles;
pub mod projects;
pub mod roles;
pub mod route_delegations;
pub mod routes;
pub mod search;
pub mod token_auth;
pub mod tokens;
pub mod universal_auth;
