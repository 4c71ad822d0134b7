//! Organization roles: the built-in ones and those an organization made for itself.

use crate::rule_json;
use crate::sql::{Row, Sql, SqlError};
use domain::permission::ability::{Ability, Rule};
use domain::permission::organization_role::BuiltInOrganizationRole;
use domain::permission::role_slug::RoleSlug;
use domain::value::identifiers::{OrganizationId, RoleId};
use domain::value::timestamp::Timestamp;

/// What stands in the column `role` of a membership whose role is a custom one.
pub const CUSTOM: &str = "custom";

/// A role an identity can have in its organization.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OrganizationRole {
    /// One that this program defines.
    BuiltIn(BuiltInOrganizationRole),
    /// One that the organization defined.
    Custom(CustomRole),
}

/// A role that an operator defined.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CustomRole {
    /// Its id.
    pub id: RoleId,
    /// Its slug.
    pub slug: RoleSlug,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Its rules, in the order that decides between them.
    pub rules: Vec<Rule>,
    /// When it was created.
    pub created: Timestamp,
    /// When it was last changed.
    pub updated: Timestamp,
}

/// A custom role without its rules, of which all the roles of an organization can have more than memory holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CustomRoleSummary {
    /// Its id.
    pub id: RoleId,
    /// Its slug.
    pub slug: RoleSlug,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// When it was created.
    pub created: Timestamp,
    /// When it was last changed.
    pub updated: Timestamp,
}

/// The role of an identity in a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ListedRole {
    /// One that this program defines.
    BuiltIn(BuiltInOrganizationRole),
    /// One that the organization defined.
    Custom {
        /// Its id.
        id: RoleId,
        /// Its slug.
        slug: RoleSlug,
        /// Its name.
        name: String,
    },
}

impl OrganizationRole {
    /// The role's slug.
    pub fn slug(&self) -> RoleSlug {
        match self {
            Self::BuiltIn(role) => (*role).into(),
            Self::Custom(role) => role.slug.clone(),
        }
    }

    /// What the role may do.
    pub fn ability(&self) -> Ability {
        match self {
            Self::BuiltIn(role) => role.ability(),
            Self::Custom(role) => Ability::new(role.rules.clone()),
        }
    }

    /// The role, if an operator defined it.
    pub const fn custom(&self) -> Option<&CustomRole> {
        match self {
            Self::BuiltIn(_) => None,
            Self::Custom(role) => Some(role),
        }
    }

    /// The role, if this program defines it.
    pub const fn built_in(&self) -> Option<BuiltInOrganizationRole> {
        match self {
            Self::BuiltIn(role) => Some(*role),
            Self::Custom(_) => None,
        }
    }

    /// The columns `role` and `custom_role_id` of a membership.
    pub(super) fn columns(&self) -> (&'static str, Option<String>) {
        match self {
            Self::BuiltIn(role) => (role.slug(), None),
            Self::Custom(role) => (CUSTOM, Some(role.id.to_string())),
        }
    }
}

/// The columns that [`read_custom`] reads, of a table or alias `r`.
pub(super) const CUSTOM_ROLE_COLUMNS: &str =
    "r.id, r.slug, r.name, r.description, r.permissions, r.created_at, r.updated_at";

/// The columns that [`read_summary`] reads, of a table or alias `r`.
pub(super) const SUMMARY_COLUMNS: &str = "r.id, r.slug, r.name, r.description, r.created_at, r.updated_at";

/// Reads [`SUMMARY_COLUMNS`].
pub(super) fn read_summary(mut row: Row) -> Result<CustomRoleSummary, SqlError> {
    Ok(CustomRoleSummary {
        id: row.parsed(RoleId::parse)?,
        slug: row.parsed(|slug| RoleSlug::parse(slug).ok())?,
        name: row.text()?,
        description: row.optional_text()?,
        created: row.timestamp()?,
        updated: row.timestamp()?,
    })
}

/// The columns of the role that [`read_listed_role`] reads after the column `role`, of a table or alias `r`.
pub(super) const LISTED_ROLE_COLUMNS: &str = "r.id, r.slug, r.name";

/// Reads a membership's role for a list: the column `role`, then [`LISTED_ROLE_COLUMNS`].
pub(super) fn read_listed_role(row: &mut Row) -> Result<ListedRole, SqlError> {
    let unexpected = SqlError::UnexpectedValue { expected: "an organization role" };
    let role = row.text()?;
    let custom = (
        row.optional_parsed(RoleId::parse)?,
        row.optional_parsed(|slug| RoleSlug::parse(slug).ok())?,
        row.optional_text()?,
    );
    match (role.as_str(), custom) {
        (CUSTOM, (Some(id), Some(slug), Some(name))) => Ok(ListedRole::Custom { id, slug, name }),
        (slug, (None, None, None)) => {
            BuiltInOrganizationRole::from_slug(slug).map(ListedRole::BuiltIn).ok_or(unexpected)
        }
        _ => Err(unexpected),
    }
}

/// Reads [`CUSTOM_ROLE_COLUMNS`]; `None` when there is no such row in an outer join.
pub(super) fn read_custom(row: &mut Row) -> Result<Option<CustomRole>, SqlError> {
    let unexpected = || SqlError::UnexpectedValue { expected: "a custom role" };
    let (id, slug, name, description, permissions) =
        (row.optional_text()?, row.optional_text()?, row.optional_text()?, row.optional_text()?, row.optional_text()?);
    let (created, updated) = (row.optional_timestamp()?, row.optional_timestamp()?);
    let Some(id) = id else { return Ok(None) };
    Ok(Some(CustomRole {
        id: RoleId::parse(&id).ok_or_else(unexpected)?,
        slug: slug.and_then(|slug| RoleSlug::parse(&slug).ok()).ok_or_else(unexpected)?,
        name: name.ok_or_else(unexpected)?,
        description,
        rules: permissions.and_then(|rules| rule_json::decode(&rules)).ok_or_else(unexpected)?,
        created: created.ok_or_else(unexpected)?,
        updated: updated.ok_or_else(unexpected)?,
    }))
}

/// Reads a membership's role: the column `role`, then [`CUSTOM_ROLE_COLUMNS`].
pub(super) fn read_role(row: &mut Row) -> Result<OrganizationRole, SqlError> {
    let slug = row.text()?;
    let custom = read_custom(row)?;
    match (slug.as_str(), custom) {
        (CUSTOM, Some(role)) => Ok(OrganizationRole::Custom(role)),
        (slug, None) => BuiltInOrganizationRole::from_slug(slug)
            .map(OrganizationRole::BuiltIn)
            .ok_or(SqlError::UnexpectedValue { expected: "an organization role" }),
        (_, Some(_)) => Err(SqlError::UnexpectedValue { expected: "a custom role only where the role is custom" }),
    }
}

/// The role with this slug, built in or of this organization.
///
/// # Errors
/// [`SqlError`].
pub fn find<S: Sql>(sql: &S, organization: OrganizationId, slug: &str) -> Result<Option<OrganizationRole>, SqlError> {
    if let Some(role) = BuiltInOrganizationRole::from_slug(slug) {
        return Ok(Some(OrganizationRole::BuiltIn(role)));
    }
    let rows = sql.execute(
        &format!("SELECT {CUSTOM_ROLE_COLUMNS} FROM organization_roles r WHERE r.organization_id = ? AND r.slug = ?"),
        &[organization.to_string().into(), slug.into()],
    )?;
    match rows.into_iter().next() {
        Some(mut row) => Ok(read_custom(&mut row)?.map(OrganizationRole::Custom)),
        None => Ok(None),
    }
}
