//! What the document says of the installation.

use super::Installation;
use super::bodies::BootstrapRequest;
use super::views::BootstrapAnswer;
use crate::openapi::describe::{Description, Tag};

/// What the document says of an endpoint.
pub fn description(endpoint: Installation) -> Description {
    match endpoint {
        Installation::AdminBootstrap => Description::new::<BootstrapAnswer<'_>>(
            Tag::Instance,
            "Create the first organization and its administrator",
        )
        .details("Works once. The answer is the only one that shows the administrator's token.")
        .takes::<BootstrapRequest>(),
    }
}
