//! Whether a request asks to become a WebSocket, and may ask.
//!
//! We decide once about a request that becomes something else than HTTP, and see nothing of what follows on its
//! connection. So a request may become a WebSocket only, and only if its route says so.
//!
//! The runtime sends every request for a WebSocket as a GET. So only a GET may ask for one: we would authorize any
//! other method, and the runtime would send GET.
//!
//! **Invariant**: a [`WebSocketHandshake`] comes from a GET request with the whole handshake of RFC 6455 §4.1, or from
//! a description of one.

use crate::gateway::request_method::RequestMethod;

/// The one version there is (RFC 6455 §4.1).
const VERSION: &str = "13";
/// How many characters 16 bytes have in base64 (RFC 6455 §4.1).
const KEY_CHARACTERS: usize = 24;

/// A request that asks to become a WebSocket, as it must be asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WebSocketHandshake(());

/// The request mentions a WebSocket, but is not a handshake.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BrokenHandshake;

impl WebSocketHandshake {
    /// Reads a request; `header` gives the value of a header, several of one name joined by a comma. `None` when it does
    /// not ask for a WebSocket: any other protocol it asks for is not spoken here, which a server may ignore (RFC 9110
    /// §7.8) as long as it does not pass the wish on.
    pub fn read(
        method: RequestMethod,
        header: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, BrokenHandshake> {
        let Some(upgrade) = header("upgrade") else { return Ok(None) };
        if !names_web_socket(&upgrade) {
            return Ok(None);
        }
        let is_whole = method == RequestMethod::Get
            && upgrade.trim().eq_ignore_ascii_case("websocket")
            && header("connection").is_some_and(|options| lists(&options, "upgrade"))
            && header("sec-websocket-version").is_some_and(|version| version.trim() == VERSION)
            && header("sec-websocket-key").is_some_and(|key| is_key(key.trim()));
        if is_whole { Ok(Some(Self(()))) } else { Err(BrokenHandshake) }
    }

    /// The handshake of a request that nobody has sent and somebody describes: what its headers would be is taken to be
    /// right.
    ///
    /// # Errors
    /// [`BrokenHandshake`] for a method with which no WebSocket begins.
    pub fn described(method: RequestMethod) -> Result<Self, BrokenHandshake> {
        if method == RequestMethod::Get { Ok(Self(())) } else { Err(BrokenHandshake) }
    }
}

/// Whether anybody could find a WebSocket in an `Upgrade`, whatever else it holds.
fn names_web_socket(upgrade: &str) -> bool {
    upgrade.to_ascii_lowercase().contains("websocket")
}

fn lists(options: &str, name: &str) -> bool {
    options.split(',').any(|option| option.trim().eq_ignore_ascii_case(name))
}

fn is_key(text: &str) -> bool {
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    text.len() == KEY_CHARACTERS && text.strip_suffix("==").is_some_and(|digits| digits.bytes().all(is_base64))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HANDSHAKE: [(&str, &str); 4] = [
        ("upgrade", "websocket"),
        ("connection", "Upgrade"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];

    fn read(
        method: RequestMethod,
        changes: &[(&str, Option<&str>)],
    ) -> Result<Option<WebSocketHandshake>, BrokenHandshake> {
        WebSocketHandshake::read(method, |name| {
            let original = HANDSHAKE.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
            let changed = changes.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
            changed.unwrap_or(original).map(str::to_owned)
        })
    }

    #[test]
    fn only_a_get_request_may_ask_for_a_web_socket() {
        for method in RequestMethod::ALL {
            let expected =
                if method == RequestMethod::Get { Ok(Some(WebSocketHandshake(()))) } else { Err(BrokenHandshake) };
            assert_eq!(read(method, &[]), expected, "{method:?}");
            assert_eq!(WebSocketHandshake::described(method).map(Some), expected, "{method:?}");
        }
    }

    #[test]
    fn a_request_is_a_whole_handshake_or_none_at_all() {
        #[track_caller]
        fn check(name: &str, value: Option<&str>, expected: bool) {
            let got = read(RequestMethod::Get, &[(name, value)]);
            let expected = if expected { Ok(Some(WebSocketHandshake(()))) } else { Err(BrokenHandshake) };
            assert_eq!(got, expected, "{name}: {value:?}");
        }
        check("upgrade", Some(" WebSocket "), true);
        check("connection", Some("keep-alive, upgrade"), true);
        for upgrade in ["websocket, h2c", "h2c, websocket", "websocket/13", "websocket, websocket", "\"websocket\""] {
            check("upgrade", Some(upgrade), false);
        }
        for (name, _) in HANDSHAKE.into_iter().skip(1) {
            check(name, None, false);
            check(name, Some(""), false);
        }
        check("connection", Some("close, upgrades"), false);
        for version in ["12", "13, 13", "013"] {
            check("sec-websocket-version", Some(version), false);
        }
        for key in ["dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25j ZQ==", "dGhlIHNhbXBsZSBub25jZQ==, a"] {
            check("sec-websocket-key", Some(key), false);
        }
    }

    #[test]
    fn a_request_for_another_protocol_or_for_none_asks_for_no_web_socket() {
        for method in RequestMethod::ALL {
            for upgrade in [None, Some("h2c"), Some("TLS/1.0, HTTP/2.0"), Some("")] {
                assert_eq!(read(method, &[("upgrade", upgrade)]), Ok(None), "{method:?} {upgrade:?}");
            }
        }
    }
}
