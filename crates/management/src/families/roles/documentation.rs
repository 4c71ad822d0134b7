//! What the document says of organization roles.

#![expect(dead_code, reason = "requests are described and never made")]

use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::views::{EnvelopedRoleListAnswer, RoleAnswer, RoleListAnswer};
use super::{Operation, read_new_role, read_role_changes};
use crate::openapi::describe::{Description, Tag, shown};
use crate::openapi::fields::{NameText, SlugText, rules};
use crate::rules::{MAXIMUM_DESCRIPTION_CHARACTERS, MAXIMUM_RULES};
use domain::permission::organization_role::{ORGANIZATION_SUBJECTS, RESERVED_SLUGS};

/// What the document says of an operation.
pub fn description(operation: Operation) -> Description {
    use Operation as O;
    let tag = Tag::OrganizationRoles;
    match operation {
        O::Create => Description::new::<RoleAnswer<'_>>(tag, "createOrganizationRole", "Create a role")
            .details(
                "One that holds more than its maker does is refused. Of two rules about one thing the later decides.",
            )
            .takes::<CreateOrganizationRoleRequest>(|body| shown(read_new_role(body)))
            .at_most_once(),
        O::List => Description::new::<RoleListAnswer<'_>>(tag, "listOrganizationRoles", "List the custom roles")
            .details("Without their rules."),
        O::ListInEnvelope => Description::new::<EnvelopedRoleListAnswer<'_>>(
            tag,
            "listOrganizationRolesInEnvelope",
            "List the custom roles, in an envelope",
        )
        .details("As older clients read them, in `data`. Without their rules."),
        O::Get => Description::new::<RoleAnswer<'_>>(tag, "getOrganizationRole", "Get a role by its id")
            .details("With its rules.")
            .tagged(),
        O::GetBySlug => Description::new::<RoleAnswer<'_>>(tag, "getOrganizationRoleBySlug", "Get a role by its slug")
            .details("With its rules.")
            .tagged(),
        O::Update => Description::new::<RoleAnswer<'_>>(tag, "updateOrganizationRole", "Change a role")
            .details(
                "What is left out stays. `permissions` replaces all rules, and holds for everybody who has the role.",
            )
            .takes::<UpdateOrganizationRoleRequest>(|body| shown(read_role_changes(body)))
            .tagged()
            .conditional(),
        O::Delete => Description::new::<RoleAnswer<'_>>(tag, "deleteOrganizationRole", "Delete a role that nobody has")
            .details("Refused with the names of those who have it.")
            .conditional(),
    }
}

/// A rule of an organization role, as it is sent.
struct OrganizationRule;

impl JsonSchema for OrganizationRule {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "OrganizationRuleRequest".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        rules(ORGANIZATION_SUBJECTS)
    }
}

/// A role to create.
#[derive(JsonSchema)]
struct CreateOrganizationRoleRequest {
    /// Not one of the built-in roles'.
    #[schemars(extend("not" = { "enum": RESERVED_SLUGS }))]
    slug: SlugText,
    name: NameText,
    #[schemars(length(max = MAXIMUM_DESCRIPTION_CHARACTERS), extend("x-nullable" = true))]
    description: Option<String>,
    /// What identities with the role may do; later rules win over earlier ones.
    #[schemars(length(max = MAXIMUM_RULES))]
    permissions: Vec<OrganizationRule>,
}

/// What to change of a role; the rest stays.
#[derive(JsonSchema)]
struct UpdateOrganizationRoleRequest {
    /// Not one of the built-in roles'.
    #[schemars(extend("not" = { "enum": RESERVED_SLUGS }))]
    slug: Option<SlugText>,
    name: Option<NameText>,
    /// Null takes the description away.
    #[schemars(length(max = MAXIMUM_DESCRIPTION_CHARACTERS), extend("x-nullable" = true))]
    description: Option<String>,
    /// Replaces all rules.
    #[schemars(length(max = MAXIMUM_RULES))]
    permissions: Option<Vec<OrganizationRule>>,
}
