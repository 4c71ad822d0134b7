//! Which lines of the table of requirements each operation of the API is about, for its description and for tests.

use crate::operation::Operation;
use domain::permission::ability::Permission;
use domain::permission::requirement::{OrganizationOperation, ProjectOperation};

/// What an operation of the API needs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Need {
    InOrganization(OrganizationOperation),
    InProject(ProjectOperation),
}

/// What an operation needs, in words; empty when it needs no permission.
pub fn needs_in_words(operation: Operation) -> Vec<String> {
    let words = |need| match need {
        Need::InOrganization(need) => (need.needs().permission, "in the organization"),
        Need::InProject(need) => (need.needs().permission, "in the project"),
    };
    let sentence = |(permission, place): (Permission, &str)| {
        format!("Needs `{}` on `{}` {place}.", permission.action.name(), permission.subject.name())
    };
    needs(operation).into_iter().map(words).map(sentence).collect()
}

/// The lines of the table that an operation of the API is about; none when it needs no permission.
pub fn needs(operation: Operation) -> Vec<Need> {
    use crate::families::console::Operation as Console;
    use crate::families::memberships::Operation as Members;
    use crate::families::project_roles::Operation as RolesOfProject;
    use crate::families::projects::Operation as Projects;
    use crate::families::roles::Operation as Roles;
    use crate::families::route_delegations::Operation as Delegations;
    use crate::families::routes::Operation as Routes;
    use crate::families::search::Operation as Search;
    use crate::families::universal_auth::Operation as UniversalAuth;
    use Need::{InOrganization as Org, InProject as Project};
    use Operation as O;
    use OrganizationOperation as N;
    use ProjectOperation as P;
    match operation {
        O::Bootstrap
        | O::ListSubOrganizations
        | O::GetIdentityDetails
        | O::RenewByBearer
        | O::RevokeByBearer
        | O::Status
        | O::Documentation(_)
        | O::UniversalAuth(UniversalAuth::Login)
        | O::Console(
            Console::GetSignInOptions
            | Console::CreateSignInCode
            | Console::SignIn
            | Console::SignInByAccess
            | Console::GetSession
            | Console::SignOut
            | Console::SignOutEverywhere,
        )
        | O::Projects(Projects::List(_)) => vec![],
        O::CreateIdentity => vec![Org(N::CreateIdentity)],
        O::ListIdentities => vec![Org(N::ListIdentities)],
        O::GetIdentity | O::Search(Search::ListPlaces) => vec![Org(N::GetIdentity)],
        O::UpdateIdentity => vec![Org(N::UpdateIdentity)],
        O::DeleteIdentity => vec![Org(N::DeleteIdentity)],
        O::AttachTokenAuth => vec![Org(N::AttachTokenAuth)],
        O::UpdateTokenAuth => vec![Org(N::UpdateTokenAuth)],
        O::GetTokenAuth => vec![Org(N::GetTokenAuth)],
        O::DeleteTokenAuth => vec![Org(N::RemoveTokenAuth)],
        O::CreateToken => vec![Org(N::CreateToken)],
        O::ListTokens => vec![Org(N::ListTokens)],
        O::GetToken => vec![Org(N::GetToken)],
        O::UpdateToken => vec![Org(N::RenameToken)],
        O::RevokeToken => vec![Org(N::RevokeToken)],
        O::UniversalAuth(UniversalAuth::Attach) => vec![Org(N::AttachUniversalAuth)],
        O::UniversalAuth(UniversalAuth::Update) => vec![Org(N::UpdateUniversalAuth)],
        O::UniversalAuth(UniversalAuth::Get) => vec![Org(N::GetUniversalAuth)],
        O::UniversalAuth(UniversalAuth::Delete) => vec![Org(N::RemoveUniversalAuth)],
        O::UniversalAuth(UniversalAuth::CreateClientSecret) => vec![Org(N::CreateClientSecret)],
        O::UniversalAuth(UniversalAuth::ListClientSecrets) => vec![Org(N::ListClientSecrets)],
        O::UniversalAuth(UniversalAuth::GetClientSecret) => vec![Org(N::GetClientSecret)],
        O::UniversalAuth(UniversalAuth::RevokeClientSecret) => vec![Org(N::RevokeClientSecret)],
        O::UniversalAuth(UniversalAuth::ClearLockouts) => vec![Org(N::ClearLockouts)],
        O::Roles(Roles::Create) => vec![Org(N::CreateRole)],
        O::Roles(Roles::List | Roles::ListInEnvelope) => vec![Org(N::ListRoles)],
        O::Roles(Roles::Get | Roles::GetBySlug) => vec![Org(N::GetRole)],
        O::Roles(Roles::Update) => vec![Org(N::UpdateRole)],
        O::Roles(Roles::Delete) => vec![Org(N::DeleteRole)],
        O::Search(Search::Search | Search::ScopedSearch | Search::Count | Search::ListMemberships) => {
            vec![Org(N::SearchIdentities)]
        }
        O::Explain(_) => vec![Org(N::Explain)],
        O::Console(Console::GetAccessSubject) => vec![Org(N::GetAccessSubject)],
        O::Console(Console::SetAccessSubject) => vec![Org(N::SetAccessSubject)],
        O::Console(Console::RemoveAccessSubject) => vec![Org(N::RemoveAccessSubject)],
        O::RouteDelegations(Delegations::Create) => vec![Org(N::CreateRouteDelegation)],
        O::RouteDelegations(Delegations::List | Delegations::Get) => vec![Org(N::ListRouteDelegations)],
        O::RouteDelegations(Delegations::Delete) => vec![Org(N::DeleteRouteDelegation)],
        O::Projects(Projects::Create) => vec![Org(N::CreateProject)],
        O::Projects(Projects::Get(_, _)) => vec![Project(P::GetProject)],
        O::Projects(Projects::Update(_, _) | Projects::SetAuditLogsRetention(_, _)) => vec![Project(P::UpdateProject)],
        O::Projects(Projects::Delete(_, _)) => vec![Project(P::DeleteProject)],
        O::Projects(Projects::CreateEnvironment) => vec![Project(P::CreateEnvironment)],
        O::Projects(Projects::ListEnvironments) => vec![Project(P::ListEnvironments)],
        O::Projects(Projects::GetEnvironment | Projects::GetEnvironmentById | Projects::GetEnvironmentBySlug) => {
            vec![Project(P::GetEnvironment)]
        }
        O::Projects(Projects::UpdateEnvironment) => vec![Project(P::UpdateEnvironment)],
        O::Projects(Projects::DeleteEnvironment) => vec![Project(P::DeleteEnvironment)],
        O::ProjectRoles(RolesOfProject::Create(_)) => vec![Project(P::CreateProjectRole)],
        O::ProjectRoles(RolesOfProject::List(_)) => vec![Project(P::ListProjectRoles)],
        O::ProjectRoles(RolesOfProject::GetById | RolesOfProject::GetBySlug(_)) => vec![Project(P::GetProjectRole)],
        O::ProjectRoles(RolesOfProject::Update(_)) => vec![Project(P::UpdateProjectRole)],
        O::ProjectRoles(RolesOfProject::Delete(_)) => vec![Project(P::DeleteProjectRole)],
        O::Memberships(Members::Create) => vec![Project(P::CreateMembership)],
        O::Memberships(Members::Update(_)) => vec![Project(P::UpdateMembership)],
        // Either of them.
        O::Memberships(Members::Delete) => vec![Project(P::DeleteMembership), Org(N::RemoveMembership)],
        O::Memberships(Members::Get(_) | Members::GetById) => vec![Project(P::GetMembership)],
        O::Memberships(Members::List(_)) => vec![Project(P::ListMemberships)],
        O::Memberships(Members::ListAvailable) => {
            vec![Project(P::ListAvailableIdentities), Org(N::NameAvailableIdentities)]
        }
        O::Routes(Routes::Create) => vec![Project(P::CreateRoute)],
        O::Routes(Routes::List) => vec![Project(P::ListRoutes)],
        O::Routes(Routes::Get) => vec![Project(P::GetRoute)],
        O::Routes(Routes::Update) => vec![Project(P::UpdateRoute)],
        O::Routes(Routes::Delete) => vec![Project(P::DeleteRoute)],
    }
}
