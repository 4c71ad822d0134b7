//! What the document says of the console.

use super::bodies::{GivableRolesQuery, SetAccessSubjectRequest, SignInRequest};
use super::views::{
    AccessSubjectAnswer, GivableProjectRolesAnswer, GivableRolesAnswer, SessionAnswer, SignInCodeAnswer,
    SignInOptionsAnswer, SignedOutAnswer,
};
use crate::families::console::Console;
use crate::families::console::options::SignInOptions;
use crate::openapi::describe::{Description, Tag};

/// What the document says of the ways to sign in.
pub fn options(endpoint: SignInOptions) -> Description {
    let tag = Tag::Console;
    match endpoint {
        SignInOptions::GetConsoleSignInOptions => {
            Description::new::<SignInOptionsAnswer>(tag, "Say how one can sign in to the console here")
                .details("Nobody has to be signed in.")
        }
    }
}

/// What the document says of the console.
pub fn description(endpoint: Console) -> Description {
    let tag = Tag::Console;
    match endpoint {
        Console::CreateConsoleSignInCode => Description::new::<SignInCodeAnswer<'_>>(
            tag,
            "Create a code that signs the first administrator in, once",
        )
        .details("For development only: there is no such route unless `CONSOLE_SIGN_IN_CODES` is set, nor at any host but this machine. A code lives for a minute.")
        .can_miss(),
        Console::SignInToConsole => Description::new::<SessionAnswer<'_>>(tag, "Sign in to the console")
            .details("Consumes a use of a token whose uses are limited. The session is in a cookie that the answer sets, and stands for as long as the token does.")
            .takes::<SignInRequest>(),
        Console::SignInToConsoleByAccess => Description::new::<SessionAnswer<'_>>(
            tag,
            "Sign in to the console as whom Cloudflare Access knows",
        )
        .details("The assertion of Cloudflare Access is in a header that it sets itself. There is no such route unless Access is set up.")
        .can_miss(),
        Console::GetConsoleSession => Description::new::<SessionAnswer<'_>>(tag, "Get the session in the console")
            .details("Who is signed in, and until when."),
        Console::SignOutOfConsole => Description::new::<SignedOutAnswer>(tag, "Sign out of the console")
            .details("The session has ended when this is answered."),
        Console::SignOutOfConsoleEverywhere => Description::new::<SignedOutAnswer>(
            tag,
            "End all sessions of the identity in the console",
        )
        .details("Those of other browsers too. The token stays what it is."),
        Console::GetIdentityAccessSubject => Description::new::<AccessSubjectAnswer<'_>>(
            tag,
            "Get the address by which Cloudflare Access knows an identity",
        )
        .details("Null when it has none.")
        .tagged(),
        Console::SetIdentityAccessSubject => Description::new::<AccessSubjectAnswer<'_>>(
            tag,
            "Say by which address Cloudflare Access knows an identity",
        )
        .details("Who signs in by Access with this address is this identity. An address belongs to one identity of the organization.")
        .takes::<SetAccessSubjectRequest>()
        .tagged()
        .conditional()
        .can_conflict(),
        Console::RemoveIdentityAccessSubject => Description::new::<AccessSubjectAnswer<'_>>(
            tag,
            "Take away the address by which Cloudflare Access knows an identity",
        )
        .details("The sessions that were opened by it end.")
        .conditional(),
        Console::ListGivableOrganizationRoles => Description::new::<GivableRolesAnswer<'_>>(
            tag,
            "List which roles the caller may give",
        )
        .details("What the caller would have to hold as well, before it tries. Giving a role to an identity also needs to hold what it has.")
        .asks::<GivableRolesQuery>(),
        Console::ListGivableProjectRoles => Description::new::<GivableProjectRolesAnswer<'_>>(
            tag,
            "List which roles of a project the caller may give",
        )
        .details("What the caller would have to hold as well, before it tries, for good and for a time. Giving a role to a member also needs to hold what it has.")
        .asks::<GivableRolesQuery>(),
    }
}
