//! Who calls from the console: whether a request comes from it, and the session that it carries.

use worker::Request;

use crate::answer::{ControlAnswer, with_cookie};
use domain::gateway::route_host::RouteHost;
use domain::network::console_site::{ConsoleSite, NoConsoleHere, Provenance, console_site};
use domain::token::console_session::{PresentedSession, SessionSecret};
use domain::token::secret::KeyRing;
use management::error::ManagementError;
use management::families::console::session_refused;
use protocol::console::{MARK, clear_cookie, cookie};
use protocol::settings::Settings;
use protocol::target::origin;
use runtime::ReceivedHeaders;

/// What a request says of the console.
#[derive(Debug)]
pub struct ConsoleCaller<'a> {
    /// Whether operators can be signed in where the request was sent to.
    pub site: Result<ConsoleSite, NoConsoleHere>,
    is_console: bool,
    cookies: Option<&'a str>,
    keys: &'a KeyRing,
}

/// Reads what a request says of the console.
pub fn of<'a>(request: &Request, headers: &'a ReceivedHeaders, settings: &'a Settings) -> ConsoleCaller<'a> {
    let url = request.inner().url();
    let scheme = origin(&url).split_once("://").map_or("", |(scheme, _)| scheme);
    let authority = headers.get("host").unwrap_or_default();
    let host = RouteHost::from_authority(authority).ok();
    let provenance = Provenance {
        mark: headers.get(MARK),
        origin: headers.get("origin"),
        fetch_site: headers.get("sec-fetch-site"),
    };
    ConsoleCaller {
        site: console_site(scheme, host.as_ref(), settings.is_gateway_host(host.as_ref())),
        is_console: provenance.is_console(scheme, authority),
        cookies: headers.get("cookie"),
        keys: &settings.session_keys,
    }
}

impl ConsoleCaller<'_> {
    /// The session that the request carries, by arithmetic: its format and its tag. A cookie counts only if the console has
    /// sent it, and otherwise is as if it were not there.
    ///
    /// # Errors
    /// That it is none of ours.
    pub fn session(&self) -> Result<Option<PresentedSession>, ManagementError> {
        let Ok(site) = self.site else { return Ok(None) };
        let Some(text) = cookie(site, self.cookies).filter(|_| self.is_console) else { return Ok(None) };
        let secret = SessionSecret::parse(text, self.keys).map_err(|error| session_refused(error.into()))?;
        Ok(Some(secret.presented()))
    }

    /// Where the console signs somebody in.
    ///
    /// # Errors
    /// [`ManagementError::NoConsoleHere`], [`ManagementError::NotFromConsole`].
    pub fn require_console(&self) -> Result<ConsoleSite, ManagementError> {
        let site = self.site.map_err(ManagementError::NoConsoleHere)?;
        if self.is_console { Ok(site) } else { Err(ManagementError::NotFromConsole) }
    }

    /// An answer after which the browser has no session, if that is what it says.
    ///
    /// # Errors
    /// [`ManagementError::Internal`].
    pub fn signed_out(&self, answer: ControlAnswer) -> Result<ControlAnswer, ManagementError> {
        match self.site {
            Ok(site) if answer.status() == 200 => with_cookie(answer, &clear_cookie(site)),
            Ok(_) | Err(_) => Ok(answer),
        }
    }
}
