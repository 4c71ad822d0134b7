//! The cookies of a request as the origin gets them: all but ours.
//!
//! A browser sends the console's cookie along with every request to the host. No origin may see it: it stands for the
//! operator.

use crate::gateway::claim_headers::plain_name;
use crate::gateway::reserved_headers::IDENTITY_PREFIX;

/// Whether a cookie of this name is ours, in any spelling that some program takes for the same.
pub fn is_ours(name: &str) -> bool {
    let plain = plain_name(name.trim());
    let bare = plain.strip_prefix("--host-").or_else(|| plain.strip_prefix("--secure-")).unwrap_or(&plain);
    bare.starts_with(IDENTITY_PREFIX)
}

/// The value of `Cookie` for the origin, byte by byte where none of ours is in it; `None` when nothing is left.
pub fn without_ours(cookies: &str) -> Option<String> {
    // Several headers of the name arrive joined by a comma. A value may hold one, too: so a cookie is what stands between
    // semicolons, and passes only if none of ours could be in it.
    let is_kept = |pair: &&str| !pair.split(',').any(|part| is_ours(name_of(part)));
    if cookies.split(';').all(|pair| is_kept(&pair)) {
        return Some(cookies.to_owned());
    }
    let kept: Vec<&str> = cookies.split(';').filter(is_kept).map(str::trim).filter(|pair| !pair.is_empty()).collect();
    (!kept.is_empty()).then(|| kept.join("; "))
}

/// The name of a cookie. One without a name may be sent as its value alone, which may look like a name and a value.
fn name_of(pair: &str) -> &str {
    pair.trim_start_matches(['=', ' ', '\t']).split('=').next().unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_origin_gets_every_cookie_but_ours() {
        #[track_caller]
        fn check(cookies: &str, expected: Option<&str>) {
            assert_eq!(without_ours(cookies).as_deref(), expected, "{cookies:?}");
        }
        for whole in ["a=b", "a=b; c=d", "a=b;c=d;", "", "token=x; auth=y", "a=token-auth-console", "x-token-auth-=1"] {
            check(whole, Some(whole));
        }
        check("__Host-token-auth-console=x", None);
        check("token-auth-console=x", None);
        check("token-auth-console", None);
        check("=token-auth-console=x", None);
        check("a=b; __Host-token-auth-console=x; c=d", Some("a=b; c=d"));
        check("a=1,2; token-auth-console=x; c=\"d, e\"", Some("a=1,2; c=\"d, e\""));
        check("a=b, token-auth-console=x; c=d", Some("c=d"));
        check("__HOST-Token_Auth_Console=x;a=b", Some("a=b"));
        check("__Secure-token.auth.console=x; a=b", Some("a=b"));
        check("token-auth-console=x; token-auth-console=y", None);
        check("a=b; token-auth-anything=x", Some("a=b"));
    }

    proptest! {
        #[test]
        fn whatever_stands_around_it_ours_does_not_pass(before in "[ -~]{0,12}", after in "[ -~]{0,12}") {
            let sent = format!("{before}; __Host-token-auth-console=secret; {after}");
            prop_assert!(!without_ours(&sent).unwrap_or_default().contains("secret"));
        }
    }
}
