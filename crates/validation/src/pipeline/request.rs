//! Deciding about a proxied request: the bearer first, then the request itself, by the policy of the bearer's
//! organization.
//!
//! The policy refuses by the same rule as the bearer's checks: never on evidence that the authority has not vouched for
//! a moment ago.

use std::cell::RefCell;
use std::rc::Rc;

use crate::fact_cache::CachedEvidence;
use crate::grounds::Grounds;
use crate::pipeline::{Admitted, Examination, Isolate, MOST_ROUNDS, TokenUse, gather, refresh, resolve};
use crate::ports::{Ports, Repair, Unavailable};
use domain::gateway::policy::PolicyFacts;
use domain::gateway::proxied_request::{self, Authorized, ProxiedRequest, RequestRefusal};
use domain::token::evidence::{EvidenceKey, Facts};
use domain::token::refusal::Refusal;
use domain::token::secret::KeyRing;
use domain::value::timestamp::Timestamp;

/// The bearer that passed every check but consuming a use, and the route that its request takes.
#[derive(Clone, Debug)]
pub struct AdmittedRequest {
    pub admitted: Admitted,
    /// The route, and what the bearer is in its project.
    pub authorized: Authorized,
}

/// The first check that failed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AdmissionRefusal {
    Bearer(Refusal),
    /// One of the request's. The bearer has passed every check but consuming a use.
    Request(RequestRefusal),
}

impl AdmissionRefusal {
    /// The stable machine-readable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Bearer(refusal) => refusal.code(),
            Self::Request(refusal) => refusal.code(),
        }
    }
}

/// What one look at the isolate's memory yields.
#[derive(Debug)]
pub enum RequestExamination {
    /// Every check but consuming a use has passed.
    Admitted(AdmittedRequest),
    /// A check has failed, and asking anybody else would not change that.
    Refused(AdmissionRefusal),
    /// The change feed must be asked first.
    NeedsChanges,
    /// Evidence about this key is needed, from the replica or the authority.
    NeedsEvidence(EvidenceKey),
    /// The authority's newest word about this key is needed.
    NeedsAuthority(EvidenceKey),
}

impl Isolate {
    /// Decides from what is in memory, without waiting for anything, or says what is missing. What it rests on is added to
    /// the request's grounds.
    pub fn examine_request(
        &mut self,
        token_use: &TokenUse,
        request: &ProxiedRequest,
        grounds: &mut Grounds,
    ) -> RequestExamination {
        match self.examine(token_use, grounds) {
            Examination::Admitted(admitted) => self.examine_policy(admitted, request, grounds, token_use.now),
            Examination::Refused(refusal) => RequestExamination::Refused(AdmissionRefusal::Bearer(refusal)),
            Examination::NeedsChanges => RequestExamination::NeedsChanges,
            Examination::NeedsEvidence(key) => RequestExamination::NeedsEvidence(key),
            Examination::NeedsAuthority(key) => RequestExamination::NeedsAuthority(key),
        }
    }

    fn examine_policy(
        &mut self,
        admitted: Admitted,
        request: &ProxiedRequest,
        grounds: &mut Grounds,
        now: Timestamp,
    ) -> RequestExamination {
        let identity = admitted.identity.id;
        let policy_key = EvidenceKey::Policy(admitted.identity.organization);
        let Some((remembered_policy, policy)) = self.recall_policy(policy_key, grounds, now) else {
            return RequestExamination::NeedsEvidence(policy_key);
        };
        let authorized = match &policy {
            Some(policy) => proxied_request::authorize(policy, &admitted.identity, request, now),
            // An organization that an identity belongs to exists, so this evidence is older than the organization.
            None => Err(RequestRefusal::HostUnknown),
        };
        match authorized {
            Ok(authorized) => RequestExamination::Admitted(AdmittedRequest { admitted, authorized }),
            Err(_) if !self.settles_no(&remembered_policy, identity, now) => {
                RequestExamination::NeedsAuthority(policy_key)
            }
            Err(refusal) => {
                let identity_key = EvidenceKey::Identity(identity);
                let identity_is_certain = self
                    .recall(identity_key, grounds, now)
                    .is_some_and(|remembered| self.settles_no(&remembered, identity, now));
                if refusal.depends_on_identity() && !identity_is_certain {
                    RequestExamination::NeedsAuthority(identity_key)
                } else {
                    self.note_refusal(&remembered_policy, identity, now);
                    RequestExamination::Refused(AdmissionRefusal::Request(refusal))
                }
            }
        }
    }

    fn recall_policy(
        &mut self,
        key: EvidenceKey,
        grounds: &mut Grounds,
        now: Timestamp,
    ) -> Option<(CachedEvidence, Option<Rc<PolicyFacts>>)> {
        let remembered = self.recall(key, grounds, now)?;
        match &remembered.evidence.facts {
            Facts::Policy(policy) => {
                let policy = policy.clone();
                Some((remembered, policy))
            }
            Facts::Token(_) | Facts::Identity(_) => None,
        }
    }
}

/// Gathers what is missing until every check of the bearer and of its request but consuming a use is decided. Nothing
/// is consumed.
///
/// # Errors
/// [`Unavailable`] when the verdict cannot be known.
pub async fn admit_request<P: Ports>(
    isolate: &RefCell<Isolate>,
    ports: &P,
    keys: &KeyRing,
    token_use: &TokenUse,
    request: &ProxiedRequest,
) -> Result<Result<AdmittedRequest, AdmissionRefusal>, Unavailable> {
    let now = token_use.now;
    // The policy is one more key, from the replica and then from the authority, twice.
    let mut grounds = isolate.borrow().begin();
    for _ in 0..MOST_ROUNDS + 4 {
        let examination = isolate.borrow_mut().examine_request(token_use, request, &mut grounds);
        match examination {
            RequestExamination::Admitted(admitted) => return Ok(Ok(admitted)),
            RequestExamination::Refused(refusal) => return Ok(Err(refusal)),
            RequestExamination::NeedsChanges => refresh(isolate, ports, now).await?,
            RequestExamination::NeedsEvidence(key) => gather(isolate, ports, keys, key, &mut grounds, now).await?,
            RequestExamination::NeedsAuthority(key) => {
                resolve(isolate, ports, key, Repair::NotWanted, &mut grounds, now).await?;
            }
        }
    }
    Err(Unavailable::Authority)
}
