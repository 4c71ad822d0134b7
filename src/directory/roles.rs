//! Organization roles: create, change, delete, look up.

/// Why a command about this was not carried out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RolesError {}
