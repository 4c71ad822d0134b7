//! Evidence for the data plane, read from the tables: what the replica is given and what `resolve` answers.

use std::rc::Rc;

use crate::change_feed;
use crate::policy;
use crate::sql::{Row, Sql, SqlError};
use domain::network::trusted_ips::TrustedIps;
use domain::permission::project_role::BuiltInProjectRole;
use domain::permission::role_slug::RoleSlug;
use domain::permission::temporary_access::AccessPeriod;
use domain::token::access_token::TokenDigest;
use domain::token::evidence::{Evidence, EvidenceKey, Facts};
use domain::token::facts::{
    AuthMethod, AuthMethodFacts, HeldProjectRole, IdentityFacts, ProjectMembershipFacts, RoleGrantFacts, TokenFacts,
};
use domain::token::uses::UsesLimit;
use domain::value::identifiers::{
    AuthMethodConfigurationId, ClientSecretId, IdentityId, OrganizationId, ProjectId, RoleId, TokenId,
};
use domain::value::timestamp::Timestamp;

/// What the authority knows of `key` now.
///
/// # Errors
/// [`SqlError`].
pub fn gather<S: Sql>(sql: &S, key: EvidenceKey, now: Timestamp) -> Result<Evidence, SqlError> {
    let (directory, sequence) = change_feed::head(sql)?;
    let facts = match key {
        EvidenceKey::Token(id) => Facts::Token(token(sql, id)?.map(Rc::new)),
        EvidenceKey::Identity(id) => Facts::Identity(identity(sql, id, now)?.map(Rc::new)),
        EvidenceKey::Policy(id) => Facts::Policy(policy::of_organization(sql, id)?.map(Rc::new)),
    };
    Ok(Evidence { directory, sequence, asserted: now, key, facts })
}

/// What is known of a token; `None` when there is none.
///
/// # Errors
/// [`SqlError`].
pub fn token<S: Sql>(sql: &S, id: TokenId) -> Result<Option<TokenFacts>, SqlError> {
    let rows = sql.execute(
        "SELECT digest, identity_id, auth_method, configuration_id, client_secret_id, name, created_at, expires_at, uses_limit, revoked_at
         FROM access_tokens WHERE id = ?",
        &[id.to_string().into()],
    )?;
    rows.into_iter().next().map(|row| read_token(id, row)).transpose()
}

fn read_token(id: TokenId, mut row: Row) -> Result<TokenFacts, SqlError> {
    Ok(TokenFacts {
        id,
        digest: TokenDigest::from_bytes(row.bytes()?),
        identity: row.parsed(IdentityId::parse)?,
        auth_method: row.parsed(AuthMethod::from_name)?,
        configuration: row.parsed(AuthMethodConfigurationId::parse)?,
        client_secret: row.optional_parsed(ClientSecretId::parse)?,
        name: row.optional_text()?,
        created: row.timestamp()?,
        expires: row.optional_timestamp()?,
        uses_limit: read_uses_limit(&mut row)?,
        revoked: row.optional_timestamp()?.is_some(),
    })
}

/// What is known of an identity; `None` when there is none.
///
/// # Errors
/// [`SqlError`].
pub fn identity<S: Sql>(sql: &S, id: IdentityId, now: Timestamp) -> Result<Option<IdentityFacts>, SqlError> {
    let rows = sql.execute(
        "SELECT i.name, i.organization_id, coalesce(r.slug, m.role), t.id, t.trusted_ips, u.id, u.trusted_ips
         FROM identities i
         JOIN organization_memberships m ON m.identity_id = i.id
         LEFT JOIN organization_roles r ON r.id = m.custom_role_id
         LEFT JOIN token_auth_configurations t ON t.identity_id = i.id
         LEFT JOIN universal_auth_configurations u ON u.identity_id = i.id
         WHERE i.id = ?",
        &[id.to_string().into()],
    )?;
    let Some(mut row) = rows.into_iter().next() else { return Ok(None) };
    Ok(Some(IdentityFacts {
        id,
        name: row.text()?,
        organization: row.parsed(OrganizationId::parse)?,
        role: row.parsed(|slug| RoleSlug::parse(slug).ok())?,
        token_auth: read_auth_method(&mut row, Vec::new())?,
        universal_auth: read_auth_method(&mut row, revoked_client_secrets(sql, id, now)?)?,
        projects: projects(sql, id)?,
    }))
}

fn read_auth_method(
    row: &mut Row,
    revoked_client_secrets: Vec<ClientSecretId>,
) -> Result<Option<AuthMethodFacts>, SqlError> {
    let (Some(configuration), Some(trusted_ips)) = (row.optional_text()?, row.optional_text()?) else {
        return Ok(None);
    };
    Ok(Some(AuthMethodFacts {
        configuration: AuthMethodConfigurationId::parse(&configuration)
            .ok_or(SqlError::UnexpectedValue { expected: "a configuration id" })?,
        trusted_ips: parse_trusted_ips(&trusted_ips)?,
        revoked_client_secrets,
    }))
}

/// Client secrets that were revoked while a token obtained with them may still be alive.
fn revoked_client_secrets<S: Sql>(
    sql: &S,
    identity: IdentityId,
    now: Timestamp,
) -> Result<Vec<ClientSecretId>, SqlError> {
    let rows = sql.execute(
        "SELECT id FROM client_secrets
         WHERE identity_id = ? AND revoked_at IS NOT NULL AND tokens_expire_at > ? ORDER BY id",
        &[identity.to_string().into(), now.into()],
    )?;
    rows.into_iter().map(|mut row| row.parsed(ClientSecretId::parse)).collect()
}

/// The projects an identity is a member of, with its roles there, those included that hold for a time only.
fn projects<S: Sql>(sql: &S, identity: IdentityId) -> Result<Vec<ProjectMembershipFacts>, SqlError> {
    let rows = sql.execute(
        "SELECT p.id, p.slug, g.role, r.id, r.slug, g.starts_at, g.ends_at
         FROM project_memberships m
         JOIN projects p ON p.id = m.project_id
         JOIN project_membership_roles g ON g.membership_id = m.id
         LEFT JOIN project_roles r ON r.id = g.custom_role_id
         WHERE m.identity_id = ?
         ORDER BY p.slug, p.id, g.position",
        &[identity.to_string().into()],
    )?;
    let mut memberships: Vec<ProjectMembershipFacts> = Vec::new();
    for mut row in rows {
        let project = row.parsed(ProjectId::parse)?;
        let slug = row.text()?;
        let role = read_held_role(&mut row)?;
        let grant = RoleGrantFacts { role, period: read_period(&mut row)? };
        match memberships.last_mut().filter(|last| last.project == project) {
            Some(last) => last.roles.push(grant),
            None => memberships.push(ProjectMembershipFacts { project, slug, roles: vec![grant] }),
        }
    }
    Ok(memberships)
}

/// Reads the column `role` of a membership's role, and id and slug of the custom role, if it is one.
fn read_held_role(row: &mut Row) -> Result<HeldProjectRole, SqlError> {
    let built_in = row.text()?;
    let custom = (row.optional_parsed(RoleId::parse)?, row.optional_parsed(|slug| RoleSlug::parse(slug).ok())?);
    match custom {
        (Some(id), Some(slug)) => Ok(HeldProjectRole::Custom { id, slug }),
        (None, None) => BuiltInProjectRole::from_slug(&built_in)
            .map(HeldProjectRole::BuiltIn)
            .ok_or(SqlError::UnexpectedValue { expected: "a project role" }),
        (Some(_), None) | (None, Some(_)) => Err(SqlError::UnexpectedValue { expected: "a whole role or none" }),
    }
}

/// Reads the column `uses_limit`.
pub(super) fn read_uses_limit(row: &mut Row) -> Result<UsesLimit, SqlError> {
    UsesLimit::from_wire(row.unsigned()?).map_err(|_| SqlError::UnexpectedValue { expected: "a uses limit" })
}

/// Reads the columns `starts_at` and `ends_at`. Half a period is none of these: it must not become a role for good.
pub(super) fn read_period(row: &mut Row) -> Result<Option<AccessPeriod>, SqlError> {
    match (row.optional_timestamp()?, row.optional_timestamp()?) {
        (Some(start), Some(end)) => Ok(Some(AccessPeriod { start, end })),
        (None, None) => Ok(None),
        (Some(_), None) | (None, Some(_)) => Err(SqlError::UnexpectedValue { expected: "a whole period or none" }),
    }
}

/// Reads the column `trusted_ips`: one entry a line.
pub(super) fn parse_trusted_ips(text: &str) -> Result<TrustedIps, SqlError> {
    TrustedIps::parse(text.lines()).map_err(|_| SqlError::UnexpectedValue { expected: "a list of trusted IPs" })
}

/// Writes the column `trusted_ips`.
pub(super) fn trusted_ips_text(list: &TrustedIps) -> String {
    list.entries().iter().map(|entry| entry.text()).collect::<Vec<_>>().join("\n")
}
