//! The data plane's ports on the runtime: KV, the Directory and the counters.

use std::num::NonZeroU64;

use worker::Env;

use crate::deadline::{self, REPLICA_READ};
use crate::log::{self, Event};
use crate::objects::{self, Repeatable, TOKENS};
use domain::token::evidence::{Changes, Evidence, EvidenceKey};
use domain::token::uses::Consumption;
use domain::value::identifiers::{AttemptId, TokenId};
use domain::value::timestamp::Timestamp;
use protocol::messages::{ChangesAnswer, CounterAnswer, CounterRequest, DirectoryRequest};
use validation::ports::{Ports, Repair, Unavailable};
use validation::record;

/// The ports of one request.
pub struct RuntimePorts<'a> {
    /// The bindings.
    pub env: &'a Env,
}

impl Ports for RuntimePorts<'_> {
    async fn replica(&self, key: EvidenceKey) -> Result<Option<String>, Unavailable> {
        let store = self.env.kv(TOKENS).map_err(|_| Unavailable::Replica)?;
        let key = key.to_string();
        let read = store.get(&key).text();
        match deadline::within(REPLICA_READ, read).await {
            Ok(Ok(value)) => Ok(value),
            // The authority is asked instead and nobody notices; the operator should.
            Ok(Err(_)) | Err(_) => {
                log::failed(Event::Validation, Unavailable::Replica.code(), "reading failed or took too long", "");
                Err(Unavailable::Replica)
            }
        }
    }

    async fn resolve(&self, key: EvidenceKey, repair: Repair) -> Result<Evidence, Unavailable> {
        let request = DirectoryRequest::Resolve { key: key.to_string(), repair: repair == Repair::Wanted };
        let text = directory_text(self.env, &request).await?;
        record::decode(key, &text).ok_or(Unavailable::Authority)
    }

    async fn changes(&self, since: u64) -> Result<Changes, Unavailable> {
        let text = directory_text(self.env, &DirectoryRequest::Changes { since }).await?;
        let answer: ChangesAnswer = serde_json::from_str(&text).map_err(|_| Unavailable::Authority)?;
        answer.to_domain().ok_or(Unavailable::Authority)
    }

    async fn consume(
        &self,
        token: TokenId,
        limit: NonZeroU64,
        attempt: AttemptId,
        now: Timestamp,
    ) -> Result<Consumption, Unavailable> {
        let request =
            CounterRequest::Consume { limit: limit.get(), attempt: attempt.to_string(), now: now.milliseconds() };
        match counter_answer(self.env, token, &request).await? {
            CounterAnswer::Granted { remaining } => Ok(Consumption::Granted { remaining }),
            CounterAnswer::Exhausted => Ok(Consumption::Exhausted),
            CounterAnswer::Counted { .. } => Err(Unavailable::Counter),
        }
    }

    async fn uses(&self, token: TokenId) -> Result<u64, Unavailable> {
        match counter_answer(self.env, token, &CounterRequest::Count).await? {
            CounterAnswer::Counted { uses } => Ok(uses),
            CounterAnswer::Granted { .. } | CounterAnswer::Exhausted => Err(Unavailable::Counter),
        }
    }
}

/// Asks a counter and reads its answer.
///
/// # Errors
/// [`Unavailable::Counter`].
pub async fn counter_answer(env: &Env, token: TokenId, request: &CounterRequest) -> Result<CounterAnswer, Unavailable> {
    let mut response = objects::call_counter(env, token, request).await.map_err(|_| Unavailable::Counter)?;
    let text = deadline::within(deadline::OBJECT, response.text()).await;
    match text {
        Ok(Ok(text)) if response.status_code() == 200 => serde_json::from_str(&text).map_err(|_| Unavailable::Counter),
        Ok(Ok(_) | Err(_)) | Err(_) => Err(Unavailable::Counter),
    }
}

/// Asks the Directory something that may be repeated and reads its answer.
///
/// # Errors
/// [`Unavailable::Authority`].
pub async fn directory_text(env: &Env, request: &DirectoryRequest) -> Result<String, Unavailable> {
    let mut response =
        objects::call_directory(env, request, Repeatable::Yes).await.map_err(|_| Unavailable::Authority)?;
    match deadline::within(deadline::OBJECT, response.text()).await {
        Ok(Ok(text)) if response.status_code() == 200 => Ok(text),
        Ok(Ok(_) | Err(_)) | Err(_) => Err(Unavailable::Authority),
    }
}
