//! Types of fields that several operations take or show.
//!
//! They exist to be described and are never made. An `Option` is a field that may be left out; one that may also be null
//! says so by `x-nullable` (see `assemble`).

#![expect(dead_code, reason = "described and never made")]

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde_json::{Map, Value};

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
pub enum ShownConditions {
    Read(BTreeMap<String, ShownRequirements>),
    Kept(Map<String, Value>),
}

/// What a field must fulfil; all of it.
#[derive(JsonSchema)]
#[schemars(rename = "Requirements")]
pub struct ShownRequirements {
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
