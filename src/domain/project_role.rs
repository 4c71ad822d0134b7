//! The roles an identity can have in a project, and what rules of custom ones may be about.

use crate::domain::permission::{Ability, Action, Rule, Subject};
use crate::domain::role_slug::RoleSlug;

/// Slugs that no custom project role may have.
pub const RESERVED_SLUGS: [&str; 5] = ["admin", "member", "viewer", "no-access", "custom"];

/// A built-in project role.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum BuiltInProjectRole {
    /// May do everything in the project.
    Admin,
    /// May send every request and manage identities and environments, but not give privileges.
    Member,
    /// May send requests that read, and see what there is.
    Viewer,
    /// May do nothing.
    NoAccess,
}

impl BuiltInProjectRole {
    /// Every role.
    pub const ALL: [Self; 4] = [Self::Admin, Self::Member, Self::Viewer, Self::NoAccess];

    /// The slug, on the wire and in storage.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Member => "member",
            Self::Viewer => "viewer",
            Self::NoAccess => "no-access",
        }
    }

    /// The name that people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Admin => "Admin",
            Self::Member => "Member",
            Self::Viewer => "Viewer",
            Self::NoAccess => "No Access",
        }
    }

    /// What people are told about it.
    pub const fn description(self) -> &'static str {
        match self {
            Self::Admin => "May do everything in the project",
            Self::Member => "May send every request and manage identities and environments",
            Self::Viewer => "May send requests that read, and see what there is in the project",
            Self::NoAccess => "May do nothing in the project",
        }
    }

    /// The role with this slug.
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.slug() == slug)
    }

    /// What the role may do.
    pub fn ability(self) -> Ability {
        const ALL_FOUR: &[Action] = &[Action::Read, Action::Create, Action::Edit, Action::Delete];
        const READ: &[Action] = &[Action::Read];
        const READABLE: [Subject; 6] = [
            Subject::Requests,
            Subject::Identity,
            Subject::Environments,
            Subject::Role,
            Subject::Project,
            Subject::Routes,
        ];
        match self {
            Self::Admin => Ability::everything(),
            Self::Member => Ability::new(vec![
                Rule::allow(ALL_FOUR, Subject::Requests),
                Rule::allow(ALL_FOUR, Subject::Identity),
                Rule::allow(ALL_FOUR, Subject::Environments),
                Rule::allow(READ, Subject::Role),
                Rule::allow(READ, Subject::Project),
                Rule::allow(READ, Subject::Routes),
            ]),
            Self::Viewer => Ability::new(READABLE.into_iter().map(|subject| Rule::allow(READ, subject)).collect()),
            Self::NoAccess => Ability::nothing(),
        }
    }
}

impl From<BuiltInProjectRole> for RoleSlug {
    fn from(role: BuiltInProjectRole) -> Self {
        Self::built_in(role.slug())
    }
}

/// A subject that rules of project roles may be about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ProjectSubject {
    /// Its name.
    pub name: &'static str,
    /// The actions there are on it; `None` for any.
    pub actions: Option<&'static [&'static str]>,
    /// The fields that conditions may be about; `None` for any.
    pub condition_fields: Option<&'static [&'static str]>,
}

const FOUR: &[&str] = &["read", "create", "edit", "delete"];

const fn plain(name: &'static str) -> ProjectSubject {
    ProjectSubject { name, actions: Some(FOUR), condition_fields: Some(&[]) }
}

/// A subject of the vendor's that nothing here is decided by. Roles that name it are kept as they were sent, so that a
/// client's plan and what it reads back agree.
const fn foreign(name: &'static str) -> ProjectSubject {
    ProjectSubject { name, actions: None, condition_fields: None }
}

/// Every subject that rules of project roles may be about.
pub const PROJECT_SUBJECTS: &[ProjectSubject] = &[
    ProjectSubject {
        name: "identity",
        actions: Some(&[
            "read",
            "create",
            "edit",
            "delete",
            "grant-privileges",
            "assume-privileges",
            "edit-auth",
            "revoke-auth",
            "create-token",
            "get-token",
            "delete-token",
        ]),
        condition_fields: Some(&["identityId"]),
    },
    ProjectSubject { name: "requests", actions: Some(FOUR), condition_fields: Some(&["path"]) },
    plain("role"),
    plain("project"),
    plain("routes"),
    plain("environments"),
    ProjectSubject {
        name: "member",
        actions: Some(&["read", "create", "edit", "delete", "grant-privileges", "assume-privileges"]),
        condition_fields: Some(&[]),
    },
    ProjectSubject {
        name: "groups",
        actions: Some(&["read", "create", "edit", "delete", "grant-privileges"]),
        condition_fields: Some(&[]),
    },
    plain("settings"),
    plain("audit-logs"),
    plain("ip-allowlist"),
    foreign("tags"),
    foreign("webhooks"),
    foreign("integrations"),
    foreign("service-tokens"),
    foreign("app-connections"),
    foreign("commits"),
    foreign("secret-approval"),
    foreign("secret-events"),
    foreign("secret-validation-rules"),
    foreign("kms"),
    foreign("cmek"),
    foreign("kmip"),
    foreign("certificates"),
    foreign("certificate-authorities"),
    foreign("certificate-templates"),
    foreign("certificate-policies"),
    foreign("certificate-profiles"),
    foreign("pki-subscribers"),
    foreign("pki-alerts"),
    foreign("pki-collections"),
    foreign("pki-syncs"),
    foreign("ssh-hosts"),
    foreign("ssh-host-groups"),
    foreign("ssh-certificates"),
    foreign("ssh-certificate-authorities"),
    foreign("ssh-certificate-templates"),
    foreign("secret-scanning-data-sources"),
    foreign("secret-scanning-findings"),
    foreign("secret-scanning-configs"),
    foreign("secrets"),
    foreign("secret-folders"),
    foreign("secret-imports"),
    foreign("secret-rollback"),
    foreign("secret-rotation"),
    foreign("dynamic-secrets"),
    foreign("secret-syncs"),
];

/// The subject with this name.
pub fn project_subject(name: &str) -> Option<&'static ProjectSubject> {
    PROJECT_SUBJECTS.iter().find(|subject| subject.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::permission::Permission;

    #[test]
    fn each_role_may_do_exactly_this() {
        #[track_caller]
        fn check(role: BuiltInProjectRole, subject: Subject, expected: &[&str]) {
            let ability = role.ability();
            let allowed: Vec<&str> = Action::ALL
                .into_iter()
                .filter(|action| ability.allows(Permission::new(*action, subject), &[]))
                .map(Action::name)
                .collect();
            assert_eq!(allowed, expected, "{role:?} {subject:?}");
        }
        use BuiltInProjectRole::{Admin, Member, NoAccess, Viewer};
        let everything: Vec<&str> = Action::ALL.into_iter().map(Action::name).collect();
        for subject in Subject::ALL {
            check(Admin, subject, &everything);
            check(NoAccess, subject, &[]);
        }
        for subject in [Subject::Requests, Subject::Identity, Subject::Environments] {
            check(Member, subject, FOUR);
            check(Viewer, subject, &["read"]);
        }
        for subject in [Subject::Role, Subject::Project, Subject::Routes] {
            check(Member, subject, &["read"]);
            check(Viewer, subject, &["read"]);
        }
        for subject in [Subject::Workspace, Subject::AuditLogs] {
            check(Member, subject, &[]);
            check(Viewer, subject, &[]);
        }
    }

    #[test]
    fn every_built_in_slug_is_reserved_and_names_one_role() {
        for role in BuiltInProjectRole::ALL {
            assert_eq!(BuiltInProjectRole::from_slug(role.slug()), Some(role));
            assert!(RESERVED_SLUGS.contains(&role.slug()));
        }
        assert!(RESERVED_SLUGS.contains(&"custom"));
        assert_eq!(BuiltInProjectRole::from_slug("custom"), None);
    }

    #[test]
    fn whatever_an_operation_needs_in_a_project_can_be_given_by_a_rule() {
        for subject in [
            Subject::Requests,
            Subject::Identity,
            Subject::Environments,
            Subject::Role,
            Subject::Project,
            Subject::Routes,
        ] {
            let subject = project_subject(subject.name()).unwrap();
            assert!(FOUR.iter().all(|action| subject.actions.unwrap().contains(action)));
        }
        let identity = project_subject("identity").unwrap();
        assert!(Action::ALL.iter().all(|action| identity.actions.unwrap().contains(&action.name())));
    }

    #[test]
    fn no_two_subjects_share_a_name() {
        for subject in PROJECT_SUBJECTS {
            assert_eq!(PROJECT_SUBJECTS.iter().filter(|other| other.name == subject.name).count(), 1);
        }
    }
}
