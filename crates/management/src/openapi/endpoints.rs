//! Every endpoint with what its family says of it.

use crate::families::console;
use crate::oauth;
use crate::openapi::Documentation;
use crate::openapi::describe::{self, Answer, Description, Tag};
use crate::router::{self, Handler, RoutedEndpoint, WorkerEndpoint};
use crate::status::{Status, StatusAnswer};
use domain::permission::ability::Permission;

/// The endpoints of the management API and of OAuth, with what their families say of them.
pub fn endpoints() -> Vec<describe::DescribedEndpoint> {
    let management = |endpoint: &RoutedEndpoint| describe::DescribedEndpoint {
        method: endpoint.method,
        path: endpoint.path,
        id: endpoint.id(),
        proof: describe::Proof::from(endpoint.authentication()),
        errors: describe::Errors::Management,
        description: match endpoint.handler {
            Handler::Worker(WorkerEndpoint::Status(endpoint)) => status(endpoint),
            Handler::Worker(WorkerEndpoint::Documentation(endpoint)) => documentation(endpoint),
            Handler::Worker(WorkerEndpoint::SignInOptions(endpoint)) => console::documentation::options(endpoint),
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

/// What the document says of the status.
fn status(endpoint: Status) -> Description {
    match endpoint {
        Status::GetStatus => Description::new::<StatusAnswer>(Tag::Instance, "Say whether traffic may be sent here")
            .details("200 when every part answers or only the replica is behind; 503, with the same body, when the authority does not answer."),
    }
}

/// What the document says of itself.
fn documentation(endpoint: Documentation) -> Description {
    let tag = Tag::Instance;
    match endpoint {
        Documentation::GetApiDocument => {
            Description::answering(Answer::AnyJson, tag, "Get this document as OpenAPI 3.1")
                .details("The same document as `openapi.json` of the source.")
        }
        Documentation::GetDocumentation => {
            Description::answering(Answer::Text("text/html"), tag, "Get this document as a page")
                .details("For people. It loads its style sheet and runs nothing.")
        }
        Documentation::GetDocumentationStyle => {
            Description::answering(Answer::Text("text/css"), tag, "Get the page's style sheet")
                .details("What the page looks like.")
        }
    }
}
