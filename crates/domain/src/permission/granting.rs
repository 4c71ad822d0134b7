//! What giving a role to an identity needs besides the role's own rules: the right to give privileges to that identity.

use crate::permission::ability::{Ability, Action, Rule, Subject};
use crate::permission::condition::{Conditions, FieldCondition};
use crate::value::identifiers::IdentityId;

/// The right to give `role` to an identity; to one that does not exist yet for `None`. A role that may do nothing needs
/// no right.
pub fn right_to_give(role: &Ability, to: Option<IdentityId>) -> Ability {
    if *role == Ability::nothing() {
        return Ability::nothing();
    }
    let right = Rule::allow(&[Action::GrantPrivileges], Subject::Identity);
    // A rule that names identities is about none that is yet to be made: nobody knows its id.
    Ability::new(vec![match to {
        Some(identity) => Rule {
            conditions: Conditions::none().and("identityId", FieldCondition::Equal(identity.to_string())),
            ..right
        },
        None => right,
    }])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permission::privilege_boundary::check_boundary;

    #[test]
    fn a_right_about_one_identity_is_a_right_to_give_to_that_one() {
        let [one, two] = [[1; 16], [2; 16]].map(IdentityId::from_bytes);
        let role = Ability::everything();
        let about_one = Ability::new(vec![Rule {
            conditions: Conditions::none().and("identityId", FieldCondition::Equal(one.to_string())),
            ..Rule::allow(&[Action::GrantPrivileges], Subject::Identity)
        }]);
        let about_all = Ability::new(vec![Rule::allow(&[Action::GrantPrivileges], Subject::Identity)]);
        let suffices = |held: &Ability, to| check_boundary(held, &right_to_give(&role, to)).is_ok();
        assert!(suffices(&about_one, Some(one)));
        assert!(!suffices(&about_one, Some(two)));
        assert!(!suffices(&about_one, None));
        for to in [Some(one), Some(two), None] {
            assert!(suffices(&about_all, to));
            assert!(!suffices(&Ability::nothing(), to));
        }
    }

    #[test]
    fn to_give_nothing_needs_no_right() {
        assert_eq!(right_to_give(&Ability::nothing(), None), Ability::nothing());
        // What only denies gives nothing either, but it is not nothing.
        let denial = Rule { inverted: true, ..Rule::allow(&[Action::Read], Subject::Identity) };
        assert_ne!(right_to_give(&Ability::new(vec![denial]), None), Ability::nothing());
    }
}
