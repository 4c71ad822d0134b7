//! What bootstrap takes.

use crate::body::body;
use domain::value::names::Name;

body! {
    /// What bootstrap takes. `email` and `password` may be sent and are ignored: there are no human users.
    // DIFFERENCE: Infisical needs both.
    pub BootstrapRequest -> Name {
        /// The name of the organization.
        organization: Name = "Admin Org",
    } => |_reader| Some(organization);
}
