//! The audit log: who did what to what, append-only, in the transaction of the change itself.
//!
//! **Invariant**: `hash = SHA-256(previous hash ‖ canonical row)`, so that an edited, inserted or removed row breaks the
//! chain from there on. No secret is ever part of a row.

use sha2::{Digest, Sha256};

use crate::context::{Actor, Context};
use crate::sql::{Sql, SqlError};
use domain::value::identifiers::{ClientId, ClientSecretId, OrganizationId, TokenId};

/// On whose behalf something was done.
#[derive(Clone, Debug)]
pub enum AuditActor<'a> {
    /// An identity, with a token.
    Identity(&'a Actor),
    /// Whoever proved to know `AUTH_SECRET`.
    Bootstrap,
    /// Whoever holds this token.
    Bearer(TokenId),
    /// Whoever holds this client secret.
    ClientSecret(ClientSecretId),
    /// Whoever knows this client id, and perhaps nothing else.
    ClientId(ClientId),
}

impl AuditActor<'_> {
    fn text(&self) -> String {
        match self {
            Self::Identity(actor) => format!("identity/{} token/{}", actor.identity, actor.token),
            Self::Bootstrap => "bootstrap".to_owned(),
            Self::Bearer(token) => format!("holder token/{token}"),
            Self::ClientSecret(secret) => format!("holder client-secret/{secret}"),
            Self::ClientId(client) => format!("client/{client}"),
        }
    }
}

/// One row to be written.
#[derive(Clone, Debug)]
pub struct AuditEntry<'a> {
    /// The organization whose log it belongs to.
    pub organization: OrganizationId,
    /// Who.
    pub actor: AuditActor<'a>,
    /// Did what: the operation's id.
    pub action: &'static str,
    /// To what: kind and id.
    pub target: String,
}

/// Appends a row with this number.
pub(super) fn append<S: Sql>(context: &Context<'_, S>, sequence: u64, entry: &AuditEntry<'_>) -> Result<(), SqlError> {
    let last = context.sql.execute("SELECT hash FROM audit_log ORDER BY sequence DESC LIMIT 1", &[])?;
    let previous: [u8; 32] = match last.into_iter().next() {
        Some(mut row) => row.bytes()?,
        None => [0; 32],
    };
    let client = context.client.map(|address| address.to_string());
    let row = CanonicalRow {
        sequence,
        at: context.now.milliseconds(),
        organization: &entry.organization.to_string(),
        actor: &entry.actor.text(),
        action: entry.action,
        target: &entry.target,
        client: client.as_deref(),
        request_id: context.request_id,
    };
    let hash = row.hash(&previous);
    context.sql.execute(
        "INSERT INTO audit_log
            (sequence, at, organization_id, actor, action, target, client_ip, request_id, previous_hash, hash)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        &[
            sequence.into(),
            context.now.into(),
            row.organization.into(),
            row.actor.into(),
            row.action.into(),
            row.target.into(),
            client.clone().into(),
            row.request_id.into(),
            previous.to_vec().into(),
            hash.to_vec().into(),
        ],
    )?;
    Ok(())
}

/// A row as it is hashed.
struct CanonicalRow<'a> {
    sequence: u64,
    at: i64,
    organization: &'a str,
    actor: &'a str,
    action: &'a str,
    target: &'a str,
    client: Option<&'a str>,
    request_id: &'a str,
}

impl CanonicalRow<'_> {
    /// Every field is preceded by its length, so that two different rows are never the same bytes.
    fn hash(&self, previous: &[u8; 32]) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(previous);
        hash.update(self.sequence.to_be_bytes());
        hash.update(self.at.to_be_bytes());
        let client = self.client.unwrap_or_default();
        for field in [self.organization, self.actor, self.action, self.target, client, self.request_id] {
            hash.update((field.len() as u64).to_be_bytes());
            hash.update(field);
        }
        hash.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn audit_hash_unchanged() {
        let row = CanonicalRow {
            sequence: 1,
            at: 2,
            organization: "o",
            actor: "a",
            action: "c",
            target: "t",
            client: None,
            request_id: "r",
        };
        let hexadecimal: String = row.hash(&[0; 32]).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hexadecimal, "cf461284c12c2fb3e053022754764f7862c394cf887edd9d44ac0d3bd59c9eda");
    }

    #[test]
    fn moving_a_character_from_one_field_to_the_next_changes_the_hash() {
        let row = |actor, action| CanonicalRow {
            sequence: 1,
            at: 2,
            organization: "o",
            actor,
            action,
            target: "t",
            client: None,
            request_id: "r",
        };
        assert_ne!(row("ab", "c").hash(&[0; 32]), row("a", "bc").hash(&[0; 32]));
    }
}
