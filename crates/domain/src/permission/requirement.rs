//! What each operation needs: the one table of it. The commands and queries of `directory` ask for what stands here and
//! nothing else.
//!
//! A line is an operation, the action and the subject that its actor must hold, and what it must hold besides. Operations
//! of the organization are allowed by the actor's role in the organization, operations of a project by its roles in the
//! project at that moment; whoever may do everything in the organization may do everything in each of its projects, member
//! or not, and anybody else must be a member. A rule on `identity` may be about the one identity that is meant.
//!
//! What is not here needs no permission: to see whose a token is, to list the projects one is in, and to renew or revoke
//! a token that one has.

use crate::permission::ability::{Action, Permission, Subject};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Requirement {
    pub permission: Permission,
    /// What it must hold besides, lest it gain, give or take away more than it has.
    pub beyond: &'static [Boundary],
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

macro_rules! table {
    ($(#[$about:meta])* $name:ident { $($operation:ident: $action:ident $subject:ident [$($beyond:ident),*];)+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub enum $name {
            $(#[doc = concat!("Needs `", stringify!($action), "` on `", stringify!($subject), "`.")] $operation,)+
        }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$operation),+];

            pub const fn needs(self) -> Requirement {
                match self {
                    $(Self::$operation => Requirement {
                        permission: Permission::new(Action::$action, Subject::$subject),
                        beyond: &[$(Boundary::$beyond),*],
                    },)+
                }
            }
        }
    };
}

table! {
    /// An operation that a role in the organization allows.
    OrganizationOperation {
        CreateIdentity: Create Identity [GivenRole];
        ListIdentities: Read Identity [];
        SearchIdentities: Read Identity [];
        GetIdentity: Read Identity [];
        UpdateIdentity: Edit Identity [OrganizationRole, GivenRole];
        DeleteIdentity: Delete Identity [OrganizationRole];
        // Who may delete an identity may take it out of any project, without being a member there.
        RemoveMembership: Delete Identity [OrganizationRole];

        AttachTokenAuth: EditAuth Identity [Identity];
        UpdateTokenAuth: EditAuth Identity [OrganizationRole, Widened];
        GetTokenAuth: Read Identity [];
        RemoveTokenAuth: RevokeAuth Identity [OrganizationRole];
        CreateToken: CreateToken Identity [Identity];
        ListTokens: Read Identity [];
        GetToken: Read Identity [];
        RenameToken: CreateToken Identity [Identity];
        RevokeToken: DeleteToken Identity [OrganizationRole];

        SetAccessSubject: SetAccessSubject Identity [Identity];
        GetAccessSubject: Read Identity [];
        RemoveAccessSubject: RevokeAuth Identity [OrganizationRole];

        AttachUniversalAuth: EditAuth Identity [Identity];
        UpdateUniversalAuth: EditAuth Identity [OrganizationRole, Widened];
        GetUniversalAuth: Read Identity [];
        RemoveUniversalAuth: RevokeAuth Identity [OrganizationRole];
        ClearLockouts: EditAuth Identity [OrganizationRole];
        CreateClientSecret: CreateToken Identity [Identity];
        ListClientSecrets: Read Identity [];
        GetClientSecret: Read Identity [];
        RevokeClientSecret: DeleteToken Identity [OrganizationRole];

        CreateRole: Create Role [Role];
        ListRoles: Read Role [];
        GetRole: Read Role [];
        UpdateRole: Edit Role [Role, ChangedRole];
        DeleteRole: Delete Role [Role];

        CreateProject: Create Workspace [];
        CreateRouteDelegation: Create RouteDelegations [KeptAuthorization];
        ListRouteDelegations: Read RouteDelegations [];
        DeleteRouteDelegation: Delete RouteDelegations [];
        // Besides what the project must allow for it: the names are the organization's to tell.
        NameAvailableIdentities: Read Identity [];
        Explain: Read Identity [];
        // To be told about the tokens of an identity.
        Introspect: Read Identity [];
    }
}

table! {
    /// An operation that roles in the project allow.
    ProjectOperation {
        GetProject: Read Project [];
        UpdateProject: Edit Project [];
        DeleteProject: Delete Project [Requests];

        CreateEnvironment: Create Environments [];
        ListEnvironments: Read Environments [];
        GetEnvironment: Read Environments [];
        UpdateEnvironment: Edit Environments [];
        DeleteEnvironment: Delete Environments [];

        CreateProjectRole: Create Role [Role];
        ListProjectRoles: Read Role [];
        GetProjectRole: Read Role [];
        UpdateProjectRole: Edit Role [Role, ChangedRole, Holders];
        // Nobody has a role that can be deleted.
        DeleteProjectRole: Delete Role [];

        CreateMembership: Create Identity [GivenRole];
        ListMemberships: Read Identity [];
        GetMembership: Read Identity [];
        UpdateMembership: Edit Identity [Member, GivenRole, RemovedDenial];
        DeleteMembership: Delete Identity [MemberRoles];
        // Who wants to know it wants to make one of them a member.
        ListAvailableIdentities: Create Identity [];

        CreateRoute: Create Routes [Requests];
        ListRoutes: Read Routes [];
        GetRoute: Read Routes [];
        UpdateRoute: Edit Routes [Requests];
        DeleteRoute: Delete Routes [Requests];
    }
}
