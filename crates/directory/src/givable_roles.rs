//! Which roles an actor may give, told before it tries: a page can then offer no others.
//!
//! Nothing is decided here. The commands that give roles decide by the same rules of the domain
//! ([`granting`](domain::permission::granting)), and ask for more besides: the identity must not hold more than the actor.
//! What an actor lacks are rules of roles, so it is told to those only who may list them.

use crate::context::{Actor, Context};
use crate::error::DirectoryError;
use crate::project_access::{self, ProjectKey};
use crate::tables::custom_role::{StoredRules, rules_within};
use crate::tables::organization_roles::StoredOrganizationRole;
use crate::tables::project_roles::StoredProjectRole;
use domain::permission::ability::{Ability, Rule};
use domain::permission::granting::{Giving, Recipient, giving};
use domain::permission::operation::Operation;
use domain::permission::organization_role::BuiltInOrganizationRole;
use domain::permission::privilege_boundary::Work;
use domain::permission::project_role::BuiltInProjectRole;
use domain::permission::role_slug::RoleSlug;

/// The most bytes of stored rules that one answer reads.
const MOST_RULE_BYTES: u64 = 128 * 1024;

/// Whether a role may be given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GivableRole {
    pub slug: RoleSlug,
    pub giving: Giving,
}

/// Whether a role of a project may be given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GivableProjectRole {
    pub slug: RoleSlug,
    /// For good.
    pub giving: Giving,
    /// For a time at least, however short.
    pub giving_for_a_time: Giving,
}

/// Each role of the actor's organization: the built-in ones, then the custom ones by slug.
///
/// # Errors
/// [`DirectoryError::PermissionDenied`].
pub fn of_organization(
    context: &Context<'_>,
    actor: &Actor,
    to: Recipient,
) -> Result<Vec<GivableRole>, DirectoryError> {
    actor.require(Operation::ListOrganizationRoles)?;
    let built_in = BuiltInOrganizationRole::ALL.map(|role| StoredRules::known(role.into(), role.ability()));
    let custom = rules_within::<StoredOrganizationRole>(context.sql, actor.organization, MOST_RULE_BYTES)?;
    let work = Work::of_a_command();
    let held: Vec<&Rule> = actor.ability.rules().iter().collect();
    let tell = |StoredRules { slug, ability }| {
        let giving = tell(&actor.ability, &held, ability.as_ref(), to, &work);
        GivableRole { slug, giving }
    };
    Ok(built_in.into_iter().chain(custom).map(tell).collect())
}

/// Each role of a project: the built-in ones, then the custom ones by slug.
///
/// # Errors
/// Those of [`project_access::authorize_in_project`], [`DirectoryError::PermissionDenied`].
pub fn of_project(
    context: &Context<'_>,
    actor: &Actor,
    project: &str,
    to: Recipient,
) -> Result<Vec<GivableProjectRole>, DirectoryError> {
    let access = project_access::enter_for(context, actor, ProjectKey::Id(project), Operation::ListProjectRoles)?;
    let built_in = BuiltInProjectRole::ALL.map(|role| StoredRules::known(role.into(), role.ability()));
    let custom = rules_within::<StoredProjectRole>(context.sql, access.project.id, MOST_RULE_BYTES)?;
    let work = Work::of_a_command();
    let for_good: Vec<&Rule> = access.certain_rules(None).collect();
    let for_a_time: Vec<&Rule> = access.certain_rules(Some(context.now)).collect();
    let tell = |StoredRules { slug, ability }| {
        let tell = |lasting: &[&Rule]| tell(access.ability(), lasting, ability.as_ref(), to, &work);
        let giving = tell(&for_good);
        let giving_for_a_time = match &giving {
            // What may be given for good may be given for a time.
            Giving::Allowed => Giving::Allowed,
            Giving::Beyond(_) | Giving::Uncertain => tell(&for_a_time),
        };
        GivableProjectRole { slug, giving, giving_for_a_time }
    };
    Ok(built_in.into_iter().chain(custom).map(tell).collect())
}

fn tell(held: &Ability, lasting: &[&Rule], role: Option<&Ability>, to: Recipient, work: &Work) -> Giving {
    match role {
        // Once no work is left, only a look at every rule could tell anything more.
        Some(role) if !work.is_spent() => giving(held, lasting.iter().copied(), role, to, work),
        Some(_) | None => Giving::Uncertain,
    }
}
