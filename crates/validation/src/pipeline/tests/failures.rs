//! What cannot be reached: a verdict that cannot be known is none.

use crate::ports::Unavailable;

use super::world::{Part, STRANGER, Verdict, presented};
use super::{known, replicated};

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
