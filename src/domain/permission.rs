//! Permissions: an action on a subject, and the set of them that an actor holds.

use std::collections::BTreeSet;

/// What permissions are about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Subject {
    /// Machine identities, their authentication methods and their tokens.
    Identity,
}

impl Subject {
    /// Every subject.
    pub const ALL: [Self; 1] = [Self::Identity];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
        }
    }
}

/// What may be done to a subject.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Action {
    /// See it, and the tokens it has.
    Read,
    /// Make one.
    Create,
    /// Change its name, role, protection or metadata.
    Edit,
    /// Delete it.
    Delete,
    /// Give it a role.
    GrantPrivileges,
    /// Attach or change an authentication method.
    EditAuth,
    /// Remove an authentication method.
    RevokeAuth,
    /// Create or rename a token.
    CreateToken,
    /// Revoke a token.
    DeleteToken,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 9] = [
        Self::Read,
        Self::Create,
        Self::Edit,
        Self::Delete,
        Self::GrantPrivileges,
        Self::EditAuth,
        Self::RevokeAuth,
        Self::CreateToken,
        Self::DeleteToken,
    ];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Create => "create",
            Self::Edit => "edit",
            Self::Delete => "delete",
            Self::GrantPrivileges => "grant-privileges",
            Self::EditAuth => "edit-auth",
            Self::RevokeAuth => "revoke-auth",
            Self::CreateToken => "create-token",
            Self::DeleteToken => "delete-token",
        }
    }
}

/// One action on one subject.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Permission {
    /// What may be done.
    pub action: Action,
    /// To what.
    pub subject: Subject,
}

impl Permission {
    /// `action` on machine identities.
    pub const fn on_identity(action: Action) -> Self {
        Self { action, subject: Subject::Identity }
    }

    /// Every permission there is.
    pub fn all() -> impl Iterator<Item = Self> {
        Subject::ALL.into_iter().flat_map(|subject| Action::ALL.into_iter().map(move |action| Self { action, subject }))
    }
}

/// The permissions an actor holds.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Ability(BTreeSet<Permission>);

impl Ability {
    /// Everything.
    pub fn everything() -> Self {
        Permission::all().collect()
    }

    /// Nothing.
    pub const fn nothing() -> Self {
        Self(BTreeSet::new())
    }

    /// Whether the actor may do this.
    pub fn allows(&self, permission: Permission) -> bool {
        self.0.contains(&permission)
    }

    /// Every permission held, in a fixed order.
    pub fn iter(&self) -> impl Iterator<Item = Permission> {
        self.0.iter().copied()
    }

    /// What the actor may do to this subject, in a fixed order.
    pub fn on(&self, subject: Subject) -> impl Iterator<Item = Permission> {
        self.0.iter().copied().filter(move |permission| permission.subject == subject)
    }

    /// What `other` holds and this ability does not, in a fixed order.
    pub fn lacks_of(&self, other: &Self) -> Vec<Permission> {
        other.0.difference(&self.0).copied().collect()
    }
}

impl FromIterator<Permission> for Ability {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        Self(permissions.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ability_allows_exactly_what_it_holds() {
        let ability: Ability = [Permission::on_identity(Action::Read)].into_iter().collect();
        for permission in Permission::all() {
            assert_eq!(ability.allows(permission), permission.action == Action::Read);
            assert!(Ability::everything().allows(permission));
            assert!(!Ability::nothing().allows(permission));
        }
    }

    #[test]
    fn every_action_has_a_name_of_its_own() {
        let names: BTreeSet<&str> = Action::ALL.iter().map(|action| action.name()).collect();
        assert_eq!(names.len(), Action::ALL.len());
    }
}
