//! The policy of an organization as a record writes it down.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use domain::gateway::origin::Origin;
use domain::gateway::policy::{PolicyFacts, RequestRole};
use domain::gateway::request_method::RequestMethod;
use domain::gateway::route::{PathPrefix, Route, RouteMethods};
use domain::gateway::route_delegation::{OrganizationDelegations, RouteDelegation, RouteSpace};
use domain::gateway::route_host::RouteHost;
use domain::gateway::route_options::{AddedHeader, RouteOptions};
use domain::permission::ability::{Rule, Selector};
use domain::permission::condition::{Conditions, FieldCondition};
use domain::permission::role_slug::RoleSlug;
use domain::value::identifiers::{OrganizationId, ProjectId, RoleId, RouteDelegationId, RouteId};
use domain::value::timestamp::Seconds;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct PolicyRecord {
    roles: Vec<RoleRecord>,
    delegations: Vec<DelegationRecord>,
    routes: Vec<RouteRecord>,
}

/// `None` in `host` is every host.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct DelegationRecord {
    id: String,
    project: String,
    host: Option<String>,
    path_prefix: String,
    allow_keep_authorization: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RoleRecord {
    project: String,
    id: String,
    slug: String,
    rules: Vec<RuleRecord>,
}

/// `None` in `subjects` and `actions` is every one there is.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RuleRecord {
    subjects: Option<Vec<String>>,
    actions: Option<Vec<String>>,
    conditions: Vec<(String, Vec<FieldConditionRecord>)>,
    inverted: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum FieldConditionRecord {
    Equal(String),
    NotEqual(String),
    OneOf(BTreeSet<String>),
    Glob(String),
}

/// `None` in `methods` is every one there is.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RouteRecord {
    id: String,
    project: String,
    host: Option<String>,
    path_prefix: String,
    methods: Option<Vec<String>>,
    origin: Option<String>,
    keep_authorization: bool,
    headers: Vec<(String, String)>,
    timeout: u64,
    web_socket: bool,
}

impl From<&PolicyFacts> for PolicyRecord {
    fn from(policy: &PolicyFacts) -> Self {
        Self {
            roles: policy.roles().iter().map(RoleRecord::from).collect(),
            delegations: policy.delegations().all().iter().map(DelegationRecord::from).collect(),
            routes: policy.routes().iter().map(|route| RouteRecord::from(route.as_ref())).collect(),
        }
    }
}

impl From<&RequestRole> for RoleRecord {
    fn from(role: &RequestRole) -> Self {
        Self {
            project: role.project.to_string(),
            id: role.id.to_string(),
            slug: role.slug.to_string(),
            rules: role.ability.rules().iter().map(RuleRecord::from).collect(),
        }
    }
}

impl From<&Rule> for RuleRecord {
    fn from(rule: &Rule) -> Self {
        let names = |selector: &Selector| match selector {
            Selector::Every => None,
            Selector::Names(names) => Some(names.clone()),
        };
        let conditions = rule.conditions.fields().map(|(field, requirements)| {
            (field.to_owned(), requirements.iter().map(FieldConditionRecord::from).collect())
        });
        Self {
            subjects: names(&rule.subject),
            actions: names(&rule.actions),
            conditions: conditions.collect(),
            inverted: rule.inverted,
        }
    }
}

impl From<&FieldCondition> for FieldConditionRecord {
    fn from(requirement: &FieldCondition) -> Self {
        match requirement.clone() {
            FieldCondition::Equal(value) => Self::Equal(value),
            FieldCondition::NotEqual(value) => Self::NotEqual(value),
            FieldCondition::OneOf(values) => Self::OneOf(values),
            FieldCondition::Glob(pattern) => Self::Glob(pattern),
        }
    }
}

impl From<&RouteDelegation> for DelegationRecord {
    fn from(delegation: &RouteDelegation) -> Self {
        Self {
            id: delegation.id.to_string(),
            project: delegation.project.to_string(),
            host: delegation.space.host().map(ToString::to_string),
            path_prefix: delegation.space.path_prefix().to_string(),
            allow_keep_authorization: delegation.allow_keep_authorization,
        }
    }
}

impl From<&Route> for RouteRecord {
    fn from(route: &Route) -> Self {
        let methods = match &route.methods {
            RouteMethods::Every => None,
            RouteMethods::These(methods) => Some(methods.iter().map(|method| method.name().to_owned()).collect()),
        };
        let headers = route.options.headers.iter().map(|one| (one.name().to_owned(), one.value().to_owned()));
        Self {
            id: route.id.to_string(),
            project: route.project.to_string(),
            host: route.host.as_ref().map(ToString::to_string),
            path_prefix: route.path_prefix.to_string(),
            methods,
            origin: route.origin.as_ref().map(ToString::to_string),
            keep_authorization: route.options.keep_authorization,
            headers: headers.collect(),
            timeout: route.options.timeout.get(),
            web_socket: route.options.web_socket,
        }
    }
}

impl PolicyRecord {
    /// `None` when something in it cannot be read.
    pub(super) fn into_facts(self, organization: OrganizationId) -> Option<PolicyFacts> {
        let roles = self.roles.into_iter().map(RoleRecord::into_facts).collect::<Option<_>>()?;
        let delegations = self.delegations.into_iter().map(DelegationRecord::into_facts).collect::<Option<_>>()?;
        let routes = self.routes.into_iter().map(RouteRecord::into_facts).collect::<Option<_>>()?;
        Some(PolicyFacts::new(organization, roles, OrganizationDelegations::new(delegations), routes))
    }
}

impl DelegationRecord {
    fn into_facts(self) -> Option<RouteDelegation> {
        Some(RouteDelegation {
            id: RouteDelegationId::parse(&self.id)?,
            project: ProjectId::parse(&self.project)?,
            space: RouteSpace::new(read_host(self.host)?, PathPrefix::parse(&self.path_prefix).ok()?),
            allow_keep_authorization: self.allow_keep_authorization,
        })
    }
}

/// `None` when it is not a host; `Some(None)` is every host.
fn read_host(host: Option<String>) -> Option<Option<RouteHost>> {
    host.map_or(Some(None), |host| RouteHost::parse(&host).ok().map(Some))
}

impl RoleRecord {
    fn into_facts(self) -> Option<RequestRole> {
        let rules = self.rules.into_iter().map(RuleRecord::into_facts).collect::<Option<_>>()?;
        Some(RequestRole::new(
            ProjectId::parse(&self.project)?,
            RoleId::parse(&self.id)?,
            RoleSlug::parse(&self.slug).ok()?,
            rules,
        ))
    }
}

impl RuleRecord {
    fn into_facts(self) -> Option<Rule> {
        let scope = |names: Option<Vec<String>>| names.map_or(Selector::Every, Selector::Names);
        let mut conditions = Conditions::none();
        for (field, requirements) in self.conditions {
            for requirement in requirements {
                conditions = conditions.and(field.clone(), requirement.into_facts()?);
            }
        }
        Some(Rule { subject: scope(self.subjects), actions: scope(self.actions), conditions, inverted: self.inverted })
    }
}

impl FieldConditionRecord {
    fn into_facts(self) -> Option<FieldCondition> {
        match self {
            Self::Equal(value) => Some(FieldCondition::Equal(value)),
            Self::NotEqual(value) => Some(FieldCondition::NotEqual(value)),
            Self::OneOf(values) => Some(FieldCondition::OneOf(values)),
            Self::Glob(pattern) => FieldCondition::glob(&pattern),
        }
    }
}

impl RouteRecord {
    fn into_facts(self) -> Option<Route> {
        let headers = self.headers.iter().map(|(name, value)| AddedHeader::new(name, value).ok());
        Some(Route {
            id: RouteId::parse(&self.id)?,
            project: ProjectId::parse(&self.project)?,
            host: read_host(self.host)?,
            path_prefix: PathPrefix::parse(&self.path_prefix).ok()?,
            methods: match self.methods {
                Some(methods) => RouteMethods::These(
                    methods.iter().map(|name| RequestMethod::parse(name)).collect::<Option<BTreeSet<_>>>()?,
                ),
                None => RouteMethods::Every,
            },
            origin: self.origin.as_deref().map(Origin::from_stored),
            options: RouteOptions {
                keep_authorization: self.keep_authorization,
                headers: headers.collect::<Option<_>>()?,
                timeout: Seconds::new(self.timeout),
                web_socket: self.web_socket,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::record::{decode, encode};
    use domain::gateway::policy_size;
    use domain::permission::ability::{Action, Subject};
    use domain::token::evidence::{Evidence, EvidenceKey, Facts};
    use domain::value::identifiers::DirectoryId;
    use domain::value::timestamp::Timestamp;

    fn evidence() -> Evidence {
        let organization = OrganizationId::from_bytes([1; 16]);
        let project = ProjectId::from_bytes([2; 16]);
        let conditions = Conditions::none()
            .and("path", FieldCondition::Equal("/a".to_owned()))
            .and("path", FieldCondition::NotEqual("/b".to_owned()))
            .and("path", FieldCondition::OneOf(BTreeSet::from(["/c".to_owned()])))
            .and("path", FieldCondition::Glob("/d/**".to_owned()));
        let rules = vec![
            Rule { conditions, inverted: true, ..Rule::allow(&[Action::Read], Subject::Requests) },
            Rule::allow_everything(),
        ];
        let role = RequestRole::new(project, RoleId::from_bytes([5; 16]), RoleSlug::parse("reader").unwrap(), rules);
        let full = Route {
            id: RouteId::from_bytes([3; 16]),
            project,
            host: Some(RouteHost::parse("api.example.com").unwrap()),
            path_prefix: PathPrefix::parse("/v1").unwrap(),
            methods: RouteMethods::These(BTreeSet::from([RequestMethod::Get, RequestMethod::Post])),
            origin: Some(Origin::from_stored("https://origin.example.com")),
            options: RouteOptions {
                keep_authorization: true,
                headers: vec![AddedHeader::new("x-a", "b").unwrap()],
                timeout: Seconds::new(5),
                web_socket: true,
            },
        };
        let plain = Route {
            id: RouteId::from_bytes([4; 16]),
            host: None,
            path_prefix: PathPrefix::parse("/").unwrap(),
            methods: RouteMethods::Every,
            origin: None,
            options: RouteOptions::default(),
            ..full.clone()
        };
        Evidence {
            directory: DirectoryId::from_bytes([9; 16]),
            sequence: 7,
            asserted: Timestamp::from_milliseconds(1_000),
            key: EvidenceKey::Policy(organization),
            facts: Facts::Policy(Some(Rc::new(PolicyFacts::of_delegated_routes(
                organization,
                vec![role],
                vec![plain, full],
            )))),
        }
    }

    #[test]
    fn policy_record_format_unchanged() {
        let project = "02020202-0202-0202-0202-020202020202";
        assert_eq!(
            encode(&evidence()).unwrap(),
            r#"{"version":2,"directory":"09090909-0909-0909-0909-090909090909","sequence":7,"asserted":1000,"facts":{"policy":{"roles":[{"project":"P","id":"05050505-0505-0505-0505-050505050505","slug":"reader","rules":[{"subjects":["requests"],"actions":["read"],"conditions":[["path",[{"equal":"/a"},{"notEqual":"/b"},{"oneOf":["/c"]},{"glob":"/d/**"}]]],"inverted":true},{"subjects":null,"actions":null,"conditions":[],"inverted":false}]}],"delegations":[{"id":"01010101-0101-0101-0101-010101010101","project":"P","host":"api.example.com","pathPrefix":"/v1","allowKeepAuthorization":true},{"id":"00000000-0000-0000-0000-000000000000","project":"P","host":null,"pathPrefix":"/","allowKeepAuthorization":false}],"routes":[{"id":"03030303-0303-0303-0303-030303030303","project":"P","host":"api.example.com","pathPrefix":"/v1","methods":["GET","POST"],"origin":"https://origin.example.com","keepAuthorization":true,"headers":[["x-a","b"]],"timeout":5,"webSocket":true},{"id":"04040404-0404-0404-0404-040404040404","project":"P","host":null,"pathPrefix":"/","methods":null,"origin":null,"keepAuthorization":false,"headers":[],"timeout":30,"webSocket":false}]}}}"#
                .replace("\"P\"", &format!("\"{project}\""))
        );
    }

    #[test]
    fn a_record_is_never_larger_than_what_its_parts_are_counted_as() {
        #[track_caller]
        fn check(policy: &PolicyFacts) {
            let delegations = policy.delegations().all().iter();
            let counted = policy.roles().iter().map(|role| policy_size::of_role(role, 0)).sum::<u64>()
                + delegations.map(policy_size::of_delegation).sum::<u64>()
                + policy.routes().iter().map(|route| policy_size::of_route(route)).sum::<u64>();
            let written = serde_json::to_string(&PolicyRecord::from(policy)).unwrap().len() as u64;
            // The frame of the three lists.
            assert!(written <= counted + 48, "{written} > {counted}: {policy:?}");
            assert!(counted <= written * 2 + 512, "{counted} is far from {written}: {policy:?}");
        }
        let Facts::Policy(Some(full)) = evidence().facts else { panic!("no policy") };
        check(&full);
        let (organization, project) = (full.organization, full.routes()[0].project);
        check(&PolicyFacts::of_delegated_routes(organization, Vec::new(), Vec::new()));
        for text in ["", "/a", "\"\\\"\\", "\u{1}\n\t", "\u{7f}é€🦀", &"a".repeat(255)] {
            let requirements = [
                FieldCondition::Equal(text.to_owned()),
                FieldCondition::NotEqual(text.to_owned()),
                FieldCondition::Glob(text.to_owned()),
                FieldCondition::OneOf(BTreeSet::from([text.to_owned(), "b".to_owned(), "c".to_owned()])),
                FieldCondition::OneOf(BTreeSet::new()),
            ];
            for requirement in requirements {
                let conditions = Conditions::none().and("path", requirement);
                let all = [Action::Read, Action::Create, Action::Edit, Action::Delete];
                let rule = Rule { conditions, ..Rule::allow(&all, Subject::Requests) };
                let slug = RoleSlug::parse(&"s".repeat(64)).unwrap();
                let roles = vec![RequestRole::new(project, RoleId::from_bytes([5; 16]), slug, vec![rule; 20])];
                check(&PolicyFacts::of_delegated_routes(organization, roles, Vec::new()));
            }
        }
        let header = |number| AddedHeader::new(&format!("x-{number}"), "\"\\ \"").unwrap();
        let route = Route {
            methods: RouteMethods::These(RequestMethod::ALL.into_iter().collect()),
            options: RouteOptions {
                keep_authorization: false,
                headers: (0..20).map(header).collect(),
                timeout: Seconds::new(100),
                web_socket: false,
            },
            ..(*full.routes()[0]).clone()
        };
        check(&PolicyFacts::of_delegated_routes(organization, Vec::new(), vec![route; 30]));
    }

    #[test]
    fn decoding_undoes_encoding() {
        let evidence = evidence();
        assert_eq!(decode(evidence.key, &encode(&evidence).unwrap()), Some(evidence));
    }

    #[test]
    fn a_record_about_something_else_is_no_policy() {
        let text = encode(&evidence()).unwrap();
        let token = EvidenceKey::parse("token/01010101-0101-0101-0101-010101010101").unwrap();
        assert_eq!(decode(token, &text), None);
    }
}
