//! Whether an identity may send a request to what stands behind a route.
//!
//! In order: which route the request takes, whether the identity is a member of the route's project, whether a role that
//! it holds there now allows the method's action on the path below the route's prefix.

use std::rc::Rc;

use crate::domain::facts::{IdentityFacts, ProjectMembershipFacts};
use crate::domain::identifiers::ProjectId;
use crate::domain::permission::{Ability, Permission, Subject};
use crate::domain::policy::PolicyFacts;
use crate::domain::request_method::RequestMethod;
use crate::domain::request_path::RequestPath;
use crate::domain::role_slug::RoleSlug;
use crate::domain::route::Route;
use crate::domain::route_host::RouteHost;
use crate::domain::timestamp::Timestamp;

/// Through what a request came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Entry {
    /// The gateway, which sends it on itself: a route without an origin is none there.
    Gateway,
    /// A reverse proxy, which asks and sends it on itself: every route counts.
    ForwardAuth,
}

/// A request as far as it decides.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProxiedRequest {
    /// Through what it came.
    pub entry: Entry,
    /// The host it names.
    pub host: RouteHost,
    /// Its method.
    pub method: RequestMethod,
    /// Its path.
    pub path: RequestPath,
}

/// The first check of a request's own that failed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RequestRefusal {
    /// No route is for this host.
    HostUnknown,
    /// No route is for this path on the host.
    RouteUnknown,
    /// The route is not for this method.
    MethodNotAllowed {
        /// The methods it is for.
        allowed: Vec<RequestMethod>,
    },
    /// The identity is not a member of the route's project.
    NotAMember {
        /// The project.
        project: ProjectId,
    },
    /// No role that the identity holds in the project now allows this.
    PermissionMissing {
        /// What would be needed.
        needed: Permission,
        /// The project.
        project: ProjectId,
    },
}

impl RequestRefusal {
    /// The stable machine-readable code. WARNING: rules of log processors and alerts are written against these.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::HostUnknown => "host_unknown",
            Self::RouteUnknown => "route_unknown",
            Self::MethodNotAllowed { .. } => "method_not_allowed",
            Self::NotAMember { .. } => "not_a_member",
            Self::PermissionMissing { .. } => "permission_missing",
        }
    }

    /// Whether newer facts about the identity could turn the refusal into a yes, besides newer facts about the policy.
    pub const fn depends_on_identity(&self) -> bool {
        match self {
            Self::HostUnknown | Self::RouteUnknown | Self::MethodNotAllowed { .. } => false,
            Self::NotAMember { .. } | Self::PermissionMissing { .. } => true,
        }
    }
}

/// A request that may be sent on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Authorized {
    /// The route it takes.
    pub route: Rc<Route>,
    /// The slug of the route's project.
    pub project_slug: String,
    /// The roles that the identity holds there now.
    pub roles: Vec<RoleSlug>,
}

/// Decides about a request of an identity whose token has passed every check but spending a use.
///
/// # Errors
/// [`RequestRefusal`].
pub fn authorize(
    policy: &PolicyFacts,
    identity: &IdentityFacts,
    request: &ProxiedRequest,
    now: Timestamp,
) -> Result<Authorized, RequestRefusal> {
    let (route, below) = select_route(policy, request)?;
    let membership = find_membership(identity, route.project)?;
    let needed = needed_permission(request);
    if !ability_in(policy, membership, now).allows(needed, &[(PATH, below)]) {
        return Err(RequestRefusal::PermissionMissing { needed, project: route.project });
    }
    let roles = membership.roles_at(now).cloned().collect();
    Ok(Authorized { route: Rc::clone(route), project_slug: membership.slug.clone(), roles })
}

/// The field of a request that conditions can be about: what of its path lies below the route's prefix.
pub const PATH: &str = "path";

/// What a request needs in the project of its route.
pub const fn needed_permission(request: &ProxiedRequest) -> Permission {
    Permission::new(request.method.action(), Subject::Requests)
}

/// What the roles that hold at `now` allow on requests of a project. Of a role that was given more than once only the last
/// time counts: the last rule about a request decides, so that the others never do.
pub fn ability_in(policy: &PolicyFacts, membership: &ProjectMembershipFacts, now: Timestamp) -> Ability {
    let held: Vec<&RoleSlug> = membership.roles_at(now).collect();
    let last_times =
        held.iter().enumerate().filter(|(index, role)| !held.iter().skip(index + 1).any(|later| later == *role));
    last_times
        .map(|(_, role)| policy.ability_of(membership.project, role))
        .fold(Ability::nothing(), |all, ability| all.and(ability))
}

/// The route that a request takes, and what of its path lies below the route's prefix. Every route takes part, whatever
/// the request came through: that a longer prefix is for reverse proxies must not open a shorter one's origin.
///
/// # Errors
/// [`RequestRefusal::HostUnknown`], [`RequestRefusal::RouteUnknown`], [`RequestRefusal::MethodNotAllowed`].
pub fn select_route<'a, 'b>(
    policy: &'a PolicyFacts,
    request: &'b ProxiedRequest,
) -> Result<(&'a Rc<Route>, &'b str), RequestRefusal> {
    let is_for_entry = |route: &Rc<Route>| match request.entry {
        Entry::Gateway => route.origin.is_some(),
        Entry::ForwardAuth => true,
    };
    let is_for_host = |route: &&Rc<Route>| route.host.as_ref().is_none_or(|host| *host == request.host);
    let candidates = || policy.routes().iter().filter(is_for_host);
    if !candidates().any(is_for_entry) {
        return Err(RequestRefusal::HostUnknown);
    }
    // The routes stand in the order in which they win, and those with one host and prefix stand together.
    let mut winners =
        candidates().filter_map(|route| route.path_prefix.below(&request.path).map(|below| (route, below))).peekable();
    let Some((first, _)) = winners.peek().copied() else { return Err(RequestRefusal::RouteUnknown) };
    let group: Vec<(&Rc<Route>, &str)> =
        winners.take_while(|(route, _)| route.host == first.host && route.path_prefix == first.path_prefix).collect();
    if let Some(found) = group.iter().find(|(route, _)| route.methods.include(request.method)) {
        return if is_for_entry(found.0) { Ok(*found) } else { Err(RequestRefusal::RouteUnknown) };
    }
    let is_allowed =
        |method: &RequestMethod| group.iter().any(|(route, _)| is_for_entry(route) && route.methods.include(*method));
    let allowed: Vec<RequestMethod> = RequestMethod::ALL.into_iter().filter(is_allowed).collect();
    if allowed.is_empty() {
        Err(RequestRefusal::RouteUnknown)
    } else {
        Err(RequestRefusal::MethodNotAllowed { allowed })
    }
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
