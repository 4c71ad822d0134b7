// What the gateway makes of an origin's answers: nothing, but for what names the origin or belongs to its connection.

import assert from "node:assert/strict";
import { createServer } from "node:net";
import { after, test } from "node:test";
import { brotliCompressSync, gzipSync } from "node:zlib";

import { GatewayWorld, HOST } from "../support/gateway_world.mjs";

// How the origin answers each path.
const answers = new Map();
const world = await GatewayWorld.start({
  origin: { answer: (request, response, seen) => answers.get(request.url)(response, seen) },
  route: { timeoutSeconds: 1 },
});
const member = await world.addMember();

// An origin that answers with these very bytes, and closes.
const bytes = { next: "" };
const rawOrigin = createServer((socket) => {
  socket.on("error", () => {});
  socket.once("data", () => socket.end(Buffer.from(bytes.next, "latin1")));
});
await new Promise((resolve) => rawOrigin.listen(0, "127.0.0.1", resolve));
after(() => rawOrigin.close());
await world.project.route({ host: "raw.example.com", pathPrefix: "/", origin: `http://127.0.0.1:${rawOrigin.address().port}` });

// What comes of an answer that the origin gives by `answer`.
async function passed(answer, options = {}) {
  answers.set("/answer", answer);
  const got = await world.ask({ token: member.token, path: "/answer", ...options });
  world.origin.take();
  return got;
}

function raw(...lines) {
  bytes.next = lines.join("\r\n");
  return world.ask({ token: member.token, host: "raw.example.com" });
}

for (const status of [200, 201, 202, 206, 226, 299, 300, 400, 401, 403, 404, 409, 410, 418, 421, 429, 451, 499, 500, 502, 503, 504, 599]) {
  test(`${status} stays ${status}, and its reason too`, async () => {
    const answer = await passed((response) => response.writeHead(status, "As It Was", { "content-length": "4" }).end("body"));
    assert.deepEqual([answer.status, answer.reason, answer.text], [status, "As It Was", "body"]);
    assert.equal(answer.header("content-length"), "4");
  });
}

for (const status of [204, 205, 304]) {
  test(`${status} stays ${status}, without a body`, async () => {
    const answer = await passed((response) => response.writeHead(status, { etag: '"x"', "x-a": "b" }).end());
    assert.deepEqual([answer.status, answer.text, answer.header("etag"), answer.header("x-a")], [status, "", '"x"', "b"]);
  });
}

for (const [line, code] of [
  ["600 Beyond", "origin_answer_invalid"],
  ["999 Beyond", "origin_answer_invalid"],
  ["101 Switching Protocols", "origin_answer_invalid"],
  // What is no HTTP at all, the runtime takes for an origin that is not there.
  ["099 Below", "origin_unreachable"],
  ["abc Nonsense", "origin_unreachable"],
]) {
  test(`an origin that answers ${line} has given no answer`, async () => {
    const answer = await raw(`HTTP/1.1 ${line}`, "Content-Length: 2", "", "ok");
    assert.deepEqual([answer.status, JSON.parse(answer.text).code], [502, code]);
  });
}

test("an origin that breaks off before its answer, or answers with nonsense, has given no answer", async () => {
  for (const text of ["", "HTTP/1.1 200", "nonsense\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "SSH-2.0-OpenSSH_9.6\r\n"]) {
    const answer = await raw(text);
    assert.deepEqual([answer.status, JSON.parse(answer.text).code], [502, "origin_unreachable"], JSON.stringify(text));
  }
});

test("interim answers are left out", async () => {
  for (const interim of ["100 Continue", "103 Early Hints"]) {
    const answer = await raw(`HTTP/1.1 ${interim}`, "Link: </a>; rel=preload", "", "HTTP/1.1 200 OK", "Content-Length: 2", "", "ok");
    assert.deepEqual([answer.status, answer.text, answer.header("link")], [200, "ok", undefined], interim);
  }
});

test("an origin that does not begin its answer in time is given up", async () => {
  const started = Date.now();
  const answer = await passed(() => {});
  const elapsed = Date.now() - started;
  assert.deepEqual([answer.status, JSON.parse(answer.text).code], [504, "origin_timeout"]);
  assert.ok(elapsed >= 1_000 && elapsed < 5_000, `${elapsed} ms`);
});

test("an origin that has begun its answer in time may take longer for the rest", async () => {
  const answer = await passed((response) => {
    response.writeHead(200);
    response.write("first ");
    setTimeout(() => response.end("last"), 2_000);
  });
  assert.deepEqual([answer.status, answer.text], [200, "first last"]);
});

test("several cookies stay several", async () => {
  const cookies = ["a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT", "b=2; Path=/", "a=3"];
  const answer = await passed((response) => response.writeHead(200, { "set-cookie": cookies }).end());
  assert.deepEqual(answer.all("set-cookie"), cookies);
});

test("a redirect is the client's to follow, and leads here where it led to the origin", async () => {
  const { url, port } = world.origin;
  for (const [location, expected] of [
    [`${url}/a?b#c`, `http://${HOST}/a?b#c`],
    [url, `http://${HOST}`],
    [`HTTP://127.0.0.1:${port}/a`, `http://${HOST}/a`],
    [`https://127.0.0.1:${port}/a`, `http://${HOST}/a`],
    [`//127.0.0.1:${port}/a`, `http://${HOST}/a`],
    [`http://127.0.0.1.:0${port}?a`, `http://${HOST}?a`],
    [`http://user@127.0.0.1:${port}#a`, `http://${HOST}#a`],
    [`\\\\127.0.0.1:${port}/a`, `http://${HOST}/a`],
    ["http:a", "http:a"],
    ["?a", "?a"],
    ["/a", "/a"],
    ["a/b?c", "a/b?c"],
    ["//elsewhere.example/a", "//elsewhere.example/a"],
    ["https://elsewhere.example/a", "https://elsewhere.example/a"],
    [`${url}0/a`, `${url}0/a`],
    [`${url}.evil.example/`, `${url}.evil.example/`],
  ]) {
    for (const status of [301, 302, 303, 307, 308]) {
      const answer = await passed((response) => response.writeHead(status, { location }).end("moved"));
      assert.deepEqual([answer.status, answer.header("location"), answer.text], [status, expected, "moved"]);
    }
    const created = await passed((response) => response.writeHead(201, { "content-location": location }).end());
    assert.equal(created.header("content-location"), expected);
  }
});

test("a link to the origin leads here, and the others stay as they are", async () => {
  const { url } = world.origin;
  const link = `<${url}/?page=2>; rel="next", <https://elsewhere.example/>; title="<${url}/>", </?page=1>; rel=prev`;
  const answer = await passed((response) => response.writeHead(200, { link }).end());
  assert.equal(answer.header("link"), link.replace(`<${url}/?page=2>`, `<http://${HOST}/?page=2>`));
});

test("no challenge passes for which a browser would ask people", async () => {
  const { token } = member;
  for (const [sent, expected] of [
    [["Bearer realm=\"a\", error=\"b\""], ["Bearer realm=\"a\", error=\"b\""]],
    [["Basic realm=\"a\""], []],
    [["Digest realm=\"a, Bearer\", nonce=\"b\"", "NTLM"], []],
    [["Negotiate", "Bearer realm=\"a\""], ["Bearer realm=\"a\""]],
    [["Bearer realm=\"a"], []],
  ]) {
    bytes.next = ["HTTP/1.1 401 No", ...sent.map((challenge) => `WWW-Authenticate: ${challenge}`), "Content-Length: 0", "", ""].join("\r\n");
    const answer = await world.ask({ token, host: "raw.example.com" });
    assert.deepEqual([answer.status, answer.all("www-authenticate")], [401, expected], `${sent}`);
  }
});

test("what an origin says about its connection or in our name is left out", async () => {
  const ours = { "token-auth-role": "admin", token_auth_role: "admin", "Token-Auth-Assertion": "evil" };
  const connection = { "keep-alive": "timeout=5", "proxy-authenticate": "Basic", upgrade: "h2c", trailer: "x" };
  const other = { "x-request-id": "evil", "www-authenticate": 'Bearer realm="origin"' };
  const answer = await passed((response) => response.writeHead(401, { ...ours, ...connection, ...other }).end());
  for (const name of [...Object.keys(ours), ...Object.keys(connection)]) {
    assert.equal(answer.header(name.toLowerCase()), undefined, name);
  }
  assert.equal(answer.header("www-authenticate"), 'Bearer realm="origin"');
  assert.match(answer.header("x-request-id"), /^req-/);
});

test("no shared cache may store an answer; the client may, as the origin says", async () => {
  const expires = "Wed, 21 Oct 2036 07:28:00 GMT";
  for (const [headers, expected] of [
    [{ "cache-control": "public, max-age=3600" }, "private, max-age=3600"],
    [{ "cache-control": "max-age=60" }, "private, max-age=60"],
    [{ "cache-control": ["public", "s-maxage=60", "immutable"] }, "private, immutable"],
    [{ "cache-control": 'private="set-cookie", max-age=1' }, "private, max-age=1"],
    [{ "cache-control": 'max-age="1, public' }, "no-store"],
    [{ "cache-control": "no-store" }, "no-store"],
    [{ "cache-control": "private,max-age=5" }, "private,max-age=5"],
    [{ expires }, "private"],
    [{ "last-modified": expires }, undefined],
    [{ etag: '"x"' }, undefined],
  ]) {
    for (const status of [200, 304, 404]) {
      const answer = await passed((response) => response.writeHead(status, headers).end());
      assert.deepEqual(answer.all("cache-control").join(), expected ?? "", JSON.stringify(headers));
      assert.equal(answer.header("expires"), headers.expires);
    }
  }
});

test("what an origin says to shared caches, to proxies or about more than its answer is left out", async () => {
  const left = {
    "cdn-cache-control": "max-age=60",
    "cloudflare-cdn-cache-control": "max-age=60",
    "surrogate-control": "max-age=60",
    "alt-svc": 'h3="origin.example.com:443"; ma=86400',
    "clear-site-data": '"*"',
    refresh: `0; url=${world.origin.url}/`,
    "x-accel-redirect": "/etc/passwd",
    "x-accel-expires": "60",
    "x-sendfile": "/etc/passwd",
    "x-envoy-immediate-health-check-fail": "true",
    nel: '{"report_to":"a","max_age":86400,"include_subdomains":true}',
    "report-to": '{"group":"a","max_age":86400,"endpoints":[{"url":"https://evil.example"}],"include_subdomains":true}',
    "strict-transport-security": "max-age=31536000; includeSubDomains; preload",
    "service-worker-allowed": "/",
    "accept-ch": "Sec-CH-UA-Full-Version-List",
    "use-as-dictionary": 'match="/*"',
    "set-login": "logged-out",
    "attribution-reporting-register-source": "{}",
  };
  const passing = { vary: "Accept", "x-a": "b", "x-accel-buffering": "no", "content-security-policy": "default-src 'none'" };
  const answer = await passed((response) => response.writeHead(200, { ...left, ...passing }).end());
  for (const name of Object.keys(left)) assert.equal(answer.header(name), undefined, name);
  for (const [name, value] of Object.entries(passing)) assert.equal(answer.header(name), value);
});

test("a cookie for other hosts, or in our name, is left out; the others stay as they are", async () => {
  const kept = ["a=1; Path=/", "b=\xc3\xa9; HttpOnly", "domain=x", "__Host-c=1; Secure; Path=/"];
  const dropped = ["d=1; Domain=example.com", `e=1; domain=${HOST}; Path=/`, "__Host-token-auth-session=x; Secure; Path=/"];
  const cookies = [dropped[0], kept[0], kept[1], dropped[1], kept[2], dropped[2], kept[3]];
  const answer = await raw("HTTP/1.1 200 OK", ...cookies.map((cookie) => `Set-Cookie: ${cookie}`), "Content-Length: 0", "", "");
  assert.deepEqual(answer.all("set-cookie"), kept);
  const none = await raw("HTTP/1.1 200 OK", `Set-Cookie: ${dropped[0]}`, "Content-Length: 0", "", "");
  assert.deepEqual([none.status, none.all("set-cookie")], [200, []]);
});

test("header values pass byte by byte, whatever bytes they are", async () => {
  const value = "\xff\xe9 \xc3\xa9 \x80";
  const answer = await raw("HTTP/1.1 200 OK", `X-Bytes: ${value}`, "X-Empty:", "Content-Length: 0", "", "");
  assert.equal(answer.header("x-bytes"), value);
  assert.equal(answer.header("x-empty"), "");
});

const TEXT = Buffer.from("compressible ".repeat(5_000));
for (const [encoding, encoded] of [
  ["gzip", gzipSync(TEXT)],
  ["br", brotliCompressSync(TEXT)],
  ["zstd", Buffer.from("\x28\xb5\x2f\xfd nobody decodes this", "latin1")],
  ["gzip, br", brotliCompressSync(gzipSync(TEXT))],
  ["identity", TEXT],
  // A lie passes too: it is the client's to find out.
  ["gzip", TEXT],
]) {
  for (const accepted of ["gzip, br", "identity", undefined]) {
    test(`a body of ${encoded.length} bytes in ${encoding} is passed byte by byte to who accepts ${accepted}`, async () => {
      const headers = { "content-encoding": encoding, "content-length": `${encoded.length}`, "content-type": "text/plain" };
      const answer = await passed((response) => response.writeHead(200, headers).end(encoded), {
        headers: accepted === undefined ? [] : [["accept-encoding", accepted]],
      });
      assert.equal(answer.header("content-encoding"), encoding);
      assert.equal(answer.header("content-length"), `${encoded.length}`);
      assert.ok(answer.body.equals(encoded), `${answer.body.length} of ${encoded.length} bytes`);
    });
  }
}

test("HEAD brings the headers of the answer and its length, and no body", async () => {
  const headers = { "content-length": "12345", "content-type": "text/plain", "content-encoding": "gzip" };
  const answer = await passed((response) => response.writeHead(200, headers).end(), { method: "HEAD" });
  assert.equal(answer.status, 200);
  for (const [name, value] of Object.entries(headers)) assert.equal(answer.header(name), value);
  assert.equal(answer.text, "");
});

test("a range stays a range", async () => {
  const headers = { "content-range": "bytes 2-3/10", "content-length": "2" };
  const answer = await passed((response) => response.writeHead(206, headers).end("cd"), { headers: [["range", "bytes=2-3"]] });
  assert.deepEqual([answer.status, answer.text, answer.header("content-range")], [206, "cd", "bytes 2-3/10"]);
});

test("nothing of all this was a failure of ours", () => {
  const lines = world.worker.logs.filter((line) => /"(panic|internal)"|exception/.test(line));
  assert.deepEqual(lines, []);
});
