//! The messages between the Worker and its Durable Objects.
//!
//! All of them are JSON, sent by POST. During a deployment the two sides may be of different versions for some minutes: a
//! message is changed by adding to it. **Invariant**: no message holds a plaintext token.

use serde::{Deserialize, Serialize};

use domain::token::evidence::{Changes, EvidenceKey};
use domain::value::identifiers::DirectoryId;

/// What a Worker or a counter asks of the Directory, besides commands.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "request")]
pub enum DirectoryRequest {
    /// What changed since a change number? The answer is [`ChangesAnswer`].
    Changes { since: u64 },
    /// What is known of a key? The answer is an unsealed record (see `validation::record`).
    Resolve {
        key: String,
        /// Whether the replica should be put right.
        repair: bool,
    },
    /// A counter reports. The answer is [`UsageAnswer`].
    ReportUsage {
        token: String,
        uses: u64,
        /// When it was last used, in milliseconds since the epoch.
        last_used: i64,
    },
    /// How are you? The answer is [`HealthAnswer`].
    Health,
    /// Panic on purpose. Exists in test builds only.
    #[cfg(feature = "test-hooks")]
    Panic,
}

/// A header of control's answer, for the edge alone: the call may have changed what tokens and requests are decided by. Its
/// absence means that nothing has: whoever sends junk must not make an isolate ask the authority.
pub const MAY_HAVE_CHANGED: &str = "token-auth-may-have-changed";

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangesAnswer {
    directory: String,
    head: u64,
    floor: u64,
    required: Vec<(String, u64)>,
}

impl From<&Changes> for ChangesAnswer {
    fn from(changes: &Changes) -> Self {
        Self {
            directory: changes.directory.to_string(),
            head: changes.head,
            floor: changes.floor,
            required: changes.required.iter().map(|(key, sequence)| (key.to_string(), *sequence)).collect(),
        }
    }
}

impl ChangesAnswer {
    /// The changes; `None` when the text was not written by [`ChangesAnswer::from`].
    pub fn to_domain(&self) -> Option<Changes> {
        let required = self
            .required
            .iter()
            .map(|(key, sequence)| EvidenceKey::parse(key).map(|key| (key, *sequence)))
            .collect::<Option<_>>()?;
        Some(Changes { directory: DirectoryId::parse(&self.directory)?, head: self.head, floor: self.floor, required })
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UsageAnswer {
    /// Whether there is a row of the token, dead or alive.
    pub has_token: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HealthAnswer {
    /// How many keys of the replica could not be written so far.
    pub failing_puts: u64,
}

/// What the Worker asks of a counter.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "request")]
pub enum CounterRequest {
    /// Consume a use. The answer is [`CounterAnswer`].
    Consume {
        limit: u64,
        attempt: String,
        /// The time of the request, in milliseconds since the epoch.
        now: i64,
    },
    /// Add uses of a token without a limit. The answer is [`CounterAnswer`].
    Add {
        uses: u64,
        /// When the last one was, in milliseconds since the epoch.
        last_used: i64,
        batch: String,
    },
    /// How often was it used? The answer is [`CounterAnswer`].
    Count,
    /// Panic on purpose. Exists in test builds only.
    #[cfg(feature = "test-hooks")]
    Panic,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "answer")]
pub enum CounterAnswer {
    Granted {
        remaining: u64,
    },
    Exhausted,
    Counted {
        /// How often the token has been used.
        uses: u64,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::value::identifiers::TokenId;

    #[test]
    fn directory_request_format_unchanged() {
        #[track_caller]
        fn check(request: DirectoryRequest, expected: &str) {
            assert_eq!(serde_json::to_string(&request).unwrap(), expected);
            assert_eq!(serde_json::from_str::<DirectoryRequest>(expected).unwrap(), request);
        }
        check(DirectoryRequest::Changes { since: 3 }, r#"{"request":"changes","since":3}"#);
        check(
            DirectoryRequest::Resolve { key: "token/x".to_owned(), repair: true },
            r#"{"request":"resolve","key":"token/x","repair":true}"#,
        );
        check(
            DirectoryRequest::ReportUsage { token: "x".to_owned(), uses: 1, last_used: 2 },
            r#"{"request":"reportUsage","token":"x","uses":1,"last_used":2}"#,
        );
        check(DirectoryRequest::Health, r#"{"request":"health"}"#);
    }

    #[test]
    fn usage_answer_format_unchanged() {
        let text = r#"{"hasToken":true}"#;
        assert_eq!(serde_json::to_string(&UsageAnswer { has_token: true }).unwrap(), text);
        assert_eq!(serde_json::from_str::<UsageAnswer>(text).unwrap(), UsageAnswer { has_token: true });
    }

    #[test]
    fn counter_message_format_unchanged() {
        #[track_caller]
        fn check(request: CounterRequest, expected: &str) {
            assert_eq!(serde_json::to_string(&request).unwrap(), expected);
            assert_eq!(serde_json::from_str::<CounterRequest>(expected).unwrap(), request);
        }
        check(
            CounterRequest::Consume { limit: 3, attempt: "a".to_owned(), now: 4 },
            r#"{"request":"consume","limit":3,"attempt":"a","now":4}"#,
        );
        check(
            CounterRequest::Add { uses: 3, last_used: 4, batch: "b".to_owned() },
            r#"{"request":"add","uses":3,"last_used":4,"batch":"b"}"#,
        );
        check(CounterRequest::Count, r#"{"request":"count"}"#);
        assert_eq!(
            serde_json::to_string(&CounterAnswer::Granted { remaining: 2 }).unwrap(),
            r#"{"answer":"granted","remaining":2}"#
        );
    }

    #[test]
    fn changes_survive_the_way() {
        let changes = Changes {
            directory: DirectoryId::from_bytes([1; 16]),
            head: 9,
            floor: 2,
            required: vec![(EvidenceKey::Token(TokenId::from_bytes([3; 16])), 5)],
        };
        let text = serde_json::to_string(&ChangesAnswer::from(&changes)).unwrap();
        assert_eq!(serde_json::from_str::<ChangesAnswer>(&text).unwrap().to_domain(), Some(changes));
    }
}
