//! Permission rules as JSON: how they are stored and how they are shown.
//!
//! `{"subject", "action": […], "conditions"?, "inverted"}`, as clients send them. A condition is a field with its
//! requirements: `{"identityId": {"$eq": "…"}}`. They are kept as they were sent, a text for `{"$eq": …}` and the order of
//! `$in` included: a client such as Terraform compares. The conditions of a rule about a foreign subject are JSON of any
//! shape.
//!
//! **Invariant**: the shape is frozen by `rule_format_unchanged`.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use domain::permission::ability::{Rule, Selector};
use domain::permission::condition::{Conditions, FieldCondition};
use domain::permission::rule_subject::conditions_are_read;

/// The name that stands for every subject or every action. Only built-in roles have it.
const EVERY: &str = "*";

/// Writes rules down.
pub fn encode(rules: &[Rule]) -> Value {
    rules.iter().map(encode_rule).collect()
}

/// Writes one rule down.
pub fn encode_rule(rule: &Rule) -> Value {
    let mut object = Map::new();
    object.insert("subject".to_owned(), Value::from(selector_names(&rule.subject).into_iter().next().unwrap_or(EVERY)));
    object.insert("action".to_owned(), selector_names(&rule.actions).into_iter().collect());
    if !rule.conditions.is_empty() || rule.conditions.spelling().is_some() {
        object.insert("conditions".to_owned(), encode_conditions(&rule.conditions));
    }
    object.insert("inverted".to_owned(), Value::Bool(rule.inverted));
    Value::Object(object)
}

/// Writes conditions down.
pub fn encode_conditions(conditions: &Conditions) -> Value {
    if let Some(text) = conditions.as_verbatim().or(conditions.spelling()) {
        return serde_json::from_str(text).unwrap_or_else(|_| Value::from(text));
    }
    conditions
        .fields()
        .map(|(field, requirements)| {
            let requirements: Map<String, Value> = requirements.iter().map(encode_field_condition).collect();
            (field.to_owned(), Value::Object(requirements))
        })
        .collect::<Map<String, Value>>()
        .into()
}

fn encode_field_condition(requirement: &FieldCondition) -> (String, Value) {
    match requirement {
        FieldCondition::Equal(value) => ("$eq".to_owned(), json!(value)),
        FieldCondition::NotEqual(value) => ("$ne".to_owned(), json!(value)),
        FieldCondition::OneOf(values) => ("$in".to_owned(), json!(values)),
        FieldCondition::Glob(pattern) => ("$glob".to_owned(), json!(pattern)),
    }
}

fn selector_names(selector: &Selector) -> Vec<&str> {
    match selector {
        Selector::Every => vec![EVERY],
        Selector::Names(names) => names.iter().map(String::as_str).collect(),
    }
}

/// A rule as it is stored. Most commands read many of them.
#[derive(Deserialize)]
struct StoredRule {
    action: Vec<String>,
    conditions: Option<Value>,
    inverted: bool,
    subject: String,
}

/// Reads rules; `None` when the text is not JSON of this shape.
pub fn decode(rules: &str) -> Option<Vec<Rule>> {
    let stored: Vec<StoredRule> = serde_json::from_str(rules).ok()?;
    stored.into_iter().map(decode_rule).collect()
}

fn decode_rule(rule: StoredRule) -> Option<Rule> {
    Some(Rule {
        conditions: match rule.conditions {
            Some(conditions) if conditions_are_read(&rule.subject) || is_empty(&conditions) => {
                decode_conditions(&conditions)?
            }
            Some(conditions) => Conditions::verbatim(&conditions.to_string()),
            None => Conditions::none(),
        },
        subject: Selector::Names(vec![rule.subject]),
        actions: Selector::Names(rule.action),
        inverted: rule.inverted,
    })
}

fn is_empty(conditions: &Value) -> bool {
    conditions.as_object().is_some_and(Map::is_empty)
}

/// Reads conditions; `None` when the JSON is not of this shape. A bare value stands for `$eq`.
pub fn decode_conditions(conditions: &Value) -> Option<Conditions> {
    Some(as_sent(read_conditions(conditions)?, conditions))
}

/// The same conditions, to be shown as they were sent, if that reads as the same here. It does not where an id was written
/// in capitals.
pub fn as_sent(conditions: Conditions, sent: &Value) -> Conditions {
    let is_usual = !conditions.is_empty() && encode_conditions(&conditions) == *sent;
    if is_usual || read_conditions(sent).as_ref() != Some(&conditions) {
        conditions
    } else {
        conditions.spelled(sent.to_string())
    }
}

fn read_conditions(conditions: &Value) -> Option<Conditions> {
    let mut read = Conditions::none();
    for (field, requirements) in conditions.as_object()? {
        match requirements {
            Value::String(value) => read = read.and(field, FieldCondition::Equal(value.clone())),
            Value::Object(requirements) if !requirements.is_empty() => {
                for (operator, operand) in requirements {
                    read = read.and(field, decode_field_condition(operator, operand)?);
                }
            }
            _ => return None,
        }
    }
    Some(read)
}

fn decode_field_condition(operator: &str, operand: &Value) -> Option<FieldCondition> {
    match (operator, operand) {
        ("$eq", Value::String(value)) => Some(FieldCondition::Equal(value.clone())),
        ("$ne", Value::String(value)) => Some(FieldCondition::NotEqual(value.clone())),
        ("$glob", Value::String(pattern)) => Some(FieldCondition::Glob(pattern.clone())),
        ("$in", Value::Array(values)) => values
            .iter()
            .map(|value| value.as_str().map(str::to_owned))
            .collect::<Option<_>>()
            .map(FieldCondition::OneOf),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::permission::ability::Subject;

    #[test]
    fn rule_format_unchanged() {
        let text = r#"[{"subject":"identity","action":["read","edit"],"conditions":{"identityId":{"$eq":"1","$glob":"a*"},"name":{"$in":["a","b"],"$ne":"c"}},"inverted":true},{"subject":"role","action":["read"],"inverted":false}]"#;
        let rules = decode(text).unwrap();
        assert_eq!(rules.len(), 2);
        assert!(rules[0].inverted);
        assert_eq!(encode(&rules).to_string().len(), text.len());
        assert_eq!(decode(&encode(&rules).to_string()).unwrap(), rules);
    }

    #[test]
    fn conditions_of_a_foreign_subject_are_kept_as_they_are_and_no_others() {
        let rule = |subject: &str| {
            json!([{ "subject": subject, "action": ["read"], "inverted": false,
                     "conditions": { "environment": "dev", "secretTags": { "$all": ["a"] } } }])
        };
        let kept = decode(&rule("secrets").to_string()).unwrap();
        assert_eq!(kept[0].conditions.as_verbatim(), Some(r#"{"environment":"dev","secretTags":{"$all":["a"]}}"#));
        assert_eq!(encode(&kept), rule("secrets"));
        for decided in Subject::ALL {
            assert_eq!(decode(&rule(decided.name()).to_string()), None);
        }
    }

    #[test]
    fn conditions_mean_the_same_in_every_spelling_and_are_shown_in_the_one_that_was_sent() {
        #[track_caller]
        fn check(sent: Value, usual: Value) {
            let rule = |conditions: &Value| json!([{ "subject": "identity", "action": ["read"], "inverted": false, "conditions": conditions }]);
            let (read, expected) =
                (decode(&rule(&sent).to_string()).unwrap(), decode(&rule(&usual).to_string()).unwrap());
            assert_eq!(encode(&read), rule(&sent));
            assert_eq!(read_conditions(&sent), read_conditions(&usual));
            assert_eq!(read[0].conditions.is_empty(), expected[0].conditions.is_empty());
            assert!(read[0].conditions.cover(&expected[0].conditions));
            assert!(expected[0].conditions.cover(&read[0].conditions));
        }
        check(json!({ "identityId": "1" }), json!({ "identityId": { "$eq": "1" } }));
        check(json!({ "identityId": { "$in": ["b", "a", "b"] } }), json!({ "identityId": { "$in": ["a", "b"] } }));
        check(json!({}), json!({}));
        check(json!({ "identityId": { "$eq": "1" } }), json!({ "identityId": { "$eq": "1" } }));
    }

    #[test]
    fn a_spelling_that_reads_as_something_else_is_not_kept() {
        let small = Conditions::none().and("identityId", FieldCondition::Equal("a".to_owned()));
        let shown = as_sent(small.clone(), &json!({ "identityId": "A" }));
        assert_eq!(shown, small);
        assert_eq!(encode_conditions(&shown), json!({ "identityId": { "$eq": "a" } }));
    }

    #[test]
    fn another_shape_is_refused() {
        for conditions in [
            json!([]),
            json!({ "a": 1 }),
            json!({ "a": {} }),
            json!({ "a": { "$regex": "x" } }),
            json!({ "a": { "$in": "x" } }),
            json!({ "a": { "$in": [1] } }),
            json!({ "a": { "$eq": null } }),
        ] {
            assert_eq!(decode_conditions(&conditions), None, "{conditions}");
        }
    }
}
