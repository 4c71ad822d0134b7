//! What the document says of the status, the installation, identities, Token Auth, tokens, and of itself.

#![expect(dead_code, reason = "requests are described and never made")]

use schemars::JsonSchema;

use crate::families::identities::Identities;
use crate::families::identities::views::{
    IdentityAnswer, IdentityDetailsAnswer, IdentityListAnswer, IdentityMembershipAnswer, SubOrganizationListAnswer,
};
use crate::families::installation::Installation;
use crate::families::installation::views::BootstrapAnswer;
use crate::families::token_auth::TokenAuth;
use crate::families::token_auth::views::TokenAuthAnswer;
use crate::families::tokens::Tokens;
use crate::families::tokens::views::{
    CreatedTokenAnswer, MessageAnswer, RenewedTokenAnswer, TokenAnswer, TokenListAnswer,
};
use crate::inputs::{self, DEFAULT_ORGANIZATION_NAME, DEFAULT_TTL, MAXIMUM_METADATA_ENTRIES, MAXIMUM_PAGE};
use crate::openapi::Documentation;
use crate::openapi::describe::{Answer, Description, Tag, shown};
use crate::openapi::fields::{NameText, NotBlank, TrustedIpText};
use crate::status::{Status, StatusAnswer};
use domain::network::trusted_ips::MAXIMUM_ENTRIES;
use domain::token::lifetime::{MAXIMUM_TTL, TtlCeiling};
use domain::token::uses::MAXIMUM_USES_LIMIT;

/// What the document says of the status.
pub fn status(endpoint: Status) -> Description {
    match endpoint {
        Status::GetStatus => Description::new::<StatusAnswer>(Tag::Instance, "Say whether traffic may be sent here")
            .details("200 when every part answers or only the replica is behind; 503, with the same body, when the authority does not answer."),
    }
}

/// What the document says of the installation.
pub fn installation(endpoint: Installation) -> Description {
    match endpoint {
        Installation::AdminBootstrap => Description::new::<BootstrapAnswer<'_>>(
            Tag::Instance,
            "Create the first organization and its administrator",
        )
        .details("Works once. The answer is the only one that shows the administrator's token.")
        .takes::<BootstrapRequest>(|body| shown(inputs::bootstrap(body))),
    }
}

/// What the document says of identities.
pub fn identities(endpoint: Identities) -> Description {
    match endpoint {
        Identities::CreateIdentity => Description::new::<IdentityAnswer<'_>>(Tag::Identities, "Create an identity").details("An identity begins without an authentication method: attach one before it can have tokens. Its role is the slug of a built-in or custom role of the organization.")
            .takes::<CreateIdentityRequest>(|body| shown(inputs::new_identity(body)))
            .at_most_once()
            .can_miss(),
        Identities::ListIdentities => Description::new::<IdentityListAnswer<'_>>(Tag::Identities, "List the identities of an organization").details("By name. Each comes with its role and its authentication methods, without its metadata.")
            .asks::<ListIdentitiesQuery>(|query| shown(inputs::identity_list(query))),
        Identities::GetIdentity => Description::new::<IdentityMembershipAnswer<'_>>(Tag::Identities, "Get an identity").details("With its role, its metadata, and which of its authentication methods failed logins lock at the moment.").tagged(),
        Identities::UpdateIdentity => Description::new::<IdentityAnswer<'_>>(Tag::Identities, "Change an identity").details("What is left out stays. `metadata` replaces all entries. A new role holds for tokens that exist.")
            .takes::<UpdateIdentityRequest>(|body| shown(inputs::identity_changes(body)))
            .tagged()
            .conditional(),
        Identities::DeleteIdentity => Description::new::<IdentityAnswer<'_>>(Tag::Identities, "Delete an identity with all its tokens").details("Refused while it has delete protection, and for the last administrator of the organization.").conditional(),
        Identities::GetIdentityDetails => Description::new::<IdentityDetailsAnswer<'_>>(Tag::Identities, "Get the organization of the caller").details("Every token may ask. Clients take it for the light way to see whether a token is good."),
        Identities::ListSubOrganizations => Description::new::<SubOrganizationListAnswer>(Tag::Identities, "List the organizations below the caller's: there are none").details("Always empty. Infisical's Terraform provider asks for them."),
    }
}

/// What the document says of Token Auth.
pub fn token_auth(endpoint: TokenAuth) -> Description {
    match endpoint {
        TokenAuth::AttachTokenAuth => Description::new::<TokenAuthAnswer<'_>>(Tag::TokenAuth, "Configure Token Auth on an identity").details("Refused when it is attached already. Tokens are made with the numbers that hold at their creation; the trusted addresses are looked at live.")
            .takes::<AttachTokenAuthRequest>(|body| shown(inputs::new_token_auth(body, TtlCeiling::NONE)))
            .at_most_once(),
        TokenAuth::UpdateTokenAuth => Description::new::<TokenAuthAnswer<'_>>(Tag::TokenAuth, "Change the Token Auth of an identity").details("What is left out stays. New addresses hold for tokens that exist at once, new lifetimes at their next renewal.")
            .takes::<UpdateTokenAuthRequest>(|body| shown(inputs::token_auth_changes(body, TtlCeiling::NONE)))
            .tagged()
            .conditional(),
        TokenAuth::GetTokenAuth => Description::new::<TokenAuthAnswer<'_>>(Tag::TokenAuth, "Get the Token Auth of an identity").details("404 when the identity has none.").tagged(),
        TokenAuth::DeleteTokenAuth => Description::new::<TokenAuthAnswer<'_>>(Tag::TokenAuth, "Remove Token Auth from an identity, and revoke its tokens").details("The tokens are refused from then on, and attaching it again revives none.").conditional(),
    }
}

/// What the document says of tokens.
pub fn tokens(endpoint: Tokens) -> Description {
    match endpoint {
        Tokens::CreateTokenAuthToken => {
            Description::new::<CreatedTokenAnswer<'_>>(Tag::TokenAuth, "Create an access token")
                .details("The only answer that shows the token.")
                .takes::<TokenNameRequest>(|body| shown(inputs::token_name(body)))
                .at_most_once()
        }
        Tokens::GetTokenAuthTokens => Description::new::<TokenListAnswer<'_>>(
            Tag::TokenAuth,
            "List the tokens of an identity, the last changed first",
        )
        .details("Revoked tokens are among them.")
        .asks::<ListTokensQuery>(|query| shown(inputs::token_list(query))),
        Tokens::GetTokenAuthToken => {
            Description::new::<TokenAnswer<'_>>(Tag::TokenAuth, "Get a token, without its secret")
                .details("Tokens of a login can be shown too.")
                .tagged()
        }
        Tokens::UpdateTokenAuthToken => Description::new::<TokenAnswer<'_>>(Tag::TokenAuth, "Rename a token")
            .details("The name decides nothing.")
            .takes::<TokenNameRequest>(|body| shown(inputs::token_name(body)))
            .tagged()
            .conditional(),
        Tokens::RevokeTokenAuthToken => Description::new::<MessageAnswer>(Tag::TokenAuth, "Revoke a token")
            .details(
                "200 also for a token that is revoked already: a request repeated after a lost answer does not fail.",
            )
            .conditional(),
        Tokens::RenewAccessToken => {
            Description::new::<RenewedTokenAnswer<'_>>(Tag::Tokens, "Renew the token in the body")
                .details("The token stays the same and gets a later expiry, up to its max TTL.")
                .takes::<PossessedTokenRequest>(|body| shown(inputs::possessed_token(body)))
        }
        Tokens::RevokeAccessToken => Description::new::<MessageAnswer>(Tag::Tokens, "Revoke the token in the body")
            .details("200 also for a token that has expired or is revoked already.")
            .takes::<PossessedTokenRequest>(|body| shown(inputs::possessed_token(body))),
    }
}

/// What the document says of itself.
pub fn documentation(endpoint: Documentation) -> Description {
    let tag = Tag::Instance;
    match endpoint {
        Documentation::GetApiDocument => {
            Description::answering(Answer::AnyJson, tag, "Get this document as OpenAPI 3.1")
                .details("The same document as `openapi.json` of the source.")
        }
        Documentation::GetDocumentation => {
            Description::answering(Answer::Text("text/html"), tag, "Get this document as a page")
                .details("For people. It loads its style sheet and runs nothing.")
        }
        Documentation::GetDocumentationStyle => {
            Description::answering(Answer::Text("text/css"), tag, "Get the page's style sheet")
                .details("What the page looks like.")
        }
    }
}

/// What bootstrap takes. `email` and `password` may be sent and are ignored: there are no human users.
#[derive(JsonSchema)]
struct BootstrapRequest {
    /// The name of the organization.
    #[schemars(extend("default" = DEFAULT_ORGANIZATION_NAME))]
    organization: Option<NameText>,
}

/// A key and a value that belong to an identity.
#[derive(JsonSchema)]
#[schemars(rename = "MetadataEntryRequest")]
struct MetadataRequest {
    key: NotBlank,
    value: NotBlank,
}

/// An identity to create.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
struct CreateIdentityRequest {
    name: NameText,
    /// The caller's organization; any other is refused with 403.
    organization_id: String,
    /// The slug of a built-in or custom role.
    #[schemars(extend("default" = "no-access"))]
    role: Option<NotBlank>,
    /// Whether the identity cannot be deleted until this is taken back.
    #[schemars(extend("default" = false))]
    has_delete_protection: Option<bool>,
    #[schemars(length(max = MAXIMUM_METADATA_ENTRIES), extend("default" = []))]
    metadata: Option<Vec<MetadataRequest>>,
}

/// What to change of an identity; the rest stays.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
struct UpdateIdentityRequest {
    name: Option<NameText>,
    /// The slug of a built-in or custom role.
    role: Option<NotBlank>,
    /// Whether the identity cannot be deleted until this is taken back.
    has_delete_protection: Option<bool>,
    /// Replaces all entries.
    #[schemars(length(max = MAXIMUM_METADATA_ENTRIES))]
    metadata: Option<Vec<MetadataRequest>>,
}

/// Which identities to list.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
struct ListIdentitiesQuery {
    /// The caller's organization; any other is refused with 403.
    org_id: String,
    /// How many to skip.
    #[schemars(range(max = u32::MAX), extend("default" = 0))]
    offset: Option<u64>,
    /// How many to return at most.
    #[schemars(range(min = 1, max = MAXIMUM_PAGE), extend("default" = MAXIMUM_PAGE))]
    limit: Option<u64>,
}

/// A configuration of Token Auth. The defaults of TTL and max TTL are no longer than the instance's maximum, which
/// `GET /api/status` shows.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
struct AttachTokenAuthRequest {
    /// Seconds after which a token expires unless it is renewed; 0 for no expiry. Not above a max TTL that is not 0.
    #[schemars(rename = "accessTokenTTL", range(max = MAXIMUM_TTL.get()), extend("default" = DEFAULT_TTL.get()))]
    ttl: Option<u64>,
    /// Seconds after its creation beyond which a token cannot be renewed; 0 for no such limit.
    #[schemars(rename = "accessTokenMaxTTL", range(max = MAXIMUM_TTL.get()), extend("default" = DEFAULT_TTL.get()))]
    max_ttl: Option<u64>,
    /// How often a token may be used; 0 for any number of times.
    #[schemars(rename = "accessTokenNumUsesLimit", range(max = MAXIMUM_USES_LIMIT), extend("default" = 0))]
    uses_limit: Option<u64>,
    /// From where a token may be used.
    #[schemars(length(min = 1, max = MAXIMUM_ENTRIES), extend("default" = [{ "ipAddress": "0.0.0.0/0" }, { "ipAddress": "::/0" }]))]
    access_token_trusted_ips: Option<Vec<TrustedIpText>>,
}

/// What to change of a configuration; the rest stays.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
struct UpdateTokenAuthRequest {
    /// Seconds after which a token expires unless it is renewed; 0 for no expiry. Not above a max TTL that is not 0.
    #[schemars(rename = "accessTokenTTL", range(max = MAXIMUM_TTL.get()))]
    ttl: Option<u64>,
    /// Seconds after its creation beyond which a token cannot be renewed; 0 for no such limit.
    #[schemars(rename = "accessTokenMaxTTL", range(max = MAXIMUM_TTL.get()))]
    max_ttl: Option<u64>,
    /// How often a token may be used; 0 for any number of times.
    #[schemars(rename = "accessTokenNumUsesLimit", range(max = MAXIMUM_USES_LIMIT))]
    uses_limit: Option<u64>,
    /// From where a token may be used.
    #[schemars(length(min = 1, max = MAXIMUM_ENTRIES))]
    access_token_trusted_ips: Option<Vec<TrustedIpText>>,
}

/// The name of a token.
#[derive(JsonSchema)]
struct TokenNameRequest {
    /// Any text.
    name: Option<String>,
}

/// Which tokens to list.
#[derive(JsonSchema)]
struct ListTokensQuery {
    /// How many to skip.
    #[schemars(range(max = u32::MAX), extend("default" = 0))]
    offset: Option<u64>,
    /// How many to return at most.
    #[schemars(range(min = 1, max = 100), extend("default" = 20))]
    limit: Option<u64>,
}

/// An access token. Whoever has it may do this; a bearer is ignored.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
struct PossessedTokenRequest {
    access_token: String,
}
