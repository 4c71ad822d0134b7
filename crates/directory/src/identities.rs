//! Machine identities: create, change, delete, look up.

use crate::audit::Target;
use crate::context::{Actor, Context};
use crate::error::DirectoryError;
use crate::journal::{self, Change};
use crate::outcome::{Changed, Removed};
use crate::project_access::require_dominates_in_all_projects;
use crate::sql::{self, Column, Row, Sql, SqlError};
use crate::tables::custom_role::{CustomRole, NamedRole, RoleReference};
use crate::tables::identities::{ATTACHED, StoredIdentity, read_auth_methods};
use crate::tables::identity_metadata::{self, StoredMetadataEntry};
use crate::tables::organization_memberships::{GivenRole, StoredOrganizationMembership};
use crate::tables::organization_roles::{self, ListedRole, OrganizationRole};
use crate::tables::organizations;
use crate::tables::record::{Columns, Record};
use crate::tables::universal_auth_configurations::LOCKED_UNTIL;
use domain::permission::granting::right_to_give;
use domain::permission::last_administrator::check_last_administrator;
use domain::permission::operation::{Boundary, Operation};
use domain::permission::organization_role::BuiltInOrganizationRole;
use domain::permission::privilege_boundary::check_boundary;
use domain::token::evidence::EvidenceKey;
use domain::token::facts::AuthMethod;
use domain::value::identifiers::{IdentityId, MetadataId, OrganizationId, OrganizationMembershipId};
use domain::value::names::Name;
use domain::value::timestamp::Timestamp;

pub use crate::tables::identity_metadata::MetadataEntry;
pub use crate::tables::organizations::Organization;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Identity {
    pub id: IdentityId,
    pub organization: OrganizationId,
    pub name: String,
    /// Whether deleting it is refused.
    pub has_delete_protection: bool,
    /// The authentication methods attached to it.
    pub auth_methods: Vec<AuthMethod>,
    /// When it was created.
    pub created: Timestamp,
    /// When it was last changed.
    pub updated: Timestamp,
}

/// An identity with its membership in the organization. In a list the role is without its rules: many identities can
/// have one role, and its rules once for each of them can be more than memory holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IdentityMembership<Role = OrganizationRole> {
    /// The membership's id.
    pub id: OrganizationMembershipId,
    pub role: Role,
    /// How a token was last created for it.
    pub last_login_auth_method: Option<AuthMethod>,
    /// When a token was last created for it.
    pub last_login: Option<Timestamp>,
    /// When the membership was created.
    pub created: Timestamp,
    /// When the membership was last changed.
    pub updated: Timestamp,
    pub identity: Identity,
    /// What the operator noted about the identity.
    pub metadata: Vec<MetadataEntry>,
    /// Until when failed logins lock Universal Auth; `None` where they lock nothing.
    pub locked_until: Option<Timestamp>,
}

/// A metadata entry to be stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewMetadataEntry {
    /// What it is about.
    pub key: String,
    /// What it says.
    pub value: String,
}

/// An identity to be created.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewIdentity {
    pub name: Name,
    /// The organization's id as it was sent.
    pub organization: String,
    /// The role's slug as it was sent.
    pub role: String,
    /// Whether deleting it is refused.
    pub has_delete_protection: bool,
    /// What the operator notes about it.
    pub metadata: Vec<NewMetadataEntry>,
}

/// What to change of an identity; `None` leaves a field as it is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct IdentityChanges {
    /// The new name.
    pub name: Option<Name>,
    /// The slug of the new role, as it was sent.
    pub role: Option<String>,
    /// The new protection.
    pub has_delete_protection: Option<bool>,
    /// Metadata that replaces all there is.
    pub metadata: Option<Vec<NewMetadataEntry>>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IdentityPage {
    /// The identities on the page, by name.
    pub memberships: Vec<IdentityMembership<ListedRole>>,
    /// How many there are on all pages.
    pub total: u64,
}

/// Creates an identity with a role in the actor's organization.
///
/// # Errors
/// [`DirectoryError::PermissionDenied`], [`DirectoryError::ForeignOrganization`], [`DirectoryError::RoleNotFound`],
/// [`DirectoryError::BeyondBoundary`].
pub fn create(
    context: &mut Context<'_>,
    actor: &Actor,
    new: &NewIdentity,
) -> Result<IdentityMembership, DirectoryError> {
    actor.require(Operation::CreateIdentity)?;
    if OrganizationId::parse(&new.organization) != Some(actor.organization) {
        return Err(DirectoryError::ForeignOrganization);
    }
    let role = find_role(context.sql, actor, &new.role)?;
    require_grant(actor, &role, None, Operation::CreateIdentity)?;

    let id = insert(context, actor.organization, new.name.as_str(), &role, new.has_delete_protection)?;
    replace_metadata(context, id, &new.metadata)?;
    journal::record(
        context,
        actor,
        Operation::CreateIdentity,
        Target::Identity(id),
        &[Change::Creates(EvidenceKey::Identity(id))],
    )?;
    get_in(context.sql, actor.organization, &id.to_string())
}

/// Writes the rows of a new identity; the caller records the command.
pub(super) fn insert(
    context: &mut Context<'_>,
    organization: OrganizationId,
    name: &str,
    role: &OrganizationRole,
    has_delete_protection: bool,
) -> Result<IdentityId, SqlError> {
    let id = IdentityId::from_random(context.randomness.next_16());
    let membership = StoredOrganizationMembership {
        id: OrganizationMembershipId::from_random(context.randomness.next_16()),
        identity: id,
        role: role.reference(),
        last_login: None,
        created: context.now,
        updated: context.now,
    };
    let identity = StoredIdentity {
        id,
        organization,
        name: name.to_owned(),
        has_delete_protection,
        created: context.now,
        updated: context.now,
    };
    identity.insert(context.sql)?;
    membership.insert(context.sql)?;
    Ok(id)
}

/// Changes an identity.
///
/// # Errors
/// [`DirectoryError::PermissionDenied`], [`DirectoryError::IdentityNotFound`], [`DirectoryError::RoleNotFound`],
/// [`DirectoryError::BeyondBoundary`], [`DirectoryError::LastAdministrator`].
pub fn update(
    context: &mut Context<'_>,
    actor: &Actor,
    id: &str,
    changes: &IdentityChanges,
) -> Result<Changed<IdentityMembership>, DirectoryError> {
    actor.require_on_identity(Operation::UpdateIdentity, id)?;
    let current = get_in(context.sql, actor.organization, id)?;
    require_control(context, actor, &current, Operation::UpdateIdentity)?;
    let role = match &changes.role {
        Some(slug) => find_role(context.sql, actor, slug)?,
        None => current.role.clone(),
    };
    if role != current.role {
        require_grant(actor, &role, Some(current.identity.id), Operation::UpdateIdentity)?;
    }
    require_an_administrator(context, &current, Some(&role))?;

    let identity = current.identity.id;
    let changed = StoredIdentity {
        id: identity,
        organization: current.identity.organization,
        name: changes.name.as_ref().map_or(current.identity.name.as_str(), Name::as_str).to_owned(),
        has_delete_protection: changes.has_delete_protection.unwrap_or(current.identity.has_delete_protection),
        created: current.identity.created,
        updated: context.now,
    };
    changed.update(context.sql)?;
    if role != current.role {
        let given = GivenRole { role: role.reference(), updated: context.now };
        StoredOrganizationMembership::set(context.sql, &current.id, &given)?;
    }
    if let Some(metadata) = &changes.metadata {
        replace_metadata(context, identity, metadata)?;
    }
    journal::record(
        context,
        actor,
        Operation::UpdateIdentity,
        Target::Identity(identity),
        &[Change::Narrows(EvidenceKey::Identity(identity))],
    )?;
    let after = get_in(context.sql, actor.organization, id)?;
    Ok(Changed { before: current, after })
}

/// Deletes an identity with everything that hangs on it. Its tokens die with it.
///
/// # Errors
/// [`DirectoryError::PermissionDenied`], [`DirectoryError::IdentityNotFound`], [`DirectoryError::BeyondBoundary`],
/// [`DirectoryError::DeleteProtected`], [`DirectoryError::LastAdministrator`].
pub fn delete(
    context: &mut Context<'_>,
    actor: &Actor,
    id: &str,
) -> Result<Removed<IdentityMembership>, DirectoryError> {
    actor.require_on_identity(Operation::DeleteIdentity, id)?;
    let current = get_in(context.sql, actor.organization, id)?;
    require_control(context, actor, &current, Operation::DeleteIdentity)?;
    if current.identity.has_delete_protection {
        return Err(DirectoryError::DeleteProtected);
    }
    require_an_administrator(context, &current, None)?;
    let identity = current.identity.id;
    for statement in [
        "DELETE FROM access_tokens WHERE identity_id = ?",
        "DELETE FROM token_auth_configurations WHERE identity_id = ?",
        "DELETE FROM client_secrets WHERE identity_id = ?",
        "DELETE FROM universal_auth_configurations WHERE identity_id = ?",
        "DELETE FROM project_membership_roles
         WHERE membership_id IN (SELECT id FROM project_memberships WHERE identity_id = ?)",
        "DELETE FROM project_memberships WHERE identity_id = ?",
        "DELETE FROM identity_metadata WHERE identity_id = ?",
        "DELETE FROM organization_memberships WHERE identity_id = ?",
        "DELETE FROM console_sessions WHERE identity_id = ?",
        "DELETE FROM sign_in_codes WHERE identity_id = ?",
        "DELETE FROM identities WHERE id = ?",
    ] {
        context.sql.execute(statement, &[identity.to_value()])?;
    }
    journal::record(
        context,
        actor,
        Operation::DeleteIdentity,
        Target::Identity(identity),
        &[Change::Narrows(EvidenceKey::Identity(identity))],
    )?;
    Ok(Removed(current))
}

/// Looks an identity up.
///
/// # Errors
/// [`DirectoryError::PermissionDenied`], [`DirectoryError::IdentityNotFound`].
pub fn get(context: &Context<'_>, actor: &Actor, id: &str) -> Result<IdentityMembership, DirectoryError> {
    actor.require_on_identity(Operation::GetIdentity, id)?;
    get_in(context.sql, actor.organization, id)
}

/// Lists the identities of the actor's organization by name.
///
/// # Errors
/// [`DirectoryError::PermissionDenied`], [`DirectoryError::ForeignOrganization`].
pub fn list(
    context: &Context<'_>,
    actor: &Actor,
    organization: &str,
    offset: u64,
    limit: u64,
) -> Result<IdentityPage, DirectoryError> {
    actor.require(Operation::ListIdentities)?;
    if OrganizationId::parse(organization) != Some(actor.organization) {
        return Err(DirectoryError::ForeignOrganization);
    }
    let organization = actor.organization.to_value();
    let rows = context.sql.execute(
        &format!("{} WHERE i.organization_id = ? ORDER BY i.name, i.id LIMIT ? OFFSET ?", select_listed()),
        &[organization.clone(), limit.into(), offset.into()],
    )?;
    let memberships = rows.into_iter().map(read_listed).collect::<Result<_, _>>()?;
    let total = "SELECT count(*) FROM identities WHERE organization_id = ?";
    let total = sql::count(context.sql.execute(total, &[organization])?)?;
    Ok(IdentityPage { memberships, total })
}

/// The identity with this id in this organization.
pub(super) fn get_in(
    sql: &dyn Sql,
    organization: OrganizationId,
    id: &str,
) -> Result<IdentityMembership, DirectoryError> {
    let not_found = || DirectoryError::IdentityNotFound { id: id.to_owned() };
    let identity = IdentityId::parse(id).ok_or_else(not_found)?;
    let rows = sql.execute(
        &format!("{} WHERE i.organization_id = ? AND i.id = ?", select::<CustomRole>()),
        &[organization.to_value(), identity.to_value()],
    )?;
    let row = rows.into_iter().next().ok_or_else(not_found)?;
    let mut membership = read(row, OrganizationRole::new)?;
    membership.metadata = identity_metadata::of_identity(sql, identity)?;
    Ok(membership)
}

/// The columns that [`read_listed`] reads.
pub(super) fn select_listed() -> String {
    select::<NamedRole>()
}

/// Reads a row of [`select_listed`].
pub(super) fn read_listed(row: Row) -> Result<IdentityMembership<ListedRole>, SqlError> {
    read(row, ListedRole::new)
}

/// The columns that [`read`] reads, with these of a custom role.
fn select<Custom: Columns>() -> String {
    format!(
        "SELECT {}, {}, {}, {ATTACHED}, {LOCKED_UNTIL}
         FROM identities i
         JOIN organization_memberships m ON m.identity_id = i.id
         LEFT JOIN organization_roles r ON r.id = m.custom_role_id
         LEFT JOIN token_auth_configurations t ON t.identity_id = i.id
         LEFT JOIN universal_auth_configurations u ON u.identity_id = i.id",
        StoredOrganizationMembership::of("m"),
        Custom::of("r"),
        StoredIdentity::of("i")
    )
}

fn read<Custom: Columns, Role>(
    mut row: Row,
    role: impl FnOnce(RoleReference, Option<Custom>) -> Result<Role, SqlError>,
) -> Result<IdentityMembership<Role>, SqlError> {
    let membership = StoredOrganizationMembership::read(&mut row)?;
    let custom = Option::<Custom>::read(&mut row)?;
    let identity = StoredIdentity::read(&mut row)?;
    Ok(IdentityMembership {
        id: membership.id,
        role: role(membership.role, custom)?,
        last_login_auth_method: membership.last_login.map(|last| last.method),
        last_login: membership.last_login.map(|last| last.at),
        created: membership.created,
        updated: membership.updated,
        identity: Identity {
            id: identity.id,
            organization: identity.organization,
            name: identity.name,
            has_delete_protection: identity.has_delete_protection,
            created: identity.created,
            updated: identity.updated,
            auth_methods: read_auth_methods(&mut row)?,
        },
        metadata: Vec::new(),
        locked_until: row.read()?,
    })
}

fn find_role(sql: &dyn Sql, actor: &Actor, slug: &str) -> Result<OrganizationRole, DirectoryError> {
    organization_roles::find(sql, actor.organization, slug)?
        .ok_or_else(|| DirectoryError::RoleNotFound { slug: slug.to_owned() })
}

/// Giving a role needs the right to give it to this identity, and all that the role holds.
fn require_grant(
    actor: &Actor,
    role: &OrganizationRole,
    to: Option<IdentityId>,
    operation: Operation,
) -> Result<(), DirectoryError> {
    let granted = role.ability();
    let right = right_to_give(&granted, to);
    check_boundary(&actor.ability, &granted.and(right)).map_err(|beyond| actor.beyond(operation, beyond))
}

/// Changing an identity, or what authenticates it, needs what [`Operation::needs`] says of the identity besides
/// the permission: all that its role in the organization allows, and for what adds to what can be done as the identity all
/// that it holds in each of its projects as well. Otherwise a weaker actor could take a stronger identity over, or do away
/// with it.
pub(super) fn require_control(
    context: &Context<'_>,
    actor: &Actor,
    target: &IdentityMembership,
    operation: Operation,
) -> Result<(), DirectoryError> {
    require_role_of(actor, target, operation)?;
    let needs = operation.needs().in_organization();
    if needs.is_some_and(|requirement| requirement.beyond.contains(&Boundary::Identity)) {
        require_dominates_in_all_projects(context, actor, target.identity.id, operation)?;
    }
    Ok(())
}

/// Everybody holds what they hold themselves, and what somebody with the same rules holds, whatever the rules are.
fn require_role_of(actor: &Actor, target: &IdentityMembership, operation: Operation) -> Result<(), DirectoryError> {
    let held = target.role.ability();
    if target.identity.id == actor.identity || held == actor.ability {
        return Ok(());
    }
    check_boundary(&actor.ability, &held).map_err(|beyond| actor.beyond(operation, beyond))
}

/// Whether the actor may take this identity out of projects because it may delete it. An identity that the organization
/// does not have nobody may.
pub(super) fn may_remove_memberships(context: &Context<'_>, actor: &Actor, id: &str) -> Result<bool, DirectoryError> {
    if actor.require_on_identity(Operation::DeleteProjectIdentityMembership, id).is_err() {
        return Ok(false);
    }
    match get_in(context.sql, actor.organization, id) {
        Ok(target) => Ok(require_role_of(actor, &target, Operation::DeleteProjectIdentityMembership).is_ok()),
        Err(DirectoryError::IdentityNotFound { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// The organization keeps an administrator when this identity goes to another role, or to none because it is deleted.
fn require_an_administrator(
    context: &Context<'_>,
    current: &IdentityMembership,
    to: Option<&OrganizationRole>,
) -> Result<(), DirectoryError> {
    check_last_administrator(current.role.built_in(), to.and_then(OrganizationRole::built_in), || {
        let others = context.sql.execute(
            "SELECT 1 FROM identities i JOIN organization_memberships m ON m.identity_id = i.id
             WHERE i.organization_id = ? AND m.role = ? AND i.id <> ? LIMIT 1",
            &[
                current.identity.organization.to_value(),
                BuiltInOrganizationRole::Admin.slug().into(),
                current.identity.id.to_value(),
            ],
        )?;
        Ok(!others.is_empty())
    })
}

fn replace_metadata(
    context: &mut Context<'_>,
    identity: IdentityId,
    entries: &[NewMetadataEntry],
) -> Result<(), SqlError> {
    context.sql.execute("DELETE FROM identity_metadata WHERE identity_id = ?", &[identity.to_value()])?;
    for (position, entry) in (0i64..).zip(entries) {
        let id = MetadataId::from_random(context.randomness.next_16());
        let entry = MetadataEntry { id, key: entry.key.clone(), value: entry.value.clone() };
        StoredMetadataEntry { entry, identity, position }.insert(context.sql)?;
    }
    Ok(())
}

/// The actor's own organization. Any valid token may ask: it is how clients find out whether theirs is one.
///
/// # Errors
/// [`DirectoryError::Storage`].
pub fn details(context: &Context<'_>, actor: &Actor) -> Result<Organization, DirectoryError> {
    let found = organizations::find(context.sql, actor.organization)?;
    Ok(found.ok_or(SqlError::UnexpectedValue { expected: "the actor's organization" })?)
}
