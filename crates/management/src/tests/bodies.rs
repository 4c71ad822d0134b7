//! Every body and every query takes exactly what the document says.
//!
//! Of each there is a right one here. Each of its fields, and each field of the objects in it, is replaced by values of
//! every type, at and beyond every bound: its schema and its reader must judge alike.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use crate::body::{Circumstances, Fields, read};
use crate::error::ManagementError;
use crate::families::console::bodies::GivableRolesQuery;
use crate::families::environments::bodies::{CreateEnvironmentRequest, UpdateEnvironmentRequest};
use crate::families::explain::bodies::ExplainRequest;
use crate::families::identities::bodies::{CreateIdentityRequest, ListIdentitiesQuery, UpdateIdentityRequest};
use crate::families::installation::bodies::BootstrapRequest;
use crate::families::memberships::bodies::{
    CreateMembershipRequest, ListAvailableQuery, ListMembershipsQuery, OlderListMembershipsQuery,
    UpdateMembershipRequest,
};
use crate::families::organization_roles::bodies::{CreateOrganizationRoleRequest, UpdateOrganizationRoleRequest};
use crate::families::project_roles::bodies::{CreateProjectRoleRequest, UpdateProjectRoleRequest};
use crate::families::projects::bodies::{
    AuditLogsRetentionRequest, CreateProjectRequest, ListProjectsQuery, UpdateProjectRequest,
};
use crate::families::route_delegations::bodies::{CreateRouteDelegationRequest, DeleteRouteDelegationQuery};
use crate::families::routes::bodies::{CreateRouteRequest, UpdateRouteRequest};
use crate::families::search::bodies::{
    ListIdentityMembershipsQuery, ScopedSearchIdentitiesRequest, SearchIdentitiesRequest,
};
use crate::families::token_auth::bodies::{AttachTokenAuthRequest, UpdateTokenAuthRequest};
use crate::families::tokens::bodies::{ListTokensQuery, PossessedTokenRequest, TokenNameRequest};
use crate::families::universal_auth::bodies::{
    AttachUniversalAuthRequest, CreateClientSecretRequest, ListClientSecretsQuery, LoginRequest,
    UpdateUniversalAuthRequest,
};
use crate::openapi::formats;

/// Texts that are taken although the document does not describe them, in these fields; it says so in words.
const TAKE_MORE: [&str; 8] = [
    // Addresses in brackets, ports, percent-encodings: too much for a pattern.
    "host",
    "pathPrefix",
    "headers/0/name",
    "headers/0/value",
    "request/host",
    // An empty one asks for one to be made.
    "slug",
    // An empty one is none.
    "roles/0/temporaryRange",
    "roles/0/temporaryAccessStartTime",
];

/// Values of every type, and around every bound of this schema.
fn candidates(schema: &Value, right: Option<&Value>) -> Vec<Value> {
    let mut values = vec![
        json!(null),
        json!(true),
        json!(0),
        json!(1),
        json!(-1),
        json!(1.5),
        json!(u64::MAX),
        json!(1e300),
        json!({}),
        json!([]),
        json!([1]),
        json!(["a"]),
        json!([{}]),
    ];
    let texts =
        ["", "a", "abcde", "A", "Aa1 _/-b", "a!b", "a--b", "-a", "  ", "a\u{1}b", "\u{85}", "é", "name", "asc", "*"];
    values.extend(texts.map(Value::from));
    for bound in ["minimum", "maximum"] {
        let around = schema[bound].as_i64().into_iter().flat_map(|bound| [bound - 1, bound, bound + 1]);
        values.extend(around.map(Value::from));
    }
    for bound in ["minLength", "maxLength"] {
        let around = schema[bound].as_u64().into_iter().flat_map(|bound| [bound.saturating_sub(1), bound, bound + 1]);
        // Characters count, not bytes.
        values.extend(around.flat_map(|length| ["a", "é"].map(|text| json!(text.repeat(length as usize)))));
    }
    for bound in ["minItems", "maxItems"] {
        let around = schema[bound].as_u64().into_iter().flat_map(|bound| [bound.saturating_sub(1), bound, bound + 1]);
        let element = right.and_then(|right| right.get(0)).cloned().unwrap_or(json!("a"));
        values.extend(around.map(|count| (0..count).map(|index| distinct(element.clone(), index)).collect()));
    }
    values.extend(schema["enum"].as_array().cloned().unwrap_or_default());
    values
}

/// An element other than those before it: names of headers may stand there once.
fn distinct(mut element: Value, index: u64) -> Value {
    if let Some(name) = element.get_mut("name") {
        *name = json!(format!("{}{index}", name.as_str().unwrap()));
    }
    element
}

struct Case<'c> {
    name: &'static str,
    /// Every field is a text.
    is_query: bool,
    right: &'c Value,
    read: fn(&Value) -> Result<(), ManagementError>,
}

impl Case<'_> {
    /// Whether nothing is said against what is at this path, with another value there.
    fn takes(&self, path: &[String], value: Option<&Value>) -> bool {
        let mut sent = self.right.clone();
        let (last, parents) = path.split_last().unwrap();
        let parent = parents.iter().fold(&mut sent, |value, part| match part.parse::<usize>() {
            Ok(index) => &mut value[index],
            Err(_) => &mut value[part],
        });
        match value {
            Some(Value::String(text)) => parent[last] = json!(text),
            Some(other) if self.is_query => parent[last] = json!(other.to_string()),
            Some(other) => parent[last] = other.clone(),
            None => drop(parent.as_object_mut().unwrap().remove(last)),
        }
        let Err(error) = (self.read)(&sent) else { return true };
        let ManagementError::Invalid(issues) = error else { panic!("{}: {error:?}", self.name) };
        let at = |issue| -> Vec<String> {
            let issue: Value = serde_json::to_value(issue).unwrap();
            let parts = issue["path"].as_array().unwrap().iter();
            parts.map(|part| part.as_str().map_or_else(|| part.to_string(), str::to_owned)).collect()
        };
        !issues.iter().map(at).any(|issue| issue.starts_with(path))
    }

    fn check(&self, path: &[String], schema: &Value, right: &Value) {
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            // Of the fields of which exactly one has to be there, only the one that is there.
            if schema["oneOf"].is_array()
                && right.get(name).is_none()
                && schema["oneOf"].to_string().contains(name.as_str())
            {
                continue;
            }
            let path: Vec<String> = path.iter().cloned().chain([name.clone()]).collect();
            let shown = path.join("/");
            let validator = jsonschema::options().should_validate_formats(true).build(property).unwrap();
            for candidate in candidates(property, right.get(name)) {
                if self.is_query && (property["type"] == "string") != candidate.is_string() {
                    continue;
                }
                let (described, taken) = (validator.is_valid(&candidate), self.takes(&path, Some(&candidate)));
                let takes_more = candidate.is_string() && TAKE_MORE.contains(&shown.as_str());
                let message = format!("{}, {shown} = {candidate}: described {described}, taken {taken}", self.name);
                assert!(described == taken || (taken && takes_more), "{message}\n{property}");
            }
            let is_required = schema["required"].as_array().is_some_and(|required| required.contains(&json!(name)));
            if schema["oneOf"].is_null() {
                assert_eq!(self.takes(&path, None), !is_required, "{}: {shown} left out", self.name);
            }
            match right.get(name) {
                Some(inner @ Value::Object(_)) if property["anyOf"].is_null() => self.check(&path, property, inner),
                Some(Value::Array(elements)) => {
                    let path: Vec<String> = path.into_iter().chain(["0".to_owned()]).collect();
                    self.check(&path, &property["items"], &elements[0]);
                }
                Some(_) | None => {}
            }
        }
    }
}

fn check<Body: Fields + JsonSchema>(name: &'static str, is_query: bool, right: &Value) {
    let mut generator = SchemaSettings::draft2020_12()
        .for_deserialize()
        .with(|settings| settings.inline_subschemas = true)
        .into_generator();
    let mut schema = Body::json_schema(&mut generator).to_value();
    formats::of_input(&mut schema);
    let read = |sent: &Value| read::<Body>(sent, Circumstances::ANY).map(|_| ());
    assert_eq!(read(right), Ok(()), "{name}");
    Case { name, is_query, right, read }.check(&[], &schema, right);
}

macro_rules! right {
    ($($body:ident $right:tt)*) => { $(check::<$body>(stringify!($body), stringify!($body).ends_with("Query"), &json!($right));)* };
}

#[test]
fn every_field_takes_exactly_what_is_described() {
    let rule = json!({ "subject": "routes", "action": ["read"], "conditions": null, "inverted": false });
    let organization_rule = json!({ "subject": "identity", "action": ["read"] });
    let role = json!({ "role": "admin", "isTemporary": true, "temporaryMode": "relative", "temporaryRange": "1h",
        "temporaryAccessStartTime": "2026-01-02T03:04:05Z" });
    let clauses = json!({ "name": "a", "role": "b" });
    let tests = json!({ "name": { "$eq": "a", "$contains": "b", "$in": ["c"] }, "$or": [clauses] });
    right! {
        BootstrapRequest { "organization": "Acme" }
        CreateIdentityRequest { "name": "a", "organizationId": "o", "role": "member", "hasDeleteProtection": true,
            "metadata": [{ "key": "a", "value": "b" }] }
        UpdateIdentityRequest { "name": "a", "role": "member", "hasDeleteProtection": true,
            "metadata": [{ "key": "a", "value": "b" }] }
        ListIdentitiesQuery { "orgId": "o", "offset": "1", "limit": "7" }
        AttachTokenAuthRequest { "accessTokenTTL": 0, "accessTokenMaxTTL": 0, "accessTokenNumUsesLimit": 3,
            "accessTokenTrustedIps": [{ "ipAddress": "::/0" }] }
        UpdateTokenAuthRequest { "accessTokenTTL": 0, "accessTokenMaxTTL": 0, "accessTokenNumUsesLimit": 3,
            "accessTokenTrustedIps": [{ "ipAddress": "::/0" }] }
        TokenNameRequest { "name": "a" }
        ListTokensQuery { "offset": "1", "limit": "7" }
        PossessedTokenRequest { "accessToken": "a" }
        LoginRequest { "clientId": "a", "clientSecret": "b" }
        AttachUniversalAuthRequest { "accessTokenTTL": 0, "accessTokenMaxTTL": 0, "accessTokenPeriod": 0,
            "accessTokenTrustedIps": [{ "ipAddress": "::/0" }], "clientSecretTrustedIps": [{ "ipAddress": "::/0" }] }
        UpdateUniversalAuthRequest { "accessTokenTTL": 0, "accessTokenMaxTTL": 0, "lockoutThreshold": 3 }
        CreateClientSecretRequest { "description": "a", "numUsesLimit": 3, "ttl": 4 }
        ListClientSecretsQuery { "offset": "1", "limit": "7" }
        CreateOrganizationRoleRequest { "slug": "my-role", "name": "R", "description": "d",
            "permissions": [organization_rule] }
        UpdateOrganizationRoleRequest { "slug": "my-role", "permissions": [organization_rule] }
        SearchIdentitiesRequest { "limit": 3, "search": tests }
        ScopedSearchIdentitiesRequest { "limit": 3, "scope": ["project"], "search": tests }
        ListIdentityMembershipsQuery { "limit": "3", "search": "a" }
        CreateProjectRequest { "projectName": "P", "slug": "abcde", "type": "kms" }
        UpdateProjectRequest { "name": "P", "slug": "abcde", "description": "d" }
        AuditLogsRetentionRequest { "auditLogsRetentionDays": 3 }
        ListProjectsQuery { "type": "all", "includeRoles": "true", "offset": "1", "limit": "7" }
        CreateEnvironmentRequest { "name": "a", "slug": "b", "position": 3 }
        UpdateEnvironmentRequest { "name": "a", "slug": "b", "position": 3 }
        CreateProjectRoleRequest { "slug": "my-role", "name": "R", "description": "d", "permissions": [rule] }
        UpdateProjectRoleRequest { "slug": "my-role", "permissions": [rule] }
        CreateMembershipRequest { "role": "admin", "roles": [role] }
        UpdateMembershipRequest { "roles": [role] }
        ListMembershipsQuery { "identityName": "a", "roles": "a,b" }
        OlderListMembershipsQuery { "search": "a", "orderBy": "name", "orderDirection": "desc" }
        ListAvailableQuery { "identityName": "a" }
        GivableRolesQuery { "to": "new" }
        CreateRouteRequest { "host": "a.example", "pathPrefix": "/a", "methods": ["GET"],
            "headers": [{ "name": "x-a", "value": "b" }] }
        UpdateRouteRequest { "host": "a.example", "pathPrefix": "/a", "methods": ["GET"],
            "headers": [{ "name": "x-a", "value": "b" }] }
        CreateRouteDelegationRequest { "projectId": "p", "host": null, "pathPrefix": "/" }
        DeleteRouteDelegationQuery { "force": "true" }
        ExplainRequest { "tokenId": "3de4f865-0f6c-4c83-9a0e-7b1f0c6f3a55",
            "request": { "host": "a.example", "method": "GET", "path": "/a" } }
        ExplainRequest { "accessToken": "a", "clientIp": "192.0.2.1" }
    }
}
