//! `Idempotency-Key`: a create that is sent again, because its answer was lost, makes nothing a second time.
//!
//! The repeat is answered 409 with the id of what the first request made, never with its secret. The same key with
//! another request is answered 422, as in draft-ietf-httpapi-idempotency-key-header §2.7. A request that was refused has
//! used no key.

use sha2::{Digest, Sha256};

use crate::error::ManagementError;
use crate::issue::{Issue, PathPart};
use crate::request::Request;
use directory::context::{Actor, Context};
use directory::error::DirectoryError;
use directory::idempotency::{self, KeyUse};

/// The most characters a key may have.
const MAXIMUM_KEY_CHARACTERS: usize = 255;

/// Runs a create; with an `Idempotency-Key` at most once. `id` names what was made.
///
/// # Errors
/// [`ManagementError::AlreadyMade`], [`ManagementError::IdempotencyKeyReused`], [`ManagementError::Invalid`] for a key
/// that is none, and the errors of the create.
pub fn once<'a, Made>(
    context: &mut Context<'a>,
    request: &Request<'_>,
    actor: &Actor,
    create: impl FnOnce(&mut Context<'a>) -> Result<Made, DirectoryError>,
    id: impl FnOnce(&Made) -> String,
) -> Result<Made, ManagementError> {
    let Some(key) = request.call.idempotency_key.as_deref() else { return Ok(create(context)?) };
    check_key(key)?;
    let operation = fingerprint(request);
    match idempotency::recall(context, actor, key).map_err(DirectoryError::Storage)? {
        Some(used_for) if used_for.operation == operation => {
            return Err(ManagementError::AlreadyMade { id: used_for.made });
        }
        Some(_) => return Err(ManagementError::IdempotencyKeyReused),
        None => {}
    }
    let made = create(context)?;
    let used_for = KeyUse { operation, made: id(&made) };
    idempotency::remember(context, actor, key, &used_for).map_err(DirectoryError::Storage)?;
    Ok(made)
}

fn check_key(key: &str) -> Result<(), ManagementError> {
    let path = || vec![PathPart::from("Idempotency-Key")];
    let issue = if key.is_empty() {
        Issue::too_small("string", 1, path())
    } else if key.len() > MAXIMUM_KEY_CHARACTERS {
        Issue::too_big("string", MAXIMUM_KEY_CHARACTERS as u64, path())
    } else if !key.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') {
        Issue::custom("Only printable ASCII characters are allowed", path())
    } else {
        return Ok(());
    };
    Err(ManagementError::Invalid(vec![issue]))
}

/// The same for the same request and no other.
fn fingerprint(request: &Request<'_>) -> String {
    let call = request.call;
    let mut hash = Sha256::new();
    for part in [&call.method, &call.path, &call.query, &call.body] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hex::encode(hash.finalize())
}
