//! Forward auth: a reverse proxy asks, for each request it receives, whether it may pass it on.
//!
//! **Owns** what each proxy's question looks like (one file for each dialect), the refusal of questions that ended up at
//! a wrong path, and how an answer is written so that the proxy understands it.
//!
//! **Does not own** which proxies are believed ([`proxy_trust`](domain::network::proxy_trust)) or what is allowed.
//!
//! **Invariants**
//! * A dialect reads only the headers that its own proxy writes itself; it never believes what a client could have sent
//!   to the proxy. `CF-Connecting-IP` is the proxy's address here, never the client's.
//! * A header that is missing, repeated or malformed refuses the request. No value is guessed or filled in.
//! * The query of the question and of the asked-about request decides nothing: clients write both.
//! * The proxy must show what the request asks to become, or the question is refused: we cannot know it otherwise, and
//!   no proxy asks again about what follows an upgrade.
//! * Exactly 200 allows the request. No proxy takes any other answer of ours for that.

mod caddy;
mod envoy;
mod nginx;
mod original_request;
mod request;
mod traefik;

pub use request::{ForwardAuthError, ForwardAuthRequest, ForwardedRequest, HeaderProblem};

use domain::network::proxy_trust::ProofRule;
use protocol::family::{FORWARD_AUTH_PREFIX, is_forward_auth};
use protocol::response::ApiResponse;

/// Carries the secret by which a proxy proves itself.
pub const PROXY_SECRET_HEADER: &str = "token-auth-proxy-secret";

/// The proxies whose questions are understood.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dialect {
    /// nginx, `auth_request`.
    Nginx,
    /// Caddy, `forward_auth`.
    Caddy,
    /// Traefik, `forwardAuth`.
    Traefik,
    /// Envoy, `ext_authz` with an HTTP service.
    Envoy,
}

/// Refuses what only a proxy sends at a path that is not the proxy's.
///
/// Envoy appends the client's path to its own, and the runtime resolves dot segments before anybody here sees them: a
/// client that asks such a proxy for `/../../healthz` would be let in by the 200 of `/healthz`. So the headers by which a
/// proxy is recognised are refused everywhere else, and those of Envoy also at the other dialects.
///
/// # Errors
/// [`ForwardAuthError::Misdirected`].
pub fn refuse_misdirected(path: &str, header: impl Fn(&str) -> Option<String>) -> Result<(), ForwardAuthError> {
    let astray = (!is_forward_auth(path) && header(PROXY_SECRET_HEADER).is_some())
        || (Dialect::of(path) != Some(Dialect::Envoy) && envoy::HEADERS.iter().any(|name| header(name).is_some()));
    if astray { Err(ForwardAuthError::Misdirected) } else { Ok(()) }
}

impl Dialect {
    /// The dialect that is spoken at a path.
    pub fn of(path: &str) -> Option<Self> {
        match path.strip_prefix(FORWARD_AUTH_PREFIX)? {
            "nginx" => Some(Self::Nginx),
            "caddy" => Some(Self::Caddy),
            "traefik" => Some(Self::Traefik),
            "envoy" => Some(Self::Envoy),
            below if below.starts_with("envoy/") => Some(Self::Envoy),
            _ => None,
        }
    }

    /// How such a proxy may prove itself.
    pub const fn proof_rule(self) -> ProofRule {
        match self {
            Self::Nginx | Self::Caddy | Self::Traefik => ProofRule::SecretOrAddress,
            // Its secret is what gives a question away that was led to another path; see `refuse_misdirected`.
            Self::Envoy => ProofRule::SecretOnly,
        }
    }

    /// Reads the proxy's question; `header` gives the value of a header, several of one name joined by ", ".
    ///
    /// # Errors
    /// [`ForwardAuthError::MethodNotAllowed`], [`ForwardAuthError::Header`].
    pub fn read(
        self,
        question: ForwardAuthRequest<'_>,
        header: impl Fn(&str) -> Option<String>,
    ) -> Result<ForwardedRequest, ForwardAuthError> {
        match self {
            Self::Nginx => nginx::read(question, header),
            Self::Caddy => caddy::read(question, header),
            Self::Traefik => traefik::read(question, header),
            Self::Envoy => envoy::read(question, header),
        }
    }

    /// Writes a refusal so that the proxy passes on as much of it as it can.
    #[must_use]
    pub fn carry(self, refusal: ApiResponse) -> ApiResponse {
        match self {
            Self::Nginx => nginx::carry(refusal),
            // Each passes any status on; Envoy takes a 5xx for a failure and answers its own `status_on_error`.
            Self::Caddy | Self::Traefik | Self::Envoy => refusal,
        }
    }
}

#[cfg(test)]
mod tests;
