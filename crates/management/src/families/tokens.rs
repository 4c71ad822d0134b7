//! Access tokens: those of Token Auth, and what the holder of any may do with its own.

pub mod bodies;
#[cfg(any(test, feature = "describe"))]
pub mod documentation;
pub mod views;

use crate::endpoint::endpoints;
use crate::error::ManagementError;
use crate::families::in_force::InForce;
use crate::families::tokens::bodies::{ListTokensQuery, TokenNameRequest};
use crate::families::tokens::views::{CreatedTokenAnswer, MessageAnswer, RenewalReport, TokenAnswer, TokenListAnswer};
use crate::request::Request;
use crate::{idempotency, preconditions};
use directory::context::Context;
use directory::outcome::Changed;
use directory::{renewal, tokens};
use protocol::response::ApiResponse;

endpoints! {
    /// The endpoints of tokens.
    Tokens {
        CreateTokenAuthToken by AccessToken [POST "/api/v1/auth/token-auth/identities/:identityId/tokens"];
        GetTokenAuthTokens by AccessToken [GET "/api/v1/auth/token-auth/identities/:identityId/tokens"];
        GetTokenAuthToken by AccessToken [
            GET "/api/v1/auth/token-auth/identities/:identityId/tokens/:tokenId",
            GET "/api/v1/auth/token-auth/tokens/:tokenId",
        ];
        UpdateTokenAuthToken by AccessToken [PATCH "/api/v1/auth/token-auth/tokens/:tokenId"];
        RevokeTokenAuthToken by AccessToken [POST "/api/v1/auth/token-auth/tokens/:tokenId/revoke"];
        RenewAccessToken by PossessedToken [POST "/api/v1/auth/token/renew"];
        RevokeAccessToken by PossessedToken [POST "/api/v1/auth/token/revoke"];
    }
}

pub fn run(context: &mut Context<'_>, request: &Request<'_>, endpoint: Tokens) -> Result<ApiResponse, ManagementError> {
    let identity = request.parameter("identityId");
    let token = request.parameter("tokenId");
    match endpoint {
        Tokens::CreateTokenAuthToken => {
            let actor = &request.actor(context)?;
            let name = request.body::<TokenNameRequest>()?;
            let create = |context: &mut Context<'_>| tokens::create(context, actor, identity, name);
            let created = idempotency::once(context, request, actor, create, |created| created.token.id.to_string())?;
            Ok(request.ok(&CreatedTokenAnswer::from(&created)))
        }
        Tokens::GetTokenAuthTokens => {
            let actor = request.actor(context)?;
            let page = request.query::<ListTokensQuery>()?;
            let found = tokens::list(context, &actor, identity, page.offset, page.limit)?;
            Ok(request.ok(&TokenListAnswer::from(found.as_slice())))
        }
        Tokens::GetTokenAuthToken => {
            let found = tokens::get(context, &request.actor(context)?, token)?;
            Ok(preconditions::tagged(request.ok(&TokenAnswer::from(&found)), &found))
        }
        Tokens::UpdateTokenAuthToken => {
            let actor = &request.actor(context)?;
            let name = request.body::<TokenNameRequest>()?;
            let Changed { after: changed, .. } =
                preconditions::guard(request, tokens::rename(context, actor, token, name)?)?;
            Ok(preconditions::tagged(request.ok(&TokenAnswer::from(&changed)), &changed))
        }
        Tokens::RevokeTokenAuthToken => {
            let actor = &request.actor(context)?;
            preconditions::guard(request, tokens::revoke(context, actor, token)?)?;
            Ok(request.ok(&InForce::new(MessageAnswer::REVOKED, context)))
        }
        Tokens::RenewAccessToken => {
            let renewed = renewal::renew(context, &request.presented()?, request.call.uses)?;
            Ok(request.ok(&RenewalReport::new(&renewed, context.now)))
        }
        Tokens::RevokeAccessToken => {
            renewal::revoke(context, &request.presented()?)?;
            Ok(request.ok(&InForce::new(MessageAnswer::REVOKED, context)))
        }
    }
}
