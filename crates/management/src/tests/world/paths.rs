//! Paths of the API, and texts that lead nowhere.

pub fn identity_path(identity: &str) -> String {
    format!("/api/v1/identities/{identity}")
}

pub fn token_auth_path(identity: &str) -> String {
    format!("/api/v1/auth/token-auth/identities/{identity}")
}

pub fn tokens_path(identity: &str) -> String {
    format!("{}/tokens", token_auth_path(identity))
}

pub fn token_path(token: &str) -> String {
    format!("/api/v1/auth/token-auth/tokens/{token}")
}

pub fn revoke_path(token: &str) -> String {
    format!("{}/revoke", token_path(token))
}

/// Texts that name nothing where an identifier is expected.
pub const ODD_IDS: [&str; 9] = [
    "x",
    "00000000-0000-4000-8000-000000000000",
    "00000000000040008000000000000000",
    "%00",
    "..",
    "'%20or%20''='",
    "{00000000-0000-4000-8000-000000000000}",
    "00000000-0000-4000-8000-00000000000é",
    "undefined",
];
