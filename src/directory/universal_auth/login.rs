//! Logging in with a client id and a client secret.
//!
//! The checks, in their order:
//!
//! 1. the method is not locked, where the client's address is trusted — [`LoginRefusal::Locked`]
//! 2. the client id is known and the client secret is one of its own — [`LoginRefusal::InvalidCredentials`]
//! 3. the client's address is trusted — [`LoginRefusal::ClientAddressNotTrusted`], [`LoginRefusal::ClientAddressUnknown`]
//! 4. the client secret has neither ended nor been revoked — [`LoginRefusal::SecretExpired`],
//!    [`LoginRefusal::SecretExhausted`], [`LoginRefusal::InvalidCredentials`]
//!
//! DIFFERENCE: Infisical checks the address first, which tells anybody anywhere which client ids there are, and counts a
//! revoked secret as a failed login, so that a forgotten client with an old secret locks the others out. Here whoever shows
//! a secret that once was right is not guessing, and whoever guesses from an untrusted address could not get in anyway:
//! neither counts. From an untrusted address only the right secret learns anything.
//!
//! **Invariant**: some refusals leave something behind, so a refusal is a [`LoginOutcome`] and not an error, which would
//! undo it.

use crate::directory::audit::{AuditActor, AuditEntry};
use crate::directory::context::Context;
use crate::directory::error::DirectoryError;
use crate::directory::journal::{self, Change};
use crate::directory::sql::{Sql, SqlError};
use crate::directory::tokens::{self, NewToken, StoredToken};
use crate::directory::universal_auth::client_secrets::{self, StoredClientSecret};
use crate::directory::universal_auth::{AttachedUniversalAuth, LoginRefusal, SELECT, read, write_lockout};
use crate::domain::access_token::AccessToken;
use crate::domain::client_secret::{ClientSecretRefusal, PresentedClientSecret};
use crate::domain::evidence::EvidenceKey;
use crate::domain::facts::AuthMethod;
use crate::domain::identifiers::{ClientId, OrganizationId};
use crate::domain::lockout::LockoutState;
use crate::domain::timestamp::{Seconds, Timestamp};
use crate::domain::universal_auth_configuration::Period;

/// How long a dead token is kept for people to look up.
const DEAD_TOKEN_RETENTION: Seconds = Seconds::new(24 * 3600);

/// How many tokens of each kind, expired and revoked, one login prunes at most, so that no login pays for the past of all
/// others. A login makes one token, so any number above one lets the table shrink.
const PRUNE_BATCH: i64 = 50;

/// What became of a login. Either way, what was written stays.
#[derive(Debug)]
pub enum LoginOutcome {
    /// The identity got a token.
    LoggedIn(Box<Login>),
    /// It did not.
    Refused(LoginRefusal),
}

/// A successful login.
#[derive(Debug)]
pub struct Login {
    /// The token's plaintext, shown once.
    pub plaintext: AccessToken,
    /// What is stored of it.
    pub token: StoredToken,
}

/// Logs an identity in.
///
/// # Errors
/// [`DirectoryError::Storage`].
pub fn login<S: Sql>(
    context: &mut Context<'_, S>,
    client: ClientId,
    presented: &PresentedClientSecret,
) -> Result<LoginOutcome, DirectoryError> {
    let known = find_by_client_id(context.sql, client)?;
    let trusts_client =
        |attached: &AttachedUniversalAuth| attached.configuration.client_secret_trusted_ips.trust(context.client);
    if let Some((attached, _)) = &known
        && trusts_client(attached)
        && attached.configuration.lockout.is_locked(attached.lockout, context.now)
    {
        return Ok(LoginOutcome::Refused(LoginRefusal::Locked)); // (1)
    }
    // An unknown client id is looked for among the secrets as well, so that both take their time.
    let recognised =
        client_secrets::recognise(context.sql, known.as_ref().map(|(attached, _)| attached.id), presented)?;
    let Some((attached, organization)) = known else {
        return Ok(LoginOutcome::Refused(LoginRefusal::InvalidCredentials)); // (2)
    };
    let is_trusted = trusts_client(&attached);
    let Some(secret) = recognised else {
        if is_trusted {
            count_failure(context, &attached, organization)?;
        }
        return Ok(LoginOutcome::Refused(LoginRefusal::InvalidCredentials)); // (2)
    };
    if !is_trusted {
        return Ok(LoginOutcome::Refused(match context.client {
            Some(seen) => LoginRefusal::ClientAddressNotTrusted { seen }, // (3)
            None => LoginRefusal::ClientAddressUnknown,
        }));
    }
    if let Err(refusal) = secret.state().check(context.now) {
        return refuse_secret(context, &secret, organization, refusal).map(LoginOutcome::Refused); // (4)
    }
    let login = grant(context, &attached, organization, &secret)?;
    prune_dead_tokens(context.sql, context.now)?;
    Ok(LoginOutcome::LoggedIn(Box::new(login)))
}

fn grant<S: Sql>(
    context: &mut Context<'_, S>,
    attached: &AttachedUniversalAuth,
    organization: OrganizationId,
    secret: &StoredClientSecret,
) -> Result<Login, SqlError> {
    let new = NewToken {
        identity: attached.identity,
        auth_method: AuthMethod::UniversalAuth,
        configuration: attached.id,
        client_secret: Some(secret.id),
        name: None,
        lifetime: attached.configuration.token_lifetime(),
        period: Period::to_wire(attached.configuration.period),
        uses_limit: attached.configuration.uses_limit,
    };
    let (plaintext, token) = tokens::issue(context, new)?;
    client_secrets::count_use(context.sql, secret.id, context.now)?;
    if attached.lockout != LockoutState::CLEAR {
        write_lockout(context.sql, attached.id, LockoutState::CLEAR)?;
    }
    let key = EvidenceKey::Token(token.id);
    let entry = AuditEntry {
        organization,
        actor: AuditActor::ClientSecret(secret.id),
        action: "loginUniversalAuth",
        target: key.to_string(),
    };
    journal::record(context, &entry, &[Change::Creates(key)])?;
    Ok(Login { plaintext, token })
}

/// Counts a failed login. Only a lock gets into the audit log: whoever knows a client id can fail as often as they like,
/// and must not be able to fill the log with it.
fn count_failure<S: Sql>(
    context: &Context<'_, S>,
    attached: &AttachedUniversalAuth,
    organization: OrganizationId,
) -> Result<(), SqlError> {
    let policy = attached.configuration.lockout;
    let state = policy.after_failure(attached.lockout, context.now);
    if state == attached.lockout {
        return Ok(());
    }
    write_lockout(context.sql, attached.id, state)?;
    if policy.is_locked(state, context.now) {
        let entry = AuditEntry {
            organization,
            actor: AuditActor::ClientId(attached.client_id),
            action: "lockUniversalAuth",
            target: EvidenceKey::Identity(attached.identity).to_string(),
        };
        journal::record(context, &entry, &[])?;
    }
    Ok(())
}

/// Refuses a client secret that is right and has ended or been revoked. The first time that one which has ended is shown,
/// it is marked as revoked.
///
/// DIFFERENCE: among logins at the same time it is the first one too many that marks it, because here they come one after
/// the other; in Infisical it is the first one after all of them. Each of them gets the same answer.
fn refuse_secret<S: Sql>(
    context: &Context<'_, S>,
    secret: &StoredClientSecret,
    organization: OrganizationId,
    refusal: ClientSecretRefusal,
) -> Result<LoginRefusal, DirectoryError> {
    let refusal = match refusal {
        ClientSecretRefusal::Expired => LoginRefusal::SecretExpired,
        ClientSecretRefusal::Exhausted => LoginRefusal::SecretExhausted,
        ClientSecretRefusal::Revoked => return Ok(LoginRefusal::InvalidCredentials),
    };
    if secret.revoked.is_none() {
        client_secrets::retire(context.sql, secret.id, context.now)?;
        let entry = AuditEntry {
            organization,
            actor: AuditActor::ClientSecret(secret.id),
            action: "retireUniversalAuthClientSecret",
            target: client_secrets::target_text(secret.id),
        };
        journal::record(context, &entry, &[])?;
    }
    Ok(refusal)
}

/// Universal Auth with this client id, and the organization of its identity.
fn find_by_client_id<S: Sql>(
    sql: &S,
    client: ClientId,
) -> Result<Option<(AttachedUniversalAuth, OrganizationId)>, SqlError> {
    let found = sql.execute(&format!("{SELECT} WHERE client_id = ?"), &[client.to_string().into()])?;
    let Some(attached) = found.into_iter().next().map(read).transpose()? else { return Ok(None) };
    let owner =
        sql.execute("SELECT organization_id FROM identities WHERE id = ?", &[attached.identity.to_string().into()])?;
    let mut row = owner.into_iter().next().ok_or(SqlError::UnexpectedValue { expected: "the client's identity" })?;
    Ok(Some((attached, row.parsed(OrganizationId::parse)?)))
}

/// Forgets tokens of Universal Auth that have been dead for longer than anybody asks about them. Each login makes a token,
/// so without this the table would grow for ever. Tokens of Token Auth stay: an operator made each of them and sees it in
/// a list.
fn prune_dead_tokens<S: Sql>(sql: &S, now: Timestamp) -> Result<(), SqlError> {
    let dead_since = now.minus(DEAD_TOKEN_RETENTION);
    for column in ["expires_at", "revoked_at"] {
        let dead = format!(
            "FROM access_tokens WHERE client_secret_id IS NOT NULL AND {column} <= ? ORDER BY {column}, id LIMIT ?"
        );
        // The outbox remembers each key it has put. A dead token is never put again.
        sql.execute(
            &format!("DELETE FROM outbox WHERE due_at IS NULL AND key IN (SELECT 'token/' || id {dead})"),
            &[dead_since.into(), PRUNE_BATCH.into()],
        )?;
        sql.execute(
            &format!("DELETE FROM access_tokens WHERE id IN (SELECT id {dead})"),
            &[dead_since.into(), PRUNE_BATCH.into()],
        )?;
    }
    Ok(())
}
