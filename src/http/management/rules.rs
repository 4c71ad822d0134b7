//! Reading the permission rules of a role.
//!
//! `[{"subject", "action": "…" or ["…"], "conditions"?, "inverted"?}]`. What a rule may be about is a [`Vocabulary`]: a
//! misspelled subject or action would be a rule that looks like protection and is none, so it is an issue that names its
//! place.

use serde_json::Value;

use crate::domain::condition::{Conditions, Requirement};
use crate::domain::permission::{Rule, Scope};
use crate::http::management::input::{Fields, Issue, PathPart, below};

/// The most rules a role may have: every command of an identity with the role reads them all.
pub(super) const MAXIMUM_RULES: u64 = 500;
/// The most characters a description may have.
pub(super) const MAXIMUM_DESCRIPTION_CHARACTERS: usize = 1_000;
/// The most values after `$in`.
pub const MAXIMUM_VALUES: usize = 100;
/// The most characters a value or a pattern of a condition may have.
pub const MAXIMUM_VALUE_CHARACTERS: usize = 255;

/// What rules can be about.
#[derive(Clone, Copy, Debug)]
pub struct Vocabulary {
    /// The subjects.
    pub subjects: &'static [SubjectWords],
}

/// A subject with what can be done to it.
#[derive(Clone, Copy, Debug)]
pub struct SubjectWords {
    /// Its name.
    pub name: &'static str,
    /// The actions on it.
    pub actions: &'static [&'static str],
    /// The fields that conditions can be about.
    pub fields: &'static [&'static str],
}

/// The actions that most subjects have.
const COMMON_ACTIONS: &[&str] = &["read", "create", "edit", "delete"];

const fn common(name: &'static str) -> SubjectWords {
    SubjectWords { name, actions: COMMON_ACTIONS, fields: &[] }
}

/// What the rules of an organization role can be about. Most subjects mean something to Infisical only; they are accepted
/// so that its clients' roles can be stored.
pub const ORGANIZATION: Vocabulary = Vocabulary {
    subjects: &[
        SubjectWords {
            name: "identity",
            actions: &[
                "read",
                "create",
                "edit",
                "delete",
                "grant-privileges",
                "edit-auth",
                "revoke-auth",
                "create-token",
                "get-token",
                "delete-token",
            ],
            fields: &["identityId"],
        },
        common("workspace"),
        common("project"),
        common("role"),
        common("member"),
        common("settings"),
        common("incident-contact"),
        common("sso"),
        common("scim"),
        common("github-org-sync"),
        common("github-org-sync-manual"),
        common("ldap"),
        common("groups"),
        common("billing"),
        common("secret-scanning"),
        common("kms"),
        common("organization-admin-console"),
        common("audit-logs"),
        common("project-templates"),
        common("app-connections"),
        common("kmip"),
        common("gateway"),
        common("relay"),
        common("secret-share"),
        common("machine-identity-auth-template"),
        common("sub-organization"),
    ],
};

/// The rules in this field; `None` when it is left out or something is wrong with it.
pub fn read(fields: &mut Fields<'_>, name: &str, vocabulary: Vocabulary) -> Option<Vec<Rule>> {
    fields.optional_objects(name, 0, MAXIMUM_RULES, |rule| read_rule(rule, vocabulary))
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

fn read_rule(rule: &mut Fields<'_>, vocabulary: Vocabulary) -> Option<Rule> {
    let inverted = rule.optional_boolean("inverted").unwrap_or(false);
    let name = rule.string("subject")?;
    let Some(subject) = vocabulary.subjects.iter().find(|subject| subject.name == name) else {
        let issue = Issue::custom("There is no such subject", rule.path("subject"));
        rule.push(issue);
        return None;
    };
    let actions = read_actions(rule, subject);
    let conditions = read_conditions(rule, subject.name, |field| subject.fields.contains(&field));
    Some(Rule {
        subject: Scope::name(subject.name),
        actions: Scope::Names(actions?),
        conditions: conditions?,
        inverted,
    })
}

fn read_actions(rule: &mut Fields<'_>, subject: &SubjectWords) -> Option<Vec<String>> {
    let path = rule.path("action");
    let sent = match rule.value("action") {
        Some(Value::String(action)) => vec![(path.clone(), action.as_str())],
        Some(Value::Array(actions)) if actions.is_empty() => {
            rule.push(Issue::too_small("array", 1, path));
            return None;
        }
        Some(Value::Array(actions)) if actions.len() > subject.actions.len() => {
            rule.push(Issue::too_big("array", subject.actions.len() as u64, path));
            return None;
        }
        Some(Value::Array(actions)) => {
            let mut sent = Vec::with_capacity(actions.len());
            for (index, action) in actions.iter().enumerate() {
                let path = below(&path, index);
                match action {
                    Value::String(action) => sent.push((path, action.as_str())),
                    other => rule.push(Issue::invalid_type("string", Some(other), path)),
                }
            }
            sent
        }
        other => {
            rule.push(Issue::invalid_type("string", other, path));
            return None;
        }
    };
    let mut actions = Vec::with_capacity(sent.len());
    for (path, action) in sent {
        if subject.actions.contains(&action) {
            actions.push(action.to_owned());
        } else {
            rule.push(Issue::custom(format!("There is no such action on {}", subject.name), path));
        }
    }
    Some(actions)
}

/// The field `conditions`; `is_known` says which fields the subject `name` has for them.
pub(super) fn read_conditions(
    rule: &mut Fields<'_>,
    name: &str,
    is_known: impl Fn(&str) -> bool,
) -> Option<Conditions> {
    let path = rule.path("conditions");
    let sent = match rule.value("conditions") {
        None | Some(Value::Null) => return Some(Conditions::none()),
        Some(Value::Object(sent)) => sent,
        Some(other) => {
            rule.push(Issue::invalid_type("object", Some(other), path));
            return None;
        }
    };
    let mut conditions = Conditions::none();
    for (field, requirements) in sent {
        let path = below(&path, field.as_str());
        if !is_known(field) {
            rule.push(Issue::custom(format!("{name} has no such field for conditions"), path));
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
    Some(conditions)
}

fn read_requirement(
    field: &str,
    operator: &str,
    operand: &Value,
    path: &[PathPart],
) -> Result<Requirement, Box<Issue>> {
    let text = |operand: &Value, path: Vec<PathPart>| match operand {
        Value::String(text) if text.is_empty() => Err(Box::new(Issue::too_small("string", 1, path))),
        Value::String(text) if text.chars().count() > MAXIMUM_VALUE_CHARACTERS => {
            Err(Box::new(Issue::too_big("string", MAXIMUM_VALUE_CHARACTERS as u64, path)))
        }
        // An id is the same in either case, and conditions compare text.
        Value::String(text) if field == "identityId" => Ok(text.to_ascii_lowercase()),
        Value::String(text) => Ok(text.clone()),
        other => Err(Box::new(Issue::invalid_type("string", Some(other), path))),
    };
    match (operator, operand) {
        ("$eq", operand) => text(operand, path.to_vec()).map(Requirement::Equal),
        ("$ne", operand) => text(operand, path.to_vec()).map(Requirement::NotEqual),
        ("$glob", operand) => Requirement::glob(&text(operand, path.to_vec())?).ok_or_else(|| {
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
            .map(Requirement::OneOf),
        ("$in", other) => Err(Box::new(Issue::invalid_type("array", Some(other), path.to_vec()))),
        _ => Err(Box::new(Issue::custom("The operators are $eq, $ne, $in and $glob", path.to_vec()))),
    }
}
