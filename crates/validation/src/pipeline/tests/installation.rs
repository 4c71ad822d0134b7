//! Another installation of the authority takes over.

use crate::ports::Unavailable;

use super::world::{STRANGER, Verdict};
use super::{known, replicated};

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
fn a_change_that_another_installation_made_before_it_was_first_asked_is_in_force() {
    let (world, edge, identity, token) = known(10);
    for _ in 0..20 {
        world.change_something_else();
    }
    world.pass(10_000);
    assert_eq!(edge.ask(token), Verdict::Yes);
    // It has made fewer changes than the isolate knows of the former one, and the replica shows the state before them.
    world.move_authority();
    world.replicate_token(token);
    world.trust(identity, STRANGER);
    world.pass(10_000);
    assert_eq!(edge.ask(token), Verdict::No("client_ip_not_trusted"));
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
    assert_eq!(edge.consume(token), (Verdict::Yes, Some(0)));
    assert_eq!(edge.consume(token).0, Verdict::No("uses_exhausted"));
    world.move_authority();
    world.calls();
    world.pass(10_000);
    assert_eq!(edge.consume(token).0, Verdict::No("uses_exhausted"), "by the counter's own word");
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
