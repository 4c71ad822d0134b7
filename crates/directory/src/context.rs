//! What every command and query is given besides its own arguments.

use crate::sql::Sql;
use std::net::IpAddr;

use crate::error::DirectoryError;
use domain::gateway::origin::LoopbackOrigins;
use domain::gateway::route_host::RouteHost;
use domain::permission::ability::Ability;
use domain::permission::condition::Attributes;
use domain::permission::operation::{Lacking, Operation};
use domain::permission::privilege_boundary::BeyondBoundary;
use domain::token::console_session::SessionLimits;
use domain::token::lifetime::TtlCeiling;
use domain::token::secret::KeyRing;
use domain::token::sign_in_code::SignInCodes;
use domain::value::identifiers::{ConsoleSessionId, IdentityId, OrganizationId, TokenId};
use domain::value::randomness::Randomness;
use domain::value::timestamp::{Seconds, Timestamp};

/// The operator's settings that commands depend on.
#[derive(Clone, Debug)]
pub struct DirectorySettings {
    /// The keys that make the tags of access tokens.
    pub token_keys: KeyRing,
    /// The ceiling over every lifetime.
    pub ttl_ceiling: TtlCeiling,
    /// The hosts that serve the management API.
    pub control_hosts: Vec<RouteHost>,
    /// Whether routes may lead to this machine.
    pub loopback_origins: LoopbackOrigins,
    /// How long an acknowledged change may take to be in force everywhere.
    pub max_staleness: Seconds,
    /// The keys that make the tags of sign-in codes.
    pub session_keys: KeyRing,
    /// For how long an operator is signed in.
    pub session_limits: SessionLimits,
    /// Whether sign-in codes are given out.
    pub sign_in_codes: SignInCodes,
}

/// One request: the database, the settings and the facts that enter once.
pub struct Context<'a> {
    /// The database.
    pub sql: &'a dyn Sql,
    /// The operator's settings.
    pub settings: &'a DirectorySettings,
    /// The time of the request.
    pub now: Timestamp,
    /// The client's address, if it is known.
    pub client: Option<IpAddr>,
    /// The host that the client named, if it named one.
    pub called_host: Option<RouteHost>,
    /// The request's id, as the caller is told it.
    pub request_id: &'a str,
    /// Random bytes for this request.
    pub randomness: Randomness,
}

/// What an actor came with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Credential {
    AccessToken(TokenId),
    ConsoleSession {
        session: ConsoleSessionId,
        /// The access token that it was opened with, if it was one.
        token: Option<TokenId>,
    },
}

/// The identity on whose behalf a command runs, as the authority knows it now.
#[derive(Clone, Debug)]
pub struct Actor {
    pub identity: IdentityId,
    pub name: String,
    /// What it came with.
    pub credential: Credential,
    pub organization: OrganizationId,
    /// What it may do.
    pub ability: Ability,
}

impl Actor {
    /// Goes on only when the actor holds what the operation needs.
    ///
    /// # Errors
    /// [`DirectoryError::PermissionDenied`].
    pub fn require(&self, operation: Operation) -> Result<(), DirectoryError> {
        self.require_on(operation, &[])
    }

    /// Goes on only when the actor holds what the operation needs for the identity with this id, whether or not there is
    /// one.
    ///
    /// # Errors
    /// [`DirectoryError::PermissionDenied`].
    pub fn require_on_identity(&self, operation: Operation, id: &str) -> Result<(), DirectoryError> {
        // Conditions compare text, and an id is the same identity in either case.
        let canonical = IdentityId::parse(id).map(|id| id.to_string());
        self.require_on(operation, &[("identityId", canonical.as_deref().unwrap_or(id))])
    }

    /// The refusal of an attempt to go beyond what the actor holds. What is missing are rules of roles of the organization:
    /// who may not read these is not told.
    pub fn beyond(&self, operation: Operation, beyond: BeyondBoundary) -> DirectoryError {
        let may_read = Operation::GetOrganizationRole.check_in_organization(&self.ability, &[]).is_ok();
        DirectoryError::BeyondBoundary { operation, missing: may_read.then_some(beyond.missing) }
    }

    fn require_on(&self, operation: Operation, thing: Attributes<'_>) -> Result<(), DirectoryError> {
        operation
            .check_in_organization(&self.ability, thing)
            .map_err(|Lacking { needed }| DirectoryError::PermissionDenied { needed, held: self.ability.clone() })
    }
}
