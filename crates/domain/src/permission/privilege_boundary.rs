//! The privilege boundary: nobody gives, or takes control of, more than they hold.
//!
//! An actor who grants a role, or creates credentials for an identity, gains or passes on the permissions of that role
//! or identity. So the actor must hold all of them. The comparison is by rules: one rule of the actor must cover each
//! rule of the target, and no later rule of the actor may deny any of it. If that is not certain, the answer is no.
//!
//! Callers write the rules, and the Directory serves nobody else during the comparison. So it compares each needed
//! action with the rules that name it, not with all, and all comparisons of one command together take at most
//! [`Work::OF_A_COMMAND`] steps. A longer comparison is not certain, so the answer is no.
//!
//! DIFFERENCE: Infisical's newer privilege system lets a holder of `grant-privileges` give any role. Here the superset
//! is always required; a refusal is the same 403 that clients know.

use std::cell::Cell;
use std::collections::BTreeMap;

use crate::permission::ability::{Ability, Rule, Selector};
use crate::permission::condition::{Conditions, Extent};

/// The most permissions that a refusal names.
const NAMED_MISSING: usize = 50;

/// What the actor would have to hold as well.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BeyondBoundary {
    /// The first of the missing permissions, in the order of the target's rules; never empty.
    pub missing: Vec<MissingPermission>,
}

/// One action on one subject that the actor does not hold for all the things it is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MissingPermission {
    /// The action; `*` for every one.
    pub action: String,
    /// The subject; `*` for every one.
    pub subject: String,
    pub conditions: Conditions,
}

/// What is left of the steps that comparing rules may take.
#[derive(Clone, Debug)]
pub struct Work(Cell<u64>);

impl Work {
    /// The most steps of one command, of some nanoseconds each.
    pub const OF_A_COMMAND: u64 = 100_000;
    /// Looking an action up by its name.
    const LOOK_UP: u64 = 10;

    /// That of a command that has compared nothing yet.
    pub const fn of_a_command() -> Self {
        Self(Cell::new(Self::OF_A_COMMAND))
    }

    /// Takes some steps; `false` if so many are not left, and then no step is left at all.
    fn take(&self, steps: u64) -> bool {
        let left = self.0.get().checked_sub(steps);
        self.0.set(left.unwrap_or(0));
        left.is_some()
    }
}

/// Whether an actor with `actor` may give or control `target`.
pub fn check_boundary(actor: &Ability, target: &Ability) -> Result<(), BeyondBoundary> {
    check_boundary_with(actor.rules(), target.rules(), &Work::of_a_command())
}

/// The same for rules wherever they stand, as a part of a command's work.
pub fn check_boundary_with<'a>(
    actor: impl IntoIterator<Item = &'a Rule>,
    target: impl IntoIterator<Item = &'a Rule>,
    work: &Work,
) -> Result<(), BeyondBoundary> {
    // What the target denies only narrows what it allows; leaving that out of account is on the safe side.
    let target: Vec<&Rule> = target.into_iter().filter(|rule| !rule.inverted).collect();
    let held = Held::of(actor, &target, work);
    let mut missing = Vec::new();
    for rule in target {
        let extent = rule.conditions.extent();
        for subject in names(&rule.subject) {
            for action in names(&rule.actions) {
                let needed = Needed { action, subject, conditions: &rule.conditions, extent };
                if !needed.is_held(&held, work) {
                    missing.push(needed.to_missing());
                }
                if missing.len() >= NAMED_MISSING {
                    return Err(BeyondBoundary { missing });
                }
            }
        }
    }
    if missing.is_empty() { Ok(()) } else { Err(BeyondBoundary { missing }) }
}

/// The names of a selector; `None` stands for every name.
fn names(selector: &Selector) -> impl Iterator<Item = Option<&str>> {
    let (every, names): (_, &[String]) = match selector {
        Selector::Every => (Some(None), &[]),
        Selector::Names(names) => (None, names),
    };
    every.into_iter().chain(names.iter().map(|name| Some(name.as_str())))
}

/// A rule of the actor, with how long comparing its conditions takes.
#[derive(Clone, Copy)]
struct HeldRule<'a> {
    rule: &'a Rule,
    extent: Extent,
}

/// By subject and action the places of the rules that name both.
type RulePlaces<'a> = BTreeMap<&'a str, BTreeMap<&'a str, Vec<usize>>>;

/// The actor's rules, and which of them are about what the target names.
struct Held<'a> {
    rules: Vec<HeldRule<'a>>,
    named: RulePlaces<'a>,
    /// The places of those that are about every subject or every action: only built-in roles have such.
    broad: Vec<usize>,
}

impl<'a> Held<'a> {
    fn of(actor: impl IntoIterator<Item = &'a Rule>, target: &[&'a Rule], work: &Work) -> Self {
        let mut named: RulePlaces<'a> = BTreeMap::new();
        for rule in target {
            for subject in names(&rule.subject).flatten() {
                let actions = named.entry(subject).or_default();
                for action in names(&rule.actions).flatten() {
                    work.take(Work::LOOK_UP);
                    actions.entry(action).or_default();
                }
            }
        }
        let mut held = Self { rules: Vec::new(), named, broad: Vec::new() };
        for rule in actor {
            let place = held.rules.len();
            held.rules.push(HeldRule { rule, extent: rule.conditions.extent() });
            match (&rule.subject, &rule.actions) {
                (Selector::Names(subjects), Selector::Names(actions)) => held.file(place, subjects, actions, work),
                (Selector::Every, _) | (_, Selector::Every) => held.broad.push(place),
            }
        }
        held
    }

    fn file(&mut self, place: usize, subjects: &[String], actions: &[String], work: &Work) {
        for subject in subjects {
            let Some(known) = self.named.get_mut(subject.as_str()) else { continue };
            for action in actions {
                if !work.take(Work::LOOK_UP) {
                    // Nothing will be held to be certain any more.
                    return;
                }
                if let Some(places) = known.get_mut(action.as_str())
                    && places.last() != Some(&place)
                {
                    places.push(place);
                }
            }
        }
    }

    /// The rules that can be about this, from the last one to the first.
    fn about(&self, subject: Option<&str>, action: Option<&str>) -> impl Iterator<Item = &HeldRule<'a>> {
        let (all, named, broad): (_, &[usize], &[usize]) = match (subject, action) {
            (Some(subject), Some(action)) => {
                let named = self.named.get(subject).and_then(|actions| actions.get(action));
                (0..0, named.map_or(&[], Vec::as_slice), &self.broad)
            }
            (None, _) | (_, None) => (0..self.rules.len(), &[], &[]),
        };
        Descending { named, broad }.chain(all.rev()).filter_map(|place| self.rules.get(place))
    }
}

/// The places of two ascending lists, from the last to the first.
struct Descending<'a> {
    named: &'a [usize],
    broad: &'a [usize],
}

impl Iterator for Descending<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let list = if self.named.last() > self.broad.last() { &mut self.named } else { &mut self.broad };
        let (last, rest) = list.split_last()?;
        *list = rest;
        Some(*last)
    }
}

struct Needed<'a> {
    action: Option<&'a str>,
    subject: Option<&'a str>,
    conditions: &'a Conditions,
    extent: Extent,
}

impl Needed<'_> {
    /// From the actor's last rule to its first: a rule that allows all of it settles it, unless one that denies any of it
    /// came after.
    fn is_held(&self, held: &Held<'_>, work: &Work) -> bool {
        for HeldRule { rule, extent } in held.about(self.subject, self.action) {
            if !work.take(extent.steps_with(self.extent)) {
                return false;
            }
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
        let within = |selector: &Selector, name: Option<&str>| match (selector, name) {
            (Selector::Every, _) => true,
            (Selector::Names(names), Some(name)) => names.iter().any(|known| known == name),
            (Selector::Names(_), None) => false,
        };
        within(&rule.subject, self.subject)
            && within(&rule.actions, self.action)
            && rule.conditions.cover(self.conditions)
    }

    fn touches(&self, rule: &Rule) -> bool {
        let meets = |selector: &Selector, name: Option<&str>| match (selector, name) {
            (Selector::Every, _) | (Selector::Names(_), None) => true,
            (Selector::Names(names), Some(name)) => names.iter().any(|known| known == name),
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
    use crate::permission::ability::{Action, Subject};
    use crate::permission::condition::FieldCondition;
    use crate::permission::organization_role::BuiltInOrganizationRole;
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

    /// The comparison written down without a thought for what it costs.
    fn plainly(actor: &Ability, target: &Ability) -> Vec<MissingPermission> {
        let mut missing = Vec::new();
        for rule in target.rules().iter().filter(|rule| !rule.inverted) {
            for subject in names(&rule.subject) {
                for action in names(&rule.actions) {
                    let needed = Needed { action, subject, conditions: &rule.conditions, extent: Extent::default() };
                    let mut later = actor.rules().iter().rev();
                    let settled = later
                        .find(|rule| if rule.inverted { needed.touches(rule) } else { needed.is_covered_by(rule) });
                    if settled.is_none_or(|rule| rule.inverted) {
                        missing.push(needed.to_missing());
                    }
                }
            }
        }
        missing
    }

    fn about(field: &str, requirement: FieldCondition) -> Rule {
        let conditions = Conditions::none().and(field, requirement);
        Rule { conditions, ..Rule::allow(&[Action::Read], Subject::Identity) }
    }

    #[test]
    fn what_takes_too_much_work_is_beyond_the_boundary() {
        // Patterns that match nothing, so that each need goes through all of them, and the one that covers everything first.
        let rules = |count: usize| -> Vec<Rule> {
            let patterns = (0..count).map(|number| about("identityId", FieldCondition::Glob(format!("*{number}*x*"))));
            std::iter::once(Rule::allow(&[Action::Read], Subject::Identity)).chain(patterns).collect()
        };
        let needs: Vec<Rule> =
            (0..200).map(|number| about("identityId", FieldCondition::Equal(format!("{number}")))).collect();
        let target = Ability::new(needs);
        check_boundary(&Ability::new(rules(2)), &target).unwrap();
        let refused = check_boundary(&Ability::new(rules(10_000)), &target).unwrap_err();
        assert_eq!(refused.missing.len(), NAMED_MISSING);
        // An actor that holds it by the last rule needs no work for it.
        let administrator = Ability::new(rules(200)).and(Ability::everything());
        check_boundary(&administrator, &target).unwrap();

        let work = Work::of_a_command();
        check_boundary_with(administrator.rules(), target.rules(), &work).unwrap();
        work.take(Work::OF_A_COMMAND);
        check_boundary_with(administrator.rules(), target.rules(), &work).unwrap_err();
        check_boundary_with(administrator.rules(), [], &work).unwrap();
    }

    const ACTIONS: [&str; 2] = ["read", "edit"];
    const SUBJECTS: [&str; 2] = ["identity", "role"];
    const VALUES: [&str; 3] = ["1", "2", "3"];

    fn any_selector(all: [&'static str; 2]) -> impl Strategy<Value = Selector> {
        prop_oneof![
            1 => Just(Selector::Every),
            4 => proptest::sample::subsequence(all.to_vec(), 1..=2)
                .prop_map(|names| Selector::Names(names.into_iter().map(str::to_owned).collect())),
        ]
    }

    fn any_conditions() -> impl Strategy<Value = Conditions> {
        let value = proptest::sample::select(VALUES.to_vec()).prop_map(str::to_owned);
        prop_oneof![
            3 => Just(Conditions::none()),
            1 => value.clone().prop_map(|value| Conditions::none().and("id", FieldCondition::Equal(value))),
            1 => value.clone().prop_map(|value| Conditions::none().and("id", FieldCondition::NotEqual(value))),
            1 => proptest::collection::btree_set(value, 1..3)
                .prop_map(|values| Conditions::none().and("id", FieldCondition::OneOf(values))),
        ]
    }

    fn any_ability() -> impl Strategy<Value = Ability> {
        let rule = (any_selector(SUBJECTS), any_selector(ACTIONS), any_conditions(), proptest::bool::weighted(0.3))
            .prop_map(|(subject, actions, conditions, inverted)| Rule { subject, actions, conditions, inverted });
        proptest::collection::vec(rule, 0..4).prop_map(Ability::new)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(8_000))]

        #[test]
        fn the_fast_way_finds_what_the_plain_way_finds(actor in any_ability(), target in any_ability()) {
            let found = check_boundary(&actor, &target).err().map(|beyond| beyond.missing).unwrap_or_default();
            prop_assert_eq!(found, plainly(&actor, &target));
        }
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
