//! What the operations of the console take.

use serde_json::Value;

use crate::error::ManagementError;
use crate::input::{Fields, Issue};
use domain::value::access_subject::AccessSubject;

/// What an operator signs in with, as it was sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Credentials<'a> {
    /// An access token.
    AccessToken(&'a str),
    /// A sign-in code.
    SignInCode(&'a str),
}

/// What an operator signs in with: exactly one of the two.
///
/// # Errors
/// [`ManagementError::Invalid`]; so do all functions below.
pub fn credentials(body: &Value) -> Result<Credentials<'_>, ManagementError> {
    let mut fields = Fields::new(body);
    let code = fields.optional_string("signInCode").map(str::trim);
    let Some(code) = code else {
        let token = fields.string("accessToken").map(str::trim).map(Credentials::AccessToken);
        return fields.finish(token);
    };
    if fields.optional_string("accessToken").is_some() {
        let path = fields.path("signInCode");
        fields.push(Issue::custom("Expected one of accessToken and signInCode", path));
    }
    fields.finish(Some(Credentials::SignInCode(code)))
}

/// The address by which Cloudflare Access knows an identity.
pub fn access_subject(body: &Value) -> Result<AccessSubject, ManagementError> {
    let mut fields = Fields::new(body);
    let subject = match fields.string("accessSubject").map(AccessSubject::parse) {
        Some(Ok(subject)) => Some(subject),
        Some(Err(_)) => {
            let path = fields.path("accessSubject");
            fields.push(Issue::custom("Expected an e-mail address in ASCII", path));
            None
        }
        None => None,
    };
    fields.finish(subject)
}
