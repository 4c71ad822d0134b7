//! Who may do what: every operation for every role, and the privilege boundary behind it.

use serde_json::json;

use crate::operation::Operation;
use directory::context::{Actor, Context, Credential};
use directory::error::{BoundaryAttempt, DirectoryError};
use directory::test_support::NativeSql;
use directory::token_auth::{NewTokenAuth, TokenAuthChanges};
use directory::{identities, token_auth, tokens};
use domain::permission::ability::{Ability, Action, Permission, Rule, Subject};
use domain::permission::organization_role::BuiltInOrganizationRole;
use domain::token::lifetime::Lifetime;
use domain::token::uses::UsesLimit;
use domain::value::identifiers::{IdentityId, OrganizationId, TokenId};
use domain::value::randomness::Randomness;

use super::samples::{OPERATIONS, Targets, sample};
use super::{Reply, World};

/// What a role gets.
#[derive(Clone, Copy)]
enum Expected {
    /// It may.
    Yes,
    /// It lacks the permission for this action.
    Denied(&'static str),
    /// It may do so to others, but the target holds more.
    Beyond(&'static str),
    /// The role does not matter; this is what everybody gets.
    Everybody(u16, &'static str, &'static str),
}

use Expected::{Beyond, Denied, Everybody, Yes};

const SET_UP: Expected = Everybody(400, "BadRequest", "Instance has already been set up");
const NOT_HERE: Expected = Everybody(500, "InternalServerError", "Something went wrong");

/// For each operation what an administrator, a member and an identity without access get, on a target without access.
const TABLE: [(Operation, [Expected; 3]); 20] = [
    (Operation::Bootstrap, [SET_UP, SET_UP, SET_UP]),
    (Operation::CreateIdentity, [Yes, Yes, Denied("create")]),
    (Operation::ListIdentities, [Yes, Yes, Denied("read")]),
    (Operation::GetIdentity, [Yes, Yes, Denied("read")]),
    (Operation::UpdateIdentity, [Yes, Yes, Denied("edit")]),
    (Operation::DeleteIdentity, [Yes, Yes, Denied("delete")]),
    (Operation::GetIdentityDetails, [Yes, Yes, Yes]),
    (Operation::ListSubOrganizations, [Yes, Yes, Yes]),
    (Operation::AttachTokenAuth, [Yes, Denied("edit-auth"), Denied("edit-auth")]),
    (Operation::UpdateTokenAuth, [Yes, Denied("edit-auth"), Denied("edit-auth")]),
    (Operation::GetTokenAuth, [Yes, Yes, Denied("read")]),
    (Operation::DeleteTokenAuth, [Yes, Denied("revoke-auth"), Denied("revoke-auth")]),
    (Operation::CreateToken, [Yes, Denied("create-token"), Denied("create-token")]),
    (Operation::ListTokens, [Yes, Yes, Denied("read")]),
    (Operation::GetToken, [Yes, Yes, Denied("read")]),
    (Operation::UpdateToken, [Yes, Denied("create-token"), Denied("create-token")]),
    (Operation::RevokeToken, [Yes, Denied("delete-token"), Denied("delete-token")]),
    (Operation::RenewByBearer, [Yes, Yes, Yes]),
    (Operation::RevokeByBearer, [Yes, Yes, Yes]),
    (Operation::Status, [NOT_HERE, NOT_HERE, NOT_HERE]),
];

/// The rows that read otherwise when the target is an administrator.
const TABLE_OF_A_STRONGER_TARGET: [(Operation, [Expected; 3]); 2] = [
    (Operation::UpdateIdentity, [Yes, Beyond("Failed to update identity"), Denied("edit")]),
    (Operation::DeleteIdentity, [Yes, Beyond("Failed to delete more privileged identity"), Denied("delete")]),
];

const ROLES: [&str; 3] = ["admin", "member", "no-access"];

fn call(operation: Operation, role: &str, target: &str) -> Reply {
    let world = World::new();
    let caller = world.holder(role, json!({"accessTokenTTL": 60, "accessTokenMaxTTL": 600}));
    let targets = Targets::new(&world, target);
    sample(operation, &world, &targets).by(&world, &caller.plaintext).send()
}

#[track_caller]
fn check(operation: Operation, role: &str, target: &str, expected: Expected) {
    let reply = call(operation, role, target);
    match expected {
        Yes => drop(reply.ok()),
        Denied(action) => {
            let message = format!("You are not allowed to {action} on identity");
            // The details are the rules that the caller has for it; no built-in role has one that denies.
            assert_eq!(reply.refused(403, "PermissionDenied", &message), json!([]));
        }
        Beyond(message) => drop(reply.refused(403, "PermissionBoundaryError", message)),
        Everybody(status, error, message) => drop(reply.refused(status, error, message)),
    }
}

#[test]
fn every_operation_is_in_the_table() {
    assert_eq!(TABLE.map(|(operation, _)| operation), OPERATIONS);
}

#[test]
fn every_role_may_do_exactly_what_the_table_says() {
    for (operation, row) in TABLE {
        for (role, expected) in ROLES.into_iter().zip(row) {
            check(operation, role, "no-access", expected);
        }
    }
}

#[test]
fn a_target_that_holds_more_is_out_of_reach_of_whoever_holds_less() {
    for (operation, row) in TABLE {
        let stronger = TABLE_OF_A_STRONGER_TARGET.iter().find(|(other, _)| *other == operation);
        let row = stronger.map_or(row, |(_, row)| *row);
        for (role, expected) in ROLES.into_iter().zip(row) {
            check(operation, role, "admin", expected);
        }
    }
}

/// An actor of the world's organization with these actions on identities.
fn actor(world: &World, actions: &[Action]) -> Actor {
    Actor {
        identity: IdentityId::from_bytes([1; 16]),
        name: "actor".to_owned(),
        credential: Credential::AccessToken(TokenId::from_bytes([2; 16])),
        organization: OrganizationId::parse(&world.organization).unwrap(),
        ability: Ability::new(vec![Rule::allow(actions, Subject::Identity)]),
    }
}

fn context(world: &World) -> Context<'_, NativeSql> {
    Context {
        sql: &world.sql,
        settings: &world.settings,
        now: world.now(),
        client: None,
        called_host: None,
        request_id: "req-1",
        randomness: Randomness::from_seed([9; 32]),
    }
}

/// Commands on what authenticates an identity, with the permission that each needs.
type Command = fn(&mut Context<'_, NativeSql>, &Actor, &Targets) -> Result<(), DirectoryError>;

const COMMANDS: [(Action, BoundaryAttempt, Command); 6] = [
    (Action::EditAuth, BoundaryAttempt::AttachTokenAuth, |context, actor, targets| {
        let (lifetime, uses_limit) = (Lifetime::UNLIMITED, UsesLimit::UNLIMITED);
        let new = NewTokenAuth { lifetime, uses_limit, trusted_ips: None };
        token_auth::attach(context, actor, &targets.bare, &new).map(drop)
    }),
    (Action::EditAuth, BoundaryAttempt::UpdateTokenAuth, |context, actor, targets| {
        token_auth::update(context, actor, &targets.holder.identity, &TokenAuthChanges::default()).map(drop)
    }),
    (Action::RevokeAuth, BoundaryAttempt::RevokeTokenAuth, |context, actor, targets| {
        token_auth::remove(context, actor, &targets.holder.identity).map(drop)
    }),
    (Action::CreateToken, BoundaryAttempt::CreateToken, |context, actor, targets| {
        tokens::create(context, actor, &targets.holder.identity, None).map(drop)
    }),
    (Action::CreateToken, BoundaryAttempt::UpdateToken, |context, actor, targets| {
        tokens::rename(context, actor, &targets.holder.token, Some("x".to_owned())).map(drop)
    }),
    (Action::DeleteToken, BoundaryAttempt::RevokeToken, |context, actor, targets| {
        tokens::revoke(context, actor, &targets.holder.token)
    }),
];

#[test]
fn the_permission_for_a_command_does_not_reach_beyond_what_the_actor_holds() {
    // No built-in role has one of these permissions without all others; a role of the operator's own will.
    for (action, attempt, command) in COMMANDS {
        let world = World::new();
        let targets = Targets::new(&world, "member");
        let before = world.sql.dump();
        let weaker = actor(&world, &[action]);
        match command(&mut context(&world), &weaker, &targets) {
            Err(DirectoryError::BeyondBoundary { attempt: tried, missing }) => {
                // Who may not read roles is not told their rules.
                assert_eq!((tried, missing), (attempt, None));
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(world.sql.dump(), before);

        let mut equal = actor(&world, &[action]);
        equal.ability = equal.ability.and(BuiltInOrganizationRole::Member.ability());
        assert_eq!(command(&mut context(&world), &equal, &targets), Ok(()));
        assert_ne!(world.sql.dump(), before);
    }
}

#[test]
fn each_command_needs_its_own_permission_and_no_other_one_helps() {
    for (action, _, command) in COMMANDS {
        let world = World::new();
        let targets = Targets::new(&world, "no-access");
        let before = world.sql.dump();
        let others: Vec<Action> = Action::ALL.into_iter().filter(|other| *other != action).collect();
        let lacking = actor(&world, &others);
        let needed = Permission::on_identity(action);
        let denied = DirectoryError::PermissionDenied { needed, held: lacking.ability.clone() };
        assert_eq!(command(&mut context(&world), &lacking, &targets), Err(denied));
        assert_eq!(world.sql.dump(), before);
    }
}

#[test]
fn an_identity_of_another_organization_is_not_there() {
    let world = World::new();
    let targets = Targets::new(&world, "no-access");
    let before = world.sql.dump();
    let stranger = Actor {
        organization: OrganizationId::from_bytes([7; 16]),
        ability: Ability::everything(),
        ..actor(&world, &[])
    };
    for (_, _, command) in COMMANDS {
        let error = command(&mut context(&world), &stranger, &targets).unwrap_err();
        let not_found = matches!(
            error,
            DirectoryError::IdentityOfAuthMethodNotFound { .. }
                | DirectoryError::TokenNotFound { .. }
                | DirectoryError::TokenToRevokeNotFound { .. }
        );
        assert!(not_found, "{error:?}");
    }
    let id = &targets.holder.identity;
    let not_found = DirectoryError::IdentityNotFound { id: id.clone() };
    assert_eq!(identities::get(&context(&world), &stranger, id).unwrap_err(), not_found);
    assert_eq!(identities::delete(&mut context(&world), &stranger, id).unwrap_err(), not_found);
    let changes = identities::IdentityChanges::default();
    assert_eq!(identities::update(&mut context(&world), &stranger, id, &changes).unwrap_err(), not_found);
    let list = identities::list(&context(&world), &stranger, &world.organization, 0, 10);
    assert_eq!(list.unwrap_err(), DirectoryError::ForeignOrganization);
    assert!(tokens::list(&context(&world), &stranger, id, 0, 10).is_err());
    assert!(tokens::get(&context(&world), &stranger, &targets.holder.token).is_err());
    assert_eq!(world.sql.dump(), before);
}
