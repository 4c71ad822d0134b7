//! Organization roles: create, change, delete, look up.
//!
//! **Invariant**: nobody makes, changes or deletes a role that allows more than they may do themselves; so no chain of
//! these commands leads anybody above where the actors started.

use crate::audit::Target;
use crate::context::{Actor, Context};
use crate::error::DirectoryError;
use crate::journal::{self, Change};
use crate::outcome::{Changed, Removed};
use crate::sql::{self, Column, Sql, SqlError};
use crate::tables::organization_roles::{self as table, StoredOrganizationRole};
use crate::tables::organizations;
use crate::tables::record::Record;
use domain::permission::ability::{Ability, Rule};
use domain::permission::operation::Operation;
use domain::permission::organization_role::BuiltInOrganizationRole;
use domain::permission::privilege_boundary::check_boundary;
use domain::permission::role_slug::RoleSlug;
use domain::token::evidence::EvidenceKey;
use domain::value::identifiers::{OrganizationId, RoleId};
use domain::value::names::Name;
use domain::value::timestamp::Timestamp;

pub use crate::error::organization_roles::{Holder, OrganizationRolesError};
pub use crate::tables::organization_roles::{CUSTOM, CustomRole, CustomRoleSummary, ListedRole, OrganizationRole};

/// The most custom roles an organization may have: a list of them is answered whole.
pub const MAXIMUM_ROLES: u64 = 1_000;

/// The most identities that may have a role whose slug is changed. The evidence about each of them shows the slug, so the
/// change is announced for all of them at once: two statements for each, in one transaction.
pub const MAXIMUM_HOLDERS_OF_A_CHANGED_SLUG: u64 = 1_000;

/// How many identities a refused deletion names at most.
const NAMED_HOLDERS: i64 = 20;

/// A role to be created.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewRole {
    /// Its slug, which is not reserved.
    pub slug: RoleSlug,
    pub name: Name,
    /// What it is for.
    pub description: Option<String>,
    pub rules: Vec<Rule>,
}

/// What to change of a role; `None` leaves a field as it is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RoleChanges {
    /// The new slug, which is not reserved.
    pub slug: Option<RoleSlug>,
    /// The new name.
    pub name: Option<Name>,
    /// The new description, or that there is none any more.
    pub description: Option<Option<String>>,
    /// The new rules.
    pub rules: Option<Vec<Rule>>,
}

/// A role that was looked up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FoundRole {
    pub role: OrganizationRole,
    /// When the organization was founded, and its built-in roles with it.
    pub founded: Timestamp,
}

/// The roles that an organization has beside the built-in ones.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RoleList {
    /// When the organization was founded, and its built-in roles with it.
    pub founded: Timestamp,
    /// The custom roles, by slug.
    pub custom: Vec<CustomRoleSummary>,
}

/// Creates a role.
///
/// # Errors
/// [`DirectoryError::PermissionDenied`], [`DirectoryError::BeyondBoundary`], [`OrganizationRolesError::SlugTaken`],
/// [`OrganizationRolesError::TooMany`].
pub fn create(context: &mut Context<'_>, actor: &Actor, new: &NewRole) -> Result<CustomRole, DirectoryError> {
    actor.require(Operation::CreateOrganizationRole)?;
    require_boundary(actor, &new.rules, Operation::CreateOrganizationRole)?;
    require_free_slug(context.sql, actor, &new.slug, None)?;
    let count = "SELECT count(*) FROM organization_roles WHERE organization_id = ?";
    if sql::count(context.sql.execute(count, &[actor.organization.to_value()])?)? >= MAXIMUM_ROLES {
        return Err(OrganizationRolesError::TooMany.into());
    }
    let role = CustomRole {
        id: RoleId::from_random(context.randomness.next_16()),
        slug: new.slug.clone(),
        name: new.name.as_str().to_owned(),
        description: new.description.clone(),
        rules: new.rules.clone(),
        created: context.now,
        updated: context.now,
    };
    StoredOrganizationRole { role: role.clone(), organization: actor.organization }.insert(context.sql)?;
    journal::record(context, actor, Operation::CreateOrganizationRole, Target::OrganizationRole(role.id), &[])?;
    Ok(role)
}

/// Changes a role. New rules are in force for the next command of each identity that has the role.
///
/// # Errors
/// [`DirectoryError::PermissionDenied`], [`OrganizationRolesError::NotFound`], [`DirectoryError::BeyondBoundary`],
/// [`OrganizationRolesError::SlugTaken`], [`OrganizationRolesError::TooManyHolders`].
pub fn update(
    context: &mut Context<'_>,
    actor: &Actor,
    id: &str,
    changes: &RoleChanges,
) -> Result<Changed<CustomRole>, DirectoryError> {
    actor.require(Operation::UpdateOrganizationRole)?;
    let current = get_in(context.sql, actor.organization, id)?;
    // Who holds less than the role could lame those who have it, or change who it lets in.
    require_boundary(actor, &current.rules, Operation::UpdateOrganizationRole)?;
    let changed = CustomRole {
        id: current.id,
        slug: changes.slug.clone().unwrap_or_else(|| current.slug.clone()),
        name: changes.name.as_ref().map_or(current.name.as_str(), Name::as_str).to_owned(),
        description: changes.description.clone().unwrap_or_else(|| current.description.clone()),
        rules: changes.rules.clone().unwrap_or_else(|| current.rules.clone()),
        created: current.created,
        updated: context.now,
    };
    require_boundary(actor, &changed.rules, Operation::UpdateOrganizationRole)?;
    let mut announced = Vec::new();
    if changed.slug != current.slug {
        require_free_slug(context.sql, actor, &changed.slug, Some(current.id))?;
        announced = holders_to_announce(context.sql, current.id)?;
    }
    StoredOrganizationRole { role: changed.clone(), organization: actor.organization }.update(context.sql)?;
    journal::record(
        context,
        actor,
        Operation::UpdateOrganizationRole,
        Target::OrganizationRole(current.id),
        &announced,
    )?;
    Ok(Changed { before: current, after: changed })
}

/// Deletes a role that no identity has.
///
/// # Errors
/// [`DirectoryError::PermissionDenied`], [`OrganizationRolesError::NotFound`], [`DirectoryError::BeyondBoundary`],
/// [`OrganizationRolesError::InUse`].
pub fn delete(context: &mut Context<'_>, actor: &Actor, id: &str) -> Result<Removed<CustomRole>, DirectoryError> {
    actor.require(Operation::DeleteOrganizationRole)?;
    let current = get_in(context.sql, actor.organization, id)?;
    require_boundary(actor, &current.rules, Operation::DeleteOrganizationRole)?;
    let count = count_holders(context.sql, current.id)?;
    if count > 0 {
        return Err(
            OrganizationRolesError::InUse { named: name_holders(context.sql, actor, current.id)?, count }.into()
        );
    }
    context.sql.execute("DELETE FROM organization_roles WHERE id = ?", &[current.id.to_value()])?;
    journal::record(context, actor, Operation::DeleteOrganizationRole, Target::OrganizationRole(current.id), &[])?;
    Ok(Removed(current))
}

/// Looks a role up by its id; that of a built-in one is its slug.
///
/// # Errors
/// [`DirectoryError::PermissionDenied`], [`OrganizationRolesError::NotFound`].
pub fn get(context: &Context<'_>, actor: &Actor, id: &str) -> Result<FoundRole, DirectoryError> {
    actor.require(Operation::GetOrganizationRole)?;
    let role = match BuiltInOrganizationRole::from_slug(id) {
        Some(role) => OrganizationRole::BuiltIn(role),
        None => OrganizationRole::Custom(get_in(context.sql, actor.organization, id)?),
    };
    Ok(FoundRole { role, founded: founded(context.sql, actor.organization)? })
}

/// Looks a role up by its slug, built-in ones included.
///
/// # Errors
/// [`DirectoryError::PermissionDenied`], [`DirectoryError::RoleNotFound`].
pub fn get_by_slug(context: &Context<'_>, actor: &Actor, slug: &str) -> Result<FoundRole, DirectoryError> {
    actor.require(Operation::GetOrganizationRole)?;
    let role = table::find(context.sql, actor.organization, slug)?
        .ok_or_else(|| DirectoryError::RoleNotFound { slug: slug.to_owned() })?;
    Ok(FoundRole { role, founded: founded(context.sql, actor.organization)? })
}

/// When an organization was founded.
fn founded(sql: &dyn Sql, organization: OrganizationId) -> Result<Timestamp, SqlError> {
    let found = organizations::find(sql, organization)?;
    Ok(found.ok_or(SqlError::UnexpectedValue { expected: "the actor's organization" })?.created)
}

/// Lists the custom roles of the actor's organization by slug.
///
/// # Errors
/// [`DirectoryError::PermissionDenied`].
pub fn list(context: &Context<'_>, actor: &Actor) -> Result<RoleList, DirectoryError> {
    actor.require(Operation::ListOrganizationRoles)?;
    let custom = table::summaries(context.sql, actor.organization, MAXIMUM_ROLES)?;
    Ok(RoleList { founded: founded(context.sql, actor.organization)?, custom })
}

/// The role with this id in this organization.
pub(super) fn get_in(sql: &dyn Sql, organization: OrganizationId, id: &str) -> Result<CustomRole, DirectoryError> {
    let not_found = || OrganizationRolesError::NotFound { id: id.to_owned() };
    let role = RoleId::parse(id).ok_or_else(not_found)?;
    Ok(table::find_by_id(sql, organization, role)?.ok_or_else(not_found)?)
}

fn require_boundary(actor: &Actor, rules: &[Rule], operation: Operation) -> Result<(), DirectoryError> {
    check_boundary(&actor.ability, &Ability::new(rules.to_vec())).map_err(|beyond| actor.beyond(operation, beyond))
}

fn require_free_slug(
    sql: &dyn Sql,
    actor: &Actor,
    slug: &RoleSlug,
    except: Option<RoleId>,
) -> Result<(), DirectoryError> {
    let taken = sql.execute(
        "SELECT 1 FROM organization_roles WHERE organization_id = ? AND slug = ? AND id IS NOT ?",
        &[actor.organization.to_value(), slug.as_str().into(), except.to_value()],
    )?;
    if taken.is_empty() { Ok(()) } else { Err(OrganizationRolesError::SlugTaken { slug: slug.clone() }.into()) }
}

fn count_holders(sql: &dyn Sql, role: RoleId) -> Result<u64, SqlError> {
    let statement = "SELECT count(*) FROM organization_memberships WHERE custom_role_id = ?";
    sql::count(sql.execute(statement, &[role.to_value()])?)
}

/// The evidence about these identities shows the slug of the role.
fn holders_to_announce(sql: &dyn Sql, role: RoleId) -> Result<Vec<Change>, DirectoryError> {
    let count = count_holders(sql, role)?;
    if count > MAXIMUM_HOLDERS_OF_A_CHANGED_SLUG {
        return Err(OrganizationRolesError::TooManyHolders { count }.into());
    }
    let rows =
        sql.execute("SELECT identity_id FROM organization_memberships WHERE custom_role_id = ?", &[role.to_value()])?;
    rows.into_iter().map(|mut row| Ok(Change::Narrows(EvidenceKey::Identity(row.read()?)))).collect()
}

/// Some identities that have the role. Those that the actor may not see stay unnamed.
fn name_holders(sql: &dyn Sql, actor: &Actor, role: RoleId) -> Result<Vec<Holder>, SqlError> {
    let rows = sql.execute(
        "SELECT i.id, i.name FROM organization_memberships m JOIN identities i ON i.id = m.identity_id
         WHERE m.custom_role_id = ? ORDER BY i.name, i.id LIMIT ?",
        &[role.to_value(), NAMED_HOLDERS.into()],
    )?;
    let mut holders = Vec::with_capacity(rows.len());
    for mut row in rows {
        let holder = Holder { id: row.read()?, name: row.read()? };
        if actor.require_on_identity(Operation::GetIdentity, &holder.id.to_string()).is_ok() {
            holders.push(holder);
        }
    }
    Ok(holders)
}
