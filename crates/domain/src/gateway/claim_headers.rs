//! The headers by which a client could claim facts that only a program in front of an origin may state.
//!
//! Programs behind proxies believe such headers: where a request came from, who sends it, which request it is, which
//! file to send. The gateway passes on no such fact that it did not find out itself, in any spelling.
//!
//! **Limits**: this list holds the headers that public products document, by families. It lacks names that an operator
//! invented, and headers that clients of a product must send themselves (`X-Trino-User`, `X-Vault-Namespace`). If an
//! origin believes another header, let the route send that header: it replaces the client's, in every spelling.
//! `docs/gateway.md` says so.

use std::collections::BTreeSet;
use std::sync::LazyLock;

/// A trailing hyphen stands for every name that begins so. The names are plain: see [`plain_name`].
const CLAIMS: &[&str] = &[
    // Where a request came from, and how.
    "x-forwarded",
    "x-forwarded-",
    "x-forward-for",
    "x-forwardedfor",
    "x-originally-forwarded-for",
    "z-forwarded-for",
    "forwarded-for",
    "x-real-",
    "x-client-ip",
    "x-clientip",
    "x-client-port",
    "x-client-proto",
    "client-ip",
    "x-cluster-client-ip",
    "cluster-client-ip",
    "x-originating-",
    "x-source-ip",
    "x-user-ip",
    "x-ip",
    "x-ip-address",
    "x-true-ip",
    "x-true-client-ip",
    "x-custom-ip-authorization",
    "x-proxyuser-ip",
    "true-client-ip",
    "ns-client-ip",
    // What CGI would make `HTTP_…` of; with these a client writes the same names itself.
    "http-",
    "remote-",
    "x-remote-",
    "x-scheme",
    "x-url-scheme",
    "x-proto",
    "x-protocol",
    "x-https",
    "https",
    "front-end-https",
    // In the words of a network, a platform or a load balancer.
    "akamai-",
    "cf-",
    "cloudfront-",
    "disguised-host",
    "fastly-",
    "fly-",
    "incap-",
    "was-default-hostname",
    "wl-proxy-",
    "x-akamai-",
    "x-amz-cf-",
    "x-amzn-lambda-context",
    "x-amzn-request-context",
    "x-amzn-source-",
    "x-amzn-tls-",
    "x-amzn-waf-",
    "x-apigateway-",
    "x-appengine-",
    "x-appservice-",
    "x-arr-",
    "x-azure-",
    "x-cloudscheduler",
    "x-cloudscheduler-",
    "x-cloudtasks-",
    "x-fd-",
    "x-google-internal-",
    "x-netlify-",
    "x-nf-",
    "x-now-",
    "x-sucuri-",
    "x-vercel-",
    "x-waws-",
    // Of a service mesh: who calls, and where the call is to go (Envoy, Istio, Linkerd, Dapr, SPIFFE).
    "x-envoy-",
    "x-istio-",
    "l5d-",
    "dapr-caller-",
    "x-spiffe-",
    // The certificate of the client.
    "client-cert",
    "client-cert-",
    "x-cert-",
    "x-client-cert",
    "x-client-cert-",
    "x-client-certificate",
    "x-client-certificate-",
    "x-client-cn",
    "x-client-dn",
    "x-client-i-dn",
    "x-client-s-dn",
    "x-client-verify",
    "ssl-",
    "tls-client-",
    "x-ssl",
    "x-ssl-",
    "x-tls-",
    "x-mtls-",
    "x-amzn-mtls-",
    // Which request it is, and what serves it.
    "x-original-",
    "x-rewrite-",
    "x-override-",
    "x-http-",
    "x-method",
    "x-method-override",
    "x-tunneled-method",
    "method-override",
    "x-host",
    "x-host-override",
    "x-request-uri",
    "x-request-url",
    "request-uri",
    "x-script-name",
    "script-name",
    "path-info",
    "x-matched-path",
    "x-ms-original-",
    "x-invoke-",
    "x-middleware-",
    "x-accel-",
    "x-sendfile-type",
    // CGI makes `HTTP_PROXY` of it, which is a setting to many a program ("httpoxy").
    "proxy",
    "proxy-",
    "x-proxy-",
    // Who asks, in words that many share.
    "auth-type",
    "auth-user",
    "x-auth-aud",
    "x-auth-audience",
    "x-auth-email",
    "x-auth-expiresin",
    "x-auth-family-name",
    "x-auth-given-name",
    "x-auth-groups",
    "x-auth-name",
    "x-auth-request-",
    "x-auth-roles",
    "x-auth-subject",
    "x-auth-user",
    "x-auth-user-",
    "x-auth-userid",
    "x-auth-username",
    "x-authenticated-",
    "x-groups",
    "x-identity",
    "x-jwt-assertion",
    "x-jwt-claim-",
    "x-jwt-claims",
    "x-jwt-payload",
    "x-principal",
    "x-principal-",
    "x-roles",
    "x-subject",
    "x-user",
    "x-user-claims",
    "x-user-context",
    "x-user-dn",
    "x-user-email",
    "x-user-groups",
    "x-user-id",
    "x-user-info",
    "x-user-login",
    "x-user-name",
    "x-user-permissions",
    "x-user-role",
    "x-user-roles",
    "x-user-scopes",
    "x-userid",
    "x-userinfo",
    "x-username",
    // Who asks, in the words of one product that finds it out, or of one that believes it.
    "cas-",                 // mod_auth_cas
    "iv-",                  // IBM Security Verify Access
    "impersonate-",         // Kubernetes
    "mellon-",              // mod_auth_mellon
    "ngrok-auth-",          // ngrok
    "oam-",                 // Oracle Access Manager
    "oidc-",                // mod_auth_openidc
    "opendistro-security-", // OpenSearch
    "osso-",                // Oracle single sign-on
    "shib-",                // Shibboleth, with the attributes that follow
    "affiliation",
    "entitlement",
    "eppn",
    "persistent-id",
    "targeted-id",
    "unscoped-affiliation",
    "sm-",                  // SiteMinder
    "tailscale-",           // Tailscale Serve
    "teleport-",            // Teleport
    "thanos-tenant",        // Thanos
    "webauth-",             // Stanford WebAuth
    "x-3scale-",            // 3scale
    "x-amzn-ava-",          // AWS Verified Access
    "x-amzn-lattice-",      // AWS VPC Lattice
    "x-amzn-oidc-",         // AWS Application Load Balancer
    "x-anonymous-consumer", // Kong, with the two that follow
    "x-consumer-",
    "x-credential-",
    "x-auth-couchdb-",            // CouchDB
    "x-authelia-",                // Authelia
    "x-authentik-",               // authentik
    "x-endpoint-api-userinfo",    // Google Cloud Endpoints
    "x-goog-authenticated-user-", // Google Identity-Aware Proxy
    "x-goog-iap-",
    "x-hasura-",             // Hasura
    "x-kratos-",             // Ory
    "x-ms-client-principal", // Azure App Service
    "x-ms-client-principal-",
    "x-ms-token-",
    "x-mse-consumer",  // Higress
    "x-pomerium-",     // Pomerium
    "x-rh-",           // Red Hat
    "x-rstudio-",      // Posit
    "x-scope-orgid",   // Loki, Mimir, Tempo
    "x-token-subject", // caddy-security
    "x-token-user-",
    "x-tyk-",     // Tyk
    "x-vouch-",   // Vouch
    "x-webauth-", // Grafana, Gitea
    // The private headers of WebSphere, which begin with a dollar sign: `$WSRU` is the user.
    "-wsat",
    "-wscc",
    "-wscs",
    "-wsis",
    "-wspc",
    "-wspr",
    "-wsra",
    "-wsrh",
    "-wsru",
    "-wssc",
    "-wssi",
    "-wssn",
    "-wssp",
];

/// Names that begin like claims, and are secrets which the origin itself verifies.
const SECRETS_OF_THE_ORIGIN: &[&str] = &["x-hasura-admin-secret"];

static KNOWN: LazyLock<BTreeSet<&str>> = LazyLock::new(|| CLAIMS.iter().copied().collect());

/// Whether a client claims something by a header of this plain name.
pub fn is_claim(plain: &str) -> bool {
    let is_of_family = |(hyphen, _)| plain.get(..=hyphen).is_some_and(|beginning| KNOWN.contains(beginning));
    (KNOWN.contains(plain) || plain.match_indices('-').any(is_of_family)) && !SECRETS_OF_THE_ORIGIN.contains(&plain)
}

/// Whether a plain name is this one, or begins with it where it ends in a hyphen.
pub fn is_of(plain: &str, listed: &str) -> bool {
    if listed.ends_with('-') { plain.starts_with(listed) } else { plain == listed }
}

/// In lower case, with a hyphen for everything that is neither letter nor digit: every character that some server takes
/// for a hyphen counts as one.
pub fn plain_name(name: &str) -> String {
    name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_claims_something_is_known_in_every_spelling() {
        for name in [
            "Client-IP",
            "X-Forwarded",
            "X_Forwarded_Host",
            "X-Host",
            "X-HTTP-Host-Override",
            "X.Http.Method.Override",
            "X-Request-URI",
            "X-Scheme",
            "X-URL-Scheme",
            "Front-End-Https",
            "X-SSL-Client-Verify",
            "SSL_CLIENT_CERT",
            "Client-Cert",
            "Client-Cert-Chain",
            "X-Client-Cert",
            "X-ARR-ClientCert",
            "X-Azure-ClientIP",
            "X-ProxyUser-IP",
            "X-User",
            "X-Remote-Group",
            "Remote_User",
            "Remote-Email",
            "X-Middleware-Subrequest",
            "X-Accel-Mapping",
            "Script_Name",
            "Proxy",
            "Proxy-Client-IP",
            "WL-Proxy-Client-IP",
            "CloudFront-Viewer-Address",
            "X-Auth-Request-Email",
            "X-Amzn-Oidc-Identity",
            "OIDC_CLAIM_sub",
            "Impersonate-User",
            "X-Hasura-Role",
            "X-Hasura-User-Id",
            "X-Authelia-User",
            "X-Authentik-Username",
            "X-Pomerium-Claim-Email",
            "X-Vouch-User",
            "Cf-Access-Authenticated-User-Email",
            "X-Goog-Authenticated-User-Email",
            "X-Amzn-Oidc-Data",
            "X-Amzn-Ava-User-Context",
            "X-MS-CLIENT-PRINCIPAL",
            "X-MS-TOKEN-AAD-ACCESS-TOKEN",
            "X-Forwarded-Client-Cert",
            "X-Envoy-Peer-Metadata",
            "l5d-client-id",
            "X-SPIFFE-ID",
            "X-Consumer-Username",
            "X-Credential-Identifier",
            "X-Anonymous-Consumer",
            "X-Authenticated-Userid",
            "X-WEBAUTH-USER",
            "Remote-Groups",
            "Tailscale-User-Login",
            "Teleport-Jwt-Assertion",
            "X-Remote-Extra-Scopes",
            "Impersonate-Extra-Scopes",
            "X-Auth-Username",
            "X-Auth-Roles",
            "X-Auth-CouchDB-UserName",
            "X-Proxy-User",
            "X-Proxy-Roles",
            "X-Userinfo",
            "X-Scope-OrgID",
            "X-Token-User-Email",
            "X-JWT-Claim-Role",
            "X-APIGateway-Event",
            "X-CloudTasks-QueueName",
            "X-Kratos-Authenticated-Identity-Id",
            "HTTP_X_FORWARDED_FOR",
            "$WSRU",
            "iv-user",
            "SM_USERDN",
            "eppn",
            "X-Subject",
            "X-Method",
            "X-Request-URL",
            "X-MS-Original-URL",
        ] {
            assert!(is_claim(&plain_name(name)), "{name}");
        }
    }

    #[test]
    fn the_list_is_plain_and_names_nothing_twice() {
        let as_it_is_compared = |name: &&str| plain_name(name) == *name && *name != "-";
        assert!(CLAIMS.iter().all(as_it_is_compared));
        assert_eq!(KNOWN.len(), CLAIMS.len());
        // A name is not listed beside its family.
        for name in CLAIMS {
            let shorter = CLAIMS.iter().filter(|family| *family != name && is_of(name, family)).collect::<Vec<_>>();
            assert!(shorter.is_empty(), "{name} is one of {shorter:?}");
        }
    }

    #[test]
    fn what_claims_nothing_is_let_through() {
        for name in [
            "Accept",
            "Cookie",
            "X-Custom",
            "X-Requested-With",
            "X-Client-Id",
            "X-Client-Version",
            "X-User-Agent",
            "User-Agent",
            "X-Hostess",
            "X-Forward",
            "X-Api-Key",
            "X-Amz-Date",
            "X-Amz-Content-Sha256",
            "X-Ms-Version",
            "X-CSRF-Token",
            "X-GitHub-Event",
            "X-Hub-Signature-256",
            "Stripe-Signature",
            "Idempotency-Key",
            "traceparent",
            "Sec-Fetch-Site",
            "Upgrade-Insecure-Requests",
            "Origin",
            "Referer",
            "Range",
            "If-Match",
            "DPoP",
            "Signature",
            // Credentials, and what clients choose for themselves.
            "X-Auth-Token",
            "X-Auth-Key",
            "X-Access-Token",
            "X-Hasura-Admin-Secret",
            "X-Amzn-Trace-Id",
            "X-Amz-Security-Token",
            "X-Ms-Client-Request-Id",
            "X-Goog-Api-Key",
            "X-Cloud-Trace-Context",
            "X-B3-TraceId",
            "X-Trino-User",
            "X-Vault-Token",
            "X-Tenant-Id",
            "X-Request-Id-Of-Mine",
            "X-Correlation-Id",
            "X-Grafana-Org-Id",
            "X-Users",
            "X-Xhr",
            "Authentication",
            "Depth",
            "Prefer",
            "baggage",
            "-",
            "--",
        ] {
            assert!(!is_claim(&plain_name(name)), "{name}");
        }
    }
}
