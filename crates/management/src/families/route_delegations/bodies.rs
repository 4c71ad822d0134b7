//! What the operations on route delegations take.

use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::Value;

use crate::body::{Choice, Input, Nullable, OneOf, Reader, body, text};
use directory::route_delegations::NewRouteDelegation;
use domain::gateway::request_path::LONGEST_PATH;
use domain::gateway::route::PathPrefix;
use domain::gateway::route_delegation::RouteSpace;
use domain::gateway::route_host::RouteHost;

body! {
    /// What a project may have routes for.
    pub CreateRouteDelegationRequest -> NewRouteDelegation {
        /// The project.
        project ["projectId"]: String,
        /// The host, without a port; null for every host.
        // It must be named, if only as null: nobody gives every host away by leaving something out.
        host: Nullable<RouteHost>,
        /// What the paths of its requests begin with. A path that can be read in more than one way is refused.
        path_prefix ["pathPrefix"]: PathPrefix,
        /// Whether its routes may send the `Authorization` header to their origin. Whoever changes such a route decides who
        /// receives the tokens of everybody who sends it a request, so only who may do everything may allow it.
        allow_keep_authorization ["allowKeepAuthorization"]: bool = false,
    } => |_reader| {
        let space = RouteSpace::new(host, path_prefix);
        Some(NewRouteDelegation { project, space, allow_keep_authorization })
    };

    /// Whether it is deleted although routes lie in it.
    pub DeleteRouteDelegationQuery -> bool {
        /// `true` to delete it nevertheless.
        force: OneOf<Force> = "false",
    } => |_reader| Some(force);
}

/// The texts of a truth value.
pub struct Force;

impl Choice for Force {
    type Value = bool;

    fn choices() -> impl Iterator<Item = (&'static str, bool)> {
        [("false", false), ("true", true)].into_iter()
    }

    fn refusal() -> String {
        "Expected true or false".to_owned()
    }
}

/// A name. Addresses in brackets are taken too.
pub(crate) const HOST: &str = "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$";
/// Plain segments; a path may hold percent-encodings too, which are too much for a pattern.
const PATH_PREFIX: &str = "^(/|(/[A-Za-z0-9_~-]+)+/?)$";

impl Input for RouteHost {
    type Value = Self;

    const EXPECTED: &'static str = "string";

    fn read(sent: &Value, reader: &mut Reader<'_>) -> Option<Self> {
        match Self::parse(text(sent, reader)?.trim()) {
            Ok(host) => Some(host),
            Err(_) => {
                reader.refuse_because("Expected a host name such as api.example.com, without scheme, port or wildcard")
            }
        }
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "maxLength": 253, "pattern": HOST })
    }
}

impl Input for PathPrefix {
    type Value = Self;

    const EXPECTED: &'static str = "string";

    fn read(sent: &Value, reader: &mut Reader<'_>) -> Option<Self> {
        match Self::parse(text(sent, reader)?.trim()) {
            Ok(prefix) => Some(prefix),
            Err(ambiguous) => {
                let why = ambiguous.explanation();
                reader.refuse_because(format!("Not a path that can be read in one way only: {why}"))
            }
        }
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "maxLength": LONGEST_PATH, "pattern": PATH_PREFIX, "examples": ["/orders"] })
    }
}
