//! How the caller of an OAuth endpoint shows who it is (RFC 6749 §2.3).
//!
//! A client sends its client id and client secret as HTTP Basic or in the body; a resource server may send an access token
//! as bearer instead. Whether they are right is decided elsewhere.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::oauth::error::{OAuthError, Scheme};
use crate::oauth::form::Form;
use domain::token::client_secret::{ClientSecret, PresentedClientSecret};
use domain::value::identifiers::ClientId;
use protocol::bearer::{CredentialsError, bearer_token};

/// What the caller showed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CallerCredentials<'a> {
    /// Nothing that proves anything. A client id alone is a name (RFC 6749 §2.2).
    None,
    /// A client id and a client secret.
    Client(ClientId, PresentedClientSecret),
    /// A bearer's text.
    Bearer(&'a str),
}

/// Reads what the caller showed. Credentials that have not the shape of any that exist are refused here, before anything is
/// asked.
///
/// # Errors
/// [`OAuthError::SeveralMethods`], [`OAuthError::MalformedAuthorization`], [`OAuthError::ClientRefused`].
pub fn read<'a>(authorization: Option<&'a str>, form: &Form) -> Result<CallerCredentials<'a>, OAuthError> {
    let in_body = (form.get("client_id"), form.get("client_secret"));
    let Some(header) = authorization.map(|header| header.trim_matches([' ', '\t'])).filter(|header| !header.is_empty())
    else {
        return match in_body {
            (Some(client), Some(secret)) => client_of(client, secret).ok_or(unknown_client()),
            // RFC 6749 §2.3.1: a client secret belongs to a client id.
            (None, Some(_)) => Err(OAuthError::Missing { parameter: "client_id" }),
            (Some(_) | None, None) => Ok(CallerCredentials::None),
        };
    };
    let (scheme, value) = header.split_once(' ').unwrap_or((header, ""));
    // Two headers arrive joined by a comma, which neither a Basic nor a Bearer credential holds.
    if in_body.1.is_some() || header.contains(',') {
        return Err(OAuthError::SeveralMethods);
    }
    if scheme.eq_ignore_ascii_case("basic") {
        let decoded = decode_basic(value.trim_start_matches(' '));
        let credentials = decoded.and_then(|text| text.split_once(':').and_then(|(id, secret)| basic(id, secret)));
        let credentials = credentials.ok_or(unknown_client())?;
        return match (&credentials, in_body.0) {
            // Some clients name themselves in the body as well; they must not name somebody else.
            (CallerCredentials::Client(client, _), Some(named)) if ClientId::parse(named) != Some(*client) => {
                Err(OAuthError::SeveralMethods)
            }
            _ => Ok(credentials),
        };
    }
    if in_body.0.is_some() {
        return Err(OAuthError::SeveralMethods);
    }
    match bearer_token(authorization) {
        Ok(token) => Ok(CallerCredentials::Bearer(token)),
        Err(CredentialsError::Several) => Err(OAuthError::SeveralMethods),
        Err(CredentialsError::Malformed) => Err(OAuthError::MalformedAuthorization),
        // A scheme that is not supported authenticates nobody.
        Err(CredentialsError::Missing) => Err(unknown_client()),
    }
}

const fn unknown_client() -> OAuthError {
    OAuthError::ClientNotAuthenticated { challenge: Scheme::Basic }
}

fn client_of<'a>(client: &str, secret: &str) -> Option<CallerCredentials<'a>> {
    let (client, secret) = ClientId::parse(client).zip(ClientSecret::parse(secret))?;
    Some(CallerCredentials::Client(client, secret.presented()))
}

/// A user name and password of HTTP Basic. RFC 6749 §2.3.1 wants both form-url-encoded, and many clients send them as they
/// are. Client ids and client secrets consist of letters, digits and hyphens, so at most one reading has their shape.
fn basic<'a>(id: &str, secret: &str) -> Option<CallerCredentials<'a>> {
    client_of(id, secret).or_else(|| client_of(&form_decoded(id), &form_decoded(secret)))
}

fn decode_basic(value: &str) -> Option<Zeroizing<String>> {
    STANDARD.decode(value).ok().and_then(|bytes| String::from_utf8(bytes).ok()).map(Zeroizing::new)
}

/// Decodes one form-url-encoded value. A `=` or `&` in it is part of the value.
fn form_decoded(text: &str) -> Zeroizing<String> {
    let escaped = Zeroizing::new(text.replace('&', "%26"));
    // What stands before the first `=` would be the name; an empty name makes all of it the value.
    let pair = Zeroizing::new(format!("={}", escaped.as_str()));
    let value = form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned());
    Zeroizing::new(value.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CLIENT: &str = "9183f21d-13b2-43b5-bb7b-779c128da22a";
    const OTHER: &str = "96ed76d0-13b2-43b5-bb7b-779c128da22a";

    fn secret() -> String {
        "0f".repeat(32)
    }

    fn client() -> CallerCredentials<'static> {
        client_of(CLIENT, &secret()).unwrap()
    }

    fn basic_header(pair: &str) -> String {
        format!("Basic {}", STANDARD.encode(pair))
    }

    fn form_with(body: &str) -> Form {
        Form::parse(Some("application/x-www-form-urlencoded"), body).unwrap()
    }

    #[track_caller]
    fn check(header: Option<&str>, body: &str, expected: Result<CallerCredentials<'_>, OAuthError>) {
        assert_eq!(read(header, &form_with(body)), expected, "{header:?} {body:?}");
    }

    fn refused() -> Result<CallerCredentials<'static>, OAuthError> {
        Err(OAuthError::ClientNotAuthenticated { challenge: Scheme::Basic })
    }

    #[test]
    fn a_client_shows_its_secret_as_basic_raw_or_form_encoded_or_in_the_body() {
        let raw = format!("{CLIENT}:{}", secret());
        check(Some(&basic_header(&raw)), "token=t", Ok(client()));
        check(Some(&basic_header(&raw).replace("Basic ", "bAsIc   ")), "token=t", Ok(client()));
        let encoded = format!("{}:%30%66{}", CLIENT.replace('-', "%2D"), "0f".repeat(31));
        check(Some(&basic_header(&encoded)), "token=t", Ok(client()));
        check(None, &format!("client_id={CLIENT}&client_secret={}", secret()), Ok(client()));
        check(Some(""), &format!("client_id={CLIENT}&client_secret={}", secret()), Ok(client()));
        check(Some(&basic_header(&raw)), &format!("client_id={CLIENT}"), Ok(client()));
    }

    #[test]
    fn a_bearer_is_read_as_everywhere_else() {
        check(Some("Bearer tka_abc"), "token=t", Ok(CallerCredentials::Bearer("tka_abc")));
        check(Some("bearer tka_abc"), "token=t", Ok(CallerCredentials::Bearer("tka_abc")));
        check(Some("Bearer a b"), "token=t", Err(OAuthError::MalformedAuthorization));
        check(Some("Bearer"), "token=t", Err(OAuthError::MalformedAuthorization));
    }

    #[test]
    fn nothing_or_a_name_alone_proves_nothing() {
        check(None, "token=t", Ok(CallerCredentials::None));
        check(None, &format!("client_id={CLIENT}"), Ok(CallerCredentials::None));
        check(None, "client_secret=x", Err(OAuthError::Missing { parameter: "client_id" }));
    }

    #[test]
    fn more_than_one_method_is_refused() {
        let (raw, post) = (format!("{CLIENT}:{}", secret()), format!("client_id={CLIENT}&client_secret={}", secret()));
        check(Some(&basic_header(&raw)), &post, Err(OAuthError::SeveralMethods));
        check(Some("Bearer a"), &post, Err(OAuthError::SeveralMethods));
        check(Some("Bearer a"), &format!("client_id={CLIENT}"), Err(OAuthError::SeveralMethods));
        check(Some(&basic_header(&raw)), &format!("client_id={OTHER}"), Err(OAuthError::SeveralMethods));
        check(Some(&format!("{}, Bearer a", basic_header(&raw))), "token=t", Err(OAuthError::SeveralMethods));
        check(Some("Bearer a, Bearer a"), "token=t", Err(OAuthError::SeveralMethods));
    }

    #[test]
    fn what_has_not_the_shape_of_credentials_is_refused_unasked() {
        let capital = format!("{CLIENT}:{}", secret().to_uppercase());
        for pair in ["", ":", "a:b", CLIENT, &format!("{CLIENT}:"), &format!(":{}", secret()), &capital] {
            check(Some(&basic_header(pair)), "token=t", refused());
        }
        for header in ["Basic", "Basic !", "Basic YTpi=", "Basic /////w==", "Negotiate abc", "Digest a=b"] {
            check(Some(header), "token=t", refused());
        }
        check(None, &format!("client_id={CLIENT}&client_secret=guess"), refused());
        check(None, &format!("client_id=guess&client_secret={}", secret()), refused());
    }

    #[test]
    fn a_value_is_decoded_as_one_value() {
        assert_eq!(form_decoded("a%2Db+c").as_str(), "a-b c");
        assert_eq!(form_decoded("a=b&c").as_str(), "a=b&c");
        assert_eq!(form_decoded("").as_str(), "");
    }

    proptest! {
        #[test]
        fn any_header_is_read_without_a_panic(header in any::<String>(), pair in any::<String>()) {
            let _ = read(Some(&header), &form_with("token=t"));
            let _ = read(Some(&basic_header(&pair)), &form_with("token=t"));
        }
    }
}
