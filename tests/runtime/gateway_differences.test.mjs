// Everything that the gateway changes in requests and answers: the same bytes are sent to an origin directly and through
// the gateway, and whatever is not the same must be in the table of docs/gateway.md, which must name nothing that is the same.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { CLIENT, GatewayWorld, HOST } from "../support/gateway_world.mjs";
import { tableBelow } from "../support/readme.mjs";
import { Recorder, exchange } from "../support/recorder.mjs";

const HEADING = "What differs from asking the origin directly";

// The rows of the table, by their first cell, with the differences that each of them is about.
const ROWS = {
  "What is refused": [/^refused /],
  "The credentials": [/^request header authorization: dropped$/],
  "The host": [/^request header host: changed$/],
  "What the gateway says": [
    /^request header (token-auth-[\w-]+|x-forwarded-(for|proto|host)|x-request-id|cdn-loop|cf-worker): (added|changed)$/,
  ],
  "What a client claims": [
    /^request header (token[_.]auth[_.]role|x-real-ip|x-user|x-hasura-role|forwarded|via|cf-connecting-ip|cf-ray): dropped$/,
  ],
  "The connection": [
    /^request header (connection|x-listed|keep-alive|te|trailer|upgrade|http2-settings|proxy-authorization|expect): dropped$/,
    /^answer header (connection|keep-alive|trailer|upgrade|proxy-authenticate): dropped$/,
    /^(request|answer) version$/,
    /^answer header connection: added$/,
  ],
  "Interim answers": [/^answer interim$/],
  "Trailers": [/^(request|answer) trailers$/],
  "The framing of bodies": [
    /^(request|answer) framing$/,
    /^request header content-length: added$/,
    /^answer header (content-length|transfer-encoding): (added|dropped)$/,
  ],
  "Names, lines and order of headers": [/^(request|answer) (names|lines|order)$/],
  "Two lines of cookies": [/^request header cookie: changed$/],
  "The target": [/^request target$/],
  "What caches are asked": [/^request header (cache-control|pragma): (added|changed)$/],
  "What caches are told": [/^answer header (cache-control: (added|changed)|(cdn-cache-control|surrogate-control): dropped)$/],
  "Where answers lead": [/^answer header (location|content-location|link): changed$/, /^answer header refresh: dropped$/],
  "Challenges for people": [/^answer header www-authenticate: (changed|dropped)$/],
  "Cookies for other hosts": [/^answer header set-cookie: changed$/],
  "Headers that reach beyond the response": [
    /^answer header (alt-svc|clear-site-data|nel|report-to|strict-transport-security|service-worker-allowed|accept-ch): dropped$/,
  ],
  "Commands to proxies": [/^answer header (x-accel-redirect|x-sendfile|x-envoy-overloaded): dropped$/],
  "In our name": [/^answer header (token-auth-role: dropped|x-request-id: (added|changed))$/],
};

const origin = await Recorder.start();
after(() => origin.stop());
const world = await GatewayWorld.start({ route: { origin: origin.url } });
const member = await world.addMember();
const port = Number(world.worker.main.url.port);

const found = new Map();

const lower = (lines) => lines.map(([name, value]) => [name.toLowerCase(), value]);
const valuesOf = (lines, name) => lower(lines).filter(([present]) => present === name).map(([, value]) => value);

// Several lines of one header are as good as one (RFC 9110 §5.3), with a separator of its own for cookies (RFC 6265 §4.2).
const joined = (name, values) => values.join(name === "cookie" ? "; " : ", ");

// What is not the same in two messages, one text each.
function differencesOf(kind, direct, through) {
  const differences = [];
  const differs = (what, one, other) => {
    if (JSON.stringify(one) !== JSON.stringify(other)) differences.push(`${kind} ${what}`);
  };
  const names = new Set(lower([...direct.headers, ...through.headers]).map(([name]) => name));
  for (const name of names) {
    const [before, now] = [valuesOf(direct.headers, name), valuesOf(through.headers, name)];
    if (before.length === 0) differences.push(`${kind} header ${name}: added`);
    else if (now.length === 0) differences.push(`${kind} header ${name}: dropped`);
    else if (joined(name, before) !== joined(name, now)) differences.push(`${kind} header ${name}: changed`);
    else if (before.length !== now.length) differences.push(`${kind} lines`);
  }
  const common = (one, other) => one.map(([name]) => name).filter((name) => valuesOf(other, name.toLowerCase()).length > 0);
  const sorted = (list) => [...new Set(list)].sort();
  const [here, there] = [common(direct.headers, through.headers), common(through.headers, direct.headers)];
  differs("names", sorted(here), sorted(there));
  const unique = (list) => [...new Set(list.map((name) => name.toLowerCase()))];
  differs("order", unique(here), unique(there));
  differs("body", direct.body, through.body);
  differs("framing", direct.framing, through.framing);
  differs("trailers", direct.trailers, through.trailers);
  return differences;
}

function compareRequests(direct, through) {
  const [before, now] = [direct.line.split(" "), through.line.split(" ")];
  const differences = differencesOf("request", direct, through);
  for (const [index, what] of ["method", "target", "version"].entries()) {
    if (before[index] !== now[index]) differences.push(`request ${what}`);
  }
  return differences;
}

function compareAnswers(direct, through) {
  const differences = differencesOf("answer", direct, through);
  const parts = ({ line }) => /^(\S+) (\d+) ?(.*)$/.exec(line).slice(1);
  const [before, now] = [parts(direct), parts(through)];
  for (const [index, what] of ["version", "status", "reason"].entries()) {
    if (before[index] !== now[index]) differences.push(`answer ${what}`);
  }
  if (JSON.stringify(direct.interim) !== JSON.stringify(through.interim)) differences.push("answer interim");
  return differences;
}

// Asks both ways, and returns the differences. `answer` is what the origin says.
async function ask({ line = "GET /a HTTP/1.1", headers = [], body = "", answer }) {
  const host = headers.some((header) => /^host:/i.test(header)) ? [] : [`Host: ${HOST}`];
  const bytes = [line, ...host, `Authorization: Bearer ${member.token}`, `CF-Connecting-IP: ${CLIENT}`, ...headers, "", body].join("\r\n");
  origin.answer = answer ?? "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  origin.take();
  const direct = await exchange(origin.port, bytes);
  const [asked, ...more] = origin.take();
  assert.deepEqual(more, []);
  const through = await exchange(port, bytes);
  const requests = origin.take();
  if (requests.length === 0) {
    assert.notEqual(through.status, 200);
    const code = through.body.startsWith("{") ? JSON.parse(through.body).code : "by the runtime";
    return [`refused ${through.status} ${code}`];
  }
  assert.equal(requests.length, 1);
  return [...compareRequests(asked, requests[0]), ...compareAnswers(direct, through)];
}

// In every case: what is there whatever is asked, and whatever is answered.
const ALWAYS = [
  /^request header (host: changed|authorization: dropped|cf-connecting-ip: dropped)$/,
  ...ROWS["What the gateway says"],
  /^request header (cache-control|pragma): added$/,
  /^answer header x-request-id: added$/,
  /^(request|answer) (names|order)$/,
];

const answer = (...headers) => ["HTTP/1.1 200 OK", ...headers, "Content-Length: 2", "", "ok"].join("\r\n");
const here = (path) => `${origin.url}${path}`;

// Cases, and what of each differs besides what always does.
const CASES = {
  "a plain GET": [{}, []],
  "HEAD": [{ line: "HEAD /a HTTP/1.1", answer: "HTTP/1.1 200 OK\r\nContent-Length: 12345\r\n\r\n" }, []],
  "DELETE": [{ line: "DELETE /a HTTP/1.1", headers: ["Content-Length: 0"] }, []],
  "POST with a length": [{ line: "POST /a HTTP/1.1", headers: ["Content-Length: 5", "Content-Type: text/plain"], body: "he\xff\0o" }, []],
  "PUT with a length of zero": [{ line: "PUT /a HTTP/1.1", headers: ["Content-Length: 0"] }, []],
  "PATCH with two chunks": [
    { line: "PATCH /a HTTP/1.1", headers: ["Transfer-Encoding: chunked"], body: "2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n" },
    [],
  ],
  "a chunk with an extension": [
    { line: "POST /a HTTP/1.1", headers: ["Transfer-Encoding: chunked"], body: "2;a=b\r\nab\r\n0\r\n\r\n" },
    ["request framing"],
  ],
  "trailers of a request": [
    { line: "POST /a HTTP/1.1", headers: ["Transfer-Encoding: chunked", "Trailer: X-T"], body: "2\r\nab\r\n0\r\nX-T: a\r\n\r\n" },
    ["request header trailer: dropped", "request trailers"],
  ],
  "POST without a body": [{ line: "POST /a HTTP/1.1" }, ["request header content-length: added", "request framing"]],
  "DELETE without a body": [{ line: "DELETE /a HTTP/1.1" }, ["request header content-length: added", "request framing"]],
  "a query": [{ line: "GET /a?b=c&&d&e=%zz%2F HTTP/1.1" }, []],
  "a query of all that may stand in one": [{ line: "GET /a/b?!$()*+,-./:;=?@[]_`{|}~^%25 HTTP/1.1" }, []],
  "an empty query": [{ line: "GET /a? HTTP/1.1" }, []],
  "a query of a question mark": [{ line: "GET /a?? HTTP/1.1" }, []],
  "a query with an apostrophe": [{ line: "GET /a?' HTTP/1.1" }, ["request target"]],
  "a query with a quotation mark": [{ line: "GET /a?\" HTTP/1.1" }, ["refused 400 by the runtime"]],
  "a query with an angle bracket": [{ line: "GET /a?< HTTP/1.1" }, ["refused 400 by the runtime"]],
  "a query that is not ASCII": [{ line: "GET /a?\xc3\xa9 HTTP/1.1" }, ["refused 400 invalid_query"]],
  "a path with what may stand in one": [{ line: "GET /a-._~!$&'()*+,=:@/%C3%A9/%c3%a9/%3b/ HTTP/1.1" }, []],
  "HTTP/1.0": [{ line: "GET /a HTTP/1.0" }, ["request version", "answer version"]],
  "a host with a port and a dot": [{ headers: [`Host: ${HOST}.:8443`] }, []],
  "common headers": [
    {
      headers: [
        "accept: text/html, */*;q=0.1", "accept-encoding: gzip;q=0, br", "accept-language: de", "user-agent: a (b; c) d/1", "range: bytes=0-1",
        "cookie: a=b; c=\"d,e\"", "referer: https://a.example/?b", "origin: https://a.example", "if-none-match: W/\"a\", \"b\"",
        "if-match: *", "if-modified-since: Wed, 21 Oct 2026 07:28:00 GMT", "sec-fetch-site: cross-site", "dnt: 1", "x-requested-with: a",
        "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "baggage: a=b", "idempotency-key: a", "prefer: wait=1",
        "signature: a=:b:", "dpop: a.b.c", "x-api-key: a", "max-forwards: 1", "from: a@b", "date: a", "content-type: a/b",
      ],
    },
    [],
  ],
  "header values of every kind": [
    { headers: ["x-empty:", "x-spaces:   a  b  ", "x-tab: a\tb", "x-utf8: \xc3\xa9\xe2\x82\xac\xf0\x9f\x94\x91", "cookie: a=\xc3\xbc"] },
    [],
  ],
  "a header in two lines": [{ headers: ["accept: a", "accept: b", "x-a: 1", "x-a: 2"] }, ["request lines"]],
  "cookies in two lines": [{ headers: ["cookie: a=1", "cookie: b=2"] }, ["request header cookie: changed"]],
  "names in capitals": [{ headers: ["X-CUSTOM: a", "x-Request-Context: b"] }, []],
  "headers of the connection": [
    {
      headers: [
        "Connection: close, X-Listed", "X-Listed: a", "Keep-Alive: timeout=5", "TE: trailers", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__",
        "Proxy-Authorization: Basic YTpi",
      ],
    },
    [
      ...["connection", "x-listed", "keep-alive", "te", "upgrade", "http2-settings", "proxy-authorization"].map((name) => `request header ${name}: dropped`),
      "answer header connection: added",
    ],
  ],
  "an expectation": [
    { line: "POST /a HTTP/1.1", headers: ["Expect: 100-continue", "Content-Length: 2"], body: "hi" },
    ["request header expect: dropped", "answer interim"],
  ],
  "claims": [
    {
      headers: [
        "X-Forwarded-For: 6.6.6.6", "X-Forwarded-Proto: ftp", "X-Forwarded-Host: evil.example", "Forwarded: for=6.6.6.6", "Via: 1.1 a", "X-Real-IP: 6.6.6.6",
        "Token_Auth.Role: admin", "X-User: a", "X-Hasura-Role: admin", "CF-Ray: a", "X-Request-Id: a",
      ],
    },
    ["forwarded", "via", "x-real-ip", "x-user", "x-hasura-role", "cf-ray", "token_auth.role"].map((name) => `request header ${name}: dropped`),
  ],
  "what is said to caches": [{ headers: ["Cache-Control: max-age=1, only-if-cached", "Pragma: a"] }, ["request header cache-control: changed"]],
  "an answer with a reason of its own": [{ answer: "HTTP/1.1 299 As It Was\r\nContent-Length: 2\r\n\r\nok" }, []],
  "an answer without a reason": [{ answer: "HTTP/1.1 404 \r\nContent-Length: 0\r\n\r\n" }, []],
  "an answer in two chunks": [
    { answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n" },
    [],
  ],
  "an answer with trailers": [
    { answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Grpc-Status\r\n\r\n2\r\nab\r\n0\r\nGrpc-Status: 0\r\n\r\n" },
    ["answer header trailer: dropped", "answer trailers"],
  ],
  "an answer that ends with its connection": [{ answer: "HTTP/1.1 200 OK\r\nX-A: b\r\n\r\nok" }, ["answer framing", "answer header transfer-encoding: added"]],
  "interim answers": [
    { answer: "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" },
    ["answer interim"],
  ],
  "204": [{ answer: "HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n" }, []],
  "304": [{ answer: "HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\n\r\n" }, []],
  "205": [{ answer: "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n" }, []],
  "an answer with headers of every kind": [
    {
      answer: answer(
        "Content-Type: text/plain; charset=latin1", "Content-Encoding: zstd", "ETag: W/\"a\"", "Last-Modified: a", "Vary: *", "Age: 1", "Server: a", "Via: 1.1 a",
        "Date: Wed, 21 Oct 2026 07:28:00 GMT", "X-Bytes: \xff\xe9\xc3\xa9", "X-Empty:", "Set-Cookie: a=1; Path=/", "Set-Cookie: b=\xc3\xa9", "Allow: GET", "Retry-After: 1",
        "Content-Security-Policy: default-src 'none'", "Access-Control-Allow-Origin: *", "X-Accel-Buffering: no", "Content-Disposition: attachment", "Accept-Ranges: none",
        "Reporting-Endpoints: a=\"https://b.example\"", "WWW-Authenticate: Bearer realm=\"a\"", "Location: /a", "Link: </a>; rel=next", "X-MiXeD: a",
      ),
    },
    [],
  ],
  "an answer's header in two lines": [{ answer: answer("X-A: 1", "X-A: 2", "Vary: a", "Vary: b") }, ["answer lines"]],
  "an answer's headers of the connection": [
    { answer: answer("Connection: keep-alive, X-B", "Keep-Alive: timeout=5", "Upgrade: h2c", "Proxy-Authenticate: Basic") },
    ["connection", "keep-alive", "upgrade", "proxy-authenticate"].map((name) => `answer header ${name}: dropped`),
  ],
  "an answer that leads to the origin": [
    { answer: answer(`Location: ${here("/a")}`, `Content-Location: HTTPS://127.0.0.1:${origin.port}?a`, `Link: <${here("/b")}>; rel=next`, "Refresh: 0; url=/") },
    ["location: changed", "content-location: changed", "link: changed", "refresh: dropped"].map((what) => `answer header ${what}`),
  ],
  "an answer for caches": [
    { answer: answer("Cache-Control: public, max-age=1", "CDN-Cache-Control: max-age=1", "Surrogate-Control: max-age=1") },
    ["cache-control: changed", "cdn-cache-control: dropped", "surrogate-control: dropped"].map((what) => `answer header ${what}`),
  ],
  "an answer that expires": [{ answer: answer("Expires: Wed, 21 Oct 2036 07:28:00 GMT") }, ["answer header cache-control: added"]],
  "challenges": [{ answer: answer("WWW-Authenticate: Basic realm=a", "WWW-Authenticate: DPoP algs=\"ES256\"") }, ["answer header www-authenticate: changed"]],
  "a challenge for people": [{ answer: answer("WWW-Authenticate: Negotiate") }, ["answer header www-authenticate: dropped"]],
  "cookies for other hosts": [{ answer: answer("Set-Cookie: a=1", "Set-Cookie: b=1; Domain=example.com") }, ["answer header set-cookie: changed"]],
  "what speaks for more than the answer": [
    {
      answer: answer(
        "Alt-Svc: h3=\":443\"", "Clear-Site-Data: \"*\"", "NEL: {}", "Report-To: {}", "Strict-Transport-Security: max-age=1; includeSubDomains", "Service-Worker-Allowed: /",
        "Accept-CH: DPR",
      ),
    },
    ["alt-svc", "clear-site-data", "nel", "report-to", "strict-transport-security", "service-worker-allowed", "accept-ch"].map((name) => `answer header ${name}: dropped`),
  ],
  "commands to proxies": [
    { answer: answer("X-Accel-Redirect: /a", "X-Sendfile: /a", "X-Envoy-Overloaded: true") },
    ["x-accel-redirect", "x-sendfile", "x-envoy-overloaded"].map((name) => `answer header ${name}: dropped`),
  ],
  "an answer in our name": [{ answer: answer("Token-Auth-Role: admin", "X-Request-Id: a") }, ["answer header token-auth-role: dropped", "answer header x-request-id: changed"]],
  "another method": [{ line: "PURGE /a HTTP/1.1" }, ["refused 405 method_not_allowed"]],
  "a preflight": [{ line: "OPTIONS /a HTTP/1.1", headers: ["Origin: https://a.example", "Access-Control-Request-Method: PUT"] }, ["refused 204 by the runtime"]],
  "an ambiguous path": [{ line: "GET /a//b HTTP/1.1" }, ["refused 400 ambiguous_path"]],
  "GET with a body": [{ headers: ["Content-Length: 2"], body: "hi" }, ["refused 400 body_not_allowed"]],
  "a header that is no UTF-8": [{ headers: ["X-A: \xe9"] }, ["refused 400 invalid_header"]],
  "gRPC": [
    { line: "POST /pkg.Service/Method HTTP/1.1", headers: ["Content-Type: application/grpc+proto", "TE: trailers", "Content-Length: 5"], body: "\0\0\0\0\0" },
    ["refused 415 grpc_not_carried"],
  ],
  "a loop": [{ headers: ["CDN-Loop: token-auth-edge"] }, ["refused 508 loop"]],
  "a WebSocket on a route without": [
    { headers: ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="] },
    ["refused 403 web_socket_not_allowed"],
  ],
  "a target with a host": [{ line: `GET http://${HOST}/a HTTP/1.1` }, ["request target"]],
};

for (const [name, [message, expected]] of Object.entries(CASES)) {
  test(`${name}: nothing differs but what is expected to`, async () => {
    const differences = await ask(message);
    for (const difference of differences) found.set(difference, [...(found.get(difference) ?? []), name]);
    const besides = differences.filter((difference) => !ALWAYS.some((always) => always.test(difference)));
    assert.deepEqual([...new Set(besides)].sort(), [...new Set(expected)].sort());
  });
}

test("every difference is of exactly one row of the table of docs/gateway.md, and every row has one", async () => {
  const rows = (await tableBelow(HEADING)).map(([name]) => name);
  assert.deepEqual(rows, Object.keys(ROWS));
  const named = new Set();
  for (const [difference, cases] of found) {
    const of = rows.filter((row) => ROWS[row].some((pattern) => pattern.test(difference)));
    assert.equal(of.length, 1, `${difference}, in ${cases.join(", ")}: ${of.join(", ") || "no row"}`);
    named.add(of[0]);
  }
  assert.deepEqual(rows.filter((row) => !named.has(row)), [], "these rows are about nothing that differs");
});

test("nothing of all this was a failure of ours", () => {
  assert.deepEqual(world.worker.logs.filter((line) => /"(panic|internal)"|exception/.test(line)), []);
});
