//! What bootstrap takes.

use serde_json::Value;

use crate::body::{Circumstances, body, read};
use crate::error::ManagementError;
use domain::value::names::Name;

body! {
    /// What bootstrap takes. `email` and `password` may be sent and are ignored: there are no human users.
    // DIFFERENCE: Infisical needs both.
    pub BootstrapRequest -> Name {
        /// The name of the organization.
        organization: Name = "Admin Org",
    } => |_reader| Some(organization);
}

/// The name of the organization to bootstrap.
pub fn bootstrap(body: &Value) -> Result<Name, ManagementError> {
    read::<BootstrapRequest>(body, Circumstances::ANY)
}
