//! Identifiers, one type for each kind of thing, so that one kind cannot be passed for another.

use std::fmt;

use uuid::{Builder, Uuid};

macro_rules! identifier {
    ($(#[$documentation:meta])* $name:ident) => {
        $(#[$documentation])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// Makes a version 4 UUID (RFC 9562 §5.4) of 16 random bytes.
            pub fn from_random(bytes: [u8; 16]) -> Self {
                Self(Builder::from_random_bytes(bytes).into_uuid())
            }

            /// The identifier with exactly these bytes.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// Reads the hyphenated form, in either case. Any other form names nothing: `None`.
            pub fn parse(text: &str) -> Option<Self> {
                if text.len() != 36 {
                    return None;
                }
                Uuid::try_parse(text).ok().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(formatter)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, concat!(stringify!($name), "({})"), self.0.as_hyphenated())
            }
        }
    };
}

identifier! {
    /// One installation of the authority. A replica record or a cached fact of another installation proves nothing here.
    DirectoryId
}
identifier! {
    OrganizationId
}
identifier! {
    /// A machine identity.
    IdentityId
}
identifier! {
    /// The membership that gives an identity its role in the organization.
    OrganizationMembershipId
}
identifier! {
    MetadataId
}
identifier! {
    /// One attachment of an authentication method to an identity. Attaching again makes another one, so that tokens
    /// of the former attachment stay dead.
    AuthMethodConfigurationId
}
identifier! {
    /// A client secret of Universal Auth.
    ClientSecretId
}
identifier! {
    /// The client id that an identity logs in with.
    ClientId
}
identifier! {
    /// A custom role, of an organization or of a project.
    RoleId
}
identifier! {
    ProjectId
}
identifier! {
    /// An environment of a project.
    EnvironmentId
}
identifier! {
    /// The membership of an identity in a project.
    ProjectMembershipId
}
identifier! {
    /// One role of a membership in a project.
    RoleGrantId
}
identifier! {
    /// A protected route of a project.
    RouteId
}
identifier! {
    /// What the organization lets a project have routes for.
    RouteDelegationId
}
identifier! {
    /// An access token. It is public: it stands inside the token, in lists, in logs and in the audit log.
    TokenId
}
identifier! {
    /// A session of an operator in the console.
    ConsoleSessionId
}
identifier! {
    /// One attempt to consume a use. The same attempt, sent again, consumes nothing more.
    AttemptId
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_hyphenated_form_names_something() {
        #[track_caller]
        fn check(text: &str, expected: bool) {
            assert_eq!(IdentityId::parse(text).is_some(), expected, "{text:?}");
        }
        check("c0ffee00-0000-4000-8000-000000000001", true);
        check("C0FFEE00-0000-4000-8000-000000000001", true);
        check("c0ffee00000040008000000000000001", false);
        check("{c0ffee00-0000-4000-8000-000000000001}", false);
        check("c0ffee00-0000-4000-8000-00000000000g", false);
        check("", false);
        check("'; drop table identities; --", false);
    }

    #[test]
    fn a_random_identifier_says_that_it_is_of_version_4() {
        let text = IdentityId::from_random([0xff; 16]).to_string();
        assert_eq!(text, "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }
}
