//! Types of fields that several operations take or show.
//!
//! They exist to be described and are never made. An `Option` is a field that may be left out; one that may also be null
//! says so by `x-nullable` (see `assemble`).

#![expect(dead_code, reason = "described and never made")]

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, json_schema};
use serde_json::{Map, Value, json};

use crate::rules::{
    MAXIMUM_ACTION_CHARACTERS, MAXIMUM_ACTIONS, MAXIMUM_FOREIGN_BYTES, MAXIMUM_VALUE_CHARACTERS, MAXIMUM_VALUES,
};
use domain::permission::role_slug::MAXIMUM_SLUG_CHARACTERS;
use domain::permission::rule_subject::RuleSubject;
use domain::value::names::MAXIMUM_NAME_CHARACTERS;
use domain::value::project_slug::{MAXIMUM_CHARACTERS, MINIMUM_CHARACTERS};

/// At least one character that is no white space, and no control character.
const NAME: &str = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$";
/// Words of lower-case letters and digits, joined by hyphens.
pub const SLUG: &str = "^[a-z0-9]+(-[a-z0-9]+)*$";
/// At least one character that is no white space, U+0085 included, which not every dialect counts.
const NOT_BLANK: &str = r"[^\s\x85]";
/// What a pattern may not hold: `NOT_IN_A_GLOB` of `domain/condition.rs`.
const GLOB: &str = r"^[^\[\]{}!\\]+$";

/// A name. White space around it is dropped.
#[derive(JsonSchema)]
#[schemars(inline, transparent)]
pub struct NameText(#[schemars(length(min = 1, max = MAXIMUM_NAME_CHARACTERS), regex(pattern = NAME))] String);

/// A slug: lower-case letters and digits, and single hyphens between them.
#[derive(JsonSchema)]
#[schemars(inline, transparent)]
pub struct SlugText(#[schemars(length(min = 1, max = MAXIMUM_SLUG_CHARACTERS), regex(pattern = SLUG))] String);

/// The slug of a project: lower-case letters and digits, and single hyphens between them. One is made of the name when
/// it is left out.
#[derive(JsonSchema)]
#[schemars(inline, transparent)]
pub struct ProjectSlugText(
    #[schemars(length(min = MINIMUM_CHARACTERS, max = MAXIMUM_CHARACTERS), regex(pattern = SLUG))] String,
);

/// A text that is not blank. White space around it is dropped.
#[derive(JsonSchema)]
#[schemars(inline, transparent)]
pub struct NotBlank(#[schemars(length(min = 1), regex(pattern = NOT_BLANK))] String);

/// An address or a CIDR block, of IPv4 or IPv6.
#[derive(JsonSchema)]
#[schemars(rename = "TrustedIpRequest", rename_all = "camelCase")]
pub struct TrustedIpText {
    /// Such as `192.0.2.1`, `192.0.2.0/24` or `2001:db8::/32`. Anything else is refused with 400.
    #[schemars(example = "192.0.2.0/24")]
    ip_address: String,
}

/// The subject, the actions and the conditions of one permission rule, as it is shown.
#[derive(JsonSchema)]
#[schemars(rename = "PermissionRule")]
pub struct ShownRule {
    /// What the rule is about; `*` stands for everything and is found in built-in roles only.
    subject: String,
    /// What it allows, or, if inverted, takes away.
    action: Vec<String>,
    /// For each field what must hold.
    #[schemars(skip_serializing_if = "Option::is_none")]
    conditions: Option<ShownConditions>,
    /// Whether it takes away what earlier rules allow.
    inverted: bool,
}

/// What else is known of an error: an object whose fields depend on the error, or a list of rules.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub enum ErrorDetails {
    /// About one thing.
    Object(Map<String, Value>),
    /// Rules, or whatever else there are several of.
    List(Vec<Map<String, Value>>),
}

/// For each field what must hold; or, of a rule that nothing here is decided by, what was sent.
#[derive(JsonSchema)]
#[schemars(rename = "Conditions", untagged)]
enum ShownConditions {
    Read(BTreeMap<String, ShownRequirements>),
    Kept(Map<String, Value>),
}

/// What a field must fulfil; all of it.
#[derive(JsonSchema)]
#[schemars(rename = "Requirements")]
struct ShownRequirements {
    /// It is this text.
    #[schemars(rename = "$eq", skip_serializing_if = "Option::is_none")]
    equal: Option<String>,
    /// It is another text.
    #[schemars(rename = "$ne", skip_serializing_if = "Option::is_none")]
    not_equal: Option<String>,
    /// It is one of these texts.
    #[schemars(rename = "$in", skip_serializing_if = "Option::is_none")]
    one_of: Option<Vec<String>>,
    /// It matches this pattern of `*`, `**` and `?`.
    #[schemars(rename = "$glob", skip_serializing_if = "Option::is_none")]
    glob: Option<String>,
}

/// One alternative for each group of subjects that have the same actions and fields.
pub fn rules(subjects: &[RuleSubject]) -> Schema {
    let mut groups: Vec<(Vec<&str>, &RuleSubject)> = Vec::new();
    for subject in subjects {
        let same = |known: &RuleSubject| {
            (known.actions, known.condition_fields) == (subject.actions, subject.condition_fields)
        };
        match groups.iter_mut().find(|(_, known)| same(known)) {
            Some((names, _)) => names.push(subject.name),
            None => groups.push((vec![subject.name], subject)),
        }
    }
    let alternatives: Vec<Value> = groups.iter().map(|(names, words)| rule(names, words)).collect();
    json_schema!({ "description": "A permission rule. What can be said depends on the subject.", "oneOf": alternatives })
}

fn rule(names: &[&str], words: &RuleSubject) -> Value {
    let action = match words.actions {
        Some(actions) => json!({ "type": "string", "enum": actions }),
        // `*` stands for every action in what is stored.
        None => {
            json!({ "type": "string", "minLength": 1, "maxLength": MAXIMUM_ACTION_CHARACTERS, "not": { "const": "*" } })
        }
    };
    let several = json!({ "type": "array", "minItems": 1, "maxItems": MAXIMUM_ACTIONS, "items": action });
    let properties = json!({
        "subject": { "type": "string", "enum": names, "description": "What the rule is about." },
        "action": { "anyOf": [action, several], "description": "What may be done, or, if inverted, may not." },
        "conditions": words.condition_fields.map_or_else(foreign_conditions, conditions),
        "inverted": { "type": ["boolean", "null"], "x-nullable": true, "default": false,
            "description": "Whether it takes away what earlier rules allow." },
    });
    json!({ "type": "object", "required": ["subject", "action"], "properties": properties })
}

/// Conditions that are kept as they are sent.
fn foreign_conditions() -> Value {
    let description =
        format!("Kept as they are sent, up to {MAXIMUM_FOREIGN_BYTES} bytes: nothing is decided by them.");
    json!({ "type": ["object", "null"], "x-nullable": true, "description": description })
}

/// For each field a text, which stands for `$eq`, or what it must fulfil.
fn conditions(fields: &[&str]) -> Value {
    let text = json!({ "type": "string", "minLength": 1, "maxLength": MAXIMUM_VALUE_CHARACTERS });
    let glob = json!({ "type": "string", "minLength": 1, "maxLength": MAXIMUM_VALUE_CHARACTERS, "pattern": GLOB });
    let several = json!({ "type": "array", "minItems": 1, "maxItems": MAXIMUM_VALUES, "items": text });
    let requirements = json!({ "type": "object", "minProperties": 1, "additionalProperties": false,
        "properties": { "$eq": text, "$ne": text, "$in": several, "$glob": glob } });
    let either = json!({ "anyOf": [text, requirements] });
    let known: Map<String, Value> = fields.iter().map(|field| ((*field).to_owned(), either.clone())).collect();
    json!({ "type": ["object", "null"], "x-nullable": true, "additionalProperties": false, "properties": known,
        "description": "For each field what must hold: a text, or at least one operator." })
}
