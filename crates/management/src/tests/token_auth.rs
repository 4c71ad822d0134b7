//! `/api/v1/auth/token-auth/identities/:identityId`: the configuration of Token Auth.

use serde_json::{Value, json};

use crate::tests::world::{
    ODD_IDS, Reply, World, identity_path, revoke_path, text, token_auth_path, token_path, tokens_path, withdrawn,
};

fn attach(world: &World, identity: &str, body: Value) -> Reply {
    world.by_admin("POST", &token_auth_path(identity)).json(body).send()
}

fn update(world: &World, identity: &str, body: Value) -> Reply {
    world.by_admin("PATCH", &token_auth_path(identity)).json(body).send()
}

#[track_caller]
fn get(world: &World, identity: &str) -> Value {
    world.by_admin("GET", &token_auth_path(identity)).send().unchanged()["identityTokenAuth"].clone()
}

/// An identity with Token Auth as configured.
fn attached(configuration: Value) -> (World, String) {
    let world = World::new();
    let identity = world.identity("build", "no-access");
    world.attach(&identity, configuration);
    (world, identity)
}

#[test]
fn token_auth_unchanged() {
    let world = World::new();
    let identity = world.identity("build", "no-access");
    let names = [("identity", identity.as_str())];
    let shape = |numbers: &str, trusted_ips: &str, updated: &str| {
        format!(
            concat!(
                r#"{{"identityTokenAuth":{{"id":"[id]",{numbers},"accessTokenTrustedIps":{trusted_ips},"#,
                r#""createdAt":"2023-11-14T22:13:20.000Z","updatedAt":"2023-11-14T22:13:{updated}Z","#,
                r#""identityId":"[identity]","accessTokenPeriod":0}}}}"#,
            ),
            numbers = numbers,
            trusted_ips = trusted_ips,
            updated = updated
        )
    };
    let numbers = r#""accessTokenTTL":2592000,"accessTokenMaxTTL":2592000,"accessTokenNumUsesLimit":0"#;
    let everybody = r#"[{"ipAddress":"0.0.0.0","type":"ipv4","prefix":0},{"ipAddress":"::","type":"ipv6","prefix":0}]"#;
    let defaults = shape(numbers, everybody, "20.000");
    assert_eq!(attach(&world, &identity, json!({})).shape(&world, &names), defaults);
    world.wait(1_500);
    assert_eq!(world.by_admin("GET", &token_auth_path(&identity)).send().shape(&world, &names), defaults);

    let body = json!({ "accessTokenTTL": 60, "accessTokenMaxTTL": 0, "accessTokenNumUsesLimit": 3,
        "accessTokenTrustedIps": [{"ipAddress": "10.1.2.3/8"}, {"ipAddress": "2001:DB8::1"}] });
    let numbers = r#""accessTokenTTL":60,"accessTokenMaxTTL":0,"accessTokenNumUsesLimit":3"#;
    let two = r#"[{"ipAddress":"10.1.2.3","type":"ipv4","prefix":8},{"ipAddress":"2001:DB8::1","type":"ipv6"}]"#;
    let changed = shape(numbers, two, "21.500");
    assert_eq!(update(&world, &identity, body).shape(&world, &names), changed);
    world.wait(1_000);
    assert_eq!(world.by_admin("GET", &token_auth_path(&identity)).send().shape(&world, &names), changed);
    // What is gone is shown as it was.
    let gone = world.by_admin("DELETE", &token_auth_path(&identity)).send().shape(&world, &names);
    assert_eq!(gone, withdrawn(&changed, "33.500"));
}

#[test]
fn a_number_has_its_bounds_and_a_wrong_one_is_named() {
    /// `issue` is what is wrong with the number, in a new configuration and in a change alike.
    #[track_caller]
    fn check(field: &str, number: &str, issue: Result<u64, &str>) {
        let world = World::new();
        let identity = world.identity("build", "no-access");
        // The other TTL must not stand in the way, nor must it add an issue of its own.
        let other = if field == "accessTokenTTL" { r#","accessTokenMaxTTL":0"# } else { r#","accessTokenTTL":0"# };
        let body = format!(r#"{{"{field}":{number}{other}}}"#);
        for method in ["POST", "PATCH"] {
            if method == "PATCH" {
                world.attach(&identity, json!({}));
            }
            let reply =
                world.by_admin(method, &token_auth_path(&identity)).body(Some("application/json"), &body).send();
            match issue {
                Ok(number) => {
                    assert_eq!(reply.ok()["identityTokenAuth"][field], json!(number), "{method} {body}");
                    assert_eq!(get(&world, &identity)[field], json!(number));
                    world.by_admin("DELETE", &token_auth_path(&identity)).send().ok();
                }
                Err(issue) => assert_eq!(reply.issues(), [format!("{field}: {issue}")], "{method} {body}"),
            }
        }
    }
    for field in ["accessTokenTTL", "accessTokenMaxTTL"] {
        check(field, "0", Ok(0));
        check(field, "1", Ok(1));
        check(field, "60.0", Ok(60));
        check(field, "6e1", Ok(60));
        check(field, "315360000", Ok(315_360_000));
        for number in ["315360001", "9007199254740992", "18446744073709551616", "1e300"] {
            check(field, number, Err("Number must be less than or equal to 315360000"));
        }
        for number in ["-1", "-315360000", "-1e300"] {
            check(field, number, Err("Number must be greater than or equal to 0"));
        }
        for number in ["5.5", "0.1", "315360000.5"] {
            check(field, number, Err("Expected integer, received float"));
        }
        check(field, "\"60\"", Err("Expected number, received string"));
        check(field, "null", Err("Expected number, received null"));
        check(field, "true", Err("Expected number, received boolean"));
    }
    let uses = "accessTokenNumUsesLimit";
    check(uses, "0", Ok(0));
    check(uses, "9007199254740991", Ok(9_007_199_254_740_991));
    check(uses, "9007199254740992", Err("Number must be less than or equal to 9007199254740991"));
    check(uses, "-1", Err("Number must be greater than or equal to 0"));
    check(uses, "1.5", Err("Expected integer, received float"));
    check(uses, "[]", Err("Expected number, received array"));
}

#[test]
fn a_number_beyond_any_number_is_no_json() {
    let world = World::new();
    let identity = world.identity("build", "no-access");
    let call = world.by_admin("POST", &token_auth_path(&identity));
    let reply = call.body(Some("application/json"), r#"{"accessTokenTTL":1e400}"#).send();
    let message = "Body is not valid JSON but content-type is 'application/json'";
    reply.refused(400, "FST_ERR_CTP_INVALID_JSON_BODY", message);
}

#[test]
fn a_ttl_above_the_max_ttl_is_refused_in_a_new_configuration() {
    #[track_caller]
    fn check(body: Value, fits: bool) {
        let world = World::new();
        let identity = world.identity("build", "no-access");
        let reply = attach(&world, &identity, body);
        if fits {
            reply.ok();
        } else {
            let message = "accessTokenTTL: Access Token TTL cannot be greater than Access Token Max TTL.";
            assert_eq!(reply.issues(), [message]);
        }
    }
    check(json!({"accessTokenTTL": 60, "accessTokenMaxTTL": 60}), true);
    check(json!({"accessTokenTTL": 61, "accessTokenMaxTTL": 60}), false);
    check(json!({"accessTokenTTL": 0, "accessTokenMaxTTL": 60}), true);
    // 0 is "no limit", so any TTL fits under it.
    check(json!({"accessTokenTTL": 60, "accessTokenMaxTTL": 0}), true);
    // What is left out counts with its default of 30 days.
    check(json!({"accessTokenTTL": 2_592_000}), true);
    check(json!({"accessTokenTTL": 2_592_001}), false);
    check(json!({"accessTokenMaxTTL": 2_592_000}), true);
    check(json!({"accessTokenMaxTTL": 2_591_999}), false);
}

#[test]
fn a_wrong_number_is_the_only_thing_said_about_it() {
    // The default that stands in for a wrong number must not be compared with the other one: nobody sent it.
    #[track_caller]
    fn check(body: Value, issue: &str) {
        let world = World::new();
        let identity = world.identity("build", "no-access");
        assert_eq!(attach(&world, &identity, body).issues(), [issue]);
    }
    let negative = "Number must be greater than or equal to 0";
    check(json!({"accessTokenTTL": -1, "accessTokenMaxTTL": 60}), &format!("accessTokenTTL: {negative}"));
    check(json!({"accessTokenTTL": 5_000_000, "accessTokenMaxTTL": -1}), &format!("accessTokenMaxTTL: {negative}"));
}

#[test]
fn a_change_is_checked_together_with_what_stays() {
    const TOGETHER: &str = "accessTokenTTL: Access Token TTL cannot be greater than Access Token Max TTL.";
    const WITH_STORED: &str = "Access token TTL cannot be greater than max TTL";
    /// The stored TTL is 100 and the stored max TTL 1000.
    #[track_caller]
    fn check(body: Value, expected: Result<(u64, u64), &str>) {
        let (world, identity) = attached(json!({"accessTokenTTL": 100, "accessTokenMaxTTL": 1000}));
        let reply = update(&world, &identity, body);
        match expected {
            Ok((ttl, max_ttl)) => {
                let changed = reply.ok();
                let numbers = (
                    &changed["identityTokenAuth"]["accessTokenTTL"],
                    &changed["identityTokenAuth"]["accessTokenMaxTTL"],
                );
                assert_eq!(numbers, (&json!(ttl), &json!(max_ttl)));
            }
            Err(TOGETHER) => assert_eq!(reply.issues(), [TOGETHER]),
            Err(message) => drop(reply.refused(400, "BadRequest", message)),
        }
    }
    check(json!({}), Ok((100, 1000)));
    check(json!({"accessTokenTTL": 1000}), Ok((1000, 1000)));
    check(json!({"accessTokenTTL": 1001}), Err(WITH_STORED));
    check(json!({"accessTokenTTL": 0}), Ok((0, 1000)));
    // Lowering only the max TTL is legal down to the TTL.
    check(json!({"accessTokenMaxTTL": 100}), Ok((100, 100)));
    check(json!({"accessTokenMaxTTL": 99}), Err(WITH_STORED));
    check(json!({"accessTokenMaxTTL": 0}), Ok((100, 0)));
    check(json!({"accessTokenTTL": 60, "accessTokenMaxTTL": 60}), Ok((60, 60)));
    check(json!({"accessTokenTTL": 61, "accessTokenMaxTTL": 60}), Err(TOGETHER));
    check(json!({"accessTokenTTL": 5000, "accessTokenMaxTTL": 0}), Ok((5000, 0)));
    check(json!({"accessTokenTTL": 0, "accessTokenMaxTTL": 50}), Ok((0, 50)));
}

#[test]
fn a_change_touches_the_fields_that_it_names() {
    #[track_caller]
    fn check(body: Value, field: &str, value: Value) {
        let before = json!({"accessTokenTTL": 100, "accessTokenMaxTTL": 1000, "accessTokenNumUsesLimit": 7,
            "accessTokenTrustedIps": [{"ipAddress": "192.0.2.1"}]});
        let (world, identity) = attached(before);
        let mut expected = get(&world, &identity);
        world.wait(1);
        update(&world, &identity, body).ok();
        expected["updatedAt"] = json!("2023-11-14T22:13:20.001Z");
        expected[field] = value;
        assert_eq!(get(&world, &identity), expected);
    }
    check(json!({}), "accessTokenTTL", json!(100));
    check(json!({"accessTokenTTL": 5}), "accessTokenTTL", json!(5));
    check(json!({"accessTokenMaxTTL": 500}), "accessTokenMaxTTL", json!(500));
    check(json!({"accessTokenNumUsesLimit": 0}), "accessTokenNumUsesLimit", json!(0));
    let trusted = json!([{"ipAddress": "::1", "type": "ipv6"}]);
    check(json!({"accessTokenTrustedIps": [{"ipAddress": "::1"}]}), "accessTokenTrustedIps", trusted);
    check(
        json!({"accessTokenPeriod": 0, "identityId": "x", "id": 1, "createdAt": null}),
        "accessTokenPeriod",
        json!(0),
    );
}

#[test]
fn trusted_ips_come_back_in_their_order_with_their_host_bits_and_with_a_prefix_only_if_one_was_given() {
    let entries =
        ["10.1.2.3/8", "10.1.2.3", " 192.0.2.0/32 ", "2001:DB8::5/32", "2001:db8::5", "0.0.0.0/0", "10.1.2.3"];
    let expected = json!([
        {"ipAddress": "10.1.2.3", "type": "ipv4", "prefix": 8},
        {"ipAddress": "10.1.2.3", "type": "ipv4"},
        {"ipAddress": "192.0.2.0", "type": "ipv4", "prefix": 32},
        {"ipAddress": "2001:DB8::5", "type": "ipv6", "prefix": 32},
        {"ipAddress": "2001:db8::5", "type": "ipv6"},
        {"ipAddress": "0.0.0.0", "type": "ipv4", "prefix": 0},
        {"ipAddress": "10.1.2.3", "type": "ipv4"},
    ]);
    let body: Vec<Value> = entries.iter().map(|entry| json!({"ipAddress": entry, "type": "junk"})).collect();
    let (world, identity) = attached(json!({ "accessTokenTrustedIps": body }));
    assert_eq!(get(&world, &identity)["accessTokenTrustedIps"], expected);
    update(&world, &identity, json!({"accessTokenTrustedIps": [{"ipAddress": "::/0"}]})).ok();
    assert_eq!(
        get(&world, &identity)["accessTokenTrustedIps"],
        json!([{"ipAddress": "::", "type": "ipv6", "prefix": 0}])
    );
}

#[test]
fn a_text_that_is_no_address_and_no_block_is_refused() {
    #[track_caller]
    fn check(entry: &str, reason: &str) {
        let body = json!({"accessTokenTrustedIps": [{"ipAddress": "10.0.0.1"}, {"ipAddress": entry}]});
        let details = json!({"path": ["accessTokenTrustedIps", 1, "ipAddress"], "reason": reason});
        let message = "The IP is not a valid IPv4, IPv6, or CIDR block";
        let world = World::new();
        let identity = world.identity("build", "no-access");
        assert_eq!(attach(&world, &identity, body.clone()).refused(400, "BadRequest", message), details, "{entry}");
        world.attach(&identity, json!({}));
        assert_eq!(update(&world, &identity, body).refused(400, "BadRequest", message), details, "{entry}");
    }
    for entry in
        ["", "x", "10.0.0.0/33", "10.0.0.0/8abc", "10.0.0.256", "010.0.0.1", "::/129", "fe80::1%eth0", "10.0.0.1\n::1"]
    {
        check(entry, "neither an address nor a CIDR block");
    }
    check("::ffff:0.0.0.0/0", "an IPv4-mapped block must have a prefix of at least 96");
    check("2a06:98c0:3600::103", "this address stands for the Workers of every customer of the edge network");
}

#[test]
fn a_list_of_trusted_ips_has_from_1_to_50_entries() {
    #[track_caller]
    fn check(value: Value, issues: &[&str]) {
        let (world, identity) = attached(json!({}));
        let body = json!({ "accessTokenTrustedIps": value });
        assert_eq!(update(&world, &identity, body.clone()).issues(), issues);
        world.by_admin("DELETE", &token_auth_path(&identity)).send().ok();
        assert_eq!(attach(&world, &identity, body).issues(), issues);
    }
    check(json!([]), &["accessTokenTrustedIps: Array must contain at least 1 element(s)"]);
    check(
        json!(vec![json!({"ipAddress": "10.0.0.1"}); 51]),
        &["accessTokenTrustedIps: Array must contain at most 50 element(s)"],
    );
    check(json!("10.0.0.1"), &["accessTokenTrustedIps: Expected array, received string"]);
    check(json!(["10.0.0.1"]), &["accessTokenTrustedIps.0: Expected object, received string"]);
    check(json!([{"ipAddress": "10.0.0.1"}, {"address": "x"}]), &["accessTokenTrustedIps.1.ipAddress: Required"]);
    check(json!([{"ipAddress": 1}]), &["accessTokenTrustedIps.0.ipAddress: Expected string, received number"]);

    let (world, identity) = attached(json!({}));
    let fifty = json!({"accessTokenTrustedIps": vec![json!({"ipAddress": "10.0.0.1"}); 50]});
    update(&world, &identity, fifty).ok();
}

#[test]
fn every_wrong_field_comes_before_a_wrong_address() {
    let world = World::new();
    let identity = world.identity("build", "no-access");
    let body = json!({"accessTokenTrustedIps": [{"ipAddress": "nonsense"}], "accessTokenNumUsesLimit": -1});
    let issues = ["accessTokenNumUsesLimit: Number must be greater than or equal to 0"];
    assert_eq!(attach(&world, &identity, body).issues(), issues);
}

#[test]
fn a_wrong_address_is_told_only_to_who_may_configure_something_that_can_be_configured() {
    // Contract 3.7: not found, already attached, permission; only then the addresses.
    let wrong = json!({"accessTokenTrustedIps": [{"ipAddress": "nonsense"}]});
    let (world, identity) = attached(json!({}));
    let message = "Failed to add Token Auth to already configured identity";
    attach(&world, &identity, wrong.clone()).refused(400, "BadRequest", message);
    let unknown = "00000000-0000-4000-8000-000000000000";
    let message = format!("Failed to find identity with ID {unknown}");
    attach(&world, unknown, wrong.clone()).refused(404, "NotFound", &message);
    update(&world, unknown, wrong.clone()).refused(404, "NotFound", &message);
    let nobody = world.configured_caller("no-access", json!({}));
    let reply = world.by(&nobody, "PATCH", &token_auth_path(&identity)).json(wrong).send();
    reply.refused(403, "PermissionDenied", "You are not allowed to edit-auth on identity");
}

#[test]
fn a_ceiling_of_the_operator_bounds_configurations_and_their_defaults() {
    let world = World::with_ceiling(1_000);
    let identity = world.identity("build", "no-access");
    let made = world.attach(&identity, json!({}))["identityTokenAuth"].clone();
    assert_eq!((&made["accessTokenTTL"], &made["accessTokenMaxTTL"]), (&json!(1_000), &json!(1_000)));
    for field in ["accessTokenTTL", "accessTokenMaxTTL"] {
        let issue = format!("{field}: Number must be less than or equal to 1000");
        assert_eq!(update(&world, &identity, json!({ field: 1_001 })).issues(), [issue]);
    }
    update(&world, &identity, json!({"accessTokenTTL": 0, "accessTokenMaxTTL": 0})).ok();
}

#[test]
fn a_configuration_from_before_the_ceiling_stays_readable_and_can_be_brought_under_it() {
    let (mut world, identity) = attached(json!({"accessTokenTTL": 5_000, "accessTokenMaxTTL": 6_000}));
    world.settings = World::with_ceiling(1_000).settings;
    assert_eq!(get(&world, &identity)["accessTokenTTL"], 5_000);
    update(&world, &identity, json!({"accessTokenNumUsesLimit": 4})).ok();
    let message = "Access token TTL cannot be greater than the instance's maximum";
    update(&world, &identity, json!({"accessTokenMaxTTL": 900})).refused(400, "BadRequest", message);
    let message = "Access token max TTL cannot be greater than the instance's maximum";
    update(&world, &identity, json!({"accessTokenTTL": 900})).refused(400, "BadRequest", message);
    update(&world, &identity, json!({"accessTokenTTL": 900, "accessTokenMaxTTL": 1_000})).ok();
}

#[test]
fn what_is_not_attached_or_attached_already_is_said_in_the_words_of_each_operation() {
    let world = World::new();
    let identity = world.identity("build", "no-access");
    let path = token_auth_path(&identity);
    let call = |method: &str| world.by_admin(method, &path).json(json!({})).send();
    call("GET").refused(404, "NotFound", "Token Auth configuration not found for identity");
    call("PATCH").refused(400, "BadRequest", "The identity does not have token auth");
    call("DELETE").refused(400, "BadRequest", "The identity does not have Token Auth");
    for method in ["POST", "GET"] {
        let reply = world.by_admin(method, &tokens_path(&identity)).send();
        reply.refused(400, "BadRequest", "The identity does not have Token Auth");
    }
    call("POST").ok();
    call("POST").refused(400, "BadRequest", "Failed to add Token Auth to already configured identity");
}

#[test]
fn attaching_and_removing_shows_in_the_identitys_methods() {
    let world = World::new();
    let identity = world.identity("build", "no-access");
    let methods =
        || world.by_admin("GET", &identity_path(&identity)).send().ok()["identity"]["identity"]["authMethods"].clone();
    assert_eq!(methods(), json!([]));
    world.attach(&identity, json!({}));
    assert_eq!(methods(), json!(["token-auth"]));
    world.by_admin("DELETE", &token_auth_path(&identity)).send().ok();
    assert_eq!(methods(), json!([]));
}

#[test]
fn removing_the_method_ends_its_tokens_for_good() {
    let world = World::new();
    let holder = world.configured_caller("no-access", json!({}));
    let details = |plaintext: &str| world.anonymous("GET", "/api/v1/identities/details").presenting(plaintext).send();
    details(&holder.token).ok();
    world.by_admin("DELETE", &token_auth_path(&holder.identity)).send().ok();
    let no_token = "No identity access token found";
    details(&holder.token).refused(401, "UnauthorizedError", no_token);
    let gone = format!("Token with ID {} not found", holder.token_id);
    world.by_admin("GET", &token_path(&holder.token_id)).send().refused(404, "NotFound", &gone);
    let gone = format!("{gone} or already revoked");
    world.by_admin("POST", &revoke_path(&holder.token_id)).send().refused(404, "NotFound", &gone);

    let again = world.attach(&holder.identity, json!({}))["identityTokenAuth"].clone();
    details(&holder.token).refused(401, "UnauthorizedError", no_token);
    details(&world.token(&holder.identity, "").token).ok();
    assert_eq!(text(&again["identityId"]), holder.identity);
}

#[test]
fn an_administrator_configures_another_administrator() {
    let world = World::new();
    let other = world.identity("other", "admin");
    world.attach(&other, json!({}));
    update(&world, &other, json!({"accessTokenTTL": 60})).ok();
    let token = world.token(&other, "");
    world.by_admin("POST", &revoke_path(&token.token_id)).send().ok();
    world.by_admin("DELETE", &token_auth_path(&other)).send().ok();
}

#[test]
fn an_odd_id_names_no_identity_to_configure() {
    let world = World::new();
    for odd in ODD_IDS {
        let not_found = format!("Failed to find identity with ID {odd}");
        for method in ["POST", "PATCH", "GET", "DELETE"] {
            world.by_admin(method, &token_auth_path(odd)).send().refused(404, "NotFound", &not_found);
        }
        for method in ["POST", "GET"] {
            world.by_admin(method, &tokens_path(odd)).send().refused(404, "NotFound", &not_found);
        }
    }
}

#[test]
fn a_body_may_be_empty_or_a_form() {
    let world = World::new();
    let form = "application/x-www-form-urlencoded";
    for (content_type, body) in [("application/json", ""), ("text/plain", ""), (form, ""), (form, "unknown=1")] {
        let identity = world.identity("build", "no-access");
        world.by_admin("POST", &token_auth_path(&identity)).body(Some(content_type), body).send().ok();
    }
    // A form holds texts, and a text is no number.
    let identity = world.identity("build", "no-access");
    let reply = world.by_admin("POST", &token_auth_path(&identity)).body(Some(form), "accessTokenTTL=60").send();
    assert_eq!(reply.issues(), ["accessTokenTTL: Expected number, received string"]);
}

#[test]
fn of_two_equal_keys_the_last_one_counts() {
    let world = World::new();
    let identity = world.identity("build", "no-access");
    let body = r#"{"accessTokenTTL":-1,"accessTokenTTL":60}"#;
    let made = world.by_admin("POST", &token_auth_path(&identity)).body(Some("application/json"), body).send().ok();
    assert_eq!(made["identityTokenAuth"]["accessTokenTTL"], 60);
}
