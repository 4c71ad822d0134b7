//! What `explain` takes, and what of it leaves the Worker.

use serde_json::{Value, json};

use super::{Shop, with};
use crate::error::ManagementError;
use crate::families::explain::ExplanationRequest;
use crate::tests::world::Reply;

#[test]
fn question_format_unchanged() {
    let shop = Shop::new();
    #[track_caller]
    fn check(question: &ExplanationRequest, expected: Value) {
        assert_eq!(serde_json::to_value(question).unwrap(), expected);
        assert_eq!(serde_json::from_value::<ExplanationRequest>(expected).unwrap(), *question);
    }
    let named = shop.world.question(&shop.question()).unwrap();
    check(
        &named,
        json!({
            "token": { "kind": "named", "tokenId": shop.token },
            "clientIp": "203.0.113.9",
            "request": { "host": "shop.example", "method": "GET", "path": "/orders/public/7", "via": "gateway",
                "webSocket": false },
        }),
    );
    let digest = shop.world.digest_of(&shop.reader);
    let presented = json!({ "tokenId": shop.token, "digest": digest });
    let expected =
        json!({ "token": { "kind": "presented", "presented": presented }, "clientIp": null, "request": null });
    check(&shop.world.question(&json!({ "accessToken": shop.reader.token })).unwrap(), expected);
    let malformed = json!({ "token": { "kind": "malformed" }, "clientIp": null, "request": null });
    check(&shop.world.question(&json!({ "accessToken": "x" })).unwrap(), malformed);
    let forged = shop.world.question(&json!({ "accessToken": format!("tka_{}", "0".repeat(76)) })).unwrap();
    check(&forged, json!({ "token": { "kind": "forged" }, "clientIp": null, "request": null }));
    let request =
        json!({ "host": "A.example:80", "method": "GET", "path": "/a/../b", "via": "forward-auth", "webSocket": true });
    let question = shop.world.question(&json!({ "tokenId": shop.token, "request": request })).unwrap();
    let kept =
        json!({ "host": "a.example", "method": "GET", "path": "/a/../b", "via": "forward-auth", "webSocket": true });
    assert_eq!(serde_json::to_value(question).unwrap()["request"], kept);
}

#[test]
fn wrong_fields_are_named_and_not_repeated() {
    let shop = Shop::new();
    #[track_caller]
    fn check(shop: &Shop, body: &Value, expected: &[&str]) {
        let error = shop.world.question(body).unwrap_err();
        assert!(matches!(error, ManagementError::Invalid(_)), "{body} {error:?}");
        let reply = Reply::of_worker(&error);
        assert!(!reply.response.body.contains(&shop.reader.token), "{reply:?}");
        assert_eq!(reply.issue_paths(), expected, "{body}");
    }
    let check = |body: Value, expected: &[&str]| check(&shop, &body, expected);
    let plaintext = &shop.reader.token;
    let right = shop.question();
    check(json!({}), &[r#"["tokenId"]"#, r#"["accessToken"]"#]);
    check(json!([]), &["[]"]);
    check(json!({ "tokenId": shop.token, "accessToken": plaintext }), &[r#"["accessToken"]"#]);
    check(json!({ "tokenId": plaintext }), &[r#"["tokenId"]"#]);
    check(json!({ "tokenId": 7 }), &[r#"["tokenId"]"#]);
    check(json!({ "accessToken": null }), &[r#"["accessToken"]"#]);
    for address in ["", "203.0.113.9/32", "203.0.113.9:80", "somewhere", plaintext] {
        check(with(&right, "/clientIp", json!(address)), &[r#"["clientIp"]"#]);
    }
    check(with(&right, "/request", json!("GET /")), &[r#"["request"]"#]);
    check(with(&right, "/request", json!(null)), &[r#"["request"]"#]);
    let all = [r#"["request","host"]"#, r#"["request","method"]"#, r#"["request","path"]"#];
    check(with(&right, "/request", json!({})), &all);
    for host in ["", "shop_example", "https://shop.example", "shop.example:", "*.example", plaintext] {
        check(with(&right, "/request/host", json!(host)), &[r#"["request","host"]"#]);
    }
    for method in ["", "get", "OPTIONS", "TRACE", plaintext] {
        check(with(&right, "/request/method", json!(method)), &[r#"["request","method"]"#]);
    }
    for path in ["/orders?a=b", "/orders#a"] {
        check(with(&right, "/request/path", json!(path)), &[r#"["request","path"]"#]);
    }
    for web_socket in [json!("yes"), json!(null)] {
        let mut body = right.clone();
        body["request"]["webSocket"] = web_socket;
        check(body, &[r#"["request","webSocket"]"#]);
    }
    let mut posted = with(&right, "/request/method", json!("POST"));
    posted["request"]["webSocket"] = json!(true);
    check(posted, &[r#"["request","webSocket"]"#]);
    let mut via = right.clone();
    via["request"]["via"] = json!("nginx");
    check(via.clone(), &[r#"["request","via"]"#]);
    via["request"]["via"] = json!(7);
    via["clientIp"] = json!(7);
    via["request"]["host"] = json!(7);
    check(via, &[r#"["clientIp"]"#, r#"["request","via"]"#, r#"["request","host"]"#]);
}

#[test]
fn a_request_that_never_comes_to_the_gateway_is_not_explained_as_one() {
    let shop = Shop::new();
    let mut own = with(&shop.question(), "/request/path", json!("/validate"));
    assert!(shop.world.question(&own).is_err());
    own["request"]["via"] = json!("forward-auth");
    assert!(shop.world.question(&own).is_ok());
    assert!(shop.world.question(&with(&shop.question(), "/request/host", json!("console.example"))).is_err());
}

#[test]
fn no_plaintext_leaves_the_worker() {
    let shop = Shop::new();
    let body = with(&shop.question(), "/tokenId", json!(null));
    let mut body = body.as_object().unwrap().clone();
    body.remove("tokenId");
    body.insert("accessToken".to_owned(), json!(shop.reader.token));
    let question = shop.world.question(&Value::Object(body)).unwrap();
    let sent = serde_json::to_string(&question).unwrap();
    assert!(!sent.contains(&shop.reader.token[..20]), "{sent}");
    assert_eq!(question.token_id().unwrap().to_string(), shop.token);
}
