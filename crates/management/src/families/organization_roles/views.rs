//! What the operations on organization roles answer.
//!
//! **Invariant**: these shapes are frozen by the `*_unchanged` tests in `tests`.

use serde::Serialize;
use serde_json::Value;

use crate::preconditions::{EntityTag, Tagged};
use directory::context::Actor;
use directory::organization_roles::{CustomRole, CustomRoleSummary, OrganizationRole};
use directory::organization_roles::{FoundRole, RoleList};
use directory::rule_json;
use domain::permission::organization_role::BuiltInOrganizationRole;
use domain::value::identifiers::OrganizationId;
use domain::value::timestamp::Timestamp;
use protocol::iso_8601::iso_8601;

/// One role.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
pub(crate) struct OrganizationRoleAnswer<'a> {
    role: RoleView<'a>,
}

impl<'a> OrganizationRoleAnswer<'a> {
    pub(crate) fn new(role: &'a CustomRole, actor: &Actor) -> Self {
        let permissions = Some(rule_json::encode(&role.rules));
        Self { role: RoleView { permissions, ..RoleView::new(role, actor.organization) } }
    }

    pub(crate) fn found(found: &'a FoundRole, actor: &Actor) -> Self {
        match &found.role {
            OrganizationRole::Custom(role) => Self::new(role, actor),
            OrganizationRole::BuiltIn(role) => {
                let permissions = Some(rule_json::encode(role.ability().rules()));
                let view = RoleView::of_built_in(*role, actor.organization, found.founded);
                Self { role: RoleView { permissions, ..view } }
            }
        }
    }
}

/// The built-in roles and the custom ones, without their permissions.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
pub(crate) struct OrganizationRoleListAnswer<'a> {
    roles: Vec<RoleView<'a>>,
}

impl<'a> OrganizationRoleListAnswer<'a> {
    pub(crate) fn new(list: &'a RoleList, actor: &Actor) -> Self {
        let built_in = BuiltInOrganizationRole::ALL.into_iter();
        let built_in = built_in.map(|role| RoleView::of_built_in(role, actor.organization, list.founded));
        let custom = list.custom.iter().map(|role| RoleView::listed(role, actor.organization));
        Self { roles: built_in.chain(custom).collect() }
    }
}

#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
pub(crate) struct EnvelopedOrganizationRoleListAnswer<'a> {
    pub(crate) data: OrganizationRoleListAnswer<'a>,
}

#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema), schemars(rename = "OrganizationRole"))]
#[serde(rename_all = "camelCase")]
struct RoleView<'a> {
    id: String,
    name: &'a str,
    description: Option<&'a str>,
    slug: &'a str,
    #[cfg_attr(any(test, feature = "describe"), schemars(with = "Option<Vec<crate::openapi::fields::ShownRule>>"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    permissions: Option<Value>,
    org_id: String,
    created_at: String,
    updated_at: String,
}

impl<'a> RoleView<'a> {
    /// The id of a built-in role is its slug.
    fn of_built_in(role: BuiltInOrganizationRole, organization: OrganizationId, founded: Timestamp) -> Self {
        Self {
            id: role.slug().to_owned(),
            name: role.name(),
            description: Some(role.description()),
            slug: role.slug(),
            permissions: None,
            org_id: organization.to_string(),
            created_at: iso_8601(founded),
            updated_at: iso_8601(founded),
        }
    }

    fn new(role: &'a CustomRole, organization: OrganizationId) -> Self {
        Self {
            id: role.id.to_string(),
            name: &role.name,
            description: role.description.as_deref(),
            slug: role.slug.as_str(),
            permissions: None,
            org_id: organization.to_string(),
            created_at: iso_8601(role.created),
            updated_at: iso_8601(role.updated),
        }
    }

    fn listed(role: &'a CustomRoleSummary, organization: OrganizationId) -> Self {
        Self {
            id: role.id.to_string(),
            name: &role.name,
            description: role.description.as_deref(),
            slug: role.slug.as_str(),
            permissions: None,
            org_id: organization.to_string(),
            created_at: iso_8601(role.created),
            updated_at: iso_8601(role.updated),
        }
    }
}

impl Tagged for FoundRole {
    fn tag(&self) -> EntityTag {
        match &self.role {
            OrganizationRole::Custom(role) => role.tag(),
            OrganizationRole::BuiltIn(role) => {
                EntityTag::over(&(role.slug(), rule_json::encode(role.ability().rules())))
            }
        }
    }
}

impl Tagged for CustomRole {
    fn tag(&self) -> EntityTag {
        let rules = rule_json::encode(&self.rules);
        let updated = self.updated.milliseconds();
        EntityTag::over(&(self.id.to_string(), &self.name, &self.description, self.slug.as_str(), rules, updated))
    }
}
