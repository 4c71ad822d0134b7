//! Whether an identity may send a request to the origin behind a route.
//!
//! The checks, in order:
//!
//! 1. a delegation of the request's host and path names the project, and routes of that project are for them
//! 2. the identity is a member of that project
//! 3. one of those routes is for the method. An identity that is not a member does not learn the methods of the routes
//! 4. a role that the identity holds there now allows the method's action on the path: the whole path, so that a rule
//!    means the same whatever routes exist
//! 5. the route takes a WebSocket, if the request asks to become one

use std::rc::Rc;

use crate::gateway::policy::PolicyFacts;
use crate::gateway::request_method::RequestMethod;
use crate::gateway::request_path::RequestPath;
use crate::gateway::route::Route;
use crate::gateway::route_delegation::RouteDelegation;
use crate::gateway::route_host::RouteHost;
use crate::gateway::web_socket_handshake::WebSocketHandshake;
use crate::permission::ability::{Ability, Permission, Subject};
use crate::permission::role_slug::RoleSlug;
use crate::token::facts::{HeldProjectRole, IdentityFacts, ProjectMembershipFacts};
use crate::value::identifiers::ProjectId;
use crate::value::timestamp::Timestamp;

/// Through what a request came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Entry {
    /// The gateway, which sends it on itself, and has no routes without an origin.
    Gateway,
    /// A reverse proxy, which asks and sends it on itself: a route that wants more than the proxy is sure to do is none
    /// there.
    ForwardAuth,
}

impl Entry {
    /// Whether a route is one for what came through this.
    fn counts(self, route: &Route) -> bool {
        match self {
            Self::Gateway => route.origin.is_some(),
            Self::ForwardAuth => route.options.of_the_gateway().is_none(),
        }
    }
}

/// A request as far as it decides.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProxiedRequest {
    pub entry: Entry,
    pub host: RouteHost,
    pub method: RequestMethod,
    pub path: RequestPath,
    /// With what it asks to become a WebSocket, if it does. It becomes nothing else.
    pub web_socket: Option<WebSocketHandshake>,
}

/// The first check of a request's own that failed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RequestRefusal {
    HostUnknown,
    /// No route is for this path on the host.
    RouteUnknown,
    /// The identity is not a member of the route's project.
    NotAMember {
        project: ProjectId,
    },
    /// The route is not for this method.
    MethodNotAllowed {
        allowed: Vec<RequestMethod>,
    },
    /// No role that the identity holds in the project now allows this.
    PermissionMissing {
        needed: Permission,
        project: ProjectId,
    },
    /// The request asks to become a WebSocket, and the route takes none.
    WebSocketNotAllowed,
}

impl RequestRefusal {
    /// The stable machine-readable code. WARNING: rules of log processors and alerts are written against these.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::HostUnknown => "host_unknown",
            Self::RouteUnknown => "route_unknown",
            Self::NotAMember { .. } => "not_a_member",
            Self::MethodNotAllowed { .. } => "method_not_allowed",
            Self::PermissionMissing { .. } => "permission_missing",
            Self::WebSocketNotAllowed => "web_socket_not_allowed",
        }
    }

    /// Whether newer facts about the identity could turn the refusal into an acceptance, besides newer facts about the
    /// policy.
    pub const fn depends_on_identity(&self) -> bool {
        match self {
            Self::HostUnknown | Self::RouteUnknown | Self::MethodNotAllowed { .. } | Self::WebSocketNotAllowed => false,
            Self::NotAMember { .. } | Self::PermissionMissing { .. } => true,
        }
    }
}

/// A request that may be sent on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Authorized {
    /// The route it takes, with the options that hold for this request.
    pub route: Rc<Route>,
    pub project_slug: String,
    /// The roles that the identity holds there now, as [`PolicyFacts::slug_of`] calls them.
    pub roles: Vec<RoleSlug>,
}

/// Decides about a request of an identity whose token has passed every check but consuming a use.
pub fn authorize(
    policy: &PolicyFacts,
    identity: &IdentityFacts,
    request: &ProxiedRequest,
    now: Timestamp,
) -> Result<Authorized, RequestRefusal> {
    let claim = find_claim(policy, request)?;
    let membership = find_membership(identity, claim.project())?;
    let route = claim.route_for(request.method)?;
    let needed = needed_permission(request);
    if !ability_in(policy, membership, now).allows(needed, &[(PATH, request.path.as_str())]) {
        return Err(RequestRefusal::PermissionMissing { needed, project: route.project });
    }
    if request.web_socket.is_some() && !route.options.web_socket {
        return Err(RequestRefusal::WebSocketNotAllowed);
    }
    let roles = membership.roles_at(now).filter_map(|role| policy.slug_of(route.project, role)).collect();
    Ok(Authorized { route: claim.as_taken(route), project_slug: membership.slug.clone(), roles })
}

/// The field of a request that conditions can be about: its whole path.
pub const PATH: &str = "path";

/// What a request needs in the project of its route.
pub const fn needed_permission(request: &ProxiedRequest) -> Permission {
    Permission::new(request.method.action(), Subject::Requests)
}

/// What the roles that hold at `now` allow on requests of a project. Of a role that was given more than once only the last
/// time counts: the last rule about a request decides, so that the others never do.
pub fn ability_in(policy: &PolicyFacts, membership: &ProjectMembershipFacts, now: Timestamp) -> Ability {
    let held: Vec<&HeldProjectRole> = membership.roles_at(now).collect();
    let last_times =
        held.iter().enumerate().filter(|(index, role)| !held.iter().skip(index + 1).any(|later| later.is(role)));
    last_times
        .map(|(_, role)| policy.ability_of(membership.project, role))
        .fold(Ability::nothing(), |all, ability| all.and(ability))
}

/// The routes of one project that a request's host and path belong to: all have one host and one prefix, and differ in
/// their methods.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Claim<'a> {
    /// One of them that counts for what the request came through.
    any: &'a Rc<Route>,
    /// All routes from the first of them on.
    from_the_first: &'a [Rc<Route>],
    entry: Entry,
    /// The delegation that the request lies in: the project's.
    pub delegation: &'a RouteDelegation,
}

impl<'a> Claim<'a> {
    /// Whose routes they are.
    pub fn project(&self) -> ProjectId {
        self.any.project
    }

    pub const fn any_route(&self) -> &'a Rc<Route> {
        self.any
    }

    /// The route that is for this method.
    ///
    /// # Errors
    /// [`RequestRefusal::MethodNotAllowed`].
    pub fn route_for(&self, method: RequestMethod) -> Result<&'a Rc<Route>, RequestRefusal> {
        let find = |method| self.routes().find(|route| route.methods.include(method));
        find(method).ok_or_else(|| {
            let allowed = RequestMethod::ALL.into_iter().filter(|method| find(*method).is_some()).collect();
            RequestRefusal::MethodNotAllowed { allowed }
        })
    }

    /// The route as this request takes it. A route can reach from a delegation that lets it keep the header into another
    /// of its project's that does not.
    fn as_taken(&self, route: &Rc<Route>) -> Rc<Route> {
        if !route.options.keep_authorization || self.delegation.allow_keep_authorization {
            return Rc::clone(route);
        }
        let mut taken = Route::clone(route);
        taken.options.keep_authorization = false;
        Rc::new(taken)
    }

    fn routes(&self) -> impl Iterator<Item = &'a Rc<Route>> {
        let (any, entry) = (self.any, self.entry);
        self.from_the_first
            .iter()
            .take_while(move |route| are_alike(route, any))
            .filter(move |route| entry.counts(route))
    }
}

/// Whether routes differ in their methods only.
fn are_alike(one: &Route, other: &Route) -> bool {
    one.project == other.project && one.host == other.host && one.path_prefix == other.path_prefix
}

/// The routes that a request's host and path belong to, whatever its method. They are those of the project that the
/// host and path are delegated to; where it has none the request has no route, even if a wider route of another project
/// would match. Every route of the project takes part, whatever the request came through: that a longer prefix is for
/// reverse proxies must not open a shorter one's origin.
///
/// # Errors
/// [`RequestRefusal::HostUnknown`], [`RequestRefusal::RouteUnknown`].
pub fn find_claim<'a>(policy: &'a PolicyFacts, request: &ProxiedRequest) -> Result<Claim<'a>, RequestRefusal> {
    let (routes, entry) = (policy.routes(), request.entry);
    let is_for_host = |route: &Route| route.host.as_ref().is_none_or(|host| *host == request.host);
    if !routes.iter().any(|route| is_for_host(route) && entry.counts(route)) {
        return Err(RequestRefusal::HostUnknown);
    }
    let delegation =
        policy.delegations().of_request(&request.host, &request.path).ok_or(RequestRefusal::RouteUnknown)?;
    // The routes stand in the order in which they win, and those with one host and prefix stand together.
    let of_project = |route: &Route| route.project == delegation.project && is_for_host(route);
    let mut winners = routes.iter().enumerate().filter(|(_, route)| of_project(route));
    let found = winners.find(|(_, route)| route.path_prefix.begins(&request.path));
    let (winner, from_winner) =
        found.and_then(|(index, route)| Some((route, routes.get(index..)?))).ok_or(RequestRefusal::RouteUnknown)?;
    let claim = Claim { any: winner, from_the_first: from_winner, entry, delegation };
    let any = claim.routes().next().ok_or(RequestRefusal::RouteUnknown)?;
    Ok(Claim { any, ..claim })
}

/// The identity's place in a project.
///
/// # Errors
/// [`RequestRefusal::NotAMember`].
pub fn find_membership(
    identity: &IdentityFacts,
    project: ProjectId,
) -> Result<&ProjectMembershipFacts, RequestRefusal> {
    identity
        .projects
        .iter()
        .find(|membership| membership.project == project)
        .ok_or(RequestRefusal::NotAMember { project })
}

#[cfg(test)]
mod tests;
