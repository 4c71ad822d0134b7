//! Why a token would be refused, or accepted: each check in its order, and the first one that fails.
//!
//! There is no second implementation of a rule here. An explanation asks the functions that decide about real requests
//! ([`decision`], [`proxied_request`], [`UsesLimit`](crate::token::uses::UsesLimit)) and says which check their refusal
//! belongs to.
//!
//! **Invariants**: the verdict is the decision's own. An explanation says nothing about the checks behind the one that
//! failed. It consumes no use.

use std::net::IpAddr;
use std::rc::Rc;

use crate::gateway::policy::PolicyFacts;
use crate::gateway::proxied_request::{self, PATH, ProxiedRequest, RequestRefusal};
use crate::gateway::request_path::AmbiguousPath;
use crate::gateway::route::Route;
use crate::permission::ability::{Permission, Rule};
use crate::token::access_token::{AccessTokenError, PresentedToken};
use crate::token::decision;
use crate::token::facts::{IdentityFacts, ProjectMembershipFacts, TokenFacts};
use crate::token::refusal::Refusal;
use crate::value::identifiers::TokenId;
use crate::value::timestamp::Timestamp;

/// A check. They are made in this order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Check {
    /// The path can be read in one way only.
    Path,
    /// The text has the shape of an access token.
    Format,
    /// The token's tag was made with our secret.
    Tag,
    Known,
    /// The secret is the token's.
    Secret,
    NotRevoked,
    NotExpired,
    Identity,
    /// The authentication method is still the one the token was created under.
    AuthMethod,
    /// The client secret that the token was obtained with is not revoked.
    ClientSecret,
    ClientAddress,
    /// A route is for the request's host and path.
    Route,
    /// The identity is a member of the route's project.
    Membership,
    /// The route is for the request's method.
    Method,
    /// A role that it holds there now allows the request.
    Permission,
    /// The route takes a WebSocket, if the request asks to become one.
    WebSocket,
    Uses,
}

impl Check {
    /// Every check, in order.
    pub const ALL: [Self; 17] = [
        Self::Path,
        Self::Format,
        Self::Tag,
        Self::Known,
        Self::Secret,
        Self::NotRevoked,
        Self::NotExpired,
        Self::Identity,
        Self::AuthMethod,
        Self::ClientSecret,
        Self::ClientAddress,
        Self::Route,
        Self::Membership,
        Self::Method,
        Self::Permission,
        Self::WebSocket,
        Self::Uses,
    ];

    /// The stable name. WARNING: clients read these.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Format => "format",
            Self::Tag => "tag",
            Self::Known => "known",
            Self::Secret => "secret",
            Self::NotRevoked => "not_revoked",
            Self::NotExpired => "not_expired",
            Self::Identity => "identity",
            Self::AuthMethod => "auth_method",
            Self::ClientSecret => "client_secret",
            Self::ClientAddress => "client_address",
            Self::Route => "route",
            Self::Membership => "membership",
            Self::Method => "method",
            Self::Permission => "permission",
            Self::WebSocket => "web_socket",
            Self::Uses => "uses",
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    Passed,
    /// It is the first one that failed.
    Failed,
    NotReached,
    /// There is nothing to check: no request is described, no secret was shown, nothing counts the uses.
    NotApplicable,
}

impl Outcome {
    pub const fn was_made(self) -> bool {
        match self {
            Self::Passed | Self::Failed => true,
            Self::NotReached | Self::NotApplicable => false,
        }
    }

    /// The stable name. WARNING: clients read these.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::NotReached => "not_reached",
            Self::NotApplicable => "not_applicable",
        }
    }
}

/// The refusal of the first check that failed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ExplainedRefusal {
    /// The request's path can be read in more than one way.
    Path(AmbiguousPath),
    Bearer(Refusal),
    Request(RequestRefusal),
}

impl ExplainedRefusal {
    pub const fn check(&self) -> Check {
        match self {
            Self::Path(_) => Check::Path,
            Self::Bearer(refusal) => match refusal {
                Refusal::Malformed => Check::Format,
                Refusal::Forged => Check::Tag,
                Refusal::Unknown => Check::Known,
                Refusal::WrongSecret => Check::Secret,
                Refusal::Revoked => Check::NotRevoked,
                Refusal::Expired { .. } => Check::NotExpired,
                Refusal::IdentityDeleted => Check::Identity,
                Refusal::AuthMethodRemoved => Check::AuthMethod,
                Refusal::ClientSecretRevoked => Check::ClientSecret,
                Refusal::ClientAddressNotTrusted { .. } | Refusal::ClientAddressUnknown => Check::ClientAddress,
                Refusal::UsesExhausted => Check::Uses,
            },
            Self::Request(refusal) => match refusal {
                RequestRefusal::HostUnknown | RequestRefusal::RouteUnknown => Check::Route,
                RequestRefusal::NotAMember { .. } => Check::Membership,
                RequestRefusal::MethodNotAllowed { .. } => Check::Method,
                RequestRefusal::PermissionMissing { .. } => Check::Permission,
                RequestRefusal::WebSocketNotAllowed => Check::WebSocket,
            },
        }
    }

    /// The stable machine-readable code, as it stands in the log.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Path(_) => "ambiguous_path",
            Self::Bearer(refusal) => refusal.code(),
            Self::Request(refusal) => refusal.code(),
        }
    }
}

impl From<Refusal> for ExplainedRefusal {
    fn from(refusal: Refusal) -> Self {
        Self::Bearer(refusal)
    }
}

impl From<RequestRefusal> for ExplainedRefusal {
    fn from(refusal: RequestRefusal) -> Self {
        Self::Request(refusal)
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AskedToken {
    /// A text that is not an access token of this installation.
    Refused(AccessTokenError),
    /// A token by its public id: its secret is taken to be right.
    Named(TokenId),
    Presented(PresentedToken),
}

impl AskedToken {
    /// The token's id, if the text has one that can be believed.
    pub const fn id(&self) -> Option<TokenId> {
        match self {
            Self::Refused(_) => None,
            Self::Named(id) | Self::Presented(PresentedToken { id, .. }) => Some(*id),
        }
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AskedRequest {
    /// One whose path can be read in more than one way.
    Ambiguous(AmbiguousPath),
    Clear(ProxiedRequest),
}

/// What is to be explained, with the facts that decide.
#[derive(Clone, Copy, Debug)]
pub struct Inquiry<'a> {
    pub asked: &'a AskedToken,
    /// What is known of it; `None` says that there is no such token.
    pub token: Option<&'a TokenFacts>,
    pub identity: Option<&'a IdentityFacts>,
    /// From where it is used, if that is known.
    pub client: Option<IpAddr>,
    /// For which request, if for one that takes a route.
    pub request: Option<DescribedUse<'a>>,
    /// How often the token has been used, as its counter says; `None` when the counter was not asked.
    pub uses: Option<u64>,
    pub now: Timestamp,
}

/// A described request, with the policy that decides about it.
#[derive(Clone, Copy, Debug)]
pub struct DescribedUse<'a> {
    pub request: &'a AskedRequest,
    pub policy: &'a PolicyFacts,
}

/// The number of uses decides, and its counter was not asked. A guess would be a lie.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UsesUnknown;

/// The checks with what became of each, and what those of a request looked at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Explanation {
    /// The first check's that failed; `None` says that the token would be accepted.
    pub refusal: Option<ExplainedRefusal>,
    /// Every check, in order.
    pub checks: [(Check, Outcome); Check::ALL.len()],
    /// What the checks of the request looked at; `None` when they were not reached or found no route.
    pub request: Option<RequestFindings>,
}

/// What the checks of a request looked at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RequestFindings {
    /// The route; where none is for the method, one that is for the host and path.
    pub route: Rc<Route>,
    /// The identity's place in the route's project, if it has one.
    pub membership: Option<MembershipFindings>,
}

/// What the checks of membership and permission looked at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MembershipFindings {
    /// The identity's place in the project, with the roles that hold now and those that do not.
    pub facts: ProjectMembershipFacts,
    pub needed: Permission,
    /// The rules of the roles that hold which are about what is needed, in their order.
    pub considered: Vec<Rule>,
    pub deciding: Option<Rule>,
}

/// Explains what would become of a token.
///
/// # Errors
/// [`UsesUnknown`] when every other check passes and only the number of uses is left to decide.
pub fn explain(inquiry: &Inquiry<'_>) -> Result<Explanation, UsesUnknown> {
    let refusal = match decide(inquiry) {
        Ok(uses) => uses?.map(ExplainedRefusal::from),
        Err(refusal) => Some(refusal),
    };
    let failed = refusal.as_ref().map(ExplainedRefusal::check);
    let reached_request = failed.is_none_or(|failed| failed >= Check::Route);
    Ok(Explanation {
        checks: Check::ALL.map(|check| (check, outcome(inquiry, check, failed))),
        request: if reached_request { findings(inquiry) } else { None },
        refusal,
    })
}

/// Every check in its order. The last one, of the uses, may be undecided.
fn decide(inquiry: &Inquiry<'_>) -> Result<Result<Option<Refusal>, UsesUnknown>, ExplainedRefusal> {
    if let Some(DescribedUse { request: AskedRequest::Ambiguous(path), .. }) = inquiry.request {
        return Err(ExplainedRefusal::Path(*path));
    }
    let presented = match inquiry.asked {
        AskedToken::Refused(error) => return Err(Refusal::from(*error).into()),
        AskedToken::Presented(presented) => presented.clone(),
        AskedToken::Named(id) => {
            let token = inquiry.token.ok_or(Refusal::Unknown)?;
            PresentedToken { id: *id, digest: token.digest.clone() }
        }
    };
    let live = decision::check_token(&presented, inquiry.token, inquiry.now)?;
    let admission = decision::check_identity(live, inquiry.identity)?.check_client(inquiry.client)?;
    if let Some(DescribedUse { request: AskedRequest::Clear(request), policy }) = inquiry.request {
        proxied_request::authorize(policy, admission.identity, request, inquiry.now)?;
    }
    let limit = admission.token.uses_limit;
    Ok(match (limit.get(), inquiry.uses) {
        (None, _) => Ok(None),
        (Some(_), None) => Err(UsesUnknown),
        (Some(_), Some(used)) => Ok(limit.is_exhausted_by(used).then_some(Refusal::UsesExhausted)),
    })
}

fn outcome(inquiry: &Inquiry<'_>, check: Check, failed: Option<Check>) -> Outcome {
    match failed {
        Some(failed) if failed == check => Outcome::Failed,
        _ if !applies(inquiry, check) => Outcome::NotApplicable,
        Some(failed) if failed < check => Outcome::NotReached,
        Some(_) | None => Outcome::Passed,
    }
}

/// Whether there is anything to check. Of a token that is not known everything could apply.
fn applies(inquiry: &Inquiry<'_>, check: Check) -> bool {
    match check {
        Check::Path | Check::Route | Check::Membership | Check::Method | Check::Permission => inquiry.request.is_some(),
        Check::WebSocket => match inquiry.request {
            Some(DescribedUse { request: AskedRequest::Clear(request), .. }) => request.web_socket.is_some(),
            Some(DescribedUse { request: AskedRequest::Ambiguous(_), .. }) | None => false,
        },
        Check::Format | Check::Tag | Check::Secret => match inquiry.asked {
            AskedToken::Named(_) => false,
            AskedToken::Refused(_) | AskedToken::Presented(_) => true,
        },
        Check::ClientSecret => inquiry.token.is_none_or(|token| token.client_secret.is_some()),
        Check::Uses => inquiry.token.is_none_or(|token| token.uses_limit.get().is_some()),
        Check::Known
        | Check::NotRevoked
        | Check::NotExpired
        | Check::Identity
        | Check::AuthMethod
        | Check::ClientAddress => true,
    }
}

fn findings(inquiry: &Inquiry<'_>) -> Option<RequestFindings> {
    let DescribedUse { request: AskedRequest::Clear(request), policy } = inquiry.request? else { return None };
    let claim = proxied_request::find_claim(policy, request).ok()?;
    let route = claim.route_for(request.method).unwrap_or_else(|_| claim.any_route());
    let membership = inquiry.identity.and_then(|identity| {
        let facts = proxied_request::find_membership(identity, route.project).ok()?;
        let held = proxied_request::ability_in(policy, facts, inquiry.now);
        let needed = proxied_request::needed_permission(request);
        let (action, subject) = (needed.action.name(), needed.subject.name());
        Some(MembershipFindings {
            facts: facts.clone(),
            needed,
            considered: held.rules().iter().filter(|rule| rule.is_about(action, subject)).cloned().collect(),
            deciding: held.deciding_rule(action, subject, &[(PATH, request.path.as_str())]).cloned(),
        })
    });
    Some(RequestFindings { route: Rc::clone(route), membership })
}

/// Which address an explanation takes for the client's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ConsideredAddress {
    Described(IpAddr),
    /// None was described: the one from which the explanation was asked for.
    Caller(IpAddr),
    /// None was described, and that one is not known either.
    Unknown,
}

impl ConsideredAddress {
    pub fn choose(described: Option<IpAddr>, caller: Option<IpAddr>) -> Self {
        match (described, caller) {
            (Some(address), _) => Self::Described(address),
            (None, Some(address)) => Self::Caller(address),
            (None, None) => Self::Unknown,
        }
    }

    pub const fn address(self) -> Option<IpAddr> {
        match self {
            Self::Described(address) | Self::Caller(address) => Some(address),
            Self::Unknown => None,
        }
    }
}

#[cfg(test)]
mod tests;
