//! Fields that an operation does not take and that somebody may believe in.
//!
//! Unknown fields of a body are dropped, as clients expect: they send ids that stand in the path, and fields of other
//! versions. But a limit, a right or a place that is dropped in silence misleads: a token that was to live for a minute
//! lives for a month. So what says in one operation how long, how often, from where, who may do what or where requests go
//! is refused by every operation that does not take it, and so are other words for the same.
//!
//! DIFFERENCE: Infisical drops them.

use serde_json::Value;

/// What operations of this API call it.
pub(super) const SETTINGS: &[&str] = &[
    // How long, how often and from where.
    "accessTokenTTL",
    "accessTokenMaxTTL",
    "accessTokenNumUsesLimit",
    "accessTokenPeriod",
    "accessTokenTrustedIps",
    "clientSecretTrustedIps",
    "lockoutEnabled",
    "lockoutThreshold",
    "lockoutDurationSeconds",
    "lockoutCounterResetSeconds",
    "numUsesLimit",
    "ttl",
    // Who may do what, and for how long.
    "hasDeleteProtection",
    "isTemporary",
    "permissions",
    "role",
    "roles",
    "temporaryAccessStartTime",
    "temporaryMode",
    "temporaryRange",
    // As whom somebody signs in.
    "accessSubject",
    // Where requests go.
    "allowKeepAuthorization",
    "headers",
    "host",
    "keepAuthorization",
    "methods",
    "origin",
    "pathPrefix",
    "timeoutSeconds",
    "webSocket",
];

/// What others call it, or what one writes by mistake.
pub(super) const OTHER_WORDS: &[&str] = &[
    "accessTokenNumUses",
    "accessTokenTtl",
    "accessTokenMaxTtl",
    "allowedIps",
    "expiration",
    "expiresAt",
    "expiresIn",
    "maxTTL",
    "maxTtl",
    "maxUses",
    "numUses",
    "trustedIps",
    "usesLimit",
    "policies",
    "rules",
    "scopes",
    "hosts",
    "method",
    "pathPrefixes",
    "prefix",
    "timeout",
    "upstream",
    "websocket",
];

/// Whether a field that an operation does not take must not be dropped in silence. What clients send for "not set" may be.
pub(super) fn misleads(name: &str, value: &Value) -> bool {
    let says_nothing = match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) => false,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(elements) => elements.is_empty(),
        Value::Object(fields) => fields.is_empty(),
    };
    !says_nothing && (SETTINGS.contains(&name) || OTHER_WORDS.contains(&name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_a_known_name_that_says_something_misleads() {
        #[track_caller]
        fn check(name: &str, value: &Value, expected: bool) {
            assert_eq!(misleads(name, value), expected, "{name} {value}");
        }
        check("accessTokenTTL", &json!(60), true);
        check("accessTokenTTL", &json!("60"), true);
        check("expiresIn", &json!("1h"), true);
        check("webSocket", &json!(true), true);
        for nothing in [json!(null), json!(false), json!(0), json!(0.0), json!(""), json!([]), json!({})] {
            check("accessTokenTTL", &nothing, false);
        }
        check("identityId", &json!("x"), false);
        check("unknown", &json!(1), false);
    }
}
