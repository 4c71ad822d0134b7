//! Roles that operators define, of an organization or of a project, and how a membership says which role it gives.

use crate::sql::{Column, Row, Sql, SqlError};
use crate::tables::record::{Record, columns};
use domain::permission::ability::{Ability, Rule};
use domain::permission::role_slug::RoleSlug;
use domain::value::identifiers::RoleId;
use domain::value::timestamp::Timestamp;

/// What stands in the column `role` of a membership whose role is a custom one.
pub const CUSTOM: &str = "custom";

/// A role that an operator defined.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CustomRole {
    pub id: RoleId,
    pub slug: RoleSlug,
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Its rules, in the order that decides between them.
    pub rules: Vec<Rule>,
    pub created: Timestamp,
    pub updated: Timestamp,
}

columns! {
    CustomRole {
        id: RoleId = "id",
        slug: RoleSlug = "slug",
        name: String = "name",
        description: Option<String> = "description",
        rules: Vec<Rule> = "permissions",
        created: Timestamp = "created_at",
        updated: Timestamp = "updated_at",
    }
}

/// A custom role without its rules, of which the roles in one list can have more than memory holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CustomRoleSummary {
    pub id: RoleId,
    pub slug: RoleSlug,
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    pub created: Timestamp,
    pub updated: Timestamp,
}

columns! {
    CustomRoleSummary {
        id: RoleId = "id",
        slug: RoleSlug = "slug",
        name: String = "name",
        description: Option<String> = "description",
        created: Timestamp = "created_at",
        updated: Timestamp = "updated_at",
    }
}

impl CustomRoleSummary {
    /// A role without its rules.
    pub fn of(role: &CustomRole) -> Self {
        let CustomRole { id, slug, name, description, rules: _, created, updated } = role.clone();
        Self { id, slug, name, description, created, updated }
    }
}

/// What a role may do; `None` when its rules were not read.
pub(crate) struct StoredRules {
    pub slug: RoleSlug,
    pub ability: Option<Ability>,
}

impl StoredRules {
    pub const fn known(slug: RoleSlug, ability: Ability) -> Self {
        Self { slug, ability: Some(ability) }
    }
}

/// A table of custom roles.
pub(crate) trait CustomRoles: Record {
    /// Whose roles they are.
    type Owner: Column;
    const OWNER: &'static str;
}

/// The custom roles of an owner by slug. The rules of those are read that have at most so many bytes together, as they are
/// stored.
pub(crate) fn rules_within<Roles: CustomRoles>(
    sql: &dyn Sql,
    owner: Roles::Owner,
    bytes: u64,
) -> Result<Vec<StoredRules>, SqlError> {
    let statement = format!(
        "SELECT slug, CASE WHEN sum(length(CAST(permissions AS BLOB))) OVER (ORDER BY slug) <= ? THEN permissions END
         FROM {} WHERE {} = ? ORDER BY slug",
        Roles::TABLE,
        Roles::OWNER
    );
    let rows = sql.execute(&statement, &[bytes.into(), owner.to_value()])?;
    let read = |mut row: Row| {
        let (slug, rules) = (row.read()?, row.read::<Option<Vec<Rule>>>()?);
        Ok(StoredRules { slug, ability: rules.map(Ability::new) })
    };
    rows.into_iter().map(read).collect()
}

/// What a custom role is called.
pub(crate) struct NamedRole {
    pub id: RoleId,
    pub slug: RoleSlug,
    pub name: String,
}

columns! { NamedRole { id: RoleId = "id", slug: RoleSlug = "slug", name: String = "name" } }

/// The role of a membership as it is stored: the slug of a built-in one, or [`CUSTOM`] and the id of the other.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct RoleReference {
    pub role: String,
    pub custom: Option<RoleId>,
}

columns! { RoleReference { role: String = "role", custom: Option<RoleId> = "custom_role_id" } }

impl RoleReference {
    pub fn built_in(slug: &'static str) -> Self {
        Self { role: slug.to_owned(), custom: None }
    }

    pub fn custom(id: RoleId) -> Self {
        Self { role: CUSTOM.to_owned(), custom: Some(id) }
    }

    /// The role that is meant, with what an outer join found of a custom one.
    pub fn resolve<Custom, Role>(
        self,
        found: Option<Custom>,
        built_in: impl FnOnce(&str) -> Option<Role>,
        custom: impl FnOnce(Custom) -> Role,
    ) -> Result<Role, SqlError> {
        let role = match (self.role == CUSTOM, found) {
            (true, Some(found)) => Some(custom(found)),
            (false, None) => built_in(&self.role),
            (true, None) | (false, Some(_)) => None,
        };
        role.ok_or(SqlError::UnexpectedValue { expected: "a role" })
    }
}
