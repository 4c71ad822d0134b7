//! What an assertion of Cloudflare Access must say to count: a JWT (RFC 7519) that Access puts into the requests of those
//! whom it has let through. Its signature is checked elsewhere, and first.

use crate::value::access_subject::AccessSubject;
use crate::value::timestamp::Seconds;
use crate::value::timestamp::Timestamp;

/// The one algorithm that Access signs with. An assertion cannot choose another: neither `none`, nor one for which the
/// public key would be a shared secret (RFC 8725 §2.1, §3.1).
pub const ALGORITHM: &str = "RS256";

/// How far ahead the clock may be that an assertion was made by.
const CLOCK_SKEW: Seconds = Seconds::new(60);

/// The application of Access that stands before the console.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccessApplication {
    /// Who makes its assertions: the origin of the team's domain.
    pub issuer: String,
    /// Whom they are for: the application's audience tag.
    pub audience: String,
}

/// The claims of an assertion. Points in time are in seconds since the epoch, as they were written.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AccessClaims {
    /// `iss`.
    pub issuer: Option<String>,
    /// `aud`.
    pub audiences: Vec<String>,
    /// `exp`.
    pub expires: Option<i64>,
    /// `nbf`.
    pub not_before: Option<i64>,
    /// `iat`.
    pub issued: Option<i64>,
    /// `email`. Those of services have none.
    pub email: Option<String>,
}

/// Why an assertion does not count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AccessRefusal {
    /// It is none, or cannot be read.
    Malformed,
    /// It names another algorithm than [`ALGORITHM`].
    Algorithm,
    /// The team has no such key.
    UnknownKey,
    /// Nobody with the team's key signed exactly this.
    Signature,
    /// Another team's.
    Issuer,
    /// For another application.
    Audience,
    /// It has expired, or does not say when it does.
    Expired,
    /// It is not valid yet.
    NotYet,
    /// It is about nobody who has an e-mail address.
    NoAddress,
    /// No identity is theirs, or more than one is.
    NoIdentity,
}

impl AccessRefusal {
    /// The stable code for the log.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "access_malformed",
            Self::Algorithm => "access_algorithm",
            Self::UnknownKey => "access_unknown_key",
            Self::Signature => "access_signature",
            Self::Issuer => "access_issuer",
            Self::Audience => "access_audience",
            Self::Expired => "access_expired",
            Self::NotYet => "access_not_yet",
            Self::NoAddress => "access_no_address",
            Self::NoIdentity => "access_no_identity",
        }
    }
}

/// Whom a signed assertion is about, if it counts here and now.
pub fn check(
    claims: &AccessClaims,
    application: &AccessApplication,
    now: Timestamp,
) -> Result<AccessSubject, AccessRefusal> {
    if claims.issuer.as_deref() != Some(application.issuer.as_str()) {
        return Err(AccessRefusal::Issuer);
    }
    if !claims.audiences.contains(&application.audience) {
        return Err(AccessRefusal::Audience);
    }
    let at = |seconds: i64| Timestamp::from_milliseconds(seconds.saturating_mul(1_000));
    if claims.expires.is_none_or(|expires| now >= at(expires)) {
        return Err(AccessRefusal::Expired);
    }
    if [claims.not_before, claims.issued].into_iter().flatten().any(|from| at(from) > now.plus(CLOCK_SKEW)) {
        return Err(AccessRefusal::NotYet);
    }
    let email = claims.email.as_deref().ok_or(AccessRefusal::NoAddress)?;
    AccessSubject::parse(email).map_err(|_| AccessRefusal::NoAddress)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_000_000;

    fn claims() -> AccessClaims {
        AccessClaims {
            issuer: Some("https://team.example".to_owned()),
            audiences: vec!["other".to_owned(), "console".to_owned()],
            expires: Some(NOW + 1),
            not_before: Some(NOW),
            issued: Some(NOW),
            email: Some("Ada@example.com".to_owned()),
        }
    }

    fn decide(claims: &AccessClaims) -> Result<String, AccessRefusal> {
        let application =
            AccessApplication { issuer: "https://team.example".to_owned(), audience: "console".to_owned() };
        check(claims, &application, Timestamp::from_milliseconds(NOW * 1_000)).map(|subject| subject.to_string())
    }

    #[test]
    fn an_assertion_counts_only_for_its_application_its_time_and_somebody_with_an_address() {
        #[track_caller]
        fn check(change: fn(&mut AccessClaims), expected: Result<&str, AccessRefusal>) {
            let mut claims = claims();
            change(&mut claims);
            assert_eq!(decide(&claims).as_deref(), expected.as_ref().copied(), "{claims:?}");
        }
        use AccessRefusal::{Audience, Expired, Issuer, NoAddress, NotYet};
        check(|_| {}, Ok("ada@example.com"));
        check(|claims| claims.issuer = None, Err(Issuer));
        check(|claims| claims.issuer = Some("https://team.example/".to_owned()), Err(Issuer));
        check(|claims| claims.audiences.clear(), Err(Audience));
        check(|claims| claims.audiences = vec!["console2".to_owned()], Err(Audience));
        check(|claims| claims.expires = None, Err(Expired));
        check(|claims| claims.expires = Some(NOW), Err(Expired));
        check(|claims| claims.expires = Some(i64::MIN), Err(Expired));
        check(|claims| claims.expires = Some(i64::MAX), Ok("ada@example.com"));
        check(|claims| claims.not_before = Some(NOW + 60), Ok("ada@example.com"));
        check(|claims| claims.not_before = Some(NOW + 61), Err(NotYet));
        check(|claims| claims.issued = Some(i64::MAX), Err(NotYet));
        check(|claims| (claims.not_before, claims.issued) = (None, None), Ok("ada@example.com"));
        check(|claims| claims.email = None, Err(NoAddress));
        check(|claims| claims.email = Some(String::new()), Err(NoAddress));
    }

    #[test]
    fn access_refusal_codes_unchanged() {
        use AccessRefusal as R;
        let all = [
            R::Malformed,
            R::Algorithm,
            R::UnknownKey,
            R::Signature,
            R::Issuer,
            R::Audience,
            R::Expired,
            R::NotYet,
            R::NoAddress,
            R::NoIdentity,
        ];
        assert_eq!(
            all.map(AccessRefusal::code).join(" "),
            "access_malformed access_algorithm access_unknown_key access_signature access_issuer access_audience \
             access_expired access_not_yet access_no_address access_no_identity"
        );
    }
}
