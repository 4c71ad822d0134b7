// What clients send through a proxy, well-meant and not. Every proxy gets all of it, byte by byte.
//
// A case names what must come of it:
//   allowed      200, and the origin saw the very path that was asked about
//   refused      one of the case's statuses, and the origin saw nothing
//   either       one of the two: whether the proxy or Token Auth refuses, or nothing is wrong with it, may differ
// A refusal is 4xx, or what `statuses` says: for some requests 5xx is the right answer (RFC 9110 §15.6.2, §15.6.6).
// In every case the origin sees no claim about the identity but ours, neither token nor secret, and no use is spent but
// for what reached the origin.

import { HOST } from "./support/world.mjs";

const CRLF = "\r\n";

// A request's bytes. `target` and header values are latin1 text: one character, one byte.
function request({ method = "GET", target = "/public/items", headers = [], body = "", version = "HTTP/1.1" }) {
  const framing = body === "" ? [] : [["Content-Length", `${Buffer.byteLength(body, "latin1")}`]];
  const lines = [["Host", HOST], ...headers, ...framing, ["Connection", "close"]];
  const head = [`${method} ${target} ${version}`, ...lines.map(([name, value]) => `${name}: ${value}`)];
  return Buffer.from(head.join(CRLF) + CRLF + CRLF + body, "latin1");
}

function bytes(...lines) {
  return Buffer.from(lines.join(CRLF), "latin1");
}

const REFUSED = { outcome: "refused" };
const ALLOWED = { outcome: "allowed" };
const EITHER = { outcome: "either" };

// What an identity's headers are called, and everything else that only Token Auth and its proxies say.
const OURS = [
  "Token-Auth-Identity-Id",
  "Token-Auth-Identity-Name",
  "Token-Auth-Token-Id",
  "Token-Auth-Role",
  "Token-Auth-Project",
  "Token-Auth-Project-Roles",
  "Token-Auth-Assertion",
  "Token-Auth-Proxy-Secret",
  "Token-Auth-Envoy-Path",
  "Token-Auth-Envoy-Host",
  "Token-Auth-Envoy-Client",
];

function spellings(name) {
  return [
    name,
    name.toLowerCase(),
    name.toUpperCase(),
    name.replaceAll("-", "_"),
    name.replaceAll("-", "."),
    name.replace("-", "_"),
    name.toLowerCase().replace("-", ".").replace("-", "_"),
  ];
}

function forgedIdentities({ good }) {
  return OURS.flatMap((name) =>
    spellings(name).map((spelling) => ({
      name: `a forged ${spelling}`,
      bytes: request({ headers: [bearer(good), [spelling, "evil"]] }),
      // Envoy refuses a name with an underscore.
      ...(/[_]/.test(spelling) ? EITHER : ALLOWED),
      by: good,
    })),
  );
}

function hopByHop({ good }) {
  return OURS.slice(0, 6).map((name) => ({
    name: `${name} named as a header of the connection`,
    bytes: bytes(
      "GET /public/items HTTP/1.1",
      `Host: ${HOST}`,
      `Authorization: Bearer ${good.token}`,
      `Connection: close, ${name}`,
      "",
      "",
    ),
    ...EITHER,
    by: good,
  }));
}

// Where a request comes from, in the words of anybody but the connection.
const ADDRESSES = [
  "X-Forwarded-For",
  "X-Real-IP",
  "CF-Connecting-IP",
  "CF-Connecting-IPv6",
  "True-Client-IP",
  "X-Client-IP",
  "X-Cluster-Client-IP",
  "Fastly-Client-IP",
  "X-Envoy-External-Address",
  "X-ProxyUser-Ip",
  "X-Originating-IP",
  "X-Remote-Addr",
];

function forgedAddresses({ elsewhere, local }) {
  const cases = [
    ...ADDRESSES.flatMap((name) => [name, name.replaceAll("-", "_")].map((spelling) => [spelling, "203.0.113.9"])),
    ["X-Forwarded-For", "203.0.113.9, 203.0.113.9"],
    ["X-Forwarded-For", "203.0.113.9,127.0.0.1"],
    ["Forwarded", "for=203.0.113.9"],
    ["Forwarded", "for=203.0.113.9;host=api.example.com;proto=https"],
    ["Via", "1.1 203.0.113.9"],
  ];
  return [
    ...cases.map(([name, value]) => ({
      name: `a token from elsewhere with ${name}: ${value}`,
      bytes: request({ headers: [bearer(elsewhere), [name, value]] }),
      ...REFUSED,
      statuses: name.includes("_") ? [403, 400] : [403],
    })),
    {
      name: "a token from elsewhere",
      bytes: request({ headers: [bearer(elsewhere)] }),
      ...REFUSED,
      statuses: [403],
    },
    {
      name: "a token for this machine's address",
      bytes: request({ headers: [bearer(local)] }),
      ...ALLOWED,
      by: local,
    },
    {
      name: "a token for this machine's address, with another address in X-Forwarded-For",
      bytes: request({ headers: [bearer(local), ["X-Forwarded-For", "198.51.100.7"]] }),
      ...ALLOWED,
      by: local,
    },
  ];
}

// Which request it is, in the words of anybody but the request line. These values would be refused if they were believed.
const CLAIMS = [
  ["X-Original-URI", "/../evil"],
  ["X-Original-URL", "/../evil"],
  ["X-Original-Method", "TRACE"],
  ["X-Original-Host", "evil host"],
  ["X-Forwarded-Uri", "/../evil"],
  ["X-Forwarded-Method", "TRACE"],
  ["X-Forwarded-Host", "evil.example.com"],
  ["X-Forwarded-Prefix", "/evil"],
  ["X-Forwarded-Path", "/evil"],
  ["X-Rewrite-URL", "/evil"],
  ["X-HTTP-Method-Override", "DELETE"],
  ["X-HTTP-Method", "DELETE"],
  ["X-Method-Override", "DELETE"],
  ["X-Envoy-Original-Path", "/evil"],
  ["X-Envoy-Original-Host", "evil.example.com"],
  ["X-Deny-Status", "200"],
];
// Of these the origin must not hear what the client has said.
const NEVER_PASSED = new Set(CLAIMS.slice(0, 8).map(([name]) => name.toLowerCase()));
for (const name of ["x-http-method-override", "x-http-method", "x-method-override", "x-rewrite-url"]) {
  NEVER_PASSED.add(name);
}
NEVER_PASSED.delete("x-forwarded-host");

function forgedRequests({ good }) {
  return CLAIMS.flatMap(([name, value]) =>
    [name, name.replaceAll("-", "_")].map((spelling) => ({
      name: `${spelling}: ${value}`,
      bytes: request({ headers: [bearer(good), [spelling, value]] }),
      ...(spelling.includes("_") ? EITHER : ALLOWED),
      by: good,
      unheard: NEVER_PASSED.has(spelling.toLowerCase()) ? [[spelling.toLowerCase(), value]] : [],
    })),
  );
}

// Paths that every program reads in the same way.
const PLAIN = [
  "/public",
  "/public/",
  "/public/items",
  "/public/a/b/c/d/e/f/g",
  "/public/~user/a-b_c.d",
  "/public/!$&'()*+,=:@",
  "/public/%C3%BC",
  "/public/a%20b",
  "/public/...",
  "/public/.hidden",
  "/public/a..b",
  "/public/%3F",
  "/public/%23",
];

const QUERIES = [
  "",
  "cost=0",
  "scope=admin",
  "x=/../",
  "x=/../../secret",
  "x=%2e%2e%2f",
  "x=%00",
  "x=//evil",
  "/secret",
  "?",
  "access_token=none",
  "uri=/secret&method=GET",
  "X-Forwarded-Uri=/secret",
  "a=1&a=2",
  "q".repeat(2_000),
];

// Paths that two programs may read as two things. Whatever a proxy makes of one, the origin gets what was decided.
const AMBIGUOUS = [
  "/public/../secret",
  "/public/..",
  "/public/.",
  "/public/./items",
  "/public/x/../items",
  "/public/x/../../secret",
  "/../secret",
  "/../../healthz",
  "/../../../../authz/envoy/public",
  "/..",
  "/.",
  "/public/%2e%2e/secret",
  "/public/%2E%2E/secret",
  "/public/.%2e/secret",
  "/public/%2e./secret",
  "/public/%2e/items",
  "/%2e%2e/%2e%2e/healthz",
  "/public/%252e%252e/secret",
  "/public/%25%32%65/secret",
  "/public/%2fsecret",
  "/public/%2Fsecret",
  "/public/..%2fsecret",
  "/public/..%2Fsecret",
  "/public/%2e%2e%2fsecret",
  "/public/..%5csecret",
  "/public/..%5Csecret",
  "/public/%5c../secret",
  "/public/..\\secret",
  "/public\\..\\secret",
  "/public/..\\..\\secret",
  "\\secret",
  "/\\secret",
  "//secret",
  "//public//items",
  "/public//items",
  "/public//..//secret",
  "///",
  "//evil.example.com/secret",
  "/public;/secret",
  "/public/..;/secret",
  "/public/;/../secret",
  "/public/items;x=1",
  "/public/items;jsessionid=1/../../secret",
  "/public/%3b",
  "/public/%00",
  "/public/%00/../secret",
  "/public/items%00.png",
  "/public/%0a",
  "/public/%0d%0aX-Evil:%20yes",
  "/public/%09",
  "/public/%7f",
  "/public/%ff",
  "/public/%c3",
  "/public/%c0%ae%c0%ae/secret",
  "/public/%c3%bc",
  "/public/%u002e%u002e/secret",
  "/public/%",
  "/public/%2",
  "/public/%zz",
  "/public/%41",
  "/public/%7Euser",
  "/%70ublic/items",
  "/public/\u00fc",
  "/public/\u00c3\u00bc",
  "/public/\u00ff",
  "/public/\u0001",
  "/public/\u007f",
  "/public/a\tb",
  "/public/<script>",
  "/public/\"'",
  "/public/{a}",
  "/public/a|b",
  "/public/a^b",
  "/public/`a`",
  "/public/[a]",
  "/public/items#/../../secret",
  "/public/items#fragment",
  "/public/items#?x",
  "/PUBLIC/../SECRET",
  "public/items",
  "*",
  "?x=1",
  "http://api.example.com/public/items",
  "http://api.example.com/public/../secret",
  "http://evil.example.com/secret",
  "https://evil.example.com:443/public/items",
  "http://user@evil.example.com/public/items",
  "/http://evil.example.com/",
  "/public/items /secret",
  "/authz/nginx",
  "/authz/envoy/../../healthz",
  "/_token_auth",
  "/_token_auth/",
  "/%5ftoken_auth",
];

function paths({ good }) {
  const ask = (target) => request({ target, headers: [bearer(good)] });
  return [
    ...PLAIN.map((target) => ({ name: target, bytes: ask(target), ...ALLOWED, by: good, target })),
    ...QUERIES.map((query) => ({
      name: `the query ?${query.slice(0, 40)}`,
      bytes: ask(`/public/items?${query}`),
      ...ALLOWED,
      by: good,
      target: "/public/items",
    })),
    ...AMBIGUOUS.map((target) => ({ name: JSON.stringify(target), bytes: ask(target), ...EITHER, by: good })),
    ...[2_000, 7_000].map((length) => ({
      name: `a path of ${length} characters`,
      bytes: ask(`/public/${"a".repeat(length)}`),
      ...EITHER,
      by: good,
    })),
    ...[9_000, 40_000].map((length) => ({
      name: `a path of ${length} characters`,
      bytes: ask(`/public/${"a".repeat(length)}`),
      ...REFUSED,
    })),
  ];
}

function methods({ good }) {
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

function credentials({ good, revoked, exhausted, removed, forged }) {
  const refuse = (name, headers, statuses) => ({ name, bytes: request({ headers }), ...REFUSED, statuses });
  const authorization = (value) => ["Authorization", value];
  const token = good.token;
  return [
    refuse("no credentials", [], [401]),
    refuse("an empty Authorization", [authorization("")], [401]),
    refuse("Basic", [authorization("Basic YTpi")], [401]),
    refuse("Basic with the token", [authorization(`Basic ${btoa(`token:${token}`)}`)], [401]),
    refuse("no scheme", [authorization(token)], [401]),
    refuse("no token", [authorization("Bearer")], [400, 401]),
    refuse("nonsense", [authorization("Bearer nonsense")], [401]),
    refuse("a forged token", [authorization(`Bearer ${forged}`)], [401]),
    refuse("a token cut short", [authorization(`Bearer ${token.slice(0, -1)}`)], [401]),
    refuse("a token and more", [authorization(`Bearer ${token}0`)], [401]),
    refuse("a revoked token", [bearer(revoked)], [401]),
    refuse("a token that is used up", [bearer(exhausted)], [401]),
    refuse("a token of an identity that is gone", [bearer(removed)], [401]),
    refuse("two tokens in one header", [authorization(`Bearer ${token}, Bearer ${token}`)], [400]),
    refuse("two tokens without a space", [authorization(`Bearer ${token},Bearer ${token}`)], [400]),
    refuse("two parameters", [authorization(`Bearer ${token} ${token}`)], [400]),
    refuse("Basic and Bearer in one header", [authorization(`Basic YTpi, Bearer ${token}`)], [400]),
    refuse("two headers, both good", [bearer(good), bearer(good)], [400]),
    refuse("two headers, the first good", [bearer(good), authorization("Bearer nonsense")], [400]),
    refuse("two headers, the second good", [authorization("Bearer nonsense"), bearer(good)], [400]),
    {
      name: "two headers, the second empty",
      bytes: request({ headers: [bearer(good), authorization("")] }),
      // Envoy drops the empty one.
      ...EITHER,
      statuses: [200, 400],
      by: good,
    },
    refuse("a token in Proxy-Authorization", [["Proxy-Authorization", `Bearer ${token}`]], [401]),
    refuse("a token in X-Authorization", [["X-Authorization", `Bearer ${token}`]], [401]),
    refuse("a token in a cookie", [["Cookie", `access_token=${token}; authorization=Bearer ${token}`]], [401]),
    refuse("a token behind a tab", [authorization(`Bearer\t${token}`)], [400, 401]),
    refuse("a token in quotes", [authorization(`Bearer "${token}"`)], [400]),
    refuse("bytes that are no ASCII", [authorization(`Bearer ${token}\u00ff`)], [400, 401]),
    refuse("a credential of 6 KB", [authorization(`Bearer ${"a".repeat(6_000)}`)], [401, 400, 431]),
    refuse("a credential of 40 KB", [authorization(`Bearer ${"a".repeat(40_000)}`)], [400, 401, 431]),
    {
      name: "a token in the query",
      bytes: request({ target: `/public/items?access_token=${token}` }),
      ...REFUSED,
      statuses: [401],
    },
    { name: "a header with an underscore", bytes: request({ headers: [["Authorization_", `Bearer ${token}`]] }), ...REFUSED },
    { name: "the scheme in lower case", bytes: request({ headers: [authorization(`bearer ${token}`)] }), ...ALLOWED, by: good },
    { name: "several spaces", bytes: request({ headers: [authorization(`Bearer   ${token}`)] }), ...ALLOWED, by: good },
    { name: "the name in lower case", bytes: request({ headers: [["authorization", `Bearer ${token}`]] }), ...ALLOWED, by: good },
  ];
}

// Who may do what. A path that is allowed, said in any other way than the request line, does not help.
function permissions({ good, reader, outsider }) {
  const refuse = (name, by, more, statuses) => ({
    name,
    bytes: request({ ...more, headers: [bearer(by), ...(more.headers ?? [])] }),
    ...REFUSED,
    statuses,
  });
  const target = "/secret";
  return [
    refuse("a path that no role allows", good, { target }, [403]),
    refuse("the parent of what is allowed", good, { target: "/" }, [403]),
    refuse("a path that only begins like an allowed one", good, { target: "/publications" }, [403]),
    refuse("an allowed path in other letters", good, { target: "/Public/items" }, [403]),
    refuse("an allowed path in the query", good, { target: "/secret?/public/items" }, [403]),
    refuse("an allowed path in the fragment", good, { target: "/secret#/public/items" }, [400, 403]),
    ...["X-Original-URI", "X-Original-URL", "X-Forwarded-Uri", "X-Forwarded-Path", "X-Rewrite-URL", "X-Envoy-Original-Path"]
      .flatMap((name) => [name, name.replaceAll("-", "_")])
      .map((name) => refuse(`an allowed path in ${name}`, good, { target, headers: [[name, "/public/items"]] }, [400, 403])),
    ...["Token-Auth-Envoy-Path", "Token_Auth_Envoy_Path"].map((name) =>
      refuse(`an allowed path in ${name}`, good, { target, headers: [[name, "/public/items"]] }, [400, 403]),
    ),
    ...["POST", "PUT", "PATCH", "DELETE"].map((method) =>
      refuse(`${method} by who may only read`, reader, { method, body: "a" }, [403]),
    ),
    ...["X-Original-Method", "X-Forwarded-Method", "X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"]
      .flatMap((name) => [name, name.replaceAll("-", "_")])
      .map((name) => refuse(`DELETE with ${name}: GET`, reader, { method: "DELETE", headers: [[name, "GET"]] }, [400, 403])),
    refuse("a request of who is no member", outsider, {}, [403]),
    ...["GET", "HEAD"].map((method) => ({
      name: `${method} by who may only read`,
      bytes: request({ method, target: "/anything", headers: [bearer(reader)] }),
      ...ALLOWED,
      anywhere: true,
      by: reader,
    })),
  ];
}

// Hosts that no route is for, and hosts in other places than the Host header.
function hosts({ good }) {
  const ask = (...lines) => bytes("GET /public/items HTTP/1.1", ...lines, `Authorization: Bearer ${good.token}`, "Connection: close", "", "");
  const other = (name, ...lines) => ({ name, bytes: ask(...lines), ...REFUSED, statuses: [400, 404, 421] });
  return [
    other("another host", "Host: evil.example.com"),
    other("a host below the route's", "Host: a.api.example.com"),
    other("a host above the route's", "Host: example.com"),
    other("the route's host with a dot", "Host: api.example.com."),
    other("another host, the right one in X-Forwarded-Host", "Host: evil.example.com", `X-Forwarded-Host: ${HOST}`),
    other("another host, the right one in X-Original-Host", "Host: evil.example.com", `X-Original-Host: ${HOST}`),
    other("another host, the right one in Forwarded", "Host: evil.example.com", `Forwarded: host=${HOST}`),
    other("another host, the right one in Token-Auth-Envoy-Host", "Host: evil.example.com", `Token-Auth-Envoy-Host: ${HOST}`),
    other("a list of hosts", `Host: ${HOST}, evil.example.com`),
    { name: "the host in upper case", bytes: ask(`Host: ${HOST.toUpperCase()}`), ...ALLOWED, by: good },
    { name: "the host with a port", bytes: ask(`Host: ${HOST}:8443`), ...ALLOWED, by: good },
  ];
}

// Where one request ends and the next begins must not be in doubt. None of these may reach the origin as /secret.
function framing({ good }) {
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
    either("a bare carriage return", bytes(...start, "X-A: b\rToken-Auth-Role: evil", "Content-Length: 0", close, "", "")),
    either("a zero byte", bytes(...start, "X-A: b\0Token-Auth-Role: evil", "Content-Length: 0", close, "", "")),
    either("a bad chunk", bytes(...start, "Transfer-Encoding: chunked", close, "", "zz", "", hidden)),
    either("two hosts", bytes(...start, "Host: evil.example.com", "Content-Length: 0", close, "", "")),
    either("a host with a user", bytes("GET /public/items HTTP/1.1", "Host: a@evil.example.com", authorization, close, "", "")),
    either("a host with a path", bytes("GET /public/items HTTP/1.1", "Host: a/../b", authorization, close, "", "")),
    either("an empty host", bytes("GET /public/items HTTP/1.1", "Host:", authorization, close, "", "")),
    either("no host", bytes("GET /public/items HTTP/1.1", authorization, close, "", "")),
    either("an upgrade", bytes("GET /public/items HTTP/1.1", `Host: ${HOST}`, authorization, "Connection: Upgrade", "Upgrade: h2c", "", "")),
    either("an expectation", bytes(...start, "Expect: 100-continue", "Content-Length: 0", close, "", "")),
    either(
      "200 headers",
      request({ headers: [bearer(good), ...Array.from({ length: 200 }, (_, index) => [`X-${index}`, "a"])] }),
    ),
    either("a header of 40 KB", request({ headers: [bearer(good), ["X-A", "a".repeat(40_000)]] })),
  ];
}

function bearer({ token }) {
  return ["Authorization", `Bearer ${token}`];
}

// All cases, with the tokens of `World.tokens`.
export function corpus(tokens) {
  const families = {
    forgedIdentities,
    hopByHop,
    forgedAddresses,
    forgedRequests,
    paths,
    methods,
    credentials,
    permissions,
    hosts,
    framing,
  };
  return Object.entries(families).flatMap(([family, cases]) => cases(tokens).map((one) => ({ family, ...one })));
}
