//! Finding identities: by name and role, in pages; and the projects an identity is in.
//!
//! **Invariant**: what a caller sends reaches a statement as a bound value only. The text of a statement is put together
//! of the fragments in this file.

use crate::context::{Actor, Context};
use crate::error::DirectoryError;
use crate::identities::{self, Identity, IdentityPage};
use crate::sql::{self, Column, Sql, SqlError, Value};
use crate::tables::custom_role::NamedRole;
use crate::tables::project_membership_roles::StoredGrant;
use crate::tables::project_memberships::StoredMembership;
use crate::tables::projects::ProjectLabel;
use crate::tables::record::Columns;
use domain::permission::operation::Operation;
use domain::permission::temporary_access::{AccessPeriod, TemporaryAccess};
use domain::value::identifiers::{OrganizationId, ProjectId, ProjectMembershipId, RoleGrantId, RoleId};
use domain::value::timestamp::Timestamp;

/// The most values of one filter. A statement takes at most 100 bindings in the runtime's SQLite; the rest is for the
/// organization and the page.
pub const MAXIMUM_VALUES: usize = 80;

/// What identities can be found by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SearchField {
    Name,
    /// The slug of the role.
    Role,
}

impl SearchField {
    const fn expression(self) -> &'static str {
        match self {
            Self::Name => "i.name",
            Self::Role => "coalesce(r.slug, m.role)",
        }
    }
}

/// What a field must be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SearchTest {
    /// Exactly this.
    Equal(String),
    /// Something with this in it; ASCII letters in either case.
    Contains(String),
    /// One of these.
    OneOf(Vec<String>),
}

/// A test of one field.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SearchClause {
    pub field: SearchField,
    /// What it must be.
    pub test: SearchTest,
}

/// Which identities are wanted: those for which all of `all` hold and, if there are any, all clauses of one of `any`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SearchFilter {
    /// What must hold.
    pub all: Vec<SearchClause>,
    /// Alternatives, of which one must hold.
    pub any: Vec<Vec<SearchClause>>,
}

/// What to look for, and which page of it to answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IdentitySearch {
    /// Which identities.
    pub filter: SearchFilter,
    /// In the order of what.
    pub order_by: SearchField,
    /// The last first.
    pub descending: bool,
    /// How many to skip.
    pub offset: u64,
    /// How many to return at most.
    pub limit: u64,
}

/// Finds identities of the actor's organization.
///
/// # Errors
/// [`DirectoryError::PermissionDenied`]; also for an actor that may see some of them only.
pub fn search(context: &Context<'_>, actor: &Actor, search: &IdentitySearch) -> Result<IdentityPage, DirectoryError> {
    actor.require(Operation::SearchIdentities)?;
    let (condition, mut bindings) = condition(actor.organization, &search.filter);
    let total = count(context.sql, &condition, &bindings)?;
    let order = search.order_by.expression();
    let direction = if search.descending { "DESC" } else { "ASC" };
    bindings.extend([search.limit.into(), search.offset.into()]);
    let rows = context.sql.execute(
        &format!(
            "{} WHERE {condition} ORDER BY {order} {direction}, i.name, i.id LIMIT ? OFFSET ?",
            identities::select_listed()
        ),
        &bindings,
    )?;
    let memberships = rows.into_iter().map(identities::read_listed).collect::<Result<_, _>>()?;
    Ok(IdentityPage { memberships, total })
}

/// Counts the identities that [`search`] finds on all pages.
///
/// # Errors
/// [`DirectoryError::PermissionDenied`].
pub fn count_found(context: &Context<'_>, actor: &Actor, filter: &SearchFilter) -> Result<u64, DirectoryError> {
    actor.require(Operation::CountIdentitiesV2)?;
    let (condition, bindings) = condition(actor.organization, filter);
    Ok(count(context.sql, &condition, &bindings)?)
}

fn count(database: &dyn Sql, condition: &str, bindings: &[Value]) -> Result<u64, SqlError> {
    let rows = database.execute(
        &format!(
            "SELECT count(*) FROM identities i
             JOIN organization_memberships m ON m.identity_id = i.id
             LEFT JOIN organization_roles r ON r.id = m.custom_role_id
             WHERE {condition}"
        ),
        bindings,
    )?;
    sql::count(rows)
}

/// The condition of a statement and its bindings.
fn condition(organization: OrganizationId, filter: &SearchFilter) -> (String, Vec<Value>) {
    let mut bindings = vec![organization.to_value()];
    let mut text = "i.organization_id = ?".to_owned();
    for clause in &filter.all {
        text.push_str(" AND ");
        text.push_str(&clause_text(clause, &mut bindings));
    }
    let alternatives: Vec<String> = filter
        .any
        .iter()
        .map(|clauses| match clauses.as_slice() {
            [] => "1".to_owned(),
            clauses => {
                let texts: Vec<String> = clauses.iter().map(|clause| clause_text(clause, &mut bindings)).collect();
                format!("({})", texts.join(" AND "))
            }
        })
        .collect();
    if !alternatives.is_empty() {
        text.push_str(&format!(" AND ({})", alternatives.join(" OR ")));
    }
    (text, bindings)
}

fn clause_text(clause: &SearchClause, bindings: &mut Vec<Value>) -> String {
    let field = clause.field.expression();
    match &clause.test {
        SearchTest::Equal(value) => {
            bindings.push(value.as_str().into());
            format!("{field} = ?")
        }
        // Not LIKE: the runtime's SQLite takes patterns of 50 bytes at most, and `_` would have a meaning.
        SearchTest::Contains(value) => {
            bindings.push(value.as_str().into());
            format!("instr(lower({field}), lower(?)) > 0")
        }
        SearchTest::OneOf(values) => {
            bindings.extend(values.iter().map(|value| Value::from(value.as_str())));
            format!("{field} IN ({})", vec!["?"; values.len()].join(", "))
        }
    }
}

/// An identity's place in a project.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProjectPlace {
    /// The membership's id.
    pub id: ProjectMembershipId,
    pub project: ProjectId,
    /// What the project is called.
    pub project_name: String,
    /// What the project is for.
    pub project_type: String,
    /// The roles there.
    pub roles: Vec<PlaceRole>,
    /// When the membership was created.
    pub created: Timestamp,
    /// When it was last changed.
    pub updated: Timestamp,
}

/// One role in a project.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlaceRole {
    /// The grant's id.
    pub id: RoleGrantId,
    /// The slug of a built-in role, or `custom`.
    pub role: String,
    pub custom: Option<PlaceCustomRole>,
    /// For how long it holds; `None` for good.
    pub temporary: Option<PlacePeriod>,
}

/// A custom role of a project, as far as a membership shows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlaceCustomRole {
    pub id: RoleId,
    pub name: String,
    pub slug: String,
}

/// For how long a role holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlacePeriod {
    /// The length, as it was sent.
    pub range: String,
    /// From when.
    pub start: Timestamp,
    /// Until when.
    pub end: Timestamp,
}

/// The projects an identity is in, by name, with the identity itself.
///
/// # Errors
/// [`DirectoryError::PermissionDenied`], [`DirectoryError::IdentityNotFound`].
pub fn places(
    context: &Context<'_>,
    actor: &Actor,
    identity: &str,
) -> Result<(Identity, Vec<ProjectPlace>), DirectoryError> {
    actor.require_on_identity(Operation::ListIdentityProjectMemberships, identity)?;
    let found = identities::get_in(context.sql, actor.organization, identity)?.identity;
    let rows = context.sql.execute(
        &format!(
            "SELECT {}, {}, {}, {}
             FROM project_memberships m
             JOIN projects p ON p.id = m.project_id
             JOIN project_membership_roles g ON g.membership_id = m.id
             LEFT JOIN project_roles r ON r.id = g.custom_role_id
             WHERE m.identity_id = ? AND p.organization_id = ?
             ORDER BY p.name, m.id, g.position",
            StoredMembership::of("m"),
            ProjectLabel::of("p"),
            StoredGrant::of("g"),
            NamedRole::of("r")
        ),
        &[found.id.to_value(), actor.organization.to_value()],
    )?;
    let mut places: Vec<ProjectPlace> = Vec::new();
    for mut row in rows {
        let membership = StoredMembership::read(&mut row)?;
        let project = ProjectLabel::read(&mut row)?;
        let role = PlaceRole::new(Columns::read(&mut row)?, Columns::read(&mut row)?);
        match places.last_mut().filter(|last| last.id == membership.id) {
            Some(last) => last.roles.push(role),
            None => places.push(ProjectPlace {
                id: membership.id,
                project: membership.project,
                project_name: project.name,
                project_type: project.kind,
                roles: vec![role],
                created: membership.created,
                updated: membership.updated,
            }),
        }
    }
    Ok((found, places))
}

impl PlaceRole {
    fn new(grant: StoredGrant, custom_role: Option<NamedRole>) -> Self {
        let custom = |NamedRole { id, slug, name }| PlaceCustomRole { id, name, slug: slug.as_str().to_owned() };
        let period = |TemporaryAccess { range, period: AccessPeriod { start, end } }| PlacePeriod { range, start, end };
        Self {
            id: grant.id,
            role: grant.role.role,
            custom: custom_role.map(custom),
            temporary: grant.temporary.map(period),
        }
    }
}
