//! Reading the rules of a project role: `{subject, action, conditions?, inverted?}`.

use serde_json::Value;

use crate::domain::condition::Conditions;
use crate::domain::permission::{Rule, Scope};
use crate::domain::project_role::{PROJECT_SUBJECTS, ProjectSubject, project_subject};
use crate::http::management::input::{Fields, Issue, PathPart};
use crate::http::management::rules;

/// The most rules of one role.
pub(in crate::http::management) const MAXIMUM_RULES: u64 = 500;
/// The most actions of one rule.
pub(in crate::http::management) const MAXIMUM_ACTIONS: u64 = 50;
/// The most characters of an action's name.
pub(in crate::http::management) const MAXIMUM_ACTION_CHARACTERS: u64 = 64;

/// The field `permissions`; `None` when it was left out or is wrong.
pub(super) fn read(fields: &mut Fields<'_>) -> Option<Vec<Rule>> {
    fields.optional_objects("permissions", 0, MAXIMUM_RULES, read_rule)
}

fn read_rule(rule: &mut Fields<'_>) -> Option<Rule> {
    let subject = read_subject(rule);
    // Without a subject the rest cannot be judged; the missing subject is the issue.
    let actions = read_actions(rule, subject);
    let conditions = read_conditions(rule, subject);
    // Some clients send null for what they leave out.
    let inverted =
        if rule.get("inverted").is_some_and(Value::is_null) { None } else { rule.optional_boolean("inverted") };
    Some(Rule {
        subject: Scope::name(subject?.name),
        actions: Scope::Names(actions?),
        conditions: conditions?,
        inverted: inverted.unwrap_or(false),
    })
}

fn read_subject(rule: &mut Fields<'_>) -> Option<&'static ProjectSubject> {
    let name = rule.string("subject")?;
    let known = project_subject(name);
    if known.is_none() {
        let names: Vec<&str> = PROJECT_SUBJECTS.iter().map(|subject| subject.name).collect();
        let issue = Issue::custom(format!("Expected one of {}", names.join(", ")), rule.path("subject"));
        rule.push(issue);
    }
    known
}

/// One action, or a list of them.
fn read_actions(rule: &mut Fields<'_>, subject: Option<&ProjectSubject>) -> Option<Vec<String>> {
    let path = rule.path("action");
    let at = |index: usize| path.iter().cloned().chain([PathPart::from(index)]).collect::<Vec<_>>();
    let sent: Vec<(&Value, Vec<PathPart>)> = match rule.get("action") {
        Some(one @ Value::String(_)) => vec![(one, path.clone())],
        Some(Value::Array(several)) if several.is_empty() => {
            rule.push(Issue::too_small("array", 1, path));
            return None;
        }
        Some(Value::Array(several)) if several.len() as u64 > MAXIMUM_ACTIONS => {
            rule.push(Issue::too_big("array", MAXIMUM_ACTIONS, path));
            return None;
        }
        Some(Value::Array(several)) => several.iter().enumerate().map(|(index, one)| (one, at(index))).collect(),
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
    read.into_iter().collect()
}

fn read_action(
    rule: &mut Fields<'_>,
    subject: Option<&ProjectSubject>,
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

fn read_conditions(rule: &mut Fields<'_>, subject: Option<&ProjectSubject>) -> Option<Conditions> {
    let known = subject.and_then(|subject| subject.condition_fields);
    let name = subject.map_or("the subject", |subject| subject.name);
    rules::read_conditions(rule, name, |field| known.is_none_or(|known| known.contains(&field)))
}
