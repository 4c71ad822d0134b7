//! The body of an OAuth request: a form in which each parameter stands at most once.

use zeroize::Zeroizing;

use crate::oauth::error::OAuthError;

/// The one content type of these endpoints (RFC 7662 §2.1, RFC 7009 §2.1).
const FORM: &str = "application/x-www-form-urlencoded";

/// The parameters that were sent, secrets among them: overwritten when they are dropped.
pub struct Form(Vec<(String, Zeroizing<String>)>);

impl Form {
    /// Reads a body. A parameter without a value counts as one that was not sent (RFC 6749 §3.2).
    ///
    /// # Errors
    /// [`OAuthError::UnsupportedMediaType`], [`OAuthError::Repeated`].
    pub fn parse(content_type: Option<&str>, body: &str) -> Result<Self, OAuthError> {
        let media_type = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        if !media_type.eq_ignore_ascii_case(FORM) {
            return Err(OAuthError::UnsupportedMediaType);
        }
        let mut parameters: Vec<(String, Zeroizing<String>)> = Vec::new();
        for (name, value) in form_urlencoded::parse(body.as_bytes()).filter(|(_, value)| !value.is_empty()) {
            if parameters.iter().any(|(known, _)| *known == name) {
                return Err(OAuthError::Repeated);
            }
            // A form of 64 KiB could hold more names than anybody means; none of them is ours.
            if parameters.len() < MOST_PARAMETERS {
                parameters.push((name.into_owned(), Zeroizing::new(value.into_owned())));
            } else {
                return Err(OAuthError::TooManyParameters);
            }
        }
        Ok(Self(parameters))
    }

    /// The value of a parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The value of a parameter that must be there.
    ///
    /// # Errors
    /// [`OAuthError::Missing`].
    pub fn require(&self, name: &'static str) -> Result<&str, OAuthError> {
        self.get(name).ok_or(OAuthError::Missing { parameter: name })
    }
}

/// The most parameters a request may have; five have a meaning here.
const MOST_PARAMETERS: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &str, name: &str, expected: Result<Option<&str>, OAuthError>) {
        let read = Form::parse(Some(FORM), body).map(|form| form.get(name).map(str::to_owned));
        assert_eq!(read, expected.map(|value| value.map(str::to_owned)), "{body:?}");
    }

    #[test]
    fn a_parameter_is_read_once_decoded() {
        check("token=abc&x=y", "token", Ok(Some("abc")));
        check("token=a%2Bb+c", "token", Ok(Some("a+b c")));
        check("to%6ben=abc", "token", Ok(Some("abc")));
        check("TOKEN=abc", "token", Ok(None));
        check("", "token", Ok(None));
        check("token", "token", Ok(None));
        check("token=&x=y", "token", Ok(None));
        check("token=%zz&&&=", "token", Ok(Some("%zz")));
        check("token=%ff", "token", Ok(Some("\u{fffd}")));
    }

    #[test]
    fn a_parameter_that_stands_twice_is_refused_also_when_nobody_reads_it() {
        check("token=a&token=a", "token", Err(OAuthError::Repeated));
        check("x=a&token=a&x=b", "token", Err(OAuthError::Repeated));
        check("token=&token=a", "token", Ok(Some("a")));
    }

    #[test]
    fn more_parameters_than_anybody_means_are_refused() {
        let body = |count: usize| (0..count).map(|number| format!("p{number}=1")).collect::<Vec<_>>().join("&");
        check(&body(MOST_PARAMETERS), "token", Ok(None));
        check(&body(MOST_PARAMETERS + 1), "token", Err(OAuthError::TooManyParameters));
    }

    #[test]
    fn only_a_form_is_read() {
        #[track_caller]
        fn check(content_type: Option<&str>, expected: bool) {
            let read = Form::parse(content_type, "token=a");
            assert_eq!(read.is_ok(), expected, "{content_type:?}");
        }
        check(Some("application/x-www-form-urlencoded"), true);
        check(Some("Application/X-WWW-Form-Urlencoded; charset=UTF-8"), true);
        check(Some("application/json"), false);
        check(Some("multipart/form-data; boundary=x"), false);
        check(Some(""), false);
        check(None, false);
    }
}
