//! What the operations on memberships take.

use chrono::DateTime;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::Value;

use crate::body::{Choice, Flat, Input, List, OneOf, Reader, body, text};
use crate::fields::{Limited, MAXIMUM_PAGE, NotBlank, PageFields};
use crate::issue::Issue;
use directory::memberships::{AvailableQuery, MAXIMUM_ROLES, MembershipQuery, RequestedRole};
use domain::permission::temporary_access::{AccessPeriod, AccessRange, NotWritable, RequestedPeriod, TemporaryAccess};
use domain::value::timestamp::Timestamp;

/// The most roles that a list can be filtered by: the database binds at most 100 values to a statement.
const MAXIMUM_FILTER_ROLES: usize = 50;

/// A part of a name to look for; `None` when it is empty.
type SearchedName = Limited<255>;

body! {
    /// The roles of a new membership, at least one of them permanent (400 otherwise): `roles`, or else the one `role`.
    pub CreateMembershipRequest -> Vec<RequestedRole> {
        /// The slug of the one role.
        role: NotBlank = "no-access",
        roles: Option<List<RoleRequest, 0, { MAXIMUM_ROLES as usize }>>,
    } => |_reader| {
        Some(roles.unwrap_or_else(|| vec![RequestedRole { slug: role, period: RequestedPeriod::Permanent }]))
    };

    /// The roles that replace those of a membership, at least one of them permanent (400 otherwise).
    pub UpdateMembershipRequest -> Vec<RequestedRole> {
        roles: List<RoleRequest, 1, { MAXIMUM_ROLES as usize }>,
    } => |_reader| Some(roles);

    /// A role, for good or for a time. A temporary one needs a start and a range (400 otherwise), and next to
    /// `isTemporary: false` the other fields are dropped.
    RoleRequest -> RequestedRole {
        /// The slug of a built-in or custom role of the project.
        slug ["role"]: NotBlank,
        period: Flat<Period>,
    }

    /// For how long a role holds. Terraform sends the fields of a temporary role with no value next to
    /// `isTemporary: false`, so they are read only next to `true`.
    Period -> RequestedPeriod {
        is_temporary ["isTemporary"]: bool = false,
        /// The one way to say when a role ends.
        mode ["temporaryMode"]: Option<Unread<OneOf<TemporaryMode>>>,
        /// A span of time of at most ten years: minutes, hours or days. Everything that the `ms` library reads is
        /// understood.
        range ["temporaryRange"]: Option<Unread<TemporaryRange>>,
        /// When the role begins to hold.
        start ["temporaryAccessStartTime"]: Option<Unread<Start>>,
    } => |reader| {
        if !is_temporary {
            return Some(RequestedPeriod::Permanent);
        }
        let mode = reader.at("temporaryMode", |reader| read_later::<OneOf<TemporaryMode>>(mode.as_ref(), reader));
        let range = reader.at("temporaryRange", |reader| read_later::<TemporaryRange>(range.as_ref(), reader));
        let start = reader.at("temporaryAccessStartTime", |reader| read_later::<Start>(start.as_ref(), reader));
        let period = match (range?, start?) {
            (Some(range), Some(start)) => temporary(&range, &start, reader),
            (None, _) | (_, None) => Some(RequestedPeriod::Incomplete),
        };
        mode.and(period)
    };

    /// Which memberships to list.
    pub ListMembershipsQuery -> MembershipQuery {
        page: Flat<PageFields<MAXIMUM_PAGE, 20>>,
        /// Only identities whose name contains this.
        name ["identityName"]: Option<SearchedName>,
        /// Only identities with one of these roles: slugs, joined by commas, at most 50.
        roles: Option<Slugs>,
    } => |_reader| Some(MembershipQuery {
        offset: page.offset,
        limit: page.limit,
        name: name.flatten(),
        roles: roles.unwrap_or_default(),
        descending: false,
    });

    /// Which memberships to list.
    pub OlderListMembershipsQuery -> MembershipQuery {
        page: Flat<PageFields<MAXIMUM_PAGE, 100>>,
        /// Only identities whose name contains this.
        name ["search"]: Option<SearchedName>,
        /// In the order of what.
        _order ["orderBy"]: OneOf<OrderBy> = "name",
        /// In which direction.
        descending ["orderDirection"]: OneOf<OrderDirection> = "asc",
    } => |_reader| Some(MembershipQuery {
        offset: page.offset,
        limit: page.limit,
        name: name.flatten(),
        roles: Vec::new(),
        descending,
    });

    /// Which identities to list.
    pub ListAvailableQuery -> AvailableQuery {
        page: Flat<PageFields<MAXIMUM_PAGE, 20>>,
        /// Only identities whose name contains this.
        name ["identityName"]: Option<SearchedName>,
    } => |_reader| Some(AvailableQuery { offset: page.offset, limit: page.limit, name: name.flatten() });
}

/// A value that is kept as it was sent, to be read later as this kind, or not at all.
struct Unread<Kind>(std::marker::PhantomData<Kind>);

impl<Kind: Input> Input for Unread<Kind> {
    type Value = Value;

    const EXPECTED: &'static str = Kind::EXPECTED;

    fn read(sent: &Value, _: &mut Reader<'_>) -> Option<Value> {
        Some(sent.clone())
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        Kind::schema(generator)
    }
}

fn read_later<Kind: Input>(sent: Option<&Value>, reader: &mut Reader<'_>) -> Option<Option<Kind::Value>> {
    match sent {
        Some(sent) => Kind::read(sent, reader).map(Some),
        None => Some(None),
    }
}

fn temporary(range: &str, start: &str, reader: &mut Reader<'_>) -> Option<RequestedPeriod> {
    if range.is_empty() || start.is_empty() {
        return Some(RequestedPeriod::Incomplete);
    }
    let text = range.trim();
    let range = match AccessRange::parse(range) {
        Ok(range) => Some(range),
        Err(_) => reader.at("temporaryRange", |reader| {
            reader.refuse_because("Temporary range must be a span of time such as 30m, 1h or 2d, of at most ten years")
        }),
    };
    let start = match DateTime::parse_from_rfc3339(start) {
        Ok(start) => Some(Timestamp::from_milliseconds(start.timestamp_millis())),
        Err(_) => reader.at("temporaryAccessStartTime", |reader| reader.refuse_because("Invalid datetime")),
    };
    match AccessPeriod::new(start?, range?) {
        Ok(period) => Some(RequestedPeriod::Temporary(TemporaryAccess { range: text.to_owned(), period })),
        Err(NotWritable::Start) => reader.at("temporaryAccessStartTime", |reader| {
            reader.refuse_because("The start must lie within the years 0 to 9999")
        }),
        Err(NotWritable::End) => {
            reader.at("temporaryRange", |reader| reader.refuse_because("The end must not lie after the year 9999"))
        }
    }
}

struct TemporaryMode;

impl Choice for TemporaryMode {
    type Value = ();

    fn choices() -> impl Iterator<Item = (&'static str, ())> {
        [("relative", ())].into_iter()
    }
}

/// How long a temporary role holds, as it was sent.
struct TemporaryRange;

impl Input for TemporaryRange {
    type Value = String;

    const EXPECTED: &'static str = "string";

    fn read(sent: &Value, reader: &mut Reader<'_>) -> Option<String> {
        String::read(sent, reader)
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[1-9][0-9]{0,2}(m|h|d)$", "examples": ["1h"] })
    }
}

/// When a temporary role begins to hold, as it was sent.
struct Start;

impl Input for Start {
    type Value = String;

    const EXPECTED: &'static str = "string";

    fn read(sent: &Value, reader: &mut Reader<'_>) -> Option<String> {
        String::read(sent, reader)
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date-time" })
    }
}

/// Slugs, joined by commas.
struct Slugs;

impl Input for Slugs {
    type Value = Vec<String>;

    const EXPECTED: &'static str = "string";

    fn read(sent: &Value, reader: &mut Reader<'_>) -> Option<Vec<String>> {
        let slugs = text(sent, reader)?.split(',').map(str::trim).filter(|slug| !slug.is_empty());
        let slugs: Vec<String> = slugs.map(str::to_owned).collect();
        if slugs.len() > MAXIMUM_FILTER_ROLES {
            return reader.refuse(Issue::too_big("array", MAXIMUM_FILTER_ROLES as u64, reader.path()));
        }
        Some(slugs)
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        String::schema(generator)
    }
}

struct OrderBy;

impl Choice for OrderBy {
    type Value = ();

    fn choices() -> impl Iterator<Item = (&'static str, ())> {
        [("name", ())].into_iter()
    }
}

/// Whether the order is descending.
struct OrderDirection;

impl Choice for OrderDirection {
    type Value = bool;

    fn choices() -> impl Iterator<Item = (&'static str, bool)> {
        [("asc", false), ("desc", true)].into_iter()
    }
}
