//! A rehearsed call answers as the call would and leaves nothing behind, so that a bearer can be told "no" before a use
//! is consumed.

use super::samples::{OPERATIONS, Targets, sample};
use super::{ODD_IDS, World, identity_path};

#[test]
fn a_rehearsal_of_any_operation_answers_as_the_call_would_and_changes_nothing() {
    for operation in OPERATIONS {
        let world = World::new();
        let targets = Targets::new(&world, "no-access");
        let draws = world.draws.get();
        let call = || {
            // The same randomness each time, so that even new identifiers are the same.
            world.draws.set(draws);
            let sample = sample(operation, &world, &targets);
            let possessed = matches!(sample.path.as_str(), "/api/v1/auth/token/renew" | "/api/v1/auth/token/revoke");
            let caller = if possessed { &targets.holder } else { &world.administrator };
            sample.by(&world, &caller.plaintext)
        };
        let rehearsed = call().rehearsed().send();
        assert!(!rehearsed.changed, "{operation:?}");
        let again = call().rehearsed().send();
        assert_eq!((again.changed, &again.response), (false, &rehearsed.response), "{operation:?}");
        assert_eq!(call().send().response, rehearsed.response, "{operation:?}");
    }
}

#[test]
fn a_rehearsal_for_each_caller_that_is_refused_is_refused_alike() {
    for operation in OPERATIONS {
        let world = World::new();
        let targets = Targets::new(&world, "admin");
        let sample = sample(operation, &world, &targets);
        let nobody = world.holder("no-access", serde_json::json!({}));
        let rehearsed = sample.by(&world, &nobody.plaintext).rehearsed().send();
        assert!(!rehearsed.changed);
        let executed = sample.by(&world, &nobody.plaintext).send();
        assert_eq!(rehearsed.response.status, executed.response.status, "{operation:?}");
        let stranger = sample.anonymous(&world).rehearsed().send();
        assert!(!stranger.changed);
        assert_eq!(stranger.response, sample.anonymous(&world).send().response, "{operation:?}");
    }
}

#[test]
fn a_rehearsal_with_wrong_input_fails_as_the_call_would() {
    let world = World::new();
    for odd in ODD_IDS {
        let rehearsed = world.admin("DELETE", &identity_path(odd)).rehearsed().send();
        let executed = world.admin("DELETE", &identity_path(odd)).send();
        assert_eq!(rehearsed.response, executed.response);
        assert_eq!(executed.response.status, 404);
    }
    let wrong = |call: super::Call<'_>| call.body("application/json", "{").send();
    let path = "/api/v1/identities";
    assert_eq!(wrong(world.admin("POST", path).rehearsed()).response, wrong(world.admin("POST", path)).response);
}
