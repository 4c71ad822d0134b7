//! Access tokens: create, list, look up, rename, revoke.

use crate::audit::{AuditActor, AuditEntry};
use crate::context::{Actor, Context};
use crate::error::DirectoryError;
use crate::evidence::read_uses_limit;
use crate::identities::{self, IdentityMembership, require_control};
use crate::journal::{self, Change};
use crate::sql::{Row, Sql, SqlError};
use crate::token_auth::{self, AttachedTokenAuth};
use domain::permission::operation::Operation;
use domain::token::access_token::AccessToken;
use domain::token::evidence::EvidenceKey;
use domain::token::facts::AuthMethod;
use domain::token::lifetime::Lifetime;
use domain::token::uses::UsesLimit;
use domain::value::identifiers::{AuthMethodConfigurationId, ClientSecretId, IdentityId, OrganizationId, TokenId};
use domain::value::timestamp::{Seconds, Timestamp};

/// A token as it is stored: everything but its secret.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredToken {
    /// Its public id.
    pub id: TokenId,
    /// Whose it is.
    pub identity: IdentityId,
    /// How it came to be.
    pub auth_method: AuthMethod,
    /// The client secret it was obtained with, for Universal Auth.
    pub client_secret: Option<ClientSecretId>,
    /// What the operator calls it.
    pub name: Option<String>,
    /// The TTL it was created with, under the ceiling; 0 for none.
    pub ttl: Seconds,
    /// The max TTL it was created with, under the ceiling; 0 for none.
    pub max_ttl: Seconds,
    /// The period it was created with; 0 for none.
    pub period: Seconds,
    /// How often it may be used.
    pub uses_limit: UsesLimit,
    /// How often it has been used, as last reported by its counter.
    pub uses: u64,
    /// When it expires; `None` is never.
    pub expires: Option<Timestamp>,
    /// When it was last used, as last reported by its counter.
    pub last_used: Option<Timestamp>,
    /// When it was last renewed.
    pub last_renewed: Option<Timestamp>,
    /// When it was revoked.
    pub revoked: Option<Timestamp>,
    /// When it was created.
    pub created: Timestamp,
    /// When it was last changed.
    pub updated: Timestamp,
}

impl StoredToken {
    /// In how many seconds from its creation it expires, unless it is renewed; 0 for never.
    pub fn expires_in(&self) -> Seconds {
        self.expires.map_or(Seconds::ZERO, |expires| expires.seconds_since(self.created))
    }
}

/// A token that was just created, with the only copy of its secret.
#[derive(Debug)]
pub struct CreatedToken {
    /// The plaintext, shown once.
    pub plaintext: AccessToken,
    /// The configuration it was created under.
    pub token_auth: AttachedTokenAuth,
    /// What is stored.
    pub token: StoredToken,
}

/// Creates a token for an identity.
///
/// # Errors
/// [`DirectoryError::PermissionDenied`], [`DirectoryError::IdentityNotFound`], [`DirectoryError::TokenAuthNotAttached`],
/// [`DirectoryError::BeyondBoundary`].
pub fn create<S: Sql>(
    context: &mut Context<'_, S>,
    actor: &Actor,
    identity: &str,
    name: Option<String>,
) -> Result<CreatedToken, DirectoryError> {
    actor.require_on_identity(Operation::CreateTokenAuthToken, identity)?;
    let target = token_auth::target(context, actor, identity)?;
    let token_auth = token_auth::find(context.sql, target.identity.id)?.ok_or(DirectoryError::TokenAuthNotAttached)?;
    require_control(context, actor, &target, Operation::CreateTokenAuthToken)?;
    let created = insert(context, token_auth, name)?;
    let id = created.token.id;
    record(context, actor, "createTokenAuthToken", id, Change::Creates(EvidenceKey::Token(id)))?;
    Ok(created)
}

/// Issues a token of Token Auth; the caller records the command.
pub(super) fn insert<S: Sql>(
    context: &mut Context<'_, S>,
    token_auth: AttachedTokenAuth,
    name: Option<String>,
) -> Result<CreatedToken, DirectoryError> {
    let new = NewToken {
        identity: token_auth.identity,
        auth_method: AuthMethod::TokenAuth,
        configuration: token_auth.id,
        client_secret: None,
        name,
        lifetime: token_auth.configuration.lifetime,
        period: Seconds::ZERO,
        uses_limit: token_auth.configuration.uses_limit,
    };
    let (plaintext, token) = issue(context, new)?;
    Ok(CreatedToken { plaintext, token_auth, token })
}

/// A token to be issued.
pub(super) struct NewToken {
    /// Whose it is.
    pub(super) identity: IdentityId,
    /// How it comes to be.
    pub(super) auth_method: AuthMethod,
    /// The attachment of that method.
    pub(super) configuration: AuthMethodConfigurationId,
    /// The client secret it is obtained with, for Universal Auth.
    pub(super) client_secret: Option<ClientSecretId>,
    /// What the operator calls it.
    pub(super) name: Option<String>,
    /// How long it lives.
    pub(super) lifetime: Lifetime,
    /// Its period; 0 for none.
    pub(super) period: Seconds,
    /// How often it may be used.
    pub(super) uses_limit: UsesLimit,
}

/// Issues a token and writes its row and its identity's last login; the caller records the command.
pub(super) fn issue<S: Sql>(
    context: &mut Context<'_, S>,
    new: NewToken,
) -> Result<(AccessToken, StoredToken), SqlError> {
    let id = TokenId::from_random(context.randomness.next_16());
    let plaintext = AccessToken::issue(id, &context.randomness.next_32(), &context.settings.token_keys);
    let token = StoredToken {
        id,
        identity: new.identity,
        auth_method: new.auth_method,
        client_secret: new.client_secret,
        name: new.name,
        ttl: new.lifetime.ttl_of_a_token(context.settings.ttl_ceiling),
        max_ttl: new.lifetime.max_ttl_of_a_token(context.settings.ttl_ceiling),
        period: new.period,
        uses_limit: new.uses_limit,
        uses: 0,
        expires: new.lifetime.expiry_at_creation(context.now, context.settings.ttl_ceiling),
        last_used: None,
        last_renewed: None,
        revoked: None,
        created: context.now,
        updated: context.now,
    };
    context.sql.execute(
        "INSERT INTO access_tokens
            (id, identity_id, auth_method, configuration_id, client_secret_id, digest, name, ttl, max_ttl, period,
             uses_limit, uses, expires_at, created_at, updated_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?)",
        &[
            id.to_string().into(),
            token.identity.to_string().into(),
            token.auth_method.name().into(),
            new.configuration.to_string().into(),
            token.client_secret.map(|secret| secret.to_string()).into(),
            plaintext.digest().as_bytes().to_vec().into(),
            token.name.clone().into(),
            token.ttl.get().into(),
            token.max_ttl.get().into(),
            token.period.get().into(),
            token.uses_limit.to_wire().into(),
            token.expires.into(),
            context.now.into(),
            context.now.into(),
        ],
    )?;
    context.sql.execute(
        "UPDATE organization_memberships SET last_login_auth_method = ?, last_login_at = ? WHERE identity_id = ?",
        &[token.auth_method.name().into(), context.now.into(), token.identity.to_string().into()],
    )?;
    Ok((plaintext, token))
}

/// Lists the Token Auth tokens of an identity, the last changed first. Revoked ones are included.
///
/// # Errors
/// [`DirectoryError::PermissionDenied`], [`DirectoryError::IdentityNotFound`], [`DirectoryError::TokenAuthNotAttached`].
pub fn list<S: Sql>(
    context: &Context<'_, S>,
    actor: &Actor,
    identity: &str,
    offset: u64,
    limit: u64,
) -> Result<Vec<StoredToken>, DirectoryError> {
    actor.require_on_identity(Operation::GetTokenAuthTokens, identity)?;
    let target = token_auth::target(context, actor, identity)?;
    if token_auth::find(context.sql, target.identity.id)?.is_none() {
        return Err(DirectoryError::TokenAuthNotAttached);
    }
    let rows = context.sql.execute(
        &format!(
            "{SELECT} WHERE t.identity_id = ? AND t.auth_method = ?
             ORDER BY t.updated_at DESC, t.id LIMIT ? OFFSET ?"
        ),
        &[target.identity.id.to_string().into(), AuthMethod::TokenAuth.name().into(), limit.into(), offset.into()],
    )?;
    rows.into_iter().map(|row| read(row).map_err(DirectoryError::from)).collect()
}

/// Looks a token up.
///
/// # Errors
/// [`DirectoryError::PermissionDenied`], [`DirectoryError::TokenNotFound`].
pub fn get<S: Sql>(context: &Context<'_, S>, actor: &Actor, id: &str) -> Result<StoredToken, DirectoryError> {
    Ok(permitted(context, actor, Operation::GetTokenAuthToken, id)?.0)
}

/// Renames a token; `None` leaves its name as it is.
///
/// # Errors
/// [`DirectoryError::PermissionDenied`], [`DirectoryError::TokenNotFound`], [`DirectoryError::BeyondBoundary`].
pub fn rename<S: Sql>(
    context: &mut Context<'_, S>,
    actor: &Actor,
    id: &str,
    name: Option<String>,
) -> Result<StoredToken, DirectoryError> {
    let (token, owner) = permitted(context, actor, Operation::UpdateTokenAuthToken, id)?;
    require_control(context, actor, &owner, Operation::UpdateTokenAuthToken)?;
    context.sql.execute(
        "UPDATE access_tokens SET name = coalesce(?, name), updated_at = ? WHERE id = ?",
        &[name.into(), context.now.into(), token.id.to_string().into()],
    )?;
    record(context, actor, "updateTokenAuthToken", token.id, Change::Alters(EvidenceKey::Token(token.id)))?;
    Ok(get_in(context.sql, actor.organization, id)?.0)
}

/// Revokes a token for good. Revoking it again changes nothing.
///
/// DIFFERENCE: Infisical answers 404 for a token that is already revoked, which makes a repeated request fail.
///
/// # Errors
/// [`DirectoryError::PermissionDenied`], [`DirectoryError::TokenToRevokeNotFound`], [`DirectoryError::BeyondBoundary`].
pub fn revoke<S: Sql>(context: &mut Context<'_, S>, actor: &Actor, id: &str) -> Result<(), DirectoryError> {
    let (token, owner) =
        permitted(context, actor, Operation::RevokeTokenAuthToken, id).map_err(|error| match error {
            DirectoryError::TokenNotFound { id } => DirectoryError::TokenToRevokeNotFound { id },
            other => other,
        })?;
    require_control(context, actor, &owner, Operation::RevokeTokenAuthToken)?;
    if token.revoked.is_none() {
        mark_revoked(context, token.id)?;
        record(context, actor, "revokeTokenAuthToken", token.id, Change::Narrows(EvidenceKey::Token(token.id)))?;
    }
    Ok(())
}

/// Writes the revocation; the caller records the command.
pub(super) fn mark_revoked<S: Sql>(context: &Context<'_, S>, id: TokenId) -> Result<(), SqlError> {
    context.sql.execute(
        "UPDATE access_tokens SET revoked_at = ?, updated_at = ? WHERE id = ? AND revoked_at IS NULL",
        &[context.now.into(), context.now.into(), id.to_string().into()],
    )?;
    Ok(())
}

/// The token with this id, if the actor may do this to its identity. Of a token that is not there nobody knows the
/// identity, so that an actor whose permission depends on it is refused either way.
fn permitted<S: Sql>(
    context: &Context<'_, S>,
    actor: &Actor,
    operation: Operation,
    id: &str,
) -> Result<(StoredToken, IdentityMembership), DirectoryError> {
    match get_in(context.sql, actor.organization, id) {
        Ok((token, owner)) => {
            actor.require_on_identity(operation, &token.identity.to_string())?;
            Ok((token, owner))
        }
        Err(error) => {
            actor.require(operation)?;
            Err(error)
        }
    }
}

/// The token with this id in this organization, and its identity.
///
/// DIFFERENCE: Infisical finds tokens of Token Auth only. Here every token can be revoked by its id.
pub(super) fn get_in<S: Sql>(
    sql: &S,
    organization: OrganizationId,
    id: &str,
) -> Result<(StoredToken, IdentityMembership), DirectoryError> {
    let not_found = || DirectoryError::TokenNotFound { id: id.to_owned() };
    let token = TokenId::parse(id).ok_or_else(not_found)?;
    let rows = sql.execute(
        &format!("{SELECT} WHERE i.organization_id = ? AND t.id = ?"),
        &[organization.to_string().into(), token.to_string().into()],
    )?;
    let stored = read(rows.into_iter().next().ok_or_else(not_found)?)?;
    let owner = identities::get_in(sql, organization, &stored.identity.to_string())?;
    Ok((stored, owner))
}

/// The columns that [`read`] reads.
const SELECT: &str =
    "SELECT t.id, t.identity_id, t.auth_method, t.client_secret_id, t.name, t.ttl, t.max_ttl, t.period,
        t.uses_limit, t.uses, t.expires_at, t.last_used_at, t.last_renewed_at, t.revoked_at, t.created_at, t.updated_at
    FROM access_tokens t
    JOIN identities i ON i.id = t.identity_id";

fn read(mut row: Row) -> Result<StoredToken, SqlError> {
    Ok(StoredToken {
        id: row.parsed(TokenId::parse)?,
        identity: row.parsed(IdentityId::parse)?,
        auth_method: row.parsed(AuthMethod::from_name)?,
        client_secret: row.optional_parsed(ClientSecretId::parse)?,
        name: row.optional_text()?,
        ttl: Seconds::new(row.unsigned()?),
        max_ttl: Seconds::new(row.unsigned()?),
        period: Seconds::new(row.unsigned()?),
        uses_limit: read_uses_limit(&mut row)?,
        uses: row.unsigned()?,
        expires: row.optional_timestamp()?,
        last_used: row.optional_timestamp()?,
        last_renewed: row.optional_timestamp()?,
        revoked: row.optional_timestamp()?,
        created: row.timestamp()?,
        updated: row.timestamp()?,
    })
}

fn record<S: Sql>(
    context: &Context<'_, S>,
    actor: &Actor,
    action: &'static str,
    token: TokenId,
    change: Change,
) -> Result<(), SqlError> {
    let entry = AuditEntry {
        organization: actor.organization,
        actor: AuditActor::Identity(actor),
        action,
        target: EvidenceKey::Token(token).to_string(),
    };
    journal::record(context, &entry, &[change])
}
