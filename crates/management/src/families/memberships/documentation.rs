//! What the document says of memberships of identities in projects.

#![expect(dead_code, reason = "requests are described and never made")]

use schemars::JsonSchema;

use super::bodies::{self, MAXIMUM_SEARCH_CHARACTERS};
use super::views::{
    AvailableListAnswer, ChangedRolesAnswer, MembershipAnswer, MembershipListAnswer, WrittenMembershipAnswer,
};
use super::{Generation, Operation};
use crate::inputs::MAXIMUM_PAGE;
use crate::openapi::describe::{Description, Tag, shown};
use crate::openapi::fields::NotBlank;
use directory::memberships::MAXIMUM_ROLES;

/// What the document says of an operation.
pub fn description(operation: Operation) -> Description {
    use Operation as O;
    let tag = Tag::ProjectMemberships;
    let described = match operation {
        O::Create => Description::new::<WrittenMembershipAnswer<'_>>(
            tag,
            "createProjectIdentityMembership",
            "Add an identity to a project",
        )
        .details("With at least one role for good. Refused when a role holds more than the caller is certain to hold.")
        .takes::<CreateMembershipRequest>(|body| shown(bodies::new_membership(body))),
        O::Update(generation) => {
            let (id, summary) = ("updateProjectIdentityMembership", "Replace the roles of an identity in a project");
            let description = match generation {
                Generation::Deprecated => Description::new::<ChangedRolesAnswer<'_>>(tag, id, summary),
                Generation::Current => Description::new::<WrittenMembershipAnswer<'_>>(tag, id, summary),
            };
            let details = "All roles at once, at least one of them for good. Refused when a new role holds more than the \
                           caller is certain to hold.";
            description
                .details(details)
                .takes::<UpdateMembershipRequest>(|body| shown(bodies::membership_changes(body)))
        }
        O::Delete => Description::new::<WrittenMembershipAnswer<'_>>(
            tag,
            "deleteProjectIdentityMembership",
            "Remove an identity from a project",
        )
        .details("Nobody can remove itself."),
        O::Get(_) => Description::new::<MembershipAnswer<'_>>(
            tag,
            "getProjectIdentityMembership",
            "Get the membership of an identity in a project",
        )
        .details("With its roles, those included whose time is over or has not begun."),
        O::GetById => Description::new::<MembershipAnswer<'_>>(
            tag,
            "getProjectIdentityMembershipById",
            "Get a membership by its own id",
        )
        .details("Clients know the id from the answer that made the membership."),
        O::ListAvailable => Description::new::<AvailableListAnswer<'_>>(
            tag,
            "listAvailableProjectIdentities",
            "List the identities of the organization that are not in a project",
        )
        .details("Their ids and names, a page at a time.")
        .asks::<ListAvailableQuery>(|query| shown(bodies::available_list(query))),
        O::List(generation) => {
            let description = Description::new::<MembershipListAnswer<'_>>(
                tag,
                "listProjectIdentityMemberships",
                "List the identities of a project",
            )
            .details("By name, with their roles, and with how many there are on all pages.");
            match generation {
                Generation::Deprecated => description.asks::<OlderListMembershipsQuery>(|query| {
                    shown(bodies::membership_list(query, Generation::Deprecated))
                }),
                Generation::Current => description
                    .asks::<ListMembershipsQuery>(|query| shown(bodies::membership_list(query, Generation::Current))),
            }
        }
    };
    match operation {
        O::Create => described.at_most_once(),
        O::Get(_) | O::GetById => described.tagged(),
        O::Update(_) => described.tagged().conditional(),
        O::Delete => described.conditional(),
        O::List(_) | O::ListAvailable => described,
    }
}

/// A role, for good or for a time. A temporary one needs a start and a range (400 otherwise), and next to
/// `isTemporary: false` the other fields are dropped.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
struct RoleRequest {
    /// The slug of a built-in or custom role of the project.
    role: NotBlank,
    #[schemars(extend("default" = false))]
    is_temporary: Option<bool>,
    temporary_mode: Option<TemporaryMode>,
    /// A span of time of at most ten years: minutes, hours or days. Everything that the `ms` library reads is
    /// understood.
    #[schemars(regex(pattern = "^[1-9][0-9]{0,2}(m|h|d)$"), extend("examples" = ["1h"]))]
    temporary_range: Option<String>,
    /// When the role begins to hold.
    #[schemars(extend("format" = "date-time"))]
    temporary_access_start_time: Option<String>,
}

/// The one way to say when a role ends.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", inline)]
enum TemporaryMode {
    Relative,
}

/// The roles of a new membership, at least one of them permanent (400 otherwise): `roles`, or else the one `role`.
#[derive(JsonSchema)]
struct CreateMembershipRequest {
    /// The slug of the one role.
    #[schemars(extend("default" = "no-access"))]
    role: Option<NotBlank>,
    #[schemars(length(max = MAXIMUM_ROLES))]
    roles: Option<Vec<RoleRequest>>,
}

/// The roles that replace those of a membership, at least one of them permanent (400 otherwise).
#[derive(JsonSchema)]
struct UpdateMembershipRequest {
    #[schemars(length(min = 1, max = MAXIMUM_ROLES))]
    roles: Vec<RoleRequest>,
}

/// Which memberships to list.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
struct ListMembershipsQuery {
    /// How many to skip.
    #[schemars(range(max = u32::MAX), extend("default" = 0))]
    offset: Option<u64>,
    /// How many to return at most.
    #[schemars(range(min = 1, max = MAXIMUM_PAGE), extend("default" = 20))]
    limit: Option<u64>,
    /// Only identities whose name contains this.
    #[schemars(length(max = MAXIMUM_SEARCH_CHARACTERS))]
    identity_name: Option<String>,
    /// Only identities with one of these roles: slugs, joined by commas, at most 50.
    roles: Option<String>,
}

/// Which identities to list.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
struct ListAvailableQuery {
    /// How many to skip.
    #[schemars(range(max = u32::MAX), extend("default" = 0))]
    offset: Option<u64>,
    /// How many to return at most.
    #[schemars(range(min = 1, max = MAXIMUM_PAGE), extend("default" = 20))]
    limit: Option<u64>,
    /// Only identities whose name contains this.
    #[schemars(length(max = MAXIMUM_SEARCH_CHARACTERS))]
    identity_name: Option<String>,
}

/// Which memberships to list.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
struct OlderListMembershipsQuery {
    /// How many to skip.
    #[schemars(range(max = u32::MAX), extend("default" = 0))]
    offset: Option<u64>,
    /// How many to return at most.
    #[schemars(range(min = 1, max = MAXIMUM_PAGE), extend("default" = 100))]
    limit: Option<u64>,
    /// Only identities whose name contains this.
    #[schemars(length(max = MAXIMUM_SEARCH_CHARACTERS))]
    search: Option<String>,
    /// In the order of what.
    #[schemars(extend("enum" = ["name"], "default" = "name"))]
    order_by: Option<String>,
    /// In which direction.
    #[schemars(extend("enum" = ["asc", "desc"], "default" = "asc"))]
    order_direction: Option<String>,
}
