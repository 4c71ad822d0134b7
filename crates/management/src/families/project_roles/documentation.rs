//! What the document says of project roles.

#![expect(dead_code, reason = "requests are described and never made")]

use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::views::{RoleAnswer, RoleListAnswer};
use super::{Operation, bodies};
use crate::families::projects::By;
use crate::families::projects::bodies::MAXIMUM_DESCRIPTION_CHARACTERS;
use crate::openapi::describe::{Description, Tag, shown};
use crate::openapi::fields::{NameText, SlugText, rules};
use crate::rules::MAXIMUM_RULES;
use domain::permission::project_role::{PROJECT_SUBJECTS, RESERVED_SLUGS};

/// What the document says of an operation.
pub fn description(operation: Operation) -> Description {
    use Operation as O;
    let tag = Tag::ProjectRoles;
    let described = match operation {
        O::Create(by) => Description::new::<RoleAnswer>(tag, "createProjectRole", "Create a role of a project").details("One that holds more than its maker does in the project is refused. Of two rules about one thing the later decides.")
            .takes::<CreateProjectRoleRequest>(|body| shown(bodies::new_role(body)))
            .by_slug(by == By::Slug),
        O::List(by) => Description::new::<RoleListAnswer>(tag, "listProjectRoles", "List the roles of a project").details("The built-in ones first. Without their rules.")
            .by_slug(by == By::Slug),
        O::Update(by) => Description::new::<RoleAnswer>(tag, "updateProjectRole", "Change a role of a project").details("What is left out stays. `permissions` replaces all rules, and holds for everybody who has the role.")
            .takes::<UpdateProjectRoleRequest>(|body| shown(bodies::role_changes(body)))
            .by_slug(by == By::Slug),
        O::Delete(by) => Description::new::<RoleAnswer>(tag, "deleteProjectRole", "Delete a role that nobody has").details("Refused with the names of those who have it.")
            .by_slug(by == By::Slug),
        O::GetBySlug(by) => {
            Description::new::<RoleAnswer>(tag, "getProjectRoleBySlug", "Get a role of a project by its slug").details("With its rules. Built-in roles have a slug too.")
                .by_slug(by == By::Slug)
        }
        O::GetById => Description::new::<RoleAnswer>(tag, "getProjectRoleById", "Get a role by its id").details("With its rules."),
    };
    match operation {
        O::Create(_) => described.at_most_once(),
        O::GetBySlug(_) | O::GetById => described.tagged(),
        O::Update(_) => described.tagged().conditional(),
        O::Delete(_) => described.conditional(),
        O::List(_) => described,
    }
}

/// A rule of a project role, as it is sent.
struct ProjectRule;

impl JsonSchema for ProjectRule {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ProjectRuleRequest".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        rules(PROJECT_SUBJECTS)
    }
}

/// A role to create.
#[derive(JsonSchema)]
struct CreateProjectRoleRequest {
    /// Not one of the built-in roles', which is refused with 400.
    #[schemars(extend("not" = { "enum": RESERVED_SLUGS }))]
    slug: SlugText,
    name: NameText,
    #[schemars(length(max = MAXIMUM_DESCRIPTION_CHARACTERS), extend("x-nullable" = true))]
    description: Option<String>,
    /// What identities with the role may do; later rules win over earlier ones.
    #[schemars(length(max = MAXIMUM_RULES))]
    permissions: Vec<ProjectRule>,
}

/// What to change of a role; the rest stays.
#[derive(JsonSchema)]
struct UpdateProjectRoleRequest {
    /// Not one of the built-in roles', which is refused with 400.
    #[schemars(extend("not" = { "enum": RESERVED_SLUGS }))]
    slug: Option<SlugText>,
    name: Option<NameText>,
    /// Null takes the description away.
    #[schemars(length(max = MAXIMUM_DESCRIPTION_CHARACTERS), extend("x-nullable" = true))]
    description: Option<String>,
    /// Replaces all rules.
    #[schemars(length(max = MAXIMUM_RULES))]
    permissions: Option<Vec<ProjectRule>>,
}
