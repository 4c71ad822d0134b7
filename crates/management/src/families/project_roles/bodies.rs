//! What the operations on project roles take.

use serde_json::Value;

use crate::error::ManagementError;
use crate::families::projects::bodies::{read_description, read_slug};
use crate::input::{Fields, Issue};
use crate::inputs::read_name;
use crate::rules;
use directory::project_roles::{NewProjectRole, ProjectRoleChanges};
use domain::permission::ability::Rule;
use domain::permission::project_role::PROJECT_SUBJECTS;

/// A role to create.
pub(crate) fn new_role(body: &Value) -> Result<NewProjectRole, ManagementError> {
    let mut fields = Fields::new(body);
    let slug = fields.string("slug").and_then(|text| read_slug(&mut fields, "slug", text));
    let name = fields.string("name").and_then(|text| read_name(&mut fields, "name", text));
    let description = read_description(&mut fields, "description").flatten();
    if fields.get("permissions").is_none() {
        let issue = Issue::invalid_type("array", None, fields.path("permissions"));
        fields.push(issue);
    }
    let rules: Option<Vec<Rule>> = rules::read(&mut fields, "permissions", PROJECT_SUBJECTS);
    let new = slug.zip(name).zip(rules).map(|((slug, name), rules)| NewProjectRole { slug, name, description, rules });
    fields.finish(new)
}

/// What to change of a role.
pub(crate) fn role_changes(body: &Value) -> Result<ProjectRoleChanges, ManagementError> {
    let mut fields = Fields::new(body);
    let slug = fields.optional_string("slug").and_then(|text| read_slug(&mut fields, "slug", text));
    let name = fields.optional_string("name").and_then(|text| read_name(&mut fields, "name", text));
    let description = read_description(&mut fields, "description");
    let rules = rules::read(&mut fields, "permissions", PROJECT_SUBJECTS);
    fields.finish(Some(ProjectRoleChanges { slug, name, description, rules }))
}
