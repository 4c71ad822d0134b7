// Methods, hosts, and where one request ends and the next begins.

import { ALLOWED, CRLF, EITHER, HOST, REFUSED, bearer, bytes, request } from "./message.mjs";

export function methods({ good }) {
  const ask = (method, more) => request({ method, headers: [bearer(good)], ...more });
  return [
    ...["GET", "HEAD", "DELETE"].map((method) => ({ name: method, bytes: ask(method), ...ALLOWED, by: good, method })),
    ...["POST", "PUT", "PATCH"].flatMap((method) =>
      ["", "a body", "x".repeat(100_000)].map((body) => ({
        name: `${method} with ${body.length} bytes`,
        bytes: body === "" ? ask(method, { headers: [bearer(good), ["Content-Length", "0"]] }) : ask(method, { body }),
        ...ALLOWED,
        by: good,
        method,
      })),
    ),
    ...["OPTIONS", "TRACE", "CONNECT", "PROPFIND", "PURGE", "QUERY", "get", "Get", "GETT", "X-Y", "G\u00cbT"].map(
      (method) => ({ name: `the method ${method}`, bytes: ask(method), ...REFUSED, statuses: [400, 405, 501] }),
    ),
    {
      name: "a preflight",
      bytes: request({
        method: "OPTIONS",
        headers: [
          ["Origin", "https://evil.example.com"],
          ["Access-Control-Request-Method", "DELETE"],
        ],
      }),
      ...REFUSED,
    },
    { name: "HTTP/1.0", bytes: ask("GET", { version: "HTTP/1.0" }), ...EITHER, by: good },
    { name: "HTTP/0.9", bytes: bytes("GET /public/items", ""), ...REFUSED, statuses: [null, 400, 426] },
    {
      name: "HTTP/3.0",
      bytes: ask("GET", { version: "HTTP/3.0" }),
      ...REFUSED,
      statuses: [null, 400, 426, 505],
    },
  ];
}

// Hosts that no route is for, and hosts in other places than the Host header.
export function hosts({ good }) {
  const ask = (...lines) =>
    bytes("GET /public/items HTTP/1.1", ...lines, `Authorization: Bearer ${good.token}`, "Connection: close", "", "");
  const other = (name, ...lines) => ({ name, bytes: ask(...lines), ...REFUSED, statuses: [400, 404, 421] });
  return [
    other("another host", "Host: evil.example.com"),
    other("a host below the route's", "Host: a.api.example.com"),
    other("a host above the route's", "Host: example.com"),
    // The same name (RFC 1034 §3.1). Some proxies pass the dot on, some drop it.
    ...[`${HOST}.`, `${HOST}.:8443`, `${HOST.toUpperCase()}.`].map((host) => ({
      name: `the host ${host}`,
      bytes: ask(`Host: ${host}`),
      ...ALLOWED,
      by: good,
    })),
    other("the host with two dots", `Host: ${HOST}..`),
    other("nothing but a dot", "Host: ."),
    other("another host with a dot", "Host: evil.example.com."),
    other("another host, the right one in X-Forwarded-Host", "Host: evil.example.com", `X-Forwarded-Host: ${HOST}`),
    other("another host, the right one in X-Original-Host", "Host: evil.example.com", `X-Original-Host: ${HOST}`),
    other("another host, the right one in Forwarded", "Host: evil.example.com", `Forwarded: host=${HOST}`),
    other(
      "another host, the right one in Token-Auth-Envoy-Host",
      "Host: evil.example.com",
      `Token-Auth-Envoy-Host: ${HOST}`,
    ),
    other("a list of hosts", `Host: ${HOST}, evil.example.com`),
    { name: "the host in upper case", bytes: ask(`Host: ${HOST.toUpperCase()}`), ...ALLOWED, by: good },
    { name: "the host with a port", bytes: ask(`Host: ${HOST}:8443`), ...ALLOWED, by: good },
  ];
}

// What a name may hold that is not English. It reaches the origin byte by byte; what is no UTF-8 may be refused.
export function utf8({ good }) {
  const latin1 = (text) => Buffer.from(text, "utf8").toString("latin1");
  const one = (name, header, value) => ({
    name,
    bytes: request({ headers: [bearer(good), [header, value]] }),
    by: good,
    sent: [header.toLowerCase(), value],
  });
  return [
    { ...one("UTF-8 in a header", "X-Name", latin1("Zoë €")), ...ALLOWED },
    { ...one("UTF-8 beyond the first plane", "X-Name", latin1("\u{1f511} key")), ...ALLOWED },
    { ...one("UTF-8 in a cookie", "Cookie", latin1("name=Zoë; other=1")), ...ALLOWED },
    { ...one("UTF-8 in User-Agent", "User-Agent", latin1("Zoë/1.0")), ...ALLOWED },
    // Envoy drops a Referer that is no URL.
    { ...one("UTF-8 in Referer", "Referer", latin1("https://example.com/Zoë")), ...ALLOWED, sent: undefined },
    { ...one("latin1 in a header", "X-Name", "Zo\u00eb"), ...EITHER },
    { ...one("half a character", "X-Name", "Zo\u00c3"), ...EITHER },
    { ...one("a surrogate", "X-Name", "\u00ed\u00a0\u0080"), ...EITHER },
    { ...one("an overlong slash", "X-Name", "\u00c0\u00af"), ...EITHER },
  ];
}

// Where one request ends and the next begins must not be in doubt. None of these may reach the origin as /secret.
export function framing({ good }) {
  const authorization = `Authorization: Bearer ${good.token}`;
  const start = ["POST /public/items HTTP/1.1", `Host: ${HOST}`, authorization];
  const hidden = ["GET /secret HTTP/1.1", `Host: ${HOST}`, "Token-Auth-Identity-Id: evil", "", ""].join(CRLF);
  const length = `Content-Length: ${hidden.length}`;
  // A proxy may answer for a body that breaks off as it does for an origin that does.
  const statuses = [null, 200, 400, 403, 404, 405, 411, 413, 417, 421, 431, 500, 501, 502];
  const either = (name, content) => ({ name, bytes: content, ...EITHER, by: good, statuses });
  const close = "Connection: close";
  return [
    either("a request in the body", bytes(...start, length, close, "", hidden)),
    either("length and chunks", bytes(...start, length, "Transfer-Encoding: chunked", close, "", "0", "", hidden)),
    either("chunks and length", bytes(...start, "Transfer-Encoding: chunked", length, close, "", "0", "", hidden)),
    either("two lengths", bytes(...start, "Content-Length: 0", length, close, "", hidden)),
    either("two equal lengths", bytes(...start, length, length, close, "", hidden)),
    either("a list of lengths", bytes(...start, `Content-Length: ${hidden.length}, 0`, close, "", hidden)),
    either("a negative length", bytes(...start, "Content-Length: -1", close, "", hidden)),
    either("a length with a sign", bytes(...start, `Content-Length: +${hidden.length}`, close, "", hidden)),
    either("an unknown encoding", bytes(...start, "Transfer-Encoding: xchunked", close, "", "0", "", hidden)),
    either("two encodings", bytes(...start, "Transfer-Encoding: chunked, identity", close, "", "0", "", hidden)),
    either("a space before the colon", bytes(...start, "Transfer-Encoding : chunked", close, "", "0", "", hidden)),
    either("a folded header", bytes(...start, "X-A: b", " Token-Auth-Role: evil", "Content-Length: 0", close, "", "")),
    either("a bare line feed", bytes(...start, "X-A: b\nToken-Auth-Role: evil", "Content-Length: 0", close, "", "")),
    either(
      "a bare carriage return",
      bytes(...start, "X-A: b\rToken-Auth-Role: evil", "Content-Length: 0", close, "", ""),
    ),
    either("a zero byte", bytes(...start, "X-A: b\0Token-Auth-Role: evil", "Content-Length: 0", close, "", "")),
    either("a bad chunk", bytes(...start, "Transfer-Encoding: chunked", close, "", "zz", "", hidden)),
    either("two hosts", bytes(...start, "Host: evil.example.com", "Content-Length: 0", close, "", "")),
    either(
      "a host with a user",
      bytes("GET /public/items HTTP/1.1", "Host: a@evil.example.com", authorization, close, "", ""),
    ),
    either("a host with a path", bytes("GET /public/items HTTP/1.1", "Host: a/../b", authorization, close, "", "")),
    either("an empty host", bytes("GET /public/items HTTP/1.1", "Host:", authorization, close, "", "")),
    either("no host", bytes("GET /public/items HTTP/1.1", authorization, close, "", "")),
    either(
      "an upgrade",
      bytes(
        "GET /public/items HTTP/1.1",
        `Host: ${HOST}`,
        authorization,
        "Connection: Upgrade",
        "Upgrade: h2c",
        "",
        "",
      ),
    ),
    either("an expectation", bytes(...start, "Expect: 100-continue", "Content-Length: 0", close, "", "")),
    either(
      "200 headers",
      request({ headers: [bearer(good), ...Array.from({ length: 200 }, (_, index) => [`X-${index}`, "a"])] }),
    ),
    either("a header of 40 KB", request({ headers: [bearer(good), ["X-A", "a".repeat(40_000)]] })),
  ];
}
