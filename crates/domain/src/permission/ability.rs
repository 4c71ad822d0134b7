//! Permissions: what an operation needs, the rules a role is made of, and whether the one is in the other.
//!
//! A rule allows or, inverted, denies some actions on a subject, perhaps only for things that meet its conditions. Of
//! several rules that are about the same thing the last one wins, as in the rule lists that clients send.
//!
//! **Invariant**: where it is not certain that a rule allows, it does not; where it is not certain that it does not deny,
//! it denies.

use crate::permission::condition::{Applies, Attributes, Conditions};

/// What permissions of operations are about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Subject {
    /// Machine identities, their authentication methods, their tokens and their place in a project.
    Identity,
    Role,
    /// Projects of an organization.
    Workspace,
    Project,
    Environments,
    AuditLogs,
    /// The protected routes of a project.
    Routes,
    /// Requests to the origins behind a project's routes.
    Requests,
    /// Which project may have routes for which hosts and paths.
    RouteDelegations,
}

impl Subject {
    /// Every subject that an operation needs something on.
    pub const ALL: [Self; 9] = [
        Self::Identity,
        Self::Role,
        Self::Workspace,
        Self::Project,
        Self::Environments,
        Self::AuditLogs,
        Self::Routes,
        Self::Requests,
        Self::RouteDelegations,
    ];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Role => "role",
            Self::Workspace => "workspace",
            Self::Project => "project",
            Self::Environments => "environments",
            Self::AuditLogs => "audit-logs",
            Self::Routes => "routes",
            Self::Requests => "requests",
            Self::RouteDelegations => "route-delegations",
        }
    }
}

/// What may be done to a subject.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Action {
    /// See it, and the tokens it has.
    Read,
    Create,
    Edit,
    Delete,
    /// Give an identity a role.
    GrantPrivileges,
    /// Attach or change an authentication method of an identity.
    EditAuth,
    /// Remove an authentication method of an identity.
    RevokeAuth,
    /// Create or rename a token of an identity.
    CreateToken,
    DeleteToken,
    /// Say by which address Cloudflare Access knows an identity.
    SetAccessSubject,
}

impl Action {
    pub const ALL: [Self; 10] = [
        Self::Read,
        Self::Create,
        Self::Edit,
        Self::Delete,
        Self::GrantPrivileges,
        Self::EditAuth,
        Self::RevokeAuth,
        Self::CreateToken,
        Self::DeleteToken,
        Self::SetAccessSubject,
    ];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Create => "create",
            Self::Edit => "edit",
            Self::Delete => "delete",
            Self::GrantPrivileges => "grant-privileges",
            Self::EditAuth => "edit-auth",
            Self::RevokeAuth => "revoke-auth",
            Self::CreateToken => "create-token",
            Self::DeleteToken => "delete-token",
            Self::SetAccessSubject => "set-access-subject",
        }
    }
}

/// One action on one subject: what an operation needs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Permission {
    pub action: Action,
    pub subject: Subject,
}

impl Permission {
    /// `action` on `subject`.
    pub const fn new(action: Action, subject: Subject) -> Self {
        Self { action, subject }
    }

    /// `action` on machine identities.
    pub const fn on_identity(action: Action) -> Self {
        Self::new(action, Subject::Identity)
    }
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Selector {
    /// Every name there is or will be.
    Every,
    Names(Vec<String>),
}

impl Selector {
    pub fn name(name: &str) -> Self {
        Self::Names(vec![name.to_owned()])
    }

    /// Whether the rule is about this name.
    pub fn includes(&self, name: &str) -> bool {
        match self {
            Self::Every => true,
            Self::Names(names) => names.iter().any(|known| known == name),
        }
    }
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Rule {
    /// On what: one subject, or every one.
    pub subject: Selector,
    /// What: one or more actions, or every one.
    pub actions: Selector,
    /// For which things of the subject.
    pub conditions: Conditions,
    /// Whether it denies instead of allowing.
    pub inverted: bool,
}

impl Rule {
    pub fn allow(actions: &[Action], subject: Subject) -> Self {
        Self {
            subject: Selector::name(subject.name()),
            actions: Selector::Names(actions.iter().map(|action| action.name().to_owned()).collect()),
            conditions: Conditions::none(),
            inverted: false,
        }
    }

    pub fn allow_everything() -> Self {
        Self { subject: Selector::Every, actions: Selector::Every, conditions: Conditions::none(), inverted: false }
    }

    /// Whether the rule is about this action on this subject, conditions aside.
    pub fn is_about(&self, action: &str, subject: &str) -> bool {
        self.subject.includes(subject) && self.actions.includes(action)
    }
}

/// What an actor may do: the rules of all of its roles.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Ability(Vec<Rule>);

impl Ability {
    pub const fn new(rules: Vec<Rule>) -> Self {
        Self(rules)
    }

    pub fn everything() -> Self {
        Self(vec![Rule::allow_everything()])
    }

    pub const fn nothing() -> Self {
        Self(Vec::new())
    }

    /// The rules, in their order.
    pub fn rules(&self) -> &[Rule] {
        &self.0
    }

    /// The ability of an actor with this role as well.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Whether the actor may do this to a thing with these fields.
    pub fn allows(&self, permission: Permission, thing: Attributes<'_>) -> bool {
        self.allows_named(permission.action.name(), permission.subject.name(), thing)
    }

    /// The same, for names that need not be known to this program.
    pub fn allows_named(&self, action: &str, subject: &str, thing: Attributes<'_>) -> bool {
        self.deciding_rule(action, subject, thing).is_some_and(|rule| !rule.inverted)
    }

    /// The rule that decides about this action on a thing with these fields; without one it is not allowed.
    pub fn deciding_rule(&self, action: &str, subject: &str, thing: Attributes<'_>) -> Option<&Rule> {
        self.0.iter().rev().filter(|rule| rule.is_about(action, subject)).find(|rule| {
            match (rule.inverted, rule.conditions.apply(thing)) {
                (true, Applies::Yes | Applies::Unknown) | (false, Applies::Yes) => true,
                (true, Applies::No) | (false, Applies::No | Applies::Unknown) => false,
            }
        })
    }

    /// Whether there can be a thing to which the actor may do this. A yes promises nothing about any one thing.
    pub fn could_allow(&self, permission: Permission) -> bool {
        let (action, subject) = (permission.action.name(), permission.subject.name());
        for rule in self.0.iter().rev().filter(|rule| rule.is_about(action, subject)) {
            if !rule.inverted {
                return true;
            }
            if rule.conditions.is_empty() {
                return false;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permission::condition::FieldCondition;

    const READ: Permission = Permission::on_identity(Action::Read);
    const EDIT: Permission = Permission::on_identity(Action::Edit);

    fn only(identity: &str, rule: Rule) -> Rule {
        Rule { conditions: Conditions::none().and("identityId", FieldCondition::Equal(identity.to_owned())), ..rule }
    }

    fn deny(rule: Rule) -> Rule {
        Rule { inverted: true, ..rule }
    }

    #[test]
    fn the_last_rule_about_a_thing_decides() {
        #[track_caller]
        fn check(rules: &[Rule], permission: Permission, thing: Attributes<'_>, expected: bool) {
            assert_eq!(Ability::new(rules.to_vec()).allows(permission, thing), expected);
        }
        let read = || Rule::allow(&[Action::Read], Subject::Identity);
        let one: Attributes<'_> = &[("identityId", "1")];
        let two: Attributes<'_> = &[("identityId", "2")];
        check(&[], READ, one, false);
        check(&[read()], READ, one, true);
        check(&[read()], EDIT, one, false);
        check(&[read()], Permission::new(Action::Read, Subject::Role), one, false);
        check(&[Rule::allow_everything()], EDIT, one, true);
        check(&[read(), deny(only("1", read()))], READ, one, false);
        check(&[read(), deny(only("1", read()))], READ, two, true);
        check(&[deny(read()), read()], READ, one, true);
        check(&[Rule::allow_everything(), deny(read())], READ, one, false);
        check(&[Rule::allow_everything(), deny(read())], EDIT, one, true);
        check(&[only("1", read())], READ, one, true);
        check(&[only("1", read())], READ, two, false);
    }

    #[test]
    fn an_unknown_field_never_turns_into_a_yes() {
        let read = || Rule::allow(&[Action::Read], Subject::Identity);
        assert!(!Ability::new(vec![only("1", read())]).allows(READ, &[]));
        assert!(!Ability::new(vec![read(), deny(only("1", read()))]).allows(READ, &[]));
    }

    #[test]
    fn only_who_may_do_it_to_nothing_at_all_certainly_may_not() {
        #[track_caller]
        fn check(rules: &[Rule], expected: bool) {
            assert_eq!(Ability::new(rules.to_vec()).could_allow(READ), expected);
        }
        let read = || Rule::allow(&[Action::Read], Subject::Identity);
        check(&[], false);
        check(&[Rule::allow(&[Action::Edit], Subject::Identity)], false);
        check(&[Rule::allow(&[Action::Read], Subject::Role)], false);
        check(&[read()], true);
        check(&[Rule::allow_everything()], true);
        check(&[only("1", read())], true);
        check(&[read(), deny(only("1", read()))], true);
        check(&[read(), deny(read())], false);
        check(&[deny(read()), only("1", read())], true);
        check(&[only("1", read()), deny(read())], false);
    }

    #[test]
    fn every_action_and_every_subject_has_a_name_of_its_own() {
        let mut names: Vec<&str> = Action::ALL.iter().map(|action| action.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Action::ALL.len());
        let mut names: Vec<&str> = Subject::ALL.iter().map(|subject| subject.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Subject::ALL.len());
    }
}
