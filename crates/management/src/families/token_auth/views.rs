//! What the operations on the Token Auth of an identity answer.
//!
//! **Invariant**: these shapes are frozen by the `*_unchanged` tests in `tests`.

use serde::Serialize;

use crate::preconditions::{EntityTag, Tagged};
use directory::token_auth::AttachedTokenAuth;
use domain::network::trusted_ips::{AddressFamily, TrustedIp};
use protocol::iso_8601::iso_8601;

/// `attachTokenAuth`, `updateTokenAuth`, `getTokenAuth` and `deleteTokenAuth`.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct TokenAuthAnswer<'a> {
    identity_token_auth: TokenAuthView<'a>,
}

#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema), schemars(rename = "TokenAuth"))]
struct TokenAuthView<'a> {
    id: String,
    #[serde(rename = "accessTokenTTL")]
    ttl: u64,
    #[serde(rename = "accessTokenMaxTTL")]
    max_ttl: u64,
    #[serde(rename = "accessTokenNumUsesLimit")]
    uses_limit: u64,
    #[serde(rename = "accessTokenTrustedIps")]
    trusted_ips: Vec<TrustedIpView<'a>>,
    #[serde(rename = "createdAt")]
    created_at: String,
    #[serde(rename = "updatedAt")]
    updated_at: String,
    #[serde(rename = "identityId")]
    identity_id: String,
    #[serde(rename = "accessTokenPeriod")]
    period: u64,
}

#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema), schemars(rename = "TrustedIp"))]
#[serde(rename_all = "camelCase")]
pub(crate) struct TrustedIpView<'a> {
    ip_address: &'a str,
    #[cfg_attr(any(test, feature = "describe"), schemars(extend("enum" = ["ipv4", "ipv6"])))]
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    prefix: Option<u8>,
}

impl<'a> From<&'a TrustedIp> for TrustedIpView<'a> {
    fn from(entry: &'a TrustedIp) -> Self {
        Self {
            ip_address: entry.address(),
            r#type: match entry.family() {
                AddressFamily::Ipv4 => "ipv4",
                AddressFamily::Ipv6 => "ipv6",
            },
            prefix: entry.prefix(),
        }
    }
}

impl<'a> From<&'a AttachedTokenAuth> for TokenAuthAnswer<'a> {
    fn from(attached: &'a AttachedTokenAuth) -> Self {
        let configuration = &attached.configuration;
        Self {
            identity_token_auth: TokenAuthView {
                id: attached.id.to_string(),
                ttl: configuration.lifetime.ttl_to_wire().get(),
                max_ttl: configuration.lifetime.max_ttl_to_wire().get(),
                uses_limit: configuration.uses_limit.to_wire(),
                trusted_ips: configuration.trusted_ips.entries().iter().map(TrustedIpView::from).collect(),
                created_at: iso_8601(attached.created),
                updated_at: iso_8601(attached.updated),
                identity_id: attached.identity.to_string(),
                period: 0,
            },
        }
    }
}

impl Tagged for AttachedTokenAuth {
    fn tag(&self) -> EntityTag {
        EntityTag::over(&TokenAuthAnswer::from(self))
    }
}
