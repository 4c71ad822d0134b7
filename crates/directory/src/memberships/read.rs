//! Memberships as they are stored, and the queries that read them.

use crate::error::DirectoryError;
use crate::error::memberships::MembershipsError;
use crate::sql::{Column, Row, Sql, SqlError, Value, count};
use crate::tables::custom_role::{NamedRole, RoleReference};
use crate::tables::identities::{ATTACHED, StoredIdentity, read_auth_methods};
use crate::tables::organization_memberships::LastLogin;
use crate::tables::project_membership_roles::StoredGrant;
use crate::tables::project_memberships::StoredMembership;
use crate::tables::projects::ProjectLabel;
use crate::tables::record::Columns;
use crate::tables::universal_auth_configurations::LOCKED_UNTIL;
use domain::permission::project_role::BuiltInProjectRole;
use domain::permission::role_slug::RoleSlug;
use domain::permission::temporary_access::TemporaryAccess;
use domain::token::facts::AuthMethod;
use domain::value::identifiers::{IdentityId, OrganizationId, ProjectId, ProjectMembershipId, RoleGrantId, RoleId};
use domain::value::timestamp::Timestamp;

/// A membership of an identity in a project.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProjectMembership {
    pub id: ProjectMembershipId,
    pub project: ProjectId,
    /// The project's name.
    pub project_name: String,
    /// The project's type.
    pub project_kind: String,
    pub identity: MemberIdentity,
    /// Its roles, in their order.
    pub roles: Vec<RoleGrant>,
    /// When it was created.
    pub created: Timestamp,
    /// When it was last changed.
    pub updated: Timestamp,
}

/// What a membership shows of its identity.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MemberIdentity {
    pub id: IdentityId,
    pub organization: OrganizationId,
    pub name: String,
    /// Whether deleting it is refused.
    pub has_delete_protection: bool,
    /// The authentication methods attached to it.
    pub auth_methods: Vec<AuthMethod>,
    /// Until when failed logins lock Universal Auth; `None` where they lock nothing.
    pub locked_until: Option<Timestamp>,
    /// How a token was last created for it.
    pub last_login_auth_method: Option<AuthMethod>,
    /// When a token was last created for it.
    pub last_login: Option<Timestamp>,
}

/// One role of a membership.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RoleGrant {
    pub id: RoleGrantId,
    pub role: GrantedRole,
    /// For how long; `None` for good.
    pub temporary: Option<TemporaryAccess>,
    /// When it was given.
    pub created: Timestamp,
    /// When it was last changed.
    pub updated: Timestamp,
}

/// Which role, without its rules.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum GrantedRole {
    /// One that this program defines.
    BuiltIn(BuiltInProjectRole),
    /// One that was made for the project.
    Custom { id: RoleId, slug: RoleSlug, name: String },
}

/// Which memberships to list.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct MembershipQuery {
    /// How many to skip.
    pub offset: u64,
    /// How many to return at most.
    pub limit: u64,
    /// Only identities whose name holds this, in any case.
    pub name: Option<String>,
    /// Only members with one of these roles, by slug; empty for any.
    pub roles: Vec<String>,
    /// From the last name to the first.
    pub descending: bool,
}

/// Which identities to list that could become members.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AvailableQuery {
    /// How many to skip.
    pub offset: u64,
    /// How many to return at most.
    pub limit: u64,
    /// Only identities whose name holds this, in any case.
    pub name: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MembershipPage {
    /// The memberships on the page, by the name of the identity.
    pub memberships: Vec<ProjectMembership>,
    /// How many there are on all pages.
    pub total: u64,
}

/// An identity of the organization that is no member.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AvailableIdentity {
    pub id: IdentityId,
    pub name: String,
}

/// The most roles that the memberships on one page may have in all. A page of as many memberships as one gets without
/// asking for more never has so many.
pub const MAXIMUM_ROLES_ON_A_PAGE: u64 = 1_000;

/// The columns that [`read`] reads: one row for each role of a membership.
fn select() -> String {
    format!(
        "SELECT {}, {}, {}, {}, {ATTACHED}, {LOCKED_UNTIL}, {}, {}
         FROM project_memberships m
         JOIN projects p ON p.id = m.project_id
         JOIN identities i ON i.id = m.identity_id
         JOIN organization_memberships o ON o.identity_id = i.id
         LEFT JOIN token_auth_configurations t ON t.identity_id = i.id
         LEFT JOIN universal_auth_configurations u ON u.identity_id = i.id
         JOIN project_membership_roles g ON g.membership_id = m.id
         LEFT JOIN project_roles r ON r.id = g.custom_role_id",
        StoredMembership::of("m"),
        ProjectLabel::of("p"),
        StoredIdentity::of("i"),
        LastLogin::of("o"),
        StoredGrant::of("g"),
        NamedRole::of("r")
    )
}

/// The membership of an identity in a project.
pub(super) fn find(
    sql: &dyn Sql,
    project: ProjectId,
    identity: IdentityId,
) -> Result<Option<ProjectMembership>, SqlError> {
    let rows = sql.execute(
        &format!("{} WHERE m.project_id = ? AND m.identity_id = ? ORDER BY g.position", select()),
        &[project.to_value(), identity.to_value()],
    )?;
    Ok(gather(rows)?.into_iter().next())
}

/// The membership with this id, in this organization.
pub(super) fn find_by_id(
    sql: &dyn Sql,
    organization: OrganizationId,
    id: ProjectMembershipId,
) -> Result<Option<ProjectMembership>, SqlError> {
    let rows = sql.execute(
        &format!("{} WHERE p.organization_id = ? AND m.id = ? ORDER BY g.position", select()),
        &[organization.to_value(), id.to_value()],
    )?;
    Ok(gather(rows)?.into_iter().next())
}

/// A page of the memberships of a project.
pub(super) fn list(
    sql: &dyn Sql,
    project: ProjectId,
    query: &MembershipQuery,
) -> Result<MembershipPage, DirectoryError> {
    let mut filter =
        String::from("FROM project_memberships n JOIN identities j ON j.id = n.identity_id WHERE n.project_id = ?");
    let mut bindings: Vec<Value> = vec![project.to_value()];
    if let Some(name) = &query.name {
        filter.push_str(" AND instr(lower(j.name), lower(?)) > 0");
        bindings.push(name.as_str().into());
    }
    if !query.roles.is_empty() {
        let places = vec!["?"; query.roles.len()].join(", ");
        filter.push_str(&format!(
            " AND EXISTS (SELECT 1 FROM project_membership_roles h LEFT JOIN project_roles s ON s.id = h.custom_role_id
                WHERE h.membership_id = n.id AND coalesce(s.slug, h.role) IN ({places}))"
        ));
        bindings.extend(query.roles.iter().map(|role| role.as_str().into()));
    }
    let total = count(sql.execute(&format!("SELECT count(*) {filter}"), &bindings)?)?;
    let direction = if query.descending { "DESC" } else { "ASC" };
    bindings.extend([query.limit.into(), query.offset.into()]);
    let page = format!("SELECT n.id {filter} ORDER BY j.name {direction}, j.id LIMIT ? OFFSET ?");
    let roles = format!("SELECT count(*) FROM project_membership_roles WHERE membership_id IN ({page})");
    if count(sql.execute(&roles, &bindings)?)? > MAXIMUM_ROLES_ON_A_PAGE {
        return Err(MembershipsError::TooManyRolesOnThePage.into());
    }
    let rows = sql.execute(
        &format!(
            "{} WHERE m.id IN ({page})
             ORDER BY i.name {direction}, i.id, g.position",
            select()
        ),
        &bindings,
    )?;
    Ok(MembershipPage { memberships: gather(rows)?, total })
}

/// A page of the identities of an organization that are not members of a project, by name.
pub(super) fn list_available(
    sql: &dyn Sql,
    organization: OrganizationId,
    project: ProjectId,
    query: &AvailableQuery,
) -> Result<Vec<AvailableIdentity>, SqlError> {
    let mut filter = String::from(
        "WHERE i.organization_id = ?
         AND NOT EXISTS (SELECT 1 FROM project_memberships m WHERE m.project_id = ? AND m.identity_id = i.id)",
    );
    let mut bindings: Vec<Value> = vec![organization.to_value(), project.to_value()];
    if let Some(name) = &query.name {
        filter.push_str(" AND instr(lower(i.name), lower(?)) > 0");
        bindings.push(name.as_str().into());
    }
    bindings.extend([query.limit.into(), query.offset.into()]);
    let rows = sql.execute(
        &format!("SELECT i.id, i.name FROM identities i {filter} ORDER BY i.name, i.id LIMIT ? OFFSET ?"),
        &bindings,
    )?;
    rows.into_iter().map(|mut row| Ok(AvailableIdentity { id: row.read()?, name: row.read()? })).collect()
}

/// Puts the roles of each membership together. Rows of one membership stand next to each other.
fn gather(rows: Vec<Row>) -> Result<Vec<ProjectMembership>, SqlError> {
    let mut memberships: Vec<ProjectMembership> = Vec::new();
    for mut row in rows {
        let mut membership = read(&mut row)?;
        match memberships.last_mut().filter(|last| last.id == membership.id) {
            Some(last) => last.roles.append(&mut membership.roles),
            None => memberships.push(membership),
        }
    }
    Ok(memberships)
}

fn read(row: &mut Row) -> Result<ProjectMembership, SqlError> {
    let membership = StoredMembership::read(row)?;
    let project = ProjectLabel::read(row)?;
    let identity = StoredIdentity::read(row)?;
    let last_login = Option::<LastLogin>::read(row)?;
    let identity = MemberIdentity {
        id: identity.id,
        organization: identity.organization,
        name: identity.name,
        has_delete_protection: identity.has_delete_protection,
        auth_methods: read_auth_methods(row)?,
        locked_until: row.read()?,
        last_login_auth_method: last_login.map(|last| last.method),
        last_login: last_login.map(|last| last.at),
    };
    let grant = StoredGrant::read(row)?;
    let role = RoleGrant {
        id: grant.id,
        role: GrantedRole::new(grant.role, Columns::read(row)?)?,
        temporary: grant.temporary,
        created: grant.created,
        updated: grant.updated,
    };
    Ok(ProjectMembership {
        id: membership.id,
        project: membership.project,
        project_name: project.name,
        project_kind: project.kind,
        identity,
        roles: vec![role],
        created: membership.created,
        updated: membership.updated,
    })
}

impl GrantedRole {
    fn new(reference: RoleReference, custom: Option<NamedRole>) -> Result<Self, SqlError> {
        let built_in = |slug: &str| BuiltInProjectRole::from_slug(slug).map(Self::BuiltIn);
        reference.resolve(custom, built_in, |NamedRole { id, slug, name }| Self::Custom { id, slug, name })
    }
}
