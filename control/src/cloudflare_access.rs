//! Whom Cloudflare Access has let through: the assertion's signature, by the team's public keys.
//!
//! The keys are kept in the isolate's memory. When they are asked for again is
//! [`key_set_age`](domain::token::key_set_age)'s to say; what an assertion must say,
//! [`access_assertion`]'s.

use std::cell::RefCell;

use futures_util::StreamExt;
use worker::js_sys::{self, Array, JSON, Uint8Array, futures::JsFuture};
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::{Fetch, Method, Request, RequestInit, RequestRedirect};

use domain::token::access_assertion::{self, AccessApplication, AccessRefusal};
use domain::token::key_set_age::{KeyLookup, KeySetAge};
use domain::value::access_subject::AccessSubject;
use domain::value::timestamp::Timestamp;
use management::error::ManagementError;
use management::families::console::access_refused;
use protocol::body::LARGEST_BODY;
use protocol::json_web_token::{PublicKey, SignedToken};
use runtime::RequestFacts;
use runtime::deadline::{self, KEY_SET};
use runtime::log::{self, Event};
use validation::ports::Unavailable;

/// Below the team's domain.
const CERTS_PATH: &str = "/cdn-cgi/access/certs";

/// The team's keys as they were last seen.
#[derive(Default)]
struct KnownKeys {
    age: KeySetAge,
    keys: Vec<PublicKey>,
}

thread_local! {
    // The settings name one team for as long as the isolate lives.
    static KNOWN: RefCell<KnownKeys> = RefCell::default();
}

/// Whom an assertion is about.
///
/// # Errors
/// That the operator is not signed in, or [`ManagementError::Unavailable`] when the keys cannot be had.
pub async fn verify(
    application: &AccessApplication,
    assertion: Option<&str>,
    facts: &RequestFacts,
) -> Result<AccessSubject, ManagementError> {
    let text = assertion.ok_or_else(|| access_refused(AccessRefusal::Malformed))?;
    let token = SignedToken::parse(text).map_err(access_refused)?;
    let key = find_key(application, &token.key_id, facts).await?;
    match is_signed_by(&token, &key).await {
        Ok(true) => {}
        Ok(false) | Err(_) => return Err(access_refused(AccessRefusal::Signature)),
    }
    let claims = token.claims().map_err(access_refused)?;
    access_assertion::check(&claims, application, facts.now).map_err(access_refused)
}

async fn find_key(
    application: &AccessApplication,
    id: &str,
    facts: &RequestFacts,
) -> Result<PublicKey, ManagementError> {
    let (lookup, key) = look_up(id, |age, is_known| age.look_up(is_known, facts.now));
    let (lookup, key) = match lookup {
        KeyLookup::Fetch => {
            // Before it is asked: others who come meanwhile do not ask as well.
            KNOWN.with_borrow_mut(|known| known.age.tried = Some(facts.now));
            match deadline::within(KEY_SET, fetch(&application.issuer)).await {
                Ok(Some(keys)) => keep(keys, facts.now),
                Ok(None) | Err(_) => {
                    log::failed(Event::Management, "access_keys_unavailable", CERTS_PATH, &facts.request_id);
                }
            }
            look_up(id, |age, is_known| age.without_asking(is_known, facts.now))
        }
        KeyLookup::Use | KeyLookup::Unknown | KeyLookup::Unavailable => (lookup, key),
    };
    match (lookup, key) {
        (KeyLookup::Use, Some(key)) => Ok(key),
        (KeyLookup::Unknown, _) => Err(access_refused(AccessRefusal::UnknownKey)),
        (KeyLookup::Use | KeyLookup::Fetch | KeyLookup::Unavailable, _) => Err(Unavailable::Authority.into()),
    }
}

fn look_up(id: &str, decide: impl FnOnce(KeySetAge, bool) -> KeyLookup) -> (KeyLookup, Option<PublicKey>) {
    KNOWN.with_borrow(|known| {
        let key = known.keys.iter().find(|key| key.id == id).cloned();
        (decide(known.age, key.is_some()), key)
    })
}

fn keep(keys: Vec<PublicKey>, now: Timestamp) {
    KNOWN.with_borrow_mut(|known| {
        *known = KnownKeys { age: KeySetAge { fetched: Some(now), tried: Some(now) }, keys };
    });
}

/// The team's keys; `None` when they cannot be had.
async fn fetch(issuer: &str) -> Option<Vec<PublicKey>> {
    let mut init = RequestInit::new();
    // A set that another host gave would be another's.
    init.with_method(Method::Get).with_redirect(RequestRedirect::Manual);
    let request = Request::new_with_init(&format!("{issuer}{CERTS_PATH}"), &init).ok()?;
    let mut response = Fetch::Request(request).send().await.ok()?;
    if response.status_code() != 200 {
        return None;
    }
    let mut stream = response.stream().ok()?;
    let mut bytes = Vec::new();
    while let Some(chunk) = stream.next().await {
        bytes.extend_from_slice(&chunk.ok()?);
        if bytes.len() > LARGEST_BODY {
            return None;
        }
    }
    PublicKey::read_set(std::str::from_utf8(&bytes).ok()?)
}

/// Whether a key has signed a token (RFC 7518 §3.3).
async fn is_signed_by(token: &SignedToken<'_>, key: &PublicKey) -> Result<bool, JsValue> {
    let scope: web_sys::WorkerGlobalScope = js_sys::global().unchecked_into();
    let subtle = scope.crypto()?.subtle();
    let algorithm = JSON::parse(r#"{"name":"RSASSA-PKCS1-v1_5","hash":"SHA-256"}"#)?.unchecked_into();
    let data = JSON::parse(&key.to_json())?.unchecked_into();
    let usages = Array::of1(&JsValue::from_str("verify"));
    let imported = subtle.import_key_with_object("jwk", &data, &algorithm, false, &usages)?;
    let key: web_sys::CryptoKey = JsFuture::from(imported).await?.unchecked_into();
    let (signature, signed) = (Uint8Array::from(token.signature.as_slice()), Uint8Array::from(token.signed.as_bytes()));
    let verified =
        subtle.verify_with_object_and_buffer_source_and_buffer_source(&algorithm, &key, &signature, &signed)?;
    Ok(JsFuture::from(verified).await?.is_truthy())
}
