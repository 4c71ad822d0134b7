//! Which endpoint a request is for.

use std::sync::OnceLock;

use matchit::Router;

use crate::endpoint::{Authentication, Endpoint};
use crate::families::console::options::{self, SignInOptions};
use crate::families::{self, DirectoryEndpoint};
use crate::openapi::{self, Documentation};
use crate::request::Parameters;
use crate::status::{self, Status};
#[cfg(test)]
use domain::permission::operation::Operation;

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

/// An endpoint with who answers it.
pub type RoutedEndpoint = Endpoint<Handler>;

impl RoutedEndpoint {
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

/// Every endpoint.
pub fn all() -> impl Iterator<Item = &'static RoutedEndpoint> {
    static ALL: OnceLock<Vec<RoutedEndpoint>> = OnceLock::new();
    let all = ALL.get_or_init(|| {
        let worker = |endpoint| Handler::Worker(endpoint);
        let status = status::ENDPOINTS.iter().map(|one| one.map(|one| worker(WorkerEndpoint::Status(one))));
        let documentation =
            openapi::ENDPOINTS.iter().map(|one| one.map(|one| worker(WorkerEndpoint::Documentation(one))));
        let options = options::ENDPOINTS.iter().map(|one| one.map(|one| worker(WorkerEndpoint::SignInOptions(one))));
        let directory = families::endpoints().into_iter();
        let directory = directory.map(|one| one.map(|(family, shown)| Handler::Directory(family, shown)));
        status.chain(documentation).chain(options).chain(directory).collect()
    });
    all.iter()
}

/// The endpoint of a request, and what its path says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Matched {
    pub endpoint: &'static RoutedEndpoint,
    pub parameters: Parameters,
}

impl Matched {
    /// The text that stood in the path at this parameter; empty when the path has none of this name.
    pub fn parameter(&self, name: &str) -> &str {
        self.parameters.get(name)
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
        parameters: Parameters(found.params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()),
    })
}

/// For each path its endpoints, one for each method.
fn router() -> &'static Router<Vec<&'static RoutedEndpoint>> {
    static ROUTER: OnceLock<Router<Vec<&'static RoutedEndpoint>>> = OnceLock::new();
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
