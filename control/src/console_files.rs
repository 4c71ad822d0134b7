//! The files of the operator's console, as static assets of this Worker.
//!
//! The runtime's asset router stands before no request: this Worker runs first and asks it for the files it wants. What a
//! browser may keep, and what it may do with it, is said here and nowhere else.

use worker::{Env, Headers, Method, Request, RequestInit, Response};

use protocol::console::{self, ConsoleResource, PREFIX, SECURITY_HEADERS};
use protocol::response::ApiResponse;
use runtime::deadline::{self, ASSET};
use runtime::log::{self, Event};
use runtime::{ReceivedHeaders, RequestFacts};

/// The binding of the static assets.
const ASSETS: &str = "ASSETS";
/// The file that is every page.
const DOCUMENT: &str = "index.html";
/// The name of such a file changes with what is in it, so a browser need never ask again.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";
/// May be kept, and is asked for each time.
const REVALIDATED: &str = "no-cache";

/// Answers a request below the console's prefix.
///
/// # Errors
/// The runtime's.
pub async fn handle(
    request: &Request,
    headers: &ReceivedHeaders,
    env: &Env,
    path: &str,
    facts: &RequestFacts,
) -> worker::Result<Response> {
    let method = runtime::method(request);
    let navigates = console::navigates(headers.get("sec-fetch-mode"), headers.get("accept"));
    let request_id = &facts.request_id;
    let (name, cache) = match console::read(&method, path, navigates) {
        ConsoleResource::Document => (DOCUMENT, REVALIDATED),
        ConsoleResource::File(name) => (name, REVALIDATED),
        ConsoleResource::Immutable(name) => (name, IMMUTABLE),
        ConsoleResource::Nothing => return not_found(request_id),
        ConsoleResource::WithoutSlash => return ours(ApiResponse::empty(308, request_id).with("location", PREFIX)),
        ConsoleResource::WrongMethod => return ours(ApiResponse::empty(405, request_id).with("allow", "GET, HEAD")),
    };
    match deadline::within(ASSET, fetch(env, &method, name, headers.get("if-none-match"))).await {
        Ok(Ok(found)) if matches!(found.status_code(), 200 | 304) => {
            let headers = headers_of(&found, cache, may_be_compressed(headers, &found), request_id)?;
            Ok(found.with_headers(headers))
        }
        Ok(Ok(_)) => not_found(request_id),
        Ok(Err(_)) | Err(_) => {
            log::failed(Event::Worker, "assets_unavailable", "a file of the console could not be read", request_id);
            ours(ApiResponse::empty(503, request_id).with("retry-after", "1"))
        }
    }
}

/// Asks for a file by its name. Nothing else of the request goes along: neither cookies nor credentials.
async fn fetch(env: &Env, method: &str, name: &str, if_none_match: Option<&str>) -> worker::Result<Response> {
    let headers = Headers::new();
    if let Some(tag) = if_none_match {
        headers.set("if-none-match", tag)?;
    }
    let mut init = RequestInit::new();
    init.with_method(if method == "HEAD" { Method::Head } else { Method::Get }).with_headers(headers);
    let request = Request::new_with_init(&format!("https://assets.invalid/{name}"), &init)?;
    env.assets(ASSETS)?.fetch_request(request).await
}

/// The type and the tag that the file has, and what is said of every file.
fn headers_of(found: &Response, cache: &str, compressed: bool, request_id: &str) -> worker::Result<Headers> {
    let headers = Headers::new();
    for name in ["content-type", "etag"] {
        if let Some(value) = found.headers().get(name)? {
            headers.set(name, &value)?;
        }
    }
    headers.set("cache-control", cache)?;
    headers.set("vary", "accept-encoding")?;
    headers.set("x-request-id", request_id)?;
    if compressed {
        // The runtime compresses what says so. These are other bytes under the same tag, which then is a weak one (RFC 9110
        // §8.8.1).
        headers.set("content-encoding", "gzip")?;
        if let Some(tag) = headers.get("etag")?.filter(|tag| !tag.starts_with("W/")) {
            headers.set("etag", &format!("W/{tag}"))?;
        }
    }
    for (name, value) in SECURITY_HEADERS {
        headers.set(name, value)?;
    }
    Ok(headers)
}

/// Whether the caller takes gzip, and the file is text.
fn may_be_compressed(headers: &ReceivedHeaders, found: &Response) -> bool {
    let is_taken = headers.get("accept-encoding").is_some_and(|encodings| {
        encodings.split(',').any(|entry| entry.split(';').next().is_some_and(|name| name.trim() == "gzip"))
    });
    let content_type = found.headers().get("content-type").ok().flatten().unwrap_or_default();
    let is_text = ["text/", "application/javascript", "application/json", "image/svg+xml"]
        .iter()
        .any(|kind| content_type.starts_with(kind));
    is_taken && is_text && found.status_code() == 200
}

fn not_found(request_id: &str) -> worker::Result<Response> {
    let mut response = ApiResponse::text(request_id, "text/plain; charset=utf-8", "There is no such page.\n");
    response.status = 404;
    ours(response)
}

fn ours(response: ApiResponse) -> worker::Result<Response> {
    runtime::respond(SECURITY_HEADERS.iter().fold(response, |response, (name, value)| response.with(name, *value)))
}
