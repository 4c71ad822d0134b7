//! Delegations: which project may have routes for which requests.
//!
//! The organization gives a project a host, or every host, below a prefix. When a request lies in several delegations,
//! the most specific one wins: an exact host before every host, then the longest prefix. It takes its space from the
//! wider ones: the requests in it belong to its project, whether that project has a route there or not.
//!
//! Hosts and prefixes are compared without case here, encoded characters included, because many servers serve the same
//! at `/v1` and at `/V1`: otherwise another project could take over the other spelling.
//!
//! **Invariant**: a route counts only for requests whose most specific delegation is its project's. If it is not
//! certain to which project a request belongs, it belongs to none.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::gateway::request_path::RequestPath;
use crate::gateway::route::{PathPrefix, Route};
use crate::gateway::route_host::RouteHost;
use crate::value::identifiers::{ProjectId, RouteDelegationId};

/// The most delegations an organization may have. Each request looks through them.
pub const MAXIMUM_DELEGATIONS: usize = 512;

/// Requests to one host, or to every host, whose path begins with a prefix, in whatever case.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RouteSpace {
    host: Option<RouteHost>,
    path_prefix: PathPrefix,
    folded: String,
}

impl RouteSpace {
    /// The requests to this host, or to every host, below this prefix.
    pub fn new(host: Option<RouteHost>, path_prefix: PathPrefix) -> Self {
        let folded = fold(path_prefix.as_str()).into_owned();
        Self { host, path_prefix, folded }
    }

    /// The only host; `None` for every host.
    pub const fn host(&self) -> Option<&RouteHost> {
        self.host.as_ref()
    }

    /// The prefix, as it was written.
    pub const fn path_prefix(&self) -> &PathPrefix {
        &self.path_prefix
    }

    /// Whether both are the same requests.
    pub fn is_same(&self, other: &Self) -> bool {
        self.host == other.host && self.folded == other.folded
    }

    /// Whether every request of the other one lies in this one.
    pub fn contains(&self, other: &Self) -> bool {
        (self.host.is_none() || self.host == other.host) && self.begins(&other.folded)
    }

    fn begins(&self, folded_path: &str) -> bool {
        match folded_path.strip_prefix(self.folded.as_str()) {
            Some(rest) => self.folded == "/" || rest.is_empty() || rest.starts_with('/'),
            None => false,
        }
    }

    /// The requests that lie in both.
    fn meet(&self, other: &Self) -> Option<Self> {
        let host = match (&self.host, &other.host) {
            (Some(one), Some(another)) if one != another => return None,
            (Some(host), _) | (None, Some(host)) => Some(host.clone()),
            (None, None) => None,
        };
        let narrower = match (self.begins(&other.folded), other.begins(&self.folded)) {
            (true, _) => other,
            (false, true) => self,
            (false, false) => return None,
        };
        Some(Self { host, ..narrower.clone() })
    }
}

/// The requests that a route is for, methods aside.
impl From<&Route> for RouteSpace {
    fn from(route: &Route) -> Self {
        Self::new(route.host.clone(), route.path_prefix.clone())
    }
}

/// A path without case. It has one percent-encoding only, so that two paths differ in case or in what they name.
fn fold(path: &str) -> Cow<'_, str> {
    if path.bytes().any(|byte| byte == b'%') {
        let mut decoded = Vec::with_capacity(path.len());
        let mut rest = path.as_bytes();
        while let Some((&byte, after)) = rest.split_first() {
            let encoded = if byte == b'%' { read_encoding(after) } else { None };
            let (byte, after) = encoded.unwrap_or((byte, after));
            decoded.push(byte);
            rest = after;
        }
        return Cow::Owned(without_case(&String::from_utf8_lossy(&decoded)));
    }
    if path.bytes().any(|byte| byte.is_ascii_uppercase() || !byte.is_ascii()) {
        return Cow::Owned(without_case(path));
    }
    Cow::Borrowed(path)
}

fn read_encoding(after: &[u8]) -> Option<(u8, &[u8])> {
    let (digits, rest) = after.split_first_chunk::<2>()?;
    let mut byte = [0];
    hex::decode_to_slice(digits, &mut byte).ok()?;
    let [byte] = byte;
    Some((byte, rest))
}

/// Up and then down, so that what only one of the two brings together is together as well.
fn without_case(text: &str) -> String {
    text.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RouteDelegation {
    pub id: RouteDelegationId,
    pub project: ProjectId,
    pub space: RouteSpace,
    /// Whether routes in it may send the access token to their origin.
    pub allow_keep_authorization: bool,
}

impl RouteDelegation {
    /// Whether it lets the route be for the requests that both are for.
    fn entitles(&self, route: &Route) -> bool {
        self.project == route.project && (self.allow_keep_authorization || !route.options.keep_authorization)
    }

    /// Where it stands when one is looked for: those that win first.
    pub fn precedence(&self) -> impl Ord + use<> {
        (self.space.host.is_none(), Reverse(self.space.folded.len()), self.id)
    }
}

/// No delegation of its project lets a route be where it is. What would.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NotDelegated {
    pub project: ProjectId,
    /// For which requests.
    pub space: RouteSpace,
    /// Whether it would have to let routes keep the header.
    pub allow_keep_authorization: bool,
}

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct OrganizationDelegations(Vec<RouteDelegation>);

impl OrganizationDelegations {
    /// Puts them into the order in which they win.
    pub fn new(mut delegations: Vec<RouteDelegation>) -> Self {
        delegations.sort_by_cached_key(RouteDelegation::precedence);
        Self(delegations)
    }

    /// Some, with ids of their own; of several that are for the same requests the first.
    #[cfg(any(test, feature = "test-support"))]
    #[allow(clippy::unwrap_used, reason = "for tests only")]
    pub fn for_tests(delegations: impl IntoIterator<Item = (ProjectId, RouteSpace, bool)>) -> Self {
        let mut made: Vec<RouteDelegation> = Vec::new();
        for (project, space, allow_keep_authorization) in delegations {
            if !made.iter().any(|other| other.space.is_same(&space)) {
                let id = RouteDelegationId::from_bytes([u8::try_from(made.len()).unwrap(); 16]);
                made.push(RouteDelegation { id, project, space, allow_keep_authorization });
            }
        }
        Self::new(made)
    }

    /// All of them, those that win first.
    pub fn all(&self) -> &[RouteDelegation] {
        &self.0
    }

    pub fn projects(&self) -> BTreeSet<ProjectId> {
        self.0.iter().map(|delegation| delegation.project).collect()
    }

    pub fn of_request(&self, host: &RouteHost, path: &RequestPath) -> Option<&RouteDelegation> {
        let folded = fold(path.as_str());
        let is_for = |space: &RouteSpace| space.host.as_ref().is_none_or(|only| only == host) && space.begins(&folded);
        self.0.iter().find(|delegation| is_for(&delegation.space))
    }

    /// The most specific one that all of these requests lie in.
    fn around(&self, space: &RouteSpace) -> Option<&RouteDelegation> {
        self.0.iter().find(|delegation| delegation.space.contains(space))
    }

    /// The one that is for exactly these requests.
    pub fn of_space(&self, space: &RouteSpace) -> Option<&RouteDelegation> {
        self.0.iter().find(|delegation| delegation.space.is_same(space))
    }

    /// The delegation that a route lies in. It must be its project's, although another project's may have been cut out of
    /// it further below.
    pub fn admit(&self, route: &Route) -> Result<&RouteDelegation, NotDelegated> {
        let space = RouteSpace::from(route);
        match self.around(&space) {
            Some(delegation) if delegation.entitles(route) => Ok(delegation),
            Some(_) | None => Err(NotDelegated {
                project: route.project,
                space,
                allow_keep_authorization: route.options.keep_authorization,
            }),
        }
    }

    /// Whether requests of a project would belong to another one if its delegations went.
    pub fn would_leave_requests_to_others(&self, project: ProjectId) -> bool {
        let wins_over = |own: &RouteDelegation, other: &RouteDelegation| {
            other.project != project && own.precedence() < other.precedence() && own.space.meet(&other.space).is_some()
        };
        let own = self.0.iter().filter(|delegation| delegation.project == project);
        own.into_iter().any(|own| self.0.iter().any(|other| wins_over(own, other)))
    }

    /// The routes that count now and would lose requests, all or some, to a new delegation.
    ///
    /// Requests are lost where it wins over a delegation that entitles the route, which is then the first of those that
    /// are around what the three have in common: it suffices to look there. There can be many routes, and each has few
    /// delegations of its own project.
    pub fn losers_with<'a>(&self, new: &RouteDelegation, routes: &'a [Route]) -> Vec<&'a Route> {
        let loses = |route: &&Route| {
            let shared = if new.entitles(route) { None } else { RouteSpace::from(*route).meet(&new.space) };
            let outdone = |one: &&RouteDelegation| one.entitles(route) && new.precedence() < one.precedence();
            shared.is_some_and(|shared| {
                let mut parts = self.0.iter().filter(outdone).filter_map(|one| one.space.meet(&shared));
                parts.any(|part| self.around(&part).as_ref().is_some_and(outdone))
            })
        };
        self.losing(routes, loses)
    }

    /// The routes that count now and would lose requests, all or some, if this delegation went.
    ///
    /// They are lost where it is the first around them, and the next is none, or one that does not entitle the route: it
    /// suffices to look at all that the route has in the delegation, and where each of the next ones begins.
    pub fn losers_without<'a>(&self, gone: &RouteDelegation, routes: &'a [Route]) -> Vec<&'a Route> {
        let loses = |route: &&Route| {
            let shared = if gone.entitles(route) { RouteSpace::from(*route).meet(&gone.space) } else { None };
            shared.is_some_and(|shared| {
                let next = self.0.iter().filter(|one| gone.precedence() < one.precedence() && !one.entitles(route));
                let parts = next.filter_map(|one| one.space.meet(&shared));
                std::iter::once(shared.clone()).chain(parts).any(|part| {
                    let mut around = self.0.iter().filter(|one| one.space.contains(&part));
                    around.next().is_some_and(|first| first.id == gone.id)
                        && !around.next().is_some_and(|next| next.entitles(route))
                })
            })
        };
        self.losing(routes, loses)
    }

    fn losing<'a>(&self, routes: &'a [Route], loses: impl Fn(&&Route) -> bool) -> Vec<&'a Route> {
        routes.iter().filter(|route| loses(route) && self.admit(route).is_ok()).collect()
    }
}

#[cfg(test)]
mod tests;
