//! What each operation takes: defaults, bounds and cross-field rules as the clients know them.

use serde_json::Value;

use crate::error::ManagementError;
pub use crate::fields::{MAXIMUM_PAGE, Page};
use crate::input::{Fields, Issue};
use directory::identities::{IdentityChanges, NewIdentity, NewMetadataEntry};
use directory::token_auth::{NewTokenAuth, TokenAuthChanges};
use domain::network::trusted_ips::MAXIMUM_ENTRIES;
use domain::permission::organization_role::BuiltInOrganizationRole;
use domain::token::lifetime::{Lifetime, TtlCeiling};
use domain::token::uses::{MAXIMUM_USES_LIMIT, UsesLimit};
use domain::value::names::{MAXIMUM_NAME_CHARACTERS, Name, NameError};
use domain::value::timestamp::Seconds;

/// TTL and max TTL when a request names none: 30 days.
pub(super) const DEFAULT_TTL: Seconds = Seconds::new(2_592_000);
/// The field with the trusted IPs of tokens.
pub(super) const ACCESS_TOKEN_TRUSTED_IPS: &str = "accessTokenTrustedIps";
/// The organization's name when bootstrap names none.
pub(super) const DEFAULT_ORGANIZATION_NAME: &str = "Admin Org";
/// The most metadata entries an identity may have.
pub(super) const MAXIMUM_METADATA_ENTRIES: u64 = 100;
/// The name of the organization to bootstrap. `email` and `password` are ignored.
///
/// DIFFERENCE: there are no human users here, so neither is needed.
///
/// # Errors
/// [`ManagementError::Invalid`]; so do all functions below.
pub fn bootstrap(body: &Value) -> Result<Name, ManagementError> {
    let mut fields = Fields::new(body);
    let text = fields.optional_string("organization").unwrap_or(DEFAULT_ORGANIZATION_NAME);
    let name = read_name(&mut fields, "organization", text);
    fields.finish(name)
}

/// An identity to create.
pub fn new_identity(body: &Value) -> Result<NewIdentity, ManagementError> {
    let mut fields = Fields::new(body);
    let name = fields.string("name").and_then(|text| read_name(&mut fields, "name", text));
    let organization = fields.string("organizationId").map(|text| text.trim().to_owned());
    let role = read_role(&mut fields).unwrap_or_else(|| BuiltInOrganizationRole::NoAccess.slug().to_owned());
    let has_delete_protection = fields.optional_boolean("hasDeleteProtection").unwrap_or(false);
    let metadata = read_metadata(&mut fields).unwrap_or_default();
    let new = name.zip(organization).map(|(name, organization)| NewIdentity {
        name,
        organization,
        role,
        has_delete_protection,
        metadata,
    });
    fields.finish(new)
}

/// What to change of an identity.
pub fn identity_changes(body: &Value) -> Result<IdentityChanges, ManagementError> {
    let mut fields = Fields::new(body);
    let name = fields.optional_string("name").and_then(|text| read_name(&mut fields, "name", text));
    let role = read_role(&mut fields);
    let has_delete_protection = fields.optional_boolean("hasDeleteProtection");
    let metadata = read_metadata(&mut fields);
    fields.finish(Some(IdentityChanges { name, role, has_delete_protection, metadata }))
}

/// The organization whose identities to list, and the page.
pub fn identity_list(query: &Value) -> Result<(String, Page), ManagementError> {
    let mut fields = Fields::new(query);
    let organization = fields.string("orgId").map(str::to_owned);
    let page = read_page(&mut fields, u64::from(u32::MAX), MAXIMUM_PAGE, MAXIMUM_PAGE);
    fields.finish(organization.zip(page))
}

/// A configuration to attach, with defaults for what is left out.
///
/// DIFFERENCE: Infisical refuses a TTL with max TTL 0 here, although 0 is "no limit".
pub fn new_token_auth(body: &Value, ceiling: TtlCeiling) -> Result<NewTokenAuth, ManagementError> {
    let mut fields = Fields::new(body);
    let default = DEFAULT_TTL.min(ceiling.longest());
    let ttl = read_ttl(&mut fields, "accessTokenTTL", ceiling).unwrap_or(default);
    let max_ttl = read_ttl(&mut fields, "accessTokenMaxTTL", ceiling).unwrap_or(default);
    let lifetime = read_lifetime(&mut fields, ttl, max_ttl);
    let uses_limit = read_uses_limit(&mut fields).unwrap_or(UsesLimit::UNLIMITED);
    let trusted_ips = read_trusted_ips(&mut fields, ACCESS_TOKEN_TRUSTED_IPS);
    fields.finish(lifetime.map(|lifetime| NewTokenAuth { lifetime, uses_limit, trusted_ips }))
}

/// What to change of a configuration.
pub fn token_auth_changes(body: &Value, ceiling: TtlCeiling) -> Result<TokenAuthChanges, ManagementError> {
    let mut fields = Fields::new(body);
    let ttl = read_ttl(&mut fields, "accessTokenTTL", ceiling);
    let max_ttl = read_ttl(&mut fields, "accessTokenMaxTTL", ceiling);
    if let (Some(ttl), Some(max_ttl)) = (ttl, max_ttl) {
        read_lifetime(&mut fields, ttl, max_ttl);
    }
    let uses_limit = read_uses_limit(&mut fields);
    let trusted_ips = read_trusted_ips(&mut fields, ACCESS_TOKEN_TRUSTED_IPS);
    fields.finish(Some(TokenAuthChanges { ttl, max_ttl, uses_limit, trusted_ips }))
}

/// The name of a token; any text, or none.
pub fn token_name(body: &Value) -> Result<Option<String>, ManagementError> {
    let mut fields = Fields::new(body);
    let name = fields.optional_string("name").map(str::to_owned);
    fields.finish(Some(name))
}

/// The page of a token list.
pub fn token_list(query: &Value) -> Result<Page, ManagementError> {
    let mut fields = Fields::new(query);
    // DIFFERENCE: Infisical caps the offset at 100, so that tokens beyond the 200th cannot be reached.
    let page = read_page(&mut fields, u64::from(u32::MAX), 100, 20);
    fields.finish(page)
}

/// The access token in a body.
pub fn possessed_token(body: &Value) -> Result<&str, ManagementError> {
    let mut fields = Fields::new(body);
    let token = fields.string("accessToken").map(str::trim);
    fields.finish(token)
}

/// A name that was sent in this field.
pub(super) fn read_name(fields: &mut Fields<'_>, field: &str, text: &str) -> Option<Name> {
    match Name::parse(text) {
        Ok(name) => Some(name),
        Err(error) => {
            let path = fields.path(field);
            fields.push(match error {
                NameError::Empty => Issue::too_small("string", 1, path),
                NameError::TooLong => Issue::too_big("string", MAXIMUM_NAME_CHARACTERS as u64, path),
                NameError::ControlCharacter => Issue::custom("Control characters are not allowed", path),
            });
            None
        }
    }
}

fn read_role(fields: &mut Fields<'_>) -> Option<String> {
    let role = fields.optional_string("role")?.trim();
    if role.is_empty() {
        let issue = Issue::too_small("string", 1, fields.path("role"));
        fields.push(issue);
        return None;
    }
    Some(role.to_owned())
}

fn read_metadata(fields: &mut Fields<'_>) -> Option<Vec<NewMetadataEntry>> {
    fields.optional_objects("metadata", 0, MAXIMUM_METADATA_ENTRIES, |entry| {
        let mut text = |field: &str| {
            let text = entry.string(field)?.trim();
            if text.is_empty() {
                let issue = Issue::too_small("string", 1, entry.path(field));
                entry.push(issue);
                return None;
            }
            Some(text.to_owned())
        };
        let (key, value) = (text("key"), text("value"));
        Some(NewMetadataEntry { key: key?, value: value? })
    })
}

pub(super) fn read_page(
    fields: &mut Fields<'_>,
    maximum_offset: u64,
    maximum_limit: u64,
    default_limit: u64,
) -> Option<Page> {
    let offset = fields.optional_integer_text("offset", 0, maximum_offset).unwrap_or(0);
    let limit = fields.optional_integer_text("limit", 1, maximum_limit).unwrap_or(default_limit);
    Some(Page { offset, limit })
}

pub(super) fn read_ttl(fields: &mut Fields<'_>, field: &str, ceiling: TtlCeiling) -> Option<Seconds> {
    fields.optional_integer(field, 0, ceiling.longest().get()).map(Seconds::new)
}

pub(super) fn read_lifetime(fields: &mut Fields<'_>, ttl: Seconds, max_ttl: Seconds) -> Option<Lifetime> {
    if !fields.are_right() {
        // What stands in for a wrong number must not be blamed on the caller.
        return None;
    }
    // Each of them was read within the ceiling.
    let Ok(lifetime) = Lifetime::from_bounded(ttl, max_ttl) else {
        let message = "Access Token TTL cannot be greater than Access Token Max TTL.";
        let issue = Issue::custom(message, fields.path("accessTokenTTL"));
        fields.push(issue);
        return None;
    };
    Some(lifetime)
}

pub(super) fn read_uses_limit(fields: &mut Fields<'_>) -> Option<UsesLimit> {
    let number = fields.optional_integer("accessTokenNumUsesLimit", 0, MAXIMUM_USES_LIMIT)?;
    UsesLimit::from_wire(number).ok()
}

/// Trusted IPs as they were sent: a wrong address is no 422 but 400, and only for a caller who may configure the identity.
pub(super) fn read_trusted_ips(fields: &mut Fields<'_>, field: &str) -> Option<Vec<String>> {
    fields.optional_objects(field, 1, MAXIMUM_ENTRIES as u64, |entry| {
        entry.string("ipAddress").map(|text| text.trim().to_owned())
    })
}
