//! The roles an identity can have in its organization, and what each may do.

use crate::domain::permission::{Ability, Action, Permission};

/// A built-in organization role.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum OrganizationRole {
    /// May do everything.
    Admin,
    /// May manage identities, but neither give them privileges nor touch what authenticates them.
    Member,
    /// May do nothing but prove who it is.
    NoAccess,
}

impl OrganizationRole {
    /// Every role.
    pub const ALL: [Self; 3] = [Self::Admin, Self::Member, Self::NoAccess];

    /// The slug, on the wire and in storage.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Member => "member",
            Self::NoAccess => "no-access",
        }
    }

    /// The role with this slug.
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.slug() == slug)
    }

    /// What the role may do.
    pub fn ability(self) -> Ability {
        match self {
            Self::Admin => Ability::everything(),
            Self::Member => [Action::Read, Action::Create, Action::Edit, Action::Delete]
                .into_iter()
                .map(Permission::on_identity)
                .collect(),
            Self::NoAccess => Ability::nothing(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_may_do_exactly_this() {
        #[track_caller]
        fn check(role: OrganizationRole, expected: &[&str]) {
            let allowed: Vec<&str> = Permission::all()
                .filter(|permission| role.ability().allows(*permission))
                .map(|permission| permission.action.name())
                .collect();
            assert_eq!(allowed, expected);
        }
        check(
            OrganizationRole::Admin,
            &[
                "read",
                "create",
                "edit",
                "delete",
                "grant-privileges",
                "edit-auth",
                "revoke-auth",
                "create-token",
                "delete-token",
            ],
        );
        check(OrganizationRole::Member, &["read", "create", "edit", "delete"]);
        check(OrganizationRole::NoAccess, &[]);
    }

    #[test]
    fn a_slug_names_one_role() {
        for role in OrganizationRole::ALL {
            assert_eq!(OrganizationRole::from_slug(role.slug()), Some(role));
        }
        assert_eq!(OrganizationRole::from_slug("Admin"), None);
        assert_eq!(OrganizationRole::from_slug(""), None);
    }
}
