//! Why a token was refused.
//!
//! A refusal is precise: logs, the audit and `explain` show its [`code`](Refusal::code). The error surfaces in `http`
//! choose what the bearer learns, which is bland.

use std::net::IpAddr;

use crate::token::access_token::AccessTokenError;
use crate::value::timestamp::Timestamp;

/// The first check that failed, in the order of the checks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// The text has not the shape of an access token.
    Malformed,
    /// The token's tag was not made with our secret.
    Forged,
    Unknown,
    /// The token exists, and its secret is another one.
    WrongSecret,
    Revoked,
    /// The token's TTL or max TTL has passed.
    Expired {
        at: Timestamp,
    },
    IdentityDeleted,
    /// The authentication method has been removed from the identity since the token was created.
    AuthMethodRemoved,
    /// The client secret that the token was obtained with has been revoked.
    ClientSecretRevoked,
    /// The client's address is not among the trusted IPs.
    ClientAddressNotTrusted {
        seen: IpAddr,
    },
    /// Trusted IPs are in force and the client's address is not known.
    ClientAddressUnknown,
    /// The token has been used as often as it may be.
    UsesExhausted,
}

impl Refusal {
    /// The stable machine-readable code. WARNING: rules of log processors and alerts are written against these.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Forged => "forged",
            Self::Unknown => "unknown",
            Self::WrongSecret => "wrong_secret",
            Self::Revoked => "revoked",
            Self::Expired { .. } => "expired",
            Self::IdentityDeleted => "identity_deleted",
            Self::AuthMethodRemoved => "auth_method_removed",
            Self::ClientSecretRevoked => "client_secret_revoked",
            Self::ClientAddressNotTrusted { .. } => "client_ip_not_trusted",
            Self::ClientAddressUnknown => "client_ip_unknown",
            Self::UsesExhausted => "uses_exhausted",
        }
    }
}

impl From<AccessTokenError> for Refusal {
    fn from(error: AccessTokenError) -> Self {
        match error {
            AccessTokenError::Malformed => Self::Malformed,
            AccessTokenError::Forged => Self::Forged,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusal_codes_unchanged() {
        let refusals = [
            Refusal::Malformed,
            Refusal::Forged,
            Refusal::Unknown,
            Refusal::WrongSecret,
            Refusal::Revoked,
            Refusal::Expired { at: Timestamp::from_milliseconds(0) },
            Refusal::IdentityDeleted,
            Refusal::AuthMethodRemoved,
            Refusal::ClientSecretRevoked,
            Refusal::ClientAddressNotTrusted { seen: IpAddr::from([192, 0, 2, 1]) },
            Refusal::ClientAddressUnknown,
            Refusal::UsesExhausted,
        ];
        let codes: Vec<&str> = refusals.iter().map(Refusal::code).collect();
        assert_eq!(
            codes.join(" "),
            "malformed forged unknown wrong_secret revoked expired identity_deleted auth_method_removed \
             client_secret_revoked client_ip_not_trusted client_ip_unknown uses_exhausted"
        );
    }
}
