//! What becomes of requests: where they are sent, and whose roles decide about them, by the data plane's own rules.

use serde_json::{Value, json};

use super::scene::{LAST_STEP, START, STEP, Scene, Standing};
use crate::tests::world::World;
use directory::evidence;
use domain::gateway::policy::PolicyFacts;
use domain::gateway::proxied_request::{Entry, PATH, ProxiedRequest, authorize, find_claim};
use domain::gateway::request_method::RequestMethod;
use domain::gateway::request_path::RequestPath;
use domain::gateway::route_host::RouteHost;
use domain::permission::ability::{Ability, Permission, Subject};
use domain::token::evidence::{EvidenceKey, Facts};
use domain::token::facts::IdentityFacts;
use domain::value::identifiers::{IdentityId, OrganizationId, ProjectId};
use domain::value::timestamp::Timestamp;

/// The hosts that routes are tried for; the last one stands for every host.
pub(super) const HOSTS: [Option<&str>; 3] = [Some("x.example"), Some("y.example"), None];
/// The prefixes that routes are tried for.
pub(super) const PREFIXES: [&str; 8] = ["/v1", "/v1/a", "/V1", "/v1-internal", "/", "/v2", "/admin", "/v1/b"];
/// Where requests are sent at the start, and where the actors would have them.
const GOOD: &str = "https://good.example.com";
const EVIL: &str = "https://evil.example.net";

/// Whose a request is at the start, and where it is sent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Owner {
    /// The project in which actors have roles.
    Shop,
    /// A project in which they have none.
    Other,
    /// Nobody's.
    Nobody,
}

const REQUESTS: [(&str, &str, Owner, Option<&str>); 10] = [
    ("x.example", "/v1", Owner::Shop, Some(GOOD)),
    ("x.example", "/v1/a", Owner::Shop, Some(GOOD)),
    ("x.example", "/v1/a/b", Owner::Shop, Some(GOOD)),
    ("x.example", "/V1/a", Owner::Shop, None),
    ("x.example", "/v1-internal", Owner::Other, Some(GOOD)),
    ("x.example", "/", Owner::Other, Some(GOOD)),
    ("x.example", "/v2/a", Owner::Other, Some(GOOD)),
    ("x.example", "/admin", Owner::Other, Some(GOOD)),
    ("y.example", "/", Owner::Nobody, None),
    ("y.example", "/v1/a", Owner::Nobody, None),
];

/// Two projects with a route each on one host; the second is around the first.
pub(super) fn protect(world: &World, shop: &str) -> String {
    let other = json!({ "projectName": "other", "shouldCreateDefaultEnvs": false });
    let other = world.administer("POST", "/api/v1/projects", &other).text("/project/id");
    let places = [(other.as_str(), "/"), (shop, "/v1")];
    for (project, prefix) in places {
        let delegation = json!({ "projectId": project, "host": "x.example", "pathPrefix": prefix });
        world.administer("POST", "/api/v1/organization/route-delegations", &delegation);
    }
    for (project, prefix) in places {
        let route = json!({ "host": "x.example", "pathPrefix": prefix, "origin": GOOD });
        world.administer("POST", &format!("/api/v1/projects/{project}/routes"), &route);
    }
    other
}

/// A route to where the actors would have requests.
pub(super) fn leading_away(host: Option<&str>, prefix: &str, keep_authorization: bool) -> Value {
    json!({ "host": host, "pathPrefix": prefix, "origin": EVIL, "keepAuthorization": keep_authorization })
}

impl Scene<'_> {
    /// What becomes of requests now that none of those who were there at the start could bring about.
    pub(super) fn led_away(&self, start: &[Standing], other: &str) -> Option<String> {
        let policy = self.policy();
        let everything = start.iter().any(|actor| actor.in_organization == Ability::everything());
        let keeping = policy.routes().iter().find(|route| route.options.keep_authorization);
        if let Some(route) = keeping.filter(|_| !everything) {
            return Some(format!("a route keeps the header: {route:?}"));
        }
        let gives = |action: &str| {
            start.iter().any(|actor| actor.in_organization.allows_named(action, "route-delegations", &[]))
        };
        // Who may give hosts away is not held to whose they were.
        if everything || gives("create") || gives("delete") {
            return None;
        }
        let holders: Vec<IdentityFacts> = self.holders().into_iter().filter_map(|id| self.identity(id)).collect();
        let now = self.world.now().milliseconds();
        let last = START + LAST_STEP * STEP + STEP / 2;
        for (host, path, owner, sent) in REQUESTS {
            let could = |method: RequestMethod, moment: i64| {
                let needed = Permission::new(method.action(), Subject::Requests);
                owner == Owner::Shop
                    && start.iter().any(|actor| actor.in_project_at(moment).allows(needed, &[(PATH, path)]))
            };
            for method in RequestMethod::ALL {
                let request = ProxiedRequest {
                    entry: Entry::ForwardAuth,
                    host: RouteHost::parse(host).unwrap(),
                    method,
                    path: RequestPath::parse(path).unwrap(),
                    web_socket: None,
                };
                let claim = find_claim(&policy, &request).ok();
                let decides = claim.as_ref().map(|claim| claim.project());
                if decides.is_some_and(|project| Some(project) != self.id_of(owner, other)) {
                    return Some(format!("{host}{path} is decided about by another project"));
                }
                let origin = claim.as_ref().and_then(|claim| claim.any_route().origin.as_ref());
                if origin.map(|origin| origin.as_str()) != sent && !could(method, last) {
                    return Some(format!("{method:?} {host}{path} is sent to {origin:?}"));
                }
                let admitted = |identity: &&IdentityFacts| {
                    authorize(&policy, identity, &request, Timestamp::from_milliseconds(now)).is_ok()
                };
                if let Some(identity) = holders.iter().find(admitted).filter(|_| !could(method, now)) {
                    return Some(format!("{method:?} {host}{path} is open to {}", identity.name));
                }
            }
        }
        None
    }

    fn id_of(&self, owner: Owner, other: &str) -> Option<ProjectId> {
        match owner {
            Owner::Shop => ProjectId::parse(self.project),
            Owner::Other => ProjectId::parse(other),
            Owner::Nobody => None,
        }
    }

    fn policy(&self) -> std::rc::Rc<PolicyFacts> {
        let key = EvidenceKey::Policy(OrganizationId::parse(&self.world.organization).unwrap());
        match self.facts(key) {
            Facts::Policy(Some(policy)) => policy,
            other => panic!("{other:?}"),
        }
    }

    fn identity(&self, id: &str) -> Option<IdentityFacts> {
        match self.facts(EvidenceKey::Identity(IdentityId::parse(id).unwrap())) {
            Facts::Identity(identity) => identity.map(|identity| (*identity).clone()),
            other => panic!("{other:?}"),
        }
    }

    fn facts(&self, key: EvidenceKey) -> Facts {
        evidence::gather(&self.world.sql, key, self.world.now()).unwrap().facts
    }
}
