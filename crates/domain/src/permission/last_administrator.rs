//! The last administrator: an organization always has an identity with the built-in role `admin`.
//!
//! Without one nobody could give that role again, and only a new installation would help. Whether the identity can
//! authenticate does not count: an administrator without a token is an operator's choice that another one can undo.

use crate::permission::organization_role::BuiltInOrganizationRole;

/// The command would leave the organization without an administrator.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LastAdministrator;

/// Whether an identity may go from one built-in role to another, or to none of them: a custom role or the identity's end.
/// `others` tells whether the organization has another administrator; it is asked only when that matters.
///
/// # Errors
/// [`LastAdministrator`], or the error of `others`.
pub fn check_last_administrator<E: From<LastAdministrator>>(
    from: Option<BuiltInOrganizationRole>,
    to: Option<BuiltInOrganizationRole>,
    others: impl FnOnce() -> Result<bool, E>,
) -> Result<(), E> {
    let is_administrator = |role| role == Some(BuiltInOrganizationRole::Admin);
    if is_administrator(from) && !is_administrator(to) && !others()? {
        return Err(E::from(LastAdministrator));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permission::organization_role::BuiltInOrganizationRole::{Admin, Member, NoAccess};

    #[test]
    fn only_the_last_administrator_must_stay_one() {
        #[track_caller]
        fn check(
            from: Option<BuiltInOrganizationRole>,
            to: Option<BuiltInOrganizationRole>,
            others: bool,
            expected: Result<(), LastAdministrator>,
        ) {
            assert_eq!(check_last_administrator(from, to, || Ok(others)), expected, "{from:?} {to:?} {others}");
        }
        for to in [None, Some(Member), Some(NoAccess)] {
            check(Some(Admin), to, false, Err(LastAdministrator));
            check(Some(Admin), to, true, Ok(()));
            check(Some(Member), to, false, Ok(()));
            check(None, to, false, Ok(()));
        }
        check(Some(Admin), Some(Admin), false, Ok(()));
        check(None, Some(Admin), false, Ok(()));
    }
}
