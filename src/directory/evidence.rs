//! Evidence for the data plane, read from the tables: what the replica is given and what `resolve` answers.

use std::rc::Rc;

use crate::directory::change_feed;
use crate::directory::sql::{Row, Sql, SqlError};
use crate::domain::access_token::TokenDigest;
use crate::domain::evidence::{Evidence, EvidenceKey, Facts};
use crate::domain::facts::{AuthMethod, AuthMethodFacts, IdentityFacts, TokenFacts};
use crate::domain::identifiers::{AuthMethodConfigurationId, IdentityId, OrganizationId, TokenId};
use crate::domain::organization_role::OrganizationRole;
use crate::domain::timestamp::Timestamp;
use crate::domain::trusted_ips::TrustedIps;
use crate::domain::uses::UsesLimit;

/// What the authority knows of `key` now.
///
/// # Errors
/// [`SqlError`].
pub fn gather<S: Sql>(sql: &S, key: EvidenceKey, now: Timestamp) -> Result<Evidence, SqlError> {
    let (directory, sequence) = change_feed::head(sql)?;
    let facts = match key {
        EvidenceKey::Token(id) => Facts::Token(token(sql, id)?.map(Rc::new)),
        EvidenceKey::Identity(id) => Facts::Identity(identity(sql, id)?.map(Rc::new)),
    };
    Ok(Evidence { directory, sequence, asserted: now, key, facts })
}

/// What is known of a token; `None` when there is none.
///
/// # Errors
/// [`SqlError`].
pub fn token<S: Sql>(sql: &S, id: TokenId) -> Result<Option<TokenFacts>, SqlError> {
    let rows = sql.execute(
        "SELECT digest, identity_id, auth_method, configuration_id, name, created_at, expires_at, uses_limit, revoked_at
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
pub fn identity<S: Sql>(sql: &S, id: IdentityId) -> Result<Option<IdentityFacts>, SqlError> {
    let rows = sql.execute(
        "SELECT i.name, i.organization_id, m.role, c.id, c.trusted_ips
         FROM identities i
         JOIN organization_memberships m ON m.identity_id = i.id
         LEFT JOIN token_auth_configurations c ON c.identity_id = i.id
         WHERE i.id = ?",
        &[id.to_string().into()],
    )?;
    rows.into_iter().next().map(|row| read_identity(id, row)).transpose()
}

fn read_identity(id: IdentityId, mut row: Row) -> Result<IdentityFacts, SqlError> {
    let name = row.text()?;
    let organization = row.parsed(OrganizationId::parse)?;
    let role = row.parsed(OrganizationRole::from_slug)?;
    let token_auth = match (row.optional_text()?, row.optional_text()?) {
        (Some(configuration), Some(trusted_ips)) => Some(AuthMethodFacts {
            configuration: AuthMethodConfigurationId::parse(&configuration)
                .ok_or(SqlError::UnexpectedValue { expected: "a configuration id" })?,
            trusted_ips: parse_trusted_ips(&trusted_ips)?,
        }),
        (None, _) | (_, None) => None,
    };
    Ok(IdentityFacts { id, name, organization, role, token_auth })
}

/// Reads the column `uses_limit`.
pub(super) fn read_uses_limit(row: &mut Row) -> Result<UsesLimit, SqlError> {
    UsesLimit::from_wire(row.unsigned()?).map_err(|_| SqlError::UnexpectedValue { expected: "a uses limit" })
}

/// Reads the column `trusted_ips`: one entry a line.
pub(super) fn parse_trusted_ips(text: &str) -> Result<TrustedIps, SqlError> {
    TrustedIps::parse(text.lines()).map_err(|_| SqlError::UnexpectedValue { expected: "a list of trusted IPs" })
}

/// Writes the column `trusted_ips`.
pub(super) fn trusted_ips_text(list: &TrustedIps) -> String {
    list.entries().iter().map(|entry| entry.text()).collect::<Vec<_>>().join("\n")
}
