//! The audit log: who did what to what, append-only, in the transaction of the change itself.
//!
//! **Invariant**: `hash = SHA-256(previous hash ‖ canonical row)`, so that an edited, inserted or removed row breaks the
//! chain from there on. No secret is ever part of a row.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::context::{Actor, Context, Credential};
use crate::sql::SqlError;
use crate::tables::audit_log::{self, AuditRow};
use crate::tables::record::Record;
use domain::permission::operation::Operation;
use domain::value::identifiers::{
    ClientId, ClientSecretId, ConsoleSessionId, EnvironmentId, IdentityId, OrganizationId, ProjectId, RoleId,
    RouteDelegationId, RouteId, TokenId,
};

/// On whose behalf something was done, and in which organization.
#[derive(Clone, Copy, Debug)]
pub enum AuditActor<'a> {
    /// An identity, with a token, in its own organization.
    Identity(&'a Actor),
    /// Whoever proved to know `AUTH_SECRET`.
    Bootstrap(OrganizationId),
    /// Whoever holds this token.
    Bearer(OrganizationId, TokenId),
    /// Whoever holds this client secret.
    ClientSecret(OrganizationId, ClientSecretId),
    /// Whoever knows this client id, and perhaps nothing else.
    ClientId(OrganizationId, ClientId),
}

impl<'a> From<&'a Actor> for AuditActor<'a> {
    fn from(actor: &'a Actor) -> Self {
        Self::Identity(actor)
    }
}

impl AuditActor<'_> {
    const fn organization(self) -> OrganizationId {
        match self {
            Self::Identity(actor) => actor.organization,
            Self::Bootstrap(organization)
            | Self::Bearer(organization, _)
            | Self::ClientSecret(organization, _)
            | Self::ClientId(organization, _) => organization,
        }
    }

    fn text(self) -> String {
        match self {
            Self::Identity(actor) => match actor.credential {
                Credential::AccessToken(token) => format!("identity/{} token/{token}", actor.identity),
                Credential::ConsoleSession { session, token: Some(token) } => {
                    format!("identity/{} token/{token} console-session/{session}", actor.identity)
                }
                Credential::ConsoleSession { session, token: None } => {
                    format!("identity/{} console-session/{session}", actor.identity)
                }
            },
            Self::Bootstrap(_) => "bootstrap".to_owned(),
            Self::Bearer(_, token) => format!("holder token/{token}"),
            Self::ClientSecret(_, secret) => format!("holder client-secret/{secret}"),
            Self::ClientId(_, client) => format!("client/{client}"),
        }
    }
}

/// How an actor came, where it was not by calling the API with a credential of its own.
const CONSOLE: &str = "console";

impl AuditActor<'_> {
    const fn via(self) -> Option<&'static str> {
        match self {
            Self::Identity(actor) => match actor.credential {
                Credential::AccessToken(_) => None,
                Credential::ConsoleSession { .. } => Some(CONSOLE),
            },
            Self::Bootstrap(_) | Self::Bearer(..) | Self::ClientSecret(..) | Self::ClientId(..) => None,
        }
    }
}

/// To what something was done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Target {
    Organization(OrganizationId),
    OrganizationRole(RoleId),
    Identity(IdentityId),
    Token(TokenId),
    ClientSecret(ClientSecretId),
    ConsoleSession(ConsoleSessionId),
    Project(ProjectId),
    Environment(ProjectId, EnvironmentId),
    ProjectRole(ProjectId, RoleId),
    Member(ProjectId, IdentityId),
    Route(ProjectId, RouteId),
    RouteDelegation(ProjectId, RouteDelegationId),
}

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Organization(id) => write!(formatter, "organization/{id}"),
            Self::OrganizationRole(id) => write!(formatter, "organization-role/{id}"),
            Self::Identity(id) => write!(formatter, "identity/{id}"),
            Self::Token(id) => write!(formatter, "token/{id}"),
            Self::ClientSecret(id) => write!(formatter, "client-secret/{id}"),
            Self::ConsoleSession(id) => write!(formatter, "console-session/{id}"),
            Self::Project(id) => write!(formatter, "project/{id}"),
            Self::Environment(project, id) => write!(formatter, "project/{project}/environment/{id}"),
            Self::ProjectRole(project, id) => write!(formatter, "project/{project}/role/{id}"),
            Self::Member(project, id) => write!(formatter, "project/{project}/identity/{id}"),
            Self::Route(project, id) => write!(formatter, "project/{project}/route/{id}"),
            Self::RouteDelegation(project, id) => write!(formatter, "project/{project}/route-delegation/{id}"),
        }
    }
}

/// Appends a row with this number.
pub(super) fn append(
    context: &Context<'_>,
    sequence: u64,
    actor: AuditActor<'_>,
    operation: Operation,
    target: Target,
) -> Result<(), SqlError> {
    let previous_hash = audit_log::last(context.sql)?.map_or([0; 32], |last| last.hash);
    let mut row = AuditRow {
        sequence,
        at: context.now,
        organization: actor.organization(),
        actor: actor.text(),
        action: operation.audit_action().to_owned(),
        target: target.to_string(),
        client: context.client.map(|address| address.to_string()),
        request_id: context.request_id.to_owned(),
        previous_hash,
        hash: [0; 32],
        via: actor.via().map(str::to_owned),
    };
    row.hash = CanonicalRow {
        sequence,
        at: row.at.milliseconds(),
        organization: &row.organization.to_string(),
        actor: &row.actor,
        action: &row.action,
        target: &row.target,
        client: row.client.as_deref(),
        request_id: &row.request_id,
        via: row.via.as_deref(),
    }
    .hash(&previous_hash);
    row.insert(context.sql)
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
    via: Option<&'a str>,
}

impl CanonicalRow<'_> {
    /// Every field is preceded by its length, so that two different rows are never the same bytes.
    fn hash(&self, previous: &[u8; 32]) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(previous);
        hash.update(self.sequence.to_be_bytes());
        hash.update(self.at.to_be_bytes());
        let client = self.client.unwrap_or_default();
        let fields = [self.organization, self.actor, self.action, self.target, client, self.request_id];
        // A row that says nothing about it is the same bytes as before there was anything to say.
        for field in fields.into_iter().chain(self.via) {
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
    fn what_the_audit_log_calls_a_target_unchanged() {
        #[track_caller]
        fn check(target: Target, expected: &str) {
            assert_eq!(target.to_string(), expected);
        }
        let one = "01010101-0101-0101-0101-010101010101";
        let (project, identity) = (ProjectId::from_bytes([1; 16]), IdentityId::from_bytes([1; 16]));
        check(Target::Organization(OrganizationId::from_bytes([1; 16])), &format!("organization/{one}"));
        check(Target::OrganizationRole(RoleId::from_bytes([1; 16])), &format!("organization-role/{one}"));
        check(Target::Identity(identity), &format!("identity/{one}"));
        check(Target::Token(TokenId::from_bytes([1; 16])), &format!("token/{one}"));
        check(Target::ClientSecret(ClientSecretId::from_bytes([1; 16])), &format!("client-secret/{one}"));
        check(Target::ConsoleSession(ConsoleSessionId::from_bytes([1; 16])), &format!("console-session/{one}"));
        check(Target::Project(project), &format!("project/{one}"));
        let inside = |what: &str| format!("project/{one}/{what}/{one}");
        check(Target::Environment(project, EnvironmentId::from_bytes([1; 16])), &inside("environment"));
        check(Target::ProjectRole(project, RoleId::from_bytes([1; 16])), &inside("role"));
        check(Target::Member(project, identity), &inside("identity"));
        check(Target::Route(project, RouteId::from_bytes([1; 16])), &inside("route"));
        check(Target::RouteDelegation(project, RouteDelegationId::from_bytes([1; 16])), &inside("route-delegation"));
    }

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
            via: None,
        };
        let hexadecimal: String = row.hash(&[0; 32]).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hexadecimal, "cf461284c12c2fb3e053022754764f7862c394cf887edd9d44ac0d3bd59c9eda");
    }

    #[test]
    fn audit_hash_of_a_row_of_the_console_unchanged() {
        let row = CanonicalRow {
            sequence: 1,
            at: 2,
            organization: "o",
            actor: "a",
            action: "c",
            target: "t",
            client: None,
            request_id: "r",
            via: Some(CONSOLE),
        };
        let hexadecimal: String = row.hash(&[0; 32]).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hexadecimal, "0a5b0bf108861c5722d1a5638bc7d32a881f95000ccd4db95019aab6e9555065");
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
            via: None,
        };
        assert_ne!(row("ab", "c").hash(&[0; 32]), row("a", "bc").hash(&[0; 32]));
    }
}
