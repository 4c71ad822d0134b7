//! When the pipeline says no, and how long it repeats a no without asking again.

use domain::token::access_token::{PresentedToken, TokenDigest};
use domain::token::evidence::EvidenceKey;
use domain::value::identifiers::{IdentityId, TokenId};

use super::world::{CLIENT, STRANGER, Verdict, World, presented};
use super::{known, replicated};

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
