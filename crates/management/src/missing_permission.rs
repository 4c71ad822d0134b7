//! What somebody would have to hold as well, as callers read it: in a refusal, and before they try.

use serde::Serialize;
use serde_json::Value;

use directory::rule_json;
use domain::permission::privilege_boundary::MissingPermission;

/// One action on one subject.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema), schemars(rename = "MissingPermission"))]
pub struct MissingPermissionView<'a> {
    /// The action; `*` for every one.
    action: &'a str,
    /// The subject; `*` for every one.
    subject: &'a str,
    /// For each field what must hold; left out when nothing must.
    #[cfg_attr(any(test, feature = "describe"), schemars(with = "Option<crate::openapi::fields::ShownConditions>"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    conditions: Option<Value>,
}

impl<'a> From<&'a MissingPermission> for MissingPermissionView<'a> {
    fn from(missing: &'a MissingPermission) -> Self {
        let conditions = &missing.conditions;
        Self {
            action: &missing.action,
            subject: &missing.subject,
            conditions: (!conditions.is_empty()).then(|| rule_json::encode_conditions(conditions)),
        }
    }
}
