//! The session of an operator in the console: its secret, what it was opened with, and for how long it stands.
//!
//! The secret is a [`TaggedSecret`] that begins with `tcs_`. The browser keeps it as a cookie that no script can read; at
//! rest there is only its digest.
//!
//! A session is never more than what it was opened with. Whoever calls with one is who the token's bearer is at that moment,
//! under every check that the token would have to pass but spending a use: opening the session has spent one. A session
//! opened by Cloudflare Access stands for the identity as long as the identity is still theirs who opened it.
//!
//! **Invariants**: plaintext cannot be printed; a [`SessionSecret`] that exists has a tag that verified.

use std::net::IpAddr;

use crate::token::decision;
use crate::token::digest::ConsoleSessionDigest;
use crate::token::facts::{IdentityFacts, TokenFacts};
use crate::token::refusal::Refusal;
use crate::token::secret::KeyRing;
use crate::token::tagged_secret::{Prefix, TaggedSecret, TaggedSecretError};
use crate::value::access_subject::AccessSubject;
use crate::value::identifiers::{ConsoleSessionId, TokenId};
use crate::value::timestamp::{Seconds, Timestamp};

const PREFIX: &Prefix = b"tcs_";

/// How many sessions an identity may have at once. One more ends the one that was used longest ago.
pub const MOST_OF_AN_IDENTITY: u64 = 50;

/// How often a session's last use is written down at most: each time is a write.
const BETWEEN_NOTES: Seconds = Seconds::new(60);

/// The plaintext of a session's secret. It is sent once, in the cookie that the answer to signing in sets.
#[derive(Debug)]
pub struct SessionSecret(TaggedSecret);

impl SessionSecret {
    /// Issues the secret of a new session.
    pub fn issue(id: ConsoleSessionId, secret: &[u8; 32], keys: &KeyRing) -> Self {
        Self(TaggedSecret::issue(PREFIX, *id.as_bytes(), secret, keys))
    }

    /// Reads a presented text. No storage is needed to refuse a malformed or a forged one.
    pub fn parse(text: &str, keys: &KeyRing) -> Result<Self, TaggedSecretError> {
        TaggedSecret::parse(PREFIX, text, keys).map(Self)
    }

    /// The plaintext, for the one cookie that may hold it.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// What everything after this needs: the id and the digest, without the plaintext.
    pub fn presented(&self) -> PresentedSession {
        PresentedSession {
            id: ConsoleSessionId::from_bytes(self.0.id()),
            digest: ConsoleSessionDigest::of(self.expose()),
        }
    }
}

/// A session as its secret names it, without the plaintext.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PresentedSession {
    pub id: ConsoleSessionId,
    /// The digest of its secret.
    pub digest: ConsoleSessionDigest,
}

/// For how long a session stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SessionLimits {
    idle: Seconds,
    absolute: Seconds,
}

impl SessionLimits {
    /// Half an hour without a request, and half a day in all.
    pub const DEFAULT: Self = Self { idle: Seconds::new(30 * 60), absolute: Seconds::new(12 * 3_600) };
    /// The shortest that either can be: twice as long as a use may go unnoticed.
    pub const SHORTEST: Seconds = Seconds::new(120);
    /// The longest that either can be: a week.
    pub const LONGEST: Seconds = Seconds::new(7 * 86_400);

    /// Checks limits; `None` when one is out of bounds, or the idle one is the longer one.
    pub fn new(idle: Seconds, absolute: Seconds) -> Option<Self> {
        let is_sane = Self::SHORTEST <= idle && idle <= absolute && absolute <= Self::LONGEST;
        is_sane.then_some(Self { idle, absolute })
    }

    /// The end of a session that nobody uses.
    pub const fn idle(self) -> Seconds {
        self.idle
    }

    /// The end of a session whatever happens.
    pub const fn absolute(self) -> Seconds {
        self.absolute
    }

    /// When a session ends.
    pub fn ends(self, created: Timestamp, last_used: Timestamp) -> SessionEnds {
        let absolute = created.plus(self.absolute);
        SessionEnds { idle: last_used.plus(self.idle).min(absolute), absolute }
    }
}

/// When a session ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SessionEnds {
    /// If nobody uses it before.
    pub idle: Timestamp,
    /// Whatever happens.
    pub absolute: Timestamp,
}

/// What a session was opened with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SignedInBy {
    AccessToken(TokenId),
    /// Cloudflare Access, which knows the operator by this address.
    CloudflareAccess(AccessSubject),
    /// A sign-in code of a development installation.
    SignInCode,
}

impl SignedInBy {
    /// The name on the wire and at rest.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::AccessToken(_) => "accessToken",
            Self::CloudflareAccess(_) => "cloudflareAccess",
            Self::SignInCode => "signInCode",
        }
    }
}

/// What is known of a session.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SessionFacts {
    pub id: ConsoleSessionId,
    /// The digest of its secret.
    pub digest: ConsoleSessionDigest,
    /// What it was opened with.
    pub by: SignedInBy,
    /// When it was opened.
    pub created: Timestamp,
    /// When it was last used, as far as it was written down.
    pub last_used: Timestamp,
}

/// Why a session does not count.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SessionRefusal {
    /// The text has not the shape of a session's secret.
    Malformed,
    /// The tag was not made with our secret.
    Forged,
    /// There is no such session, any more.
    Unknown,
    /// The secret is another one.
    WrongSecret,
    /// Nobody has used it for too long.
    Idle,
    /// It has stood for as long as it may.
    Expired,
    /// The token that it was opened with is refused.
    Token(Refusal),
    /// The identity is gone.
    IdentityDeleted,
    /// The identity is no longer theirs who opened it.
    AccessSubjectChanged,
}

impl SessionRefusal {
    /// The stable machine-readable code, for the log.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "session_malformed",
            Self::Forged => "session_forged",
            Self::Unknown => "session_unknown",
            Self::WrongSecret => "session_wrong_secret",
            Self::Idle => "session_idle",
            Self::Expired => "session_expired",
            Self::Token(refusal) => refusal.code(),
            Self::IdentityDeleted => "identity_deleted",
            Self::AccessSubjectChanged => "session_access_subject_changed",
        }
    }
}

impl From<TaggedSecretError> for SessionRefusal {
    fn from(error: TaggedSecretError) -> Self {
        match error {
            TaggedSecretError::Malformed => Self::Malformed,
            TaggedSecretError::Forged => Self::Forged,
        }
    }
}

/// Whether the session with the presented id stands at `now`. `session` is what is known of it; `None` says that there is none.
///
/// # Errors
/// The first check that failed.
pub fn check<'a>(
    presented: &PresentedSession,
    session: Option<&'a SessionFacts>,
    limits: SessionLimits,
    now: Timestamp,
) -> Result<&'a SessionFacts, SessionRefusal> {
    let session = session.ok_or(SessionRefusal::Unknown)?;
    if session.id != presented.id || session.digest != presented.digest {
        return Err(SessionRefusal::WrongSecret);
    }
    let ends = limits.ends(session.created, session.last_used);
    if now >= ends.absolute {
        Err(SessionRefusal::Expired)
    } else if now >= ends.idle {
        Err(SessionRefusal::Idle)
    } else {
        Ok(session)
    }
}

/// What is known, at this moment, of what a session was opened with.
#[derive(Clone, Copy, Debug)]
pub struct SessionGrounds<'a> {
    /// The token, if it was opened with one that is still there.
    pub token: Option<&'a TokenFacts>,
    /// The identity, if it is still there.
    pub identity: Option<&'a IdentityFacts>,
    /// Whose the identity is in Cloudflare Access.
    pub access_subject: Option<&'a AccessSubject>,
}

/// For whom a session stands, if what it was opened with still does for a client at this address.
///
/// # Errors
/// The first check that failed.
pub fn check_grounds<'a>(
    by: &SignedInBy,
    grounds: SessionGrounds<'a>,
    client: Option<IpAddr>,
    now: Timestamp,
) -> Result<&'a IdentityFacts, SessionRefusal> {
    match by {
        SignedInBy::AccessToken(id) => {
            let token = grounds.token.filter(|token| token.id == *id);
            let token = token.ok_or(SessionRefusal::Token(Refusal::Unknown))?;
            let live = decision::check_life(token, now).map_err(SessionRefusal::Token)?;
            let bearer = decision::check_identity(live, grounds.identity).map_err(SessionRefusal::Token)?;
            Ok(bearer.check_client(client).map_err(SessionRefusal::Token)?.identity)
        }
        SignedInBy::CloudflareAccess(subject) => {
            let identity = grounds.identity.ok_or(SessionRefusal::IdentityDeleted)?;
            if grounds.access_subject == Some(subject) {
                Ok(identity)
            } else {
                Err(SessionRefusal::AccessSubjectChanged)
            }
        }
        SignedInBy::SignInCode => grounds.identity.ok_or(SessionRefusal::IdentityDeleted),
    }
}

/// Whether a use at `now` is to be written down.
pub fn is_worth_noting(last_used: Timestamp, now: Timestamp) -> bool {
    now >= last_used.plus(BETWEEN_NOTES)
}

#[cfg(test)]
mod tests;
