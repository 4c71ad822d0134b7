//! What the operations on memberships take.

use chrono::DateTime;
use serde_json::Value;

use crate::error::ManagementError;
use crate::families::memberships::Generation;
use crate::input::{Fields, Issue};
use crate::inputs::{MAXIMUM_PAGE, Page, read_page};
use directory::memberships::{AvailableQuery, MAXIMUM_ROLES, MembershipQuery, RequestedRole};
use domain::permission::project_role::BuiltInProjectRole;
use domain::permission::temporary_access::{AccessPeriod, AccessRange, NotWritable, RequestedPeriod, TemporaryAccess};
use domain::value::timestamp::Timestamp;

/// The most roles that a list can be filtered by: the database binds at most 100 values to a statement.
pub(crate) const MAXIMUM_FILTER_ROLES: usize = 50;
/// The most characters of a search.
pub(crate) const MAXIMUM_SEARCH_CHARACTERS: usize = 255;

/// The roles of a new membership: `roles`, or else the one `role`.
pub(crate) fn new_membership(body: &Value) -> Result<Vec<RequestedRole>, ManagementError> {
    let mut fields = Fields::new(body);
    let role = fields.optional_string("role").and_then(|text| read_slug(&mut fields, text));
    let several = fields.get("roles").is_some();
    let roles = fields.optional_objects("roles", 0, MAXIMUM_ROLES, read_role);
    let single = || RequestedRole {
        slug: role.unwrap_or_else(|| BuiltInProjectRole::NoAccess.slug().to_owned()),
        period: RequestedPeriod::Permanent,
    };
    fields.finish(if several { roles } else { Some(vec![single()]) })
}

/// The roles that replace those of a membership.
pub(crate) fn membership_changes(body: &Value) -> Result<Vec<RequestedRole>, ManagementError> {
    let mut fields = Fields::new(body);
    if fields.get("roles").is_none() {
        let issue = Issue::invalid_type("array", None, fields.path("roles"));
        fields.push(issue);
    }
    let roles = fields.optional_objects("roles", 1, MAXIMUM_ROLES, read_role);
    fields.finish(roles)
}

/// Which memberships to list.
pub(crate) fn membership_list(query: &Value, generation: Generation) -> Result<MembershipQuery, ManagementError> {
    let (name_field, usual) = match generation {
        Generation::Deprecated => ("search", 100),
        Generation::Current => ("identityName", 20),
    };
    let mut fields = Fields::new(query);
    let offset = fields.optional_integer_text("offset", 0, u64::from(u32::MAX)).unwrap_or(0);
    let limit = fields.optional_integer_text("limit", 1, MAXIMUM_PAGE).unwrap_or(usual);
    let name = read_search(&mut fields, name_field);
    let mut roles = Vec::new();
    let mut descending = false;
    match generation {
        Generation::Current => roles = read_filter_roles(&mut fields),
        Generation::Deprecated => {
            one_of(&mut fields, "orderBy", &["name"]);
            descending = one_of(&mut fields, "orderDirection", &["asc", "desc"]) == Some("desc");
        }
    }
    fields.finish(Some(MembershipQuery { offset, limit, name, roles, descending }))
}

/// Which identities to list that could become members.
pub(crate) fn available_list(query: &Value) -> Result<AvailableQuery, ManagementError> {
    let mut fields = Fields::new(query);
    let page = read_page(&mut fields, u64::from(u32::MAX), MAXIMUM_PAGE, 20);
    let name = read_search(&mut fields, "identityName");
    fields.finish(page.map(|Page { offset, limit }| AvailableQuery { offset, limit, name }))
}

/// A part of a name to look for; `None` when it is empty.
fn read_search(fields: &mut Fields<'_>, field: &str) -> Option<String> {
    let name = fields.optional_string(field).map(str::trim).filter(|name| !name.is_empty())?;
    if name.chars().count() > MAXIMUM_SEARCH_CHARACTERS {
        let issue = Issue::too_big("string", MAXIMUM_SEARCH_CHARACTERS as u64, fields.path(field));
        fields.push(issue);
    }
    Some(name.to_owned())
}

fn read_filter_roles(fields: &mut Fields<'_>) -> Vec<String> {
    let text = fields.optional_string("roles").unwrap_or_default();
    let roles: Vec<String> =
        text.split(',').map(str::trim).filter(|role| !role.is_empty()).map(str::to_owned).collect();
    if roles.len() > MAXIMUM_FILTER_ROLES {
        let issue = Issue::too_big("array", MAXIMUM_FILTER_ROLES as u64, fields.path("roles"));
        fields.push(issue);
    }
    roles
}

fn one_of<'a>(fields: &mut Fields<'a>, field: &str, known: &[&str]) -> Option<&'a str> {
    let text = fields.optional_string(field)?;
    if !known.contains(&text) {
        let issue = Issue::custom(format!("Expected one of {}", known.join(", ")), fields.path(field));
        fields.push(issue);
    }
    Some(text)
}

fn read_slug(fields: &mut Fields<'_>, text: &str) -> Option<String> {
    let slug = text.trim();
    if slug.is_empty() {
        let issue = Issue::too_small("string", 1, fields.path("role"));
        fields.push(issue);
        return None;
    }
    Some(slug.to_owned())
}

/// One role. Next to `isTemporary: false` the fields of a temporary one are dropped: Terraform sends them with no
/// value.
fn read_role(role: &mut Fields<'_>) -> Option<RequestedRole> {
    let slug = role.string("role").and_then(|text| read_slug(role, text));
    let period = if role.optional_boolean("isTemporary").unwrap_or(false) {
        read_period(role)
    } else {
        Some(RequestedPeriod::Permanent)
    };
    Some(RequestedRole { slug: slug?, period: period? })
}

fn read_period(role: &mut Fields<'_>) -> Option<RequestedPeriod> {
    one_of(role, "temporaryMode", &["relative"]);
    let range = role.optional_string("temporaryRange").filter(|text| !text.is_empty());
    let start = role.optional_string("temporaryAccessStartTime").filter(|text| !text.is_empty());
    let (Some(text), Some(start)) = (range, start) else { return Some(RequestedPeriod::Incomplete) };
    let range = AccessRange::parse(text);
    if range.is_err() {
        let message = "Temporary range must be a span of time such as 30m, 1h or 2d, of at most ten years";
        let issue = Issue::custom(message, role.path("temporaryRange"));
        role.push(issue);
    }
    let start = DateTime::parse_from_rfc3339(start);
    if start.is_err() {
        let issue = Issue::custom("Invalid datetime", role.path("temporaryAccessStartTime"));
        role.push(issue);
    }
    let (range, start) = range.ok().zip(start.ok())?;
    let start = Timestamp::from_milliseconds(start.timestamp_millis());
    let (field, message) = match AccessPeriod::new(start, range) {
        Ok(period) => {
            return Some(RequestedPeriod::Temporary(TemporaryAccess { range: text.trim().to_owned(), period }));
        }
        Err(NotWritable::Start) => ("temporaryAccessStartTime", "The start must lie within the years 0 to 9999"),
        Err(NotWritable::End) => ("temporaryRange", "The end must not lie after the year 9999"),
    };
    let issue = Issue::custom(message, role.path(field));
    role.push(issue);
    None
}
