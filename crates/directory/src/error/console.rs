//! What can be wrong with a command about the console.

use domain::token::access_assertion::AccessRefusal;
use domain::token::console_session::SessionRefusal;
use domain::token::refusal::Refusal;

/// Why a command about this was not carried out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ConsoleError {
    /// The session that was shown does not count.
    SessionRefused(SessionRefusal),
    /// The operator is not signed in.
    SignInRefused(SignInRefusal),
    /// There is nobody whom a sign-in code could sign in.
    NoAdministrator,
    /// Another identity is known to Cloudflare Access by this address.
    AccessSubjectTaken,
}

impl ConsoleError {
    /// The code of an error, for the log.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::SessionRefused(refusal) => refusal.code(),
            Self::SignInRefused(refusal) => refusal.code(),
            Self::NoAdministrator => "no_administrator",
            Self::AccessSubjectTaken => "access_subject_taken",
        }
    }
}

/// Why an operator is not signed in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SignInRefusal {
    Token(Refusal),
    /// There is no such code, any more.
    Code,
    /// What Cloudflare Access said does not count.
    Access(AccessRefusal),
}

impl SignInRefusal {
    /// The stable machine-readable code, for the log.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Token(refusal) => refusal.code(),
            Self::Code => "sign_in_code",
            Self::Access(refusal) => refusal.code(),
        }
    }
}
