//! What the operations on identities answer.
//!
//! **Invariant**: these shapes are frozen by the `*_unchanged` tests in `tests`.

use serde::Serialize;

use crate::families::installation::views::OrganizationView;
use crate::preconditions::{EntityTag, Tagged};
use directory::identities::{Identity, IdentityMembership, IdentityPage, MetadataEntry, Organization};
use directory::organization_roles::{CUSTOM, ListedRole, OrganizationRole};
use directory::rule_json;
use directory::universal_auth::active_lockouts;
use domain::token::facts::AuthMethod;
use domain::value::timestamp::Timestamp;
use protocol::iso_8601::iso_8601;

/// `getIdentityDetails`.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct IdentityDetailsAnswer<'a> {
    identity_details: IdentityDetails<'a>,
}

#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
struct IdentityDetails<'a> {
    organization: OrganizationView<'a>,
}

impl<'a> From<&'a Organization> for IdentityDetailsAnswer<'a> {
    fn from(organization: &'a Organization) -> Self {
        Self { identity_details: IdentityDetails { organization: OrganizationView::from(organization) } }
    }
}

/// `listSubOrganizations`. DIFFERENCE: there are no organizations below another, so the list is always empty.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct SubOrganizationListAnswer {
    organizations: [OrganizationView<'static>; 0],
    total_count: u64,
}

impl SubOrganizationListAnswer {
    /// The list.
    pub const NONE: Self = Self { organizations: [], total_count: 0 };
}

/// `createIdentity`, `updateIdentity` and `deleteIdentity`.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
pub struct IdentityAnswer<'a> {
    identity: IdentityView<'a>,
}

#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema), schemars(rename = "Identity"))]
#[serde(rename_all = "camelCase")]
struct IdentityView<'a> {
    id: String,
    name: &'a str,
    auth_method: Option<&'static str>,
    created_at: String,
    updated_at: String,
    has_delete_protection: bool,
    org_id: String,
    project_id: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_methods: Option<Vec<&'static str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Vec<MetadataView<'a>>>,
}

impl<'a> IdentityView<'a> {
    fn new(identity: &'a Identity) -> Self {
        Self {
            id: identity.id.to_string(),
            name: &identity.name,
            auth_method: None,
            created_at: iso_8601(identity.created),
            updated_at: iso_8601(identity.updated),
            has_delete_protection: identity.has_delete_protection,
            org_id: identity.organization.to_string(),
            project_id: None,
            auth_methods: None,
            metadata: None,
        }
    }
}

impl<'a> IdentityAnswer<'a> {
    /// A new identity: with its authentication methods and its metadata.
    pub fn created(made: &'a IdentityMembership) -> Self {
        let auth_methods = Some(auth_method_names(&made.identity));
        Self {
            identity: IdentityView {
                auth_methods,
                metadata: Some(metadata(&made.metadata)),
                ..IdentityView::new(&made.identity)
            },
        }
    }

    /// A changed identity: with its metadata.
    pub fn updated(changed: &'a IdentityMembership) -> Self {
        Self {
            identity: IdentityView {
                metadata: Some(metadata(&changed.metadata)),
                ..IdentityView::new(&changed.identity)
            },
        }
    }

    /// An identity that is gone.
    pub fn deleted(identity: &'a Identity) -> Self {
        Self { identity: IdentityView::new(identity) }
    }
}

#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema), schemars(rename = "MetadataEntry"))]
struct MetadataView<'a> {
    id: String,
    key: &'a str,
    value: &'a str,
}

fn metadata(entries: &[MetadataEntry]) -> Vec<MetadataView<'_>> {
    entries
        .iter()
        .map(|entry| MetadataView { id: entry.id.to_string(), key: &entry.key, value: &entry.value })
        .collect()
}

/// The authentication methods that failed logins lock at `now`.
pub(crate) fn active_lockout_names(locked_until: Option<Timestamp>, now: Timestamp) -> Vec<&'static str> {
    active_lockouts(locked_until, now).into_iter().map(AuthMethod::name).collect()
}

pub(crate) fn auth_method_names(identity: &Identity) -> Vec<&'static str> {
    identity.auth_methods.iter().map(|method| method.name()).collect()
}

/// `getIdentity`.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
pub struct IdentityMembershipAnswer<'a> {
    identity: IdentityMembershipView<'a>,
}

impl<'a> IdentityMembershipAnswer<'a> {
    /// An identity at `now`.
    pub fn new(membership: &'a IdentityMembership, now: Timestamp) -> Self {
        let mut identity = IdentityMembershipView::new(membership, RoleView::from(&membership.role));
        identity.metadata = Some(metadata(&membership.metadata));
        identity.identity.active_lockout_auth_methods = Some(active_lockout_names(membership.locked_until, now));
        Self { identity }
    }
}

/// The role of an identity: `custom` for a custom one, which stands beside it, and the slug of a built-in one.
struct RoleView<'a> {
    name: &'static str,
    custom: Option<CustomRoleView<'a>>,
}

impl<'a> From<&'a OrganizationRole> for RoleView<'a> {
    fn from(role: &'a OrganizationRole) -> Self {
        match role {
            OrganizationRole::BuiltIn(role) => Self { name: role.slug(), custom: None },
            OrganizationRole::Custom(role) => Self {
                name: CUSTOM,
                custom: Some(CustomRoleView {
                    id: role.id.to_string(),
                    name: &role.name,
                    slug: role.slug.as_str(),
                    permissions: Some(rule_json::encode(&role.rules)),
                    description: Some(role.description.as_deref()),
                }),
            },
        }
    }
}

impl<'a> From<&'a ListedRole> for RoleView<'a> {
    fn from(role: &'a ListedRole) -> Self {
        match role {
            ListedRole::BuiltIn(role) => Self { name: role.slug(), custom: None },
            ListedRole::Custom { id, slug, name } => Self {
                name: CUSTOM,
                custom: Some(CustomRoleView {
                    id: id.to_string(),
                    name,
                    slug: slug.as_str(),
                    permissions: None,
                    description: None,
                }),
            },
        }
    }
}

/// A custom role inside another answer.
///
/// DIFFERENCE: Infisical shows its permissions and its description in lists too, once for each identity that has it.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema), schemars(rename = "CustomRole"))]
struct CustomRoleView<'a> {
    id: String,
    name: &'a str,
    slug: &'a str,
    /// Not in a list.
    #[cfg_attr(any(test, feature = "describe"), schemars(with = "Option<Vec<crate::openapi::fields::ShownRule>>"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    permissions: Option<serde_json::Value>,
    /// Not in a list.
    #[cfg_attr(any(test, feature = "describe"), schemars(extend("x-nullable" = true)))]
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<Option<&'a str>>,
}

/// `listIdentities`.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct IdentityListAnswer<'a> {
    identities: Vec<IdentityMembershipView<'a>>,
    total_count: u64,
}

impl<'a> From<&'a IdentityPage> for IdentityListAnswer<'a> {
    fn from(page: &'a IdentityPage) -> Self {
        Self {
            identities: page.memberships.iter().map(IdentityMembershipView::listed).collect(),
            total_count: page.total,
        }
    }
}

#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema), schemars(rename = "IdentityMembership"))]
#[serde(rename_all = "camelCase")]
pub(crate) struct IdentityMembershipView<'a> {
    id: String,
    role: &'static str,
    role_id: Option<String>,
    org_id: String,
    created_at: String,
    updated_at: String,
    identity_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    custom_role: Option<CustomRoleView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Vec<MetadataView<'a>>>,
    last_login_auth_method: Option<&'static str>,
    last_login_time: Option<String>,
    identity: NestedIdentity<'a>,
}

#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema), schemars(rename = "IdentityOfMembership"))]
#[serde(rename_all = "camelCase")]
struct NestedIdentity<'a> {
    name: &'a str,
    id: String,
    has_delete_protection: bool,
    org_id: String,
    auth_methods: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    active_lockout_auth_methods: Option<Vec<&'static str>>,
}

impl<'a> IdentityMembershipView<'a> {
    /// An identity in a list.
    pub(crate) fn listed(membership: &'a IdentityMembership<ListedRole>) -> Self {
        Self::new(membership, RoleView::from(&membership.role))
    }

    /// An identity in a list that shows which logins are locked at `now`.
    pub(crate) fn listed_at(membership: &'a IdentityMembership<ListedRole>, now: Timestamp) -> Self {
        let mut view = Self::listed(membership);
        view.identity.active_lockout_auth_methods = Some(active_lockout_names(membership.locked_until, now));
        view
    }

    fn new<Role>(membership: &'a IdentityMembership<Role>, role: RoleView<'a>) -> Self {
        let identity = &membership.identity;
        Self {
            id: membership.id.to_string(),
            role: role.name,
            role_id: role.custom.as_ref().map(|custom| custom.id.clone()),
            org_id: identity.organization.to_string(),
            created_at: iso_8601(membership.created),
            updated_at: iso_8601(membership.updated),
            identity_id: identity.id.to_string(),
            custom_role: role.custom,
            metadata: None,
            last_login_auth_method: membership.last_login_auth_method.map(|method| method.name()),
            last_login_time: membership.last_login.map(iso_8601),
            identity: NestedIdentity {
                name: &identity.name,
                id: identity.id.to_string(),
                has_delete_protection: identity.has_delete_protection,
                org_id: identity.organization.to_string(),
                auth_methods: auth_method_names(identity),
                active_lockout_auth_methods: None,
            },
        }
    }
}

impl Tagged for IdentityMembership {
    fn tag(&self) -> EntityTag {
        let methods: Vec<&str> = self.identity.auth_methods.iter().map(|method| method.name()).collect();
        EntityTag::over(&(IdentityAnswer::updated(self), self.role.slug().as_str(), methods))
    }
}
