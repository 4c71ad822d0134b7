//! What searching and listing identities takes.
//!
//! The two generations of the search differ in what a role can be found by, and in scopes.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use crate::body::numbers::Whole;
use crate::body::{Choice, Fields, Flat, Input, List, OneOf, Reader, body, elements, text};
use crate::fields::{Limited, MAXIMUM_PAGE, PageFields};
use crate::issue::Issue;
use directory::identity_search::{IdentitySearch, MAXIMUM_VALUES, SearchClause, SearchField, SearchFilter, SearchTest};

/// The most identities on one page of a search.
const MAXIMUM_SEARCH_PAGE: u64 = 100;
/// The most characters a value may have.
const MAXIMUM_VALUE_CHARACTERS: usize = 255;
const LAST_OFFSET: u64 = u32::MAX as u64;

/// A search, and whose identities it is for.
#[derive(Debug)]
pub struct ScopedSearch {
    /// Those of the organization.
    pub organization: bool,
    /// Those of projects.
    pub project: bool,
    /// Which.
    pub search: IdentitySearch,
}

body! {
    /// Which identities to find.
    pub SearchIdentitiesRequest -> IdentitySearch {
        order: Flat<Order>,
        page: Flat<SearchPage>,
        filter ["search"]: Option<Counted<IdentityFilter>>,
    } => |_reader| Some(search(order, page, filter));

    /// Which identities to find, and whose.
    pub ScopedSearchIdentitiesRequest -> ScopedSearch {
        order: Flat<Order>,
        page: Flat<SearchPage>,
        /// There are no identities of a project alone, so that `project` finds none.
        scopes ["scope"]: Scopes = ["organization", "project"],
        filter ["search"]: Option<Counted<ScopedIdentityFilter>>,
    } => |_reader| {
        let (organization, project) = scopes;
        Some(ScopedSearch { organization, project, search: search(order, page, filter) })
    };

    /// Which identities to list.
    pub ListIdentityMembershipsQuery -> IdentitySearch {
        order: Flat<Order>,
        page: Flat<PageFields<MAXIMUM_PAGE, 100>>,
        /// Only identities whose name contains this.
        name ["search"]: Option<Limited<MAXIMUM_VALUE_CHARACTERS>>,
    } => |_reader| {
        let mut filter = SearchFilter::default();
        let name = name.flatten().map(SearchTest::Contains);
        filter.all.extend(name.map(|test| SearchClause { field: SearchField::Name, test }));
        Some(search(order, (page.offset, page.limit), Some(filter)))
    };

    /// In which order.
    Order -> (SearchField, bool) {
        /// What a search is ordered by.
        field ["orderBy"]: OneOf<OrderBy> = "name",
        /// In which direction.
        descending ["orderDirection"]: OneOf<OrderDirection> = "asc",
    } => |_reader| Some((field, descending));

    /// The page of a search.
    SearchPage -> (u64, u64) {
        /// How many to skip.
        offset: Whole<0, LAST_OFFSET> = 0,
        /// How many to return at most.
        limit: Whole<0, MAXIMUM_SEARCH_PAGE> = 50,
    } => |_reader| Some((offset, limit));

    /// What identities must fulfil, and of the alternatives at least one. At most 80 values can be searched for in all.
    IdentityFilter -> SearchFilter {
        all: Flat<IdentityClauses>,
        any ["$or"]: Option<List<IdentityClauses, 0, MAXIMUM_VALUES>>,
    } => |_reader| Some(SearchFilter { all, any: any.unwrap_or_default() });

    /// What identities must fulfil, and of the alternatives at least one. At most 80 values can be searched for in all.
    ScopedIdentityFilter -> SearchFilter {
        all: Flat<ScopedIdentityClauses>,
        any ["$or"]: Option<List<ScopedIdentityClauses, 0, MAXIMUM_VALUES>>,
    } => |_reader| Some(SearchFilter { all, any: any.unwrap_or_default() });

    /// What identities must fulfil.
    IdentityClauses -> Vec<SearchClause> {
        name: Option<ValueOr<TextTests>>,
        role: Option<ValueOr<SlugTests>>,
    } => |_reader| Some(clauses(name, role));

    /// What identities must fulfil.
    ScopedIdentityClauses -> Vec<SearchClause> {
        name: Option<ValueOr<TextTests>>,
        role: Option<ValueOr<TextTests>>,
    } => |_reader| Some(clauses(name, role));

    /// Tests that a text must pass, all of them.
    TextTests -> Vec<SearchTest> {
        /// It is this text.
        equal ["$eq"]: Option<SearchText>,
        /// It contains this text.
        contains ["$contains"]: Option<SearchText>,
        /// It is one of these texts.
        one_of ["$in"]: Option<SearchTexts>,
    } => |_reader| Some(tests(equal, contains, one_of));

    /// Tests that the slug of a role must pass, all of them.
    SlugTests -> Vec<SearchTest> {
        /// It is this slug.
        equal ["$eq"]: Option<SearchText>,
        /// It is one of these slugs.
        one_of ["$in"]: Option<SearchTexts>,
    } => |_reader| Some(tests(equal, None, one_of));
}

fn search(order: (SearchField, bool), page: (u64, u64), filter: Option<SearchFilter>) -> IdentitySearch {
    let ((order_by, descending), (offset, limit)) = (order, page);
    IdentitySearch { filter: filter.unwrap_or_default(), order_by, descending, offset, limit }
}

fn clauses(name: Option<Vec<SearchTest>>, role: Option<Vec<SearchTest>>) -> Vec<SearchClause> {
    let of = |field, tests: Option<Vec<SearchTest>>| {
        tests.into_iter().flatten().map(move |test| SearchClause { field, test })
    };
    of(SearchField::Name, name).chain(of(SearchField::Role, role)).collect()
}

fn tests(equal: Option<String>, contains: Option<String>, one_of: Option<Vec<String>>) -> Vec<SearchTest> {
    let tests = [equal.map(SearchTest::Equal), contains.map(SearchTest::Contains), one_of.map(SearchTest::OneOf)];
    tests.into_iter().flatten().collect()
}

/// A filter with a bounded number of values.
struct Counted<Filter>(std::marker::PhantomData<Filter>);

impl<Filter: Input> Input for Counted<Filter> {
    type Value = Filter::Value;

    const EXPECTED: &'static str = Filter::EXPECTED;

    fn read(sent: &Value, reader: &mut Reader<'_>) -> Option<Self::Value> {
        let before = reader.values;
        let filter = Filter::read(sent, reader);
        if reader.values - before > MAXIMUM_VALUES {
            return reader.refuse_because(format!("At most {MAXIMUM_VALUES} values can be searched for"));
        }
        filter
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        Filter::schema(generator)
    }
}

/// A value, which stands for `$eq`, or tests. Operators that are not known are dropped, as unknown fields are everywhere.
struct ValueOr<Tests>(std::marker::PhantomData<Tests>);

/// What a field can be found by.
trait Tests: Fields<Value = Vec<SearchTest>> + JsonSchema {
    /// What the document says of the value or the tests.
    const ABOUT: &'static str;
}

impl Tests for TextTests {
    const ABOUT: &'static str = "A value, which stands for `$eq`, or tests.";
}

impl Tests for SlugTests {
    const ABOUT: &'static str = "A slug, which stands for `$eq`, or tests.";
}

impl<Operators: Tests> Input for ValueOr<Operators> {
    type Value = Vec<SearchTest>;

    const EXPECTED: &'static str = "string";

    fn read(sent: &Value, reader: &mut Reader<'_>) -> Option<Vec<SearchTest>> {
        match sent {
            Value::Object(operators) => Operators::read_fields(operators, reader),
            other => {
                // What is no text is no value, and is not counted as one.
                text(other, reader)?;
                SearchText::read(other, reader).map(|text| vec![SearchTest::Equal(text)])
            }
        }
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "description": Operators::ABOUT,
            "anyOf": [SearchText::schema(generator), Operators::json_schema(generator)] })
    }
}

/// A value to look for.
struct SearchText;

impl Input for SearchText {
    type Value = String;

    const EXPECTED: &'static str = "string";

    fn read(sent: &Value, reader: &mut Reader<'_>) -> Option<String> {
        reader.values += 1;
        let text = text(sent, reader)?;
        if text.len() > MAXIMUM_VALUE_CHARACTERS {
            return reader.refuse(Issue::too_big("string", MAXIMUM_VALUE_CHARACTERS as u64, reader.path()));
        }
        if !text.bytes().all(is_searchable) {
            return reader.refuse_because("Only letters, digits, spaces, underscores, hyphens and slashes are allowed");
        }
        Some(text.to_owned())
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "maxLength": MAXIMUM_VALUE_CHARACTERS, "pattern": "^[A-Za-z0-9 _/-]*$",
            "description": "A value to look for." })
    }
}

const fn is_searchable(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'_' | b'-' | b'/')
}

/// Values to look for.
struct SearchTexts;

impl Input for SearchTexts {
    type Value = Vec<String>;

    const EXPECTED: &'static str = "array";

    fn read(sent: &Value, reader: &mut Reader<'_>) -> Option<Vec<String>> {
        // One more than allowed is enough to refuse.
        let sent = elements(sent, 0, usize::MAX, reader)?.iter().take(MAXIMUM_VALUES + 1).enumerate();
        let read: Vec<Option<String>> =
            sent.map(|(index, value)| reader.at(index, |reader| SearchText::read(value, reader))).collect();
        read.into_iter().collect()
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        List::<SearchText, 0, { usize::MAX }>::schema(generator)
    }
}

/// Whether identities of the organization and of projects are wanted.
struct Scopes;

impl Input for Scopes {
    type Value = (bool, bool);

    const EXPECTED: &'static str = "array";

    fn read(sent: &Value, reader: &mut Reader<'_>) -> Option<(bool, bool)> {
        let (mut organization, mut project) = (false, false);
        for (index, scope) in elements(sent, 0, usize::MAX, reader)?.iter().enumerate() {
            match scope.as_str() {
                Some("organization") => organization = true,
                Some("project") => project = true,
                // One wrong scope is reason enough to refuse; the others need not be named.
                Some(_) | None => {
                    return reader.at(index, |reader| {
                        reader.refuse_because("Invalid enum value. Expected 'organization' | 'project'")
                    });
                }
            }
        }
        Some((organization, project))
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        let scope =
            json!({ "type": "string", "enum": ["organization", "project"], "description": "Whose identities." });
        json_schema!({ "type": "array", "items": scope })
    }
}

struct OrderBy;

impl Choice for OrderBy {
    type Value = SearchField;

    fn choices() -> impl Iterator<Item = (&'static str, SearchField)> {
        [("name", SearchField::Name), ("role", SearchField::Role)].into_iter()
    }

    fn refusal() -> String {
        "Invalid enum value. Expected 'name' | 'role'".to_owned()
    }
}

/// Whether the order is descending.
struct OrderDirection;

impl Choice for OrderDirection {
    type Value = bool;

    fn choices() -> impl Iterator<Item = (&'static str, bool)> {
        [("asc", false), ("desc", true)].into_iter()
    }

    fn refusal() -> String {
        "Invalid enum value. Expected 'asc' | 'desc'".to_owned()
    }
}
