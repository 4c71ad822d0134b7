//! The roles an identity can have in its organization.

use crate::permission::ability::{Ability, Action, Rule, Subject};
use crate::permission::role_slug::RoleSlug;
use crate::permission::rule_subject::RuleSubject;

/// Slugs that no custom organization role may have.
pub const RESERVED_SLUGS: [&str; 4] = ["admin", "member", "no-access", "custom"];

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum BuiltInOrganizationRole {
    /// May do everything.
    Admin,
    /// May manage identities and see roles and projects, but neither give privileges nor touch what authenticates.
    /// DIFFERENCE: in Infisical it may also create projects, of which it then is the administrator, and read the audit
    /// log. Here neither comes with a role that is given so freely.
    Member,
    /// May do nothing but prove who it is.
    NoAccess,
}

impl BuiltInOrganizationRole {
    pub const ALL: [Self; 3] = [Self::Admin, Self::Member, Self::NoAccess];

    /// The slug, on the wire and in storage.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Member => "member",
            Self::NoAccess => "no-access",
        }
    }

    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Admin => "Admin",
            Self::Member => "Member",
            Self::NoAccess => "No Access",
        }
    }

    /// What people are told about it.
    pub const fn description(self) -> &'static str {
        match self {
            Self::Admin => "May do everything in the organization and in each of its projects",
            Self::Member => "May manage identities, without their authentication, and see roles and projects",
            Self::NoAccess => "May do nothing in the organization",
        }
    }

    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.slug() == slug)
    }

    pub fn ability(self) -> Ability {
        match self {
            Self::Admin => Ability::everything(),
            Self::Member => Ability::new(vec![
                Rule::allow(&[Action::Read, Action::Create, Action::Edit, Action::Delete], Subject::Identity),
                Rule::allow(&[Action::Read], Subject::Role),
                Rule::allow(&[Action::Read], Subject::Workspace),
            ]),
            Self::NoAccess => Ability::nothing(),
        }
    }
}

impl From<BuiltInOrganizationRole> for RoleSlug {
    fn from(role: BuiltInOrganizationRole) -> Self {
        Self::built_in(role.slug())
    }
}

/// Every subject that rules of organization roles may be about.
pub const ORGANIZATION_SUBJECTS: &[RuleSubject] = &[
    RuleSubject::with(
        "identity",
        &[
            "read",
            "create",
            "edit",
            "delete",
            "grant-privileges",
            "edit-auth",
            "revoke-auth",
            "create-token",
            "get-token",
            "delete-token",
            // Beyond Infisical's.
            "set-access-subject",
        ],
        &["identityId"],
    ),
    RuleSubject::plain("workspace"),
    RuleSubject::plain("project"),
    RuleSubject::plain("role"),
    RuleSubject::plain("audit-logs"),
    RuleSubject::with("route-delegations", &["read", "create", "delete"], &[]),
    RuleSubject::foreign("member"),
    RuleSubject::foreign("settings"),
    RuleSubject::foreign("incident-contact"),
    RuleSubject::foreign("sso"),
    RuleSubject::foreign("scim"),
    RuleSubject::foreign("github-org-sync"),
    RuleSubject::foreign("github-org-sync-manual"),
    RuleSubject::foreign("ldap"),
    RuleSubject::foreign("groups"),
    RuleSubject::foreign("billing"),
    RuleSubject::foreign("secret-scanning"),
    RuleSubject::foreign("kms"),
    RuleSubject::foreign("organization-admin-console"),
    RuleSubject::foreign("project-templates"),
    RuleSubject::foreign("app-connections"),
    RuleSubject::foreign("kmip"),
    RuleSubject::foreign("gateway"),
    RuleSubject::foreign("relay"),
    RuleSubject::foreign("secret-share"),
    RuleSubject::foreign("machine-identity-auth-template"),
    RuleSubject::foreign("sub-organization"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permission::ability::{Permission, Selector};

    #[test]
    fn each_role_may_do_exactly_this() {
        #[track_caller]
        fn check(role: BuiltInOrganizationRole, subject: Subject, expected: &[&str]) {
            let ability = role.ability();
            let allowed: Vec<&str> = Action::ALL
                .into_iter()
                .filter(|action| ability.allows(Permission::new(*action, subject), &[]))
                .map(Action::name)
                .collect();
            assert_eq!(allowed, expected, "{role:?} {subject:?}");
        }
        let everything: Vec<&str> = Action::ALL.into_iter().map(Action::name).collect();
        for subject in Subject::ALL {
            check(BuiltInOrganizationRole::Admin, subject, &everything);
            check(BuiltInOrganizationRole::NoAccess, subject, &[]);
        }
        check(BuiltInOrganizationRole::Member, Subject::Identity, &["read", "create", "edit", "delete"]);
        check(BuiltInOrganizationRole::Member, Subject::Role, &["read"]);
        check(BuiltInOrganizationRole::Member, Subject::Workspace, &["read"]);
        check(BuiltInOrganizationRole::Member, Subject::AuditLogs, &[]);
        check(BuiltInOrganizationRole::Member, Subject::RouteDelegations, &[]);
    }

    #[test]
    fn whatever_a_built_in_role_may_do_can_be_given_by_a_rule() {
        for rule in BuiltInOrganizationRole::Member.ability().rules() {
            let (Selector::Names(subjects), Selector::Names(actions)) = (&rule.subject, &rule.actions) else {
                panic!()
            };
            for (subject, action) in subjects.iter().flat_map(|subject| actions.iter().map(move |one| (subject, one))) {
                let known = ORGANIZATION_SUBJECTS.iter().find(|known| known.name == subject).unwrap();
                assert!(known.actions.unwrap().contains(&action.as_str()), "{action} on {subject}");
            }
        }
        let identity = ORGANIZATION_SUBJECTS.iter().find(|known| known.name == "identity").unwrap();
        assert!(Action::ALL.iter().all(|action| identity.actions.unwrap().contains(&action.name())));
    }

    #[test]
    fn a_slug_names_one_role() {
        for role in BuiltInOrganizationRole::ALL {
            assert_eq!(BuiltInOrganizationRole::from_slug(role.slug()), Some(role));
        }
        assert_eq!(BuiltInOrganizationRole::from_slug("Admin"), None);
        assert_eq!(BuiltInOrganizationRole::from_slug(""), None);
    }
}
