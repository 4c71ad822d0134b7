//! Organization roles: the built-in ones and those an organization made for itself.

pub use crate::tables::custom_role::{CUSTOM, CustomRole, CustomRoleSummary};

use crate::sql::{Column, Sql, SqlError};
use crate::tables::custom_role::{NamedRole, RoleReference};
use crate::tables::record::{Record, record};
use domain::permission::ability::Ability;
use domain::permission::organization_role::BuiltInOrganizationRole;
use domain::permission::role_slug::RoleSlug;
use domain::value::identifiers::{OrganizationId, RoleId};

/// A role an identity can have in its organization.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OrganizationRole {
    /// One that this program defines.
    BuiltIn(BuiltInOrganizationRole),
    /// One that the organization defined.
    Custom(CustomRole),
}

record! {
    /// A custom role of an organization as it is stored.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub(crate) struct StoredOrganizationRole in "organization_roles" {
        pub role: CustomRole,
        pub organization: OrganizationId = "organization_id",
    }
}

record! {
    /// One without its rules.
    struct Summary in "organization_roles" {
        role: CustomRoleSummary,
    }
}

/// The custom roles of an organization by slug, at most so many.
pub(crate) fn summaries(
    sql: &dyn Sql,
    organization: OrganizationId,
    limit: u64,
) -> Result<Vec<CustomRoleSummary>, SqlError> {
    let condition = "WHERE organization_id = ? ORDER BY slug LIMIT ?";
    let summaries = Summary::all(sql, condition, &[organization.to_value(), limit.to_value()])?;
    Ok(summaries.into_iter().map(|summary| summary.role).collect())
}

/// The custom role of an organization with this id.
pub(crate) fn find_by_id(
    sql: &dyn Sql,
    organization: OrganizationId,
    id: RoleId,
) -> Result<Option<CustomRole>, SqlError> {
    let condition = "WHERE organization_id = ? AND id = ?";
    let stored = StoredOrganizationRole::first(sql, condition, &[organization.to_value(), id.to_value()])?;
    Ok(stored.map(|stored| stored.role))
}

/// The role of an identity in a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ListedRole {
    /// One that this program defines.
    BuiltIn(BuiltInOrganizationRole),
    /// One that the organization defined.
    Custom { id: RoleId, slug: RoleSlug, name: String },
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

    /// How a membership says that it is this one.
    pub(crate) fn reference(&self) -> RoleReference {
        match self {
            Self::BuiltIn(role) => RoleReference::built_in(role.slug()),
            Self::Custom(role) => RoleReference::custom(role.id),
        }
    }

    /// The role that a membership refers to.
    pub(crate) fn new(reference: RoleReference, custom: Option<CustomRole>) -> Result<Self, SqlError> {
        let built_in = |slug: &str| BuiltInOrganizationRole::from_slug(slug).map(Self::BuiltIn);
        reference.resolve(custom, built_in, Self::Custom)
    }
}

impl ListedRole {
    /// The role that a membership refers to.
    pub(crate) fn new(reference: RoleReference, custom: Option<NamedRole>) -> Result<Self, SqlError> {
        let built_in = |slug: &str| BuiltInOrganizationRole::from_slug(slug).map(Self::BuiltIn);
        reference.resolve(custom, built_in, |NamedRole { id, slug, name }| Self::Custom { id, slug, name })
    }
}

/// The role with this slug, built in or of this organization.
pub fn find(sql: &dyn Sql, organization: OrganizationId, slug: &str) -> Result<Option<OrganizationRole>, SqlError> {
    if let Some(role) = BuiltInOrganizationRole::from_slug(slug) {
        return Ok(Some(OrganizationRole::BuiltIn(role)));
    }
    let condition = "WHERE organization_id = ? AND slug = ?";
    let stored = StoredOrganizationRole::first(sql, condition, &[organization.to_value(), slug.into()])?;
    Ok(stored.map(|stored| OrganizationRole::Custom(stored.role)))
}
