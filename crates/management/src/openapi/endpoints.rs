//! Every endpoint with what its family says of it.

use crate::documentation;
use crate::oauth;
use crate::openapi::describe;
use crate::router::{self, Handler, RoutedEndpoint, WorkerEndpoint};
use domain::permission::ability::Permission;

/// The endpoints of the management API and of OAuth, with what their families say of them.
pub fn endpoints() -> Vec<describe::Endpoint> {
    let management = |endpoint: &RoutedEndpoint| describe::Endpoint {
        method: endpoint.method,
        path: endpoint.path,
        id: endpoint.id(),
        proof: describe::Proof::from(endpoint.authentication()),
        errors: describe::Errors::Management,
        description: match endpoint.handler {
            Handler::Worker(WorkerEndpoint::Status(endpoint)) => documentation::status(endpoint),
            Handler::Worker(WorkerEndpoint::Documentation(endpoint)) => documentation::documentation(endpoint),
            Handler::Directory(family, _) => family.description(),
        },
        needs: needs_in_words(endpoint),
    };
    router::all().map(management).chain(oauth::documentation::endpoints()).collect()
}

/// What an operation needs, in words; empty when it needs no permission.
fn needs_in_words(endpoint: &RoutedEndpoint) -> Vec<String> {
    let sentence = |Permission { action, subject }: Permission, place: &str| {
        format!("Needs `{}` on `{}` in the {place}.", action.name(), subject.name())
    };
    let needs = endpoint.operation.needs();
    let in_project = needs.in_project().map(|requirement| sentence(requirement.permission, "project"));
    let in_organization = needs.in_organization().map(|requirement| sentence(requirement.permission, "organization"));
    in_project.into_iter().chain(in_organization).collect()
}
