//! The operator's settings, read and checked once in each isolate.

use crate::issuer::Issuer;
use domain::gateway::assertion_key::AssertionKey;
use domain::gateway::origin::LoopbackOrigins;
use domain::gateway::route_host::RouteHost;
use domain::network::proxy_trust::{ProxyAddresses, ProxySecret, ProxyTrust};
use domain::network::trusted_ips::TrustedIps;
use domain::token::access_assertion::AccessApplication;
use domain::token::console_session::SessionLimits;
use domain::token::lifetime::TtlCeiling;
use domain::token::secret::{AuthSecret, KeyRing, Purpose};
use domain::token::sign_in_code::SignInCodes;
use domain::value::timestamp::Seconds;

/// Seconds after which a change is in force everywhere, unless the operator says otherwise.
pub const DEFAULT_MAX_STALENESS: Seconds = Seconds::new(10);
/// The most the operator can say: beyond an hour a revocation would no longer be one.
pub const LARGEST_MAX_STALENESS: Seconds = Seconds::new(3600);

/// Everything that can be set.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `AUTH_SECRET`: every key is derived from it.
    pub auth_secret: AuthSecret,
    /// `AUTH_SECRET_PREVIOUS`: what was made with it still counts.
    pub previous_auth_secret: Option<AuthSecret>,
    /// Keys of the replica's records.
    pub record_keys: KeyRing,
    /// The keys that make the tags of access tokens.
    pub token_keys: KeyRing,
    /// `MAX_ACCESS_TOKEN_TTL_SECONDS`: the ceiling over every lifetime.
    pub ttl_ceiling: TtlCeiling,
    /// `CONTROL_HOSTS`: the hosts that serve the management API.
    pub control_hosts: Vec<RouteHost>,
    /// `ALLOW_LOOPBACK_ORIGINS`: whether routes may lead to this machine.
    pub loopback_origins: LoopbackOrigins,
    /// `MAX_STALENESS_SECONDS`: how old the evidence of a decision may be.
    pub max_staleness: Seconds,
    /// `ISSUER`: the name under which OAuth clients know this installation; `None` for the origin they ask.
    pub issuer: Option<Issuer>,
    /// `FORWARD_AUTH_SECRET`, `FORWARD_AUTH_SECRET_PREVIOUS` and `TRUSTED_PROXIES`: which proxies may ask whether to pass
    /// a request on. `None` when forward auth is off.
    pub proxy_trust: Option<ProxyTrust>,
    /// The keys that make the tags of the secrets of console sessions, and of sign-in codes.
    pub session_keys: KeyRing,
    /// `CONSOLE_SESSION_IDLE_SECONDS` and `CONSOLE_SESSION_SECONDS`: for how long an operator is signed in.
    pub session_limits: SessionLimits,
    /// `CONSOLE_SIGN_IN_CODES`: whether this is a development installation that gives out sign-in codes.
    pub sign_in_codes: SignInCodes,
    /// `ACCESS_TEAM_DOMAIN` and `ACCESS_AUDIENCE`: the application of Cloudflare Access that stands before the console.
    pub access: Option<AccessApplication>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Misconfigured {
    pub variable: &'static str,
    pub expected: &'static str,
}

impl Settings {
    /// Reads the settings; `lookup` gives the value of a variable or secret.
    ///
    /// # Errors
    /// [`Misconfigured`], naming the first variable that is wrong.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, Misconfigured> {
        const SECRET: &str = "a random secret of at least 32 bytes";
        let secret = |variable: &'static str| match lookup(variable) {
            Some(text) if !text.is_empty() => {
                AuthSecret::new(&text).map(Some).map_err(|_| Misconfigured { variable, expected: SECRET })
            }
            Some(_) | None => Ok(None),
        };
        let current = secret("AUTH_SECRET")?.ok_or(Misconfigured { variable: "AUTH_SECRET", expected: SECRET })?;
        let previous = secret("AUTH_SECRET_PREVIOUS")?;
        let max_staleness = match seconds(&lookup, "MAX_STALENESS_SECONDS")? {
            Some(bound) if bound > LARGEST_MAX_STALENESS => {
                return Err(Misconfigured {
                    variable: "MAX_STALENESS_SECONDS",
                    expected: "a whole number from 0 to 3600",
                });
            }
            Some(bound) => bound,
            None => DEFAULT_MAX_STALENESS,
        };
        let ttl_ceiling = match seconds(&lookup, "MAX_ACCESS_TOKEN_TTL_SECONDS")? {
            Some(ceiling) => TtlCeiling::new(ceiling).ok_or(Misconfigured {
                variable: "MAX_ACCESS_TOKEN_TTL_SECONDS",
                expected: "a whole number from 1 to 315360000",
            })?,
            None => TtlCeiling::NONE,
        };
        let issuer = match lookup("ISSUER") {
            Some(text) if !text.is_empty() => Some(Issuer::parse(&text).ok_or(Misconfigured {
                variable: "ISSUER",
                expected: "an origin such as https://auth.example, without a path",
            })?),
            Some(_) | None => None,
        };
        let proxy_trust = proxy_trust(&lookup, &current)?;
        let session_keys = KeyRing::new(Purpose::ConsoleSessionTag, &current, previous.as_ref());
        Ok(Self {
            record_keys: KeyRing::new(Purpose::ReplicaRecord, &current, previous.as_ref()),
            token_keys: KeyRing::new(Purpose::AccessTokenTag, &current, previous.as_ref()),
            ttl_ceiling,
            control_hosts: hosts(&lookup, "CONTROL_HOSTS")?,
            loopback_origins: match flag(&lookup, "ALLOW_LOOPBACK_ORIGINS")? {
                true => LoopbackOrigins::Allowed,
                false => LoopbackOrigins::Refused,
            },
            auth_secret: current,
            previous_auth_secret: previous,
            max_staleness,
            issuer,
            proxy_trust,
            session_keys,
            session_limits: session_limits(&lookup)?,
            sign_in_codes: match flag(&lookup, "CONSOLE_SIGN_IN_CODES")? {
                true => SignInCodes::Development,
                false => SignInCodes::Off,
            },
            access: access(&lookup)?,
        })
    }

    /// The key that signs assertions for origins.
    pub fn assertion_key(&self) -> AssertionKey {
        AssertionKey::new(&self.auth_secret)
    }

    /// The keys that verify assertions: that one, and the one before it.
    pub fn assertion_keys(&self) -> Vec<AssertionKey> {
        [Some(&self.auth_secret), self.previous_auth_secret.as_ref()]
            .into_iter()
            .flatten()
            .map(AssertionKey::new)
            .collect()
    }

    /// Whether a host serves the management API and the data plane's own paths; any other host is the gateway's alone.
    /// Without `CONTROL_HOSTS` every host does, and the gateway has the paths that are left.
    pub fn is_control_host(&self, host: Option<&RouteHost>) -> bool {
        let named = &self.control_hosts;
        named.is_empty() || host.is_some_and(|host| named.contains(host))
    }

    /// Whether the gateway serves a host.
    pub fn is_gateway_host(&self, host: Option<&RouteHost>) -> bool {
        self.control_hosts.is_empty() || !self.is_control_host(host)
    }
}

/// A list of hosts with commas between them; empty when the variable is not set.
fn hosts(lookup: &impl Fn(&str) -> Option<String>, variable: &'static str) -> Result<Vec<RouteHost>, Misconfigured> {
    let expected = "host names with commas between them, without ports";
    match lookup(variable) {
        Some(text) if !text.is_empty() => text
            .split(',')
            .map(|name| RouteHost::parse(name.trim()).map_err(|_| Misconfigured { variable, expected }))
            .collect(),
        Some(_) | None => Ok(Vec::new()),
    }
}

/// Whether something is switched on; it is off when the variable is not set.
fn flag(lookup: &impl Fn(&str) -> Option<String>, variable: &'static str) -> Result<bool, Misconfigured> {
    match lookup(variable).as_deref() {
        Some("true") => Ok(true),
        Some("false" | "") | None => Ok(false),
        Some(_) => Err(Misconfigured { variable, expected: "true or false" }),
    }
}

fn proxy_trust(
    lookup: &impl Fn(&str) -> Option<String>,
    auth_secret: &AuthSecret,
) -> Result<Option<ProxyTrust>, Misconfigured> {
    const SECRET: &str = "at least 32 visible ASCII characters, and not AUTH_SECRET";
    const ADDRESSES: &str = "1 to 50 addresses or CIDR blocks, separated by commas, none of length 0";
    let set = |variable| lookup(variable).filter(|text| !text.is_empty());
    let mut secrets = Vec::new();
    for variable in ["FORWARD_AUTH_SECRET", "FORWARD_AUTH_SECRET_PREVIOUS"] {
        if let Some(text) = set(variable) {
            let wrong = Misconfigured { variable, expected: SECRET };
            // A proxy's configuration is readable by whoever runs the proxy; AUTH_SECRET must not be in it.
            if auth_secret.is(&text) {
                return Err(wrong);
            }
            secrets.push(ProxySecret::new(&text).map_err(|_| wrong)?);
        }
    }
    let addresses = match set("TRUSTED_PROXIES") {
        Some(text) => {
            let list = TrustedIps::parse(text.split(',')).ok().and_then(ProxyAddresses::new);
            Some(list.ok_or(Misconfigured { variable: "TRUSTED_PROXIES", expected: ADDRESSES })?)
        }
        None => None,
    };
    Ok(ProxyTrust::new(secrets, addresses))
}

fn session_limits(lookup: &impl Fn(&str) -> Option<String>) -> Result<SessionLimits, Misconfigured> {
    let default = SessionLimits::DEFAULT;
    let idle = seconds(lookup, "CONSOLE_SESSION_IDLE_SECONDS")?;
    let absolute = seconds(lookup, "CONSOLE_SESSION_SECONDS")?.unwrap_or(default.absolute());
    // Who shortens the whole only shortens the rest with it.
    let limits = SessionLimits::new(idle.unwrap_or(default.idle().min(absolute)), absolute);
    let variable = if idle.is_some() { "CONSOLE_SESSION_IDLE_SECONDS" } else { "CONSOLE_SESSION_SECONDS" };
    let expected = "whole numbers from 120 to 604800, the idle time not above the other";
    limits.ok_or(Misconfigured { variable, expected })
}

fn access(lookup: &impl Fn(&str) -> Option<String>) -> Result<Option<AccessApplication>, Misconfigured> {
    const DOMAIN: &str = "ACCESS_TEAM_DOMAIN";
    const AUDIENCE: &str = "ACCESS_AUDIENCE";
    let set = |variable| lookup(variable).filter(|text| !text.is_empty());
    let expected = "a domain such as team.cloudflareaccess.com, and ACCESS_AUDIENCE with it";
    let Some(domain) = set(DOMAIN) else {
        return match set(AUDIENCE) {
            Some(_) => Err(Misconfigured { variable: DOMAIN, expected }),
            None => Ok(None),
        };
    };
    let origin = if domain.contains("://") { domain } else { format!("https://{domain}") };
    let issuer = Issuer::parse(&origin).ok_or(Misconfigured { variable: DOMAIN, expected })?.to_string();
    let expected = "the audience tag of the application: letters, digits, hyphens and underscores";
    let is_tag = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let audience = set(AUDIENCE).filter(|text| text.bytes().all(is_tag));
    let audience = audience.ok_or(Misconfigured { variable: AUDIENCE, expected })?;
    Ok(Some(AccessApplication { issuer, audience }))
}

/// A whole number of seconds; `None` when the variable is not set.
fn seconds(lookup: &impl Fn(&str) -> Option<String>, variable: &'static str) -> Result<Option<Seconds>, Misconfigured> {
    match lookup(variable) {
        Some(text) if !text.is_empty() => text
            .parse()
            .map(|number| Some(Seconds::new(number)))
            .map_err(|_| Misconfigured { variable, expected: "a whole number of seconds" }),
        Some(_) | None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Settings, Misconfigured> {
        Settings::read(|name| {
            variables.iter().find(|(variable, _)| *variable == name).map(|(_, value)| (*value).to_owned())
        })
    }

    const SECRET: (&str, &str) = ("AUTH_SECRET", "0123456789abcdef0123456789abcdef");
    const PROXY_SECRET: (&str, &str) = ("FORWARD_AUTH_SECRET", "fedcba9876543210fedcba9876543210");

    #[test]
    fn a_secret_is_all_that_must_be_set() {
        let settings = read(&[SECRET]).unwrap();
        assert_eq!(settings.max_staleness, Seconds::new(10));
        assert_eq!(settings.ttl_ceiling, TtlCeiling::NONE);
    }

    #[test]
    fn a_wrong_setting_is_named() {
        #[track_caller]
        fn check(variables: &[(&str, &str)], expected: &str) {
            assert_eq!(read(variables).unwrap_err().variable, expected);
        }
        check(&[], "AUTH_SECRET");
        check(&[("AUTH_SECRET", "")], "AUTH_SECRET");
        check(&[("AUTH_SECRET", "short")], "AUTH_SECRET");
        check(&[SECRET, ("AUTH_SECRET_PREVIOUS", "short")], "AUTH_SECRET_PREVIOUS");
        check(&[SECRET, ("MAX_STALENESS_SECONDS", "soon")], "MAX_STALENESS_SECONDS");
        check(&[SECRET, ("MAX_STALENESS_SECONDS", "-1")], "MAX_STALENESS_SECONDS");
        check(&[SECRET, ("MAX_STALENESS_SECONDS", "3601")], "MAX_STALENESS_SECONDS");
        check(&[SECRET, ("MAX_ACCESS_TOKEN_TTL_SECONDS", "0")], "MAX_ACCESS_TOKEN_TTL_SECONDS");
        check(&[SECRET, ("MAX_ACCESS_TOKEN_TTL_SECONDS", "315360001")], "MAX_ACCESS_TOKEN_TTL_SECONDS");
        check(&[SECRET, ("ISSUER", "auth.example")], "ISSUER");
        check(&[SECRET, ("ISSUER", "https://auth.example/")], "ISSUER");
        check(&[SECRET, ("CONTROL_HOSTS", "a.example,")], "CONTROL_HOSTS");
        check(&[SECRET, ("CONTROL_HOSTS", "a.example:8787")], "CONTROL_HOSTS");
        check(&[SECRET, ("ALLOW_LOOPBACK_ORIGINS", "yes")], "ALLOW_LOOPBACK_ORIGINS");
        check(&[SECRET, ("CONSOLE_SESSION_IDLE_SECONDS", "119")], "CONSOLE_SESSION_IDLE_SECONDS");
        check(&[SECRET, ("CONSOLE_SESSION_IDLE_SECONDS", "43201")], "CONSOLE_SESSION_IDLE_SECONDS");
        check(&[SECRET, ("CONSOLE_SESSION_SECONDS", "119")], "CONSOLE_SESSION_SECONDS");
        check(&[SECRET, ("CONSOLE_SESSION_SECONDS", "604801")], "CONSOLE_SESSION_SECONDS");
        check(&[SECRET, ("CONSOLE_SIGN_IN_CODES", "1")], "CONSOLE_SIGN_IN_CODES");
        check(&[SECRET, ("ACCESS_AUDIENCE", "abc")], "ACCESS_TEAM_DOMAIN");
        check(&[SECRET, ("ACCESS_TEAM_DOMAIN", "team.example/")], "ACCESS_TEAM_DOMAIN");
        check(&[SECRET, ("ACCESS_TEAM_DOMAIN", "http://team.example")], "ACCESS_TEAM_DOMAIN");
        check(&[SECRET, ("ACCESS_TEAM_DOMAIN", "team.example")], "ACCESS_AUDIENCE");
        check(&[SECRET, ("ACCESS_TEAM_DOMAIN", "team.example"), ("ACCESS_AUDIENCE", "a b")], "ACCESS_AUDIENCE");
        for variable in ["FORWARD_AUTH_SECRET", "FORWARD_AUTH_SECRET_PREVIOUS"] {
            check(&[SECRET, (variable, "short")], variable);
            check(&[SECRET, (variable, "0123456789abcdef 0123456789abcdef")], variable);
            check(&[SECRET, (variable, SECRET.1)], variable);
        }
        for wrong in ["10.0.0.0/8,", ",", "localhost", "10.0.0.0/8;10.0.0.1", "0.0.0.0/0", "192.0.2.1,::/0"] {
            check(&[SECRET, ("TRUSTED_PROXIES", wrong)], "TRUSTED_PROXIES");
        }
    }

    #[test]
    fn sessions_last_as_long_as_is_said_and_codes_and_access_are_off_until_they_are_asked_for() {
        let settings = read(&[SECRET]).unwrap();
        assert_eq!(settings.session_limits, SessionLimits::DEFAULT);
        assert_eq!((settings.sign_in_codes, settings.access), (SignInCodes::Off, None));
        let settings = read(&[
            SECRET,
            ("CONSOLE_SESSION_SECONDS", "600"),
            ("CONSOLE_SIGN_IN_CODES", "true"),
            ("ACCESS_TEAM_DOMAIN", "team.cloudflareaccess.com"),
            ("ACCESS_AUDIENCE", "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2"),
        ])
        .unwrap();
        assert_eq!(settings.session_limits, SessionLimits::new(Seconds::new(600), Seconds::new(600)).unwrap());
        assert_eq!(settings.sign_in_codes, SignInCodes::Development);
        let access = settings.access.unwrap();
        assert_eq!(access.issuer, "https://team.cloudflareaccess.com");
        assert!(access.audience.starts_with("4714"));
    }

    #[test]
    fn forward_auth_is_off_until_a_proxy_can_prove_itself() {
        #[track_caller]
        fn check(variables: &[(&str, &str)], expected: bool) {
            let variables = [&[SECRET], variables].concat();
            assert_eq!(read(&variables).unwrap().proxy_trust.is_some(), expected, "{variables:?}");
        }
        check(&[], false);
        check(&[("FORWARD_AUTH_SECRET", ""), ("TRUSTED_PROXIES", "")], false);
        check(&[PROXY_SECRET], true);
        check(&[("FORWARD_AUTH_SECRET_PREVIOUS", PROXY_SECRET.1)], true);
        check(&[("TRUSTED_PROXIES", "192.0.2.1, 198.51.100.0/24 ,2001:db8::/32")], true);
    }

    #[test]
    fn hosts_are_a_list_and_nothing_is_allowed_unless_it_is_said() {
        let settings = read(&[SECRET]).unwrap();
        assert_eq!((settings.control_hosts, settings.loopback_origins), (Vec::new(), LoopbackOrigins::Refused));
        let set = [SECRET, ("CONTROL_HOSTS", "A.example, b.example"), ("ALLOW_LOOPBACK_ORIGINS", "true")];
        let settings = read(&set).unwrap();
        let hosts: Vec<&str> = settings.control_hosts.iter().map(RouteHost::as_str).collect();
        assert_eq!((hosts, settings.loopback_origins), (vec!["a.example", "b.example"], LoopbackOrigins::Allowed));
    }

    #[test]
    fn control_hosts_and_gateway_hosts_are_apart_once_they_are_named() {
        #[track_caller]
        fn check(variables: &[(&str, &str)], host: Option<&str>, control: bool, gateway: bool) {
            let settings = read(&[&[SECRET], variables].concat()).unwrap();
            let host = host.map(|host| RouteHost::parse(host).unwrap());
            let found = (settings.is_control_host(host.as_ref()), settings.is_gateway_host(host.as_ref()));
            assert_eq!(found, (control, gateway), "{variables:?} {host:?}");
        }
        check(&[], Some("a.example"), true, true);
        check(&[], None, true, true);
        let named = [("CONTROL_HOSTS", "a.example")];
        check(&named, Some("a.example"), true, false);
        check(&named, Some("a.example."), true, false);
        check(&[("CONTROL_HOSTS", "a.example.")], Some("a.example"), true, false);
        check(&named, Some("b.example"), false, true);
        check(&named, None, false, true);
    }

    #[test]
    fn a_rotated_secret_leaves_both_assertion_keys_published() {
        let previous = ("AUTH_SECRET_PREVIOUS", "previous-previous-previous-previous");
        let ids = |variables: &[(&str, &str)]| {
            read(variables).unwrap().assertion_keys().iter().map(AssertionKey::id).collect::<Vec<_>>()
        };
        let now = ids(&[SECRET]);
        assert_eq!(now.len(), 1);
        let rotated = ids(&[("AUTH_SECRET", "another-another-another-another-a"), ("AUTH_SECRET_PREVIOUS", SECRET.1)]);
        assert_eq!(rotated[1], now[0]);
        assert_eq!(ids(&[SECRET, previous]).len(), 2);
    }

    #[test]
    fn zero_staleness_is_a_setting() {
        assert_eq!(read(&[SECRET, ("MAX_STALENESS_SECONDS", "0")]).unwrap().max_staleness, Seconds::ZERO);
    }

    #[test]
    fn no_secret_is_printed_with_the_settings() {
        let printed = format!("{:?}", read(&[SECRET, PROXY_SECRET]).unwrap());
        assert!(!printed.contains(SECRET.1) && !printed.contains(PROXY_SECRET.1), "{printed}");
    }
}
