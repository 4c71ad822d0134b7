//! Searching and listing identities.

use serde_json::Value;

use crate::error::ManagementError;
use crate::families::search::views::{
    CountAnswer, FoundAnswer, MembershipListAnswer, PlacesAnswer, ScopedSearchAnswer,
};
use crate::handle::Request;
use crate::input::{Fields, Issue, PathPart, below};
use crate::inputs::MAXIMUM_PAGE;
use crate::operation::{self, Authentication, Route, route};
use directory::context::Context;
use directory::error::DirectoryError;
use directory::identity_search::{
    self, IdentitySearch, MAXIMUM_VALUES, SearchClause, SearchField, SearchFilter, SearchTest,
};
use directory::sql::Sql;
use domain::value::identifiers::OrganizationId;
use protocol::response::ApiResponse;

/// The most identities on one page of a search.
const MAXIMUM_SEARCH_PAGE: u64 = 100;
/// How many identities a page of a search has when the request does not say.
const DEFAULT_SEARCH_PAGE: u64 = 50;
/// How many a page of that list has when the request does not say.
const DEFAULT_LIST_PAGE: u64 = 100;
/// The most characters a value may have.
const MAXIMUM_VALUE_CHARACTERS: usize = 255;

/// The operations.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Operation {
    /// `searchIdentities`
    Search,
    /// `searchIdentitiesV2`
    ScopedSearch,
    /// `countIdentitiesV2`
    Count,
    /// `listIdentityMemberships`: of an organization.
    ListMemberships,
    /// `listIdentityProjectMemberships`: the projects of one identity.
    ListPlaces,
}

/// The routes.
pub const ROUTES: &[Route] = {
    use Authentication::AccessToken;
    use operation::Operation::Search as S;
    &[
        route("POST", "/api/v1/identities/search", S(Operation::Search), AccessToken),
        route("POST", "/api/v2/identities/search", S(Operation::ScopedSearch), AccessToken),
        route("POST", "/api/v2/identities/search/count", S(Operation::Count), AccessToken),
        route("GET", "/api/v1/identities/:identityId/identity-memberships", S(Operation::ListPlaces), AccessToken),
        route("GET", "/api/v2/organizations/:orgId/identity-memberships", S(Operation::ListMemberships), AccessToken),
    ]
};

/// Runs an operation.
///
/// # Errors
/// [`ManagementError`].
pub fn run<S: Sql>(
    context: &mut Context<'_, S>,
    request: &Request<'_>,
    operation: Operation,
) -> Result<ApiResponse, ManagementError> {
    let actor = &request.actor(context)?;
    match operation {
        Operation::Search => {
            let search = read_search(&request.body()?, Generation::First)?.search;
            Ok(request.ok(&FoundAnswer::from(&identity_search::search(context, actor, &search)?)))
        }
        Operation::ScopedSearch => {
            let scoped = read_search(&request.body()?, Generation::Second)?;
            let mut page = identity_search::search(context, actor, &scoped.search)?;
            // There are no identities of a project alone.
            if !scoped.organization {
                page.memberships.clear();
                page.total = 0;
            }
            Ok(request.ok(&ScopedSearchAnswer::new(&page, context.now)))
        }
        Operation::Count => {
            let scoped = read_search(&request.body()?, Generation::Second)?;
            let found = identity_search::count_found(context, actor, &scoped.search.filter)?;
            Ok(request.ok(&CountAnswer::new(scoped.organization.then_some(found), scoped.project.then_some(0))))
        }
        Operation::ListMemberships => {
            let search = read_list(&request.query())?;
            if OrganizationId::parse(request.parameter("orgId")) != Some(actor.organization) {
                return Err(DirectoryError::ForeignOrganization.into());
            }
            Ok(request.ok(&MembershipListAnswer::from(&identity_search::search(context, actor, &search)?)))
        }
        Operation::ListPlaces => {
            let (identity, places) = identity_search::places(context, actor, request.parameter("identityId"))?;
            Ok(request.ok(&PlacesAnswer::new(&identity, &places)))
        }
    }
}

/// The two generations of the search differ in what a role can be found by, and in scopes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Generation {
    First,
    Second,
}

#[derive(Debug)]
struct ScopedSearch {
    organization: bool,
    project: bool,
    search: IdentitySearch,
}

fn read_search(body: &Value, generation: Generation) -> Result<ScopedSearch, ManagementError> {
    let mut fields = Fields::new(body);
    let (order_by, descending) = read_order(&mut fields);
    let offset = fields.optional_integer("offset", 0, u64::from(u32::MAX)).unwrap_or(0);
    let limit = fields.optional_integer("limit", 0, MAXIMUM_SEARCH_PAGE).unwrap_or(DEFAULT_SEARCH_PAGE);
    let (organization, project) = match generation {
        Generation::First => (true, true),
        Generation::Second => read_scope(&mut fields),
    };
    let filter = read_filter(&mut fields, generation);
    let search = IdentitySearch { filter, order_by, descending, offset, limit };
    fields.finish(Some(ScopedSearch { organization, project, search }))
}

fn read_list(query: &Value) -> Result<IdentitySearch, ManagementError> {
    let mut fields = Fields::new(query);
    let (order_by, descending) = read_order(&mut fields);
    let offset = fields.optional_integer_text("offset", 0, u64::from(u32::MAX)).unwrap_or(0);
    let limit = fields.optional_integer_text("limit", 1, MAXIMUM_PAGE).unwrap_or(DEFAULT_LIST_PAGE);
    let mut filter = SearchFilter::default();
    match fields.optional_string("search").map(str::trim) {
        None | Some("") => {}
        Some(text) if text.chars().count() > MAXIMUM_VALUE_CHARACTERS => {
            let issue = Issue::too_big("string", MAXIMUM_VALUE_CHARACTERS as u64, fields.path("search"));
            fields.push(issue);
        }
        Some(text) => {
            filter.all.push(SearchClause { field: SearchField::Name, test: SearchTest::Contains(text.to_owned()) });
        }
    }
    fields.finish(Some(IdentitySearch { filter, order_by, descending, offset, limit }))
}

fn read_order(fields: &mut Fields<'_>) -> (SearchField, bool) {
    let mut choose = |name: &str, first: &'static str, second: &'static str| match fields.optional_string(name) {
        None => false,
        Some(text) if text == first => false,
        Some(text) if text == second => true,
        Some(_) => {
            let message = format!("Invalid enum value. Expected '{first}' | '{second}'");
            let issue = Issue::custom(message, fields.path(name));
            fields.push(issue);
            false
        }
    };
    let by_role = choose("orderBy", "name", "role");
    let descending = choose("orderDirection", "asc", "desc");
    (if by_role { SearchField::Role } else { SearchField::Name }, descending)
}

/// Whether identities of the organization and of projects are wanted; both when the request does not say.
fn read_scope(fields: &mut Fields<'_>) -> (bool, bool) {
    let scopes = match fields.value("scope") {
        None => return (true, true),
        Some(Value::Array(scopes)) => scopes,
        other => {
            let issue = Issue::invalid_type("array", other, fields.path("scope"));
            fields.push(issue);
            return (true, true);
        }
    };
    let (mut organization, mut project) = (false, false);
    for (index, scope) in scopes.iter().enumerate() {
        match scope.as_str() {
            Some("organization") => organization = true,
            Some("project") => project = true,
            Some(_) | None => {
                let path = below(&fields.path("scope"), index);
                fields.push(Issue::custom("Invalid enum value. Expected 'organization' | 'project'", path));
                // One wrong scope is reason enough to refuse; the others need not be named.
                break;
            }
        }
    }
    (organization, project)
}

fn read_filter(fields: &mut Fields<'_>, generation: Generation) -> SearchFilter {
    let mut filter = SearchFilter::default();
    let path = fields.path("search");
    let mut reader = ClauseReader { generation, values: 0, issues: Vec::new() };
    match fields.value("search") {
        None => {}
        Some(Value::Object(search)) => {
            filter.all = reader.clauses(search, &path);
            match search.get("$or") {
                None => {}
                Some(Value::Array(alternatives)) if alternatives.len() > MAXIMUM_VALUES => {
                    reader.issues.push(Issue::too_big("array", MAXIMUM_VALUES as u64, below(&path, "$or")));
                }
                Some(Value::Array(alternatives)) => {
                    for (index, alternative) in alternatives.iter().enumerate() {
                        let path = below(&below(&path, "$or"), index);
                        match alternative {
                            Value::Object(alternative) => filter.any.push(reader.clauses(alternative, &path)),
                            other => reader.issues.push(Issue::invalid_type("object", Some(other), path)),
                        }
                    }
                }
                other => reader.issues.push(Issue::invalid_type("array", other, below(&path, "$or"))),
            }
        }
        other => reader.issues.push(Issue::invalid_type("object", other, path.clone())),
    }
    if reader.values > MAXIMUM_VALUES {
        reader.issues.push(Issue::custom(format!("At most {MAXIMUM_VALUES} values can be searched for"), path));
    }
    for issue in reader.issues {
        fields.push(issue);
    }
    filter
}

struct ClauseReader {
    generation: Generation,
    values: usize,
    issues: Vec<Issue>,
}

impl ClauseReader {
    fn clauses(&mut self, object: &serde_json::Map<String, Value>, path: &[PathPart]) -> Vec<SearchClause> {
        let mut clauses = Vec::new();
        for (name, field) in [("name", SearchField::Name), ("role", SearchField::Role)] {
            let path = below(path, name);
            let tests = match object.get(name) {
                None => continue,
                Some(value @ Value::String(_)) => self.text(value, path).map(SearchTest::Equal).into_iter().collect(),
                Some(Value::Object(operators)) => self.tests(field, operators, &path),
                other => {
                    self.issues.push(Issue::invalid_type("string", other, path));
                    continue;
                }
            };
            clauses.extend(tests.into_iter().map(|test| SearchClause { field, test }));
        }
        clauses
    }

    /// Operators that are not known are dropped, as unknown fields are everywhere.
    fn tests(
        &mut self,
        field: SearchField,
        operators: &serde_json::Map<String, Value>,
        path: &[PathPart],
    ) -> Vec<SearchTest> {
        let mut tests = Vec::new();
        if let Some(value) = operators.get("$eq") {
            tests.extend(self.text(value, below(path, "$eq")).map(SearchTest::Equal));
        }
        let contains = field == SearchField::Name || self.generation == Generation::Second;
        if let (Some(value), true) = (operators.get("$contains"), contains) {
            tests.extend(self.text(value, below(path, "$contains")).map(SearchTest::Contains));
        }
        match operators.get("$in") {
            None => {}
            Some(Value::Array(values)) => {
                let texts: Vec<String> = values
                    .iter()
                    // One more than allowed is enough to refuse.
                    .take(MAXIMUM_VALUES + 1)
                    .enumerate()
                    .filter_map(|(index, value)| self.text(value, below(&below(path, "$in"), index)))
                    .collect();
                tests.push(SearchTest::OneOf(texts));
            }
            other => self.issues.push(Issue::invalid_type("array", other, below(path, "$in"))),
        }
        tests
    }

    fn text(&mut self, value: &Value, path: Vec<PathPart>) -> Option<String> {
        self.values += 1;
        let issue = match value {
            Value::String(text) if text.len() > MAXIMUM_VALUE_CHARACTERS => {
                Issue::too_big("string", MAXIMUM_VALUE_CHARACTERS as u64, path)
            }
            Value::String(text) if text.bytes().all(is_searchable) => return Some(text.clone()),
            Value::String(_) => {
                Issue::custom("Only letters, digits, spaces, underscores, hyphens and slashes are allowed", path)
            }
            other => Issue::invalid_type("string", Some(other), path),
        };
        self.issues.push(issue);
        None
    }
}

const fn is_searchable(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'_' | b'-' | b'/')
}

#[cfg(any(test, feature = "describe"))]
pub mod documentation;
pub mod views;
