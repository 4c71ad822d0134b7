//! Authenticating a client by its client id and client secret, for a login and for the OAuth endpoints.
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
//! Whether a use of the client secret is counted is the caller's matter.
//!
//! A wrong secret takes about as long for a client id that is not known as for one that is: both are looked up alike, and each
//! refusal for wrong credentials writes one row, of nobody's where there is nothing to count.
//!
//! **Invariant**: some refusals leave something behind (a failure that is counted, a secret that is retired), so a refusal
//! is an `Ok` and not an error, which would undo it.

use crate::audit::{AuditActor, Target};
use crate::context::Context;
use crate::error::universal_auth::LoginRefusal;
use crate::journal;
use crate::sql::{Column, Sql, SqlError};
use crate::tables::client_secrets::StoredClientSecret;
use crate::tables::record::Record;
use crate::tables::universal_auth_configurations::{AttachedUniversalAuth, write_lockout};
use crate::universal_auth::client_secrets;
use domain::permission::operation::Operation;
use domain::token::client_secret::{ClientSecretRefusal, PresentedClientSecret};
use domain::token::lockout::LockoutState;
use domain::value::identifiers::{ClientId, OrganizationId};

/// A client that has passed every check.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuthenticatedClient {
    /// Universal Auth on its identity.
    pub attached: AttachedUniversalAuth,
    /// The organization of its identity.
    pub organization: OrganizationId,
    /// The client secret it showed.
    pub secret: StoredClientSecret,
}

/// Whether the client's address counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Addresses {
    /// Only a trusted one is let in.
    Trusted,
    /// Any: for taking away, which works from everywhere. Guesses from an untrusted one still count for nothing.
    Any,
}

/// Authenticates a client. Success from a trusted address forgets earlier failures.
///
/// # Errors
/// [`SqlError`]. A refusal is the inner error, and what it wrote stays.
pub fn authenticate(
    context: &Context<'_>,
    client: ClientId,
    presented: &PresentedClientSecret,
    addresses: Addresses,
) -> Result<Result<AuthenticatedClient, LoginRefusal>, SqlError> {
    let known = find_by_client_id(context.sql, client)?;
    let trusts_client =
        |attached: &AttachedUniversalAuth| attached.configuration.client_secret_trusted_ips.trust(context.client);
    if let Some((attached, _)) = &known
        && trusts_client(attached)
        && attached.configuration.lockout.is_locked(attached.lockout, context.now)
    {
        return Ok(Err(LoginRefusal::Locked)); // (1)
    }
    // An unknown client id is looked for among the secrets as well, so that both take their time.
    let recognised =
        client_secrets::recognise(context.sql, known.as_ref().map(|(attached, _)| attached.id), presented)?;
    let Some((attached, organization)) = known else {
        count_against_nobody(context)?;
        return Ok(Err(LoginRefusal::InvalidCredentials)); // (2)
    };
    let is_trusted = trusts_client(&attached);
    let Some(secret) = recognised else {
        if is_trusted {
            count_failure(context, &attached, organization)?;
        } else {
            count_against_nobody(context)?;
        }
        return Ok(Err(LoginRefusal::InvalidCredentials)); // (2)
    };
    if !is_trusted && addresses == Addresses::Trusted {
        return Ok(Err(match context.client {
            Some(seen) => LoginRefusal::ClientAddressNotTrusted { seen }, // (3)
            None => LoginRefusal::ClientAddressUnknown,
        }));
    }
    if let Err(refusal) = secret.state().check(context.now) {
        return refuse_secret(context, &secret, organization, refusal).map(Err); // (4)
    }
    if is_trusted && attached.lockout != LockoutState::CLEAR {
        write_lockout(context.sql, attached.id, LockoutState::CLEAR)?;
    }
    Ok(Ok(AuthenticatedClient { attached, organization, secret }))
}

/// Counts a failed login. Only a lock gets into the audit log: whoever knows a client id can fail as often as they like,
/// and must not be able to fill the log with it.
fn count_failure(
    context: &Context<'_>,
    attached: &AttachedUniversalAuth,
    organization: OrganizationId,
) -> Result<(), SqlError> {
    let policy = attached.configuration.lockout;
    let state = policy.after_failure(attached.lockout, context.now);
    if state == attached.lockout {
        return count_against_nobody(context);
    }
    write_lockout(context.sql, attached.id, state)?;
    if policy.is_locked(state, context.now) {
        journal::record(
            context,
            AuditActor::ClientId(organization, attached.client_id),
            Operation::LockUniversalAuth,
            Target::Identity(attached.identity),
            &[],
        )?;
    }
    Ok(())
}

/// Writes a row as a failure that counts does.
fn count_against_nobody(context: &Context<'_>) -> Result<(), SqlError> {
    context.sql.execute(
        "UPDATE unknown_clients SET failed_logins = failed_logins + 1, last_failed_login_at = ? WHERE id = 1",
        &[context.now.to_value()],
    )?;
    Ok(())
}

/// Refuses a client secret that is right and has ended or been revoked. The first time that one which has ended is shown,
/// it is marked as revoked.
///
/// DIFFERENCE: among logins at the same time it is the first one too many that marks it, because here they come one after
/// the other; in Infisical it is the first one after all of them. Each of them gets the same answer.
fn refuse_secret(
    context: &Context<'_>,
    secret: &StoredClientSecret,
    organization: OrganizationId,
    refusal: ClientSecretRefusal,
) -> Result<LoginRefusal, SqlError> {
    let refusal = match refusal {
        ClientSecretRefusal::Expired => LoginRefusal::SecretExpired,
        ClientSecretRefusal::Exhausted => LoginRefusal::SecretExhausted,
        ClientSecretRefusal::Revoked => return Ok(LoginRefusal::InvalidCredentials),
    };
    if secret.revoked.is_none() {
        client_secrets::retire(context.sql, secret.id, context.now)?;
        journal::record(
            context,
            AuditActor::ClientSecret(organization, secret.id),
            Operation::RetireUniversalAuthClientSecret,
            Target::ClientSecret(secret.id),
            &[],
        )?;
    }
    Ok(refusal)
}

/// Universal Auth with this client id, and the organization of its identity.
fn find_by_client_id(
    sql: &dyn Sql,
    client: ClientId,
) -> Result<Option<(AttachedUniversalAuth, OrganizationId)>, SqlError> {
    let attached = AttachedUniversalAuth::first(sql, "WHERE client_id = ?", &[client.to_value()])?;
    let identity = attached.as_ref().map(|attached| attached.identity.to_string()).unwrap_or_default();
    // Also where there is none: both take their time.
    let owner = sql.execute("SELECT organization_id FROM identities WHERE id = ?", &[identity.into()])?;
    let Some(attached) = attached else { return Ok(None) };
    let mut row = owner.into_iter().next().ok_or(SqlError::UnexpectedValue { expected: "the client's identity" })?;
    Ok(Some((attached, row.read()?)))
}
