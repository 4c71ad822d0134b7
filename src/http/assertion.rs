//! The signed assertion: what the gateway tells an origin about a caller, in a form that the origin can verify.
//!
//! A JWT (RFC 7519, RFC 8037) that lives for a minute and names the very request it was made for. The keys that verify it
//! stand at `/.well-known/jwks.json` (RFC 7517).
//!
//! **Invariant**: the claims are frozen by `assertion_unchanged`.

use std::num::NonZeroUsize;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use lru::LruCache;
use serde::Serialize;
use sha2::{Digest, Sha256};

use domain::gateway::assertion_key::AssertionKey;
use domain::gateway::proxied_request::{Authorized, ProxiedRequest};
use domain::permission::role_slug::RoleSlug;
use domain::value::timestamp::{Seconds, Timestamp};
use protocol::response::ApiResponse;
use validation::pipeline::Admitted;

pub const ASSERTION_HEADER: &str = "token-auth-assertion";
const LIFETIME: Seconds = Seconds::new(60);
/// For how long the same assertion is sent again, so that not every request costs a signature.
const REUSE: Seconds = Seconds::new(30);
/// How many assertions an isolate remembers. With [`LONGEST_REMEMBERED`] this bounds them to 3 MiB, of the 128 MiB that an
/// isolate has: paths come from callers.
const CAPACITY: NonZeroUsize = NonZeroUsize::MIN.saturating_add(2047);
/// The most bytes of an assertion that is remembered. One for a path of 100 characters has 1000; longer ones are rare, and
/// signed each time.
const LONGEST_REMEMBERED: usize = 1536;
/// How long whoever verifies assertions may keep the keys.
const JWKS_CACHE: &str = "public, max-age=300";

#[derive(Serialize)]
struct JoseHeader<'a> {
    alg: &'static str,
    typ: &'static str,
    kid: &'a str,
}

/// What is the same whenever the same caller sends the same request.
#[derive(Serialize)]
struct StableClaims {
    iss: String,
    aud: String,
    sub: String,
    token_id: String,
    organization_id: String,
    role: String,
    project_id: String,
    project: String,
    project_roles: Vec<String>,
    method: &'static str,
    host: String,
    path: String,
}

#[derive(Serialize)]
struct Claims<'a> {
    #[serde(flatten)]
    stable: &'a StableClaims,
    iat: i64,
    exp: i64,
}

/// Signs assertions, and remembers those it has signed.
#[derive(Debug)]
pub struct Assertions {
    key: AssertionKey,
    key_id: String,
    remembered: LruCache<StableClaimsDigest, SignedAssertion>,
}

/// The SHA-256 of them: two callers, or two requests, never share one, and it is as short for the longest path.
type StableClaimsDigest = [u8; 32];

#[derive(Debug)]
struct SignedAssertion {
    signed: Timestamp,
    text: Box<str>,
}

impl StableClaims {
    /// `None` if it cannot be written down, which plain text can.
    fn digest(&self) -> Option<StableClaimsDigest> {
        // As JSON no two of them are the same text: names and quotation marks keep the values apart.
        serde_json::to_vec(self).ok().map(|text| Sha256::digest(text).into())
    }
}

impl Assertions {
    pub fn new(key: AssertionKey) -> Self {
        Self { key_id: key.id(), key, remembered: LruCache::new(CAPACITY) }
    }

    /// The assertion for a request. `issuer` is who we say we are: an origin, without a path.
    pub fn assert(
        &mut self,
        admitted: &Admitted,
        authorized: &Authorized,
        request: &ProxiedRequest,
        issuer: &str,
        now: Timestamp,
    ) -> String {
        let origin = authorized.route.origin.as_ref();
        let stable = StableClaims {
            iss: issuer.to_owned(),
            aud: origin.map(ToString::to_string).unwrap_or_default(),
            sub: admitted.identity.id.to_string(),
            token_id: admitted.token.id.to_string(),
            organization_id: admitted.identity.organization.to_string(),
            role: admitted.identity.role.to_string(),
            project_id: authorized.route.project.to_string(),
            project: authorized.project_slug.clone(),
            project_roles: authorized.roles.iter().map(RoleSlug::to_string).collect(),
            method: request.method.name(),
            host: request.host.to_string(),
            path: request.path.as_sent().to_owned(),
        };
        // A clock that was set back must not make an assertion of the future.
        let is_usable = |known: &&SignedAssertion| known.signed <= now && now.seconds_since(known.signed) < REUSE;
        let digest = stable.digest();
        if let Some(known) = digest.and_then(|digest| self.remembered.get(&digest)).filter(is_usable) {
            return known.text.to_string();
        }
        let text = self.sign(&stable, now);
        if let Some(digest) = digest.filter(|_| text.len() <= LONGEST_REMEMBERED) {
            // As long as it is and no longer: a buffer may have grown beyond.
            self.remembered.put(digest, SignedAssertion { signed: now, text: text.as_str().into() });
        }
        text
    }

    fn sign(&self, stable: &StableClaims, now: Timestamp) -> String {
        let iat = now.milliseconds() / 1000;
        let exp = now.plus(LIFETIME).milliseconds() / 1000;
        let header = JoseHeader { alg: "EdDSA", typ: "JWT", kid: &self.key_id };
        let signed = format!("{}.{}", encode(&header), encode(&Claims { stable, iat, exp }));
        let signature = URL_SAFE_NO_PAD.encode(self.key.sign(signed.as_bytes()));
        format!("{signed}.{signature}")
    }
}

fn encode(part: &impl Serialize) -> String {
    // A part is plain text and numbers: it can always be written down. If it could not, nobody would take it for one.
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(part).unwrap_or_default())
}

#[derive(Serialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct JsonWebKeySet {
    keys: Vec<JsonWebKey>,
}

#[derive(Serialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
struct JsonWebKey {
    kty: &'static str,
    crv: &'static str,
    alg: &'static str,
    r#use: &'static str,
    kid: String,
    x: String,
}

/// The public keys: the one that signs, and while the secret is being rotated also the one that did.
pub fn jwks_response<'a>(keys: impl IntoIterator<Item = &'a AssertionKey>, request_id: &str) -> ApiResponse {
    let keys = keys.into_iter().map(|key| JsonWebKey {
        kty: "OKP",
        crv: "Ed25519",
        alg: "EdDSA",
        r#use: "sig",
        kid: key.id(),
        x: URL_SAFE_NO_PAD.encode(key.public()),
    });
    ApiResponse::json(200, request_id, &JsonWebKeySet { keys: keys.collect() }).with("cache-control", JWKS_CACHE)
}

#[cfg(test)]
mod tests;
