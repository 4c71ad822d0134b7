//! How one can sign in where the console is called. The Worker answers it.

use super::views::SignInOptionsAnswer;
use crate::endpoint::endpoints;
use domain::network::console_site::{ConsoleSite, NoConsoleHere};
use protocol::response::ApiResponse;
use protocol::settings::Settings;

endpoints! {
    /// The ways to sign in.
    SignInOptions {
        GetConsoleSignInOptions [GET "/api/v1/console/sign-in-options"];
    }
}

/// How one can sign in at a site.
pub fn response(settings: &Settings, site: Result<ConsoleSite, NoConsoleHere>, request_id: &str) -> ApiResponse {
    ApiResponse::json(200, request_id, &SignInOptionsAnswer::new(settings.access.is_some(), site))
}
