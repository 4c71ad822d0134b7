//! The privilege boundary: nobody gives, or takes control of, more than they hold.
//!
//! An actor who may grant a role, or may make credentials for an identity, gains or passes on what that role or identity
//! may do. So the actor must hold at least all of it.
//!
//! DIFFERENCE: Infisical's newer privilege system lets a holder of `grant-privileges` give any role. Here the superset
//! is always required; a refusal is the same 403 that clients know.

use crate::domain::permission::{Ability, Permission};

/// What the actor would have to hold as well.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BeyondBoundary {
    /// The missing permissions, in a fixed order; never empty.
    pub missing: Vec<Permission>,
}

/// Whether an actor with `actor` may give or control `target`.
///
/// # Errors
/// [`BeyondBoundary`].
pub fn check_boundary(actor: &Ability, target: &Ability) -> Result<(), BeyondBoundary> {
    let missing = actor.lacks_of(target);
    if missing.is_empty() { Ok(()) } else { Err(BeyondBoundary { missing }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::organization_role::OrganizationRole;
    use crate::domain::permission::{Action, Permission};
    use proptest::prelude::*;

    #[test]
    fn a_role_can_be_given_only_by_who_holds_all_of_it() {
        #[track_caller]
        fn check(actor: OrganizationRole, target: OrganizationRole, expected: bool) {
            assert_eq!(check_boundary(&actor.ability(), &target.ability()).is_ok(), expected, "{actor:?} {target:?}");
        }
        use OrganizationRole::{Admin, Member, NoAccess};
        for role in OrganizationRole::ALL {
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
        let refusal =
            check_boundary(&OrganizationRole::NoAccess.ability(), &OrganizationRole::Member.ability()).unwrap_err();
        let names: Vec<&str> = refusal.missing.iter().map(|permission| permission.action.name()).collect();
        assert_eq!(names, ["read", "create", "edit", "delete"]);
    }

    fn any_ability() -> impl Strategy<Value = Ability> {
        proptest::collection::vec(0usize..Action::ALL.len(), 0..Action::ALL.len())
            .prop_map(|picks| picks.into_iter().map(|pick| Permission::on_identity(Action::ALL[pick])).collect())
    }

    proptest! {
        #[test]
        fn within_the_boundary_there_is_no_permission_the_actor_lacks(actor in any_ability(), target in any_ability()) {
            let within = check_boundary(&actor, &target).is_ok();
            let lacks = Permission::all().any(|permission| target.allows(permission) && !actor.allows(permission));
            prop_assert_eq!(within, !lacks);
        }
    }
}
