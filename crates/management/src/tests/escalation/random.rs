//! What the actors start with and what they try, before it is known what ids there are.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

/// One of the things that there are when it is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pick(pub(super) usize);

impl Pick {
    /// The thing; `None` when there is none.
    pub(super) fn of<T>(self, things: &[T]) -> Option<&T> {
        things.get(self.0.checked_rem(things.len())?)
    }

    /// The thing, where there is one.
    pub(super) fn get<T>(self, things: &[T]) -> &T {
        self.of(things).unwrap()
    }
}

pub(super) fn any_pick() -> impl Strategy<Value = Pick> {
    (0..60usize).prop_map(Pick)
}

/// One rule.
#[derive(Clone, Debug)]
pub(super) struct RandomRule {
    pub(super) subject: &'static str,
    pub(super) actions: Vec<&'static str>,
    pub(super) about: Option<(&'static str, Pick)>,
    /// Of a rule about requests: for which paths.
    pub(super) path: Option<(&'static str, &'static str)>,
    pub(super) inverted: bool,
}

/// One role of a membership. Times are counted in steps since the start.
#[derive(Clone, Copy, Debug)]
pub(super) struct RandomGrant {
    pub(super) role: Pick,
    /// When it begins and how long it lasts; `None` is for good.
    pub(super) period: Option<(i64, i64)>,
}

/// What there is at the start.
#[derive(Clone, Debug)]
pub(super) struct RandomScene {
    /// How many of the identities are actors. One alone has nobody behind whose rights its own could hide.
    pub(super) actors: usize,
    /// Roles of the organization.
    pub(super) roles: Vec<Vec<RandomRule>>,
    pub(super) project_roles: Vec<Vec<RandomRule>>,
    /// For each identity what it is in the project.
    pub(super) memberships: Vec<Vec<RandomGrant>>,
}

/// One call, or some time that passes.
#[derive(Clone, Debug)]
pub(super) enum RandomCall {
    CreateIdentity {
        role: Pick,
    },
    UpdateIdentity {
        identity: Pick,
        role: Pick,
    },
    CreateRole {
        rules: Vec<RandomRule>,
    },
    UpdateRole {
        role: Pick,
        rules: Vec<RandomRule>,
    },
    DeleteRole {
        role: Pick,
    },
    AttachTokenAuth {
        identity: Pick,
    },
    CreateToken {
        identity: Pick,
    },
    AttachUniversalAuth {
        identity: Pick,
    },
    CreateClientSecret {
        identity: Pick,
    },
    LogIn {
        secret: Pick,
    },
    /// Whoever Cloudflare Access knows by the address can then sign in as the identity.
    SetAccessSubject {
        identity: Pick,
    },
    CreateProjectRole {
        rules: Vec<RandomRule>,
    },
    UpdateProjectRole {
        role: Pick,
        rules: Vec<RandomRule>,
    },
    DeleteProjectRole {
        role: Pick,
    },
    CreateMembership {
        identity: Pick,
        roles: Vec<RandomGrant>,
    },
    UpdateMembership {
        identity: Pick,
        roles: Vec<RandomGrant>,
    },
    DeleteMembership {
        identity: Pick,
    },
    /// Drops one of the roles that there are, or makes one of them permanent, or both.
    EditOwnMembership {
        drop: Option<Pick>,
        for_good: Option<Pick>,
    },
    /// A project of which its founder is the administrator.
    CreateProject,
    DeleteProject {
        project: Pick,
    },
    /// A route that leads away, in one of the projects that there are.
    CreateRoute {
        project: Pick,
        host: Pick,
        prefix: Pick,
        keep: bool,
    },
    /// Leads one of the routes that there are away, and perhaps to another prefix.
    UpdateRoute {
        route: Pick,
        prefix: Option<Pick>,
        keep: bool,
    },
    DeleteRoute {
        route: Pick,
    },
    CreateDelegation {
        project: Pick,
        host: Pick,
        prefix: Pick,
        keep: bool,
    },
    DeleteDelegation {
        delegation: Pick,
    },
    Wait {
        steps: i64,
    },
}

/// The first project role is a strong one, so that something can be given; the second is one that denies.
pub(super) const STRONG: Pick = Pick(0);
pub(super) const DENYING: Pick = Pick(1);

fn any_rule_on(subjects: Vec<&'static str>) -> impl Strategy<Value = RandomRule> {
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
    let on_another = (select(subjects), subsequence(vec!["read", "create", "edit", "delete"], 1..=4))
        .prop_map(|(subject, actions)| (subject, actions, None));
    let paths = vec![("$eq", "/"), ("$eq", "/v1"), ("$eq", "/v1/a"), ("$glob", "/v1/**"), ("$glob", "/v1/a/**")];
    let path = proptest::option::weighted(0.5, select(paths));
    (prop_oneof![1 => on_identity, 1 => on_another], proptest::bool::weighted(0.2), path).prop_map(
        |((subject, actions, about), inverted, path)| {
            let path = path.filter(|_| subject == "requests");
            RandomRule { subject, actions, about, path, inverted }
        },
    )
}

/// Some rules, in half of all cases after those that allow everything these calls need: otherwise most would be
/// refused.
fn any_rules() -> impl Strategy<Value = Vec<RandomRule>> {
    (any::<bool>(), vec(any_rule_on(vec!["role", "workspace", "route-delegations"]), 0..4)).prop_map(
        |(strong, rules)| {
            let first = if strong { strong_rules() } else { Vec::new() };
            first.into_iter().chain(rules).collect()
        },
    )
}

fn any_project_rule() -> impl Strategy<Value = RandomRule> {
    any_rule_on(vec!["role", "requests", "requests", "routes", "project"])
}

fn any_project_rules() -> impl Strategy<Value = Vec<RandomRule>> {
    (any::<bool>(), vec(any_project_rule(), 0..3)).prop_map(|(strong, rules)| {
        let first = if strong { strong_project_rules() } else { Vec::new() };
        first.into_iter().chain(rules).collect()
    })
}

pub(super) fn rule(subject: &'static str, actions: &[&'static str]) -> RandomRule {
    RandomRule { subject, actions: actions.to_vec(), about: None, path: None, inverted: false }
}

/// Everything that these calls need in the organization.
pub(super) fn strong_rules() -> Vec<RandomRule> {
    let on_identity = ["read", "create", "edit", "delete", "grant-privileges", "edit-auth", "create-token"];
    let four = ["read", "create", "edit", "delete"];
    let in_organization_only = [rule("identity", &["set-access-subject"]), rule("workspace", &four)];
    [vec![rule("identity", &on_identity), rule("role", &four)], in_organization_only.to_vec()].concat()
}

/// Everything that these calls need in the project, and something to lose.
pub(super) fn strong_project_rules() -> Vec<RandomRule> {
    let mut rules = strong_rules();
    rules.retain(|rule| rule.subject != "workspace" && rule.actions != ["set-access-subject"]);
    rules.extend(["requests", "routes"].map(|subject| rule(subject, &["read", "create", "edit", "delete"])));
    rules
}

/// Times are few, so that periods meet.
fn any_period() -> impl Strategy<Value = Option<(i64, i64)>> {
    proptest::option::weighted(0.5, (-1..3i64, 1..4i64))
}

fn any_grants() -> impl Strategy<Value = Vec<RandomGrant>> {
    let role = prop_oneof![3 => Just(STRONG), 2 => Just(DENYING), 3 => any_pick()];
    vec((role, any_period()).prop_map(|(role, period)| RandomGrant { role, period }), 0..4)
}

/// Any membership; often one that is strong, and at some time held back.
fn any_membership() -> impl Strategy<Value = Vec<RandomGrant>> {
    let strong = prop_oneof![2 => Just(None), 1 => any_period()];
    let held_back = (strong, (0..3i64, 1..4i64)).prop_map(|(strong, denying)| {
        vec![RandomGrant { role: STRONG, period: strong }, RandomGrant { role: DENYING, period: Some(denying) }]
    });
    prop_oneof![any_grants(), held_back]
}

/// How much there is of what at the start.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    /// The most actors.
    pub(super) actors: usize,
    /// Identities, the actors among them.
    pub(super) identities: usize,
    /// Roles of the organization: one for each actor, and others that are more, less or something else.
    pub(super) roles: usize,
    pub(super) project_roles: usize,
}

/// What there is at the start, and what is then tried with which of the tokens.
pub(super) fn any_play(
    sizes: Sizes,
    calls: std::ops::RangeInclusive<usize>,
) -> impl Strategy<Value = (RandomScene, Vec<(Pick, RandomCall)>)> {
    let denying = vec(any_project_rule(), 1..3)
        .prop_map(|rules| rules.into_iter().map(|rule| RandomRule { inverted: true, ..rule }).collect::<Vec<_>>());
    let project_roles = (denying, vec(any_project_rules(), sizes.project_roles - 2))
        .prop_map(|(denying, others)| [vec![strong_project_rules(), denying], others].concat());
    let scene = (
        prop_oneof![2 => Just(1), 1 => 1..=sizes.actors],
        vec(any_rules(), sizes.roles),
        project_roles,
        vec(any_membership(), sizes.identities),
    )
        .prop_map(|(actors, roles, project_roles, memberships)| RandomScene {
            actors,
            roles,
            project_roles,
            memberships,
        });
    // Most of what leads somewhere stays in one place.
    let calls = prop_oneof![
        2 => vec((any_pick(), any_call(8, 1, 1)), calls.clone()),
        3 => vec((any_pick(), any_call(1, 8, 1)), calls.clone()),
        3 => vec((any_pick(), any_call(1, 2, 8)), calls),
    ];
    (scene, calls)
}

fn any_route_call() -> impl Strategy<Value = RandomCall> {
    use RandomCall as C;
    let index = any_pick;
    let keep = || proptest::bool::weighted(0.2);
    prop_oneof![
        2 => Just(C::CreateProject),
        1 => index().prop_map(|project| C::DeleteProject { project }),
        6 => (index(), index(), index(), keep())
            .prop_map(|(project, host, prefix, keep)| C::CreateRoute { project, host, prefix, keep }),
        4 => (index(), proptest::option::of(index()), keep())
            .prop_map(|(route, prefix, keep)| C::UpdateRoute { route, prefix, keep }),
        2 => index().prop_map(|route| C::DeleteRoute { route }),
        1 => (index(), index(), index(), keep())
            .prop_map(|(project, host, prefix, keep)| C::CreateDelegation { project, host, prefix, keep }),
        1 => index().prop_map(|delegation| C::DeleteDelegation { delegation }),
    ]
}

fn any_call(in_the_organization: u32, in_the_project: u32, about_routes: u32) -> impl Strategy<Value = RandomCall> {
    use RandomCall as C;
    let index = any_pick;
    let organization = prop_oneof![
        2 => index().prop_map(|role| C::CreateIdentity { role }),
        3 => (index(), index()).prop_map(|(identity, role)| C::UpdateIdentity { identity, role }),
        2 => any_rules().prop_map(|rules| C::CreateRole { rules }),
        3 => (index(), any_rules()).prop_map(|(role, rules)| C::UpdateRole { role, rules }),
        1 => index().prop_map(|role| C::DeleteRole { role }),
        2 => index().prop_map(|identity| C::AttachTokenAuth { identity }),
        4 => index().prop_map(|identity| C::CreateToken { identity }),
        1 => index().prop_map(|identity| C::AttachUniversalAuth { identity }),
        2 => index().prop_map(|identity| C::CreateClientSecret { identity }),
        2 => index().prop_map(|secret| C::LogIn { secret }),
        2 => index().prop_map(|identity| C::SetAccessSubject { identity }),
    ];
    let project = prop_oneof![
        2 => any_project_rules().prop_map(|rules| C::CreateProjectRole { rules }),
        4 => (index(), any_project_rules()).prop_map(|(role, rules)| C::UpdateProjectRole { role, rules }),
        1 => index().prop_map(|role| C::DeleteProjectRole { role }),
        2 => (index(), any_grants()).prop_map(|(identity, roles)| C::CreateMembership { identity, roles }),
        3 => (index(), any_grants()).prop_map(|(identity, roles)| C::UpdateMembership { identity, roles }),
        1 => index().prop_map(|identity| C::DeleteMembership { identity }),
        10 => (proptest::option::weighted(0.7, index()), proptest::option::weighted(0.3, index()))
            .prop_map(|(drop, for_good)| C::EditOwnMembership { drop, for_good }),
    ];
    prop_oneof![
        in_the_organization => organization,
        in_the_project => project,
        about_routes => any_route_call(),
        1 => (1..3i64).prop_map(|steps| C::Wait { steps }),
    ]
}
