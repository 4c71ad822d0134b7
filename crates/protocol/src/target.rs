//! The target of a request: path and query exactly as they were sent.
//!
//! The runtime's own accessors disagree about paths (one resolves `%2e%2e`, another does not), so the URL text is split
//! here, once, and nothing is decoded.

/// Path and query of a URL's text. Without a query, or with an empty one, the query is empty; a fragment is dropped.
pub fn split_target(url: &str) -> (&str, &str) {
    let (path, query) = path_and_query(url);
    (path, query.unwrap_or_default())
}

/// Path and query of a URL's text, an empty query and none being two things; a fragment is dropped.
pub fn path_and_query(url: &str) -> (&str, Option<&str>) {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let without_fragment = after_scheme.split_once('#').map_or(after_scheme, |(before, _)| before);
    let (before_query, query) = match without_fragment.split_once('?') {
        Some((before, query)) => (before, Some(query)),
        None => (without_fragment, None),
    };
    let path = before_query.find('/').and_then(|start| before_query.get(start..)).unwrap_or("/");
    (path, query)
}

/// The origin of a URL's text: everything before its path.
pub fn origin(url: &str) -> &str {
    let authority = url.find("://").map_or(0, |scheme| scheme + "://".len());
    let length = url.get(authority..).and_then(|rest| rest.find(['/', '?', '#']));
    length.and_then(|length| url.get(..authority + length)).unwrap_or(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_split_and_not_decoded() {
        #[track_caller]
        fn check(url: &str, path: &str, query: &str) {
            assert_eq!(split_target(url), (path, query), "{url}");
        }
        check("https://a.example/b/c?d=e", "/b/c", "d=e");
        check("https://a.example", "/", "");
        check("https://a.example?d=/e", "/", "d=/e");
        check("http://a.example:8787//b/%2e%2e/c?x?y", "//b/%2e%2e/c", "x?y");
        check("https://a.example/b#c?d", "/b", "");
        check("https://a.example/b?c=https://d.example/e", "/b", "c=https://d.example/e");
    }

    #[test]
    fn an_empty_query_is_another_target_than_none() {
        assert_eq!(path_and_query("https://a.example/b?"), ("/b", Some("")));
        assert_eq!(path_and_query("https://a.example/b"), ("/b", None));
        assert_eq!(path_and_query("https://a.example/b#?"), ("/b", None));
        assert_eq!(path_and_query("https://a.example/b??"), ("/b", Some("?")));
    }

    #[test]
    fn an_origin_ends_where_the_path_begins() {
        #[track_caller]
        fn check(url: &str, expected: &str) {
            assert_eq!(origin(url), expected, "{url}");
        }
        check("https://a.example/b/c?d=e", "https://a.example");
        check("http://a.example:8787", "http://a.example:8787");
        check("https://a.example?d=/e", "https://a.example");
        check("https://a.example#/e", "https://a.example");
        check("https://[2001:db8::1]:1/", "https://[2001:db8::1]:1");
    }
}
