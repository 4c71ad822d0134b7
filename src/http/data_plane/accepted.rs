//! The data plane's answer to an accepted token: who the bearer is, and for a proxy that it may pass a request on.

use serde::Serialize;

use crate::http::identity_headers::identity_headers;
use domain::gateway::proxied_request::Authorized;
use domain::value::timestamp::Timestamp;
use protocol::bearer_project::BearerProject;
use protocol::iso_8601::iso_8601;
use protocol::response::ApiResponse;
use validation::pipeline::{Accepted, Admitted};

#[derive(Serialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema), schemars(rename = "Bearer"))]
#[serde(rename_all = "camelCase")]
pub struct Who<'a> {
    active: bool,
    token_id: String,
    token_name: Option<&'a str>,
    identity_id: String,
    identity_name: &'a str,
    organization_id: String,
    role: &'a str,
    auth_method: &'static str,
    issued_at: String,
    expires_at: Option<String>,
    uses_remaining: Option<u64>,
    /// The projects that the bearer is a member of: only with `?projects=true`, and the first 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    projects: Option<Vec<BearerProject<'a>>>,
    /// How many there are; only beside `projects`.
    #[serde(skip_serializing_if = "Option::is_none")]
    projects_total: Option<usize>,
}

/// Whether the answer about a bearer lists its projects.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProjectsShown {
    /// It does not: its size is the same whatever the bearer is a member of.
    No,
    /// It lists at most
    /// [`MOST_PROJECTS_SHOWN`](protocol::bearer_project::MOST_PROJECTS_SHOWN)(protocol::bearer_project::MOST_PROJECTS_SHOWN)(protocol::bearer_project::MOST_PROJECTS_SHOWN)(protocol::bearer_project::MOST_PROJECTS_SHOWN)(protocol::bearer_project::MOST_PROJECTS_SHOWN).
    Some,
}

impl ProjectsShown {
    /// What a query asks for: the projects with exactly one `projects=true`. Whatever else stands in a query means nothing.
    pub fn asked_by(query: &str) -> Self {
        let mut asked = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "projects");
        match (asked.next(), asked.next()) {
            (Some((_, value)), None) if value == "true" => Self::Some,
            _ => Self::No,
        }
    }
}

/// Answers for an accepted token: who the bearer is, as JSON and as identity headers.
pub fn accepted_response(
    accepted: &Accepted,
    projects: ProjectsShown,
    now: Timestamp,
    request_id: &str,
) -> ApiResponse {
    let (token, identity) = (&accepted.admitted.token, &accepted.admitted.identity);
    let are_shown = projects == ProjectsShown::Some;
    let body = Who {
        active: true,
        token_id: token.id.to_string(),
        token_name: token.name.as_deref(),
        identity_id: identity.id.to_string(),
        identity_name: &identity.name,
        organization_id: identity.organization.to_string(),
        role: identity.role.as_str(),
        auth_method: token.auth_method.name(),
        issued_at: iso_8601(token.created),
        expires_at: token.expires.map(iso_8601),
        uses_remaining: accepted.uses_remaining,
        projects: are_shown.then(|| BearerProject::shown_of(identity, now)),
        projects_total: are_shown.then_some(identity.projects.len()),
    };
    with_identity(ApiResponse::json(200, request_id, &body), &accepted.admitted, None)
}

/// Answers a proxy that it may pass a request on: exactly 200, nothing but headers.
pub fn forwarded_response(admitted: &Admitted, authorized: &Authorized, request_id: &str) -> ApiResponse {
    with_identity(ApiResponse::empty(200, request_id), admitted, Some(authorized))
}

fn with_identity(mut response: ApiResponse, admitted: &Admitted, authorized: Option<&Authorized>) -> ApiResponse {
    for (name, value) in identity_headers(admitted, authorized) {
        response.set(name, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::rc::Rc;

    use domain::permission::role_slug::RoleSlug;
    use domain::permission::temporary_access::AccessPeriod;
    use domain::token::access_token::TokenDigest;
    use domain::token::facts::{
        AuthMethod, HeldProjectRole, IdentityFacts, ProjectMembershipFacts, RoleGrantFacts, TokenFacts,
    };
    use domain::token::uses::UsesLimit;
    use domain::value::identifiers::{AuthMethodConfigurationId, IdentityId, OrganizationId, ProjectId, TokenId};

    fn body(response: &ApiResponse) -> serde_json::Value {
        serde_json::from_str(&response.body).unwrap()
    }

    fn accepted() -> Accepted {
        let facts = AuthMethodConfigurationId::parse("00000000-0000-4000-8000-0000000000c0").unwrap();
        let role = |slug: &str, period| RoleGrantFacts { role: HeldProjectRole::for_tests(slug), period };
        let over = AccessPeriod { start: Timestamp::from_milliseconds(0), end: Timestamp::from_milliseconds(1) };
        let token = TokenFacts {
            id: TokenId::parse("00000000-0000-4000-8000-0000000000a0").unwrap(),
            digest: TokenDigest::from_bytes([7; 32]),
            identity: IdentityId::parse("00000000-0000-4000-8000-0000000000b0").unwrap(),
            auth_method: AuthMethod::TokenAuth,
            configuration: facts,
            client_secret: None,
            name: Some("nightly".to_owned()),
            created: Timestamp::from_milliseconds(1_700_000_000_000),
            expires: Some(Timestamp::from_milliseconds(1_700_000_060_000)),
            uses_limit: UsesLimit::from_wire(3).unwrap(),
            revoked: false,
        };
        let identity = IdentityFacts {
            id: token.identity,
            name: "é build".to_owned(),
            organization: OrganizationId::parse("00000000-0000-4000-8000-0000000000d0").unwrap(),
            role: RoleSlug::parse("member").unwrap(),
            token_auth: None,
            universal_auth: None,
            projects: vec![ProjectMembershipFacts {
                project: ProjectId::parse("00000000-0000-4000-8000-0000000000e0").unwrap(),
                slug: "shop-slug".to_owned(),
                roles: vec![role("viewer", None), role("admin", Some(over))],
            }],
        };
        let admitted = Admitted { token: Rc::new(token), identity: Rc::new(identity) };
        Accepted { admitted, uses_remaining: Some(2) }
    }

    #[test]
    fn accepted_answer_unchanged() {
        let now = Timestamp::from_milliseconds(1_700_000_000_500);
        let response = accepted_response(&accepted(), ProjectsShown::Some, now, "req-1");
        assert_eq!(response.status, 200);
        let without = accepted_response(&accepted(), ProjectsShown::No, now, "req-1");
        assert_eq!(without.headers, response.headers);
        let begin = response.body.split_once(r#","projects":"#).unwrap().0;
        assert_eq!(without.body, format!("{begin}}}"));
        assert_eq!(
            response.body,
            concat!(
                r#"{"active":true,"tokenId":"00000000-0000-4000-8000-0000000000a0","tokenName":"nightly","#,
                r#""identityId":"00000000-0000-4000-8000-0000000000b0","identityName":"é build","#,
                r#""organizationId":"00000000-0000-4000-8000-0000000000d0","role":"member","authMethod":"token-auth","#,
                r#""issuedAt":"2023-11-14T22:13:20.000Z","expiresAt":"2023-11-14T22:14:20.000Z","usesRemaining":2,"#,
                r#""projects":[{"id":"00000000-0000-4000-8000-0000000000e0","slug":"shop-slug","roles":["viewer"]}],"#,
                r#""projectsTotal":1}"#,
            )
        );
        let headers: Vec<(&str, &str)> = response.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(
            headers,
            [
                ("cache-control", "no-store"),
                ("x-content-type-options", "nosniff"),
                ("x-request-id", "req-1"),
                ("content-type", "application/json; charset=utf-8"),
                ("token-auth-identity-id", "00000000-0000-4000-8000-0000000000b0"),
                ("token-auth-identity-name", "%C3%A9 build"),
                ("token-auth-token-id", "00000000-0000-4000-8000-0000000000a0"),
                ("token-auth-role", "member"),
                ("token-auth-project", ""),
                ("token-auth-project-roles", ""),
            ]
        );
    }

    #[test]
    fn accepted_answer_of_a_token_without_limits_unchanged() {
        let Accepted { admitted, .. } = accepted();
        let token =
            TokenFacts { name: None, expires: None, uses_limit: UsesLimit::UNLIMITED, ..(*admitted.token).clone() };
        let identity = IdentityFacts { projects: Vec::new(), ..(*admitted.identity).clone() };
        let admitted = Admitted { token: Rc::new(token), identity: Rc::new(identity) };
        let accepted = Accepted { admitted, uses_remaining: None };
        let body = body(&accepted_response(&accepted, ProjectsShown::Some, Timestamp::from_milliseconds(0), "req-1"));
        for absent in ["tokenName", "expiresAt", "usesRemaining"] {
            assert_eq!(body.get(absent), Some(&serde_json::Value::Null), "{absent}");
        }
        assert_eq!((&body["projects"], &body["projectsTotal"]), (&serde_json::json!([]), &serde_json::json!(0)));
    }

    #[test]
    fn the_answer_is_of_one_size_whatever_the_bearer_is_a_member_of() {
        let Accepted { admitted, uses_remaining } = accepted();
        let membership = &admitted.identity.projects[0];
        let with = |count: u16| {
            let member_of = |number: u16| {
                let mut id = [7; 16];
                id[..2].copy_from_slice(&number.to_be_bytes());
                ProjectMembershipFacts { project: ProjectId::from_bytes(id), ..membership.clone() }
            };
            let identity =
                IdentityFacts { projects: (0..count).map(member_of).collect(), ..(*admitted.identity).clone() };
            let admitted = Admitted { identity: Rc::new(identity), ..admitted.clone() };
            Accepted { admitted, uses_remaining }
        };
        let answer = |count, projects| accepted_response(&with(count), projects, Timestamp::from_milliseconds(0), "r");
        let size = answer(0, ProjectsShown::No).body.len();
        for count in [1, 100, 101, 297, 5_000] {
            assert_eq!(answer(count, ProjectsShown::No).body.len(), size);
            let shown = body(&answer(count, ProjectsShown::Some));
            assert_eq!(shown["projects"].as_array().unwrap().len(), usize::from(count).min(100));
            assert_eq!(shown["projectsTotal"], count);
            assert!(shown.to_string().len() < 32 * 1024);
        }
    }

    #[test]
    fn only_one_exact_word_in_the_query_asks_for_projects() {
        #[track_caller]
        fn check(query: &str, expected: bool) {
            assert_eq!(ProjectsShown::asked_by(query) == ProjectsShown::Some, expected, "{query}");
        }
        check("projects=true", true);
        check("a=b&projects=true&&c", true);
        check("projects=%74rue", true);
        for other in ["", "projects", "projects=", "projects=1", "projects=TRUE", "Projects=true", "xprojects=true"] {
            check(other, false);
        }
        check("projects=true&projects=false", false);
        check("projects=true&projects=true", false);
        check("cost=0&projects[]=true&access_token=x", false);
    }
}
