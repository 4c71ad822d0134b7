//! Cases of explanations. That the verdict is that of the data plane is shown beside its pipeline.

use super::*;
use crate::gateway::origin::Origin;
use crate::gateway::proxied_request::Entry;
use crate::gateway::request_method::RequestMethod;
use crate::gateway::request_path::RequestPath;
use crate::gateway::route::{PathPrefix, RouteMethods};
use crate::gateway::route_host::RouteHost;
use crate::gateway::route_options::RouteOptions;
use crate::gateway::web_socket_handshake::WebSocketHandshake;
use crate::network::trusted_ips::TrustedIps;
use crate::permission::ability::Action;
use crate::permission::project_role::BuiltInProjectRole;
use crate::permission::role_slug::RoleSlug;
use crate::permission::temporary_access::AccessPeriod;
use crate::token::access_token::TokenDigest;
use crate::token::facts::{AuthMethod, AuthMethodFacts, HeldProjectRole, RoleGrantFacts};
use crate::token::uses::UsesLimit;
use crate::value::identifiers::{
    AuthMethodConfigurationId, ClientSecretId, IdentityId, OrganizationId, ProjectId, RouteId,
};

const PROJECT: ProjectId = ProjectId::from_bytes([7; 16]);
const ORGANIZATION: OrganizationId = OrganizationId::from_bytes([5; 16]);
const SECRET: ClientSecretId = ClientSecretId::from_bytes([6; 16]);

const fn at(milliseconds: i64) -> Timestamp {
    Timestamp::from_milliseconds(milliseconds)
}

/// Something to explain, to which every check applies.
struct Case {
    asked: AskedToken,
    token: Option<TokenFacts>,
    identity: Option<IdentityFacts>,
    client: Option<IpAddr>,
    request: Option<AskedRequest>,
    policy: PolicyFacts,
    uses: Option<u64>,
}

impl Case {
    fn allowed() -> Self {
        let (id, digest) = (TokenId::from_bytes([1; 16]), TokenDigest::from_bytes([2; 32]));
        let configuration = AuthMethodConfigurationId::from_bytes([3; 16]);
        let viewer = HeldProjectRole::for_tests("viewer");
        Self {
            asked: AskedToken::Presented(PresentedToken { id, digest: digest.clone() }),
            token: Some(TokenFacts {
                id,
                digest,
                identity: IdentityId::from_bytes([4; 16]),
                auth_method: AuthMethod::UniversalAuth,
                configuration,
                client_secret: Some(SECRET),
                name: None,
                created: at(0),
                expires: Some(at(1_000)),
                uses_limit: UsesLimit::from_wire(3).unwrap(),
                revoked: false,
            }),
            identity: Some(IdentityFacts {
                id: IdentityId::from_bytes([4; 16]),
                name: "build".to_owned(),
                organization: ORGANIZATION,
                role: RoleSlug::parse("no-access").unwrap(),
                token_auth: None,
                universal_auth: Some(AuthMethodFacts {
                    configuration,
                    trusted_ips: TrustedIps::parse(["203.0.113.0/24"]).unwrap(),
                    revoked_client_secrets: Vec::new(),
                }),
                projects: vec![ProjectMembershipFacts {
                    project: PROJECT,
                    slug: "shop".to_owned(),
                    roles: vec![RoleGrantFacts { role: viewer, period: None }],
                }],
            }),
            client: Some("203.0.113.9".parse().unwrap()),
            request: Some(AskedRequest::Clear(request(RequestMethod::Get, "/orders/7"))),
            policy: PolicyFacts::of_delegated_routes(ORGANIZATION, Vec::new(), vec![route()]),
            uses: Some(2),
        }
    }

    fn explain(&self) -> Result<Explanation, UsesUnknown> {
        explain(&Inquiry {
            asked: &self.asked,
            token: self.token.as_ref(),
            identity: self.identity.as_ref(),
            client: self.client,
            request: self.request.as_ref().map(|request| DescribedUse { request, policy: &self.policy }),
            uses: self.uses,
            now: at(999),
        })
    }

    fn token(&mut self) -> &mut TokenFacts {
        self.token.as_mut().unwrap()
    }

    fn identity(&mut self) -> &mut IdentityFacts {
        self.identity.as_mut().unwrap()
    }
}

fn route() -> Route {
    Route {
        id: RouteId::from_bytes([8; 16]),
        project: PROJECT,
        host: Some(RouteHost::parse("shop.example").unwrap()),
        path_prefix: PathPrefix::parse("/orders").unwrap(),
        methods: RouteMethods::These([RequestMethod::Get, RequestMethod::Post].into()),
        origin: Some(Origin::from_stored("https://origin.example.com")),
        options: RouteOptions { web_socket: true, ..RouteOptions::default() },
    }
}

fn request(method: RequestMethod, path: &str) -> ProxiedRequest {
    let host = RouteHost::parse("shop.example").unwrap();
    // What begins as a GET here asks to become a WebSocket.
    let web_socket = WebSocketHandshake::described(method).ok();
    ProxiedRequest { entry: Entry::Gateway, host, method, path: RequestPath::parse(path).unwrap(), web_socket }
}

fn asks_for_a_web_socket(case: &Case) -> bool {
    matches!(&case.request, Some(AskedRequest::Clear(request)) if request.web_socket.is_some())
}

type Break = (Check, &'static str, fn(&mut Case));

/// Each of these breaks one check, in the order of the checks.
const BREAKS: [Break; 17] = [
    (Check::Path, "ambiguous_path", |case| {
        case.request = Some(AskedRequest::Ambiguous(AmbiguousPath::DotSegment));
    }),
    (Check::Format, "malformed", |case| case.asked = AskedToken::Refused(AccessTokenError::Malformed)),
    (Check::Tag, "forged", |case| case.asked = AskedToken::Refused(AccessTokenError::Forged)),
    (Check::Known, "unknown", |case| case.token = None),
    (Check::Secret, "wrong_secret", |case| case.token().digest = TokenDigest::from_bytes([9; 32])),
    (Check::NotRevoked, "revoked", |case| case.token().revoked = true),
    (Check::NotExpired, "expired", |case| case.token().expires = Some(at(999))),
    (Check::Identity, "identity_deleted", |case| case.identity = None),
    (Check::AuthMethod, "auth_method_removed", |case| {
        case.identity().universal_auth.as_mut().unwrap().configuration = AuthMethodConfigurationId::from_bytes([9; 16]);
    }),
    (Check::ClientSecret, "client_secret_revoked", |case| {
        case.identity().universal_auth.as_mut().unwrap().revoked_client_secrets = vec![SECRET];
    }),
    (Check::ClientAddress, "client_ip_not_trusted", |case| case.client = Some("198.51.100.1".parse().unwrap())),
    (Check::Route, "host_unknown", |case| {
        case.policy = PolicyFacts::of_delegated_routes(ORGANIZATION, Vec::new(), Vec::new())
    }),
    (Check::Membership, "not_a_member", |case| case.identity().projects.clear()),
    (Check::Method, "method_not_allowed", |case| {
        case.request = Some(AskedRequest::Clear(request(RequestMethod::Put, "/orders/7")));
    }),
    (Check::Permission, "permission_missing", |case| {
        case.request = Some(AskedRequest::Clear(request(RequestMethod::Post, "/orders/7")));
    }),
    (Check::WebSocket, "web_socket_not_allowed", |case| {
        let plain = Route { options: RouteOptions::default(), ..route() };
        case.policy = PolicyFacts::of_delegated_routes(ORGANIZATION, Vec::new(), vec![plain]);
    }),
    (Check::Uses, "uses_exhausted", |case| case.uses = Some(3)),
];

#[test]
fn check_and_outcome_names_unchanged() {
    let checks: Vec<&str> = Check::ALL.into_iter().map(Check::name).collect();
    assert_eq!(
        checks.join(" "),
        "path format tag known secret not_revoked not_expired identity auth_method client_secret client_address route \
         membership method permission web_socket uses"
    );
    let outcomes = [Outcome::Passed, Outcome::Failed, Outcome::NotReached, Outcome::NotApplicable];
    assert_eq!(outcomes.map(Outcome::name), ["passed", "failed", "not_reached", "not_applicable"]);
}

#[test]
fn when_everything_is_in_order_every_check_passes() {
    let explanation = Case::allowed().explain().unwrap();
    assert_eq!(explanation.refusal, None);
    assert_eq!(explanation.checks, Check::ALL.map(|check| (check, Outcome::Passed)));
}

#[test]
fn the_check_that_fails_is_named_and_of_those_behind_it_nothing_is_said() {
    for (number, (check, code, break_it)) in BREAKS.iter().enumerate() {
        let mut case = Case::allowed();
        break_it(&mut case);
        let explanation = case.explain().unwrap();
        let refusal = explanation.refusal.as_ref().unwrap();
        assert_eq!((refusal.check(), refusal.code()), (*check, *code));
        for (position, (name, outcome)) in explanation.checks.into_iter().enumerate() {
            let expected = match position.cmp(&number) {
                std::cmp::Ordering::Less => Outcome::Passed,
                std::cmp::Ordering::Equal => Outcome::Failed,
                std::cmp::Ordering::Greater if name == Check::WebSocket && !asks_for_a_web_socket(&case) => {
                    Outcome::NotApplicable
                }
                std::cmp::Ordering::Greater => Outcome::NotReached,
            };
            assert_eq!(outcome, expected, "{name:?} when {check:?} fails");
        }
        assert_eq!(explanation.request.is_some(), *check > Check::Route, "{check:?}");
    }
}

#[test]
fn a_token_that_is_named_is_taken_to_have_been_shown() {
    let mut case = Case::allowed();
    case.asked = AskedToken::Named(TokenId::from_bytes([1; 16]));
    let explanation = case.explain().unwrap();
    assert_eq!(explanation.refusal, None);
    for (check, outcome) in explanation.checks {
        let has_no_plaintext = matches!(check, Check::Format | Check::Tag | Check::Secret);
        assert_eq!(outcome == Outcome::NotApplicable, has_no_plaintext, "{check:?}");
    }
    case.token = None;
    assert_eq!(case.explain().unwrap().refusal, Some(ExplainedRefusal::Bearer(Refusal::Unknown)));
    case.token = Case::allowed().token;
    case.token().id = TokenId::from_bytes([9; 16]);
    assert_eq!(case.explain().unwrap().refusal, Some(ExplainedRefusal::Bearer(Refusal::WrongSecret)));
}

#[test]
fn what_is_not_there_is_not_checked() {
    #[track_caller]
    fn check(change: fn(&mut Case), expected: &[Check]) {
        let mut case = Case::allowed();
        change(&mut case);
        let explanation = case.explain().unwrap();
        assert_eq!(explanation.refusal, None);
        let of_no_use = explanation.checks.into_iter().filter(|(_, outcome)| *outcome == Outcome::NotApplicable);
        assert_eq!(of_no_use.map(|(check, _)| check).collect::<Vec<_>>(), expected);
    }
    check(|_| {}, &[]);
    check(|case| case.token().client_secret = None, &[Check::ClientSecret]);
    check(|case| case.token().uses_limit = UsesLimit::UNLIMITED, &[Check::Uses]);
    let of_a_request =
        [Check::Path, Check::Route, Check::Membership, Check::Method, Check::Permission, Check::WebSocket];
    check(|case| case.request = None, &of_a_request);
    let plain = |case: &mut Case| {
        let plain = ProxiedRequest { web_socket: None, ..request(RequestMethod::Get, "/orders/7") };
        case.request = Some(AskedRequest::Clear(plain));
    };
    check(plain, &[Check::WebSocket]);
}

#[test]
fn uses_that_nobody_has_told_are_not_guessed() {
    let mut case = Case::allowed();
    case.uses = None;
    assert_eq!(case.explain(), Err(UsesUnknown));
    // Where something else decides, they do not matter.
    case.token().revoked = true;
    assert_eq!(case.explain().unwrap().refusal, Some(ExplainedRefusal::Bearer(Refusal::Revoked)));
    let mut case = Case::allowed();
    (case.uses, case.token().uses_limit) = (None, UsesLimit::UNLIMITED);
    assert_eq!(case.explain().unwrap().refusal, None);
}

#[test]
fn the_findings_are_what_the_decision_looked_at() {
    let mut case = Case::allowed();
    let over = RoleGrantFacts {
        role: HeldProjectRole::for_tests("admin"),
        period: Some(AccessPeriod { start: at(0), end: at(999) }),
    };
    case.identity().projects[0].roles.push(over);
    let findings = case.explain().unwrap().request.unwrap();
    assert_eq!(*findings.route, route());
    let membership = findings.membership.unwrap();
    assert_eq!(membership.needed.action, Action::Read);
    assert_eq!(membership.facts.roles.len(), 2);
    // Of the viewer's rules only the one about reading requests; of the role that is over none.
    let viewer = BuiltInProjectRole::Viewer.ability();
    let read_requests = viewer.rules().iter().filter(|rule| rule.is_about("read", "requests")).cloned();
    assert_eq!(membership.considered, read_requests.collect::<Vec<_>>());
    assert_eq!(membership.deciding, membership.considered.last().cloned());

    // Where no route is for the method, one that is for the host and path.
    case.request = Some(AskedRequest::Clear(request(RequestMethod::Put, "/orders/7")));
    let findings = case.explain().unwrap().request.unwrap();
    assert_eq!((&*findings.route, findings.membership.is_some()), (&route(), true));
    case.identity().projects.clear();
    let findings = case.explain().unwrap().request.unwrap();
    assert_eq!((&*findings.route, findings.membership), (&route(), None));
}

#[test]
fn the_described_address_comes_before_that_of_the_caller() {
    let address = |text: &str| text.parse::<IpAddr>().unwrap();
    let (one, two) = (address("192.0.2.1"), address("192.0.2.2"));
    #[track_caller]
    fn check(described: Option<IpAddr>, caller: Option<IpAddr>, expected: ConsideredAddress) {
        let chosen = ConsideredAddress::choose(described, caller);
        assert_eq!((chosen, chosen.address()), (expected, described.or(caller)));
    }
    check(Some(one), Some(two), ConsideredAddress::Described(one));
    check(Some(one), None, ConsideredAddress::Described(one));
    check(None, Some(two), ConsideredAddress::Caller(two));
    check(None, None, ConsideredAddress::Unknown);
}
