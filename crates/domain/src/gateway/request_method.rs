//! The methods that a proxied request may have, and the action that each needs.

use crate::permission::ability::Action;

/// A method. The gateway sends no other one on: it answers `OPTIONS` without an identity, and `TRACE` and `CONNECT`
/// never.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RequestMethod {
    Get,
    Head,
    Post,
    Put,
    Patch,
    Delete,
}

impl RequestMethod {
    pub const ALL: [Self; 6] = [Self::Get, Self::Head, Self::Post, Self::Put, Self::Patch, Self::Delete];

    /// The method with this name. Methods are case-sensitive (RFC 9110 §9.1).
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
    }

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// The action on `requests` that a role must allow.
    pub const fn action(self) -> Action {
        match self {
            Self::Get | Self::Head => Action::Read,
            Self::Post => Action::Create,
            Self::Put | Self::Patch => Action::Edit,
            Self::Delete => Action::Delete,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_method_needs_one_action() {
        #[track_caller]
        fn check(name: &str, expected: Option<&str>) {
            assert_eq!(RequestMethod::parse(name).map(|method| method.action().name()), expected, "{name}");
        }
        check("GET", Some("read"));
        check("HEAD", Some("read"));
        check("POST", Some("create"));
        check("PUT", Some("edit"));
        check("PATCH", Some("edit"));
        check("DELETE", Some("delete"));
        for unknown in ["get", "OPTIONS", "TRACE", "CONNECT", "", "GET ", "PROPFIND"] {
            check(unknown, None);
        }
    }
}
