//! Each dialect, given what its proxy was recorded to send, and what clients can make of that.

use std::net::IpAddr;

use super::original_request::UPGRADE;
use super::*;
use domain::gateway::proxied_request::{Entry, ProxiedRequest};
use domain::gateway::request_method::RequestMethod;
use domain::gateway::request_path::{AmbiguousPath, RequestPath};
use domain::gateway::route_host::RouteHost;

type Headers<'a> = &'a [(&'a str, &'a str)];

fn read(
    dialect: Dialect,
    method: &str,
    path: &str,
    headers: Headers<'_>,
) -> Result<ForwardedRequest, ForwardAuthError> {
    assert_eq!(Dialect::of(path), Some(dialect), "{path}");
    dialect.read(ForwardAuthRequest { method, path }, |name| value(headers, name))
}

/// As the runtime does it: names in any case, values of one name joined.
fn value(headers: Headers<'_>, name: &str) -> Option<String> {
    let values: Vec<&str> =
        headers.iter().filter(|(present, _)| present.eq_ignore_ascii_case(name)).map(|(_, value)| *value).collect();
    (!values.is_empty()).then(|| values.join(", "))
}

const NGINX: Headers<'_> = &[
    ("Host", "token-auth.example.com"),
    ("X-Original-Method", "POST"),
    ("X-Original-URI", "/api/items?x=1&y=%2F..%2Fz"),
    ("X-Original-Host", "API.example.com:8443"),
    ("X-Real-IP", "192.0.2.9"),
    ("Token-Auth-Upgrade", "none"),
    ("Authorization", "Bearer ok"),
];
const X_FORWARDED: Headers<'_> = &[
    ("Host", "token-auth.example.com"),
    ("X-Forwarded-Method", "POST"),
    ("X-Forwarded-Uri", "/api/items?x=1&y=%2F..%2Fz"),
    ("X-Forwarded-Host", "API.example.com:8443"),
    ("X-Forwarded-For", "192.0.2.9"),
    ("X-Forwarded-Proto", "http"),
    ("Token-Auth-Upgrade", "none"),
    ("Authorization", "Bearer ok"),
];
const ENVOY: Headers<'_> = &[
    ("host", "token-auth.example.com"),
    ("content-length", "0"),
    ("token-auth-envoy-path", "/api/items?x=1&y=%2F..%2Fz"),
    ("token-auth-envoy-host", "API.example.com:8443"),
    ("token-auth-envoy-client", "192.0.2.9"),
    ("Token-Auth-Upgrade", "none"),
    ("authorization", "Bearer ok"),
];
/// Each dialect with the method and path it asks with, what it sends, and the names of method, target, host and client.
const DIALECTS: [(Dialect, &str, &str, Headers<'_>, [&str; 4]); 4] = [
    (
        Dialect::Nginx,
        "GET",
        "/authz/nginx",
        NGINX,
        ["x-original-method", "x-original-uri", "x-original-host", "x-real-ip"],
    ),
    (
        Dialect::Caddy,
        "GET",
        "/authz/caddy",
        X_FORWARDED,
        ["x-forwarded-method", "x-forwarded-uri", "x-forwarded-host", "x-forwarded-for"],
    ),
    (
        Dialect::Traefik,
        "GET",
        "/authz/traefik",
        X_FORWARDED,
        ["x-forwarded-method", "x-forwarded-uri", "x-forwarded-host", "x-forwarded-for"],
    ),
    (
        Dialect::Envoy,
        "POST",
        "/authz/envoy",
        ENVOY,
        ["", "token-auth-envoy-path", "token-auth-envoy-host", "token-auth-envoy-client"],
    ),
];

/// Every header by which any proxy, or any client, says something about a request.
const RUMOURS: [(&str, &str); 20] = [
    ("X-Original-URI", "/evil"),
    ("X-Original-Method", "DELETE"),
    ("X-Original-Host", "evil.example.com"),
    ("X-Forwarded-Uri", "/evil"),
    ("X-Forwarded-Method", "DELETE"),
    ("X-Forwarded-Host", "evil.example.com"),
    ("X-Forwarded-For", "6.6.6.6"),
    ("X-Forwarded-Prefix", "/evil"),
    ("X-Rewrite-Url", "/evil"),
    ("X-Http-Method-Override", "DELETE"),
    ("X-Real-IP", "6.6.6.6"),
    ("Forwarded", "for=6.6.6.6;host=evil.example.com"),
    ("CF-Connecting-IP", "6.6.6.6"),
    ("True-Client-IP", "6.6.6.6"),
    ("X-Envoy-External-Address", "6.6.6.6"),
    ("X-Envoy-Original-Path", "/evil"),
    ("Upgrade", "websocket"),
    ("Connection", "Upgrade, HTTP2-Settings"),
    ("X-Forwarded-Upgrade", "websocket"),
    (":protocol", "websocket"),
];

fn original() -> ForwardedRequest {
    ForwardedRequest {
        request: ProxiedRequest {
            entry: Entry::ForwardAuth,
            host: RouteHost::parse("api.example.com").unwrap(),
            method: RequestMethod::Post,
            path: RequestPath::parse("/api/items").unwrap(),
            web_socket: None,
        },
        client: IpAddr::from([192, 0, 2, 9]),
        authorization: Some("Bearer ok".to_owned()),
    }
}

fn without<'a>(headers: Headers<'a>, name: &str) -> Vec<(&'a str, &'a str)> {
    headers.iter().copied().filter(|(present, _)| !present.eq_ignore_ascii_case(name)).collect()
}

#[test]
fn each_dialect_reads_what_its_proxy_sends() {
    for (dialect, method, path, headers, _) in DIALECTS {
        assert_eq!(read(dialect, method, path, headers), Ok(original()), "{dialect:?}");
    }
}

#[test]
fn a_dialect_believes_no_header_that_its_proxy_does_not_write() {
    for (dialect, method, path, headers, own) in DIALECTS {
        let mut with_rumours = headers.to_vec();
        with_rumours.extend(RUMOURS.iter().filter(|(name, _)| !own.contains(&name.to_ascii_lowercase().as_str())));
        assert_eq!(read(dialect, method, path, &with_rumours), Ok(original()), "{dialect:?}");
    }
}

#[test]
fn a_header_that_is_missing_repeated_or_malformed_refuses_the_request() {
    for (dialect, method, path, headers, own) in DIALECTS {
        let [_, _, host, client] = own;
        let check = |name: &str, values: &[&'static str], expected: HeaderProblem| {
            if name.is_empty() {
                return;
            }
            let mut changed = without(headers, name);
            changed.extend(values.iter().map(|value| (name, *value)));
            match read(dialect, method, path, &changed) {
                Err(ForwardAuthError::Header { name: named, problem }) => {
                    assert_eq!((named, problem), (name, expected), "{dialect:?} {name} {values:?}");
                }
                other => panic!("{dialect:?} {name} {values:?}: {other:?}"),
            }
        };
        for name in own.into_iter().chain([UPGRADE]) {
            check(name, &[], HeaderProblem::Missing);
            check(name, &[""], HeaderProblem::Missing);
            check(name, &["/a", "/b"], HeaderProblem::Several);
        }
        check(host, &["a@b"], HeaderProblem::Malformed);
        check(client, &["192.0.2.9,10.0.0.1"], HeaderProblem::Several);
        check(client, &["192.0.2.9", "10.0.0.1"], HeaderProblem::Several);
        check(client, &["192.0.2.9:4711"], HeaderProblem::Malformed);
        check(client, &["unknown"], HeaderProblem::Malformed);
    }
}

#[test]
fn the_credentials_are_passed_on_as_they_are() {
    for (dialect, method, path, headers, _) in DIALECTS {
        let bare = without(headers, "authorization");
        assert_eq!(read(dialect, method, path, &bare).unwrap().authorization, None);
        let double = [bare, vec![("Authorization", "Bearer a"), ("authorization", "Bearer b")]].concat();
        let read = read(dialect, method, path, &double).unwrap();
        assert_eq!(read.authorization.as_deref(), Some("Bearer a, Bearer b"));
    }
}

#[test]
fn the_question_itself_is_a_get_except_with_envoy() {
    for (dialect, _, path, headers, _) in DIALECTS {
        for method in ["GET", "HEAD", "POST", "OPTIONS", "DELETE", "get"] {
            let got = read(dialect, method, path, headers).map(|forwarded| forwarded.request.method);
            let expected = match (dialect, method) {
                (Dialect::Envoy, _) => RequestMethod::parse(method).ok_or(ForwardAuthError::MethodNeverPassed),
                (_, "GET") => Ok(RequestMethod::Post),
                _ => Err(ForwardAuthError::MethodNotAllowed),
            };
            assert_eq!(got, expected, "{dialect:?} {method}");
        }
    }
}

/// A dialect's headers with one of them replaced.
fn with<'a>(headers: Headers<'a>, name: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    [without(headers, name), vec![(name, value)]].concat()
}

#[test]
fn what_a_request_becomes_is_shown_by_the_proxy_and_is_a_web_socket_or_nothing() {
    const HANDSHAKE: Headers<'_> =
        &[("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")];
    let several = ForwardAuthError::Header { name: UPGRADE, problem: HeaderProblem::Several };
    let missing = ForwardAuthError::Header { name: UPGRADE, problem: HeaderProblem::Missing };
    let (broken, never) = (ForwardAuthError::WebSocketHandshake, ForwardAuthError::UpgradeNeverPassed);
    for (dialect, method, path, headers, [method_header, ..]) in DIALECTS {
        let check = |asked: &str, shown: &str, handshake: Headers<'_>, expected: Result<bool, ForwardAuthError>| {
            let with_upgrade = with(headers, UPGRADE, shown);
            let with_method =
                with(&with_upgrade, if method_header.is_empty() { "x-unheard" } else { method_header }, asked);
            let method = if method_header.is_empty() { asked } else { method };
            let got = read(dialect, method, path, &[&with_method, handshake].concat());
            let got = got.map(|forwarded| forwarded.request.web_socket.is_some());
            assert_eq!(got, expected, "{dialect:?} {asked} {shown} {handshake:?}");
        };
        for asked in ["GET", "POST"] {
            check(asked, "none", &[], Ok(false));
            check(asked, "none", HANDSHAKE, Ok(false));
            for other in ["h2c", "TLS/1.0", "HTTP/2.0", "None", "-", "connect-udp"] {
                check(asked, other, HANDSHAKE, Err(never));
            }
            check(asked, "", HANDSHAKE, Err(missing));
            check(asked, "websocket, h2c", HANDSHAKE, Err(several));
            check(asked, "none, websocket", HANDSHAKE, Err(several));
            check(asked, "websocket,h2c", HANDSHAKE, Err(broken));
        }
        check("GET", "websocket", HANDSHAKE, Ok(true));
        check("GET", "WebSocket", HANDSHAKE, Ok(true));
        for asked in ["HEAD", "POST", "PUT", "PATCH", "DELETE"] {
            check(asked, "websocket", HANDSHAKE, Err(broken));
        }
        check("GET", "websocket", &[], Err(broken));
        check("GET", "websocket", &HANDSHAKE[..1], Err(broken));
        check("GET", "websocket", &with(HANDSHAKE, "Sec-WebSocket-Version", "777"), Err(broken));
    }
}

#[test]
fn a_path_that_can_be_read_in_two_ways_is_refused() {
    for (dialect, method, path, headers, [_, target, ..]) in DIALECTS {
        let check = |value: &str, expected: AmbiguousPath| {
            let got = read(dialect, method, path, &with(headers, target, value));
            assert_eq!(got, Err(ForwardAuthError::Path(expected)), "{dialect:?} {value}");
        };
        check("http://evil.example.com/a", AmbiguousPath::NotAbsolute);
        check("*", AmbiguousPath::NotAbsolute);
        check("?/a", AmbiguousPath::NotAbsolute);
        check("/a#b", AmbiguousPath::Character);
        check("/a;b", AmbiguousPath::Character);
        check("/a\\b", AmbiguousPath::Character);
        check("/\u{fffd}", AmbiguousPath::Character);
        check("/a/../b", AmbiguousPath::DotSegment);
        check("/a/%2e%2E/b", AmbiguousPath::NeedlessEncoding);
        check("/a%2fb", AmbiguousPath::EncodedSeparator);
        check("/a%2", AmbiguousPath::PercentEncoding);
        check("/a/%2E%2E/b", AmbiguousPath::NeedlessEncoding);
        check("/a%2Fb", AmbiguousPath::EncodedSeparator);
        check("//a", AmbiguousPath::EmptySegment);
        check(&format!("/{}", "a".repeat(4096)), AmbiguousPath::TooLong);
    }
}

#[test]
fn a_host_with_a_dot_behind_is_the_same_host() {
    for (dialect, method, path, headers, [_, _, host, _]) in DIALECTS {
        for sent in ["API.example.com.:8443", "api.example.com.", "api.example.com"] {
            assert_eq!(read(dialect, method, path, &with(headers, host, sent)), Ok(original()), "{dialect:?} {sent}");
        }
        let double = read(dialect, method, path, &with(headers, host, "api.example.com.."));
        assert!(matches!(double, Err(ForwardAuthError::Header { .. })), "{dialect:?}");
    }
}

#[test]
fn the_case_of_hexadecimal_digits_decides_nothing() {
    for (dialect, method, path, headers, [_, target, ..]) in DIALECTS {
        for sent in ["/caf%c3%a9/x", "/caf%C3%A9/x", "/caf%c3%A9/x"] {
            let got = read(dialect, method, path, &with(headers, target, sent)).unwrap();
            assert_eq!(
                (got.request.path.as_sent(), got.request.path.as_str()),
                (sent, "/caf%C3%A9/x"),
                "{dialect:?} {sent}"
            );
        }
    }
}

#[test]
fn the_query_decides_nothing() {
    for (dialect, method, path, headers, [_, target, ..]) in DIALECTS {
        for query in ["", "cost=0", "/../../secret", "a=%2e%2e%2f", "#", "?", "x=//", &"q".repeat(10_000)] {
            let target_with_query = format!("/api/items?{query}");
            let got = read(dialect, method, path, &with(headers, target, &target_with_query));
            assert_eq!(got, Ok(original()), "{dialect:?} {query}");
        }
    }
}

#[test]
fn methods_that_are_never_passed_on_are_refused() {
    for (dialect, _, path, headers, [name, ..]) in DIALECTS {
        for method in ["OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get", "GET HTTP/1.1", "GET,POST"] {
            let got = if name.is_empty() {
                read(dialect, method, path, headers)
            } else {
                read(dialect, "GET", path, &with(headers, name, method))
            };
            assert_eq!(got, Err(ForwardAuthError::MethodNeverPassed), "{dialect:?} {method}");
        }
    }
}

#[test]
fn a_path_that_envoy_appends_must_be_the_one_it_passes_on() {
    #[track_caller]
    fn check(path: &str, target: &str, expected: Result<&str, ForwardAuthError>) {
        let got = read(Dialect::Envoy, "GET", path, &with(ENVOY, "token-auth-envoy-path", target));
        let got = got.map(|forwarded| forwarded.request.path);
        assert_eq!(got, expected.map(|path| RequestPath::parse(path).unwrap()), "{path} {target}");
    }
    let other = ForwardAuthError::Header { name: "token-auth-envoy-path", problem: HeaderProblem::OtherPath };
    let dots = ForwardAuthError::Path(AmbiguousPath::DotSegment);
    check("/authz/envoy", "/a/b?c", Ok("/a/b"));
    check("/authz/envoy/a/b", "/a/b?c", Ok("/a/b"));
    check("/authz/envoy/", "/", Ok("/"));
    check("/authz/envoy/%c3%a9", "/%c3%a9", Ok("/%c3%a9"));
    check("/authz/envoy/a", "/b", Err(other));
    check("/authz/envoy/a", "/a/", Err(other));
    check("/authz/envoy/a", "/authz/envoy/a", Err(other));
    // What the runtime makes of `/authz/envoy` with these behind it.
    check("/authz/envoy/public", "/secret/../public", Err(dots));
    check("/authz/envoy/public", "/../../authz/envoy/public", Err(dots));
}

#[test]
fn a_dialect_has_exactly_its_path() {
    #[track_caller]
    fn check(path: &str, expected: Option<Dialect>) {
        assert_eq!(Dialect::of(path), expected, "{path}");
    }
    check("/authz/nginx", Some(Dialect::Nginx));
    check("/authz/caddy", Some(Dialect::Caddy));
    check("/authz/traefik", Some(Dialect::Traefik));
    check("/authz/envoy", Some(Dialect::Envoy));
    check("/authz/envoy/", Some(Dialect::Envoy));
    check("/authz/envoy//authz/caddy", Some(Dialect::Envoy));
    for nothing in [
        "/authz",
        "/authz/",
        "/authz/nginx/",
        "/authz/nginx/a",
        "/authz/Nginx",
        "/authz//nginx",
        "/authz/envoys",
        "/authz/apache",
        "//authz/nginx",
        "/authz/%6eginx",
        "/AUTHZ/nginx",
        "/",
    ] {
        check(nothing, None);
    }
}

#[test]
fn what_only_a_proxy_sends_is_refused_where_it_does_not_ask() {
    #[track_caller]
    fn check(path: &str, headers: Headers<'_>, refused: bool) {
        let got = refuse_misdirected(path, |name| value(headers, name));
        assert_eq!(got, if refused { Err(ForwardAuthError::Misdirected) } else { Ok(()) }, "{path} {headers:?}");
    }
    let secret: Headers<'_> = &[("Token-Auth-Proxy-Secret", "x")];
    let empty: Headers<'_> = &[("Token-Auth-Proxy-Secret", "")];
    for path in ["/healthz", "/validate", "/", "/api/status", "/authz", "//authz/envoy/a", "/authzz/nginx"] {
        check(path, secret, true);
        check(path, empty, true);
        check(path, &[], false);
    }
    check("/authz/nginx", secret, false);
    check("/authz/unknown", secret, false);
    for name in envoy::HEADERS {
        check("/authz/envoy", &[(name, "x")], false);
        check("/authz/envoy/a", &[(name, "x")], false);
        for path in ["/authz/caddy", "/authz/nginx", "/authz/traefik", "/authz/x", "/healthz", "/validate"] {
            check(path, &[(name, "x")], true);
        }
    }
}

#[test]
fn nginx_gets_only_refusals_that_it_can_carry() {
    #[track_caller]
    fn check(status: u16, expected: u16) {
        let refusal =
            ApiResponse::json(status, "req-1", &()).with("www-authenticate", "Bearer").with("retry-after", "1");
        let carried = Dialect::Nginx.carry(refusal.clone());
        assert_eq!(carried.status, expected);
        assert_eq!(carried.header("x-deny-status"), Some(status.to_string().as_str()));
        assert_eq!(carried.header("www-authenticate"), Some("Bearer"));
        assert_eq!(carried.header("retry-after"), Some("1"));
        for dialect in [Dialect::Caddy, Dialect::Traefik, Dialect::Envoy] {
            assert_eq!(dialect.carry(refusal.clone()), refusal);
        }
    }
    check(401, 401);
    check(403, 403);
    for status in [400, 404, 405, 429, 500, 503] {
        check(status, 403);
    }
}
