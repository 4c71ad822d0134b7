//! What the operations of the console take.

use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::body::{ExactlyOne, Input, Reader, body, text};
use crate::fields::SecretText;
use domain::value::access_subject::{AccessSubject, MAXIMUM_BYTES};

/// What an operator signs in with, as it was sent.
pub enum SignInCredential {
    AccessToken(Zeroizing<String>),
    SignInCode(Zeroizing<String>),
}

body! {
    /// What an operator signs in with: `accessToken` or `signInCode`.
    pub SignInRequest -> SignInCredential {
        credentials: ExactlyOne<TokenOrCode>,
    } => |_reader| Some(credentials);

    /// An access token, or a sign-in code.
    TokenOrCode -> SignInCredential {
        /// An access token of the identity.
        token ["accessToken"]: Option<SecretText>,
        /// A code of a development installation.
        code ["signInCode"]: Option<SecretText>,
    } => |reader| match (token, code) {
        (Some(token), None) => Some(SignInCredential::AccessToken(token)),
        (None, Some(code)) => Some(SignInCredential::SignInCode(code)),
        (Some(_), Some(_)) => reader.at("signInCode", |reader| reader.refuse_because(ONE_OF_TWO)),
        (None, None) => {
            reader.at("accessToken", |reader| reader.refuse_because::<()>(ONE_OF_TWO));
            reader.at("signInCode", |reader| reader.refuse_because(ONE_OF_TWO))
        }
    };

    /// By which address Cloudflare Access knows an identity.
    pub SetAccessSubjectRequest -> AccessSubject {
        /// An e-mail address in ASCII. The case of its letters makes no difference.
        subject ["accessSubject"]: AccessSubject,
    } => |_reader| Some(subject);
}

const ONE_OF_TWO: &str = "Give either accessToken or signInCode";

impl Input for AccessSubject {
    type Value = Self;

    const EXPECTED: &'static str = "string";

    fn read(sent: &Value, reader: &mut Reader<'_>) -> Option<Self> {
        match Self::parse(text(sent, reader)?) {
            Ok(subject) => Some(subject),
            Err(_) => reader.refuse_because("Expected an e-mail address in ASCII"),
        }
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "minLength": 3, "maxLength": MAXIMUM_BYTES,
            "pattern": r#"^[!#-'*+\-./0-9:=?A-Z\[\]^_`a-z{|}~]+@[!#-'*+\-./0-9:=?A-Z\[\]^_`a-z{|}~]+$"#,
            "examples": ["ada@example.com"] })
    }
}
