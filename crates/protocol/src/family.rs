//! Which family of the HTTP surface a request belongs to.
//!
//! Paths are compared as they were sent. A path that is not ours, but that some server could read as ours, belongs to
//! the gateway, which refuses every path that can be read in two ways.

use crate::console::is_console;
use crate::settings::Settings;
use domain::gateway::route_host::RouteHost;

/// Where the keys are that verify assertions.
pub const JWKS_PATH: &str = "/.well-known/jwks.json";
/// Where reverse proxies ask: what follows names the proxy.
pub const FORWARD_AUTH_PREFIX: &str = "/authz/";
/// Where the metadata of the authorization server are (RFC 8414).
pub const METADATA_PATH: &str = "/.well-known/oauth-authorization-server";
/// Where tokens are introspected (RFC 7662).
pub const INTROSPECTION_PATH: &str = "/oauth2/introspect";
/// Where tokens are revoked (RFC 7009).
pub const REVOCATION_PATH: &str = "/oauth2/revoke";

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Family {
    ForwardAuth,
    /// The bearer asks who it is.
    Validate,
    Management,
    /// Introspection, revocation and the metadata that names them.
    OAuth,
    /// The files of the operator's console.
    Console,
    /// The keys that verify assertions.
    KeySet,
    Gateway,
    /// Nothing of ours: a host that serves the control plane only.
    Nothing,
}

/// Whether a path is of the management API, whose errors have a shape of their own.
pub fn is_management(path: &str) -> bool {
    path == "/healthz" || path == "/api" || path.starts_with("/api/")
}

pub fn is_forward_auth(path: &str) -> bool {
    path.starts_with(FORWARD_AUTH_PREFIX)
}

/// Whether a path is one of the OAuth endpoints.
pub fn is_oauth(path: &str) -> bool {
    matches!(path, METADATA_PATH | INTROSPECTION_PATH | REVOCATION_PATH)
}

impl Family {
    /// The family of a request to this path. `settings` is `None` while they cannot be read: then every family answers
    /// that.
    pub fn of(path: &str, host: Option<&RouteHost>, settings: Option<&Settings>) -> Self {
        // A proxy asks at whatever host its client has named.
        if is_forward_auth(path) {
            return Self::ForwardAuth;
        }
        let own = match path {
            "/validate" => Some(Self::Validate),
            JWKS_PATH => Some(Self::KeySet),
            path if is_management(path) => Some(Self::Management),
            path if is_oauth(path) => Some(Self::OAuth),
            path if is_console(path) => Some(Self::Console),
            _ => None,
        };
        let is_control_host = settings.is_none_or(|settings| settings.is_control_host(host));
        let is_gateway_host = settings.is_none_or(|settings| settings.is_gateway_host(host));
        match own {
            Some(family) if is_control_host => family,
            Some(_) | None if is_gateway_host => Self::Gateway,
            Some(_) | None => Self::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(control_hosts: &str) -> Settings {
        Settings::read(|name| match name {
            "AUTH_SECRET" => Some("0123456789abcdef0123456789abcdef".to_owned()),
            "CONTROL_HOSTS" => Some(control_hosts.to_owned()),
            _ => None,
        })
        .unwrap()
    }

    #[test]
    fn a_host_serves_the_control_plane_or_origins_or_both() {
        #[track_caller]
        fn check(control_hosts: &str, host: &str, path: &str, expected: Family) {
            let host = RouteHost::parse(host).unwrap();
            assert_eq!(Family::of(path, Some(&host), Some(&settings(control_hosts))), expected, "{host} {path}");
        }
        use Family::{Console, ForwardAuth, Gateway, KeySet, Management, Nothing, OAuth, Validate};
        let own = [
            ("/validate", Validate),
            ("/api/v1/x", Management),
            ("/healthz", Management),
            ("/oauth2/introspect", OAuth),
            ("/oauth2/revoke", OAuth),
            ("/.well-known/oauth-authorization-server", OAuth),
            ("/console", Console),
            ("/console/", Console),
            ("/console/identities/x", Console),
            (JWKS_PATH, KeySet),
        ];
        for (path, family) in own {
            check("", "a.example", path, family);
            check("a.example", "a.example", path, family);
            check("a.example", "b.example", path, Gateway);
        }
        for path in [
            "/",
            "/validate/",
            "/Validate",
            "/%76alidate",
            "/apix",
            "//api",
            "/authz",
            "/.well-known/x",
            "/consolex",
            "/Console/",
        ] {
            check("", "a.example", path, Gateway);
            check("a.example", "a.example", path, Nothing);
            check("a.example", "b.example", path, Gateway);
        }
        check("a.example", "b.example", "/authz/envoy/x", ForwardAuth);
        check("a.example", "a.example", "/authz/nginx", ForwardAuth);
    }

    #[test]
    fn without_settings_every_family_answers_that() {
        assert_eq!(Family::of("/validate", None, None), Family::Validate);
        assert_eq!(Family::of("/", None, None), Family::Gateway);
    }
}
