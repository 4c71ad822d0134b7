//! What one isolate knows of the change feed, and how old that knowledge is.
//!
//! The age counts from the moment when the isolate *sent* its request: the answer has every change that was
//! acknowledged before. The view also counts the commands that went through the isolate itself: a request must see
//! those that were answered before it began, and need not see later ones.

use std::collections::BTreeMap;

use domain::token::evidence::{Changes, Evidence, EvidenceKey, LONGEST_TRUST};
use domain::value::identifiers::DirectoryId;
use domain::value::timestamp::{Seconds, Timestamp};

/// The most keys an isolate remembers: about 1 MB. Beyond that the older half is forgotten and the floor rises.
const CAPACITY: usize = 20_000;

/// Differences between two readings of the clock that no slow answer explains: the clock was set back.
const CLOCK_STEP: Seconds = Seconds::new(60);

/// How long ago the feed was asked, against the bound.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Freshness {
    /// Less than half the bound ago.
    Fresh,
    /// Within the bound, and time to ask again in the background.
    Aging,
    /// Not within the bound: nothing may be decided before the feed has been asked.
    TooOld,
}

/// The isolate's view of the change feed.
#[derive(Debug, Default)]
pub struct ChangeView {
    directory: Option<DirectoryId>,
    head: u64,
    floor: u64,
    required: BTreeMap<EvidenceKey, u64>,
    asked: Option<Timestamp>,
    /// The own commands that were answered before the newest question whose answer is here was sent.
    shown: u64,
    commands: u64,
}

/// A question to the feed, as the view stood when it was sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ChangesRequest {
    /// The change number to ask from.
    pub since: u64,
    sent: Timestamp,
    commands: u64,
}

/// What an answer did to the view.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Merged {
    /// The view shows what the answer says.
    Extended,
    /// The answer is from another installation, from its beginning: everything known before is void.
    Replaced,
    /// The answer is from another installation, and not from its beginning: everything known before is void, and the feed
    /// must be asked again.
    Incomplete,
}

impl ChangeView {
    /// How old the view is for a request that started at `now`, when so many own commands had been answered. With a bound
    /// of 0 only a question sent at `now` or later is good enough.
    pub fn freshness(&self, now: Timestamp, commands: u64, bound: Seconds) -> Freshness {
        let Some(asked) = self.asked.filter(|_| self.shown >= commands) else { return Freshness::TooOld };
        let age = now.milliseconds().saturating_sub(asked.milliseconds());
        let bound = bound.as_milliseconds();
        if age < -CLOCK_STEP.as_milliseconds() || (age > 0 && age >= bound) {
            Freshness::TooOld
        } else if age > 0 && age.saturating_mul(2) >= bound {
            Freshness::Aging
        } else {
            Freshness::Fresh
        }
    }

    /// Notes that a command went through the isolate: for requests that begin from now on the view is too old, and so is
    /// the answer to a question that is on its way.
    pub fn expect_changes(&mut self) {
        self.commands = self.commands.saturating_add(1);
    }

    /// How many commands went through the isolate.
    pub const fn commands(&self) -> u64 {
        self.commands
    }

    /// Whether evidence is of the installation that the view is of.
    pub fn is_of(&self, evidence: &Evidence) -> bool {
        self.directory == Some(evidence.directory)
    }

    /// The question to ask the feed at `now`.
    pub const fn question(&self, now: Timestamp) -> ChangesRequest {
        ChangesRequest { since: self.head, sent: now, commands: self.commands }
    }

    /// Takes in the answer to a question.
    pub fn merge(&mut self, changes: Changes, question: ChangesRequest) -> Merged {
        let mut merged = Merged::Extended;
        if self.directory != Some(changes.directory) {
            if self.directory.is_some() || question.since > 0 {
                // Answers that are still on their way come from an installation that no longer exists.
                *self = Self { commands: self.commands, ..Self::default() };
                merged = Merged::Replaced;
            }
            if question.since > 0 {
                return Merged::Incomplete;
            }
        }
        self.directory = Some(changes.directory);
        // Asked when the view was of another installation, which had come further: what lies between is missing.
        let is_gapless = question.since <= self.head;
        self.floor = self.floor.max(changes.floor);
        for (key, sequence) in changes.required {
            let required = self.required.entry(key).or_insert(sequence);
            *required = (*required).max(sequence);
        }
        if is_gapless {
            // What was known before is still here: the view shows what either question was answered with.
            self.head = self.head.max(changes.head);
            self.shown = self.shown.max(question.commands);
            self.asked = match self.asked {
                Some(before) if before <= question.sent.plus(CLOCK_STEP) => Some(before.max(question.sent)),
                Some(_) | None => Some(question.sent),
            };
        }
        self.forget_surplus();
        merged
    }

    /// Whether a decision may rest on this evidence: it comes from the authority the view knows, it reflects every
    /// change to its key, and the authority asserted it recently enough.
    pub fn accepts(&self, evidence: &Evidence, now: Timestamp) -> bool {
        let required = self.required.get(&evidence.key).copied().unwrap_or(0).max(self.floor);
        self.is_of(evidence) && evidence.sequence >= required && now.seconds_since(evidence.asserted) < LONGEST_TRUST
    }

    fn forget_surplus(&mut self) {
        if self.required.len() <= CAPACITY {
            return;
        }
        let mut sequences: Vec<u64> = self.required.values().copied().collect();
        sequences.sort_unstable();
        if let Some(median) = sequences.get(sequences.len() / 2) {
            self.floor = self.floor.max(*median);
            let floor = self.floor;
            self.required.retain(|_, sequence| *sequence > floor);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::token::evidence::Facts;
    use domain::value::identifiers::TokenId;

    const DIRECTORY: DirectoryId = DirectoryId::from_bytes([1; 16]);
    const OTHER: DirectoryId = DirectoryId::from_bytes([2; 16]);

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_milliseconds(milliseconds)
    }

    fn key(number: u32) -> EvidenceKey {
        let mut bytes = [0; 16];
        bytes[..4].copy_from_slice(&number.to_be_bytes());
        EvidenceKey::Token(TokenId::from_bytes(bytes))
    }

    fn changes(head: u64, required: &[(u32, u64)]) -> Changes {
        let required = required.iter().map(|(number, sequence)| (key(*number), *sequence)).collect();
        Changes { directory: DIRECTORY, head, floor: 0, required }
    }

    /// Asks at `sent` and takes the answer in at once.
    fn ask(view: &mut ChangeView, answer: Changes, sent: Timestamp) -> Merged {
        let question = view.question(sent);
        view.merge(answer, question)
    }

    fn evidence(number: u32, sequence: u64) -> Evidence {
        Evidence { directory: DIRECTORY, sequence, asserted: at(0), key: key(number), facts: Facts::Token(None) }
    }

    #[test]
    fn a_view_is_too_old_from_the_millisecond_of_the_bound_on() {
        #[track_caller]
        fn check(asked: i64, now: i64, bound: u64, expected: Freshness) {
            let mut view = ChangeView::default();
            ask(&mut view, changes(0, &[]), at(asked));
            assert_eq!(view.freshness(at(now), 0, Seconds::new(bound)), expected);
        }
        check(0, 4_999, 10, Freshness::Fresh);
        check(0, 5_000, 10, Freshness::Aging);
        check(0, 9_999, 10, Freshness::Aging);
        check(0, 10_000, 10, Freshness::TooOld);
        check(0, 1, 0, Freshness::TooOld);
        check(0, 0, 0, Freshness::Fresh);
        // A request that started before another one asked.
        check(5_000, 0, 10, Freshness::Fresh);
        check(60_001, 0, 10, Freshness::TooOld);
        assert_eq!(ChangeView::default().freshness(at(0), 0, Seconds::new(10)), Freshness::TooOld);
    }

    #[test]
    fn a_clock_that_was_set_back_does_not_keep_an_old_view_fresh() {
        let mut view = ChangeView::default();
        ask(&mut view, changes(0, &[]), at(3_600_000));
        assert_eq!(view.freshness(at(0), 0, Seconds::new(10)), Freshness::TooOld);
        ask(&mut view, changes(0, &[]), at(0));
        assert_eq!(view.freshness(at(1), 0, Seconds::new(10)), Freshness::Fresh);
        assert_eq!(view.freshness(at(10_000), 0, Seconds::new(10)), Freshness::TooOld);
    }

    #[test]
    fn evidence_older_than_a_change_to_its_key_is_refused() {
        let mut view = ChangeView::default();
        assert!(!view.accepts(&evidence(1, 9), at(0)), "nothing is known of the authority yet");
        ask(&mut view, changes(5, &[(1, 5)]), at(0));
        assert!(!view.accepts(&evidence(1, 4), at(0)));
        assert!(view.accepts(&evidence(1, 5), at(0)));
        assert!(view.accepts(&evidence(2, 0), at(0)));
    }

    #[test]
    fn an_answer_that_arrives_late_takes_nothing_back() {
        let mut view = ChangeView::default();
        ask(&mut view, changes(7, &[(1, 7)]), at(100));
        ask(&mut view, changes(5, &[(1, 5), (2, 4)]), at(50));
        assert_eq!(view.question(at(0)).since, 7);
        assert!(!view.accepts(&evidence(1, 6), at(0)));
        assert!(!view.accepts(&evidence(2, 3), at(0)));
        assert_eq!(view.freshness(at(100), 0, Seconds::new(1)), Freshness::Fresh);
    }

    #[test]
    fn evidence_below_the_floor_is_refused_for_every_key() {
        let mut view = ChangeView::default();
        ask(&mut view, Changes { floor: 3, ..changes(9, &[]) }, at(0));
        assert!(!view.accepts(&evidence(1, 2), at(0)));
        assert!(view.accepts(&evidence(1, 3), at(0)));
    }

    #[test]
    fn an_answer_that_was_on_its_way_during_a_command_suffices_for_requests_that_began_before_it_only() {
        let mut view = ChangeView::default();
        let question = view.question(at(0));
        let before = view.commands();
        view.expect_changes();
        let after = view.commands();
        view.merge(changes(3, &[(1, 3)]), question);
        assert_eq!(view.freshness(at(0), before, Seconds::new(10)), Freshness::Fresh);
        assert_eq!(view.freshness(at(0), after, Seconds::new(10)), Freshness::TooOld);
        assert_eq!(view.question(at(0)).since, 3, "what it says is true all the same");
        ask(&mut view, changes(4, &[]), at(0));
        assert_eq!(view.freshness(at(0), after, Seconds::new(10)), Freshness::Fresh);
        view.merge(changes(3, &[]), question);
        assert_eq!(
            view.freshness(at(0), after, Seconds::new(10)),
            Freshness::Fresh,
            "a late answer takes nothing back"
        );
    }

    #[test]
    fn another_installation_voids_what_was_known_and_is_asked_from_its_beginning() {
        let mut view = ChangeView::default();
        ask(&mut view, changes(9, &[(1, 9)]), at(0));
        let other = |required| Changes { directory: OTHER, head: 5, floor: 0, required };
        let of_other = |sequence| Evidence { directory: OTHER, ..evidence(1, sequence) };

        assert_eq!(ask(&mut view, other(Vec::new()), at(1)), Merged::Incomplete);
        assert_eq!(view.freshness(at(1), 0, Seconds::new(10)), Freshness::TooOld);
        assert_eq!(view.question(at(1)).since, 0);
        assert!(!view.accepts(&evidence(1, 9), at(1)));
        assert!(!view.accepts(&of_other(9), at(1)), "nothing of the new one is known yet");

        assert_eq!(ask(&mut view, other(vec![(key(1), 5)]), at(1)), Merged::Extended);
        assert!(!view.accepts(&of_other(4), at(1)));
        assert!(view.accepts(&of_other(5), at(1)));
    }

    #[test]
    fn a_late_answer_does_not_pass_for_the_beginning_of_another_installation() {
        let mut view = ChangeView::default();
        ask(&mut view, changes(9, &[]), at(0));
        let (first, late) = (view.question(at(1)), view.question(at(1)));
        let other = || Changes { directory: OTHER, head: 5, floor: 0, required: Vec::new() };
        assert_eq!(view.merge(other(), first), Merged::Incomplete);
        assert_eq!(view.merge(other(), late), Merged::Incomplete);
        assert_eq!(view.question(at(1)).since, 0);
    }

    #[test]
    fn a_late_answer_that_begins_where_the_former_installation_stood_leaves_no_gap() {
        let mut view = ChangeView::default();
        ask(&mut view, changes(9, &[]), at(0));
        let (first, late) = (view.question(at(1)), view.question(at(1)));
        let other = |head, required| Changes { directory: OTHER, head, floor: 0, required };
        assert_eq!(view.merge(other(5, Vec::new()), first), Merged::Incomplete);
        assert_eq!(ask(&mut view, other(5, Vec::new()), at(1)), Merged::Extended);
        // Meanwhile the key 1 changed as number 7, which an answer about what came after 9 does not name.
        view.merge(other(12, vec![(key(2), 12)]), late);
        assert_eq!(view.question(at(2)).since, 5);
        ask(&mut view, other(12, vec![(key(1), 7), (key(2), 12)]), at(2));
        assert!(!view.accepts(&Evidence { directory: OTHER, ..evidence(1, 6) }, at(2)));
    }

    #[test]
    fn an_answer_from_the_beginning_of_another_installation_replaces_the_view() {
        let mut view = ChangeView::default();
        let question = view.question(at(5));
        ask(&mut view, changes(9, &[(1, 9)]), at(0));
        let other = Changes { directory: OTHER, head: 1, floor: 0, required: Vec::new() };
        assert_eq!(view.merge(other, question), Merged::Replaced);
        assert_eq!(view.freshness(at(5), 0, Seconds::new(10)), Freshness::Fresh);
        assert_eq!(view.question(at(5)).since, 1);
    }

    #[test]
    fn evidence_is_not_trusted_for_longer_than_the_feed_remembers() {
        let mut view = ChangeView::default();
        ask(&mut view, changes(1, &[]), at(0));
        let last = LONGEST_TRUST.as_milliseconds();
        assert!(view.accepts(&evidence(1, 1), at(last - 1)));
        assert!(!view.accepts(&evidence(1, 1), at(last)));
    }

    #[test]
    fn a_full_view_forgets_its_older_half_and_refuses_evidence_that_could_miss_it() {
        let mut view = ChangeView::default();
        let count = u32::try_from(CAPACITY).unwrap() + 1;
        let all: Vec<(u32, u64)> = (1..=count).map(|number| (number, u64::from(number))).collect();
        ask(&mut view, changes(u64::from(count), &all), at(0));
        assert!(view.required.len() <= CAPACITY / 2 + 1);
        for (number, sequence) in all {
            assert!(!view.accepts(&evidence(number, sequence - 1), at(0)) || sequence > view.floor);
        }
        assert!(!view.accepts(&evidence(1, 1), at(0)), "a forgotten key is covered by the floor");
        assert!(view.accepts(&evidence(1, u64::from(count)), at(0)));
    }
}
