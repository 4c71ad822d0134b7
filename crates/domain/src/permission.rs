//! What a caller may do, and what it may give to others.

pub mod ability;
pub mod condition;
pub mod glob;
pub mod granting;
pub mod held_roles;
pub mod last_administrator;
pub mod operation;
pub mod organization_role;
pub mod privilege_boundary;
pub mod project_role;
pub mod role_change;
pub mod role_slug;
pub mod rule_subject;
pub mod temporary_access;
