//! The pipeline against a world that lags, fails and lies: who is asked, what is answered, and how soon a change is in
//! force.

mod model;
mod world;

use std::rc::Rc;

use super::Examination;
use crate::domain::access_token::{PresentedToken, TokenDigest};
use crate::domain::evidence::{Evidence, EvidenceKey, LONGEST_TRUST};
use crate::domain::identifiers::{DirectoryId, IdentityId, TokenId};
use crate::validation::ports::Unavailable;
use crate::validation::record;
use world::{CLIENT, Edge, Part, STRANGER, Verdict, World, presented, replica_keys};

/// A world with one identity and one token, both in the replica, and an isolate that knows nothing of them.
fn replicated(bound: u64) -> (Rc<World>, Edge, IdentityId, TokenId) {
    let world = World::new();
    let identity = world.identity();
    let token = world.token(identity);
    world.replicate_token(token);
    let edge = Edge::new(&world, bound);
    (world, edge, identity, token)
}

/// The same, with everything in the isolate's memory.
fn known(bound: u64) -> (Rc<World>, Edge, IdentityId, TokenId) {
    let (world, edge, identity, token) = replicated(bound);
    assert_eq!(edge.ask(token), Verdict::Yes);
    world.calls();
    (world, edge, identity, token)
}

// Who is asked.

#[test]
fn the_first_request_asks_the_feed_and_the_replica_and_nobody_else() {
    let (world, edge, _, token) = replicated(10);
    assert_eq!(edge.ask(token), Verdict::Yes);
    assert_eq!(world.calls(), ["feed", "replica token", "replica identity"]);
}

#[test]
fn a_request_whose_facts_are_known_asks_nobody() {
    let (world, edge, _, token) = known(10);
    for _ in 0..9_999 {
        world.pass(1);
        assert!(matches!(edge.examine(token), Examination::Admitted(_)));
    }
    assert_eq!(world.calls(), [""; 0]);
}

#[test]
fn a_second_token_of_a_known_identity_costs_one_look_into_the_replica() {
    let (world, edge, identity, _) = known(10);
    let second = world.token(identity);
    world.replicate(EvidenceKey::Token(second));
    assert_eq!(edge.ask(second), Verdict::Yes);
    assert_eq!(world.calls(), ["replica token"]);
}

#[test]
fn from_half_of_the_bound_on_the_feed_is_wanted_without_anybody_waiting_for_it() {
    let (world, edge, _, token) = known(10);
    world.pass(4_999);
    edge.refresh_if_wanted();
    assert_eq!(world.calls(), [""; 0]);
    world.pass(1);
    assert!(matches!(edge.examine(token), Examination::Admitted(_)));
    edge.refresh_if_wanted();
    assert_eq!(world.calls(), ["feed"]);
    world.pass(9_999);
    assert!(matches!(edge.examine(token), Examination::Admitted(_)), "the bound counts from the last question on");
    world.pass(1);
    assert!(matches!(edge.examine(token), Examination::NeedsChanges));
}

#[test]
fn a_bound_of_zero_asks_the_feed_for_each_request() {
    let (world, edge, _, token) = known(0);
    for _ in 0..3 {
        world.pass(1);
        assert_eq!(edge.ask(token), Verdict::Yes);
        assert_eq!(world.calls(), ["feed"]);
    }
}

// What the replica says, and whether it counts.

#[test]
fn a_new_token_that_the_replica_does_not_have_yet_works_at_once() {
    let (world, edge, identity, _) = known(10);
    let token = world.token(identity);
    assert_eq!(edge.ask(token), Verdict::Yes);
    assert_eq!(world.calls(), ["replica token", "authority token and repair"]);
    world.pass(1);
    assert_eq!(edge.ask(token), Verdict::Yes);
    assert_eq!(world.calls(), [""; 0]);
}

#[test]
fn a_new_token_of_a_new_identity_works_at_once() {
    let (world, edge, _, _) = known(10);
    let token = world.token(world.identity());
    assert_eq!(edge.ask(token), Verdict::Yes);
    let expected = ["replica token", "authority token and repair", "replica identity", "authority identity and repair"];
    assert_eq!(world.calls(), expected);
}

#[test]
fn a_replica_that_lost_everything_costs_questions_and_no_verdict() {
    let (world, edge, identity, token) = replicated(10);
    world.lose(EvidenceKey::Token(token));
    world.lose(EvidenceKey::Identity(identity));
    assert_eq!(edge.ask(token), Verdict::Yes);
    assert_eq!(edge.ask_as(presented(token), STRANGER), Verdict::No("client_ip_not_trusted"));
}

#[test]
fn a_record_that_proves_nothing_is_replaced_by_the_word_of_the_authority() {
    /// `tamper` makes the replica's record of the token unusable. It says that the token is good; the authority does not.
    #[track_caller]
    fn check(tamper: impl FnOnce(&World, Evidence) -> String) {
        let (world, edge, identity, token) = replicated(10);
        let key = EvidenceKey::Token(token);
        let good = world.evidence(key);
        world.state.borrow_mut().tokens.remove(&token);
        // Without a trace in the feed, so that nothing but the record itself gives the game away.
        world.forget_changes();
        let text = tamper(&world, good);
        world.put(key, &text);
        assert_eq!(edge.ask(token), Verdict::No("unknown"));
        assert_eq!(world.calls(), ["feed", "replica token", "authority token and repair"]);
        assert!(world.state.borrow().identities.contains_key(&identity));
    }
    let seal = |evidence: &Evidence| record::seal(evidence, &replica_keys("r")).unwrap();
    check(|_, _| String::new());
    check(|_, _| "junk".to_owned());
    check(|_, good| record::encode(&good).unwrap());
    check(|_, good| record::seal(&good, &replica_keys("x")).unwrap());
    check(|_, good| seal(&good).replace("\"usesLimit\":0", "\"usesLimit\":9"));
    check(|_, good| seal(&good).to_uppercase());
    check(|_, good| seal(&Evidence { directory: DirectoryId::from_bytes([9; 16]), ..good }));
    check(|_, good| seal(&Evidence { key: EvidenceKey::Token(TokenId::from_bytes([9; 16])), ..good }));
    check(|world, good| {
        world.pass(LONGEST_TRUST.as_milliseconds());
        seal(&good)
    });
    check(|world, good| {
        world.change_something_else();
        world.feed_room.set(0);
        seal(&good)
    });
}

#[test]
fn a_record_of_the_right_seal_age_and_key_counts() {
    // The counterpart of the test above: what it breaks is what made the difference.
    let (world, edge, _, token) = replicated(10);
    world.state.borrow_mut().tokens.remove(&token);
    world.forget_changes();
    world.pass(LONGEST_TRUST.as_milliseconds() - 1);
    assert_eq!(edge.ask(token), Verdict::Yes);
    assert_eq!(world.calls(), ["feed", "replica token", "replica identity"]);
}

#[test]
fn a_record_below_the_change_that_the_feed_requires_is_replaced_by_the_word_of_the_authority() {
    let (world, edge, identity, token) = replicated(10);
    world.trust(identity, STRANGER);
    assert_eq!(edge.ask_as(presented(token), STRANGER), Verdict::Yes);
    let expected = ["feed", "replica token", "replica identity", "authority identity and repair"];
    assert_eq!(world.calls(), expected);

    world.revoke(token);
    let fresh = Edge::new(&world, 10);
    assert_eq!(fresh.ask_as(presented(token), STRANGER), Verdict::No("revoked"));
    assert_eq!(world.calls(), ["feed", "replica token", "authority token and repair"]);
}

#[test]
fn remembered_evidence_is_not_trusted_for_longer_than_a_day() {
    let (world, edge, _, token) = known(10);
    world.pass(LONGEST_TRUST.as_milliseconds());
    assert_eq!(edge.ask(token), Verdict::Yes);
    let expected =
        ["feed", "replica token", "authority token and repair", "replica identity", "authority identity and repair"];
    assert_eq!(world.calls(), expected);
}

#[test]
fn a_tombstone_of_a_revoked_token_is_final() {
    let (world, edge, _, token) = replicated(10);
    world.revoke(token);
    world.replicate_token(token);
    for _ in 0..5 {
        assert_eq!(edge.ask(token), Verdict::No("revoked"));
        world.pass(1_999);
    }
    assert_eq!(world.calls(), ["feed", "replica token"]);
}

#[test]
fn a_renewed_token_whose_replica_record_looks_expired_is_accepted() {
    let (world, edge, identity, _) = replicated(10);
    let token = world.token_with(identity, Some(5_000), 0);
    world.replicate_token(token);
    assert_eq!(edge.ask(token), Verdict::Yes);
    world.pass(4_999);
    world.renew(token, 60_000);
    world.calls();
    assert_eq!(edge.ask(token), Verdict::Yes);
    assert_eq!(world.calls(), [""; 0], "it has not expired by any account");
    world.pass(1);
    assert_eq!(edge.ask(token), Verdict::Yes);
    assert_eq!(world.calls(), ["authority token"]);
    world.pass(4_000);
    assert_eq!(edge.ask(token), Verdict::Yes);
    assert_eq!(world.calls(), [""; 0], "the new expiry is remembered");
}

#[test]
fn a_token_renewed_just_before_it_expired_is_accepted_although_the_authority_was_asked_just_before_that() {
    // The authority said "good until then". That it expired since is the isolate's own conclusion, and a renewal is not
    // in the feed: only the authority can say no.
    for bound in [0, 10] {
        let (world, edge, identity, _) = replicated(bound);
        let token = world.token_with(identity, Some(1_000), 0);
        assert_eq!(edge.ask(token), Verdict::Yes);
        world.pass(999);
        world.renew(token, 60_000);
        world.pass(1);
        assert_eq!(edge.ask(token), Verdict::Yes, "bound {bound}");
    }
}

// Refusals.

#[test]
fn a_refusal_asks_the_authority_once_and_is_then_remembered_for_three_seconds() {
    /// `arrange` says with what secret and from where the request comes; the replica agrees with the authority.
    #[track_caller]
    fn check(
        arrange: impl FnOnce(&World, IdentityId, TokenId) -> (PresentedToken, &'static str),
        code: &'static str,
        first_calls: &[&str],
    ) {
        let (world, edge, identity, token) = replicated(10);
        let (token, client) = arrange(&world, identity, token);
        assert_eq!(edge.ask_as(token.clone(), client), Verdict::No(code));
        assert_eq!(world.calls(), first_calls);
        for _ in 0..2_999 {
            world.pass(1);
            assert_eq!(edge.ask_as(token.clone(), client), Verdict::No(code));
        }
        assert_eq!(world.calls(), [""; 0]);
        world.pass(1);
        assert_eq!(edge.ask_as(token, client), Verdict::No(code));
        assert_eq!(world.calls(), [*first_calls.last().unwrap()]);
    }
    let of_the_token = ["feed", "replica token", "authority token"].as_slice();
    let of_the_identity = ["feed", "replica token", "replica identity", "authority identity"].as_slice();
    let unknown = |world: &World, _, token| {
        world.state.borrow_mut().tokens.remove(&token);
        world.replicate(EvidenceKey::Token(token));
        (presented(token), CLIENT)
    };
    let wrong_secret = |_: &World, _, token| {
        let digest = TokenDigest::from_bytes([0xaa; 32]);
        (PresentedToken { digest, ..presented(token) }, CLIENT)
    };
    let expired = |world: &World, identity, _| {
        let token = world.token_with(identity, Some(1), 0);
        world.replicate_token(token);
        world.pass(1);
        (presented(token), CLIENT)
    };
    let identity_deleted = |world: &World, identity, token| {
        world.delete(identity);
        world.replicate(EvidenceKey::Identity(identity));
        (presented(token), CLIENT)
    };
    let method_removed = |world: &World, identity, token| {
        world.detach(identity);
        world.replicate(EvidenceKey::Identity(identity));
        (presented(token), CLIENT)
    };
    let method_attached_again = |world: &World, identity, token| {
        world.detach(identity);
        world.attach(identity);
        world.replicate(EvidenceKey::Identity(identity));
        (presented(token), CLIENT)
    };
    check(unknown, "unknown", of_the_token);
    check(wrong_secret, "wrong_secret", of_the_token);
    check(expired, "expired", of_the_token);
    check(identity_deleted, "identity_deleted", of_the_identity);
    check(method_removed, "auth_method_removed", of_the_identity);
    check(method_attached_again, "auth_method_removed", of_the_identity);
    check(|_, _, token| (presented(token), STRANGER), "client_ip_not_trusted", of_the_identity);
}

#[test]
fn a_refused_client_does_not_stand_in_the_way_of_a_trusted_one() {
    let (_, edge, _, token) = known(10);
    assert_eq!(edge.ask_as(presented(token), STRANGER), Verdict::No("client_ip_not_trusted"));
    assert_eq!(edge.ask(token), Verdict::Yes);
    assert_eq!(edge.ask_as(presented(token), STRANGER), Verdict::No("client_ip_not_trusted"));
}

#[test]
fn a_method_attached_again_and_its_new_token_work_at_once_although_the_isolate_remembers_the_old_one() {
    for bound in [0, 10] {
        let (world, edge, identity, old) = known(bound);
        world.detach(identity);
        // The isolate learns of the removal from the authority itself, a moment before the method is attached again.
        edge.isolate.borrow_mut().expect_changes();
        assert_eq!(edge.ask(old), Verdict::No("auth_method_removed"));
        world.attach(identity);
        let new = world.token(identity);
        assert_eq!(edge.ask(new), Verdict::Yes, "bound {bound}");
        assert_eq!(edge.ask(old), Verdict::No("auth_method_removed"), "bound {bound}");
    }
}

// How soon a change is in force.

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

// What cannot be reached.

#[test]
fn a_feed_that_cannot_be_reached_is_no_verdict_once_the_view_is_too_old() {
    let (world, edge, _, token) = known(10);
    world.fail(Part::Feed);
    world.pass(9_999);
    edge.refresh_if_wanted();
    assert_eq!(edge.ask(token), Verdict::Yes, "the view is within the bound");
    world.revoke(token);
    for _ in 0..3 {
        world.pass(1);
        assert_eq!(edge.ask(token), Verdict::Unknown(Unavailable::Authority));
    }
    world.recover(Part::Feed);
    assert_eq!(edge.ask(token), Verdict::No("revoked"));
}

#[test]
fn a_remembered_refusal_is_no_verdict_either_once_the_view_is_too_old() {
    let (world, edge, _, token) = known(2);
    world.revoke(token);
    world.pass(2_000);
    assert_eq!(edge.ask(token), Verdict::No("revoked"));
    world.fail(Part::Feed);
    world.pass(2_000);
    assert_eq!(edge.ask(token), Verdict::Unknown(Unavailable::Authority));
}

#[test]
fn a_replica_that_cannot_be_reached_leaves_the_verdict_to_the_authority() {
    let (world, edge, _, token) = replicated(10);
    world.fail(Part::Replica);
    assert_eq!(edge.ask(token), Verdict::Yes);
    // Nothing is known to be wrong with the records, so none is put again.
    let expected = ["feed", "replica token", "authority token", "replica identity", "authority identity"];
    assert_eq!(world.calls(), expected);
}

#[test]
fn without_replica_and_authority_there_is_no_verdict() {
    let (world, edge, _, token) = replicated(10);
    world.fail(Part::Replica);
    world.fail(Part::Authority);
    assert_eq!(edge.ask(token), Verdict::Unknown(Unavailable::Authority));
    world.recover(Part::Replica);
    assert_eq!(edge.ask(token), Verdict::Yes, "the replica alone is enough for a yes");
}

#[test]
fn a_no_that_only_the_replica_supports_is_no_verdict_without_the_authority() {
    let (world, edge, identity, _) = replicated(10);
    let token = world.token_with(identity, Some(1_000), 0);
    world.replicate_token(token);
    world.fail(Part::Authority);
    assert_eq!(edge.ask_as(presented(token), STRANGER), Verdict::Unknown(Unavailable::Authority));
    world.pass(1_000);
    assert_eq!(edge.ask(token), Verdict::Unknown(Unavailable::Authority));
}

// Uses.

#[test]
fn a_token_without_a_limit_asks_no_counter() {
    let (world, edge, _, token) = known(10);
    assert_eq!(edge.spend(token), (Verdict::Yes, None));
    assert_eq!(world.calls(), [""; 0]);
}

#[test]
fn a_limited_token_is_accepted_exactly_as_often_as_it_may_be_and_then_refused_without_asking() {
    let (world, edge, identity, _) = replicated(10);
    let token = world.token_with(identity, None, 2);
    world.replicate_token(token);
    assert_eq!(edge.spend(token), (Verdict::Yes, Some(1)));
    assert_eq!(edge.spend(token), (Verdict::Yes, Some(0)));
    world.calls();
    assert_eq!(edge.spend(token), (Verdict::No("uses_exhausted"), None));
    assert_eq!(world.calls(), ["counter"]);
    for _ in 0..20 {
        world.pass(1_000);
        assert_eq!(edge.spend(token), (Verdict::No("uses_exhausted"), None));
    }
    assert!(!world.calls().contains(&"counter".to_owned()));
}

#[test]
fn a_refused_request_never_comes_to_the_counter() {
    let (world, edge, identity, _) = replicated(0);
    let token = world.token_with(identity, Some(1_000), 5);
    world.replicate_token(token);
    assert_eq!(edge.spend_from(token, STRANGER), (Verdict::No("client_ip_not_trusted"), None));
    world.fail(Part::Feed);
    world.pass(1);
    assert_eq!(edge.spend(token), (Verdict::Unknown(Unavailable::Authority), None));
    world.recover(Part::Feed);
    world.pass(999);
    assert_eq!(edge.spend(token), (Verdict::No("expired"), None));
    world.renew(token, 1_000);
    world.revoke(token);
    world.pass(1);
    assert_eq!(edge.spend(token), (Verdict::No("revoked"), None));
    world.delete(identity);
    world.pass(1);
    assert!(matches!(edge.spend(token), (Verdict::No(_), None)));
    assert!(!world.calls().contains(&"counter".to_owned()));
}

#[test]
fn a_counter_that_cannot_be_reached_is_no_verdict_and_is_asked_again() {
    let (world, edge, identity, _) = replicated(10);
    let token = world.token_with(identity, None, 1);
    world.replicate_token(token);
    world.fail(Part::Counter);
    assert_eq!(edge.spend(token), (Verdict::Unknown(Unavailable::Counter), None));
    world.recover(Part::Counter);
    assert_eq!(edge.spend(token), (Verdict::Yes, Some(0)));
}

// Another installation of the authority.

#[test]
fn another_installation_of_the_authority_voids_everything_that_was_known() {
    let (world, edge, _, token) = known(10);
    world.replace_authority();
    world.pass(10_000);
    assert_eq!(edge.ask(token), Verdict::No("unknown"));
    // The first question went on from where the former installation had been; the second one starts anew.
    assert_eq!(world.calls(), ["feed", "feed", "replica token", "authority token and repair"]);
}

#[test]
fn a_token_of_another_installation_works_at_once_and_voids_what_the_former_one_said() {
    let (world, edge, _, old) = known(10);
    world.replace_authority();
    let identity = world.identity();
    let new = world.token(identity);
    assert_eq!(edge.ask(new), Verdict::Yes);
    assert!(world.calls().len() <= 6, "it is found out without going round in circles");
    assert_eq!(edge.ask(old), Verdict::No("unknown"), "within the bound, because the isolate knows better by now");
}

#[test]
fn another_installation_counts_uses_anew() {
    let (world, edge, identity, _) = replicated(10);
    let token = world.token_with(identity, None, 1);
    world.replicate_token(token);
    let installation = world.state.borrow().clone();
    assert_eq!(edge.spend(token), (Verdict::Yes, Some(0)));
    assert_eq!(edge.spend(token).0, Verdict::No("uses_exhausted"));
    world.replace_authority();
    let directory = world.state.borrow().directory;
    *world.state.borrow_mut() = installation;
    world.state.borrow_mut().directory = directory;
    world.calls();
    world.pass(10_000);
    assert_eq!(edge.spend(token).0, Verdict::No("uses_exhausted"), "by the counter's own word");
    assert!(world.calls().contains(&"counter".to_owned()));
}

#[test]
fn an_authority_that_keeps_changing_its_identity_is_no_verdict_and_no_endless_loop() {
    let (world, edge, _, token) = known(10);
    world.flapping.set(true);
    world.pass(10_000);
    assert_eq!(edge.ask(token), Verdict::Unknown(Unavailable::Authority));
    assert!(world.calls().len() <= 40);
}
