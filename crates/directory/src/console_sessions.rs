//! Sessions of operators in the console: opened, checked with each call, ended.
//!
//! A row holds the digest of the session's secret and what the session was opened with. What the operator may do is read
//! anew with each call, in the transaction of the call.

use std::net::IpAddr;

use crate::access_subjects;
use crate::audit::Target;
use crate::caller;
use crate::context::{Actor, Context, Credential};
use crate::error::DirectoryError;
use crate::error::console::{ConsoleError, SignInRefusal};
use crate::evidence;
use crate::journal;
use crate::sign_in_codes;
use crate::sql::SqlError;
use crate::tables::console_sessions::{self as table, StoredSession};
use crate::tables::organizations;
use crate::tables::record::Record;
use domain::permission::operation::Operation;
use domain::token::access_assertion::AccessRefusal;
use domain::token::access_token::PresentedToken;
use domain::token::console_session::{
    self, MOST_OF_AN_IDENTITY, PresentedSession, SessionEnds, SessionFacts, SessionGrounds, SessionRefusal, SignedInBy,
};
use domain::token::digest::SignInCodeDigest;
use domain::value::access_subject::AccessSubject;
use domain::value::identifiers::{IdentityId, OrganizationId};

/// How many sessions that have ended are deleted when another one is opened.
const PRUNED_AT_ONCE: u64 = 100;

/// What an operator signs in with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SignInBy {
    /// An access token. Whether it has uses left is not looked at here.
    AccessToken(PresentedToken),
    SignInCode(SignInCodeDigest),
    /// Cloudflare Access, which has let somebody with this address through.
    CloudflareAccess(AccessSubject),
}

/// A session, with who it stands for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConsoleSession {
    /// What is known of it.
    pub facts: SessionFacts,
    /// When it ends.
    pub ends: SessionEnds,
    pub identity: IdentityId,
    pub identity_name: String,
    pub organization: OrganizationId,
    pub organization_slug: String,
    /// The slug of the identity's role in it.
    pub organization_role: String,
    /// From where it was opened, if that was known.
    pub client: Option<IpAddr>,
}

/// Opens a session.
///
/// # Errors
/// [`ConsoleError::SignInRefused`].
pub fn open(
    context: &mut Context<'_>,
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
    let stored = StoredSession {
        id: presented.id,
        digest: presented.digest.clone(),
        identity,
        by,
        client: context.client,
        created: context.now,
        last_used: context.now,
    };
    table::prune(context.sql, context.settings.session_limits, context.now, PRUNED_AT_ONCE)?;
    stored.insert(context.sql)?;
    table::keep_newest(context.sql, &stored, MOST_OF_AN_IDENTITY)?;
    let (session, actor) = stands(context, &stored)?;
    // Nothing that tokens or requests are decided by has changed; nor when it is closed.
    journal::record(context, &actor, Operation::SignInToConsole, Target::ConsoleSession(presented.id), &[])?;
    Ok(session)
}

fn refused(refusal: SignInRefusal) -> DirectoryError {
    ConsoleError::SignInRefused(refusal).into()
}

/// The session that was shown, with the operator it stands for at this moment. That it was used is noted.
///
/// # Errors
/// [`ConsoleError::SessionRefused`].
pub fn authenticate(
    context: &Context<'_>,
    presented: &PresentedSession,
) -> Result<(ConsoleSession, Actor), DirectoryError> {
    let mut stored = table::find(context.sql, presented.id)?;
    let facts = stored.as_ref().map(StoredSession::facts);
    console_session::check(presented, facts.as_ref(), context.settings.session_limits, context.now)
        .map_err(ConsoleError::SessionRefused)?;
    let stored = stored.as_mut().ok_or(ConsoleError::SessionRefused(SessionRefusal::Unknown))?;
    if console_session::is_worth_noting(stored.last_used, context.now) {
        table::note_use(context.sql, presented.id, context.now)?;
        stored.last_used = context.now;
    }
    stands(context, stored)
}

/// Ends a session.
///
/// # Errors
/// The database's.
pub fn close(context: &Context<'_>, session: &ConsoleSession, actor: &Actor) -> Result<(), DirectoryError> {
    let id = session.facts.id;
    table::delete(context.sql, id)?;
    Ok(journal::record(context, actor, Operation::SignOutOfConsole, Target::ConsoleSession(id), &[])?)
}

/// Ends every session of the actor's identity, whatever it was opened with.
///
/// # Errors
/// The database's.
pub fn close_all(context: &Context<'_>, actor: &Actor) -> Result<(), DirectoryError> {
    table::delete_all_of(context.sql, actor.identity)?;
    let target = Target::Identity(actor.identity);
    Ok(journal::record(context, actor, Operation::SignOutOfConsoleEverywhere, target, &[])?)
}

/// For whom a session stands, if it does.
fn stands(context: &Context<'_>, stored: &StoredSession) -> Result<(ConsoleSession, Actor), DirectoryError> {
    let facts = stored.facts();
    let token = match &facts.by {
        SignedInBy::AccessToken(id) => Some(*id),
        SignedInBy::CloudflareAccess(_) | SignedInBy::SignInCode => None,
    };
    let known_token = match token {
        Some(id) => evidence::token(context.sql, id)?,
        None => None,
    };
    let known = evidence::identity(context.sql, stored.identity, context.now)?;
    let access_subject = access_subjects::of(context.sql, stored.identity)?;
    let grounds = SessionGrounds {
        token: known_token.as_ref(),
        identity: known.as_ref(),
        access_subject: access_subject.as_ref(),
    };
    let known = console_session::check_grounds(&facts.by, grounds, context.client, context.now)
        .map_err(ConsoleError::SessionRefused)?;
    let organization = organizations::find(context.sql, known.organization)?
        .ok_or(SqlError::UnexpectedValue { expected: "the organization of an identity" })?;
    let actor = Actor {
        identity: known.id,
        name: known.name.clone(),
        credential: Credential::ConsoleSession { session: facts.id, token },
        organization: known.organization,
        ability: caller::ability(context.sql, known)?,
    };
    let session = ConsoleSession {
        ends: context.settings.session_limits.ends(facts.created, facts.last_used),
        facts,
        identity: known.id,
        identity_name: known.name.clone(),
        organization: known.organization,
        organization_slug: organization.slug,
        organization_role: known.role.as_str().to_owned(),
        client: stored.client,
    };
    Ok((session, actor))
}
