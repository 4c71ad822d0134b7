//! Tests of explanations on a real SQLite: what is answered, to whom, and that nothing changes.

mod input;

use serde_json::{Value, json};

use crate::tests::world::{Caller, Reply, START, World, text_at, with_letters};

const TRUSTED: &str = "203.0.113.0/24";

/// An instance with a project, a route for `shop.example/orders`, and a reader of it with a counted token.
struct Shop {
    world: World,
    project: String,
    reader: Caller,
    token: String,
}

impl Shop {
    fn new() -> Self {
        let world = World::new();
        let project = world.project("orders");
        let rules = json!([
            { "subject": "requests", "action": ["read"], "conditions": { "path": { "$glob": "/orders/public/**" } } },
            { "subject": "requests", "action": ["delete"] },
        ]);
        world.project_role(&project, "reader", &rules);
        let routes = format!("/api/v1/projects/{project}/routes");
        let route = json!({
            "host": "shop.example", "pathPrefix": "/orders", "methods": ["GET", "POST"],
            "origin": "https://origin.example.com",
        });
        world.ok(&world.admin, "POST", &routes, &route);
        let identity = world.identity("reader of orders", "no-access");
        let token_auth = format!("/api/v1/auth/token-auth/identities/{identity}");
        let configuration = json!({
            "accessTokenTTL": 60, "accessTokenNumUsesLimit": 3, "accessTokenTrustedIps": [{ "ipAddress": TRUSTED }],
        });
        world.ok(&world.admin, "POST", &token_auth, &configuration);
        let made = world.ok(&world.admin, "POST", &format!("{token_auth}/tokens"), &json!({}));
        let roles = json!({ "roles": [
            { "role": "reader" },
            { "role": "admin", "isTemporary": true, "temporaryMode": "relative", "temporaryRange": "1h",
              "temporaryAccessStartTime": "2023-11-14T23:00:00.000Z" },
        ] });
        let membership = format!("/api/v1/projects/{project}/memberships/identities/{identity}");
        world.ok(&world.admin, "POST", &membership, &roles);
        let reader = world.holder_of(identity, text_at(&made, "/accessToken"));
        Self { world, project, reader, token: text_at(&made, "/tokenData/id") }
    }

    /// What reads an order from a trusted address.
    fn question(&self) -> Value {
        json!({
            "tokenId": self.token, "clientIp": "203.0.113.9",
            "request": { "host": "shop.example", "method": "GET", "path": "/orders/public/7" },
        })
    }

    /// The explanation that a caller gets. Nothing changes, and neither a secret nor a digest is in it.
    #[track_caller]
    fn explain_to(&self, caller: &Caller, question: &Value, uses: u64) -> Value {
        let before = self.world.sql.dump();
        let Reply { status, body: answer, .. } = self.world.explain(caller, question, Some(uses));
        assert_eq!(status, 200, "{answer}");
        assert_eq!(self.world.sql.dump(), before, "explaining has changed something");
        let shown = answer.to_string();
        for secret in [self.reader.token.clone(), caller.token.clone(), self.world.digest_of(&self.reader)] {
            assert!(!shown.contains(&secret), "{shown}");
        }
        answer["explanation"].clone()
    }

    #[track_caller]
    fn explain(&self, question: &Value, uses: u64) -> Value {
        self.explain_to(&self.world.admin, question, uses)
    }

    /// The check that fails and its code.
    #[track_caller]
    fn refusal(&self, question: &Value, uses: u64) -> (String, String) {
        let explanation = self.explain(question, uses);
        assert_eq!(explanation["verdict"], "refused");
        (text_at(&explanation, "/refusal/check"), text_at(&explanation, "/refusal/code"))
    }

    #[track_caller]
    fn check_refusal(&self, question: &Value, uses: u64, check: &str, code: &str) {
        assert_eq!(self.refusal(question, uses), (check.to_owned(), code.to_owned()));
    }
}

fn with(question: &Value, pointer: &str, value: Value) -> Value {
    let mut question = question.clone();
    *question.pointer_mut(pointer).unwrap() = value;
    question
}

/// The outcome and the inputs of a check.
#[track_caller]
fn check_of(explanation: &Value, check: &str) -> Value {
    let checks = explanation["checks"].as_array().unwrap();
    checks.iter().find(|known| known["check"] == check).unwrap_or_else(|| panic!("no {check}")).clone()
}

/// The outcomes, in order.
fn outcomes(explanation: &Value) -> Vec<(String, String)> {
    let checks = explanation["checks"].as_array().unwrap();
    checks.iter().map(|check| (text_at(check, "/check"), text_at(check, "/outcome"))).collect()
}

#[test]
fn explanation_answers_unchanged() {
    let shop = Shop::new();
    let question = json!({
        "accessToken": shop.reader.token, "clientIp": "203.0.113.9",
        "request": { "host": "shop.example:8443", "method": "GET", "path": "/orders/public/7", "via": "gateway" },
    });
    let reads_public = json!({
        "subject": "requests", "action": ["read"], "conditions": { "path": { "$glob": "/orders/public/**" } },
        "inverted": false,
    });
    let explanation = shop.explain(&question, 1);
    let passed = |check: &str, inputs: Value| json!({ "check": check, "outcome": "passed", "inputs": inputs });
    let expected = json!({
        "verdict": "allowed",
        "refusal": null,
        "clientIp": { "address": "203.0.113.9", "source": "described", "reason": "clientIp names it." },
        "checks": [
            passed("path", json!({ "path": "/orders/public/7" })),
            passed("format", json!({})),
            passed("tag", json!({})),
            passed("known", json!({ "tokenId": "<a>" })),
            passed("secret", json!({})),
            passed("not_revoked", json!({ "revoked": false })),
            passed("not_expired", json!({
                "createdAt": "2023-11-14T22:13:20.000Z", "expiresAt": "2023-11-14T22:14:20.000Z",
                "now": "2023-11-14T22:13:20.000Z",
            })),
            passed("identity", json!({
                "identityId": "<b>", "identityName": "reader of orders", "role": "no-access",
            })),
            passed("auth_method", json!({
                "authMethod": "token-auth", "configurationId": "<c>", "currentConfigurationId": "<c>",
                "attached": ["token-auth"],
            })),
            { "check": "client_secret", "outcome": "not_applicable", "inputs": {} },
            passed("client_address", json!({
                "address": "203.0.113.9", "trustedIps": ["203.0.113.0/24"], "matched": "203.0.113.0/24",
            })),
            passed("route", json!({
                "host": "shop.example", "via": "gateway",
                "route": {
                    "id": "<d>", "projectId": "<e>", "host": "shop.example", "pathPrefix": "/orders",
                    "methods": ["GET", "POST"],
                },
                "routeDelegation": {
                    "id": "<f>", "projectId": "<e>", "host": "shop.example", "pathPrefix": "/orders",
                    "allowKeepAuthorization": false,
                },
            })),
            passed("membership", json!({ "projectId": "<e>", "projectSlug": "orders", "member": true })),
            passed("method", json!({ "method": "GET" })),
            passed("permission", json!({
                "projectId": "<e>", "projectSlug": "orders", "needed": { "action": "read", "subject": "requests" },
                "path": "/orders/public/7",
                "roles": [
                    { "role": "reader", "holds": true, "from": null, "until": null },
                    { "role": "admin", "holds": false,
                      "from": "2023-11-14T23:00:00.000Z", "until": "2023-11-15T00:00:00.000Z" },
                ],
                "rules": [reads_public],
                "decidedBy": reads_public,
            })),
            { "check": "web_socket", "outcome": "not_applicable", "inputs": {} },
            passed("uses", json!({ "limit": 3, "used": 1, "remaining": 2 })),
        ],
    });
    assert_eq!(with_letters(&explanation), with_letters(&expected));

    let refused = shop.explain(&with(&question, "/clientIp", json!("198.51.100.1")), 1);
    assert_eq!(
        refused["refusal"],
        json!({
            "check": "client_address", "code": "client_ip_not_trusted",
            "detail": "The address 198.51.100.1 is not among the trusted IPs.",
        })
    );
    let address = check_of(&refused, "client_address");
    assert_eq!(address["outcome"], "failed");
    assert_eq!(
        address["inputs"],
        json!({ "address": "198.51.100.1", "trustedIps": ["203.0.113.0/24"], "matched": null })
    );
    for check in ["route", "membership", "method", "permission", "uses"] {
        let unreached = json!({ "check": check, "outcome": "not_reached", "inputs": {} });
        assert_eq!(check_of(&refused, check), unreached);
    }
}

#[test]
fn a_web_socket_that_a_route_does_not_take_is_explained() {
    let shop = Shop::new();
    let mut question = shop.question();
    question["request"]["webSocket"] = json!(true);
    shop.check_refusal(&question, 1, "web_socket", "web_socket_not_allowed");
    let routes = format!("/api/v1/projects/{}/routes", shop.project);
    let listed = shop.world.ok(&shop.world.admin, "GET", &routes, &Value::Null);
    let route = format!("{routes}/{}", text_at(&listed, "/routes/0/id"));
    shop.world.ok(&shop.world.admin, "PATCH", &route, &json!({ "webSocket": true }));
    let explanation = shop.explain(&question, 1);
    assert_eq!(explanation["verdict"], "allowed");
    let expected = json!({ "check": "web_socket", "outcome": "passed", "inputs": { "webSocket": true } });
    assert_eq!(check_of(&explanation, "web_socket"), expected);
}

#[test]
fn a_revoked_token_is_explained() {
    let shop = Shop::new();
    let path = format!("/api/v1/auth/token-auth/tokens/{}/revoke", shop.token);
    shop.world.ok(&shop.world.admin, "POST", &path, &json!({}));
    shop.check_refusal(&shop.question(), 0, "not_revoked", "revoked");
    let explanation = shop.explain(&shop.question(), 0);
    assert_eq!(check_of(&explanation, "not_revoked")["inputs"], json!({ "revoked": true }));
}

#[test]
fn an_expired_token_is_explained() {
    let shop = Shop::new();
    shop.world.set_now(START + 60_000);
    let explanation = shop.explain(&shop.question(), 0);
    let detail = "The token expired at 2023-11-14T22:14:20.000Z.";
    assert_eq!(explanation["refusal"], json!({ "check": "not_expired", "code": "expired", "detail": detail }));
    shop.world.set_now(START + 59_999);
    assert_eq!(shop.explain(&shop.question(), 0)["verdict"], "allowed");
}

#[test]
fn a_token_of_a_removed_method_is_gone() {
    let shop = Shop::new();
    let path = format!("/api/v1/auth/token-auth/identities/{}", shop.reader.identity);
    shop.world.ok(&shop.world.admin, "DELETE", &path, &json!({}));
    shop.check_refusal(&shop.question(), 0, "known", "unknown");
    let explanation = shop.explain(&shop.question(), 0);
    assert_eq!(check_of(&explanation, "known")["inputs"], json!({ "tokenId": shop.token }));
}

#[test]
fn a_revoked_client_secret_is_explained() {
    let shop = Shop::new();
    let world = &shop.world;
    let universal_auth = format!("/api/v1/auth/universal-auth/identities/{}", shop.reader.identity);
    world.ok(&world.admin, "POST", &universal_auth, &json!({}));
    let secret = world.ok(&world.admin, "POST", &format!("{universal_auth}/client-secrets"), &json!({}));
    let secret = text_at(&secret, "/clientSecretData/id");
    // The token as a login would have made it.
    world.make_token_of_a_login(&shop.token, &secret);
    let explanation = shop.explain(&shop.question(), 0);
    assert_eq!(check_of(&explanation, "client_secret")["inputs"], json!({ "clientSecretId": secret }));
    let revoke = format!("{universal_auth}/client-secrets/{secret}/revoke");
    world.ok(&world.admin, "POST", &revoke, &json!({}));
    shop.check_refusal(&shop.question(), 0, "client_secret", "client_secret_revoked");
}

#[test]
fn an_exhausted_token_is_explained_by_what_its_counter_says() {
    let shop = Shop::new();
    shop.check_refusal(&shop.question(), 3, "uses", "uses_exhausted");
    let inputs = check_of(&shop.explain(&shop.question(), 3), "uses")["inputs"].clone();
    assert_eq!(inputs, json!({ "limit": 3, "used": 3, "remaining": 0 }));
    // Another check comes first, as it does for requests.
    let post = with(&shop.question(), "/request/method", json!("POST"));
    shop.check_refusal(&post, 3, "permission", "permission_missing");
}

#[test]
fn without_its_counter_nothing_is_said_about_a_counted_token() {
    let shop = Shop::new();
    let before = shop.world.sql.dump();
    let Reply { status, body: answer, .. } = shop.world.explain(&shop.world.admin, &shop.question(), None);
    assert_eq!((status, &answer["error"]), (503, &json!("ServiceUnavailable")));
    assert_eq!(shop.world.sql.dump(), before);
    // A token without a limit has no counter to ask.
    let admin = json!({ "accessToken": shop.world.admin.token });
    let Reply { status, body: answer, .. } = shop.world.explain(&shop.world.admin, &admin, None);
    assert_eq!((status, &answer["explanation"]["verdict"]), (200, &json!("allowed")));
    assert_eq!(check_of(&answer["explanation"], "uses")["outcome"], "not_applicable");
}

#[test]
fn each_check_of_a_request_is_explained() {
    let shop = Shop::new();
    let check = |pointer: &str, value: &str, expected: (&str, &str)| {
        shop.check_refusal(&with(&shop.question(), pointer, json!(value)), 0, expected.0, expected.1);
    };
    check("/request/path", "/orders/../admin", ("path", "ambiguous_path"));
    check("/request/path", "/orders//7", ("path", "ambiguous_path"));
    check("/request/host", "other.example", ("route", "host_unknown"));
    check("/request/path", "/invoices", ("route", "route_unknown"));
    check("/request/method", "PUT", ("method", "method_not_allowed"));
    check("/request/path", "/orders/private", ("permission", "permission_missing"));

    let denied = shop.explain(&with(&shop.question(), "/request/path", json!("/orders/private")), 0);
    let inputs = check_of(&denied, "permission")["inputs"].clone();
    assert_eq!((&inputs["path"], &inputs["decidedBy"]), (&json!("/orders/private"), &Value::Null));
    assert_eq!(inputs["rules"].as_array().unwrap().len(), 1);

    // An hour later the temporary role holds.
    let token_auth = format!("/api/v1/auth/token-auth/identities/{}", shop.reader.identity);
    let longer = json!({ "accessTokenTTL": 86_400 });
    shop.world.ok(&shop.world.admin, "PATCH", &token_auth, &longer);
    let made = shop.world.ok(&shop.world.admin, "POST", &format!("{token_auth}/tokens"), &json!({}));
    shop.world.set_now(START + 3_600_000);
    let question = with(&shop.question(), "/tokenId", made["tokenData"]["id"].clone());
    let private = with(&question, "/request/path", json!("/orders/private"));
    assert_eq!(shop.explain(&private, 0)["verdict"], "allowed");

    let path = format!("/api/v1/projects/{}/memberships/identities/{}", shop.project, shop.reader.identity);
    shop.world.ok(&shop.world.admin, "DELETE", &path, &json!({}));
    shop.check_refusal(&question, 0, "membership", "not_a_member");
    let left = check_of(&shop.explain(&question, 0), "membership");
    assert_eq!(left["inputs"], json!({ "projectId": shop.project, "projectSlug": null, "member": false }));
}

#[test]
fn a_route_without_an_origin_is_for_reverse_proxies_only() {
    let shop = Shop::new();
    let routes = format!("/api/v1/projects/{}/routes", shop.project);
    let asked = json!({ "host": "asked.example", "pathPrefix": "/" });
    shop.world.ok(&shop.world.admin, "POST", &routes, &asked);
    let mut question = with(&shop.question(), "/request/host", json!("asked.example"));
    question = with(&question, "/request/path", json!("/orders/public/7"));
    shop.check_refusal(&question, 0, "route", "host_unknown");
    question["request"]["via"] = json!("forward-auth");
    assert_eq!(shop.explain(&question, 0)["verdict"], "allowed");
}

#[test]
fn a_token_that_is_no_token_of_ours_is_explained_by_what_the_worker_found() {
    let shop = Shop::new();
    let shown = |text: &str| json!({ "accessToken": text });
    shop.check_refusal(&shown("eyJhbGciOiJIUzI1NiJ9.e30.x"), 0, "format", "malformed");
    shop.check_refusal(&shown(""), 0, "format", "malformed");
    let last = if shop.reader.token.ends_with('0') { "1" } else { "0" };
    let forged = format!("{}{last}", &shop.reader.token[..79]);
    shop.check_refusal(&shown(&forged), 0, "tag", "forged");
    let explanation = shop.explain(&shown(&forged), 0);
    let before: Vec<_> = outcomes(&explanation).into_iter().take(4).collect();
    let expected = [("path", "not_applicable"), ("format", "passed"), ("tag", "failed"), ("known", "not_reached")];
    assert_eq!(before, expected.map(|(check, outcome)| (check.to_owned(), outcome.to_owned())));
}

#[test]
fn an_unknown_token_is_explained_as_such() {
    let shop = Shop::new();
    let question = json!({ "tokenId": "00000000-0000-4000-8000-000000000000" });
    shop.check_refusal(&question, 0, "known", "unknown");
}

#[test]
fn the_client_address_is_that_of_the_caller_when_none_is_described() {
    let shop = Shop::new();
    shop.world.move_to(Some("192.0.2.1"));
    let explanation = shop.explain(&json!({ "tokenId": shop.token }), 0);
    assert_eq!(
        (&explanation["clientIp"]["address"], &explanation["clientIp"]["source"]),
        (&json!("192.0.2.1"), &json!("caller"))
    );
    assert_eq!(explanation["refusal"]["code"], "client_ip_not_trusted");
    let mapped = shop.explain(&json!({ "tokenId": shop.token, "clientIp": "::ffff:203.0.113.9" }), 0);
    assert_eq!((&mapped["clientIp"]["address"], &mapped["verdict"]), (&json!("203.0.113.9"), &json!("allowed")));
}

#[test]
fn it_needs_read_on_the_identity_of_the_token() {
    let shop = Shop::new();
    let (world, question) = (&shop.world, shop.question());
    let unknown = json!({ "tokenId": "00000000-0000-4000-8000-000000000000" });
    let of_nobody = json!({ "accessToken": "nonsense" });
    let check = |caller: &Caller, question: &Value, expected: u16| {
        let before = world.sql.dump();
        let Reply { status, body: answer, .. } = world.explain(caller, question, Some(0));
        assert_eq!(status, expected, "{answer}");
        assert_eq!(world.sql.dump(), before);
    };
    let nobody = world.caller("nobody", "no-access");
    for question in [&question, &unknown, &of_nobody] {
        check(&nobody, question, 403);
    }
    // Who may read this identity only learns nothing of other tokens, not even whether they are there.
    let one = world.caller("reader of one", "no-access");
    let condition = json!({ "identityId": shop.reader.identity });
    let rules = json!([{ "subject": "identity", "action": ["read"], "conditions": condition, "inverted": false }]);
    world.give_organization_rules(&one, &rules);
    check(&one, &question, 200);
    for question in [json!({ "accessToken": nobody.token }), unknown.clone(), of_nobody.clone()] {
        check(&one, &question, 403);
    }
    let member = world.caller("member", "member");
    for question in [&question, &unknown, &of_nobody] {
        check(&member, question, 200);
    }
}

#[test]
fn a_token_of_another_organization_is_unknown() {
    let shop = Shop::new();
    shop.world.move_to_another_organization(&shop.reader.identity);
    shop.check_refusal(&shop.question(), 0, "known", "unknown");
    let explanation = shop.explain(&json!({ "accessToken": shop.reader.token }), 0);
    assert_eq!(explanation["refusal"]["code"], "unknown");
    assert!(!explanation.to_string().contains(&shop.reader.identity));
}

#[test]
fn what_stands_behind_a_route_is_withheld_from_those_who_may_not_see_it() {
    let shop = Shop::new();
    let outsider = shop.world.caller("outsider", "member");
    let viewer = shop.world.caller("viewer", "member");
    shop.world.join(&shop.project, &viewer.identity, &["viewer"]);
    let paths = ["/orders/public/7", "/orders/private"];
    for question in paths.map(|path| with(&shop.question(), "/request/path", json!(path))) {
        let full = shop.explain(&question, 0);
        assert_eq!(shop.explain_to(&viewer, &question, 0), full);
        let partial = shop.explain_to(&outsider, &question, 0);
        assert_eq!((&partial["verdict"], &partial["refusal"]), (&full["verdict"], &full["refusal"]));
        assert_eq!(outcomes(&partial), outcomes(&full));
        for check in ["membership", "method", "permission"] {
            assert_eq!(check_of(&partial, check)["inputs"], json!({ "withheld": true }));
        }
        let route = json!({ "host": "shop.example", "via": "gateway", "withheld": true });
        assert_eq!(check_of(&partial, "route")["inputs"], route);
        assert!(!partial.to_string().contains(&shop.project));
    }
    let put = with(&shop.question(), "/request/method", json!("PUT"));
    assert_eq!(check_of(&shop.explain_to(&outsider, &put, 0), "method")["inputs"], json!({ "withheld": true }));
    let allowed = check_of(&shop.explain_to(&viewer, &put, 0), "method")["inputs"].clone();
    assert_eq!(allowed, json!({ "method": "PUT", "allowed": ["GET", "HEAD", "POST"] }));
}

#[test]
fn roles_and_rules_are_withheld_from_those_who_may_not_read_them_elsewhere() {
    let shop = Shop::new();
    let (world, project, question) = (&shop.world, &shop.project, shop.question());
    let full = shop.explain(&question, 0);
    let all = check_of(&full, "permission")["inputs"].clone();
    let (roles, rules, decided_by) = (&all["roles"], &all["rules"], &all["decidedBy"]);
    let base = json!({
        "projectId": project, "projectSlug": "orders", "path": "/orders/public/7",
        "needed": { "action": "read", "subject": "requests" },
    });
    let with_fields = |fields: Value| {
        let mut inputs = base.clone();
        inputs.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        inputs
    };
    let member = json!({ "projectId": project, "projectSlug": "orders", "member": true });
    let hidden = json!({ "projectId": project, "withheld": true });
    let read = |subject: &str| json!({ "subject": subject, "action": ["read"] });
    let of_reader =
        json!({ "subject": "identity", "action": ["read"], "conditions": { "identityId": shop.reader.identity } });
    let of_another = json!({ "subject": "identity", "action": ["read"],
        "conditions": { "identityId": "00000000-0000-4000-8000-000000000000" } });
    let withheld = json!({ "withheld": true });
    let with_roles = json!({ "roles": roles, "withheld": true });
    let everything = json!({ "roles": roles, "rules": rules, "decidedBy": decided_by });
    for (slug, held, membership, permission) in [
        ("router", vec![read("routes")], &hidden, &withheld),
        ("of-roles", vec![read("routes"), read("role")], &hidden, &withheld),
        ("of-another", vec![read("routes"), read("role"), of_another], &hidden, &withheld),
        ("of-members", vec![read("routes"), read("identity")], &member, &with_roles),
        ("of-both", vec![read("routes"), read("role"), of_reader], &member, &everything),
    ] {
        world.project_role(project, slug, &json!(held));
        let caller = world.caller(slug, "member");
        world.join(project, &caller.identity, &[slug]);
        let shown = shop.explain_to(&caller, &question, 0);
        assert_eq!((&shown["verdict"], &shown["refusal"]), (&full["verdict"], &full["refusal"]), "{slug}");
        assert_eq!(outcomes(&shown), outcomes(&full), "{slug}");
        assert_eq!(check_of(&shown, "route"), check_of(&full, "route"), "{slug}");
        assert_eq!(check_of(&shown, "membership")["inputs"], *membership, "{slug}");
        assert_eq!(check_of(&shown, "permission")["inputs"], with_fields(permission.clone()), "{slug}");
    }
    // Without the routes the rest is not shown either.
    world.project_role(project, "without-routes", &json!([read("role"), read("identity")]));
    let caller = world.caller("without routes", "member");
    world.join(project, &caller.identity, &["without-routes"]);
    let shown = shop.explain_to(&caller, &question, 0);
    for check in ["membership", "permission"] {
        assert_eq!(check_of(&shown, check)["inputs"], withheld);
    }
}

#[test]
fn a_longer_prefix_without_an_origin_is_explained_as_no_route_at_the_gateway() {
    let shop = Shop::new();
    let routes = format!("/api/v1/projects/{}/routes", shop.project);
    let asked = json!({ "host": "shop.example", "pathPrefix": "/orders/private" });
    shop.world.ok(&shop.world.admin, "POST", &routes, &asked);
    let mut question = with(&shop.question(), "/request/path", json!("/orders/private/7"));
    shop.check_refusal(&question, 0, "route", "route_unknown");
    question["request"]["via"] = json!("forward-auth");
    shop.check_refusal(&question, 0, "permission", "permission_missing");
}

#[test]
fn the_delegation_that_a_route_lacks_is_named_to_those_who_may_know() {
    let shop = Shop::new();
    let (world, project) = (&shop.world, &shop.project);
    let delegations = "/api/v1/organization/route-delegations";
    let listed = world.ok(&world.admin, "GET", delegations, &Value::Null);
    let id = text_at(&listed, "/routeDelegations/0/id");
    world.ok(&world.admin, "DELETE", &format!("{delegations}/{id}?force=true"), &Value::Null);
    shop.check_refusal(&shop.question(), 0, "route", "host_unknown");
    let missing = json!({
        "projectId": project, "host": "shop.example", "pathPrefix": "/orders", "allowKeepAuthorization": false,
    });
    let outsider = world.caller("outsider", "member");
    let viewer = world.caller("viewer", "member");
    world.join(project, &viewer.identity, &["viewer"]);
    let keeper = world.caller("keeper", "member");
    let rules =
        json!([{ "subject": "identity", "action": ["read"] }, { "subject": "route-delegations", "action": ["read"] }]);
    world.give_role(&keeper, "keeper", &rules);
    let unseen = json!({ "host": "shop.example", "via": "gateway" });
    for (caller, expected) in
        [(&outsider, None), (&viewer, Some(&missing)), (&keeper, Some(&missing)), (&world.admin, Some(&missing))]
    {
        let shown = shop.explain_to(caller, &shop.question(), 0);
        let mut inputs = unseen.clone();
        if let Some(missing) = expected {
            inputs["missingRouteDelegation"] = missing.clone();
        }
        assert_eq!(check_of(&shown, "route")["inputs"], inputs);
    }
    // Another project's delegation is there instead.
    let other = world.project("another");
    let wide = json!({ "projectId": other, "host": "shop.example", "pathPrefix": "/" });
    let wide = world.ok(&world.admin, "POST", delegations, &wide);
    let shown = shop.explain(&shop.question(), 0);
    let inputs = &check_of(&shown, "route")["inputs"];
    assert_eq!(
        (&inputs["missingRouteDelegation"], &inputs["routeDelegation"]["id"]),
        (&missing, &wide["routeDelegation"]["id"])
    );
    let shown = shop.explain_to(&viewer, &shop.question(), 0);
    assert_eq!(check_of(&shown, "route")["inputs"].get("routeDelegation"), None);
}
