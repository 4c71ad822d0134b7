//! What the operations on projects take.

use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::Value;

use crate::body::numbers::Whole;
use crate::body::{Choice, Flat, Input, Nullable, OneOf, Reader, body, text};
use crate::fields::SLUG;
use crate::fields::{Limited, MAXIMUM_PAGE, NOT_A_SLUG, PageFields};
use crate::issue::Issue;
use directory::projects::{NewProject, ProjectChanges, ProjectQuery};
use domain::value::names::Name;
use domain::value::project_slug::{MAXIMUM_CHARACTERS, MINIMUM_CHARACTERS, ProjectSlug, ProjectSlugError};

/// Which types there are, the usual one first. They are kept and shown, and nothing is decided by them.
const TYPES: [&str; 7] = [DEFAULT_TYPE, "cert-manager", "kms", "ssh", "secret-scanning", "pam", "ai"];
const DEFAULT_TYPE: &str = "secret-manager";
/// The most days that the audit log can be wanted for: a hundred years.
const MAXIMUM_RETENTION_DAYS: u64 = 36_500;

/// A description in a project; `None` when it is null or nothing but white space.
pub type ProjectDescription = Nullable<Limited<1024>>;

/// Which projects to list, and how.
#[derive(Debug)]
pub struct ProjectList {
    /// Which.
    pub projects: ProjectQuery,
    /// Each with its roles.
    pub with_roles: bool,
}

body! {
    /// A project to create. `template` and `kmsKeyId` may be sent and are ignored.
    pub CreateProjectRequest -> NewProject {
        name ["projectName"]: Name,
        slug: Option<ProjectSlugOrNone>,
        description ["projectDescription"]: Option<ProjectDescription>,
        /// Kept and shown; nothing is decided by it.
        kind ["type"]: OneOf<Type> = DEFAULT_TYPE,
        /// Whether the project begins with the environments `dev`, `staging` and `prod`.
        with_default_environments ["shouldCreateDefaultEnvs"]: bool = true,
        /// Whether the project cannot be deleted until this is taken back.
        has_delete_protection ["hasDeleteProtection"]: bool = false,
    } => |_reader| Some(NewProject {
        name,
        slug: slug.flatten(),
        description: description.flatten().flatten(),
        kind,
        with_default_environments,
        has_delete_protection,
    });

    /// What to change of a project; the rest stays.
    pub UpdateProjectRequest -> ProjectChanges {
        name: Option<Name>,
        slug: Option<ProjectSlugOrNone>,
        /// Null takes the description away.
        description: Option<ProjectDescription>,
        /// Whether the project cannot be deleted until this is taken back.
        has_delete_protection ["hasDeleteProtection"]: Option<bool>,
    } => |_reader| Some(ProjectChanges {
        name,
        slug: slug.flatten(),
        description: description.map(Option::flatten),
        has_delete_protection,
        audit_logs_retention_days: None,
    });

    /// How long the audit log is wanted.
    pub AuditLogsRetentionRequest -> ProjectChanges {
        /// Days; kept and shown.
        days ["auditLogsRetentionDays"]: Whole<0, MAXIMUM_RETENTION_DAYS>,
    } => |_reader| Some(ProjectChanges { audit_logs_retention_days: Some(days), ..ProjectChanges::default() });

    /// Which projects to list, and how.
    pub ListProjectsQuery -> ProjectList {
        /// Only projects of this type.
        kind ["type"]: OneOf<TypeOrAll> = "all",
        /// Whether each project comes with its roles.
        with_roles ["includeRoles"]: OneOf<IncludeRoles> = "false",
        // Clients know a list that has no pages.
        page: Flat<PageFields<MAXIMUM_PAGE, MAXIMUM_PAGE>>,
    } => |_reader| {
        let projects = ProjectQuery { kind, offset: page.offset, limit: page.limit };
        Some(ProjectList { projects, with_roles })
    };
}

/// The slug of a project; `None` for an empty one, which a client sends that wants one made for it.
struct ProjectSlugOrNone;

impl Input for ProjectSlugOrNone {
    type Value = Option<ProjectSlug>;

    const EXPECTED: &'static str = "string";

    fn read(sent: &Value, reader: &mut Reader<'_>) -> Option<Option<ProjectSlug>> {
        let text = text(sent, reader)?.trim();
        if text.is_empty() {
            return Some(None);
        }
        match ProjectSlug::parse(text) {
            Ok(slug) => Some(Some(slug)),
            Err(ProjectSlugError::TooShort) => {
                reader.refuse(Issue::too_small("string", MINIMUM_CHARACTERS as u64, reader.path()))
            }
            Err(ProjectSlugError::TooLong) => {
                reader.refuse(Issue::too_big("string", MAXIMUM_CHARACTERS as u64, reader.path()))
            }
            Err(ProjectSlugError::NotASlug) => reader.refuse_because(NOT_A_SLUG),
        }
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "minLength": MINIMUM_CHARACTERS, "maxLength": MAXIMUM_CHARACTERS, "pattern": SLUG,
            "description": "The slug of a project: lower-case letters and digits, and single hyphens between them. One is made of the name when\nit is left out." })
    }
}

struct Type;

impl Choice for Type {
    type Value = String;

    fn choices() -> impl Iterator<Item = (&'static str, String)> {
        TYPES.iter().map(|name| (*name, (*name).to_owned()))
    }
}

/// A type, or the clients' own "every type".
struct TypeOrAll;

impl Choice for TypeOrAll {
    type Value = Option<String>;

    fn choices() -> impl Iterator<Item = (&'static str, Option<String>)> {
        Type::choices().map(|(name, value)| (name, Some(value))).chain([("all", None)])
    }

    fn refusal() -> String {
        Type::refusal()
    }
}

struct IncludeRoles;

impl Choice for IncludeRoles {
    type Value = bool;

    fn choices() -> impl Iterator<Item = (&'static str, bool)> {
        [("true", true), ("false", false)].into_iter()
    }

    fn refusal() -> String {
        "Expected 'true' or 'false'".to_owned()
    }
}
