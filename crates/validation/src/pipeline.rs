//! The pipeline of the data plane: examine memory, and if something is missing, fetch exactly that and examine again.

use std::cell::RefCell;
use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::rc::Rc;

use lru::LruCache;

use crate::change_view::{ChangeView, Freshness, Merged};
use crate::fact_cache::{CachedEvidence, FactCache, Source, is_a_moment_ago};
use crate::grounds::Grounds;
use crate::ports::{Ports, Repair, Unavailable};
use crate::record;
use domain::token::access_token::PresentedToken;
use domain::token::decision;
use domain::token::evidence::{EvidenceKey, Facts};
use domain::token::facts::{IdentityFacts, TokenFacts};
use domain::token::refusal::Refusal;
use domain::token::secret::KeyRing;
use domain::token::uses::Consumption;
use domain::value::identifiers::{AttemptId, IdentityId, TokenId};
use domain::value::timestamp::{Seconds, Timestamp};

/// How many exhausted tokens an isolate remembers. An exhausted token stays exhausted, so this is not a cached decision
/// but a fact.
const EXHAUSTED_CAPACITY: NonZeroUsize = NonZeroUsize::MIN.saturating_add(4095);

/// How many refused identities an isolate remembers.
const REFUSED_CAPACITY: NonZeroUsize = NonZeroUsize::MIN.saturating_add(4095);

/// More rounds of gathering than any request needs: the view, and token and identity from the replica and then from the
/// authority, and all of it once more if the authority was replaced meanwhile. What changes meanwhile adds none, because
/// each round settles something for the request ([`Grounds`]).
const MOST_ROUNDS: usize = 10;

/// What one isolate remembers between requests.
#[derive(Debug)]
pub struct Isolate {
    bound: Seconds,
    view: ChangeView,
    cache: FactCache,
    exhausted: LruCache<TokenId, ()>,
    /// When identities were last refused on the newest word of the authority.
    refused: LruCache<IdentityId, Timestamp>,
}

/// One request's facts, as the edge saw them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TokenUse {
    /// The token, whose tag has been verified.
    pub token: PresentedToken,
    /// The client's address, if it is known for certain.
    pub client: Option<IpAddr>,
    pub now: Timestamp,
}

/// The bearer that passed every check but consuming a use.
#[derive(Clone, Debug)]
pub struct Admitted {
    pub token: Rc<TokenFacts>,
    pub identity: Rc<IdentityFacts>,
}

/// The bearer that passed every check, with a use consumed if the token counts them.
#[derive(Clone, Debug)]
pub struct Accepted {
    pub admitted: Admitted,
    /// How many uses are left; `None` for a token without a limit.
    pub uses_remaining: Option<u64>,
}

/// What one look at the isolate's memory yields.
#[derive(Debug)]
pub enum Examination {
    /// Every check but consuming a use has passed.
    Admitted(Admitted),
    /// A check has failed, and asking anybody else would not change that.
    Refused(Refusal),
    /// The change feed must be asked first.
    NeedsChanges,
    /// Evidence about this key is needed, from the replica or the authority.
    NeedsEvidence(EvidenceKey),
    /// The authority's newest word about this key is needed.
    NeedsAuthority(EvidenceKey),
}

impl Isolate {
    /// Knows nothing yet. `bound` is `MAX_STALENESS_SECONDS`; 0 asks the authority for each request.
    pub fn new(bound: Seconds) -> Self {
        Self {
            bound,
            view: ChangeView::default(),
            cache: FactCache::default(),
            exhausted: LruCache::new(EXHAUSTED_CAPACITY),
            refused: LruCache::new(REFUSED_CAPACITY),
        }
    }

    /// What a request that begins now rests on: nothing yet.
    pub const fn begin(&self) -> Grounds {
        Grounds::new(self.view.commands())
    }

    /// Decides from what is in memory, without waiting for anything, or says what is missing. What it rests on is added to
    /// the request's grounds.
    pub fn examine(&mut self, token_use: &TokenUse, grounds: &mut Grounds) -> Examination {
        let now = token_use.now;
        if self.view.freshness(now, grounds.commands(), self.bound) == Freshness::TooOld {
            return Examination::NeedsChanges;
        }

        let token_key = EvidenceKey::Token(token_use.token.id);
        let Some((remembered_token, token)) = self.recall_token(token_key, grounds, now) else {
            return Examination::NeedsEvidence(token_key);
        };
        let live = match decision::check_token(&token_use.token, token.as_deref(), now) {
            Ok(live) => live,
            // A revocation is never taken back, whoever reports it under seal.
            Err(Refusal::Revoked) => return Examination::Refused(Refusal::Revoked),
            // The authority's word refuses only if it did so when it was given: a token that has expired since may have
            // been renewed since.
            Err(refusal)
                if remembered_token.supports_no(now)
                    && decision::check_token(&token_use.token, token.as_deref(), remembered_token.learned).is_err() =>
            {
                return Examination::Refused(refusal);
            }
            Err(_) => return Examination::NeedsAuthority(token_key),
        };
        let Some(token) = &token else { return Examination::NeedsAuthority(token_key) };

        let identity_key = EvidenceKey::Identity(token.identity);
        let Some((remembered_identity, identity)) = self.recall_identity(identity_key, grounds, now) else {
            return Examination::NeedsEvidence(identity_key);
        };
        let bearer = decision::check_identity(live, identity.as_deref());
        match bearer.and_then(|bearer| bearer.check_client(token_use.client)) {
            Ok(_) => {}
            // Evidence about the identity that is older than the token itself cannot refuse the token: a new token works
            // at once, even if the method was attached a moment before.
            Err(refusal)
                if self.settles_no(&remembered_identity, token.identity, now)
                    && remembered_identity.evidence.sequence >= remembered_token.evidence.sequence =>
            {
                self.note_refusal(&remembered_identity, token.identity, now);
                return Examination::Refused(refusal);
            }
            Err(_) => return Examination::NeedsAuthority(identity_key),
        }
        if self.exhausted.contains(&token.id) {
            return Examination::Refused(Refusal::UsesExhausted);
        }
        match identity {
            Some(identity) => Examination::Admitted(Admitted { token: Rc::clone(token), identity }),
            None => Examination::NeedsAuthority(identity_key),
        }
    }

    /// Notes that a command went through this isolate: it shows its own changes at once, not within the bound.
    pub fn expect_changes(&mut self) {
        self.view.expect_changes();
    }

    /// Whether it is time to ask the change feed, though nothing needs to wait for the answer.
    pub fn wants_refresh(&self, now: Timestamp) -> bool {
        self.view.freshness(now, self.view.commands(), self.bound) != Freshness::Fresh
    }

    /// Whether a refusal of an identity may rest on this without asking the authority: it is the authority's newest
    /// word, or its word of a moment ago and the identity was refused a moment ago. What was learned for others' sake,
    /// or for a yes, is not repeated: it could be older than what this caller was just given.
    fn settles_no(&self, remembered: &CachedEvidence, identity: IdentityId, now: Timestamp) -> bool {
        let was_refused = || self.refused.peek(&identity).is_some_and(|then| is_a_moment_ago(*then, now));
        remembered.is_newest_word(now) || (remembered.supports_no(now) && was_refused())
    }

    /// Notes a refusal, from where on it is repeated for a moment. A repeated one does not count.
    fn note_refusal(&mut self, remembered: &CachedEvidence, identity: IdentityId, now: Timestamp) {
        if remembered.is_newest_word(now) {
            self.refused.put(identity, now);
        }
    }

    fn recall_token(
        &mut self,
        key: EvidenceKey,
        grounds: &mut Grounds,
        now: Timestamp,
    ) -> Option<(CachedEvidence, Option<Rc<TokenFacts>>)> {
        let remembered = self.recall(key, grounds, now)?;
        match &remembered.evidence.facts {
            Facts::Token(token) => {
                let token = token.clone();
                Some((remembered, token))
            }
            Facts::Identity(_) | Facts::Policy(_) => None,
        }
    }

    fn recall_identity(
        &mut self,
        key: EvidenceKey,
        grounds: &mut Grounds,
        now: Timestamp,
    ) -> Option<(CachedEvidence, Option<Rc<IdentityFacts>>)> {
        let remembered = self.recall(key, grounds, now)?;
        match &remembered.evidence.facts {
            Facts::Identity(identity) => {
                let identity = identity.clone();
                Some((remembered, identity))
            }
            Facts::Token(_) | Facts::Policy(_) => None,
        }
    }

    /// What the request rests on already, otherwise what is in memory and accepted; the request then rests on that.
    fn recall(&mut self, key: EvidenceKey, grounds: &mut Grounds, now: Timestamp) -> Option<CachedEvidence> {
        if let Some(settled) = grounds.get(key).filter(|settled| self.view.is_of(&settled.evidence)) {
            return Some(settled.clone());
        }
        let remembered = self.cache.get(key).filter(|remembered| self.view.accepts(&remembered.evidence, now))?;
        grounds.settle(remembered.clone());
        Some(remembered)
    }
}

/// Gathers what is missing until every check but consuming a use is decided. Nothing is consumed.
///
/// # Errors
/// [`Unavailable`] when the verdict cannot be known.
pub async fn admit<P: Ports>(
    isolate: &RefCell<Isolate>,
    ports: &P,
    keys: &KeyRing,
    token_use: &TokenUse,
) -> Result<Result<Admitted, Refusal>, Unavailable> {
    let mut grounds = isolate.borrow().begin();
    for _ in 0..MOST_ROUNDS {
        let examination = isolate.borrow_mut().examine(token_use, &mut grounds);
        match examination {
            Examination::Admitted(admitted) => return Ok(Ok(admitted)),
            Examination::Refused(refusal) => return Ok(Err(refusal)),
            Examination::NeedsChanges => refresh(isolate, ports, token_use.now).await?,
            Examination::NeedsEvidence(key) => {
                gather(isolate, ports, keys, key, &mut grounds, token_use.now).await?;
            }
            Examination::NeedsAuthority(key) => {
                resolve(isolate, ports, key, Repair::NotWanted, &mut grounds, token_use.now).await?;
            }
        }
    }
    Err(Unavailable::Authority)
}

/// Consumes a use of a token that counts them. The same attempt consumes at most one.
///
/// # Errors
/// [`Unavailable::Counter`] when it is not known whether a use was consumed.
pub async fn consume<P: Ports>(
    isolate: &RefCell<Isolate>,
    ports: &P,
    admitted: Admitted,
    attempt: AttemptId,
    now: Timestamp,
) -> Result<Result<Accepted, Refusal>, Unavailable> {
    let Some(limit) = admitted.token.uses_limit.get() else {
        return Ok(Ok(Accepted { admitted, uses_remaining: None }));
    };
    match ports.consume(admitted.token.id, limit, attempt, now).await? {
        Consumption::Granted { remaining } => Ok(Ok(Accepted { admitted, uses_remaining: Some(remaining) })),
        Consumption::Exhausted => {
            isolate.borrow_mut().exhausted.put(admitted.token.id, ());
            Ok(Err(Refusal::UsesExhausted))
        }
    }
}

/// Looks how many uses are left, without consuming one: `None` for a token without a limit.
///
/// # Errors
/// [`Unavailable::Counter`] when the count cannot be known.
pub async fn peek<P: Ports>(
    isolate: &RefCell<Isolate>,
    ports: &P,
    token: &TokenFacts,
) -> Result<Result<Option<u64>, Refusal>, Unavailable> {
    if token.uses_limit.get().is_none() {
        return Ok(Ok(None));
    }
    let uses = ports.uses(token.id).await?;
    if token.uses_limit.is_exhausted_by(uses) {
        isolate.borrow_mut().exhausted.put(token.id, ());
        return Ok(Err(Refusal::UsesExhausted));
    }
    Ok(Ok(token.uses_limit.remaining_after(uses)))
}

/// Asks the change feed and takes the answer in.
///
/// # Errors
/// [`Unavailable::Authority`].
pub async fn refresh<P: Ports>(isolate: &RefCell<Isolate>, ports: &P, now: Timestamp) -> Result<(), Unavailable> {
    // Twice is enough, unless the authority is being replaced at this very moment.
    for _ in 0..3 {
        let question = isolate.borrow().view.question(now);
        let changes = ports.changes(question.since).await?;
        let mut isolate = isolate.borrow_mut();
        let merged = isolate.view.merge(changes, question);
        if merged != Merged::Extended {
            isolate.cache.clear();
            isolate.exhausted.clear();
            isolate.refused.clear();
        }
        if merged != Merged::Incomplete {
            return Ok(());
        }
    }
    Err(Unavailable::Authority)
}

/// Fetches evidence from the replica if that has something usable, otherwise from the authority.
async fn gather<P: Ports>(
    isolate: &RefCell<Isolate>,
    ports: &P,
    keys: &KeyRing,
    key: EvidenceKey,
    grounds: &mut Grounds,
    now: Timestamp,
) -> Result<(), Unavailable> {
    // An unreachable replica does not fail the request: the authority knows.
    let sealed = ports.replica(key).await;
    let repair = match &sealed {
        Ok(_) => Repair::Wanted,
        Err(_) => Repair::NotWanted,
    };
    if let Some(evidence) = sealed.ok().flatten().and_then(|sealed| record::open(key, &sealed, keys)) {
        let mut isolate = isolate.borrow_mut();
        if isolate.view.accepts(&evidence, now) {
            isolate.cache.remember(evidence, Source::Replica, now);
            return Ok(());
        }
    }
    resolve(isolate, ports, key, repair, grounds, now).await
}

/// Fetches the authority's newest word, and lets the request rest on it: whatever the view requires by now, this was said
/// after the request had begun.
async fn resolve<P: Ports>(
    isolate: &RefCell<Isolate>,
    ports: &P,
    key: EvidenceKey,
    repair: Repair,
    grounds: &mut Grounds,
    now: Timestamp,
) -> Result<(), Unavailable> {
    let evidence = ports.resolve(key, repair).await?;
    if !isolate.borrow().view.is_of(&evidence) {
        refresh(isolate, ports, now).await?;
    }
    let mut isolate = isolate.borrow_mut();
    let said = isolate.cache.remember(evidence, Source::Authority, now);
    // Another request may have been told something newer meanwhile.
    let newest = isolate.cache.get(key).filter(|known| known.is_newest_word(now));
    grounds.settle(newest.unwrap_or(said));
    Ok(())
}

pub mod request;

#[cfg(test)]
mod tests;
