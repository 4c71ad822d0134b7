//! A rehearsed call answers as the call would and leaves nothing behind, so that a bearer can be told "no" before a use
//! is consumed.

use super::calls::Targets;
use crate::tests::world::{ODD_IDS, World, identity_path};

#[test]
fn a_rehearsal_of_any_operation_answers_as_the_call_would_and_changes_nothing() {
    for (endpoint, authentication) in Targets::endpoints() {
        let world = World::new();
        let targets = Targets::new(&world, "no-access");
        let calls = world.calls.get();
        let call = || {
            // The same randomness each time, so that even new identifiers are the same.
            world.calls.set(calls);
            targets.call(&world, endpoint).presenting(&targets.caller(&world, authentication).token)
        };
        let rehearsed = call().rehearsed().send();
        assert!(!rehearsed.changed(), "{endpoint:?}");
        let again = call().rehearsed().send();
        assert_eq!((again.changed(), &again.response), (false, &rehearsed.response), "{endpoint:?}");
        assert_eq!(call().send().response, rehearsed.response, "{endpoint:?}");
    }
}

#[test]
fn a_rehearsal_for_each_caller_that_is_refused_is_refused_alike() {
    for (endpoint, _) in Targets::endpoints() {
        let world = World::new();
        let targets = Targets::new(&world, "admin");
        let nobody = world.configured_caller("no-access", serde_json::json!({}));
        let call = || targets.call(&world, endpoint);
        let rehearsed = call().presenting(&nobody.token).rehearsed().send();
        assert!(!rehearsed.changed());
        let executed = call().presenting(&nobody.token).send();
        assert_eq!(rehearsed.response.status, executed.response.status, "{endpoint:?}");
        let stranger = call().rehearsed().send();
        assert!(!stranger.changed());
        assert_eq!(stranger.response, call().send().response, "{endpoint:?}");
    }
}

#[test]
fn a_rehearsal_with_wrong_input_fails_as_the_call_would() {
    let world = World::new();
    for odd in ODD_IDS {
        let rehearsed = world.by_admin("DELETE", &identity_path(odd)).rehearsed().send();
        let executed = world.by_admin("DELETE", &identity_path(odd)).send();
        assert_eq!(rehearsed.response, executed.response);
        assert_eq!(executed.response.status, 404);
    }
    let wrong = |call: crate::tests::world::Call<'_>| call.body(Some("application/json"), "{").send();
    let path = "/api/v1/identities";
    assert_eq!(wrong(world.by_admin("POST", path).rehearsed()).response, wrong(world.by_admin("POST", path)).response);
}
