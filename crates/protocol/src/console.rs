//! The operator's console in HTTP: its files, what browsers are told about them, and the cookie that signs an operator in.
//!
//! **Invariant**: whatever is answered below the console's prefix says [`SECURITY_HEADERS`].

use domain::network::console_site::ConsoleSite;

/// Below which the console is.
pub const PREFIX: &str = "/console/";

/// The header that the console sets in each of its requests.
pub const MARK: &str = "token-auth-console";

/// Where Cloudflare Access puts its assertion.
pub const ACCESS_ASSERTION: &str = "cf-access-jwt-assertion";

/// What browsers are told with every answer. The page loads nothing from elsewhere, runs nothing that is not a file of ours,
/// makes markup by one policy only (that of its library), and stands in no frame.
pub const SECURITY_HEADERS: &[(&str, &str)] = &[
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; font-src 'self'; \
         base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
         trusted-types svelte-trusted-html",
    ),
    // For browsers that do not know `frame-ancestors`.
    ("x-frame-options", "DENY"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("cross-origin-embedder-policy", "require-corp"),
    ("permissions-policy", "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"),
];

/// Whether a path is the console's.
pub fn is_console(path: &str) -> bool {
    path == "/console" || path.starts_with(PREFIX)
}

/// What a request to a path of the console asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ConsoleResource<'a> {
    /// The prefix without its slash: relative references would lead elsewhere.
    WithoutSlash,
    /// A page: all of them are one document, in which a script shows what the path says.
    Document,
    /// A file whose name is made of what is in it.
    Immutable(&'a str),
    /// Another file.
    File(&'a str),
    /// None of these.
    Nothing,
    /// The method is none for files.
    WrongMethod,
}

/// Reads a request to a path of the console. `navigates` says whether a browser wants to show what it gets.
pub fn read<'a>(method: &str, path: &'a str, navigates: bool) -> ConsoleResource<'a> {
    if !matches!(method, "GET" | "HEAD") {
        return ConsoleResource::WrongMethod;
    }
    let Some(name) = path.strip_prefix(PREFIX) else { return ConsoleResource::WithoutSlash };
    if name.is_empty() {
        return ConsoleResource::Document;
    }
    let is_segment = |segment: &str| {
        !segment.is_empty()
            && !segment.starts_with('.')
            && segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
    };
    let is_file = name.contains('.') && name.split('/').all(is_segment);
    match name.strip_prefix("assets/") {
        Some(_) if is_file => ConsoleResource::Immutable(name),
        Some(_) => ConsoleResource::Nothing,
        // It is served as what it is: a page.
        None if name == "index.html" => ConsoleResource::Document,
        None if is_file => ConsoleResource::File(name),
        None if navigates => ConsoleResource::Document,
        None => ConsoleResource::Nothing,
    }
}

/// Whether a browser wants to show what it gets, rather than a script of a page.
pub fn navigates(fetch_mode: Option<&str>, accept: Option<&str>) -> bool {
    match fetch_mode {
        Some(mode) => mode == "navigate",
        None => accept.is_some_and(|accept| accept.split(',').any(|entry| entry.trim().starts_with("text/html"))),
    }
}

/// The name of the cookie. RFC 6265bis §4.1.3.2: no other host and no page without TLS can set or replace it.
pub const COOKIE: &str = "__Host-token-auth-console";

/// The name of the cookie at a site.
pub const fn cookie_name(site: ConsoleSite) -> &'static str {
    match site {
        ConsoleSite::Secure => COOKIE,
        ConsoleSite::Loopback => "token-auth-console",
    }
}

/// `Set-Cookie` for a session that begins: until the browser is closed, for this host only, for no script and for no request
/// that another site makes.
pub fn set_cookie(site: ConsoleSite, secret: &str) -> String {
    format!("{}={secret}; {}", cookie_name(site), attributes(site))
}

/// `Set-Cookie` for a session that has ended.
pub fn clear_cookie(site: ConsoleSite) -> String {
    format!("{}=; Max-Age=0; {}", cookie_name(site), attributes(site))
}

const fn attributes(site: ConsoleSite) -> &'static str {
    match site {
        ConsoleSite::Secure => "Path=/; Secure; HttpOnly; SameSite=Strict",
        ConsoleSite::Loopback => "Path=/; HttpOnly; SameSite=Strict",
    }
}

/// The value of the cookie; `None` when there is none, or more than one: then somebody else has set one, and which is ours
/// is not certain.
pub fn cookie(site: ConsoleSite, header: Option<&str>) -> Option<&str> {
    let pairs = header?.split(';').filter_map(|pair| pair.split_once('='));
    let mut ours = pairs.filter(|(name, _)| name.trim() == cookie_name(site)).map(|(_, value)| value.trim());
    match (ours.next(), ours.next()) {
        (Some(value), None) => Some(value),
        (Some(_), Some(_)) | (None, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::gateway::answer_headers::is_for_this_host;
    use domain::gateway::forwarded_cookies::without_ours;

    const SITES: [ConsoleSite; 2] = [ConsoleSite::Secure, ConsoleSite::Loopback];

    #[test]
    fn a_path_asks_for_a_page_or_a_file_or_nothing() {
        #[track_caller]
        fn check(path: &str, navigates: bool, expected: ConsoleResource<'_>) {
            assert_eq!(read("GET", path, navigates), expected, "{path} {navigates}");
        }
        check("/console", true, ConsoleResource::WithoutSlash);
        check("/console/", true, ConsoleResource::Document);
        check("/console/", false, ConsoleResource::Document);
        check("/console/index.html", false, ConsoleResource::Document);
        check("/console/identities/c0ffee00-0000-4000-8000-000000000001", true, ConsoleResource::Document);
        check("/console/identities/c0ffee00-0000-4000-8000-000000000001", false, ConsoleResource::Nothing);
        check("/console/%2e%2e/api", true, ConsoleResource::Document);
        check("/console/assets/index-B3f_9a.js", false, ConsoleResource::Immutable("assets/index-B3f_9a.js"));
        check("/console/assets/fonts/a.woff2", true, ConsoleResource::Immutable("assets/fonts/a.woff2"));
        check("/console/favicon.svg", false, ConsoleResource::File("favicon.svg"));
        for path in ["/console/assets/", "/console/assets/x", "/console/assets/../index.html", "/console/assets/%2e.js"]
        {
            check(path, true, ConsoleResource::Nothing);
        }
        for path in ["/console/../x.js", "/console/.env", "/console//x.js", "/console/a%2fb.js", "/console/x.js/"] {
            check(path, false, ConsoleResource::Nothing);
        }
        assert_eq!(read("HEAD", "/console/", true), ConsoleResource::Document);
        for method in ["POST", "OPTIONS", "PUT", "get"] {
            assert_eq!(read(method, "/console/", true), ConsoleResource::WrongMethod, "{method}");
        }
    }

    #[test]
    fn only_what_a_browser_is_to_show_is_a_navigation() {
        for (mode, accept, expected) in [
            (Some("navigate"), None, true),
            (Some("cors"), Some("text/html"), false),
            (Some("no-cors"), None, false),
            (None, Some("text/html,application/xhtml+xml"), true),
            (None, Some("application/json, text/html;q=0.1"), true),
            (None, Some("*/*"), false),
            (None, None, false),
        ] {
            assert_eq!(navigates(mode, accept), expected, "{mode:?} {accept:?}");
        }
    }

    #[test]
    fn the_cookie_is_for_this_host_only_and_for_no_script() {
        assert_eq!(
            set_cookie(ConsoleSite::Secure, "tcs_x"),
            "__Host-token-auth-console=tcs_x; Path=/; Secure; HttpOnly; SameSite=Strict"
        );
        assert_eq!(
            set_cookie(ConsoleSite::Loopback, "tcs_x"),
            "token-auth-console=tcs_x; Path=/; HttpOnly; SameSite=Strict"
        );
        assert_eq!(
            clear_cookie(ConsoleSite::Secure),
            "__Host-token-auth-console=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Strict"
        );
    }

    #[test]
    fn the_cookie_is_read_only_if_there_is_exactly_one() {
        #[track_caller]
        fn check(header: &str, expected: Option<&str>) {
            assert_eq!(cookie(ConsoleSite::Secure, Some(header)), expected, "{header:?}");
        }
        check("__Host-token-auth-console=tcs_x", Some("tcs_x"));
        check("a=b; __Host-token-auth-console=tcs_x;c=d", Some("tcs_x"));
        check("a=b", None);
        check("", None);
        check("__Host-token-auth-console", None);
        check("__host-token-auth-console=tcs_x", None);
        check("token-auth-console=tcs_x", None);
        check("__Host-token-auth-console=tcs_x; __Host-token-auth-console=tcs_y", None);
        check("__Host-token-auth-console=tcs_x; __Host-token-auth-console=tcs_x", None);
        assert_eq!(cookie(ConsoleSite::Secure, None), None);
        // Over http anybody could set the one with the prefix.
        assert_eq!(cookie(ConsoleSite::Loopback, Some("__Host-token-auth-console=tcs_x")), None);
        assert_eq!(cookie(ConsoleSite::Loopback, Some("token-auth-console=tcs_x")), Some("tcs_x"));
    }

    #[test]
    fn no_origin_gets_the_cookie_or_can_set_it() {
        for site in SITES {
            let set = set_cookie(site, "tcs_x");
            assert!(!is_for_this_host(&set), "{set}");
            let pair = set.split(';').next().unwrap_or_default();
            assert_eq!(without_ours(pair), None, "{pair}");
        }
    }

    #[test]
    fn no_script_of_another_origin_and_no_frame_is_allowed() {
        let policy = SECURITY_HEADERS.iter().find(|(name, _)| *name == "content-security-policy").unwrap().1;
        assert!(policy.starts_with("default-src 'none'; "));
        for directive in ["frame-ancestors 'none'", "base-uri 'none'", "require-trusted-types-for 'script'"] {
            assert!(policy.split("; ").any(|part| part == directive), "{directive}");
        }
        for loophole in ["unsafe", "http", "data:", "*", "nonce"] {
            assert!(!policy.contains(loophole), "{loophole}");
        }
    }
}
