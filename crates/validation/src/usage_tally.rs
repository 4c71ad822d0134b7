//! Uses of tokens that have no limit, counted in the isolate until they are reported.
//!
//! No decision rests on these counts. The isolate adds them up so that an unlimited token costs no call on its way. It
//! reports them about every second, and loses them if it dies before that.

use std::collections::BTreeMap;

use domain::value::identifiers::TokenId;
use domain::value::timestamp::Timestamp;

/// The uses of one token since the last report.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tally {
    pub uses: u64,
    pub last_used: Timestamp,
}

/// The uses of all tokens since the last report.
#[derive(Debug, Default)]
pub struct UsageTally(BTreeMap<TokenId, Tally>);

impl UsageTally {
    pub fn count(&mut self, token: TokenId, now: Timestamp) {
        self.add(token, Tally { uses: 1, last_used: now });
    }

    /// Adds uses that could not be reported back to those that wait.
    pub fn add(&mut self, token: TokenId, tally: Tally) {
        let entry = self.0.entry(token).or_insert(Tally { uses: 0, last_used: tally.last_used });
        entry.uses = entry.uses.saturating_add(tally.uses);
        entry.last_used = entry.last_used.max(tally.last_used);
    }

    /// Hands out everything that waits and starts again from nothing.
    pub fn take(&mut self) -> BTreeMap<TokenId, Tally> {
        std::mem::take(&mut self.0)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uses_add_up_and_the_last_one_is_remembered() {
        let (one, two) = (TokenId::from_bytes([1; 16]), TokenId::from_bytes([2; 16]));
        let at = Timestamp::from_milliseconds;
        let mut tally = UsageTally::default();
        tally.count(one, at(10));
        tally.count(two, at(11));
        tally.count(one, at(12));
        tally.add(one, Tally { uses: 5, last_used: at(3) });
        let taken: Vec<_> = tally.take().into_iter().collect();
        assert_eq!(taken, [(one, Tally { uses: 7, last_used: at(12) }), (two, Tally { uses: 1, last_used: at(11) })]);
        assert!(tally.is_empty());
    }
}
