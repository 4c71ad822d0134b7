//! Reading the permission rules of a role, of the organization or of a project.
//!
//! `[{"subject", "action": "…" or ["…"], "conditions"?, "inverted"?}]`. What a rule may be about is a list of
//! [`RuleSubject`]s: a misspelled subject or action would be a rule that looks like protection and is none, so it is an
//! issue that names its place. Of a foreign subject any action and any conditions are taken and kept.

use serde_json::Value;

use crate::input::{Fields, Issue, PathPart, below};
use directory::rule_json;
use domain::gateway::proxied_request::PATH;
use domain::gateway::request_path::with_upper_case_digits;
use domain::permission::ability::{Rule, Selector};
use domain::permission::condition::{Conditions, FieldCondition};
use domain::permission::rule_subject::RuleSubject;

/// The most rules a role may have: every command of an identity with the role reads them all.
pub(super) const MAXIMUM_RULES: u64 = 500;
/// The most actions of one rule.
pub const MAXIMUM_ACTIONS: u64 = 50;
/// The most characters of the name of an action on a foreign subject.
pub const MAXIMUM_ACTION_CHARACTERS: u64 = 64;
/// The most characters a description may have.
pub(super) const MAXIMUM_DESCRIPTION_CHARACTERS: usize = 1_000;
/// The most values after `$in`.
pub const MAXIMUM_VALUES: usize = 100;
/// The most characters a value or a pattern of a condition may have.
pub const MAXIMUM_VALUE_CHARACTERS: usize = 255;
/// The most bytes that the conditions of a rule about a foreign subject may have as JSON.
pub const MAXIMUM_FOREIGN_BYTES: usize = 4_096;
/// How deep they may be nested. Infisical's own are three deep.
const MAXIMUM_FOREIGN_DEPTH: usize = 8;

/// The rules in this field; `None` when it is left out or something is wrong with it.
pub fn read(fields: &mut Fields<'_>, name: &str, subjects: &'static [RuleSubject]) -> Option<Vec<Rule>> {
    fields.optional_objects(name, 0, MAXIMUM_RULES, |rule| read_rule(rule, subjects))
}

/// The field `description`: `None` when it is left out, `Some(None)` when it is null.
pub fn read_description(fields: &mut Fields<'_>) -> Option<Option<String>> {
    if fields.value("description").is_some_and(Value::is_null) {
        return Some(None);
    }
    let text = fields.optional_string("description")?;
    if text.chars().count() > MAXIMUM_DESCRIPTION_CHARACTERS {
        let issue = Issue::too_big("string", MAXIMUM_DESCRIPTION_CHARACTERS as u64, fields.path("description"));
        fields.push(issue);
        return None;
    }
    Some(Some(text.to_owned()))
}

fn read_rule(rule: &mut Fields<'_>, subjects: &'static [RuleSubject]) -> Option<Rule> {
    let subject = read_subject(rule, subjects);
    // Without a subject the rest cannot be judged; the missing subject is the issue.
    let actions = read_actions(rule, subject);
    let conditions = read_conditions(rule, subject);
    // Some clients send null for what they leave out.
    let inverted =
        if rule.get("inverted").is_some_and(Value::is_null) { None } else { rule.optional_boolean("inverted") };
    Some(Rule {
        subject: Selector::name(subject?.name),
        actions: Selector::Names(actions?),
        conditions: conditions?,
        inverted: inverted.unwrap_or(false),
    })
}

fn read_subject(rule: &mut Fields<'_>, subjects: &'static [RuleSubject]) -> Option<&'static RuleSubject> {
    let name = rule.string("subject")?;
    let known = subjects.iter().find(|subject| subject.name == name);
    if known.is_none() {
        let names: Vec<&str> = subjects.iter().map(|subject| subject.name).collect();
        let issue = Issue::custom(format!("Expected one of {}", names.join(", ")), rule.path("subject"));
        rule.push(issue);
    }
    known
}

/// One action, or a list of them.
fn read_actions(rule: &mut Fields<'_>, subject: Option<&RuleSubject>) -> Option<Vec<String>> {
    let path = rule.path("action");
    let sent: Vec<(&Value, Vec<PathPart>)> = match rule.get("action") {
        Some(one @ Value::String(_)) => vec![(one, path)],
        Some(Value::Array(several)) if several.is_empty() => {
            rule.push(Issue::too_small("array", 1, path));
            return None;
        }
        Some(Value::Array(several)) if several.len() as u64 > MAXIMUM_ACTIONS => {
            rule.push(Issue::too_big("array", MAXIMUM_ACTIONS, path));
            return None;
        }
        Some(Value::Array(several)) => {
            several.iter().enumerate().map(|(index, one)| (one, below(&path, index))).collect()
        }
        None => {
            rule.string("action");
            return None;
        }
        other => {
            rule.push(Issue::invalid_type("array", other, path));
            return None;
        }
    };
    let read: Vec<Option<String>> =
        sent.into_iter().map(|(value, path)| read_action(rule, subject, value, path)).collect();
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

fn read_action(
    rule: &mut Fields<'_>,
    subject: Option<&RuleSubject>,
    value: &Value,
    path: Vec<PathPart>,
) -> Option<String> {
    let Value::String(action) = value else {
        rule.push(Issue::invalid_type("string", Some(value), path));
        return None;
    };
    let issue = match subject.and_then(|subject| subject.actions) {
        Some(known) if known.contains(&action.as_str()) => return Some(action.clone()),
        Some(known) => Issue::custom(format!("Expected one of {}", known.join(", ")), path),
        None if action.is_empty() => Issue::too_small("string", 1, path),
        None if action.chars().count() as u64 > MAXIMUM_ACTION_CHARACTERS => {
            Issue::too_big("string", MAXIMUM_ACTION_CHARACTERS, path)
        }
        // It stands for every action in what is stored, and only built-in roles may have that.
        None if action == "*" => Issue::custom("Name the actions", path),
        None => return Some(action.clone()),
    };
    rule.push(issue);
    None
}

/// The field `conditions`. Of a foreign subject, or of none, they are anything that is small enough.
fn read_conditions(rule: &mut Fields<'_>, subject: Option<&RuleSubject>) -> Option<Conditions> {
    let path = rule.path("conditions");
    let sent = match rule.value("conditions") {
        None | Some(Value::Null) => return Some(Conditions::none()),
        Some(sent @ Value::Object(fields)) if fields.is_empty() => {
            return Some(rule_json::as_sent(Conditions::none(), sent));
        }
        Some(sent @ Value::Object(fields)) => match subject.and_then(|subject| subject.condition_fields) {
            Some(known) => return Some(rule_json::as_sent(read_tests(rule, fields, known, &path), sent)),
            None => sent,
        },
        Some(other) => {
            rule.push(Issue::invalid_type("object", Some(other), path));
            return None;
        }
    };
    let text = sent.to_string();
    if text.len() > MAXIMUM_FOREIGN_BYTES {
        rule.push(Issue::custom(format!("Conditions have at most {MAXIMUM_FOREIGN_BYTES} bytes"), path));
        return None;
    }
    if depth(sent) > MAXIMUM_FOREIGN_DEPTH {
        rule.push(Issue::custom(format!("Conditions are nested at most {MAXIMUM_FOREIGN_DEPTH} deep"), path));
        return None;
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
fn read_tests(
    rule: &mut Fields<'_>,
    sent: &serde_json::Map<String, Value>,
    known: &[&str],
    path: &[PathPart],
) -> Conditions {
    let mut conditions = Conditions::none();
    for (field, requirements) in sent {
        let path = below(path, field.as_str());
        if !known.contains(&field.as_str()) {
            rule.push(Issue::custom("The subject has no such field for conditions", path));
            continue;
        }
        match requirements {
            Value::String(_) => match read_requirement(field, "$eq", requirements, &path) {
                Ok(requirement) => conditions = conditions.and(field, requirement),
                Err(issue) => rule.push(*issue),
            },
            Value::Object(requirements) if !requirements.is_empty() => {
                for (operator, operand) in requirements {
                    match read_requirement(field, operator, operand, &below(&path, operator.as_str())) {
                        Ok(requirement) => conditions = conditions.and(field, requirement),
                        Err(issue) => rule.push(*issue),
                    }
                }
            }
            Value::Object(_) => rule.push(Issue::custom("At least one of $eq, $ne, $in, $glob is needed", path)),
            other => rule.push(Issue::invalid_type("object", Some(other), path)),
        }
    }
    conditions
}

fn read_requirement(
    field: &str,
    operator: &str,
    operand: &Value,
    path: &[PathPart],
) -> Result<FieldCondition, Box<Issue>> {
    let text = |operand: &Value, path: Vec<PathPart>| match operand {
        Value::String(text) if text.is_empty() => Err(Box::new(Issue::too_small("string", 1, path))),
        Value::String(text) if text.chars().count() > MAXIMUM_VALUE_CHARACTERS => {
            Err(Box::new(Issue::too_big("string", MAXIMUM_VALUE_CHARACTERS as u64, path)))
        }
        // An id is the same in either case, and conditions compare text.
        Value::String(text) if field == "identityId" => Ok(text.to_ascii_lowercase()),
        // Paths are compared with their percent-encodings in upper case, whatever the case in which they were sent.
        Value::String(text) if field == PATH => Ok(with_upper_case_digits(text).into_owned()),
        Value::String(text) => Ok(text.clone()),
        other => Err(Box::new(Issue::invalid_type("string", Some(other), path))),
    };
    match (operator, operand) {
        ("$eq", operand) => text(operand, path.to_vec()).map(FieldCondition::Equal),
        ("$ne", operand) => text(operand, path.to_vec()).map(FieldCondition::NotEqual),
        ("$glob", operand) => FieldCondition::glob(&text(operand, path.to_vec())?).ok_or_else(|| {
            let message = "A pattern is made of *, **, ? and characters other than []{}!\\";
            Box::new(Issue::custom(message, path.to_vec()))
        }),
        ("$in", Value::Array(values)) if values.is_empty() => {
            Err(Box::new(Issue::too_small("array", 1, path.to_vec())))
        }
        ("$in", Value::Array(values)) if values.len() > MAXIMUM_VALUES => {
            Err(Box::new(Issue::too_big("array", MAXIMUM_VALUES as u64, path.to_vec())))
        }
        ("$in", Value::Array(values)) => values
            .iter()
            .enumerate()
            .map(|(index, value)| text(value, below(path, index)))
            .collect::<Result<_, _>>()
            .map(FieldCondition::OneOf),
        ("$in", other) => Err(Box::new(Issue::invalid_type("array", Some(other), path.to_vec()))),
        _ => Err(Box::new(Issue::custom("The operators are $eq, $ne, $in and $glob", path.to_vec()))),
    }
}
