//! Memberships of identities in projects.

/// Why a command about this was not carried out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum MembershipsError {}
