//! The families of operations: one file each with its endpoints and what runs them, and beside it what its bodies are
//! (`bodies`) and what it answers (`views`).

pub mod console;
pub mod environments;
pub mod explain;
pub mod identities;
pub mod in_force;
pub mod installation;
pub mod memberships;
pub mod organization_roles;
pub mod project_roles;
pub mod projects;
pub mod route_delegations;
pub mod routes;
pub mod search;
pub mod token_auth;
pub mod tokens;
pub mod universal_auth;

use crate::endpoint::{Authentication, Body, Endpoint};
use crate::error::ManagementError;
#[cfg(any(test, feature = "describe"))]
use crate::openapi::describe::Description;
use crate::request::Request;
use directory::context::Context;
use protocol::response::ApiResponse;

macro_rules! families {
    ($($family:ident: $module:ident, $body:ident;)+) => {
        /// An endpoint of a family, with what its path asks for.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum DirectoryEndpoint {
            $($family($module::$family),)+
        }

        /// The endpoints of every family, with what their callers must show.
        pub fn endpoints() -> Vec<Endpoint<(DirectoryEndpoint, Authentication)>> {
            let mut all = Vec::new();
            $(all.extend($module::ENDPOINTS.iter().map(|endpoint| {
                endpoint.map(|(endpoint, shown)| (DirectoryEndpoint::$family(endpoint), shown))
            }));)+
            all
        }

        impl DirectoryEndpoint {
            /// What is in the bodies of the family.
            pub const fn body(self) -> Body {
                match self {
                    $(Self::$family(_) => Body::$body,)+
                }
            }

            /// Runs the endpoint in the Directory.
            pub fn run(
                self,
                context: &mut Context<'_>,
                request: &Request<'_>,
            ) -> Result<ApiResponse, ManagementError> {
                match self {
                    $(Self::$family(endpoint) => $module::run(context, request, endpoint),)+
                }
            }

            /// What the document calls the endpoint.
            #[cfg(any(test, feature = "describe"))]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$family(endpoint) => endpoint.name(),)+
                }
            }

            /// What the document says of the endpoint.
            #[cfg(any(test, feature = "describe"))]
            pub fn description(self) -> Description {
                match self {
                    $(Self::$family(endpoint) => $module::documentation::description(endpoint),)+
                }
            }
        }
    };
}

families! {
    Installation: installation, Plain;
    Identities: identities, Plain;
    TokenAuth: token_auth, Plain;
    Tokens: tokens, Plain;
    UniversalAuth: universal_auth, Plain;
    OrganizationRoles: organization_roles, Plain;
    Search: search, Plain;
    Projects: projects, Plain;
    Environments: environments, Plain;
    ProjectRoles: project_roles, Plain;
    Memberships: memberships, Plain;
    Routes: routes, Plain;
    RouteDelegations: route_delegations, Plain;
    Explain: explain, Question;
    Console: console, Plain;
}
