//! What can be wrong with a command about a protected route.

use domain::gateway::origin::OriginError;
use domain::gateway::policy_size::PolicyTooLarge;
use domain::gateway::route_delegation::NotDelegated;
use domain::gateway::route_options::GatewayOption;
use domain::value::identifiers::RouteId;

/// Why a command about this was not carried out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RoutesError {
    /// There is no such route in the project.
    NotFound {
        /// The id as it was sent.
        id: String,
    },
    /// Another route of the project is for the same requests.
    Conflict { with: RouteId },
    /// No delegation of the project lets it have the route.
    NotDelegated(NotDelegated),
    /// The project has as many routes as it may have.
    TooMany,
    /// The policy would become too large.
    PolicyTooLarge(PolicyTooLarge),
    /// The origin is none that requests may be sent to.
    Origin(OriginError),
    /// Requests to this host are sent to it as the origin of a route, which would then be a loop.
    HostIsAnOrigin,
    /// The route has no origin, so that a reverse proxy sends its requests, and an option that only the gateway can hold.
    WithoutOrigin(GatewayOption),
}
