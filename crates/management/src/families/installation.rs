//! The installation: bootstrap.

pub mod bodies;
#[cfg(any(test, feature = "describe"))]
pub mod documentation;
pub mod views;

use crate::endpoint::endpoints;
use crate::error::ManagementError;
use crate::families::installation::bodies::BootstrapRequest;
use crate::families::installation::views::BootstrapAnswer;
use crate::request::Request;
use directory::bootstrap;
use directory::context::Context;
use protocol::response::ApiResponse;

endpoints! {
    /// The endpoints of the installation.
    Installation {
        AdminBootstrap by AuthSecret [POST "/api/v1/admin/bootstrap"];
    }
}

pub fn run(
    context: &mut Context<'_>,
    request: &Request<'_>,
    endpoint: Installation,
) -> Result<ApiResponse, ManagementError> {
    match endpoint {
        Installation::AdminBootstrap => {
            let organization = request.body::<BootstrapRequest>()?;
            let made = bootstrap::bootstrap(context, &organization)?;
            Ok(request.ok(&BootstrapAnswer::from(&made)))
        }
    }
}
