// Requests that ask for their connection to become something else: what follows on it would be asked about by nobody.
//
// What must come of one is said for a route that takes no WebSocket (`plain`) and for one that does (`taking`):
//   open      the connection becomes a WebSocket
//   closed    it does not become anything: the request is refused, or passed on as if it had not asked
//   perhaps   it becomes a WebSocket, if the origin has nothing against it, or nothing
//   refused   403, and the origin sees nothing
// A proxy that never passes WebSockets on makes `closed` of `open` and of `refused`.

import { bytes } from "./message.mjs";

const KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
const VERSION = "Sec-WebSocket-Version: 13";
const SETTINGS = "HTTP2-Settings: AAMAAABkAAQAAP__";
const UPGRADE = "Connection: Upgrade";
const WEBSOCKET = "Upgrade: websocket";
const H2C = "Upgrade: h2c";

const WHOLE = [UPGRADE, WEBSOCKET, KEY, VERSION];
const OPENS = { plain: "refused", taking: "open" };
const CLOSED = { plain: "closed", taking: "closed" };
// Whether a proxy takes this for a WebSocket is its own affair. If it does, it is one and nothing else.
const PERHAPS = { plain: "closed", taking: "perhaps" };

// All cases; `host` names the route, `authorization` is the header of a token that may send all of this.
export function tunnels({ host, authorization }) {
  const ask = (headers, { method = "GET", target = "/public/items", version = "HTTP/1.1", body = "" } = {}) => {
    const framing = body === "" ? [] : [`Content-Length: ${body.length}`];
    const lines = [`${method} ${target} ${version}`, `Host: ${host}`, authorization, ...headers, ...framing];
    return bytes(...lines, "", body);
  };
  const one = (name, headers, expected, more) => ({ name, bytes: ask(headers, more), ...expected });
  const h2c = (name, headers, more) => one(name, headers, CLOSED, more);

  return [
    one("a WebSocket", WHOLE, OPENS),
    one("a WebSocket in other letters", ["CONNECTION: keep-alive, UPGRADE", "UPGRADE: WebSocket", KEY, VERSION], OPENS),
    one("a WebSocket without a space", ["Connection:upgrade", "Upgrade:websocket", KEY, VERSION], OPENS),
    one("a WebSocket with spaces", ["Connection:   Upgrade  ", "Upgrade:  websocket \t ", KEY, VERSION], OPENS),
    one("a WebSocket in two headers for the connection", ["Connection: keep-alive", ...WHOLE], PERHAPS),
    one("a WebSocket with HTTP2-Settings", ["Connection: Upgrade, HTTP2-Settings", WEBSOCKET, SETTINGS, KEY, VERSION], OPENS),
    one("a WebSocket that claims to be none", [...WHOLE, "Token-Auth-Upgrade: none"], OPENS),
    one("a WebSocket that claims to be none, with _", [...WHOLE, "Token_Auth_Upgrade: none"], PERHAPS),
    one("a WebSocket that takes the proxy's word away", ["Connection: Upgrade, Token-Auth-Upgrade", WEBSOCKET, KEY, VERSION], PERHAPS),
    one("a WebSocket with a body", WHOLE, PERHAPS, { body: "GET /secret HTTP/1.1\r\n\r\n" }),
    one("a WebSocket of HTTP/1.0", WHOLE, PERHAPS, { version: "HTTP/1.0" }),

    one("no handshake but Upgrade", [UPGRADE, WEBSOCKET], CLOSED),
    one("no key", [UPGRADE, WEBSOCKET, VERSION], CLOSED),
    one("another key", [UPGRADE, WEBSOCKET, VERSION, "Sec-WebSocket-Key: x"], CLOSED),
    one("no version", [UPGRADE, WEBSOCKET, KEY], CLOSED),
    // An origin refuses these and goes on with HTTP; a proxy that does not look at its answer passes on whatever comes.
    one("another version", [UPGRADE, WEBSOCKET, KEY, "Sec-WebSocket-Version: 777"], CLOSED),
    one("two versions", [UPGRADE, WEBSOCKET, KEY, VERSION, "Sec-WebSocket-Version: 8"], PERHAPS),
    one("Upgrade alone", [WEBSOCKET, KEY, VERSION], PERHAPS),
    one("a connection that closes", ["Connection: close", WEBSOCKET, KEY, VERSION], PERHAPS),
    one("Upgrade with a space before the colon", [UPGRADE, "Upgrade : websocket", KEY, VERSION], PERHAPS),
    one("Upgrade in a folded line", [UPGRADE, "X-A: b", " Upgrade: websocket", KEY, VERSION], CLOSED),
    one("Upgrade with _", ["Connection: Up_grade", "Up_grade: websocket", KEY, VERSION], CLOSED),
    ...["POST", "PUT", "PATCH", "DELETE", "HEAD"].flatMap((method) => [
      one(`${method} as a WebSocket`, WHOLE, CLOSED, { method }),
      h2c(`${method} as h2c`, ["Connection: Upgrade, HTTP2-Settings", H2C, SETTINGS], { method }),
    ]),
    one("POST as a WebSocket, with a body", WHOLE, CLOSED, { method: "POST", body: "a body" }),

    h2c("h2c", ["Connection: Upgrade, HTTP2-Settings", H2C, SETTINGS]),
    h2c("h2c without settings", [UPGRADE, H2C]),
    h2c("h2c, settings not listed", [UPGRADE, H2C, SETTINGS]),
    h2c("h2c in capitals", ["CONNECTION: UPGRADE, HTTP2-SETTINGS", "UPGRADE: H2C", SETTINGS.toUpperCase()]),
    h2c("h2c behind tabs", ["Connection:\tUpgrade\t,\tHTTP2-Settings", "Upgrade:\th2c", SETTINGS]),
    h2c("h2c, the connection in two headers", ["Connection: HTTP2-Settings", UPGRADE, H2C, SETTINGS]),
    h2c("h2c on a connection that closes", ["Connection: close, Upgrade, HTTP2-Settings", H2C, SETTINGS]),
    h2c("h2c with Proxy-Connection", ["Proxy-Connection: Upgrade", UPGRADE, H2C, SETTINGS]),
    h2c("h2c of HTTP/1.0", ["Connection: Upgrade, HTTP2-Settings", H2C, SETTINGS], { version: "HTTP/1.0" }),
    h2c("h2c with a body", [UPGRADE, H2C, SETTINGS], { method: "POST", body: "a body" }),
    h2c("h2c with an expectation", [UPGRADE, H2C, SETTINGS, "Expect: 100-continue"], { method: "POST", body: "a body" }),
    h2c("h2c twice", [UPGRADE, H2C, H2C, SETTINGS]),
    h2c("h2c that claims to be a WebSocket", [UPGRADE, H2C, SETTINGS, KEY, VERSION, "Token-Auth-Upgrade: websocket"]),
    h2c("h2c that claims to be none", [UPGRADE, H2C, SETTINGS, "Token-Auth-Upgrade: none"]),
    h2c("h2c in X-Forwarded-Upgrade", ["Connection: X-Forwarded-Upgrade", "X-Forwarded-Upgrade: h2c", SETTINGS]),
    h2c("settings alone", ["Connection: HTTP2-Settings", SETTINGS]),

    // Two protocols, in one header or two. What becomes of it is a WebSocket or nothing.
    ...[
      ["websocket, h2c", "Upgrade: websocket, h2c"],
      ["h2c, websocket", "Upgrade: h2c, websocket"],
      ["websocket,h2c", "Upgrade: websocket,h2c"],
      ["websocket and h2c in two headers", WEBSOCKET, H2C],
      ["h2c and websocket in two headers", H2C, WEBSOCKET],
      ["websocket twice", WEBSOCKET, WEBSOCKET],
      ["TLS/1.0 and websocket in two headers", "Upgrade: TLS/1.0", WEBSOCKET],
    ].map(([name, ...lines]) => one(name, ["Connection: Upgrade, HTTP2-Settings", ...lines, SETTINGS, KEY, VERSION], PERHAPS)),
    ...["TLS/1.0", "TLS/1.2, HTTP/1.1", "HTTP/2.0", "h2", "IRC/6.9", "connect-udp", "websocket/13", "xwebsocket", "websocket2"]
      .concat(['"websocket"', "webs\u00f6cket", "*", "none", ""])
      .map((protocol) => one(`the protocol ${JSON.stringify(protocol)}`, [UPGRADE, `Upgrade: ${protocol}`, KEY, VERSION], CLOSED)),

    one("CONNECT to the origin", [], CLOSED, { method: "CONNECT", target: `${host}:80` }),
    one("CONNECT to a path", [], CLOSED, { method: "CONNECT" }),
    one("CONNECT to this machine", [], CLOSED, { method: "CONNECT", target: "127.0.0.1:1" }),
    one("CONNECT as a WebSocket", WHOLE, CLOSED, { method: "CONNECT" }),
    one("CONNECT in the words of HTTP/2", [":protocol: websocket", KEY, VERSION], CLOSED, { method: "CONNECT" }),
    one("a WebSocket in the words of HTTP/2", [":protocol: websocket", VERSION], CLOSED),
  ];
}
