//! Who the caller is, as headers: for reverse proxies, for origins and for whoever asks `/validate`.
//!
//! **Invariant**: every header is always there, empty when its value is not known. A proxy would pass the client's own
//! value on where ours is missing.

use domain::gateway::proxied_request::Authorized;
use domain::permission::role_slug::RoleSlug;
use validation::pipeline::Admitted;

/// The headers. `authorized` is the place of the request behind a route, if it has one.
pub fn identity_headers(admitted: &Admitted, authorized: Option<&Authorized>) -> [(&'static str, String); 6] {
    let (token, identity) = (&admitted.token, &admitted.identity);
    let roles = authorized.map(|place| place.roles.iter().map(RoleSlug::as_str).collect::<Vec<_>>().join(","));
    [
        ("token-auth-identity-id", identity.id.to_string()),
        ("token-auth-identity-name", header_text(&identity.name)),
        ("token-auth-token-id", token.id.to_string()),
        ("token-auth-role", identity.role.to_string()),
        ("token-auth-project", authorized.map(|place| place.project_slug.clone()).unwrap_or_default()),
        ("token-auth-project-roles", roles.unwrap_or_default()),
    ]
}

/// A text that may stand in a header: visible ASCII and inner spaces stay, every other byte and `%` are percent-encoded.
pub fn header_text(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' '..=b'~' if byte != b'%' => value.push(char::from(byte)),
            _ => value.push_str(&format!("%{byte:02X}")),
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_break_out_of_its_header() {
        assert_eq!(header_text("build server"), "build server");
        assert_eq!(header_text("a\r\nb: c%é"), "a%0D%0Ab: c%25%C3%A9");
    }
}
