//! The roles an identity can have in a project, and what rules of custom ones may be about.

use crate::permission::ability::{Ability, Action, Rule, Subject};
use crate::permission::role_slug::RoleSlug;
use crate::permission::rule_subject::{RuleSubject, USUAL_ACTIONS};

/// Slugs that no custom project role may have.
pub const RESERVED_SLUGS: [&str; 5] = ["admin", "member", "viewer", "no-access", "custom"];

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

    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.slug() == slug)
    }

    pub fn ability(self) -> Ability {
        const ALL_USUAL_ACTIONS: &[Action] = &[Action::Read, Action::Create, Action::Edit, Action::Delete];
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
                Rule::allow(ALL_USUAL_ACTIONS, Subject::Requests),
                Rule::allow(ALL_USUAL_ACTIONS, Subject::Identity),
                Rule::allow(ALL_USUAL_ACTIONS, Subject::Environments),
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

/// Every subject that rules of project roles may be about.
pub const PROJECT_SUBJECTS: &[RuleSubject] = &[
    RuleSubject::with(
        "identity",
        &[
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
        ],
        &["identityId"],
    ),
    RuleSubject::with("requests", USUAL_ACTIONS, &["path"]),
    RuleSubject::plain("role"),
    RuleSubject::plain("project"),
    RuleSubject::plain("routes"),
    RuleSubject::plain("environments"),
    RuleSubject::foreign("member"),
    RuleSubject::foreign("groups"),
    RuleSubject::foreign("settings"),
    RuleSubject::plain("audit-logs"),
    RuleSubject::foreign("ip-allowlist"),
    RuleSubject::foreign("tags"),
    RuleSubject::foreign("webhooks"),
    RuleSubject::foreign("integrations"),
    RuleSubject::foreign("service-tokens"),
    RuleSubject::foreign("app-connections"),
    RuleSubject::foreign("commits"),
    RuleSubject::foreign("secret-approval"),
    RuleSubject::foreign("secret-events"),
    RuleSubject::foreign("secret-validation-rules"),
    RuleSubject::foreign("kms"),
    RuleSubject::foreign("cmek"),
    RuleSubject::foreign("kmip"),
    RuleSubject::foreign("certificates"),
    RuleSubject::foreign("certificate-authorities"),
    RuleSubject::foreign("certificate-templates"),
    RuleSubject::foreign("certificate-policies"),
    RuleSubject::foreign("certificate-profiles"),
    RuleSubject::foreign("pki-subscribers"),
    RuleSubject::foreign("pki-alerts"),
    RuleSubject::foreign("pki-collections"),
    RuleSubject::foreign("pki-syncs"),
    RuleSubject::foreign("ssh-hosts"),
    RuleSubject::foreign("ssh-host-groups"),
    RuleSubject::foreign("ssh-certificates"),
    RuleSubject::foreign("ssh-certificate-authorities"),
    RuleSubject::foreign("ssh-certificate-templates"),
    RuleSubject::foreign("secret-scanning-data-sources"),
    RuleSubject::foreign("secret-scanning-findings"),
    RuleSubject::foreign("secret-scanning-configs"),
    RuleSubject::foreign("secrets"),
    RuleSubject::foreign("secret-folders"),
    RuleSubject::foreign("secret-imports"),
    RuleSubject::foreign("secret-rollback"),
    RuleSubject::foreign("secret-rotation"),
    RuleSubject::foreign("dynamic-secrets"),
    RuleSubject::foreign("secret-syncs"),
    RuleSubject::foreign("pam-folders"),
    RuleSubject::foreign("pam-resources"),
    RuleSubject::foreign("pam-accounts"),
    RuleSubject::foreign("pam-sessions"),
    RuleSubject::foreign("pam-discovery"),
    RuleSubject::foreign("mcp-endpoints"),
    RuleSubject::foreign("mcp-servers"),
    RuleSubject::foreign("mcp-activity-logs"),
    RuleSubject::foreign("approval-requests"),
    RuleSubject::foreign("approval-request-grants"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permission::ability::Permission;
    use crate::permission::operation::Operation;

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
            check(Member, subject, USUAL_ACTIONS);
            check(Viewer, subject, &["read"]);
        }
        for subject in [Subject::Role, Subject::Project, Subject::Routes] {
            check(Member, subject, &["read"]);
            check(Viewer, subject, &["read"]);
        }
        for subject in [Subject::Workspace, Subject::AuditLogs, Subject::RouteDelegations] {
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

    fn project_subject(name: &str) -> RuleSubject {
        *PROJECT_SUBJECTS.iter().find(|subject| subject.name == name).unwrap()
    }

    #[test]
    fn whatever_an_operation_needs_in_a_project_can_be_given_by_a_rule() {
        for subject in [Subject::Requests, Subject::Environments, Subject::Role, Subject::Project, Subject::Routes] {
            let subject = project_subject(subject.name());
            assert!(USUAL_ACTIONS.iter().all(|action| subject.actions.unwrap().contains(action)));
        }
        for requirement in Operation::ALL.iter().filter_map(|operation| operation.needs().in_project()) {
            let subject = project_subject(requirement.permission.subject.name());
            assert!(subject.actions.unwrap().contains(&requirement.permission.action.name()), "{requirement:?}");
        }
    }
}
