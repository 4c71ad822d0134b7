//! What the operations on project roles take.

use schemars::{Schema, SchemaGenerator};
use serde_json::Value;

use crate::body::{Input, Reader, body};
use crate::families::projects::bodies::ProjectDescription;
use crate::rules::{InProject, Rules};
use directory::project_roles::{NewProjectRole, ProjectRoleChanges};
use domain::permission::project_role::RESERVED_SLUGS;
use domain::permission::role_slug::RoleSlug;
use domain::value::names::Name;

body! {
    /// A role to create.
    pub CreateProjectRoleRequest -> NewProjectRole {
        /// Not one of the built-in roles', which is refused with 400.
        slug: ProjectRoleSlug,
        name: Name,
        description: Option<ProjectDescription>,
        /// What identities with the role may do; later rules win over earlier ones.
        rules ["permissions"]: Rules<InProject>,
    } => |_reader| Some(NewProjectRole { slug, name, description: description.flatten().flatten(), rules });

    /// What to change of a role; the rest stays.
    pub UpdateProjectRoleRequest -> ProjectRoleChanges {
        /// Not one of the built-in roles', which is refused with 400.
        slug: Option<ProjectRoleSlug>,
        name: Option<Name>,
        /// Null takes the description away.
        description: Option<ProjectDescription>,
        /// Replaces all rules.
        rules ["permissions"]: Option<Rules<InProject>>,
    } => |_reader| Some(ProjectRoleChanges { slug, name, description: description.map(Option::flatten), rules });
}

/// The slug of a custom role. Those of the built-in ones are refused by the command.
struct ProjectRoleSlug;

impl Input for ProjectRoleSlug {
    type Value = RoleSlug;

    const EXPECTED: &'static str = "string";

    fn read(sent: &Value, reader: &mut Reader<'_>) -> Option<RoleSlug> {
        RoleSlug::read(sent, reader)
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        crate::fields::other_than(&RESERVED_SLUGS, RoleSlug::schema(generator))
    }
}
