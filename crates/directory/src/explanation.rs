//! Why a token would be refused, or accepted, on the newest facts. A query: nothing changes and no use is consumed.
//!
//! It needs `read` on the token's identity. Of a token that is not there nobody knows the identity, so that an actor
//! whose permission depends on it is refused either way. What stands behind a route is told only to an actor that may
//! see the routes of its project; which roles the identity holds there only to one that may read it there as well, and
//! what the roles say only to one that may read roles there: nobody learns here what is refused elsewhere.

use crate::context::{Actor, Context};
use crate::error::DirectoryError;
use crate::error::projects::ProjectsError;
use crate::evidence;
use crate::policy;
use crate::project_access::{self, ProjectKey};
use crate::sql::SqlError;
use crate::tables::routes::{self, StoredRoute};
use domain::gateway::policy::PolicyFacts;
use domain::gateway::proxied_request::ProxiedRequest;
use domain::gateway::route_delegation::{NotDelegated, RouteDelegation};
use domain::permission::condition::Attributes;
use domain::permission::operation::Operation;
use domain::token::explanation::{
    self, AskedRequest, AskedToken, Check, ConsideredAddress, DescribedUse, Explanation, Inquiry,
};
use domain::token::facts::{IdentityFacts, TokenFacts};
use domain::value::identifiers::ProjectId;

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct ExplanationQuery<'a> {
    pub token: &'a AskedToken,
    /// From where it is used.
    pub client: ConsideredAddress,
    /// For which request, if for one that takes a route.
    pub request: Option<&'a AskedRequest>,
    /// How often the token has been used, as its counter says, if it was asked.
    pub uses: Option<u64>,
}

/// An explanation with the facts it is based on.
#[derive(Clone, Debug)]
pub struct Explained {
    /// The checks and the verdict.
    pub explanation: Explanation,
    /// What is known of the token; `None` when the actor's organization has none of this id.
    pub token: Option<TokenFacts>,
    /// What is known of its identity.
    pub identity: Option<IdentityFacts>,
    /// What the actor may see of what the checks of the request looked at.
    pub visible: Visible,
    /// The delegation that the request lies in, if the actor may see delegations or the routes of its project.
    pub delegation: Option<RouteDelegation>,
    /// Where no route counts for the request: what is missing for one that would, if the actor may see that route or
    /// delegations.
    pub missing_delegation: Option<NotDelegated>,
}

/// What an actor may see of the project that a request belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Visible {
    /// Its routes. Without them nothing else of it is shown.
    pub routes: bool,
    /// The place that the token's identity has in it.
    pub membership: bool,
    /// The rules of its roles.
    pub rules: bool,
}

impl Visible {
    const EVERYTHING: Self = Self { routes: true, membership: true, rules: true };
    const NOTHING: Self = Self { routes: false, membership: false, rules: false };
}

/// Explains what would become of a token.
///
/// # Errors
/// [`DirectoryError::PermissionDenied`], [`DirectoryError::UsesUnknown`].
pub fn explain(
    context: &Context<'_>,
    actor: &Actor,
    question: ExplanationQuery<'_>,
) -> Result<Explained, DirectoryError> {
    let (token, identity) = find(context, actor, question.token)?.unzip();
    let operation = Operation::Explain;
    match &identity {
        Some(identity) => actor.require_on_identity(operation, &identity.id.to_string())?,
        None => actor.require(operation)?,
    }
    let policy = match question.request {
        Some(_) => Some(policy::of_organization(context.sql, actor.organization)?.ok_or(NO_ORGANIZATION)?),
        None => None,
    };
    let explanation = explanation::explain(&Inquiry {
        asked: question.token,
        token: token.as_ref(),
        identity: identity.as_ref(),
        client: question.client.address(),
        request: question.request.zip(policy.as_ref()).map(|(request, policy)| DescribedUse { request, policy }),
        uses: question.uses,
        now: context.now,
    })?;
    let visible = match &explanation.request {
        Some(findings) => visible_in(context, actor, findings.route.project, identity.as_ref())?,
        None => Visible::EVERYTHING,
    };
    let (mut delegation, mut missing_delegation) = (None, None);
    if let (Some(AskedRequest::Clear(request)), Some(policy)) = (question.request, &policy) {
        let sees_delegations = actor.require(Operation::ListRouteDelegations).is_ok();
        let reached = explanation.checks.iter().any(|(check, outcome)| *check == Check::Route && outcome.was_made());
        if let Some(found) = policy.delegations().of_request(&request.host, &request.path)
            && reached
            && (sees_delegations || visible_in(context, actor, found.project, None)?.routes)
        {
            delegation = Some(found.clone());
        }
        if reached && explanation.request.is_none() {
            missing_delegation = missing_for(context, actor, request, policy, sees_delegations)?;
        }
    }
    Ok(Explained { explanation, token, identity, visible, delegation, missing_delegation })
}

/// Of the routes that are for a request but for want of a delegation: what the first one lacks that the actor may know of.
fn missing_for(
    context: &Context<'_>,
    actor: &Actor,
    request: &ProxiedRequest,
    policy: &PolicyFacts,
    sees_delegations: bool,
) -> Result<Option<NotDelegated>, DirectoryError> {
    let mut routes = routes::of_organization(context.sql, actor.organization)?;
    routes.retain(|StoredRoute { route, active, .. }| {
        let for_host = route.host.as_ref().is_none_or(|host| *host == request.host);
        !active && for_host && route.path_prefix.begins(&request.path)
    });
    routes.sort_by_cached_key(|stored| stored.route.precedence());
    for StoredRoute { route, .. } in routes {
        if sees_delegations || visible_in(context, actor, route.project, None)?.routes {
            return Ok(policy.delegations().admit(&route).err());
        }
    }
    Ok(None)
}

fn visible_in(
    context: &Context<'_>,
    actor: &Actor,
    project: ProjectId,
    identity: Option<&IdentityFacts>,
) -> Result<Visible, DirectoryError> {
    let access = match project_access::authorize_in_project(context, actor, ProjectKey::Id(&project.to_string())) {
        Ok(access) => access,
        Err(DirectoryError::Projects(ProjectsError::NotAMember { .. } | ProjectsError::NotFound { .. })) => {
            return Ok(Visible::NOTHING);
        }
        Err(error) => return Err(error),
    };
    let may = |operation: Operation, thing: Attributes<'_>| access.require(operation, thing).is_ok();
    let routes = may(Operation::ListRoutes, &[]);
    let membership = identity.is_some_and(|identity| {
        may(Operation::GetProjectIdentityMembership, &[("identityId", identity.id.to_string().as_str())])
    });
    Ok(Visible { routes, membership: routes && membership, rules: routes && may(Operation::GetProjectRole, &[]) })
}

const NO_ORGANIZATION: SqlError = SqlError::UnexpectedValue { expected: "the organization of the caller" };

/// The token and its identity, if it is one of the actor's organization.
fn find(
    context: &Context<'_>,
    actor: &Actor,
    asked: &AskedToken,
) -> Result<Option<(TokenFacts, IdentityFacts)>, SqlError> {
    let Some(id) = asked.id() else { return Ok(None) };
    let Some(token) = evidence::token(context.sql, id)? else { return Ok(None) };
    let identity = evidence::identity(context.sql, token.identity, context.now)?;
    Ok(identity.filter(|identity| identity.organization == actor.organization).map(|identity| (token, identity)))
}
