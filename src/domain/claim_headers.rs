//! The headers by which a client could claim what only something in front of an origin may say.
//!
//! Programs behind proxies believe such headers: where a request came from, who sends it, which request it is, which
//! file to send. What the gateway has not found out it does not pass on, in any spelling.

/// A trailing hyphen stands for every name that begins so. The names are plain: see [`plain_name`].
const CLAIMS: &[&str] = &[
    // Where a request came from, and how.
    "x-forwarded",
    "x-forwarded-",
    "x-forward-for",
    "forwarded-for",
    "x-real-",
    "x-client-ip",
    "client-ip",
    "x-cluster-client-ip",
    "x-originating-ip",
    "x-source-ip",
    "x-proxyuser-ip",
    "true-client-ip",
    "http-client-ip",
    "remote-",
    "x-remote-",
    "x-scheme",
    "x-url-scheme",
    "x-proto",
    "x-protocol",
    "x-https",
    "https",
    "front-end-https",
    // In the words of a network or of a load balancer.
    "cf-",
    "cloudfront-",
    "fastly-",
    "fly-",
    "akamai-",
    "x-akamai-",
    "x-appengine-",
    "x-arr-",
    "x-azure-",
    "x-envoy-",
    "x-nf-",
    "x-sucuri-",
    "x-vercel-",
    "incap-",
    "wl-proxy-",
    // The certificate of the client.
    "client-cert",
    "client-cert-",
    "x-client-cert",
    "x-client-cert-",
    "x-client-dn",
    "x-client-verify",
    "ssl-",
    "x-ssl",
    "x-ssl-",
    "x-tls-",
    "x-amzn-mtls-",
    // Which request it is, and what serves it.
    "x-original-",
    "x-rewrite-",
    "x-override-",
    "x-http-",
    "x-method-override",
    "x-host",
    "x-host-override",
    "x-request-uri",
    "request-uri",
    "x-script-name",
    "script-name",
    "path-info",
    "x-matched-path",
    "x-invoke-",
    "x-middleware-",
    "x-accel-",
    "x-sendfile-type",
    // CGI makes `HTTP_PROXY` of it, which is a setting to many a program ("httpoxy").
    "proxy",
    "proxy-",
    // Who asks.
    "x-user",
    "x-user-id",
    "x-user-name",
    "x-username",
    "x-user-email",
    "x-user-groups",
    "x-user-role",
    "x-user-roles",
    "x-auth-request-",
    "x-authenticated-",
    "x-authentik-",
    "x-webauth-",
    "x-consumer-",
    "x-credential-",
    "x-anonymous-consumer",
    "x-amzn-oidc-",
    "x-ms-client-principal",
    "x-ms-client-principal-",
    "x-goog-authenticated-user-",
    "x-goog-iap-",
    "x-apigateway-api-userinfo",
    "x-endpoint-api-userinfo",
    "x-pomerium-",
    "x-vouch-",
    "x-rh-identity",
    "auth-user",
    "auth-type",
    "impersonate-",
    "iv-creds",
    "iv-groups",
    "iv-user",
    "mellon-",
    "oidc-",
    "shib-",
    "sm-user",
    "tailscale-",
];

/// Whether a client claims something by a header of this plain name.
pub fn is_claim(plain: &str) -> bool {
    CLAIMS.iter().any(|claim| is_of(plain, claim))
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
        ] {
            assert!(is_claim(&plain_name(name)), "{name}");
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
        ] {
            assert!(!is_claim(&plain_name(name)), "{name}");
        }
    }
}
