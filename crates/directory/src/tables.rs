//! The tables: one file for each, and in it what a row is.
//!
//! **Owns** which columns a row has, how values are stored in them, and look-ups by them.
//!
//! **Does not own** who may do what: a table knows no actor, no permission and no command.

pub mod column;
pub mod custom_role;
pub mod record;

pub mod access_tokens;
pub mod client_secrets;
pub mod environments;
pub mod identities;
pub mod identity_metadata;
pub mod organization_memberships;
pub mod organization_roles;
pub mod organizations;
pub mod project_membership_roles;
pub mod project_memberships;
pub mod project_roles;
pub mod projects;
pub mod route_delegations;
pub mod routes;
pub mod token_auth_configurations;
pub mod universal_auth_configurations;
