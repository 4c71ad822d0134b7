//! What the document says of forward auth: for each dialect the path and the headers that its proxy sends.

use management::openapi::describe::{Answer, DescribedEndpoint, Description, Errors, Proof, Tag};
use token_auth_edge::http::forward_auth::Dialect;

type Header = (&'static str, &'static str, &'static str);

const METHOD: &str = "The method of the original request.";
const TARGET: &str = "The path of the original request, as it was sent. A query decides nothing.";
const HOST: &str = "The host of the original request, with or without a port.";
const CLIENT: &str = "The address of the client that sent the original request.";
/// In every dialect.
const UPGRADE: Header = (
    "Token-Auth-Upgrade",
    "`none`, or `websocket` where the proxy passes the original request on as one that asks to become a WebSocket. Then \
     `Sec-WebSocket-Version` and `Sec-WebSocket-Key` are the original request's.",
    "none",
);

const NGINX: &[Header] = &[
    ("X-Original-Method", METHOD, "GET"),
    ("X-Original-URI", TARGET, "/orders"),
    ("X-Original-Host", HOST, "api.example.com"),
    ("X-Real-IP", CLIENT, "192.0.2.1"),
    UPGRADE,
];
const FORWARDED: &[Header] = &[
    ("X-Forwarded-Method", METHOD, "GET"),
    ("X-Forwarded-Uri", TARGET, "/orders"),
    ("X-Forwarded-Host", HOST, "api.example.com"),
    ("X-Forwarded-For", CLIENT, "192.0.2.1"),
    UPGRADE,
];
const ENVOY: &[Header] = &[
    ("Token-Auth-Envoy-Path", TARGET, "/orders"),
    ("Token-Auth-Envoy-Host", HOST, "api.example.com"),
    ("Token-Auth-Envoy-Client", CLIENT, "192.0.2.1"),
    UPGRADE,
];

pub fn endpoints() -> Vec<DescribedEndpoint> {
    [Dialect::Nginx, Dialect::Caddy, Dialect::Traefik, Dialect::Envoy].into_iter().map(endpoint).collect()
}

fn endpoint(dialect: Dialect) -> DescribedEndpoint {
    const STATUSES: &[u16] = &[400, 401, 403, 404, 405, 421, 500, 503];
    let (path, id, summary, details, headers, statuses) = match dialect {
        Dialect::Nginx => (
            "/authz/nginx",
            "askForNginx",
            "May nginx pass this request on?",
            "A refusal that nginx would take for a failure is 403, with the status it stands for in `X-Deny-Status`.",
            NGINX,
            &[401, 403, 500][..],
        ),
        Dialect::Caddy => (
            "/authz/caddy",
            "askForCaddy",
            "May Caddy pass this request on?",
            "200 with who the caller is as headers, or the refusal that Caddy passes back to the client.",
            FORWARDED,
            STATUSES,
        ),
        Dialect::Traefik => (
            "/authz/traefik",
            "askForTraefik",
            "May Traefik pass this request on?",
            "200 with who the caller is as headers, or the refusal that Traefik passes back to the client.",
            FORWARDED,
            STATUSES,
        ),
        Dialect::Envoy => (
            "/authz/envoy",
            "askForEnvoy",
            "May Envoy pass this request on?",
            "Envoy asks with the method of the original request, and may append its path to this one.",
            ENVOY,
            STATUSES,
        ),
    };
    let description = Description::answering(Answer::Nothing, Tag::ForwardAuth, summary).details(details);
    DescribedEndpoint {
        method: "GET",
        path,
        id: id.to_owned(),
        proof: Proof::Proxy,
        errors: Errors::Problem(statuses),
        description: Description { headers, ..description },
        needs: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use token_auth_edge::http::forward_auth::ForwardAuthRequest;

    #[test]
    fn a_question_with_exactly_the_described_headers_is_read() {
        for endpoint in endpoints() {
            let dialect = Dialect::of(endpoint.path).unwrap();
            let headers = endpoint.description.headers;
            let without = |missing: &str| {
                let question = ForwardAuthRequest { method: "GET", path: endpoint.path };
                dialect.read(question, |name| {
                    let (known, _, example) = headers.iter().find(|(known, _, _)| known.eq_ignore_ascii_case(name))?;
                    (*known != missing).then(|| (*example).to_owned())
                })
            };
            assert!(without("").is_ok(), "{}", endpoint.path);
            for (name, _, _) in headers {
                assert!(without(name).is_err(), "{} without {name}", endpoint.path);
            }
        }
    }
}
