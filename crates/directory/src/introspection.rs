//! Who may be told about which token (RFC 7662).
//!
//! A resource server shows a client secret or an access token, and needs `read` on the identity whose token it asks about,
//! conditions included: what introspection tells is what `read` shows anyway. It needs the token's text besides. That
//! suffices for consuming a use too: whoever has the text may revoke the token, from anywhere.
//!
//! Whether the token is alive is not decided here but by the data plane, which also knows the counters.
//!
//! * Who holds `read` on no identity is told so; who holds it on others only is told what is told of an unknown token.
//! * A use of a client secret that counts them is consumed by each request that is not refused. One without a limit is
//!   not written to: a resource server asks for each of its own requests, and the authority would write for each of
//!   them.

use crate::caller;
use crate::context::Context;
use crate::error::universal_auth::LoginRefusal;
use crate::evidence;
use crate::sql::SqlError;
use crate::tables::universal_auth_configurations;
use crate::universal_auth::client_authentication::{self, Addresses, AuthenticatedClient};
use crate::universal_auth::client_secrets;
use domain::permission::ability::Ability;
use domain::permission::operation::Operation;
use domain::token::access_token::PresentedToken;
use domain::token::client_secret::PresentedClientSecret;
use domain::token::facts::AuthMethod;
use domain::token::refusal::Refusal;
use domain::value::identifiers::{ClientId, OrganizationId, TokenId};

/// Who asks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Inquirer {
    /// A client, by its client id and client secret.
    Client(ClientId, PresentedClientSecret),
    /// A bearer, by its access token. A use of that token is not consumed here.
    Bearer(PresentedToken),
}

/// What the authority says to a question about a token. Either way, what was written stays.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Authorization {
    /// The inquirer may be told.
    Granted {
        /// The client id of the identity, if the token was obtained by a login.
        client: Option<ClientId>,
    },
    /// There is no such token, or the inquirer may not know about it.
    Withheld,
    /// The inquirer may know about no token at all.
    NotPermitted,
    /// The client was not authenticated.
    ClientRefused(LoginRefusal),
    BearerRefused(Refusal),
}

/// Answers whether `inquirer` may be told about a token; `None` stands for a text that is none of ours.
pub fn authorize(
    context: &Context<'_>,
    inquirer: &Inquirer,
    token: Option<TokenId>,
) -> Result<Authorization, SqlError> {
    let (organization, ability) = match inquirer {
        Inquirer::Bearer(presented) => {
            let actor = match caller::check(context, presented)? {
                Ok(actor) => actor,
                Err(refusal) => return Ok(Authorization::BearerRefused(refusal)),
            };
            (actor.organization, actor.ability)
        }
        Inquirer::Client(client, presented) => {
            let client = match client_authentication::authenticate(context, *client, presented, Addresses::Trusted)? {
                Ok(client) => client,
                Err(refusal) => return Ok(Authorization::ClientRefused(refusal)),
            };
            let ability = ability_of(context, &client)?;
            if Operation::Introspect.could_be_allowed_in_organization(&ability) {
                client_secrets::count_use_if_limited(context.sql, &client.secret, context.now)?;
            }
            (client.organization, ability)
        }
    };
    if !Operation::Introspect.could_be_allowed_in_organization(&ability) {
        return Ok(Authorization::NotPermitted);
    }
    about_token(context, organization, &ability, token)
}

fn about_token(
    context: &Context<'_>,
    organization: OrganizationId,
    ability: &Ability,
    token: Option<TokenId>,
) -> Result<Authorization, SqlError> {
    let Some(token) = token.map(|id| evidence::token(context.sql, id)).transpose()?.flatten() else {
        return Ok(Authorization::Withheld);
    };
    let identity = evidence::identity(context.sql, token.identity, context.now)?
        .filter(|identity| identity.organization == organization)
        .filter(|identity| {
            let id = identity.id.to_string();
            Operation::Introspect.check_in_organization(ability, &[("identityId", &id)]).is_ok()
        });
    let Some(identity) = identity else { return Ok(Authorization::Withheld) };
    let client = match token.auth_method {
        AuthMethod::TokenAuth => None,
        AuthMethod::UniversalAuth => {
            universal_auth_configurations::find(context.sql, identity.id)?.map(|attached| attached.client_id)
        }
    };
    Ok(Authorization::Granted { client })
}

fn ability_of(context: &Context<'_>, client: &AuthenticatedClient) -> Result<Ability, SqlError> {
    let identity = evidence::identity(context.sql, client.attached.identity, context.now)?
        .ok_or(SqlError::UnexpectedValue { expected: "the client's identity" })?;
    caller::ability(context.sql, &identity)
}
