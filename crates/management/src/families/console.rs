//! The operator's console: signing in and out, and by which address Cloudflare Access knows an identity. Not Infisical's.
//!
//! A session is opened by an access token, by Cloudflare Access or, in a development installation, by a sign-in code. The
//! Worker makes the session's secret and sets it as a cookie; the Directory is sent its digest.

pub mod bodies;
#[cfg(any(test, feature = "describe"))]
pub mod documentation;
pub mod options;
pub mod views;

use serde_json::json;

use crate::body::{Circumstances, read};
use crate::credentials::{SignIn, SignInWith};
use crate::endpoint::endpoints;
use crate::error::ManagementError;
use crate::families::console::bodies::{SetAccessSubjectRequest, SignInCredential, SignInRequest};
use crate::input;
use crate::preconditions;
use crate::request::Request;
use crate::surface::{More, Surface, answer, client_ip_not_trusted, not_found, unauthorized};
use directory::access_subjects;
use directory::console_sessions::{self, SignInBy};
use directory::context::Context;
use directory::error::DirectoryError;
use directory::error::console::{ConsoleError, SignInRefusal};
use directory::outcome::Changed;
use directory::sign_in_codes;
use domain::network::console_site::{ConsoleSite, NoConsoleHere};
use domain::token::access_assertion::AccessRefusal;
use domain::token::access_token::{AccessToken, PresentedToken};
use domain::token::console_session::SessionRefusal;
use domain::token::refusal::Refusal;
use domain::token::sign_in_code::{SignInCode, SignInCodes};
use domain::value::access_subject::AccessSubject;
use protocol::response::ApiResponse;
use protocol::settings::Settings;
use views::{AccessSubjectAnswer, SessionAnswer, SignInCodeAnswer, SignedOutAnswer};

endpoints! {
    /// The endpoints of the console.
    Console {
        CreateConsoleSignInCode by AuthSecret [POST "/api/v1/console/sign-in-codes"];
        SignInToConsole by ConsoleSignIn [POST "/api/v1/console/sessions"];
        SignInToConsoleByAccess by CloudflareAccess [POST "/api/v1/console/sessions/access"];
        GetConsoleSession by ConsoleSession [GET "/api/v1/console/session"];
        SignOutOfConsole by ConsoleSession [DELETE "/api/v1/console/session"];
        SignOutOfConsoleEverywhere by ConsoleSession [DELETE "/api/v1/console/sessions"];
        GetIdentityAccessSubject by AccessToken [GET "/api/v1/console/identities/:identityId/access-subject"];
        SetIdentityAccessSubject by AccessToken [PUT "/api/v1/console/identities/:identityId/access-subject"];
        RemoveIdentityAccessSubject by AccessToken [DELETE "/api/v1/console/identities/:identityId/access-subject"];
    }
}

/// What an operator signs in with, without the plaintext.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignInCredentials {
    /// The access token, if it is one.
    pub token: Option<PresentedToken>,
    /// With what.
    pub with: SignInWith,
}

/// What stands in the body of a sign-in. It stays in the Worker; what was not made with our secret is refused here, before
/// anything is asked.
///
/// # Errors
/// The errors of a body, or that the operator is not signed in.
pub fn read_credentials(
    content_type: Option<&str>,
    body: &str,
    settings: &Settings,
    site: ConsoleSite,
) -> Result<SignInCredentials, ManagementError> {
    let body = input::read_body(content_type, body)?;
    match read::<SignInRequest>(&body, Circumstances::ANY)? {
        SignInCredential::AccessToken(text) => {
            let token = AccessToken::parse(&text, &settings.token_keys);
            let token = token.map_err(|error| sign_in_refused(SignInRefusal::Token(Refusal::from(error))))?;
            Ok(SignInCredentials { token: Some(token.presented()), with: SignInWith::AccessToken })
        }
        SignInCredential::SignInCode(text) => {
            let code = SignInCode::parse(&text, &settings.session_keys).ok();
            let code = code.filter(|_| settings.sign_in_codes.are_for(site));
            let code = code.ok_or_else(|| sign_in_refused(SignInRefusal::Code))?;
            Ok(SignInCredentials { token: None, with: SignInWith::code(&code.digest()) })
        }
    }
}

/// The credentials of somebody whom Cloudflare Access has let through.
pub fn access_credentials(subject: &AccessSubject) -> SignInCredentials {
    SignInCredentials { token: None, with: SignInWith::CloudflareAccess { subject: subject.to_string() } }
}

/// The operator is not signed in.
pub fn sign_in_refused(refusal: SignInRefusal) -> ManagementError {
    DirectoryError::from(ConsoleError::SignInRefused(refusal)).into()
}

/// What Cloudflare Access said does not count.
pub fn access_refused(refusal: AccessRefusal) -> ManagementError {
    sign_in_refused(SignInRefusal::Access(refusal))
}

/// The session does not count.
pub fn session_refused(refusal: SessionRefusal) -> ManagementError {
    DirectoryError::from(ConsoleError::SessionRefused(refusal)).into()
}

pub fn run(
    context: &mut Context<'_>,
    request: &Request<'_>,
    endpoint: Console,
) -> Result<ApiResponse, ManagementError> {
    let identity = request.parameter("identityId");
    match endpoint {
        Console::CreateConsoleSignInCode => match context.settings.sign_in_codes {
            SignInCodes::Off => Err(request.not_found()),
            SignInCodes::Development => {
                let issued = sign_in_codes::issue(context)?;
                Ok(request.ok(&SignInCodeAnswer::from(&issued)))
            }
        },
        Console::SignInToConsole | Console::SignInToConsoleByAccess => {
            let SignIn { session, with } = request.sign_in().ok_or(ManagementError::Internal)?;
            let by = match with {
                SignInWith::AccessToken => SignInBy::AccessToken(request.presented()?),
                SignInWith::SignInCode { .. } | SignInWith::CloudflareAccess { .. } => {
                    with.to_domain().ok_or(ManagementError::Internal)?
                }
            };
            let session = session.to_domain().ok_or(ManagementError::Internal)?;
            let opened = console_sessions::open(context, &session, &by)?;
            Ok(request.ok(&SessionAnswer::from(&opened)))
        }
        Console::GetConsoleSession => {
            let (session, _) = request.console_session(context)?;
            Ok(request.ok(&SessionAnswer::from(&session)))
        }
        Console::SignOutOfConsole => {
            let (session, actor) = request.console_session(context)?;
            console_sessions::close(context, &session, &actor)?;
            Ok(request.ok(&SignedOutAnswer::HERE))
        }
        Console::SignOutOfConsoleEverywhere => {
            let (_, actor) = request.console_session(context)?;
            console_sessions::close_all(context, &actor)?;
            Ok(request.ok(&SignedOutAnswer::EVERYWHERE))
        }
        Console::GetIdentityAccessSubject => {
            let actor = request.actor(context)?;
            let found = access_subjects::get(context, &actor, identity)?;
            Ok(preconditions::tagged(request.ok(&AccessSubjectAnswer::from(&found)), &found))
        }
        Console::SetIdentityAccessSubject => {
            let actor = request.actor(context)?;
            let subject = request.body::<SetAccessSubjectRequest>()?;
            let set = access_subjects::set(context, &actor, identity, &subject)?;
            let Changed { after: changed, .. } = preconditions::guard(request, set)?;
            Ok(preconditions::tagged(request.ok(&AccessSubjectAnswer::from(&changed)), &changed))
        }
        Console::RemoveIdentityAccessSubject => {
            let actor = request.actor(context)?;
            let removed = access_subjects::remove(context, &actor, identity)?;
            let Changed { after: changed, .. } = preconditions::guard(request, removed)?;
            Ok(request.ok(&AccessSubjectAnswer::from(&changed)))
        }
    }
}

/// What a client reads of an error. Whoever is not signed in reads one text, whatever the reason, but for one: once the
/// secret has matched, the address that was seen is named.
pub(crate) fn surface(error: &ConsoleError) -> Surface {
    match error {
        ConsoleError::SessionRefused(SessionRefusal::Token(Refusal::ClientAddressNotTrusted { seen }))
        | ConsoleError::SignInRefused(SignInRefusal::Token(Refusal::ClientAddressNotTrusted { seen })) => {
            client_ip_not_trusted(Some(*seen))
        }
        ConsoleError::SessionRefused(SessionRefusal::Token(Refusal::ClientAddressUnknown))
        | ConsoleError::SignInRefused(SignInRefusal::Token(Refusal::ClientAddressUnknown)) => {
            client_ip_not_trusted(None)
        }
        ConsoleError::SessionRefused(_) => answer(401, "SessionEnded", "Your session has ended. Sign in again."),
        ConsoleError::SignInRefused(_) => {
            unauthorized("This does not sign you in. It may have expired, been revoked or been used up.")
        }
        ConsoleError::NoAdministrator => {
            not_found("There is nobody to sign in: create the first organization with POST /api/v1/admin/bootstrap")
        }
        ConsoleError::AccessSubjectTaken => {
            answer(409, "AccessSubjectTaken", "Another identity of the organization has this address")
                .with_details(json!({}))
        }
    }
}

/// What a client reads that is no console, or where there cannot be one.
pub(crate) fn no_console(reason: NoConsoleHere) -> Surface {
    match reason {
        NoConsoleHere::Insecure => answer(403, "ForbiddenError", "Signing in needs https"),
        NoConsoleHere::SharedHost => answer(
            403,
            "ForbiddenError",
            "This host serves origins as well, and their pages could act as you. Name a host for the console in CONTROL_HOSTS.",
        ),
    }
}
