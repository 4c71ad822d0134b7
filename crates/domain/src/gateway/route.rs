//! Protected routes: which requests belong to which project, and which route a request takes.
//!
//! [`route_delegation`](crate::gateway::route_delegation) says to which project a request belongs. Among the routes of
//! that project, an exact host comes before no host; after that the longest prefix wins. A prefix ends at a segment:
//! `/api` is for `/api` and `/api/x`, not for `/apix`.

use std::collections::BTreeSet;
use std::fmt;

use crate::gateway::origin::Origin;
use crate::gateway::request_method::RequestMethod;
use crate::gateway::request_path::{AmbiguousPath, RequestPath};
use crate::gateway::route_host::RouteHost;
use crate::gateway::route_options::RouteOptions;
use crate::value::identifiers::{ProjectId, RouteId};

/// The most routes that a project may have. Each request of the organization looks through those of all of its projects
/// that have a delegation.
pub const MAXIMUM_ROUTES_OF_PROJECT: usize = 50;

/// The beginning of the paths that a route is for: `/`, or a path without a slash at its end.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PathPrefix(RequestPath);

impl PathPrefix {
    /// Checks a text. A slash at the end is dropped.
    pub fn parse(text: &str) -> Result<Self, AmbiguousPath> {
        // Before the slash is dropped: `//` does not mean `/`.
        // One prefix has one form, whatever the case of its percent-encodings.
        let path = RequestPath::parse(text)?;
        match path.as_str().strip_suffix('/') {
            Some(shorter) if !shorter.is_empty() => RequestPath::parse(shorter).map(Self),
            Some(_) | None => Ok(Self(path.canonical())),
        }
    }

    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    pub fn begins(&self, path: &RequestPath) -> bool {
        match path.as_str().strip_prefix(self.as_str()) {
            Some(below) => self.as_str() == "/" || below.is_empty() || below.starts_with('/'),
            None => false,
        }
    }
}

impl fmt::Display for PathPrefix {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RouteMethods {
    Every,
    /// These; never none.
    These(BTreeSet<RequestMethod>),
}

impl RouteMethods {
    /// Whether the route is for this method. A bearer that may `GET` may also ask for the head of the same answer.
    pub fn include(&self, method: RequestMethod) -> bool {
        match self {
            Self::Every => true,
            Self::These(methods) => {
                methods.contains(&method) || (method == RequestMethod::Head && methods.contains(&RequestMethod::Get))
            }
        }
    }

    fn overlap(&self, other: &Self) -> bool {
        RequestMethod::ALL.into_iter().any(|method| self.include(method) && other.include(method))
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Route {
    pub id: RouteId,
    /// The project whose roles decide.
    pub project: ProjectId,
    /// The only host it is for; `None` for every host.
    pub host: Option<RouteHost>,
    /// The beginning of the paths it is for.
    pub path_prefix: PathPrefix,
    pub methods: RouteMethods,
    /// Where the gateway sends its requests; `None` when a reverse proxy does that and only asks.
    pub origin: Option<Origin>,
    /// How the gateway sends them.
    pub options: RouteOptions,
}

impl Route {
    /// Whether the two cannot both exist: some request could take either. Between projects there is no such request,
    /// because each belongs to one project ([`route_delegation`](crate::gateway::route_delegation)).
    pub fn conflicts_with(&self, other: &Self) -> bool {
        self.project == other.project
            && self.host == other.host
            && self.path_prefix == other.path_prefix
            && self.methods.overlap(&other.methods)
    }

    /// Where the route stands among others when one is looked for: those that win first.
    pub fn precedence(&self) -> impl Ord + use<> {
        let length = self.path_prefix.as_str().len();
        (self.host.is_none(), std::cmp::Reverse(length), self.path_prefix.clone(), self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(project: u8, host: Option<&str>, prefix: &str, methods: &[RequestMethod]) -> Route {
        Route {
            id: RouteId::from_bytes([project; 16]),
            project: ProjectId::from_bytes([project; 16]),
            host: host.map(|host| RouteHost::parse(host).unwrap()),
            path_prefix: PathPrefix::parse(prefix).unwrap(),
            methods: if methods.is_empty() {
                RouteMethods::Every
            } else {
                RouteMethods::These(methods.iter().copied().collect())
            },
            origin: None,
            options: RouteOptions::default(),
        }
    }

    #[test]
    fn a_prefix_ends_at_a_segment() {
        #[track_caller]
        fn check(prefix: &str, path: &str, expected: bool) {
            let prefix = PathPrefix::parse(prefix).unwrap();
            assert_eq!(prefix.begins(&RequestPath::parse(path).unwrap()), expected, "{prefix} {path}");
        }
        check("/", "/", true);
        check("/", "/a/b", true);
        check("/api", "/api", true);
        check("/api", "/api/", true);
        check("/api/", "/api", true);
        check("/api", "/api/x/y", true);
        check("/api", "/apix", false);
        check("/api", "/API", false);
        check("/api", "/", false);
        check("/a%20b", "/a%20b/c", true);
        // The case of hexadecimal digits makes no difference.
        check("/caf%C3%A9", "/caf%c3%a9/%c3%a9", true);
        check("/caf%c3%a9/", "/caf%C3%A9/x", true);
    }

    #[test]
    fn a_prefix_has_one_form_whatever_the_case_of_its_percent_encodings() {
        let [lower, upper] = ["/caf%c3%a9", "/caf%C3%A9"].map(|text| PathPrefix::parse(text).unwrap());
        assert_eq!(lower, upper);
        assert_eq!(lower.to_string(), "/caf%C3%A9");
        let host = Some("a.example");
        assert!(route(1, host, "/caf%c3%a9", &[]).conflicts_with(&route(1, host, "/caf%C3%A9", &[])));
    }

    #[test]
    fn an_ambiguous_prefix_is_refused() {
        for text in ["", "api", "//", "/a//", "/a/../b", "/%2e", "/a;b"] {
            assert!(PathPrefix::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn get_brings_head_with_it() {
        let only = |method| RouteMethods::These(BTreeSet::from([method]));
        assert!(only(RequestMethod::Get).include(RequestMethod::Head));
        assert!(!only(RequestMethod::Head).include(RequestMethod::Get));
        assert!(!only(RequestMethod::Post).include(RequestMethod::Head));
        assert!(RouteMethods::Every.include(RequestMethod::Delete));
    }

    #[test]
    fn two_routes_that_could_claim_one_request_conflict() {
        #[track_caller]
        fn check(one: &Route, other: &Route, expected: bool) {
            assert_eq!(one.conflicts_with(other), expected);
            assert_eq!(other.conflicts_with(one), expected);
        }
        use RequestMethod::{Get, Head, Post};
        let (host, other) = (Some("a.example"), Some("b.example"));
        // In one project the longer prefix and the exact host win, so only equals conflict.
        check(&route(1, host, "/a", &[]), &route(1, host, "/a", &[]), true);
        check(&route(1, host, "/a", &[Get]), &route(1, host, "/a", &[Post]), false);
        check(&route(1, host, "/a", &[Get]), &route(1, host, "/a", &[Head]), true);
        check(&route(1, host, "/a", &[]), &route(1, host, "/a/b", &[]), false);
        check(&route(1, host, "/a", &[]), &route(1, None, "/a", &[]), false);
        check(&route(1, host, "/a", &[]), &route(1, other, "/a", &[]), false);
        // Between projects delegations decide.
        check(&route(1, host, "/a", &[]), &route(2, host, "/a", &[]), false);
        check(&route(1, host, "/a", &[]), &route(2, other, "/a", &[]), false);
    }

    #[test]
    fn an_exact_host_and_then_a_longer_prefix_come_first() {
        let mut routes = [
            route(1, None, "/a/b/c", &[]),
            route(2, Some("a.example"), "/", &[]),
            route(3, None, "/", &[]),
            route(4, Some("a.example"), "/a", &[]),
        ];
        routes.sort_by_key(Route::precedence);
        let order: Vec<u8> = routes.iter().map(|route| route.id.as_bytes()[0]).collect();
        assert_eq!(order, [4, 2, 1, 3]);
    }
}
