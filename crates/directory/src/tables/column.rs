//! How values of the domain are stored, in one column or in several. A limit that there is not is 0.

use std::net::IpAddr;

use crate::rule_json;
use crate::sql::{Column, Row, SqlError, Value};
use crate::tables::record::Columns;
use domain::gateway::origin::Origin;
use domain::gateway::request_method::RequestMethod;
use domain::gateway::route::{PathPrefix, RouteMethods};
use domain::gateway::route_host::RouteHost;
use domain::gateway::route_options::AddedHeader;
use domain::network::trusted_ips::TrustedIps;
use domain::permission::ability::Rule;
use domain::permission::role_slug::RoleSlug;
use domain::token::access_token::TokenDigest;
use domain::token::client_secret::{ClientSecretDigest, ClientSecretPrefix};
use domain::token::digest::{ConsoleSessionDigest, SignInCodeDigest};
use domain::token::evidence::EvidenceKey;
use domain::token::facts::AuthMethod;
use domain::token::lifetime::{Lifetime, TtlCeiling};
use domain::token::universal_auth_configuration::Period;
use domain::token::uses::UsesLimit;
use domain::value::access_subject::AccessSubject;
use domain::value::identifiers::{
    AttemptId, AuthMethodConfigurationId, ClientId, ClientSecretId, ConsoleSessionId, DirectoryId, EnvironmentId,
    IdentityId, MetadataId, OrganizationId, OrganizationMembershipId, ProjectId, ProjectMembershipId, RoleGrantId,
    RoleId, RouteDelegationId, RouteId, TokenId,
};
use domain::value::project_slug::ProjectSlug;
use domain::value::timestamp::{Seconds, Timestamp};

/// The column does not hold what it must.
fn unexpected<T>() -> SqlError {
    SqlError::UnexpectedValue { expected: std::any::type_name::<T>() }
}

/// Types that are stored as another one: how they become it and how they are read of it. What cannot be read is an error,
/// and never taken for a value that is not there.
macro_rules! stored {
    ($($type:ty as $stored:ty: $write:expr, $read:expr;)+) => {$(
        impl Column for $type {
            fn to_value(&self) -> Value {
                let write: fn(&Self) -> $stored = $write;
                write(self).to_value()
            }

            fn from_value(value: Value) -> Result<Self, SqlError> {
                let read: fn($stored) -> Option<Self> = $read;
                read(<$stored>::from_value(value)?).ok_or_else(unexpected::<Self>)
            }
        }
    )+};
}

macro_rules! identifiers {
    ($($identifier:ident),+ $(,)?) => {
        stored! { $($identifier as String: ToString::to_string, |text| $identifier::parse(&text);)+ }
    };
}

identifiers! {
    AttemptId, AuthMethodConfigurationId, ClientId, ClientSecretId, ConsoleSessionId, DirectoryId, EnvironmentId, IdentityId, MetadataId,
    OrganizationId, OrganizationMembershipId, ProjectId, ProjectMembershipId, RoleGrantId, RoleId, RouteDelegationId,
    RouteId, TokenId,
}

stored! {
    EvidenceKey as String: ToString::to_string, |text| EvidenceKey::parse(&text);
    AuthMethod as String: |method| method.name().to_owned(), |text| AuthMethod::from_name(&text);
    RoleSlug as String: |slug| slug.as_str().to_owned(), |text| RoleSlug::parse(&text).ok();
    ProjectSlug as String: |slug| slug.as_str().to_owned(), |text| ProjectSlug::parse(&text).ok();
    ClientSecretPrefix as String: |prefix| prefix.as_str().to_owned(), |text| ClientSecretPrefix::parse(&text);
    RouteHost as String: |host| host.as_str().to_owned(), |text| RouteHost::parse(&text).ok();
    PathPrefix as String: |prefix| prefix.as_str().to_owned(), |text| PathPrefix::parse(&text).ok();
    // It was checked when it was written, against settings that may be others now.
    Origin as String: |origin| origin.as_str().to_owned(), |text| Some(Origin::from_stored(&text));
    // One entry a line, as it was given.
    TrustedIps as String:
        |list| list.entries().iter().map(|entry| entry.text()).collect::<Vec<_>>().join("\n"),
        |text| TrustedIps::parse(text.lines()).ok();
    // NULL is every method.
    RouteMethods as Option<String>: write_methods, read_methods;
    // One `name: value` a line.
    Vec<AddedHeader> as String: |headers| write_headers(headers), |text| text.lines().map(read_header).collect();
    // JSON, in the order that decides between them.
    Vec<Rule> as String: |rules| rule_json::encode(rules).to_string(), |text| rule_json::decode(&text);
    TokenDigest as [u8; 32]: |digest| *digest.as_bytes(), |bytes| Some(TokenDigest::from_bytes(bytes));
    ClientSecretDigest as [u8; 32]: |digest| *digest.as_bytes(), |bytes| Some(ClientSecretDigest::from_bytes(bytes));
    ConsoleSessionDigest as [u8; 32]:
        |digest| *digest.as_bytes(),
        |bytes| Some(ConsoleSessionDigest::from_bytes(bytes));
    SignInCodeDigest as [u8; 32]: |digest| *digest.as_bytes(), |bytes| Some(SignInCodeDigest::from_bytes(bytes));
    AccessSubject as String: ToString::to_string, |text| AccessSubject::parse(&text).ok();
    IpAddr as String: ToString::to_string, |text| text.parse().ok();
    Timestamp as i64: |timestamp| timestamp.milliseconds(), |number| Some(Timestamp::from_milliseconds(number));
    Seconds as u64: |seconds| seconds.get(), |number| Some(Seconds::new(number));
    UsesLimit as u64: |limit| limit.to_wire(), |number| UsesLimit::from_wire(number).ok();
    Option<Period> as Seconds: |period| Period::to_wire(*period), |span| Period::from_wire(span, ANY_CEILING).ok();
}

/// A ceiling that was lowered later bounds new configurations; it does not make stored ones unreadable.
const ANY_CEILING: TtlCeiling = TtlCeiling::NONE;

fn write_methods(methods: &RouteMethods) -> Option<String> {
    match methods {
        RouteMethods::Every => None,
        RouteMethods::These(methods) => Some(methods.iter().map(|method| method.name()).collect::<Vec<_>>().join(" ")),
    }
}

fn read_methods(names: Option<String>) -> Option<RouteMethods> {
    match names {
        Some(names) => names.split(' ').map(RequestMethod::parse).collect::<Option<_>>().map(RouteMethods::These),
        None => Some(RouteMethods::Every),
    }
}

fn write_headers(headers: &[AddedHeader]) -> String {
    headers.iter().map(|header| format!("{}: {}", header.name(), header.value())).collect::<Vec<_>>().join("\n")
}

fn read_header(line: &str) -> Option<AddedHeader> {
    let (name, value) = line.split_once(": ")?;
    AddedHeader::new(name, value).ok()
}

impl Columns for Lifetime {
    fn names(names: &mut Vec<&'static str>) {
        names.extend(["ttl", "max_ttl"]);
    }

    fn write(&self, values: &mut Vec<Value>) {
        values.extend([self.ttl_to_wire().to_value(), self.max_ttl_to_wire().to_value()]);
    }

    fn read(row: &mut Row) -> Result<Self, SqlError> {
        Self::from_wire(row.read()?, row.read()?, ANY_CEILING).map_err(|_| unexpected::<Self>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_an_error_and_never_taken_for_nothing() {
        #[track_caller]
        fn check(value: Value, expected: Result<Option<RoleSlug>, ()>) {
            let read = Row::new(vec![value.clone()]).read();
            assert_eq!(read.map_err(|_: SqlError| ()), expected, "{value:?}");
        }
        check(Value::Text("dev".to_owned()), Ok(Some(RoleSlug::parse("dev").unwrap())));
        check(Value::Null, Ok(None));
        check(Value::Text("no slug".to_owned()), Err(()));
        check(Value::Text(String::new()), Err(()));
        check(Value::Integer(7), Err(()));
    }

    #[test]
    fn a_limit_that_there_is_not_is_stored_as_0() {
        assert_eq!(UsesLimit::UNLIMITED.to_value(), Value::Integer(0));
        assert_eq!(None::<Period>.to_value(), Value::Integer(0));
        let mut values = Vec::new();
        Lifetime::UNLIMITED.write(&mut values);
        assert_eq!(values, [Value::Integer(0), Value::Integer(0)]);
        assert_eq!(Lifetime::read(&mut Row::new(values)), Ok(Lifetime::UNLIMITED));
        assert!(Lifetime::read(&mut Row::new(vec![2_u64.into(), 1_u64.into()])).is_err());
    }

    #[test]
    fn every_method_is_stored_as_nothing_and_some_by_their_names() {
        #[track_caller]
        fn check(methods: RouteMethods, stored: Value) {
            assert_eq!(methods.to_value(), stored);
            assert_eq!(RouteMethods::from_value(stored), Ok(methods));
        }
        check(RouteMethods::Every, Value::Null);
        let some = [RequestMethod::Get, RequestMethod::Post];
        check(RouteMethods::These(some.into()), Value::Text("GET POST".to_owned()));
        assert!(RouteMethods::from_value(Value::Text("GET  POST".to_owned())).is_err());
    }
}
