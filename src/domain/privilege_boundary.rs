//! The privilege boundary: nobody gives, or takes control of, more than they hold.
//!
//! An actor who may grant a role, or may make credentials for an identity, gains or passes on what that role or identity
//! may do. So the actor must hold at least all of it. The comparison is by rules, and where it cannot be certain it says
//! no: a rule of the target must be covered by one rule of the actor, and no later rule of the actor may deny any of it.
//!
//! DIFFERENCE: Infisical's newer privilege system lets a holder of `grant-privileges` give any role. Here the superset
//! is always required; a refusal is the same 403 that clients know.

use crate::domain::condition::Conditions;
use crate::domain::permission::{Ability, Rule, Scope};

/// What the actor would have to hold as well.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BeyondBoundary {
    /// The missing permissions, in the order of the target's rules; never empty.
    pub missing: Vec<MissingPermission>,
}

/// One action on one subject that the actor does not hold for all the things it is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MissingPermission {
    /// The action; `*` for every one.
    pub action: String,
    /// The subject; `*` for every one.
    pub subject: String,
    /// For which things.
    pub conditions: Conditions,
}

/// Whether an actor with `actor` may give or control `target`.
///
/// # Errors
/// [`BeyondBoundary`].
pub fn check_boundary(actor: &Ability, target: &Ability) -> Result<(), BeyondBoundary> {
    let mut missing = Vec::new();
    // What the target denies only narrows what it allows; leaving that out of account is on the safe side.
    for rule in target.rules().iter().filter(|rule| !rule.inverted) {
        for subject in names(&rule.subject) {
            for action in names(&rule.actions) {
                let needed = Needed { action, subject, conditions: &rule.conditions };
                if !needed.is_held_by(actor) {
                    missing.push(needed.to_missing());
                }
            }
        }
    }
    if missing.is_empty() { Ok(()) } else { Err(BeyondBoundary { missing }) }
}

/// The names of a scope; `None` stands for every name.
fn names(scope: &Scope) -> Vec<Option<&str>> {
    match scope {
        Scope::Every => vec![None],
        Scope::Names(names) => names.iter().map(|name| Some(name.as_str())).collect(),
    }
}

struct Needed<'a> {
    action: Option<&'a str>,
    subject: Option<&'a str>,
    conditions: &'a Conditions,
}

impl Needed<'_> {
    /// From the actor's last rule to its first: a rule that allows all of it settles it, unless one that denies any of it
    /// came after.
    fn is_held_by(&self, actor: &Ability) -> bool {
        for rule in actor.rules().iter().rev() {
            if rule.inverted {
                if self.touches(rule) {
                    return false;
                }
            } else if self.is_covered_by(rule) {
                return true;
            }
        }
        false
    }

    fn is_covered_by(&self, rule: &Rule) -> bool {
        let within = |scope: &Scope, name: Option<&str>| match (scope, name) {
            (Scope::Every, _) => true,
            (Scope::Names(names), Some(name)) => names.iter().any(|known| known == name),
            (Scope::Names(_), None) => false,
        };
        within(&rule.subject, self.subject)
            && within(&rule.actions, self.action)
            && rule.conditions.cover(self.conditions)
    }

    fn touches(&self, rule: &Rule) -> bool {
        let meets = |scope: &Scope, name: Option<&str>| match (scope, name) {
            (Scope::Every, _) | (Scope::Names(_), None) => true,
            (Scope::Names(names), Some(name)) => names.iter().any(|known| known == name),
        };
        meets(&rule.subject, self.subject)
            && meets(&rule.actions, self.action)
            && !rule.conditions.exclude(self.conditions)
    }

    fn to_missing(&self) -> MissingPermission {
        MissingPermission {
            action: self.action.unwrap_or("*").to_owned(),
            subject: self.subject.unwrap_or("*").to_owned(),
            conditions: self.conditions.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::condition::Requirement;
    use crate::domain::organization_role::BuiltInOrganizationRole;
    use proptest::prelude::*;

    #[test]
    fn a_role_can_be_given_only_by_who_holds_all_of_it() {
        #[track_caller]
        fn check(actor: BuiltInOrganizationRole, target: BuiltInOrganizationRole, expected: bool) {
            assert_eq!(check_boundary(&actor.ability(), &target.ability()).is_ok(), expected, "{actor:?} {target:?}");
        }
        use BuiltInOrganizationRole::{Admin, Member, NoAccess};
        for role in BuiltInOrganizationRole::ALL {
            check(Admin, role, true);
            check(role, NoAccess, true);
            check(role, role, true);
        }
        check(Member, Admin, false);
        check(NoAccess, Admin, false);
        check(NoAccess, Member, false);
    }

    #[test]
    fn the_refusal_names_what_is_missing() {
        let refusal = check_boundary(&Ability::nothing(), &Ability::everything()).unwrap_err();
        assert_eq!(refusal.missing[0].action, "*");
        let member = BuiltInOrganizationRole::Member.ability();
        let refusal = check_boundary(&BuiltInOrganizationRole::NoAccess.ability(), &member).unwrap_err();
        assert!(refusal.missing.iter().any(|missing| missing.action == "read" && missing.subject == "identity"));
    }

    const ACTIONS: [&str; 2] = ["read", "edit"];
    const SUBJECTS: [&str; 2] = ["identity", "role"];
    const VALUES: [&str; 3] = ["1", "2", "3"];

    fn any_scope(all: [&'static str; 2]) -> impl Strategy<Value = Scope> {
        prop_oneof![
            1 => Just(Scope::Every),
            4 => proptest::sample::subsequence(all.to_vec(), 1..=2)
                .prop_map(|names| Scope::Names(names.into_iter().map(str::to_owned).collect())),
        ]
    }

    fn any_conditions() -> impl Strategy<Value = Conditions> {
        let value = proptest::sample::select(VALUES.to_vec()).prop_map(str::to_owned);
        prop_oneof![
            3 => Just(Conditions::none()),
            1 => value.clone().prop_map(|value| Conditions::none().and("id", Requirement::Equal(value))),
            1 => value.clone().prop_map(|value| Conditions::none().and("id", Requirement::NotEqual(value))),
            1 => proptest::collection::btree_set(value, 1..3)
                .prop_map(|values| Conditions::none().and("id", Requirement::OneOf(values))),
        ]
    }

    fn any_ability() -> impl Strategy<Value = Ability> {
        let rule = (any_scope(SUBJECTS), any_scope(ACTIONS), any_conditions(), proptest::bool::weighted(0.3))
            .prop_map(|(subject, actions, conditions, inverted)| Rule { subject, actions, conditions, inverted });
        proptest::collection::vec(rule, 0..4).prop_map(Ability::new)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn within_the_boundary_there_is_nothing_the_target_may_and_the_actor_may_not(
            actor in any_ability(), target in any_ability()
        ) {
            if check_boundary(&actor, &target).is_ok() {
                for subject in SUBJECTS.into_iter().chain(["unheard-of"]) {
                    for action in ACTIONS.into_iter().chain(["unheard-of"]) {
                        for value in VALUES {
                            let thing = [("id", value)];
                            prop_assert!(
                                !target.allows_named(action, subject, &thing)
                                    || actor.allows_named(action, subject, &thing),
                                "{} {} {}", action, subject, value
                            );
                        }
                    }
                }
            }
        }

        #[test]
        fn the_boundary_is_transitive_through_a_chain_of_grants(
            first in any_ability(), second in any_ability(), third in any_ability()
        ) {
            if check_boundary(&first, &second).is_ok() && check_boundary(&second, &third).is_ok() {
                for subject in SUBJECTS {
                    for action in ACTIONS {
                        for value in VALUES {
                            let thing = [("id", value)];
                            prop_assert!(
                                !third.allows_named(action, subject, &thing)
                                    || first.allows_named(action, subject, &thing)
                            );
                        }
                    }
                }
            }
        }
    }
}
