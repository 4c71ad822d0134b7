//! Streams of changes while requests wait for answers: everybody answers, so every request gets its verdict.

use std::rc::Rc;

use domain::token::evidence::EvidenceKey;
use domain::value::identifiers::{IdentityId, TokenId};

use super::known;
use super::world::{Edge, HOME, ORGANIZATION, STRANGER, Verdict, World, presented};

/// A change, and what other requests do, while an answer is on its way.
type Happening = fn(&World, &Edge, IdentityId, TokenId);

fn renew(world: &World, _: &Edge, _: IdentityId, token: TokenId) {
    world.pass(1);
    world.renew(token, 3_600_000);
}

fn trust(world: &World, _: &Edge, identity: IdentityId, _: TokenId) {
    world.pass(1);
    world.trust(identity, HOME);
}

fn policy(world: &World, _: &Edge, _: IdentityId, _: TokenId) {
    world.pass(1);
    world.set_policy(Vec::new(), Vec::new());
}

fn everything(world: &World, other: &Edge, identity: IdentityId, token: TokenId) {
    for change in [renew, trust, policy] {
        change(world, other, identity, token);
    }
}

/// The change goes through the isolate that is waiting.
fn own(world: &World, other: &Edge, identity: IdentityId, token: TokenId) {
    everything(world, other, identity, token);
    other.isolate.borrow_mut().expect_changes();
}

/// Another isolate carries the change out; this one's feed names it at once.
fn heard_of(world: &World, other: &Edge, identity: IdentityId, token: TokenId) {
    everything(world, other, identity, token);
    world.pass(5_000);
    other.refresh_if_wanted();
}

/// Another request asks at the same time, and so does one that is refused; the replica follows every change.
fn asked_about(world: &World, other: &Edge, identity: IdentityId, token: TokenId) {
    own(world, other, identity, token);
    world.replicate_token(token);
    world.replicate(EvidenceKey::Policy(ORGANIZATION));
    assert_eq!(other.ask(token), Verdict::Yes);
    assert_eq!(other.ask_as(presented(token), STRANGER), Verdict::No("client_ip_not_trusted"));
}

#[test]
fn a_stream_of_changes_leaves_no_request_without_a_verdict() {
    #[track_caller]
    fn check(name: &str, bound: u64, happening: Happening, client: &str, expected: Verdict) {
        for forget in [false, true] {
            let (world, edge, identity, token) = known(bound);
            world.set_policy(Vec::new(), Vec::new());
            if forget {
                world.lose(EvidenceKey::Token(token));
                world.lose(EvidenceKey::Identity(identity));
            }
            world.pass(20_000);
            edge.isolate.borrow_mut().expect_changes();
            let other = Edge { world: Rc::clone(&world), isolate: Rc::clone(&edge.isolate) };
            let authority = Rc::clone(&world);
            world.disturb(move || happening(&authority, &other, identity, token));
            assert_eq!(edge.ask_as(presented(token), client), expected, "{name}, bound {bound}, forget {forget}");
        }
    }
    for bound in [0, 1, 10] {
        for (name, happening) in [
            ("renew", renew as Happening),
            ("trust", trust),
            ("policy", policy),
            ("own", own),
            ("heard_of", heard_of),
            ("asked_about", asked_about),
        ] {
            check(name, bound, happening, "10.0.0.1", Verdict::Yes);
            check(name, bound, happening, STRANGER, Verdict::No("client_ip_not_trusted"));
        }
    }
}

#[test]
fn what_a_request_asks_does_not_grow_with_the_changes_that_happen_meanwhile() {
    for (client, most) in [("10.0.0.1", 5), (STRANGER, 6)] {
        let (world, edge, identity, token) = known(10);
        world.pass(20_000);
        let other = Edge { world: Rc::clone(&world), isolate: Rc::clone(&edge.isolate) };
        let authority = Rc::clone(&world);
        world.disturb(move || own(&authority, &other, identity, token));
        edge.ask_as(presented(token), client);
        let calls = world.calls();
        assert!(calls.len() <= most, "{calls:?}");
    }
}
