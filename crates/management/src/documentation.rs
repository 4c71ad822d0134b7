//! What the document says of the status, and of itself.

use crate::openapi::Documentation;
use crate::openapi::describe::{Answer, Description, Tag};
use crate::status::{Status, StatusAnswer};

/// What the document says of the status.
pub fn status(endpoint: Status) -> Description {
    match endpoint {
        Status::GetStatus => Description::new::<StatusAnswer>(Tag::Instance, "Say whether traffic may be sent here")
            .details("200 when every part answers or only the replica is behind; 503, with the same body, when the authority does not answer."),
    }
}

/// What the document says of itself.
pub fn documentation(endpoint: Documentation) -> Description {
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
