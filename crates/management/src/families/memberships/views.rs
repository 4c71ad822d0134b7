//! What the operations on memberships answer.
//!
//! **Invariant**: these shapes are frozen by the `*_unchanged` tests in `tests`.

use serde::Serialize;

use crate::families::identities::views::active_lockout_names;
use crate::families::memberships::generation::Generation;
use crate::preconditions::{EntityTag, Tagged};
use directory::memberships::{AvailableIdentity, GrantedRole, MembershipPage, ProjectMembership, RoleGrant};
use directory::organization_roles::CUSTOM;
use domain::value::timestamp::Timestamp;
use protocol::iso_8601::iso_8601;

/// A membership that was created, changed or deleted.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct WrittenMembershipAnswer<'a> {
    identity_membership: WrittenMembership<'a>,
}

#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct WrittenMembership<'a> {
    id: String,
    project_id: String,
    identity_id: String,
    /// The first role. Clients of the first version knew one only.
    role: Option<&'a str>,
    roles: Vec<RoleView<'a>>,
    created_at: String,
    updated_at: String,
}

impl<'a> From<&'a ProjectMembership> for WrittenMembershipAnswer<'a> {
    fn from(membership: &'a ProjectMembership) -> Self {
        Self {
            identity_membership: WrittenMembership {
                id: membership.id.to_string(),
                project_id: membership.project.to_string(),
                identity_id: membership.identity.id.to_string(),
                role: membership.roles.first().map(|grant| role_name(&grant.role)),
                roles: membership.roles.iter().map(RoleView::from).collect(),
                created_at: iso_8601(membership.created),
                updated_at: iso_8601(membership.updated),
            },
        }
    }
}

/// The roles of a membership after they were changed, on the deprecated paths.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
pub(crate) struct ChangedRolesAnswer<'a> {
    roles: Vec<ChangedRole<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct ChangedRole<'a> {
    #[serde(flatten)]
    role: RoleView<'a>,
    project_membership_id: String,
    created_at: String,
    updated_at: String,
}

impl<'a> From<&'a ProjectMembership> for ChangedRolesAnswer<'a> {
    fn from(membership: &'a ProjectMembership) -> Self {
        let changed = |grant: &'a RoleGrant| ChangedRole {
            role: RoleView::from(grant),
            project_membership_id: membership.id.to_string(),
            created_at: iso_8601(grant.created),
            updated_at: iso_8601(grant.updated),
        };
        Self { roles: membership.roles.iter().map(changed).collect() }
    }
}

/// One membership.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema), schemars(rename = "ProjectMembershipAnswer"))]
#[serde(rename_all = "camelCase")]
pub(crate) struct MembershipAnswer<'a> {
    identity_membership: MembershipView<'a>,
}

impl<'a> MembershipAnswer<'a> {
    pub(crate) fn new(generation: Generation, membership: &'a ProjectMembership, now: Timestamp) -> Self {
        Self { identity_membership: MembershipView::new(generation, membership, now) }
    }
}

/// A page of memberships.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProjectMembershipListAnswer<'a> {
    identity_memberships: Vec<MembershipView<'a>>,
    total_count: u64,
}

impl<'a> ProjectMembershipListAnswer<'a> {
    pub(crate) fn page(generation: Generation, page: &'a MembershipPage, now: Timestamp) -> Self {
        let view = |membership| MembershipView::new(generation, membership, now);
        Self { identity_memberships: page.memberships.iter().map(view).collect(), total_count: page.total }
    }
}

/// The identities that could become members.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
pub(crate) struct AvailableListAnswer<'a> {
    identities: Vec<AvailableView<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema), schemars(rename = "AvailableIdentity"))]
struct AvailableView<'a> {
    id: String,
    name: &'a str,
}

impl<'a> From<&'a [AvailableIdentity]> for AvailableListAnswer<'a> {
    fn from(identities: &'a [AvailableIdentity]) -> Self {
        let view =
            |identity: &'a AvailableIdentity| AvailableView { id: identity.id.to_string(), name: &identity.name };
        Self { identities: identities.iter().map(view).collect() }
    }
}

#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema), schemars(rename = "ProjectMembership"))]
#[serde(rename_all = "camelCase")]
struct MembershipView<'a> {
    id: String,
    identity_id: String,
    created_at: String,
    updated_at: String,
    roles: Vec<RoleView<'a>>,
    last_login_auth_method: Option<&'static str>,
    last_login_time: Option<String>,
    identity: IdentityView<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<ProjectView<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema), schemars(rename = "ProjectMember"))]
#[serde(rename_all = "camelCase")]
struct IdentityView<'a> {
    id: String,
    name: &'a str,
    org_id: String,
    project_id: Option<&'static str>,
    has_delete_protection: bool,
    auth_methods: Vec<&'static str>,
    active_lockout_auth_methods: Vec<&'static str>,
}

#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema), schemars(rename = "ProjectOfMembership"))]
struct ProjectView<'a> {
    id: String,
    name: &'a str,
    r#type: &'a str,
}

impl<'a> MembershipView<'a> {
    fn new(generation: Generation, membership: &'a ProjectMembership, now: Timestamp) -> Self {
        let identity = &membership.identity;
        let project = match generation {
            Generation::Current => None,
            Generation::Deprecated => Some(ProjectView {
                id: membership.project.to_string(),
                name: &membership.project_name,
                r#type: &membership.project_kind,
            }),
        };
        Self {
            id: membership.id.to_string(),
            identity_id: identity.id.to_string(),
            created_at: iso_8601(membership.created),
            updated_at: iso_8601(membership.updated),
            roles: membership.roles.iter().map(RoleView::from).collect(),
            last_login_auth_method: identity.last_login_auth_method.map(|method| method.name()),
            last_login_time: identity.last_login.map(iso_8601),
            identity: IdentityView {
                id: identity.id.to_string(),
                name: &identity.name,
                org_id: identity.organization.to_string(),
                project_id: None,
                has_delete_protection: identity.has_delete_protection,
                auth_methods: identity.auth_methods.iter().map(|method| method.name()).collect(),
                active_lockout_auth_methods: active_lockout_names(identity.locked_until, now),
            },
            project,
        }
    }
}

#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema), schemars(rename = "GrantedRole"))]
#[serde(rename_all = "camelCase")]
struct RoleView<'a> {
    id: String,
    role: &'a str,
    custom_role_id: Option<String>,
    custom_role_name: Option<&'a str>,
    custom_role_slug: Option<&'a str>,
    is_temporary: bool,
    temporary_mode: Option<&'static str>,
    temporary_range: Option<&'a str>,
    temporary_access_start_time: Option<String>,
    temporary_access_end_time: Option<String>,
}

impl<'a> From<&'a RoleGrant> for RoleView<'a> {
    fn from(grant: &'a RoleGrant) -> Self {
        let (id, slug, name) = match &grant.role {
            GrantedRole::BuiltIn(_) => (None, None, None),
            GrantedRole::Custom { id, slug, name } => (Some(id.to_string()), Some(slug.as_str()), Some(name.as_str())),
        };
        let temporary = grant.temporary.as_ref();
        Self {
            id: grant.id.to_string(),
            role: role_name(&grant.role),
            custom_role_id: id,
            custom_role_name: name,
            custom_role_slug: slug,
            is_temporary: temporary.is_some(),
            temporary_mode: temporary.map(|_| "relative"),
            temporary_range: temporary.map(|temporary| temporary.range.as_str()),
            temporary_access_start_time: temporary.map(|temporary| iso_8601(temporary.period.start)),
            temporary_access_end_time: temporary.map(|temporary| iso_8601(temporary.period.end)),
        }
    }
}

/// `custom` for a custom role, whose slug stands beside it, and the slug of a built-in one.
fn role_name(role: &GrantedRole) -> &'static str {
    match role {
        GrantedRole::BuiltIn(role) => role.slug(),
        GrantedRole::Custom { .. } => CUSTOM,
    }
}

impl Tagged for ProjectMembership {
    // What is written of a membership: the identity's name and last login are not its own.
    fn tag(&self) -> EntityTag {
        EntityTag::over(&WrittenMembershipAnswer::from(self))
    }
}
