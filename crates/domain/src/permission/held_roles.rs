//! What somebody may do by several roles, each for good or for a time: at a moment, ever, and for certain.
//!
//! Rules that allow and rules that deny are not alike in time. A rule that allows counts for a whole period only if it
//! holds from its first moment to its last. A rule that denies counts as soon as it can hold in any moment of it: a
//! denial that has not begun yet is as much a part of what was given as the roles that it is to hold back.

use std::collections::{BTreeMap, BTreeSet};

use crate::permission::ability::{Ability, Rule};
use crate::permission::temporary_access::AccessPeriod;
use crate::value::timestamp::Timestamp;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HeldRole {
    pub ability: Ability,
    /// For how long; `None` is for good.
    pub period: Option<AccessPeriod>,
}

impl HeldRole {
    pub const fn for_good(ability: Ability) -> Self {
        Self { ability, period: None }
    }

    fn holds(&self, now: Timestamp) -> bool {
        self.period.is_none_or(|period| period.holds(now))
    }

    fn is_over(&self, now: Timestamp) -> bool {
        self.period.is_some_and(|period| period.end <= now)
    }

    /// Whether it holds from `now` up to `end`, or for good.
    fn lasts(&self, now: Timestamp, end: Option<Timestamp>) -> bool {
        match (self.period, end) {
            (None, _) => true,
            (Some(period), Some(end)) => period.holds(now) && end <= period.end,
            (Some(_), None) => false,
        }
    }
}

/// What these roles allow at `now`; `None` when none of them holds then.
pub fn ability_at(roles: &[HeldRole], now: Timestamp) -> Option<Ability> {
    let holding: Vec<&HeldRole> = roles.iter().filter(|role| role.holds(now)).collect();
    (!holding.is_empty()).then(|| union(holding))
}

/// What these roles allow at `now` or at any later moment.
pub fn ability_ever(roles: &[HeldRole], now: Timestamp) -> Ability {
    union(roles.iter().filter(|role| !role.is_over(now)))
}

/// What these roles are certain to allow in every moment from `now` up to `end`, or for good.
///
/// Of a role that lasts so long every rule counts; of any other that is not over its denials do, whenever they begin or
/// end. That a denial begins only after `end` does not make it count less: whoever may replace its own roles could
/// otherwise drop it by giving itself the same roles for a shorter time.
pub fn certain_rules(roles: &[HeldRole], now: Timestamp, end: Option<Timestamp>) -> impl Iterator<Item = &Rule> {
    roles.iter().filter(move |role| !role.is_over(now)).flat_map(move |role| {
        let lasts = role.lasts(now, end);
        role.ability.rules().iter().filter(move |rule| lasts || rule.inverted)
    })
}

/// What roles that are replaced by others denied, and the others do not, each with the moment up to which it did.
///
/// An identity that a role holds back may have nothing at the moment that it denies. Without it the next role that it
/// is given, or the next rule of one that it has, would be worth more than whoever gives it meant.
pub fn dropped_denials(old: &[HeldRole], new: &[HeldRole], now: Timestamp) -> Vec<(Ability, Option<Timestamp>)> {
    let mut kept: BTreeMap<&Rule, BTreeSet<Option<AccessPeriod>>> = BTreeMap::new();
    for role in new {
        for rule in role.ability.rules().iter().filter(|rule| rule.inverted) {
            kept.entry(rule).or_default().insert(role.period);
        }
    }
    let mut dropped = Vec::new();
    for role in old.iter().filter(|role| !role.is_over(now)) {
        let is_kept = |rule: &Rule| {
            kept.get(rule).is_some_and(|periods| periods.contains(&None) || periods.contains(&role.period))
        };
        let denials = role.ability.rules().iter().filter(|rule| rule.inverted && !is_kept(rule));
        let denied: Vec<Rule> = denials.map(|rule| Rule { inverted: false, ..rule.clone() }).collect();
        if !denied.is_empty() {
            dropped.push((Ability::new(denied), role.period.map(|period| period.end)));
        }
    }
    dropped
}

fn union<'a>(roles: impl IntoIterator<Item = &'a HeldRole>) -> Ability {
    roles.into_iter().fold(Ability::nothing(), |all, role| all.and(role.ability.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permission::ability::{Action, Permission, Subject};
    use proptest::prelude::*;

    fn certain_ability(roles: &[HeldRole], now: Timestamp, end: Option<Timestamp>) -> Ability {
        Ability::new(certain_rules(roles, now, end).cloned().collect())
    }

    const DELETE: Permission = Permission::new(Action::Delete, Subject::Requests);
    const READ: Permission = Permission::new(Action::Read, Subject::Requests);
    const NOW: i64 = 100;

    const fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_milliseconds(milliseconds)
    }

    fn manager() -> Ability {
        Ability::new(vec![Rule::allow(&[Action::Read, Action::Delete], Subject::Requests)])
    }

    fn held_back() -> Ability {
        Ability::new(vec![Rule { inverted: true, ..Rule::allow(&[Action::Delete], Subject::Requests) }])
    }

    fn for_good(ability: Ability) -> HeldRole {
        HeldRole::for_good(ability)
    }

    fn from_to(ability: Ability, start: i64, end: i64) -> HeldRole {
        HeldRole { ability, period: Some(AccessPeriod { start: at(start), end: at(end) }) }
    }

    /// Whether deleting is certain from [`NOW`] up to `end`.
    #[track_caller]
    fn check(roles: &[HeldRole], end: Option<i64>, expected: bool) {
        let certain = certain_ability(roles, at(NOW), end.map(at));
        assert_eq!(certain.allows(DELETE, &[]), expected, "{roles:?} up to {end:?}");
    }

    #[test]
    fn what_allows_is_certain_only_when_it_lasts_from_now_to_the_end() {
        check(&[for_good(manager())], None, true);
        check(&[for_good(manager())], Some(200), true);
        check(&[from_to(manager(), 50, 200)], None, false);
        check(&[from_to(manager(), 50, 200)], Some(201), false);
        check(&[from_to(manager(), 50, 200)], Some(200), true);
        check(&[from_to(manager(), 100, 200)], Some(200), true);
        check(&[from_to(manager(), 101, 300)], Some(200), false);
        check(&[from_to(manager(), 50, 100)], Some(100), false);
        check(&[], None, false);
        // Two that follow one another are not put together.
        check(&[from_to(manager(), 50, 150), from_to(manager(), 150, 200)], Some(200), false);
    }

    #[test]
    fn what_denies_counts_until_it_is_over_whenever_it_begins_or_ends() {
        for end in [None, Some(200)] {
            let with = |denial: HeldRole| [for_good(manager()), denial];
            check(&with(for_good(held_back())), end, false);
            check(&with(from_to(held_back(), 50, 300)), end, false);
            // It ends before the given period does.
            check(&with(from_to(held_back(), 50, 101)), end, false);
            // It begins within it, or after it.
            check(&with(from_to(held_back(), 150, 160)), end, false);
            check(&with(from_to(held_back(), 200, 300)), end, false);
            check(&with(from_to(held_back(), 5_000, 6_000)), end, false);
            // It is over.
            check(&with(from_to(held_back(), 50, 100)), end, true);
            check(&with(from_to(held_back(), 50, 60)), end, true);
        }
    }

    #[test]
    fn a_role_that_comes_after_a_denial_takes_it_back_if_it_lasts() {
        let denial = || from_to(held_back(), 150, 300);
        check(&[denial(), for_good(manager())], None, true);
        check(&[denial(), from_to(manager(), 50, 200)], Some(200), true);
        check(&[for_good(manager()), denial(), from_to(manager(), 50, 120)], Some(200), false);
    }

    #[test]
    fn of_a_role_that_does_not_last_only_the_denials_count() {
        let both = manager().and(held_back());
        let certain = certain_ability(&[from_to(both.clone(), 50, 120)], at(NOW), None);
        assert_eq!(certain, held_back());
        let certain = certain_ability(&[for_good(manager()), from_to(both, 50, 120)], at(NOW), None);
        assert!(certain.allows(READ, &[]));
        assert!(!certain.allows(DELETE, &[]));
    }

    #[test]
    fn at_a_moment_the_roles_that_hold_then_count_and_ever_those_that_are_not_over() {
        let roles = [from_to(manager(), 50, 100), from_to(manager(), 200, 300)];
        assert_eq!(ability_at(&roles, at(99)), Some(manager()));
        assert_eq!(ability_at(&roles, at(100)), None);
        assert_eq!(ability_at(&[for_good(Ability::nothing())], at(100)), Some(Ability::nothing()));
        assert_eq!(ability_ever(&roles, at(99)), manager().and(manager()));
        assert_eq!(ability_ever(&roles, at(100)), manager());
        assert_eq!(ability_ever(&roles, at(300)), Ability::nothing());
    }

    #[test]
    fn a_denial_is_dropped_unless_the_new_roles_deny_the_same_for_as_long() {
        #[track_caller]
        fn check(old: HeldRole, new: &[HeldRole], expected: Option<Option<i64>>) {
            let denied = Ability::new(vec![Rule::allow(&[Action::Delete], Subject::Requests)]);
            let expected: Vec<_> = expected.map(|end| (denied, end.map(at))).into_iter().collect();
            assert_eq!(dropped_denials(&[for_good(manager()), old], new, at(NOW)), expected, "{new:?}");
        }
        check(for_good(held_back()), &[], Some(None));
        check(for_good(held_back()), &[for_good(manager())], Some(None));
        check(for_good(held_back()), &[for_good(held_back())], None);
        check(for_good(held_back()), &[for_good(held_back().and(manager()))], None);
        check(for_good(held_back()), &[from_to(held_back(), 50, 300)], Some(None));
        check(from_to(held_back(), 150, 300), &[for_good(manager())], Some(Some(300)));
        check(from_to(held_back(), 150, 300), &[from_to(held_back(), 150, 300)], None);
        check(from_to(held_back(), 150, 300), &[from_to(held_back(), 150, 299)], Some(Some(300)));
        check(from_to(held_back(), 150, 300), &[for_good(held_back())], None);
        check(from_to(held_back(), 50, 100), &[], None);
        check(for_good(manager()), &[], None);
    }

    const MOMENTS: std::ops::Range<i64> = 0..12;

    fn any_role() -> impl Strategy<Value = HeldRole> {
        let rule =
            (any::<bool>(), any::<bool>(), proptest::bool::weighted(0.4)).prop_map(|(read, delete, inverted)| {
                let actions: Vec<Action> = [(read, Action::Read), (delete, Action::Delete)]
                    .into_iter()
                    .filter_map(|(is, it)| is.then_some(it))
                    .collect();
                Rule { inverted, ..Rule::allow(&actions, Subject::Requests) }
            });
        let period = proptest::option::of((MOMENTS, MOMENTS));
        (proptest::collection::vec(rule, 0..3), period).prop_map(|(rules, period)| HeldRole {
            ability: Ability::new(rules),
            period: period.map(|(one, other)| AccessPeriod { start: at(one.min(other)), end: at(one.max(other)) }),
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn what_is_certain_is_allowed_in_every_moment_of_the_period(
            roles in proptest::collection::vec(any_role(), 0..5), now in MOMENTS, end in proptest::option::of(MOMENTS)
        ) {
            let certain = certain_ability(&roles, at(now), end.map(at));
            for moment in now..end.unwrap_or(MOMENTS.end) {
                let ability = ability_at(&roles, at(moment)).unwrap_or_default();
                for permission in [READ, DELETE] {
                    prop_assert!(!certain.allows(permission, &[]) || ability.allows(permission, &[]), "{}", moment);
                }
            }
        }

        #[test]
        fn what_is_certain_for_good_is_certain_up_to_any_end(
            roles in proptest::collection::vec(any_role(), 0..5), now in MOMENTS, length in 1i64..12
        ) {
            let always = certain_ability(&roles, at(now), None);
            let certain = certain_ability(&roles, at(now), Some(at(now + length)));
            for permission in [READ, DELETE] {
                prop_assert!(!always.allows(permission, &[]) || certain.allows(permission, &[]));
            }
        }
    }
}
