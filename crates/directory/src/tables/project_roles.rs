//! Roles of projects: the built-in ones and those that were made for a project.

use crate::rule_json;
use crate::sql::{Column, Sql, SqlError};
use crate::tables::custom_role::{CustomRole, CustomRoleSummary, CustomRoles, RoleReference};
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
        /// Whether one of its rules is about requests: by this the policy finds what it is made of.
        about_requests: bool = "about_requests",
    }
}

impl StoredProjectRole {
    pub fn new(project: ProjectId, role: CustomRole) -> Self {
        let about_requests = RequestRole::is_made_of(&role.rules);
        Self { role, project, about_requests }
    }
}

impl CustomRoles for StoredProjectRole {
    type Owner = ProjectId;
    const OWNER: &'static str = "project_id";
}

record! {
    /// One without its rules.
    struct Summary in "project_roles" {
        role: CustomRoleSummary,
    }
}

/// The custom roles of a project by name.
pub(crate) fn summaries(sql: &dyn Sql, project: ProjectId) -> Result<Vec<CustomRoleSummary>, SqlError> {
    let summaries = Summary::all(sql, "WHERE project_id = ? ORDER BY name, id", &[project.to_value()])?;
    Ok(summaries.into_iter().map(|summary| summary.role).collect())
}

/// The role with this slug, built in or of this project.
pub(crate) fn find(sql: &dyn Sql, project: ProjectId, slug: &str) -> Result<Option<ProjectRole>, SqlError> {
    if let Some(role) = BuiltInProjectRole::from_slug(slug) {
        return Ok(Some(ProjectRole::BuiltIn(role)));
    }
    Ok(find_by_slug(sql, project, slug)?.map(ProjectRole::Custom))
}

/// The custom role of a project with this slug.
pub(crate) fn find_by_slug(sql: &dyn Sql, project: ProjectId, slug: &str) -> Result<Option<CustomRole>, SqlError> {
    let condition = "WHERE project_id = ? AND slug = ?";
    Ok(StoredProjectRole::first(sql, condition, &[project.to_value(), slug.into()])?.map(|stored| stored.role))
}

/// The custom role of a project with this id.
pub(crate) fn find_by_id(sql: &dyn Sql, project: ProjectId, id: RoleId) -> Result<Option<CustomRole>, SqlError> {
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
pub(crate) fn about_requests(sql: &dyn Sql, project: ProjectId) -> Result<Vec<StoredRequestRole>, SqlError> {
    let condition = "WHERE project_id = ? AND about_requests = 1 ORDER BY slug";
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::Row;
    use crate::test_support::NativeSql;
    use domain::permission::ability::Selector;
    use domain::permission::condition::Conditions;
    use domain::value::timestamp::Timestamp;

    #[test]
    fn roles_about_requests_are_found_by_their_index() {
        let sql = NativeSql::migrated();
        let plan = "EXPLAIN QUERY PLAN SELECT slug FROM project_roles WHERE project_id = ? AND about_requests = 1";
        let plan = sql.execute(plan, &["p".into()]).unwrap();
        let steps: Vec<String> = plan.into_iter().map(last_of).collect();
        assert!(steps.iter().all(|step| step.contains("INDEX project_roles_about_requests")), "{steps:?}");
    }

    /// What a step of a plan says.
    fn last_of(mut step: Row) -> String {
        for _ in 0..3 {
            step.read::<i64>().unwrap();
        }
        step.read().unwrap()
    }

    #[test]
    fn a_role_is_about_requests_if_one_of_its_rules_is() {
        #[track_caller]
        fn check(subjects: &[&str], expected: bool) {
            let rules = subjects.iter().map(|subject| domain::permission::ability::Rule {
                subject: Selector::Names(vec![(*subject).to_owned()]),
                actions: Selector::Names(vec!["read".to_owned()]),
                conditions: Conditions::none(),
                inverted: false,
            });
            let role = CustomRole {
                id: RoleId::from_bytes([1; 16]),
                slug: RoleSlug::parse("a").unwrap(),
                name: String::new(),
                description: None,
                rules: rules.collect(),
                created: Timestamp::from_milliseconds(0),
                updated: Timestamp::from_milliseconds(0),
            };
            assert_eq!(StoredProjectRole::new(ProjectId::from_bytes([1; 16]), role).about_requests, expected);
        }
        check(&[], false);
        check(&["role", "requests-of-others"], false);
        check(&["role", "requests"], true);
    }
}
