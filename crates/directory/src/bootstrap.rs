//! Bootstrap: the first organization, the first administrator and the first token. Once.

use crate::audit::{AuditActor, Target};
use crate::context::Context;
use crate::error::DirectoryError;
use crate::identities;
use crate::journal::{self, Change};
use crate::tables::organization_roles::OrganizationRole;
use crate::tables::organizations::Organization;
use crate::tables::record::Record;
use crate::token_auth;
use crate::tokens::{self, CreatedToken};
use domain::permission::operation::Operation;
use domain::permission::organization_role::BuiltInOrganizationRole;
use domain::token::evidence::EvidenceKey;
use domain::token::token_auth_configuration::TokenAuthConfiguration;
use domain::value::identifiers::{IdentityId, OrganizationId};
use domain::value::names::Name;

/// What the first identity is called.
pub const ADMINISTRATOR_NAME: &str = "Instance Admin Identity";
/// What the first token is called.
pub const ADMINISTRATOR_TOKEN_NAME: &str = "Instance Admin Token";

/// What bootstrapping made.
#[derive(Debug)]
pub struct Bootstrapped {
    pub organization: Organization,
    /// The administrator's id.
    pub identity: IdentityId,
    /// The administrator's token, with the only copy of its secret.
    pub token: CreatedToken,
}

/// Makes the organization, an administrator and a token for it. That the caller knows `AUTH_SECRET` has been proved
/// before.
///
/// # Errors
/// [`DirectoryError::AlreadyBootstrapped`].
pub fn bootstrap(context: &mut Context<'_>, organization: &Name) -> Result<Bootstrapped, DirectoryError> {
    if !context.sql.execute("SELECT 1 FROM organizations LIMIT 1", &[])?.is_empty() {
        return Err(DirectoryError::AlreadyBootstrapped);
    }
    let organization = insert_organization(context, organization)?;
    let administrator = OrganizationRole::BuiltIn(BuiltInOrganizationRole::Admin);
    let identity = identities::insert(context, organization.id, ADMINISTRATOR_NAME, &administrator, false)?;
    let attached = token_auth::insert(context, identity, TokenAuthConfiguration::unlimited())?;
    let token = tokens::insert(context, attached, Some(ADMINISTRATOR_TOKEN_NAME.to_owned()))?;
    let changes =
        [Change::Creates(EvidenceKey::Identity(identity)), Change::Creates(EvidenceKey::Token(token.token.id))];
    journal::record(
        context,
        AuditActor::Bootstrap(organization.id),
        Operation::AdminBootstrap,
        Target::Organization(organization.id),
        &changes,
    )?;
    Ok(Bootstrapped { organization, identity, token })
}

fn insert_organization(context: &mut Context<'_>, name: &Name) -> Result<Organization, DirectoryError> {
    let id = OrganizationId::from_random(context.randomness.next_16());
    let slug = match name.slug() {
        slug if slug.is_empty() => id.to_string(),
        slug => slug,
    };
    let name = name.as_str().to_owned();
    let organization = Organization { id, name, slug, created: context.now, updated: context.now };
    organization.insert(context.sql)?;
    Ok(organization)
}
