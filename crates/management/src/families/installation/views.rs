//! What the operations on the installation answer.
//!
//! **Invariant**: these shapes are frozen by the `*_unchanged` tests in `tests`.

use serde::Serialize;

use directory::bootstrap::{ADMINISTRATOR_NAME, Bootstrapped};
use directory::identities::Organization;
use protocol::iso_8601::iso_8601;

/// `adminBootstrap`. DIFFERENCE: there is no `user`, because there are no human users here.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
pub struct BootstrapAnswer<'a> {
    message: &'static str,
    organization: OrganizationView<'a>,
    identity: BootstrapIdentity<'a>,
}

#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
struct BootstrapIdentity<'a> {
    id: String,
    name: &'static str,
    credentials: BootstrapCredentials<'a>,
}

#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct BootstrapCredentials<'a> {
    token: &'a str,
    /// When the token expires; null for never.
    expires_at: Option<String>,
}

impl<'a> From<&'a Bootstrapped> for BootstrapAnswer<'a> {
    fn from(made: &'a Bootstrapped) -> Self {
        Self {
            message: "Successfully bootstrapped instance",
            organization: OrganizationView::from(&made.organization),
            identity: BootstrapIdentity {
                id: made.identity.to_string(),
                name: ADMINISTRATOR_NAME,
                credentials: BootstrapCredentials {
                    token: made.token.plaintext.expose(),
                    expires_at: made.token.token.expires.map(iso_8601),
                },
            },
        }
    }
}

#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema), schemars(rename = "Organization"))]
pub(crate) struct OrganizationView<'a> {
    id: String,
    name: &'a str,
    slug: &'a str,
}

impl<'a> From<&'a Organization> for OrganizationView<'a> {
    fn from(organization: &'a Organization) -> Self {
        Self { id: organization.id.to_string(), name: &organization.name, slug: &organization.slug }
    }
}
