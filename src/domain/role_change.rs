//! What changing a role may give to those who have it.
//!
//! A role's holder may have other roles too. A rule of this one that denies takes away from what those allow, so dropping
//! it gives something although the role itself allows no more than before. Whoever changes a role must therefore hold
//! what the new rules allow and what the old ones denied.

use crate::domain::permission::{Ability, Rule};

/// Everything that a holder may gain when a role's rules become `new`.
pub fn what_a_change_may_give(old: &[Rule], new: &[Rule]) -> Ability {
    let gained = new.iter().filter(|rule| !rule.inverted).cloned();
    // A rule that denies keeps denying only where it stands: what comes after it may allow the same again.
    let denied = old.iter().filter(|rule| rule.inverted).map(|rule| Rule { inverted: false, ..rule.clone() });
    Ability::new(if old == new { Vec::new() } else { gained.chain(denied).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::permission::{Action, Permission, Subject};
    use crate::domain::privilege_boundary::check_boundary;

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

        // Who is held back by a role cannot free itself by emptying the role.
        let held_back = Ability::new(vec![Rule::allow_everything(), deny()]);
        assert!(!held_back.allows(Permission::on_identity(Action::Delete), &[]));
        assert!(check_boundary(&held_back, &what_a_change_may_give(&[deny()], &[])).is_err());
        assert!(check_boundary(&Ability::everything(), &what_a_change_may_give(&[deny()], &[])).is_ok());
    }
}
