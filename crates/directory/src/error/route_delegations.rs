//! What can be wrong with a command about a delegation of routes.

use domain::gateway::policy_size::PolicyTooLarge;
use domain::gateway::route::Route;
use domain::value::identifiers::RouteDelegationId;

/// Why a command about this was not carried out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RouteDelegationsError {
    /// There is no such delegation in the actor's organization.
    NotFound {
        /// The id as it was sent.
        id: String,
    },
    /// There is one for exactly these requests.
    Exists {
        /// That one.
        with: RouteDelegationId,
    },
    /// Routes would lose requests.
    Cuts {
        /// Those routes.
        routes: Vec<Route>,
    },
    /// Routes lie in it.
    InUse {
        /// Those routes.
        routes: Vec<Route>,
    },
    /// The organization has as many as it may have.
    TooMany,
    /// As many projects have one as may.
    TooManyProjects,
    /// The project would take more of the policy than its share.
    PolicyTooLarge(PolicyTooLarge),
}
