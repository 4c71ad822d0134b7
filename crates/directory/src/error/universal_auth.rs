//! What can be wrong with a command about Universal Auth.

use std::net::IpAddr;

use domain::token::lockout::LockoutPolicyError;

/// Why a command about this was not carried out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum UniversalAuthError {
    /// The identity has no Universal Auth, which the operation needs.
    NotAttached {
        /// The identity's id as it was sent.
        identity: String,
    },
    /// The identity has Universal Auth already.
    AlreadyAttached,
    /// The period of a configuration is too long.
    PeriodAboveCeiling,
    /// The lockout of a configuration is not possible.
    Lockout(LockoutPolicyError),
    /// The identity has no such client secret.
    ClientSecretNotFound {
        /// The id as it was sent.
        id: String,
    },
    /// A login was refused.
    LoginRefused(LoginRefusal),
}

/// Why a login was refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LoginRefusal {
    /// There is no such client id, or the client secret is not one of its own, or not any more.
    InvalidCredentials,
    /// Too many failed logins lock the method for the moment.
    Locked,
    /// The client secret has expired.
    SecretExpired,
    /// The client secret has been used as often as it may be.
    SecretExhausted,
    /// The client's address is not among those from which the identity may log in.
    ClientAddressNotTrusted {
        /// The address that was seen.
        seen: IpAddr,
    },
    /// The identity may log in from some addresses only, and the client's address is not known.
    ClientAddressUnknown,
}
