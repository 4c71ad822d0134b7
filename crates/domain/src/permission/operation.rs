//! Every operation, once: its id, what it needs, and what a caller who holds too little is told it failed to do.
//!
//! A row is the operation, its id (Infisical's, where there is one; the audit log calls it the same unless the row says
//! `audited`), and what its actor must hold: nothing, or in the organization, in the project, or in both an action on a
//! subject, and in brackets what it must hold besides. Operations in the organization are allowed by the actor's role
//! there, operations in a project by its roles in the project at that moment; whoever may do everything in the
//! organization may do everything in each of its projects, member or not, and anybody else must be a member. A rule on
//! `identity` may be about the one identity that is meant.
//!
//! Commands and queries ask for what stands here and nothing else; endpoints, the document, the audit log and the tests
//! read the same rows. What is one operation for the authority is one row, however many paths lead to it.

use crate::permission::ability::{Ability, Action, Permission, Subject};
use crate::permission::condition::Attributes;

/// What an actor must hold in one place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Requirement {
    pub permission: Permission,
    /// What it must hold besides, lest it gain, give or take away more than it has.
    pub beyond: &'static [Boundary],
}

/// Where an actor must hold what.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Needs {
    /// Nothing: to see whose a token is, to list the projects one is in, to use a credential that one has.
    Nothing,
    /// This, by its role in the organization.
    InOrganization(Requirement),
    /// This, by its roles in the project.
    InProject(Requirement),
    /// One of the two.
    Either {
        /// By its roles in the project.
        in_project: Requirement,
        /// By its role in the organization.
        in_organization: Requirement,
    },
    Both {
        /// By its roles in the project.
        in_project: Requirement,
        /// By its role in the organization.
        in_organization: Requirement,
    },
}

impl Needs {
    /// What a role in the organization must allow; `None` when no such role decides.
    pub const fn in_organization(self) -> Option<Requirement> {
        match self {
            Self::InOrganization(requirement)
            | Self::Either { in_organization: requirement, .. }
            | Self::Both { in_organization: requirement, .. } => Some(requirement),
            Self::Nothing | Self::InProject(_) => None,
        }
    }

    /// What roles in the project must allow; `None` when no such role decides.
    pub const fn in_project(self) -> Option<Requirement> {
        match self {
            Self::InProject(requirement)
            | Self::Either { in_project: requirement, .. }
            | Self::Both { in_project: requirement, .. } => Some(requirement),
            Self::Nothing | Self::InOrganization(_) => None,
        }
    }
}

/// What an actor must hold besides a permission.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Boundary {
    /// All that the identity may do, in the organization and, for good, in each of its projects: for what adds to what can
    /// be done as the identity.
    Identity,
    /// All that the identity's role in the organization allows: for what takes away. What the identity may do in projects
    /// does not count: others can give it that, and nobody must be able to make an identity immune.
    OrganizationRole,
    /// If the change adds to what can be done as the identity, all that it may do, as in [`Boundary::Identity`].
    Widened,
    /// All that the identity may do in the project.
    Member,
    /// All that the identity's roles in the project allow: for taking them away.
    MemberRoles,
    /// The right to give privileges to the identity, and all of the role that it is given, for as long as it is.
    GivenRole,
    /// What a role that is taken away denied.
    RemovedDenial,
    /// All that the role may do.
    Role,
    /// What the changed role may do, and what it denied.
    ChangedRole,
    /// If the role is to deny more, all that each of its holders may do in the project.
    Holders,
    /// For good, every action on the requests that the routes take or took.
    Requests,
    /// If routes may keep the `Authorization` header, everything: their origins then receive the tokens of everybody.
    KeptAuthorization,
}

macro_rules! needs {
    (nothing) => {
        Needs::Nothing
    };
    (organization $action:ident $subject:ident $([$($beyond:ident)+])?) => {
        Needs::InOrganization(needs!(@ $action $subject [$($($beyond)+)?]))
    };
    (project $action:ident $subject:ident $([$($beyond:ident)+])?) => {
        Needs::InProject(needs!(@ $action $subject [$($($beyond)+)?]))
    };
    (project $action:ident $subject:ident [$($beyond:ident)*]
     or organization $other:ident $thing:ident [$($besides:ident)*]) => {
        Needs::Either {
            in_project: needs!(@ $action $subject [$($beyond)*]),
            in_organization: needs!(@ $other $thing [$($besides)*]),
        }
    };
    (project $action:ident $subject:ident and organization $other:ident $thing:ident) => {
        Needs::Both { in_project: needs!(@ $action $subject []), in_organization: needs!(@ $other $thing []) }
    };
    (@ $action:ident $subject:ident [$($beyond:ident)*]) => {
        Requirement {
            permission: Permission::new(Action::$action, Subject::$subject),
            beyond: &[$(Boundary::$beyond),*],
        }
    };
}

macro_rules! operations {
    ($($operation:ident = $id:literal $(audited $action:literal)?, ($($needs:tt)+) $(, $attempt:literal)?;)+) => {
        /// An operation, named as its id is.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Operation {
            $(#[doc = concat!("`", $id, "`")] $operation,)+
        }

        impl Operation {
            /// Every operation.
            pub const ALL: &'static [Self] = &[$(Self::$operation),+];

            pub const fn id(self) -> &'static str {
                match self {
                    $(Self::$operation => $id,)+
                }
            }

            /// What the audit log calls it: its id, but where rows were written before it had one.
            pub const fn audit_action(self) -> &'static str {
                match self {
                    $(Self::$operation => operations!(@first $($action,)? $id),)+
                }
            }

            /// What it needs.
            pub const fn needs(self) -> Needs {
                match self {
                    $(Self::$operation => needs!($($needs)+),)+
                }
            }

            /// What an actor is told it failed to do when it holds too little of what stands in brackets.
            pub const fn beyond_boundary(self) -> &'static str {
                match self {
                    $(Self::$operation => operations!(@first $($attempt,)? "Failed to do what you may not do yourself"),)+
                }
            }
        }
    };
    (@first $first:literal $(, $second:literal)?) => {
        $first
    };
}

operations! {
    AdminBootstrap = "adminBootstrap", (nothing);
    GetStatus = "getStatus", (nothing);
    GetApiDocument = "getApiDocument", (nothing);
    GetDocumentation = "getDocumentation", (nothing);
    GetDocumentationStyle = "getDocumentationStyle", (nothing);
    GetIdentityDetails = "getIdentityDetails", (nothing);
    ListSubOrganizations = "listSubOrganizations", (nothing);

    CreateIdentity = "createIdentity", (organization Create Identity [GivenRole]), "Failed to create identity";
    ListIdentities = "listIdentities", (organization Read Identity);
    SearchIdentities = "searchIdentities", (organization Read Identity);
    CountIdentitiesV2 = "countIdentitiesV2", (organization Read Identity);
    GetIdentity = "getIdentity", (organization Read Identity);
    ListIdentityProjectMemberships = "listIdentityProjectMemberships", (organization Read Identity);
    UpdateIdentity = "updateIdentity", (organization Edit Identity [OrganizationRole GivenRole]),
        "Failed to update identity";
    DeleteIdentity = "deleteIdentity", (organization Delete Identity [OrganizationRole]),
        "Failed to delete more privileged identity";

    AttachTokenAuth = "attachTokenAuth", (organization EditAuth Identity [Identity]),
        "Failed to add token auth to identity with more privileged role";
    UpdateTokenAuth = "updateTokenAuth", (organization EditAuth Identity [OrganizationRole Widened]),
        "Failed to update token auth of identity with more privileged role";
    GetTokenAuth = "getTokenAuth", (organization Read Identity);
    DeleteTokenAuth = "deleteTokenAuth", (organization RevokeAuth Identity [OrganizationRole]),
        "Failed to revoke token auth of identity with more privileged role";
    CreateTokenAuthToken = "createTokenAuthToken", (organization CreateToken Identity [Identity]),
        "Failed to create token for identity with more privileged role";
    GetTokenAuthTokens = "getTokenAuthTokens", (organization Read Identity);
    GetTokenAuthToken = "getTokenAuthToken", (organization Read Identity);
    UpdateTokenAuthToken = "updateTokenAuthToken", (organization CreateToken Identity [Identity]),
        "Failed to update token for identity with more privileged role";
    RevokeTokenAuthToken = "revokeTokenAuthToken", (organization DeleteToken Identity [OrganizationRole]),
        "Failed to revoke token of identity with more privileged role";
    RenewAccessToken = "renewAccessToken", (nothing);
    RevokeAccessToken = "revokeAccessToken", (nothing);

    CreateConsoleSignInCode = "createConsoleSignInCode", (nothing);
    GetConsoleSignInOptions = "getConsoleSignInOptions", (nothing);
    SignInToConsole = "signInToConsole", (nothing);
    SignInToConsoleByAccess = "signInToConsoleByAccess", (nothing);
    GetConsoleSession = "getConsoleSession", (nothing);
    SignOutOfConsole = "signOutOfConsole", (nothing);
    SignOutOfConsoleEverywhere = "signOutOfConsoleEverywhere", (nothing);
    GetIdentityAccessSubject = "getIdentityAccessSubject", (organization Read Identity);
    SetIdentityAccessSubject = "setIdentityAccessSubject", (organization SetAccessSubject Identity [Identity]),
        "Failed to set access subject of identity with more privileged role";
    RemoveIdentityAccessSubject = "removeIdentityAccessSubject", (organization RevokeAuth Identity [OrganizationRole]),
        "Failed to remove access subject of identity with more privileged role";

    LoginWithUniversalAuth = "loginWithUniversalAuth" audited "loginUniversalAuth", (nothing);
    // What a login can leave behind without being one.
    LockUniversalAuth = "lockUniversalAuth", (nothing);
    RetireUniversalAuthClientSecret = "retireUniversalAuthClientSecret", (nothing);
    AttachUniversalAuth = "attachUniversalAuth", (organization EditAuth Identity [Identity]),
        "Failed to add universal auth to identity with more privileged role";
    UpdateUniversalAuth = "updateUniversalAuth", (organization EditAuth Identity [OrganizationRole Widened]),
        "Failed to update universal auth of identity with more privileged role";
    GetUniversalAuth = "getUniversalAuth", (organization Read Identity);
    DeleteUniversalAuth = "deleteUniversalAuth", (organization RevokeAuth Identity [OrganizationRole]),
        "Failed to revoke universal auth of identity with more privileged role";
    ClearUniversalAuthLockouts = "clearUniversalAuthLockouts", (organization EditAuth Identity [OrganizationRole]),
        "Failed to clear universal auth lockouts of identity with more privileged role";
    CreateUniversalAuthClientSecret = "createUniversalAuthClientSecret", (organization CreateToken Identity [Identity]),
        "Failed to create client secret for identity with more privileged role";
    ListUniversalAuthClientSecrets = "listUniversalAuthClientSecrets", (organization Read Identity);
    GetUniversalAuthClientSecret = "getUniversalAuthClientSecret", (organization Read Identity);
    RevokeUniversalAuthClientSecret = "revokeUniversalAuthClientSecret",
        (organization DeleteToken Identity [OrganizationRole]),
        "Failed to revoke identity client secret with more privileged role";

    CreateOrganizationRole = "createOrganizationRole", (organization Create Role [Role]),
        "Failed to create role with more privileges than your own";
    ListOrganizationRoles = "listOrganizationRoles", (organization Read Role);
    GetOrganizationRole = "getOrganizationRole", (organization Read Role);
    UpdateOrganizationRole = "updateOrganizationRole", (organization Edit Role [Role ChangedRole]),
        "Failed to update role with more privileges than your own";
    DeleteOrganizationRole = "deleteOrganizationRole", (organization Delete Role [Role]),
        "Failed to delete role with more privileges than your own";

    CreateRouteDelegation = "createRouteDelegation", (organization Create RouteDelegations [KeptAuthorization]),
        "Failed to let routes keep the authorization of every identity";
    ListRouteDelegations = "listRouteDelegations", (organization Read RouteDelegations);
    GetRouteDelegation = "getRouteDelegation", (organization Read RouteDelegations);
    DeleteRouteDelegation = "deleteRouteDelegation", (organization Delete RouteDelegations);

    Explain = "explain", (organization Read Identity);
    // To be told about the tokens of an identity.
    Introspect = "introspect", (organization Read Identity);

    CreateProject = "createProject", (organization Create Workspace);
    // Everybody may; those who may see no project are shown none.
    ListProjects = "listProjects", (nothing);
    GetProject = "getProject", (project Read Project);
    UpdateProject = "updateProject", (project Edit Project);
    DeleteProject = "deleteProject", (project Delete Project [Requests]),
        "Failed to delete project with routes for requests you may not send";

    CreateEnvironment = "createEnvironment", (project Create Environments);
    ListEnvironments = "listEnvironments", (project Read Environments);
    GetEnvironment = "getEnvironment", (project Read Environments);
    UpdateEnvironment = "updateEnvironment", (project Edit Environments);
    DeleteEnvironment = "deleteEnvironment", (project Delete Environments);

    CreateProjectRole = "createProjectRole", (project Create Role [Role]), "Failed to create project role";
    ListProjectRoles = "listProjectRoles", (project Read Role);
    GetProjectRole = "getProjectRole", (project Read Role);
    UpdateProjectRole = "updateProjectRole", (project Edit Role [Role ChangedRole Holders]),
        "Failed to update project role";
    // Nobody has a role that can be deleted.
    DeleteProjectRole = "deleteProjectRole", (project Delete Role);

    CreateProjectIdentityMembership = "createProjectIdentityMembership", (project Create Identity [GivenRole]),
        "Failed to create identity project membership";
    ListProjectIdentityMemberships = "listProjectIdentityMemberships", (project Read Identity);
    GetProjectIdentityMembership = "getProjectIdentityMembership", (project Read Identity);
    UpdateProjectIdentityMembership = "updateProjectIdentityMembership",
        (project Edit Identity [Member GivenRole RemovedDenial]),
        "Failed to update identity project membership";
    // Who may delete an identity may take it out of any project, without being a member there.
    DeleteProjectIdentityMembership = "deleteProjectIdentityMembership",
        (project Delete Identity [MemberRoles] or organization Delete Identity [OrganizationRole]),
        "Failed to delete identity project membership";
    // Who wants to know them wants to make one of them a member. But their names are the organization's to tell.
    ListAvailableProjectIdentities = "listAvailableProjectIdentities",
        (project Create Identity and organization Read Identity);

    CreateRoute = "createRoute", (project Create Routes [Requests]),
        "Failed to create route for requests you may not send";
    ListRoutes = "listRoutes", (project Read Routes);
    GetRoute = "getRoute", (project Read Routes);
    UpdateRoute = "updateRoute", (project Edit Routes [Requests]),
        "Failed to update route for requests you may not send";
    DeleteRoute = "deleteRoute", (project Delete Routes [Requests]),
        "Failed to delete route for requests you may not send";
}

/// An ability lacks the permission that an operation needs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lacking {
    pub needed: Permission,
}

impl Operation {
    /// Whether a role in the organization with this ability allows it, for a thing with these fields. Nobody's does when
    /// only roles in a project do.
    pub fn check_in_organization(self, ability: &Ability, thing: Attributes<'_>) -> Result<(), Lacking> {
        match self.needs() {
            Needs::Nothing => Ok(()),
            Needs::InOrganization(Requirement { permission, .. })
            | Needs::Either { in_organization: Requirement { permission, .. }, .. }
            | Needs::Both { in_organization: Requirement { permission, .. }, .. } => check(ability, permission, thing),
            Needs::InProject(Requirement { permission, .. }) => Err(Lacking { needed: permission }),
        }
    }

    /// Whether a role in the organization with this ability allows it for anything at all.
    pub fn could_be_allowed_in_organization(self, ability: &Ability) -> bool {
        match self.needs().in_organization() {
            Some(requirement) => ability.could_allow(requirement.permission),
            None => self.needs() == Needs::Nothing,
        }
    }

    /// Whether roles in a project that make this ability together allow it, for a thing with these fields. Nobody's do when
    /// only a role in the organization does.
    pub fn check_in_project(self, ability: &Ability, thing: Attributes<'_>) -> Result<(), Lacking> {
        match self.needs() {
            Needs::Nothing => Ok(()),
            Needs::InProject(Requirement { permission, .. })
            | Needs::Either { in_project: Requirement { permission, .. }, .. }
            | Needs::Both { in_project: Requirement { permission, .. }, .. } => check(ability, permission, thing),
            Needs::InOrganization(Requirement { permission, .. }) => Err(Lacking { needed: permission }),
        }
    }
}

fn check(ability: &Ability, needed: Permission, thing: Attributes<'_>) -> Result<(), Lacking> {
    if ability.allows(needed, thing) { Ok(()) } else { Err(Lacking { needed }) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn requirements(operation: Operation) -> impl Iterator<Item = Requirement> {
        operation.needs().in_project().into_iter().chain(operation.needs().in_organization())
    }

    #[test]
    fn an_operation_is_named_as_its_id_is_and_no_two_have_one_id_or_one_name_in_the_audit_log() {
        for operation in Operation::ALL {
            let name = format!("{operation:?}");
            let (first, rest) = name.split_at(1);
            assert_eq!(operation.id(), first.to_ascii_lowercase() + rest);
        }
        let actions: BTreeSet<&str> = Operation::ALL.iter().map(|operation| operation.audit_action()).collect();
        assert_eq!(actions.len(), Operation::ALL.len());
    }

    #[test]
    fn an_operation_with_a_boundary_says_what_failed_and_no_other_does() {
        let nothing_said = Operation::GetIdentity.beyond_boundary();
        for operation in Operation::ALL {
            let has_boundary = requirements(*operation).any(|requirement| !requirement.beyond.is_empty());
            assert_eq!(operation.beyond_boundary() != nothing_said, has_boundary, "{operation:?}");
        }
    }

    #[test]
    fn a_role_of_the_other_place_allows_nothing() {
        let everything = Ability::everything();
        for operation in Operation::ALL {
            let (project, organization) = match operation.needs() {
                Needs::Nothing | Needs::Either { .. } | Needs::Both { .. } => (true, true),
                Needs::InOrganization(_) => (false, true),
                Needs::InProject(_) => (true, false),
            };
            assert_eq!(operation.check_in_project(&everything, &[]).is_ok(), project, "{operation:?}");
            assert_eq!(operation.check_in_organization(&everything, &[]).is_ok(), organization, "{operation:?}");
        }
    }

    #[test]
    fn who_may_nothing_may_do_what_needs_nothing() {
        for operation in Operation::ALL {
            let expected = operation.needs() == Needs::Nothing;
            assert_eq!(operation.check_in_project(&Ability::nothing(), &[]).is_ok(), expected, "{operation:?}");
            assert_eq!(operation.check_in_organization(&Ability::nothing(), &[]).is_ok(), expected, "{operation:?}");
        }
    }

    #[test]
    fn what_the_audit_log_calls_an_operation_unchanged() {
        let other: Vec<(&str, &str)> = Operation::ALL
            .iter()
            .map(|operation| (operation.id(), operation.audit_action()))
            .filter(|(id, action)| id != action)
            .collect();
        assert_eq!(other, [("loginWithUniversalAuth", "loginUniversalAuth")]);
    }
}
