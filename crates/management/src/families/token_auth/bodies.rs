//! What the operations on Token Auth take.

use crate::body::{Flat, body};
use crate::fields::{LifetimeChanges, NewLifetime, TrustedIpList};
use domain::token::token_auth_configuration::{NewTokenAuth, TokenAuthChanges};
use domain::token::uses::UsesLimit;

body! {
    /// A configuration of Token Auth. The defaults of TTL and max TTL are no longer than the instance's maximum, which
    /// `GET /api/status` shows.
    // DIFFERENCE: Infisical refuses a TTL with max TTL 0 here, although 0 is "no limit".
    pub AttachTokenAuthRequest -> NewTokenAuth {
        lifetime: Flat<NewLifetime>,
        /// How often a token may be used; 0 for any number of times.
        uses_limit ["accessTokenNumUsesLimit"]: UsesLimit = 0,
        /// From where a token may be used.
        trusted_ips ["accessTokenTrustedIps"]: TrustedIpList = [{ "ipAddress": "0.0.0.0/0" }, { "ipAddress": "::/0" }],
    } => |_reader| Some(NewTokenAuth { lifetime, uses_limit, trusted_ips: Some(trusted_ips) });

    /// What to change of a configuration; the rest stays.
    pub UpdateTokenAuthRequest -> TokenAuthChanges {
        lifetime: Flat<LifetimeChanges>,
        /// How often a token may be used; 0 for any number of times.
        uses_limit ["accessTokenNumUsesLimit"]: Option<UsesLimit>,
        /// From where a token may be used.
        trusted_ips ["accessTokenTrustedIps"]: Option<TrustedIpList>,
    } => |_reader| Some(TokenAuthChanges { ttl: lifetime.0, max_ttl: lifetime.1, uses_limit, trusted_ips });
}
