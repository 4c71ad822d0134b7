//! What the document says of identities, Token Auth, tokens and the installation, and of every other family.
//!
//! [`description`] is the one place that is asked. Add an operation to its family's match; it does not compile without.

#![expect(dead_code, reason = "requests are described and never made")]

use schemars::JsonSchema;

use crate::families::identities::views::{
    IdentityAnswer, IdentityDetailsAnswer, IdentityListAnswer, IdentityMembershipAnswer, SubOrganizationListAnswer,
};
use crate::families::installation::views::BootstrapAnswer;
use crate::families::token_auth::views::TokenAuthAnswer;
use crate::families::tokens::views::{
    CreatedTokenAnswer, MessageAnswer, RenewedTokenAnswer, TokenAnswer, TokenListAnswer,
};
use crate::families::{
    console, explain, memberships, project_roles, projects, roles, route_delegations, routes, search, universal_auth,
};
use crate::inputs::{self, DEFAULT_ORGANIZATION_NAME, DEFAULT_TTL, MAXIMUM_METADATA_ENTRIES, MAXIMUM_PAGE};
use crate::openapi;
use crate::openapi::describe::{Answer, Description, Tag, shown};
use crate::openapi::fields::{NameText, NotBlank, TrustedIpText};
use crate::operation::Operation;
use crate::status::StatusAnswer;
use domain::network::trusted_ips::MAXIMUM_ENTRIES;
use domain::token::lifetime::{MAXIMUM_TTL, TtlCeiling};
use domain::token::uses::MAXIMUM_USES_LIMIT;

/// What the document says of an operation.
pub fn description(operation: Operation) -> Description {
    use Operation as O;
    match operation {
        O::Status => Description::new::<StatusAnswer>(Tag::Instance, "getStatus", "Say whether traffic may be sent here")
            .details("200 when every part answers or only the replica is behind; 503, with the same body, when the authority does not answer."),
        O::Bootstrap => Description::new::<BootstrapAnswer<'_>>(Tag::Instance, "adminBootstrap", "Create the first organization and its administrator")
            .details("Works once. The answer is the only one that shows the administrator's token.")
            .takes::<BootstrapRequest>(|body| shown(inputs::bootstrap(body))),
        O::CreateIdentity => Description::new::<IdentityAnswer<'_>>(Tag::Identities, "createIdentity", "Create an identity").details("An identity begins without an authentication method: attach one before it can have tokens. Its role is the slug of a built-in or custom role of the organization.")
            .takes::<CreateIdentityRequest>(|body| shown(inputs::new_identity(body)))
            .at_most_once()
            .can_miss(),
        O::ListIdentities => Description::new::<IdentityListAnswer<'_>>(Tag::Identities, "listIdentities", "List the identities of an organization").details("By name. Each comes with its role and its authentication methods, without its metadata.")
            .asks::<ListIdentitiesQuery>(|query| shown(inputs::identity_list(query))),
        O::GetIdentity => Description::new::<IdentityMembershipAnswer<'_>>(Tag::Identities, "getIdentity", "Get an identity").details("With its role, its metadata, and which of its authentication methods failed logins lock at the moment.").tagged(),
        O::UpdateIdentity => Description::new::<IdentityAnswer<'_>>(Tag::Identities, "updateIdentity", "Change an identity").details("What is left out stays. `metadata` replaces all entries. A new role holds for tokens that exist.")
            .takes::<UpdateIdentityRequest>(|body| shown(inputs::identity_changes(body)))
            .tagged()
            .conditional(),
        O::DeleteIdentity => Description::new::<IdentityAnswer<'_>>(Tag::Identities, "deleteIdentity", "Delete an identity with all its tokens").details("Refused while it has delete protection, and for the last administrator of the organization.").conditional(),
        O::GetIdentityDetails => Description::new::<IdentityDetailsAnswer<'_>>(Tag::Identities, "getIdentityDetails", "Get the organization of the caller").details("Every token may ask. Clients take it for the light way to see whether a token is good."),
        O::ListSubOrganizations => Description::new::<SubOrganizationListAnswer>(Tag::Identities, "listSubOrganizations", "List the organizations below the caller's: there are none").details("Always empty. Infisical's Terraform provider asks for them."),
        O::AttachTokenAuth => Description::new::<TokenAuthAnswer<'_>>(Tag::TokenAuth, "attachTokenAuth", "Configure Token Auth on an identity").details("Refused when it is attached already. Tokens are made with the numbers that hold at their creation; the trusted addresses are looked at live.")
            .takes::<AttachTokenAuthRequest>(|body| shown(inputs::new_token_auth(body, TtlCeiling::NONE)))
            .at_most_once(),
        O::UpdateTokenAuth => Description::new::<TokenAuthAnswer<'_>>(Tag::TokenAuth, "updateTokenAuth", "Change the Token Auth of an identity").details("What is left out stays. New addresses hold for tokens that exist at once, new lifetimes at their next renewal.")
            .takes::<UpdateTokenAuthRequest>(|body| shown(inputs::token_auth_changes(body, TtlCeiling::NONE)))
            .tagged()
            .conditional(),
        O::GetTokenAuth => Description::new::<TokenAuthAnswer<'_>>(Tag::TokenAuth, "getTokenAuth", "Get the Token Auth of an identity").details("404 when the identity has none.").tagged(),
        O::DeleteTokenAuth => Description::new::<TokenAuthAnswer<'_>>(Tag::TokenAuth, "deleteTokenAuth", "Remove Token Auth from an identity, and revoke its tokens").details("The tokens are refused from then on, and attaching it again revives none.").conditional(),
        O::CreateToken => Description::new::<CreatedTokenAnswer<'_>>(Tag::TokenAuth, "createTokenAuthToken", "Create an access token")
            .details("The only answer that shows the token.")
            .takes::<TokenNameRequest>(|body| shown(inputs::token_name(body)))
            .at_most_once(),
        O::ListTokens => Description::new::<TokenListAnswer<'_>>(Tag::TokenAuth, "getTokenAuthTokens", "List the tokens of an identity, the last changed first").details("Revoked tokens are among them.")
            .asks::<ListTokensQuery>(|query| shown(inputs::token_list(query))),
        O::GetToken => Description::new::<TokenAnswer<'_>>(Tag::TokenAuth, "getTokenAuthToken", "Get a token, without its secret").details("Tokens of a login can be shown too.").tagged(),
        O::UpdateToken => Description::new::<TokenAnswer<'_>>(Tag::TokenAuth, "updateTokenAuthToken", "Rename a token").details("The name decides nothing.")
            .takes::<TokenNameRequest>(|body| shown(inputs::token_name(body)))
            .tagged()
            .conditional(),
        O::RevokeToken => Description::new::<MessageAnswer>(Tag::TokenAuth, "revokeTokenAuthToken", "Revoke a token").details("200 also for a token that is revoked already: a request repeated after a lost answer does not fail.").conditional(),
        O::RenewByBearer => Description::new::<RenewedTokenAnswer<'_>>(Tag::Tokens, "renewAccessToken", "Renew the token in the body")
            .details("The token stays the same and gets a later expiry, up to its max TTL.")
            .takes::<PossessedTokenRequest>(|body| shown(inputs::possessed_token(body))),
        O::RevokeByBearer => Description::new::<MessageAnswer>(Tag::Tokens, "revokeAccessToken", "Revoke the token in the body").details("200 also for a token that has expired or is revoked already.")
            .takes::<PossessedTokenRequest>(|body| shown(inputs::possessed_token(body))),
        O::UniversalAuth(operation) => universal_auth::documentation::description(operation),
        O::Roles(operation) => roles::documentation::description(operation),
        O::Projects(operation) => projects::documentation::description(operation),
        O::ProjectRoles(operation) => project_roles::documentation::description(operation),
        O::Routes(operation) => routes::documentation::description(operation),
        O::RouteDelegations(operation) => route_delegations::documentation::description(operation),
        O::Memberships(operation) => memberships::documentation::description(operation),
        O::Search(operation) => search::documentation::description(operation),
        O::Explain(operation) => explain::documentation::description(operation),
        O::Console(operation) => console::documentation::description(operation),
        O::Documentation(operation) => documentation_of_itself(operation),
    }
}

fn documentation_of_itself(operation: openapi::Operation) -> Description {
    use openapi::Operation as O;
    let tag = Tag::Instance;
    match operation {
        O::Document => {
            Description::answering(Answer::AnyJson, tag, "getApiDocument", "Get this document as OpenAPI 3.1")
                .details("The same document as `openapi.json` of the source.")
        }
        O::Page => {
            Description::answering(Answer::Text("text/html"), tag, "getDocumentation", "Get this document as a page")
                .details("For people. It loads its style sheet and runs nothing.")
        }
        O::Style => {
            Description::answering(Answer::Text("text/css"), tag, "getDocumentationStyle", "Get the page's style sheet")
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
