//! Where an answer leads: references to the origin lead to the gateway instead.
//!
//! An origin does not know under which name its clients call it, so `Location`, `Content-Location` and `Link` may name
//! the origin itself. A client that followed such a reference would bypass the gateway. This file reads references as
//! browsers do (WHATWG URL), which accept more than RFC 3986 allows: a reference that some client could take for the
//! origin counts as one.

use crate::gateway::origin::Origin;

/// The place at which the client has reached us.
#[derive(Clone, Copy, Debug)]
pub struct OwnPlace<'a> {
    /// `http` or `https`.
    pub scheme: &'a str,
    /// Host and port, as the client named them.
    pub authority: &'a str,
}

/// A reference that names the origin, as it leads here; `None` when it leads where it may lead: below the place that the
/// client has called, or somewhere else altogether.
pub fn led_here(reference: &str, origin: &Origin, own: OwnPlace<'_>) -> Option<String> {
    // A browser's parser drops these before it reads anything.
    let text: String = reference
        .trim_matches(|letter: char| letter <= ' ')
        .chars()
        .filter(|letter| !matches!(letter, '\t' | '\n' | '\r'))
        .collect();
    let (scheme, below) = authority_and_more(&text, own.scheme)?;
    let end = below.find(['/', '\\', '?', '#']).unwrap_or(below.len());
    let (authority, rest) = below.split_at_checked(end)?;
    let there = Place::of(&scheme, authority)?;
    there.is(&Place::of_origin(origin)?).then(|| format!("{}://{}{rest}", own.scheme, own.authority))
}

/// The targets of a `Link` (RFC 8288 §3) that name the origin lead here; `None` without such a target.
pub fn links_led_here(value: &str, origin: &Origin, own: OwnPlace<'_>) -> Option<String> {
    let (mut told, mut rest, mut changed) = (String::with_capacity(value.len()), value, false);
    while let Some((before, target, after)) = next_target(rest) {
        told.push_str(before);
        match led_here(target, origin, own) {
            Some(here) => {
                told.push_str(&here);
                changed = true;
            }
            None => told.push_str(target),
        }
        rest = after;
    }
    told.push_str(rest);
    changed.then_some(told)
}

/// What stands before the next `<…>` that is not quoted, up to its bracket; what is in it; and what follows from its other
/// bracket on.
fn next_target(text: &str) -> Option<(&str, &str, &str)> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    let start = text.char_indices().find_map(|(index, letter)| {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            '<' if !is_quoted => return Some(index + 1),
            _ => {}
        }
        None
    })?;
    let (before, from_target) = text.split_at_checked(start)?;
    let (target, after) = from_target.split_at_checked(from_target.find('>')?)?;
    Some((before, target, after))
}

/// The scheme of a reference, and what stands behind its slashes; `None` when it is relative to the place that was called,
/// or not of HTTP.
fn authority_and_more<'a>(text: &'a str, own_scheme: &str) -> Option<(String, &'a str)> {
    let (scheme, after) = match split_scheme(text) {
        Some((scheme, after)) => (scheme.to_ascii_lowercase(), after),
        None => (own_scheme.to_owned(), text),
    };
    if !matches!(scheme.as_str(), "http" | "https") {
        return None;
    }
    let below = after.trim_start_matches(['/', '\\']);
    let slashes = after.len() - below.len();
    // With the scheme of the place that was called, or with none, fewer than two slashes are the beginning of a path.
    (slashes >= 2 || scheme != own_scheme).then_some((scheme, below))
}

fn split_scheme(text: &str) -> Option<(&str, &str)> {
    let (scheme, after) = text.split_once(':')?;
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    is_scheme.then_some((scheme, after))
}

/// A host in lower case and the port at which it is called.
struct Place {
    host: String,
    port: u16,
    /// Whether the port is the one that the scheme has if none is named.
    is_default: bool,
}

impl Place {
    /// The place that an authority names; `None` when no parser finds one in it.
    fn of(scheme: &str, authority: &str) -> Option<Self> {
        let default = if scheme == "https" { 443 } else { 80 };
        // A user name does not change where the reference leads.
        let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
        let (host, port) = match place.rsplit_once(':') {
            Some((host, "")) if !host.ends_with(':') => (host, default),
            Some((host, port)) if !port.contains(']') => {
                (host, port.bytes().all(|byte| byte.is_ascii_digit()).then(|| port.parse().ok()).flatten()?)
            }
            Some(_) | None => (place, default),
        };
        let host = percent_decoded(host)?.to_ascii_lowercase();
        // A name with a dot behind is the same name.
        let host = host.strip_suffix('.').unwrap_or(&host).to_owned();
        Some(Self { host, port, is_default: port == default })
    }

    fn of_origin(origin: &Origin) -> Option<Self> {
        let (scheme, authority) = origin.as_str().split_once("://")?;
        Self::of(scheme, authority)
    }

    /// Whether both are one place. The default ports of both schemes belong together: an origin that is called by HTTPS
    /// may believe that it is called by HTTP, since something in front of it has ended the encryption.
    fn is(&self, other: &Self) -> bool {
        self.host == other.host && (self.port == other.port || (self.is_default && other.is_default))
    }
}

/// A host without its percent-encodings, which parsers of URLs decode; `None` where that is not ASCII, so that it
/// cannot be a name of an origin.
fn percent_decoded(host: &str) -> Option<String> {
    let mut decoded = String::with_capacity(host.len());
    let mut rest = host;
    while let Some(letter) = rest.chars().next() {
        if !letter.is_ascii() {
            return None;
        }
        let digits = rest.strip_prefix('%').and_then(|after| after.get(..2));
        let encoded = digits.filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let (letter, length) = match encoded {
            Some(digits) => (char::from(u8::from_str_radix(digits, 16).ok().filter(u8::is_ascii)?), 3),
            None => (letter, 1),
        };
        decoded.push(letter);
        rest = rest.get(length..)?;
    }
    Some(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use url::Url;

    use crate::gateway::origin::LoopbackOrigins;

    const OWN: OwnPlace<'static> = OwnPlace { scheme: "https", authority: "api.example.com:8443" };

    fn origin(text: &str) -> Origin {
        Origin::parse(text, LoopbackOrigins::Allowed, &[]).unwrap()
    }

    #[test]
    fn what_names_the_origin_in_any_spelling_leads_here() {
        #[track_caller]
        fn check(to: &str, reference: &str, expected: Option<&str>) {
            let expected = expected.map(|below| format!("https://api.example.com:8443{below}"));
            assert_eq!(led_here(reference, &origin(to), OWN), expected, "{reference}");
        }
        let to = "https://origin.example.com";
        for (reference, below) in [
            ("https://origin.example.com/a?b#c", "/a?b#c"),
            // Without a path.
            ("https://origin.example.com", ""),
            ("https://origin.example.com?b", "?b"),
            ("https://origin.example.com#c", "#c"),
            // In another case, with the default port, with a dot behind.
            ("HTTPS://ORIGIN.example.COM/A", "/A"),
            ("https://origin.example.com:443/a", "/a"),
            ("https://origin.example.com:0443/a", "/a"),
            ("https://origin.example.com:/a", "/a"),
            ("https://origin.example.com./a", "/a"),
            ("https://origin.example.com.:443/a", "/a"),
            // With the other scheme, or with none.
            ("http://origin.example.com/a", "/a"),
            ("HTTP://origin.example.com:80/a", "/a"),
            ("http://origin.example.com:443/a", "/a"),
            ("http:origin.example.com/a", "/a"),
            ("http:/origin.example.com/a", "/a"),
            ("//origin.example.com/a", "/a"),
            ("//origin.example.com:443", ""),
            ("///origin.example.com/a", "/a"),
            // What browsers read as the same.
            ("\\\\origin.example.com\\a", "\\a"),
            ("/\\origin.example.com/a", "/a"),
            ("https:\\/origin.example.com/a", "/a"),
            ("https://user:pass@origin.example.com/a", "/a"),
            ("https://a@b@origin.example.com/a", "/a"),
            ("https://%6Frigin%2eexample.com/a", "/a"),
            (" \u{1}https://origin.example.com/a ", "/a"),
            ("ht\ttps://origin.exa\tmple.com/\ta", "/a"),
        ] {
            check(to, reference, Some(below));
        }
        for elsewhere in [
            "",
            "/a",
            "a/b?c=https://origin.example.com/",
            "?a",
            "#a",
            "/",
            "\\a",
            "https:a",
            "https:/origin.example.com/a",
            "origin.example.com/a",
            "https://elsewhere.example/a",
            "//elsewhere.example/a",
            "https://api.example.com:8443/a",
            "https://origin.example.com:8443/a",
            "https://origin.example.com:444",
            "https://origin.example.com:x/a",
            "https://origin.example.com:99999/a",
            "https://origin.example.com.evil.example/a",
            "https://origin.example.com@evil.example/a",
            "https://origin.example.com../a",
            "https://xorigin.example.com/a",
            "https://example.com/a",
            "https://",
            "https://%ff/a",
            "https://\u{f6}rigin.example.com/a",
            "ftp://origin.example.com/a",
            "mailto:a@origin.example.com",
            "javascript://origin.example.com/%0aalert(1)",
        ] {
            check(to, elsewhere, None);
        }
        let at_a_port = "https://origin.example.com:9443";
        check(at_a_port, "https://origin.example.com:9443/a", Some("/a"));
        check(at_a_port, "http://ORIGIN.example.com:9443?a", Some("?a"));
        check(at_a_port, "//origin.example.com:9443", Some(""));
        check(at_a_port, "https://origin.example.com/a", None);
        check(at_a_port, "https://origin.example.com:80/a", None);
        check("http://127.0.0.1:9000", "HTTP://127.0.0.1:9000/a", Some("/a"));
        check("http://127.0.0.1:9000", "//127.0.0.1:9000/a", Some("/a"));
        check("http://[::1]:9000", "https://[::1]:9000/a", Some("/a"));
        check("http://[::1]", "http://[::1]/a", Some("/a"));
    }

    #[test]
    fn a_link_to_the_origin_leads_here() {
        #[track_caller]
        fn check(value: &str, expected: Option<&str>) {
            assert_eq!(
                links_led_here(value, &origin("https://origin.example.com"), OWN).as_deref(),
                expected,
                "{value}"
            );
        }
        check(
            "<https://origin.example.com/?page=2>; rel=\"next\", </?page=1>; rel=prev",
            Some("<https://api.example.com:8443/?page=2>; rel=\"next\", </?page=1>; rel=prev"),
        );
        check(
            "</a>; title=\"a, <https://origin.example.com/>\\\" \", <//ORIGIN.example.com/b>",
            Some("</a>; title=\"a, <https://origin.example.com/>\\\" \", <https://api.example.com:8443/b>"),
        );
        for unchanged in ["", "</a>; rel=next", "<https://elsewhere.example/>", "<https://origin.example.com/", "a\"<"]
        {
            check(unchanged, None);
        }
    }

    /// What a client that reads as browsers do makes of a reference: whether it would call the origin.
    fn check_against_a_browser(to: &str, reference: &str) -> Result<(), TestCaseError> {
        let (there, called) = (Url::parse(to).unwrap(), Url::parse("https://api.example.com:8443/v1/items?x").unwrap());
        let host_of = |url: &Url| url.host_str().map(|host| host.strip_suffix('.').unwrap_or(host).to_owned());
        let is_default = |url: &Url| matches!((url.scheme(), url.port()), ("http" | "https", None));
        // Browsers skip a third slash, which this parser takes for an empty host; the table above has that one.
        let Ok(resolved) = called.join(reference) else { return Ok(()) };
        let names_origin = matches!(resolved.scheme(), "http" | "https")
            && host_of(&resolved) == host_of(&there)
            && (resolved.port_or_known_default() == there.port_or_known_default()
                || (is_default(&resolved) && is_default(&there)));
        let told = led_here(reference, &origin(to), OWN);
        prop_assert_eq!(told.is_some(), names_origin, "{} {:?} {:?}", reference, told, resolved.as_str());
        if let Some(told) = told {
            let (told, meant) = (called.join(&told).unwrap(), resolved);
            prop_assert_eq!(told.origin(), called.origin());
            let below =
                |url: &Url| (url.path().to_owned(), url.query().map(str::to_owned), url.fragment().map(str::to_owned));
            prop_assert_eq!(below(&told), below(&meant));
        }
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn exactly_what_a_browser_takes_for_the_origin_leads_here(
            to in "https://origin[.]example[.]com(:9443)?",
            space in "(| |\t|\u{1})",
            scheme in "(https|HTTPS|http|Http|ht\ttp|ftp|1http|)(:|)",
            slashes in "[/\\\\\t]{0,3}",
            user in "(|u@|u:p@|u@v@|@|origin[.]example[.]com@)",
            host in "(origin[.]example[.]com|ORIGIN[.]Example[.]com|origin[.]example[.]com[.]|origin[.]example[.]com[.][.]|%6frigin%2Eexample[.]com|elsewhere[.]example|origin[.]example[.]com[.]evil[.]example|api[.]example[.]com)",
            port in "(|:|:443|:80|:0443|:9443|:8443|:x|:99999)",
            tail in "(|/|/a/[.][.]/b[?]c#d|[?]x|#y|\\\\z|/\tb| |/\u{e9})",
        ) {
            check_against_a_browser(&to, &format!("{space}{scheme}{slashes}{user}{host}{port}{tail}"))?;
        }

        #[test]
        fn no_text_leads_to_the_origin_past_here(reference in "(https?:|//|/|\\\\|origin.example.com|:443|@|[?]|#|[.]|%2e| |a){0,8}") {
            check_against_a_browser("https://origin.example.com", &reference)?;
        }
    }
}
