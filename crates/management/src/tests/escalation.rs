//! A search for escalations: actors with random roles in the organization and in a project, some of them for a time or
//! not yet begun, make random calls, let time pass, and use every token and every client secret they get hold of.
//!
//! Whatever they do, and however they work together, no identity whose token they hold may do something, now or at a
//! later moment, that none of them could have done at that moment with what they had at the start. And no request is
//! decided about by another project than before, is sent elsewhere, or with its token, or is open to one of them,
//! unless they could have sent it themselves: for good, where it is led away.
//!
//! Not among the calls: what changes nobody's rights, such as environments.

mod protected;
mod random;
mod scene;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use self::random::{
    DENYING, Pick, RandomCall, RandomGrant, RandomRule, RandomScene, STRONG, any_play, rule, strong_project_rules,
    strong_rules,
};
use self::scene::{SIZES, Scene, Stage};
use directory::sql::{SqlError, Transactions};

/// Undoes what a case did, so that the next one finds the same stage.
struct Done(Result<(), TestCaseError>);

impl From<SqlError> for Done {
    fn from(error: SqlError) -> Self {
        Self(Err(TestCaseError::fail(error.to_string())))
    }
}

#[test]
fn nobody_reaches_what_none_of_the_actors_could_do() {
    let stage = Stage::new();
    let play = |start: &RandomScene, calls: &[(Pick, RandomCall)]| {
        let mut scene = Scene::new(&stage, start);
        let start = scene.standings();
        for (number, (bearer, call)) in calls.iter().enumerate() {
            scene.make(*bearer, call, number);
            prop_assert_eq!(scene.escalation(&start), None, "after {:?}", call);
        }
        Ok(())
    };
    let config =
        ProptestConfig { cases: 256, max_shrink_iters: 500, failure_persistence: None, ..ProptestConfig::default() };
    let outcome = TestRunner::new(config).run(&any_play(SIZES, 1..=5), |(start, calls)| {
        match stage.world.sql.transaction(|| Err::<(), Done>(Done(play(&start, &calls)))) {
            Ok(()) => Ok(()),
            Err(Done(outcome)) => outcome,
        }
    });
    assert!(outcome.is_ok(), "{}", outcome.unwrap_err());
}

/// Makes these calls one after the other; each must end as is said, and none be an escalation.
#[track_caller]
fn check(start: &RandomScene, calls: Vec<(Pick, RandomCall, bool)>) {
    let stage = Stage::new();
    let mut scene = Scene::new(&stage, start);
    let start = scene.standings();
    for (number, (bearer, call, expected)) in calls.into_iter().enumerate() {
        assert_eq!(scene.make(bearer, &call, number), expected, "{call:?}");
        assert_eq!(scene.escalation(&start), None, "{call:?}");
    }
}

/// The search is worth something only if its calls can lead somewhere: here is one way.
#[test]
fn a_strong_actor_can_work_through_an_identity_it_made_and_gets_no_further_than_itself() {
    use RandomCall as C;
    let weak = vec![rule("identity", &["read"])];
    let start = RandomScene {
        actors: 2,
        roles: vec![strong_rules(), weak.clone(), weak.clone(), weak.clone()],
        project_roles: Vec::new(),
        memberships: Vec::new(),
    };
    let (strong, made) = (Pick(0), Pick(2));
    let (administrator, bystander, new_identity, new_role, admin_role) = (Pick(0), Pick(3), Pick(5), Pick(4), Pick(5));
    check(
        &start,
        vec![
            (strong, C::CreateRole { rules: strong_rules() }, true),
            (strong, C::CreateIdentity { role: new_role }, true),
            (strong, C::AttachTokenAuth { identity: new_identity }, true),
            (strong, C::CreateToken { identity: new_identity }, true),
            (made, C::CreateToken { identity: bystander }, true),
            (made, C::CreateToken { identity: administrator }, false),
            (made, C::UpdateIdentity { identity: bystander, role: admin_role }, false),
            (made, C::UpdateIdentity { identity: bystander, role: new_role }, true),
            (made, C::UpdateRole { role: new_role, rules: weak }, true),
            (made, C::CreateToken { identity: bystander }, false),
        ],
    );
}

/// The same in a project, by a login, and over time.
#[test]
fn a_strong_member_can_work_through_a_login_of_another_and_gives_nothing_for_longer_than_it_has_it() {
    use RandomCall as C;
    const fn grant(role: Pick, period: Option<(i64, i64)>) -> RandomGrant {
        RandomGrant { role, period }
    }
    let denial = vec![RandomRule { inverted: true, ..rule("requests", &["delete"]) }];
    let start = RandomScene {
        actors: 2,
        roles: vec![strong_rules(), Vec::new(), Vec::new(), Vec::new()],
        project_roles: vec![strong_project_rules(), denial.clone()],
        // Strong for four steps, and held back from the third on.
        memberships: vec![vec![grant(STRONG, Some((0, 4))), grant(DENYING, Some((2, 3)))]],
    };
    let (strong, by_login) = (Pick(0), Pick(2));
    let (bystander, new_role, secret) = (Pick(3), Pick(2), Pick(0));
    let (for_good, as_long, too_long) = (None, Some((0, 4)), Some((0, 5)));
    let reading = vec![rule("requests", &["read"])];
    check(
        &start,
        vec![
            (strong, C::EditOwnMembership { drop: Some(Pick(1)), for_good: None }, false),
            (strong, C::CreateProjectRole { rules: reading.clone() }, true),
            (strong, C::CreateMembership { identity: bystander, roles: vec![grant(new_role, for_good)] }, false),
            (strong, C::CreateMembership { identity: bystander, roles: vec![grant(new_role, too_long)] }, false),
            (strong, C::CreateMembership { identity: bystander, roles: vec![grant(STRONG, as_long)] }, false),
            (strong, C::CreateMembership { identity: bystander, roles: vec![] }, true),
            (strong, C::AttachUniversalAuth { identity: bystander }, true),
            (strong, C::CreateClientSecret { identity: bystander }, true),
            (strong, C::LogIn { secret }, true),
            (strong, C::UpdateMembership { identity: bystander, roles: vec![grant(new_role, as_long)] }, true),
            // What it can do there by now is more than the strong one can be sure of for good.
            (strong, C::CreateClientSecret { identity: bystander }, false),
            (by_login, C::EditOwnMembership { drop: Some(Pick(0)), for_good: None }, false),
            (strong, C::UpdateProjectRole { role: new_role, rules: strong_project_rules() }, false),
            (strong, C::Wait { steps: 5 }, true),
            (strong, C::UpdateMembership { identity: bystander, roles: vec![] }, false),
        ],
    );
}
