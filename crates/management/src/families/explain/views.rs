//! What `explain` answers.
//!
//! A check that was not reached, or does not apply, has no inputs. **Invariants**: the shapes are frozen by the
//! `*_unchanged` tests in `tests`; no digest and no secret is in them.

use serde::Serialize;
use serde_json::{Value, json};

use crate::families::explain::request::ExplanationRequest;
use directory::explanation::{Explained, ExplanationQuery, Visible};
use directory::rule_json;
use domain::gateway::proxied_request::RequestRefusal;
use domain::gateway::route::{Route, RouteMethods};
use domain::gateway::route_delegation::{NotDelegated, RouteDelegation};
use domain::token::explanation::{Check, ConsideredAddress, ExplainedRefusal, MembershipFindings, Outcome};
use domain::token::facts::{AuthMethod, IdentityFacts, RoleGrantFacts, TokenFacts};
use domain::token::refusal::Refusal;
use domain::value::timestamp::Timestamp;
use protocol::iso_8601::iso_8601;

/// `explain`.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
pub(crate) struct ExplanationAnswer {
    explanation: ExplanationView,
}

#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema), schemars(rename = "Explanation"))]
#[serde(rename_all = "camelCase")]
struct ExplanationView {
    verdict: &'static str,
    refusal: Option<RefusalView>,
    client_ip: ClientIpView,
    checks: Vec<CheckView>,
}

#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema), schemars(rename = "ExplainedRefusal"))]
struct RefusalView {
    check: &'static str,
    code: &'static str,
    detail: String,
}

#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema), schemars(rename = "ConsideredAddress"))]
struct ClientIpView {
    address: Option<String>,
    source: &'static str,
    reason: &'static str,
}

#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema), schemars(rename = "ExplainedCheck"))]
struct CheckView {
    check: &'static str,
    outcome: &'static str,
    /// What it looked at; `{}` when it was not reached or does not apply.
    inputs: Value,
}

impl ExplanationAnswer {
    /// Writes an explanation down.
    pub(crate) fn new(
        sent: &ExplanationRequest,
        asked: ExplanationQuery<'_>,
        explained: &Explained,
        now: Timestamp,
    ) -> Self {
        let inputs = Inputs { sent, asked, explained, now };
        let explanation = &explained.explanation;
        let check = |(check, outcome): &(Check, Outcome)| CheckView {
            check: check.name(),
            outcome: outcome.name(),
            inputs: match outcome {
                Outcome::Passed | Outcome::Failed => inputs.of(*check),
                Outcome::NotReached | Outcome::NotApplicable => json!({}),
            },
        };
        Self {
            explanation: ExplanationView {
                verdict: if explanation.refusal.is_some() { "refused" } else { "allowed" },
                refusal: explanation.refusal.as_ref().map(RefusalView::from),
                client_ip: ClientIpView::from(asked.client),
                checks: explanation.checks.iter().map(check).collect(),
            },
        }
    }
}

impl From<ConsideredAddress> for ClientIpView {
    fn from(considered: ConsideredAddress) -> Self {
        let (source, reason) = match considered {
            ConsideredAddress::Described(_) => ("described", "clientIp names it."),
            ConsideredAddress::Caller(_) => (
                "caller",
                "clientIp was left out, so it is the address of whoever asks: CF-Connecting-IP of this call.",
            ),
            ConsideredAddress::Unknown => {
                ("unknown", "clientIp was left out, and CF-Connecting-IP of this call is not exactly one address.")
            }
        };
        Self { address: considered.address().map(|address| address.to_string()), source, reason }
    }
}

impl From<&ExplainedRefusal> for RefusalView {
    fn from(refusal: &ExplainedRefusal) -> Self {
        Self { check: refusal.check().name(), code: refusal.code(), detail: detail(refusal) }
    }
}

/// A sentence about a refusal. It names nothing that only those may see who may see the routes.
fn detail(refusal: &ExplainedRefusal) -> String {
    let sentence = match refusal {
        ExplainedRefusal::Path(ambiguous) => {
            return format!("The path can be read in more than one way: {}.", ambiguous.explanation());
        }
        ExplainedRefusal::Bearer(refusal) => match refusal {
            Refusal::Malformed => "The text is no access token: it has another shape, or was cut off.",
            Refusal::Forged => "The token's tag was not made with the AUTH_SECRET of this installation.",
            Refusal::Unknown => "There is no such token: it was never issued here, or it was deleted.",
            Refusal::WrongSecret => "The token exists, and its secret is another one.",
            Refusal::Revoked => "The token has been revoked.",
            Refusal::Expired { at } => return format!("The token expired at {}.", iso_8601(*at)),
            Refusal::IdentityDeleted => "The token's identity has been deleted.",
            Refusal::AuthMethodRemoved => {
                "The authentication method under which the token was created has been removed from its identity."
            }
            Refusal::ClientSecretRevoked => "The client secret that the token was obtained with has been revoked.",
            Refusal::ClientAddressNotTrusted { seen } => {
                return format!("The address {seen} is not among the trusted IPs.");
            }
            Refusal::ClientAddressUnknown => "The client's address is not known, and trusted IPs are in force.",
            Refusal::UsesExhausted => "The token has been used as often as it may be.",
        },
        ExplainedRefusal::Request(refusal) => match refusal {
            RequestRefusal::HostUnknown => {
                "No route is for this host; one that lies in no delegation of its project does not count."
            }
            RequestRefusal::RouteUnknown => {
                "No route for this host is for this path; one that lies in no delegation of its project does not count. \
                 Through the gateway only one with an origin does, and through a reverse proxy none that keeps the \
                 Authorization header, adds headers or has a timeout of its own."
            }
            RequestRefusal::NotAMember { .. } => "The identity is not a member of the route's project.",
            RequestRefusal::MethodNotAllowed { .. } => "The routes for this host and path are not for this method.",
            RequestRefusal::PermissionMissing { needed, .. } => {
                let (action, subject) = (needed.action.name(), needed.subject.name());
                return format!(
                    "No role that the identity holds now in the route's project allows {action} on {subject} here."
                );
            }
            RequestRefusal::WebSocketNotAllowed => "The route takes no WebSocket.",
        },
    };
    sentence.to_owned()
}

/// What the checks looked at.
struct Inputs<'a> {
    sent: &'a ExplanationRequest,
    asked: ExplanationQuery<'a>,
    explained: &'a Explained,
    now: Timestamp,
}

impl Inputs<'_> {
    fn of(&self, check: Check) -> Value {
        match check {
            Check::Path => json!({ "path": self.sent.request.as_ref().map(|request| &request.path) }),
            Check::Format | Check::Tag | Check::Secret => json!({}),
            Check::Known => json!({ "tokenId": self.asked.token.id().map(|id| id.to_string()) }),
            Check::NotRevoked => self.of_token(|token| json!({ "revoked": token.revoked })),
            Check::NotExpired => self.of_token(|token| {
                json!({
                    "createdAt": iso_8601(token.created),
                    "expiresAt": token.expires.map(iso_8601),
                    "now": iso_8601(self.now),
                })
            }),
            Check::Identity => self.of_token(|token| match &self.explained.identity {
                Some(identity) => json!({
                    "identityId": identity.id.to_string(),
                    "identityName": identity.name,
                    "role": identity.role.as_str(),
                }),
                None => json!({ "identityId": token.identity.to_string() }),
            }),
            Check::AuthMethod => self.of_identity(auth_method),
            Check::ClientSecret => {
                self.of_token(|token| json!({ "clientSecretId": token.client_secret.map(|id| id.to_string()) }))
            }
            Check::ClientAddress => self.of_identity(|token, identity| self.client_address(token, identity)),
            Check::Route => self.route(),
            Check::Membership => self.of_route(|route| {
                if !self.explained.visible.membership {
                    return json!({ "projectId": route.project.to_string(), "withheld": true });
                }
                let membership = self.membership();
                json!({
                    "projectId": route.project.to_string(),
                    "projectSlug": membership.map(|membership| &membership.facts.slug),
                    "member": membership.is_some(),
                })
            }),
            Check::Method => self.of_route(|_| {
                let method = self.sent.request.as_ref().map(|request| &request.method);
                match &self.explained.explanation.refusal {
                    Some(ExplainedRefusal::Request(RequestRefusal::MethodNotAllowed { allowed })) => {
                        let allowed: Vec<&str> = allowed.iter().map(|method| method.name()).collect();
                        json!({ "method": method, "allowed": allowed })
                    }
                    Some(_) | None => json!({ "method": method }),
                }
            }),
            Check::Permission => self.of_route(|_| match self.membership() {
                Some(membership) => {
                    let path = self.sent.request.as_ref().map(|request| &request.path);
                    permission(membership, path, self.explained.visible, self.now)
                }
                None => json!({}),
            }),
            Check::WebSocket => self.of_route(|route| json!({ "webSocket": route.options.web_socket })),
            Check::Uses => self.of_token(|token| {
                json!({
                    "limit": token.uses_limit.get(),
                    "used": self.asked.uses,
                    "remaining": self.asked.uses.and_then(|used| token.uses_limit.remaining_after(used)),
                })
            }),
        }
    }

    fn of_token(&self, write: impl FnOnce(&TokenFacts) -> Value) -> Value {
        self.explained.token.as_ref().map_or_else(|| json!({}), write)
    }

    fn of_identity(&self, write: impl FnOnce(&TokenFacts, &IdentityFacts) -> Value) -> Value {
        let both = self.explained.token.as_ref().zip(self.explained.identity.as_ref());
        both.map_or_else(|| json!({}), |(token, identity)| write(token, identity))
    }

    /// What only those see who may see the routes of the project.
    fn of_route(&self, write: impl FnOnce(&Route) -> Value) -> Value {
        match &self.explained.explanation.request {
            Some(_) if !self.explained.visible.routes => json!({ "withheld": true }),
            Some(findings) => write(&findings.route),
            None => json!({}),
        }
    }

    fn membership(&self) -> Option<&MembershipFindings> {
        self.explained.explanation.request.as_ref()?.membership.as_ref()
    }

    fn client_address(&self, token: &TokenFacts, identity: &IdentityFacts) -> Value {
        let trusted_ips = identity.auth_method(token.auth_method).map(|method| &method.trusted_ips);
        let address = self.asked.client.address();
        let matched = trusted_ips.zip(address).and_then(|(trusted_ips, address)| trusted_ips.matching(address));
        json!({
            "address": address.map(|address| address.to_string()),
            "trustedIps": trusted_ips
                .map(|list| list.entries().iter().map(|entry| entry.text()).collect::<Vec<_>>()),
            "matched": matched.map(|entry| entry.text()),
        })
    }

    fn route(&self) -> Value {
        let mut inputs = self.of_route(|route| json!({ "route": route_view(route) }));
        if let Some(inputs) = inputs.as_object_mut() {
            if let Some(delegation) = &self.explained.delegation {
                inputs.insert("routeDelegation".to_owned(), delegation_view(delegation));
            }
            if let Some(missing) = &self.explained.missing_delegation {
                inputs.insert("missingRouteDelegation".to_owned(), missing_view(missing));
            }
        }
        if let (Some(inputs), Some(request)) = (inputs.as_object_mut(), &self.sent.request) {
            inputs.insert("host".to_owned(), json!(request.host));
            inputs.insert("via".to_owned(), json!(request.via.name()));
        }
        inputs
    }
}

fn auth_method(token: &TokenFacts, identity: &IdentityFacts) -> Value {
    let attached = AuthMethod::ALL.into_iter().filter(|method| identity.auth_method(*method).is_some());
    let current = identity.auth_method(token.auth_method).map(|method| method.configuration);
    json!({
        "authMethod": token.auth_method.name(),
        "configurationId": token.configuration.to_string(),
        "currentConfigurationId": current.map(|id| id.to_string()),
        "attached": attached.map(AuthMethod::name).collect::<Vec<_>>(),
    })
}

fn route_view(route: &Route) -> Value {
    json!({
        "id": route.id.to_string(),
        "projectId": route.project.to_string(),
        "host": route.host.as_ref().map(|host| host.as_str()),
        "pathPrefix": route.path_prefix.as_str(),
        "methods": method_names(&route.methods),
    })
}

fn delegation_view(delegation: &RouteDelegation) -> Value {
    json!({
        "id": delegation.id.to_string(),
        "projectId": delegation.project.to_string(),
        "host": delegation.space.host().map(|host| host.as_str()),
        "pathPrefix": delegation.space.path_prefix().as_str(),
        "allowKeepAuthorization": delegation.allow_keep_authorization,
    })
}

fn missing_view(missing: &NotDelegated) -> Value {
    json!({
        "projectId": missing.project.to_string(),
        "host": missing.space.host().map(|host| host.as_str()),
        "pathPrefix": missing.space.path_prefix().as_str(),
        "allowKeepAuthorization": missing.allow_keep_authorization,
    })
}

/// `None` is every method.
fn method_names(methods: &RouteMethods) -> Option<Vec<&'static str>> {
    match methods {
        RouteMethods::Every => None,
        RouteMethods::These(methods) => Some(methods.iter().map(|method| method.name()).collect()),
    }
}

fn permission(membership: &MembershipFindings, path: Option<&String>, visible: Visible, now: Timestamp) -> Value {
    let mut inputs = json!({
        "projectId": membership.facts.project.to_string(),
        "projectSlug": membership.facts.slug,
        "needed": { "action": membership.needed.action.name(), "subject": membership.needed.subject.name() },
        "path": path,
    });
    let Some(fields) = inputs.as_object_mut() else { return inputs };
    if visible.membership {
        let roles: Vec<Value> = membership.facts.roles.iter().map(|grant| role_view(grant, now)).collect();
        fields.insert("roles".to_owned(), roles.into());
    }
    // The rules are those of the roles that the identity holds: they would tell which ones.
    if visible.membership && visible.rules {
        fields.insert("rules".to_owned(), rule_json::encode(&membership.considered));
        let deciding = membership.deciding.as_ref().map(rule_json::encode_rule);
        fields.insert("decidedBy".to_owned(), deciding.unwrap_or(Value::Null));
    } else {
        fields.insert("withheld".to_owned(), Value::Bool(true));
    }
    inputs
}

fn role_view(grant: &RoleGrantFacts, now: Timestamp) -> Value {
    json!({
        "role": grant.role.slug(),
        "holds": grant.holds(now),
        "from": grant.period.map(|period| iso_8601(period.start)),
        "until": grant.period.map(|period| iso_8601(period.end)),
    })
}
