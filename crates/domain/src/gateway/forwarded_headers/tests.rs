//! Cases of the headers that reach an origin.

use proptest::prelude::*;

use super::*;
use crate::gateway::reserved_headers::RESERVED_CLAIMS;
use crate::gateway::route_options::AddedHeader;

fn forwarding(options: &RouteOptions) -> Forwarding<'_> {
    Forwarding {
        client: Some(IpAddr::from([192, 0, 2, 7])),
        scheme: "https",
        authority: "api.example.com:8443",
        request_id: "req-1",
        options,
        web_socket: None,
    }
}

fn headers(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// What of the client's headers reaches the origin.
fn passed(received: &[(&str, &str)], options: &RouteOptions) -> Vec<(String, String)> {
    let sent = forward(&headers(received), &[], &forwarding(options)).unwrap();
    let ours = ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-request-id", "cdn-loop"];
    sent.into_iter().filter(|(name, _)| !ours.contains(&name.as_str())).collect()
}

#[test]
fn a_header_passes_or_is_dropped() {
    #[track_caller]
    fn check(name: &str, passes: bool) {
        let got = passed(&[(name, "x")], &RouteOptions::default());
        let expected = if passes { headers(&[(&name.to_ascii_lowercase(), "x")]) } else { Vec::new() };
        assert_eq!(got, expected, "{name}");
    }
    for name in [
        "Accept",
        "Content-Type",
        "Cookie",
        "Range",
        "X-Custom",
        "Accept-Encoding",
        "traceparent",
        "X-Forward",
        "Token",
        "Token-Authority",
    ] {
        check(name, true);
    }
    for name in ["Authorization", "Proxy-Authorization", "Host", "Connection", "Keep-Alive", "TE", "Trailer", "Upgrade"]
    {
        check(name, false);
    }
    for name in [
        "Token-Auth-Identity-Id",
        "TOKEN-AUTH-IDENTITY-ID",
        "token_auth_identity_id",
        "Token_Auth-Role",
        "token.auth.role",
        "Token!Auth~Role",
        "token-auth-assertion",
        "token-auth-anything",
        "Token-Auth-Proxy-Secret",
    ] {
        check(name, false);
    }
    for name in [
        "X-Forwarded-For",
        "X-Forwarded-Uri",
        "x_forwarded_for",
        "X.Forwarded.Host",
        "Forwarded",
        "X-Original-URI",
        "X-Original-URL",
        "X-Rewrite-URL",
        "X-Real-IP",
        "CF-Connecting-IP",
        "cf-ipcountry",
        "True-Client-IP",
        "X-HTTP-Method-Override",
        "x_http_method_override",
        "X-Method-Override",
        "X-Envoy-Original-Path",
        "Remote-User",
        "Via",
        "X-User",
        "ssl_client_verify",
        "Proxy",
    ] {
        check(name, false);
    }
}

#[test]
fn the_cookie_of_an_operator_reaches_no_origin_and_every_other_cookie_does() {
    let of = |cookies| passed(&[("Cookie", cookies)], &RouteOptions::default());
    assert_eq!(of("a=b; __Host-token-auth-console=x"), headers(&[("cookie", "a=b")]));
    assert_eq!(of("__Host-token-auth-console=x"), Vec::new());
    assert_eq!(of("a=b;c=d"), headers(&[("cookie", "a=b;c=d")]));
}

#[test]
fn what_connection_lists_is_dropped_but_not_what_decides_how_the_rest_is_read() {
    let received =
        [("Connection", "close, X-Secret ,content-type"), ("X-Secret", "1"), ("Content-Type", "a/b"), ("X-Other", "2")];
    assert_eq!(passed(&received, &RouteOptions::default()), headers(&[("content-type", "a/b"), ("x-other", "2")]));
}

#[test]
fn the_token_reaches_the_origin_only_if_the_route_says_so() {
    let keep = RouteOptions { keep_authorization: true, ..RouteOptions::default() };
    let received = [("Authorization", "Bearer a"), ("Connection", "authorization")];
    assert_eq!(passed(&received, &keep), headers(&[("authorization", "Bearer a")]));
    assert_eq!(passed(&received, &RouteOptions::default()), []);
}

#[test]
fn ours_are_added_and_the_route_s_headers_replace_the_client_s() {
    let options = RouteOptions {
        headers: vec![AddedHeader::new("X-Environment", "production").unwrap()],
        ..RouteOptions::default()
    };
    let received = headers(&[
        ("X-Environment", "test"),
        ("X-Forwarded-For", "6.6.6.6"),
        ("CDN-Loop", "other; v=1"),
        ("Accept", "a"),
    ]);
    let identity = [("token-auth-role", "admin".to_owned())];
    assert_eq!(
        forward(&received, &identity, &forwarding(&options)).unwrap(),
        headers(&[
            ("accept", "a"),
            ("x-environment", "production"),
            ("token-auth-role", "admin"),
            ("x-forwarded-for", "192.0.2.7"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "api.example.com:8443"),
            ("x-request-id", "req-1"),
            ("cdn-loop", "other; v=1, token-auth-edge"),
        ])
    );
}

#[test]
fn an_unknown_client_is_not_made_up() {
    let options = RouteOptions::default();
    let unknown = Forwarding { client: None, ..forwarding(&options) };
    let sent = forward(&headers(&[("X-Forwarded-For", "6.6.6.6")]), &[], &unknown).unwrap();
    assert!(sent.iter().all(|(name, _)| name != "x-forwarded-for"));
}

#[test]
fn a_request_whose_headers_are_not_certain_is_refused() {
    #[track_caller]
    fn check(received: &[(&str, &str)], expected: Result<(), HeadersError>) {
        let options = RouteOptions::default();
        assert_eq!(forward(&headers(received), &[], &forwarding(&options)).map(|_| ()), expected, "{received:?}");
    }
    use HeadersError::{Framing, Value};
    check(&[("x-a", "a\tb c")], Ok(()));
    for text in ["é", "Zażółć", "\u{1f511}", "\u{85}", "\u{feff}a", "\u{10ffff}", "a=ü; b=\"ß\""] {
        check(&[("x-a", text)], Ok(()));
        check(&[("cookie", text)], Ok(()));
    }
    // What the runtime makes of bytes that are no UTF-8.
    for wrong in ["\u{fffd}", "a\u{fffd}b", "a\u{0}", "\u{1}", "a\rb", "a\nb", "\u{7f}"] {
        check(&[("x-a", wrong)], Err(Value));
        check(&[("cookie", wrong)], Err(Value));
    }
    // What does not pass does not matter.
    check(&[("x-forwarded-for", "\u{fffd}")], Ok(()));
    check(&[("content-length", "0")], Ok(()));
    check(&[("content-length", "5, 5")], Err(Framing));
    check(&[("content-length", "+5")], Err(Framing));
    check(&[("content-length", "")], Err(Framing));
    check(&[("content-length", "18446744073709551615")], Ok(()));
    check(&[("content-length", "18446744073709551616")], Err(Framing));
    check(&[("transfer-encoding", "chunked")], Ok(()));
    check(&[("content-length", "5"), ("transfer-encoding", "chunked")], Err(Framing));
}

#[test]
fn a_request_that_the_gateway_has_sent_is_known_again() {
    for passed in ["token-auth-edge", "a, Token-Auth-Edge; v=2, b", " token-auth-edge "] {
        assert!(has_passed_here(passed), "{passed}");
    }
    for passed in ["", "token-auth-edges", "a; b=token-auth-edge", "a token-auth-edge"] {
        assert!(!has_passed_here(passed), "{passed}");
    }
}

#[test]
fn what_a_route_adds_has_one_writer_in_every_spelling() {
    let options =
        RouteOptions { headers: vec![AddedHeader::new("x-tenant", "acme").unwrap()], ..RouteOptions::default() };
    for name in ["x-tenant", "X-Tenant", "X_Tenant", "x.tenant", "x~tenant", "X!TENANT"] {
        assert_eq!(passed(&[(name, "evil")], &options), headers(&[("x-tenant", "acme")]), "{name}");
    }
    let underscored =
        RouteOptions { headers: vec![AddedHeader::new("x_tenant", "acme").unwrap()], ..RouteOptions::default() };
    assert_eq!(passed(&[("X-Tenant", "evil")], &underscored), headers(&[("x_tenant", "acme")]));
    assert_eq!(passed(&[("xtenant", "a")], &options), headers(&[("xtenant", "a"), ("x-tenant", "acme")]));
}

#[test]
fn what_a_client_says_to_caches_lets_none_answer() {
    let options = RouteOptions::default();
    assert_eq!(passed(&[("Cache-Control", "only-if-cached")], &options), headers(&[("cache-control", "no-cache")]));
    assert_eq!(passed(&[("Pragma", "no-cache")], &options), headers(&[("pragma", "no-cache")]));
}

proptest! {
    #[test]
    fn no_spelling_of_a_header_of_ours_passes(
        separators in proptest::collection::vec("[-_.!#$%&'*+^`|~]", 3),
        upper in any::<bool>(),
    ) {
        let name = ["token", "auth", "identity", "id"]
            .iter()
            .zip(separators.iter().map(String::as_str).chain([""]))
            .fold(String::new(), |name, (word, separator)| name + word + separator);
        let name = if upper { name.to_uppercase() } else { name };
        let got = passed(&[(name.as_str(), "x")], &RouteOptions::default());
        prop_assert_eq!(got, Vec::<(String, String)>::new());
    }
}

#[test]
fn what_no_route_may_claim_no_client_may_claim_either() {
    for claim in RESERVED_CLAIMS {
        let name = if claim.ends_with('-') { format!("{claim}anything") } else { (*claim).to_owned() };
        assert!(is_claim(&name), "{claim}");
    }
}
