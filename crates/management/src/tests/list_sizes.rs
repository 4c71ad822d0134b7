//! How long the answers of lists can become: every list at its fullest, with everything in it as long as it may be.

use serde_json::{Value, json};

use crate::fields::MAXIMUM_PAGE;
use crate::rules::MAXIMUM_DESCRIPTION_CHARACTERS;
use crate::tests::world::World;
use directory::memberships::MAXIMUM_ROLES_ON_A_PAGE;
use directory::organization_roles::MAXIMUM_ROLES;
use directory::project_roles;
use directory::projects::ResponseBudget;
use directory::sql::Sql;
use domain::value::names::MAXIMUM_NAME_CHARACTERS;

/// The most bytes of an answer. Making it takes about six times as much, and an object has 128 MB.
const MOST: usize = 10_000_000;

/// Four bytes in UTF-8.
fn longest_name() -> String {
    "\u{1d11e}".repeat(MAXIMUM_NAME_CHARACTERS)
}

/// Six bytes a character in JSON.
fn longest_description() -> String {
    "\u{1}".repeat(MAXIMUM_DESCRIPTION_CHARACTERS)
}

/// An instance that is filled through its tables: thousands of calls would say no more.
struct Full {
    world: World,
}

impl Full {
    fn new() -> Self {
        Self { world: World::ticking() }
    }

    /// Inserts `count` rows; `#` stands for the number of the row, `@` for an id made of it, in the space `family`.
    fn insert(&self, table: &str, family: u8, count: u64, values: &str, bindings: &[&str]) {
        let values = values.replace('@', &id_text(family, "#")).replace('#', "number");
        let bindings: Vec<_> = bindings.iter().map(|text| (*text).into()).collect();
        let statement = format!(
            "WITH RECURSIVE numbers (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < {count})
             INSERT INTO {table} SELECT {values} FROM numbers"
        );
        self.world.sql.execute(&statement, &bindings).unwrap();
    }

    /// As many identities as a page has, with the longest of names, and one role with the longest of names.
    fn identities(&self) {
        let (organization, name) = (self.world.organization.as_str(), longest_name());
        // The rules cannot be read: no list looks at them.
        self.insert(
            "organization_roles",
            1,
            1,
            "@, ?, 'r-' || #, ?, ?, 'no rules', 0, 0",
            &[organization, &name, &longest_description()],
        );
        self.insert("identities", 2, MAXIMUM_PAGE, "@, ?, ?, 0, 0, 0, NULL", &[organization, &name]);
        let columns = format!("@, {}, 'custom', 'token-auth', 0, 0, 0, {}", id_text(2, "#"), id_text(1, "1"));
        self.insert("organization_memberships", 3, MAXIMUM_PAGE, &columns, &[]);
    }

    /// A project with the longest of names and as many custom roles as it may have.
    fn project(&self) -> String {
        let name = longest_name();
        let organization = self.world.organization.as_str();
        let values = "@, ?, ?, 'project-' || #, ?, 'secret-manager', 0, 0, 0, NULL";
        self.insert("projects", 4, 1, values, &[organization, &name, &longest_description()]);
        let values = format!("@, {}, 'r-' || #, ?, ?, 'no rules', 0, 0, 0", id_text(4, "1"));
        self.insert("project_roles", 5, project_roles::MAXIMUM_ROLES, &values, &[&name, &longest_description()]);
        "c0ffee04-0000-4000-8000-000000000001".to_owned()
    }

    /// Members of the project, each with this many custom roles for a time.
    fn members(&self, roles: u64) {
        let values = format!("@, {}, {}, 0, 0", id_text(4, "1"), id_text(2, "#"));
        self.insert("project_memberships", 6, MAXIMUM_PAGE, &values, &[]);
        let values = format!(
            "@, {}, #, 'custom', {}, ?, 0, 1, 0, 0",
            id_text(6, &format!("1 + (# - 1) / {roles}")),
            id_text(5, &format!("1 + # % {}", project_roles::MAXIMUM_ROLES)),
        );
        let range = format!("{}1ms", "0".repeat(97));
        self.insert("project_membership_roles", 7, MAXIMUM_PAGE * roles, &values, &[&range]);
    }

    /// The answer to the administrator, which has this many items in this field and is not too long.
    #[track_caller]
    fn check(&self, path: &str, field: &str, count: u64) -> Value {
        let answer = self.world.administer("GET", path, &json!({})).body;
        let length = answer.to_string().len();
        assert!(length <= MOST, "{path} {length}");
        assert_eq!(answer.pointer(field).unwrap().as_array().unwrap().len() as u64, count, "{path}");
        answer
    }
}

/// The SQL of an id.
fn id_text(family: u8, number: &str) -> String {
    format!("printf('c0ffee{family:02}-0000-4000-8000-%012d', {number})")
}

#[test]
fn a_full_page_of_identities_shows_no_rules_and_is_not_too_long() {
    let full = Full::new();
    full.identities();
    let organization = &full.world.organization;
    for (path, field) in [
        (format!("/api/v1/identities?orgId={organization}&offset=1"), "/identities"),
        (
            format!("/api/v2/organizations/{organization}/identity-memberships?limit=1000&offset=1"),
            "/identityMemberships",
        ),
    ] {
        let answer = full.check(&path, field, MAXIMUM_PAGE);
        let item = answer.pointer(field).unwrap()[0].clone();
        let role = json!({ "id": "c0ffee01-0000-4000-8000-000000000001", "name": longest_name(), "slug": "r-1" });
        assert_eq!((&item["role"], &item["roleId"], &item["customRole"]), (&json!("custom"), &role["id"], &role));
    }
}

#[test]
fn as_many_roles_as_there_can_be_are_listed_without_their_rules() {
    let full = Full::new();
    let (name, description) = (longest_name(), longest_description());
    let texts = [full.world.organization.as_str(), &name, &description];
    full.insert("organization_roles", 1, MAXIMUM_ROLES, "@, ?, 'r-' || #, ?, ?, 'no rules', 0, 0", &texts);
    full.check("/api/v1/organization/roles", "/roles", MAXIMUM_ROLES + 3);
    let project = full.project();
    let path = format!("/api/v1/projects/{project}/roles");
    full.check(&path, "/roles", project_roles::MAXIMUM_ROLES + 4);
}

#[test]
fn a_page_of_members_has_only_so_many_roles() {
    let full = Full::new();
    full.identities();
    let project = full.project();
    let each = MAXIMUM_ROLES_ON_A_PAGE / MAXIMUM_PAGE;
    full.members(each);
    let paths = [
        format!("/api/v1/projects/{project}/memberships/identities?limit=1000"),
        format!("/api/v2/workspace/{project}/identity-memberships?limit=1000"),
    ];
    for path in &paths {
        full.check(path, "/identityMemberships", MAXIMUM_PAGE);
        let too_many = path.replace("1000", "1001");
        assert_eq!(
            full.world.refused(&full.world.admin, "GET", &too_many, &json!({}), 422).issue_paths(),
            [r#"["limit"]"#]
        );
    }
    full.check(&format!("/api/v1/projects/{project}/memberships/available-identities?limit=1000"), "/identities", 1);
    let one_more = format!("{}, 100, 'viewer', NULL, NULL, NULL, NULL, 0, 0", id_text(6, "1"));
    full.insert("project_membership_roles", 8, 1, &format!("@, {one_more}"), &[]);
    for path in &paths {
        let answer = full.world.refused(&full.world.admin, "GET", path, &json!({}), 400);
        let message = "The memberships on this page have more than 1000 roles, ask for a smaller page";
        assert_eq!(answer.text("/message"), message);
        full.check(&path.replace("1000", "100"), "/identityMemberships", 100);
    }
}

#[test]
fn a_list_of_projects_has_pages_and_only_so_many_environments() {
    let full = Full::new();
    let (name, description) = (longest_name(), longest_description());
    let values = "@, ?, ?, 'project-' || #, ?, 'secret-manager', 0, 0, 0, NULL";
    full.insert("projects", 4, MAXIMUM_PAGE + 1, values, &[full.world.organization.as_str(), &name, &description]);
    let each = ResponseBudget::BYTES as u64 / (80 + name.len() as u64 + 6);
    let environments = |family: u8, project: &str, count: u64| {
        let values = format!("@, {}, ?, 'e-' || (1000 + #), #, 0, 0", id_text(4, project));
        full.insert("environments", family, count, &values, &[&name]);
    };
    environments(5, "1 + # % 1000", each);
    for (path, field) in [("/api/v1/projects", "/projects"), ("/api/v1/workspace", "/workspaces")] {
        full.check(&format!("{path}?offset=1000"), field, 1);
        full.check(&format!("{path}?limit=2&offset=1"), field, 2);
        for wrong in ["limit=0", "limit=1001", "offset=-1"] {
            full.world.refused(&full.world.admin, "GET", &format!("{path}?{wrong}"), &json!({}), 422);
        }
    }
    full.check("/api/v1/projects", "/projects", MAXIMUM_PAGE);
    environments(6, "1", 1);
    for path in ["/api/v1/projects", "/api/v1/workspace", "/api/v1/projects?includeRoles=true&limit=900"] {
        let answer = full.world.refused(&full.world.admin, "GET", path, &json!({}), 400);
        assert!(answer.text("/message").ends_with("ask for a smaller page"), "{path}");
    }
    full.check("/api/v1/projects?limit=500", "/projects", 500);
    full.check("/api/v1/projects?includeRoles=true&limit=400", "/projects", 400);
}

#[test]
fn a_full_page_of_client_secrets_and_of_tokens_is_not_too_long() {
    let full = Full::new();
    let identity = full.world.identity("many", "no-access");
    for method in ["universal-auth", "token-auth"] {
        full.world.administer("POST", &format!("/api/v1/auth/{method}/identities/{identity}"), &json!({}));
    }
    let values =
        "@, ?, (SELECT id FROM universal_auth_configurations), x'00', 'abcd', ?, 0, 0, 0, NULL, NULL, NULL, NULL,
        0, 0";
    full.insert("client_secrets", 1, MAXIMUM_PAGE + 1, values, &[&identity, &longest_description()]);
    let path = format!("/api/v1/auth/universal-auth/identities/{identity}/client-secrets");
    full.check(&path, "/clientSecretData", MAXIMUM_PAGE);
    // A token's name is bounded by the body alone.
    let columns =
        "access_tokens (id, identity_id, auth_method, configuration_id, digest, name, ttl, max_ttl, uses_limit,
        uses, created_at, updated_at)";
    let name = "n".repeat(64 * 1024);
    full.insert(columns, 2, 101, "@, ?, 'token-auth', 'x', x'00', ?, 0, 0, 0, 0, 0, 0", &[&identity, &name]);
    let path = format!("/api/v1/auth/token-auth/identities/{identity}/tokens?limit=100");
    full.check(&path, "/tokens", 100);
}

#[test]
fn the_description_of_a_client_secret_is_bounded() {
    let world = World::ticking();
    let identity = world.identity("worker", "no-access");
    let path = format!("/api/v1/auth/universal-auth/identities/{identity}");
    world.administer("POST", &path, &json!({}));
    let path = format!("{path}/client-secrets");
    let longest = longest_description();
    world.administer("POST", &path, &json!({ "description": longest }));
    let answer = world.refused(&world.admin, "POST", &path, &json!({ "description": format!("{longest}x") }), 422);
    assert_eq!(answer.issue_paths(), [r#"["description"]"#]);
}
