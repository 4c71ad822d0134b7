//! Projects and their environments.

/// Why a command about this was not carried out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ProjectsError {}
