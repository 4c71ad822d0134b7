//! Consuming uses: the last step, and only of a request that everything else accepts.

use crate::ports::Unavailable;

use super::world::{Part, STRANGER, Verdict};
use super::{known, replicated};

#[test]
fn a_token_without_a_limit_asks_no_counter() {
    let (world, edge, _, token) = known(10);
    assert_eq!(edge.consume(token), (Verdict::Yes, None));
    assert_eq!(world.calls(), [""; 0]);
}

#[test]
fn a_limited_token_is_accepted_exactly_as_often_as_it_may_be_and_then_refused_without_asking() {
    let (world, edge, identity, _) = replicated(10);
    let token = world.token_with(identity, None, 2);
    world.replicate_token(token);
    assert_eq!(edge.consume(token), (Verdict::Yes, Some(1)));
    assert_eq!(edge.consume(token), (Verdict::Yes, Some(0)));
    world.calls();
    assert_eq!(edge.consume(token), (Verdict::No("uses_exhausted"), None));
    assert_eq!(world.calls(), ["counter"]);
    for _ in 0..20 {
        world.pass(1_000);
        assert_eq!(edge.consume(token), (Verdict::No("uses_exhausted"), None));
    }
    assert!(!world.calls().contains(&"counter".to_owned()));
}

#[test]
fn a_refused_request_never_comes_to_the_counter() {
    let (world, edge, identity, _) = replicated(0);
    let token = world.token_with(identity, Some(1_000), 5);
    world.replicate_token(token);
    assert_eq!(edge.consume_from(token, STRANGER), (Verdict::No("client_ip_not_trusted"), None));
    world.fail(Part::Feed);
    world.pass(1);
    assert_eq!(edge.consume(token), (Verdict::Unknown(Unavailable::Authority), None));
    world.recover(Part::Feed);
    world.pass(999);
    assert_eq!(edge.consume(token), (Verdict::No("expired"), None));
    world.renew(token, 1_000);
    world.revoke(token);
    world.pass(1);
    assert_eq!(edge.consume(token), (Verdict::No("revoked"), None));
    world.delete(identity);
    world.pass(1);
    assert!(matches!(edge.consume(token), (Verdict::No(_), None)));
    assert!(!world.calls().contains(&"counter".to_owned()));
}

#[test]
fn a_counter_that_cannot_be_reached_is_no_verdict_and_is_asked_again() {
    let (world, edge, identity, _) = replicated(10);
    let token = world.token_with(identity, None, 1);
    world.replicate_token(token);
    world.fail(Part::Counter);
    assert_eq!(edge.consume(token), (Verdict::Unknown(Unavailable::Counter), None));
    world.recover(Part::Counter);
    assert_eq!(edge.consume(token), (Verdict::Yes, Some(0)));
}

#[test]
fn peeking_tells_how_many_uses_are_left_and_consumes_none() {
    let (world, edge, identity, unlimited) = known(10);
    let token = world.token_with(identity, None, 2);
    for _ in 0..5 {
        assert_eq!(edge.peek(token), (Verdict::Yes, Some(2)));
    }
    assert_eq!(edge.consume(token), (Verdict::Yes, Some(1)));
    assert_eq!(edge.peek(token), (Verdict::Yes, Some(1)));
    assert_eq!(edge.consume(token), (Verdict::Yes, Some(0)));
    assert_eq!(edge.peek(token), (Verdict::No("uses_exhausted"), None));
    world.calls();
    assert_eq!(edge.peek(token), (Verdict::No("uses_exhausted"), None));
    assert_eq!(edge.peek(unlimited), (Verdict::Yes, None));
    assert!(!world.calls().contains(&"count".to_owned()), "what is used up is remembered, and no limit needs no count");
}

#[test]
fn what_cannot_be_counted_is_not_guessed() {
    let (world, edge, identity, _) = known(10);
    let token = world.token_with(identity, None, 2);
    world.fail(Part::Counter);
    assert_eq!(edge.peek(token), (Verdict::Unknown(Unavailable::Counter), None));
    world.recover(Part::Counter);
    assert_eq!(edge.peek(token), (Verdict::Yes, Some(2)));
}
