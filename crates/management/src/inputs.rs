//! What each operation takes: defaults, bounds and cross-field rules as the clients know them.

pub use crate::families::identities::bodies::{identity_changes, identity_list, new_identity};
pub use crate::families::installation::bodies::bootstrap;
pub use crate::families::token_auth::bodies::{new_token_auth, token_auth_changes};
pub use crate::families::tokens::bodies::{possessed_token, token_list, token_name};
pub use crate::fields::{MAXIMUM_PAGE, Page};
