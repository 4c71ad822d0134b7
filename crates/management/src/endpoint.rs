//! The endpoints of the management API: method, path, operation, and who answers to whom.
//!
//! Each family lists its own with [`endpoints!`], which makes the enumeration that the family's `run` matches, so that an
//! endpoint is of one family and every one of them is run. Paths have no trailing slash; a request may have one.

use std::sync::OnceLock;

use matchit::Router;

use crate::families::console::options::{self, SignInOptions};
use crate::families::{self, DirectoryEndpoint};
use crate::openapi::{self, Documentation};
use crate::status::{self, Status};
use domain::permission::operation::Operation;

/// What a caller must show.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Authentication {
    /// `AUTH_SECRET` as bearer. DIFFERENCE: Infisical gives the instance to whoever calls first.
    AuthSecret,
    /// An access token as bearer, or a session in the console.
    AccessToken,
    /// An access token in the body: possession suffices, and a bearer is ignored.
    PossessedToken,
    /// A client id and a client secret in the body; a bearer is ignored.
    ClientCredentials,
    /// An access token or a sign-in code in the body, sent by the console; a bearer is ignored.
    ConsoleSignIn,
    /// What Cloudflare Access says of whom it has let through, in a request of the console; a bearer is ignored.
    CloudflareAccess,
    /// A session in the console.
    ConsoleSession,
}

impl Authentication {
    /// Whether the caller shows something that could be guessed, and nothing that has been checked before.
    pub const fn invites_guesses(self) -> bool {
        match self {
            Self::AuthSecret
            | Self::PossessedToken
            | Self::ClientCredentials
            | Self::ConsoleSignIn
            | Self::CloudflareAccess => true,
            Self::AccessToken | Self::ConsoleSession => false,
        }
    }
}

/// What the Worker answers itself. The caller shows nothing. DIFFERENCE: Infisical examines a bearer even here, and
/// consumes a use of it; here it is ignored.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum WorkerEndpoint {
    Status(Status),
    Documentation(Documentation),
    SignInOptions(SignInOptions),
}

/// Who answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Handler {
    /// The Worker, to everybody.
    Worker(WorkerEndpoint),
    /// The Directory, to callers that show this.
    Directory(DirectoryEndpoint, Authentication),
}

/// What is in a body besides what authenticates the caller, and so whether it may leave the Worker.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Body {
    /// No secret: the Directory reads it.
    Plain,
    /// A question in which a token may stand: the Worker reads it, and passes on a question without the secret.
    Question,
}

/// One method on one path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Endpoint {
    pub method: &'static str,
    /// With `:name` for a parameter.
    pub path: &'static str,
    /// What it is to the authority, whichever path leads to it.
    pub operation: Operation,
    pub handler: Handler,
}

impl Endpoint {
    /// What the caller must show; `None` is nothing.
    pub const fn authentication(&self) -> Option<Authentication> {
        match self.handler {
            Handler::Worker(_) => None,
            Handler::Directory(_, authentication) => Some(authentication),
        }
    }

    /// Its id in the document.
    #[cfg(any(test, feature = "describe"))]
    pub fn id(&self) -> String {
        let name = match self.handler {
            Handler::Worker(WorkerEndpoint::Status(endpoint)) => endpoint.name(),
            Handler::Worker(WorkerEndpoint::Documentation(endpoint)) => endpoint.name(),
            Handler::Worker(WorkerEndpoint::SignInOptions(endpoint)) => endpoint.name(),
            Handler::Directory(family, _) => family.name(),
        };
        let (first, rest) = name.split_at(1);
        first.to_ascii_lowercase() + rest
    }
}

/// Lists the endpoints of a family: `Variant(shapes) of Operation by Authentication [METHOD "path" (shapes), …];`. It makes
/// the family's enumeration, which its `run` matches, and its `ENDPOINTS`. Without `of` the variant is named as its
/// operation; without shapes all paths of a variant do the same.
macro_rules! endpoints {
    ($(#[$about:meta])* $family:ident {
        $($variant:ident $(($($shape:ty),+))? $(of $operation:ident)? $(by $authentication:ident)? [
            $($method:ident $path:tt $(($($argument:expr),+))?),+ $(,)?
        ];)+
    }) => {
        $(#[$about])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum $family {
            $($variant $(($($shape),+))?,)+
        }

        /// The endpoints.
        pub const ENDPOINTS: &[$crate::endpoint::Endpoint] = &[$($({
            let endpoint = $family::$variant $(($($argument),+))?;
            $crate::endpoint::Endpoint {
                method: stringify!($method),
                path: $path,
                operation: endpoint.operation(),
                handler: endpoint.handler(),
            }
        }),+),+];

        impl $family {
            /// What it is to the authority.
            pub const fn operation(self) -> ::domain::permission::operation::Operation {
                match self {
                    $(Self::$variant { .. } => $crate::endpoint::endpoints!(@operation $variant $($operation)?),)+
                }
            }

            /// Who answers.
            pub const fn handler(self) -> $crate::endpoint::Handler {
                match self {
                    $(Self::$variant { .. } => {
                        $crate::endpoint::endpoints!(@handler $family (self) $($authentication)?)
                    })+
                }
            }

            /// What the document calls it: as the operation, unless the path asks for something of its own.
            #[cfg(any(test, feature = "describe"))]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant { .. } => stringify!($variant),)+
                }
            }
        }
    };
    (@operation $variant:ident) => {
        ::domain::permission::operation::Operation::$variant
    };
    (@operation $variant:ident $operation:ident) => {
        ::domain::permission::operation::Operation::$operation
    };
    (@handler $family:ident ($endpoint:expr)) => {
        $crate::endpoint::Handler::Worker($crate::endpoint::WorkerEndpoint::$family($endpoint))
    };
    (@handler $family:ident ($endpoint:expr) $authentication:ident) => {
        $crate::endpoint::Handler::Directory(
            $crate::families::DirectoryEndpoint::$family($endpoint),
            $crate::endpoint::Authentication::$authentication,
        )
    };
}
pub(crate) use endpoints;

/// Every endpoint.
pub fn all() -> impl Iterator<Item = &'static Endpoint> {
    [status::ENDPOINTS, openapi::ENDPOINTS, options::ENDPOINTS]
        .into_iter()
        .chain(families::ENDPOINTS.iter().copied())
        .flatten()
}

/// The endpoint of a request, and what its path says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Matched {
    pub endpoint: &'static Endpoint,
    parameters: Vec<(String, String)>,
}

impl Matched {
    /// The text that stood in the path at this parameter; empty when the path has none of this name.
    pub fn parameter(&self, name: &str) -> &str {
        self.parameters.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
    }
}

/// The endpoint of a request; `None` when there is none. The path is matched as it was sent, without decoding.
pub fn find(method: &str, path: &str) -> Option<Matched> {
    let path = match path.strip_suffix('/') {
        Some(shorter) if !shorter.is_empty() => shorter,
        Some(_) | None => path,
    };
    let found = router().at(path).ok()?;
    let endpoint = found.value.iter().find(|endpoint| endpoint.method == method)?;
    Some(Matched {
        endpoint,
        parameters: found.params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
    })
}

/// For each path its endpoints, one for each method.
fn router() -> &'static Router<Vec<&'static Endpoint>> {
    static ROUTER: OnceLock<Router<Vec<&'static Endpoint>>> = OnceLock::new();
    ROUTER.get_or_init(|| {
        let mut router = Router::new();
        for endpoint in all() {
            let of_this_path = all().filter(|other| other.path == endpoint.path).collect();
            // A path with several methods is inserted once; the router refuses the others, which changes nothing.
            let _ = router.insert(endpoint.path, of_this_path);
        }
        router
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_endpoint_of_the_table_is_found() {
        for endpoint in all() {
            let path = endpoint.path.replace(":identityId", "abc").replace(":tokenId", "xyz");
            let matched = find(endpoint.method, &path).unwrap_or_else(|| panic!("{} {path}", endpoint.method));
            assert_eq!(matched.endpoint, endpoint);
            if endpoint.path.contains(":identityId") {
                assert_eq!(matched.parameter("identityId"), "abc");
            }
            if endpoint.path.contains(":tokenId") {
                assert_eq!(matched.parameter("tokenId"), "xyz");
            }
        }
    }

    #[test]
    fn every_operation_has_an_endpoint_but_those_of_oauth_and_what_a_login_leaves_behind() {
        let reached: BTreeSet<Operation> = all().map(|endpoint| endpoint.operation).collect();
        let elsewhere =
            [Operation::Introspect, Operation::LockUniversalAuth, Operation::RetireUniversalAuthClientSecret];
        let expected: BTreeSet<Operation> =
            Operation::ALL.iter().copied().filter(|operation| !elsewhere.contains(operation)).collect();
        assert_eq!(reached, expected);
    }

    #[test]
    fn one_trailing_slash_is_ignored_and_anything_else_is_another_path() {
        #[track_caller]
        fn check(method: &str, path: &str, expected: Option<Operation>) {
            assert_eq!(find(method, path).map(|matched| matched.endpoint.operation), expected, "{method} {path}");
        }
        check("POST", "/api/v1/identities/", Some(Operation::CreateIdentity));
        check("POST", "/api/v1/identities//", None);
        check("GET", "/api/v1/identities/details", Some(Operation::GetIdentityDetails));
        check("GET", "/api/v1/identities/%64etails", Some(Operation::GetIdentity));
        check("PUT", "/api/v1/identities", None);
        check("get", "/api/v1/identities", None);
        check("GET", "/API/v1/identities", None);
        check("GET", "/", None);
        check("GET", "", None);
        // Identities that belong to one project alone, and organizations below another, do not exist here.
        for (method, path) in [
            ("POST", "/api/v1/projects/p/identities"),
            ("GET", "/api/v1/projects/p/identities"),
            ("GET", "/api/v1/projects/p/identities/i"),
            ("PATCH", "/api/v1/projects/p/identities/i"),
            ("DELETE", "/api/v1/projects/p/identities/i"),
            ("GET", "/api/v1/organization/available-identities"),
        ] {
            check(method, path, None);
        }
    }
}
