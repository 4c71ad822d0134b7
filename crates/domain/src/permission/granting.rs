//! What giving a role to an identity needs besides the role's own rules: the right to give privileges to that identity.
//! And what somebody lacks of both, asked before a role is given.

use crate::permission::ability::{Ability, Action, Permission, Rule, Subject};
use crate::permission::condition::{Conditions, FieldCondition};
use crate::permission::privilege_boundary::{BeyondBoundary, MissingPermission, Work, check_boundary_with};
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

/// Whom a role would be given to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Recipient {
    /// Whichever identity one may give privileges to.
    Anybody,
    /// One that is yet to be made.
    NewIdentity,
    Identity(IdentityId),
}

/// Whether somebody may give a role.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Giving {
    Allowed,
    Beyond(BeyondBoundary),
    /// Comparing so many rules takes too much work. The command that gives the role tells.
    Uncertain,
}

/// Whether somebody may give `role`, who may do `ability` now and holds `lasting` for as long as it is given.
pub fn giving<'a>(
    ability: &'a Ability,
    lasting: impl IntoIterator<Item = &'a Rule>,
    role: &'a Ability,
    to: Recipient,
    work: &Work,
) -> Giving {
    let right = match to {
        Recipient::Anybody if ability.could_allow(Permission::on_identity(Action::GrantPrivileges)) => {
            Ability::nothing()
        }
        Recipient::Anybody | Recipient::NewIdentity => right_to_give(role, None),
        Recipient::Identity(identity) => right_to_give(role, Some(identity)),
    };
    let mut missing = missing_of(check_boundary_with(ability.rules(), right.rules(), work));
    missing.extend(missing_of(check_boundary_with(lasting, role.rules(), work)));
    if missing.is_empty() {
        Giving::Allowed
    } else if work.is_spent() {
        Giving::Uncertain
    } else {
        Giving::Beyond(BeyondBoundary { missing })
    }
}

fn missing_of(checked: Result<(), BeyondBoundary>) -> Vec<MissingPermission> {
    checked.err().map(|beyond| beyond.missing).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permission::organization_role::BuiltInOrganizationRole;
    use crate::permission::privilege_boundary::check_boundary;

    fn grant() -> Rule {
        Rule::allow(&[Action::GrantPrivileges], Subject::Identity)
    }

    fn read() -> Rule {
        Rule::allow(&[Action::Read], Subject::Identity)
    }

    #[test]
    fn what_is_said_before_a_role_is_given_is_what_giving_it_needs() {
        let one = IdentityId::from_bytes([1; 16]);
        let about_one = Rule {
            conditions: Conditions::none().and("identityId", FieldCondition::Equal(one.to_string())),
            ..grant()
        };
        #[track_caller]
        fn check(held: &[Rule], role: &[Rule], to: Recipient, expected: &[(&str, &str)]) {
            let (held, role) = (Ability::new(held.to_vec()), Ability::new(role.to_vec()));
            let found = match giving(&held, held.rules(), &role, to, &Work::of_a_command()) {
                Giving::Allowed => Vec::new(),
                Giving::Beyond(beyond) => beyond.missing,
                Giving::Uncertain => panic!("there was work left"),
            };
            let named: Vec<_> =
                found.iter().map(|missing| (missing.action.as_str(), missing.subject.as_str())).collect();
            assert_eq!(named, expected, "{held:?} {role:?} {to:?}");
        }
        const RIGHT: (&str, &str) = ("grant-privileges", "identity");
        const READ: (&str, &str) = ("read", "identity");
        for to in [Recipient::Anybody, Recipient::NewIdentity, Recipient::Identity(one)] {
            check(&[], &[], to, &[]);
            check(&[], &[read()], to, &[RIGHT, READ]);
            check(&[read()], &[read()], to, &[RIGHT]);
            check(&[grant()], &[read()], to, &[READ]);
            check(&[grant(), read()], &[read()], to, &[]);
        }
        check(&[about_one.clone(), read()], &[read()], Recipient::Anybody, &[]);
        check(&[about_one.clone(), read()], &[read()], Recipient::NewIdentity, &[RIGHT]);
        check(&[about_one.clone(), read()], &[read()], Recipient::Identity(one), &[]);
        check(&[about_one, read()], &[read()], Recipient::Identity(IdentityId::from_bytes([2; 16])), &[RIGHT]);
    }

    #[test]
    fn what_takes_too_much_work_to_tell_is_not_told() {
        let [member, admin] =
            [BuiltInOrganizationRole::Member, BuiltInOrganizationRole::Admin].map(|role| role.ability());
        let work = Work::of_a_command();
        let tell = |role: &Ability, work: &Work| giving(&member, member.rules(), role, Recipient::Anybody, work);
        assert!(matches!(tell(&admin, &work), Giving::Beyond(_)));
        work.spend();
        assert_eq!(tell(&admin, &work), Giving::Uncertain);
        // What needs no comparing is certain all the same.
        assert_eq!(tell(&Ability::nothing(), &work), Giving::Allowed);
    }

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
