//! Sessions of operators in the console: opened, checked with each call, ended.
//!
//! A row holds the digest of the session's secret and what the session was opened with. What the operator may do is read
//! anew with each call, in the transaction of the call.

use std::net::IpAddr;

use crate::access_subjects;
use crate::audit::{AuditActor, AuditEntry};
use crate::caller;
use crate::context::{Actor, Context, Credential};
use crate::error::DirectoryError;
use crate::evidence;
use crate::journal;
use crate::sign_in_codes;
use crate::sql::{Row, Sql, SqlError};
use domain::token::access_assertion::AccessRefusal;
use domain::token::access_token::PresentedToken;
use domain::token::console_session::{
    self, Grounds, MOST_OF_AN_IDENTITY, PresentedSession, SessionEnds, SessionFacts, SessionRefusal, SignedInBy,
};
use domain::token::digest::{ConsoleSessionDigest, SignInCodeDigest};
use domain::token::facts::IdentityFacts;
use domain::token::refusal::Refusal;
use domain::value::access_subject::AccessSubject;
use domain::value::identifiers::{ConsoleSessionId, IdentityId, OrganizationId, TokenId};

/// How many sessions that have ended are deleted when another one is opened.
const PRUNED_AT_ONCE: u64 = 100;

/// What an operator signs in with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SignInBy {
    /// An access token. Whether it has uses left is not looked at here.
    AccessToken(PresentedToken),
    /// A sign-in code.
    SignInCode(SignInCodeDigest),
    /// Cloudflare Access, which has let somebody with this address through.
    CloudflareAccess(AccessSubject),
}

/// Why an operator is not signed in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SignInRefusal {
    /// The access token is refused.
    Token(Refusal),
    /// There is no such code, any more.
    Code,
    /// What Cloudflare Access said does not count.
    Access(AccessRefusal),
}

impl SignInRefusal {
    /// The stable machine-readable code, for the log.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Token(refusal) => refusal.code(),
            Self::Code => "sign_in_code",
            Self::Access(refusal) => refusal.code(),
        }
    }
}

/// Why a command or query about the console was not carried out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ConsoleError {
    /// The session that was shown does not count.
    SessionRefused(SessionRefusal),
    /// The operator is not signed in.
    SignInRefused(SignInRefusal),
    /// There is nobody whom a sign-in code could sign in.
    NoAdministrator,
    /// Another identity is known to Cloudflare Access by this address.
    AccessSubjectTaken,
}

impl From<ConsoleError> for DirectoryError {
    fn from(error: ConsoleError) -> Self {
        Self::Console(error)
    }
}

/// A session, with who it stands for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConsoleSession {
    /// What is known of it.
    pub facts: SessionFacts,
    /// When it ends.
    pub ends: SessionEnds,
    /// The identity.
    pub identity: IdentityId,
    /// Its name.
    pub identity_name: String,
    /// Its organization.
    pub organization: OrganizationId,
    /// The slug of the organization.
    pub organization_slug: String,
    /// The slug of the identity's role in it.
    pub organization_role: String,
    /// From where it was opened, if that was known.
    pub client: Option<IpAddr>,
}

/// A row.
struct Stored {
    facts: SessionFacts,
    identity: IdentityId,
    client: Option<IpAddr>,
}

/// Opens a session.
///
/// # Errors
/// [`ConsoleError::SignInRefused`].
pub fn open<S: Sql>(
    context: &mut Context<'_, S>,
    presented: &PresentedSession,
    by: &SignInBy,
) -> Result<ConsoleSession, DirectoryError> {
    let (identity, by) = match by {
        SignInBy::AccessToken(token) => {
            let actor = caller::check(context, token)?.map_err(|refusal| refused(SignInRefusal::Token(refusal)))?;
            (actor.identity, SignedInBy::AccessToken(token.id))
        }
        SignInBy::SignInCode(digest) => {
            let identity = sign_in_codes::redeem(context, digest)?.ok_or_else(|| refused(SignInRefusal::Code))?;
            (identity, SignedInBy::SignInCode)
        }
        SignInBy::CloudflareAccess(subject) => {
            let nobody = || refused(SignInRefusal::Access(AccessRefusal::NoIdentity));
            let identity = access_subjects::find(context.sql, subject)?.ok_or_else(nobody)?;
            (identity, SignedInBy::CloudflareAccess(subject.clone()))
        }
    };
    let facts = SessionFacts {
        id: presented.id,
        digest: presented.digest.clone(),
        by,
        created: context.now,
        last_used: context.now,
    };
    prune(context)?;
    insert(context, &facts, identity)?;
    let stored = Stored { facts, identity, client: context.client };
    let (session, actor) = stands(context, stored)?;
    record(context, &actor, "signInToConsole", format!("console-session/{}", presented.id))?;
    Ok(session)
}

fn refused(refusal: SignInRefusal) -> DirectoryError {
    ConsoleError::SignInRefused(refusal).into()
}

/// The session that was shown, with the operator it stands for at this moment. That it was used is noted.
///
/// # Errors
/// [`ConsoleError::SessionRefused`].
pub fn authenticate<S: Sql>(
    context: &Context<'_, S>,
    presented: &PresentedSession,
) -> Result<(ConsoleSession, Actor), DirectoryError> {
    let mut stored = find(context.sql, presented.id)?;
    let facts = stored.as_ref().map(|stored| &stored.facts);
    console_session::check(presented, facts, context.settings.session_limits, context.now)
        .map_err(ConsoleError::SessionRefused)?;
    let stored = stored.as_mut().ok_or(ConsoleError::SessionRefused(SessionRefusal::Unknown))?;
    if console_session::is_worth_noting(stored.facts.last_used, context.now) {
        context.sql.execute(
            "UPDATE console_sessions SET last_used_at = ? WHERE id = ?",
            &[context.now.into(), presented.id.to_string().into()],
        )?;
        stored.facts.last_used = context.now;
    }
    let stored = Stored { facts: stored.facts.clone(), identity: stored.identity, client: stored.client };
    stands(context, stored)
}

/// Ends a session.
///
/// # Errors
/// The database's.
pub fn close<S: Sql>(context: &Context<'_, S>, session: &ConsoleSession, actor: &Actor) -> Result<(), DirectoryError> {
    let id = session.facts.id;
    context.sql.execute("DELETE FROM console_sessions WHERE id = ?", &[id.to_string().into()])?;
    record(context, actor, "signOutOfConsole", format!("console-session/{id}"))
}

/// Ends every session of the actor's identity, whatever it was opened with.
///
/// # Errors
/// The database's.
pub fn close_all<S: Sql>(context: &Context<'_, S>, actor: &Actor) -> Result<(), DirectoryError> {
    let identity = actor.identity.to_string();
    context.sql.execute("DELETE FROM console_sessions WHERE identity_id = ?", &[identity.as_str().into()])?;
    record(context, actor, "signOutOfConsoleEverywhere", format!("identity/{identity}"))
}

/// For whom a session stands, if it does.
fn stands<S: Sql>(context: &Context<'_, S>, stored: Stored) -> Result<(ConsoleSession, Actor), DirectoryError> {
    let Stored { facts, identity, client } = stored;
    let token = match &facts.by {
        SignedInBy::AccessToken(id) => evidence::token(context.sql, *id)?,
        SignedInBy::CloudflareAccess(_) | SignedInBy::SignInCode => None,
    };
    let known = evidence::identity(context.sql, identity, context.now)?;
    let access_subject = access_subjects::of(context.sql, identity)?;
    let grounds = Grounds { token: token.as_ref(), identity: known.as_ref(), access_subject: access_subject.as_ref() };
    let known = console_session::check_grounds(&facts.by, grounds, context.client, context.now)
        .map_err(ConsoleError::SessionRefused)?;
    let token = match &facts.by {
        SignedInBy::AccessToken(id) => Some(*id),
        SignedInBy::CloudflareAccess(_) | SignedInBy::SignInCode => None,
    };
    let actor = Actor {
        identity,
        name: known.name.clone(),
        credential: Credential::ConsoleSession { session: facts.id, token },
        organization: known.organization,
        ability: caller::ability(context.sql, known)?,
    };
    Ok((describe(context, facts, known, client)?, actor))
}

fn describe<S: Sql>(
    context: &Context<'_, S>,
    facts: SessionFacts,
    identity: &IdentityFacts,
    client: Option<IpAddr>,
) -> Result<ConsoleSession, SqlError> {
    let slug = context
        .sql
        .execute("SELECT slug FROM organizations WHERE id = ?", &[identity.organization.to_string().into()])?;
    let mut slug = slug.into_iter().next().ok_or(SqlError::UnexpectedValue { expected: "an organization" })?;
    Ok(ConsoleSession {
        ends: context.settings.session_limits.ends(facts.created, facts.last_used),
        facts,
        identity: identity.id,
        identity_name: identity.name.clone(),
        organization: identity.organization,
        organization_slug: slug.text()?,
        organization_role: identity.role.as_str().to_owned(),
        client,
    })
}

/// The columns of a session, in the order in which [`read`] reads them.
const COLUMNS: &str =
    "id, digest, identity_id, signed_in_by, token_id, access_subject, client_ip, created_at, last_used_at";

fn find<S: Sql>(sql: &S, id: ConsoleSessionId) -> Result<Option<Stored>, SqlError> {
    let rows =
        sql.execute(&format!("SELECT {COLUMNS} FROM console_sessions WHERE id = ?"), &[id.to_string().into()])?;
    rows.into_iter().next().map(read).transpose()
}

fn read(mut row: Row) -> Result<Stored, SqlError> {
    let id = row.parsed(ConsoleSessionId::parse)?;
    let digest = ConsoleSessionDigest::from_bytes(row.bytes()?);
    let identity = row.parsed(IdentityId::parse)?;
    let by = row.text()?;
    let token = row.optional_parsed(TokenId::parse)?;
    let subject = row.optional_parsed(|text| AccessSubject::parse(text).ok())?;
    let by =
        [token.map(SignedInBy::AccessToken), subject.map(SignedInBy::CloudflareAccess), Some(SignedInBy::SignInCode)]
            .into_iter()
            .flatten()
            .find(|candidate| candidate.name() == by)
            .ok_or(SqlError::UnexpectedValue { expected: "what a session was opened with" })?;
    let client = row.optional_parsed(|text| text.parse().ok())?;
    let facts = SessionFacts { id, digest, by, created: row.timestamp()?, last_used: row.timestamp()? };
    Ok(Stored { facts, identity, client })
}

fn insert<S: Sql>(context: &Context<'_, S>, facts: &SessionFacts, identity: IdentityId) -> Result<(), SqlError> {
    let (token, subject) = match &facts.by {
        SignedInBy::AccessToken(id) => (Some(id.to_string()), None),
        SignedInBy::CloudflareAccess(subject) => (None, Some(subject.to_string())),
        SignedInBy::SignInCode => (None, None),
    };
    context.sql.execute(
        &format!("INSERT INTO console_sessions ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"),
        &[
            facts.id.to_string().into(),
            facts.digest.as_bytes().to_vec().into(),
            identity.to_string().into(),
            facts.by.name().into(),
            token.into(),
            subject.into(),
            context.client.map(|address| address.to_string()).into(),
            facts.created.into(),
            facts.last_used.into(),
        ],
    )?;
    // One more than there may be ends the one that was used longest ago.
    context.sql.execute(
        "DELETE FROM console_sessions WHERE id IN (
            SELECT id FROM console_sessions WHERE identity_id = ? ORDER BY last_used_at DESC, id = ? DESC LIMIT -1 OFFSET ?
         )",
        &[identity.to_string().into(), facts.id.to_string().into(), MOST_OF_AN_IDENTITY.into()],
    )?;
    Ok(())
}

/// Deletes sessions that have ended by themselves, some at a time.
fn prune<S: Sql>(context: &Context<'_, S>) -> Result<(), SqlError> {
    let limits = context.settings.session_limits;
    context.sql.execute(
        "DELETE FROM console_sessions WHERE id IN (
            SELECT id FROM console_sessions WHERE last_used_at <= ? OR created_at <= ? LIMIT ?
         )",
        &[context.now.minus(limits.idle()).into(), context.now.minus(limits.absolute()).into(), PRUNED_AT_ONCE.into()],
    )?;
    Ok(())
}

fn record<S: Sql>(
    context: &Context<'_, S>,
    actor: &Actor,
    action: &'static str,
    target: String,
) -> Result<(), DirectoryError> {
    let entry = AuditEntry { organization: actor.organization, actor: AuditActor::Identity(actor), action, target };
    // Nothing that tokens or requests are decided by has changed.
    Ok(journal::record(context, &entry, &[])?)
}
