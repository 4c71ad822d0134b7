//! The messages by which the Worker has a command carried out. Everything that may ask a Directory without one is in
//! [`protocol::messages`].

use serde::{Deserialize, Serialize};

use crate::call::ManagementCall;
use crate::oauth::call::OAuthCall;

/// A header of the Directory's answer to a call, for the Worker alone: the bearer's token has no limit, and this call counts
/// as a use of it.
pub const COUNTS_AS_USE: &str = "token-auth-counts-as-use";

/// What the Worker has the Directory do. The answer is the API's own response.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "request")]
pub enum DirectoryCommand {
    Manage { call: Box<ManagementCall> },
    /// An OAuth endpoint asks; see [`OAuthCall`].
    #[serde(rename = "oauth")]
    OAuth {
        /// What.
        call: Box<OAuthCall>,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oauth::call::OAuthAction;

    #[test]
    fn directory_command_format_unchanged() {
        let nothing = OAuthAction::Revoke { client_credentials: None, token: None };
        let call = OAuthCall { action: nothing, client: None, request_id: "req-1".to_owned() };
        let command = DirectoryCommand::OAuth { call: Box::new(call) };
        let expected = r#"{"request":"oauth","call":{"action":{"revoke":{"clientCredentials":null,"token":null}},"client":null,"requestId":"req-1"}}"#;
        assert_eq!(serde_json::to_string(&command).unwrap(), expected);
        assert_eq!(serde_json::from_str::<DirectoryCommand>(expected).unwrap(), command);
    }
}
