//! The operations of the management API: one table of routes, each with who may call it.

use std::sync::OnceLock;

use matchit::Router;

use crate::families::{
    console, explain, memberships, project_roles, projects, roles, route_delegations, routes, search, universal_auth,
};
use crate::openapi;

/// An operation, by Infisical's operation id.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Operation {
    /// `adminBootstrap`
    Bootstrap,
    /// `createIdentity`
    CreateIdentity,
    /// `listIdentities`
    ListIdentities,
    /// `getIdentity`
    GetIdentity,
    /// `updateIdentity`
    UpdateIdentity,
    /// `deleteIdentity`
    DeleteIdentity,
    /// `getIdentityDetails`
    GetIdentityDetails,
    /// `listSubOrganizations`: there are none.
    ListSubOrganizations,
    /// `attachTokenAuth`
    AttachTokenAuth,
    /// `updateTokenAuth`
    UpdateTokenAuth,
    /// `getTokenAuth`
    GetTokenAuth,
    /// `deleteTokenAuth`
    DeleteTokenAuth,
    /// `createTokenAuthToken`
    CreateToken,
    /// `getTokenAuthTokens`
    ListTokens,
    /// `getTokenAuthToken`
    GetToken,
    /// `updateTokenAuthToken`
    UpdateToken,
    /// `revokeTokenAuthToken`
    RevokeToken,
    /// `renewAccessToken`
    RenewByBearer,
    /// `revokeAccessToken`
    RevokeByBearer,
    /// `getStatus`
    Status,
    /// Universal Auth: its configuration, client secrets and logins.
    UniversalAuth(universal_auth::Operation),
    /// Organization roles: create, change, delete, look up.
    Roles(roles::Operation),
    /// Projects and their environments.
    Projects(projects::Operation),
    /// Roles of a project: create, change, delete, look up.
    ProjectRoles(project_roles::Operation),
    /// Protected routes of a project.
    Routes(routes::Operation),
    /// What projects may have routes for.
    RouteDelegations(route_delegations::Operation),
    /// Memberships of identities in projects.
    Memberships(memberships::Operation),
    /// Searching and listing identities.
    Search(search::Operation),
    /// Why a token would be refused.
    Explain(explain::Operation),
    /// Sessions of operators in the console.
    Console(console::Operation),
    /// The description of the API.
    Documentation(openapi::Operation),
}

/// What stands in the body of an operation, and so whether it may leave the Worker.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BodyKind {
    /// No secret: the Directory reads it.
    Plain,
    /// What the caller authenticates with: the Worker reads it, and passes digests on.
    Credentials,
    /// A question in which a token may stand: the Worker reads it, and passes on a question without the secret.
    Question,
}

impl Operation {
    /// What stands in its body. A new operation has to say it: the Directory is never sent a plaintext secret.
    pub const fn body_kind(self) -> BodyKind {
        use console::Operation as C;
        use universal_auth::Operation as U;
        match self {
            Self::Explain(explain::Operation::Explain) => BodyKind::Question,
            Self::RenewByBearer | Self::RevokeByBearer | Self::UniversalAuth(U::Login) | Self::Console(C::SignIn) => {
                BodyKind::Credentials
            }
            Self::Bootstrap
            | Self::CreateIdentity
            | Self::ListIdentities
            | Self::GetIdentity
            | Self::UpdateIdentity
            | Self::DeleteIdentity
            | Self::GetIdentityDetails
            | Self::ListSubOrganizations
            | Self::AttachTokenAuth
            | Self::UpdateTokenAuth
            | Self::GetTokenAuth
            | Self::DeleteTokenAuth
            | Self::CreateToken
            | Self::ListTokens
            | Self::GetToken
            | Self::UpdateToken
            | Self::RevokeToken
            | Self::Status
            | Self::UniversalAuth(
                U::Attach
                | U::Update
                | U::Get
                | U::Delete
                | U::CreateClientSecret
                | U::ListClientSecrets
                | U::GetClientSecret
                | U::RevokeClientSecret
                | U::ClearLockouts,
            )
            | Self::Roles(_)
            | Self::Projects(_)
            | Self::ProjectRoles(_)
            | Self::Routes(_)
            | Self::RouteDelegations(_)
            | Self::Memberships(_)
            | Self::Search(_)
            | Self::Console(
                C::GetSignInOptions
                | C::CreateSignInCode
                | C::SignInByAccess
                | C::GetSession
                | C::SignOut
                | C::SignOutEverywhere
                | C::GetAccessSubject
                | C::SetAccessSubject
                | C::RemoveAccessSubject,
            )
            | Self::Documentation(_) => BodyKind::Plain,
        }
    }
}

/// What a caller must show.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Authentication {
    /// Nothing. DIFFERENCE: Infisical examines a bearer even here, and consumes a use of it; here it is ignored.
    Nothing,
    /// `AUTH_SECRET` as bearer. DIFFERENCE: Infisical gives the instance to whoever calls first.
    AuthSecret,
    /// An access token as bearer, or a session in the console.
    AccessToken,
    /// An access token in the body: possession suffices, and a bearer is ignored.
    PossessedToken,
    /// A client id and a client secret in the body; a bearer is ignored.
    ClientCredentials,
    /// An access token or a sign-in code in the body, sent by the console; a bearer is ignored.
    ConsoleSignIn,
    /// What Cloudflare Access says of whom it has let through, in a request of the console; a bearer is ignored.
    CloudflareAccess,
    /// A session in the console.
    ConsoleSession,
}

impl Authentication {
    /// Whether the caller shows something that could be guessed, and nothing that has been checked before.
    pub const fn invites_guesses(self) -> bool {
        match self {
            Self::AuthSecret
            | Self::PossessedToken
            | Self::ClientCredentials
            | Self::ConsoleSignIn
            | Self::CloudflareAccess => true,
            Self::Nothing | Self::AccessToken | Self::ConsoleSession => false,
        }
    }
}

/// One route: method and path of an operation, and what its caller must show.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// The method.
    pub method: &'static str,
    /// The path, with `:name` for a parameter.
    pub path: &'static str,
    /// What to do.
    pub operation: Operation,
    /// What the caller must show.
    pub authentication: Authentication,
}

/// Writes a route down.
pub const fn route(
    method: &'static str,
    path: &'static str,
    operation: Operation,
    authentication: Authentication,
) -> Route {
    Route { method, path, operation, authentication }
}

/// The routes of identities, Token Auth and tokens. Paths have no trailing slash; a request may have one.
const ROUTES: &[Route] = {
    use Authentication::{AccessToken, AuthSecret, Nothing, PossessedToken};
    use Operation as O;
    &[
        route("GET", "/api/status", O::Status, Nothing),
        route("GET", "/healthz", O::Status, Nothing),
        route("POST", "/api/v1/admin/bootstrap", O::Bootstrap, AuthSecret),
        route("POST", "/api/v1/identities", O::CreateIdentity, AccessToken),
        route("GET", "/api/v1/identities", O::ListIdentities, AccessToken),
        route("GET", "/api/v1/identities/details", O::GetIdentityDetails, AccessToken),
        route("GET", "/api/v1/sub-organizations", O::ListSubOrganizations, AccessToken),
        route("GET", "/api/v1/identities/:identityId", O::GetIdentity, AccessToken),
        route("PATCH", "/api/v1/identities/:identityId", O::UpdateIdentity, AccessToken),
        route("DELETE", "/api/v1/identities/:identityId", O::DeleteIdentity, AccessToken),
        route("POST", "/api/v1/auth/token-auth/identities/:identityId", O::AttachTokenAuth, AccessToken),
        route("PATCH", "/api/v1/auth/token-auth/identities/:identityId", O::UpdateTokenAuth, AccessToken),
        route("GET", "/api/v1/auth/token-auth/identities/:identityId", O::GetTokenAuth, AccessToken),
        route("DELETE", "/api/v1/auth/token-auth/identities/:identityId", O::DeleteTokenAuth, AccessToken),
        route("POST", "/api/v1/auth/token-auth/identities/:identityId/tokens", O::CreateToken, AccessToken),
        route("GET", "/api/v1/auth/token-auth/identities/:identityId/tokens", O::ListTokens, AccessToken),
        route("GET", "/api/v1/auth/token-auth/identities/:identityId/tokens/:tokenId", O::GetToken, AccessToken),
        route("GET", "/api/v1/auth/token-auth/tokens/:tokenId", O::GetToken, AccessToken),
        route("PATCH", "/api/v1/auth/token-auth/tokens/:tokenId", O::UpdateToken, AccessToken),
        route("POST", "/api/v1/auth/token-auth/tokens/:tokenId/revoke", O::RevokeToken, AccessToken),
        route("POST", "/api/v1/auth/token/renew", O::RenewByBearer, PossessedToken),
        route("POST", "/api/v1/auth/token/revoke", O::RevokeByBearer, PossessedToken),
    ]
};

/// The routes by family.
const FAMILIES: &[&[Route]] = &[
    ROUTES,
    universal_auth::ROUTES,
    roles::ROUTES,
    projects::ROUTES,
    project_roles::ROUTES,
    routes::ROUTES,
    route_delegations::ROUTES,
    memberships::ROUTES,
    search::ROUTES,
    explain::ROUTES,
    console::ROUTES,
    openapi::ROUTES,
];

/// Every route.
pub fn all() -> impl Iterator<Item = &'static Route> {
    FAMILIES.iter().flat_map(|family| family.iter())
}

/// A route that was found for a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Matched {
    /// What to do.
    pub operation: Operation,
    /// What the caller must show.
    pub authentication: Authentication,
    parameters: Vec<(String, String)>,
}

impl Matched {
    /// The text that stood in the path at this parameter; empty when the route has none of this name.
    pub fn parameter(&self, name: &str) -> &str {
        self.parameters.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
    }
}

/// The route of a request; `None` when there is none. The path is matched as it was sent, without decoding.
pub fn find(method: &str, path: &str) -> Option<Matched> {
    let path = match path.strip_suffix('/') {
        Some(shorter) if !shorter.is_empty() => shorter,
        Some(_) | None => path,
    };
    let found = router().at(path).ok()?;
    let route = found.value.iter().find(|route| route.method == method)?;
    Some(Matched {
        operation: route.operation,
        authentication: route.authentication,
        parameters: found.params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
    })
}

/// For each path its routes, one for each method.
fn router() -> &'static Router<Vec<&'static Route>> {
    static ROUTER: OnceLock<Router<Vec<&'static Route>>> = OnceLock::new();
    ROUTER.get_or_init(|| {
        let mut router = Router::new();
        for route in all() {
            let of_this_path = all().filter(|other| other.path == route.path).collect();
            // A path with several methods is inserted once; the router refuses the others, which changes nothing.
            let _ = router.insert(route.path, of_this_path);
        }
        router
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_of_the_table_is_found() {
        for route in all() {
            let path = route.path.replace(":identityId", "abc").replace(":tokenId", "xyz");
            let matched = find(route.method, &path).unwrap_or_else(|| panic!("{} {path}", route.method));
            assert_eq!((matched.operation, matched.authentication), (route.operation, route.authentication));
            if route.path.contains(":identityId") {
                assert_eq!(matched.parameter("identityId"), "abc");
            }
            if route.path.contains(":tokenId") {
                assert_eq!(matched.parameter("tokenId"), "xyz");
            }
        }
    }

    #[test]
    fn who_authenticates_in_the_body_sends_nothing_else_there() {
        for route in all() {
            let in_the_body = matches!(
                route.authentication,
                Authentication::PossessedToken | Authentication::ClientCredentials | Authentication::ConsoleSignIn
            );
            assert_eq!(route.operation.body_kind() == BodyKind::Credentials, in_the_body, "{route:?}");
        }
    }

    #[test]
    fn one_trailing_slash_is_ignored_and_anything_else_is_another_path() {
        #[track_caller]
        fn check(method: &str, path: &str, expected: Option<Operation>) {
            assert_eq!(find(method, path).map(|matched| matched.operation), expected, "{method} {path}");
        }
        check("POST", "/api/v1/identities/", Some(Operation::CreateIdentity));
        check("POST", "/api/v1/identities//", None);
        check("GET", "/api/v1/identities/details", Some(Operation::GetIdentityDetails));
        check("GET", "/api/v1/identities/%64etails", Some(Operation::GetIdentity));
        check("PUT", "/api/v1/identities", None);
        check("get", "/api/v1/identities", None);
        check("GET", "/API/v1/identities", None);
        check("GET", "/", None);
        check("GET", "", None);
        // Identities that belong to one project alone, and organizations below another, do not exist here.
        for (method, path) in [
            ("POST", "/api/v1/projects/p/identities"),
            ("GET", "/api/v1/projects/p/identities"),
            ("GET", "/api/v1/projects/p/identities/i"),
            ("PATCH", "/api/v1/projects/p/identities/i"),
            ("DELETE", "/api/v1/projects/p/identities/i"),
            ("GET", "/api/v1/organization/available-identities"),
        ] {
            check(method, path, None);
        }
    }
}
