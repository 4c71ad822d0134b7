//! Who is asked for what, and which word of the replica counts.

use crate::pipeline::Examination;
use crate::record;
use domain::token::evidence::{Evidence, EvidenceKey, LONGEST_TRUST};
use domain::value::identifiers::{DirectoryId, TokenId};

use super::world::{Edge, Part, STRANGER, Verdict, World, presented, replica_keys};
use super::{known, replicated};

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
    // Not even whether the authority can be reached matters.
    world.fail(Part::Authority);
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
    // The authority said "good until then". That it expired since is the isolate's own conclusion, and of a renewal the
    // isolate learns only when it asks the feed: only the authority can say no.
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
