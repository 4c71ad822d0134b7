//! Passes the control Worker's requests on to it, unread.

use worker::{Env, Request, web_sys};

use protocol::messages::MAY_HAVE_CHANGED;
use protocol::response::ApiResponse;
use runtime::isolate::IsolateState;
use runtime::log::{self, Event};
use runtime::{RequestFacts, respond, without_header};
use validation::ports::Unavailable;

use crate::http::data_plane::error::{DataPlaneError, error_response};
use crate::http::gateway::GatewayError;

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
    // The runtime throws where a request is passed on whose Host, such as a doubled one, makes no URL.
    if web_sys::Url::new(&request.inner().url()).is_err() {
        let error = DataPlaneError::Gateway(GatewayError::Host);
        log::refused(Event::Worker, error.log_code(), None, &facts.request_id);
        return respond(error_response(&error, &facts.request_id)).map(Into::into);
    }
    let answered = async { env.service(CONTROL)?.fetch_request(request).await }.await;
    let response = match answered {
        Ok(response) => response,
        Err(_) => {
            log::failed(Event::Worker, "control_unavailable", "the control Worker did not answer", &facts.request_id);
            return respond(unavailable(&facts.request_id)).map(Into::into);
        }
    };
    if !response.headers().has(MAY_HAVE_CHANGED).unwrap_or(false) {
        return Ok(response.into());
    }
    // What was just commanded through this isolate is in force in it at once.
    if let Some(state) = state {
        state.validation.borrow_mut().expect_changes();
    }
    Ok(without_header(response, MAY_HAVE_CHANGED).into())
}

fn unavailable(request_id: &str) -> ApiResponse {
    error_response(&DataPlaneError::Unavailable(Unavailable::Authority), request_id)
}
