//! Token Auth of identities: attach, change, look up, remove.

pub mod bodies;
#[cfg(any(test, feature = "describe"))]
pub mod documentation;
pub mod views;

use crate::endpoint::endpoints;
use crate::error::ManagementError;
use crate::families::in_force::InForce;
use crate::families::token_auth::bodies::{AttachTokenAuthRequest, UpdateTokenAuthRequest};
use crate::families::token_auth::views::TokenAuthAnswer;
use crate::request::Request;
use crate::{idempotency, preconditions};
use directory::context::Context;
use directory::outcome::{Changed, Removed};
use directory::token_auth;
use protocol::response::ApiResponse;

endpoints! {
    /// The endpoints of Token Auth.
    TokenAuth {
        AttachTokenAuth by AccessToken [POST "/api/v1/auth/token-auth/identities/:identityId"];
        UpdateTokenAuth by AccessToken [PATCH "/api/v1/auth/token-auth/identities/:identityId"];
        GetTokenAuth by AccessToken [GET "/api/v1/auth/token-auth/identities/:identityId"];
        DeleteTokenAuth by AccessToken [DELETE "/api/v1/auth/token-auth/identities/:identityId"];
    }
}

pub fn run(
    context: &mut Context<'_>,
    request: &Request<'_>,
    endpoint: TokenAuth,
) -> Result<ApiResponse, ManagementError> {
    let actor = &request.actor(context)?;
    let identity = request.parameter("identityId");
    let ceiling = context.settings.ttl_ceiling;
    match endpoint {
        TokenAuth::AttachTokenAuth => {
            let configuration = request.body_under::<AttachTokenAuthRequest>(ceiling)?;
            let attach = |context: &mut Context<'_>| token_auth::attach(context, actor, identity, &configuration);
            let attached = idempotency::once(context, request, actor, attach, |attached| attached.id.to_string())?;
            Ok(request.ok(&TokenAuthAnswer::from(&attached)))
        }
        TokenAuth::UpdateTokenAuth => {
            let changes = request.body_under::<UpdateTokenAuthRequest>(ceiling)?;
            let Changed { after: changed, .. } =
                preconditions::guard(request, token_auth::update(context, actor, identity, &changes)?)?;
            Ok(preconditions::tagged(request.ok(&TokenAuthAnswer::from(&changed)), &changed))
        }
        TokenAuth::GetTokenAuth => {
            let found = token_auth::get(context, actor, identity)?;
            Ok(preconditions::tagged(request.ok(&TokenAuthAnswer::from(&found)), &found))
        }
        TokenAuth::DeleteTokenAuth => {
            let Removed(gone) = preconditions::guard(request, token_auth::remove(context, actor, identity)?)?;
            Ok(request.ok(&InForce::new(TokenAuthAnswer::from(&gone), context)))
        }
    }
}
