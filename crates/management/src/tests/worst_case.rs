//! The worst that each operation can cost: tables as full as they may be, and bodies as long and as bad as they may be.
//!
//! While the Directory works for one caller it works for nobody else, so no operation may take long, whether it is
//! carried out or refused. What is measured is the processor's time of this thread, so that a busy machine changes
//! little. `cargo test --release worst -- --nocapture` prints the table; without `--release` nothing is optimized,
//! SQLite included, and the bound is wider.

mod credentials;
mod gateway;

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Value, json};

use crate::families::DirectoryEndpoint;
use crate::families::memberships::Memberships;
use crate::families::tokens::Tokens;
use crate::tests::calls::{Fixture, OfBearer, of_bearers};
use crate::tests::world::Caller;
use directory::sql::Sql;
use domain::gateway::policy_size::MAXIMUM_PROJECTS;
use domain::gateway::route::MAXIMUM_ROUTES_OF_PROJECT;
use domain::gateway::route_delegation::MAXIMUM_DELEGATIONS;
use domain::permission::operation::Operation;

/// The most that an operation may take; without optimization twenty times as much.
const MOST: Duration = Duration::from_millis(if cfg!(debug_assertions) { 1_000 } else { 50 });
/// The longest body that the Worker reads.
const LONGEST_BODY: usize = 64 * 1024;

thread_local! {
    static TAKEN: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// Notes what a call took.
pub(crate) fn note(taken: Duration) {
    TAKEN.set(taken);
}

/// A body of so many bytes: these fields, and one that nobody knows, full of small values.
fn padded(body: &Value) -> Value {
    let room = LONGEST_BODY.saturating_sub(body.to_string().len() + 20);
    let mut body = body.clone();
    body["unknown"] = Value::from(vec![0; room / 2]);
    body
}

/// As many of these as fit into so many bytes, 500 at most.
fn filled(bytes: usize, make: impl Fn(usize) -> Value) -> Vec<Value> {
    let mut room = bytes;
    (0..500)
        .map(make)
        .take_while(|rule| {
            let length = rule.to_string().len() + 1;
            let fits = length <= room;
            room = room.saturating_sub(length);
            fits
        })
        .collect()
}

fn rule(subject: &str, actions: &[String], conditions: Value) -> Value {
    json!({ "subject": subject, "action": actions, "conditions": conditions, "inverted": false })
}

/// Two letters or digits, another pair for each number.
fn short_name(number: usize) -> String {
    let letter = |number: usize| char::from(b"abcdefghijklmnopqrstuvwxyz0123456789"[number % 36]);
    format!("{}{}{}", letter(number), letter(number / 36), letter(number / 1_296))
}

/// Rules that take long to compare, of each kind that there is, in so many bytes.
fn heavy_rules(bytes: usize) -> Vec<(&'static str, Vec<Value>)> {
    let read = || vec!["read".to_owned()];
    let about = |requirement: Value| rule("identity", &read(), json!({ "identityId": requirement }));
    let every = ["read", "create", "edit", "delete"].map(str::to_owned);
    vec![
        ("one action again and again", filled(bytes, |_| rule("identity", &vec!["read".to_owned(); 50], json!({})))),
        ("many actions", {
            filled(bytes, |at| {
                let names: Vec<String> = (0..50).map(|number| short_name(50 * at + number)).collect();
                rule("secrets", &names, json!({}))
            })
        }),
        ("equal", filled(bytes, |at| about(json!({ "$eq": format!("{at}") })))),
        ("not equal", filled(bytes, |at| about(json!({ "$ne": format!("n{at}") })))),
        ("one of many", {
            filled(bytes, |at| {
                let values: Vec<String> = (0..100).map(|number| format!("{at}-{number}")).collect();
                about(json!({ "$in": values }))
            })
        }),
        ("patterns", filled(bytes, |at| about(json!({ "$glob": format!("*{at}*{}*", "?*".repeat(20)) })))),
        ("long patterns", filled(bytes, |at| about(json!({ "$glob": format!("*{at}*{}*", "é".repeat(240)) })))),
        ("requests", filled(bytes, |at| rule("requests", &every, json!({ "path": { "$glob": format!("/{at}/*") } })))),
    ]
}

/// Everything allowed on everything, rule by rule, as custom roles have it.
fn everything(subjects: &[&str]) -> Vec<Value> {
    let identity = [
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
    let usual = &identity[..4];
    let of = |subject: &&str| match *subject {
        "identity" => json!({ "subject": subject, "action": identity, "inverted": false }),
        _ => json!({ "subject": subject, "action": usual, "inverted": false }),
    };
    subjects.iter().map(of).collect()
}

/// An instance whose tables are full, and who calls.
struct Full {
    fixture: Fixture,
    /// Holds everything by rules of custom roles, of which it has as many as it may have.
    editor: Caller,
}

/// The SQL of an id.
fn id_text(family: u8, number: &str) -> String {
    format!("printf('c0ffee{family:02}-0000-4000-8000-%012d', {number})")
}

impl Full {
    fn new() -> Self {
        let fixture = Fixture::new();
        let editor = fixture.world.caller("editor", "admin");
        let full = Self { fixture, editor };
        full.world_of_many();
        full.long_roles_with_routes();
        full.editor_of_many_rules();
        full
    }

    fn run(&self, statement: &str, bindings: &[&str]) {
        let bindings: Vec<_> = bindings.iter().map(|text| (*text).into()).collect();
        self.fixture.world.sql.execute(statement, &bindings).unwrap();
    }

    /// Inserts `count` rows; `#` stands for the number of the row, `@` for an id made of it, in the space `family`.
    fn insert(&self, table: &str, family: u8, count: usize, values: &str, bindings: &[&str]) {
        let values = values.replace('@', &id_text(family, "#")).replace('#', "number");
        let statement = format!(
            "WITH RECURSIVE numbers (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < {count})
             INSERT INTO {table} SELECT {values} FROM numbers"
        );
        self.run(&statement, bindings);
    }

    /// Thousands of identities, tokens and changes, a full project and full memberships.
    fn world_of_many(&self) {
        let organization = self.fixture.world.organization.clone();
        let project = self.fixture.in_project(":projectId");
        let target = self.fixture.parameter(":identityId");
        self.insert("identities", 2, 2_000, "@, ?, 'identity ' || #, 0, 0, 0, NULL", &[&organization]);
        let member = format!("@, {}, 'member', NULL, NULL, 0, 0, NULL", id_text(2, "#"));
        self.insert("organization_memberships", 3, 2_000, &member, &[]);
        self.insert("organization_roles", 1, 990, "@, ?, 'r-' || #, 'name', '', '[]', 0, 0", &[&organization]);
        self.insert("environments", 8, 90, "@, ?, 'e-' || #, 'e-' || #, 10 + #, 0, 0", &[project]);
        self.insert("project_roles", 5, 470, "@, ?, 'r-' || #, 'name', '', '[]', 0, 0, 0", &[project]);
        self.insert("project_memberships", 6, 1_000, &format!("@, ?, {}, 0, 0", id_text(2, "#")), &[project]);
        let grants = format!(
            "@, {}, #, 'custom', {}, NULL, NULL, NULL, 0, 0",
            id_text(6, "1 + (# - 1) / 10"),
            id_text(5, "1 + # % 470"),
        );
        self.insert("project_membership_roles", 7, 10_000, &grants, &[]);
        self.insert("changes", 9, 10_000, "'identity/' || @, 100000 + #, 0", &[]);
        // The identity of the paths is in as many projects as it may be in, and has many tokens.
        self.insert(
            "projects",
            10,
            99,
            "@, ?, 'p', 'project-' || #, '', 'secret-manager', 0, 0, 0, NULL",
            &[&organization],
        );
        for identity in [target, &self.editor.identity] {
            let family = if identity == target { 11 } else { 21 };
            let place = format!("@, {}, ?, 0, 0", id_text(10, "#"));
            self.insert("project_memberships", family, 99, &place, &[identity]);
            let grant =
                format!("@, {}, 0, 'custom', {}, NULL, NULL, NULL, 0, 0", id_text(family, "#"), id_text(12, "#"));
            let rules = Value::from(filled(1_200, |at| {
                rule("identity", &["read".to_owned()], json!({ "identityId": { "$ne": format!("{at}") } }))
            }));
            if identity == target {
                let role = format!("@, {}, 'heavy', 'name', '', ?, 0, 0, 0", id_text(10, "#"));
                self.insert("project_roles", 12, 99, &role, &[&rules.to_string()]);
            }
            self.insert("project_membership_roles", family + 2, 99, &grant, &[]);
        }
        self.tokens(target);
        self.routes(&organization);
    }

    /// 5,000 copies of a token of the identity.
    fn tokens(&self, identity: &str) {
        self.copies("access_tokens", 14, 5_000, identity, &[]);
    }

    /// Copies of a row that is about the identity, with other values in some columns.
    fn copies(&self, table: &str, family: u8, count: usize, identity: &str, changed: &[(&str, &str)]) {
        let statement = format!("SELECT group_concat(name) FROM pragma_table_info('{table}')");
        let columns = self.fixture.world.sql.execute(&statement, &[]).unwrap().remove(0).read::<String>().unwrap();
        let id = id_text(family, "number");
        let copied = |name: &str| match changed.iter().find(|(column, _)| *column == name) {
            Some((_, value)) => (*value).to_owned(),
            None if name == "id" => id.clone(),
            None => name.to_owned(),
        };
        let values = columns.split(',').map(copied).collect::<Vec<_>>().join(", ");
        self.run(
            &format!(
                "WITH RECURSIVE numbers (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < {count})
                 INSERT INTO {table} ({columns})
                 SELECT {values} FROM numbers, (SELECT * FROM {table} WHERE identity_id = ? LIMIT 1)"
            ),
            &[identity],
        );
    }

    /// As many routes as the policy has room for, in a few projects.
    fn routes(&self, organization: &str) {
        let header = format!("x-name: {}", "v".repeat(1_000));
        let values = format!(
            "@, ?, {}, 'host-' || # || '.example', '/' || #, NULL, 'https://origin.example', 0, ?, 30, 0, 0, 0",
            id_text(10, "1 + # % 16")
        );
        self.insert("routes", 15, 390, &values, &[organization, &header]);
        let values =
            "@, ?, ?, 'host.example', '/r' || #, NULL, 'https://origin.example', 0, 'x-name: value', 30, 0, 0, 0";
        self.insert("routes", 16, 90, values, &[organization, self.fixture.in_project(":projectId")]);
    }

    /// Roles that say little about requests and much about other things, in as many projects as the policy has room
    /// for.
    fn long_roles_with_routes(&self) {
        let mut rules = filled(60_000, |at| {
            let names: Vec<String> = (0..50).map(|number| short_name(50 * at + number)).collect();
            rule("secrets", &names, json!({}))
        });
        rules.push(rule("requests", &["read".to_owned()], json!({})));
        let rules = Value::from(rules).to_string();
        let values = format!("@, {}, 'long-' || #, 'name', '', ?, 0, 0, 1", id_text(10, "#"));
        self.insert("project_roles", 22, 8, &values, &[&rules]);
    }

    /// The editor's role in the organization, and its roles in the project: everything first, and behind it rules that
    /// allow nothing that is asked for, so that each comparison goes through all of them.
    fn editor_of_many_rules(&self) {
        let organization = self.fixture.world.organization.clone();
        let mut rules = everything(&["identity", "workspace", "project", "role", "audit-logs"]);
        rules.push(heavy_rules(60_000).remove(1).1.remove(0));
        rules.extend(heavy_rules(55_000).remove(3).1);
        let rules = Value::from(rules).to_string();
        self.insert("organization_roles", 17, 1, "@, ?, 'editor', 'name', '', ?, 0, 0", &[&organization, &rules]);
        self.run(
            &format!(
                "UPDATE organization_memberships SET role = 'custom', custom_role_id = {} WHERE identity_id = ?",
                id_text(17, "1")
            ),
            &[&self.editor.identity],
        );
        let project = self.fixture.in_project(":projectId");
        let joined = ["identity", "requests", "role", "project", "routes", "environments", "audit-logs"];
        let mut of_project = vec![everything(&joined)];
        let kinds = heavy_rules(14_000);
        of_project.extend((0..9).map(|number| kinds[number % kinds.len()].1.clone()));
        self.insert("project_memberships", 18, 1, "@, ?, ?, 0, 0", &[project, &self.editor.identity]);
        for (number, rules) in (1..).zip(&of_project) {
            let about_requests = u8::from(rules.iter().any(|rule| rule["subject"] == "requests"));
            let rules = Value::from(rules.clone()).to_string();
            let id = id_text(19, &number.to_string());
            let values = format!("{id}, ?, 'heavy-{number}', 'name', '', ?, 0, 0, {about_requests}");
            self.run(&format!("INSERT INTO project_roles SELECT {values}"), &[project, &rules]);
            let values = format!(
                "{}, {}, {number}, 'custom', {}, NULL, NULL, NULL, 0, 0",
                id_text(20, &number.to_string()),
                id_text(18, "1"),
                id_text(19, &number.to_string()),
            );
            self.run(&format!("INSERT INTO project_membership_roles SELECT {values}"), &[]);
        }
    }

    /// The bodies to try with an operation, each with what is bad about it.
    fn bodies(&self, operation: Operation, right: &Value) -> Vec<(String, Value)> {
        let mut bodies = vec![("as it is".to_owned(), right.clone()), ("unknown".to_owned(), padded(right))];
        let mut add = |name: &str, body: Value| bodies.push((name.to_owned(), body));
        match operation {
            Operation::CreateOrganizationRole
            | Operation::UpdateOrganizationRole
            | Operation::CreateProjectRole
            | Operation::UpdateProjectRole => {
                let wrong = filled(60_000, |_| rule("identity", &vec!["x".to_owned(); 50], json!({ "x": {} })));
                add("wrong everywhere", json!({ "slug": "made", "name": "Made", "permissions": wrong }));
                for (name, rules) in heavy_rules(60_000) {
                    let mut body = right.clone();
                    body["permissions"] = Value::from(rules.clone());
                    add(name, body.clone());
                    let denied: Vec<Value> = rules
                        .into_iter()
                        .map(|mut rule| {
                            rule["inverted"] = Value::Bool(true);
                            rule
                        })
                        .collect();
                    body["permissions"] = Value::from(denied);
                    add(&format!("{name}, denied"), body);
                }
            }
            Operation::CreateProjectIdentityMembership | Operation::UpdateProjectIdentityMembership => {
                let temporary = |number: usize| {
                    json!({ "role": format!("heavy-{}", 1 + number % 10), "isTemporary": true,
                            "temporaryMode": "relative", "temporaryRange": format!("{}h", 1 + number),
                            "temporaryAccessStartTime": "2023-11-14T23:00:00.000Z" })
                };
                let for_good = |number: usize| json!({ "role": format!("heavy-{}", 1 + number % 10) });
                add("roles for good", json!({ "roles": (0..10).map(for_good).collect::<Vec<_>>() }));
                let mut roles: Vec<Value> = (0..9).map(temporary).collect();
                roles.push(for_good(0));
                add("roles for a time", json!({ "roles": roles }));
                add("one role again and again", json!({ "roles": vec![json!({ "role": "heavy-6" }); 10] }));
            }
            Operation::CreateIdentity | Operation::UpdateIdentity => {
                let mut body = right.clone();
                body["metadata"] = Value::from(filled(60_000, |at| json!({ "key": format!("{at}"), "value": "v" })));
                add("metadata", body);
            }
            Operation::CreateRoute | Operation::UpdateRoute => {
                let mut body = right.clone();
                let headers: serde_json::Map<String, Value> =
                    (0..20).map(|number| (format!("x-{number}"), Value::from("v".repeat(1_000)))).collect();
                body["headers"] = Value::Object(headers);
                body["origin"] = Value::from("https://origin.example");
                add("headers", body);
            }
            Operation::SearchIdentities | Operation::CountIdentitiesV2 => {
                let clauses: Vec<Value> = (0..80)
                    .map(|number| json!({ "name": { "$contains": format!("{}{number}", "%y".repeat(120)) } }))
                    .collect();
                add("clauses", json!({ "search": { "$or": clauses } }));
            }
            Operation::Explain => {
                let mut body = right.clone();
                body["request"] = json!({ "method": "GET", "host": "host.example",
                                          "path": format!("/r1/{}", "a/".repeat(2_000)) });
                add("a request", body);
            }
            _ if right
                .as_object()
                .is_some_and(|fields| fields.keys().any(|field| field.starts_with("accessToken"))) =>
            {
                let entry = |at: usize| json!({ "ipAddress": format!("2001:db8::{at:x}/128") });
                let mut body = right.clone();
                body["accessTokenTrustedIps"] = Value::from((0..50).map(entry).collect::<Vec<_>>());
                add("addresses", body);
            }
            _ => {}
        }
        bodies
    }
}

/// The path of an endpoint, with the longest page where it is a list.
fn path(fixture: &Fixture, of_bearer: OfBearer) -> String {
    let path = fixture.path(of_bearer);
    let page = match of_bearer.directory {
        // More roles than one page may show are refused.
        DirectoryEndpoint::Memberships(Memberships::ListProjectIdentityMemberships(_))
        | DirectoryEndpoint::Tokens(Tokens::GetTokenAuthTokens) => "limit=100",
        // Somebody who is no member yet.
        DirectoryEndpoint::Memberships(Memberships::CreateProjectIdentityMembership) => {
            return path.replace(fixture.in_project(":identityId"), fixture.parameter(":identityId"));
        }
        _ if of_bearer.endpoint.method == "GET" => "limit=1000",
        _ => return path,
    };
    format!("{path}{}{page}", if path.contains('?') { '&' } else { '?' })
}

#[test]
fn no_operation_takes_long_whatever_it_is_sent_and_however_full_the_tables_are() {
    let full = Full::new();
    let world = &full.fixture.world;
    let (mut table, mut slow, mut seen) = (String::new(), Vec::new(), BTreeSet::new());
    for of_bearer in of_bearers() {
        let OfBearer { endpoint, directory } = of_bearer;
        if !seen.insert(directory) {
            continue;
        }
        let right = full.fixture.sample(directory).body;
        let path = path(&full.fixture, of_bearer);
        let mut worst = (Duration::ZERO, String::new());
        for (at, (name, body)) in full.bodies(endpoint.operation, &right).into_iter().enumerate() {
            assert!(body.to_string().len() <= LONGEST_BODY, "{directory:?} {name}");
            // Who may do everything is not compared with anybody: what it sends matters less.
            let callers = [("editor", &full.editor), ("administrator", &world.admin)];
            for (who, caller) in callers.into_iter().take(if at < 2 { 2 } else { 1 }) {
                let status = world.rehearse(caller, endpoint.method, &path, &body).status;
                if TAKEN.get() >= worst.0 {
                    worst = (TAKEN.get(), format!("{status} {who}, {name}"));
                }
            }
        }
        let milliseconds = worst.0.as_secs_f64() * 1e3;
        writeln!(table, "{milliseconds:8.2}  {directory:?} ({}): {}", endpoint.path, worst.1).unwrap();
        if worst.0 > MOST {
            slow.push(format!("{directory:?} {milliseconds:.1} ms: {}", worst.1));
        }
    }
    println!("{table}");
    assert_eq!(slow, [""; 0]);
}

/// As many projects, delegations and routes as there may be. The values of a row say where it is: of a delegation for each
/// project, of the other delegations, and of the routes.
fn full_of_delegations([wide, narrow, routes]: [&str; 3]) -> Full {
    let fixture = Fixture::new();
    let editor = fixture.world.caller("editor", "admin");
    let full = Full { fixture, editor };
    let organization = full.fixture.world.organization.clone();
    let projects = MAXIMUM_PROJECTS - 1;
    full.run("DELETE FROM routes", &[]);
    full.run("DELETE FROM route_delegations", &[]);
    let values = "@, ?, 'p', 'project-' || #, '', 'secret-manager', 0, 0, 0, NULL";
    full.insert("projects", 10, projects, values, &[&organization]);
    let number = format!("(1 + # % {projects})");
    let project = id_text(10, &number);
    let at = |place: &str| place.replace('%', &number);
    full.insert("route_delegations", 40, projects, &format!("@, ?, {project}, {}, 0, 0", at(wide)), &[&organization]);
    let others = MAXIMUM_DELEGATIONS - 1 - projects;
    full.insert("route_delegations", 41, others, &format!("@, ?, {project}, {}, 0, 0", at(narrow)), &[&organization]);
    let values = format!("@, ?, {project}, {}, NULL, 'https://origin.example', 0, '', 30, 0, 0, 0", at(routes));
    full.insert("routes", 42, projects * MAXIMUM_ROUTES_OF_PROJECT, &values, &[&organization]);
    full
}

#[test]
fn no_delegation_takes_long_to_come_or_to_go_however_many_there_are_and_whatever_lies_in_them() {
    let delegations = "/api/v1/organization/route-delegations";
    let mut slow = Vec::new();
    for (kind, places, inside) in [
        // Routes for every host, and delegations that give single hosts to others.
        ("hosts", ["NULL, '/k' || %", "'host-' || # || '.example', '/'", "NULL, '/k' || % || '/r' || #"], "/k1/r31"),
        // Routes one below the other, and delegations of every host below all of them.
        (
            "prefixes",
            [
                "'host-' || % || '.example', '/'",
                "NULL, replace(hex(zeroblob(60)), '00', '/a') || '/d' || #",
                "'host-' || % || '.example', replace(hex(zeroblob(1 + # / 31)), '00', '/a')",
            ],
            "/a",
        ),
    ] {
        let full = full_of_delegations(places);
        let world = &full.fixture.world;
        let project = full.fixture.in_project(":projectId");
        let listed = world.ok(&world.admin, "GET", delegations, &json!({}));
        let listed = listed["routeDelegations"].as_array().unwrap();
        assert_eq!(listed.len(), MAXIMUM_DELEGATIONS - 1);
        let wide = listed.iter().find(|one| one["id"].as_str().unwrap().starts_with("c0ffee40")).unwrap();
        let gone = format!("{delegations}/{}", wide["id"].as_str().unwrap());
        let new = |host: &Value, prefix: &str| json!({ "projectId": project, "host": host, "pathPrefix": prefix });
        let routes = format!("/api/v1/projects/{project}/routes");
        for (name, method, path, body) in [
            ("one around all", "POST", delegations, new(&json!(null), "/")),
            ("one that cuts", "POST", delegations, new(&wide["host"], inside)),
            ("one for a host", "POST", delegations, new(&json!("x.example"), "/")),
            ("a route that makes one", "POST", &routes, json!({ "pathPrefix": "/" })),
            ("one with routes", "DELETE", &gone, json!({})),
            ("one with routes, by force", "DELETE", &format!("{gone}?force=true"), json!({})),
            ("a project", "DELETE", &format!("/api/v1/projects/{}", wide["projectId"].as_str().unwrap()), json!({})),
        ] {
            let status = world.rehearse(&world.admin, method, path, &body).status;
            let taken = TAKEN.get();
            println!("{:8.2}  {kind}, {name}: {status} {method} {path}", taken.as_secs_f64() * 1e3);
            assert!(matches!(status, 200 | 409), "{kind}, {name}: {status}");
            if taken > MOST {
                slow.push(format!("{kind}, {name}: {taken:?}"));
            }
        }
    }
    assert_eq!(slow, [""; 0]);
}
