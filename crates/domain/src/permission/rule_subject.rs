//! What the rules of custom roles may be about.
//!
//! **Invariant**: every subject that an operation here needs has fixed actions and fixed fields for conditions, so that
//! the API refuses a misspelled rule. All other subjects are foreign.

use crate::permission::ability::Subject;

/// A subject that rules may be about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RuleSubject {
    pub name: &'static str,
    /// The actions there are on it; `None` for any.
    pub actions: Option<&'static [&'static str]>,
    /// The fields that conditions may be about; `None` for conditions that are kept as they were sent.
    pub condition_fields: Option<&'static [&'static str]>,
}

/// The actions that most subjects have.
pub const USUAL_ACTIONS: &[&str] = &["read", "create", "edit", "delete"];

impl RuleSubject {
    /// A subject with the four usual actions.
    pub const fn plain(name: &'static str) -> Self {
        Self::with(name, USUAL_ACTIONS, &[])
    }

    /// A subject with these actions and these fields for conditions.
    pub const fn with(
        name: &'static str,
        actions: &'static [&'static str],
        condition_fields: &'static [&'static str],
    ) -> Self {
        Self { name, actions: Some(actions), condition_fields: Some(condition_fields) }
    }

    /// A subject of the vendor's that nothing here is decided by. Roles that name it are kept as they were sent, so that a
    /// client's plan and what it reads back agree.
    pub const fn foreign(name: &'static str) -> Self {
        Self { name, actions: None, condition_fields: None }
    }
}

/// Whether conditions of rules about this subject are read. Those about a foreign one only are kept.
pub fn conditions_are_read(subject: &str) -> bool {
    Subject::ALL.iter().any(|decided| decided.name() == subject)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permission::ability::{Ability, Action, Permission, Rule, Selector};
    use crate::permission::condition::Conditions;
    use crate::permission::organization_role::ORGANIZATION_SUBJECTS;
    use crate::permission::privilege_boundary::check_boundary;
    use crate::permission::project_role::PROJECT_SUBJECTS;

    fn every_list() -> [&'static [RuleSubject]; 2] {
        [ORGANIZATION_SUBJECTS, PROJECT_SUBJECTS]
    }

    #[test]
    fn no_two_subjects_of_a_list_share_a_name() {
        for subjects in every_list() {
            for subject in subjects {
                assert_eq!(subjects.iter().filter(|other| other.name == subject.name).count(), 1, "{}", subject.name);
            }
        }
    }

    #[test]
    fn what_an_operation_is_decided_by_is_never_foreign() {
        for subject in every_list().into_iter().flatten() {
            if conditions_are_read(subject.name) {
                assert!(subject.actions.is_some() && subject.condition_fields.is_some(), "{}", subject.name);
            }
        }
    }

    #[test]
    fn a_rule_about_a_foreign_subject_allows_nothing_that_is_decided_here_and_counts_in_the_boundary() {
        let names = |names: &[&str]| Selector::Names(names.iter().map(|name| (*name).to_owned()).collect());
        let actions: Vec<&str> = Action::ALL.iter().map(|action| action.name()).chain(["connect"]).collect();
        for subject in every_list().into_iter().flatten().filter(|subject| subject.actions.is_none()) {
            for conditions in [Conditions::none(), Conditions::verbatim(r#"{"a":{"$all":["b"]}}"#)] {
                let rule = Rule {
                    subject: Selector::name(subject.name),
                    actions: names(&actions),
                    conditions,
                    inverted: false,
                };
                let ability = Ability::new(vec![rule]);
                for subject in Subject::ALL {
                    for action in Action::ALL {
                        let permission = Permission::new(action, subject);
                        assert!(!ability.allows(permission, &[]) && !ability.could_allow(permission));
                    }
                }
                assert!(check_boundary(&Ability::nothing(), &ability).is_err());
                assert!(check_boundary(&ability, &ability).is_ok());
                assert!(check_boundary(&Ability::everything(), &ability).is_ok());
                assert!(check_boundary(&ability, &Ability::everything()).is_err());
            }
        }
    }
}
