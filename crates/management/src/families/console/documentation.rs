//! What the document says of the console.

#![expect(dead_code, reason = "requests are described and never made")]

use schemars::JsonSchema;
use serde_json::{Value, json};

use super::Operation;
use super::bodies;
use super::views::{AccessSubjectAnswer, SessionAnswer, SignInCodeAnswer, SignInOptionsAnswer, SignedOutAnswer};
use crate::openapi::describe::{Description, Tag, shown};

/// What the document says of an operation.
pub fn description(operation: Operation) -> Description {
    use Operation as O;
    let tag = Tag::Console;
    match operation {
        O::GetSignInOptions => Description::new::<SignInOptionsAnswer>(
            tag,
            "getConsoleSignInOptions",
            "Say how one can sign in to the console here",
        )
        .details("Nobody has to be signed in."),
        O::CreateSignInCode => Description::new::<SignInCodeAnswer<'_>>(
            tag,
            "createConsoleSignInCode",
            "Create a code that signs the first administrator in, once",
        )
        .details("For development only: there is no such route unless `CONSOLE_SIGN_IN_CODES` is set, nor at any host but this machine. A code lives for a minute.")
        .can_miss(),
        O::SignIn => Description::new::<SessionAnswer<'_>>(tag, "signInToConsole", "Sign in to the console")
            .details("Consumes a use of a token whose uses are limited. The session is in a cookie that the answer sets, and stands for as long as the token does.")
            .takes::<SignInRequest>(|body| shown(bodies::credentials(body))),
        O::SignInByAccess => Description::new::<SessionAnswer<'_>>(
            tag,
            "signInToConsoleByAccess",
            "Sign in to the console as whom Cloudflare Access knows",
        )
        .details("The assertion of Cloudflare Access is in a header that it sets itself. There is no such route unless Access is set up.")
        .can_miss(),
        O::GetSession => Description::new::<SessionAnswer<'_>>(tag, "getConsoleSession", "Get the session in the console")
            .details("Who is signed in, and until when."),
        O::SignOut => Description::new::<SignedOutAnswer>(tag, "signOutOfConsole", "Sign out of the console")
            .details("The session has ended when this is answered."),
        O::SignOutEverywhere => Description::new::<SignedOutAnswer>(
            tag,
            "signOutOfConsoleEverywhere",
            "End all sessions of the identity in the console",
        )
        .details("Those of other browsers too. The token stays what it is."),
        O::GetAccessSubject => Description::new::<AccessSubjectAnswer<'_>>(
            tag,
            "getIdentityAccessSubject",
            "Get the address by which Cloudflare Access knows an identity",
        )
        .details("Null when it has none.")
        .tagged(),
        O::SetAccessSubject => Description::new::<AccessSubjectAnswer<'_>>(
            tag,
            "setIdentityAccessSubject",
            "Say by which address Cloudflare Access knows an identity",
        )
        .details("Who signs in by Access with this address is this identity. An address belongs to one identity of the organization.")
        .takes::<SetAccessSubjectRequest>(|body| shown(bodies::access_subject(body)))
        .tagged()
        .conditional()
        .can_conflict(),
        O::RemoveAccessSubject => Description::new::<AccessSubjectAnswer<'_>>(
            tag,
            "removeIdentityAccessSubject",
            "Take away the address by which Cloudflare Access knows an identity",
        )
        .details("The sessions that were opened by it end.")
        .conditional(),
    }
}

fn one_of_two() -> Value {
    json!([{ "required": ["accessToken"] }, { "required": ["signInCode"] }])
}

/// What an operator signs in with: `accessToken` or `signInCode`.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", extend("oneOf" = one_of_two()))]
struct SignInRequest {
    /// An access token of the identity.
    access_token: Option<String>,
    /// A code of a development installation.
    sign_in_code: Option<String>,
}

/// An address.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
struct SetAccessSubjectRequest {
    /// An e-mail address in ASCII. The case of its letters makes no difference.
    #[schemars(length(max = domain::value::access_subject::MAXIMUM_BYTES), regex(pattern = r#"^[^\s@"\\,;<>()]+@[^\s@"\\,;<>()]+$"#), extend("examples" = ["ada@example.com"]))]
    access_subject: String,
}
