//! What the document says of searching and listing identities.

#![expect(dead_code, reason = "requests are described and never made")]

use schemars::JsonSchema;

use super::{
    DEFAULT_LIST_PAGE, DEFAULT_SEARCH_PAGE, Generation, MAXIMUM_SEARCH_PAGE, MAXIMUM_VALUE_CHARACTERS, Operation,
    read_list, read_search,
};
use crate::families::search::views::{
    CountAnswer, FoundAnswer, MembershipListAnswer, PlacesAnswer, ScopedSearchAnswer,
};
use crate::inputs::MAXIMUM_PAGE;
use crate::openapi::describe::{Description, Tag, shown};
use directory::identity_search::MAXIMUM_VALUES;

/// What the document says of an operation.
pub fn description(operation: Operation) -> Description {
    use Operation as O;
    let tag = Tag::Identities;
    match operation {
        O::Search => Description::new::<FoundAnswer<'_>>(tag, "searchIdentities", "Search the identities").details("By name and role, in `$or` too. By the order that is asked for, a page at a time.")
            .takes::<SearchIdentitiesRequest>(|body| shown(read_search(body, Generation::First))),
        O::ScopedSearch => {
            Description::new::<ScopedSearchAnswer<'_>>(tag, "searchIdentitiesV2", "Search the identities within scopes").details("Each comes with its role as a list, and with which of its logins are locked. There are no identities of a project alone, so the scope `project` finds none.")
                .takes::<ScopedSearchIdentitiesRequest>(|body| shown(read_search(body, Generation::Second)))
        }
        O::Count => Description::new::<CountAnswer>(tag, "countIdentitiesV2", "Count what a search finds").details("On all pages, for each scope that is asked for.")
            .takes::<ScopedSearchIdentitiesRequest>(|body| shown(read_search(body, Generation::Second))),
        O::ListMemberships => Description::new::<MembershipListAnswer<'_>>(
            tag,
            "listIdentityMemberships",
            "List the identities of an organization, a page at a time",
        ).details("By name or role, with how many there are on all pages.")
        .asks::<ListIdentityMembershipsQuery>(|query| shown(read_list(query))),
        O::ListPlaces => Description::new::<PlacesAnswer<'_>>(
            tag,
            "listIdentityProjectMemberships",
            "List the projects of an identity",
        ).details("By the projects' names, with the roles it has in each."),
    }
}

/// Letters, digits, spaces, underscores, hyphens and slashes.
const SEARCHABLE: &str = "^[A-Za-z0-9 _/-]*$";

/// A value to look for.
#[derive(JsonSchema)]
#[schemars(inline, transparent)]
struct SearchText(#[schemars(length(max = MAXIMUM_VALUE_CHARACTERS), regex(pattern = SEARCHABLE))] String);

/// What a search is ordered by.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", inline)]
enum OrderBy {
    Name,
    Role,
}

/// In which direction.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", inline)]
enum OrderDirection {
    Asc,
    Desc,
}

/// Whose identities.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", inline)]
enum Scope {
    Organization,
    Project,
}

/// Tests that a text must pass, all of them.
#[derive(JsonSchema)]
#[schemars(inline)]
struct TextTests {
    /// It is this text.
    #[schemars(rename = "$eq")]
    equal: Option<SearchText>,
    /// It contains this text.
    #[schemars(rename = "$contains")]
    contains: Option<SearchText>,
    /// It is one of these texts.
    #[schemars(rename = "$in")]
    one_of: Option<Vec<SearchText>>,
}

/// Tests that the slug of a role must pass, all of them.
#[derive(JsonSchema)]
#[schemars(inline)]
struct SlugTests {
    /// It is this slug.
    #[schemars(rename = "$eq")]
    equal: Option<SearchText>,
    /// It is one of these slugs.
    #[schemars(rename = "$in")]
    one_of: Option<Vec<SearchText>>,
}

/// A value, which stands for `$eq`, or tests.
#[derive(JsonSchema)]
#[schemars(untagged, inline)]
enum TextClause {
    Value(SearchText),
    Tests(TextTests),
}

/// A slug, which stands for `$eq`, or tests.
#[derive(JsonSchema)]
#[schemars(untagged, inline)]
enum SlugClause {
    Value(SearchText),
    Tests(SlugTests),
}

/// What identities must fulfil.
#[derive(JsonSchema)]
struct IdentityClauses {
    name: Option<TextClause>,
    role: Option<SlugClause>,
}

/// What identities must fulfil.
#[derive(JsonSchema)]
struct ScopedIdentityClauses {
    name: Option<TextClause>,
    role: Option<TextClause>,
}

/// What identities must fulfil, and of the alternatives at least one. At most 80 values can be searched for in all.
#[derive(JsonSchema)]
struct IdentityFilter {
    name: Option<TextClause>,
    role: Option<SlugClause>,
    #[schemars(rename = "$or", length(max = MAXIMUM_VALUES))]
    alternatives: Option<Vec<IdentityClauses>>,
}

/// What identities must fulfil, and of the alternatives at least one. At most 80 values can be searched for in all.
#[derive(JsonSchema)]
struct ScopedIdentityFilter {
    name: Option<TextClause>,
    role: Option<TextClause>,
    #[schemars(rename = "$or", length(max = MAXIMUM_VALUES))]
    alternatives: Option<Vec<ScopedIdentityClauses>>,
}

/// Which identities to find.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
struct SearchIdentitiesRequest {
    #[schemars(extend("default" = "name"))]
    order_by: Option<OrderBy>,
    #[schemars(extend("default" = "asc"))]
    order_direction: Option<OrderDirection>,
    /// How many to return at most.
    #[schemars(range(max = MAXIMUM_SEARCH_PAGE), extend("default" = DEFAULT_SEARCH_PAGE))]
    limit: Option<u64>,
    /// How many to skip.
    #[schemars(range(max = u32::MAX), extend("default" = 0))]
    offset: Option<u64>,
    search: Option<IdentityFilter>,
}

/// Which identities to find, and whose.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
struct ScopedSearchIdentitiesRequest {
    #[schemars(extend("default" = "name"))]
    order_by: Option<OrderBy>,
    #[schemars(extend("default" = "asc"))]
    order_direction: Option<OrderDirection>,
    /// How many to return at most.
    #[schemars(range(max = MAXIMUM_SEARCH_PAGE), extend("default" = DEFAULT_SEARCH_PAGE))]
    limit: Option<u64>,
    /// How many to skip.
    #[schemars(range(max = u32::MAX), extend("default" = 0))]
    offset: Option<u64>,
    search: Option<ScopedIdentityFilter>,
    /// There are no identities of a project alone, so that `project` finds none.
    #[schemars(extend("default" = ["organization", "project"]))]
    scope: Option<Vec<Scope>>,
}

/// Which identities to list.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
struct ListIdentityMembershipsQuery {
    #[schemars(extend("default" = "name"))]
    order_by: Option<OrderBy>,
    #[schemars(extend("default" = "asc"))]
    order_direction: Option<OrderDirection>,
    /// How many to skip.
    #[schemars(range(max = u32::MAX), extend("default" = 0))]
    offset: Option<u64>,
    /// How many to return at most.
    #[schemars(range(min = 1, max = MAXIMUM_PAGE), extend("default" = DEFAULT_LIST_PAGE))]
    limit: Option<u64>,
    /// Only identities whose name contains this.
    #[schemars(length(max = MAXIMUM_VALUE_CHARACTERS))]
    search: Option<String>,
}
