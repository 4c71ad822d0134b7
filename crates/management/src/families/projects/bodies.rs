//! What the operations on projects and environments take.

use serde_json::Value;

use crate::error::ManagementError;
use crate::input::{Fields, Issue};
use crate::inputs::{MAXIMUM_PAGE, Page, read_name, read_page};
use directory::environments::{EnvironmentChanges, EnvironmentSlug, NewEnvironment};
use directory::projects::{NewProject, ProjectChanges, ProjectQuery};
use domain::permission::role_slug::{MAXIMUM_SLUG_CHARACTERS, RoleSlug};
use domain::value::project_slug::{MAXIMUM_CHARACTERS, MINIMUM_CHARACTERS, ProjectSlug, ProjectSlugError};

/// The type of a project when a request names none.
pub(crate) const DEFAULT_TYPE: &str = "secret-manager";
/// Which types there are. They are kept and shown, and nothing is decided by them.
pub(crate) const TYPES: [&str; 7] = [DEFAULT_TYPE, "cert-manager", "kms", "ssh", "secret-scanning", "pam", "ai"];
/// The most characters of a description.
pub(crate) const MAXIMUM_DESCRIPTION_CHARACTERS: usize = 1024;
/// The most days that the audit log can be wanted for: a hundred years.
pub(crate) const MAXIMUM_RETENTION_DAYS: u64 = 36_500;
/// The last place an environment can ask for.
pub(crate) const LAST_POSITION: u64 = 1_000_000;

/// Which projects to list, and how.
#[derive(Debug)]
pub(crate) struct ProjectList {
    /// Which.
    pub(crate) projects: ProjectQuery,
    /// Each with its roles.
    pub(crate) with_roles: bool,
}

/// A project to create. `template` and `kmsKeyId` are ignored: there are no templates and no keys here.
pub(crate) fn new_project(body: &Value) -> Result<NewProject, ManagementError> {
    let mut fields = Fields::new(body);
    let name = fields.string("projectName").and_then(|text| read_name(&mut fields, "projectName", text));
    let slug = read_project_slug(&mut fields);
    let description = read_description(&mut fields, "projectDescription").flatten();
    let kind = read_type(&mut fields).unwrap_or_else(|| DEFAULT_TYPE.to_owned());
    let with_default_environments = fields.optional_boolean("shouldCreateDefaultEnvs").unwrap_or(true);
    let has_delete_protection = fields.optional_boolean("hasDeleteProtection").unwrap_or(false);
    let new =
        name.map(|name| NewProject { name, slug, description, kind, with_default_environments, has_delete_protection });
    fields.finish(new)
}

/// What to change of a project.
pub(crate) fn project_changes(body: &Value) -> Result<ProjectChanges, ManagementError> {
    let mut fields = Fields::new(body);
    let name = fields.optional_string("name").and_then(|text| read_name(&mut fields, "name", text));
    let slug = read_project_slug(&mut fields);
    let description = read_description(&mut fields, "description");
    let has_delete_protection = fields.optional_boolean("hasDeleteProtection");
    let audit_logs_retention_days = None;
    fields.finish(Some(ProjectChanges { name, slug, description, has_delete_protection, audit_logs_retention_days }))
}

/// How long the audit log is wanted.
pub(crate) fn audit_logs_retention(body: &Value) -> Result<ProjectChanges, ManagementError> {
    let mut fields = Fields::new(body);
    let days = fields.integer("auditLogsRetentionDays", 0, MAXIMUM_RETENTION_DAYS);
    fields.finish(days.map(|days| ProjectChanges { audit_logs_retention_days: Some(days), ..Default::default() }))
}

/// Which projects to list.
pub(crate) fn project_list(query: &Value) -> Result<ProjectList, ManagementError> {
    let mut fields = Fields::new(query);
    // The clients' own "every type".
    let kind = match fields.optional_string("type") {
        None | Some("all") => None,
        Some(_) => read_type(&mut fields),
    };
    let with_roles = match fields.optional_string("includeRoles") {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => {
            let issue = Issue::custom("Expected 'true' or 'false'", fields.path("includeRoles"));
            fields.push(issue);
            false
        }
    };
    // Clients know a list that has no pages.
    let page = read_page(&mut fields, u64::from(u32::MAX), MAXIMUM_PAGE, MAXIMUM_PAGE);
    let list =
        page.map(|Page { offset, limit }| ProjectList { projects: ProjectQuery { kind, offset, limit }, with_roles });
    fields.finish(list)
}

/// An environment to create.
pub(crate) fn new_environment(body: &Value) -> Result<NewEnvironment, ManagementError> {
    let mut fields = Fields::new(body);
    let name = fields.string("name").and_then(|text| read_name(&mut fields, "name", text));
    let slug = fields.string("slug").and_then(|text| read_slug(&mut fields, "slug", text));
    let position = fields.optional_integer("position", 1, LAST_POSITION);
    fields.finish(name.zip(slug).map(|(name, slug)| NewEnvironment { name, slug, position }))
}

/// What to change of an environment.
pub(crate) fn environment_changes(body: &Value) -> Result<EnvironmentChanges, ManagementError> {
    let mut fields = Fields::new(body);
    let name = fields.optional_string("name").and_then(|text| read_name(&mut fields, "name", text));
    let slug: Option<EnvironmentSlug> =
        fields.optional_string("slug").and_then(|text| read_slug(&mut fields, "slug", text));
    // 0 is what a client sends that leaves the place alone.
    let position = fields.optional_integer("position", 0, LAST_POSITION).filter(|position| *position > 0);
    fields.finish(Some(EnvironmentChanges { name, slug, position }))
}

/// A slug of up to 64 characters that was sent in this field.
pub(crate) fn read_slug(fields: &mut Fields<'_>, field: &str, text: &str) -> Option<RoleSlug> {
    let text = text.trim();
    let path = fields.path(field);
    let issue = match RoleSlug::parse(text) {
        Ok(slug) => return Some(slug),
        Err(_) if text.is_empty() => Issue::too_small("string", 1, path),
        Err(_) if text.chars().count() > MAXIMUM_SLUG_CHARACTERS => {
            Issue::too_big("string", MAXIMUM_SLUG_CHARACTERS as u64, path)
        }
        Err(_) => Issue::custom(NOT_A_SLUG, path),
    };
    fields.push(issue);
    None
}

/// A description: `None` when it was left out, `Some(None)` when it was sent as null or as nothing but white space.
pub(crate) fn read_description(fields: &mut Fields<'_>, field: &str) -> Option<Option<String>> {
    if fields.get(field).is_some_and(Value::is_null) {
        return Some(None);
    }
    let text = fields.optional_string(field)?.trim();
    if text.chars().count() > MAXIMUM_DESCRIPTION_CHARACTERS {
        let issue = Issue::too_big("string", MAXIMUM_DESCRIPTION_CHARACTERS as u64, fields.path(field));
        fields.push(issue);
    }
    Some((!text.is_empty()).then(|| text.to_owned()))
}

const NOT_A_SLUG: &str = "Slug must be lower-case letters, digits and single hyphens between them";

/// An empty slug is what a client sends that wants one made for it.
fn read_project_slug(fields: &mut Fields<'_>) -> Option<ProjectSlug> {
    let text = fields.optional_string("slug")?.trim();
    if text.is_empty() {
        return None;
    }
    let path = fields.path("slug");
    let issue = match ProjectSlug::parse(text) {
        Ok(slug) => return Some(slug),
        Err(ProjectSlugError::TooShort) => Issue::too_small("string", MINIMUM_CHARACTERS as u64, path),
        Err(ProjectSlugError::TooLong) => Issue::too_big("string", MAXIMUM_CHARACTERS as u64, path),
        Err(ProjectSlugError::NotASlug) => Issue::custom(NOT_A_SLUG, path),
    };
    fields.push(issue);
    None
}

fn read_type(fields: &mut Fields<'_>) -> Option<String> {
    let text = fields.optional_string("type")?;
    if !TYPES.contains(&text) {
        let issue = Issue::custom(format!("Expected one of {}", TYPES.join(", ")), fields.path("type"));
        fields.push(issue);
        return None;
    }
    Some(text.to_owned())
}
