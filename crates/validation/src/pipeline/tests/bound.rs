//! How soon a change is in force.

use std::rc::Rc;

use domain::token::evidence::EvidenceKey;
use domain::value::identifiers::{IdentityId, TokenId};

use super::world::{Edge, Part, STRANGER, Verdict, World};
use super::{known, replicated};

#[test]
fn a_change_is_in_force_for_every_request_that_starts_later_than_the_bound_after_it() {
    /// The isolate asked the feed `asked` milliseconds before the change and answers requests `every` so many
    /// milliseconds after it. The replica keeps its stale records.
    #[track_caller]
    fn check(bound: u64, asked: i64, every: i64, change: fn(&World, IdentityId, TokenId)) {
        let (world, edge, identity, token) = known(bound);
        world.pass(asked);
        change(&world, identity, token);
        let end = i64::try_from(bound).unwrap() * 1_000;
        let mut after = 0;
        while after <= end + 2 * every {
            let verdict = edge.ask(token);
            if after > end {
                assert!(matches!(verdict, Verdict::No(_)), "{verdict:?}, bound {bound}, asked {asked}, after {after}");
            } else {
                assert!(matches!(verdict, Verdict::No(_) | Verdict::Yes), "{verdict:?}");
            }
            edge.refresh_if_wanted();
            world.pass(every);
            after += every;
        }
    }
    let revoke = |world: &World, _, token| world.revoke(token);
    let delete = |world: &World, identity, _| world.delete(identity);
    let detach = |world: &World, identity, _| world.detach(identity);
    let narrow = |world: &World, identity, _| world.trust(identity, STRANGER);
    for change in [revoke, delete, detach, narrow] {
        for asked in [0, 1, 500, 4_999, 5_000, 9_999] {
            for every in [7, 500, 4_999, 9_999, 10_001] {
                check(10, asked, every, change);
            }
        }
        check(0, 0, 1, change);
        check(0, 1, 1_000, change);
    }
    check(10, 0, 1, revoke);
    check(10, 4_999, 1, narrow);
}

#[test]
fn the_first_request_after_a_pause_is_decided_on_what_the_feed_says_then() {
    // One request only, at each millisecond around the bound.
    #[track_caller]
    fn check(bound: u64, after: i64, expected: Verdict) {
        let (world, edge, _, token) = known(bound);
        world.revoke(token);
        world.pass(after);
        assert_eq!(edge.ask(token), expected, "bound {bound}, {after} ms after");
    }
    for after in 0..=50 {
        check(10, after, Verdict::Yes);
        check(10, 9_999 - after, Verdict::Yes);
        check(10, 10_000 + after, Verdict::No("revoked"));
        check(0, after, if after == 0 { Verdict::Yes } else { Verdict::No("revoked") });
    }
}

#[test]
fn an_isolate_shows_its_own_changes_at_once() {
    let (world, edge, _, token) = known(10);
    world.revoke(token);
    edge.isolate.borrow_mut().expect_changes();
    assert_eq!(edge.ask(token), Verdict::No("revoked"));
}

#[test]
fn an_answer_that_was_on_its_way_during_an_own_change_does_not_make_the_isolate_forget_the_change() {
    let (world, edge, _, token) = known(10);
    world.pass(5_000);
    let (isolate, authority) = (Rc::clone(&edge.isolate), Rc::clone(&world));
    world.interrupt(Part::Feed, move || {
        authority.revoke(token);
        isolate.borrow_mut().expect_changes();
    });
    edge.refresh_if_wanted();
    assert_eq!(edge.ask(token), Verdict::No("revoked"));
}

#[test]
fn evidence_that_was_overtaken_by_a_change_is_not_believed() {
    // The authority says "good"; before that arrives the token is revoked and another request learns so from the feed.
    let (world, edge, _, token) = replicated(10);
    world.lose(EvidenceKey::Token(token));
    let other = Edge { world: Rc::clone(&world), isolate: Rc::clone(&edge.isolate) };
    let authority = Rc::clone(&world);
    world.interrupt(Part::Authority, move || {
        authority.revoke(token);
        other.isolate.borrow_mut().expect_changes();
        assert_eq!(other.ask(token), Verdict::No("revoked"));
    });
    assert_eq!(edge.ask(token), Verdict::No("revoked"));
}
