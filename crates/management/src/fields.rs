//! Kinds of values that several families take.

use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::Value;

use crate::body::numbers::{Whole, WholeText, whole_number};
use crate::body::{Input, List, Reader, body, text};
use crate::issue::Issue;
use domain::network::trusted_ips::MAXIMUM_ENTRIES;
use domain::permission::role_slug::{MAXIMUM_SLUG_CHARACTERS, RoleSlug};
use domain::token::lifetime::{Lifetime, MAXIMUM_TTL};
use domain::token::uses::{MAXIMUM_USES_LIMIT, UsesLimit};
use domain::value::names::{MAXIMUM_NAME_CHARACTERS, Name, NameError};
use domain::value::timestamp::Seconds;
use zeroize::Zeroizing;

/// The most things on one page of a list.
///
/// An object has 128 MB, and while an answer is made it takes about six times its size: the rows, what is read of them,
/// the JSON, and the runtime's copies. `list_sizes` shows that no list answers with more than 10 MB when everything in it
/// is as long as it may be.
pub const MAXIMUM_PAGE: u64 = 1_000;

const LAST_OFFSET: u64 = u32::MAX as u64;

/// What a slug is not.
pub const NOT_A_SLUG: &str = "Slug must be lower-case letters, digits and single hyphens between them";

/// TTL and max TTL when a request names none: 30 days.
const DEFAULT_TTL: Seconds = Seconds::new(2_592_000);

/// At least one character that is no white space, U+0085 included, which not every dialect counts.
const NOT_BLANK: &str = r"[^\s\x85]";
/// At least one character that is no white space, and no control character.
const NAME: &str = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$";
/// Words of lower-case letters and digits, joined by hyphens.
pub const SLUG: &str = "^[a-z0-9]+(-[a-z0-9]+)*$";

/// A page of a list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Page {
    /// How many to skip.
    pub offset: u64,
    /// How many to return at most.
    pub limit: u64,
}

body! {
    /// The page of a list.
    pub PageFields<const MOST: u64, const USUAL: u64> -> Page {
        /// How many to skip.
        offset: WholeText<0, LAST_OFFSET> = 0,
        /// How many to return at most.
        limit: WholeText<1, MOST> = USUAL,
    }
}

body! {
    /// TTL and max TTL of tokens to come.
    pub NewLifetime -> Lifetime {
        /// Seconds after which a token expires unless it is renewed; 0 for no expiry. Not above a max TTL that is not 0.
        ttl ["accessTokenTTL"]: TtlOrDefault,
        /// Seconds after its creation beyond which a token cannot be renewed; 0 for no such limit.
        max_ttl ["accessTokenMaxTTL"]: TtlOrDefault,
    } => |reader| lifetime(ttl, max_ttl, reader);

    /// What to change of TTL and max TTL. If only one of them is sent, the command compares it with the other.
    pub LifetimeChanges -> (Option<Seconds>, Option<Seconds>) {
        /// Seconds after which a token expires unless it is renewed; 0 for no expiry. Not above a max TTL that is not 0.
        ttl ["accessTokenTTL"]: Option<Ttl>,
        /// Seconds after its creation beyond which a token cannot be renewed; 0 for no such limit.
        max_ttl ["accessTokenMaxTTL"]: Option<Ttl>,
    } => |reader| {
        if let Some((ttl, max_ttl)) = ttl.zip(max_ttl) {
            lifetime(ttl, max_ttl, reader)?;
        }
        Some((ttl, max_ttl))
    };

    /// An address or a CIDR block, of IPv4 or IPv6.
    pub TrustedIpRequest -> String {
        /// Such as `192.0.2.1`, `192.0.2.0/24` or `2001:db8::/32`. Anything else is refused with 400.
        address ["ipAddress"]: TrustedIpText,
    } => |_reader| Some(address);
}

/// Trusted IPs as they were sent: a wrong address is no 422 but 400, and only for a caller who may configure the identity.
pub type TrustedIpList = List<TrustedIpRequest, 1, MAXIMUM_ENTRIES>;

fn lifetime(ttl: Seconds, max_ttl: Seconds, reader: &mut Reader<'_>) -> Option<Lifetime> {
    match Lifetime::from_bounded(ttl, max_ttl) {
        Ok(lifetime) => Some(lifetime),
        Err(_) => reader.at("accessTokenTTL", |reader| {
            reader.refuse_because("Access Token TTL cannot be greater than Access Token Max TTL.")
        }),
    }
}

/// A span of time in seconds, no longer than the operator allows.
pub struct Ttl;

impl Input for Ttl {
    type Value = Seconds;

    const EXPECTED: &'static str = "number";

    fn read(sent: &Value, reader: &mut Reader<'_>) -> Option<Seconds> {
        whole_number(sent, 0, reader.circumstances.ttl_ceiling.longest().get(), reader).map(Seconds::new)
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": 0, "maximum": MAXIMUM_TTL.get() })
    }
}

/// A [`Ttl`] that is 30 days when it is left out, or as long as the operator allows.
pub struct TtlOrDefault;

impl Input for TtlOrDefault {
    type Value = Seconds;

    const EXPECTED: &'static str = "number";

    fn read(sent: &Value, reader: &mut Reader<'_>) -> Option<Seconds> {
        Ttl::read(sent, reader)
    }

    fn left_out(reader: &mut Reader<'_>) -> Option<Seconds> {
        Some(DEFAULT_TTL.min(reader.circumstances.ttl_ceiling.longest()))
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = Ttl::schema(generator);
        schema.insert("default".to_owned(), DEFAULT_TTL.get().into());
        schema
    }

    const IS_REQUIRED: bool = false;
}

/// A number of uses; 0 is any number.
impl Input for UsesLimit {
    type Value = Self;

    const EXPECTED: &'static str = "number";

    fn read(sent: &Value, reader: &mut Reader<'_>) -> Option<Self> {
        Self::from_wire(whole_number(sent, 0, MAXIMUM_USES_LIMIT, reader)?).ok()
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        Whole::<0, MAXIMUM_USES_LIMIT>::schema(generator)
    }
}

/// An address or a block, as it was sent.
pub struct TrustedIpText;

impl Input for TrustedIpText {
    type Value = String;

    const EXPECTED: &'static str = "string";

    fn read(sent: &Value, reader: &mut Reader<'_>) -> Option<String> {
        Trimmed::read(sent, reader)
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "examples": ["192.0.2.0/24"] })
    }
}

/// A text that is not blank. White space around it is dropped.
pub struct NotBlank;

impl Input for NotBlank {
    type Value = String;

    const EXPECTED: &'static str = "string";

    fn read(sent: &Value, reader: &mut Reader<'_>) -> Option<String> {
        let text = text(sent, reader)?.trim();
        if text.is_empty() {
            return reader.refuse(Issue::too_small("string", 1, reader.path()));
        }
        Some(text.to_owned())
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "minLength": 1, "pattern": NOT_BLANK,
            "description": "A text that is not blank. White space around it is dropped." })
    }
}

/// A secret, or what is taken for one: overwritten when it is dropped.
pub struct SecretText;

impl Input for SecretText {
    type Value = Zeroizing<String>;

    const EXPECTED: &'static str = "string";

    fn read(sent: &Value, reader: &mut Reader<'_>) -> Option<Zeroizing<String>> {
        Trimmed::read(sent, reader).map(Zeroizing::new)
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        String::schema(generator)
    }
}

/// White space around it is dropped.
impl Input for Name {
    type Value = Self;

    const EXPECTED: &'static str = "string";

    fn read(sent: &Value, reader: &mut Reader<'_>) -> Option<Self> {
        match Self::parse(text(sent, reader)?) {
            Ok(name) => Some(name),
            Err(NameError::Empty) => reader.refuse(Issue::too_small("string", 1, reader.path())),
            Err(NameError::TooLong) => {
                reader.refuse(Issue::too_big("string", MAXIMUM_NAME_CHARACTERS as u64, reader.path()))
            }
            Err(NameError::ControlCharacter) => reader.refuse_because("Control characters are not allowed"),
        }
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "minLength": 1, "maxLength": MAXIMUM_NAME_CHARACTERS, "pattern": NAME,
            "description": "A name. White space around it is dropped." })
    }
}

/// A slug of up to 64 characters. White space around it is dropped.
impl Input for RoleSlug {
    type Value = Self;

    const EXPECTED: &'static str = "string";

    fn read(sent: &Value, reader: &mut Reader<'_>) -> Option<Self> {
        let text = text(sent, reader)?.trim();
        match Self::parse(text) {
            Ok(slug) => Some(slug),
            Err(_) if text.is_empty() => reader.refuse(Issue::too_small("string", 1, reader.path())),
            Err(_) if !reader.has_at_most(MAXIMUM_SLUG_CHARACTERS, text) => None,
            Err(_) => reader.refuse_because(NOT_A_SLUG),
        }
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "minLength": 1, "maxLength": MAXIMUM_SLUG_CHARACTERS, "pattern": SLUG,
            "description": "A slug: lower-case letters and digits, and single hyphens between them." })
    }
}

/// A text without the white space around it.
pub struct Trimmed;

impl Input for Trimmed {
    type Value = String;

    const EXPECTED: &'static str = "string";

    fn read(sent: &Value, reader: &mut Reader<'_>) -> Option<String> {
        text(sent, reader).map(|text| text.trim().to_owned())
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        String::schema(generator)
    }
}

/// A text of at most so many characters, without the white space around it; `None` when nothing is left.
pub struct Limited<const MAXIMUM: usize>;

impl<const MAXIMUM: usize> Input for Limited<MAXIMUM> {
    type Value = Option<String>;

    const EXPECTED: &'static str = "string";

    fn read(sent: &Value, reader: &mut Reader<'_>) -> Option<Option<String>> {
        let text = text(sent, reader)?.trim();
        reader.has_at_most(MAXIMUM, text).then(|| (!text.is_empty()).then(|| text.to_owned()))
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "maxLength": MAXIMUM })
    }
}

/// A span of time in whole seconds.
pub struct SecondsBetween<const MINIMUM: u64, const MAXIMUM: u64>;

impl<const MINIMUM: u64, const MAXIMUM: u64> Input for SecondsBetween<MINIMUM, MAXIMUM> {
    type Value = Seconds;

    const EXPECTED: &'static str = "number";

    fn read(sent: &Value, reader: &mut Reader<'_>) -> Option<Seconds> {
        whole_number(sent, MINIMUM, MAXIMUM, reader).map(Seconds::new)
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        Whole::<MINIMUM, MAXIMUM>::schema(generator)
    }
}

/// A text of at most so many characters, as it was sent.
pub struct LimitedAsSent<const MAXIMUM: usize>;

impl<const MAXIMUM: usize> Input for LimitedAsSent<MAXIMUM> {
    type Value = String;

    const EXPECTED: &'static str = "string";

    fn read(sent: &Value, reader: &mut Reader<'_>) -> Option<String> {
        let text = text(sent, reader)?;
        reader.has_at_most(MAXIMUM, text).then(|| text.to_owned())
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "maxLength": MAXIMUM })
    }
}

/// A schema that does not allow these texts.
pub fn other_than(texts: &[&str], mut schema: Schema) -> Schema {
    schema.insert("not".to_owned(), serde_json::json!({ "enum": texts }));
    schema
}
