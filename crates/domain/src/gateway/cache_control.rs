//! The cache directives between a client, the gateway and an origin: an answer is only for the client that asked.
//!
//! An origin cannot know that its answer is for one identity: the gateway removed the `Authorization` header, which
//! would keep shared caches from storing the answer (RFC 9111 §3.5).

use super::field_elements::elements;

/// What of a request's `Cache-Control` may not pass: with it a cache may answer what it holds, or must.
const LETS_A_CACHE_ANSWER: &[&str] = &["only-if-cached", "max-stale", "stale-if-error", "stale-while-revalidate"];

/// What of an answer's `Cache-Control` may not pass: it lets shared caches store an answer, or parts of it.
const LETS_SHARED_CACHES_STORE: &[&str] = &["public", "s-maxage", "private"];

/// The `Cache-Control` for the origin, of a client that has sent one: whatever else it says, no cache answers unasked.
pub fn asked_of_the_origin(value: &str) -> String {
    let Some(directives) = elements(value) else { return "no-cache".to_owned() };
    let passing = directives.into_iter().filter(|directive| {
        let name = name_of(directive);
        name != "no-cache" && !LETS_A_CACHE_ANSWER.contains(&name.as_str())
    });
    std::iter::once("no-cache").chain(passing).collect::<Vec<_>>().join(", ")
}

/// The `Cache-Control` that an answer gets in the place of its own, so that no shared cache stores it; `None` where its
/// own is right. `expires` is whether it has an `Expires`, by which alone caches may store it, too.
pub fn for_one_client(value: Option<&str>, expires: bool) -> Option<String> {
    let Some(value) = value.filter(|value| !value.trim().is_empty()) else {
        return expires.then(|| "private".to_owned());
    };
    // Nobody can say what a cache makes of it.
    let Some(directives) = elements(value) else { return Some("no-store".to_owned()) };
    let has = |wanted: &str| directives.iter().any(|directive| directive.eq_ignore_ascii_case(wanted));
    let lets_some_store = |directive: &str| LETS_SHARED_CACHES_STORE.contains(&name_of(directive).as_str());
    // RFC 9111 §5.2.2.3: to who understands the status, `must-understand` takes `no-store` back.
    let is_private = has("private") || (has("no-store") && !has("must-understand"));
    let is_bare_private = |directive: &str| directive.eq_ignore_ascii_case("private");
    if is_private && directives.iter().all(|directive| is_bare_private(directive) || !lets_some_store(directive)) {
        return None;
    }
    let passing = directives.iter().copied().filter(|directive| !lets_some_store(directive));
    Some(std::iter::once("private").chain(passing).collect::<Vec<_>>().join(", "))
}

/// Whether an answer's header speaks to shared caches alone, by which it could say what its `Cache-Control` may not: the
/// fields of RFC 9213 and those before it. The name is in lower case.
pub fn is_for_shared_caches(name: &str) -> bool {
    name.ends_with("-cache-control")
        || matches!(name, "surrogate-control" | "edge-control" | "x-accel-expires" | "cf-edge-cache")
}

fn name_of(directive: &str) -> String {
    directive.split('=').next().unwrap_or("").trim().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_answer_is_stored_by_no_shared_cache_and_by_the_client_as_the_origin_says() {
        #[track_caller]
        fn check(value: &str, expected: Option<&str>) {
            assert_eq!(for_one_client(Some(value), true).as_deref(), expected, "{value}");
        }
        for right in [
            "private",
            "private, max-age=60",
            "Private,max-age=60",
            "no-store",
            "no-store, no-cache",
            "max-age=0, private",
        ] {
            check(right, None);
        }
        check("public, max-age=3600", Some("private, max-age=3600"));
        check("max-age=60", Some("private, max-age=60"));
        check("Public,S-MaxAge=9,max-age=60 , immutable", Some("private, max-age=60, immutable"));
        check("s-maxage=60", Some("private"));
        check("no-cache", Some("private, no-cache"));
        check("must-revalidate, max-age=60", Some("private, must-revalidate, max-age=60"));
        // It is about these fields alone: the rest could be stored.
        check("private=\"set-cookie, x-a\", max-age=60", Some("private, max-age=60"));
        check("no-cache=\"a, public\", max-age=1", Some("private, no-cache=\"a, public\", max-age=1"));
        for contradiction in ["private, public", "private, s-maxage=1", "private, private=\"a\""] {
            check(contradiction, Some("private"));
        }
        check("no-store, public", Some("private, no-store"));
        check("must-understand, no-store, max-age=9", Some("private, must-understand, no-store, max-age=9"));
        check("public =1, max-age=1", Some("private, max-age=1"));
        check("max-age=\"60, public", Some("no-store"));
        check("x=\"\\\", public", Some("no-store"));
        check("x=\"\\\"\", public", Some("private, x=\"\\\"\""));
        check(" , ", Some("private"));
    }

    #[test]
    fn an_answer_that_says_nothing_about_caches_stays_as_it_is_unless_it_expires() {
        // RFC 9111 §3.5: without a word of permission no shared cache stores what was asked for with a token.
        assert_eq!(for_one_client(None, false), None);
        assert_eq!(for_one_client(Some(""), false), None);
        for value in [None, Some(""), Some(" ")] {
            assert_eq!(for_one_client(value, true).as_deref(), Some("private"));
        }
    }

    #[test]
    fn a_request_never_lets_a_cache_answer() {
        #[track_caller]
        fn check(value: &str, expected: &str) {
            assert_eq!(asked_of_the_origin(value), expected, "{value}");
        }
        check("only-if-cached", "no-cache");
        check("Only-If-Cached, max-stale=60", "no-cache");
        check("max-stale", "no-cache");
        check("no-cache", "no-cache");
        check("no-store, no-transform", "no-cache, no-store, no-transform");
        check("max-age=60", "no-cache, max-age=60");
        check("x=\"only-if-cached, a\"", "no-cache, x=\"only-if-cached, a\"");
        check("x=\"only-if-cached", "no-cache");
        check("", "no-cache");
    }

    #[test]
    fn what_speaks_to_shared_caches_alone_is_known() {
        for name in [
            "cdn-cache-control",
            "cloudflare-cdn-cache-control",
            "surrogate-control",
            "x-accel-expires",
            "cf-edge-cache",
        ] {
            assert!(is_for_shared_caches(name), "{name}");
        }
        for name in ["cache-control", "expires", "age", "vary", "etag"] {
            assert!(!is_for_shared_caches(name), "{name}");
        }
    }

    proptest! {
        #[test]
        fn whatever_an_origin_says_its_answer_is_private_or_not_stored(
            value in "(public|private|s-maxage=1|max-age=1|no-store|must-understand|private=\"a\"|x=\"|\"|\\\\|,| ){0,8}",
        ) {
            let told = for_one_client(Some(&value), false).unwrap_or(value);
            if !told.trim().is_empty() {
                let all = elements(&told).unwrap();
                prop_assert!(all.iter().any(|one| matches!(name_of(one).as_str(), "private" | "no-store")), "{}", told);
                prop_assert!(!all.iter().any(|one| matches!(name_of(one).as_str(), "public" | "s-maxage")), "{}", told);
                // What is right is left alone.
                prop_assert_eq!(for_one_client(Some(&told), true), None);
            }
        }
    }
}
