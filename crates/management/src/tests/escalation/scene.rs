//! An instance on which actors make calls, and what everybody may do on it at any moment.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::protected::{self, HOSTS, PREFIXES, leading_away};
use super::random::{Pick, RandomCall, RandomGrant, RandomRule, RandomScene, Sizes};
use crate::tests::world::{Caller, World};
use directory::rule_json;
use directory::sql::Sql;
use directory::tables::organization_roles;
use domain::permission::ability::{Ability, Action, Permission, Rule, Subject};
use domain::permission::project_role::BuiltInProjectRole;
use domain::value::identifiers::OrganizationId;
use domain::value::timestamp::Timestamp;

/// How much there is at the start.
pub(super) const SIZES: Sizes = Sizes { actors: 2, identities: 4, roles: 4, project_roles: 4 };

/// When the actors begin, in milliseconds since the epoch.
pub(super) const START: i64 = 1_700_003_600_000;
/// How long a step of time is.
pub(super) const STEP: i64 = 60_000;
/// The moments at which abilities are compared: in the middle of each step, and long after the last.
pub(super) const LAST_STEP: i64 = 7;

/// What is the same in every case: an administrator, a project, and identities that have no role yet.
pub(super) struct Stage {
    pub(super) world: World,
    project: String,
    /// A project in which none of them has a role.
    other: String,
    callers: Vec<Caller>,
}

impl Stage {
    pub(super) fn new() -> Self {
        let world = World::ticking();
        let callers =
            (0..SIZES.identities).map(|number| world.caller(&format!("identity {number}"), "no-access")).collect();
        let body = json!({ "projectName": "shop", "shouldCreateDefaultEnvs": false });
        let project = world.administer("POST", "/api/v1/projects", &body).text("/project/id");
        let other = protected::protect(&world, &project);
        Self { world, project, other, callers }
    }
}

/// A role that somebody has in the project: its rules, and from when to when.
struct Grant {
    rules: Vec<Rule>,
    period: Option<(i64, i64)>,
}

/// What an identity may do.
pub(super) struct Standing {
    pub(super) in_organization: Ability,
    in_project: Vec<Grant>,
}

impl Standing {
    /// What it may do in the project at a moment. This is told from the tables, without the program's own notion of it.
    pub(super) fn in_project_at(&self, moment: i64) -> Ability {
        if self.in_organization == Ability::everything() {
            return Ability::everything();
        }
        let holds = |grant: &&Grant| grant.period.is_none_or(|(start, end)| start <= moment && moment < end);
        Ability::new(self.in_project.iter().filter(holds).flat_map(|grant| grant.rules.clone()).collect())
    }
}

/// A role for a time, as it is sent.
fn temporary(role: &str, start: i64, range: &str) -> Value {
    let start = chrono::DateTime::from_timestamp_millis(start).unwrap().to_rfc3339();
    json!({ "role": role, "isTemporary": true, "temporaryMode": "relative", "temporaryRange": range,
            "temporaryAccessStartTime": start })
}

/// What there is, as the actors know it.
pub(super) struct Scene<'a> {
    pub(super) world: &'a World,
    pub(super) project: &'a str,
    other: &'a str,
    /// Both projects, and those that were made.
    projects: Vec<String>,
    /// Routes: their projects and ids.
    routes: Vec<(String, String)>,
    delegations: Vec<String>,
    /// The tokens that the actors hold.
    held: Vec<Caller>,
    /// The client secrets that they hold: identity, client id, secret.
    secrets: Vec<(String, String, String)>,
    identities: Vec<String>,
    /// Custom roles: slug and id.
    roles: Vec<(String, String)>,
    /// Custom roles of the project.
    project_roles: Vec<(String, String)>,
}

/// Two columns of text.
fn ids(world: &World, statement: &'static str) -> Vec<(String, String)> {
    let rows = world.sql.execute(statement, &[]).unwrap();
    rows.into_iter().map(|mut row| (row.read::<String>().unwrap(), row.read::<String>().unwrap())).collect()
}

impl<'a> Scene<'a> {
    pub(super) fn new(stage: &'a Stage, start: &RandomScene) -> Self {
        let Stage { world, project, other, callers } = stage;
        world.wait(START - world.now().milliseconds());
        let mut identities = vec![world.admin.identity.clone()];
        identities.extend(callers.iter().map(|caller| caller.identity.clone()));
        let mut scene = Self {
            world,
            project,
            other,
            projects: vec![project.clone(), other.clone()],
            routes: ids(world, "SELECT project_id, id FROM routes ORDER BY id"),
            delegations: ids(world, "SELECT id, id FROM route_delegations ORDER BY id")
                .into_iter()
                .map(|(id, _)| id)
                .collect(),
            held: callers[..start.actors].to_vec(),
            secrets: Vec::new(),
            identities,
            roles: Vec::new(),
            project_roles: Vec::new(),
        };
        for (number, rules) in start.roles.iter().enumerate() {
            let slug = format!("role-{number}");
            let id = world.role(&slug, &scene.rules(rules));
            scene.roles.push((slug, id));
        }
        for (caller, (slug, _)) in callers.iter().zip(&scene.roles) {
            let path = format!("/api/v1/identities/{}", caller.identity);
            world.administer("PATCH", &path, &json!({ "role": slug }));
        }
        for (number, rules) in start.project_roles.iter().enumerate() {
            let slug = format!("role-{number}");
            let body = json!({ "slug": slug, "name": slug, "permissions": scene.rules(rules) });
            let id = world.administer("POST", &scene.inside("roles"), &body).text("/role/id");
            scene.project_roles.push((slug, id));
        }
        for (caller, grants) in callers.iter().zip(&start.memberships) {
            world.administer("POST", &scene.membership(&caller.identity), &scene.grants(grants));
        }
        scene
    }

    fn inside(&self, path: &str) -> String {
        format!("/api/v1/projects/{}/{path}", self.project)
    }

    fn membership(&self, identity: &str) -> String {
        self.inside(&format!("memberships/identities/{identity}"))
    }

    fn rules(&self, rules: &[RandomRule]) -> Value {
        rules
            .iter()
            .map(|rule| {
                let mut object = json!({ "subject": rule.subject, "action": rule.actions, "inverted": rule.inverted });
                // Nothing is edited there.
                if rule.subject == "route-delegations" {
                    let actions = rule.actions.iter().map(|action| if *action == "edit" { "read" } else { *action });
                    object["action"] = json!(actions.collect::<BTreeSet<_>>());
                }
                if let Some((operator, value)) = rule.path {
                    object["conditions"] = json!({ "path": { operator: value } });
                }
                if let Some((operator, index)) = rule.about {
                    let id = index.get(&self.identities);
                    let operand = if operator == "$in" { json!([id]) } else { json!(id) };
                    object["conditions"] = json!({ "identityId": { operator: operand } });
                }
                object
            })
            .collect()
    }

    /// The roles of a membership; the permanent one that it must have, and these.
    fn grants(&self, grants: &[RandomGrant]) -> Value {
        let mut roles = vec![json!({ "role": "no-access" })];
        let mut slugs: Vec<&str> = self.project_roles.iter().map(|(slug, _)| slug.as_str()).collect();
        slugs.extend(["admin", "member", "viewer"]);
        roles.extend(grants.iter().map(|grant| {
            let role = grant.role.get(&slugs);
            let Some((start, steps)) = grant.period else { return json!({ "role": role }) };
            temporary(role, START + start * STEP, &format!("{}ms", steps * STEP))
        }));
        json!({ "roles": roles })
    }

    /// The roles of a membership without one of them, and with one of them for good. The first one stays: it is
    /// permanent, as one must be.
    fn edited(&self, identity: &str, drop: Option<Pick>, for_good: Option<Pick>) -> Value {
        let rows = self.world.sql.execute(
            "SELECT coalesce(r.slug, g.role), g.temporary_range, g.starts_at FROM project_memberships m
             JOIN project_membership_roles g ON g.membership_id = m.id
             LEFT JOIN project_roles r ON r.id = g.custom_role_id
             WHERE m.identity_id = ? AND m.project_id = ? ORDER BY g.position",
            &[identity.into(), self.project.into()],
        );
        let mut rows = rows.unwrap();
        let places: Vec<usize> = (1..rows.len()).collect();
        let [drop, for_good] = [drop, for_good].map(|pick| pick.and_then(|pick| pick.of(&places)));
        let roles = rows.iter_mut().enumerate().filter(|(place, _)| Some(place) != drop).map(|(place, row)| {
            let (role, range) = (row.read::<String>().unwrap(), row.read::<Option<String>>().unwrap());
            match range.zip(row.read::<Option<Timestamp>>().unwrap()).filter(|_| Some(&place) != for_good) {
                Some((range, start)) => temporary(&role, start.milliseconds(), &range),
                None => json!({ "role": role }),
            }
        });
        json!({ "roles": roles.collect::<Vec<_>>() })
    }

    /// A custom role or a built-in one.
    fn role_slug(&self, index: Pick) -> String {
        let mut slugs: Vec<String> = self.roles.iter().map(|(slug, _)| slug.clone()).collect();
        slugs.extend(["admin", "member", "no-access"].map(str::to_owned));
        index.get(&slugs).clone()
    }

    /// Makes a call with a token that the actors hold; whether it succeeded.
    pub(super) fn make(&mut self, bearer: Pick, call: &RandomCall, number: usize) -> bool {
        use RandomCall as C;
        let caller = bearer.get(&self.held).clone();
        let send = |method: &str, path: &str, body: &Value| self.world.send(&caller, method, path, body);
        let identity = |pick: &Pick| pick.get(&self.identities).clone();
        let id_of = |roles: &[(String, String)], pick: &Pick| pick.of(roles).map_or("none", |(_, id)| id).to_owned();
        let auth = |kind: &str, identity: &str| format!("/api/v1/auth/{kind}/identities/{identity}");
        let nothing = json!({});
        let slug = format!("made-{number}");
        let made = |rules: &[RandomRule]| json!({ "slug": slug, "name": "made", "permissions": self.rules(rules) });
        let answer = match call {
            C::Wait { steps } => {
                self.world.wait(steps * STEP);
                return true;
            }
            C::CreateIdentity { role } => {
                let organization = &self.world.organization;
                let body = json!({ "name": "made", "organizationId": organization, "role": self.role_slug(*role) });
                send("POST", "/api/v1/identities", &body)
            }
            C::UpdateIdentity { identity: target, role } => {
                let path = format!("/api/v1/identities/{}", identity(target));
                send("PATCH", &path, &json!({ "role": self.role_slug(*role) }))
            }
            C::CreateRole { rules } => send("POST", "/api/v1/organization/roles", &made(rules)),
            C::UpdateRole { role, rules } => {
                let path = format!("/api/v1/organization/roles/{}", id_of(&self.roles, role));
                send("PATCH", &path, &json!({ "permissions": self.rules(rules) }))
            }
            C::DeleteRole { role } => {
                send("DELETE", &format!("/api/v1/organization/roles/{}", id_of(&self.roles, role)), &nothing)
            }
            C::AttachTokenAuth { identity: target } => send("POST", &auth("token-auth", &identity(target)), &nothing),
            C::CreateToken { identity: target } => {
                send("POST", &format!("{}/tokens", auth("token-auth", &identity(target))), &nothing)
            }
            C::AttachUniversalAuth { identity: target } => {
                send("POST", &auth("universal-auth", &identity(target)), &nothing)
            }
            C::CreateClientSecret { identity: target } => {
                send("POST", &format!("{}/client-secrets", auth("universal-auth", &identity(target))), &nothing)
            }
            C::LogIn { secret } => match secret.of(&self.secrets) {
                Some((_, client, secret)) => self.world.log_in(client, secret),
                None => return false,
            },
            C::SetAccessSubject { identity: target } => {
                let path = format!("/api/v1/console/identities/{}/access-subject", identity(target));
                send("PUT", &path, &json!({ "accessSubject": format!("{slug}@example.com") }))
            }
            C::CreateProjectRole { rules } => send("POST", &self.inside("roles"), &made(rules)),
            C::UpdateProjectRole { role, rules } => {
                let path = self.inside(&format!("roles/{}", id_of(&self.project_roles, role)));
                send("PATCH", &path, &json!({ "permissions": self.rules(rules) }))
            }
            C::DeleteProjectRole { role } => {
                send("DELETE", &self.inside(&format!("roles/{}", id_of(&self.project_roles, role))), &nothing)
            }
            C::CreateMembership { identity: target, roles } => {
                send("POST", &self.membership(&identity(target)), &self.grants(roles))
            }
            C::UpdateMembership { identity: target, roles } => {
                send("PATCH", &self.membership(&identity(target)), &self.grants(roles))
            }
            C::EditOwnMembership { drop, for_good } => {
                let roles = self.edited(&caller.identity, *drop, *for_good);
                send("PATCH", &self.membership(&caller.identity), &roles)
            }
            C::DeleteMembership { identity: target } => send("DELETE", &self.membership(&identity(target)), &nothing),
            C::CreateProject => {
                let body = json!({ "projectName": slug, "shouldCreateDefaultEnvs": false });
                send("POST", "/api/v1/projects", &body)
            }
            C::DeleteProject { project } => {
                send("DELETE", &format!("/api/v1/projects/{}", project.get(&self.projects)), &nothing)
            }
            C::CreateRoute { project, host, prefix, keep } => {
                let path = format!("/api/v1/projects/{}/routes", project.get(&self.projects));
                send("POST", &path, &leading_away(*host.get(&HOSTS), prefix.get::<&str>(&PREFIXES), *keep))
            }
            C::UpdateRoute { route, prefix, keep } => {
                let mut body = leading_away(None, "/", *keep);
                let fields = body.as_object_mut().unwrap();
                fields.remove("host");
                match prefix {
                    Some(prefix) => fields.insert("pathPrefix".to_owned(), json!(prefix.get(&PREFIXES))),
                    None => fields.remove("pathPrefix"),
                };
                match route.of(&self.routes) {
                    Some((project, id)) => send("PATCH", &format!("/api/v1/projects/{project}/routes/{id}"), &body),
                    None => return false,
                }
            }
            C::DeleteRoute { route } => match route.of(&self.routes) {
                Some((project, id)) => send("DELETE", &format!("/api/v1/projects/{project}/routes/{id}"), &nothing),
                None => return false,
            },
            C::CreateDelegation { project, host, prefix, keep } => {
                let body = json!({ "projectId": project.get(&self.projects), "host": host.get(&HOSTS),
                    "pathPrefix": prefix.get(&PREFIXES), "allowKeepAuthorization": keep });
                send("POST", "/api/v1/organization/route-delegations", &body)
            }
            C::DeleteDelegation { delegation } => match delegation.of(&self.delegations) {
                Some(id) => {
                    let path = format!("/api/v1/organization/route-delegations/{id}?force=true");
                    send("DELETE", &path, &nothing)
                }
                None => return false,
            },
        };
        if answer.status != 200 {
            return false;
        }
        match call {
            C::CreateIdentity { .. } => self.identities.push(answer.text("/identity/id")),
            C::CreateRole { .. } => self.roles.push((slug, answer.text("/role/id"))),
            C::CreateProjectRole { .. } => self.project_roles.push((slug, answer.text("/role/id"))),
            C::DeleteRole { .. } => self.roles.retain(|(_, id)| *id != answer.text("/role/id")),
            C::DeleteProjectRole { .. } => self.project_roles.retain(|(_, id)| *id != answer.text("/role/id")),
            C::CreateToken { identity: target } => {
                let identity = identity(target);
                self.held.push(self.world.holder_of(identity, answer.text("/accessToken")));
            }
            C::CreateClientSecret { identity: target } => {
                let identity = identity(target);
                let attached = self.world.administer("GET", &auth("universal-auth", &identity), &json!({}));
                let client = attached.text("/identityUniversalAuth/clientId");
                self.secrets.push((identity, client, answer.text("/clientSecret")));
            }
            C::LogIn { secret } => {
                let identity = secret.get(&self.secrets).0.clone();
                self.held.push(self.world.holder_of(identity, answer.text("/accessToken")));
            }
            C::SetAccessSubject { identity: target } => {
                // What a session of the console may do, a token of the identity may do too.
                let identity = identity(target);
                self.world.send(&self.world.admin, "POST", &auth("token-auth", &identity), &nothing);
                let token = format!("{}/tokens", auth("token-auth", &identity));
                let token = self.world.administer("POST", &token, &nothing).text("/accessToken");
                self.held.push(self.world.holder_of(identity, token));
            }
            C::CreateProject => self.projects.push(answer.text("/project/id")),
            C::CreateRoute { .. } => self.routes.push((answer.text("/route/projectId"), answer.text("/route/id"))),
            C::CreateDelegation { .. } => self.delegations.push(answer.text("/routeDelegation/id")),
            C::DeleteProject { .. }
            | C::UpdateRoute { .. }
            | C::DeleteRoute { .. }
            | C::DeleteDelegation { .. }
            | C::UpdateIdentity { .. }
            | C::UpdateRole { .. }
            | C::AttachTokenAuth { .. }
            | C::AttachUniversalAuth { .. }
            | C::UpdateProjectRole { .. }
            | C::CreateMembership { .. }
            | C::UpdateMembership { .. }
            | C::EditOwnMembership { .. }
            | C::DeleteMembership { .. }
            | C::Wait { .. } => {}
        }
        true
    }

    /// What those in the actors' hands may do.
    pub(super) fn standings(&self) -> Vec<Standing> {
        self.holders().into_iter().map(|holder| self.standing_of(holder)).collect()
    }

    /// Those whose tokens the actors hold.
    pub(super) fn holders(&self) -> BTreeSet<&str> {
        self.held.iter().map(|caller| caller.identity.as_str()).collect()
    }

    fn standing_of(&self, identity: &str) -> Standing {
        let rows = self.world.sql.execute(
            "SELECT coalesce(r.slug, m.role) FROM organization_memberships m
             LEFT JOIN organization_roles r ON r.id = m.custom_role_id WHERE m.identity_id = ?",
            &[identity.into()],
        );
        let slug = rows.unwrap().remove(0).read::<String>().unwrap();
        let organization = OrganizationId::parse(&self.world.organization).unwrap();
        let role = organization_roles::find(&self.world.sql, organization, &slug).unwrap().unwrap();
        let rows = self.world.sql.execute(
            "SELECT g.role, r.permissions, g.starts_at, g.ends_at FROM project_memberships m
             JOIN project_membership_roles g ON g.membership_id = m.id
             LEFT JOIN project_roles r ON r.id = g.custom_role_id
             WHERE m.identity_id = ? AND m.project_id = ? ORDER BY g.position",
            &[identity.into(), self.project.into()],
        );
        let in_project = rows.unwrap().into_iter().map(|mut row| {
            let (role, rules) = (row.read::<String>().unwrap(), row.read::<Option<String>>().unwrap());
            let rules = match rules {
                Some(rules) => rule_json::decode(&rules).unwrap(),
                None => BuiltInProjectRole::from_slug(&role).unwrap().ability().rules().to_vec(),
            };
            let (start, end) = (row.read::<Option<Timestamp>>().unwrap(), row.read::<Option<Timestamp>>().unwrap());
            let period = start.zip(end).map(|(start, end)| (start.milliseconds(), end.milliseconds()));
            Grant { rules, period }
        });
        Standing { in_organization: role.ability(), in_project: in_project.collect() }
    }

    /// What an identity in the actors' hands may do, now or later, and none of them could at that moment by what they
    /// had at the start.
    pub(super) fn escalation(&self, start: &[Standing]) -> Option<String> {
        let now_there = self.standings();
        let could: Vec<&Ability> = start.iter().map(|actor| &actor.in_organization).collect();
        let may: Vec<&Ability> = now_there.iter().map(|holder| &holder.in_organization).collect();
        if let Some(more) = self.more(&may, &could) {
            return Some(format!("in the organization: {more}"));
        }
        if let Some(led_away) = self.led_away(start, self.other) {
            return Some(led_away);
        }
        let now = self.world.now().milliseconds();
        let middles = (0..=LAST_STEP).map(|step| START + step * STEP + STEP / 2);
        let moments = [now].into_iter().chain(middles.filter(|moment| now < *moment));
        moments.into_iter().find_map(|moment| {
            let at =
                |those: &[Standing]| -> Vec<Ability> { those.iter().map(|one| one.in_project_at(moment)).collect() };
            let (may, could) = (at(&now_there), at(start));
            let more = self.more(&may.iter().collect::<Vec<_>>(), &could.iter().collect::<Vec<_>>())?;
            Some(format!("in the project, {} ms after the start: {more}", moment - START))
        })
    }

    /// What one of these may do and none of those could.
    fn more(&self, may: &[&Ability], could: &[&Ability]) -> Option<String> {
        for ability in may {
            for subject in Subject::ALL {
                for action in Action::ALL {
                    let permission = Permission::new(action, subject);
                    for thing in self.identities.iter().map(String::as_str).chain(["a later one"]) {
                        let thing = [("identityId", thing)];
                        if ability.allows(permission, &thing)
                            && !could.iter().any(|ability| ability.allows(permission, &thing))
                        {
                            return Some(format!("{permission:?} on {thing:?}"));
                        }
                    }
                }
            }
        }
        None
    }
}
