//! The pipeline against a world that lags, fails and lies: who is asked, what is answered, and how soon a change is in
//! force.

mod bound;
mod explained;
mod failures;
mod installation;
mod model;
mod refusals;
mod requests;
mod sources;
mod streams;
mod uses;
mod world;

use std::rc::Rc;

use domain::value::identifiers::{IdentityId, TokenId};
use world::{Edge, Verdict, World};

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
