//! One call of every endpoint, right for what it is for, on an instance that has everything which paths can name.
//!
//! Every suite that holds for all endpoints takes its calls from here: who may do what, headers, hostile input, misplaced
//! fields, rehearsals, the journal. An endpoint without a call does not compile.

use serde_json::{Value, json};

use crate::endpoint::Authentication;
use crate::families::DirectoryEndpoint;
use crate::families::console::Console;
use crate::families::environments::Environments;
use crate::families::explain::Explain;
use crate::families::identities::Identities;
use crate::families::installation::Installation;
use crate::families::memberships::Memberships;
use crate::families::organization_roles::OrganizationRoles;
use crate::families::project_roles::ProjectRoles;
use crate::families::projects::{By, Projects};
use crate::families::route_delegations::RouteDelegations;
use crate::families::routes::Routes;
use crate::families::search::Search;
use crate::families::token_auth::TokenAuth;
use crate::families::tokens::Tokens;
use crate::families::universal_auth::UniversalAuth;
use crate::router::{self, Handler, RoutedEndpoint};
use crate::tests::world::{Call, Caller, World, text_at};
use domain::permission::operation::Operation;

/// What a call sends, and what who may do it is answered.
pub(crate) struct Sample {
    pub(crate) body: Value,
    pub(crate) status: u16,
}

/// What bodies name.
pub(crate) struct Named<'a> {
    pub(crate) organization: &'a str,
    /// An access token.
    pub(crate) token: &'a str,
    pub(crate) project: &'a str,
}

/// A call of an endpoint that is right for it.
pub(crate) fn sample(endpoint: DirectoryEndpoint, named: &Named<'_>) -> Sample {
    use DirectoryEndpoint as E;
    let (changed, made) =
        (json!({ "name": "changed" }), |name| json!({ "slug": "made", "name": name, "permissions": [] }));
    // Of a role that may do nothing, so that the permission alone decides.
    let roles = json!({ "roles": [{ "role": "no-access" }] });
    let body = match endpoint {
        E::Identities(Identities::CreateIdentity) => json!({ "name": "made", "organizationId": named.organization }),
        E::Identities(Identities::UpdateIdentity) => changed,
        E::TokenAuth(TokenAuth::UpdateTokenAuth) | E::UniversalAuth(UniversalAuth::UpdateUniversalAuth) => {
            json!({ "accessTokenNumUsesLimit": 5 })
        }
        E::Tokens(Tokens::UpdateTokenAuthToken) => changed,
        E::OrganizationRoles(OrganizationRoles::CreateOrganizationRole)
        | E::ProjectRoles(ProjectRoles::CreateProjectRole(_)) => made("Made"),
        E::OrganizationRoles(OrganizationRoles::UpdateOrganizationRole)
        | E::ProjectRoles(ProjectRoles::UpdateProjectRole(_)) => changed,
        E::Explain(Explain::Explain) => json!({ "accessToken": named.token }),
        E::RouteDelegations(RouteDelegations::CreateRouteDelegation) => {
            json!({ "projectId": named.project, "host": "made.example.com", "pathPrefix": "/" })
        }
        E::Projects(Projects::CreateProject) => json!({ "projectName": "made" }),
        E::Projects(Projects::UpdateProject(..)) | E::Environments(Environments::UpdateEnvironment) => changed,
        E::Projects(Projects::UpdateProjectAuditLogsRetention(..)) => json!({ "auditLogsRetentionDays": 30 }),
        E::Environments(Environments::CreateEnvironment) => json!({ "name": "Made", "slug": "made" }),
        E::Memberships(
            Memberships::CreateProjectIdentityMembership | Memberships::UpdateProjectIdentityMembership(_),
        ) => roles,
        E::Routes(Routes::CreateRoute) => json!({ "pathPrefix": "/made" }),
        E::Routes(Routes::UpdateRoute) => json!({ "webSocket": true }),
        E::Console(Console::SetIdentityAccessSubject) => json!({ "accessSubject": "ada@example.com" }),
        // They need no body.
        E::Installation(Installation::AdminBootstrap)
        | E::Identities(
            Identities::ListIdentities
            | Identities::GetIdentity
            | Identities::DeleteIdentity
            | Identities::GetIdentityDetails
            | Identities::ListSubOrganizations,
        )
        | E::TokenAuth(TokenAuth::AttachTokenAuth | TokenAuth::GetTokenAuth | TokenAuth::DeleteTokenAuth)
        | E::Tokens(
            Tokens::CreateTokenAuthToken
            | Tokens::GetTokenAuthTokens
            | Tokens::GetTokenAuthToken
            | Tokens::RevokeTokenAuthToken
            | Tokens::RenewAccessToken
            | Tokens::RevokeAccessToken,
        )
        | E::UniversalAuth(
            UniversalAuth::LoginWithUniversalAuth
            | UniversalAuth::AttachUniversalAuth
            | UniversalAuth::GetUniversalAuth
            | UniversalAuth::DeleteUniversalAuth
            | UniversalAuth::CreateUniversalAuthClientSecret
            | UniversalAuth::ListUniversalAuthClientSecrets
            | UniversalAuth::GetUniversalAuthClientSecret
            | UniversalAuth::RevokeUniversalAuthClientSecret
            | UniversalAuth::ClearUniversalAuthLockouts,
        )
        | E::OrganizationRoles(
            OrganizationRoles::ListOrganizationRoles
            | OrganizationRoles::ListOrganizationRolesInEnvelope
            | OrganizationRoles::GetOrganizationRole
            | OrganizationRoles::GetOrganizationRoleBySlug
            | OrganizationRoles::DeleteOrganizationRole,
        )
        | E::Search(
            Search::SearchIdentities
            | Search::SearchIdentitiesV2
            | Search::CountIdentitiesV2
            | Search::ListIdentityProjectMemberships
            | Search::ListIdentityMemberships,
        )
        | E::RouteDelegations(
            RouteDelegations::ListRouteDelegations
            | RouteDelegations::GetRouteDelegation
            | RouteDelegations::DeleteRouteDelegation,
        )
        | E::Projects(
            Projects::ListProjects(_)
            | Projects::GetProject(_)
            | Projects::GetProjectBySlug
            | Projects::DeleteProject(..),
        )
        | E::Environments(
            Environments::ListEnvironments
            | Environments::GetEnvironment
            | Environments::GetEnvironmentById
            | Environments::GetEnvironmentBySlug
            | Environments::DeleteEnvironment,
        )
        | E::ProjectRoles(
            ProjectRoles::ListProjectRoles(_)
            | ProjectRoles::DeleteProjectRole(_)
            | ProjectRoles::GetProjectRoleBySlug(_)
            | ProjectRoles::GetProjectRoleById,
        )
        | E::Memberships(
            Memberships::DeleteProjectIdentityMembership
            | Memberships::GetProjectIdentityMembership(_)
            | Memberships::ListProjectIdentityMemberships(_)
            | Memberships::GetProjectIdentityMembershipById
            | Memberships::ListAvailableProjectIdentities,
        )
        | E::Routes(Routes::ListRoutes | Routes::GetRoute | Routes::DeleteRoute)
        | E::Console(
            Console::CreateConsoleSignInCode
            | Console::SignInToConsole
            | Console::SignInToConsoleByAccess
            | Console::GetConsoleSession
            | Console::SignOutOfConsole
            | Console::SignOutOfConsoleEverywhere
            | Console::GetIdentityAccessSubject
            | Console::RemoveIdentityAccessSubject
            | Console::ListGivableOrganizationRoles
            | Console::ListGivableProjectRoles,
        ) => json!({}),
    };
    Sample { body, status: if is_there_already(endpoint) { 400 } else { 200 } }
}

/// Whether the identity of the paths has already what this would give it; only who may give it is told so.
pub(crate) const fn is_there_already(endpoint: DirectoryEndpoint) -> bool {
    matches!(
        endpoint,
        DirectoryEndpoint::TokenAuth(TokenAuth::AttachTokenAuth)
            | DirectoryEndpoint::UniversalAuth(UniversalAuth::AttachUniversalAuth)
            | DirectoryEndpoint::Memberships(Memberships::CreateProjectIdentityMembership)
    )
}

/// Whether an endpoint is about what is in one project.
pub(crate) const fn is_about_a_project(endpoint: DirectoryEndpoint) -> bool {
    matches!(
        endpoint,
        DirectoryEndpoint::Projects(_)
            | DirectoryEndpoint::Environments(_)
            | DirectoryEndpoint::ProjectRoles(_)
            | DirectoryEndpoint::Memberships(_)
            | DirectoryEndpoint::Routes(_)
            | DirectoryEndpoint::Console(Console::ListGivableProjectRoles)
    )
}

/// Whether a slug stands in `:projectId`.
fn names_project_by_slug(endpoint: DirectoryEndpoint) -> bool {
    use ProjectRoles as R;
    use Projects as P;
    matches!(
        endpoint,
        DirectoryEndpoint::Projects(
            P::GetProjectBySlug
                | P::UpdateProject(By::Slug, _)
                | P::DeleteProject(By::Slug, _)
                | P::UpdateProjectAuditLogsRetention(By::Slug, _)
        ) | DirectoryEndpoint::ProjectRoles(
            R::CreateProjectRole(By::Slug)
                | R::ListProjectRoles(By::Slug)
                | R::UpdateProjectRole(By::Slug)
                | R::DeleteProjectRole(By::Slug)
                | R::GetProjectRoleBySlug(By::Slug)
        )
    )
}

/// An endpoint that the Directory answers to the bearers of access tokens.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OfBearer {
    pub(crate) endpoint: &'static RoutedEndpoint,
    pub(crate) directory: DirectoryEndpoint,
}

/// Every such endpoint.
pub(crate) fn of_bearers() -> impl Iterator<Item = OfBearer> {
    router::all().filter_map(|endpoint| match endpoint.handler {
        Handler::Directory(directory, Authentication::AccessToken) => Some(OfBearer { endpoint, directory }),
        Handler::Directory(
            _,
            Authentication::AuthSecret
            | Authentication::PossessedToken
            | Authentication::ClientCredentials
            | Authentication::ConsoleSignIn
            | Authentication::CloudflareAccess
            | Authentication::ConsoleSession,
        )
        | Handler::Worker(_) => None,
    })
}

/// Endpoints behind a POST that make nothing: to send them twice is to send them once.
pub(crate) fn makes_nothing(endpoint: DirectoryEndpoint) -> bool {
    let asks = matches!(endpoint, DirectoryEndpoint::Search(_) | DirectoryEndpoint::Explain(_));
    asks || ends_something(endpoint) || clears_something(endpoint)
}

/// Endpoints behind a POST that take nothing from their body, and so do not read it.
pub(crate) fn takes_nothing(endpoint: DirectoryEndpoint) -> bool {
    ends_something(endpoint) || clears_something(endpoint)
}

fn clears_something(endpoint: DirectoryEndpoint) -> bool {
    endpoint == DirectoryEndpoint::UniversalAuth(UniversalAuth::ClearUniversalAuthLockouts)
}

/// Endpoints behind a POST that end something.
pub(crate) const fn ends_something(endpoint: DirectoryEndpoint) -> bool {
    matches!(
        endpoint,
        DirectoryEndpoint::Tokens(Tokens::RevokeTokenAuthToken)
            | DirectoryEndpoint::UniversalAuth(UniversalAuth::RevokeUniversalAuthClientSecret)
    )
}

/// Whether an endpoint takes something from a body.
pub(crate) fn takes_a_body(OfBearer { endpoint, directory }: OfBearer) -> bool {
    ["POST", "PATCH", "PUT"].contains(&endpoint.method) && !takes_nothing(directory)
}

/// How a command changes what is known of its target.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum JournalChange {
    /// It makes the target: nobody can know anything older.
    Creates,
    /// It turns no yes into a no. The feed names it; the replica is written once.
    Alters,
    /// It could turn a yes into a no. The feed names it; the replica is written twice.
    Narrows,
}

/// What a command leaves in the journal.
pub(crate) struct Journal {
    pub(crate) target: String,
    /// Each key that changed, and how.
    pub(crate) changes: Vec<(String, JournalChange)>,
}

/// What the calls of all endpoints of identities, Token Auth and tokens are about.
pub(crate) struct Targets {
    /// An identity with Token Auth and a token.
    pub(crate) holder: Caller,
    /// An identity without Token Auth.
    pub(crate) bare: String,
}

impl Targets {
    /// Targets with this role.
    pub(crate) fn new(world: &World, role: &str) -> Self {
        Self {
            holder: world.configured_caller(role, json!({"accessTokenTTL": 60, "accessTokenMaxTTL": 600})),
            bare: world.identity("bare", role),
        }
    }

    /// The endpoints of identities, Token Auth and tokens.
    pub(crate) fn endpoints() -> impl Iterator<Item = (&'static RoutedEndpoint, Authentication)> {
        router::all().filter_map(|endpoint| match endpoint.handler {
            Handler::Directory(
                DirectoryEndpoint::Identities(_) | DirectoryEndpoint::TokenAuth(_) | DirectoryEndpoint::Tokens(_),
                authentication,
            ) => Some((endpoint, authentication)),
            Handler::Directory(..) | Handler::Worker(_) => None,
        })
    }

    /// The call of such an endpoint, by nobody: it succeeds when an administrator makes it, or who holds the token.
    pub(crate) fn call<'w>(&self, world: &'w World, endpoint: &RoutedEndpoint) -> Call<'w> {
        let Handler::Directory(directory, _) = endpoint.handler else { panic!("{endpoint:?}") };
        let Self { holder, bare } = self;
        let identity = if is_there_already(directory) { bare } else { &holder.identity };
        let path = endpoint.path.replace(":identityId", identity).replace(":tokenId", &holder.token_id);
        let (organization, token) = (&world.organization, &holder.token);
        let body = sample(directory, &Named { organization, token, project: "" }).body;
        let query = if endpoint.operation == Operation::ListIdentities {
            format!("orgId={organization}")
        } else {
            String::new()
        };
        world.anonymous(endpoint.method, &path).query(&query).json(body)
    }

    /// What a call leaves in the journal; `None` for one that only reads.
    pub(crate) fn journal(&self, operation: Operation, answer: &Value) -> Option<Journal> {
        use JournalChange::{Alters, Creates, Narrows};
        let identity = |id: &str| format!("identity/{id}");
        let token = |id: &str| format!("token/{id}");
        let Self { holder, bare } = self;
        let (target, change) = match operation {
            Operation::CreateIdentity => (identity(&text_at(answer, "/identity/id")), Creates),
            Operation::UpdateIdentity
            | Operation::DeleteIdentity
            | Operation::UpdateTokenAuth
            | Operation::DeleteTokenAuth => (identity(&holder.identity), Narrows),
            Operation::AttachTokenAuth => (identity(bare), Narrows),
            Operation::CreateTokenAuthToken => (token(&text_at(answer, "/tokenData/id")), Creates),
            Operation::UpdateTokenAuthToken | Operation::RenewAccessToken => (token(&holder.token_id), Alters),
            Operation::RevokeTokenAuthToken | Operation::RevokeAccessToken => (token(&holder.token_id), Narrows),
            _ => return None,
        };
        Some(Journal { changes: vec![(target.clone(), change)], target })
    }

    /// Who makes the call.
    pub(crate) fn caller<'a>(&'a self, world: &'a World, authentication: Authentication) -> &'a Caller {
        if authentication == Authentication::PossessedToken { &self.holder } else { &world.admin }
    }
}

/// Everything that paths can name.
pub(crate) struct Fixture {
    pub(crate) world: World,
    /// For each parameter of a path what stands there. Add one for each new parameter.
    parameters: Vec<(&'static str, String)>,
    /// The same for paths into a project, where it differs.
    project_parameters: Vec<(&'static str, String)>,
    /// What stands for the project where a path names it by its slug.
    project_slug: String,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        let world = World::ticking();
        let target = world.caller("target", "no-access");
        let tokens = format!("/api/v1/auth/token-auth/identities/{}/tokens", target.identity);
        let token = world.administer("GET", &tokens, &json!({})).text("/tokens/0/id");
        let spare = world.role("spare", &json!([]));
        let universal_auth = format!("/api/v1/auth/universal-auth/identities/{}", target.identity);
        world.administer("POST", &universal_auth, &json!({}));
        let secret = world.administer("POST", &format!("{universal_auth}/client-secrets"), &json!({}));

        let project = world.administer("POST", "/api/v1/projects", &json!({ "projectName": "shop" }));
        let (project, project_slug) = (project.text("/project/id"), project.text("/project/slug"));
        let inside = format!("/api/v1/projects/{project}");
        let environment = world.administer("GET", &format!("{inside}/environments"), &json!({}));
        let role = json!({ "slug": "packer", "name": "Packer", "permissions": [] });
        let role = world.administer("POST", &format!("{inside}/roles"), &role).text("/role/id");
        let member = world.identity("member of the project", "no-access");
        let membership = format!("{inside}/memberships/identities/{member}");
        let membership = world.administer("POST", &membership, &json!({ "role": "viewer" }));
        let route = world.administer("POST", &format!("{inside}/routes"), &json!({ "pathPrefix": "/" }));
        let delegation = json!({ "projectId": project, "host": "spare.example.com", "pathPrefix": "/", "allowKeepAuthorization": false });
        let delegation = world.administer("POST", "/api/v1/organization/route-delegations", &delegation);
        let project_parameters = vec![
            (":projectId", project),
            (":environmentId", environment.text("/environments/0/id")),
            (":environmentSlug", environment.text("/environments/0/slug")),
            (":identityId", member),
            (":identityMembershipId", membership.text("/identityMembership/id")),
            (":roleId", role),
            (":roleSlug", "packer".to_owned()),
            (":routeId", route.text("/route/id")),
            (":slug", project_slug.clone()),
        ];
        let parameters = vec![
            (":identityId", target.identity),
            (":tokenId", token),
            (":roleId", spare),
            (":slug", "spare".to_owned()),
            (":organizationId", world.organization.clone()),
            (":orgId", world.organization.clone()),
            (":clientSecretId", secret.text("/clientSecretData/id")),
            (":delegationId", delegation.text("/routeDelegation/id")),
        ];
        Self { world, parameters, project_parameters, project_slug }
    }

    /// What stands for a parameter in paths.
    pub(crate) fn parameter(&self, parameter: &str) -> &str {
        stands_for(&self.parameters, parameter)
    }

    /// What stands for a parameter in paths into a project.
    pub(crate) fn in_project(&self, parameter: &str) -> &str {
        stands_for(&self.project_parameters, parameter)
    }

    /// The call of an endpoint.
    pub(crate) fn sample(&self, endpoint: DirectoryEndpoint) -> Sample {
        let World { organization, admin, .. } = &self.world;
        sample(endpoint, &Named { organization, token: &admin.token, project: self.in_project(":projectId") })
    }

    /// The path of an endpoint with what stands for its parameters.
    pub(crate) fn path(&self, OfBearer { endpoint, directory }: OfBearer) -> String {
        let segments = endpoint.path.split('/').map(|segment| {
            if segment == ":projectId" && names_project_by_slug(directory) {
                return self.project_slug.clone();
            }
            let of_project = self.project_parameters.iter().filter(|_| is_about_a_project(directory));
            let known = of_project.chain(&self.parameters).find(|(name, _)| *name == segment);
            match (known, segment.strip_prefix(':')) {
                (Some((_, value)), _) => value.clone(),
                (None, None) => segment.to_owned(),
                (None, Some(_)) => panic!("the fixture has nothing for {segment} of {}", endpoint.path),
            }
        });
        let path = segments.collect::<Vec<_>>().join("/");
        if directory == DirectoryEndpoint::Identities(Identities::ListIdentities) {
            return format!("{path}?orgId={}", self.world.organization);
        }
        path
    }

    /// The same about another identity than that of the paths, where that one has already what this would give it: a call
    /// that succeeds.
    pub(crate) fn path_that_succeeds(&self, of_bearer: OfBearer, other: impl FnOnce() -> String) -> String {
        let path = self.path(of_bearer);
        if !is_there_already(of_bearer.directory) {
            return path;
        }
        let known = if is_about_a_project(of_bearer.directory) {
            self.in_project(":identityId")
        } else {
            self.parameter(":identityId")
        };
        path.replace(known, &other())
    }
}

fn stands_for<'a>(parameters: &'a [(&'static str, String)], parameter: &str) -> &'a str {
    let known = parameters.iter().find(|(name, _)| *name == parameter);
    known.map_or_else(|| panic!("the fixture has nothing for {parameter}"), |(_, value)| value)
}

#[test]
fn every_call_succeeds_when_an_administrator_makes_it() {
    let fixture = Fixture::new();
    let Fixture { world, .. } = &fixture;
    let other = world.identity("other", "no-access");
    let mut made = 0;
    for of_bearer in of_bearers() {
        let path = fixture.path_that_succeeds(of_bearer, || other.clone());
        let body = fixture.sample(of_bearer.directory).body;
        let answer = world.rehearse(&world.admin, of_bearer.endpoint.method, &path, &body);
        assert_eq!(answer.status, 200, "{of_bearer:?} {answer:?}");
        made += 1;
    }
    assert!(made >= 100, "only {made}");
}
