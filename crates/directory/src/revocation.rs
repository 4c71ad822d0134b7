//! Revoking a token by its text (RFC 7009), alone or as a client.
//!
//! The text suffices, as in [`renewal::revoke`]. A client that authenticates nevertheless must do so rightly, and the token
//! must be one of its own identity (RFC 7009 §2.1); otherwise nothing is revoked, and it learns why. Trusted IPs do not
//! hold here, for either.

use crate::context::Context;
use crate::error::universal_auth::LoginRefusal;
use crate::evidence;
use crate::renewal;
use crate::sql::SqlError;
use crate::universal_auth::client_authentication::{self, Addresses};
use crate::universal_auth::client_secrets;
use domain::token::access_token::PresentedToken;
use domain::token::client_secret::PresentedClientSecret;
use domain::value::identifiers::ClientId;

/// What became of a revocation. Either way, what was written stays.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Revocation {
    /// The token is not accepted any more, or never was.
    Done,
    /// The token is another identity's. It lives on.
    IssuedToAnother,
    /// The client was not authenticated. Nothing was revoked.
    ClientRefused(LoginRefusal),
}

/// Revokes a token; `None` stands for a text that is none of ours. A use of a client secret that counts them is
/// consumed.
pub fn revoke(
    context: &Context<'_>,
    client: Option<(ClientId, &PresentedClientSecret)>,
    token: Option<&PresentedToken>,
) -> Result<Revocation, SqlError> {
    let owner = match client {
        None => None,
        Some((client, presented)) => {
            match client_authentication::authenticate(context, client, presented, Addresses::Any)? {
                Ok(client) => {
                    client_secrets::count_use_if_limited(context.sql, &client.secret, context.now)?;
                    Some(client.attached.identity)
                }
                Err(refusal) => return Ok(Revocation::ClientRefused(refusal)),
            }
        }
    };
    let Some(presented) = token else { return Ok(Revocation::Done) };
    let known = evidence::token(context.sql, presented.id)?.filter(|token| token.digest == presented.digest);
    let Some(known) = known else { return Ok(Revocation::Done) };
    if owner.is_some_and(|owner| owner != known.identity) {
        return Ok(Revocation::IssuedToAnother);
    }
    // RFC 7009 §2.2: what is no valid token is what its holder wanted.
    let _refused_or_done = renewal::try_revoke(context, presented)?;
    Ok(Revocation::Done)
}
