//! Logging in with a client id and a client secret: [`client_authentication`], and then a token.
//!
//! **Invariant**: some refusals leave something behind, so a refusal is a [`LoginOutcome`] and not an error, which would
//! undo it.

use crate::audit::{AuditActor, Target};
use crate::context::Context;
use crate::error::DirectoryError;
use crate::journal::{self, Change};
use crate::sql::{Column, Sql, SqlError};
use crate::tokens::{self, NewToken, StoredToken};
use crate::universal_auth::client_authentication::{self, Addresses, AuthenticatedClient};
use crate::universal_auth::{LoginRefusal, client_secrets};
use domain::permission::operation::Operation;
use domain::token::access_token::AccessToken;
use domain::token::client_secret::PresentedClientSecret;
use domain::token::evidence::EvidenceKey;
use domain::token::facts::AuthMethod;
use domain::value::identifiers::ClientId;
use domain::value::timestamp::{Seconds, Timestamp};

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
pub fn login(
    context: &mut Context<'_>,
    client: ClientId,
    presented: &PresentedClientSecret,
) -> Result<LoginOutcome, DirectoryError> {
    let client = match client_authentication::authenticate(context, client, presented, Addresses::Trusted)? {
        Ok(client) => client,
        Err(refusal) => return Ok(LoginOutcome::Refused(refusal)),
    };
    let login = grant(context, &client)?;
    prune_dead_tokens(context.sql, context.now)?;
    Ok(LoginOutcome::LoggedIn(Box::new(login)))
}

fn grant(
    context: &mut Context<'_>,
    AuthenticatedClient { attached, organization, secret }: &AuthenticatedClient,
) -> Result<Login, SqlError> {
    let new = NewToken {
        identity: attached.identity,
        auth_method: AuthMethod::UniversalAuth,
        configuration: attached.id,
        client_secret: Some(secret.id),
        name: None,
        lifetime: attached.configuration.token_lifetime(),
        period: attached.configuration.period,
        uses_limit: attached.configuration.uses_limit,
    };
    let (plaintext, token) = tokens::issue(context, new)?;
    client_secrets::count_use(context.sql, secret.id, context.now)?;
    let key = EvidenceKey::Token(token.id);
    journal::record(
        context,
        AuditActor::ClientSecret(*organization, secret.id),
        Operation::LoginWithUniversalAuth,
        Target::Token(token.id),
        &[Change::Creates(key)],
    )?;
    Ok(Login { plaintext, token })
}

/// Forgets tokens of Universal Auth that have been dead for longer than anybody asks about them. Each login makes a token,
/// so without this the table would grow for ever. Tokens of Token Auth stay: an operator made each of them and sees it in
/// a list.
fn prune_dead_tokens(sql: &dyn Sql, now: Timestamp) -> Result<(), SqlError> {
    let dead_since = now.minus(DEAD_TOKEN_RETENTION);
    for column in ["expires_at", "revoked_at"] {
        let dead = format!(
            "FROM access_tokens WHERE client_secret_id IS NOT NULL AND {column} <= ? ORDER BY {column}, id LIMIT ?"
        );
        // The outbox remembers each key it has put. A dead token is never put again.
        sql.execute(
            &format!("DELETE FROM outbox WHERE due_at IS NULL AND key IN (SELECT 'token/' || id {dead})"),
            &[dead_since.to_value(), PRUNE_BATCH.into()],
        )?;
        sql.execute(
            &format!("DELETE FROM access_tokens WHERE id IN (SELECT id {dead})"),
            &[dead_since.to_value(), PRUNE_BATCH.into()],
        )?;
    }
    Ok(())
}
