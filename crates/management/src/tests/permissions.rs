//! The commands on what authenticates an identity: each needs its own permission, and control of the identity.

use directory::context::{Actor, Context, Credential};
use directory::error::DirectoryError;
use directory::token_auth::{NewTokenAuth, TokenAuthChanges};
use directory::{identities, token_auth, tokens};
use domain::permission::ability::{Ability, Action, Permission, Rule, Subject};
use domain::permission::operation::Operation;
use domain::permission::organization_role::BuiltInOrganizationRole;
use domain::token::lifetime::Lifetime;
use domain::token::uses::UsesLimit;
use domain::value::identifiers::{IdentityId, OrganizationId, TokenId};
use domain::value::randomness::Randomness;

use super::calls::Targets;
use crate::tests::world::World;

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

fn context(world: &World) -> Context<'_> {
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
type Command = fn(&mut Context<'_>, &Actor, &Targets) -> Result<(), DirectoryError>;

const COMMANDS: [(Action, Operation, Command); 6] = [
    (Action::EditAuth, Operation::AttachTokenAuth, |context, actor, targets| {
        let (lifetime, uses_limit) = (Lifetime::UNLIMITED, UsesLimit::UNLIMITED);
        let new = NewTokenAuth { lifetime, uses_limit, trusted_ips: None };
        token_auth::attach(context, actor, &targets.bare, &new).map(drop)
    }),
    (Action::EditAuth, Operation::UpdateTokenAuth, |context, actor, targets| {
        token_auth::update(context, actor, &targets.holder.identity, &TokenAuthChanges::default()).map(drop)
    }),
    (Action::RevokeAuth, Operation::DeleteTokenAuth, |context, actor, targets| {
        token_auth::remove(context, actor, &targets.holder.identity).map(drop)
    }),
    (Action::CreateToken, Operation::CreateTokenAuthToken, |context, actor, targets| {
        tokens::create(context, actor, &targets.holder.identity, None).map(drop)
    }),
    (Action::CreateToken, Operation::UpdateTokenAuthToken, |context, actor, targets| {
        tokens::rename(context, actor, &targets.holder.token_id, Some("x".to_owned())).map(drop)
    }),
    (Action::DeleteToken, Operation::RevokeTokenAuthToken, |context, actor, targets| {
        tokens::revoke(context, actor, &targets.holder.token_id).map(drop)
    }),
];

#[test]
fn the_permission_for_a_command_does_not_reach_beyond_what_the_actor_holds() {
    // No built-in role has one of these permissions without all others; a role of the operator's own will.
    for (action, operation, command) in COMMANDS {
        let world = World::new();
        let targets = Targets::new(&world, "member");
        let before = world.sql.dump();
        let weaker = actor(&world, &[action]);
        match command(&mut context(&world), &weaker, &targets) {
            Err(DirectoryError::BeyondBoundary { operation: tried, missing }) => {
                // Who may not read roles is not told their rules.
                assert_eq!((tried, missing), (operation, None));
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
        let not_found = matches!(error, DirectoryError::IdentityNotFound { .. } | DirectoryError::TokenNotFound { .. });
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
    assert!(tokens::get(&context(&world), &stranger, &targets.holder.token_id).is_err());
    assert_eq!(world.sql.dump(), before);
}
