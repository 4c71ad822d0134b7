//! Reading the permission rules of a role, of the organization or of a project.
//!
//! `[{"subject", "action": "…" or ["…"], "conditions"?, "inverted"?}]`. What a rule may be about is a list of
//! [`RuleSubject`]s: a misspelled subject or action would be a rule that looks like protection and is none, so it is an
//! issue that names its place. Of a foreign subject any action and any conditions are taken and kept.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value};

use crate::body::{Input, List, Nullable, Reader, elements, text};
use crate::issue::Issue;
use directory::rule_json;
use domain::gateway::proxied_request::PATH;
use domain::gateway::request_path::with_upper_case_digits;
use domain::permission::ability::{Rule, Selector};
use domain::permission::condition::{Conditions, FieldCondition};
use domain::permission::organization_role::ORGANIZATION_SUBJECTS;
use domain::permission::project_role::PROJECT_SUBJECTS;
use domain::permission::rule_subject::RuleSubject;

/// The most rules a role may have: every command of an identity with the role reads them all.
pub(super) const MAXIMUM_RULES: usize = 500;
/// The most actions of one rule.
const MAXIMUM_ACTIONS: usize = 50;
/// The most characters of the name of an action on a foreign subject.
const MAXIMUM_ACTION_CHARACTERS: usize = 64;
/// The most characters a description may have.
pub(super) const MAXIMUM_DESCRIPTION_CHARACTERS: usize = 1_000;
/// The most values after `$in`.
const MAXIMUM_VALUES: usize = 100;
/// The most characters a value or a pattern of a condition may have.
const MAXIMUM_VALUE_CHARACTERS: usize = 255;
/// The most bytes that the conditions of a rule about a foreign subject may have as JSON.
const MAXIMUM_FOREIGN_BYTES: usize = 4_096;
/// How deep they may be nested. Infisical's own are three deep.
const MAXIMUM_FOREIGN_DEPTH: usize = 8;

/// The rules of a role.
pub type Rules<Place> = List<SentRule<Place>, 0, MAXIMUM_RULES>;

/// Where rules hold.
pub trait RulePlace {
    /// What they may be about.
    const SUBJECTS: &'static [RuleSubject];
    /// What the document calls one of them.
    const REQUEST: &'static str;
}

pub struct InOrganization;

impl RulePlace for InOrganization {
    const SUBJECTS: &'static [RuleSubject] = ORGANIZATION_SUBJECTS;
    const REQUEST: &'static str = "OrganizationRuleRequest";
}

pub struct InProject;

impl RulePlace for InProject {
    const SUBJECTS: &'static [RuleSubject] = PROJECT_SUBJECTS;
    const REQUEST: &'static str = "ProjectRuleRequest";
}

/// A rule of a role.
pub struct SentRule<Place>(std::marker::PhantomData<Place>);

impl<Place: RulePlace> Input for SentRule<Place> {
    type Value = Rule;

    const EXPECTED: &'static str = "object";

    fn read(sent: &Value, reader: &mut Reader<'_>) -> Option<Rule> {
        match sent {
            Value::Object(rule) => read_rule(rule, Place::SUBJECTS, reader),
            other => reader.expected(Self::EXPECTED, Some(other)),
        }
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<Self>()
    }
}

impl<Place: RulePlace> JsonSchema for SentRule<Place> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        Place::REQUEST.into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        described::rules(Place::SUBJECTS)
    }
}

fn read_rule(rule: &Map<String, Value>, subjects: &'static [RuleSubject], reader: &mut Reader<'_>) -> Option<Rule> {
    let subject = reader.at("subject", |reader| match rule.get("subject") {
        Some(sent) => read_subject(sent, subjects, reader),
        None => reader.expected("string", None),
    });
    // Without a subject the rest cannot be judged; the missing subject is the issue.
    let actions = reader.at("action", |reader| match rule.get("action") {
        Some(sent) => read_actions(sent, subject, reader),
        None => reader.expected("string", None),
    });
    let conditions = reader.at("conditions", |reader| read_conditions(rule.get("conditions"), subject, reader));
    // Some clients send null for what they leave out.
    let inverted = <Option<Nullable<bool>> as Input>::take(rule, "inverted", reader)?.flatten();
    Some(Rule {
        subject: Selector::name(subject?.name),
        actions: Selector::Names(actions?),
        conditions: conditions?,
        inverted: inverted.unwrap_or(false),
    })
}

fn read_subject(
    sent: &Value,
    subjects: &'static [RuleSubject],
    reader: &mut Reader<'_>,
) -> Option<&'static RuleSubject> {
    let name = text(sent, reader)?;
    let known = subjects.iter().find(|subject| subject.name == name);
    if known.is_none() {
        let names: Vec<&str> = subjects.iter().map(|subject| subject.name).collect();
        return reader.refuse_because(format!("Expected one of {}", names.join(", ")));
    }
    known
}

/// One action, or a list of them.
fn read_actions(sent: &Value, subject: Option<&RuleSubject>, reader: &mut Reader<'_>) -> Option<Vec<String>> {
    if let Value::String(_) = sent {
        return read_action(sent, subject, reader).map(|action| vec![action]);
    }
    let several = elements(sent, 1, MAXIMUM_ACTIONS, reader)?.iter().enumerate();
    let read: Vec<Option<String>> =
        several.map(|(index, one)| reader.at(index, |reader| read_action(one, subject, reader))).collect();
    let mut actions: Vec<String> = Vec::new();
    for action in read {
        let action = action?;
        // Named twice it is no more than once.
        if !actions.contains(&action) {
            actions.push(action);
        }
    }
    Some(actions)
}

fn read_action(sent: &Value, subject: Option<&RuleSubject>, reader: &mut Reader<'_>) -> Option<String> {
    let action = text(sent, reader)?;
    match subject.and_then(|subject| subject.actions) {
        Some(known) if known.contains(&action) => Some(action.to_owned()),
        Some(known) => reader.refuse_because(format!("Expected one of {}", known.join(", "))),
        None if action.is_empty() => reader.refuse(Issue::too_small("string", 1, reader.path())),
        None if !reader.has_at_most(MAXIMUM_ACTION_CHARACTERS, action) => None,
        // It stands for every action in what is stored, and only built-in roles may have that.
        None if action == "*" => reader.refuse_because("Name the actions"),
        None => Some(action.to_owned()),
    }
}

/// The conditions of a rule. Of a foreign subject, or of none, they are anything that is small enough.
fn read_conditions(sent: Option<&Value>, subject: Option<&RuleSubject>, reader: &mut Reader<'_>) -> Option<Conditions> {
    let sent = match sent {
        None | Some(Value::Null) => return Some(Conditions::none()),
        Some(sent @ Value::Object(fields)) if fields.is_empty() => {
            return Some(rule_json::as_sent(Conditions::none(), sent));
        }
        Some(sent @ Value::Object(fields)) => match subject.and_then(|subject| subject.condition_fields) {
            Some(known) => return Some(rule_json::as_sent(read_tests(fields, known, reader), sent)),
            None => sent,
        },
        Some(other) => return reader.expected("object", Some(other)),
    };
    let text = sent.to_string();
    if text.len() > MAXIMUM_FOREIGN_BYTES {
        return reader.refuse_because(format!("Conditions have at most {MAXIMUM_FOREIGN_BYTES} bytes"));
    }
    if depth(sent) > MAXIMUM_FOREIGN_DEPTH {
        return reader.refuse_because(format!("Conditions are nested at most {MAXIMUM_FOREIGN_DEPTH} deep"));
    }
    Some(Conditions::verbatim(&text))
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Object(object) => 1 + object.values().map(depth).max().unwrap_or(0),
        Value::Array(array) => 1 + array.iter().map(depth).max().unwrap_or(0),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

/// The tests of fields that are known; what is wrong is an issue.
fn read_tests(sent: &Map<String, Value>, known: &[&str], reader: &mut Reader<'_>) -> Conditions {
    let mut conditions = Conditions::none();
    for (field, requirements) in sent {
        let read = |reader: &mut Reader<'_>| match requirements {
            _ if !known.contains(&field.as_str()) => {
                reader.refuse_because::<()>("The subject has no such field for conditions");
                Vec::new()
            }
            Value::String(_) => read_requirement(field, "$eq", requirements, reader).into_iter().collect(),
            Value::Object(requirements) if !requirements.is_empty() => requirements
                .iter()
                .filter_map(|(operator, operand)| {
                    reader.at(operator.as_str(), |reader| read_requirement(field, operator, operand, reader))
                })
                .collect(),
            Value::Object(_) => {
                reader.refuse_because::<()>("At least one of $eq, $ne, $in, $glob is needed");
                Vec::new()
            }
            other => {
                reader.expected::<()>("object", Some(other));
                Vec::new()
            }
        };
        for requirement in reader.at(field.as_str(), read) {
            conditions = conditions.and(field, requirement);
        }
    }
    conditions
}

fn read_requirement(field: &str, operator: &str, operand: &Value, reader: &mut Reader<'_>) -> Option<FieldCondition> {
    match operator {
        "$eq" => read_operand(field, operand, reader).map(FieldCondition::Equal),
        "$ne" => read_operand(field, operand, reader).map(FieldCondition::NotEqual),
        "$glob" => match FieldCondition::glob(&read_operand(field, operand, reader)?) {
            Some(requirement) => Some(requirement),
            None => reader.refuse_because("A pattern is made of *, **, ? and characters other than []{}!\\"),
        },
        "$in" => {
            let several = elements(operand, 1, MAXIMUM_VALUES, reader)?;
            let read = |(index, value)| reader.at(index, |reader| read_operand(field, value, reader));
            // The first that is wrong is reason enough to refuse.
            several.iter().enumerate().map(read).collect::<Option<_>>().map(FieldCondition::OneOf)
        }
        _ => reader.refuse_because("The operators are $eq, $ne, $in and $glob"),
    }
}

fn read_operand(field: &str, operand: &Value, reader: &mut Reader<'_>) -> Option<String> {
    let text = text(operand, reader)?;
    if text.is_empty() {
        return reader.refuse(Issue::too_small("string", 1, reader.path()));
    }
    if !reader.has_at_most(MAXIMUM_VALUE_CHARACTERS, text) {
        return None;
    }
    Some(match field {
        // An id is the same in either case, and conditions compare text.
        "identityId" => text.to_ascii_lowercase(),
        // Paths are compared with their percent-encodings in upper case, whatever the case in which they were sent.
        PATH => with_upper_case_digits(text).into_owned(),
        _ => text.to_owned(),
    })
}

/// What the document says of the same.
mod described {
    use schemars::{Schema, json_schema};
    use serde_json::{Map, Value, json};

    use super::{
        MAXIMUM_ACTION_CHARACTERS, MAXIMUM_ACTIONS, MAXIMUM_FOREIGN_BYTES, MAXIMUM_VALUE_CHARACTERS, MAXIMUM_VALUES,
    };
    use domain::permission::rule_subject::RuleSubject;

    /// What a pattern may not hold: `NOT_IN_A_GLOB` of `condition.rs` in `domain`.
    const GLOB: &str = r"^[^\[\]{}!\\]+$";

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
}
