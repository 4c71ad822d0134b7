//! What the operations of the console answer.
//!
//! **Invariant**: these shapes are frozen by the `*_unchanged` tests in `tests`.

use serde::Serialize;

use crate::missing_permission::MissingPermissionView;
use crate::preconditions::{EntityTag, Tagged};
use directory::access_subjects::IdentityAccessSubject;
use directory::console_sessions::ConsoleSession;
use directory::givable_roles::{GivableProjectRole, GivableRole};
use directory::sign_in_codes::IssuedSignInCode;
use domain::network::console_site::{ConsoleSite, NoConsoleHere};
use domain::permission::granting::Giving;
use domain::value::access_subject::AccessSubject;
use protocol::iso_8601::iso_8601;

/// `getConsoleSignInOptions`
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct SignInOptionsAnswer {
    /// Whether an access token signs in.
    access_token: bool,
    /// Whether Cloudflare Access stands before the console.
    cloudflare_access: bool,
    /// Whether the console is called over https.
    secure: bool,
    /// Why nobody can sign in here: `insecure`, http from another machine; `sharedHost`, the host serves origins as well.
    #[cfg_attr(any(test, feature = "describe"), schemars(extend("enum" = ["insecure", "sharedHost", null])))]
    refusal: Option<&'static str>,
}

impl SignInOptionsAnswer {
    /// What can be done at a site.
    pub fn new(is_behind_access: bool, site: Result<ConsoleSite, NoConsoleHere>) -> Self {
        let (secure, refusal) = match site {
            Ok(ConsoleSite::Secure) => (true, None),
            Ok(ConsoleSite::Loopback) => (false, None),
            Err(NoConsoleHere::Insecure) => (false, Some("insecure")),
            Err(NoConsoleHere::SharedHost) => (true, Some("sharedHost")),
        };
        let can_sign_in = refusal.is_none();
        Self { access_token: can_sign_in, cloudflare_access: can_sign_in && is_behind_access, secure, refusal }
    }
}

/// `createConsoleSignInCode`: the one answer with the code.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct SignInCodeAnswer<'a> {
    sign_in_code: &'a str,
    expires_at: String,
}

impl<'a> From<&'a IssuedSignInCode> for SignInCodeAnswer<'a> {
    fn from(issued: &'a IssuedSignInCode) -> Self {
        Self { sign_in_code: issued.code.expose(), expires_at: iso_8601(issued.expires) }
    }
}

/// `signInToConsole`, `signInToConsoleByAccess` and `getConsoleSession`. The secret is in the cookie only.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
pub struct SessionAnswer<'a> {
    session: SessionView<'a>,
}

#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema), schemars(rename = "ConsoleSession"))]
#[serde(rename_all = "camelCase")]
struct SessionView<'a> {
    id: String,
    identity_id: String,
    identity_name: &'a str,
    organization_id: String,
    organization_slug: &'a str,
    organization_role: &'a str,
    /// What it was opened with: `accessToken`, `cloudflareAccess` or `signInCode`.
    #[cfg_attr(any(test, feature = "describe"), schemars(extend("enum" = ["accessToken", "cloudflareAccess", "signInCode"])))]
    via: &'static str,
    created_at: String,
    /// When it ends if it is not used before.
    idle_expires_at: String,
    /// When it ends whatever happens.
    expires_at: String,
    /// From where it was opened.
    client_address: Option<String>,
}

impl<'a> From<&'a ConsoleSession> for SessionAnswer<'a> {
    fn from(session: &'a ConsoleSession) -> Self {
        Self {
            session: SessionView {
                id: session.facts.id.to_string(),
                identity_id: session.identity.to_string(),
                identity_name: &session.identity_name,
                organization_id: session.organization.to_string(),
                organization_slug: &session.organization_slug,
                organization_role: &session.organization_role,
                via: session.facts.by.name(),
                created_at: iso_8601(session.facts.created),
                idle_expires_at: iso_8601(session.ends.idle),
                expires_at: iso_8601(session.ends.absolute),
                client_address: session.client.map(|address| address.to_string()),
            },
        }
    }
}

/// `signOutOfConsole` and `signOutOfConsoleEverywhere`
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
pub struct SignedOutAnswer {
    message: &'static str,
}

impl SignedOutAnswer {
    /// This session has ended.
    pub const HERE: Self = Self { message: "Signed out" };
    /// All of them have.
    pub const EVERYWHERE: Self = Self { message: "Signed out everywhere" };
}

/// `getIdentityAccessSubject`, `setIdentityAccessSubject` and `removeIdentityAccessSubject`
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct AccessSubjectAnswer<'a> {
    identity_id: String,
    /// The e-mail address by which Cloudflare Access knows the identity.
    access_subject: Option<&'a str>,
}

impl<'a> From<&'a IdentityAccessSubject> for AccessSubjectAnswer<'a> {
    fn from(found: &'a IdentityAccessSubject) -> Self {
        Self {
            identity_id: found.identity.to_string(),
            access_subject: found.subject.as_ref().map(AccessSubject::as_str),
        }
    }
}

impl Tagged for IdentityAccessSubject {
    fn tag(&self) -> EntityTag {
        EntityTag::over(&AccessSubjectAnswer::from(self))
    }
}

/// `listGivableOrganizationRoles`
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
pub struct GivableRolesAnswer<'a> {
    roles: Vec<GivableRoleView<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema), schemars(rename = "GivableRole"))]
#[serde(rename_all = "camelCase")]
struct GivableRoleView<'a> {
    slug: &'a str,
    /// What the caller would have to hold as well to give it: nothing if it may. Null when there are too many rules to
    /// tell before it is tried.
    missing_permissions: Option<Vec<MissingPermissionView<'a>>>,
}

impl<'a> From<&'a [GivableRole]> for GivableRolesAnswer<'a> {
    fn from(roles: &'a [GivableRole]) -> Self {
        let roles = roles.iter().map(|GivableRole { slug, giving }| GivableRoleView {
            slug: slug.as_str(),
            missing_permissions: missing(giving),
        });
        Self { roles: roles.collect() }
    }
}

/// `listGivableProjectRoles`
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema))]
pub struct GivableProjectRolesAnswer<'a> {
    roles: Vec<GivableProjectRoleView<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema), schemars(rename = "GivableProjectRole"))]
#[serde(rename_all = "camelCase")]
struct GivableProjectRoleView<'a> {
    slug: &'a str,
    /// What the caller would have to hold as well to give it for good: nothing if it may. Null when there are too many
    /// rules to tell before it is tried.
    missing_permissions: Option<Vec<MissingPermissionView<'a>>>,
    /// The same for giving it for a time, however short: what the caller holds for a time counts.
    missing_permissions_for_a_time: Option<Vec<MissingPermissionView<'a>>>,
}

impl<'a> From<&'a [GivableProjectRole]> for GivableProjectRolesAnswer<'a> {
    fn from(roles: &'a [GivableProjectRole]) -> Self {
        let roles = roles.iter().map(|GivableProjectRole { slug, giving, giving_for_a_time }| GivableProjectRoleView {
            slug: slug.as_str(),
            missing_permissions: missing(giving),
            missing_permissions_for_a_time: missing(giving_for_a_time),
        });
        Self { roles: roles.collect() }
    }
}

fn missing(giving: &Giving) -> Option<Vec<MissingPermissionView<'_>>> {
    match giving {
        Giving::Allowed => Some(Vec::new()),
        Giving::Beyond(beyond) => Some(beyond.missing.iter().map(MissingPermissionView::from).collect()),
        Giving::Uncertain => None,
    }
}
