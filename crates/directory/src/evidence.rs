//! Evidence for the data plane, read from the tables: what the replica is given and what `resolve` answers.

use std::rc::Rc;

use crate::change_feed;
use crate::policy;
use crate::sql::{Column, Sql, SqlError};
use crate::tables::access_tokens::{self, ProvableToken};
use crate::tables::custom_role::{NamedRole, RoleReference};
use crate::tables::identities::StoredIdentity;
use crate::tables::record::{Columns, columns};
use domain::network::trusted_ips::TrustedIps;
use domain::permission::project_role::BuiltInProjectRole;
use domain::permission::temporary_access::AccessPeriod;
use domain::token::evidence::{Evidence, EvidenceKey, Facts};
use domain::token::facts::{
    AuthMethodFacts, HeldProjectRole, IdentityFacts, ProjectMembershipFacts, RoleGrantFacts, TokenFacts,
};
use domain::value::identifiers::{AuthMethodConfigurationId, ClientSecretId, IdentityId, TokenId};
use domain::value::timestamp::Timestamp;

/// What the authority knows of `key` now.
pub fn gather(sql: &dyn Sql, key: EvidenceKey, now: Timestamp) -> Result<Evidence, SqlError> {
    let (directory, sequence) = change_feed::head(sql)?;
    let facts = match key {
        EvidenceKey::Token(id) => Facts::Token(token(sql, id)?.map(Rc::new)),
        EvidenceKey::Identity(id) => Facts::Identity(identity(sql, id, now)?.map(Rc::new)),
        EvidenceKey::Policy(id) => Facts::Policy(policy::of_organization(sql, id)?.map(Rc::new)),
    };
    Ok(Evidence { directory, sequence, asserted: now, key, facts })
}

/// What is known of a token; `None` when there is none.
pub fn token(sql: &dyn Sql, id: TokenId) -> Result<Option<TokenFacts>, SqlError> {
    let Some(ProvableToken { token, configuration, digest }) = access_tokens::find(sql, id)? else { return Ok(None) };
    Ok(Some(TokenFacts {
        id,
        digest,
        identity: token.identity,
        auth_method: token.auth_method,
        configuration,
        client_secret: token.client_secret,
        name: token.name,
        created: token.created,
        expires: token.expires,
        uses_limit: token.uses_limit,
        revoked: token.revoked.is_some(),
    }))
}

/// What is known of an identity; `None` when there is none.
pub fn identity(sql: &dyn Sql, id: IdentityId, now: Timestamp) -> Result<Option<IdentityFacts>, SqlError> {
    let rows = sql.execute(
        &format!(
            "SELECT {}, coalesce(r.slug, m.role), {}, {}
             FROM identities i
             JOIN organization_memberships m ON m.identity_id = i.id
             LEFT JOIN organization_roles r ON r.id = m.custom_role_id
             LEFT JOIN token_auth_configurations t ON t.identity_id = i.id
             LEFT JOIN universal_auth_configurations u ON u.identity_id = i.id
             WHERE i.id = ?",
            StoredIdentity::of("i"),
            Attachment::of("t"),
            Attachment::of("u")
        ),
        &[id.to_value()],
    )?;
    let Some(mut row) = rows.into_iter().next() else { return Ok(None) };
    let stored = StoredIdentity::read(&mut row)?;
    let role = row.read()?;
    let token_auth = Option::<Attachment>::read(&mut row)?;
    let universal_auth = Option::<Attachment>::read(&mut row)?;
    let revoked = revoked_client_secrets(sql, id, now)?;
    Ok(Some(IdentityFacts {
        id,
        name: stored.name,
        organization: stored.organization,
        role,
        token_auth: token_auth.map(|attachment| attachment.facts(Vec::new())),
        universal_auth: universal_auth.map(|attachment| attachment.facts(revoked)),
        projects: projects(sql, id)?,
    }))
}

/// What the data plane is told of an attached authentication method.
struct Attachment {
    id: AuthMethodConfigurationId,
    trusted_ips: TrustedIps,
}

columns! { Attachment { id: AuthMethodConfigurationId = "id", trusted_ips: TrustedIps = "trusted_ips" } }

impl Attachment {
    fn facts(self, revoked_client_secrets: Vec<ClientSecretId>) -> AuthMethodFacts {
        AuthMethodFacts { configuration: self.id, trusted_ips: self.trusted_ips, revoked_client_secrets }
    }
}

/// Client secrets that were revoked while a token obtained with them may still be alive.
fn revoked_client_secrets(
    sql: &dyn Sql,
    identity: IdentityId,
    now: Timestamp,
) -> Result<Vec<ClientSecretId>, SqlError> {
    let rows = sql.execute(
        "SELECT id FROM client_secrets
         WHERE identity_id = ? AND revoked_at IS NOT NULL AND tokens_expire_at > ? ORDER BY id",
        &[identity.to_value(), now.to_value()],
    )?;
    rows.into_iter().map(|mut row| row.read()).collect()
}

/// The projects an identity is a member of, with its roles there, those included that hold for a time only.
fn projects(sql: &dyn Sql, identity: IdentityId) -> Result<Vec<ProjectMembershipFacts>, SqlError> {
    let rows = sql.execute(
        &format!(
            "SELECT p.id, p.slug, {}, {}, {}
             FROM project_memberships m
             JOIN projects p ON p.id = m.project_id
             JOIN project_membership_roles g ON g.membership_id = m.id
             LEFT JOIN project_roles r ON r.id = g.custom_role_id
             WHERE m.identity_id = ?
             ORDER BY p.slug, p.id, g.position",
            RoleReference::of("g"),
            NamedRole::of("r"),
            AccessPeriod::of("g")
        ),
        &[identity.to_value()],
    )?;
    let mut memberships: Vec<ProjectMembershipFacts> = Vec::new();
    for mut row in rows {
        let project = row.read()?;
        let slug = row.read()?;
        let role = held_role(Columns::read(&mut row)?, Columns::read(&mut row)?)?;
        let grant = RoleGrantFacts { role, period: Columns::read(&mut row)? };
        match memberships.last_mut().filter(|last| last.project == project) {
            Some(last) => last.roles.push(grant),
            None => memberships.push(ProjectMembershipFacts { project, slug, roles: vec![grant] }),
        }
    }
    Ok(memberships)
}

fn held_role(reference: RoleReference, custom: Option<NamedRole>) -> Result<HeldProjectRole, SqlError> {
    let built_in = |slug: &str| BuiltInProjectRole::from_slug(slug).map(HeldProjectRole::BuiltIn);
    reference.resolve(custom, built_in, |NamedRole { id, slug, .. }| HeldProjectRole::Custom { id, slug })
}
