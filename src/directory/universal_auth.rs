//! Universal Auth: its configuration, client secrets and logins.

/// Why a command about this was not carried out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum UniversalAuthError {}
