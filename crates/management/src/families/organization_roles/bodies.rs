//! What the operations on organization roles take.

use schemars::{Schema, SchemaGenerator};
use serde_json::Value;

use crate::body::{Input, Nullable, Reader, body, text};
use crate::fields::LimitedAsSent;
use crate::issue::Issue;
use crate::rules::{InOrganization, MAXIMUM_DESCRIPTION_CHARACTERS, Rules};
use directory::organization_roles::{NewRole, RoleChanges};
use domain::permission::organization_role::RESERVED_SLUGS;
use domain::permission::role_slug::{MAXIMUM_SLUG_CHARACTERS, RoleSlug};
use domain::value::names::Name;

type RoleDescription = Nullable<LimitedAsSent<MAXIMUM_DESCRIPTION_CHARACTERS>>;

body! {
    /// A role to create.
    pub CreateOrganizationRoleRequest -> NewRole {
        /// Not one of the built-in roles'.
        slug: OrganizationRoleSlug,
        name: Name,
        description: Option<RoleDescription>,
        /// What identities with the role may do; later rules win over earlier ones.
        // An absent list is an issue, an empty one is a role that may do nothing.
        rules ["permissions"]: Rules<InOrganization>,
    } => |_reader| Some(NewRole { slug, name, description: description.flatten(), rules });

    /// What to change of a role; the rest stays.
    pub UpdateOrganizationRoleRequest -> RoleChanges {
        /// Not one of the built-in roles'.
        slug: Option<OrganizationRoleSlug>,
        name: Option<Name>,
        /// Null takes the description away.
        description: Option<RoleDescription>,
        /// Replaces all rules.
        rules ["permissions"]: Option<Rules<InOrganization>>,
    }
}

/// The slug of a custom role.
struct OrganizationRoleSlug;

impl Input for OrganizationRoleSlug {
    type Value = RoleSlug;

    const EXPECTED: &'static str = "string";

    fn read(sent: &Value, reader: &mut Reader<'_>) -> Option<RoleSlug> {
        let text = text(sent, reader)?.trim();
        match RoleSlug::parse(text) {
            Ok(slug) if !RESERVED_SLUGS.contains(&slug.as_str()) => Some(slug),
            Ok(_) => reader.refuse_because("Please choose a different slug, the slug you have entered is reserved"),
            Err(_) if text.is_empty() => reader.refuse(Issue::too_small("string", 1, reader.path())),
            Err(_) if !reader.has_at_most(MAXIMUM_SLUG_CHARACTERS, text) => None,
            Err(_) => reader.refuse_because("A slug is lower-case letters, digits and single hyphens between them"),
        }
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        crate::fields::other_than(&RESERVED_SLUGS, RoleSlug::schema(generator))
    }
}
