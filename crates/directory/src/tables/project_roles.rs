//! Roles of projects: the built-in ones and those that were made for a project.

use crate::rule_json;
use crate::sql::{Column, Sql, SqlError};
use crate::tables::custom_role::{CustomRole, CustomRoleSummary, RoleReference};
use crate::tables::record::{Record, record};
use domain::gateway::policy::RequestRole;
use domain::permission::ability::Ability;
use domain::permission::project_role::BuiltInProjectRole;
use domain::permission::role_slug::RoleSlug;
use domain::value::identifiers::{ProjectId, RoleId};

/// A role an identity can have in a project.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ProjectRole {
    /// One that this program defines.
    BuiltIn(BuiltInProjectRole),
    /// One that was made for the project.
    Custom(CustomRole),
}

impl ProjectRole {
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

    /// How a membership says that it is this one.
    pub(crate) fn reference(&self) -> RoleReference {
        match self {
            Self::BuiltIn(role) => RoleReference::built_in(role.slug()),
            Self::Custom(role) => RoleReference::custom(role.id),
        }
    }

    /// The role that a membership refers to.
    pub(crate) fn new(reference: RoleReference, custom: Option<CustomRole>) -> Result<Self, SqlError> {
        let built_in = |slug: &str| BuiltInProjectRole::from_slug(slug).map(Self::BuiltIn);
        reference.resolve(custom, built_in, Self::Custom)
    }
}

record! {
    /// A custom role of a project as it is stored.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub(crate) struct StoredProjectRole in "project_roles" {
        pub role: CustomRole,
        pub project: ProjectId = "project_id",
    }
}

impl StoredProjectRole {
    pub fn new(project: ProjectId, role: CustomRole) -> Self {
        Self { role, project }
    }
}

record! {
    /// One without its rules.
    struct Summary in "project_roles" {
        role: CustomRoleSummary,
    }
}

/// The custom roles of a project by name.
pub(crate) fn summaries<S: Sql>(sql: &S, project: ProjectId) -> Result<Vec<CustomRoleSummary>, SqlError> {
    let summaries = Summary::all(sql, "WHERE project_id = ? ORDER BY name, id", &[project.to_value()])?;
    Ok(summaries.into_iter().map(|summary| summary.role).collect())
}

/// The role with this slug, built in or of this project.
pub(crate) fn find<S: Sql>(sql: &S, project: ProjectId, slug: &str) -> Result<Option<ProjectRole>, SqlError> {
    if let Some(role) = BuiltInProjectRole::from_slug(slug) {
        return Ok(Some(ProjectRole::BuiltIn(role)));
    }
    Ok(find_by_slug(sql, project, slug)?.map(ProjectRole::Custom))
}

/// The custom role of a project with this slug.
pub(crate) fn find_by_slug<S: Sql>(sql: &S, project: ProjectId, slug: &str) -> Result<Option<CustomRole>, SqlError> {
    let condition = "WHERE project_id = ? AND slug = ?";
    Ok(StoredProjectRole::first(sql, condition, &[project.to_value(), slug.into()])?.map(|stored| stored.role))
}

/// The custom role of a project with this id.
pub(crate) fn find_by_id<S: Sql>(sql: &S, project: ProjectId, id: RoleId) -> Result<Option<CustomRole>, SqlError> {
    let condition = "WHERE project_id = ? AND id = ?";
    Ok(StoredProjectRole::first(sql, condition, &[project.to_value(), id.to_value()])?.map(|stored| stored.role))
}

record! {
    /// The rules of a role, as they are stored.
    struct RulesOfRole in "project_roles" {
        id: RoleId = "id",
        slug: RoleSlug = "slug",
        rules: String = "permissions",
    }
}

/// What a custom role says about requests.
pub(crate) struct StoredRequestRole {
    /// The role with its rules about requests.
    pub role: RequestRole,
    /// How long all of its rules are, as they are stored.
    pub bytes: u64,
}

/// The custom roles of a project that say something about requests. An index knows them, so that the others, of which
/// there can be many and long ones, are not looked at.
pub(crate) fn about_requests<S: Sql>(sql: &S, project: ProjectId) -> Result<Vec<StoredRequestRole>, SqlError> {
    let condition = "WHERE project_id = ? AND instr(permissions, '\"subject\":\"requests\"') > 0 ORDER BY slug";
    let stored = RulesOfRole::all(sql, condition, &[project.to_value()])?;
    stored
        .into_iter()
        .map(|RulesOfRole { id, slug, rules: text }| {
            let rules = rule_json::decode(&text);
            let rules = rules.ok_or(SqlError::UnexpectedValue { expected: "the rules of a role" })?;
            Ok(StoredRequestRole { role: RequestRole::new(project, id, slug, rules), bytes: text.len() as u64 })
        })
        .collect()
}
