//! One call of each operation that succeeds when an administrator makes it, for tests that hold for all of them.

use serde_json::{Value, json};

use crate::operation::{Authentication, Operation, find};

use super::{Call, Holder, World, identity_path, revoke_path, token_auth_path, token_path, tokens_path};

/// Every operation outside the families. [`the_samples_cover_every_operation`] says so.
pub(super) const OPERATIONS: [Operation; 20] = [
    Operation::Bootstrap,
    Operation::CreateIdentity,
    Operation::ListIdentities,
    Operation::GetIdentity,
    Operation::UpdateIdentity,
    Operation::DeleteIdentity,
    Operation::GetIdentityDetails,
    Operation::ListSubOrganizations,
    Operation::AttachTokenAuth,
    Operation::UpdateTokenAuth,
    Operation::GetTokenAuth,
    Operation::DeleteTokenAuth,
    Operation::CreateToken,
    Operation::ListTokens,
    Operation::GetToken,
    Operation::UpdateToken,
    Operation::RevokeToken,
    Operation::RenewByBearer,
    Operation::RevokeByBearer,
    Operation::Status,
];

/// The operations that need an access token as bearer.
pub(super) fn operations_of_a_bearer() -> impl Iterator<Item = Operation> {
    let world = World::new();
    let targets = Targets::new(&world, "no-access");
    OPERATIONS.into_iter().filter(move |operation| {
        let Sample { method, path, .. } = sample(*operation, &world, &targets);
        find(method, &path).unwrap().authentication == Authentication::AccessToken
    })
}

/// What the calls are about.
pub(super) struct Targets {
    /// An identity with Token Auth and a token.
    pub(super) holder: Holder,
    /// An identity without Token Auth.
    pub(super) bare: String,
}

impl Targets {
    /// Targets with this role.
    pub(super) fn new(world: &World, role: &str) -> Self {
        Self {
            holder: world.holder(role, json!({"accessTokenTTL": 60, "accessTokenMaxTTL": 600})),
            bare: world.identity("bare", role),
        }
    }
}

/// A call without its caller.
pub(super) struct Sample {
    pub(super) method: &'static str,
    pub(super) path: String,
    query: String,
    body: Value,
}

impl Sample {
    /// The call, made by whoever holds this token.
    pub(super) fn by<'w>(&self, world: &'w World, plaintext: &str) -> Call<'w> {
        self.anonymous(world).presenting(plaintext)
    }

    /// The call, made by nobody.
    pub(super) fn anonymous<'w>(&self, world: &'w World) -> Call<'w> {
        world.anonymous(self.method, &self.path).query(&self.query).json(self.body.clone())
    }
}

/// The call of an operation.
pub(super) fn sample(operation: Operation, world: &World, targets: &Targets) -> Sample {
    let call = |method, path: String, body| Sample { method, path, query: String::new(), body };
    let Targets { holder: Holder { identity, token, .. }, bare } = targets;
    match operation {
        Operation::Bootstrap => call("POST", "/api/v1/admin/bootstrap".to_owned(), json!({})),
        Operation::CreateIdentity => {
            let body = json!({"name": "new", "organizationId": world.organization});
            call("POST", "/api/v1/identities".to_owned(), body)
        }
        Operation::ListIdentities => Sample {
            query: format!("orgId={}", world.organization),
            ..call("GET", "/api/v1/identities".to_owned(), json!({}))
        },
        Operation::GetIdentity => call("GET", identity_path(identity), json!({})),
        Operation::UpdateIdentity => {
            call("PATCH", identity_path(identity), json!({"metadata": [{"key": "k", "value": "v"}]}))
        }
        Operation::DeleteIdentity => call("DELETE", identity_path(identity), json!({})),
        Operation::GetIdentityDetails => call("GET", identity_path("details"), json!({})),
        Operation::ListSubOrganizations => call("GET", "/api/v1/sub-organizations".to_owned(), json!({})),
        Operation::AttachTokenAuth => call("POST", token_auth_path(bare), json!({})),
        Operation::UpdateTokenAuth => call("PATCH", token_auth_path(identity), json!({"accessTokenTTL": 30})),
        Operation::GetTokenAuth => call("GET", token_auth_path(identity), json!({})),
        Operation::DeleteTokenAuth => call("DELETE", token_auth_path(identity), json!({})),
        Operation::CreateToken => call("POST", tokens_path(identity), json!({"name": "new"})),
        Operation::ListTokens => call("GET", tokens_path(identity), json!({})),
        Operation::GetToken => call("GET", token_path(token), json!({})),
        Operation::UpdateToken => call("PATCH", token_path(token), json!({"name": "renamed"})),
        Operation::RevokeToken => call("POST", revoke_path(token), json!({})),
        Operation::RenewByBearer => call("POST", "/api/v1/auth/token/renew".to_owned(), json!({})),
        Operation::RevokeByBearer => call("POST", "/api/v1/auth/token/revoke".to_owned(), json!({})),
        Operation::Status => call("GET", "/api/status".to_owned(), json!({})),
        of_a_family => panic!("{of_a_family:?} has tests in its own family"),
    }
}

/// The names of the variants in the text of an enumeration.
fn variants<'t>(source: &'t str, enumeration: &str) -> Vec<&'t str> {
    let start = source.find(enumeration).unwrap() + enumeration.len();
    let end = source[start..].find("\n}").unwrap();
    let lines = source[start..start + end].lines().filter_map(|line| line.trim().strip_suffix(','));
    // A variant with a value stands for a family, whose tests are its own.
    lines.filter(|variant| !variant.contains('(')).collect()
}

#[test]
fn the_samples_cover_every_operation() {
    let source = include_str!("../operation.rs");
    let covered: Vec<String> = OPERATIONS.iter().map(|operation| format!("{operation:?}")).collect();
    assert_eq!(covered, variants(source, "pub enum Operation {"));
}

#[test]
fn each_sample_is_a_call_of_its_operation() {
    let world = World::new();
    let targets = Targets::new(&world, "no-access");
    for operation in OPERATIONS {
        let Sample { method, path, .. } = sample(operation, &world, &targets);
        assert_eq!(find(method, &path).unwrap().operation, operation);
    }
    assert_eq!(operations_of_a_bearer().count(), 16);
}
