//! The `Authorization` header of a bearer (RFC 6750 §2.1).

/// Why a request carries no usable credentials.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CredentialsError {
    /// There is no `Authorization` header, or it is of another scheme.
    Missing,
    /// More than one credential: two headers, which arrive joined by a comma, or a list in one.
    Several,
    /// The scheme is `Bearer`, and what follows is no `b64token`.
    Malformed,
}

/// The token of a `Bearer` header. The scheme is matched in any case (RFC 9110 §11.1).
pub fn bearer_token(authorization: Option<&str>) -> Result<&str, CredentialsError> {
    let header = authorization.ok_or(CredentialsError::Missing)?.trim_matches([' ', '\t']);
    let (scheme, rest) = match header.split_once(' ') {
        Some((scheme, rest)) => (scheme, rest.trim_start_matches(' ')),
        None => (header, ""),
    };
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(if header.contains(',') && mentions_bearer(header) {
            CredentialsError::Several
        } else {
            CredentialsError::Missing
        });
    }
    if rest.contains(',') {
        return Err(CredentialsError::Several);
    }
    if is_b64token(rest) { Ok(rest) } else { Err(CredentialsError::Malformed) }
}

/// `Basic …, Bearer …` is two credentials as well.
fn mentions_bearer(header: &str) -> bool {
    header.split(',').any(|part| part.trim_start().get(..6).is_some_and(|word| word.eq_ignore_ascii_case("bearer")))
}

/// `1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="` (RFC 6750 §2.1).
fn is_b64token(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    !body.is_empty()
        && body
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_one_bearer_token_is_accepted() {
        #[track_caller]
        fn check(header: Option<&str>, expected: Result<&str, CredentialsError>) {
            assert_eq!(bearer_token(header), expected, "{header:?}");
        }
        use CredentialsError::{Malformed, Missing, Several};
        check(None, Err(Missing));
        check(Some(""), Err(Missing));
        check(Some("Basic YTpi"), Err(Missing));
        check(Some("tka_abc"), Err(Missing));
        check(Some("Bearer tka_abc"), Ok("tka_abc"));
        check(Some("bearer tka_abc"), Ok("tka_abc"));
        check(Some("BEARER   tka_abc"), Ok("tka_abc"));
        check(Some(" Bearer tka_abc "), Ok("tka_abc"));
        check(Some("Bearer abc.def-_~+/=="), Ok("abc.def-_~+/=="));
        check(Some("Bearer"), Err(Malformed));
        check(Some("Bearer "), Err(Malformed));
        check(Some("Bearer ="), Err(Malformed));
        check(Some("Bearer a b"), Err(Malformed));
        check(Some("Bearer\ta"), Err(Missing));
        check(Some("Bearer a=b"), Err(Malformed));
        check(Some("Bearer \"a\""), Err(Malformed));
        check(Some("Bearer é"), Err(Malformed));
        check(Some("Bearer a, Bearer b"), Err(Several));
        check(Some("Bearer a,Bearer b"), Err(Several));
        check(Some("Bearer a,b"), Err(Several));
        check(Some("Basic YTpi, Bearer b"), Err(Several));
        check(Some("Basic YTpi, realm=x"), Err(Missing));
    }
}
