//! A search for escalations: actors with random roles make random calls, and use every token they get hold of.
//!
//! Whatever they do, and however they work together, no identity whose token they hold may ever do something that none of
//! them could do at the start.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::directory::organization_roles;
use crate::directory::sql::{Sql, SqlError};
use crate::domain::identifiers::OrganizationId;
use crate::domain::permission::{Ability, Action, Permission, Subject};
use crate::http::management::test_world::{Caller, World};

/// How many actors there are.
const ACTORS: usize = 2;
/// How many roles there are at the start: one for each actor, and others that are more, less or something else.
const ROLES: usize = 4;
/// How many identities there are that no actor holds a token of.
const BYSTANDERS: usize = 2;

/// One of the things that there are when it is asked for.
#[derive(Clone, Copy, Debug)]
struct Pick(usize);

impl Pick {
    fn get<T>(self, things: &[T]) -> &T {
        &things[self.0 % things.len()]
    }
}

fn any_pick() -> impl Strategy<Value = Pick> {
    (0..60usize).prop_map(Pick)
}

/// One rule, before it is known what ids there are.
#[derive(Clone, Debug)]
struct RandomRule {
    subject: &'static str,
    actions: Vec<&'static str>,
    about: Option<(&'static str, Pick)>,
    inverted: bool,
}

/// One call, before it is known what there is to name.
#[derive(Clone, Debug)]
enum RandomCall {
    CreateIdentity { role: Pick },
    UpdateIdentity { identity: Pick, role: Pick },
    CreateRole { rules: Vec<RandomRule> },
    UpdateRole { role: Pick, rules: Vec<RandomRule> },
    DeleteRole { role: Pick },
    AttachTokenAuth { identity: Pick },
    CreateToken { identity: Pick },
}

fn any_rule() -> impl Strategy<Value = RandomRule> {
    let identity_actions = [
        "read",
        "create",
        "edit",
        "delete",
        "grant-privileges",
        "edit-auth",
        "revoke-auth",
        "create-token",
        "delete-token",
    ];
    let on_identity = (
        subsequence(identity_actions.to_vec(), 1..=9),
        proptest::option::weighted(0.3, (select(vec!["$eq", "$ne", "$in"]), any_pick())),
    )
        .prop_map(|(actions, about)| ("identity", actions, about));
    let on_role =
        subsequence(vec!["read", "create", "edit", "delete"], 1..=4).prop_map(|actions| ("role", actions, None));
    (prop_oneof![2 => on_identity, 1 => on_role], proptest::bool::weighted(0.2))
        .prop_map(|((subject, actions, about), inverted)| RandomRule { subject, actions, about, inverted })
}

/// Some rules, in half of all cases after those that allow everything these calls need: otherwise most would be refused.
fn any_rules() -> impl Strategy<Value = Vec<RandomRule>> {
    (any::<bool>(), vec(any_rule(), 0..4)).prop_map(|(strong, rules)| {
        let first = if strong { strong_rules() } else { Vec::new() };
        first.into_iter().chain(rules).collect()
    })
}

fn rule(subject: &'static str, actions: &[&'static str]) -> RandomRule {
    RandomRule { subject, actions: actions.to_vec(), about: None, inverted: false }
}

fn strong_rules() -> Vec<RandomRule> {
    let on_identity = ["read", "create", "edit", "delete", "grant-privileges", "edit-auth", "create-token"];
    vec![rule("identity", &on_identity), rule("role", &["read", "create", "edit", "delete"])]
}

fn any_call() -> impl Strategy<Value = RandomCall> {
    let index = any_pick;
    prop_oneof![
        2 => index().prop_map(|role| RandomCall::CreateIdentity { role }),
        3 => (index(), index()).prop_map(|(identity, role)| RandomCall::UpdateIdentity { identity, role }),
        2 => any_rules().prop_map(|rules| RandomCall::CreateRole { rules }),
        3 => (index(), any_rules()).prop_map(|(role, rules)| RandomCall::UpdateRole { role, rules }),
        1 => index().prop_map(|role| RandomCall::DeleteRole { role }),
        2 => index().prop_map(|identity| RandomCall::AttachTokenAuth { identity }),
        4 => index().prop_map(|identity| RandomCall::CreateToken { identity }),
    ]
}

/// What is the same in every case: an administrator, and identities that have no role yet.
struct Stage {
    world: World,
    callers: Vec<Caller>,
}

impl Stage {
    fn new() -> Self {
        let world = World::new();
        let callers =
            (0..ACTORS + BYSTANDERS).map(|number| world.caller(&format!("identity {number}"), "no-access")).collect();
        Self { world, callers }
    }
}

/// What there is, as the actors know it.
struct Scene<'a> {
    world: &'a World,
    /// The tokens that the actors hold.
    held: Vec<Caller>,
    identities: Vec<String>,
    /// Custom roles: slug and id.
    roles: Vec<(String, String)>,
}

impl<'a> Scene<'a> {
    fn new(stage: &'a Stage, roles: &[Vec<RandomRule>]) -> Self {
        let Stage { world, callers } = stage;
        let mut identities = vec![world.admin.identity.clone()];
        identities.extend(callers.iter().map(|caller| caller.identity.clone()));
        let mut scene = Self { world, held: callers[..ACTORS].to_vec(), identities, roles: Vec::new() };
        for (number, rules) in roles.iter().enumerate() {
            let slug = format!("role-{number}");
            let id = world.role(&slug, &scene.rules(rules));
            scene.roles.push((slug, id));
        }
        for (caller, (slug, _)) in callers.iter().zip(&scene.roles) {
            let path = format!("/api/v1/identities/{}", caller.identity);
            world.administer("PATCH", &path, &json!({ "role": slug }));
        }
        scene
    }

    fn rules(&self, rules: &[RandomRule]) -> Value {
        rules
            .iter()
            .map(|rule| {
                let mut object = json!({ "subject": rule.subject, "action": rule.actions, "inverted": rule.inverted });
                if let Some((operator, index)) = rule.about {
                    let id = index.get(&self.identities);
                    let operand = if operator == "$in" { json!([id]) } else { json!(id) };
                    object["conditions"] = json!({ "identityId": { operator: operand } });
                }
                object
            })
            .collect()
    }

    /// A custom role or a built-in one.
    fn role_slug(&self, index: Pick) -> String {
        let mut slugs: Vec<String> = self.roles.iter().map(|(slug, _)| slug.clone()).collect();
        slugs.extend(["admin", "member", "no-access"].map(str::to_owned));
        index.get(&slugs).clone()
    }

    /// Makes a call with a token that the actors hold; whether it succeeded.
    fn make(&mut self, bearer: Pick, call: &RandomCall, number: usize) -> bool {
        let caller = bearer.get(&self.held).clone();
        let no_role = ("none".to_owned(), "none".to_owned());
        let role_path = |scene: &Self, role: &Pick| {
            let (_, id) = if scene.roles.is_empty() { &no_role } else { role.get(&scene.roles) };
            format!("/api/v1/organization/roles/{id}")
        };
        let token_auth = |identity: &str| format!("/api/v1/auth/token-auth/identities/{identity}");
        match call {
            RandomCall::CreateIdentity { role } => {
                let body = json!({
                    "name": "made", "organizationId": self.world.organization, "role": self.role_slug(*role),
                });
                let made = self.world.send(&caller, "POST", "/api/v1/identities", &body);
                if made.status == 200 {
                    self.identities.push(made.text("/identity/id"));
                }
                made.status == 200
            }
            RandomCall::UpdateIdentity { identity, role } => {
                let path = format!("/api/v1/identities/{}", identity.get(&self.identities));
                let body = json!({ "role": self.role_slug(*role) });
                self.world.send(&caller, "PATCH", &path, &body).status == 200
            }
            RandomCall::CreateRole { rules } => {
                let slug = format!("made-{number}");
                let body = json!({ "slug": slug, "name": "made", "permissions": self.rules(rules) });
                let made = self.world.send(&caller, "POST", "/api/v1/organization/roles", &body);
                if made.status == 200 {
                    self.roles.push((slug, made.text("/role/id")));
                }
                made.status == 200
            }
            RandomCall::UpdateRole { role, rules } => {
                let body = json!({ "permissions": self.rules(rules) });
                self.world.send(&caller, "PATCH", &role_path(self, role), &body).status == 200
            }
            RandomCall::DeleteRole { role } => {
                let path = role_path(self, role);
                let deleted = self.world.send(&caller, "DELETE", &path, &json!({})).status == 200;
                if deleted {
                    self.roles.retain(|(_, id)| !path.ends_with(id));
                }
                deleted
            }
            RandomCall::AttachTokenAuth { identity } => {
                let path = token_auth(identity.get(&self.identities).as_str());
                self.world.send(&caller, "POST", &path, &json!({})).status == 200
            }
            RandomCall::CreateToken { identity } => {
                let identity = identity.get(&self.identities).clone();
                let path = format!("{}/tokens", token_auth(&identity));
                let made = self.world.send(&caller, "POST", &path, &json!({}));
                if made.status == 200 {
                    self.held.push(Caller { identity, token: made.text("/accessToken") });
                }
                made.status == 200
            }
        }
    }

    fn ability_of(&self, identity: &str) -> Ability {
        let rows = self.world.sql.execute(
            "SELECT coalesce(r.slug, m.role) FROM organization_memberships m
             LEFT JOIN organization_roles r ON r.id = m.custom_role_id WHERE m.identity_id = ?",
            &[identity.into()],
        );
        let slug = rows.unwrap().remove(0).text().unwrap();
        let organization = OrganizationId::parse(&self.world.organization).unwrap();
        organization_roles::find(&self.world.sql, organization, &slug).unwrap().unwrap().ability()
    }

    /// What an identity in the actors' hands may do, and none of them could at the start.
    fn escalation(&self, start: &[Ability]) -> Option<String> {
        let holders: std::collections::BTreeSet<&str> =
            self.held.iter().map(|caller| caller.identity.as_str()).collect();
        for holder in holders {
            let ability = self.ability_of(holder);
            for subject in Subject::ALL {
                for action in Action::ALL {
                    let permission = Permission::new(action, subject);
                    for thing in self.identities.iter().map(String::as_str).chain(["a later one"]) {
                        let thing = [("identityId", thing)];
                        let could = start.iter().any(|ability| ability.allows(permission, &thing));
                        if ability.allows(permission, &thing) && !could {
                            return Some(format!("{holder}: {permission:?} on {thing:?}"));
                        }
                    }
                }
            }
        }
        None
    }
}

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
    let play = |roles: &[Vec<RandomRule>], calls: &[(Pick, RandomCall)]| {
        let mut scene = Scene::new(&stage, roles);
        let start: Vec<Ability> = scene.held.iter().map(|actor| scene.ability_of(&actor.identity)).collect();
        for (number, (bearer, call)) in calls.iter().enumerate() {
            scene.make(*bearer, call, number);
            prop_assert_eq!(scene.escalation(&start), None, "after {:?}", call);
        }
        Ok(())
    };
    let cases = (vec(any_rules(), ROLES), vec((any_pick(), any_call()), 1..=5));
    let config =
        ProptestConfig { cases: 256, max_shrink_iters: 500, failure_persistence: None, ..ProptestConfig::default() };
    let outcome = TestRunner::new(config).run(&cases, |(roles, calls)| {
        match stage.world.sql.transaction(|| Err::<(), Done>(Done(play(&roles, &calls)))) {
            Ok(()) => Ok(()),
            Err(Done(outcome)) => outcome,
        }
    });
    assert!(outcome.is_ok(), "{}", outcome.unwrap_err());
}

/// The search is worth something only if its calls can lead somewhere: here is one way.
#[test]
fn a_strong_actor_can_work_through_an_identity_it_made_and_gets_no_further_than_itself() {
    let weak = vec![rule("identity", &["read"])];
    let stage = Stage::new();
    let mut scene = Scene::new(&stage, &[strong_rules(), weak.clone(), weak.clone(), weak.clone()]);
    let start = [scene.ability_of(&scene.held[0].identity)];
    let (strong, made) = (Pick(0), Pick(2));
    let (administrator, bystander, new_identity, new_role, admin_role) = (Pick(0), Pick(3), Pick(5), Pick(4), Pick(5));
    for (number, (bearer, call, expected)) in [
        (strong, RandomCall::CreateRole { rules: strong_rules() }, true),
        (strong, RandomCall::CreateIdentity { role: new_role }, true),
        (strong, RandomCall::AttachTokenAuth { identity: new_identity }, true),
        (strong, RandomCall::CreateToken { identity: new_identity }, true),
        (made, RandomCall::CreateToken { identity: bystander }, true),
        (made, RandomCall::CreateToken { identity: administrator }, false),
        (made, RandomCall::UpdateIdentity { identity: bystander, role: admin_role }, false),
        (made, RandomCall::UpdateIdentity { identity: bystander, role: new_role }, true),
        (made, RandomCall::UpdateRole { role: new_role, rules: weak }, true),
        (made, RandomCall::CreateToken { identity: bystander }, false),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(scene.make(bearer, &call, number), expected, "{call:?}");
        assert_eq!(scene.escalation(&start), None, "{call:?}");
    }
}
