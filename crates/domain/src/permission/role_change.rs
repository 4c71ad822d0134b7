//! What a change of a role gives to the identities that have it, and takes from them.
//!
//! An identity with this role may have other roles too. A deny rule of this role cancels what those grant, so dropping
//! it gives something although the role itself allows no more than before. To change a role, the actor must therefore
//! hold what the new rules allow and what the old ones denied.
//!
//! A deny rule reaches beyond its role: it cancels what another role grants. An actor who makes a role deny more
//! changes what the identities with that role may do by any of their roles, and must therefore hold all of that. An
//! *allow* rule, added or removed, concerns only what the role itself allowed before or allows then.

use crate::permission::ability::{Ability, Rule};
use crate::permission::privilege_boundary::check_boundary;

/// Everything that an identity with the role may gain when its rules become `new`.
pub fn what_a_change_may_give(old: &[Rule], new: &[Rule]) -> Ability {
    let gained = new.iter().filter(|rule| !rule.inverted).cloned();
    // A rule that denies keeps denying only where it stands: what comes after it may allow the same again.
    Ability::new(if old == new { Vec::new() } else { gained.chain(denied(old)).collect() })
}

/// Whether an identity with the role may lose something that another of its roles allows when the role's rules become
/// `new`.
pub fn denies_more(old: &[Rule], new: &[Rule]) -> bool {
    check_boundary(&Ability::new(denied(old).collect()), &Ability::new(denied(new).collect())).is_err()
}

/// What these rules deny, as rules that allow it.
fn denied(rules: &[Rule]) -> impl Iterator<Item = Rule> {
    rules.iter().filter(|rule| rule.inverted).map(|rule| Rule { inverted: false, ..rule.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permission::ability::{Action, Permission, Subject};
    use crate::permission::condition::{Conditions, FieldCondition};
    use proptest::prelude::*;

    #[test]
    fn dropping_a_denial_counts_as_giving_what_it_denied() {
        let allow = || Rule::allow(&[Action::Delete], Subject::Identity);
        let deny = || Rule { inverted: true, ..allow() };
        assert_eq!(what_a_change_may_give(&[deny()], &[]), Ability::new(vec![allow()]));
        assert_eq!(what_a_change_may_give(&[deny()], &[deny()]), Ability::nothing());
        assert_eq!(what_a_change_may_give(&[], &[deny()]), Ability::nothing());
        assert_eq!(what_a_change_may_give(&[], &[allow()]), Ability::new(vec![allow()]));
        assert_eq!(
            what_a_change_may_give(&[deny(), allow()], &[allow(), deny()]),
            Ability::new(vec![allow(), allow()])
        );

        // An identity that a role holds back cannot free itself by emptying the role.
        let held_back = Ability::new(vec![Rule::allow_everything(), deny()]);
        assert!(!held_back.allows(Permission::on_identity(Action::Delete), &[]));
        assert!(check_boundary(&held_back, &what_a_change_may_give(&[deny()], &[])).is_err());
        assert!(check_boundary(&Ability::everything(), &what_a_change_may_give(&[deny()], &[])).is_ok());
    }

    fn delete() -> Rule {
        Rule::allow(&[Action::Delete], Subject::Identity)
    }

    fn deny(rule: Rule) -> Rule {
        Rule { inverted: true, ..rule }
    }

    fn only(identity: &str, rule: Rule) -> Rule {
        Rule { conditions: Conditions::none().and("identityId", FieldCondition::Equal(identity.to_owned())), ..rule }
    }

    #[test]
    fn a_denial_that_is_new_or_wider_denies_more_and_nothing_else_does() {
        #[track_caller]
        fn check(old: &[Rule], new: &[Rule], expected: bool) {
            assert_eq!(denies_more(old, new), expected, "{old:?} {new:?}");
        }
        let both = || Rule::allow(&[Action::Read, Action::Delete], Subject::Identity);
        check(&[], &[], false);
        check(&[], &[delete()], false);
        check(&[delete()], &[], false);
        check(&[], &[deny(delete())], true);
        check(&[deny(delete())], &[], false);
        check(&[deny(delete())], &[deny(delete())], false);
        check(&[deny(delete())], &[deny(delete()), delete()], false);
        check(&[deny(delete())], &[deny(both())], true);
        check(&[deny(both())], &[deny(delete())], false);
        check(&[deny(only("1", delete()))], &[deny(delete())], true);
        check(&[deny(only("1", delete()))], &[deny(only("2", delete()))], true);
        check(&[deny(delete())], &[deny(only("1", delete()))], false);
        check(&[delete()], &[deny(delete())], true);
    }

    const ACTIONS: [Action; 2] = [Action::Read, Action::Delete];

    fn any_rules() -> impl Strategy<Value = Vec<Rule>> {
        let rule = (proptest::sample::subsequence(ACTIONS.to_vec(), 1..=2), 0..4usize, any::<bool>()).prop_map(
            |(actions, about, inverted)| {
                let rule = Rule { inverted, ..Rule::allow(&actions, Subject::Identity) };
                ["1", "2"].get(about).map_or(rule.clone(), |identity| only(identity, rule))
            },
        );
        proptest::collection::vec(rule, 0..4)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn what_a_holder_loses_by_a_change_that_denies_no_more_is_what_the_role_allowed(
            before in any_rules(), old in any_rules(), new in any_rules(), after in any_rules()
        ) {
            if !denies_more(&old, &new) {
                let with = |role: &[Rule]| Ability::new([&before, role, &after].concat());
                let allowed = Ability::new(old.iter().filter(|rule| !rule.inverted).cloned().collect());
                for action in ACTIONS {
                    let permission = Permission::on_identity(action);
                    for identity in ["1", "2", "3"] {
                        let thing = [("identityId", identity)];
                        let lost = with(&old).allows(permission, &thing) && !with(&new).allows(permission, &thing);
                        prop_assert!(!lost || allowed.allows(permission, &thing), "{:?} {}", action, identity);
                    }
                }
            }
        }
    }
}
