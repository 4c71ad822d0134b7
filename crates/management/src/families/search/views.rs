//! What searching and listing identities answers.

use serde::Serialize;

use crate::families::identities::views::{IdentityListAnswer, IdentityMembershipView, auth_method_names};
use directory::identities::{Identity, IdentityMembership, IdentityPage};
use directory::identity_search::{PlaceRole, ProjectPlace};
use directory::organization_roles::{CUSTOM, ListedRole};
use domain::value::timestamp::Timestamp;
use protocol::iso_8601::iso_8601;

/// `searchIdentities`: the same as a list.
pub type FoundAnswer<'a> = IdentityListAnswer<'a>;

/// `searchIdentitiesV2`.
#[derive(Serialize)]
#[cfg_attr(
    any(test, feature = "describe"),
    derive(schemars::JsonSchema),
    schemars(rename = "ScopedIdentityListAnswer")
)]
#[serde(rename_all = "camelCase")]
pub struct ScopedSearchAnswer<'a> {
    identities: Vec<ScopedMembershipView<'a>>,
    total_count: u64,
}

#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema), schemars(rename = "ScopedMembership"))]
struct ScopedMembershipView<'a> {
    #[serde(flatten)]
    membership: IdentityMembershipView<'a>,
    roles: [RoleView<'a>; 1],
    project: Option<ProjectView<'a>>,
}

impl<'a> ScopedSearchAnswer<'a> {
    /// A page at `now`.
    pub fn new(page: &'a IdentityPage, now: Timestamp) -> Self {
        let view = |membership: &'a IdentityMembership<ListedRole>| ScopedMembershipView {
            membership: IdentityMembershipView::listed_at(membership, now),
            roles: [RoleView::of_organization(membership)],
            project: None,
        };
        Self { identities: page.memberships.iter().map(view).collect(), total_count: page.total }
    }
}

/// `countIdentitiesV2`.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema), schemars(rename = "IdentityCountAnswer"))]
pub struct CountAnswer {
    counts: Counts,
}

#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema), schemars(rename = "IdentityCounts"))]
struct Counts {
    #[serde(skip_serializing_if = "Option::is_none")]
    organization: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<u64>,
}

impl CountAnswer {
    /// How many there are of each kind that was asked for.
    pub const fn new(organization: Option<u64>, project: Option<u64>) -> Self {
        Self { counts: Counts { organization, project } }
    }
}

/// `listIdentityMemberships`.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct IdentityMembershipListAnswer<'a> {
    identity_memberships: Vec<IdentityMembershipView<'a>>,
    total_count: u64,
}

impl<'a> From<&'a IdentityPage> for IdentityMembershipListAnswer<'a> {
    fn from(page: &'a IdentityPage) -> Self {
        Self {
            identity_memberships: page.memberships.iter().map(IdentityMembershipView::listed).collect(),
            total_count: page.total,
        }
    }
}

/// `listIdentityProjectMemberships`.
#[derive(Serialize)]
#[cfg_attr(
    any(test, feature = "describe"),
    derive(schemars::JsonSchema),
    schemars(rename = "IdentityProjectMembershipsAnswer")
)]
#[serde(rename_all = "camelCase")]
pub struct PlacesAnswer<'a> {
    identity_memberships: Vec<PlaceView<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(
    any(test, feature = "describe"),
    derive(schemars::JsonSchema),
    schemars(rename = "IdentityProjectMembership")
)]
#[serde(rename_all = "camelCase")]
struct PlaceView<'a> {
    id: String,
    identity_id: String,
    created_at: String,
    updated_at: String,
    roles: Vec<RoleView<'a>>,
    identity: PlacedIdentity<'a>,
    project: ProjectView<'a>,
}

#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct PlacedIdentity<'a> {
    name: &'a str,
    id: String,
    has_delete_protection: bool,
    auth_methods: Vec<&'static str>,
}

#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema), schemars(rename = "ProjectOfIdentity"))]
struct ProjectView<'a> {
    name: &'a str,
    id: String,
    r#type: &'a str,
}

impl<'a> PlacesAnswer<'a> {
    /// The places of this identity.
    pub fn new(identity: &'a Identity, places: &'a [ProjectPlace]) -> Self {
        let view = |place: &'a ProjectPlace| PlaceView {
            id: place.id.to_string(),
            identity_id: identity.id.to_string(),
            created_at: iso_8601(place.created),
            updated_at: iso_8601(place.updated),
            roles: place.roles.iter().map(RoleView::from).collect(),
            identity: PlacedIdentity {
                name: &identity.name,
                id: identity.id.to_string(),
                has_delete_protection: identity.has_delete_protection,
                auth_methods: auth_method_names(identity),
            },
            project: ProjectView {
                name: &place.project_name,
                id: place.project.to_string(),
                r#type: &place.project_type,
            },
        };
        Self { identity_memberships: places.iter().map(view).collect() }
    }
}

/// A role of a membership, built in or custom, for good or for a time.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema), schemars(rename = "RoleOfIdentity"))]
#[serde(rename_all = "camelCase")]
struct RoleView<'a> {
    id: String,
    role: String,
    custom_role_id: Option<String>,
    custom_role_name: Option<&'a str>,
    custom_role_slug: Option<&'a str>,
    is_temporary: bool,
    temporary_mode: Option<&'static str>,
    temporary_range: Option<&'a str>,
    temporary_access_start_time: Option<String>,
    temporary_access_end_time: Option<String>,
}

impl<'a> RoleView<'a> {
    fn of_organization(membership: &'a IdentityMembership<ListedRole>) -> Self {
        let (role, custom) = match &membership.role {
            ListedRole::BuiltIn(role) => (role.slug(), None),
            ListedRole::Custom { id, slug, name } => (CUSTOM, Some((id, slug, name))),
        };
        Self {
            id: membership.id.to_string(),
            role: role.to_owned(),
            custom_role_id: custom.map(|(id, _, _)| id.to_string()),
            custom_role_name: custom.map(|(_, _, name)| name.as_str()),
            custom_role_slug: custom.map(|(_, slug, _)| slug.as_str()),
            is_temporary: false,
            temporary_mode: None,
            temporary_range: None,
            temporary_access_start_time: None,
            temporary_access_end_time: None,
        }
    }
}

impl<'a> From<&'a PlaceRole> for RoleView<'a> {
    fn from(granted: &'a PlaceRole) -> Self {
        let (custom, temporary) = (granted.custom.as_ref(), granted.temporary.as_ref());
        Self {
            id: granted.id.to_string(),
            role: granted.role.clone(),
            custom_role_id: custom.map(|role| role.id.to_string()),
            custom_role_name: custom.map(|role| role.name.as_str()),
            custom_role_slug: custom.map(|role| role.slug.as_str()),
            is_temporary: temporary.is_some(),
            temporary_mode: temporary.map(|_| "relative"),
            temporary_range: temporary.map(|period| period.range.as_str()),
            temporary_access_start_time: temporary.map(|period| iso_8601(period.start)),
            temporary_access_end_time: temporary.map(|period| iso_8601(period.end)),
        }
    }
}
