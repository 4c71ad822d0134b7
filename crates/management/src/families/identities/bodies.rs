//! What the operations on identities take.

use crate::body::{Flat, List, body};
use crate::fields::{MAXIMUM_PAGE, NotBlank, Page, PageFields, Trimmed};
use directory::identities::{IdentityChanges, NewIdentity, NewMetadataEntry};
use domain::value::names::Name;

/// The most metadata entries an identity may have.
pub const MAXIMUM_METADATA_ENTRIES: usize = 100;

type Metadata = List<MetadataEntryRequest, 0, MAXIMUM_METADATA_ENTRIES>;

body! {
    /// An identity to create.
    pub CreateIdentityRequest -> NewIdentity {
        name: Name,
        /// The caller's organization; any other is refused with 403.
        organization ["organizationId"]: Trimmed,
        /// The slug of a built-in or custom role.
        role: NotBlank = "no-access",
        /// Whether the identity cannot be deleted until this is taken back.
        has_delete_protection ["hasDeleteProtection"]: bool = false,
        metadata: Metadata = [],
    }

    /// What to change of an identity; the rest stays.
    pub UpdateIdentityRequest -> IdentityChanges {
        name: Option<Name>,
        /// The slug of a built-in or custom role.
        role: Option<NotBlank>,
        /// Whether the identity cannot be deleted until this is taken back.
        has_delete_protection ["hasDeleteProtection"]: Option<bool>,
        /// Replaces all entries.
        metadata: Option<Metadata>,
    }

    /// A key and a value that belong to an identity.
    MetadataEntryRequest -> NewMetadataEntry {
        key: NotBlank,
        value: NotBlank,
    }

    /// Which identities to list.
    pub ListIdentitiesQuery -> (String, Page) {
        /// The caller's organization; any other is refused with 403.
        organization ["orgId"]: String,
        page: Flat<PageFields<MAXIMUM_PAGE, MAXIMUM_PAGE>>,
    } => |_reader| Some((organization, page));
}
