//! What belongs to the control Worker, passed on to it unread.

use worker::{Env, Request, web_sys};

use protocol::response::ApiResponse;
use runtime::isolate::IsolateState;
use runtime::log::{self, Event};
use runtime::{RequestFacts, method, respond};
use validation::ports::Unavailable;

use crate::http::data_plane::error::{DataPlaneError, error_response};

/// The service binding.
const CONTROL: &str = "CONTROL";

/// Lets the control Worker answer a request. The request goes there as it came, the client's address included.
///
/// # Errors
/// The runtime's.
pub async fn pass_on(
    request: Request,
    env: &Env,
    state: Option<&IsolateState>,
    facts: &RequestFacts,
) -> worker::Result<web_sys::Response> {
    let may_change = !matches!(method(&request).as_str(), "GET" | "HEAD" | "OPTIONS");
    let answered = async { env.service(CONTROL)?.fetch_request(request).await }.await;
    let response = match answered {
        Ok(response) => response,
        Err(_) => {
            log::failed(Event::Worker, "control_unavailable", "the control Worker did not answer", &facts.request_id);
            return respond(unavailable(&facts.request_id)).map(Into::into);
        }
    };
    // What was just commanded through this isolate is in force in it at once. A refused command changes nothing: nobody
    // may make an isolate ask the authority by sending junk.
    if let Some(state) = state
        && may_change
        && response.status_code() == 200
    {
        state.validation.borrow_mut().expect_changes();
    }
    Ok(response.into())
}

fn unavailable(request_id: &str) -> ApiResponse {
    error_response(&DataPlaneError::Unavailable(Unavailable::Authority), request_id)
}
